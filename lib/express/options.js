'use strict';
// The options of auth.protect() and auth.router(): one table each, read by readOptions. `using` makes a
// row's reader from a function, which returns the converted value or undefined if it is not usable, and
// from the text of what is expected.

const { badOption } = require('../native/errors');
const { readOptions } = require('../options/read');
const { milliseconds } = require('../options/spans');
const { readOrigins } = require('./origins');

const using =
  (read, expects) =>
  (value, { name }) => {
    const usable = read(value);
    if (usable === undefined) throw badOption(`${name} must be ${expects}`);
    return usable;
  };

const asFunction = (value) => (typeof value === 'function' ? value : undefined);

const oneOf =
  (...choices) =>
  (value) =>
    choices.includes(value) ? value : undefined;

function asTexts(value) {
  const list = typeof value === 'string' ? [value] : value;
  const isText = (item) => typeof item === 'string' && item !== '';
  return Array.isArray(list) && list.length > 0 && list.every(isText) ? list : undefined;
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

const asBareName = (value) => (/^__(?:host|secure)-/i.test(value) ? undefined : asCookieName(value));

const asSameSite = (value) => oneOf('strict', 'lax', 'none')(String(value).toLowerCase());

const COMMON = [
  {
    name: 'origins',
    default: [],
    read: using(
      readOrigins,
      'an array of origins as browsers send them, without a path or a slash at the end: ' +
        "['https://app.example.com']; ['https://*.example.com'] for one label; or a function (origin) => boolean",
    ),
  },
  {
    name: 'realm',
    default: 'api',
    read: using((value) => (typeof value === 'string' ? value : undefined), 'a string'),
  },
  { name: 'onError', read: using(asFunction, 'a function (err, req, res, next)') },
];

const PROTECT = [
  ...COMMON,
  { name: 'roles', read: using(asTexts, 'a role, or an array of roles of which the user must have one') },
  { name: 'scopes', read: using(asTexts, 'a scope, or an array of scopes that the token must all have') },
  { name: 'optional', default: false, read: using(oneOf(true, false), 'true or false') },
  {
    name: 'live',
    read: using(asLive, 'true (5 s), or the maximum age of the store\'s answer: "5s"; 0 asks for every request'),
  },
  {
    name: 'maxAuthAge',
    read: using(asSeconds, 'the longest time since the login, like "10m", or a number of seconds'),
  },
  { name: 'getToken', read: using(asFunction, 'a function (req) that returns the token') },
  { name: 'cookie', read: using(asCookieName, 'the name of the cookie that holds the access token') },
];

const COOKIE = [
  {
    name: 'name',
    default: 'signet',
    read: using(asBareName, "the cookie's name without __Host-, which is added over https"),
  },
  { name: 'sameSite', default: 'strict', read: using(asSameSite, '"strict", "lax" or "none"') },
  {
    name: 'secure',
    read: using(oneOf(true, false), 'true or false; by default Secure everywhere except http://localhost'),
  },
];

const ROUTER = [
  ...COMMON,
  {
    name: 'authenticate',
    default: null,
    read: using(
      (value) => (value === false ? false : asFunction(value)),
      'a function async (req) => ({ userId, claims? }), or null for wrong credentials; ' +
        'false for a router without POST /login',
    ),
  },
  { name: 'transport', default: 'cookie', read: using(oneOf('cookie', 'body'), '"cookie" or "body"') },
  { name: 'cookie', default: {}, read: (value) => readOptions(COOKIE, value, 'auth.router({ cookie })') },
];

function readProtectOptions(given = {}) {
  if (given?.rawHeaders) throw badOption('auth.protect returns the middleware: write auth.protect(), with parentheses');
  const options = readOptions(PROTECT, given, 'auth.protect()');
  if (options.getToken && options.cookie !== undefined) {
    throw badOption(
      'auth.protect() takes getToken or cookie, not both: a cookie read by getToken has no CSRF protection',
    );
  }
  return options;
}

function readRouterOptions(given = {}) {
  if (given?.rawHeaders) {
    throw badOption('auth.router returns the router: write auth.router({ authenticate }), with parentheses');
  }
  const options = readOptions(ROUTER, given, 'auth.router()');
  if (options.cookie.sameSite === 'none' && options.cookie.secure === false) {
    throw badOption('auth.router({ cookie }): sameSite "none" needs a Secure cookie: browsers drop others');
  }
  return options;
}

module.exports = { COOKIE, PROTECT, ROUTER, readProtectOptions, readRouterOptions };
