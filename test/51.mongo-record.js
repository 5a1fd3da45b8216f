'use strict';
// The contents of the collection: types, indexes, ObjectId users, and nothing that a thief of the database could use.
const assert = require('node:assert');
const mongoose = require('mongoose');

const { createAuth } = require('..');
const { SECRETS } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');

const MINUTE = 60_000;

describe('The collection of sessions', () => {
  let client;
  let collection;
  let auth;
  let store;

  before(async function connect() {
    store = (await needMongo.call(this)).MONGODB_URI;
    client = await new mongoose.mongo.MongoClient(store).connect();
    const name = collectionName('record');
    collection = client.db().collection(name);
    auth = createAuth({ ...SECRETS, store, collection: name });
  });

  after(async () => {
    await auth?.close();
    await collection?.drop();
    await client?.close();
  });

  it('has one document per session, with dates as BSON dates and hashes as binary', async () => {
    const before = Date.now();
    const req = { headers: { 'user-agent': 'Firefox' }, ip: '192.0.2.7', socket: {} };
    const { refreshToken, sessionId } = await auth.login('7', { req, label: 'my phone' });
    await auth.rotateRefresh(
      (await auth.rotateRefresh(refreshToken, { idempotencyKey: 'a'.repeat(22) })).refreshToken,
      { idempotencyKey: 'b'.repeat(22) },
    );
    const found = await collection.findOne({ _id: sessionId });
    assert.deepStrictEqual(Object.keys(found).sort(), [
      '_id',
      'createdAt',
      'endsAt',
      'expiresAt',
      'generation',
      'ip',
      'keyGeneration',
      'keyHash',
      'label',
      'previousHash',
      'previousKeyHash',
      'previousRotatedAt',
      'retries',
      'retriesTotal',
      'rotatedAt',
      'seed',
      'tokenHash',
      'userAgent',
      'userId',
    ]);
    for (const name of ['createdAt', 'rotatedAt', 'previousRotatedAt', 'expiresAt', 'endsAt'])
      assert.ok(found[name] instanceof Date, name);
    assert.ok(Math.abs(found.createdAt - before) < MINUTE);
    for (const [name, length] of [
      ['tokenHash', 32],
      ['previousHash', 32],
      ['keyHash', 32],
      ['previousKeyHash', 32],
      ['seed', 16],
    ])
      assert.strictEqual(found[name].length(), length);
    assert.strictEqual(found.userId, '7');
    assert.strictEqual(found.label, 'my phone');
  });

  it('holds no token, no part of one, and no secret', async () => {
    const { refreshToken, accessToken } = await auth.login('8');
    const rotated = await auth.rotateRefresh(refreshToken);
    const text = JSON.stringify(await collection.find({ userId: '8' }).toArray());
    const parts = [refreshToken, accessToken, rotated.refreshToken, rotated.accessToken].flatMap((token) =>
      token.split('.').slice(1),
    );
    const { jti } = JSON.parse(Buffer.from(rotated.refreshToken.split('.')[1], 'base64url'));
    for (const secret of [
      ...parts,
      jti,
      Buffer.from(jti, 'base64url').toString('base64'),
      SECRETS.refreshSecret,
      SECRETS.accessSecret,
    ])
      assert.ok(!text.includes(secret));
  });

  it('has an index on userId, and one by which MongoDB deletes a session a day after its end', async () => {
    const indexes = (await collection.indexes()).map(({ name, key, expireAfterSeconds }) => ({
      name,
      key,
      expireAfterSeconds,
    }));
    assert.deepStrictEqual(
      indexes.sort((a, b) => a.name.localeCompare(b.name)),
      [
        { name: '_id_', key: { _id: 1 }, expireAfterSeconds: undefined },
        { name: 'expiresAt_1', key: { expiresAt: 1 }, expireAfterSeconds: 86_400 },
        { name: 'userId_1', key: { userId: 1 }, expireAfterSeconds: undefined },
      ],
    );
  });

  it('stores a Mongoose ObjectId in its hex form', async () => {
    const user = new mongoose.Types.ObjectId();
    const { userId, sessionId, refreshToken } = await auth.login(user);
    assert.strictEqual(userId, user.toHexString());
    assert.strictEqual((await collection.findOne({ _id: sessionId })).userId, user.toHexString());
    await auth.rotateRefresh(refreshToken, { userId: user });
    assert.deepStrictEqual(
      (await auth.sessions(user)).map(({ id }) => id),
      [sessionId],
    );
    assert.strictEqual(await auth.revokeAll(user), 1);
    assert.deepStrictEqual(await auth.sessions(user), []);
  });

  it('names the index in the way, and how to drop it, if the tutorial has left a unique one on userId', async () => {
    const name = collectionName('tutorial');
    const tutorial = client.db().collection(name);
    await tutorial.createIndex({ userId: 1 }, { unique: true });
    const other = createAuth({ ...SECRETS, store, collection: name });
    try {
      await assert.rejects(
        other.ready(),
        ({ code, message }) =>
          code === 'ERR_STORE_REFUSED' && message.includes(`db.getCollection("${name}").dropIndex("userId_1")`),
      );
    } finally {
      await other.close();
      await tutorial.drop();
    }
  });

  it('reports a record that was edited into something else, by the name of the field', async () => {
    const { sessionId } = await auth.login('9');
    await collection.updateOne({ _id: sessionId }, { $set: { generation: 'many' } });
    await assert.rejects(
      auth.sessions('9'),
      ({ code, message }) => code === 'ERR_STORE_CORRUPT' && message.includes('generation'),
    );
  });
});
