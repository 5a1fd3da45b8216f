'use strict';

const JsonWebTokenError = require('./JsonWebTokenError');

/**
 * The token was good once: `exp` has come, or it is older than `maxAge`.
 * @param {string} message
 * @param {Date} expiredAt
 */
function TokenExpiredError(message, expiredAt) {
  JsonWebTokenError.call(this, message, undefined, 'ERR_TOKEN_EXPIRED');
  this.name = 'TokenExpiredError';
  this.expiredAt = expiredAt;
}

TokenExpiredError.prototype = Object.create(JsonWebTokenError.prototype, {
  constructor: { value: TokenExpiredError, writable: true, configurable: true },
});

module.exports = TokenExpiredError;
