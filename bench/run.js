'use strict';
// npm run bench            the comparisons of goals.js → bench/results.json, then every row of matrix.js → bench/measurements.json, plots, README
// npm run bench -- ID …    those comparisons alone; results.json keeps the others' figures
// npm run bench -- goals   the comparisons without the matrix
// npm run bench -- matrix  the matrix without the comparisons

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const { GOALS, judge } = require('./goals');
const { ensure } = require('./lib/ensure');
const { machine } = require('./lib/machine');
const { addMeasurements, results: resultsBefore, writeResults } = require('./lib/store');
const { format } = require('./lib/table');
const { ROWS } = require('./matrix');

// Each comparison runs this many times, in processes of its own; the run with the median ratio stands.
const RUNS = 3;

function inProcess(script, argument) {
  const answer = execFileSync(process.execPath, [path.join(__dirname, script), argument], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(answer);
}

function compared(goal) {
  const runs = Array.from({ length: RUNS }, () => inProcess('one.js', goal.id)).map(({ ours_us, peer_us }) => judge(goal, ours_us, peer_us));
  return runs.sort((a, b) => a.ratio - b.ratio)[RUNS >> 1];
}

function runGoals(ids) {
  const before = new Map(resultsBefore().map((row) => [row.id, row]));
  const results = [];
  for (const goal of GOALS) {
    const row = ids.length === 0 || ids.includes(goal.id) ? compared(goal) : before.get(goal.id);
    if (!row) continue;
    results.push(row);
    console.log(format(goal, row));
  }
  writeResults(results);
  addMeasurements({ goals: { machine: machine() } });
  return results;
}

function runMatrix() {
  const rows = ROWS.map((row, i) => {
    const measured = inProcess('matrix.js', String(i));
    console.log(`${row.name}: ${Object.entries(measured.us).map(([name, us]) => `${name} ${us.toPrecision(3)} µs`).join(', ')}`);
    return measured;
  });
  addMeasurements({ matrix: { machine: machine(), rows } });
}

function main(args) {
  ensure();
  const ids = args.filter((id) => id !== 'goals' && id !== 'matrix');
  const onlyMatrix = args.length === 1 && args[0] === 'matrix';
  const unknown = ids.filter((id) => !GOALS.some((goal) => goal.id === id));
  if (unknown.length) throw new Error(`no such comparison: ${unknown.join(', ')}; there are ${GOALS.map((goal) => goal.id).join(', ')}`);
  const results = onlyMatrix ? resultsBefore() : runGoals(ids);
  if (args.length === 0 || onlyMatrix) runMatrix();
  require('./draw').drawAll();
  execFileSync(process.execPath, [path.join(__dirname, '..', 'scripts', 'readme-figures.js')], { stdio: 'inherit' });
  const missed = results.filter((row) => !row.met).map((row) => row.id);
  console.log(missed.length ? `not reached: ${missed.join(', ')}` : 'every ratio reached');
}

main(process.argv.slice(2));
