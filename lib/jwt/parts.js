'use strict';
// A token's parts as values: how jsonwebtoken reads a payload's text.

const native = require('../native/load');
const { STATUS, lastFailure } = require('../native/status');
const { ownValue } = require('../options/plain');

/**
 * The value of a payload's text, as jsonwebtoken reads it: parsed if the header's typ is "JWT" or `json` is
 * set. If the result is a string that is the JSON of an object, it is that object. Throws a SyntaxError if
 * the text is not JSON.
 */
function payloadFrom(text, header, json) {
  let payload = text;
  if (ownValue(header, 'typ') === 'JWT' || json) payload = JSON.parse(payload);
  if (typeof payload !== 'string') return payload;
  try {
    const inner = JSON.parse(payload);
    return typeof inner === 'object' && inner !== null ? inner : payload;
  } catch {
    return payload;
  }
}

/** @returns {{ header: object, payload: unknown, signature: string } | null} */
function decodeComplete(token, json) {
  const parts = native.decodeParts(token);
  if (parts === STATUS.ERR_MEMORY) throw lastFailure(parts);
  if (typeof parts === 'number') return null;
  try {
    const header = JSON.parse(parts[1]);
    return { header, payload: payloadFrom(parts[0], header, json), signature: parts[2] };
  } catch {
    return null;
  }
}

module.exports = { decodeComplete, payloadFrom };
