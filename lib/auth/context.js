'use strict';
// State shared by the methods of one auth: its handle, its clock, its events, and how jobs are run.

const { createClock } = require('./clock');
const { createEvents, eventOf } = require('./events');
const { NOT_GIVEN, submit } = require('./calls');

/**
 * @param {unknown} handle
 * @param {object} options createAuth's, as read
 */
function createContext(handle, options) {
  const { isSure, moment, now, timesOf, wall, watch } = createClock(handle, options.now);
  const events = createEvents();

  function emit({ event, session, sessions, reason, retry }, client) {
    // Ended in addition to the call's own session: by the limit of sessions, or together with the
    // user's others.
    for (const one of sessions) {
      if (one.revokedAt !== 0) events.emit('revoke', eventOf('revoke', one, { reason: one.revokedFor }, now()));
    }
    if (event === 'none' || !session) return;
    events.emit(event, eventOf(event, session, { reason, client, ...retry }, now()));
  }

  /** @type {WeakMap<Error, object>} */
  const refused = new WeakMap();

  /**
   * Emits a job's events, then throws its error if it has one. `client`: clientOf the request, for the event.
   */
  function settle(outcome, client) {
    watch();
    emit(outcome, client);
    if (!outcome.error) return outcome;
    refused.set(outcome.error, outcome.session);
    throw outcome.error;
  }

  async function run(kind, call, client) {
    return settle(await submit(handle, kind, { ...NOT_GIVEN, now: wall(), ...call }), client);
  }

  // Calls in progress. Some may still wait for the claims function and not be in the store's queue yet.
  const begun = new Set();
  const track =
    (method) =>
    (...args) => {
      const call = method(...args);
      begun.add(call);
      const ended = () => begun.delete(call);
      call.then(ended, ended);
      return call;
    };

  const refusedSession = (error) => refused.get(error);

  return { begun, events, handle, isSure, moment, now, options, refusedSession, run, settle, timesOf, track, wall };
}

module.exports = { createContext };
