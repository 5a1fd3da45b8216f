'use strict';
// The options of `verify`: read once a call into what the addon takes.

const JsonWebTokenError = require('./JsonWebTokenError');
const { algorithmSet } = require('./algorithms');
const { ownOptions } = require('./plain');
const { secondsOf } = require('./timespan');

// As in include/signet.h.
const IGNORE_EXP = 1, IGNORE_NBF = 2, STOP_BEFORE_AUD = 8, MAX_AGE_FLOOR = 16;
const ALLOW_INVALID_TYPE = 4;

const optionRefusal = (text) => new JsonWebTokenError(text, undefined, 'ERR_OPTION');

/** What jsonwebtoken checks of the options before it looks at the token. */
function checkOptions({ clockTimestamp, nonce, clockTolerance, allowInvalidAsymmetricKeyTypes }) {
  if (clockTimestamp && typeof clockTimestamp !== 'number') throw optionRefusal('clockTimestamp must be a number');
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce.trim() === '')) throw optionRefusal('nonce must be a non-empty string');
  if (clockTolerance && typeof clockTolerance !== 'number') throw optionRefusal('clockTolerance must be a number');
  if (allowInvalidAsymmetricKeyTypes !== undefined && typeof allowInvalidAsymmetricKeyTypes !== 'boolean') {
    throw optionRefusal('allowInvalidAsymmetricKeyTypes must be a boolean');
  }
}

/** A copy of a list, whose items are then the same for every look at it: getters would be asked again, and in the middle of a call into C. */
const listed = (value) => (Array.isArray(value) ? Array.from({ length: value.length }, (_, i) => value[i]) : value);

const hasPattern = (audience) => audience instanceof RegExp || (Array.isArray(audience) && audience.some((item) => item instanceof RegExp));

/** A claim's expected value, or undefined where it is not to be checked. */
const given = (value) => listed(value) || undefined;

function secondsOfMaxAge(maxAge) {
  return typeof maxAge === 'string' ? secondsOf(maxAge) : typeof maxAge === 'number' ? maxAge : undefined;
}

/**
 * What one call of `verify` insists on.
 * @param {object} asked
 */
function readExpectations(asked) {
  const options = ownOptions(asked);
  checkOptions(options);
  const audience = given(options.audience);
  const patterns = audience !== undefined && hasPattern(audience);
  const maxAge = given(options.maxAge);
  return {
    now: options.clockTimestamp || Math.floor(Date.now() / 1000),
    algorithms: algorithmSet(options.algorithms),
    flags: (options.ignoreExpiration ? IGNORE_EXP : 0) | (options.ignoreNotBefore ? IGNORE_NBF : 0) | (patterns ? STOP_BEFORE_AUD : 0)
      | (typeof maxAge === 'string' ? MAX_AGE_FLOOR : 0),
    keyFlags: options.allowInvalidAsymmetricKeyTypes ? ALLOW_INVALID_TYPE : 0,
    leeway: options.clockTolerance || 0,
    audience,
    patterns,
    issuer: given(options.issuer),
    subject: given(options.subject),
    jwtid: given(options.jwtid),
    nonce: given(options.nonce),
    maxAge,
    maxAgeSeconds: secondsOfMaxAge(maxAge),
    complete: options.complete === true,
  };
}

/** Whether one of `aud` is among the audiences, some of which are patterns. A pattern is tried on strings only. */
function audienceMatches(aud, audiences) {
  const expected = Array.isArray(audiences) ? audiences : [audiences];
  return (Array.isArray(aud) ? aud : [aud]).some((value) => typeof value === 'string'
    && expected.some((item) => (item instanceof RegExp ? item.test(value) : item === value)));
}

/** The claims that are insisted on, in the order in which they are checked, with the status of each one's failure. */
const CLAIM_CHECKS = [['audience', 'ERR_AUDIENCE'], ['issuer', 'ERR_ISSUER'], ['subject', 'ERR_SUBJECT'], ['jwtid', 'ERR_JWTID'], ['nonce', 'ERR_NONCE'],
  ['maxAge', 'ERR_IAT_REQUIRED']];

/** The first check that a payload without any claim fails; undefined where nothing is insisted on. */
const firstInsistence = (asked) => CLAIM_CHECKS.find(([option]) => asked[option] !== undefined)?.[1];

module.exports = { audienceMatches, firstInsistence, optionRefusal, readExpectations };
