'use strict';
// The options of `verify`, read once per call and converted for the addon.

const { keyFlags, verifyFlags } = require('../native/constants');
const { ownOptions } = require('../options/plain');
const { JsonWebTokenError } = require('./errors');
const { algorithmSet } = require('./algorithms');
const { secondsOf } = require('./timespan');

const { IGNORE_EXP, IGNORE_NBF, STOP_BEFORE_AUD, MAX_AGE_FLOOR } = verifyFlags;
const { ALLOW_INVALID_TYPE } = keyFlags;

const optionRefusal = (text) => new JsonWebTokenError(text, undefined, 'ERR_OPTION');

const isText = (value) => typeof value === 'string' && value.trim() !== '';
const isBoolean = (value) => typeof value === 'boolean';
const { isFinite: isNumber } = Number;
const isFlag = (value) => isBoolean(value) || value === 0 || value === 1 || value === null; // "false" would be true
const isSomething = (value) => Boolean(value);
const UNREADABLE_MAX_AGE =
  '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60';

/**
 * The values that are usable, and the text for others; in jsonwebtoken's order. Only undefined counts as not
 * given: a value that an environment variable or a sum made empty, 0 or NaN would silently disable the check.
 * @type {[name: string, isUsable: (value: any) => boolean, otherwise: string][]}
 */
const OPTIONS = [
  ['clockTimestamp', isNumber, 'clockTimestamp must be a number'],
  ['nonce', isText, 'nonce must be a non-empty string'],
  ['clockTolerance', isNumber, 'clockTolerance must be a number'],
  ['allowInvalidAsymmetricKeyTypes', isBoolean, 'allowInvalidAsymmetricKeyTypes must be a boolean'],
  ['algorithms', isSomething, 'algorithms must be an array of names'],
  ['audience', isSomething, 'audience must be a non-empty string, a RegExp or an array of these'],
  ['issuer', isSomething, 'issuer must be a non-empty string or an array of strings'],
  ['subject', isSomething, 'subject must be a non-empty string'],
  ['jwtid', isSomething, 'jwtid must be a non-empty string'],
  ['maxAge', (value) => isSomething(value) && Math.abs(value) !== Infinity, UNREADABLE_MAX_AGE],
  ['ignoreExpiration', isFlag, 'ignoreExpiration must be a boolean'],
  ['ignoreNotBefore', isFlag, 'ignoreNotBefore must be a boolean'],
];

/**
 * Names that are mistaken for options. jsonwebtoken ignores unknown names, and frameworks pass their
 * own.
 */
const MISTAKEN = [
  ['aud', 'audience'],
  ['iss', 'issuer'],
  ['sub', 'subject'],
  ['jti', 'jwtid'],
  ['maxage', 'maxAge'],
  ['algorithm', 'algorithms'],
  ['alg', 'algorithms'],
];
const warned = new Set();

function warnOfMistaken(name, meant) {
  if (warned.has(name)) return;
  warned.add(name);
  process.emitWarning(`verify has no option "${name}", so it is ignored. Did you mean "${meant}"?`, {
    type: 'SignetWarning',
    code: 'SIGNET_VERIFY_OPTION',
  });
}

/** The options, each read once: a getter may return another value the next time. */
function checkedOptions(asked) {
  const given = ownOptions(asked);
  const options = { __proto__: null, complete: given.complete === true };
  for (const [name, isUsable, otherwise] of OPTIONS) {
    const value = given[name];
    if (value !== undefined && !isUsable(value)) throw optionRefusal(otherwise);
    options[name] = value;
  }
  for (const [name, meant] of MISTAKEN) if (given[name] !== undefined) warnOfMistaken(name, meant);
  return options;
}

/** A copy of a list, so that no getter runs later, during a call into C. */
const listed = (value) => (Array.isArray(value) ? Array.from({ length: value.length }, (_, i) => value[i]) : value);

const hasPattern = (audience) =>
  audience instanceof RegExp || (Array.isArray(audience) && audience.some((item) => item instanceof RegExp));

function secondsOfMaxAge(maxAge) {
  return typeof maxAge === 'string' ? secondsOf(maxAge) : typeof maxAge === 'number' ? maxAge : undefined;
}

/**
 * What one call of `verify` checks.
 * @param {object} asked
 */
function readExpectations(asked) {
  const options = checkedOptions(asked);
  const audience = listed(options.audience);
  const patterns = audience !== undefined && hasPattern(audience);
  const { maxAge } = options;
  return {
    now: options.clockTimestamp || Math.floor(Date.now() / 1000),
    algorithms: algorithmSet(options.algorithms),
    flags:
      (options.ignoreExpiration ? IGNORE_EXP : 0) |
      (options.ignoreNotBefore ? IGNORE_NBF : 0) |
      (patterns ? STOP_BEFORE_AUD : 0) |
      (typeof maxAge === 'string' ? MAX_AGE_FLOOR : 0),
    keyFlags: options.allowInvalidAsymmetricKeyTypes ? ALLOW_INVALID_TYPE : 0,
    leeway: options.clockTolerance || 0,
    audience,
    patterns,
    issuer: listed(options.issuer),
    subject: listed(options.subject),
    jwtid: listed(options.jwtid),
    nonce: options.nonce,
    maxAge,
    maxAgeSeconds: secondsOfMaxAge(maxAge),
    complete: options.complete,
  };
}

/**
 * Whether one of `aud` is among the audiences, some of which are patterns. A pattern is tried on strings only, by
 * `search`: what it keeps of its last use (`g`, `y`) does not matter.
 */
function audienceMatches(aud, audiences) {
  const expected = Array.isArray(audiences) ? audiences : [audiences];
  return (Array.isArray(aud) ? aud : [aud]).some(
    (value) =>
      typeof value === 'string' &&
      expected.some((item) => (item instanceof RegExp ? value.search(item) !== -1 : item === value)),
  );
}

/**
 * The options that check a claim, in the order of the checks, with the status of each one's failure.
 */
const CLAIM_CHECKS = [
  ['audience', 'ERR_AUDIENCE'],
  ['issuer', 'ERR_ISSUER'],
  ['subject', 'ERR_SUBJECT'],
  ['jwtid', 'ERR_JWTID'],
  ['nonce', 'ERR_NONCE'],
  ['maxAge', 'ERR_IAT_REQUIRED'],
];

/** The status of the first check that a payload without claims fails, or undefined. */
const firstInsistence = (asked) => CLAIM_CHECKS.find(([option]) => asked[option] !== undefined)?.[1];

module.exports = { UNREADABLE_MAX_AGE, audienceMatches, firstInsistence, optionRefusal, readExpectations };
