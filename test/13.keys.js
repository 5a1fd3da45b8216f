'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const util = require('node:util');
const { createKey, sign, verify, SignetError } = require('../lib/index.js');
const { PAIRS, PASSPHRASE, encrypted, pem } = require('./support/keys');

const jwkOf = (key) => key.export({ format: 'jwk' });
const derOf = (key) => key.export({ format: 'der', type: key.type === 'private' ? 'pkcs8' : 'spki' });

describe('13 keys', () => {
  const bytes = Buffer.from('a secret in bytes, long enough');
  const token = sign({ id: 1 }, bytes);

  const aligned = new ArrayBuffer(32);
  Buffer.from(aligned).set(bytes);
  const forms = {
    'a Buffer': bytes,
    'a Uint8Array': new Uint8Array(bytes),
    'a DataView': new DataView(aligned, 0, bytes.length),
    'a Uint16Array': new Uint16Array(aligned, 0, bytes.length / 2),
    'an ArrayBuffer': aligned.slice(0, bytes.length),
    'a string': bytes.toString(),
    'a KeyObject': crypto.createSecretKey(bytes),
    'a JWK': { kty: 'oct', k: bytes.toString('base64url') },
    'a described JWK': { key: { kty: 'oct', k: bytes.toString('base64url') }, format: 'jwk' },
    'a key from createKey': createKey(bytes),
  };
  for (const [name, form] of Object.entries(forms)) {
    it(`accepts a secret as ${name}`, () => {
      assert.strictEqual(sign({ id: 1 }, form, { noTimestamp: true }), sign({ id: 1 }, bytes, { noTimestamp: true }));
      assert.strictEqual(verify(token, form).id, 1);
    });
  }

  it("uses a Buffer's current contents, not earlier ones", () => {
    const secret = Buffer.from('first secret, first secret');
    const first = sign({}, secret, { noTimestamp: true });
    secret.fill('x');
    const second = sign({}, secret, { noTimestamp: true });
    assert.notStrictEqual(first, second);
    assert.strictEqual(second, sign({}, 'x'.repeat(secret.length), { noTimestamp: true }));
    assert.throws(() => verify(first, secret), { message: 'invalid signature' });
  });

  it('uses the current contents of a described key and of a JWK', () => {
    const jwk = { kty: 'oct', k: 'Zmlyc3Q' };
    const first = sign({}, jwk);
    jwk.k = 'c2Vjb25k';
    assert.throws(() => verify(first, jwk), { message: 'invalid signature' });
  });

  it('never confuses a text secret with bytes, or one kind of material with another', () => {
    const text = 'é';
    const latin1 = Buffer.from(text, 'latin1');
    assert.notStrictEqual(sign({}, text, { noTimestamp: true }), sign({}, latin1, { noTimestamp: true }));
    const jwk = JSON.stringify({ kty: 'oct', k: 'Zmlyc3Q' });
    assert.notStrictEqual(sign({}, jwk, { noTimestamp: true }), sign({}, JSON.parse(jwk), { noTimestamp: true }));
  });

  it('works with more keys, and more bytes, than the cache holds', () => {
    const secrets = [
      ...Array.from({ length: 9000 }, (_, i) => `secret number ${i}`),
      ...Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(60_000, 'x')),
      'y'.repeat(200_000),
    ];
    const tokens = secrets.map((secret) => sign({ id: secret.length }, secret));
    secrets.forEach((secret, i) => assert.strictEqual(verify(tokens[i], secret).id, secret.length));
  });

  it('works if a toJSON evicts its key from the cache', () => {
    const claims = {
      toJSON: () => {
        for (let i = 0; i < 10_000; i++) sign({}, `other ${i}`);
        return { id: 1 };
      },
    };
    assert.strictEqual(verify(sign(claims, 'the key that is driven out'), 'the key that is driven out').id, 1);
    const nested = { id: claims };
    assert.strictEqual(verify(sign(nested, 'driven out, the fast way'), 'driven out, the fast way').id.id, 1);
  });

  for (const [name, alg] of [
    ['rsa', 'RS256'],
    ['p256', 'ES256'],
    ['p521', 'ES512'],
    ['k256', 'ES256K'],
    ['ed25519', 'EdDSA'],
    ['ed448', 'EdDSA'],
  ]) {
    it(`accepts a key pair of type ${name} as PEM, DER, JWK, KeyObject and from createKey`, () => {
      const { privateKey, publicKey } = PAIRS[name]();
      const signing = [
        privateKey,
        pem(privateKey),
        Buffer.from(pem(privateKey)),
        { key: pem(privateKey) },
        { key: derOf(privateKey), format: 'der', type: 'pkcs8' },
        jwkOf(privateKey),
        { key: jwkOf(privateKey), format: 'jwk' },
        createKey(privateKey),
        createKey(derOf(privateKey), { format: 'der' }),
      ];
      const verifying = [
        publicKey,
        pem(publicKey),
        Buffer.from(pem(publicKey)),
        { key: derOf(publicKey), format: 'der', type: 'spki' },
        jwkOf(publicKey),
        pem(privateKey),
        createKey(pem(publicKey)),
        createKey(jwkOf(publicKey)),
      ];
      const tokens = signing.map((key) => sign({ id: 1 }, key, { algorithm: alg }));
      for (const made of tokens) assert.strictEqual(verify(made, publicKey, { algorithms: [alg] }).id, 1);
      for (const key of verifying) assert.strictEqual(verify(tokens[0], key, { algorithms: [alg] }).id, 1);
    });
  }

  it('opens an encrypted private key with its passphrase, in both PEM encryptions', () => {
    const { privateKey, publicKey } = PAIRS.rsa();
    const traditional = privateKey.export({
      format: 'pem',
      type: 'pkcs1',
      cipher: 'aes-128-cbc',
      passphrase: PASSPHRASE,
    });
    for (const key of [encrypted(privateKey), traditional]) {
      verify(sign({}, { key, passphrase: PASSPHRASE }, { algorithm: 'RS256' }), publicKey);
      verify(sign({}, { key, passphrase: Buffer.from(PASSPHRASE) }, { algorithm: 'RS256' }), publicKey);
      verify(sign({}, createKey(key, { passphrase: PASSPHRASE }), { algorithm: 'RS256' }), publicKey);
      assert.throws(() => sign({}, { key, passphrase: 'wrong' }, { algorithm: 'RS256' }), {
        message: 'secretOrPrivateKey is not valid key material',
      });
      assert.throws(() => createKey(key), { code: 'ERR_KEY', message: /passphrase/ });
    }
  });

  it('accepts a CryptoKey', async () => {
    const { privateKey, publicKey } = await crypto.webcrypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' },
      true,
      ['sign', 'verify'],
    );
    assert.strictEqual(verify(sign({ id: 1 }, privateKey, { algorithm: 'ES256' }), publicKey).id, 1);
  });

  it('finds a key of a JWK Set by its kid', () => {
    const jwks = {
      keys: [
        { ...jwkOf(PAIRS.rsa().publicKey), kid: 'a' },
        { ...jwkOf(PAIRS.p256().publicKey), kid: 'b' },
      ],
    };
    const key = createKey(jwks, { kid: 'b' });
    assert.strictEqual(key.kid, 'b');
    assert.strictEqual(key.type, 'ec');
    verify(sign({}, PAIRS.p256().privateKey, { algorithm: 'ES256' }), key);
    assert.throws(() => createKey(jwks, { kid: 'c' }), { code: 'ERR_KEY' });
    assert.throws(() => createKey(jwks), { code: 'ERR_KEY' });
  });

  it("shows a key's type, algorithms and kid, and nothing of the key", () => {
    const key = createKey({ kty: 'oct', k: 'dGhlIHZlcnkgc2VjcmV0', kid: 'k1' });
    assert.strictEqual(key.type, 'secret');
    assert.deepStrictEqual(key.algorithms, ['HS256', 'HS384', 'HS512']);
    assert.ok(Object.isFrozen(key) && Object.isFrozen(key.algorithms));
    const shown = util.inspect(key, { showHidden: true, depth: 9 }) + JSON.stringify(key);
    assert.doesNotMatch(shown, /dGhlIHZlcnkgc2VjcmV0|the very secret/);
    assert.match(shown, /k1/);
  });

  it('refuses an object that only looks like a key', () => {
    const key = createKey('secret');
    assert.throws(() => sign({}, { ...key }), { message: 'secretOrPrivateKey is not valid key material' });
    assert.throws(() => sign({}, Object.create(key)), { message: 'secretOrPrivateKey is not valid key material' });
  });

  for (const material of [
    undefined,
    null,
    5,
    true,
    '',
    Buffer.alloc(0),
    {},
    [],
    { key: 5 },
    { kty: 'XYZ' },
    { kty: 'oct', k: '' },
    { keys: [] },
    '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
    { key: 'x', format: 'der' },
    { key: 'x', format: 'nonsense' },
    Symbol('s'),
  ]) {
    it(`createKey refuses ${util.inspect(material)} with ERR_KEY`, () => {
      assert.throws(
        () => createKey(material),
        (error) => error instanceof SignetError && error.code === 'ERR_KEY' && error.message.length > 10,
      );
    });
  }

  it("a private key made for a JWK's alg signs with no other", () => {
    const jwk = { ...jwkOf(PAIRS.rsa().privateKey), alg: 'PS256' };
    sign({}, jwk, { algorithm: 'PS256' });
    assert.throws(() => sign({}, jwk, { algorithm: 'RS256' }), {
      message: '"alg" parameter for "rsa" key type must be one of: PS256.',
    });
  });

  it('the addon refuses an External that is not one of its keys', () => {
    const native = require('../lib/native/load.js');
    const { port } = require('../lib/native/port.js');
    for (const foreign of [port, {}, null, 5, undefined]) {
      assert.strictEqual(typeof native.sign(foreign, '{}'), 'number');
      assert.strictEqual(typeof native.verify(foreign, token), 'number');
      assert.strictEqual(native.describeKey(foreign), undefined);
    }
  });

  it('a released key cannot be used', () => {
    const native = require('../lib/native/load.js');
    const { ALG, MEMBERS_MAX, NUMBERS } = native.constants.exchange;
    const integers = new Int32Array(native.exchange, (NUMBERS + MEMBERS_MAX) * Float64Array.BYTES_PER_ELEMENT);
    const handle = native.newKey(0, 'secret');
    integers[ALG] = native.algorithms.HS256;
    assert.strictEqual(typeof native.sign(handle, '{}'), 'string');
    native.releaseKey(handle);
    native.releaseKey(handle);
    assert.strictEqual(typeof native.sign(handle, '{}'), 'number');
  });
});
