'use strict';
// The table of deliberate differences from jsonwebtoken: each is real, and the page lists them all.

const assert = require('node:assert');
const fs = require('node:fs');
const jsonwebtoken = require('jsonwebtoken');
const signet = require('../lib/index.js');
const { DEVIATIONS, MARKS, PAGE, table } = require('./deviations');

/** An outcome as text: "Class: message", or the value as JSON. */
async function told(run) {
  try {
    return JSON.stringify(await run());
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

describe('26 deviations from jsonwebtoken', () => {
  for (const { id, example, theirs, ours, signet: what } of DEVIATIONS) {
    it(`${id}: ${what}`, async () => {
      assert.match(await told(() => example(jsonwebtoken)), theirs);
      assert.match(await told(() => example(signet)), ours);
    });
  }

  it('docs/drop-in.md lists these and no others', () => {
    const page = fs.readFileSync(PAGE, 'utf8');
    assert.strictEqual(page.slice(page.indexOf(MARKS[0]) + MARKS[0].length, page.indexOf(MARKS[1])).trim(), table());
  });
});
