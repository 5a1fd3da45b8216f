'use strict';
// npm run bench:loop: the event loop's delay while RS256 is signed at full load, and while 10,000 rotations are in
// flight. Each case runs in its own process; figures go to measurements.json, the plot to docs/benchmarks/.

const {
  answeredRows,
  ensure,
  inFlight,
  inProcesses,
  temporaryFolder,
  time,
  unlessQuick,
  writeMeasurements,
} = require('./core');

const SIGNATURES = unlessQuick(6000, 6);
const WARM_UP = unlessQuick(200, 2);
const LANES = 64;
const ROTATIONS = unlessQuick(10_000, 100);
const IDLE_MS = unlessQuick(1000, 10);

/** Signs one token per turn of the loop, like a server under load. */
const onePerTurn = (call) => async (n) => {
  for (let i = 0; i < n; i++) {
    call();
    await new Promise(setImmediate);
  }
};

const signing = (contender, operation) => async () => {
  const { CONTENDERS } = require('./contenders');
  const call = await CONTENDERS[contender][operation](require('./subjects').subjectOf({ alg: 'RS256' }));
  const work = operation === 'sign' ? onePerTurn(call) : inFlight(call, LANES);
  await work(WARM_UP);
  return { work: () => work(SIGNATURES), n: SIGNATURES };
};

async function rotating() {
  const { authOn, logins, rotations } = require('./goals');
  const { file, remove } = temporaryFolder();
  const auth = authOn(file('sessions.db'), { queueLimit: 2 * ROTATIONS, storeTimeout: '60s' });
  const work = rotations(auth, await logins(auth, ROTATIONS), ROTATIONS);
  return { work: () => work(4 * ROTATIONS), n: 4 * ROTATIONS, done: () => auth.close().then(remove) };
}

/** The baseline: an idle loop. */
const idling = () => ({ work: () => new Promise((resolve) => setTimeout(resolve, IDLE_MS)), n: 0 });

const CASES = [
  ['nothing: an idle loop', idling],
  ['signet, signAsync', signing('signet', 'signAsync')],
  ['signet, sign', signing('signet', 'sign')],
  ['jsonwebtoken, callback', signing('jsonwebtoken', 'signAsync')],
  ['jsonwebtoken, sync', signing('jsonwebtoken', 'sign')],
  ['fast-jwt, async', signing('fast-jwt', 'signAsync')],
  ['jose', signing('jose', 'signAsync')],
  ['@node-rs/jsonwebtoken, async', signing('@node-rs/jsonwebtoken', 'signAsync')],
  ['signet, 10,000 rotations', rotating],
];

/** { name, p50, p99, max, perSecond }: delays in microseconds. */
async function measure([name, prepare]) {
  const { loopDelay } = require('./goals');
  const { work, n, done } = await prepare();
  const from = process.hrtime.bigint();
  const delay = await loopDelay(work);
  const perSecond = Math.round((n * 1e9) / Number(process.hrtime.bigint() - from));
  await done?.();
  return { name, ...delay, perSecond };
}

async function main() {
  await ensure();
  const rows = [];
  for (const row of inProcesses(__filename, CASES.length)) {
    rows.push(row);
    const { name, p50, p99, max, perSecond } = row;
    console.log(`${name.padEnd(30)} p50 ${time(p50)}  p99 ${time(p99)}  max ${time(max)}  ${perSecond} per second`);
  }
  writeMeasurements('loop', { rows });
  require('./charts').drawAll();
  require('./pages').writeAll();
}

if (!answeredRows((i) => measure(CASES[i]))) main();
