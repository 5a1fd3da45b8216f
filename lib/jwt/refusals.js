'use strict';
// The errors of `verify`: maps the addon's status to jsonwebtoken's error class and text.

const { claimChecks } = require('../native/constants');
const { withCode } = require('../native/errors');
const native = require('../native/load');
const { STATUS, detailsOf, failure, statusCode, statusOf, statusText } = require('../native/status');
const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = require('./errors');

const dateOf = (result) => new Date(detailsOf(result).time * 1000);
const asVerifyText = (text) => text.replace('secretOrPrivateKey', 'secretOrPublicKey');

/** Statuses whose error depends on the result or on the caller's options. */
const SPECIAL = {
  ERR_TOKEN_EXPIRED: (result) => new TokenExpiredError('jwt expired', dateOf(result)),
  ERR_MAX_AGE: (result) => new TokenExpiredError('maxAge exceeded', dateOf(result)),
  ERR_TOKEN_NOT_ACTIVE: (result) => new NotBeforeError('jwt not active', dateOf(result)),
  ERR_KEY_EMPTY: () => keyRefusal('secret or public key must be provided'),
  ERR_KEY_PASSPHRASE: () => keyRefusal('secretOrPublicKey is not valid key material'),
};

/** Failures of a key for which jsonwebtoken throws JsonWebTokenError; for others it throws Error. */
const AS_TOKEN_ERROR = new Set([
  STATUS.ERR_KEY_INVALID,
  STATUS.ERR_KEY_UNREADABLE,
  STATUS.ERR_KEY_PAIR_AS_SECRET,
  STATUS.ERR_KEY_SYMMETRIC,
  STATUS.ERR_KEY_ASYMMETRIC,
]);

/** @type {Map<number, (result: number | object, asked: object) => Error>} */
const MAKERS = new Map(Object.entries(SPECIAL).map(([name, make]) => [STATUS[name], make]));

const keyRefusal = (text) => new JsonWebTokenError(text, undefined, 'ERR_KEY');

/** The refusals of claims: the text has the option's value in full, and C's detail only its beginning. */
for (const [option, status] of claimChecks) {
  MAKERS.set(status, (result, { options: { [option]: expected } }) => {
    const shown = option === 'audience' && Array.isArray(expected) ? expected.join(' or ') : expected;
    return new JsonWebTokenError(native.statuses[status].text.replace('%s', () => shown));
  });
}

/**
 * @param {number | object} result the status that the last call returned, or a pool thread's record
 * @param {object} [asked] the result of readExpectations
 * @returns {Error}
 */
function refusal(result, asked) {
  const status = statusOf(result);
  const make = MAKERS.get(status);
  if (make) return make(result, asked);
  const code = statusCode(status);
  if (code === 'ERR_MEMORY') return failure(code);
  const text = asVerifyText(statusText(result));
  if (code === 'ERR_TOKEN_INVALID' || code === 'ERR_TOKEN_MISSING') return new JsonWebTokenError(text, undefined, code);
  return AS_TOKEN_ERROR.has(status) ? keyRefusal(text) : withCode(new Error(text), code);
}

module.exports = { keyRefusal, refusal };
