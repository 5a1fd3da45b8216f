'use strict';

const { fail } = require('./failure');
const { isOwnLoopback, originHeader, trustedOwnOrigin } = require('./address');
const { tellOfRequest } = require('./log');
const { ownValue } = require('../plain');

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
  return origins.has(origin.origin) || origin.origin === trustedOwnOrigin(req) || isOwnLoopback(req, origin);
}

/** What a developer needs to know about a refused request: only the origin, and that only where it is a well-formed one. */
function explain(req, where) {
  const origin = originHeader(req);
  if (!isMarked(req)) {
    tellOfRequest(`header ${where}`, 'a request was refused (403 ERR_ORIGIN) because it has no header "X-Signet: 1". signet-jwt/client sends it; '
      + 'your own fetch adds: headers: { \'X-Signet\': \'1\' }');
    return;
  }
  if (origin === undefined) {
    tellOfRequest(`none ${where}`, 'a request was refused (403 ERR_ORIGIN) because it has neither "Sec-Fetch-Site: same-origin" nor an Origin header. '
      + 'A client that is no browser sends an Origin that you have listed, or uses transport: \'body\'');
    return;
  }
  tellOfRequest(`${origin.origin} ${where}`, `a request from the origin ${origin.origin} was refused (403 ERR_ORIGIN). If that is your front end, add this `
    + `line to ${where}: origins: ['${origin.origin}']`);
}

/** Makes the guard: throws ERR_ORIGIN for a request that must not use its cookie. `origins`: a Set; `where` names the call to mend. */
function createOriginGuard(origins, where) {
  return function guard(req) {
    if (isMarked(req) && isAllowedOrigin(req, origins)) return;
    explain(req, where);
    throw fail('ERR_ORIGIN');
  };
}

module.exports = { createOriginGuard, isSafe };
