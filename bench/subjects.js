'use strict';
// The payloads and keys, the same for every library. Keys are generated in each process, so none of them is a secret.

const crypto = require('node:crypto');

const SECRET = 'a-benchmark-secret-of-thirty-two-bytes-or-more';
const LIFETIME_S = 3600;

// The tutorial's two claims; `iat` and `exp` make four. Larger payloads add what apps add: a long list of permissions.
const FOUR = { id: '1', isAdmin: true };

function payloadOf(bytes) {
  const payload = { ...FOUR, permissions: [] };
  const now = Math.floor(Date.now() / 1000);
  while (JSON.stringify(payload).length < bytes - 40) {
    const i = payload.permissions.length;
    payload.permissions.push({
      resource: `project/${1000 + i}`,
      actions: ['read', 'write'],
      since: now - i,
      note: 'granted by admin',
    });
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

/** { signing, checking } as text, the way apps hold keys, and as KeyObjects. @param {number} [i] which secret */
function keysOf(alg, i = 0) {
  if (alg === 'HS256') {
    const secret = `${SECRET}-${i}`;
    const object = crypto.createSecretKey(Buffer.from(secret));
    return { signing: secret, checking: secret, signingObject: object, checkingObject: object };
  }
  const { privateKey, publicKey } = KEY_PAIRS[alg]();
  return {
    signing: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    checking: publicKey.export({ type: 'spki', format: 'pem' }),
    signingObject: privateKey,
    checkingObject: publicKey,
  };
}

/** A contender's input. `bare`: no option except `expiresIn`, as in the tutorial. */
function subjectOf({ alg = 'HS256', payload = FOUR, keys = keysOf(alg), bare = false }) {
  const token = require('..').sign(payload, keys.signing, { algorithm: alg, expiresIn: LIFETIME_S });
  return { alg, payload, keys, token, expiresIn_s: LIFETIME_S, bare };
}

const signingInput = (token) => Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1');
const payloadText = (token) => Buffer.from(token.split('.')[1], 'base64url').toString();

module.exports = { FOUR, LIFETIME_S, PAYLOADS, SECRET, keysOf, payloadOf, payloadText, signingInput, subjectOf };
