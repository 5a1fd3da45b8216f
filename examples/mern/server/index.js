'use strict';
// Starts the app: `npm start` at the project's root, or `node server/index.js` here.

const path = require('node:path');
const { createApp } = require('./app.js');
const { addDemo } = require('./demo/index.js');
const { loadEnv, portOf } = require('./env.js');
const { users } = require('./users.js');

const PROJECT = path.join(__dirname, '..', '..', '..');
const OPEN_REQUESTS_MS = 2000;

/** A database address without its user and password, for the log. @param {string} store */
const shown = (store) => store.replace(/\/\/[^@/]*@/, '//');

async function start() {
  const env = loadEnv(path.join(PROJECT, '.env'));
  const port = portOf(env);
  const store = env.MONGODB_URI || path.join(PROJECT, 'signet.db');
  const demo = env.NODE_ENV === 'production' ? null : await addDemo({ users, store });
  const { app, auth } = createApp({
    accessSecret: env.ACCESS_SECRET,
    refreshSecret: env.REFRESH_SECRET,
    store,
    ...demo?.options,
  });

  const server = app.listen(port, (err) => {
    if (err) return failToListen(err, port);
    console.log(`Your server available at http://localhost:${server.address().port}`);
    console.log(`Sessions in ${shown(store)}`);
    for (const user of users)
      console.log(`Demo user: ${user.username} / ${user.demoPassword}${user.isAdmin ? ' (admin)' : ''}`);
  });
  auth.ready().catch((err) => console.error(`The session store is not ready (${err.code}): ${err.message}`));

  const stop = () => {
    server.close(async () => {
      await auth.close();
      await demo?.close();
      console.log('Stopped.');
    });
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), OPEN_REQUESTS_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function failToListen(err, port) {
  const reason =
    err.code === 'EADDRINUSE' ? `port ${port} is in use: stop what runs there, or start with PORT=8801` : err.message;
  console.error(`The server could not start: ${reason}`);
  process.exit(1);
}

module.exports = { start };

if (require.main === module) {
  start().catch((err) => {
    console.error(err.message);
    process.exitCode = 1;
  });
}
