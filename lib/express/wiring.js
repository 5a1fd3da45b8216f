'use strict';

const { internals } = require('../auth/internals');
const { createLiveSessions } = require('./live');

/*
 * What the routes of one auth share.
 */

const liveSessions = new WeakMap(); // auth → its memory of live sessions

/** The auth's memory of live sessions, made at the first route that asks for one. */
function liveSessionsOf(auth) {
  let live = liveSessions.get(auth);
  if (live === undefined) {
    const { readSession, onSessionEnd, now } = auth[internals];
    live = createLiveSessions({ read: readSession, now });
    onSessionEnd((sessionId) => live.end(sessionId));
    liveSessions.set(auth, live);
  }
  return live;
}

module.exports = { liveSessionsOf };
