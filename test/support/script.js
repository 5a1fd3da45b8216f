'use strict';
// Scripts in their own process, for what the test's process would not survive.

const { spawn } = require('node:child_process');
const { generateKeyPairSync } = require('node:crypto');
const path = require('node:path');

const { SECRETS } = require('./auth');

const ROOT = path.join(__dirname, '..', '..');
const PACKAGES = path.join(ROOT, 'test', 'node_modules');
const TIMEOUT_MS = 20_000;

let privateKey;
const rsaKey = () => {
  privateKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  return privateKey;
};

/**
 * What every script begins with: `rsa`, `secrets`, and `load(n)`, which keeps n RSA signatures and n rotations in
 * flight.
 */
const PRELUDE = `
  const { rsa, secrets } = JSON.parse(process.env.SIGNET_TEST);
  function load(lib, auth, n) {
    const again = (work) => work().then(() => again(work), () => {});
    for (let i = 0; i < n; i += 1) {
      again(() => lib.signAsync({ i }, rsa, { algorithm: 'RS256' }));
      auth.login('user-' + i).then((tokens) => {
        let { refreshToken } = tokens;
        again(async () => { ({ refreshToken } = await auth.rotateRefresh(refreshToken)); });
      }, () => {});
    }
  }
`;

/**
 * Runs a script with node and resolves with how it ended; a script that does not end by itself is killed.
 * @param {string} text
 * @param {string[]} [flags]
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }>}
 */
function runScript(text, flags = []) {
  const env = { ...process.env, NODE_PATH: PACKAGES, SIGNET_TEST: JSON.stringify({ rsa: rsaKey(), secrets: SECRETS }) };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, '-e', PRELUDE + text], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

module.exports = { ROOT, runScript };
