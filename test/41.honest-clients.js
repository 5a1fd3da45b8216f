'use strict';
// Honest clients stay logged in, and a thief does not profit: storms of eight processes whose clocks differ and whose
// secret is replaced, with browsers in all kinds of trouble and eight kinds of thieves (test/support/homes.js), judged
// by an independent copy of the rules (test/support/rules.js). SIGNET_REFRESHES=1000000 runs the long one.
const assert = require('node:assert');

const { SECRETS, createBench } = require('./support/auth');
const { toldTime } = require('./support/clocks');
const { describeStores, newFolder, remove } = require('./support/stores');
const { runHonestStorm } = require('./support/storm');
const { assertHonest } = require('./support/storm-verdict');
const { KINDS } = require('./support/thieves');

const REFRESHES = Number(process.env.SIGNET_REFRESHES ?? 10_000); // an exchange each, and some more
const ROUND = 20_000; // refreshes that are judged together
const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);
const GRACE = 30_000;
const SPREAD = 6000; // of the clocks

const OUTCOMES = [
  'rotate',
  'retry',
  'ERR_REFRESH_SUPERSEDED',
  'ERR_REFRESH_REUSED',
  'ERR_SESSION_REVOKED',
  'ERR_REFRESH_KEY_UNKNOWN', // while a process lacks the new secret
];

/** Per kind of thief: how many there were, what each was given, and after how many seconds it was seen. */
function tableOf(sights) {
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  return KINDS.map((kind) => {
    const of = sights.filter((sight) => sight.kind === kind);
    const seconds = of.map(({ after }) => Math.round(after / 1000));
    const gains = of.map((sight) => sight.gains);
    return [
      kind,
      of.length,
      `${median(gains)} (${Math.max(...gains)})`,
      `${median(seconds)} s (${Math.max(...seconds)} s)`,
    ];
  });
}

describeStores(
  'A storm of honest clients and thieves',
  (store) => {
    let bench;
    let folder;
    beforeEach(() => {
      bench = createBench(store);
    });
    afterEach(async () => {
      await bench.done();
      if (folder) remove(folder);
    });

    const options = () => ({
      ...SECRETS,
      ...bench.place,
      gracePeriod: '30s',
      refreshExpiresIn: '30d',
      sessionExpiresIn: '90d',
      storeTimeout: '30s',
    });

    /** One storm, judged. Resolves with how its thieves were seen, and with how many calls had each outcome. */
    async function round(seed, refreshes) {
      folder = newFolder();
      const storm = await runHonestStorm({
        options: options(),
        folder,
        seed,
        refreshes,
        grace: GRACE,
        timeOf: ({ random }) => toldTime({ random, spread: SPREAD }),
      });
      remove(folder);
      return assertHonest(storm, { grace: GRACE, spread: SPREAD, seed });
    }

    it(`keeps the rules, logs out no honest client, and detects each thief (seed ${SEED})`, async function storms() {
      this.timeout(120_000 + 30 * REFRESHES);
      const started = Date.now();
      const counts = new Map();
      const sights = [];
      for (let done = 0; done < REFRESHES; done += ROUND) {
        const one = await round(SEED + done, Math.min(ROUND, REFRESHES - done));
        sights.push(...one.sights);
        for (const [outcome, n] of one.counts) counts.set(outcome, (counts.get(outcome) ?? 0) + n);
      }
      for (const outcome of OUTCOMES) assert.ok(counts.get(outcome) > 0, `the storm was too mild: no ${outcome}`);
      const seconds = Math.round((Date.now() - started) / 1000);
      const told = [...counts].map(([outcome, n]) => `${outcome} ${n}`).join(', ');
      console.log(`      ${told}; ${seconds} s; thieves, and what each was given (at most), seen after (at most):`);
      for (const row of tableOf(sights)) console.log(`      ${row.join(' · ')}`);
    });
  },
  { durable: true },
);
