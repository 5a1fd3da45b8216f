'use strict';
// The process of a store in MongoDB: its memory, its end, its threads.
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { SECRETS } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { ROOT, runScript } = require('./support/script');

const ROTATIONS = 20_000;
const GROWTH_MB = 8; // one byte lost a rotation would be 0.02 MB, one record 10 MB
const withCa = ({ MONGODB_TLS_URI: uri, MONGODB_TLS_CA: ca }) => `${uri}&tlsCAFile=${ca}`;

describe('A process with sessions in MongoDB', function suite() {
  let mongo;
  before(async function find() {
    mongo = await needMongo.call(this);
  });

  it(`does not grow over ${ROTATIONS} rotations (a million: test/soak/mongo.js)`, async function soaks() {
    this.timeout(180_000);
    const child = spawn(
      process.execPath,
      ['--expose-gc', path.join(__dirname, 'soak', 'mongo.js'), String(ROTATIONS)],
      { env: { ...process.env, MONGODB_URI: mongo.MONGODB_URI }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
    });
    assert.strictEqual(
      await new Promise((resolve) => {
        child.once('close', resolve);
      }),
      0,
    );
    const { rotations, perSecond, firstMb, lastMb } = JSON.parse(out.trim().split('\n').at(-1));
    assert.ok(rotations >= ROTATIONS);
    assert.ok(lastMb - firstMb < GROWTH_MB, out);
    console.log(
      `      ${perSecond} rotations/s, ${firstMb.toFixed(1)} MB half way, ${lastMb.toFixed(1)} MB at the end`,
    );
  });

  it('can end by process.exit() with rotations over TLS in flight: 20 runs', async function exits() {
    if (!mongo.MONGODB_TLS_URI) this.skip();
    this.timeout(60_000);
    const ended = [];
    for (let i = 0; i < 20; i += 1) {
      const { code, signal, stderr } = await runScript(`
        const lib = require('.');
        const [store, collection] = ${JSON.stringify([withCa(mongo), collectionName('exit')])};
        const auth = lib.createAuth({ ...secrets, store, collection });
        auth.ready().then(() => { load(lib, auth, 16); setTimeout(() => process.exit(7), ${i * 3}); });`);
      ended.push(`${code} ${signal} ${stderr}`);
    }
    assert.deepStrictEqual([...new Set(ended)], ['7 null ']);
  });

  it('ends by itself after close(), which waits for calls in flight', async () => {
    const { code, stdout, stderr } = await runScript(`
      const [store, collection] = ${JSON.stringify([mongo.MONGODB_URI, collectionName('close')])};
      const auth = require('.').createAuth({ ...secrets, store, collection });
      let answered = 0;
      const logins = Array.from({ length: 50 }, (_, i) => auth.login('user-' + i).then(() => { answered += 1; }));
      auth.close().then(() => console.log('closed after ' + answered));
      Promise.all(logins);`);
    assert.deepStrictEqual([code, stdout, stderr], [0, 'closed after 50\n', '']);
  });

  it('leaves no file of the driver in /dev/shm, nor do its workers, however it ends', async function files() {
    if (!fs.existsSync('/dev/shm')) {
      console.log('      skipped: there is no /dev/shm');
      this.skip();
    }
    const options = { ...SECRETS, store: mongo.MONGODB_URI, collection: collectionName('shm') };
    const login = `
      const auth = require(${JSON.stringify(ROOT)}).createAuth(${JSON.stringify(options)});
      const done = auth.login('7')`;
    const worker = JSON.stringify(`${login}.then(() => process.exit());`);
    const ends = {
      ends: 'auth.close()',
      exits: 'process.exit()',
      'is killed': "process.kill(process.pid, 'SIGKILL')",
    };
    for (const [how, end] of Object.entries(ends)) {
      const { stdout, stderr } = await runScript(`${login};
        const { Worker } = require('node:worker_threads');
        const work = () => new Promise((resolve) => new Worker(${worker}, { eval: true }).on('exit', resolve));
        done.then(() => Promise.all([work(), work()])).then(([code]) => {
          require('node:fs').writeSync(1, process.pid + ' ' + code);
          ${end};
        });`);
      const [, pid] = /^(\d+) 0$/.exec(stdout) ?? assert.fail(`${how}: ${stdout} ${stderr}`);
      assert.ok(!fs.existsSync(`/dev/shm/mongoc-${pid}`), how);
    }
  });

  it('prints no messages of the driver', async () => {
    const { stdout, stderr } = await runScript(`
      const store = 'mongodb://127.0.0.1:1/x?maxIdleTimeMS=5';
      const auth = require('.').createAuth({ ...secrets, store, storeTimeout: '300ms' });
      auth.ready().catch(() => auth.close());`);
    assert.deepStrictEqual([stdout, stderr], ['', '']);
  });
});
