'use strict';
// The example's app in this process, on its own port and a new file, with its page built; and a record of its requests.

const crypto = require('node:crypto');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const EXAMPLE = path.join(ROOT, 'examples', 'mern');

let isBuilt = false;

/** Once per process. */
function buildPage() {
  if (isBuilt) return;
  if (!fs.existsSync(path.join(EXAMPLE, 'node_modules'))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: EXAMPLE, stdio: 'ignore' });
  }
  execFileSync('npm', ['run', 'build'], { cwd: EXAMPLE, stdio: 'ignore' });
  isBuilt = true;
}

const LONG_MS = [10_000, 122_000]; // the client's; a driver's are longer
const BARE = `<!doctype html><title>bare</title><script type="module">
  import { createClient } from '/client/index.js';
  const { without, timers, ...options } = Object.fromEntries(new URLSearchParams(location.search));
  const forbid = () => { throw new DOMException('The operation is insecure.', 'SecurityError'); };
  if (without === 'locks') Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });
  if (without === 'storage') Object.defineProperty(globalThis, 'localStorage', { get: forbid });
  const { setTimeout } = globalThis;
  const held = [];
  const hold = (run, ms) => (ms < ${LONG_MS[0]} || ms > ${LONG_MS[1]} ? setTimeout(run, ms) : held.push(run));
  if (timers === 'held') globalThis.setTimeout = hold;
  globalThis.runTimers = () => held.splice(0).forEach((run) => run());
  globalThis.ahead = 0;
  globalThis.client = createClient({ now: () => performance.now() + ahead, ...options });
</script>`;
const FRESH = '<!doctype html><title>fresh</title><script>localStorage.clear(); sessionStorage.clear();</script>';

/**
 * Pages for tests. /bare has only the client, as shipped, whose clock a test can set (`ahead`); its query
 * has the client's options, and ?without=locks, ?without=storage, ?timers=held (long ones wait for runTimers()).
 * /fresh empties the browser. /body has the same sessions by transport 'body'.
 */
function addBare(app, auth) {
  const express = require('express');
  app.get('/bare', (req, res) => res.type('html').send(BARE));
  app.get('/fresh', (req, res) => res.clearCookie('signet').type('html').send(FRESH));
  app.use('/client', express.static(path.join(ROOT, 'client')));
  app.use('/body', auth.router({ transport: 'body', authenticate: () => ({ userId: '1' }) }));
}

/** What happens to requests and responses on the way, and a record of them. */
function createTrouble() {
  let isLosing = false;
  let cuts = () => false;
  let lateCookie;
  let lastCookie;
  const self = {
    seen: [], // 'METHOD path'
    refreshes: [], // the bodies of refreshes
    setCookies: [], // the values of Set-Cookie
    cookie: () => lastCookie, // that of the last request
    /** From now on, the responses to refreshes are lost, or not. */
    lose(lost) {
      isLosing = lost;
    },
    /** From now on, no request whose path begins like this arrives; null: all arrive. */
    cut(path) {
      cuts = (url) => path !== null && url.startsWith(path);
    },
    /** The next response of /late has this Set-Cookie, as if it came from a slow server. */
    late(setCookie) {
      lateCookie = setCookie;
    },
    /** Whether the request is answered here. */
    meets(req, res) {
      if (cuts(req.url)) return req.socket.destroy();
      self.seen.push(`${req.method} ${req.url}`);
      lastCookie = req.headers.cookie;
      if (req.url === '/late') return res.writeHead(200, { 'Set-Cookie': lateCookie }).end();
      if (req.url === '/auth/refresh') {
        if (isLosing) res.end = () => req.socket.destroy();
        readAlong(req, (text) => self.refreshes.push(JSON.parse(text || '{}')));
      }
      res.on('finish', () => self.setCookies.push(...[res.getHeader('Set-Cookie') ?? []].flat()));
      return false;
    },
  };
  return self;
}

/** Reads a body, and leaves it for the app. */
function readAlong(req, done) {
  let text = '';
  const { push } = req;
  req.push = (chunk, ...rest) => {
    if (chunk) text += chunk;
    else done(text);
    return push.call(req, chunk, ...rest);
  };
}

/** @param {{ store?: string }} [options] store: a MongoDB; by default a file of its own */
async function startApp({ store: mongo } = {}) {
  buildPage();
  const { createApp } = require(path.join(EXAMPLE, 'server', 'app.js'));
  const { addDemo } = require(path.join(EXAMPLE, 'server', 'demo', 'index.js'));
  const { users } = require(path.join(EXAMPLE, 'server', 'users.js'));

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-app-'));
  const store = mongo ?? path.join(folder, 'signet.db');
  const secret = () => crypto.randomBytes(32).toString('base64url');
  const demo = await addDemo({ users, store });
  const addRoutes = (app, auth) => {
    demo.options.addRoutes(app, auth);
    addBare(app, auth);
  };
  const { app, auth } = createApp({
    accessSecret: secret(),
    refreshSecret: secret(),
    ...demo.options,
    storeTimeout: '1s',
    addRoutes,
  });

  const trouble = createTrouble();
  const server = require('node:http').createServer((req, res) => {
    if (!trouble.meets(req, res)) app(req, res);
  });
  await new Promise((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const { seen } = trouble;
  return {
    url: `http://localhost:${server.address().port}/`,
    auth,
    ...trouble,
    count: (line) => seen.filter((request) => request === line).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await auth.close();
      await demo.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

module.exports = { startApp };
