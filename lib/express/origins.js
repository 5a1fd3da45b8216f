'use strict';
// Origins as browsers send them (RFC 6454 section 7): scheme, host and port only. Web views and extensions
// have their own schemes (`capacitor://localhost`), for which URL.origin is "null".

const { badOption } = require('../native/errors');
const { ownValue } = require('../options/plain');

/**
 * The URL of an origin in the form that browsers send; undefined for any other text, including "null".
 */
function parseOrigin(text) {
  if (typeof text !== 'string' || text.length > 300 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.host !== '' && `${url.protocol}//${url.host}` === text ? url : undefined;
}

/** The request's Origin header, if it is an origin. */
function originHeader(req) {
  const origin = ownValue(req.headers, 'origin');
  return parseOrigin(origin) ? origin : undefined;
}

/**
 * `https://*.example.com`: any one label in place of the star. Not allowed directly below a top-level
 * domain.
 */
function readWildcard(text) {
  const [before, after, ...more] = text.split('*');
  if (after === undefined || more.length > 0 || !before.endsWith('://') || !after.startsWith('.')) return undefined;
  const url = parseOrigin(`${before}x${after}`);
  if (url === undefined || !/\..+\.|\.localhost$/.test(url.hostname)) return undefined;
  return (origin) =>
    origin.startsWith(before) &&
    origin.endsWith(after) &&
    /^[a-z0-9_-]+$/.test(origin.slice(before.length, origin.length - after.length));
}

/**
 * The app's own function. A result other than true or false, such as a promise, is an error: it must
 * not let a page in.
 */
const byFunction = (judge) => (origin) => {
  const verdict = judge(origin);
  if (typeof verdict !== 'boolean') throw badOption('origins(origin) must return true or false synchronously');
  return verdict;
};

/**
 * The option `origins`: a string, an array of strings, or a function.
 * @returns {((origin: string) => boolean) | null | undefined} null for none; undefined if not usable
 */
function readOrigins(value) {
  if (typeof value === 'function') return byFunction(value);
  const list = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || !list.every((text) => typeof text === 'string')) return undefined;
  if (list.length === 0) return null;
  const patterns = list.filter((text) => text.includes('*')).map(readWildcard);
  const exact = new Set(list.filter((text) => !text.includes('*')));
  if (patterns.includes(undefined) || ![...exact].every(parseOrigin)) return undefined;
  return (origin) => exact.has(origin) || patterns.some((matches) => matches(origin));
}

module.exports = { originHeader, parseOrigin, readOrigins };
