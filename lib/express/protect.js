'use strict';
// auth.protect(options): middleware that lets a request pass only with a valid access token (RFC 6750).

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { internals } = require('../auth/internals');
const { bearerToken } = require('./bearer');
const { readCookie } = require('./cookies');
const { hasRole, hasScopes } = require('./claims');
const { createOriginGuard, isSafe } = require('./origin');
const { answerError } = require('./responses');
const { readProtectOptions } = require('./options');
const { liveSessionsOf } = require('./wiring');

/**
 * Reads the token: with `getToken`, or from the Authorization header and then from the cookie if the
 * app names one.
 */
function createTokenReader({ getToken, cookie, origins }) {
  if (getToken) return getToken;
  if (cookie === undefined) return bearerToken;
  const guard = createOriginGuard(origins, 'auth.protect({ … })');
  return function headerOrCookie(req) {
    const sent = bearerToken(req);
    if (sent !== undefined) return sent;
    const kept = readCookie(req, cookie);
    if (kept !== undefined && !isSafe(req)) guard(req); // the request is authorized by the cookie alone
    return kept;
  };
}

/** The route's requirements of a verified token's claims, each a function that throws. */
function createDemands({ roles, scopes, maxAuthAge }, now) {
  const demands = [];
  if (maxAuthAge !== undefined) {
    demands.push((claims) => {
      const age = now() / 1000 - ownValue(claims, 'auth_time'); // NaN without auth_time: refused
      if (!(age <= maxAuthAge)) throw failure('ERR_AUTH_AGE');
    });
  }
  if (roles)
    demands.push((claims) => {
      if (!hasRole(claims, roles)) throw failure('ERR_FORBIDDEN');
    });
  if (scopes)
    demands.push((claims) => {
      if (!hasScopes(claims, scopes)) throw failure('ERR_FORBIDDEN');
    });
  return demands;
}

const isPromise = (value) => value !== null && typeof value === 'object' && typeof value.then === 'function';

/**
 * Express middleware that passes only requests with a valid access token, and sets `req.user` (its claims)
 * and `req.auth` (`{ userId, sessionId, token }`). Options: docs/express.md.
 */
function protect(auth, options) {
  const o = readProtectOptions(options);
  const readToken = createTokenReader(o);
  const demands = createDemands(o, auth[internals].now);
  const live = o.live === undefined ? undefined : liveSessionsOf(auth);

  function accept(req, claims, token) {
    req.user = claims;
    req.auth = { userId: claims.sub, sessionId: claims.sid, token };
  }

  /** Accepts the request or throws. Returns a promise if the store must be asked. */
  function admit(req, token) {
    if (token === undefined || token === null || token === '') {
      if (o.optional) return undefined;
      throw failure('ERR_TOKEN_MISSING', 'no access token: send it as "Authorization: Bearer …"');
    }
    if (typeof token !== 'string') throw failure('ERR_TOKEN_INVALID', 'the access token must be a string');
    const claims = auth.verifyAccess(token);
    for (let i = 0; i < demands.length; i += 1) demands[i](claims);
    if (live !== undefined && !live.isKnown(claims.sub, claims.sid, o.live)) {
      return live.ask(claims.sub, claims.sid, o.live).then(() => accept(req, claims, token));
    }
    accept(req, claims, token);
    return undefined;
  }

  return function protectRoute(req, res, next) {
    let pending;
    try {
      const token = readToken(req);
      pending = isPromise(token) ? token.then((text) => admit(req, text)) : admit(req, token);
    } catch (err) {
      answerError(err, req, res, next, o);
      return;
    }
    if (pending === undefined) next();
    else
      pending.then(
        () => next(),
        (err) => answerError(err, req, res, next, o),
      );
  };
}

module.exports = { protect };
