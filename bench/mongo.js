'use strict';
// npm run bench:mongo: a refresh on MongoDB, three ways on one server: the tutorial's (mongoose, jsonwebtoken), a careful one (Node driver, jose), Signet's.
// At 1, 8 and 64 in flight; once more with 20 ms a round trip, by the tests' proxy. The figures go to bench/measurements.json. Linux only: the main
// thread's processor time is read from /proc.
//   MONGODB_URI, or else the project's test server; --seconds 4 a case; --rounds 3, whose medians are printed

const { execFileSync, fork } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { ensure } = require('./lib/ensure');
const { machine } = require('./lib/machine');
const { median } = require('./lib/measure');
const { addMeasurements } = require('./lib/store');
const { mongoServer } = require('../test/support/mongo');
const { portOf, through } = require('../test/support/mongo-proxy');

const WAYS = ['tutorial', 'careful', 'signet'];
const IN_FLIGHT = [1, 8, 64];
const ROUND_TRIP_MS = 20;

// What is to hold at 64 in flight: [title, figure, of the ratio ours to theirs, whose, least or most].
const GOALS = [
  ['main-thread CPU, of the tutorial\'s at most 1/20', 'mainThreadUs', 'tutorial', 'most', 1 / 20],
  ['main-thread CPU, of the careful way\'s at most 1/4', 'mainThreadUs', 'careful', 'most', 1 / 4],
  ['throughput, of the tutorial\'s at least 4', 'perSecond', 'tutorial', 'least', 4],
  ['throughput, of the careful way\'s at least 1', 'perSecond', 'careful', 'least', 1],
];

/** The proxy in a process of its own, so that its work is nobody's in particular. Resolves with it as far as `through` needs it. */
function startProxy(uri) {
  const child = fork(path.join(__dirname, 'mongo', 'delay.js'), [String(portOf(uri)), String(ROUND_TRIP_MS / 2)]);
  return new Promise((resolve) => { child.once('message', (port) => resolve({ port, stop: () => child.kill() })); });
}

function measureOnce(way, uri, lanes, seconds) {
  const order = { way, uri, lanes, seconds, collection: `bench_${way}_${process.pid}_${Date.now()}` };
  return JSON.parse(execFileSync(process.execPath, [path.join(__dirname, 'mongo', 'worker.js'), JSON.stringify(order)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** The ways in turn, several rounds, so that whatever else the machine does falls on all of them; the medians. */
function measure(uri, lanes, { seconds, rounds }) {
  const taken = Object.fromEntries(WAYS.map((way) => [way, []]));
  for (let i = 0; i < rounds; i++) for (const way of WAYS) taken[way].push(measureOnce(way, uri, lanes, seconds));
  return WAYS.map((way) => ({ way, lanes, ...Object.fromEntries(Object.keys(taken[way][0]).map((key) => [key, median(taken[way].map((row) => row[key]))])) }));
}

function show({ way, lanes, perSecond, mainThreadUs, p50Ms, p99Ms }) {
  const figure = (value, digits, unit) => `${value.toFixed(digits).padStart(8)} ${unit}`;
  console.log(`${String(lanes).padStart(3)} in flight  ${way.padEnd(9)} ${figure(perSecond, 0, '/s')}  main thread ${figure(mainThreadUs, 1, 'µs')}  p50 ${figure(p50Ms, 2, 'ms')}  p99 ${figure(p99Ms, 2, 'ms')}`);
}

function judge(title, rows) {
  const at = (way) => rows.find((row) => row.way === way && row.lanes === 64);
  return GOALS.map(([what, figure, other, kind, goal]) => {
    const ratio = at('signet')[figure] / at(other)[figure];
    const met = kind === 'most' ? ratio <= goal : ratio >= goal;
    console.log(`${met ? 'met    ' : 'NOT MET'} ${title}: ${what}: ${kind === 'most' ? `1/${(1 / ratio).toFixed(1)}` : ratio.toFixed(2)}`);
    return { title, what, ratio: Number(ratio.toPrecision(4)), met };
  });
}

async function main() {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } } });
  const amount = { seconds: Number(values.seconds), rounds: Number(values.rounds) };
  ensure();
  const found = await mongoServer();
  if (!found) return;
  const proxy = await startProxy(found.MONGODB_URI);
  const cases = { 'no delay': found.MONGODB_URI, [`${ROUND_TRIP_MS} ms a round trip`]: through(found.MONGODB_URI, proxy) };
  const report = [];
  for (const [title, uri] of Object.entries(cases)) {
    console.log(`\n${title}`);
    const rows = IN_FLIGHT.flatMap((lanes) => {
      const measured = measure(uri, lanes, amount);
      measured.forEach(show);
      return measured;
    });
    report.push({ title, rows, goals: judge(title, rows) });
  }
  proxy.stop();
  addMeasurements({ mongo: { machine: machine(), report } });
}

main();
