'use strict';
// Progress lines, one per step, for all scripts of this folder.

const { spawn, spawnSync } = require('node:child_process');

const PROGRESS_MS = 8000;
const started = Date.now();

/** @param {string} text */
function step(text) {
  console.log(`[signet ${((Date.now() - started) / 1000).toFixed(1)} s] ${text}`);
}

/**
 * Runs a command to its end; its output is shown only if it fails (or with SIGNET_VERBOSE=1).
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

/**
 * Runs a long command: prints the step's name, then every few seconds the last line of the command's output.
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { everyMs?: number }} [options]
 * @returns {Promise<string>} its output; if the command fails, the error's text contains it
 */
function runLong(what, command, args, { everyMs = PROGRESS_MS, ...options } = {}) {
  step(what);
  let output = '';
  const collect = (chunk) => {
    output += chunk;
    if (process.env.SIGNET_VERBOSE) process.stderr.write(chunk);
  };
  const lastLine = () => output.trimEnd().split('\n').at(-1).trim().slice(0, 100);
  const timer = setInterval(
    () => step(`  still ${what.replace(/ \(.*/, '')}${output ? `: ${lastLine()}` : ''}`),
    everyMs,
  );
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${[command, ...args].join(' ')}: exit code ${code ?? signal}\n${output}`));
    });
  }).finally(() => clearInterval(timer));
}

/** Whether a program is on the PATH. @param {string} name */
function hasProgram(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}

module.exports = { step, run, runLong, hasProgram };
