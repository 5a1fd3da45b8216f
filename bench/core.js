'use strict';
// Shared by all benchmarks: setup, one process per row, timing several ways in turn, the files of figures.
//
// A way is a function `(n) => …` that does an operation n times, since one call can be shorter than the clock's
// resolution. It returns nothing, a promise, or, if it times itself, the nanoseconds it took.
//
// --quick measures next to nothing and writes nothing: it only checks that everything runs.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { runLong } = require('../scripts/console');
const setup = require('../scripts/setup');

const FLOORS = path.join(__dirname, 'floors');
const RESULTS = path.join(__dirname, 'results.json');
const HEADLINE = 24; // Node's version in the pages' tables, if it has been measured
const MEASUREMENTS = path.join(__dirname, 'measurements.json');

const quick = process.argv.includes('--quick');
/** A size of the benchmark, or its replacement under --quick. */
const unlessQuick = (value, instead) => (quick ? instead : value);

// ---------------------------------------------------------------- setting up

/** Not with `npm ci`: it requires one peer's binaries for other platforms, which a registry may lack. */
async function installPeers() {
  const installed = path.join(__dirname, 'node_modules', '.package-lock.json');
  if (setup.newestMtime([installed]) >= setup.newestMtime([path.join(__dirname, 'package-lock.json')])) return;
  const args = ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  await runLong('installing the peers', 'npm', args, { cwd: __dirname });
  fs.utimesSync(installed, new Date(), new Date()); // npm leaves it unchanged if there was nothing to do
}

/** Installs the peers and builds the addon and the floors if they are missing or out of date. */
async function ensure() {
  await setup.installSystemPackages('start');
  await setup.installPackages(setup.ROOT);
  await setup.buildAddon();
  await installPeers();
  const built = setup.newestMtime([path.join(FLOORS, 'build', 'Release', 'floors.node')]);
  const sources = fs
    .readdirSync(FLOORS)
    .filter((name) => /\.(c|h|gyp)$/.test(name))
    .map((name) => path.join(FLOORS, name));
  if (built >= setup.newestMtime(sources)) return;
  const gyp = path.join(setup.ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  await runLong('building the floors', process.execPath, [gyp, 'rebuild', ...setup.nodeDir()], { cwd: FLOORS });
}

/** A folder under TMPDIR, which should be on a disk: on tmpfs, durability would look free. */
function temporaryFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-bench-'));
  return { file: (name) => path.join(folder, name), remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

// ---------------------------------------------------------------- a process for each row

/** Runs a script in its own process with `--one=…`; returns what it answered (see answered). */
function inProcess(script, ...order) {
  const args = [script, `--one=${JSON.stringify(order)}`, ...(quick ? ['--quick'] : [])];
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 };
  return JSON.parse(execFileSync(process.execPath, args, options));
}

/** `measure(i)` for each i below n, each in its own process; with --quick all in one. */
function* inProcesses(script, n) {
  const all = Array.from({ length: n }, (_, i) => i);
  if (quick) yield* inProcess(script, all);
  else for (const i of all) yield inProcess(script, [i])[0];
}

/** In such a process: prints the result of `measure(…order)` and returns true. */
function answered(measure) {
  const order = process.argv[2]?.startsWith('--one=') && JSON.parse(process.argv[2].slice('--one='.length));
  if (order) Promise.resolve(measure(...order)).then((answer) => console.log(JSON.stringify(answer)));
  return Boolean(order);
}

const answeredRows = (measure) =>
  answered(async (indices) => {
    const rows = [];
    for (const i of indices) rows.push(await measure(i));
    return rows;
  });

// ---------------------------------------------------------------- ways

// biome-ignore lint/correctness/noUnusedVariables: keeps the optimiser from removing calls whose result is unused
let kept;

/** `call(i)`: i is the number of the repetition. */
const looped = (call) => (n) => {
  for (let i = 0; i < n; i++) kept = call(i);
};

/** Keeps `lanes` calls in flight; a finished lane takes the next number. */
const inFlight = (call, lanes) => async (n) => {
  let next = 0;
  const lane = async () => {
    while (next < n) kept = await call(next++);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, n) }, lane));
};

// ---------------------------------------------------------------- timing

// Shorter than a time slice, so that most samples are uninterrupted even on a busy machine. A comparison may differ.
const SAMPLE_MS = 0.4;
const SAMPLES_A_ROUND = 5;

const wallNs = () => Number(process.hrtime.bigint());
const elapsedMs = (from) => (wallNs() - from) / 1e6;

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function once(way, n, clock) {
  const from = clock();
  const made = way(n);
  if (made === undefined) return (clock() - from) / 1e6;
  const ns = await made;
  return (ns ?? clock() - from) / 1e6;
}

/** How many repetitions make a sample: repeated while the code warms up, since it gets faster. */
async function repetitions(way, clock, sampleMs, warmUpMs) {
  const latest = [];
  let n = 1;
  for (const from = wallNs(); latest.length === 0 || elapsedMs(from) < warmUpMs; ) {
    const ms = await once(way, n, clock);
    n = Math.max(1, Math.round(n * Math.min(2, sampleMs / Math.max(ms, 1e-6))));
    latest.push(n);
    if (latest.length > 15) latest.shift();
  }
  return Math.round(median(latest));
}

/**
 * Times several ways of doing one thing in turn, in many short rounds, so that other load on the machine affects them
 * equally: { name: way } → { name: microseconds per repetition }, the median of all samples. `clock: 'cpu'` counts this
 * thread's CPU time, for ways that neither wait nor use other threads.
 */
async function compare(ways, { seconds = 3, sampleMs = SAMPLE_MS, warmUpMs = 1000, clock = 'wall' } = {}) {
  const { Bench } = await import('tinybench');
  const now = clock === 'cpu' ? require('./floors').cpuTime : wallNs;
  const iterations = unlessQuick(SAMPLES_A_ROUND, 1);
  const bench = new Bench({ time: 0, iterations, warmup: false, retainSamples: true, throws: true });
  const samples = {};
  const counts = {};
  for (const [name, way] of Object.entries(ways)) {
    const n = await repetitions(way, now, unlessQuick(sampleMs, 0), unlessQuick(warmUpMs, 0));
    counts[name] = n;
    samples[name] = [];
    bench.add(name, async () => ({ overriddenDuration: await once(way, n, now) }), { async: true });
  }
  const from = wallNs();
  do {
    await bench.run();
    for (const { name, result } of bench.tasks)
      samples[name].push(...result.latency.samples.map((ms) => (ms * 1e3) / counts[name]));
  } while (elapsedMs(from) < unlessQuick(seconds, 0) * 1e3);
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
}

// ---------------------------------------------------------------- figures

const read = (file, otherwise) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : otherwise);
const write = (file, value) => quick || fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

const majorOf = (version) => version.split('.')[0];

/** The ratios of goals.js by Node's major version: { 24: { machine, rows }, … }. */
const results = () => read(RESULTS, {});
const ownResults = () => results()[majorOf(process.versions.node)]?.rows ?? [];
const writeResults = (rows) =>
  write(RESULTS, { ...results(), [majorOf(process.versions.node)]: { machine: machine(), rows } });

/** What the pages state: Node 24's, or the newest before it. @returns {{ machine: object, rows: object[] }} */
function headline() {
  const all = results();
  return all[Math.max(...Object.keys(all).filter((major) => Number(major) <= HEADLINE))];
}

/** Everything else: { part: { machine, … } }. */
const measurements = () => read(MEASUREMENTS, {});
const writeMeasurements = (part, figures) =>
  write(MEASUREMENTS, { ...measurements(), [part]: { machine: machine(), ...figures } });

function machine() {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: (cpus[0]?.model ?? 'unknown CPU').replace(/\s+/g, ' ').trim(),
    cores: cpus.length,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
  };
}

const caption = (m) => `${m.date} · ${m.cpu}, ${m.cores} cores · Node ${m.node} · OpenSSL ${m.openssl}`;
const time = (us) => (us >= 1000 ? `${(us / 1000).toPrecision(3)} ms` : `${us.toPrecision(3)} µs`);

module.exports = {
  answered,
  answeredRows,
  caption,
  compare,
  ensure,
  headline,
  inFlight,
  inProcess,
  inProcesses,
  looped,
  measurements,
  median,
  ownResults,
  quick,
  results,
  temporaryFolder,
  time,
  unlessQuick,
  writeMeasurements,
  writeResults,
};
