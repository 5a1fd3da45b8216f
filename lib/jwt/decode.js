'use strict';
// decode(token, [options]): a token's content, without verification.

const fast = require('../native/fast');
const native = require('../native/load');
const { ownOptions } = require('../options/plain');
const { decodeComplete } = require('./parts');

const { maxTokenLength } = native;

/**
 * Decodes a token without verifying it.
 * @param {string} token
 * @param {{ complete?: boolean, json?: boolean }} [options]
 * @returns {any} the payload, or { header, payload, signature }; null if it cannot be read
 */
function decode(token, options) {
  if ((typeof token !== 'string' && !Buffer.isBuffer(token)) || token.length > maxTokenLength) return null;
  const text = typeof token === 'string' ? token : token.toString();
  const asked = ownOptions(options);
  const complete = asked?.complete === true;
  if (!complete) {
    const payload = fast.decode(text);
    if (payload !== undefined) return payload;
  }
  const decoded = decodeComplete(text, asked?.json);
  return decoded && !complete ? decoded.payload : decoded;
}

module.exports = decode;
