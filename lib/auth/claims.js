'use strict';
// The app's claims function: called at login and at every refresh, before the store, for the access
// token's claims.

const { limits, reservedClaims } = require('../native/constants');
const { badOption } = require('../native/errors');
const { failure } = require('../native/status');
const { isPlainObject } = require('../options/plain');

const LONGEST = limits.CLAIMS; // bytes of JSON

function kindOf(value) {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return `an instance of ${value.constructor?.name ?? 'a class'}`;
}

/**
 * The claims as JSON text.
 * @param {unknown} claims
 * @param {string} of where they came from, for the error's text
 */
function textOf(claims, of) {
  if (!isPlainObject(claims)) {
    throw badOption(`${of} must be a plain object, or null to end the session; got ${kindOf(claims)}`);
  }
  const taken = reservedClaims.find((name) => Object.hasOwn(claims, name));
  if (taken) throw badOption(`${of} must not set "${taken}": Signet sets it`);
  const text = JSON.stringify(claims);
  if (typeof text !== 'string' || text[0] !== '{') {
    throw badOption(`${of} must be an object, but its toJSON() returns something else`);
  }
  if (Buffer.byteLength(text) > LONGEST) {
    throw badOption(`${of} must be at most ${LONGEST} bytes of JSON: an access token is sent with every request`);
  }
  return text;
}

/**
 * Calls the app's function, with a timeout and a limit on pending calls. Concurrent refreshes with the same
 * token share one call, so that a page that sends twenty of them queries the database once.
 * @param {(userId: string, session: object) => unknown} claims
 * @param {{ timeout: number, limit: number }} bounds milliseconds, calls
 */
function createAsker(claims, { timeout, limit }) {
  /** @type {Map<string | symbol, Promise<string | null>>} the pending calls, by refresh token */
  const asked = new Map();

  async function answer(userId, session) {
    const given = await claims(userId, session);
    return given === null ? null : textOf(given, 'what the claims function returned');
  }

  // A result after the timeout is ignored: the token is unused, and may be sent again.
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
    if (asked.size >= limit) {
      throw failure('ERR_BUSY', `${limit} calls of the claims function are still pending: try again shortly`);
    }
    const call = inTime(answer(userId, session)).finally(() => asked.delete(key));
    asked.set(key, call);
    return call;
  }

  /**
   * Resolves with the claims as JSON, or with null to end the session. Rejects with the error that the app's
   * function throws, or with ERR_CLAIMS_TIMEOUT.
   * @param {string | undefined} token the refresh token presented; undefined at login
   */
  async function ask(token, userId, session) {
    const key = token ?? Symbol('login');
    return asked.get(key) ?? begin(key, userId, session);
  }

  return {
    ask,
    get size() {
      return asked.size;
    },
  };
}

module.exports = { createAsker, textOf };
