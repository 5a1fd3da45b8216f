'use strict';
// The figures in README.md and docs/benchmarks.md are those of bench/results.json and bench/measurements.json.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

const { GOALS, judge } = require('../bench/goals');
const { results } = require('../bench/core');
const { pages } = require('../bench/pages');

const FOLDER = path.join(__dirname, '..', 'docs', 'benchmarks');

describe('05 figures', () => {
  it('bench/results.json has one row for each goal, in the order of the table, per version of Node', () => {
    for (const [major, { machine, rows }] of Object.entries(results())) {
      assert.equal(machine.node.split('.')[0], major);
      assert.deepEqual(
        rows.map((row) => row.id),
        GOALS.map((goal) => goal.id),
      );
    }
  });

  it('each row\'s ratio follows from its two times, and "met" from the ratio', () => {
    for (const row of Object.values(results()).flatMap(({ rows }) => rows)) {
      assert.deepEqual(Object.keys(row), ['id', 'ours_us', 'peer_us', 'ratio', 'goal', 'met']);
      const again = judge(
        GOALS.find((goal) => goal.id === row.id),
        row.ours_us,
        row.peer_us,
      );
      assert.ok(
        Math.abs(again.ratio / row.ratio - 1) < 0.002,
        `${row.id}: ${row.ratio}, and its times give ${again.ratio}`,
      );
      assert.ok(Math.abs(again.goal / row.goal - 1) < 0.002, `${row.id}: the goal is ${again.goal}, not ${row.goal}`);
      if (Math.abs(row.ratio / row.goal - 1) > 0.002) assert.equal(row.met, again.met, row.id);
    }
  });

  for (const { file, text, wanted } of pages()) {
    it(`${file} has its figures from these files (node bench/pages.js)`, () => assert.equal(text, wanted));
  }

  it('every plot names its date, CPU, Node and OpenSSL', () => {
    const plots = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.svg'));
    assert.ok(plots.length >= 8, `there are ${plots.length} plots`);
    for (const name of plots) {
      assert.match(
        fs.readFileSync(path.join(FOLDER, name), 'utf8'),
        /\d{4}-\d\d-\d\d · .+ cores · Node \d+\.\d+\.\d+ · OpenSSL \d+\.\d+\.\d+/,
        name,
      );
    }
  });
});
