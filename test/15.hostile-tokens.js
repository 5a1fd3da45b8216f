'use strict';
// What an attacker may send (docs/security.md, "What is rejected that others accept"), and the one class of error for
// it.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { JsonWebTokenError, decode, sign, verify } = require('../lib/index.js');
const { forge } = require('./deviations');
const { PAIRS, pem } = require('./support/keys');

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const hs256 = (secret, input) => `${input}.${crypto.createHmac('sha256', secret).update(input).digest('base64url')}`;
const JWT = { alg: 'HS256', typ: 'JWT' };
const good = forge(JWT, { id: 1 });
const [header, payload, signature] = good.split('.');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const strayBits = signature.slice(0, -1) + LETTERS[LETTERS.indexOf(signature.at(-1)) + 1];

/** name → [token, message] against the secret 'secret' */
const TOKENS = {
  'no parts': ['x', 'jwt malformed'],
  'two parts': [`${header}.${payload}`, 'jwt malformed'],
  'five parts': [`${good}.a.b`, 'jwt malformed'],
  'a trailing dot more': [`${good}.`, 'jwt malformed'],
  'an empty header': [`.${payload}.${signature}`, 'invalid token'],
  'an empty payload': [hs256('secret', `${header}.`), 'invalid token'],
  'padding in the signature': [`${good}=`, 'invalid token'],
  'padding in the header': [`${header}=.${payload}.${signature}`, 'invalid token'],
  'white space before it': [` ${good}`, 'invalid token'],
  'a line break after it': [`${good}\n`, 'invalid token'],
  'base64 instead of base64url': [`${header}.${payload}.${signature.slice(0, -2)}+/`, 'invalid token'],
  'stray bits in the last letter': [`${header}.${payload}.${strayBits}`, 'invalid signature'],
  'a letter beyond latin1 that looks like one of base64url': [
    good.replace(signature[0], String.fromCharCode(0x100 + signature.charCodeAt(0))),
    'invalid token',
  ],
  'a NUL': [`${good.slice(0, -1)}\0`, 'invalid token'],
  'a lone surrogate': [`${good.slice(0, -1)}\ud800`, 'invalid token'],
  'a cut signature': [good.slice(0, -1), 'invalid signature'],
  'a signature of another length': [`${good}AAAA`, 'invalid signature'],
  'alg none, unsigned': [`${encode({ alg: 'none' })}.${payload}.`, 'jwt signature is required'],
  'alg none with a signature': [hs256('secret', `${encode({ alg: 'none' })}.${payload}`), 'invalid algorithm'],
  'alg nOnE': [hs256('secret', `${encode({ alg: 'nOnE' })}.${payload}`), 'invalid algorithm'],
  'alg hs256': [hs256('secret', `${encode({ alg: 'hs256' })}.${payload}`), 'invalid algorithm'],
  'no alg': [hs256('secret', `${encode({ typ: 'JWT' })}.${payload}`), 'invalid algorithm'],
  'alg that is no string': [hs256('secret', `${encode({ alg: ['HS256'] })}.${payload}`), 'invalid algorithm'],
  'alg of a public key': [hs256('secret', `${encode({ alg: 'RS256' })}.${payload}`), 'invalid algorithm'],
  'a header that is an array': [hs256('secret', `${encode('[]')}.${payload}`), 'invalid token'],
  'a header that is a string': [hs256('secret', `${encode('"HS256"')}.${payload}`), 'invalid token'],
  'a header with alg twice': [
    hs256('secret', `${encode('{"alg":"HS256","alg":"HS256"}')}.${payload}`),
    'invalid token',
  ],
  'a header with alg twice, once in escapes': [
    hs256('secret', `${encode('{"alg":"HS256","\\u0061lg":"none"}')}.${payload}`),
    'invalid token',
  ],
  'a header of bad UTF-8': [
    hs256(
      'secret',
      `${Buffer.from([...Buffer.from('{"alg":"HS256","x":"'), 0xff, 0x22, 0x7d]).toString('base64url')}.${payload}`,
    ),
    'invalid token',
  ],
  'a header of 4 KiB and 1 byte': [forge(`{"alg":"HS256","x":"${'x'.repeat(4097 - 22)}"}`, { id: 1 }), 'invalid token'],
  'a header of 33 members': [
    forge({ alg: 'HS256', ...Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`x${i}`, i])) }, { id: 1 }),
    'invalid token',
  ],
  crit: [forge({ ...JWT, crit: ['b64'], b64: false }, { id: 1 }), 'invalid token'],
  'an empty crit': [forge({ ...JWT, crit: [] }, { id: 1 }), 'invalid token'],
  '64 KiB and 1 byte': [good + 'A'.repeat(65_537 - good.length), 'jwt malformed'],
  'a payload with a member twice': [forge(JWT, '{"exp":1,"exp":9999999999}'), 'invalid token'],
  'a payload with __proto__ twice': [forge(JWT, '{"__proto__":1,"__proto__":{}}'), 'invalid token'],
  'a payload that is cut off': [forge(JWT, '{"id":1'), 'invalid token'],
  'a payload with something after it': [forge(JWT, '{"id":1}x'), 'invalid token'],
  'a depth bomb': [forge(JWT, `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`), 'invalid token'],
  'a payload of depth 65': [forge(JWT, `{"a":${'['.repeat(64)}${']'.repeat(64)}}`), 'invalid token'],
  'exp 1e999': [forge(JWT, '{"exp":1e999}'), /^invalid (exp value|token)$/],
  'exp that is a string': [forge(JWT, { exp: '9999999999' }), 'invalid exp value'],
  'exp null': [forge(JWT, { exp: null }), 'invalid exp value'],
  'nbf that is an array': [forge(JWT, { nbf: [1] }), 'invalid nbf value'],
  'JSON in a JSON string': [forge(JWT, JSON.stringify('{"exp":1}')), 'invalid token'],
  'payload null': [forge(JWT, 'null'), 'invalid token'],
};

describe('15 hostile tokens', () => {
  for (const [name, [token, message]] of Object.entries(TOKENS)) {
    it(`${name}: ${message}`, () => {
      assert.throws(
        () => verify(token, 'secret'),
        (error) => {
          assert.strictEqual(error.constructor, JsonWebTokenError);
          assert.strictEqual(error.code, 'ERR_TOKEN_INVALID');
          if (message instanceof RegExp) assert.match(error.message, message);
          else assert.strictEqual(error.message, message);
          return true;
        },
      );
      assert.doesNotThrow(() => decode(token, { complete: true, json: true }));
    });
  }

  it('the same at the limits is accepted', () => {
    verify(forge(`{"alg":"HS256","x":"${'x'.repeat(4096 - 22)}"}`, { id: 1 }), 'secret');
    verify(
      forge({ alg: 'HS256', ...Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`x${i}`, i])) }, { id: 1 }),
      'secret',
    );
    verify(forge(JWT, `{"a":${'['.repeat(63)}${']'.repeat(63)}}`), 'secret');
    const filling = Math.floor(((65_536 - good.length) * 3) / 4) - 8;
    const largest = forge(JWT, { a: 'x'.repeat(filling) });
    assert.ok(largest.length <= 65_536 && largest.length > 65_500, String(largest.length));
    assert.strictEqual(verify(largest, 'secret').a.length, filling);
  });

  it('__proto__ in a payload is a member like any other', () => {
    const claims = verify(forge(JWT, '{"__proto__":{"isAdmin":true},"id":1}'), 'secret');
    assert.strictEqual(claims.isAdmin, undefined);
    assert.ok(Object.hasOwn(claims, '__proto__'));
    assert.strictEqual({}.isAdmin, undefined);
  });

  it('unsigned tokens pass only if `none` is allowed by name and there is no key', () => {
    const unsigned = sign({ id: 1 }, null, { algorithm: 'none' });
    assert.strictEqual(verify(unsigned, undefined, { algorithms: ['none'] }).id, 1);
    for (const [key, options] of [
      ['secret', {}],
      ['secret', { algorithms: ['none'] }],
      [undefined, {}],
      [undefined, { algorithms: ['HS256'] }],
      [null, undefined],
    ]) {
      assert.throws(() => verify(unsigned, key, options), JsonWebTokenError);
    }
    assert.throws(() => verify(`${unsigned}AAAA`, undefined, { algorithms: ['none'] }), {
      message: 'secret or public key must be provided',
    });
    assert.throws(() => verify(`${unsigned}AAAA`, 'secret', { algorithms: ['none'] }), JsonWebTokenError);
  });

  it("a signed `none` and half of a key pair: the key's algorithms are named before the signature is checked", () => {
    const token = `${sign({ id: 1 }, null, { algorithm: 'none' })}AAAA`;
    const { publicKey: half } = PAIRS.p256();
    assert.throws(() => verify(token, half, { algorithms: ['none'] }), {
      name: 'Error',
      message: '"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.',
    });
    assert.throws(() => verify(token, half, { algorithms: ['none'], allowInvalidAsymmetricKeyTypes: true }), {
      name: 'JsonWebTokenError',
      message: 'invalid signature',
    });
  });

  const { privateKey, publicKey } = PAIRS.rsa();
  const jwk = publicKey.export({ format: 'jwk' });
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const confusions = {
    'PEM text': pem(publicKey),
    'PEM in a Buffer': Buffer.from(pem(publicKey)),
    'PKCS #1 PEM': publicKey.export({ format: 'pem', type: 'pkcs1' }),
    DER: der,
    'JWK text': JSON.stringify(jwk),
    'base64 of DER': der.toString('base64'),
    'base64url of DER': der.toString('base64url'),
    'base64 of PEM': Buffer.from(pem(publicKey)).toString('base64'),
    'a KeyObject': publicKey,
    'a JWK object': jwk,
  };
  for (const [name, key] of Object.entries(confusions)) {
    it(`a token HMACed with the public key's ${name} is refused, and none is made`, () => {
      const bytes = typeof key === 'string' || Buffer.isBuffer(key) ? key : pem(publicKey);
      const token = hs256(bytes, `${encode(JWT)}.${encode({ isAdmin: true })}`);
      for (const options of [undefined, { algorithms: ['HS256'] }, { algorithms: ['HS256', 'RS256'] }])
        assert.throws(() => verify(token, key, options), JsonWebTokenError);
      assert.throws(() => sign({}, key), { name: 'Error', code: 'ERR_KEY' });
    });
  }

  it("keys in a token's header are never used", () => {
    const attacker = PAIRS.p256();
    const token = sign({ isAdmin: true }, attacker.privateKey, {
      algorithm: 'ES256',
      header: {
        jwk: attacker.publicKey.export({ format: 'jwk' }),
        jku: 'https://attacker.example',
        x5u: 'x',
        x5c: ['x'],
      },
    });
    assert.throws(() => verify(token, PAIRS.rsa().publicKey, { algorithms: ['ES256', 'RS256'] }));
    assert.throws(() => verify(token, crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), {
      message: 'invalid signature',
    });
    assert.strictEqual(verify(sign({ id: 1 }, privateKey, { algorithm: 'RS256' }), publicKey).id, 1);
  });
});
