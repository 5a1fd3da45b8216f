'use strict';
// What takes too long for CI. `skips`: the exit status that means that a registry did not answer. `counts` picks from
// the output what the table shows; without it, that is the line "N passed, N failed" or mocha's figures.

const fs = require('node:fs');
const path = require('node:path');
const { TARGETS } = require('../prebuild/targets.js');

const FUZZERS = fs
  .readdirSync(path.join(__dirname, '..', '..', 'fuzz'))
  .filter((name) => name.endsWith('.c'))
  .map((name) => path.basename(name, '.c'));
const FUZZ_SECONDS = 900;
const IN_CI = ['linux-x64-gnu'];
const WINDOWS_SUITES = ['test/1*.js', 'test/2[0-8]*.js', 'test/3*.js', 'test/4[2-3]*.js', 'test/9[0-2]*.js'];

/** @typedef {{ name: string, title: string, command: string, skips?: number, counts?: RegExp }} Part */

/** In running order, short ones first. @type {Part[]} */
module.exports = [
  {
    name: 'next',
    title: "a Next.js app on the package, built by Turbopack and by webpack with the recipe's settings",
    command: 'node scripts/next-check.js',
    skips: 2,
    counts: /\w+: a session was rotated/g,
  },
  {
    name: 'install',
    title: 'the packed package with each installer, and a build from source with each (CI builds with npm only)',
    command: 'npm run test:install -- --build',
    skips: 2,
  },
  ...Object.keys(TARGETS)
    .filter((target) => !IN_CI.includes(target))
    .map((target) => ({
      name: `binary-${target}`,
      title: `the prebuilt binary for ${target} is built`,
      command: `node scripts/prebuild.js ${target}`,
      skips: 2,
      counts: /signet\.node: \d+ KiB/g,
    })),
  ...['linux-arm64-gnu', 'linux-x64-musl', 'linux-arm64-musl'].map((target) => ({
    name: `run-${target}`,
    title: `the binary for ${target} in a Node for it: each algorithm, 100 rotations on SQLite`,
    command: `node scripts/test-emulated.js ${target}`,
    skips: 2,
    counts: /\d+ algorithms and \d+ rotations on .*/g,
  })),
  ...['20', '22'].map((major) => ({
    name: `windows-node-${major}`,
    title: `the binary for Windows x64 on node.exe ${major} under Wine: tokens, sessions, SQLite, exits, workers`,
    command: `node scripts/test-windows.js --node=${major} ${WINDOWS_SUITES.join(' ')}`,
  })),
  {
    name: 'mongoc2',
    title: "the tests on MongoDB with mongo-c-driver 2.x, Debian forky's",
    command: 'node scripts/test-mongoc2.js',
    skips: 2,
  },
  {
    name: 'differential',
    title: 'a million random calls next to jsonwebtoken',
    command: 'CASES=1000000 npx mocha --timeout 0 test/20.differential.js',
  },
  ...FUZZERS.map((name) => ({
    name: `fuzz-${name}`,
    title: `the fuzzer of ${name}, ${FUZZ_SECONDS / 60} minutes`,
    command: `make --no-print-directory fuzz FUZZERS=build/fuzz/${name} FUZZ_SECONDS=${FUZZ_SECONDS}`,
    counts: /\bnumber_of_executed_units: \d+/g,
  })),
  {
    name: 'storm',
    title: 'storms of a million rotations on both stores, judged by the invariants',
    command: 'SIGNET_STORM=1000000 npm test -- 40',
  },
  {
    name: 'honest-clients',
    title: 'honest browsers and thieves, a million refreshes on each store',
    command: 'SIGNET_REFRESHES=1000000 npm test -- 41',
  },
  {
    name: 'page-budget',
    title: "the example's page on a processor four times slower: paint, layout shifts, blocked time",
    command: 'npx mocha test/browser/page-budget.js',
  },
];
