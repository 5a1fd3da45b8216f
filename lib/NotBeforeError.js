'use strict';

const JsonWebTokenError = require('./JsonWebTokenError');

/**
 * The token is not good yet: `nbf` lies ahead.
 * @param {string} message
 * @param {Date} date
 */
function NotBeforeError(message, date) {
  JsonWebTokenError.call(this, message);
  this.name = 'NotBeforeError';
  this.date = date;
}

NotBeforeError.prototype = Object.create(JsonWebTokenError.prototype, {
  constructor: { value: NotBeforeError, writable: true, configurable: true },
});

module.exports = NotBeforeError;
