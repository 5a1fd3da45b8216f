'use strict';
const assert = require('node:assert');
const path = require('node:path');

const { runScript } = require('./support/script');
const { newFolder, remove } = require('./support/stores');

describe('worker_threads', () => {
  let folder;
  before(() => {
    folder = newFolder();
  });
  after(() => remove(folder));

  // A worker with its own auth on the file, under load; says 'ready' when its first rotation is done.
  const worker = () =>
    JSON.stringify(`
    const { parentPort, workerData } = require('node:worker_threads');
    process.env.SIGNET_TEST = workerData;
    const { rsa, secrets } = JSON.parse(workerData);
    ${'LOAD'}
    const lib = require(${JSON.stringify(path.join(__dirname, '..'))});
    const auth = lib.createAuth({ ...secrets, store: ${JSON.stringify(path.join(folder, 'sessions.db'))} });
    load(lib, auth, 16);
    auth.login('7').then(({ refreshToken }) => auth.rotateRefresh(refreshToken))
      .then(() => parentPort.postMessage('ready'), () => {});
  `);
  const start = () => `
    const { Worker } = require('node:worker_threads');
    const code = ${worker()}.replace('LOAD', load.toString());
    const start = () => new Worker(code, { eval: true, workerData: process.env.SIGNET_TEST });
    const message = (worker) => new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });`;

  it('can be terminated under load: 20 workers', async () => {
    const { code, signal, stdout, stderr } = await runScript(`${start()}
      const lib = require('.');
      const auth = lib.createAuth({ ...secrets, store: ':memory:' });
      (async () => {
        for (let i = 0; i < 20; i += 1) {
          const worker = start();
          await message(worker);
          await new Promise((resolve) => setTimeout(resolve, i % 5));
          await worker.terminate();
        }
        const token = await lib.signAsync({}, rsa, { algorithm: 'RS256' });
        console.log((await auth.login('7')).userId, token.split('.').length);
        await auth.close();
      })();`);
    assert.deepStrictEqual([code, signal, stdout, stderr], [0, null, '7 3\n', '']);
  });

  it('can be the only ones that load the addon: it stays mapped while its threads run', async () => {
    const { code, signal, stdout, stderr } = await runScript(`${start()}
      (async () => {
        for (let i = 0; i < 5; i += 1) {
          const worker = start();
          await message(worker);
          await worker.terminate();
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        console.log('done');
      })();`);
    assert.deepStrictEqual([code, signal, stdout, stderr], [0, null, 'done\n', '']);
  });

  it('work on one file at the same time', async () => {
    const { code, stdout, stderr } = await runScript(`${start()}
      (async () => {
        const all = Array.from({ length: 4 }, start);
        await Promise.all(all.map(message));
        await Promise.all(all.map((worker) => worker.terminate()));
        console.log('done');
      })();`);
    assert.deepStrictEqual([code, stdout, stderr], [0, 'done\n', '']);
  });

  it('can end by process.exit(), or run until the process ends', async () => {
    for (const end of ['process.exit(5)', 'worker.terminate().then(() => process.exit(5))']) {
      const { code, signal, stderr } = await runScript(
        `${start()} const worker = start(); worker.once('message', () => { ${end}; });`,
      );
      assert.deepStrictEqual([code, signal, stderr], [5, null, '']);
    }
  });
});
