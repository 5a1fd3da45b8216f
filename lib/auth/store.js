'use strict';
// The calls that go through the store's queue: one promise each (src/node/session_calls.cc is the other end).

const native = require('../native/load');
const { begin, cancel, port } = require('../native/port');
const { failure, lastFailure, status } = require('./failure');

/** signet_job_kind. */
const JOB = Object.freeze({ login: 0, rotate: 1, logout: 2, revoke: 3, revokeAll: 4, list: 5, read: 6, purge: 7, ping: 8, backup: 9 });

/** The flags of a call, as session_calls.cc spells them. */
const STRICT = 1;
const ENDS_SESSION = 2;
const ROTATE_UNHEARD = 4; // nobody listens to the event: its session need not be told

/** signet_event, by number. */
const EVENTS = ['none', 'login', 'rotate', 'retry', 'reuse', 'logout', 'revoke', 'rollback'];

/** A session's row, in the order of session_calls.cc' `row_of`; undefined where there is none. */
function sessionOf(row) {
  if (row.length === 0) return undefined;
  const [id, userId, generation, retries, retriesTotal, createdAt, rotatedAt, expiresAt, endsAt, revokedAt, revokedFor, userAgent, ip, label] = row;
  return { id, userId, generation, retries, retriesTotal, createdAt, rotatedAt, expiresAt, endsAt, revokedAt, revokedFor, userAgent, ip, label };
}

/** An answer, in the order of session_calls.cc' `complete`. */
function outcomeOf(row) {
  if (row.length === UNHEARD_LENGTH) return unheardOf(row);
  const [number, event, reason, accessToken, refreshToken, expiresIn, count, userAgentChanged, session, sessions, field, detail, driverCode] = row;
  return {
    error: number === status.OK ? undefined : failure(number, { field, detail, driverCode }),
    event: EVENTS[event],
    reason,
    accessToken,
    refreshToken,
    expiresIn,
    count,
    userAgentChanged: userAgentChanged === 1,
    userId: session[1],
    sessionId: session[0],
    session: sessionOf(session),
    sessions: sessions.map(sessionOf),
  };
}

const UNHEARD_LENGTH = 5;
const NOTHING = Object.freeze([]);

/** The answer to a call whose event nobody hears, in the order of session_calls.cc' `complete_unheard`. */
function unheardOf([accessToken, refreshToken, expiresIn, userId, sessionId]) {
  return {
    error: undefined,
    event: 'none',
    reason: undefined,
    accessToken,
    refreshToken,
    expiresIn,
    count: 0,
    userAgentChanged: false,
    userId,
    sessionId,
    session: undefined,
    sessions: NOTHING,
  };
}

// The calls of one turn of the event loop go to the store together (src/node/auth.h). The turn is over when no further call has come since the last
// look, a promise's job later; not by process.nextTick, which an app's fake timers may hold back.
const called = new Set();
let calls = 0;

async function flushAtTheEnd() {
  let seen;
  do {
    seen = calls;
    await undefined;
  } while (seen !== calls);
  for (const handle of called) native.flush(handle);
  called.clear();
}

function takeNote(handle) {
  calls += 1;
  if (called.size === 0) flushAtTheEnd();
  called.add(handle);
}

/**
 * Queues one job. Resolves with its outcome whether it succeeded or not, since a refusal can have an event to tell of; rejects only where
 * nothing was queued: the token presented is none of ours.
 * @param {unknown} handle what native.createAuth returned
 * @param {number} kind one of JOB
 * @param {{ now: number, waited?: number, token?: string, userId?: string, sessionId?: string, claims?: string, userAgent?: string, ip?: string,
 *   label?: string, flags?: number, since?: number, ttl?: number, path?: string }} call
 */
function submit(handle, kind, call) {
  return new Promise((resolve, reject) => {
    const number = begin((row) => resolve(outcomeOf(row)));
    const refused = native.submit(handle, port, number, kind, call.now, call.waited, call.token, call.userId, call.sessionId, call.claims,
      call.userAgent, call.ip, call.label, call.flags, call.since, call.ttl, call.path);
    if (refused === status.OK) return takeNote(handle);
    cancel(number);
    reject(lastFailure(refused));
  });
}

/** Resolves when the store is closed, or `limit` milliseconds are over. */
function close(handle, limit) {
  return new Promise((resolve) => {
    native.closeAuth(handle, port, begin(resolve), limit);
  });
}

module.exports = { ENDS_SESSION, JOB, ROTATE_UNHEARD, STRICT, close, submit };
