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
 *     The clock that all processes on the auth's store share, in milliseconds.
 *   isSure() → boolean
 *     Whether now() may be compared with a record's times: false until the store's clock has been read, and
 *     while it is in doubt. Nothing is found expired meanwhile.
 *   moment() → Moment
 *     When something begins in this process: for login's `since`.
 *   refusedSession(error) → Session | undefined
 *     The record by which a call of this auth was refused with this error.
 *   options
 *     createAuth's options as they were read, without the secrets. Times are in milliseconds.
 */
const internals = Symbol('signet internals');

module.exports = { internals };
