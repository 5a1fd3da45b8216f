'use strict';
// What the methods of one auth share: its handle, its clock, and one way to run a job and to tell what came of it.

const { createEvents, eventOf } = require('./events');
const { submit } = require('./store');

/**
 * @param {unknown} handle
 * @param {object} options createAuth's, as they were read
 */
function createContext(handle, options) {
  const now = options.now ?? (() => Date.now() || 1); // sinon's clock begins at 0, which in a record is no time
  const events = createEvents();

  function tell({ event, session, sessions, reason, userAgentChanged }, origin) {
    // Ended beside the one that the call was about: by the limit of sessions, or with all of a user's.
    for (const one of sessions) {
      if (one.revokedAt !== 0) events.emit('revoke', eventOf('revoke', one, { reason: one.revokedFor }, now()));
    }
    if (event !== 'none' && session) events.emit(event, eventOf(event, session, { reason, origin, userAgentChanged }, now()));
  }

  /** Tells the event of a job, whatever came of it, and throws its error. `origin`: of the request, for the event. */
  function settle(outcome, origin) {
    tell(outcome, origin);
    if (outcome.error) throw outcome.error;
    return outcome;
  }

  async function run(kind, call, origin) {
    return settle(await submit(handle, kind, { __proto__: null, now: now(), ...call }), origin);
  }

  // Calls that have begun, of which some may still wait for the claims function and not be in the store's queue yet.
  const begun = new Set();
  const track = (method) => (...args) => {
    const call = method(...args);
    begun.add(call);
    const ended = () => begun.delete(call);
    call.then(ended, ended);
    return call;
  };

  return { begun, events, handle, now, options, run, settle, track };
}

module.exports = { createContext };
