'use strict';
// The app's claims function: asked at login and at every refresh what the access token shall say, before the store is touched.

const { limits, reservedClaims } = require('../native/constants');
const { badOption } = require('../native/errors');
const { failure } = require('../native/status');
const { isPlainObject } = require('../options/plain');

const LONGEST = limits.CLAIMS; // bytes of JSON

const kindOf = (value) => (typeof value === 'object' && value !== null ? `an instance of ${value.constructor?.name ?? 'a class'}` : String(typeof value));

/**
 * The claims as JSON text.
 * @param {unknown} claims
 * @param {string} of who gave them, for the error's text
 */
function textOf(claims, of) {
  if (!isPlainObject(claims)) throw badOption(`${of} should be a plain object, or null to end the session, and is ${kindOf(claims)}`);
  const taken = reservedClaims.find((name) => Object.hasOwn(claims, name));
  if (taken) throw badOption(`${of} may not set "${taken}": Signet does`);
  const text = JSON.stringify(claims);
  if (typeof text !== 'string' || text[0] !== '{') throw badOption(`${of} should be an object, and its toJSON makes it something else`);
  if (Buffer.byteLength(text) > LONGEST) throw badOption(`${of} should be at most ${LONGEST} bytes of JSON: an access token travels with every request`);
  return text;
}

/**
 * Asks the app's function, with a limit of time, and of calls that have not answered yet; one call at a time for a refresh token, so that a page
 * that fires twenty refreshes at once asks the database once.
 * @param {(userId: string, session: object) => unknown} claims
 * @param {{ timeout: number, limit: number }} bounds milliseconds, calls
 */
function createAsker(claims, { timeout, limit }) {
  /** @type {Map<string | symbol, Promise<string | null>>} the calls that have not answered yet, by refresh token */
  const asked = new Map();

  async function answer(userId, session) {
    const given = await claims(userId, session);
    return given === null ? null : textOf(given, 'what the claims function returned');
  }

  // What comes after the limit of time is not looked at any more: the token is good for another try.
  async function inTime(call) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(failure('ERR_CLAIMS_TIMEOUT')), timeout);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  function begin(key, userId, session) {
    if (asked.size >= limit) throw failure('ERR_BUSY', `too many requests: ${limit} calls of the claims function are still pending; try again shortly`);
    const call = inTime(answer(userId, session)).finally(() => asked.delete(key));
    asked.set(key, call);
    return call;
  }

  /**
   * Resolves with the claims' JSON text, or null where the session shall end. Rejects with the app's own error where its function throws, and
   * with ERR_CLAIMS_TIMEOUT.
   * @param {string | undefined} token the refresh token presented; undefined at login
   */
  async function ask(token, userId, session) {
    const key = token ?? Symbol('login');
    return asked.get(key) ?? begin(key, userId, session);
  }

  return { ask, get size() { return asked.size; } };
}

module.exports = { createAsker, textOf };
