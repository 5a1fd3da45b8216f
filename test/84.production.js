'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const { spawn } = require('node:child_process');
const path = require('node:path');

const SERVER = path.join(__dirname, '..', 'examples', 'mern', 'server', 'index.js');
const PORT = 8871;
const DEMO = [
  ['GET', '/about'],
  ['GET', '/events'],
  ['GET', '/speed'],
  ['GET', '/record/some'],
  ['POST', '/inspect'],
  ['POST', '/lesson'],
  ['POST', '/lesson/end'],
  ['POST', '/reset'],
  ['POST', '/clock'],
  ['POST', '/role'],
  ['POST', '/lose'],
  ['POST', '/steal'],
  ['POST', '/replay'],
  ['POST', '/store'],
];

describe('the example in production', () => {
  let server;

  async function start(environment) {
    const secrets = {
      ACCESS_SECRET: crypto.randomBytes(32).toString('hex'),
      REFRESH_SECRET: crypto.randomBytes(32).toString('hex'),
    };
    server = spawn(process.execPath, [SERVER], {
      env: { ...process.env, ...secrets, PORT: String(PORT), ...environment },
    });
    await new Promise((resolve, reject) => {
      server.stdout.on('data', (text) => String(text).includes('Your server available') && resolve());
      server.on('exit', (code) => reject(new Error(`exit ${code}`)));
    });
  }
  const ask = ([method, route]) =>
    fetch(`http://localhost:${PORT}/demo${route}`, { method, headers: { 'X-Demo': '1' } });
  afterEach(
    () =>
      new Promise((resolve) => {
        server.removeAllListeners('exit').once('exit', resolve).kill();
      }),
  );

  it("has none of the demo's routes", async () => {
    await start({ NODE_ENV: 'production' });
    for (const route of DEMO) assert.strictEqual((await ask(route)).status, 404, route.join(' '));
  });

  it('has them otherwise, for its own page only', async () => {
    await start({ NODE_ENV: 'development' });
    assert.strictEqual((await ask(['GET', '/about'])).status, 200);
    assert.strictEqual((await fetch(`http://localhost:${PORT}/demo/clock`, { method: 'POST' })).status, 403);
  });
});
