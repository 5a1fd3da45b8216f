'use strict';
// The process of version-before.js. argv: JSON { folder: of the package, options: of createAuth }

const { folder, options } = JSON.parse(process.argv[2]);
const { createAuth } = require(folder);
let at = 1;
const auth = createAuth({ ...options, now: () => at });

process.on('message', async (order) => {
  at = order.at;
  try {
    process.send({ id: order.id, value: await auth[order.method](...order.args) });
  } catch (error) {
    process.send({ id: order.id, code: error.code, message: String(error.message) });
  }
});
