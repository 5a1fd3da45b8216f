'use strict';
// The calls that go through the store's queue, one promise each. The other end:
// src/node/session_calls.cc.

const {
  callFlags,
  events: EVENTS,
  jobs: JOB,
  outcomeRow,
  placesOf,
  sessionRow,
  submitArguments,
  unheardRow,
} = require('../native/constants');
const native = require('../native/load');
const { ask, port } = require('../native/port');
const { STATUS, lastFailure, statusFailure } = require('../native/status');
const { isSystemClock } = require('../native/system-clock');

const { BY_SYSTEM_CLOCK, ENDS_SESSION, ROTATE_UNHEARD, STRICT } = callFlags;

/** The session of a row, or undefined. */
function sessionOf(row) {
  if (row.length === 0) return undefined;
  const session = {};
  for (let i = 0; i < sessionRow.length; i++) session[sessionRow[i]] = row[i];
  return session;
}

const OUTCOME = placesOf(outcomeRow);
const SESSION = placesOf(sessionRow);
const UNHEARD = placesOf(unheardRow);
const NOTHING = Object.freeze([]);

/**
 * A call's arguments, none of them given: `{ ...NOT_GIVEN, token }` reads none from Object.prototype. An object literal
 * with a null prototype does not either, but is a dictionary in V8: 0.3 µs more per call.
 */
const NOT_GIVEN = Object.fromEntries(
  submitArguments.slice(submitArguments.indexOf('now')).map((name) => [name, undefined]),
);

/** The outcome of a job. */
function outcomeOf(row) {
  if (row.length === unheardRow.length) return unheardOf(row);
  const number = row[OUTCOME.status];
  const session = row[OUTCOME.session];
  const why = () => ({
    field: row[OUTCOME.field],
    detail: row[OUTCOME.detail],
    driverCode: row[OUTCOME.driverCode],
    retryAfter: row[OUTCOME.retryAfter],
  });
  return {
    error: number === STATUS.OK ? undefined : statusFailure(number, why()),
    event: EVENTS[row[OUTCOME.event]],
    reason: row[OUTCOME.reason],
    accessToken: row[OUTCOME.accessToken],
    refreshToken: row[OUTCOME.refreshToken],
    expiresIn: row[OUTCOME.expiresIn],
    refreshExpiresIn: row[OUTCOME.refreshExpiresIn],
    count: row[OUTCOME.count],
    retry: {
      userAgentChanged: row[OUTCOME.userAgentChanged] === 1,
      late: row[OUTCOME.late] === 1,
      keyed: row[OUTCOME.keyed] === 1,
    },
    userId: session[SESSION.userId],
    sessionId: session[SESSION.id],
    session: sessionOf(session),
    sessions: row[OUTCOME.sessions].map(sessionOf),
  };
}

/** The outcome of a job whose event has no listener. */
function unheardOf(row) {
  return {
    error: undefined,
    event: 'none',
    reason: undefined,
    accessToken: row[UNHEARD.accessToken],
    refreshToken: row[UNHEARD.refreshToken],
    expiresIn: row[UNHEARD.expiresIn],
    refreshExpiresIn: row[UNHEARD.refreshExpiresIn],
    count: 0,
    retry: undefined,
    userId: row[UNHEARD.userId],
    sessionId: row[UNHEARD.sessionId],
    session: undefined,
    sessions: NOTHING,
  };
}

// The calls of one turn of the event loop go to the store together (src/node/auth.h). The turn is over
// once a promise job passes without a new call. Not with process.nextTick, which an app's fake
// timers may hold back.
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
 * Queues one job. Resolves with its outcome even if it failed, because a failure can have an event. Rejects
 * only if nothing was queued: the token is not valid.
 * @param {unknown} handle what native.createAuth returned
 * @param {number} kind one of JOB
 * @param {{ now: number, waited?: number, token?: string, opened?: number, userId?: string, sessionId?: string,
 *   claims?: string, userAgent?: string, ip?: string, label?: string, flags?: number, since?: number,
 *   stamp?: number, ttl?: number, path?: string, idempotencyKey?: string, previousKey?: string }} call
 */
function submit(handle, kind, call) {
  const flags = call.flags | (isSystemClock() ? BY_SYSTEM_CLOCK : 0);
  return new Promise((resolve, reject) => {
    ask(
      (row) => resolve(outcomeOf(row)),
      (number) => {
        // In the order of submitArguments (test/08.constants.js compares them): spreading by name costs 0.5
        // µs.
        const refused = native.submit(
          handle,
          port,
          number,
          kind,
          call.now,
          call.waited,
          call.token,
          call.opened,
          call.userId,
          call.sessionId,
          call.claims,
          call.userAgent,
          call.ip,
          call.label,
          flags,
          call.since,
          call.stamp,
          call.ttl,
          call.path,
          call.idempotencyKey,
          call.previousKey,
        );
        if (refused === STATUS.OK) takeNote(handle);
        else reject(lastFailure(refused));
        return refused === STATUS.OK;
      },
    );
  });
}

/** Resolves when the store is closed, or after `limit` milliseconds. */
function close(handle, limit) {
  return new Promise((resolve) => {
    ask(resolve, (number) => {
      native.closeAuth(handle, port, number, limit);
      return true;
    });
  });
}

module.exports = { ENDS_SESSION, JOB, NOT_GIVEN, ROTATE_UNHEARD, STRICT, close, submit };
