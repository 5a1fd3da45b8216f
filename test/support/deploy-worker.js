'use strict';
// One process of a deployment: executes its parent's orders, at the time that the parent sends.
// argv: JSON of createAuth's options

const { createAuth } = require('../..');

let time = 0;
const auth = createAuth({ ...JSON.parse(process.argv[2]), now: () => time });

process.on('message', async ({ id, now, method, args }) => {
  time = now;
  try {
    process.send({ id, result: await auth[method](...args) });
  } catch ({ code, message }) {
    process.send({ id, code: code ?? message });
  }
  if (method === 'close') process.disconnect();
});
process.send('ready');
