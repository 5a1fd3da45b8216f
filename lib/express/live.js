'use strict';
// Whether an access token's session is live: read from the store and cached for a while, so that a busy
// route does not read for each request.
//  - An answer's age counts from the start of its read: the record may change while the answer is on its way.
//  - A session that ends in this process is refused immediately, and a read that began before is ignored.
//  - An error is never cached.
//  - While the clock is unsure, nothing is found expired: a cached answer that looks so is read again, and if the
//    record looks so too, that is a 503.
// All routes of an auth share one cache; each has its own maximum age.

const { failure } = require('../native/status');

const MAX_ENTRIES = 10_000;

/** The code of the error if a record is not a live session, or null. `now` in milliseconds. */
function endOf(session, now) {
  if (!session) return 'ERR_SESSION_UNKNOWN';
  if (session.revokedAt) return 'ERR_SESSION_REVOKED';
  if (now >= Math.min(Number(session.expiresAt), Number(session.endsAt))) return 'ERR_SESSION_EXPIRED';
  return null;
}

/**
 * @param read   (userId, sessionId) => Promise of the session's record, or undefined
 * @param now    () => milliseconds
 * @param isSure () => whether now() may be compared with the record's times
 */
function createLiveSessions({ read, now, isSure = () => true, maxEntries = MAX_ENTRIES }) {
  const known = new Map(); // session id → entry { startedAt, session, ended }, oldest first
  const reading = new Map(); // session id → Set of entries being read; never evicted, so that an end reaches them

  function remember(sessionId, entry) {
    const older = known.get(sessionId);
    if (older !== undefined && older.startedAt > entry.startedAt) return; // reads may finish in another order
    known.delete(sessionId);
    known.set(sessionId, entry);
    if (known.size > maxEntries) known.delete(known.keys().next().value);
  }

  function isFresh(entry, maxAge) {
    const age = now() - entry.startedAt;
    return age >= 0 && age < maxAge; // after a clock that went back, the age is unknown
  }

  function begin(userId, sessionId) {
    const entry = { startedAt: now(), session: undefined, ended: false, answer: undefined };
    const entries = reading.get(sessionId) ?? new Set();
    reading.set(sessionId, entries.add(entry));
    entry.answer = read(userId, sessionId)
      .then((session) => {
        entry.session = session;
        if (!entry.ended) remember(sessionId, entry);
        return entry;
      })
      .finally(() => {
        entries.delete(entry);
        if (entries.size === 0) reading.delete(sessionId);
      });
    return entry.answer;
  }

  /** The read in progress that a request with this maximum age may wait for. */
  function joinable(sessionId, maxAge) {
    for (const entry of reading.get(sessionId) ?? []) {
      if (!entry.ended && isFresh(entry, maxAge)) return entry.answer;
    }
    return undefined;
  }

  /** The code of an error, or null. */
  function verdictOn({ ended, session }, userId) {
    if (ended) return 'ERR_SESSION_REVOKED';
    const end = endOf(session, now());
    if (end === 'ERR_SESSION_EXPIRED' && !isSure()) return 'ERR_CLOCK_UNSURE';
    if (end === null && session.userId !== undefined && session.userId !== userId) return 'ERR_SESSION_UNKNOWN';
    return end;
  }

  return {
    /**
     * True if an answer younger than `maxAge` ms is cached and the session is live; throws ERR_SESSION_* if
     * it is not. False: the store must be asked.
     */
    isKnown(userId, sessionId, maxAge) {
      const entry = known.get(sessionId);
      if (entry === undefined || !(entry.ended || isFresh(entry, maxAge))) return false;
      const code = verdictOn(entry, userId);
      if (code !== null && code !== 'ERR_CLOCK_UNSURE') throw failure(code);
      return code === null;
    },

    /**
     * Reads from the store, or joins a read that is recent enough. Rejects with ERR_SESSION_* or the
     * store's error.
     */
    async ask(userId, sessionId, maxAge) {
      const code = verdictOn(await (joinable(sessionId, maxAge) ?? begin(userId, sessionId)), userId);
      if (code !== null) throw failure(code);
    },

    /** To be called when this process has ended the session. */
    end(sessionId) {
      for (const entry of reading.get(sessionId) ?? []) entry.ended = true;
      known.delete(sessionId);
      remember(sessionId, { startedAt: now(), session: undefined, ended: true });
    },
  };
}

module.exports = { createLiveSessions };
