'use strict';
// createAuth: sessions whose refresh token is rotated at every use. docs/api.md is the manual; the
// rules are in C (src/session).

const { setTimeout: sleep } = require('timers/promises');

const native = require('../native/load');
const { badOption } = require('../native/errors');
const { readOptions } = require('../options/read');
const { createContext } = require('./context');
const { internals } = require('./internals');
const { withLifetimes } = require('./lifetimes');
const { open, setSecrets } = require('./open');
const { CREATE, ELSEWHERE, SECRETS, SET_SECRETS } = require('./options');
const { createSessionMethods } = require('./sessions');
const { JOB, close } = require('./calls');
const { createTokenMethods } = require('./tokens');

function fileOf(path, expects) {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw badOption(expects);
  return path;
}

/** The methods about the store as a whole: ready, close, stats, backup, restore. */
function createStoreMethods({ begun, handle, options, run }, claimsRunning) {
  let closing;

  // First waits for calls that wait for the claims function, at most for its timeout; then for the
  // store's queue, at most for the store's timeout.
  async function closeAll() {
    if (begun.size > 0) {
      await Promise.race([Promise.allSettled(begun), sleep(options.claimsTimeout, undefined, { ref: false })]);
    }
    await close(handle, options.storeTimeout);
  }

  return {
    async ready() {
      await run(JOB.ping, {});
    },
    close() {
      closing ??= closeAll().catch((error) => {
        closing = undefined; // nothing has been closed: the app may try again
        throw error;
      });
      return closing;
    },
    stats: () => ({ ...native.authStats(handle), claims: claimsRunning() }),
    async backup(path) {
      await run(JOB.backup, { path: fileOf(path, 'backup(path): path must be a string, the file to write') });
    },
    async restore(path) {
      await run(JOB.restore, { path: fileOf(path, 'restore(path): path must be a string, a file written by backup') });
    },
  };
}

function createSetSecrets({ handle, now }) {
  return function setSecretsOfAuth(secrets, given) {
    const read = readOptions(SECRETS, secrets, 'setSecrets');
    const { force } = readOptions(SET_SECRETS, given, 'setSecrets');
    if (!read.accessSecret && !read.refreshSecret)
      throw badOption('setSecrets takes accessSecret, refreshSecret or both');
    setSecrets(handle, read, { now: now(), force });
  };
}

/** For lib/express; documented in internals.js. */
function innerFace({ events, isSure, moment, now, options, refusedSession }, readSession) {
  const { accessSecret, refreshSecret, legacy, ...rest } = options;
  const ENDS = ['reuse', 'logout', 'revoke'];
  return {
    readSession,
    onSessionEnd: (listener) => events.watch(ENDS, ({ sessionId }) => listener(sessionId)),
    isSure,
    moment,
    now,
    refusedSession,
    options: rest,
  };
}

/**
 * An auth without `protect` and `router`, which lib/index.js adds.
 * @param {import('../index').AuthOptions} given
 * @returns {Omit<import('../index').Auth, 'protect' | 'router'>}
 */
function createAuth(given) {
  const options = withLifetimes(readOptions(CREATE, given, 'createAuth', ELSEWHERE));
  if (options.legacy && !native.storeTraits(options.store).adopts) {
    throw badOption('legacy requires a mongodb:// store');
  }
  const context = createContext(open(options), options);
  const { methods: tokenMethods, claimsRunning } = createTokenMethods(context);
  const { methods: sessionMethods, readSession } = createSessionMethods(context);
  const { events } = context;
  const auth = {
    ...tokenMethods,
    ...sessionMethods,
    ...createStoreMethods(context, claimsRunning),
    setSecrets: createSetSecrets(context),
    on: (name, listener) => {
      events.on(name, listener);
      return auth;
    },
    off: (name, listener) => {
      events.off(name, listener);
      return auth;
    },
  };
  return Object.defineProperty(auth, internals, { value: innerFace(context, readSession) });
}

module.exports = { createAuth };
