'use strict';
// The options of createAuth and of its methods: one table per function, read by `readOptions`.

const { types } = require('util');

const { badOption } = require('../native/errors');
const { limits, options: inC } = require('../native/constants');
const { failure } = require('../native/status');
const { isPlainObject } = require('../options/plain');
const { readOptions, shown } = require('../options/read');
const { isUnitless, milliseconds } = require('../options/spans');
const { Moment } = require('./clock');
const { checkStore } = require('./store-option');

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const YEAR = 366 * DAY;
const CENTURY = 36_525 * DAY;
const MAKE_SECRET = "node -p \"require('node:crypto').randomBytes(48).toString('base64url')\"";

// ---------------------------------------------------------------- kinds of value
// Each gets the value and the option's row, and returns the converted value or throws.

function unusable(name, value, expected) {
  return badOption(`${name} must be ${expected}; got ${shown(value)}`);
}

const seconds = (ms) => `${ms / SECOND} s`;

/**
 * `plain`: the longest span that a number without a unit may mean. 900000 is 15 minutes for those who think
 * in milliseconds, and 10 days here.
 */
function span(value, { name, from = SECOND, to = CENTURY, plain = to }) {
  const ms = milliseconds(value);
  if (ms === null && isUnitless(value)) {
    throw badOption(
      `${name} is "${value}", without a unit: write a unit ("${value}s" for seconds), ` +
        `or the number ${Number(value)}, which is in seconds`,
    );
  }
  if (ms === null) throw unusable(name, value, 'a time span like "30s", "15m", "7d", or a number of seconds');
  if (typeof value === 'number' && ms > plain) {
    throw badOption(`${name} is ${value}, and a number is in seconds. Write "${value}ms" or "${value}s"`);
  }
  if (ms < from || ms > to) {
    const longest = to === CENTURY ? '100 years' : seconds(to);
    throw badOption(`${name} must be between ${seconds(from)} and ${longest}; got ${seconds(ms)}`);
  }
  return Math.floor(ms);
}

function integer(value, { name, from, to }) {
  if (!Number.isInteger(value) || value < from || value > to)
    throw unusable(name, value, `a whole number from ${from} to ${to}`);
  return value;
}

function sessionLimit(value, row) {
  return value === Infinity ? 0 : integer(value, row);
}

function callable(value, { name, like }) {
  if (typeof value !== 'function') throw unusable(name, value, `a function: ${like}`);
  return value;
}

function text(value, { name }) {
  if (typeof value !== 'string' || value === '' || value.includes('\0'))
    throw unusable(name, value, 'a non-empty string');
  return value;
}

const store = (value, row) => checkStore(text(value, row));

/** A top-level field of a MongoDB document: a dot would mean a nested field, a $ an operator. */
function field(value, { name }) {
  if (typeof value !== 'string' || !/^[^$.\0]{1,100}$/.test(value)) {
    throw unusable(`legacy.${name}`, value, 'the name of a field, without a dot or a $');
  }
  return value;
}

function userClaim(value) {
  if (typeof value !== 'string' || value === '' || value === 'exp' || value.length > 100) {
    throw unusable('legacy.userClaim', value, "the name of the claim that has the user's id");
  }
  return value;
}

function texts(value, row) {
  if (!Array.isArray(value)) return [text(value, row)];
  if (value.length === 0) throw unusable(row.name, value, 'a string or a non-empty array of strings');
  return value.map((item) => text(item, row));
}

function oneOf(value, { name, words }) {
  if (!words.includes(value)) throw unusable(name, value, `one of ${words.map((word) => `"${word}"`).join(', ')}`);
  return value;
}

function flag(value, { name }) {
  if (typeof value !== 'boolean') throw unusable(name, value, 'true or false');
  return value;
}

function time(value, { name }) {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  if (!Number.isFinite(ms))
    throw unusable(name, value, 'a Date, a date as ISO 8601 text, or milliseconds since the epoch');
  return ms;
}

const since = (value, row) => (value instanceof Moment ? value : new Moment(time(value, row), 0));

const IDEMPOTENCY_KEY = new RegExp(`^[!-~]{${limits.SHORTEST_KEY},${limits.LONGEST_KEY}}$`);

/** It comes from a client: what is wrong with it is no mistake of the app. */
function idempotencyKey(value, { name }) {
  if (typeof value === 'string' && IDEMPOTENCY_KEY.test(value)) return value;
  const { SHORTEST_KEY, LONGEST_KEY } = limits;
  throw failure('ERR_BODY', `${name} must be a string of ${SHORTEST_KEY} to ${LONGEST_KEY} visible ASCII characters`);
}

function plainObject(value, { name }) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable(name, value, 'an object');
  return value;
}

function missingSecret(name) {
  const variable = name.replace(/[A-Z]/g, '_$&').toUpperCase();
  const use = `createAuth({ ${name}: process.env.${variable} })`;
  const place = `\nput it into the environment as ${variable}, and pass ${use}`;
  const isNested = name.includes('.');
  return failure('ERR_SECRET', `${name} is missing. Generate one with: ${MAKE_SECRET}${isNested ? '' : place}`);
}

function secretBytes(value, name) {
  if (value === undefined || value === null || value === '') throw missingSecret(name);
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (types.isKeyObject(value) && value.type === 'secret') return value.export();
  const kind = types.isKeyObject(value) ? `a ${value.type} KeyObject` : typeof value;
  throw failure(
    'ERR_SECRET',
    `${name} must be a string, a Buffer, a secret KeyObject, an array of these, ` +
      `or { current, next, previous, revoked }; got ${kind}`,
  );
}

function secretList(value, name) {
  return Array.isArray(value) ? value.map((item) => secretBytes(item, name)) : [secretBytes(value, name)];
}

/** All secrets of one kind: the one that signs, the others that verify, then `revoked` that do not. */
function secrets(value, { name }) {
  if (isPlainObject(value)) return secretsByPhase(value, name);
  const list = secretList(value, name);
  if (list.length === 0) throw missingSecret(name);
  return { secrets: list, revoked: 0 };
}

function secretsByPhase(value, of) {
  const given = readOptions(PHASES, value, of);
  const listOf = (name) => (given[name] === undefined ? [] : secretList(given[name], `${of}.${name}`));
  const [current, next, previous, revoked] = PHASES.map(({ name }) => listOf(name));
  if (current.length === 0) throw missingSecret(`${of}.current`);
  for (const [name, { length }] of Object.entries({ current, next }))
    if (length > 1) throw failure('ERR_SECRET', `${of}.${name} must be one secret; previous may be several`);
  return { secrets: [...current, ...previous, ...next, ...revoked], revoked: revoked.length };
}

function oneSecret(value, { name }) {
  const [secret, ...more] = secretList(value, name);
  if (!secret || more.length > 0)
    throw failure('ERR_SECRET', `${name} must be one secret: the tutorial's tokens are signed with one`);
  return secret;
}

function legacy(value, { name }) {
  const given = readOptions(LEGACY, plainObject(value, { name }), 'legacy');
  if (given.tokenField === given.userField) {
    throw unusable('legacy.tokenField', given.tokenField, 'a field other than legacy.userField');
  }
  return given;
}

// ---------------------------------------------------------------- the tables

const required = (name) => () => {
  throw missingSecret(name);
};

function defaultStore() {
  if (process.env.NODE_ENV !== 'production') return './signet.db';
  throw badOption(
    'store is missing: store is required if NODE_ENV=production. ' +
      'Write store: process.env.MONGODB_URI, or a file path such as store: "/var/lib/app/signet.db"',
  );
}

/** Adds what C says of an option that it reads: `from` and `to`, or `words`. */
const withLimits = (rows, of = '') => rows.map((row) => ({ ...inC[of + row.name], ...row }));

const CREATE = withLimits([
  { name: 'accessSecret', read: secrets, default: required('accessSecret') },
  { name: 'refreshSecret', read: secrets, default: required('refreshSecret') },
  { name: 'store', read: store, default: defaultStore },
  { name: 'accessExpiresIn', read: span, plain: DAY }, // the defaults of these three are in lifetimes.js
  { name: 'refreshExpiresIn', read: span, plain: YEAR },
  { name: 'sessionExpiresIn', read: span, plain: YEAR },
  { name: 'gracePeriod', read: span, default: '30s' },
  { name: 'clockTolerance', read: span, default: 0 },
  { name: 'maxSessionsPerUser', read: sessionLimit, from: 1, default: 50 },
  { name: 'claims', read: callable, like: 'async (userId, session) => object | null' },
  { name: 'claimsTimeout', read: span, from: 1, to: 600 * SECOND, plain: 60 * SECOND, default: '3s' },
  { name: 'storeTimeout', read: span, plain: 60 * SECOND, default: '5s' },
  { name: 'storeThreads', read: integer, default: 16 },
  { name: 'queueLimit', read: integer, from: 1, to: 1_000_000, default: 10_000 },
  { name: 'issuer', read: text },
  { name: 'audience', read: texts },
  { name: 'collection', read: text, default: 'refreshsessions' },
  { name: 'now', read: callable, like: '() => milliseconds since the epoch' },
  { name: 'onReuse', read: oneOf, default: 'session' },
  { name: 'onSuspect', read: oneOf, default: 'tell' },
  { name: 'legacy', read: legacy },
]);

const PHASES = ['current', 'next', 'previous', 'revoked'].map((name) => ({ name, read: (value) => value }));

const SECRETS = [
  { name: 'accessSecret', read: secrets },
  { name: 'refreshSecret', read: secrets },
];

const SET_SECRETS = [{ name: 'force', read: flag, default: false }];

const LEGACY = [
  { name: 'secret', read: oneSecret, default: required('legacy.secret') },
  { name: 'collection', read: text, default: 'refreshtokens' },
  { name: 'until', read: time },
  { name: 'userClaim', read: userClaim, default: 'id' },
  { name: 'tokenField', read: field, default: 'refreshToken' },
  { name: 'userField', read: field, default: 'userId' },
];

const LOGIN = [
  { name: 'claims', read: plainObject },
  { name: 'req', read: plainObject },
  { name: 'label', read: text },
  { name: 'refreshExpiresIn', read: span, plain: YEAR },
  { name: 'since', read: since },
];

const ROTATE = [
  { name: 'userId', read: (value) => value },
  { name: 'req', read: plainObject },
  { name: 'strict', read: flag, default: false },
  { name: 'idempotencyKey', read: idempotencyKey },
  { name: 'previousKey', read: idempotencyKey },
];

const LOGOUT = [{ name: 'req', read: plainObject }];

const REVOKE_ALL = [{ name: 'except', read: text }];

/** Other libraries' names for options of createAuth. */
const ELSEWHERE = {
  secret: 'accessSecret',
  jwtSecret: 'accessSecret',
  expiresIn: 'accessExpiresIn',
  ttl: 'accessExpiresIn',
  uri: 'store',
  mongoUri: 'store',
  mongodb: 'store',
  database: 'store',
  db: 'store',
  grace: 'gracePeriod',
  maxSessions: 'maxSessionsPerUser',
  clock: 'now',
};

module.exports = { CREATE, ELSEWHERE, LEGACY, LOGIN, LOGOUT, REVOKE_ALL, ROTATE, SECRETS, SET_SECRETS };
