'use strict';
// The errors of `verify`: maps the addon's status to jsonwebtoken's error class and text.

const { withCode } = require('../native/errors');
const { STATUS, detailsOf, statusCode, statusOf, statusText } = require('../native/status');
const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = require('./errors');

const dateOf = (failure) => new Date(detailsOf(failure).time * 1000);
const asVerifyText = (text) => text.replace('secretOrPrivateKey', 'secretOrPublicKey');

/** Statuses whose error depends on the failure or on the caller's options. */
const SPECIAL = {
  ERR_TOKEN_EXPIRED: (failure) => new TokenExpiredError('jwt expired', dateOf(failure)),
  ERR_MAX_AGE: (failure) => new TokenExpiredError('maxAge exceeded', dateOf(failure)),
  ERR_TOKEN_NOT_ACTIVE: (failure) => new NotBeforeError('jwt not active', dateOf(failure)),
  ERR_AUDIENCE: (failure, { audience }) =>
    unexpected('audience', Array.isArray(audience) ? audience.join(' or ') : audience),
  ERR_ISSUER: (failure, { issuer }) => unexpected('issuer', issuer),
  ERR_SUBJECT: (failure, { subject }) => unexpected('subject', subject),
  ERR_JWTID: (failure, { jwtid }) => unexpected('jwtid', jwtid),
  ERR_NONCE: (failure, { nonce }) => unexpected('nonce', nonce),
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

/** @type {Map<number, (failure: number | object, asked: object) => Error>} */
const MAKERS = new Map(Object.entries(SPECIAL).map(([name, make]) => [STATUS[name], make]));

const keyRefusal = (text) => new JsonWebTokenError(text, undefined, 'ERR_KEY');
const unexpected = (option, expected) => new JsonWebTokenError(`jwt ${option} invalid. expected: ${expected}`);

/**
 * @param {number | object} failure the status that the last call returned, or a pool thread's record
 * @param {object} [asked] the result of readExpectations
 * @returns {Error}
 */
function refusal(failure, asked) {
  const status = statusOf(failure);
  const make = MAKERS.get(status);
  if (make) return make(failure, asked);
  const code = statusCode(status);
  const text = asVerifyText(statusText(failure));
  if (code === 'ERR_TOKEN_INVALID' || code === 'ERR_TOKEN_MISSING') return new JsonWebTokenError(text, undefined, code);
  return AS_TOKEN_ERROR.has(status) ? keyRefusal(text) : withCode(new Error(text), code);
}

module.exports = { keyRefusal, refusal };
