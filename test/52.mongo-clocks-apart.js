'use strict';
// Honest clients and thieves while the processes' wall clocks are 8 days apart and change, by libfaketime. MongoDB's
// time counts (docs/mongodb.md, "The clock"), so nobody notices. createAuth gets no `now`.
const assert = require('node:assert');

const { SECRETS } = require('./support/auth');
const { storeTime } = require('./support/clocks');
const { missingFaketime } = require('./support/faketime');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');
const { newFolder, remove } = require('./support/stores');
const { runHonestStorm } = require('./support/storm');
const { assertHonest } = require('./support/storm-verdict');

const REFRESHES = Number(process.env.SIGNET_CLOCK_STORM ?? 1200); // 2,000 exchanges
const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);
const GRACE = 30_000;
const APART = 8 * 86_400_000;

describe('A storm of processes whose clocks are 8 days apart (MongoDB)', () => {
  if (missingFaketime) {
    it.skip(`skipped: ${missingFaketime}`);
    return;
  }
  let mongo;
  let proxy;
  let folder;
  before(async function find() {
    mongo = await needMongo.call(this);
    proxy = await createProxy(portOf(mongo.MONGODB_URI));
    folder = newFolder();
  });
  after(async () => {
    await proxy?.close();
    if (folder) remove(folder);
  });

  it(`keeps the rules, logs out no honest client, and detects each thief (seed ${SEED})`, async function storms() {
    this.timeout(120_000 + 60 * REFRESHES);
    const started = Date.now();
    const options = {
      ...SECRETS,
      store: through(mongo.MONGODB_URI, proxy),
      collection: collectionName('clocks'),
      gracePeriod: '30s',
      refreshExpiresIn: '5d', // less than the clocks are apart
      sessionExpiresIn: '6d',
      storeTimeout: '30s',
    };
    let time;
    const storm = await runHonestStorm({
      options,
      folder,
      seed: SEED,
      refreshes: REFRESHES,
      grace: GRACE,
      lanes: 160,
      timeOf({ random, lanes }) {
        time = storeTime({ random, lanes, folder, proxy, spread: APART });
        return time;
      },
    });
    const { sights, counts } = assertHonest(storm, { grace: GRACE, spread: 1000, seed: SEED });
    for (const outcome of ['rotate', 'retry', 'ERR_REFRESH_SUPERSEDED', 'ERR_REFRESH_REUSED'])
      assert.ok(counts.get(outcome) > 0, `the storm was too mild: no ${outcome}`);
    const told = [...counts].map(([outcome, n]) => `${outcome} ${n}`).join(', ');
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`      ${told}; ${sights.length} thieves; ${time.steps()} steps of clocks; ${seconds} s`);
  });
});
