'use strict';
// An Express app on MongoDB in its own process, whose event loop is measured. argv: JSON of createAuth's options.
// Messages: 'watch' begins to measure the loop's delay, 'report' answers { p99, max } in milliseconds.

const { monitorEventLoopDelay } = require('node:perf_hooks');
const express = require('express');

const { createAuth } = require('../..');

const options = JSON.parse(process.argv[2]);
const auth = createAuth(options);
const app = express();
app.use(
  '/auth',
  auth.router({ authenticate: async () => ({ userId: '7' }), transport: 'body', origins: ['http://localhost'] }),
);

const loop = monitorEventLoopDelay({ resolution: 1 });
const inMs = (ns) => ns / 1e6;
process.on('message', (message) => {
  if (message === 'watch') {
    loop.reset();
    loop.enable();
  } else if (message === 'report') {
    loop.disable();
    process.send({ p99: inMs(loop.percentile(99)), max: inMs(loop.max) });
  }
});
process.on('disconnect', () => process.exit());

auth.ready().then(() => {
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
});
