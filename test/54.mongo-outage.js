'use strict';
// The server is down for a while: killed with -9, or unreachable. Meanwhile the app answers 503 and its event loop is
// free; it recovers by itself. Clients come back within the grace period, and nobody is logged out. (I2, I5, I6)
const assert = require('node:assert');
const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { SECRETS } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');
const { newFolder, remove } = require('./support/stores');
const { judge } = require('./support/judge');
const { runStorm } = require('./support/storm');
const server = require('../scripts/mongo-server');
const paths = require('../scripts/mongo-server/paths');

const ROTATIONS = 600;
const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);
const GONE = Number(process.env.SIGNET_OUTAGE ?? 20_000); // ms
const FREE_LOOP = 10; // ms

describe('A server that is killed with -9 and started again', () => {
  const instance = 'crash'; // its own: other tests go on with theirs
  let folder;
  let uri;

  before(async function start() {
    this.timeout(600_000);
    try {
      uri = (await server.up({ instance })).MONGODB_URI;
    } catch (error) {
      if (!(error instanceof server.Unavailable) || process.env.CI) throw error;
      console.log(`      skipped: ${error.message}`);
      this.skip();
    }
    folder = newFolder();
  });
  after(async () => {
    if (!uri) return;
    await server.down({ instance });
    remove(folder);
  });

  it('ends with all its processes, even one that has not noticed yet, and can start again immediately', async () => {
    const [engine] = fs.readFileSync(paths.instance(instance).pid('engine'), 'utf8').split(' ');
    const [child] = fs.readFileSync(`/proc/${engine}/task/${engine}/children`, 'utf8').split(' ');
    process.kill(Number(child), 'SIGSTOP');
    try {
      await server.crash({ instance });
      assert.strictEqual((await server.up({ instance })).MONGODB_URI, uri);
    } finally {
      // If it is still there, the test has failed
      if (fs.existsSync(`/proc/${child}`)) process.kill(Number(child), 'SIGKILL');
    }
  });

  it(`loses nothing that was acknowledged, and breaks no invariant (seed ${SEED})`, async function storms() {
    this.timeout(300_000);
    const options = {
      ...SECRETS,
      store: uri,
      collection: collectionName('crash'),
      gracePeriod: '60s',
      storeTimeout: '2s',
    };
    let kills = 0;
    const during = async (done) => {
      for (const at of [0.25, 0.5, 0.75]) {
        while (done.n < ROTATIONS * at) await delay(5);
        await server.crash({ instance });
        kills += 1;
        await delay(300);
        await server.up({ instance });
      }
    };
    const { history, finals, done } = await runStorm({ options, folder, seed: SEED, rotations: ROTATIONS, during });
    assert.deepStrictEqual(judge(history, { finals, grace: 60_000 }), []);
    assert.strictEqual(kills, 3);
    assert.ok(done >= ROTATIONS);
    assert.ok(
      history.some(({ outcome }) => outcome.startsWith('ERR_STORE_')),
      'no client has noticed',
    );
  });
});

describe(`A server that is out of reach for ${GONE / 1000} s`, () => {
  let mongo;
  let proxy;
  const children = [];

  before(async function find() {
    mongo = await needMongo.call(this);
    proxy = await createProxy(portOf(mongo.MONGODB_URI));
  });
  after(async () => {
    for (const child of children) child.kill();
    await proxy?.close();
  });

  /** The app, and an answer of its event loop's watch. */
  async function startApp(options) {
    const app = fork(path.join(__dirname, 'support', 'mongo-app.js'), [JSON.stringify(options)]);
    children.push(app);
    const next = () =>
      new Promise((resolve, reject) => {
        app.once('message', resolve).once('exit', (code) => reject(new Error(`the app has ended: ${code}`)));
      });
    const { port } = await next();
    const post = (route, body) =>
      fetch(`http://127.0.0.1:${port}/auth${route}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'x-signet': '1', origin: 'http://localhost' },
      });
    return {
      post,
      watch: () => app.send('watch'),
      report: () => {
        app.send('report');
        return next();
      },
    };
  }

  it('means 503 and Retry-After, a free event loop, and that nobody is logged out', async function outage() {
    this.timeout(GONE + 60_000);
    const options = {
      ...SECRETS,
      store: through(mongo.MONGODB_URI, proxy),
      collection: collectionName('outage'),
      gracePeriod: '30s',
      storeTimeout: '1s',
    };
    const app = await startApp(options);
    const idle = await startApp({ ...options, store: ':memory:' }); // what this machine does to a process that waits
    const tokens = await Promise.all(
      Array.from({ length: 16 }, async () => (await (await app.post('/login', {})).json()).refreshToken),
    );

    // In flight when the server goes: the rotation is done, the answers are lost.
    proxy.inject('the answer is lost after the write was done', { every: 1 });
    await Promise.all(tokens.map((refreshToken) => app.post('/refresh', { refreshToken })));
    await proxy.down();
    proxy.heal();
    app.watch();
    idle.watch();
    const until = Date.now() + GONE - 2000;
    const slowest = [];
    while (Date.now() < until) {
      await Promise.all(
        tokens.map(async (refreshToken) => {
          const started = Date.now();
          const answer = await app.post('/refresh', { refreshToken });
          slowest.push(Date.now() - started);
          assert.strictEqual(answer.status, 503);
          assert.ok(Number(answer.headers.get('retry-after')) > 0);
          assert.match((await answer.json()).code, /^ERR_STORE_(UNAVAILABLE|TIMEOUT)$/);
        }),
      );
      await delay(200);
    }
    const [busy, quiet] = await Promise.all([app.report(), idle.report()]);
    assert.ok(
      busy.p99 - quiet.p99 < FREE_LOOP,
      `event loop delay p99 ${busy.p99} ms, of an idle process ${quiet.p99} ms`,
    );
    slowest.sort((a, b) => a - b);
    console.log(
      `      event loop delay p99 ${busy.p99.toFixed(1)} ms (idle process ${quiet.p99.toFixed(1)} ms); ` +
        `a 503 took ${slowest[slowest.length >> 1]} ms, at most ${slowest.at(-1)} ms`,
    );

    await proxy.up();
    const back = Date.now();
    await Promise.all(
      tokens.map(async (refreshToken) => {
        for (;;) {
          const answer = await app.post('/refresh', { refreshToken });
          if (answer.status === 200) return;
          assert.strictEqual(answer.status, 503);
          assert.ok(Date.now() - back < 8000, 'the app does not find the server again');
          await delay(100);
        }
      }),
    );
    console.log(`      back after ${Date.now() - back} ms`);
  });
});
