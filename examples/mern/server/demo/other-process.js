'use strict';
// Talks to other_process.py: read(sessionId) and lock(boolean), answered in order.

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');

/**
 * @param {string} store the session store's file; with anything else (mongodb://, ':memory:') there is no other process
 */
function openOtherProcess(store) {
  if (/^mongodb|^:memory:$/.test(store))
    return { isThere: () => false, read: async () => null, lock: async () => false, close() {} };
  let child = null;
  const waiting = [];
  const failAll = () => {
    child = null;
    for (const answer of waiting.splice(0)) answer({ record: null, locked: false });
  };

  function start() {
    child = spawn('python3', [path.join(__dirname, 'other_process.py'), store], { stdio: ['pipe', 'pipe', 'ignore'] });
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
    isThere: () => true,
    read: async (sessionId) => (await ask(`read ${sessionId}`)).record,
    lock: async (locked) => (await ask(locked ? 'lock' : 'unlock')).locked,
    close: () => child?.stdin.end(),
  };
}

module.exports = { openOtherProcess };
