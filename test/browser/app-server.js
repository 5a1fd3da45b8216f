'use strict';
// The example's app in this process, on a port of its own and a fresh file, with its page built; and what the server
// has seen.

const crypto = require('node:crypto');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const EXAMPLE = path.join(ROOT, 'examples', 'mern');

function buildPage() {
  if (!fs.existsSync(path.join(EXAMPLE, 'node_modules'))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: EXAMPLE, stdio: 'ignore' });
  }
  execFileSync('npm', ['run', 'build'], { cwd: EXAMPLE, stdio: 'ignore' });
}

const BARE = `<!doctype html><title>bare</title><script type="module">
  import { createClient } from '/client/index.js';
  globalThis.ahead = 0;
  const options = Object.fromEntries(new URLSearchParams(location.search));
  globalThis.client = createClient({ now: () => performance.now() + ahead, ...options });
</script>`;

/**
 * A page with nothing but the client, as it is shipped, whose clock a test can turn; and the same sessions by
 * transport 'body'.
 */
function addBare(app, auth) {
  const express = require('express');
  app.get('/bare', (req, res) => res.type('html').send(BARE));
  app.use('/client', express.static(path.join(ROOT, 'client')));
  app.use('/body', auth.router({ transport: 'body', authenticate: () => ({ userId: '1' }) }));
}

async function startApp() {
  buildPage();
  const { createApp } = require(path.join(EXAMPLE, 'server', 'app.js'));
  const { addDemo } = require(path.join(EXAMPLE, 'server', 'demo', 'index.js'));
  const { users } = require(path.join(EXAMPLE, 'server', 'users.js'));
  const roles = users.map(({ isAdmin }) => isAdmin);

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-app-'));
  const store = path.join(folder, 'signet.db');
  const secret = () => crypto.randomBytes(32).toString('base64url');
  const demo = addDemo({ users, store });
  const addRoutes = (app, auth) => {
    demo.addRoutes(app, auth);
    addBare(app, auth);
  };
  const { app, auth } = createApp({
    accessSecret: secret(),
    refreshSecret: secret(),
    store,
    storeTimeout: '1s',
    now: demo.now,
    addRoutes,
  });

  const seen = [];
  let isLosing = false;
  const server = require('node:http').createServer((req, res) => {
    seen.push(`${req.method} ${req.url}`);
    if (isLosing && req.url === '/auth/refresh') res.end = () => req.socket.destroy();
    app(req, res);
  });
  await new Promise((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  return {
    url: `http://localhost:${server.address().port}/`,
    auth,
    seen,
    /** From now on the answers to refreshes are lost, or not. */
    lose: (lost) => {
      isLosing = lost;
    },
    count: (line) => seen.filter((request) => request === line).length,
    resetRoles: () =>
      users.forEach((user, i) => {
        user.isAdmin = roles[i];
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await auth.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

module.exports = { startApp };
