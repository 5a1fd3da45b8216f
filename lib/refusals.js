'use strict';
// What `verify` throws: from the addon's status to jsonwebtoken's class and text.

const native = require('./native');
const JsonWebTokenError = require('./JsonWebTokenError');
const NotBeforeError = require('./NotBeforeError');
const TokenExpiredError = require('./TokenExpiredError');
const { withCode } = require('./errors');
const { STATUS, statusCode, statusText } = require('./status');

const dateOf = () => new Date(native.lastError().time * 1000);
const inVerifysWords = (text) => text.replace('secretOrPrivateKey', 'secretOrPublicKey');

/** Statuses that say more than their text, as functions of what the caller asked for. */
const SPECIAL = {
  ERR_TOKEN_EXPIRED: () => new TokenExpiredError('jwt expired', dateOf()),
  ERR_MAX_AGE: () => new TokenExpiredError('maxAge exceeded', dateOf()),
  ERR_TOKEN_NOT_ACTIVE: () => new NotBeforeError('jwt not active', dateOf()),
  ERR_AUDIENCE: ({ audience }) => unexpected('audience', Array.isArray(audience) ? audience.join(' or ') : audience),
  ERR_ISSUER: ({ issuer }) => unexpected('issuer', issuer),
  ERR_SUBJECT: ({ subject }) => unexpected('subject', subject),
  ERR_JWTID: ({ jwtid }) => unexpected('jwtid', jwtid),
  ERR_NONCE: ({ nonce }) => unexpected('nonce', nonce),
  ERR_KEY_EMPTY: () => keyRefusal('secret or public key must be provided'),
  ERR_KEY_PASSPHRASE: () => keyRefusal('secretOrPublicKey is not valid key material'),
};

/** Objections to a key that jsonwebtoken throws as JsonWebTokenError; the others are plain errors there. */
const AS_TOKEN_ERROR = new Set([STATUS.ERR_KEY_INVALID, STATUS.ERR_KEY_PUBLIC_AS_SECRET, STATUS.ERR_KEY_SYMMETRIC, STATUS.ERR_KEY_ASYMMETRIC]);

/** @type {Map<number, (asked: object) => Error>} */
const MAKERS = new Map(Object.entries(SPECIAL).map(([name, make]) => [STATUS[name], make]));

const keyRefusal = (text) => new JsonWebTokenError(text, undefined, 'ERR_KEY');
const unexpected = (option, expected) => new JsonWebTokenError(`jwt ${option} invalid. expected: ${expected}`);

/**
 * @param {number} status of the call that has just returned
 * @param {object} asked what the caller insisted on
 * @returns {Error}
 */
function refusal(status, asked) {
  const make = MAKERS.get(status);
  if (make) return make(asked);
  const code = statusCode(status);
  const text = inVerifysWords(statusText(status));
  if (code === 'ERR_TOKEN_INVALID' || code === 'ERR_TOKEN_MISSING') return new JsonWebTokenError(text, undefined, code);
  return AS_TOKEN_ERROR.has(status) ? keyRefusal(text) : withCode(new Error(text), code);
}

module.exports = { keyRefusal, refusal };
