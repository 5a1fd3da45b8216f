'use strict';
// The tests' proxy with a delay, in a process of its own. argv: port of the server, milliseconds each way. Sends its port.

const { createProxy } = require('../../test/support/mongo-proxy');

const [target, delay] = process.argv.slice(2).map(Number);
createProxy(target).then((proxy) => {
  proxy.setDelay(delay);
  process.send(proxy.port);
});
process.on('disconnect', () => process.exit());
