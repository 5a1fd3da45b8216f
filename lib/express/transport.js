'use strict';

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { readBody } = require('./body');
const { createRefreshCookie } = require('./cookies');
const { createOriginGuard } = require('./origin');

/*
 * The two ways in which a refresh token travels: in a cookie that scripts cannot read, guarded against forged requests; or in JSON bodies, for
 * apps that are no browser's. Both have the same functions:
 *   guard(req)     throws where the request must not act on the cookie
 *   prepare(req)   makes readable what `read` reads
 *   read(req)      the refresh token, or undefined
 *   give(…)        sends a new one; returns what of it goes into the answer's body
 *   take(…)        takes it back: the session is over
 */

/** Before the token of a cookie that goes when the browser closes (`remember: false`), so that a refresh keeps it so. */
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
    guard() {}, // no cookie, nothing that a foreign page could make the browser send
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
