'use strict';
// The session store as its owner could see it, for the page: `read(sessionId)` resolves with the record or null,
// `stop(isDown)` with whether it is stopped, `store` is what the app opens.

const { openSqliteView } = require('./sqlite-view.js');

/** Of a store that nobody else can see: ':memory:'. */
const openNoView = (store) => ({
  kind: 'memory',
  store,
  cannotStop: 'These sessions are in the memory of the server, where nobody else can reach them.',
  read: async () => null,
  stop: async () => false,
  close() {},
});

/** @param {string} store as given to createAuth */
async function openView(store) {
  if (store.startsWith('mongodb')) return require('./mongo-view.js').openMongoView(store); // the driver: not for SQLite
  return store === ':memory:' ? openNoView(store) : openSqliteView(store);
}

module.exports = { openView };
