'use strict';
// The one table of errors is include/signet/status.h; lib, the types and docs/errors.md must agree with it.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const native = require('../lib/native/load.js');
const { CODES } = require('../lib/native/errors.js');

const ROOT = path.join(__dirname, '..');
const rows = native.statuses.filter((row) => row.name !== 'OK');
const codes = new Map(rows.map((row) => [row.code, row.http]));

describe('02 errors', () => {
  it('statuses that share a code share its HTTP status', () => {
    for (const row of rows) assert.strictEqual(row.http, codes.get(row.code), row.name);
  });

  it('lib/native/errors.js has the codes of the C table, with their HTTP status', () => {
    assert.deepStrictEqual(Object.fromEntries(Object.entries(CODES).sort()), Object.fromEntries([...codes].sort()));
  });

  it('the type SignetErrorCode lists the same codes', () => {
    const types = fs.readFileSync(path.join(ROOT, 'lib/jwt/index.d.ts'), 'utf8');
    const union = /export type SignetErrorCode =([^;]+);/.exec(types)[1];
    assert.deepStrictEqual(union.match(/ERR_\w+/g).sort(), [...codes.keys()].sort());
  });

  it('docs/errors.md has a row for each code, with its HTTP status', () => {
    const page = fs.readFileSync(path.join(ROOT, 'docs/errors.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `(ERR_\w+)` \| (\d+|–) \|/gm)].map(([, code, http]) => [
      code,
      http === '–' ? 0 : Number(http),
    ]);
    assert.deepStrictEqual(Object.fromEntries(documented.sort()), Object.fromEntries([...codes].sort()));
  });
});
