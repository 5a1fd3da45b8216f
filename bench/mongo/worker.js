'use strict';
// One contender at one number in flight, in a process of its own. argv: JSON { way, uri, collection, lanes, seconds }
// Prints JSON { perSecond, mainThreadUs, p50Ms, p99Ms }.

const fs = require('node:fs');

const { way, lanes, seconds, ...place } = JSON.parse(process.argv[2]);
const WARM_UP_S = 4; // a cold JavaScript engine costs several times what a warm one does

/** The processor time of the main thread alone, in microseconds: JavaScript, and what it waits for nobody else to do. */
const mainThreadUs = () => Number(fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1000;
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

async function lane(contender, i, until, latencies) {
  while (nowMs() < until) {
    const from = nowMs();
    await contender.rotate(i);
    latencies.push(nowMs() - from);
  }
}

async function run(contender, s) {
  const latencies = [];
  const [from, cpu] = [nowMs(), mainThreadUs()];
  await Promise.all(Array.from({ length: lanes }, (_, i) => lane(contender, i, from + s * 1000, latencies)));
  const [ms, us] = [nowMs() - from, mainThreadUs() - cpu];
  latencies.sort((a, b) => a - b);
  return { perSecond: latencies.length / (ms / 1000), mainThreadUs: us / latencies.length, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}

async function main() {
  const contender = await require(`./${way}`).open({ ...place, lanes });
  await run(contender, WARM_UP_S);
  console.log(JSON.stringify(await run(contender, seconds)));
  await contender.close();
}

main();
