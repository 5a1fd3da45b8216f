'use strict';
// The idempotency keys of POST /refresh: where the router reads them, and its responses.

const assert = require('node:assert');
const request = require('supertest');

const { createTestAuth } = require('../lib/testing');
const { EXPRESSES, PAGE, appWith, claims, cookieHeader, warnings } = require('./support/express');

const K = 'the-key-of-this-browser';
const OTHER = 'the-key-of-another-browser';
const PREVIOUS = 'the-key-of-the-exchange-before';
const ORIGIN = 'https://app.example.com';

for (const [version, express] of EXPRESSES) {
  describe(`The keys of POST /refresh on ${version}`, () => {
    let auth;
    beforeEach(() => {
      auth = createTestAuth({ claims, now: () => 1_700_000_000_000 });
    });
    afterEach(() => auth.close());

    const parsers = {
      'no parser': () => {},
      'express.json()': (app) => app.use(express.json()),
    };

    /** An app and a session in it. `refresh(body, headers)` sends the token that it began with. */
    async function open({ transport = 'cookie', before, ...options } = {}) {
      const app = appWith(express, auth, { transport, ...options }, before);
      const { refreshToken } = await auth.login('1');
      const cookie = { Cookie: `signet=${refreshToken}; __Host-signet=${refreshToken}` };
      const refresh = (body, headers = {}) =>
        request(app)
          .post('/auth/refresh')
          .set({ ...PAGE, ...cookie, ...headers })
          .send(typeof body === 'string' ? body : { ...(transport === 'body' && { refreshToken }), ...body });
      return { app, refresh };
    }

    /** The options of the next calls of auth.rotateRefresh. */
    function watch() {
      const seen = [];
      const { rotateRefresh } = auth;
      auth.rotateRefresh = (token, options) => {
        seen.push(options);
        return rotateRefresh(token, options);
      };
      return seen;
    }
    const keysIn = (seen) => seen.map(({ idempotencyKey, previousKey }) => [idempotencyKey, previousKey]);

    for (const transport of ['cookie', 'body']) {
      for (const [name, before] of Object.entries(parsers)) {
        it(`are in the body, or one of them in the Idempotency-Key header (${transport}, ${name})`, async () => {
          const { refresh } = await open({ transport, before });
          const seen = watch();
          await refresh({ idempotencyKey: K, previousKey: PREVIOUS }).expect(200);
          await refresh({}, { 'Idempotency-Key': K }).expect(200);
          await refresh({ idempotencyKey: K }, { 'Idempotency-Key': K }).expect(200);
          await refresh({ idempotencyKey: null, previousKey: K }, { 'Idempotency-Key': OTHER }).expect(200);
          assert.deepEqual(keysIn(seen), [
            [K, PREVIOUS],
            [K, undefined],
            [K, undefined],
            [OTHER, K],
          ]);
        });
      }

      it(`are refused early (400 ERR_BODY) if malformed, or if header and body differ (${transport})`, async () => {
        const { refresh } = await open({ transport });
        const rotated = [];
        auth.on('rotate', (event) => rotated.push(event));
        const bad = [
          '',
          'x'.repeat(21),
          'x'.repeat(129),
          `${K} `,
          `${K}\t`,
          `${K}é`,
          `${K}\u007f`,
          7,
          true,
          [K],
          { $ne: K },
        ];
        const lines = await warnings(async () => {
          const refusals = [
            refresh({ idempotencyKey: K }, { 'Idempotency-Key': OTHER }),
            refresh({}, { 'Idempotency-Key': 'x'.repeat(21) }),
            refresh({}, { 'Idempotency-Key': `${K}, ${K}` }),
            ...bad.flatMap((key) => [refresh({ idempotencyKey: key }), refresh({ previousKey: key })]),
          ];
          for (const refused of refusals) {
            const res = await refused.expect(400);
            assert.equal(res.body.code, 'ERR_BODY');
            assert.equal(res.headers['set-cookie'], undefined);
            assert.doesNotMatch(res.text, /the-key-of|xxx/);
          }
        });
        assert.deepEqual([lines, rotated], [[], []]);
        await refresh({ idempotencyKey: 'x'.repeat(22) }).expect(200);
      });
    }

    it('may be 22 to 128 characters long', async () => {
      for (const key of ['!'.repeat(22), '~'.repeat(128)]) {
        const { refresh } = await open();
        await refresh({ idempotencyKey: key, previousKey: key }).expect(200);
      }
    });

    it('are none with a cookie and a body of another kind: such requests are answered as before', async () => {
      const sent = [
        ['text/plain', 'hello'],
        ['application/x-www-form-urlencoded', `idempotencyKey=${K}`],
        ['application/json', 'null'],
        ['application/json', `["${K}"]`],
        ['application/json', '"text"'],
        ['application/json', ''],
      ];
      const before = {
        none: () => {},
        text: (app) => app.use(express.text({ type: '*/*' })),
        raw: (app) => app.use(express.raw({ type: '*/*' })),
        json: (app) => app.use(express.json({ strict: false })),
      };
      for (const [name, parser] of Object.entries(before)) {
        const { refresh } = await open({ before: parser });
        const seen = watch();
        for (const [type, body] of sent) await refresh(body, { 'Content-Type': type }).expect(200);
        assert.deepEqual(keysIn(seen), Array(sent.length).fill([undefined, undefined]), name);
      }
    });

    it('need a readable JSON body: otherwise 400, and the cookie stays', async () => {
      const { refresh } = await open();
      for (const body of ['{"idempotencyKey":', `{"x":"${'x'.repeat(17_000)}"}`]) {
        const res = await refresh(body, { 'Content-Type': 'application/json' }).expect(400, /ERR_BODY/);
        assert.equal(res.headers['set-cookie'], undefined);
      }
      await refresh({}).expect(200);
    });

    it('are not read before the request has proved its origin', async () => {
      const { refresh } = await open();
      await refresh({ idempotencyKey: 'short' }, { 'X-Signet': '0' }).expect(403, /ERR_ORIGIN/);
    });

    it('get the same successor ten minutes later; another key is 409 within the grace period, then reuse', async () => {
      const { refresh } = await open();
      const first = await refresh({ idempotencyKey: K }).expect(200);
      for (const [passes, left] of [
        ['0s', 31],
        ['10s', 21],
        ['20s', 1],
      ]) {
        auth.advance(passes);
        for (const body of [{ idempotencyKey: OTHER }, {}]) {
          const res = await refresh(body).expect(409);
          assert.deepEqual(Object.keys(res.body), ['code', 'message']);
          assert.equal(res.body.code, 'ERR_REFRESH_SUPERSEDED');
          assert.equal(res.headers['retry-after'], String(left));
          assert.equal(res.headers['set-cookie'], undefined);
        }
      }
      auth.advance('10m');
      const again = await refresh({ idempotencyKey: K }).expect(200);
      const late = await refresh({ idempotencyKey: OTHER, previousKey: K }).expect(200);
      assert.deepEqual([cookieHeader(again), cookieHeader(late)], Array(2).fill(cookieHeader(first)));
      await refresh({ idempotencyKey: OTHER }).expect(401, /ERR_REFRESH_REUSED/);
    });

    it('may come from a listed origin, in the body or in the header, and the page may read Retry-After', async () => {
      const { app, refresh } = await open({ origins: [ORIGIN] });
      const { headers } = await request(app).options('/auth/refresh').set({
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type,idempotency-key,x-signet',
      });
      assert.match(headers['access-control-allow-headers'], /\bidempotency-key\b/);
      const page = { Origin: ORIGIN, 'Sec-Fetch-Site': 'cross-site' };
      await refresh({}, { ...page, 'Idempotency-Key': K }).expect(200);
      const res = await refresh({}, page).expect(409);
      assert.match(res.headers['access-control-expose-headers'], /Retry-After/);
    });
  });
}
