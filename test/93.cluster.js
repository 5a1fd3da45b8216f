'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');

const { SECRETS } = require('./support/auth');
const { newFolder, remove } = require('./support/stores');

// Two workers and their primary, all with an auth on one file; a token of one is rotated by the other.
const PROGRAM = `
  const cluster = require('node:cluster');
  const { createAuth } = require(${JSON.stringify(path.join(__dirname, '..'))});
  const auth = createAuth({ ...${JSON.stringify(SECRETS)}, store: process.argv[2] });
  if (cluster.isPrimary) {
    const workers = [cluster.fork(), cluster.fork()];
    const ask = (worker, token) => new Promise((resolve) => { worker.once('message', resolve); worker.send(token); });
    Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)))).then(async () => {
      let { refreshToken } = await auth.login('7');
      for (let i = 0; i < 20; i += 1) {
        const answers = await Promise.all(workers.map((worker) => ask(worker, refreshToken)));
        if (answers[0] !== answers[1]) throw new Error('two successors');
        [refreshToken] = answers;
      }
      for (const worker of workers) worker.disconnect();
      await auth.close();
      console.log('done');
    });
  } else {
    process.on('message', (token) => auth.rotateRefresh(token).then((tokens) => process.send(tokens.refreshToken)));
    auth.ready().then(() => process.send('ready'));
  }
`;

describe('cluster', () => {
  let folder;
  before(() => {
    folder = newFolder();
  });
  after(() => remove(folder));

  it('workers and their primary share one store, and end by themselves', async () => {
    const program = path.join(folder, 'program.js');
    fs.writeFileSync(program, PROGRAM);
    const child = spawn(process.execPath, [program, path.join(folder, 'sessions.db')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15_000,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    const ended = await new Promise((resolve) => {
      child.on('close', (code, signal) => resolve([code, signal, output]));
    });
    assert.deepStrictEqual(ended, [0, null, 'done\n']);
  });
});
