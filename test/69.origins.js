'use strict';

const assert = require('node:assert');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const request = require('supertest');

const { readOrigins } = require('../lib/express/origins');
const { createTestAuth } = require('../lib/testing');
const { EXPRESSES, JOHN, appWith, claims, warnings } = require('./support/express');
const { runScript } = require('./support/script');

describe('the option "origins"', () => {
  const matches = (option, origin) => readOrigins(option)(origin);

  it('matches the listed origins, and nothing that begins or ends like one', () => {
    const list = [
      'https://app.example.com',
      'http://localhost:5173',
      'capacitor://localhost',
      'tauri://localhost',
      'ionic://localhost',
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      'http://[::1]:5173',
    ];
    for (const origin of list) assert.equal(matches(list, origin), true, origin);
    assert.equal(matches(list[0], list[0]), true);
    for (const origin of [
      'https://app.example.com.evil.example',
      'https://xapp.example.com',
      'http://app.example.com',
      'https://app.example.com:8443',
      'capacitor://localhost.evil.example',
      'http://localhost',
      'http://localhost:51730',
      'chrome-extension://another',
      'null',
      'https://*.example.com',
    ]) {
      assert.equal(matches(list, origin), false, origin);
    }
  });

  it('matches exactly one label by a star; scheme, port and the rest must be equal', () => {
    const star = ['https://*.example.com', 'http://*.localhost:5173', 'https://*.preview.example.org:8443'];
    const good = [
      'https://pr-17.example.com',
      'https://a_b.example.com',
      'https://xn--bcher-kva.example.com',
      'http://app.localhost:5173',
      'https://x.preview.example.org:8443',
    ];
    const bad = [
      'https://example.com',
      'https://.example.com',
      'https://a.b.example.com',
      'http://pr-17.example.com',
      'https://pr-17.example.com:8443',
      'https://evilexample.com',
      'https://pr.example.com.evil.example',
      'https://evil.example/.example.com',
      'https://user@x.example.com',
      'https://evil.example#.example.com',
      'http://a.localhost',
      'https://preview.example.org:8443',
      'https://*.example.com',
      'https://pr-17.EXAMPLE.com',
    ];
    for (const origin of good) assert.equal(matches(star, origin), true, origin);
    for (const origin of bad) assert.equal(matches(star, origin), false, origin);
  });

  it('is refused for what no browser sends, a star that is no label, and a whole top-level domain', () => {
    for (const text of [
      '*',
      'https://*',
      'https://*.com',
      'https://app*.example.com',
      'https://*.*.example.com',
      'http://localhost:*',
      '*.example.com',
      'https://a.*.example.com',
      'https://example.*',
      'https://*.example.com/',
      'https://app.example.com/',
      'https://app.example.com:443',
      'https://APP.example.com',
      'app.example.com',
      'file://',
      'null',
      '',
      'capacitor://localhost/',
      'https://*.1.2.3',
    ]) {
      assert.equal(readOrigins([text]), undefined, text);
    }
    const values = [7, {}, [7], [['https://app.example.com']], [/x/], true];
    for (const value of values) assert.equal(readOrigins(value), undefined);
    assert.equal(readOrigins([]), null);
  });

  it('may be a function that returns true or false: a promise is an error, and lets nobody in', () => {
    const judge = readOrigins((origin) => origin.endsWith('-preview.vercel.app'));
    assert.equal(judge('https://a-preview.vercel.app'), true);
    assert.equal(judge('https://evil.example'), false);
    for (const wrong of [async () => true, () => 1, () => undefined]) {
      const judged = { code: 'ERR_OPTION', message: /true or false synchronously/ };
      assert.throws(() => readOrigins(wrong)('https://evil.example'), judged);
    }
  });
});

for (const [version, express] of EXPRESSES) {
  describe(`Origins on ${version}`, () => {
    let auth;
    before(() => {
      auth = createTestAuth({ claims });
    });
    after(() => auth.close());
    const login = (app, origin) => request(app).post('/auth/login').set({ 'X-Signet': '1', Origin: origin }).send(JOHN);

    it("of a pattern, an app's web view and a function are accepted, with CORS; others are not", async () => {
      const good = {
        'https://*.example.com': 'https://pr-1.example.com',
        'capacitor://localhost': 'capacitor://localhost',
      };
      for (const [listed, origin] of Object.entries(good)) {
        for (const origins of [[listed], (text) => text === origin]) {
          const app = appWith(express, auth, { origins });
          assert.equal((await login(app, origin).expect(200)).headers['access-control-allow-origin'], origin);
          const asked = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
          const preflight = await request(app).options('/auth/login').set(asked).expect(204);
          assert.equal(preflight.headers['access-control-allow-credentials'], 'true');
          await warnings(async () => {
            for (const other of ['https://a.b.example.com', 'capacitor://evil', 'null']) {
              assert.equal((await login(app, other).expect(403)).headers['access-control-allow-origin'], undefined);
            }
          });
        }
      }
    });

    it("that a function cannot judge are the app's own error", async () => {
      const app = appWith(express, auth, { origins: async () => true });
      await login(app, 'https://evil.example').expect(500, /true or false synchronously/);
    });

    it('are named as the reason in the body, too; in production only in the log', async () => {
      const { NODE_ENV } = process.env;
      const app = appWith(express, auth);
      const refused = (headers) => request(app).post('/auth/login').set(headers).send(JOHN).expect(403);
      const said = async (headers) => (await refused(headers)).body.message;
      await warnings(async () => {
        assert.match(await said({}), /has no header "X-Signet: 1"/);
        assert.match(await said({ 'X-Signet': '1' }), /neither "Sec-Fetch-Site: same-origin" nor an Origin header/);
        const foreign = await said({ 'X-Signet': '1', Origin: 'https://f.example' });
        assert.match(foreign, /add this line to auth\.router.*origins: \['https:\/\/f\.example'\]/);
        process.env.NODE_ENV = 'production';
        try {
          assert.equal(await said({}), 'the request comes from an origin that is not allowed');
        } finally {
          if (NODE_ENV === undefined) delete process.env.NODE_ENV;
          else process.env.NODE_ENV = NODE_ENV;
        }
      });
    });
  });
}

describe('A proxy that ends TLS, and that Express does not trust', () => {
  // In its own process, because another test may have caused the line that is logged once.
  it('is reported in the log, once: the cookie is sent without Secure', async () => {
    const { stdout, stderr } = await runScript(`
      const request = require('supertest');
      const { createTestAuth } = require('./lib/testing');
      const { JOHN, PAGE, appWith, claims, cookiesOf } = require('./test/support/express');
      const auth = createTestAuth({ claims });
      const https = { ...PAGE, 'X-Forwarded-Proto': 'https', Host: 'localhost:8800' };
      async function login(headers, before) {
        const app = appWith(require('express'), auth, {}, before);
        const res = await request(app).post('/auth/login').set(headers).send(JOHN).expect(200);
        console.log(cookiesOf(res)[0].attributes.secure === true);
      }
      (async () => {
        await login(https, (app) => app.set('trust proxy', 1));
        await login({ ...https, Host: 'app.example.com' });
        await login({ ...PAGE, Host: 'localhost:8800' });
        console.warn('THEN');
        await login(https);
        await login(https);
      })();
    `);
    assert.equal(stdout, 'true\ntrue\nfalse\nfalse\nfalse\n', stderr);
    assert.match(
      stderr,
      /^THEN\nsignet-jwt: the refresh cookie is sent without Secure[^\n]*app\.set\('trust proxy', 1\)\n$/,
    );
  });
});

describe('docs/recipes.md, curl', () => {
  it('logs in, refreshes, calls a route and logs out, exactly as written there', async function () {
    try {
      execFileSync('curl', ['--version']);
    } catch {
      console.log('      skipped: no curl. On Debian: apt-get install curl');
      this.skip();
    }
    const text = fs.readFileSync(path.join(__dirname, '..', 'docs', 'recipes.md'), 'utf8');
    const [, script] = /## curl\n[^]*?```sh\n([^]*?)```/.exec(text);
    const auth = createTestAuth({ claims });
    const app = appWith(require('express'), auth);
    const server = app.listen(0);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-curl-'));
    try {
      const here = script.replaceAll('8800', server.address().port);
      const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', here], { cwd: folder });
      assert.match(stdout, /^\{"accessToken":.*\}\{"id":"1",.*\}204\n$/);
      assert.equal((await auth.sessions('1')).length, 0);
    } finally {
      server.close();
      fs.rmSync(folder, { recursive: true });
      await auth.close();
    }
  });
});
