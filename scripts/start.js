'use strict';
// `npm start`: prepares this machine, then serves the tutorial's app (examples/mern) on port 8800, or on PORT.

const path = require('node:path');
const { setup, ROOT } = require('./setup.js');
const { loadEnv, portOf } = require('../examples/mern/server/env.js');

async function main() {
  portOf(loadEnv(path.join(ROOT, '.env'))); // a wrong one is reported before anything is built
  await setup('start');
  await require('../examples/mern/server/index.js').start();
}

main().catch((err) => {
  console.error(err.message);
  process.exitCode = 1;
});
