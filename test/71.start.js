'use strict';
// The app as a process: its output, how it stops, and the errors at start-up.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const SERVER = path.join(__dirname, '../examples/mern/server/index.js');
const { loadEnv } = require('../examples/mern/server/env.js');

async function freePort() {
  const server = net.createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the app; resolves when a line matches or the process has ended. */
async function startApp(env, pattern) {
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, MONGODB_URI: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  await new Promise((resolve) => {
    const look = (chunk) => {
      output += chunk;
      if (pattern.test(output)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', resolve);
  });
  return { child, output: () => output };
}

/** The exit code, whether the process has ended already or not. */
async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe('71 npm start', () => {
  const env = {
    ACCESS_SECRET: 'a-secret-of-the-start-tests-0123456789',
    REFRESH_SECRET: 'b-secret-of-the-start-tests-0123456789',
  };

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`prints the tutorial's line and the demo users, and stops gracefully on ${signal}`, async () => {
      const port = await freePort();
      const { child, output } = await startApp({ ...env, PORT: String(port) }, /Demo user: jane/);
      assert.ok(output().includes(`Your server available at http://localhost:${port}\n`), output());
      assert.ok(output().includes('john / john-demo-password'));
      assert.strictEqual((await fetch(`http://localhost:${port}/api/me`)).status, 401);
      child.kill(signal);
      assert.strictEqual(await ended(child), 0, output());
    });
  }

  it('says what to do if the port is in use', async () => {
    const taken = net.createServer().listen(0);
    await once(taken, 'listening');
    const { child, output } = await startApp({ ...env, PORT: String(taken.address().port) }, /PORT=/);
    assert.strictEqual(await ended(child), 1);
    taken.close();
    assert.match(output(), /in use/);
  });

  it('says what PORT may be if it is no port, before anything is built', () => {
    for (const PORT of ['abc', '80800', '-1', '80.5', '0x50', ' ']) {
      for (const script of [SERVER, path.join(__dirname, '../scripts/start.js')]) {
        const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
          env: { ...process.env, ...env, PORT },
          encoding: 'utf8',
        });
        assert.deepStrictEqual(
          [status, stdout, stderr],
          [1, '', `PORT must be a number from 0 to 65535 (0: any free port), not "${PORT}"\n`],
        );
      }
    }
  });

  it('never prints the password of a database', async () => {
    const port = await freePort();
    const uri = 'mongodb://user:secret-password@127.0.0.1:1/db';
    const { child, output } = await startApp({ ...env, PORT: String(port), MONGODB_URI: uri }, /not ready/);
    child.kill('SIGTERM');
    await ended(child);
    assert.match(output(), /127\.0\.0\.1:1/);
    assert.ok(!output().includes('secret-password'), output());
  });
});

describe('71 the generated .env', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-env-'));
  after(() => fs.rmSync(folder, { recursive: true }));

  it('is made once, readable only by its owner, and keeps what the user wrote', () => {
    const file = path.join(folder, '.env');
    fs.writeFileSync(file, 'PORT=9000');
    const first = loadEnv(file);
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);
    assert.strictEqual(first.PORT, '9000');
    assert.notStrictEqual(first.ACCESS_SECRET, first.REFRESH_SECRET);
    assert.ok(first.ACCESS_SECRET.length >= 32);
    assert.deepStrictEqual(loadEnv(file), first);
  });
});
