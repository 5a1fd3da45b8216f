'use strict';

const { withCode } = require('./errors');

/**
 * A token is refused. A constructor function and not a class, because code written for jsonwebtoken may derive from it by `JsonWebTokenError.call(this, …)`.
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

JsonWebTokenError.prototype = Object.create(Error.prototype, {
  constructor: { value: JsonWebTokenError, writable: true, configurable: true },
});

module.exports = JsonWebTokenError;
