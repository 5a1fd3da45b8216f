'use strict';
// Where the sessions are kept, as createAuth's `store` says it. SQLite would make a file of any text, so what cannot be meant is refused at once.

const native = require('../native/load');
const { badOption } = require('../native/errors');

const isPath = (store) => native.storeTraits(store).name === 'sqlite';

const HOST = 'mongodb:// is missing in front of the host (Atlas: mongodb+srv://)';
const scheme = (store) => /^[^:]*:\/\//.exec(store)?.[0] ?? 'a word and a colon';

/** On Windows two slashes in front are a server's name too; `\\?\C:\` is a drive. */
const isShare = (store, platform) => /^\\\\(?!\?\\[a-z]:\\)/i.test(store) || (platform === 'win32' && /^[\\/]{2}(?!\?\\[a-z]:\\)/i.test(store));

// In this order; the first row that `is` so says what is wrong. No text quotes the value, which may hold a password.
const REFUSED = [
  {
    is: (store) => store.trim() !== store,
    says: 'it begins or ends with a blank or a line break: look at where the variable is set, docker --env-file keeps both',
  },
  {
    is: (store) => /^["'`]|["'`]$/.test(store),
    says: 'it begins or ends with a quotation mark: docker --env-file keeps quotes, so write the variable without them',
  },
  {
    is: (store) => /(^|[/\\:@=,?&])(undefined|null)($|[/\\:@=,?&]|\.(db|sqlite3?)$)/.test(store),
    says: 'it has "undefined" or "null" where a name should be: a variable that is not set was put into a string',
  },
  { is: isShare, says: 'it is a UNC path, and SQLite\'s WAL does not work over a network: name a file on a disk of this machine' },
  { is: (store) => /^[\w.-]+:\d+(\/|$)/.test(store) || /^[^/\\]+\.mongodb\.net(\/|:|$)/i.test(store), says: HOST },
  { is: (store) => /^mongodb(\+srv)?:(?!\/\/)/i.test(store), says: 'mongodb: lacks its two slashes' },
  { is: (store) => /^(file|sqlite3?):/i.test(store), says: 'a file is named by its path alone, without a scheme' },
  {
    is: (store) => /^[a-z][a-z0-9+.-]*:/i.test(store) && !/^[a-z]:[\\/]/i.test(store) && isPath(store),
    says: (store) => `it begins with ${scheme(store)}, and Signet keeps sessions in MongoDB or in a file of its own`,
  },
  {
    is: (store) => !/[\\/]/.test(store) && !/\.(db|sqlite3?)$/i.test(store),
    says: `it is a bare name. If it is a host, ${HOST}; if it is a file, write "./" in front or .db, .sqlite or .sqlite3 behind`,
  },
];

/** The store, if it can be meant. */
function checkStore(store, platform = process.platform) {
  if (store === ':memory:') return store;
  const row = REFUSED.find(({ is }) => is(store, platform));
  if (!row) return store;
  throw badOption(`store cannot be used: ${typeof row.says === 'string' ? row.says : row.says(store)}. `
    + 'It should be mongodb://… or mongodb+srv://…, the path of a file such as "./signet.db", or ":memory:"');
}

module.exports = { checkStore };
