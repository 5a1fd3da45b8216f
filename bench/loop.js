'use strict';
// npm run bench:loop: what the event loop feels while RS256 is signed at full load, and while 10,000 rotations are in flight. Each case in a
// process of its own; the figures go to bench/measurements.json and the plot to docs/benchmarks/.

const { execFileSync } = require('node:child_process');

const { ensure } = require('./lib/ensure');
const { machine } = require('./lib/machine');
const { addMeasurements } = require('./lib/store');

const SIGNATURES = 6000;
const LANES = 64;
const ROTATIONS = 10_000;
const IDLE_MS = 1000;

// Signs one request's token a turn of the loop, as a server under load does.
function oneATurn(call) {
  return async (n) => {
    for (let i = 0; i < n; i++) {
      call();
      await new Promise(setImmediate);
    }
  };
}

async function signing(name, operation) {
  const { contenders } = require('./contenders');
  const { inFlight } = require('./lib/looped');
  const { keyPair, FOUR, LIFETIME_S } = require('./lib/inputs');
  const pair = keyPair('RS256');
  const keys = { signing: pair.privatePem, checking: pair.publicPem, signingObject: pair.privateKey, checkingObject: pair.publicKey };
  const contender = contenders.find((one) => one.name === name);
  const call = await contender[operation]({ alg: 'RS256', payload: FOUR, keys, expiresIn_s: LIFETIME_S });
  const work = operation === 'sign' ? oneATurn(call) : inFlight(call, LANES);
  await work(200);
  return { work: () => work(SIGNATURES), n: SIGNATURES };
}

async function rotating() {
  const { authOn, logins, rotations } = require('./comparisons/rotations');
  const { temporaryFolder } = require('./lib/temporary');
  const { file, remove } = temporaryFolder();
  const auth = authOn(file('sessions.db'), { queueLimit: 2 * ROTATIONS, storeTimeout: '60s' });
  const tokens = await logins(auth, ROTATIONS);
  const work = rotations(auth, tokens, ROTATIONS);
  return { work: () => work(4 * ROTATIONS), n: 4 * ROTATIONS, done: () => auth.close().then(remove) };
}

// What the method shows where there is nothing to show.
async function idling() {
  return { work: () => new Promise((resolve) => setTimeout(resolve, IDLE_MS)), n: 0 };
}

const CASES = [
  { name: 'nothing: an idle loop', prepare: idling },
  { name: 'signet, signAsync', prepare: () => signing('signet', 'signAsync') },
  { name: 'signet, sign', prepare: () => signing('signet', 'sign') },
  { name: 'jsonwebtoken, callback', prepare: () => signing('jsonwebtoken', 'signAsync') },
  { name: 'jsonwebtoken, sync', prepare: () => signing('jsonwebtoken', 'sign') },
  { name: 'fast-jwt, async', prepare: () => signing('fast-jwt', 'signAsync') },
  { name: 'jose', prepare: () => signing('jose', 'signAsync') },
  { name: '@node-rs/jsonwebtoken, async', prepare: () => signing('@node-rs/jsonwebtoken', 'signAsync') },
  { name: 'signet, 10,000 rotations', prepare: rotating },
];

// { name, p50, p99, max, perSecond }: delays in microseconds.
async function measure({ name, prepare }) {
  const { loopDelay } = require('./comparisons/async');
  const { work, n, done } = await prepare();
  const from = process.hrtime.bigint();
  const delay = await loopDelay(work);
  const perSecond = Math.round((n * 1e9) / Number(process.hrtime.bigint() - from));
  await done?.();
  return { name, ...delay, perSecond };
}

function main() {
  ensure();
  const loop = CASES.map((one, i) => {
    const row = JSON.parse(execFileSync(process.execPath, [__filename, String(i)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
    const ms = (us) => `${(us / 1000).toFixed(2)} ms`;
    console.log(`${row.name.padEnd(30)} p50 ${ms(row.p50)}  p99 ${ms(row.p99)}  max ${ms(row.max)}  ${row.perSecond} a second`);
    return row;
  });
  addMeasurements({ loop: { machine: machine(), rows: loop } });
  require('./draw').drawAll();
}

if (process.argv[2] === undefined) main();
else measure(CASES[Number(process.argv[2])]).then((row) => console.log(JSON.stringify(row)));
