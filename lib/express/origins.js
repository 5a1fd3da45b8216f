'use strict';

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');

/*
 * Origins as browsers send them (RFC 6454 section 7): scheme, host, port, nothing after. Those of web views and of extensions have schemes of
 * their own (`capacitor://localhost`), which URL.origin does not know.
 */

/** The text as a URL, if it is an origin spelled as a browser does; undefined otherwise, for "null" too. */
function parseOrigin(text) {
  if (typeof text !== 'string' || text.length > 300 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.host !== '' && `${url.protocol}//${url.host}` === text ? url : undefined;
}

/** The request's Origin header, if it has one that is an origin. */
const originHeader = (req) => (parseOrigin(ownValue(req.headers, 'origin')) ? ownValue(req.headers, 'origin') : undefined);

/** `https://*.example.com`: any one label in place of the star. Not for a whole top-level domain. */
function readWildcard(text) {
  const [before, after, ...more] = text.split('*');
  if (after === undefined || more.length > 0 || !before.endsWith('://') || !after.startsWith('.')) return undefined;
  const url = parseOrigin(`${before}x${after}`);
  if (url === undefined || !/\..+\.|\.localhost$/.test(url.hostname)) return undefined;
  return (origin) => origin.startsWith(before) && origin.endsWith(after)
    && /^[a-z0-9_-]+$/.test(origin.slice(before.length, origin.length - after.length));
}

/** The app's own judgement. Anything but true or false (a promise is neither) is a mistake that must not let a page in. */
const byFunction = (judge) => (origin) => {
  const verdict = judge(origin);
  if (typeof verdict !== 'boolean') throw failure('ERR_OPTION', 'origins(origin) must return true or false, at once');
  return verdict;
};

/**
 * The option `origins`: a text, an array of them, or a function.
 * @returns {((origin: string) => boolean) | null | undefined} null for none; undefined for what cannot be used
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
