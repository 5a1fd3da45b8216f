'use strict';

const assert = require('node:assert');
const mongoose = require('mongoose');
const { createSessionModel, createSessionSchema } = require('signet-jwt/mongoose');
const { collectionName, needMongo } = require('./support/mongo');

const HOUR = 3_600_000;
const bytes = (length, value) => Buffer.alloc(length, value);

/** A record as the store writes it. */
function record(_id, userId, more = {}) {
  const now = Date.now();
  return {
    _id,
    userId,
    tokenHash: bytes(32, 1),
    seed: bytes(16, 2),
    generation: mongoose.mongo.Long.fromNumber(3),
    retries: mongoose.mongo.Long.fromNumber(0),
    retriesTotal: mongoose.mongo.Long.fromNumber(1),
    createdAt: new Date(now - HOUR),
    rotatedAt: new Date(now - 1000),
    expiresAt: new Date(now + HOUR),
    endsAt: new Date(now + 2 * HOUR),
    userAgent: 'Firefox',
    ip: '192.0.2.1',
    label: 'my phone',
    ...more,
  };
}

describe('signet-jwt/mongoose', () => {
  const collection = collectionName('mongoose');
  const alice = new mongoose.Types.ObjectId();
  let connection;
  let Session;

  before(async function connect() {
    const { MONGODB_URI } = await needMongo.call(this);
    connection = await mongoose.createConnection(MONGODB_URI).asPromise();
    connection.model('User', new mongoose.Schema({ name: String }), `${collection}_users`);
    Session = createSessionModel({ mongoose, connection, collection });
    await connection.collection(`${collection}_users`).insertOne({ _id: alice, name: 'Alice' });
    await connection.collection(collection).insertMany([
      record('live', alice.toHexString()),
      record('idle', alice.toHexString(), { expiresAt: new Date(Date.now() - 1) }),
      record('revoked', alice.toHexString(), { revokedAt: new Date(), revokedFor: 'logout' }),
      {
        _id: `revoke-all:${alice.toHexString()}`,
        userId: alice.toHexString(),
        revokedAt: new Date(),
        expiresAt: new Date(),
      },
    ]);
  });

  after(async () => {
    if (!connection) return;
    await connection.collection(collection).drop();
    await connection.collection(`${collection}_users`).drop();
    await connection.close();
  });

  it('lists the sessions of a user, without the notes of revokeAll', async () => {
    assert.deepStrictEqual(
      (await Session.find({ userId: alice.toHexString() }).sort('_id')).map(({ _id }) => _id),
      ['idle', 'live', 'revoked'],
    );
    assert.strictEqual(await Session.countDocuments(), 3);
    assert.deepStrictEqual((await Session.distinct('_id')).sort(), ['idle', 'live', 'revoked']);
    assert.deepStrictEqual(await Session.aggregate([{ $group: { _id: '$userId', n: { $sum: 1 } } }]), [
      { _id: alice.toHexString(), n: 3 },
    ]);
  });

  it('narrows a query to live sessions', async () => {
    const [session, ...others] = await Session.find().live();
    assert.deepStrictEqual(others, []);
    assert.strictEqual(session._id, 'live');
    assert.strictEqual(session.generation, 3);
    assert.strictEqual(session.lastUsedAt, session.rotatedAt);
  });

  it('populates the user of a session by ObjectId, though userId is its hex form', async () => {
    const session = await Session.findById('live').populate('user');
    assert.strictEqual(session.user.name, 'Alice');
    assert.deepStrictEqual(session.user._id, alice);
  });

  it('finds a session by an ObjectId given as the user', async () => {
    assert.strictEqual((await Session.findOne({ userId: alice }).live())._id, 'live');
  });

  it('leaves hashes and seed out of results unless selected by name', async () => {
    const json = JSON.stringify(await Session.findById('live'));
    for (const name of ['tokenHash', 'previousHash', 'seed']) assert.ok(!json.includes(name), json);
    assert.strictEqual((await Session.findById('live').select('+tokenHash')).tokenHash.length, 32);
  });

  it('refuses to write, in every way', async () => {
    const found = await Session.findById('live');
    found.label = 'changed';
    const writes = {
      save: () => found.save(),
      create: () => Session.create({ _id: 'x', userId: 'y' }),
      insertMany: () => Session.insertMany([{ _id: 'x', userId: 'y' }]),
      bulkWrite: () => Session.bulkWrite([{ deleteOne: { filter: { _id: 'live' } } }]),
      updateOne: () => Session.updateOne({ _id: 'live' }, { label: 'changed' }),
      updateMany: () => Session.updateMany({}, { label: 'changed' }),
      replaceOne: () => Session.replaceOne({ _id: 'live' }, { userId: 'x' }),
      findByIdAndUpdate: () => Session.findByIdAndUpdate('live', { label: 'changed' }),
      findOneAndReplace: () => Session.findOneAndReplace({ _id: 'live' }, { userId: 'x' }),
      findByIdAndDelete: () => Session.findByIdAndDelete('live'),
      deleteOne: () => Session.deleteOne({ _id: 'live' }),
      deleteMany: () => Session.deleteMany({}),
      'document.deleteOne': () => found.deleteOne(),
      'document.updateOne': () => found.updateOne({ label: 'changed' }),
    };
    for (const [name, write] of Object.entries(writes)) {
      await assert.rejects(
        async () => write(),
        { name: 'SignetError', message: /auth\.revoke\(userId, sessionId\)/ },
        name,
      );
    }
    assert.strictEqual((await Session.findById('live')).label, 'my phone');
    assert.strictEqual(await Session.countDocuments(), 3);
  });

  it('makes no index and no collection', async () => {
    const other = collectionName('mongoose');
    await connection.model('Other', createSessionSchema({ mongoose, collection: other })).init();
    assert.deepStrictEqual(await connection.db.listCollections({ name: other }).toArray(), []);
  });
});
