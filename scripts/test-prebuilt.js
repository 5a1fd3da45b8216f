'use strict';
// Runs tests with the prebuilt binary, in a copy of the checkout without build/:
//   node scripts/test-prebuilt.js test/1*.js test/3*.js …
//   node scripts/test-prebuilt.js --node=24 test/1*.js …       on another version of Node

const path = require('node:path');
const { copyCheckout, nodeBinary, testOn } = require('./test-on-node.js');

const ROOT = path.join(__dirname, '..');
const COPY = path.join(ROOT, '.cache', 'prebuild', 'checkout');

const args = process.argv.slice(2);
const major = args.find((arg) => arg.startsWith('--node='))?.slice('--node='.length);
copyCheckout(COPY, ['prebuilds']);
process.exitCode = testOn(
  major ? nodeBinary(major) : process.execPath,
  args.filter((arg) => !arg.startsWith('--')),
  COPY,
);
