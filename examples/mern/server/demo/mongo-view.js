'use strict';
// MongoDB as its owner could see it: a connection of its own reads the records, and where the store has one address,
// the app reaches it through a gate that the page can shut.

const net = require('node:net');
const { MongoClient } = require('mongodb');

const COLLECTION = 'refreshsessions';
const SELECTION_MS = 3000;
const ONE_HOST = /^mongodb:\/\/(?<user>[^@/]*@)?(?<host>\[[^\]]+\]|[^@/:,?]+)(?::(?<port>\d+))?(?<rest>[/?].*)?$/;

/** A TCP relay to host:port that can be shut: it drops its connections, and takes none. */
async function openGate(host, port) {
  const open = new Set();
  let isShut = false;
  const server = net.createServer((near) => {
    if (isShut) return near.destroy();
    const far = net.connect(port, host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      open.add(from);
      from.pipe(to);
      from
        .on('error', () => {})
        .on('close', () => {
          open.delete(from);
          to.destroy();
        });
    }
    return far;
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    port: server.address().port,
    shut(wanted) {
      isShut = wanted;
      if (isShut) for (const socket of open) socket.destroy();
      return isShut;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** @param {string} uri @returns the parts of an address with a single host and without TLS, or null */
function oneHost(uri) {
  const parts = ONE_HOST.exec(uri)?.groups;
  return parts && !/[?&](tls|ssl)=true|[?&]replicaSet=/i.test(uri) && !parts.host.includes('%') ? parts : null;
}

/** @param {object} document of the collection, @param {number} live */
const toRecord = (document, live) => ({
  id: document._id,
  generation: document.generation,
  tokenHash: document.tokenHash.toString('hex'),
  previousHash: document.previousHash?.toString('hex') ?? null,
  hasKey: document.keyHash !== undefined && document.keyGeneration === document.generation,
  retries: document.retriesTotal,
  rotatedAt: document.rotatedAt.getTime(),
  endsAt: document.endsAt.getTime(),
  revokedFor: document.revokedAt ? document.revokedFor : null,
  live,
});

/** @param {string} uri */
async function openMongoView(uri) {
  const parts = oneHost(uri);
  const gate = parts && (await openGate(parts.host.replace(/[[\]]/g, ''), Number(parts.port ?? 27017)));
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: SELECTION_MS, promoteBuffers: true, maxPoolSize: 1 });
  const sessions = () => client.db().collection(COLLECTION);

  return {
    kind: 'MongoDB',
    store: gate ? `mongodb://${parts.user ?? ''}127.0.0.1:${gate.port}${parts.rest ?? ''}` : uri,
    cannotStop: gate
      ? null
      : 'This page stops a MongoDB by a gate in front of it, which works for one address without TLS or a replica set.',
    async read(sessionId) {
      try {
        const document = await sessions().findOne({ _id: sessionId });
        const live = document && { userId: document.userId, revokedAt: { $exists: false } };
        return document && toRecord(document, await sessions().countDocuments(live));
      } catch {
        return null; // the server is away
      }
    },
    stop: async (isDown) => gate?.shut(isDown) ?? false,
    close() {
      gate?.close();
      return client.close();
    },
  };
}

module.exports = { openMongoView };
