'use strict';
// Moving from the tutorial's collection { refreshToken, userId } without logging anybody out.
const assert = require('node:assert');
const jsonwebtoken = require('jsonwebtoken');
const mongoose = require('mongoose');

const { createAuth } = require('..');
const { SECRETS, createClock, payloadOf, refusedWith } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');

const OLD_SECRET = 'myRefreshSecretKey of the app as it was';
const GRACE = 30;

describe('A refresh token of the tutorial', () => {
  let uri;
  let client;
  let rows;
  let legacy;
  const opened = [];
  const clock = createClock(Date.now());

  before(async function connect() {
    uri = (await needMongo.call(this)).MONGODB_URI;
    client = await new mongoose.mongo.MongoClient(uri).connect();
  });
  after(() => client?.close());
  beforeEach(() => {
    const name = collectionName('legacy');
    rows = client.db().collection(`${name}_tokens`);
    legacy = { collection: name, legacy: { secret: OLD_SECRET, collection: `${name}_tokens` } };
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((auth) => auth.close()));
    await rows.drop();
  });

  function open(options = {}) {
    const auth = createAuth({ ...SECRETS, store: uri, now: clock, gracePeriod: GRACE, ...legacy, ...options });
    opened.push(auth);
    return auth;
  }

  /** As the tutorial makes and keeps it. */
  async function tutorialToken(id, { userId = id, secret = OLD_SECRET, algorithm = 'HS256', more = {} } = {}) {
    const refreshToken = jsonwebtoken.sign({ id: String(id), isAdmin: true, ...more }, secret, { algorithm });
    await rows.insertOne({ refreshToken, userId, createdAt: new Date(), updatedAt: new Date() });
    return refreshToken;
  }

  it('is exchanged for a session, and its row is deleted', async () => {
    const auth = open();
    const old = await tutorialToken('1');
    const tokens = await auth.rotateRefresh(old, { userId: '1' });
    assert.strictEqual(tokens.userId, '1');
    assert.strictEqual(auth.verifyAccess(tokens.accessToken).sub, '1');
    assert.deepStrictEqual(
      (await auth.sessions('1')).map(({ id }) => id),
      [tokens.sessionId],
    );
    assert.strictEqual(await rows.countDocuments(), 0);
    const next = await auth.rotateRefresh(tokens.refreshToken);
    assert.strictEqual(next.sessionId, tokens.sessionId);
  });

  it('gets the same successor if presented again within the grace period', async () => {
    const auth = open();
    const old = await tutorialToken('2');
    const [first, other, third] = await Promise.all([
      auth.rotateRefresh(old),
      auth.rotateRefresh(old),
      auth.rotateRefresh(old),
    ]);
    clock.advance(GRACE - 1);
    const late = await auth.rotateRefresh(old);
    for (const answer of [other, third, late]) assert.strictEqual(answer.refreshToken, first.refreshToken);
    assert.strictEqual((await auth.sessions('2')).length, 1);
  });

  it('adopted with an idempotency key gets its successor again with that key, hours later', async () => {
    const auth = open();
    const old = await tutorialToken('keyed');
    const idempotencyKey = 'a-key-of-this-exchange';
    const { refreshToken } = await auth.rotateRefresh(old, { idempotencyKey });
    await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(old));
    clock.advance(3 * 3600);
    assert.strictEqual((await auth.rotateRefresh(old, { idempotencyKey })).refreshToken, refreshToken);
    await auth.rotateRefresh(refreshToken, { idempotencyKey });
    await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(old, { idempotencyKey }));
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(old));
  });

  it('is reuse after the grace period, and ends its session', async () => {
    const auth = open();
    const old = await tutorialToken('3');
    const { refreshToken } = await auth.rotateRefresh(old);
    clock.advance(GRACE + 1);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(old));
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
  });

  it('is adopted once, even by several racing processes', async () => {
    const auths = Array.from({ length: 4 }, () => open());
    await Promise.all(auths.map((auth) => auth.ready()));
    for (let round = 0; round < 20; round += 1) {
      const old = await tutorialToken(`racer-${round}`);
      const answers = await Promise.all([...auths, ...auths].map((auth) => auth.rotateRefresh(old)));
      assert.strictEqual(new Set(answers.map(({ refreshToken }) => payloadOf(refreshToken).jti)).size, 1);
      assert.strictEqual((await auths[0].sessions(`racer-${round}`)).length, 1);
    }
  });

  it('of a logged-out user is not adopted again, even after its session was purged', async () => {
    const auth = open();
    const old = await tutorialToken('4');
    const { refreshToken } = await auth.rotateRefresh(old);
    await auth.logout(refreshToken);
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(old));
    await client.db().collection(legacy.collection).deleteMany({}); // what the TTL index does in the end
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(old));
  });

  it('is revoked by revokeAll even before it was presented', async () => {
    const auth = open();
    const [old, others] = [await tutorialToken('5'), await tutorialToken('6')];
    await auth.revokeAll('5');
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(old));
    await auth.rotateRefresh(others);
  });

  it('whose row has the user as an ObjectId is adopted too', async () => {
    const auth = open();
    const user = new mongoose.Types.ObjectId();
    const old = await tutorialToken(user.toHexString(), { userId: user });
    assert.strictEqual((await auth.rotateRefresh(old)).userId, user.toHexString());
    assert.strictEqual(await rows.countDocuments(), 0);
  });

  const shapes = [
    ['{ _id }', { _id: '21' }, {}, { userClaim: '_id' }],
    ['{ userId }', { userId: '22' }, {}, { userClaim: 'userId' }],
    ['{ sub }', { sub: '23' }, {}, { userClaim: 'sub' }],
    ['a number', { id: 24 }, { userId: 24 }, {}],
    ['a claim with a dot', { 'https://example.com/user': '25' }, {}, { userClaim: 'https://example.com/user' }],
    [
      '{ token, user }',
      { id: '26' },
      { refreshToken: undefined, userId: undefined, token: 'TOKEN', user: '26' },
      { tokenField: 'token', userField: 'user' },
    ],
  ];
  for (const [name, payload, row, names] of shapes) {
    it(`and its row may have other field names: ${name}`, async () => {
      const refreshToken = jsonwebtoken.sign(payload, OLD_SECRET);
      const [userId] = Object.values(payload).map(String);
      const fields = Object.entries({ refreshToken, userId, ...row }).filter(([, value]) => value !== undefined);
      await rows.insertOne(
        Object.fromEntries(fields.map(([key, value]) => [key, value === 'TOKEN' ? refreshToken : value])),
      );
      const auth = open({ legacy: { ...legacy.legacy, ...names } });
      if (Object.keys(names).length > 0) await refusedWith('ERR_REFRESH_INVALID', open().rotateRefresh(refreshToken));
      assert.strictEqual((await auth.rotateRefresh(refreshToken)).userId, userId);
      assert.strictEqual(await rows.countDocuments(), 0);
      assert.strictEqual((await auth.sessions(userId)).length, 1);
      assert.strictEqual(await auth.revokeAll(userId), 1);
    });
  }

  it("is refused with another secret, another algorithm, another user's row, or without a row", async () => {
    const auth = open();
    const cases = {
      'another secret': await tutorialToken('7', { secret: 'another secret than the old one' }),
      'another algorithm': await tutorialToken('7', { algorithm: 'HS512' }),
      "another user's row": await tutorialToken('7', { userId: '8' }),
      'no row': jsonwebtoken.sign({ id: '7', isAdmin: true, jti: 'never stored' }, OLD_SECRET),
      'a query for an id': await tutorialToken('7', { more: { id: { $ne: null } } }),
    };
    for (const [name, token] of Object.entries(cases)) {
      const error = await auth.rotateRefresh(token).then(
        () => assert.fail(`${name} was taken`),
        (reason) => reason,
      );
      assert.strictEqual(error.code, 'ERR_REFRESH_INVALID', name);
    }
    assert.deepStrictEqual(await auth.sessions('7'), []);
  });

  it('is refused for another user', async () => {
    const auth = open();
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(await tutorialToken('9'), { userId: '10' }));
  });

  it('is refused from `until` on', async () => {
    const auth = open({ legacy: { ...legacy.legacy, until: new Date(clock() + 60_000) } });
    const [early, late] = [await tutorialToken('11'), await tutorialToken('12')];
    await auth.rotateRefresh(early);
    clock.advance(60);
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(late));
  });

  it('is refused unless adoption is configured', async () => {
    const auth = open({ legacy: undefined });
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(await tutorialToken('13')));
  });
});
