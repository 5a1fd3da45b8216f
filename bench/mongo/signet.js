'use strict';
// Signet's way: auth.rotateRefresh. As many threads and connections as the others' pools have.

const { createAuth } = require('../..');

async function open({ uri, collection, lanes }) {
  const auth = createAuth({
    accessSecret: 'an access secret of the benchmark, 48 bytes and more', refreshSecret: 'a refresh secret of the benchmark, 48 bytes and more',
    store: uri, collection, storeThreads: 100, storeTimeout: '20s', claims: async () => ({ isAdmin: false }),
  });
  await auth.ready();
  const tokens = await Promise.all(Array.from({ length: lanes }, async (_, i) => (await auth.login(`user-${i}`)).refreshToken));

  async function rotate(lane) {
    const { accessToken, refreshToken } = await auth.rotateRefresh(tokens[lane]);
    tokens[lane] = refreshToken;
    return accessToken;
  }
  return { rotate, close: () => auth.close() };
}

module.exports = { open };
