'use strict';
// sign and verify as promises. RSA, EC and EdDSA work leaves the calling thread.

const { HMAC } = require('./algorithms');
const { readExpectations } = require('./verify-options');
const { answerTo, question, verdictBy } = require('./getkey');
const { optionError } = require('./sign-options');
const sign = require('./sign');
const { checkToken, verifyFast } = require('./verification');

/** `sign` as a promise. */
function signAsync(payload, secretOrPrivateKey, options) {
  return new Promise((resolve, reject) => {
    // A function would be sign's callback, and nothing would settle this promise.
    if (typeof options === 'function') throw optionError('Expected "options" to be a plain object.');
    sign(payload, secretOrPrivateKey, options ?? {}, (error, token) => (error ? reject(error) : resolve(token)));
  });
}

/** `verify` as a promise. HMAC is verified on this thread: passing it to another one costs more. */
async function verifyAsync(token, secretOrPublicKey, options = {}) {
  if (typeof secretOrPublicKey === 'function') return answerTo(question(token, options), secretOrPublicKey);
  if (typeof token === 'string' && typeof options === 'object' && options !== null) {
    const payload = verifyFast(token, secretOrPublicKey, options, HMAC);
    if (payload !== undefined) return payload;
  }
  const asked = readExpectations(options || {});
  checkToken(token);
  return verdictBy(token, secretOrPublicKey, asked);
}

module.exports = { signAsync, verifyAsync };
