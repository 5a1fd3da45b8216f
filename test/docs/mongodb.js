'use strict';

const assert = require('node:assert');
const mongoose = require('mongoose');
const { createAuth } = require('signet-jwt');

const { ACCESS_SECRET: accessSecret, REFRESH_SECRET: refreshSecret, MONGODB_URI: store } = process.env;
const given = { accessSecret, refreshSecret, store };

/** Stands for mongosh's db: its calls on the real database, one after the other, and what they resolve to. */
function shell(name) {
  const results = [];
  const asked = (work) => {
    const before = results.at(-1);
    results.push(
      (async () => {
        await before;
        return work(mongoose.connection.collection(name));
      })(),
    );
  };
  const direct =
    (method) =>
    (...args) =>
      asked((collection) => collection[method](...args));
  return {
    results,
    find(filter, projection) {
      let sort = {};
      asked((collection) => collection.find(filter, { projection, sort }).toArray());
      return {
        sort: (order) => {
          sort = order;
        },
      };
    },
    aggregate: (stages) => asked((collection) => collection.aggregate(stages).toArray()),
    countDocuments: direct('countDocuments'),
    updateMany: direct('updateMany'),
    deleteMany: direct('deleteMany'),
  };
}

module.exports = {
  given,
  blocks: {
    'sessions-in-mongodb': {
      needsMongo: true,
      check: async ({ auth }) => assert.ok((await auth.login('1')).refreshToken),
    },
    sharding: {
      given: {
        sh: {
          shardCollection: (...args) => assert.deepStrictEqual(args, ['app.refreshsessions', { userId: 'hashed' }]),
        },
      },
    },
    'with-mongoose': {
      needsMongo: true,
      given: { user: { _id: new mongoose.Types.ObjectId() } },
      async before({ user }) {
        mongoose.model('User', new mongoose.Schema({ name: String }));
        await mongoose.connect(store);
        await createAuth(given).login(user._id);
      },
      async check({ Session, user }) {
        assert.strictEqual(await Session.find().live().countDocuments(), 1);
        assert.strictEqual(await Session.countDocuments({ userId: user._id }), 1);
      },
    },
    'by-hand-in-mongosh': {
      needsMongo: true,
      async before() {
        await mongoose.connect(store);
        for (const user of ['1', '1', '2']) await createAuth(given).login(user);
        globalThis.db = { refreshsessions: shell('refreshsessions') };
      },
      async check() {
        const [alive, most, ofUser, thefts, loggedOut, all, gone] = await Promise.all(
          globalThis.db.refreshsessions.results,
        );
        assert.deepStrictEqual(
          [alive, most],
          [
            3,
            [
              { _id: '1', n: 2 },
              { _id: '2', n: 1 },
            ],
          ],
        );
        assert.deepStrictEqual(
          [ofUser, thefts, loggedOut.modifiedCount, all.modifiedCount, gone.deletedCount],
          [[], [], 0, 3, 0],
        );
      },
    },
    'adopting-the-tutorials-tokens': {
      needsMongo: true,
      given: { createAuth, OLD_REFRESH_SECRET: 'an old refresh secret of thirty-two bytes or more' },
    },
  },
};
