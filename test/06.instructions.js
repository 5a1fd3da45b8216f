'use strict';
// Detects when the C library gets slower, by instructions per call, which do not depend on other load
// (bench/callgrind.js). Figures are for the compiler, OpenSSL and SQLite that bench/callgrind.json names; with others,
// this only prints the counts.

const assert = require('node:assert/strict');

const { describe: inWords, guard } = require('../bench/callgrind');
const { hasProgram } = require('../scripts/console');

const missing = ['valgrind', 'gcc', 'make', 'pkg-config', 'openssl'].filter((program) => !hasProgram(program));

describe('06 instructions', function () {
  this.timeout(180_000);

  before(function () {
    if (missing.length === 0) return;
    console.log(
      `    skipped: ${missing.join(', ')} missing: ` +
        'apt-get install valgrind gcc make pkg-config openssl libssl-dev libsqlite3-dev',
    );
    this.skip();
  });

  it('six operations of the C library take as many instructions as before, within 3 %', () => {
    const { judged, reason, rows } = guard();
    for (const row of rows) console.log(`      ${inWords(row)}`);
    assert.equal(rows.length, 6);
    for (const { operation, instructions } of rows) assert.ok(instructions > 0, `${operation} was not counted`);
    if (!judged) console.log(`      not judged: ${reason}`);
    else assert.deepEqual(rows.filter((row) => !row.met).map(inWords), []);
  });
});
