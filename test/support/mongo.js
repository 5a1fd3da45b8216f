'use strict';
// The MongoDB server of the tests: MONGODB_URI, or the one that scripts/mongo-server.js starts.

const server = require('../../scripts/mongo-server');

let started;

/**
 * { MONGODB_URI, MONGODB_AUTH_URI?, MONGODB_TLS_URI?, ... }, or null if there is no server. The project's own
 * server has all `variants`; a server given by MONGODB_URI has those in the environment.
 */
async function mongoServer() {
  if (process.env.MONGODB_URI) return process.env;
  started ??= server.up({ auth: true, tls: true }).catch((error) => {
    if (!(error instanceof server.Unavailable) || process.env.CI) throw error;
    console.log(`      skipped: ${error.message}`);
    return null;
  });
  return started;
}

/** For a `before` hook: sets `this.mongo`, or skips the whole suite with the reason printed. */
async function needMongo() {
  this.timeout(600_000); // the first time, the server is built
  const found = await mongoServer();
  if (!found) this.skip();
  return found;
}

/** A new collection for this test. */
let count = 0;
const collectionName = (name) => `test_${name}_${process.pid}_${count++}`;

module.exports = { collectionName, mongoServer, needMongo };
