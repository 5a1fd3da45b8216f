'use strict';
// Faults between driver and server, with rotations in flight: one storm per fault, judged as any other. (I5, I6)
const assert = require('node:assert');
const { setTimeout: delay } = require('node:timers/promises');

const { createAuth } = require('..');
const { SECRETS, payloadOf } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { FAULTS, createProxy, portOf, through } = require('./support/mongo-proxy');
const { newFolder, remove } = require('./support/stores');
const { judge } = require('./support/judge');
const { runStorm } = require('./support/storm');

const ROTATIONS = Number(process.env.SIGNET_FAULT_ROTATIONS ?? 200);
const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);
const TIMEOUT = 600; // ms

// What a fault may be answered with. All of them leave the client its token.
// After a broken connection the driver looks for the server again
const TIMED_OUT = ['ERR_STORE_TIMEOUT', 'ERR_STORE_UNAVAILABLE'];
const ANSWERS = {
  'the answer is replaced by "not authorized"': ['ERR_STORE_REFUSED'],
  'the server refuses: a user who may only read': ['ERR_STORE_REFUSED'],
};

describe('A fault between driver and server', function suite() {
  let mongo;
  let proxy;
  let folder;

  before(async function find() {
    mongo = await needMongo.call(this);
  });
  beforeEach(async () => {
    folder = newFolder();
    proxy = await createProxy(portOf(mongo.MONGODB_URI));
  });
  afterEach(async () => {
    await proxy.close();
    remove(folder);
  });

  const own = () => ({ ...SECRETS, store: mongo.MONGODB_URI, collection: collectionName('fault'), gracePeriod: '30s' });

  for (const fault of FAULTS) {
    it(`(${fault}) breaks no invariant, and each client keeps its session (seed ${SEED})`, async function storms() {
      this.timeout(120_000);
      const direct = own();
      const options = { ...direct, store: through(direct.store, proxy), storeTimeout: TIMEOUT / 1000 };
      const during = async () => proxy.inject(fault, { every: 7, late: TIMEOUT * 1.5 });
      const { history, finals } = await runStorm({
        options,
        own: direct,
        folder,
        seed: SEED,
        rotations: ROTATIONS,
        during,
      });
      assert.deepStrictEqual(judge(history, { finals, grace: 30_000 }), []);
      assert.ok(proxy.struck() > 10, `the fault struck ${proxy.struck()} times`);
      const storeErrors = new Set(
        history.map(({ outcome }) => outcome).filter((outcome) => outcome.startsWith('ERR_STORE')),
      );
      assert.deepStrictEqual(
        [...storeErrors].filter((code) => ![...TIMED_OUT, ...(ANSWERS[fault] ?? [])].includes(code)),
        [],
      );
      assert.ok(storeErrors.size > 0, 'nobody was told');
    });
  }

  it('that cuts all connections again and again breaks no invariant', async function storms() {
    this.timeout(120_000);
    const direct = own();
    const options = { ...direct, store: through(direct.store, proxy), storeTimeout: TIMEOUT / 1000 };
    const during = async (done) => {
      while (done.n < ROTATIONS) {
        await delay(150);
        proxy.cutAll();
      }
    };
    const { history, finals } = await runStorm({
      options,
      own: direct,
      folder,
      seed: SEED,
      rotations: ROTATIONS,
      during,
    });
    assert.deepStrictEqual(judge(history, { finals, grace: 30_000 }), []);
  });

  it('that loses an answer leaves a token that still gets the same successor', async () => {
    const auth = createAuth({ ...own(), store: through(mongo.MONGODB_URI, proxy), storeTimeout: TIMEOUT / 1000 });
    try {
      const { refreshToken, sessionId, userId } = await auth.login('7');
      proxy.inject('the answer is lost after the write was done', { every: 1 });
      const error = await auth.rotateRefresh(refreshToken).catch((reason) => reason);
      assert.strictEqual(error.code, 'ERR_STORE_TIMEOUT');
      assert.strictEqual(error.status, 503);
      assert.match(error.message, /a retry with the same token is safe/);
      proxy.heal();
      const first = await auth.rotateRefresh(refreshToken);
      const again = await auth.rotateRefresh(refreshToken);
      assert.strictEqual(again.refreshToken, first.refreshToken);
      assert.strictEqual(payloadOf(first.refreshToken).gen, payloadOf(refreshToken).gen + 1);
      assert.deepStrictEqual(
        (await auth.sessions(userId)).map(({ id }) => id),
        [sessionId],
      );
    } finally {
      await auth.close();
    }
  });

  // The proxy makes the server seem a replica set: drivers then write retryably. (The server behind it does not know
  // what it ran already; the rules do.)
  for (const fault of [
    'the connection is cut before the request',
    'the answer is lost after the write was done',
    'the answer is replaced by "not primary"',
  ]) {
    it(`(${fault}) is not even noticed on a replica set: the driver tries again by itself`, async function retries() {
      this.timeout(60_000);
      const set = await createProxy(portOf(mongo.MONGODB_URI), { replicaSet: 'rs0' });
      const auth = createAuth({
        ...own(),
        store: `${through(mongo.MONGODB_URI, set)}?replicaSet=rs0`,
        storeTimeout: '5s',
      });
      try {
        let tokens = await auth.login('7');
        set.inject(fault, { every: 4 });
        for (let i = 1; i <= 12; i += 1) {
          tokens = await auth.rotateRefresh(tokens.refreshToken);
          assert.strictEqual(payloadOf(tokens.refreshToken).gen, i);
        }
        assert.ok(set.struck() >= 3);
        assert.ok(set.retryable() >= 12, 'no transaction numbers: the driver does not write retryably');
      } finally {
        await auth.close();
        await set.close();
      }
    });
  }
});
