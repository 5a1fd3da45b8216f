'use strict';
// I1 to I6 with several processes on one store: their records are judged afterwards (test/support/judge.js).
const assert = require('node:assert');
const path = require('node:path');

const { SECRETS, createBench } = require('./support/auth');
const { describeStores, newFolder, remove } = require('./support/stores');
const { judge } = require('./support/judge');
const { runStorm } = require('./support/storm');

const ROTATIONS = Number(process.env.SIGNET_STORM ?? 2000);
const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);
const GRACE_MS = 30_000;

describeStores(
  'A storm of four processes',
  (store) => {
    let bench;
    let folder;
    beforeEach(() => {
      bench = createBench(store);
      folder = newFolder();
    });
    afterEach(async () => {
      await bench.done();
      remove(folder);
    });

    const storm = (more) =>
      runStorm({
        options: { ...SECRETS, ...bench.place, gracePeriod: '30s' },
        folder,
        seed: SEED,
        rotations: ROTATIONS,
        ...more,
      });

    function assertHeld({ history, finals, done }) {
      assert.deepStrictEqual(judge(history, { finals, grace: GRACE_MS }), [], `seed ${SEED}`);
      assert.ok(done >= ROTATIONS);
      assert.ok(finals.length >= 8);
    }

    it(`on the same tokens, with thieves and revokes, breaks no invariant (seed ${SEED})`, async function storms() {
      this.timeout(60_000 + 20 * ROTATIONS);
      const { history, ...rest } = await storm();
      assertHeld({ history, ...rest });
      const outcomes = new Set(history.map(({ outcome }) => outcome));
      assert.ok(
        outcomes.has('ERR_REFRESH_REUSED') && outcomes.has('rotate'),
        `the storm was too mild: ${[...outcomes]}`,
      );
    });

    it(`with two killed by -9 breaks no invariant, and the store works on (seed ${SEED})`, async function storms() {
      this.timeout(60_000 + 20 * ROTATIONS);
      assertHeld(await storm({ kills: 2 }));
      const auth = bench.open({ now: undefined });
      const { refreshToken } = await auth.login('7');
      await auth.rotateRefresh(refreshToken);
    });
  },
  { durable: true },
);

describe('A storm that its test does not wait for', () => {
  let folder;
  let storm;
  const pids = [];
  before(() => {
    folder = newFolder();
  });
  after(() => remove(folder));
  const isAlive = (pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('continues while the test does', async () => {
    const options = { ...SECRETS, store: path.join(folder, 'sessions.db') };
    await new Promise((resolve, reject) => {
      const during = async (_, processes) => {
        pids.push(...processes);
        resolve();
      };
      storm = runStorm({ options, folder, seed: SEED, rotations: Infinity, during });
      storm.catch(reject);
    });
    assert.ok(pids.length >= 4 && pids.every(isAlive));
  });

  it('ends with it: none of its processes is left', async () => {
    await assert.rejects(storm, /all processes of the storm have ended/);
    assert.deepStrictEqual(pids.filter(isAlive), []);
  });
});
