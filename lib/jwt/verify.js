'use strict';
// verify(token, secretOrPublicKey, [options, callback]), as jsonwebtoken 9 has it: with a key, the
// callback too is called before it returns.

const { tell } = require('./callbacks');
const { answerTo, question } = require('./getkey');
const { verifyNow } = require('./verification');

/**
 * Verifies a token's signature and claims.
 * @param {string} token
 * @param {unknown} secretOrPublicKey key material, or getKey(header, callback) if a callback is given
 * @param {object} [options]
 * @param {(error: Error | null, payload?: any) => void} [callback] called once: before
 *   `verify` returns, or asynchronously with getKey
 * @returns {any} the payload, or { header, payload, signature } with `complete`; with a callback, its result
 */
function verify(token, secretOrPublicKey, options, callback) {
  if (!callback) {
    if (typeof options === 'function') return verify(token, secretOrPublicKey, undefined, options);
    return verifyNow(token, secretOrPublicKey, options);
  }
  const isAsked = typeof secretOrPublicKey === 'function';
  let found;
  try {
    found = isAsked ? question(token, options) : verifyNow(token, secretOrPublicKey, options);
  } catch (error) {
    return callback(error);
  }
  return isAsked ? tell(callback, answerTo(found, secretOrPublicKey)) : callback(null, found);
}

module.exports = verify;
