'use strict';
// The guard against cross-site request forgery, for requests that are authorized by a cookie. It needs two
// proofs:
//  - the header `X-Signet: 1`, which a form or a cross-site `fetch` cannot send unless the server's CORS
//    answer allows it;
//  - the origin of the page according to the browser: `Sec-Fetch-Site: same-origin`, or an `Origin` that the
//    app lists.
// A WebSocket's handshake is a GET that CORS does not stop and to which a page cannot add headers, so it
// needs only the second proof.

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { isOwnLoopback, trustedOwnOrigin } = require('./address');
const { logRequest } = require('./log');
const { originHeader } = require('./origins');

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']); // RFC 9110 section 9.2.1

const isUpgrade = (req) => ownValue(req.headers, 'upgrade') !== undefined;

/**
 * Whether the request needs no proof: it changes nothing, and only pages that CORS allows can read the
 * answer.
 */
const isSafe = (req) => SAFE_METHODS.has(req.method) && !isUpgrade(req);

const isMarked = (req) => ownValue(req.headers, 'x-signet') === '1' || (isUpgrade(req) && SAFE_METHODS.has(req.method));

/**
 * Whether the page's origin is allowed: by Fetch Metadata, the list, a trusted proxy, or on the
 * developer's machine.
 */
function isAllowedOrigin(req, origins) {
  if (ownValue(req.headers, 'sec-fetch-site') === 'same-origin') return true;
  const origin = originHeader(req);
  if (origin === undefined) return false;
  return origins?.(origin) || origin === trustedOwnOrigin(req) || isOwnLoopback(req, origin);
}

/**
 * Why a request was refused and what to do: [key for the log, text]. Contains only a well-formed
 * origin.
 */
function explain(req, where) {
  if (!isMarked(req)) {
    return [
      'header',
      'a request was refused (403 ERR_ORIGIN) because it has no header "X-Signet: 1". ' +
        "signet-jwt/client sends it; add to your own fetch: headers: { 'X-Signet': '1' }",
    ];
  }
  const origin = originHeader(req);
  if (origin === undefined) {
    return [
      'none',
      'a request was refused (403 ERR_ORIGIN) because it has neither "Sec-Fetch-Site: same-origin" ' +
        "nor an Origin header. A client other than a browser must send the server's own Origin or one of your " +
        "`origins`, or use transport: 'body'",
    ];
  }
  return [
    origin,
    `a request from the origin ${origin} was refused (403 ERR_ORIGIN). ` +
      `If that is your front end, add this line to ${where}: origins: ['${origin}']`,
  ];
}

/**
 * Returns the guard, which throws ERR_ORIGIN for a request that must not use its cookie. In production the
 * reason is only in the log. `origins`: from readOrigins. `where`: the call to change.
 */
function createOriginGuard(origins, where) {
  return function guard(req) {
    if (isMarked(req) && isAllowedOrigin(req, origins)) return;
    const [kind, text] = explain(req, where);
    logRequest(`${kind} ${where}`, text);
    throw failure('ERR_ORIGIN', process.env.NODE_ENV === 'production' ? undefined : text);
  };
}

module.exports = { createOriginGuard, isSafe };
