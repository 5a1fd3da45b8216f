'use strict';

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { isOwnLoopback, trustedOwnOrigin } = require('./address');
const { tellOfRequest } = require('./log');
const { originHeader } = require('./origins');

/*
 * The guard against cross-site request forgery, for requests that a cookie authorises. Two proofs are asked for:
 *  - the header `X-Signet: 1`, which no form and no cross-site `fetch` can send unless the server's CORS answer allows it;
 *  - the browser's own word on where the page is from: `Sec-Fetch-Site: same-origin`, or an `Origin` that the app has listed.
 * A WebSocket's handshake is a GET that CORS does not stop, and to which no page can add a header: there the second proof is the only one.
 */

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']); // RFC 9110 section 9.2.1

const isUpgrade = (req) => ownValue(req.headers, 'upgrade') !== undefined;

/** Whether the request changes nothing, and its answer is for none but pages that CORS allows: no proof is asked for. */
const isSafe = (req) => SAFE_METHODS.has(req.method) && !isUpgrade(req);

const isMarked = (req) => ownValue(req.headers, 'x-signet') === '1' || (isUpgrade(req) && SAFE_METHODS.has(req.method));

/** Where the page is from is acceptable: by Fetch Metadata, by the list, by a trusted proxy, or on the developer's machine. */
function isAllowedOrigin(req, origins) {
  if (ownValue(req.headers, 'sec-fetch-site') === 'same-origin') return true;
  const origin = originHeader(req);
  if (origin === undefined) return false;
  return origins?.(origin) || origin === trustedOwnOrigin(req) || isOwnLoopback(req, origin);
}

/** Why a request was refused, and what helps: [what tells it apart, text]. Only the origin of it, and only a well-formed one. */
function explain(req, where) {
  if (!isMarked(req)) {
    return ['header', 'a request was refused (403 ERR_ORIGIN) because it has no header "X-Signet: 1". signet-jwt/client sends it; '
      + 'your own fetch adds: headers: { \'X-Signet\': \'1\' }'];
  }
  const origin = originHeader(req);
  if (origin === undefined) {
    return ['none', 'a request was refused (403 ERR_ORIGIN) because it has neither "Sec-Fetch-Site: same-origin" nor an Origin header. '
      + 'A client that is no browser sends an Origin that you have listed, or uses transport: \'body\''];
  }
  return [origin, `a request from the origin ${origin} was refused (403 ERR_ORIGIN). If that is your front end, add this line to ${where}: `
    + `origins: ['${origin}']`];
}

/**
 * Makes the guard: throws ERR_ORIGIN for a request that must not use its cookie. In production the reason is in the log alone.
 * `origins`: as origins.js reads them; `where` names the call to change.
 */
function createOriginGuard(origins, where) {
  return function guard(req) {
    if (isMarked(req) && isAllowedOrigin(req, origins)) return;
    const [kind, text] = explain(req, where);
    tellOfRequest(`${kind} ${where}`, text);
    throw failure('ERR_ORIGIN', process.env.NODE_ENV === 'production' ? undefined : text);
  };
}

module.exports = { createOriginGuard, isSafe };
