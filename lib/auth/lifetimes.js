'use strict';
// The three lifetimes of a session: of an access token, of a refresh token (the idle limit), and of the
// session itself (the absolute limit).

const { badOption } = require('../native/errors');

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** @type {[string, string][]} the first must not be longer than the second */
const ORDER = [
  ['accessExpiresIn', 'sessionExpiresIn'],
  ['accessExpiresIn', 'refreshExpiresIn'],
  ['refreshExpiresIn', 'sessionExpiresIn'],
];

/**
 * Adds the lifetimes that are not given. Among the given ones, an inner one must not be longer than an outer
 * one. The others get their defaults, made longer or shorter to fit, so that no call fails because of a
 * default.
 * @param {{ accessExpiresIn?: number, refreshExpiresIn?: number, sessionExpiresIn?: number }} given milliseconds
 */
function withLifetimes(given) {
  for (const [inner, outer] of ORDER) {
    if (given[inner] > given[outer]) {
      throw badOption(`${inner} is longer than ${outer}: shorten ${inner} or lengthen ${outer}`);
    }
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
