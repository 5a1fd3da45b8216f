'use strict';
// auth.on(): events of sessions, for the app's log or to warn users.

const { badOption } = require('../native/errors');
const { suggestion } = require('../options/names');

const NAMES = ['login', 'rotate', 'retry', 'reuse', 'logout', 'revoke', 'rollback', 'straggler'];

/** The field of the record that has an event's time. */
const MOMENT = {
  login: 'createdAt',
  rotate: 'rotatedAt',
  reuse: 'revokedAt',
  logout: 'revokedAt',
  revoke: 'revokedAt',
};

/**
 * The argument of listeners. Without a request, `userAgent` and `ip` are those of the session's last
 * one.
 */
function eventOf(name, session, { reason, client = {}, userAgentChanged, late, keyed }, now) {
  return {
    userId: session.userId,
    sessionId: session.id,
    reason,
    userAgent: client.userAgent ?? session.userAgent,
    ip: client.ip ?? session.ip,
    label: session.label,
    at: new Date(session[MOMENT[name]] || now),
    generation: session.generation,
    retries: session.retries,
    retriesTotal: session.retriesTotal,
    userAgentChanged,
    late,
    keyed,
  };
}

// A listener is not part of the request: if it throws, neither the request nor the process fails.
function report(name, error) {
  const text = error instanceof Error ? error.stack : String(error);
  process.emitWarning(`a listener of the "${name}" event failed: ${text}`, {
    type: 'SignetWarning',
    code: 'SIGNET_LISTENER',
  });
}

function call(name, listener, event) {
  try {
    const result = listener(event);
    if (typeof result?.then === 'function') result.then(undefined, (error) => report(name, error));
  } catch (error) {
    report(name, error);
  }
}

function createEvents() {
  const listeners = new Map(NAMES.map((name) => [name, []]));
  const watchers = new Map(NAMES.map((name) => [name, []]));

  function listOf(name) {
    const list = listeners.get(name);
    if (!list) {
      const hint = suggestion(String(name), NAMES);
      throw badOption(`there is no event "${String(name)}".${hint} The events are ${NAMES.join(', ')}`);
    }
    return list;
  }

  return {
    on(name, listener) {
      const list = listOf(name);
      if (typeof listener !== 'function') {
        throw badOption(`the listener of "${name}" must be a function; got ${typeof listener}`);
      }
      list.push(listener);
    },
    off(name, listener) {
      const list = listOf(name);
      const at = list.lastIndexOf(listener);
      if (at >= 0) list.splice(at, 1);
    },
    /** For the package itself: called before the app's listeners. */
    watch(names, watcher) {
      for (const name of names) watchers.get(name).push(watcher);
    },
    isHeard: (name) => listeners.get(name).length > 0 || watchers.get(name).length > 0,
    emit(name, event) {
      for (const watcher of watchers.get(name)) call(name, watcher, event);
      for (const listener of [...listeners.get(name)]) call(name, listener, event);
    },
  };
}

module.exports = { NAMES, createEvents, eventOf };
