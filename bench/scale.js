'use strict';
// npm run bench:scale: cost against size. Each curve in a process of its own; figures to bench/measurements.json, plots to docs/benchmarks/.
// npm run bench:scale -- NAME …   these curves alone

const { execFileSync } = require('node:child_process');

const { ensure } = require('./lib/ensure');
const { machine } = require('./lib/machine');
const { addMeasurements, measurements } = require('./lib/store');
const { inWords } = require('./lib/words');
const { CURVES } = require('./curves');

function measured(name) {
  const answer = execFileSync(process.execPath, [__filename, '--one', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 });
  return JSON.parse(answer);
}

function main(names) {
  ensure();
  const before = measurements().scale?.curves ?? [];
  const curves = [];
  for (const [name, { prepare, ...shown }] of Object.entries(CURVES)) {
    const wanted = names.length === 0 || names.includes(name);
    const answer = wanted ? measured(name) : null;
    const kept = before.find((curve) => curve.name === name);
    if (answer?.skipped) console.log(`${name}: skipped. ${answer.skipped}`);
    if (!answer?.series) {
      if (kept) curves.push(kept);
      continue;
    }
    const slopes = answer.series.map((s) => ({ name: s.name, words: inWords(s.points) }));
    for (const slope of slopes) console.log(`${name}: ${slope.name} ${slope.words}`);
    curves.push({ name, ...shown, ticks: answer.ticks ?? answer.series[0].points.map(([x]) => x), series: answer.series, slopes });
  }
  addMeasurements({ scale: { machine: machine(), curves } });
  require('./draw').drawAll();
}

if (process.argv[2] === '--one') CURVES[process.argv[3]].prepare().then((answer) => console.log(JSON.stringify(answer)));
else main(process.argv.slice(2));
