'use strict';
// What is signed and with what: the same for every library. Made anew in each process, so that nothing here is a secret.

const crypto = require('node:crypto');

const SECRET = 'a-benchmark-secret-of-thirty-two-bytes-or-more';
const NOW_S = Math.floor(Date.now() / 1000);
const LIFETIME_S = 3600;

// The tutorial's two claims; `iat` and `exp` make four. The larger ones carry what apps add: roles, then a long list of permissions.
const FOUR = { id: '1', isAdmin: true };

function payloadOf(bytes) {
  const payload = { ...FOUR, permissions: [] };
  while (JSON.stringify(payload).length < bytes - 40) {
    const i = payload.permissions.length;
    payload.permissions.push({ resource: `project/${1000 + i}`, actions: ['read', 'write'], since: NOW_S - i, note: 'granted by admin' });
  }
  return payload;
}

const PAYLOADS = { '4 claims': FOUR, '1 kB': payloadOf(1024), '16 kB': payloadOf(16 * 1024) };

const KEY_PAIRS = {
  RS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => crypto.generateKeyPairSync('ed25519'),
};

// { alg, privatePem, publicPem, privateKey, publicKey }
function keyPair(alg) {
  const { privateKey, publicKey } = KEY_PAIRS[alg]();
  return {
    alg,
    privateKey,
    publicKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }),
  };
}

const secretOf = (i) => `${SECRET}-${i}`;

const signingInput = (token) => Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1');

module.exports = { FOUR, LIFETIME_S, NOW_S, PAYLOADS, SECRET, keyPair, payloadOf, secretOf, signingInput };
