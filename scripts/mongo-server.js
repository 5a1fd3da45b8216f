'use strict';
// A MongoDB-compatible server for tests: FerretDB on DocumentDB (PostgreSQL), built once under .cache/mongo
// (SIGNET_CACHE moves it).
//
//   node scripts/mongo-server.js up [--auth] [--tls] [--instance NAME]     prints MONGODB_URI=... and the other URIs
//   node scripts/mongo-server.js down [--instance NAME]                    stops one instance, or all
//   node scripts/mongo-server.js status
//
// `--auth` adds a front end that requires SCRAM logins, `--tls` one with a self-made certificate; both serve the same
// databases as the plain one. The server reports that it is standalone: no replica set, no sessions, so no retryable
// writes.

const { parseArgs } = require('node:util');
const instance = require('./mongo-server/instance');
const { locked } = require('./mongo-server/lock');
const { make } = require('./mongo-server/make');
const { Unavailable } = require('./mongo-server/shell');

/**
 * Builds and starts the server, unless that is done already. Resolves to { MONGODB_URI, MONGODB_AUTH_URI?, ... };
 * throws Unavailable if this machine cannot run it.
 */
function up({ auth = false, tls = false, instance: name = 'main' } = {}) {
  return locked(async () => {
    await make();
    return instance.start(name, ['plain', ...(auth ? ['auth'] : []), ...(tls ? ['tls'] : [])]);
  });
}

/** Stops one instance, or all of them; keeps the data. */
function down({ instance: name } = {}) {
  return locked(async () => {
    for (const each of name ? [name] : instance.instances()) await instance.halt(each);
  });
}

/**
 * Kills all processes of an instance at once with SIGKILL: like a crash of the machine, except that the disk is intact.
 * `up` restarts it at the same address.
 */
function crash({ instance: name }) {
  return locked(() => instance.halt(name, 'SIGKILL'));
}

function status() {
  const lines = instance.instances().map((name) => `${name}: ${instance.alive(name).join(', ') || 'down'}`);
  return lines.join('\n') || 'never started here';
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { auth: { type: 'boolean' }, tls: { type: 'boolean' }, instance: { type: 'string' } },
  });
  if (positionals[0] === 'up') {
    for (const [name, value] of Object.entries(await up(values))) console.log(`${name}=${value}`);
  } else if (positionals[0] === 'down') {
    await down(values);
  } else if (positionals[0] === 'status') {
    console.log(status());
  } else {
    console.error(
      'usage: node scripts/mongo-server.js up [--auth] [--tls] [--instance NAME] | down [--instance NAME] | status',
    );
    process.exitCode = 2;
  }
}

if (require.main === module) {
  main().catch((error) => {
    console.error(`mongo-server: ${error instanceof Unavailable ? error.message : error.stack}`);
    process.exitCode = 1;
  });
}

module.exports = { Unavailable, crash, down, status, up };
