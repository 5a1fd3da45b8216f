'use strict';
// Two or more ways of doing one thing, timed in turn in one process: many short rounds, each way once a round, so that whatever else the machine
// does falls on all of them alike. Tinybench takes the samples; the figure of a way is the median of all its samples.
//
// A way is a function `(n) => …` that does the thing n times: a call of half a microsecond is shorter than the clock is fine. It returns nothing, or the
// nanoseconds it took where it has timed itself, or a promise.
//
// `clock: 'cpu'` counts the time that this thread ran, for ways that neither wait nor use other threads: what other processes take of a shared machine is not in it.

// Shorter than a time slice, so that on a busy machine most samples are whole; unless a comparison asks for more.
const SAMPLE_MS = 0.4;
const SAMPLES_A_ROUND = 5;

const { cpuTime } = require('./floors');

const CLOCKS = { wall: () => Number(process.hrtime.bigint()), cpu: cpuTime };

const elapsedMs = (from) => (CLOCKS.wall() - from) / 1e6;

async function once(way, n, clock) {
  const from = clock();
  const made = way(n);
  if (made === undefined) return (clock() - from) / 1e6;
  const ns = await made;
  return (ns ?? clock() - from) / 1e6;
}

// How many repetitions make a sample: asked again and again while the code warms up, as it gets faster.
async function repetitions(way, clock, sampleMs, warmUpMs) {
  const latest = [];
  let n = 1;
  for (const from = CLOCKS.wall(); elapsedMs(from) < warmUpMs;) {
    const ms = await once(way, n, clock);
    n = Math.max(1, Math.round(n * Math.min(2, sampleMs / Math.max(ms, 1e-6))));
    latest.push(n);
    if (latest.length > 15) latest.shift();
  }
  return Math.round(median(latest));
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// { name: way } → { name: microseconds a repetition }
async function compare(ways, { seconds = 3, sampleMs = SAMPLE_MS, warmUpMs = 1000, clock: clockName = 'wall' } = {}) {
  const clock = CLOCKS[clockName];
  const { Bench } = await import('tinybench');
  const bench = new Bench({ time: 0, iterations: SAMPLES_A_ROUND, warmup: false, retainSamples: true, throws: true });
  const samples = {};
  const counts = {};
  for (const [name, way] of Object.entries(ways)) {
    const n = await repetitions(way, clock, sampleMs, warmUpMs);
    counts[name] = n;
    samples[name] = [];
    bench.add(name, async () => ({ overriddenDuration: await once(way, n, clock) }), { async: true });
  }
  for (const from = CLOCKS.wall(); elapsedMs(from) < seconds * 1e3;) {
    await bench.run();
    for (const task of bench.tasks) samples[task.name].push(...task.result.latency.samples.map((ms) => (ms * 1e3) / counts[task.name]));
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
}

module.exports = { compare, median };
