'use strict';
// State shared by the routes of one auth.

const { internals } = require('../auth/internals');
const { createLiveSessions } = require('./live');

const liveSessions = new WeakMap(); // auth → its cache of live sessions

/** The auth's cache of live sessions, created for the first route that needs it. */
function liveSessionsOf(auth) {
  let live = liveSessions.get(auth);
  if (live === undefined) {
    const { readSession, onSessionEnd, now, isSure } = auth[internals];
    live = createLiveSessions({ read: readSession, now, isSure });
    onSessionEnd((sessionId) => live.end(sessionId));
    liveSessions.set(auth, live);
  }
  return live;
}

module.exports = { liveSessionsOf };
