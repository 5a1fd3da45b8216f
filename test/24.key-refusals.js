'use strict';
// The errors for unusable keys: what is wrong, and what to do.

const assert = require('node:assert');
const crypto = require('node:crypto');
const jsonwebtoken = require('jsonwebtoken');
const { createKey, sign, verify } = require('../lib/index.js');
const { ALGORITHMS } = require('../lib/jwt/algorithms');
const { forgeParts } = require('./deviations');
const { PAIRS, once, pem } = require('./support/keys');

const rsaOf = (bits) => crypto.generateKeyPairSync('rsa', { modulusLength: bits });
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What both libraries throw, as "Class: message". */
function refusalOf(library, call) {
  try {
    call(library);
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
  return assert.fail('nothing was refused');
}

function assertSameRefusal(call, expected) {
  assert.strictEqual(refusalOf(jsonwebtoken, call), expected);
  assert.strictEqual(refusalOf({ sign, verify }, call), expected);
}

describe('24 refusals of keys', function () {
  this.timeout(60_000);

  const KINDS = {
    dsa: once(() => crypto.generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })),
    dh: once(() => crypto.generateKeyPairSync('dh', { group: 'modp14' })),
    x25519: PAIRS.x25519,
    x448: once(() => crypto.generateKeyPairSync('x448')),
  };
  for (const [type, pairOf] of Object.entries(KINDS)) {
    it(`a key of type ${type} is refused by name, algorithms given or not, as jsonwebtoken does`, () => {
      const { publicKey, privateKey } = pairOf();
      const tokenOf = (alg) => `${encode({ alg, typ: 'JWT' })}.${encode({ a: 1 })}.AAAA`;
      for (const alg of ['RS256', 'PS512']) {
        for (const key of [publicKey, pem(publicKey), Buffer.from(pem(publicKey))]) {
          assertSameRefusal((jwt) => jwt.verify(tokenOf(alg), key), `Error: Unknown key type "${type}".`);
          assertSameRefusal(
            (jwt) => jwt.verify(tokenOf(alg), key, { algorithms: [alg] }),
            `Error: Unknown key type "${type}".`,
          );
        }
        assertSameRefusal(
          (jwt) => jwt.sign({}, privateKey, { algorithm: alg, allowInsecureKeySizes: true }),
          `Error: Unknown key type "${type}".`,
        );
        assertSameRefusal(
          (jwt) => jwt.verify(tokenOf(alg), privateKey),
          `JsonWebTokenError: secretOrPublicKey must be an asymmetric key when using ${alg}`,
        );
      }
      assertSameRefusal((jwt) => jwt.verify(tokenOf('HS256'), publicKey), 'JsonWebTokenError: invalid algorithm');
    });
  }

  it('what allowInvalidAsymmetricKeyTypes cannot allow has another message than what it can', () => {
    const lifted = { allowInvalidAsymmetricKeyTypes: true };
    for (const [type, pairOf, alg] of [
      ['rsa', PAIRS.rsa, 'ES256'],
      ['ec', PAIRS.p256, 'RS256'],
      ['ec', PAIRS.p256, 'ES384'],
      ['ed25519', PAIRS.ed25519, 'PS256'],
      ['x25519', PAIRS.x25519, 'ES256'],
      ['rsa-pss', PAIRS.pss, 'RS256'],
    ]) {
      const message = `a key of type "${type}" cannot do ${alg}, whatever allowInvalidAsymmetricKeyTypes says`;
      assert.throws(() => sign({}, pairOf().privateKey, { algorithm: alg, ...lifted }), {
        name: 'Error',
        code: 'ERR_KEY',
        message,
      });
      const token = forgeParts(encode({ alg }), encode({ a: 1 }));
      assert.throws(() => verify(token, pairOf().publicKey, { algorithms: [alg], ...lifted }), {
        code: 'ERR_KEY',
        message,
      });
      assert.throws(
        () => sign({}, pairOf().privateKey, { algorithm: alg }),
        (error) => error.message !== message,
      );
    }
  });

  for (const [alg, least] of [
    ['PS512', 1034],
    ['PS384', 778],
    ['RS512', 745],
  ]) {
    it(`${alg} with allowInsecureKeySizes is refused below ${least} bits, and works from there on`, () => {
      const options = { algorithm: alg, allowInsecureKeySizes: true };
      assert.throws(() => sign({}, rsaOf(least - 1).privateKey, options), {
        code: 'ERR_KEY',
        message: `secretOrPrivateKey has a minimum key size of ${least} bits for ${alg}`,
      });
      const { privateKey, publicKey } = rsaOf(least);
      assert.strictEqual(verify(sign({ id: 1 }, privateKey, options), publicKey).id, 1);
      assert.throws(() => sign({}, privateKey, { algorithm: alg }), {
        message: `secretOrPrivateKey has a minimum key size of 2048 bits for ${alg}`,
      });
    });
  }

  it('verify says "invalid signature" of an algorithm that no key of that size can have signed with', () => {
    const token = sign({}, rsaOf(1024).privateKey, { algorithm: 'PS256', allowInsecureKeySizes: true });
    const foreign = `${encode({ alg: 'PS512', typ: 'JWT' })}.${token.split('.').slice(1).join('.')}`;
    assert.throws(() => verify(foreign, PAIRS.smallRsa().publicKey), {
      name: 'JsonWebTokenError',
      message: 'invalid signature',
    });
  });

  it('an RSA JWK has at most 8192 bits, and an odd e of at most 32', () => {
    const jwk = PAIRS.rsa().publicKey.export({ format: 'jwk' });
    const message =
      'the key is not valid key material: an RSA key in a JWK has at most 8192 bits, and its e at most 32';
    const of = (bytes, last) =>
      Buffer.concat([Buffer.alloc(bytes - 1, 0xff), Buffer.from([last])]).toString('base64url');
    createKey({ ...jwk, e: of(4, 0xff) });
    createKey({ ...jwk, n: of(1024, 0xff) });
    for (const wrong of [{ e: of(5, 0xff) }, { e: of(383, 0xff) }, { n: of(1025, 0xff) }]) {
      assert.throws(() => createKey({ ...jwk, ...wrong }), { code: 'ERR_KEY', message });
      assert.throws(() => verify(`${encode({ alg: 'RS256' })}.e30.AAAA`, { ...jwk, ...wrong }), {
        name: 'JsonWebTokenError',
        code: 'ERR_KEY',
      });
    }
    for (const e of [of(1, 0xfe), of(4, 0xfe), 'AQ'])
      assert.throws(() => createKey({ ...jwk, e }), { code: 'ERR_KEY' });
  });

  it('for a PEM without its line breaks, the error says how to restore them', () => {
    const { privateKey, publicKey } = PAIRS.rsa();
    const written = pem(privateKey).replaceAll('\n', '\\n');
    const hint = new RegExp(
      '^secretOr(Private|Public)Key is not valid key material: its line breaks are the two characters \\\\n, .*' +
        String.raw` pass key\.replace\(/\\\\n/g, '\\n'\)$`,
    );
    assert.throws(() => sign({}, written, { algorithm: 'RS256' }), { name: 'Error', code: 'ERR_KEY', message: hint });
    assert.throws(() => sign({}, { key: written }, { algorithm: 'RS256' }), { message: hint });
    assert.throws(() => verify(`${encode({ alg: 'RS256' })}.e30.AAAA`, pem(publicKey).replaceAll('\n', '\\n')), {
      name: 'JsonWebTokenError',
      message: hint,
    });
    assert.throws(() => createKey(written), {
      message: /^the key is not valid key material: its line breaks are the two characters/,
    });
    sign({}, written.replace(/\\n/g, '\n'), { algorithm: 'RS256' });
  });

  const BROKEN = {
    'its line breaks are missing': (text) => text.replaceAll('\n', ' '),
    'its end is missing (a .env file': (text) => text.split('\n')[0],
    "it is in OpenSSH's own format (ssh-keygen -p -m PKCS8 -f COPY": () =>
      '-----BEGIN OPENSSH PRIVATE KEY-----\n' +
      'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\n-----END OPENSSH PRIVATE KEY-----\n',
  };
  for (const [what, broken] of Object.entries(BROKEN)) {
    it(`for an unreadable PEM, the error says why: ${what}`, () => {
      assert.throws(
        () => createKey(broken(pem(PAIRS.p256().privateKey))),
        (error) => {
          assert.ok(error.message.startsWith(`the key is not valid key material: ${what}`), error.message);
          return error.code === 'ERR_KEY';
        },
      );
    });
  }

  it("a private key with a changed number is reported as invalid, not as OpenSSL's failure", () => {
    const { privateKey } = PAIRS.rsa();
    const jwk = privateKey.export({ format: 'jwk' });
    const der = privateKey.export({ format: 'der', type: 'pkcs1' });
    const broken = Buffer.from(der);
    broken[broken.indexOf(Buffer.from(jwk.n, 'base64url')) + 255] ^= 1; // an even modulus
    for (const key of [
      { key: broken, format: 'der' },
      `-----BEGIN RSA PRIVATE KEY-----\n${broken.toString('base64')}\n-----END RSA PRIVATE KEY-----\n`,
    ]) {
      assert.throws(() => sign({}, key, { algorithm: 'RS256' }), {
        code: 'ERR_KEY',
        message: 'secretOrPrivateKey is not valid key material: the numbers of the private key do not belong together',
      });
    }
    sign({}, { key: der, format: 'der' }, { algorithm: 'RS256' });
  });

  it('no key, algorithm and option together end in an error that the input does not explain', () => {
    const pairs = [...Object.values(PAIRS), ...Object.values(KINDS)].map((pairOf) => pairOf());
    pairs.push(
      rsaOf(512),
      crypto.generateKeyPairSync('rsa-pss', {
        modulusLength: 512,
        hashAlgorithm: 'sha512',
        mgf1HashAlgorithm: 'sha512',
        saltLength: 0,
      }),
      crypto.generateKeyPairSync('rsa-pss', {
        modulusLength: 1024,
        hashAlgorithm: 'sha512',
        mgf1HashAlgorithm: 'sha512',
        saltLength: 64,
      }),
      ...['secp224r1', 'brainpoolP256r1', 'sect283k1'].map((namedCurve) =>
        crypto.generateKeyPairSync('ec', { namedCurve }),
      ),
      crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }),
    );
    const flags = [
      {},
      { allowInsecureKeySizes: true },
      { allowInvalidAsymmetricKeyTypes: true },
      { allowInsecureKeySizes: true, allowInvalidAsymmetricKeyTypes: true },
    ];
    for (const { privateKey, publicKey } of pairs) {
      for (const algorithm of ALGORITHMS.keys()) {
        for (const allowed of flags) {
          for (const call of [
            () => verify(sign({}, privateKey, { algorithm, ...allowed }), publicKey, { algorithms: [algorithm] }),
            () =>
              verify(`${encode({ alg: algorithm })}.e30.AAAA`, publicKey, {
                algorithms: [algorithm],
                allowInvalidAsymmetricKeyTypes: true,
              }),
          ]) {
            try {
              call();
            } catch (error) {
              assert.notStrictEqual(
                error.code,
                'ERR_CRYPTO',
                `${publicKey.asymmetricKeyType} ${algorithm} ${JSON.stringify(allowed)}`,
              );
            }
          }
        }
      }
    }
  });

  it('for a JWK Set without the requested key, the error names the kid', () => {
    const jwk = PAIRS.p256().publicKey.export({ format: 'jwk' });
    const set = {
      keys: [
        { ...jwk, kid: 'a' },
        { ...jwk, kid: 'b' },
        { ...jwk, kid: 'b' },
      ],
    };
    const of = (text) => ({ code: 'ERR_KEY', message: `the key is not valid key material: ${text}` });
    assert.throws(() => createKey(set, { kid: 'c' }), of('no key of the set has the kid "c"'));
    assert.throws(() => createKey(set, { kid: 'b' }), of('more than one key of the set have the kid "b"'));
    assert.throws(() => createKey(set), of('the set has 3 keys: say which by its kid'));
    assert.throws(() => createKey({ keys: [] }), of('the set has no key of a known type'));
    assert.throws(() => createKey({ keys: [{ kty: 'new' }] }), of('the set has no key of a known type'));
  });
});
