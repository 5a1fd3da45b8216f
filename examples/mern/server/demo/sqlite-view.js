'use strict';
// The embedded store as its owner could see it: a second process reads its records, and stops it by its write lock.
// Commands are answered in order.

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');

const [major, minor] = process.versions.node.split('.').map(Number);
const HAS_SQLITE = major > 22 || (major === 22 && minor >= 13);
const COMMAND = HAS_SQLITE
  ? [process.execPath, '--disable-warning=ExperimentalWarning', path.join(__dirname, 'sqlite-process.mjs')]
  : ['python3', path.join(__dirname, 'sqlite_process.py')];

/** A row of the table `sessions` by the names that both stores' views use. */
const toRecord = (row) =>
  row && {
    id: row.id,
    generation: row.generation,
    tokenHash: row.token_hash,
    previousHash: row.previous_hash,
    hasKey: row.key_hash != null && row.key_generation === row.generation,
    retries: row.retries_total,
    rotatedAt: row.rotated_at,
    endsAt: row.ends_at,
    revokedFor: row.revoked_at === 0 ? null : row.revoked_for,
    live: row.live,
  };

/** @param {string} file the session store's */
function openSqliteView(file) {
  let child = null;
  const waiting = [];
  const failAll = () => {
    child = null;
    for (const answer of waiting.splice(0)) answer({ record: null, locked: false });
  };

  function start() {
    const [command, ...args] = COMMAND;
    child = spawn(command, [...args, file], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.on('error', failAll).on('exit', failAll);
    child.stdin.on('error', () => {});
    readline.createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
    for (const part of [child, child.stdin, child.stdout]) part.unref(); // does not keep the server running
  }
  function ask(command) {
    if (!child) start();
    return new Promise((resolve) => {
      waiting.push(resolve);
      child.stdin.write(`${command}\n`);
    });
  }

  return {
    kind: 'SQLite',
    store: file,
    cannotStop: null,
    read: async (sessionId) => toRecord((await ask(`read ${sessionId}`)).record),
    stop: async (isDown) => (await ask(isDown ? 'lock' : 'unlock')).locked,
    close: () => child?.stdin.end(),
  };
}

module.exports = { openSqliteView };
