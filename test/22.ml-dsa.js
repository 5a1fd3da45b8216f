'use strict';
// ML-DSA (RFC 9964): works if Node's OpenSSL has it (3.5 and later, even if node:crypto does not support it), and says
// so if not. One of the two halves runs on any Node.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { createKey, sign, verify } = require('../lib/index.js');

const AKP = { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' };

const [major, minor] = process.versions.openssl.split('.').map(Number);
const isThere = major > 3 || (major === 3 && minor >= 5);

/** PKCS #8 of a seed (RFC 9881 section 6): OpenSSL works out the rest. */
function privateKeyOf(set, seed = crypto.randomBytes(32)) {
  const identifier = Buffer.from('0609608648016503040300', 'hex');
  identifier[identifier.length - 1] = { 44: 0x11, 65: 0x12, 87: 0x13 }[set];
  return Buffer.concat([Buffer.from('3034020100300b', 'hex'), identifier, Buffer.from('04228020', 'hex'), seed]);
}

const pemOf = (der, label) =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

describe('22 ML-DSA', function () {
  this.timeout(30_000);

  if (isThere) {
    for (const set of [44, 65, 87]) {
      const alg = `ML-DSA-${set}`;
      it(`signs and verifies ${alg}, by PEM, DER and KeyObject`, () => {
        const der = privateKeyOf(set);
        const privateKey = pemOf(der, 'PRIVATE KEY');
        const publicKey = crypto.createPublicKey(privateKey);
        const spki = publicKey.export({ format: 'der', type: 'spki' });
        const verifying = [
          privateKey,
          pemOf(spki, 'PUBLIC KEY'),
          { key: spki, format: 'der', type: 'spki' },
          createKey(spki, { format: 'der' }),
          publicKey,
        ];
        for (const signing of [
          privateKey,
          { key: der, format: 'der', type: 'pkcs8' },
          createKey(privateKey),
          crypto.createPrivateKey(privateKey),
        ]) {
          const token = sign({ id: 1 }, signing, { algorithm: alg });
          for (const key of verifying) assert.strictEqual(verify(token, key).id, 1);
          for (const key of verifying)
            assert.throws(() => verify(`${token.slice(0, -8)}AAAAAAAA`, key), { message: 'invalid signature' });
        }
        assert.deepStrictEqual(createKey(privateKey).algorithms, [alg]);
        assert.throws(() => sign({}, privateKey, { algorithm: 'EdDSA' }), { code: 'ERR_KEY' });
        assert.throws(() => sign({}, spki), { code: 'ERR_KEY' });
      });
    }

    it('a JWK is the public key, or with a seed the private one', () => {
      const seed = crypto.randomBytes(32);
      const spki = crypto
        .createPublicKey(pemOf(privateKeyOf(44, seed), 'PRIVATE KEY'))
        .export({ format: 'der', type: 'spki' });
      const jwk = { ...AKP, pub: spki.subarray(-1312).toString('base64url') };
      assert.strictEqual(
        verify(sign({ id: 1 }, { ...jwk, priv: seed.toString('base64url') }, { algorithm: 'ML-DSA-44' }), jwk).id,
        1,
      );
      assert.throws(() => createKey({ ...jwk, priv: crypto.randomBytes(32).toString('base64url') }), {
        code: 'ERR_KEY',
      });
      assert.throws(() => createKey(AKP), { code: 'ERR_KEY' });
    });
  } else {
    it('names the OpenSSL that has it, and throws ERR_PLATFORM', () => {
      const refusal = {
        code: 'ERR_PLATFORM',
        message:
          'the OpenSSL of this Node has no ML-DSA-44: ' +
          'OpenSSL 3.5 and later have it (process.versions.openssl), as newer Nodes do',
      };
      assert.throws(() => createKey(AKP), refusal);
      assert.throws(() => sign({}, { ...AKP, priv: 'AAAA' }, { algorithm: 'ML-DSA-44' }), refusal);
    });
  }

  it('no other key signs with it', () => {
    assert.throws(() => sign({}, 'secret', { algorithm: 'ML-DSA-44' }), {
      message: 'secretOrPrivateKey must be an asymmetric key when using ML-DSA-44',
    });
    assert.throws(() => sign({}, crypto.generateKeyPairSync('ed25519').privateKey, { algorithm: 'ML-DSA-44' }), {
      code: 'ERR_KEY',
    });
  });
});
