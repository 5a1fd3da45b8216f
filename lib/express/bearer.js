'use strict';

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');

/*
 * The access token of a request, from the Authorization header (RFC 6750 section 2.1): exactly one header, exactly one token.
 * What the token looks like is not judged here: C does that, and takes nothing but base64url and two dots.
 */

const SCHEME = /^bearer(?: +|$)/i;

// A scheme of another kind, with its credentials: "Basic dXNlcg==". A token without a scheme has dots, a scheme has none.
const OTHER_SCHEME = /^[a-z][a-z0-9-]*(?: |$)/i;

/** Whether the header field stands more than once. Node keeps the first `Authorization` in req.headers and drops the others. */
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
 * The token, or undefined where no Bearer token was sent at all (no header, or another scheme).
 * Throws ERR_TOKEN_INVALID for a header that means to carry one and does not.
 */
function bearerToken(req) {
  const header = ownValue(req.headers, 'authorization');
  if (header === undefined) return undefined;
  if (isRepeated(req, 'authorization')) throw failure('ERR_TOKEN_INVALID', 'more than one Authorization header');
  if (header.startsWith('Bearer ') && header.charCodeAt(7) !== 32) return header.slice(7);
  const scheme = SCHEME.exec(header);
  if (scheme !== null) {
    if (scheme[0].length === header.length) throw failure('ERR_TOKEN_INVALID', 'the Authorization header says Bearer and holds no token');
    return header.slice(scheme[0].length);
  }
  if (OTHER_SCHEME.test(header)) return undefined;
  throw failure('ERR_TOKEN_INVALID', 'the Authorization header must be "Bearer", a space and the token');
}

module.exports = { bearerToken };
