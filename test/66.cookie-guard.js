'use strict';

const assert = require('node:assert');
const http = require('node:http');
const { once } = require('node:events');

const { createTestAuth } = require('../lib/testing');
const { EXPRESSES, warnings } = require('./support/express');

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE', 'MKCOL'];
const LISTED = 'https://app.example.com';
const EVIL = 'https://evil.example.com';

/** What stands in the Authorization header, and what then authorises the request. `…` is a good token. */
const SCHEMES = [
  [[], 'cookie'],
  [['Basic dXNlcjpwYXNz'], 'cookie'], // browsers add these by themselves
  [['basic dXNlcjpwYXNz'], 'cookie'],
  [['Negotiate YII='], 'cookie'],
  [['NTLM TlRMTVNT'], 'cookie'],
  [['Digest username="u"'], 'cookie'],
  [['Basic'], 'cookie'],
  [['DPoP …'], 'cookie'],
  [['Bearer …'], 'header'],
  [['bearer   …'], 'header'],
  [[''], 'nothing'],
  [['Bearer'], 'nothing'],
  [['Bearer x'], 'nothing'],
  [['…'], 'nothing'],
  [['Basic dXNlcjpwYXNz', 'Bearer …'], 'nothing'],
  [['Bearer …', 'Basic dXNlcjpwYXNz'], 'nothing'],
];

const PROOFS = {
  'of a page of its own': [
    [
      ['X-Signet', '1'],
      ['Sec-Fetch-Site', 'same-origin'],
    ],
    true,
  ],
  'of a page that is listed': [
    [
      ['X-Signet', '1'],
      ['Sec-Fetch-Site', 'same-site'],
      ['Origin', LISTED],
    ],
    true,
  ],
  'of a sibling subdomain': [
    [
      ['Sec-Fetch-Site', 'same-site'],
      ['Origin', EVIL],
    ],
    false,
  ],
  'of a form of its own, which is no proof': [
    [
      ['Sec-Fetch-Site', 'same-origin'],
      ['Origin', LISTED],
    ],
    false,
  ],
  'of nobody': [[], false],
};

const OPTIONS = [{}, { optional: true }, { live: true }, { onError: (err, req, res) => res.end() }];

for (const [version, express] of EXPRESSES) {
  describe(`auth.protect({ cookie }) on ${version}`, function () {
    this.timeout(60_000);
    let auth, token, server, reached;
    const kept = new http.Agent({ keepAlive: true });

    before(async () => {
      auth = createTestAuth();
      token = (await auth.login('victim')).accessToken;
      const app = express();
      OPTIONS.forEach((options, i) => {
        app.all(`/${i}`, auth.protect({ cookie: 'access', origins: LISTED, ...options }), (req, res) => {
          reached.push(req.user?.sub);
          res.end();
        });
      });
      server = http.createServer(app).listen(0, '127.0.0.1');
      server.on('upgrade', (req, socket) => {
        // as express-ws does it: a response of one's own around the socket
        const res = new http.ServerResponse(req);
        res.assignSocket(socket);
        res.on('finish', () => socket.end());
        app(req, res);
      });
      await once(server, 'listening');
    });
    after(() => {
      kept.destroy();
      server.close();
      return auth.close();
    });

    async function send(method, path, headers, agent = kept) {
      reached = [];
      const raw = [['Host', 'api.example.com'], ...headers].flat();
      const { port } = server.address();
      const req = http.request({ port, host: '127.0.0.1', method, path, headers: raw, agent }).end();
      const [res] = await once(req, 'response');
      await once(res.resume(), 'end');
      return res.statusCode;
    }

    const cookie = () => ['Cookie', `access=${token}`];
    const authorizations = (values) => values.map((value) => ['Authorization', value.replace('…', token)]);

    async function check(method, values, passes, refusal, proof, from) {
      const headers = [...authorizations(values), cookie(), ...proof];
      for (const order of [headers, [...proof, cookie(), ...authorizations(values)]]) {
        for (let i = 0; i < OPTIONS.length; i += 1) {
          const status = await send(method, `/${i}`, order);
          const which = `${method} ${JSON.stringify(values)} ${from}, ${JSON.stringify(OPTIONS[i])}`;
          assert.deepEqual(reached, passes ? ['victim'] : [], which);
          assert.equal(status, passes ? 200 : refusal, which);
        }
      }
    }

    it('requires proof of the page whenever the cookie authorizes, whatever else is sent', () =>
      warnings(async () => {
        for (const [values, source] of SCHEMES) {
          for (const method of [...SAFE, ...UNSAFE]) {
            for (const [from, [proof, isProof]] of Object.entries(PROOFS)) {
              const passes = source === 'header' || (source === 'cookie' && (isProof || SAFE.includes(method)));
              await check(method, values, passes, source === 'nothing' ? 401 : 403, proof, from);
            }
          }
        }
      }));

    it('lets nobody in without the cookie, whatever the proof', async () => {
      assert.equal(
        await send('POST', '/0', [
          ['X-Signet', '1'],
          ['Sec-Fetch-Site', 'same-origin'],
        ]),
        401,
      );
      assert.equal(
        await send('POST', '/0', [
          ['Authorization', 'Basic dXNlcjpwYXNz'],
          ['Cookie', 'other=1'],
        ]),
        401,
      );
    });

    describe("and a WebSocket's handshake", () => {
      const upgrade = [
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Version', '13'],
        ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
      ];
      const open = (headers, more = []) => send('GET', '/0', [...upgrade, ...headers, ...more], false);

      it('accepts its own and listed pages, which cannot send X-Signet there', async () => {
        const ours = [
          ['Origin', 'https://api.example.com'],
          ['Sec-Fetch-Site', 'same-origin'],
        ];
        for (const headers of [[['Origin', LISTED]], ours]) {
          assert.equal(await open([cookie(), ...headers]), 200);
          assert.deepEqual(reached, ['victim']);
        }
      });

      it('refuses every other page, also of a sibling subdomain: it is no safe method', async () => {
        const origins = ['null', EVIL, `${LISTED}.evil.example`, 'https://api.example.com'].map((origin) => [
          ['Origin', origin],
        ]);
        const others = [
          [],
          ...origins,
          [
            ['Origin', EVIL],
            ['Sec-Fetch-Site', 'same-site'],
          ],
          [
            ['Origin', EVIL],
            ['X-Signet', '1'],
          ],
        ];
        await warnings(async () => {
          for (const headers of others) {
            for (const more of [[], [['Authorization', 'Basic dXNlcjpwYXNz']]]) {
              assert.equal(await open([cookie(), ...headers], more), 403, JSON.stringify(headers));
              assert.deepEqual(reached, []);
            }
          }
        });
      });

      it('requires none of it with a Bearer token, which no page in a browser can send', async () => {
        assert.equal(await open([['Authorization', `Bearer ${token}`]]), 200);
      });

      it('exempts no other method from X-Signet', async () => {
        await warnings(async () => {
          assert.equal(await send('POST', '/0', [...upgrade, cookie(), ['Origin', LISTED]]), 403);
        });
      });
    });
  });
}

describe('auth.protect({ getToken, cookie })', () => {
  it('is refused: whoever names a cookie relies on its guard, and getToken has none', async () => {
    const auth = createTestAuth();
    const both = { getToken: () => 'x', cookie: 'access' };
    assert.throws(() => auth.protect(both), { code: 'ERR_OPTION', message: /getToken or cookie, not both/ });
    await auth.close();
  });
});
