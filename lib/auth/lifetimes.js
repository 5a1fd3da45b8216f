'use strict';
// The three lives of a session: an access token's, a refresh token's (the idle limit), the session's own (the absolute limit).

const { badOption } = require('../native/errors');

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** @type {[string, string][]} the first may not be longer than the second */
const ORDER = [
  ['accessExpiresIn', 'sessionExpiresIn'],
  ['accessExpiresIn', 'refreshExpiresIn'],
  ['refreshExpiresIn', 'sessionExpiresIn'],
];

/**
 * Options with all three. Of what is given, the inner may not outlive the outer; what is not given has its default, or as much more or less as
 * that takes, so that nobody is refused over a value that he never wrote.
 * @param {{ accessExpiresIn?: number, refreshExpiresIn?: number, sessionExpiresIn?: number }} given milliseconds
 */
function withLifetimes(given) {
  for (const [inner, outer] of ORDER) {
    if (given[inner] > given[outer]) throw badOption(`${inner} is longer than ${outer}: no token outlives what it belongs to. Shorten the one or lengthen the other`);
  }
  const { accessExpiresIn: access, refreshExpiresIn: refresh, sessionExpiresIn: session } = given;
  return {
    ...given,
    accessExpiresIn: access ?? Math.min(15 * MINUTE, refresh ?? Infinity, session ?? Infinity),
    refreshExpiresIn: refresh ?? Math.min(Math.max(7 * DAY, access ?? 0), session ?? Infinity),
    sessionExpiresIn: session ?? Math.max(90 * DAY, refresh ?? 0, access ?? 0),
  };
}

module.exports = { withLifetimes };
