'use strict';
// The test server's paths. All are under one folder, which may be deleted whenever the server is down.

const path = require('node:path');

const checkout = path.join(__dirname, '..', '..');
const cache = path.resolve(process.env.SIGNET_CACHE || path.join(checkout, '.cache'));
const home = path.join(cache, 'mongo');

module.exports = {
  home,
  root: path.join(home, 'root'), // the Debian folder with PostgreSQL and DocumentDB
  ferretdb: path.join(home, 'ferretdb'),
  lock: path.join(home, 'lock'),
  // An instance is one PostgreSQL cluster and its front ends. The cluster's data is inside the Debian folder, since its
  // server runs in there.
  instance: (name) => ({
    folder: path.join(home, name),
    state: path.join(home, name, 'ports.json'),
    dataInside: `/srv/${name}`,
    data: path.join(home, 'root', 'srv', name),
    log: (part) => path.join(home, name, `${part}.log`),
    pid: (part) => path.join(home, name, `${part}.pid`),
  }),
};
