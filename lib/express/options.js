'use strict';

const { badOption } = require('../native/errors');
const { readOptions } = require('../options/read');
const { milliseconds } = require('../options/spans');
const { readOrigins } = require('./origins');

/*
 * The options of auth.protect() and auth.router(): one table each, walked by readOptions. `using` makes a row's reader of a function that
 * returns the value as the code wants it, or undefined where it cannot be used, and of the words that say what can.
 */

const using = (read, expects) => (value, { name }) => {
  const usable = read(value);
  if (usable === undefined) throw badOption(`${name} should be ${expects}`);
  return usable;
};

const asFunction = (value) => (typeof value === 'function' ? value : undefined);

const oneOf = (...choices) => (value) => (choices.includes(value) ? value : undefined);

function asTexts(value) {
  const list = typeof value === 'string' ? [value] : value;
  return Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string' && item !== '') ? list : undefined;
}

/** A cookie's name: RFC 6265 section 4.1.1, a token. */
const asCookieName = (value) => (typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : undefined);

function asSpan(value) {
  const ms = milliseconds(value);
  return ms !== null && ms >= 0 ? ms : undefined;
}

const LIVE_DEFAULT_MS = 5000;
const asLive = (value) => (value === true ? LIVE_DEFAULT_MS : asSpan(value));

const asSeconds = (value) => (asSpan(value) === undefined ? undefined : asSpan(value) / 1000);

const COMMON = [
  { name: 'origins', default: [], read: using(readOrigins,
    'an array of origins as browsers send them, without a path or a slash at the end: [\'https://app.example.com\']; '
    + '[\'https://*.example.com\'] for one label; or a function (origin) => boolean') },
  { name: 'realm', default: 'api', read: using((value) => (typeof value === 'string' ? value : undefined), 'a string') },
  { name: 'onError', read: using(asFunction, 'a function (err, req, res, next)') },
];

const PROTECT = [
  ...COMMON,
  { name: 'roles', read: using(asTexts, 'a role, or an array of roles one of which the user must have') },
  { name: 'scopes', read: using(asTexts, 'a scope, or an array of scopes all of which the token must have') },
  { name: 'optional', default: false, read: using(oneOf(true, false), 'true or false') },
  { name: 'live', read: using(asLive, 'true (5 s), or how old the store\'s word may be: "5s"; 0 asks for every request') },
  { name: 'maxAuthAge', read: using(asSeconds, 'the longest time since the login, like "10m", or a number of seconds') },
  { name: 'getToken', read: using(asFunction, 'a function (req) that returns the token') },
  { name: 'cookie', read: using(asCookieName, 'the name of the cookie that holds the access token') },
];

const COOKIE = [
  { name: 'name', default: 'signet', read: using((value) => (/^__(?:host|secure)-/i.test(value) ? undefined : asCookieName(value)),
    'the cookie\'s name, without the __Host- that is put before it over https') },
  { name: 'sameSite', default: 'strict', read: using((value) => oneOf('strict', 'lax', 'none')(String(value).toLowerCase()), '"strict", "lax" or "none"') },
  { name: 'secure', read: using(oneOf(true, false), 'true or false; left out, only http://localhost goes without') },
];

const ROUTER = [
  ...COMMON,
  { name: 'authenticate', default: null, read: using((value) => (value === false ? false : asFunction(value)),
    'a function async (req) => ({ userId, claims? }) or null for wrong credentials; false for a router without POST /login') },
  { name: 'transport', default: 'cookie', read: using(oneOf('cookie', 'body'), '"cookie" or "body"') },
  { name: 'cookie', default: {}, read: (value) => readOptions(COOKIE, value, 'auth.router({ cookie })') },
];

function readProtectOptions(given = {}) {
  if (given?.rawHeaders) throw badOption('auth.protect makes the middleware: write auth.protect(), with the parentheses');
  const options = readOptions(PROTECT, given, 'auth.protect()');
  if (options.getToken && options.cookie !== undefined) {
    throw badOption('auth.protect() takes getToken or cookie, not both: nothing guards a cookie that getToken reads against forged requests');
  }
  return options;
}

function readRouterOptions(given = {}) {
  if (given?.rawHeaders) throw badOption('auth.router makes the router: write auth.router({ authenticate }), with the parentheses');
  const options = readOptions(ROUTER, given, 'auth.router()');
  if (options.cookie.sameSite === 'none' && options.cookie.secure === false) {
    throw badOption('auth.router({ cookie }): sameSite "none" needs a Secure cookie, browsers drop it otherwise');
  }
  return options;
}

module.exports = { COOKIE, PROTECT, ROUTER, readProtectOptions, readRouterOptions };
