'use strict';
// The package's own error class and its codes. The drop-in functions throw jsonwebtoken's classes
// instead, with one of these codes added.

/**
 * Every stable code and its HTTP status (0: thrown at start-up, or for a mistake in the calling code).
 * test/02.errors.js compares it with the C table.
 */
const CODES = {
  ERR_TOKEN_MISSING: 401,
  ERR_TOKEN_INVALID: 401,
  ERR_TOKEN_EXPIRED: 401,
  ERR_KEY_UNKNOWN: 401,
  ERR_KEY: 0,
  ERR_OPTION: 0,
  ERR_SECRET: 0,
  ERR_PLATFORM: 0,
  ERR_MEMORY: 500,
  ERR_CRYPTO: 500,
  ERR_REFRESH_INVALID: 401,
  ERR_REFRESH_EXPIRED: 401,
  ERR_REFRESH_REUSED: 401,
  ERR_REFRESH_SUPERSEDED: 409,
  ERR_CLOCK_UNSURE: 503,
  ERR_LOGIN_UNSURE: 503,
  ERR_REFRESH_KEY_UNKNOWN: 503,
  ERR_REFRESH_KEY_LIMIT: 429,
  ERR_SESSION_UNKNOWN: 401,
  ERR_SESSION_EXPIRED: 401,
  ERR_SESSION_REVOKED: 401,
  ERR_BUSY: 503,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_STORE_TIMEOUT: 503,
  ERR_STORE_REFUSED: 500,
  ERR_STORE_CORRUPT: 500,
  ERR_CLAIMS_TIMEOUT: 503,
  ERR_BODY: 400,
  ERR_AUTH_AGE: 401,
  ERR_CREDENTIALS: 401,
  ERR_FORBIDDEN: 403,
  ERR_ORIGIN: 403,
};

/**
 * An error for programs (`code`), for HTTP (`status`) and for people (`message`). Never contains a
 * token or a secret.
 */
class SignetError extends Error {
  /**
   * @param {keyof typeof CODES} code
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
    this.status = CODES[code];
  }
}
Object.defineProperty(SignetError.prototype, 'name', { value: 'SignetError', writable: true, configurable: true });

/**
 * Adds a code to an error of another class. Not enumerable, so that the error prints and serializes as
 * jsonwebtoken's does.
 */
function withCode(error, code) {
  return Object.defineProperty(error, 'code', { value: code, writable: true, configurable: true });
}

/** An option or argument that cannot be used: `message` names it, its value and what to write. */
function badOption(message, options) {
  return new SignetError('ERR_OPTION', message, options);
}

module.exports = { CODES, SignetError, badOption, withCode };
