'use strict';
// A page and an API of different origins, in real browsers, with the code of docs/browser.md.

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const cors = require('cors');
const express = require('express');
const request = require('supertest');

const { createTestAuth } = require('../lib/testing');
const { describeEngines } = require('./browser/engines.js');
const { blocksOf } = require('./support/docs');
const { EXPRESSES } = require('./support/express');

const ORIGIN = 'https://app.example.com';

const PAGE = `<!doctype html><title>cors</title><script type="module">
  import { createClient } from '/client/index.js';
  globalThis.client = createClient({ baseUrl: new URLSearchParams(location.search).get('auth') });
</script>`;

/** The lines of the page's block on the server, one app.… each. */
function linesOfDocs() {
  const { text } = blocksOf('docs/browser.md').find(({ name }) => name === 'an-api-on-another-origin');
  return text.split('\n').filter((line) => line.startsWith('app.'));
}

async function listen(app) {
  const server = http.createServer(app).listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describeEngines('docs/browser.md, an API on another origin,', (engine) => {
  let browser, site;
  before(async () => {
    const pages = express().get('/', (req, res) => res.type('html').send(PAGE));
    pages.get('/fresh', (req, res) => res.clearCookie('signet').end());
    site = await listen(pages.use('/client', express.static(path.join(__dirname, '..', 'client'))));
    browser = await engine.open();
  });
  after(async () => {
    await browser?.end();
    site?.stop();
  });

  /** Starts an API made of these lines, and has a page log in, call, and be loaded again. */
  async function walk(lines) {
    const auth = createTestAuth();
    const app = express();
    const authenticate = async (req) => (req.body.password === 'right' ? { userId: '1' } : null);
    const text = lines.join('\n').replaceAll(ORIGIN, site.url);
    new Function('app', 'auth', 'authenticate', 'cors', text)(app, auth, authenticate, cors);
    const api = await listen(app);
    const page = await browser.newPage();
    try {
      await page.goto(`${site.url}/fresh`); // a cookie belongs to all ports, and the session before had other secrets
      await page.goto(`${site.url}/?auth=${api.url}/auth`);
      const found = await page.evaluate(async (items) => {
        const { client } = globalThis;
        await client.ready;
        const first = client.getState().status;
        const wrong = await client.login({ password: 'wrong' }).catch((err) => err.code);
        await client.login({ password: 'right' });
        return [first, wrong, client.getState().status, await (await client.fetch(items)).json()];
      }, `${api.url}/api/items`);
      await page.reload();
      const restored = await page.evaluate(async () => {
        await globalThis.client.ready;
        return globalThis.client.getState().status;
      });
      return [...found, restored];
    } finally {
      await page.close();
      api.stop();
      await auth.close();
    }
  }

  const all = ['out', 'ERR_CREDENTIALS', 'in', ['one'], 'in'];

  it('works exactly as written there, with cors() in front of the router', async () => {
    const lines = linesOfDocs();
    assert.match(lines[0], /cors\(.*/);
    assert.match(lines[1], /auth\.router\(/);
    assert.deepStrictEqual(await walk(lines), all);
  });

  it('works with cors() after the router', async () => {
    const [own, router, ...more] = linesOfDocs();
    assert.deepStrictEqual(await walk([router, own, ...more]), all);
  });
});

for (const [version, framework] of EXPRESSES) {
  describe(`A preflight on ${version}`, () => {
    let auth;
    before(() => {
      auth = createTestAuth();
    });
    after(() => auth.close());
    const preflight = (app) =>
      request(app).options('/api').set({
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      });

    it('is answered by cors() in front of auth.protect(), and the request behind it by the route', async () => {
      const app = framework();
      app.use(cors({ origin: ORIGIN }));
      app.all('/api', auth.protect(), (req, res) => res.json(req.method));
      const res = await preflight(app).expect(204);
      assert.equal(res.headers['access-control-allow-headers'], 'authorization');
      const headers = { ...(await auth.header('1')), Origin: ORIGIN };
      await request(app).get('/api').set(headers).expect(200).expect('Access-Control-Allow-Origin', ORIGIN);
    });

    it('does not pass auth.protect(): a forged OPTIONS would reach the route', async () => {
      const reached = [];
      for (const options of [{}, { roles: 'admin' }, { cookie: 'access' }, { live: true }]) {
        const app = framework();
        app.all('/api', auth.protect(options), (req, res) => res.end(reached.push(req.method)));
        await preflight(app).expect(401);
      }
      assert.deepEqual(reached, []);
    });
  });
}
