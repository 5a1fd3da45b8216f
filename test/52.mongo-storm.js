'use strict';
// I1 to I6 on a real server: four processes, a long storm, judged in one pass.
const assert = require('node:assert');

const { SECRETS } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { newFolder, remove } = require('./support/stores');
const { judge } = require('./support/judge');
const { runStorm } = require('./support/storm');

const ROTATIONS = Number(process.env.SIGNET_MONGO_STORM ?? 20_000);
const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);

describe('A long storm on MongoDB', () => {
  let mongo;
  let folder;
  before(async function find() {
    mongo = await needMongo.call(this);
    folder = newFolder();
  });
  after(() => folder && remove(folder));

  it(`of four processes and ${ROTATIONS} rotations breaks no invariant (seed ${SEED})`, async function storms() {
    this.timeout(600_000);
    const options = { ...SECRETS, store: mongo.MONGODB_URI, collection: collectionName('storm'), gracePeriod: '30s' };
    const started = Date.now();
    const { history, finals, done } = await runStorm({ options, folder, seed: SEED, rotations: ROTATIONS });
    const seconds = (Date.now() - started) / 1000;
    assert.deepStrictEqual(judge(history, { finals, grace: 30_000 }), []);
    assert.ok(done >= ROTATIONS);
    const count = (outcome) => history.filter((call) => call.outcome === outcome).length;
    for (const outcome of ['rotate', 'ERR_REFRESH_REUSED', 'ERR_SESSION_REVOKED'])
      assert.ok(count(outcome) > 0, `the storm was too mild: no ${outcome}`);
    console.log(
      `      ${history.length} calls, ${done} acknowledged, ${finals.length} sessions, ` +
        `${count('ERR_REFRESH_REUSED')} reuses, ${Math.round(history.length / seconds)} calls/s`,
    );
  });
});
