'use strict';
// One progress line a step, the same in every script of this folder.

const { spawnSync } = require('node:child_process');

const started = Date.now();

/** @param {string} text */
function step(text) {
  console.log(`[signet ${((Date.now() - started) / 1000).toFixed(1)} s] ${text}`);
}

/**
 * Runs a command to its end; its output is shown only where it fails (or with SIGNET_VERBOSE=1).
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
function run(command, args, options = {}) {
  const stdio = process.env.SIGNET_VERBOSE ? 'inherit' : 'pipe';
  const result = spawnSync(command, args, { stdio, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (result.status === 0) return result.stdout ?? '';
  const reason = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`;
  throw new Error(`${[command, ...args].join(' ')}: ${reason}\n${result.stdout ?? ''}${result.stderr ?? ''}`);
}

/** Whether a program is on the PATH. @param {string} name */
function hasProgram(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}

module.exports = { step, run, hasProgram };
