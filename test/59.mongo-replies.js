'use strict';
// Unreadable answers of a server: for each command of each job, each way to damage its answer. The outcome of the
// command is then unknown, the caller is told so, and no honest session ends.
const assert = require('node:assert');
const jsonwebtoken = require('jsonwebtoken');
const { BSON, MongoClient } = require('mongodb');

const { createAuth } = require('..');
const { internals } = require('../lib/auth/internals');
const { SECRETS, createClock } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');

const OLD_SECRET = 'myRefreshSecretKey of the app as it was';
const GRACE = 30;

const without = (name) => (reply) => {
  delete reply[name];
  return reply;
};
const having = (name, value) => (reply) => ({ ...reply, [name]: value });
const inCursor = (change) => (reply) => ({ ...reply, cursor: change(reply.cursor) });

/** A document in a document in a document … */
const deep = (levels) => (levels === 0 ? {} : { a: deep(levels - 1) });

/** An element of a type that BSON does not have, at the end. */
const unknownType = (reply, body) => {
  const bytes = Buffer.concat([body.subarray(0, body.length - 1), Buffer.from([0x55, 0x78, 0, 0])]);
  bytes.writeInt32LE(bytes.length, 0);
  return bytes;
};

const EVERYWHERE = {
  'nothing but ok': () => ({ ok: 1 }),
  'without ok': without('ok'),
  'nothing at all': () => ({}),
  'an element of an unknown type': unknownType,
};
const WRITTEN = {
  'without n': without('n'),
  'n as text': having('n', '1'),
  'n negative': having('n', new BSON.Int32(-1)),
  'n as a date': having('n', new Date(1)),
  'writeErrors as a number': having('writeErrors', 5),
  'writeErrors empty': having('writeErrors', []),
  'writeErrors without a code': having('writeErrors', [{ index: 0 }]),
};
const NOTHING_WRITTEN = { 'n zero, and no error': having('n', new BSON.Int32(0)) };

const DAMAGES = {
  findAndModify: {
    'without value': without('value'),
    'value empty': having('value', {}),
    'value without _id': having('value', { userId: '7' }),
    'value nested too deeply': having('value', deep(900)),
    'value an array': having('value', []),
    'value a number': having('value', 5),
    'value a text': having('value', 'null'),
    'value false': having('value', false),
    'value MinKey': having('value', new BSON.MinKey()),
  },
  find: {
    'without cursor': without('cursor'),
    'cursor empty': having('cursor', {}),
    'cursor a text': having('cursor', 'none'),
    'without firstBatch': inCursor(without('firstBatch')),
    'firstBatch a document': inCursor(having('firstBatch', {})),
    'firstBatch null': inCursor(having('firstBatch', null)),
    'an item that is no document': inCursor(having('firstBatch', [5])),
    'an item that is null': inCursor(having('firstBatch', [null])),
    'an item that is empty': inCursor(having('firstBatch', [{}])),
    'an item nested too deeply': inCursor(having('firstBatch', [deep(900)])),
    'without a cursor id': inCursor(without('id')),
    'a cursor id that is text': inCursor(having('id', 'none')),
  },
  insert: { ...WRITTEN, ...NOTHING_WRITTEN },
  update: {
    ...WRITTEN,
    ...NOTHING_WRITTEN,
    'without nModified': without('nModified'),
    'nModified as text': having('nModified', '1'),
  },
  delete: WRITTEN,
};

describe('An answer that cannot be read', function suite() {
  this.timeout(120_000); // the machine may be busy

  let uri;
  let proxy;
  let client;
  let rows;
  let auths;
  const clock = createClock(Date.now());
  let users = 0;
  const newUser = () => {
    users += 1;
    return `user ${users}`;
  };

  before(async function start() {
    uri = (await needMongo.call(this)).MONGODB_URI;
    proxy = await createProxy(portOf(uri));
    client = await new MongoClient(uri).connect();
    const collection = collectionName('replies');
    rows = client.db().collection(`${collection}_tokens`);
    const place = {
      ...SECRETS,
      collection,
      now: clock,
      gracePeriod: GRACE,
      legacy: { secret: OLD_SECRET, collection: `${collection}_tokens` },
    };
    const store = through(uri, proxy);
    auths = {
      direct: createAuth({ ...place, store: uri }),
      plain: createAuth({ ...place, store }),
      ends: createAuth({ ...place, store, claims: async () => null }),
      users: createAuth({ ...place, store, onReuse: 'user' }),
    };
    await Promise.all(Object.values(auths).map((auth) => auth.ready()));
  });
  after(async () => {
    await Promise.all(Object.values(auths ?? {}).map((auth) => auth.close()));
    await proxy?.close();
    await rows?.drop();
    await client?.close();
  });
  afterEach(() => proxy?.heal());

  const login = (user = newUser()) => auths.direct.login(user);

  /** A login with its token rotated `times`: the first token, the newest, and the session. */
  async function rotated(times) {
    const first = await login();
    let last = first;
    for (let i = 0; i < times; i += 1) last = await auths.direct.rotateRefresh(last.refreshToken);
    return { ...first, last };
  }

  async function tutorialToken() {
    const userId = newUser();
    const refreshToken = jsonwebtoken.sign({ id: userId }, OLD_SECRET);
    await rows.insertOne({ refreshToken, userId });
    return { refreshToken, userId };
  }

  /**
   * The session lives, and `token` goes on: with a new successor, or with the same one where it has been rotated
   * already.
   */
  async function livesOn({ userId, sessionId }, token) {
    const session = await auths.direct[internals].readSession(userId, sessionId);
    assert.strictEqual(session.revokedAt, 0, `revoked: ${session.revokedFor}`);
    assert.strictEqual((await auths.direct.rotateRefresh(token)).sessionId, sessionId);
  }

  // `prepare` makes what `call` is given; `after`, what must hold once the answers are whole again.
  const JOBS = {
    'a rotation': {
      prepare: login,
      call: ({ refreshToken }) => auths.plain.rotateRefresh(refreshToken),
      after: (made) => livesOn(made, made.refreshToken),
    },
    'a retry': {
      prepare: () => rotated(1),
      call: ({ refreshToken }) => auths.plain.rotateRefresh(refreshToken),
      after: (made) => livesOn(made, made.last.refreshToken),
    },
    'a reuse': {
      prepare: () => rotated(3), // a grandparent may be a straggler
      call: ({ refreshToken }) => auths.plain.rotateRefresh(refreshToken),
      expect: 'ERR_REFRESH_REUSED',
      after: async ({ refreshToken }) =>
        assert.rejects(auths.plain.rotateRefresh(refreshToken), { code: /^ERR_(REFRESH_REUSED|SESSION_REVOKED)$/ }),
    },
    "a reuse that ends all of a user's sessions": {
      prepare: () => rotated(3),
      call: ({ refreshToken }) => auths.users.rotateRefresh(refreshToken),
      expect: 'ERR_REFRESH_REUSED',
      after: async ({ refreshToken }) =>
        assert.rejects(auths.users.rotateRefresh(refreshToken), { code: /^ERR_(REFRESH_REUSED|SESSION_REVOKED)$/ }),
    },
    'a rotation whose claims are null': {
      prepare: login,
      call: ({ refreshToken }) => auths.ends.rotateRefresh(refreshToken),
      expect: 'ERR_SESSION_REVOKED',
      after: ({ refreshToken }) =>
        assert.rejects(auths.ends.rotateRefresh(refreshToken), { code: 'ERR_SESSION_REVOKED' }),
    },
    'a rotation of a session that was revoked': {
      prepare: async () => {
        const made = await login();
        await auths.direct.revoke(made.userId, made.sessionId);
        return made;
      },
      call: ({ refreshToken }) => auths.plain.rotateRefresh(refreshToken),
      expect: 'ERR_SESSION_REVOKED',
      after: ({ refreshToken }) =>
        assert.rejects(auths.plain.rotateRefresh(refreshToken), { code: 'ERR_SESSION_REVOKED' }),
    },
    'an adoption': {
      prepare: tutorialToken,
      call: ({ refreshToken }) => auths.plain.rotateRefresh(refreshToken),
      after: async ({ refreshToken, userId }) => {
        const adopted = await auths.direct.rotateRefresh(refreshToken);
        assert.deepStrictEqual(
          (await auths.direct.sessions(userId)).map(({ id }) => id),
          [adopted.sessionId],
        );
      },
    },
    'a login': {
      prepare: async () => login(),
      call: ({ userId }) => auths.plain.login(userId),
      after: (made) => livesOn(made, made.refreshToken),
    },
    'a logout': {
      prepare: login,
      call: ({ refreshToken }) => auths.plain.logout(refreshToken),
      after: async ({ refreshToken, userId }) => {
        await auths.plain.logout(refreshToken);
        assert.deepStrictEqual(await auths.direct.sessions(userId), []);
      },
    },
    'a logout of a token that was not adopted yet': {
      prepare: tutorialToken,
      call: ({ refreshToken }) => auths.plain.logout(refreshToken),
      after: async ({ refreshToken }) => {
        await auths.plain.logout(refreshToken);
        assert.strictEqual(await rows.countDocuments({ refreshToken }), 0);
      },
    },
    'revoke()': {
      prepare: login,
      call: ({ userId, sessionId }) => auths.plain.revoke(userId, sessionId),
      after: async ({ userId, sessionId }) => {
        await auths.plain.revoke(userId, sessionId);
        assert.deepStrictEqual(await auths.direct.sessions(userId), []);
      },
    },
    'revokeAll()': {
      prepare: async () => {
        const made = await login();
        await login(made.userId);
        return made;
      },
      call: ({ userId }) => auths.plain.revokeAll(userId),
      after: async ({ userId }) => {
        await auths.plain.revokeAll(userId);
        assert.deepStrictEqual(await auths.direct.sessions(userId), []);
      },
    },
    'sessions()': {
      prepare: login,
      call: ({ userId }) => auths.plain.sessions(userId),
      after: (made) => livesOn(made, made.refreshToken),
    },
    'a look at one session': {
      prepare: login,
      call: (made) => auths.plain[internals].readSession(made.userId, made.sessionId),
      after: (made) => livesOn(made, made.refreshToken),
    },
    'ready()': { prepare: login, call: () => auths.plain.ready(), after: (made) => livesOn(made, made.refreshToken) },
  };

  const codeOf = (call) =>
    call.then(
      () => undefined,
      ({ code }) => code,
    );

  /** The commands of a job whose answers are whole: [['insert', 1], ['find', 1], ['find', 2]]. */
  async function commandsOf({ prepare, call, expect }) {
    const made = await prepare();
    proxy.commands();
    assert.strictEqual(await codeOf(call(made)), expect);
    const counted = {};
    return proxy
      .commands()
      .filter((name) => DAMAGES[name])
      .map((name) => {
        counted[name] = (counted[name] ?? 0) + 1;
        return [name, counted[name]];
      });
  }

  for (const [name, job] of Object.entries(JOBS)) {
    it(`to any command of ${name} leaves its outcome unknown and ends no honest session`, async () => {
      const commands = await commandsOf(job);
      assert.ok(commands.length > 0);
      for (const [command, nth] of commands) {
        for (const [damage, change] of Object.entries({ ...EVERYWHERE, ...DAMAGES[command] })) {
          const made = await job.prepare();
          proxy.damage(command, nth, change);
          const error = await job.call(made).then(
            () => assert.fail('it is taken for an answer'),
            (reason) => reason,
          );
          const what = `${command} ${nth}, ${damage}: ${error.message}`;
          assert.strictEqual(error.code, 'ERR_STORE_TIMEOUT', what);
          assert.strictEqual(proxy.struck(), 1, what);
          proxy.heal();
          await job.after(made).catch((reason) => assert.fail(`${what}: ${reason.message}`));
        }
      }
    });
  }

  it('to a later part of a long list leaves the list unknown', async () => {
    const { userId } = await login();
    // The store's batches are the server's: 101 documents, then the rest.
    const auth = createAuth({
      ...SECRETS,
      store: through(uri, proxy),
      collection: collectionName('long'),
      maxSessionsPerUser: Infinity,
    });
    try {
      await Promise.all(Array.from({ length: 120 }, () => auth.login(userId)));
      proxy.commands();
      assert.strictEqual((await auth.sessions(userId)).length, 120);
      assert.deepStrictEqual(
        proxy.commands().filter((command) => DAMAGES[command] || command === 'getMore'),
        ['find', 'getMore'],
      );
      const damages = {
        ...EVERYWHERE,
        ...DAMAGES.find,
        'without nextBatch': inCursor(without('nextBatch')),
        'an item that is no document': inCursor(having('nextBatch', [5])),
      };
      for (const [damage, change] of Object.entries(damages)) {
        if (/firstBatch|an item that is (null|empty)|nested/.test(damage)) continue; // a getMore has none
        proxy.damage('getMore', 1, change);
        assert.strictEqual(await codeOf(auth.sessions(userId)), 'ERR_STORE_TIMEOUT', damage);
        proxy.heal();
      }
    } finally {
      await auth.close();
    }
  });
});
