'use strict';
// ML-DSA (RFC 9964): works where Node's OpenSSL has it (3.5, Node 24), and says so where not. One of the two halves runs on any Node.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { createKey, sign, verify } = require('../lib/index.js');

const AKP = { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' };

/** A key pair where this Node can make one. */
function pairOf(type) {
  try {
    return crypto.generateKeyPairSync(type);
  } catch {
    return undefined;
  }
}

const isThere = pairOf('ml-dsa-44') !== undefined;

describe('22 ML-DSA', () => {
  if (isThere) {
    for (const alg of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']) {
      it(`signs and verifies ${alg}, by KeyObject, PEM and DER`, () => {
        const { privateKey, publicKey } = pairOf(alg.toLowerCase());
        const token = sign({ id: 1 }, privateKey, { algorithm: alg });
        const pem = publicKey.export({ format: 'pem', type: 'spki' });
        const der = publicKey.export({ format: 'der', type: 'spki' });
        for (const key of [publicKey, pem, { key: der, format: 'der', type: 'spki' }, createKey(pem)]) assert.strictEqual(verify(token, key).id, 1);
        assert.throws(() => verify(`${token.slice(0, -8)}AAAAAAAA`, publicKey), { message: 'invalid signature' });
        assert.throws(() => sign({}, privateKey, { algorithm: 'EdDSA' }), { code: 'ERR_KEY' });
      });
    }
  } else {
    it('names the Node that has it, and throws ERR_PLATFORM', () => {
      const refusal = { code: 'ERR_PLATFORM', message: 'the OpenSSL of this Node has no ML-DSA-44: Node 24 or later (OpenSSL 3.5) has it' };
      assert.throws(() => createKey(AKP), refusal);
      assert.throws(() => sign({}, { ...AKP, priv: 'AAAA' }, { algorithm: 'ML-DSA-44' }), refusal);
    });
  }

  it('no other key signs with it', () => {
    assert.throws(() => sign({}, 'secret', { algorithm: 'ML-DSA-44' }), { message: 'secretOrPrivateKey must be an asymmetric key when using ML-DSA-44' });
    assert.throws(() => sign({}, crypto.generateKeyPairSync('ed25519').privateKey, { algorithm: 'ML-DSA-44' }), { code: 'ERR_KEY' });
  });
});
