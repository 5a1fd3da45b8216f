'use strict';
// The process of version-before.js. argv: JSON { folder: of the package, options: of createAuth, hasClock: each order
// has the time }

const { folder, hasClock, options } = JSON.parse(process.argv[2]);
const { createAuth } = require(folder);
let at = 1;
const auth = createAuth({ ...options, ...(hasClock && { now: () => at }) });

process.on('message', async (order) => {
  at = order.at;
  try {
    process.send({ id: order.id, value: await auth[order.method](...order.args) });
  } catch (error) {
    process.send({ id: order.id, code: error.code, message: String(error.message) });
  }
});
