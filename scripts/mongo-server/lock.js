'use strict';
// A lock file: only one process at a time builds, starts or stops the server; the others wait.

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const paths = require('./paths');

function holderIsAlive() {
  try {
    const pid = fs.readFileSync(paths.lock, 'utf8');
    return pid === '' || fs.existsSync(`/proc/${pid}`); // empty: the holder is about to write its pid
  } catch {
    return true; // released meanwhile: try again
  }
}

function take() {
  fs.mkdirSync(path.dirname(paths.lock), { recursive: true });
  try {
    fs.writeFileSync(paths.lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!holderIsAlive()) fs.rmSync(paths.lock, { force: true });
  return false;
}

/** Runs `work` while holding the lock. */
async function locked(work) {
  while (!take()) await delay(200);
  try {
    return await work();
  } finally {
    fs.rmSync(paths.lock, { force: true });
  }
}

module.exports = { locked };
