'use strict';
// The access token of a request, from the Authorization header (RFC 6750 section 2.1): exactly one header,
// exactly one token. The token's form is checked in C, which accepts only base64url and two dots.

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');

const SCHEME = /^bearer(?: +|$)/i;

// Another scheme, with its credentials: "Basic dXNlcg==". A token without a scheme contains dots, a
// scheme none.
const OTHER_SCHEME = /^[a-z][a-z0-9-]*(?: |$)/i;

/**
 * Whether the header is sent more than once. Node keeps the first `Authorization` in req.headers and
 * drops the others.
 */
function isRepeated(req, name) {
  const raw = req.rawHeaders;
  if (raw === undefined) return false; // a test's own request object
  let seen = 0;
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i].length === name.length && raw[i].toLowerCase() === name) seen += 1;
  }
  return seen > 1;
}

/**
 * The token, or undefined if no Bearer token was sent (no header, or another scheme).
 * Throws ERR_TOKEN_INVALID for a malformed header.
 */
function bearerToken(req) {
  const header = ownValue(req.headers, 'authorization');
  if (header === undefined) return undefined;
  if (isRepeated(req, 'authorization')) throw failure('ERR_TOKEN_INVALID', 'more than one Authorization header');
  if (header.startsWith('Bearer ') && header.charCodeAt(7) !== 32) return header.slice(7);
  const scheme = SCHEME.exec(header);
  if (scheme !== null) {
    if (scheme[0].length === header.length) {
      throw failure('ERR_TOKEN_INVALID', 'the Authorization header has no token after Bearer');
    }
    return header.slice(scheme[0].length);
  }
  if (OTHER_SCHEME.test(header)) return undefined;
  throw failure('ERR_TOKEN_INVALID', 'the Authorization header must be "Bearer", a space and the token');
}

module.exports = { bearerToken };
