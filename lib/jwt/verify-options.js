'use strict';
// The options of `verify`, read once per call and converted for the addon.

const { claimChecks, keyFlags, verifyFlags } = require('../native/constants');
const { ownOptions } = require('../options/plain');
const { JsonWebTokenError } = require('./errors');
const { algorithmSet } = require('./algorithms');
const { secondsOf } = require('./timespan');

const { IGNORE_EXP, IGNORE_NBF, STOP_BEFORE_AUD, MAX_AGE_FLOOR } = verifyFlags;
const { ALLOW_INVALID_TYPE } = keyFlags;

/** The options that check a claim, in the order of the checks and of the addon's arguments. */
const EXPECTED = claimChecks.map(([option]) => option);
const [AUDIENCE, MAX_AGE] = ['audience', 'maxAge'].map((option) => EXPECTED.indexOf(option));

const optionRefusal = (text) => new JsonWebTokenError(text, undefined, 'ERR_OPTION');

const isText = (value) => typeof value === 'string' && value.trim() !== '';
const isBoolean = (value) => typeof value === 'boolean';
const { isFinite: isNumber } = Number;
const isFlag = (value) => isBoolean(value) || value === 0 || value === 1 || value === null; // "false" would be true
const isSomething = (value) => Boolean(value);
const UNREADABLE_MAX_AGE =
  '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60';

/** A copy of a list, so that no getter runs later, during a call into C. */
const listed = (value) => (Array.isArray(value) ? Array.from({ length: value.length }, (_, i) => value[i]) : value);

/** The first of a list, as a list. */
const single = (value) => (Array.isArray(value) ? [value[0]] : value);

/**
 * The values that are usable, and the text for others; in jsonwebtoken's order. Only undefined counts as not
 * given: a value that an environment variable or a sum made empty, 0 or NaN would silently disable the check.
 * What `read` makes of a value is what is checked. Each name is in asksMore too.
 * @type {[name: string, isUsable: (value: any) => boolean, otherwise: string, read?: (value: any) => any][]}
 */
const OPTIONS = [
  ['clockTimestamp', isNumber, 'clockTimestamp must be a number'],
  ['nonce', isText, 'nonce must be a non-empty string'],
  ['clockTolerance', isNumber, 'clockTolerance must be a number'],
  ['allowInvalidAsymmetricKeyTypes', isBoolean, 'allowInvalidAsymmetricKeyTypes must be a boolean'],
  ['algorithms', isSomething, 'algorithms must be an array of names'],
  ['audience', isSomething, 'audience must be a non-empty string, a RegExp or an array of these', listed],
  ['issuer', isSomething, 'issuer must be a non-empty string or an array of strings', listed],
  ['subject', isSomething, 'subject must be a non-empty string', single],
  ['jwtid', isSomething, 'jwtid must be a non-empty string', single],
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

/** Every option as a member, so that none is looked for on Object.prototype. */
const NOT_GIVEN = Object.fromEntries(OPTIONS.map(([name]) => [name, undefined]));

/** The options, each read once: a getter may return another value the next time. */
function checkedOptions(asked) {
  const given = ownOptions(asked);
  const options = { ...NOT_GIVEN, complete: given.complete === true };
  for (const [name, isUsable, otherwise, read] of OPTIONS) {
    const value = given[name];
    if (value !== undefined && !isUsable(value)) throw optionRefusal(otherwise);
    options[name] = read ? read(value) : value;
  }
  for (const [name, meant] of MISTAKEN) if (given[name] !== undefined) warnOfMistaken(name, meant);
  return options;
}

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
  const { maxAge } = options;
  const patterns = hasPattern(options.audience);
  const maxAgeSeconds = secondsOfMaxAge(maxAge);
  const expected = EXPECTED.map((option) => options[option]);
  if (patterns) expected[AUDIENCE] = undefined;
  expected[MAX_AGE] = maxAgeSeconds;
  return {
    options,
    now: options.clockTimestamp || Math.floor(Date.now() / 1000),
    algorithms: algorithmSet(options.algorithms),
    flags:
      (options.ignoreExpiration ? IGNORE_EXP : 0) |
      (options.ignoreNotBefore ? IGNORE_NBF : 0) |
      (patterns ? STOP_BEFORE_AUD : 0) |
      (typeof maxAge === 'string' ? MAX_AGE_FLOOR : 0),
    keyFlags: options.allowInvalidAsymmetricKeyTypes ? ALLOW_INVALID_TYPE : 0,
    leeway: options.clockTolerance || 0,
    expected,
    patterns,
    maxAgeIsUnreadable: maxAge !== undefined && maxAgeSeconds === undefined,
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

/** The status of the first check that a payload without claims fails, or undefined. */
const firstInsistence = ({ options }) => claimChecks.find(([option]) => options[option] !== undefined)?.[1];

/** Reads each option by name: non-enumerable properties and a Proxy's answers are options too. */
function asksMore({
  complete,
  audience,
  issuer,
  subject,
  jwtid,
  nonce,
  maxAge,
  clockTimestamp,
  clockTolerance,
  ignoreExpiration,
  ignoreNotBefore,
  allowInvalidAsymmetricKeyTypes,
  aud,
  iss,
  sub,
  jti,
  maxage,
  algorithm,
  alg,
}) {
  return (
    complete !== undefined ||
    audience !== undefined ||
    issuer !== undefined ||
    subject !== undefined ||
    jwtid !== undefined ||
    nonce !== undefined ||
    maxAge !== undefined ||
    clockTimestamp !== undefined ||
    clockTolerance !== undefined ||
    ignoreExpiration !== undefined ||
    ignoreNotBefore !== undefined ||
    allowInvalidAsymmetricKeyTypes !== undefined ||
    aud !== undefined ||
    iss !== undefined ||
    sub !== undefined ||
    jti !== undefined ||
    maxage !== undefined ||
    algorithm !== undefined ||
    alg !== undefined
  ); // no options: the general way warns of them
}

module.exports = {
  UNREADABLE_MAX_AGE,
  asksMore,
  audienceMatches,
  firstInsistence,
  optionRefusal,
  readExpectations,
};
