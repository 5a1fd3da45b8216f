'use strict';

const { randomBytes } = require('crypto');

const { badOption } = require('../native/errors');
const { milliseconds } = require('../options/spans');
const { ownValue } = require('../options/plain');
const { createAuth } = require('../index');

/*
 * signet-jwt/testing: an auth for the tests of an app. Everything is real (tokens, rules, store) but the clock, which stands where the test puts it,
 * and the store, which lives in memory.
 */

const secret = () => randomBytes(48).toString('base64url');

/**
 * An auth on `:memory:` with fresh secrets. `options` are createAuth's, and win over these.
 *
 *   const auth = createTestAuth();
 *   await request(app).get('/orders').set(await auth.header('1', { isAdmin: true }));
 *   auth.advance('31s');
 *   after(() => auth.close());
 */
function createTestAuth(options = {}) {
  const clock = ownValue(options, 'now') ?? Date.now;
  const claimsOf = new Map(); // user id → what header() was last given, so that a refresh says the same
  let ahead = 0;
  const auth = createAuth({
    accessSecret: secret(), refreshSecret: secret(), store: ':memory:', claims: (userId) => claimsOf.get(userId) ?? {},
    ...options, now: () => clock() + ahead,
  });

  /** Logs the user in and resolves with the headers of that user's requests: `{ Authorization }`. */
  auth.header = async function header(userId, claims) {
    if (claims !== undefined) claimsOf.set(String(userId), claims);
    const { accessToken } = await auth.login(userId, { claims });
    return { Authorization: `Bearer ${accessToken}` };
  };

  /** Moves the auth's clock on, by a span ('31s') or a number of seconds. Nothing waits. */
  auth.advance = function advance(span) {
    const ms = milliseconds(span);
    if (ms === null || ms < 0) throw badOption('auth.advance() takes a span of time like "31s", or a number of seconds');
    ahead += ms;
  };

  return auth;
}

module.exports = { createTestAuth };
