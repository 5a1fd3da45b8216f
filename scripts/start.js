'use strict';
// `npm start`: makes this machine ready, then serves the tutorial's app (examples/mern) on port 8800.

const path = require('node:path');
const { setup, EXAMPLE } = require('./setup.js');

try {
  setup('start');
} catch (err) {
  console.error(err.message);
  process.exit(1);
}
require(path.join(EXAMPLE, 'server', 'index.js')).start();
