'use strict';
// decode(token, [options]): what a token says, checked by nobody.

const fast = require('../native/fast');
const native = require('../native/load');
const { ownOptions } = require('../options/plain');
const { decodeComplete } = require('./parts');

const { maxTokenLength } = native;

/**
 * Takes a token apart. Nothing of it is to be believed: that is what `verify` is for.
 * @param {string} token
 * @param {{ complete?: boolean, json?: boolean }} [options]
 * @returns {any} the payload, or { header, payload, signature }; null for what cannot be read
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
