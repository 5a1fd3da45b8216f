'use strict';

const assert = require('node:assert');
const request = require('supertest');

const { createTestAuth } = require('../lib/testing');
const { EXPRESSES, JOHN, PAGE, appWith, cookieHeader, cookiesOf, warnings } = require('./support/express');

for (const [version, express] of EXPRESSES) {
  describe(`The refresh cookie on ${version}`, () => {
    let auth;
    beforeEach(() => {
      auth = createTestAuth({ claims: () => ({}) });
    });
    afterEach(() => auth.close());

    const trusting = (app) => app.set('trust proxy', 'loopback');
    const login = (app) => request(app).post('/auth/login').set(PAGE).send(JOHN);

    it('is __Host-signet over https: HttpOnly, Secure, SameSite=Strict, Path=/, no Domain, a Max-Age', async () => {
      const res = await login(appWith(express, auth, {}, trusting))
        .set('X-Forwarded-Proto', 'https')
        .set('Host', 'app.example.com')
        .expect(200);
      const [{ name, attributes }] = cookiesOf(res);
      assert.equal(name, '__Host-signet');
      const { 'max-age': maxAge, ...rest } = attributes;
      assert.deepEqual(rest, { httponly: true, secure: true, samesite: 'Strict', path: '/', priority: 'High' });
      assert.ok(Math.abs(Number(maxAge) - 7 * 86_400) <= 1, maxAge);
    });

    it('that a retry sets expires with its token, which an earlier rotation made', async () => {
      const app = appWith(express, auth);
      const cookie = cookieHeader(await login(app).expect(200));
      const refresh = () => request(app).post('/auth/refresh').set(PAGE).set('Cookie', cookie).expect(200);
      const rotation = cookiesOf(await refresh())[0];
      auth.advance('20s');
      const retry = cookiesOf(await refresh())[0];
      assert.equal(retry.value, rotation.value);
      assert.ok(Math.abs(rotation.attributes['max-age'] - 20 - retry.attributes['max-age']) <= 1);
    });

    it('is plain signet without Secure on http://localhost', async () => {
      for (const host of ['localhost:8800', '127.0.0.1:8800', '[::1]:8800', 'app.localhost']) {
        const [{ name, attributes }] = cookiesOf(await login(appWith(express, auth)).set('Host', host).expect(200));
        assert.equal(name, 'signet', host);
        assert.equal(attributes.secure, undefined);
        assert.equal(attributes.httponly, true);
        assert.equal(attributes.samesite, 'Strict');
      }
    });

    it('is __Host-signet for every other host, even if the request came over http: there may be a proxy', async () => {
      for (const host of ['app.example.com', 'localhost.example.com', '192.168.1.5:8800']) {
        const [{ name, attributes }] = cookiesOf(await login(appWith(express, auth)).set('Host', host).expect(200));
        assert.equal(name, '__Host-signet', host);
        assert.equal(attributes.secure, true);
      }
    });

    it('is __Host-signet if a proxy has changed Host to localhost, and the page is on https', async () => {
      const app = appWith(express, auth, { origins: ['https://app.example.com'] });
      const res = await login(app).set('Host', 'localhost:8800').set('Origin', 'https://app.example.com').expect(200);
      assert.equal(cookiesOf(res)[0].name, '__Host-signet');
    });

    it('is __Host-signet in production unless Origin says that the page is on localhost', async () => {
      const { NODE_ENV } = process.env;
      process.env.NODE_ENV = 'production';
      try {
        assert.equal(
          cookiesOf(await login(appWith(express, auth)).set('Host', 'localhost:8800'))[0].name,
          '__Host-signet',
        );
        assert.equal(
          cookiesOf(
            await login(appWith(express, auth)).set('Host', 'localhost:8800').set('Origin', 'http://localhost:8800'),
          )[0].name,
          'signet',
        );
      } finally {
        if (NODE_ENV === undefined) delete process.env.NODE_ENV;
        else process.env.NODE_ENV = NODE_ENV;
      }
    });

    it('ignores X-Forwarded-Proto of a proxy that the app does not trust', async () => {
      const res = await login(appWith(express, auth))
        .set('X-Forwarded-Proto', 'https')
        .set('Host', 'localhost:8800')
        .expect(200);
      assert.equal(cookiesOf(res)[0].name, 'signet');
    });

    it('has the name and SameSite that the app gives it', async () => {
      const app = appWith(express, auth, { cookie: { name: 'shop', sameSite: 'None' } });
      const res = await login(app).set('Host', 'api.example.com').expect(200);
      assert.equal(cookiesOf(res)[0].name, '__Host-shop');
      assert.equal(cookiesOf(res)[0].attributes.samesite, 'None');
      const local = cookiesOf(await login(app).set('Host', 'localhost').expect(200))[0];
      assert.equal(local.attributes.samesite, 'Lax', 'browsers drop SameSite=None without Secure');
    });

    it('ends with the browser, also after a refresh, if authenticate says remember: false', async () => {
      const app = appWith(express, auth, { authenticate: () => ({ userId: '1', remember: false }) });
      const first = await login(app).expect(200);
      assert.equal(cookiesOf(first)[0].attributes['max-age'], undefined);
      const next = await request(app).post('/auth/refresh').set(PAGE).set('Cookie', cookieHeader(first)).expect(200);
      assert.equal(cookiesOf(next)[0].attributes['max-age'], undefined);
      await request(app).post('/auth/logout').set(PAGE).set('Cookie', cookieHeader(next)).expect(204);
      assert.equal((await auth.sessions('1')).length, 0);
    });

    it('is refused if there are two of the name: 400, in any order', async () => {
      const app = appWith(express, auth);
      const good = cookieHeader(await login(app));
      for (const cookie of [`${good}; signet=evil`, `signet=evil; ${good}`, `${good};signet=`]) {
        for (const path of ['/auth/refresh', '/auth/logout', '/auth/login']) {
          const res = await request(app).post(path).set(PAGE).set('Cookie', cookie).send(JOHN);
          assert.equal(res.status, 400);
          assert.equal(res.body.code, 'ERR_BODY');
        }
      }
      await request(app).post('/auth/refresh').set(PAGE).set('Cookie', good).expect(200);
    });

    it('is not read by its plain name over https: a sibling subdomain could set that', async () => {
      const app = appWith(express, auth, {}, trusting);
      const { refreshToken } = await auth.login('1');
      const refresh = (name) =>
        request(app)
          .post('/auth/refresh')
          .set(PAGE)
          .set('X-Forwarded-Proto', 'https')
          .set('Cookie', `${name}=${refreshToken}`);
      await refresh('signet').expect(401, /ERR_TOKEN_MISSING/);
      await refresh('__Host-signet').expect(200);
    });

    it('keeps the cookies that the app itself sets', async () => {
      const app = appWith(express, auth, {}, (a) =>
        a.use((req, res, next) => {
          res.setHeader('Set-Cookie', 'theme=dark');
          next();
        }),
      );
      assert.deepEqual(
        cookiesOf(await login(app).expect(200)).map(({ name }) => name),
        ['theme', 'signet'],
      );
    });
  });

  describe(`Forged requests on ${version}`, () => {
    let auth, cookie;
    before(async () => {
      auth = createTestAuth({ claims: () => ({}) });
      cookie = `signet=${(await auth.login('1')).refreshToken}`;
    });
    after(() => auth.close());

    const app = (options, before) => appWith(express, auth, options, before);
    const send = (on, headers, path = '/logout-is-not-sent') =>
      request(on).post(`/auth${path}`).set('Cookie', cookie).set(headers).send(JOHN);

    it('are 403 ERR_ORIGIN on every route that a cookie authorizes: login, refresh, logout', async () => {
      const attempts = {
        'from another site': { 'X-Signet': '1', Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
        'from a sibling subdomain': {
          'X-Signet': '1',
          Origin: 'https://evil.example.com',
          'Sec-Fetch-Site': 'same-site',
          Host: 'app.example.com',
        },
        'without Origin and Fetch Metadata': { 'X-Signet': '1' },
        'with Origin: null': { 'X-Signet': '1', Origin: 'null' },
        'typed into the address bar': { 'X-Signet': '1', 'Sec-Fetch-Site': 'none' },
        'whose Origin merely equals Host': { 'X-Signet': '1', Origin: 'http://evil.example', Host: 'evil.example' },
        'of an origin that begins like a good one': { 'X-Signet': '1', Origin: 'https://app.example.com.evil.example' },
        'of a good origin on another port': { 'X-Signet': '1', Origin: 'https://app.example.com:8443' },
        'simple, without X-Signet': { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://app.example.com' },
        'with another X-Signet': { 'X-Signet': 'true', 'Sec-Fetch-Site': 'same-origin' },
      };
      const on = app({ origins: ['https://app.example.com'] });
      await warnings(async () => {
        for (const [kind, headers] of Object.entries(attempts)) {
          for (const path of ['/login', '/refresh', '/logout']) {
            const res = await send(on, headers, path);
            assert.equal(res.status, 403, `${kind} ${path}`);
            assert.equal(res.body.code, 'ERR_ORIGIN');
            assert.equal(res.headers['set-cookie'], undefined);
          }
        }
      });
      assert.equal((await auth.sessions('1')).length, 1);
    });

    it('are not what a listed origin sends, even cross-site', async () => {
      const headers = { 'X-Signet': '1', Origin: 'https://app.example.com', 'Sec-Fetch-Site': 'cross-site' };
      await send(app({ origins: 'https://app.example.com' }), headers, '/login').expect(200);
    });

    it("are distinguished from the app's own by a trusted proxy, and never by Host alone", async () => {
      const headers = {
        'X-Signet': '1',
        Origin: 'https://shop.example',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'shop.example',
      };
      await send(
        app({}, (a) => a.set('trust proxy', 'loopback')),
        headers,
        '/login',
      ).expect(200);
      await warnings(() => send(app({}), headers, '/login').expect(403));
      await warnings(() =>
        send(
          app({}, (a) => a.set('trust proxy', '10.0.0.0/8')),
          headers,
          '/login',
        ).expect(403),
      );
      await warnings(() =>
        send(
          app({}, (a) => a.set('trust proxy', 'loopback')),
          { ...headers, Origin: 'https://evil.example' },
          '/login',
        ).expect(403),
      );
    });

    it("are not what the developer's browser sends to this port, with or without Fetch Metadata", async () => {
      const server = app({}).listen(0);
      const { port } = server.address();
      await send(server, { 'X-Signet': '1', Origin: `http://localhost:${port}` }, '/login').expect(200);
      await warnings(() =>
        send(server, { 'X-Signet': '1', Origin: `http://localhost:${port + 1}` }, '/login').expect(403),
      );
      server.close();
    });

    it("are reported in the server's log, once per origin, with the line to add", async () => {
      const on = app({});
      const lines = await warnings(async () => {
        for (let i = 0; i < 3; i += 1)
          await send(on, { 'X-Signet': '1', Origin: `https://${version.at(-1)}.front.example` }, '/refresh').expect(
            403,
          );
      });
      assert.equal(lines.length, 1);
      assert.match(lines[0], /auth\.router\(\{ … \}\): origins: \['https:\/\/\d\.front\.example'\]/);
      assert.ok(!lines[0].includes(cookie.slice(7, 40)));
    });
  });

  describe(`CORS on ${version}`, () => {
    let auth, app;
    before(() => {
      auth = createTestAuth();
      app = appWith(express, auth, { origins: ['http://localhost:5173'] });
    });
    after(() => auth.close());
    const preflight = (origin, path = '/auth/login') =>
      request(app)
        .options(path)
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'POST')
        .set('Access-Control-Request-Headers', 'x-signet,content-type');

    it('is enabled for the listed origins', async () => {
      const res = await preflight('http://localhost:5173').expect(204);
      assert.equal(res.headers['access-control-allow-origin'], 'http://localhost:5173');
      assert.equal(res.headers['access-control-allow-credentials'], 'true');
      assert.match(res.headers['access-control-allow-headers'], /x-signet/);
      assert.equal(res.headers.vary, 'Origin');
      const real = await request(app)
        .post('/auth/login')
        .set({ 'X-Signet': '1', Origin: 'http://localhost:5173' })
        .send(JOHN)
        .expect(200);
      assert.equal(real.headers['access-control-allow-origin'], 'http://localhost:5173');
      const failed = await request(app)
        .post('/auth/login')
        .set({ 'X-Signet': '1', Origin: 'http://localhost:5173' })
        .send({})
        .expect(401);
      assert.equal(
        failed.headers['access-control-allow-origin'],
        'http://localhost:5173',
        'the page may read the error',
      );
    });

    it('is not enabled for others', async () => {
      for (const origin of ['https://evil.example', 'null', 'http://localhost:5174']) {
        const res = await preflight(origin);
        assert.equal(res.headers['access-control-allow-origin'], undefined);
      }
    });
  });
}

describe("auth.router()'s options", () => {
  let auth;
  before(() => {
    auth = createTestAuth();
  });
  after(() => auth.close());

  it('are refused at start-up if they cannot be used, with what is accepted', () => {
    const authenticate = () => null;
    const refused = (options, words) =>
      assert.throws(
        () => auth.router({ authenticate, ...options }),
        (err) => err.code === 'ERR_OPTION' && words.test(err.message),
      );
    refused({ transport: 'header' }, /transport must be "cookie" or "body"/);
    refused({ origins: ['*'] }, /origins must be/);
    refused({ origins: ['https://app.example.com/path'] }, /origins must be/);
    refused({ origin: ['https://app.example.com'] }, /Did you mean "origins"/);
    refused({ cookie: { name: '__Host-x' } }, /without __Host-/);
    refused({ cookie: { domain: 'example.com' } }, /no option "domain"/);
    refused({ cookie: { sameSite: 'none', secure: false } }, /needs a Secure cookie/);
    refused({ authenticate: 'local' }, /authenticate must be/);
  });
});
