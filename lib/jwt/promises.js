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
    if (typeof options === 'function') throw optionError('Expected "options" to be a plain object.'); // not sign's callback: nothing would settle this
    sign(payload, secretOrPrivateKey, options ?? {}, (error, token) => (error ? reject(error) : resolve(token)));
  });
}

/** `verify` as a promise. A code by HMAC is checked at once: to hand it to a thread costs more than the checking. */
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
