'use strict';
// RS256 on Signet's own threads: what a second core gives, and what the event loop feels of it.

const { monitorEventLoopDelay } = require('node:perf_hooks');

const { FOUR, LIFETIME_S, keyPair } = require('../lib/inputs');
const { inFlight, looped } = require('../lib/looped');

const signet = require('../..');

const LANES = 64;
const OPTIONS = { algorithm: 'RS256', expiresIn: LIFETIME_S };
const LIMIT_US = 2000;
const TIMER_US = 1000;

function twoCores() {
  const { privatePem } = keyPair('RS256');
  return {
    ours: inFlight(() => signet.signAsync(FOUR, privatePem, OPTIONS), LANES),
    peer: looped(() => signet.sign(FOUR, privatePem, OPTIONS)),
    sampleMs: 250,
    seconds: 6,
  };
}

// { p50, p99, max } of the event loop's delay in microseconds while `work` runs, as perf_hooks sees it with a timer of 1 ms: the timer's own
// millisecond is part of the figure.
async function loopDelay(work) {
  const delay = monitorEventLoopDelay({ resolution: TIMER_US / 1000 });
  const turns = () => new Promise((resolve) => setTimeout(resolve, 10));
  delay.enable();
  await turns(); // a delay is counted from the timer's last time
  await work();
  await turns(); // work that never let the loop turn is one delay, as long as all of it
  delay.disable();
  return { p50: delay.percentile(50) / 1e3, p99: delay.percentile(99) / 1e3, max: delay.max / 1e3 };
}

// How late the timer came: its own millisecond, which an idle loop shows too, is no delay. The peer's column holds the limit itself.
async function loopP99() {
  const { privatePem } = keyPair('RS256');
  const sign = inFlight(() => signet.signAsync(FOUR, privatePem, OPTIONS), LANES);
  await sign(1000);
  const runs = [];
  for (let i = 0; i < 5; i++) runs.push((await loopDelay(() => sign(5000))).p99 - TIMER_US);
  return { ours_us: runs.sort((a, b) => a - b)[2], peer_us: LIMIT_US };
}

module.exports = { comparisons: { 'rs256-async-2cores': twoCores, 'rs256-async-loop-p99': loopP99 }, loopDelay };
