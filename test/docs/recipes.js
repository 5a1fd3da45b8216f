'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { createServer } = require('node:http');
const express = require('express');
const request = require('supertest');
const { io: connect } = require('socket.io-client');

const { LOGIN, checkApi, createGiven, openCountingPage } = require('../support/docs-given');

const loginFrom = (app, origin) =>
  request(app).post('/auth/login').set({ 'X-Signet': '1', Origin: origin }).send(LOGIN);

/** Plays GitHub: hands out a code, a token for it, and whose it is. Resolves with its address. */
async function startGitHub() {
  const app = express();
  app.post('/token', (req, res) => res.json({ access_token: 'theirs' }));
  app.get('/user', (req, res) => res.json({ id: 7, login: 'john' }));
  app.get('/user/emails', (req, res) => res.json([]));
  const server = createServer(app).listen(0, 'localhost');
  await once(server, 'listening');
  return `http://localhost:${server.address().port}`;
}

const SERVER = `
  import { createAuth } from 'signet-jwt';
  const { ACCESS_SECRET: accessSecret, REFRESH_SECRET: refreshSecret } = process.env;
  const auth = createAuth({ accessSecret, refreshSecret, store: ':memory:' });
  auth.login('1').then(({ refreshToken }) => auth.rotateRefresh(refreshToken))
    .then(({ accessToken }) => console.log(auth.verifyAccess(accessToken).sub));
`;

/** The binaries that the package has: the one built here, and those in prebuilds. */
function binariesOf(folder) {
  const prebuilds = fs.existsSync(`${folder}/prebuilds`) ? fs.readdirSync(`${folder}/prebuilds`) : [];
  return ['native/build/Release', ...prebuilds.map((name) => `prebuilds/${name}`)].filter((place) =>
    fs.existsSync(`${folder}/${place}/signet.node`),
  );
}

/** The bundle keeps a session; if it holds the binary itself, without the package too. */
function checkBundle({ holdsBinary }) {
  const binaries = fs.readdirSync('dist').filter((name) => name.endsWith('.node'));
  assert.strictEqual(binaries.length, holdsBinary ? binariesOf('node_modules/signet-jwt').length : 0);
  if (holdsBinary) fs.rmSync('node_modules', { recursive: true });
  assert.strictEqual(execFileSync(process.execPath, ['dist/server.cjs'], { encoding: 'utf8' }), '1\n');
}

const checkWebpack = (config, options) => async () => {
  const { default: settings } = await import(`file://${process.cwd()}/${config}`);
  const stats = await new Promise((resolve, reject) => {
    require('webpack')(settings, (err, found) => (err ? reject(err) : resolve(found)));
  });
  assert.deepStrictEqual(
    stats.toJson({ all: false, errors: true }).errors.map(({ message }) => message),
    [],
  );
  checkBundle(options);
};

/** The answers to refreshes are lost as long as `isLosing`, after the server has done its work. */
async function openLosingPage({ app, auth, authenticate }, { openPage }, options = {}) {
  globalThis.isLosing = false;
  app.use('/auth/refresh', (req, res, next) => {
    if (globalThis.isLosing) res.end = () => req.socket.destroy();
    next();
  });
  app.use('/auth', auth.router({ authenticate, ...options }));
  await openPage(app);
  const response = await fetch('/auth/login', {
    method: 'POST',
    headers: { 'X-Signet': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify(LOGIN),
  });
  return response.json();
}

const MODULES = {
  'expo-secure-store': `const kept = globalThis.kept = {}; exports.getItemAsync = async (k) => kept[k] ?? null;
    exports.setItemAsync = async (k, v) => { kept[k] = v; };
    exports.deleteItemAsync = async (k) => { delete kept[k]; };`,
  'expo-crypto': 'exports.randomUUID = () => crypto.randomUUID();',
};
const moduleFiles = Object.fromEntries(
  Object.entries(MODULES).flatMap(([name, text]) => [
    [`node_modules/${name}/index.js`, text],
    [`node_modules/${name}/package.json`, '{ "main": "index.js" }'],
  ]),
);

/**
 * An answer that was lost can be had again after ten minutes; then the chain goes on; a 409 and an end are told apart.
 */
async function checkKeys({ auth, refresh, read, asThief }) {
  const told = [];
  for (const type of ['rotate', 'retry', 'straggler']) auth.on(type, () => told.push(type));
  globalThis.isLosing = true;
  await assert.rejects(refresh());
  globalThis.isLosing = false;
  const { pending } = read();
  auth.advance('10m');
  const { status, accessToken } = await refresh();
  assert.deepStrictEqual([status, auth.verifyAccess(accessToken).sub], [200, '1']);
  assert.strictEqual(read().previous, pending);
  assert.strictEqual((await refresh()).status, 200);
  assert.deepStrictEqual(told, ['rotate', 'retry', 'rotate']);

  await asThief();
  assert.strictEqual((await refresh()).status, 409);
  assert.deepStrictEqual([read().pending, read().previous], [undefined, undefined]); // they have not helped
  await auth.revokeAll('1');
  assert.strictEqual((await refresh()).status, 401);
  assert.deepStrictEqual(read(), {});
}

module.exports = {
  given: createGiven,
  blocks: {
    'a-front-end-on-another-origin': {
      check: async () =>
        assert.deepStrictEqual(
          Object.keys((await import(`file://${process.cwd()}/vite.config.js`)).default.server.proxy),
          ['/auth', '/api'],
        ),
    },
    'a-front-end-on-another-origin-2': {
      async check({ app }) {
        app.get('/mine', (req, res) => res.json('mine'));
        await request(app)
          .get('/mine')
          .set('Origin', 'http://localhost:5173')
          .expect('Access-Control-Allow-Origin', 'http://localhost:5173');
        await loginFrom(app, 'http://localhost:5173')
          .expect(200)
          .expect('Access-Control-Allow-Origin', 'http://localhost:5173');
        await loginFrom(app, 'http://localhost:5174').expect(403);
      },
    },
    'a-front-end-on-another-origin-3': {
      async check({ app }) {
        const { headers } = await loginFrom(app, 'https://shop.example')
          .expect(200)
          .expect('Access-Control-Allow-Credentials', 'true');
        assert.match(headers['set-cookie'][0], /SameSite=None/);
      },
    },
    axios: {
      before: openCountingPage,
      async check({ session, api }) {
        await session.ready;
        // By a refresh: the counting API refuses nothing from there on
        assert.strictEqual(session.getState().status, 'in');
        assert.deepStrictEqual((await api.get('/items')).data, ['1']);
        await assert.rejects(api.get('/never'), ({ response }) => response.status === 401);
        assert.strictEqual(globalThis.seen.never, 2);
      },
    },
    'axios-2': {
      async before(given, page) {
        await openCountingPage(given, page);
        // In a browser, axios' own default knows the page's address too
        (await import('axios')).default.defaults.adapter = 'fetch';
      },
      check: checkApi,
    },
    'the-key-of-a-refresh-by-hand': {
      async before(given, page) {
        const place = new Map();
        globalThis.localStorage = {
          getItem: (name) => place.get(name) ?? null,
          setItem: (name, text) => place.set(name, text),
          removeItem: (name) => place.delete(name),
        };
        (await import('axios')).default.defaults.adapter = 'fetch'; // as in axios-2
        await openLosingPage(given, page);
      },
      check: ({ auth, refresh }) =>
        checkKeys({
          auth,
          refresh,
          read: () => JSON.parse(localStorage.getItem('refresh-keys') ?? '{}'),
          asThief: async () => {
            globalThis.isLosing = true; // the jar keeps the cookie that the thief exchanges
            await assert.rejects(
              fetch('/auth/refresh', {
                method: 'POST',
                headers: { 'X-Signet': '1', 'Idempotency-Key': 'the-key-of-the-thief-0' },
              }),
            );
            globalThis.isLosing = false;
          },
        }),
    },
    'the-key-of-a-refresh-by-hand-2': {
      files: moduleFiles,
      async before(given, page) {
        const { refreshToken: token } = await openLosingPage(given, page, { transport: 'body' });
        const { fetch } = globalThis;
        globalThis.fetch = (url, init) => fetch(url.replace('https://api.example.com', location.origin), init);
        globalThis.first = token;
      },
      async check({ auth, refresh, keep }) {
        const read = () => JSON.parse(globalThis.kept.session ?? '{}');
        await keep({ token: globalThis.first });
        await checkKeys({
          auth,
          refresh,
          read,
          asThief: () => auth.rotateRefresh(read().token, { idempotencyKey: 'the-key-of-the-thief-0' }),
        });
      },
    },
    socketio: {
      given: { server: createServer() },
      async check({ auth, io, server }) {
        server.listen(0, 'localhost');
        await once(server, 'listening');
        const open = (token) =>
          connect(`http://localhost:${server.address().port}`, { auth: { token }, reconnection: false });
        const [{ message }] = await once(open('x'), 'connect_error');
        assert.strictEqual(message, 'jwt malformed');
        const { accessToken, refreshToken } = await auth.login('1');
        const socket = open(accessToken);
        await once(socket, 'connect');
        assert.strictEqual((await io.fetchSockets())[0].data.user.sub, '1');
        const disconnected = once(socket, 'disconnect');
        await auth.logout(refreshToken);
        await disconnected;
      },
    },
    passport: {
      given: () => ({ User: { upsertFromGitHub: async ({ username }) => ({ id: `github:${username}` }) } }),
      async before() {
        Object.assign(process.env, { GITHUB_ID: 'id', GITHUB_SECRET: 'secret' });
      },
      async check({ app, auth, options }) {
        const home = await startGitHub();
        const passport = require('passport');
        Object.assign(passport._strategy('github')._oauth2, { _accessTokenUrl: `${home}/token` });
        passport._strategy('github')._userProfileURL = `${home}/user`;
        assert.strictEqual(options.clientID, 'id');
        const {
          headers: {
            location,
            'set-cookie': [line],
          },
        } = await request(app).get('/auth/github').expect(302);
        const state = new URL(location).searchParams.get('state');
        const [cookie] = line.split(';');
        const back = (query) => request(app).get(`/auth/github/callback?code=x&state=${query}`);
        await back(state).expect(403);
        await back('another').set('Cookie', cookie).expect(403);
        await back(state)
          .set('Cookie', cookie)
          .expect(302)
          .expect('Location', '/')
          .expect('Set-Cookie', /^signet=/);
        assert.strictEqual((await auth.sessions('github:john')).length, 1);
      },
    },
    'step-up-authentication': {
      given: { removeAccount: (req, res) => res.sendStatus(204) },
      async check({ app, auth }) {
        const headers = await auth.header('1');
        await request(app).delete('/account').set(headers).expect(204);
        auth.advance('6m');
        const { body } = await request(app).delete('/account').set(headers).expect(401);
        assert.strictEqual(body.code, 'ERR_AUTH_AGE');
      },
    },
    'notifying-a-user-of-theft': {
      given: () => {
        const told = [];
        return { told, mail: async (...words) => told.push(words), log: { warn: (...words) => told.push(words) } };
      },
      async check({ auth, told }) {
        const browser = (name) => ({ req: { headers: { 'user-agent': name }, ip: '192.0.2.1', socket: {} } });
        const { refreshToken: first } = await auth.login('1', browser('one'));
        const { refreshToken: second } = await auth.rotateRefresh(first, browser('one'));
        await auth.rotateRefresh(first, browser('two'));
        await auth.rotateRefresh(second, browser('one'));
        await assert.rejects(auth.rotateRefresh(first, { ...browser('two'), strict: true }), {
          code: 'ERR_REFRESH_REUSED',
        });
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        assert.deepStrictEqual(told[0], [{ userId: '1' }, 'a refresh was repeated by another browser']);
        assert.match(told[1][1], /^Somebody used an old key of yours from 192\.0\.2\.1 at 20/);
        assert.strictEqual(told.length, 2);
      },
    },
    'bundlers-esbuild-webpack-nextjs': {
      files: { 'server.js': SERVER },
      check: () => checkBundle({ holdsBinary: false }),
    },
    'bundlers-esbuild-webpack-nextjs-2': {
      files: { 'server.js': SERVER },
      check: checkWebpack('webpack.config.js', { holdsBinary: false }),
    },
    'bundlers-esbuild-webpack-nextjs-3': {}, // scripts/next-check.js builds and runs it: too long for a test
    'bundlers-esbuild-webpack-nextjs-4': {
      files: { 'server.js': SERVER },
      check: () => checkBundle({ holdsBinary: true }),
    },
    'bundlers-esbuild-webpack-nextjs-5': {
      files: { 'server.js': SERVER },
      check: checkWebpack('webpack-copy.config.js', { holdsBinary: true }),
    },
    testing: {
      run: 'mocha',
      prints: /3 passing/,
      given: { createApp: ({ auth }) => express().get('/orders', auth.protect(), (req, res) => res.json([])) },
    },
    'replacing-a-secret': {
      before() {
        for (const name of ['OLD_ACCESS', 'NEW_ACCESS', 'OLD_REFRESH', 'NEW_REFRESH'])
          process.env[name] = `the secret ${name} of the tests, 48 bytes and more`;
        process.env.SECRETS_PHASE = 'known';
      },
      async check({ auth, phase, PHASES, OLD_ACCESS, NEW_ACCESS }) {
        assert.deepStrictEqual(phase('old', 'new'), { current: 'old', next: 'new' });
        const { accessToken } = await auth.login('1');
        auth.setSecrets({ accessSecret: PHASES.signing(OLD_ACCESS, NEW_ACCESS) });
        assert.strictEqual(auth.verifyAccess(accessToken).sub, '1');
        await auth.close();
      },
    },
  },
};
