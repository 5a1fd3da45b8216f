'use strict';
// The options of `sign`: a table of names, usable values, and the text for others.

const { withCode } = require('../native/errors');
const { isBoolean, isNumber, isPlainObject, isString } = require('../options/plain');
const { ALGORITHMS } = require('./algorithms');

const isSpan = (value) => Number.isInteger(value) || (isString(value) && Boolean(value));
const SPAN = 'should be a number of seconds or string representing a timespan';

const SIGN_OPTIONS = {
  expiresIn: [isSpan, SPAN],
  notBefore: [isSpan, SPAN],
  audience: [(value) => isString(value) || Array.isArray(value), 'must be a string or array'],
  algorithm: [(value) => ALGORITHMS.has(value), 'must be a valid string enum value'],
  header: [isPlainObject, 'must be an object'],
  encoding: [isString, 'must be a string'],
  issuer: [isString, 'must be a string'],
  subject: [isString, 'must be a string'],
  jwtid: [isString, 'must be a string'],
  noTimestamp: [isBoolean, 'must be a boolean'],
  keyid: [isString, 'must be a string'],
  mutatePayload: [isBoolean, 'must be a boolean'],
  allowInsecureKeySizes: [isBoolean, 'must be a boolean'],
  allowInvalidAsymmetricKeyTypes: [isBoolean, 'must be a boolean'],
};

/**
 * Options that write a claim, which need an object as payload; in the order of jsonwebtoken's message.
 */
const CLAIM_OPTIONS = ['expiresIn', 'notBefore', 'noTimestamp', 'audience', 'issuer', 'subject', 'jwtid'];

const TIME_CLAIMS = ['iat', 'exp', 'nbf'];

/** An error for a mistake in a call of `sign`. */
const optionError = (message) => withCode(new Error(message), 'ERR_OPTION');

function checkSignOptions(options) {
  if (!isPlainObject(options)) throw optionError('Expected "options" to be a plain object.');
  for (const name of Object.keys(options)) {
    const row = Object.hasOwn(SIGN_OPTIONS, name) ? SIGN_OPTIONS[name] : undefined;
    if (!row) throw optionError(`"${name}" is not allowed in "options"`);
    if (!row[0](options[name])) throw optionError(`"${name}" ${row[1]}`);
  }
}

function checkPayloadObject(payload) {
  if (!isPlainObject(payload)) throw optionError('Expected "payload" to be a plain object.');
  for (const name of Object.keys(payload)) {
    if (TIME_CLAIMS.includes(name) && !isNumber(payload[name]))
      throw optionError(`"${name}" should be a number of seconds`);
  }
}

module.exports = { CLAIM_OPTIONS, SIGN_OPTIONS, checkPayloadObject, checkSignOptions, optionError };
