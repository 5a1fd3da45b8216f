'use strict';
// A token's parts as values: what the text of a payload means to jsonwebtoken.

const native = require('../native/load');
const { ownValue } = require('../options/plain');

/**
 * The payload of a text that is no JSON object, or was asked for in full, as jsonwebtoken reads it: JSON where the header's typ is "JWT" (or `json` is
 * asked for); and then a string that is JSON of an object is that object. Throws a SyntaxError where it is no JSON.
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
  if (typeof parts === 'number') return null;
  try {
    const header = JSON.parse(parts[1]);
    return { header, payload: payloadFrom(parts[0], header, json), signature: parts[2] };
  } catch {
    return null;
  }
}

module.exports = { decodeComplete, payloadFrom };
