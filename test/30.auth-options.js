'use strict';
const assert = require('node:assert');
const { createSecretKey } = require('node:crypto');

const { SignetError, createAuth } = require('..');
const { SECRETS, headerOf, payloadOf } = require('./support/auth');
const { CREATE, LEGACY } = require('../lib/auth/options');
const { constants } = require('../lib/native/load');
const { checkStore } = require('../lib/auth/store-option');

const refusal = (options) => {
  try {
    createAuth({ ...SECRETS, store: ':memory:', ...options }).close();
  } catch (error) {
    assert.ok(error instanceof SignetError, error.stack);
    return error;
  }
  return assert.fail('createAuth took it');
};

const taken = (options) => createAuth({ ...SECRETS, store: ':memory:', ...options }).close();

describe('createAuth: secrets', () => {
  for (const [name, variable] of [
    ['accessSecret', 'ACCESS_SECRET'],
    ['refreshSecret', 'REFRESH_SECRET'],
  ]) {
    for (const missing of [undefined, null, '', []]) {
      it(`says that ${name} is missing, how to make one and where to put it (${JSON.stringify(missing)})`, () => {
        const error = refusal({ [name]: missing });
        assert.strictEqual(error.code, 'ERR_SECRET');
        assert.match(error.message, new RegExp(`^${name} is missing`));
        assert.match(error.message, /node -p "require\('node:crypto'\)\.randomBytes\(48\)/);
        assert.match(error.message, new RegExp(`process\\.env\\.${variable}`));
      });
    }

    it(`refuses a ${name} of 31 bytes, and names it`, () => {
      const error = refusal({ [name]: `${'x7'.repeat(15)}y` });
      assert.strictEqual(error.code, 'ERR_SECRET');
      assert.match(error.message, new RegExp(name));
      assert.ok(!error.message.includes('x7x7'), 'the secret is in the text');
    });
  }

  it('refuses a refresh secret that is an access secret too', () => {
    assert.strictEqual(refusal({ refreshSecret: [SECRETS.refreshSecret, SECRETS.accessSecret] }).code, 'ERR_SECRET');
  });

  it('takes { current, next, previous }: the current one signs, all verify', async () => {
    const [OTHER, THIRD] = [
      'another access secret, 48 bytes and more, of tests',
      'a third access secret, 48 bytes and more, of tests',
    ];
    const { accessSecret } = SECRETS;
    const of = (secret) => createAuth({ ...SECRETS, store: ':memory:', accessSecret: secret });
    const auths = [
      of({ current: accessSecret, next: OTHER, previous: [THIRD] }),
      of({ current: OTHER, previous: [accessSecret, THIRD], next: undefined }),
      of({ current: THIRD, next: OTHER, previous: accessSecret }),
    ];
    const kids = new Set();
    for (const auth of auths) {
      const { accessToken } = await auth.login('7');
      kids.add(headerOf(accessToken).kid);
      for (const other of auths) assert.strictEqual(other.verifyAccess(accessToken).sub, '7');
    }
    assert.strictEqual(kids.size, 3);
    await Promise.all(auths.map((auth) => auth.close()));
  });

  it('refuses phases that are incomplete, misspelled or too many, by the name of the phase', () => {
    const { accessSecret: current } = SECRETS;
    const OTHER = 'another access secret, 48 bytes and more, of tests';
    for (const [value, code, text] of [
      [{}, 'ERR_SECRET', /accessSecret\.current is missing/],
      [{ next: OTHER }, 'ERR_SECRET', /accessSecret\.current is missing/],
      [{ current: '' }, 'ERR_SECRET', /accessSecret\.current is missing/],
      [{ current: [current, OTHER] }, 'ERR_SECRET', /accessSecret\.current must be one secret/],
      [{ revoked: OTHER }, 'ERR_SECRET', /accessSecret\.current is missing/],
      [{ current, revoked: [OTHER, current] }, 'ERR_SECRET', /twice/],
      [{ current, next: '' }, 'ERR_SECRET', /accessSecret\.next is missing/],
      [{ current, next: [OTHER, 'x'] }, 'ERR_SECRET', /accessSecret\.next must be one secret/],
      [{ current, previous: [OTHER, 42] }, 'ERR_SECRET', /accessSecret\.previous must be a string/],
      [{ current, previous: current }, 'ERR_SECRET', /twice/],
      [{ current, previus: OTHER }, 'ERR_OPTION', /Did you mean "previous"/],
    ]) {
      const error = refusal({ accessSecret: value });
      assert.strictEqual(error.code, code, error.message);
      assert.match(error.message, text);
    }
  });

  it('refuses values that are no secret', () => {
    for (const value of [42, {}, true, [SECRETS.accessSecret, 42]])
      assert.strictEqual(refusal({ accessSecret: value }).code, 'ERR_SECRET');
  });

  it('accepts strings, Buffers, typed arrays, secret KeyObjects and arrays of these', async () => {
    const bytes = Buffer.from(SECRETS.accessSecret);
    for (const accessSecret of [
      SECRETS.accessSecret,
      bytes,
      new Uint8Array(bytes),
      createSecretKey(bytes),
      [bytes, 'another access secret, 48 bytes and more, of tests'],
    ]) {
      await taken({ accessSecret });
    }
  });
});

describe('createAuth: the store', () => {
  const PASSWORD = 'geheim';
  const REFUSED = [
    [
      /a variable that is not set was put into a string/,
      [
        'undefined',
        'null',
        'undefined/signet.db',
        './null/signet.db',
        'undefined.db',
        'data\\undefined',
        'mongodb://undefined',
        'mongodb://undefined:27017/app',
        `mongodb://ann:${PASSWORD}@undefined/app`,
        'mongodb://undefined:undefined@db/app',
        'mongodb://db/null?w=1',
      ],
    ],
    [
      /begins or ends with whitespace: .*docker --env-file/,
      [
        ' mongodb://127.0.0.1/x',
        'mongodb://127.0.0.1/x ',
        './signet.db\n',
        './signet.db\r',
        '\t./signet.db',
        '\ufeff./signet.db',
        ' :memory:',
        ' ',
        '\n',
      ],
    ],
    [
      /quotation mark: docker --env-file keeps quotes/,
      [
        `"mongodb://ann:${PASSWORD}@127.0.0.1/x"`,
        "'./signet.db'",
        '"./signet.db',
        "./signet.db'",
        '`./signet.db`',
        '""',
      ],
    ],
    [/it begins with postgres:\/\//, [`postgres://u:${PASSWORD}@127.0.0.1/x`]],
    [/it begins with redis:\/\//, ['redis://127.0.0.1']],
    [
      /it begins with a word and a colon/,
      [`ann:${PASSWORD}@127.0.0.1/app`, 'memory:', 'data:x/y.db', 'ab:\\signet.db'],
    ],
    [
      /a backslash is missing: in JavaScript, write "C:\/data\/signet\.db" or "C:\\\\data\\\\signet\.db"/,
      ['c:signet.db', 'C:', 'C:datasignet.db', 'C:\temp\new.db', './data\new.db', 'D:übung.db'],
    ],
    [/must be followed by two slashes/, ['mongodb:/127.0.0.1/x', 'mongodb:127.0.0.1', 'mongodb+srv:/x']],
    [
      /write its path without a scheme/,
      ['file:signet.db', 'file:///var/signet.db', 'sqlite:./signet.db', 'sqlite3:///signet.db', 'SQLITE://x.db'],
    ],
    [
      /mongodb:\/\/ is missing before the host \(Atlas: mongodb\+srv:\/\/\)/,
      [
        'cluster0.abcde.mongodb.net',
        'cluster0.abcde.mongodb.net/app',
        'localhost:27017',
        '127.0.0.1:27017/app',
        'db.example.com:27017',
        'db-server',
        'db.example.com',
        '127.0.0.1',
        'signet',
        'false',
        '[object Promise]',
        '.',
        'memory',
      ],
    ],
    [
      /UNC path, and SQLite's WAL does not work over a network/,
      ['\\\\server\\share\\signet.db', '\\\\?\\UNC\\server\\share\\signet.db'],
    ],
  ];

  for (const [why, stores] of REFUSED) {
    for (const store of stores) {
      it(`cannot be ${JSON.stringify(store)}`, () => {
        const error = refusal({ store });
        assert.strictEqual(error.code, 'ERR_OPTION');
        assert.match(error.message, /^store cannot be used: /);
        assert.match(error.message, why);
        assert.ok(!error.message.includes(PASSWORD), error.message);
      });
    }
  }

  const TAKEN = [
    './signet.db',
    '/var/lib/app/signet.db',
    'signet.db',
    'signet.sqlite',
    'signet.sqlite3',
    'SIGNET.DB',
    'data/sessions',
    '../x',
    '.\\data\\signet',
    'C:\\data\\signet.db',
    'c:/data/signet',
    'C:\\Users\\Jürgen\\日本 2.db',
    'D:/übung ñ/日本.db',
    '.\\übung\\ñ.db',
    '\\\\?\\C:\\data\\signet.db',
    './a:b.db',
    "./ann's.db",
    './undefined-things/x.db',
    './null and void.db',
    ':memory:',
    'mongodb://127.0.0.1/x',
    'MONGODB://127.0.0.1/x',
    'mongodb+srv://cluster0.abcde.mongodb.net/app',
  ];

  for (const store of TAKEN) it(`may be ${JSON.stringify(store)}`, () => assert.strictEqual(checkStore(store), store));

  it('may begin with two slashes, except on Windows, where that is a UNC path', () => {
    assert.strictEqual(checkStore('//tmp/signet.db', 'linux'), '//tmp/signet.db');
    for (const store of ['//server/share/signet.db', '\\/server/share/signet.db'])
      assert.throws(() => checkStore(store, 'win32'), /UNC path/);
  });
});

describe('createAuth: options', () => {
  it('refuses an unknown name, and suggests the right one', () => {
    assert.match(
      refusal({ acessExpiresIn: '15m' }).message,
      /no option "acessExpiresIn"\. Did you mean "accessExpiresIn"\?/,
    );
    assert.match(refusal({ expiresIn: '15m' }).message, /Did you mean "accessExpiresIn"\?/);
    assert.match(refusal({ zebra: 1 }).message, /no option "zebra"\.$/);
  });

  it('refuses a span without a unit, and says what to write', () => {
    const error = refusal({ accessExpiresIn: '3600' });
    assert.strictEqual(error.code, 'ERR_OPTION');
    assert.match(
      error.message,
      /accessExpiresIn is "3600", without a unit: write a unit \("3600s" for seconds\), or the number 3600/,
    );
  });

  it('refuses values that are no time span', () => {
    for (const span of ['', 'soon', '5 parsecs', NaN, Infinity, -1, 0, '-5m', '1ms', null, {}, true, 'x'.repeat(200)]) {
      assert.strictEqual(refusal({ refreshExpiresIn: span }).code, 'ERR_OPTION', String(span));
    }
  });

  it('accepts spans as a string with a unit, or as a number of seconds', async () => {
    for (const span of ['30s', '15m', '7d', '1.5h', '2 days', 30, 604800]) await taken({ refreshExpiresIn: span });
  });

  for (const [name, value] of [
    ['accessExpiresIn', 900_000],
    ['accessExpiresIn', 86_401],
    ['refreshExpiresIn', 604_800_000],
    ['sessionExpiresIn', 7_776_000_000],
    ['storeTimeout', 500],
    ['claimsTimeout', 3000],
  ]) {
    it(`refuses ${name}: ${value}, which looks like milliseconds, and names both readings`, () => {
      const error = refusal({ [name]: value });
      assert.strictEqual(error.code, 'ERR_OPTION');
      assert.strictEqual(
        error.message,
        `${name} is ${value}, and a number is in seconds. Write "${value}ms" or "${value}s"`,
      );
    });
  }

  it('accepts a long span with a unit, and usual numbers of seconds', async () => {
    await taken({ accessExpiresIn: '10d', refreshExpiresIn: '400d', sessionExpiresIn: '20y' });
    await taken({ accessExpiresIn: 86_400, refreshExpiresIn: 604_800, sessionExpiresIn: 31_536_000, storeTimeout: 60 });
  });

  for (const [inner, outer] of [
    ['accessExpiresIn', 'refreshExpiresIn'],
    ['accessExpiresIn', 'sessionExpiresIn'],
    ['refreshExpiresIn', 'sessionExpiresIn'],
  ]) {
    it(`refuses ${inner} longer than ${outer}, and accepts equal ones`, async () => {
      const error = refusal({ [inner]: '2h', [outer]: '1h' });
      assert.strictEqual(error.code, 'ERR_OPTION');
      assert.match(error.message, new RegExp(`^${inner} is longer than ${outer}`));
      await taken({ [inner]: '2h', [outer]: '2h' });
    });
  }

  it('adapts the lifetimes that are not set to those that are, so that no default is refused', async () => {
    const lives = async (given) => {
      const auth = createAuth({ ...SECRETS, store: ':memory:', ...given });
      const { accessToken, refreshToken, expiresIn } = await auth.login('7');
      const { iat, exp, end } = payloadOf(refreshToken);
      assert.strictEqual(payloadOf(accessToken).exp - iat, expiresIn);
      await auth.close();
      return [expiresIn, exp - iat, end - iat].map((seconds) => seconds / 60);
    };
    const day = 1440;
    assert.deepStrictEqual(await lives({}), [15, 7 * day, 90 * day]);
    assert.deepStrictEqual(await lives({ accessExpiresIn: '30d' }), [30 * day, 30 * day, 90 * day]);
    assert.deepStrictEqual(await lives({ accessExpiresIn: '100d' }), [100 * day, 100 * day, 100 * day]);
    assert.deepStrictEqual(await lives({ refreshExpiresIn: '200d' }), [15, 200 * day, 200 * day]);
    assert.deepStrictEqual(await lives({ refreshExpiresIn: '5m' }), [5, 5, 90 * day]);
    assert.deepStrictEqual(await lives({ sessionExpiresIn: '1d' }), [15, day, day]);
    assert.deepStrictEqual(await lives({ sessionExpiresIn: '5m' }), [5, 5, 5]);
    assert.deepStrictEqual(await lives({ accessExpiresIn: '10d', sessionExpiresIn: '20d' }), [
      10 * day,
      10 * day,
      20 * day,
    ]);
  });

  it('accepts a grace period from 0 to 120 s', async () => {
    for (const gracePeriod of [0, '0s', 120, '2m']) await taken({ gracePeriod });
    for (const clockTolerance of [0, '0s', 60, '1m']) await taken({ clockTolerance });
    for (const clockTolerance of [61, '2m', -1]) assert.strictEqual(refusal({ clockTolerance }).code, 'ERR_OPTION');
    for (const gracePeriod of [121, '3m', -1]) assert.strictEqual(refusal({ gracePeriod }).code, 'ERR_OPTION');
  });

  it('accepts a lifetime of at most 100 years', async () => {
    const names = ['accessExpiresIn', 'refreshExpiresIn', 'sessionExpiresIn'];
    await taken(Object.fromEntries(names.map((name) => [name, '100y'])));
    for (const name of names) assert.match(refusal({ [name]: '101y' }).message, new RegExp(`^${name} .*100 years`));
  });

  it("that C reads have C's names and limits", () => {
    const rows = new Map([
      ...CREATE.map((row) => [row.name, row]),
      ...LEGACY.map((row) => [`legacy.${row.name}`, row]),
    ]);
    assert.ok(Object.keys(constants.options).length > 0);
    for (const [name, limits] of Object.entries(constants.options)) {
      const row = rows.get(name);
      assert.ok(row, `createAuth has no option ${name}`);
      for (const limit of name.includes('.') ? [] : Object.keys(limits))
        if (name !== 'maxSessionsPerUser') assert.deepStrictEqual(row[limit], limits[limit], name);
    }
    assert.strictEqual(constants.options.maxSessionsPerUser.from, 0, 'Infinity is 0 in C');
  });

  it('requires a store in production', () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      const error = refusal({ store: undefined });
      assert.strictEqual(error.code, 'ERR_OPTION');
      assert.match(error.message, /store is missing.*MONGODB_URI.*file path/);
    } finally {
      if (before === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = before;
    }
  });

  for (const [name, value] of [
    ['store', 5],
    ['store', ''],
    ['maxSessionsPerUser', 0],
    ['maxSessionsPerUser', 1.5],
    ['claims', {}],
    ['claimsTimeout', '0s'],
    ['storeThreads', 0],
    ['queueLimit', -1],
    ['issuer', ''],
    ['audience', []],
    ['audience', ['a', 5]],
    ['collection', 7],
    ['now', Date.now()],
    ['onReuse', 'all'],
    ['onSuspect', 'ignore'],
    ['legacy', 'x'],
    ['legacy', { secret: SECRETS.accessSecret }],
    ...['$where', 'a.b', '', 'a\0b', 5].flatMap((value) => [
      ['legacy', { secret: 'x', tokenField: value }],
      ['legacy', { secret: 'x', userField: value }],
    ]),
    ['legacy', { secret: 'x', tokenField: 'userId' }],
    ['legacy', { secret: 'x', userClaim: 'exp' }],
    ['legacy', { secret: 'x', userClaim: '' }],
  ]) {
    it(`refuses ${name}: ${JSON.stringify(value)}`, () => {
      const error = refusal({ [name]: value });
      assert.strictEqual(error.code, 'ERR_OPTION');
      assert.match(error.message, new RegExp(name));
    });
  }

  it('refuses several legacy secrets, because it would use only one', () => {
    const error = refusal({ store: 'mongodb://127.0.0.1/x', legacy: { secret: ['x'.repeat(32), 'y'.repeat(32)] } });
    assert.strictEqual(error.code, 'ERR_SECRET');
    assert.match(error.message, /secret must be one secret/);
  });

  it('treats undefined as not set', () => taken({ issuer: undefined, claims: undefined, accessExpiresIn: undefined }));

  it('requires an object', () => {
    for (const options of [null, 'mongodb://localhost', 5])
      assert.throws(() => createAuth(options), { code: 'ERR_OPTION' });
  });
});
