'use strict';
// signet-jwt/testing: an auth for an app's tests. Tokens and rules are real; the store is in memory, and the
// test can move the clock.

const { randomBytes } = require('crypto');

const { badOption } = require('../native/errors');
const { milliseconds } = require('../options/spans');
const { ownValue } = require('../options/plain');
const { createAuth } = require('../index');

const secret = () => randomBytes(48).toString('base64url');

/**
 * An auth on `:memory:` with fresh secrets. `options` are createAuth's, and override these.
 *
 *   const auth = createTestAuth();
 *   await request(app).get('/orders').set(await auth.header('1', { isAdmin: true }));
 *   auth.advance('31s');
 *   after(() => auth.close());
 */
function createTestAuth(options = {}) {
  const clock = ownValue(options, 'now') ?? Date.now;
  const claimsOf = new Map(); // user id → the claims last given to header(), for refreshes
  let ahead = 0;
  const auth = createAuth({
    accessSecret: secret(),
    refreshSecret: secret(),
    store: ':memory:',
    claims: (userId) => claimsOf.get(userId) ?? {},
    ...options,
    now: () => clock() + ahead,
  });

  /** Logs the user in. Resolves with headers for the user's requests: `{ Authorization }`. */
  auth.header = async function header(userId, claims) {
    if (claims !== undefined) claimsOf.set(String(userId), claims);
    const { accessToken } = await auth.login(userId, { claims });
    return { Authorization: `Bearer ${accessToken}` };
  };

  /** Moves the auth's clock forward by a span ('31s') or a number of seconds, without waiting. */
  auth.advance = function advance(span) {
    const ms = milliseconds(span);
    if (ms === null || ms < 0) throw badOption('auth.advance() takes a time span like "31s", or a number of seconds');
    ahead += ms;
  };

  return auth;
}

module.exports = { createTestAuth };
