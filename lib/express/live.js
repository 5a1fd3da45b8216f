'use strict';

const { failure } = require('../native/status');

/*
 * Whether an access token's session still lives: asked of the store, and remembered for a while, so that a busy route does not ask for each request.
 *  - An answer's age counts from the start of the read that brought it: what the store said then may have changed while the answer travelled.
 *  - A session that ends in this process is dead at once, and a read that began before its end is not believed.
 *  - An error is never remembered.
 * One memory serves all of an auth's routes; each brings its own limit of age.
 */

const MAX_ENTRIES = 10_000;

/** Why a record does not make a live session: an error, or null where it does. `now` in milliseconds. */
function endOf(session, now) {
  if (!session) return failure('ERR_SESSION_UNKNOWN');
  if (session.revokedAt) return failure('ERR_SESSION_REVOKED');
  if (now >= Math.min(Number(session.expiresAt), Number(session.endsAt))) return failure('ERR_SESSION_EXPIRED');
  return null;
}

/**
 * @param read   (userId, sessionId) => Promise of the session's record, or undefined
 * @param now    () => milliseconds
 */
function createLiveSessions({ read, now, maxEntries = MAX_ENTRIES }) {
  const known = new Map();   // session id → entry { startedAt, session, ended }, the oldest first
  const reading = new Map(); // session id → Set of entries whose read is under way; never evicted, so that an end finds them

  function remember(sessionId, entry) {
    const older = known.get(sessionId);
    if (older !== undefined && older.startedAt > entry.startedAt) return; // reads may overtake each other
    known.delete(sessionId);
    known.set(sessionId, entry);
    if (known.size > maxEntries) known.delete(known.keys().next().value);
  }

  function isFresh(entry, maxAge) {
    const age = now() - entry.startedAt;
    return age >= 0 && age < maxAge; // a clock that went back proves nothing about age
  }

  function begin(userId, sessionId) {
    const entry = { startedAt: now(), session: undefined, ended: false, answer: undefined };
    const entries = reading.get(sessionId) ?? new Set();
    reading.set(sessionId, entries.add(entry));
    entry.answer = read(userId, sessionId).then((session) => {
      entry.session = session;
      if (!entry.ended) remember(sessionId, entry);
      return entry;
    }).finally(() => {
      entries.delete(entry);
      if (entries.size === 0) reading.delete(sessionId);
    });
    return entry.answer;
  }

  /** The entry under way that a request with this limit may wait for. */
  function joinable(sessionId, maxAge) {
    for (const entry of reading.get(sessionId) ?? []) {
      if (!entry.ended && isFresh(entry, maxAge)) return entry.answer;
    }
    return undefined;
  }

  function judge(entry, userId) {
    if (entry.ended) throw failure('ERR_SESSION_REVOKED');
    const end = endOf(entry.session, now());
    if (end !== null) throw end;
    if (entry.session.userId !== undefined && entry.session.userId !== userId) throw failure('ERR_SESSION_UNKNOWN');
  }

  return {
    /**
     * Whether an answer younger than `maxAge` ms is at hand that says that the session lives. Throws ERR_SESSION_* where one says that it does not;
     * false: it must be asked.
     */
    isKnown(userId, sessionId, maxAge) {
      const entry = known.get(sessionId);
      if (entry === undefined || !(entry.ended || isFresh(entry, maxAge))) return false;
      judge(entry, userId);
      return true;
    },

    /** Asks the store, or joins a question that is young enough. Rejects with ERR_SESSION_*, or with the store's own failure. */
    async ask(userId, sessionId, maxAge) {
      judge(await (joinable(sessionId, maxAge) ?? begin(userId, sessionId)), userId);
    },

    /** This process has ended the session. */
    end(sessionId) {
      for (const entry of reading.get(sessionId) ?? []) entry.ended = true;
      known.delete(sessionId);
      remember(sessionId, { startedAt: now(), session: undefined, ended: true });
    },
  };
}

module.exports = { createLiveSessions };
