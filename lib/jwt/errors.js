'use strict';
// jsonwebtoken's three error classes. Constructor functions and not classes, because code written for
// jsonwebtoken may derive from them by `JsonWebTokenError.call(this, …)`.

const { withCode } = require('../native/errors');

function derive(derived, base) {
  derived.prototype = Object.create(base.prototype, {
    constructor: { value: derived, writable: true, configurable: true },
  });
}

/**
 * A token is refused.
 * @param {string} message
 * @param {Error} [inner] what caused it
 * @param {string} [code]
 */
function JsonWebTokenError(message, inner, code = 'ERR_TOKEN_INVALID') {
  this.name = 'JsonWebTokenError';
  this.message = message;
  if (inner) this.inner = inner;
  withCode(this, code);
  Error.captureStackTrace?.(this, this.constructor);
}
derive(JsonWebTokenError, Error);

/**
 * The token was valid once: `exp` has passed, or it is older than `maxAge`.
 * @param {string} message
 * @param {Date} expiredAt
 */
function TokenExpiredError(message, expiredAt) {
  JsonWebTokenError.call(this, message, undefined, 'ERR_TOKEN_EXPIRED');
  this.name = 'TokenExpiredError';
  this.expiredAt = expiredAt;
}
derive(TokenExpiredError, JsonWebTokenError);

/**
 * The token is not valid yet: `nbf` lies ahead.
 * @param {string} message
 * @param {Date} date
 */
function NotBeforeError(message, date) {
  JsonWebTokenError.call(this, message);
  this.name = 'NotBeforeError';
  this.date = date;
}
derive(NotBeforeError, JsonWebTokenError);

module.exports = { JsonWebTokenError, NotBeforeError, TokenExpiredError };
