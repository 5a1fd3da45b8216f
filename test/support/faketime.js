'use strict';
// Processes with their own wall clock, by libfaketime. Their monotonic clock is the machine's.

const fs = require('node:fs');

const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((file) => fs.existsSync(file));

/** Why there is none, or null. */
const missingFaketime = LIBRARY ? null : 'libfaketime is not installed (apt-get install libfaketime)';

/** Puts the wall clock of the processes that were started with `file` ahead by `ms`, at once. */
function setWall(file, ms) {
  fs.writeFileSync(`${file}.new`, `${ms < 0 ? '' : '+'}${ms / 1000}\n`);
  fs.renameSync(`${file}.new`, file);
}

/** The environment of a process whose wall clock `setWall(file, ms)` sets. */
const wallEnvironment = (file) => ({
  ...process.env,
  NODE_NO_WARNINGS: '1', // of SIGNET_CLOCK
  LD_PRELOAD: LIBRARY,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
});

/** The files that a killed process has left in /dev/shm. */
function removeShared(pid) {
  for (const name of ['faketime_shm_', 'sem.faketime_sem_']) fs.rmSync(`/dev/shm/${name}${pid}`, { force: true });
}

module.exports = { missingFaketime, removeShared, setWall, wallEnvironment };
