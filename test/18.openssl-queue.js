'use strict';
// A refused key must leave nothing in OpenSSL's error queue: Node would take it for the failure of its own next call,
// and refuse a good key.

const assert = require('node:assert');
const crypto = require('node:crypto');
const native = require('../lib/native/load.js');
const { createKey, sign, verify } = require('../lib/index.js');
const { PAIRS, PASSPHRASE, encrypted, pem } = require('./support/keys');

const cutPem = (text) => text.replace(/\n(.{20}).*\n/, '\n$1\n');

describe("18 OpenSSL's error queue", () => {
  const good = pem(PAIRS.rsa().privateKey);
  const goodPublic = pem(PAIRS.p256().publicKey);
  const token = sign({}, PAIRS.p256().privateKey, { algorithm: 'ES256' });

  const refused = {
    'a PEM that is cut off': () => sign({}, cutPem(good), { algorithm: 'RS256' }),
    'a PEM of nonsense': () =>
      sign({}, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', { algorithm: 'RS256' }),
    'a certificate of nonsense': () => verify(token, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
    'a wrong passphrase': () =>
      sign({}, { key: encrypted(PAIRS.p256().privateKey), passphrase: `not ${PASSPHRASE}` }, { algorithm: 'ES256' }),
    'no passphrase': () => createKey(encrypted(PAIRS.p256().privateKey)),
    'DER of nonsense': () => createKey(Buffer.from('nonsense'), { format: 'der' }),
    'a JWK off its curve': () => createKey({ kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }),
    'a JWK with a wrong private half': () =>
      createKey({ ...PAIRS.ed25519().privateKey.export({ format: 'jwk' }), x: 'A'.repeat(43) }),
    'a key of another type': () => sign({}, good, { algorithm: 'ES256' }),
    'a wrong signature': () => verify(`${token.slice(0, -10)}AAAAAAAAAA`, goodPublic),
    'an ES256 signature of zeros': () =>
      verify(`${token.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`, goodPublic),
    'an RSA signature of the wrong length': () =>
      verify(`${sign({}, good, { algorithm: 'RS256' })}AAAA`, pem(PAIRS.rsa().publicKey)),
    'a secret that is a public key': () => sign({}, PAIRS.rsa().publicKey.export({ format: 'der', type: 'spki' })),
  };

  for (const [name, call] of Object.entries(refused)) {
    it(`is empty after ${name}`, () => {
      assert.throws(call);
      assert.ok(native.opensslQueueIsEmpty());
      assert.strictEqual(crypto.createPrivateKey(good).type, 'private');
      assert.strictEqual(crypto.createPublicKey(goodPublic).type, 'public');
      assert.strictEqual(crypto.createPrivateKey(pem(PAIRS.ed25519().privateKey)).type, 'private');
    });
  }
});
