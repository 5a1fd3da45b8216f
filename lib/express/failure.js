'use strict';

const { SignetError } = require('../errors');

/** The texts of what is raised here, as in include/signet/status.h (a test holds them equal). */
const TEXTS = {
  ERR_TOKEN_MISSING: 'jwt must be provided',
  ERR_TOKEN_INVALID: 'invalid token',
  ERR_SESSION_UNKNOWN: 'no such session: log in again',
  ERR_SESSION_EXPIRED: 'the session has reached its limit: log in again',
  ERR_SESSION_REVOKED: 'the session has been ended: log in again',
  ERR_BODY: 'the request body is not what this route reads',
  ERR_CREDENTIALS: 'the user name or the password is wrong',
  ERR_FORBIDDEN: 'this user may not do that',
  ERR_ORIGIN: 'the request comes from an origin that is not allowed',
  ERR_AUTH_AGE: 'the last login is too long ago for this: log in again',
  ERR_BUSY: 'too many requests are waiting for the session store: try again shortly',
  ERR_STORE_UNAVAILABLE: 'the session store cannot be reached: nothing has changed, try again',
  ERR_STORE_TIMEOUT: 'the session store did not answer in time: the outcome is unknown, a retry with the same token is safe',
  ERR_CLAIMS_TIMEOUT: 'the claims function did not answer in time: nothing has changed, try again',
};

/** A SignetError of the table's code; `message` where the table's own text says less than could be said. */
function fail(code, message) {
  return new SignetError(code, message ?? TEXTS[code]);
}

module.exports = { TEXTS, fail };
