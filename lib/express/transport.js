'use strict';
// The two transports of refresh tokens: a cookie that scripts cannot read, guarded against forged requests;
// or JSON bodies, for clients other than browsers. Both have the same functions:
//   guard(req)          throws if the request must not use the cookie
//   prepare(req, res)   to be awaited before `read`
//   read(req)           the refresh token, or undefined
//   remembers(req)      whether the login was with `remember`
//   give(…)             sends a new token; returns its part of the answer's body
//   take(…)             removes the token: the session has ended

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { readBody } = require('./body');
const { createRefreshCookie } = require('./cookies');
const { createOriginGuard } = require('./origin');

/**
 * Precedes the token in a session cookie (`remember: false`), so that a refresh sets a session cookie
 * again.
 */
const FORGET_MARK = '~';

function cookieTransport({ cookie: options, origins }) {
  const cookie = createRefreshCookie(options);
  const isForgotten = (req) => cookie.read(req)?.startsWith(FORGET_MARK) === true;
  return {
    guard: createOriginGuard(origins, 'auth.router({ … })'),
    async prepare() {},
    read: (req) => (isForgotten(req) ? cookie.read(req).slice(FORGET_MARK.length) : cookie.read(req) || undefined),
    remembers: (req) => !isForgotten(req),
    give(req, res, token, maxAge, remember) {
      if (remember) cookie.set(req, res, token, maxAge);
      else cookie.set(req, res, FORGET_MARK + token, undefined);
      return {};
    },
    take: cookie.clear,
    needsToken: false,
  };
}

function bodyTransport() {
  return {
    guard() {}, // no cookie: another site's page cannot make the browser send the token
    prepare: readBody,
    read(req) {
      const token = ownValue(req.body ?? {}, 'refreshToken');
      if (token === undefined || token === null || token === '') return undefined;
      if (typeof token !== 'string') throw failure('ERR_BODY', '"refreshToken" must be a string');
      return token;
    },
    remembers: () => true,
    give: (req, res, token) => ({ refreshToken: token }),
    take() {},
    needsToken: true,
  };
}

const TRANSPORTS = { cookie: cookieTransport, body: bodyTransport };

module.exports = { TRANSPORTS };
