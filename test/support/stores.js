'use strict';
// The stores that the same tests run on: SQLite in a file and in memory, and MongoDB if MONGODB_URI names a server.

const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const newName = () => randomBytes(6).toString('hex');

/** A new folder for one test's files. */
function newFolder() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'signet-'));
}

const remove = (folder) => fs.rmSync(folder, { recursive: true, force: true });

/**
 * `make()` returns createAuth's options for a new, empty store, and `clean()`, to call after the test. durable: the
 * contents outlive the auth, and other processes can open it.
 */
const STORES = [
  {
    name: 'SQLite, a file',
    durable: true,
    make() {
      const folder = newFolder();
      return { options: { store: path.join(folder, 'sessions.db') }, clean: () => remove(folder) };
    },
  },
  { name: 'SQLite, in memory', durable: false, make: () => ({ options: { store: ':memory:' }, clean() {} }) },
  {
    name: 'MongoDB',
    durable: true,
    missing: process.env.MONGODB_URI ? null : 'MONGODB_URI is not set',
    make: () => ({ options: { store: process.env.MONGODB_URI, collection: `sessions_${newName()}` }, clean() {} }),
  },
];

/**
 * describe()s `body` once per store; a missing store is skipped, with the reason in the test's name.
 * @param {string} title
 * @param {(store: typeof STORES[number]) => void} body
 * @param {{ durable?: boolean }} [only]
 */
function describeStores(title, body, { durable } = {}) {
  for (const store of STORES) {
    if (durable && !store.durable) continue;
    describe(`${title} (${store.name})`, () => {
      if (store.missing) it.skip(`skipped: ${store.missing}`);
      else body(store);
    });
  }
}

module.exports = { STORES, describeStores, newFolder, remove };
