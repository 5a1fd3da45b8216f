'use strict';
// CORS headers of the router's own routes (Fetch standard, section 3.2), only for the origins that the app
// lists. Credentials are allowed: that is the purpose of the list.

const { ownValue } = require('../options/plain');
const { originHeader } = require('./origins');

const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, x-signet';
const PREFLIGHT_MAX_AGE_S = '600';

/**
 * Makes the answer readable by a listed origin. Returns true if the request is a preflight, which ends
 * here.
 */
function answerCors(req, res, origins, methods) {
  if (origins === null) return false;
  res.appendHeader('Vary', 'Origin');
  const origin = originHeader(req);
  if (origin === undefined || !origins(origin)) return false;
  res.setHeader('Access-Control-Allow-Origin', origin);
  res.setHeader('Access-Control-Allow-Credentials', 'true');
  res.setHeader('Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate');
  if (req.method !== 'OPTIONS' || ownValue(req.headers, 'access-control-request-method') === undefined) return false;
  res.setHeader('Access-Control-Allow-Methods', methods.join(', '));
  res.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  res.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_S);
  return true;
}

module.exports = { answerCors };
