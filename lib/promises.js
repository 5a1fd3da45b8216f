'use strict';
// sign and verify as promises. RSA, EC and EdDSA work leaves the calling thread.

const sign = require('./sign');
const verify = require('./verify');

/** `sign` as a promise. */
function signAsync(payload, secretOrPrivateKey, options) {
  return new Promise((resolve, reject) => {
    sign(payload, secretOrPrivateKey, options ?? {}, (error, token) => (error ? reject(error) : resolve(token)));
  });
}

/** `verify` as a promise. */
function verifyAsync(token, secretOrPublicKey, options) {
  return new Promise((resolve, reject) => {
    verify(token, secretOrPublicKey, options ?? {}, (error, payload) => (error ? reject(error) : resolve(payload)));
  });
}

module.exports = { signAsync, verifyAsync };
