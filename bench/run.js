'use strict';
// npm run bench            goals.js → results.json, then matrix.js → measurements.json, plots, README
// npm run bench -- ID …    only these comparisons; results.json keeps the others' figures
// npm run bench -- goals   the comparisons without the matrix
// npm run bench -- matrix  the matrix without the comparisons
// npm run bench -- --node=24,26 goals   with these versions of Node, fetched from npm; results.json has a part for each
// npm run bench -- --quick runs everything, but measures next to nothing and writes nothing

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const {
  ensure,
  inProcess,
  inProcesses,
  headline,
  ownResults,
  quick,
  time,
  unlessQuick,
  writeMeasurements,
  writeResults,
} = require('./core');
const { nodeBinary } = require('../scripts/test-on-node');

// Each comparison runs this many times, each in its own process; the run with the median ratio counts.
const RUNS = unlessQuick(3, 1);
const script = (name) => path.join(__dirname, name);

function compared(goal, i, { judge }) {
  const once = () => inProcess(script('goals.js'), [i])[0];
  const runs = Array.from({ length: RUNS }, once).map((us) => judge(goal, us.ours_us, us.peer_us));
  return runs.sort((a, b) => a.ratio - b.ratio)[RUNS >> 1];
}

function format({ kind, what }, { id, ours_us, peer_us, ratio, goal, met }) {
  const aim = kind === 'times' ? `at least ${goal}` : `at most ${goal}`;
  const judged = quick ? 'ran    ' : met ? 'met    ' : 'NOT MET';
  const figures = `${time(ours_us).padStart(8)} against ${time(peer_us).padStart(8)}: ${ratio} (${aim})`;
  return `${judged} ${id.padEnd(28)} ${figures}  ${what}`;
}

function runGoals(ids, goals) {
  const { GOALS } = goals;
  const before = new Map(ownResults().map((row) => [row.id, row]));
  const all = quick ? [...inProcesses(script('goals.js'), GOALS.length)] : null;
  const rows = [];
  GOALS.forEach((goal, i) => {
    const wanted = ids.length === 0 || ids.includes(goal.id);
    if (!wanted && !before.has(goal.id)) return;
    if (wanted) rows.push(all ? goals.judge(goal, all[i].ours_us, all[i].peer_us) : compared(goal, i, goals));
    else rows.push(before.get(goal.id));
    console.log(format(goal, rows.at(-1)));
  });
  writeResults(rows);
  return rows;
}

function runMatrix() {
  const { ROWS } = require('./matrix');
  const rows = [];
  for (const row of inProcesses(script('matrix.js'), ROWS.length)) {
    rows.push(row);
    console.log(
      `${row.name}: ${Object.entries(row.us)
        .map(([name, us]) => `${name} ${us.toPrecision(3)} µs`)
        .join(', ')}`,
    );
  }
  writeMeasurements('matrix', { rows });
}

/** The same command by other versions of Node. The addon needs no other build: Node-API's ABI is stable. */
async function onVersions(majors, args) {
  await ensure();
  for (const major of majors) {
    const { status } = spawnSync(nodeBinary(major), [__filename, '--ready', ...args], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`the benchmark failed on Node ${major}`);
  }
}

async function main(args) {
  const versions = args.find((arg) => arg.startsWith('--node='));
  if (versions) {
    const others = process.argv.slice(2).filter((arg) => arg !== versions);
    return onVersions(versions.slice('--node='.length).split(','), others);
  }
  if (!process.argv.includes('--ready')) await ensure();
  const goals = require('./goals');
  const ids = args.filter((id) => id !== 'goals' && id !== 'matrix');
  const unknown = ids.filter((id) => !goals.GOALS.some((goal) => goal.id === id));
  const there = goals.GOALS.map(({ id }) => id).join(', ');
  if (unknown.length) throw new Error(`no such comparison: ${unknown.join(', ')}; there are ${there}`);
  if (ids.length > 0 && ownResults().length === 0)
    throw new Error(`results.json has nothing of Node ${process.version} yet: run all first, npm run bench -- goals`);
  const onlyMatrix = args.length === 1 && args[0] === 'matrix';
  const rows = onlyMatrix ? headline().rows : runGoals(ids, goals);
  if (args.length === 0 || onlyMatrix) runMatrix();
  require('./charts').drawAll();
  require('./pages').writeAll();
  const missed = rows.filter((row) => !row.met).map((row) => row.id);
  if (!quick) console.log(missed.length ? `not reached: ${missed.join(', ')}` : 'every ratio reached');
}

main(process.argv.slice(2).filter((word) => word !== '--quick' && word !== '--ready'));
