'use strict';
// For the tests of sessions: an auth with a new store and its own clock, and the contents of tokens.

const assert = require('node:assert');

const { createAuth } = require('../..');

const SECRETS = {
  accessSecret: 'an access secret of the tests, 48 bytes and more!',
  refreshSecret: 'a refresh secret of the tests, 48 bytes and more!',
};

/** A clock that stands still until it is moved, in seconds. */
function createClock(at = Date.UTC(2026, 0, 1)) {
  const clock = () => clock.at;
  clock.at = at;
  clock.advance = (seconds) => {
    clock.at += seconds * 1000;
  };
  return clock;
}

/**
 * Auths of one test: `open(options)` makes one (further ones share the store), `done()` closes all and removes the
 * store.
 * @param {import('./stores').STORES[number]} store
 */
function createBench(store) {
  const { options: place, clean } = store.make();
  const clock = createClock();
  const opened = [];
  return {
    clock,
    place,
    open(options = {}) {
      const auth = createAuth({ ...SECRETS, ...place, now: clock, ...options });
      opened.push(auth);
      return auth;
    },
    async done() {
      await Promise.all(opened.map((auth) => auth.close()));
      clean();
    },
  };
}

/** Runs each test of the describe() with its own bench, which `bench()` returns. */
function withBench(store) {
  let bench;
  beforeEach(() => {
    bench = createBench(store);
  });
  afterEach(() => bench.done());
  return () => bench;
}

const part = (token, i) => JSON.parse(Buffer.from(token.split('.')[i], 'base64url').toString('utf8'));
const headerOf = (token) => part(token, 0);
const payloadOf = (token) => part(token, 1);

/** Asserts that the promise rejects with this code, or one of these, and returns the error. */
async function refusedWith(code, promise) {
  const error = await promise.then(
    () => assert.fail(`expected ${code}, and it succeeded`),
    (reason) => reason,
  );
  assert.ok([code].flat().includes(error.code), `expected ${code}: ${error.stack}`);
  return error;
}

/**
 * Refusals of a refresh token whose secret is unknown. Which of the two: all tests of a process share five per second.
 */
const KEY_UNKNOWN = ['ERR_REFRESH_KEY_UNKNOWN', 'ERR_REFRESH_KEY_LIMIT'];

/** The events of an auth, in order: [[name, event], …]. */
function listen(auth) {
  const heard = [];
  for (const name of ['login', 'rotate', 'retry', 'reuse', 'logout', 'revoke', 'rollback', 'straggler'])
    auth.on(name, (event) => heard.push([name, event]));
  return heard;
}

const namesOf = (heard) => heard.map(([name]) => name);

module.exports = {
  KEY_UNKNOWN,
  SECRETS,
  createBench,
  createClock,
  headerOf,
  listen,
  namesOf,
  payloadOf,
  refusedWith,
  withBench,
};
