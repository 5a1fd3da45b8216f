'use strict';
// A folder for a benchmark's database, on the disk that TMPDIR names (a file system in memory would make durability look free).

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

function temporaryFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-bench-'));
  return { file: (name) => path.join(folder, name), remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

module.exports = { temporaryFolder };
