'use strict';

const assert = require('node:assert');
const { createRequire } = require('node:module');
const request = require('supertest');

const { LOGIN, createGiven, openCountingPage } = require('../support/docs-given');

const ORIGIN = 'https://app.example.com';
const LOGIN_FORM = 'export const Login = () => <form />;';
const SECURE_STORE =
  'const kept = globalThis.kept = {}; exports.getItemAsync = async (k) => kept[k] ?? null; ' +
  'exports.setItemAsync = async (k, v) => { kept[k] = v; }; ' +
  'exports.deleteItemAsync = async (k) => { delete kept[k]; };';

/** The page of an app that takes any password and has one item. */
async function openShop({ app, auth }, { openPage }, options = {}) {
  app.use('/auth', auth.router({ authenticate: () => ({ userId: '1' }), ...options }));
  app.get('/api/items', auth.protect(), (req, res) => res.json([req.user.sub]));
  await openPage(app);
}

/** What is sent to another origin is answered by this one. */
function redirect(from) {
  const { fetch } = globalThis;
  const here = (url) => url.replace(from, globalThis.location.origin);
  globalThis.fetch = (input, init) =>
    fetch(typeof input === 'string' ? here(input) : new Request(here(input.url), input), init);
}

async function openBodyShop(given, page) {
  await openShop(given, page, { transport: 'body' });
  Object.assign(globalThis, { sessionStorage: {}, navigator: {} });
}

async function checkKeeps(client, kept) {
  assert.strictEqual((await client.login(LOGIN)).id ?? client.getState().user.id, '1');
  const key = Object.keys(kept()).find((name) => /^ey/.test(kept()[name]));
  assert.ok(key, 'the refresh token is kept');
  await client.logout();
  assert.strictEqual(kept()[key], undefined);
}

/** The page has its token by its first refresh; what is always refused is asked twice. */
async function checkAxios({ api }) {
  assert.deepStrictEqual((await api.get('/items')).data, ['1']);
  await assert.rejects(api.get('/never'), ({ response }) => response.status === 401);
  assert.strictEqual(globalThis.seen.never, 2);
}

module.exports = {
  given: createGiven,
  blocks: {
    'the-browser-signet-jwtclient': {
      before: openShop,
      check: async ({ client }) => {
        await client.login(LOGIN);
        assert.strictEqual(client.getState().status, 'in');
      },
    },
    'the-browser-signet-jwtclient-2': {
      before: openShop,
      async check({ response }) {
        const { client } = await import(`file://${process.cwd()}/client.js`);
        assert.deepStrictEqual(await response.json(), ['1']);
        assert.strictEqual(client.getState().status, 'out');
      },
    },
    react: { before: openShop, check: ({ useSession }) => assert.strictEqual(typeof useSession, 'function') },
    'react-2': {
      files: { 'Login.jsx': LOGIN_FORM },
      async before(given, page) {
        await openShop(given, page);
        await fetch('/auth/login', {
          method: 'POST',
          headers: { 'X-Signet': '1', 'Content-Type': 'application/json' },
          body: JSON.stringify(LOGIN),
        });
      },
      async check({ App }) {
        const requireHere = createRequire(`${process.cwd()}/block.mjs`);
        const { createElement } = requireHere('react');
        const { renderToStaticMarkup } = requireHere('react-dom/server');
        const render = () => renderToStaticMarkup(createElement(App));
        assert.strictEqual(render(), '<p>…</p>');
        while (render() === '<p>…</p>')
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
        assert.strictEqual(render(), '<p>1</p><button>Log out</button>');
      },
    },
    axios: { before: openCountingPage, check: checkAxios },
    'axios-2': {
      async before(given, page) {
        await openCountingPage(given, page);
        // In a browser, axios' own default knows the page's address too
        (await import('axios')).default.defaults.adapter = 'fetch';
      },
      check: checkAxios,
    },
    'an-api-on-another-origin': {
      async check({ app }) {
        const login = (origin) => request(app).post('/auth/login').set({ 'X-Signet': '1', Origin: origin }).send(LOGIN);
        await login(ORIGIN).expect(200).expect('Access-Control-Allow-Origin', ORIGIN);
        await login('https://evil.example.com').expect(403);
        const preflight = (path) =>
          request(app).options(path).set({
            Origin: ORIGIN,
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'authorization,content-type,x-signet',
          });
        for (const path of ['/auth/login', '/api/items']) {
          await preflight(path)
            .expect(204)
            .expect('Access-Control-Allow-Headers', /x-signet/)
            .expect('Access-Control-Allow-Credentials', 'true');
        }
      },
    },
    'an-api-on-another-origin-2': {
      async before(given, page) {
        await openShop(given, page);
        redirect('https://api.example.com');
      },
      async check({ client }) {
        await client.login(LOGIN);
        assert.deepStrictEqual(await (await client.fetch('https://api.example.com/api/items')).json(), ['1']);
      },
    },
    'transport-body-without-cookies': {
      async check({ app }) {
        const { body } = await request(app).post('/auth/login').send(LOGIN).expect(200);
        await request(app).post('/auth/refresh').send({ refreshToken: body.refreshToken }).expect(200);
      },
    },
    'transport-body-without-cookies-2': {
      before: openBodyShop,
      check: ({ client }) => checkKeeps(client, () => globalThis.sessionStorage),
    },
    'transport-body-without-cookies-3': {
      files: {
        'node_modules/expo-secure-store/index.js': SECURE_STORE,
        'node_modules/expo-secure-store/package.json': '{ "main": "index.js" }',
      },
      async before(given, page) {
        await openBodyShop(given, page);
        redirect('https://api.example.com');
      },
      check: ({ client }) => checkKeeps(client, () => globalThis.kept),
    },
  },
};
