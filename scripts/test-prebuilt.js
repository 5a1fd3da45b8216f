'use strict';
// Runs tests on the prebuilt binary in the place of the one that is built here, in a copy of the checkout without build/:
//   node scripts/test-prebuilt.js test/1*.js test/3*.js …
//   node scripts/test-prebuilt.js --node=24 test/1*.js …       on another version of Node

const fs = require('node:fs');
const path = require('node:path');
const { nodeBinary, testOn } = require('./test-on-node.js');

const ROOT = path.join(__dirname, '..');
const COPY = path.join(ROOT, '.cache', 'prebuild', 'checkout');
const LINKED = ['node_modules', 'prebuilds', 'examples/mern/node_modules', 'bench/node_modules'];
const LEFT_OUT = new Set(['.git', '.cache', 'build', 'node_modules', 'prebuilds']);

function copyCheckout() {
  fs.rmSync(COPY, { recursive: true, force: true });
  fs.mkdirSync(COPY, { recursive: true });
  for (const name of fs.readdirSync(ROOT).filter((entry) => !LEFT_OUT.has(entry))) {
    fs.cpSync(path.join(ROOT, name), path.join(COPY, name), { recursive: true, filter: (source) => !LEFT_OUT.has(path.basename(source)) });
  }
  for (const name of LINKED.filter((place) => fs.existsSync(path.join(ROOT, place)))) fs.symlinkSync(path.join(ROOT, name), path.join(COPY, name));
}

const args = process.argv.slice(2);
const major = args.find((arg) => arg.startsWith('--node='))?.slice('--node='.length);
copyCheckout();
process.exitCode = testOn(major ? nodeBinary(major) : process.execPath, args.filter((arg) => !arg.startsWith('--')), COPY);
