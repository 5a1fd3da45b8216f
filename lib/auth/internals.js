'use strict';
// What lib/express may use of an auth beyond its public methods: auth[internals].

/**
 * The key of an auth's inner face:
 *   readSession(userId, sessionId) → Promise<Session | undefined>
 *     The record as the store has it now, revoked or not; undefined if there is none.
 *     Times are in milliseconds; revokedAt is 0 while the session is live.
 *   onSessionEnd((sessionId) => void)
 *     Called for every session that this process ends, before the app's listeners.
 *   now() → number
 *     The auth's clock, in milliseconds.
 *   decodeRefresh(token) → { sub, sid, exp }
 *     The claims of a refresh token that the auth has just issued or accepted. Does not verify.
 *   options
 *     createAuth's options as they were read, without the secrets. Times are in milliseconds.
 */
const internals = Symbol('signet internals');

module.exports = { internals };
