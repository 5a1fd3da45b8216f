'use strict';
// What the package's other parts (lib/express, lib/testing) may use of an auth beyond its public methods: auth[internals].

/**
 * The key of an auth's inner face:
 *   readSession(userId, sessionId) → Promise<Session | undefined>   the record as the store has it now, revoked or not; undefined where there is none.
 *                                                                    Times are milliseconds; revokedAt is 0 while it lives
 *   onSessionEnd((sessionId) => void)                                every session that this process ends, before the app's listeners hear of it
 *   now() → number                                                   the auth's clock, in milliseconds
 *   options                                                          createAuth's options as they were read, times in milliseconds, without the secrets
 */
const internals = Symbol('signet internals');

module.exports = { internals };
