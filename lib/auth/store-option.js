'use strict';
// createAuth's `store`: where the sessions are kept. SQLite would create a file for any text, so texts
// that are obvious mistakes are refused here.

const { storePlaces } = require('../native/constants');
const native = require('../native/load');
const { badOption } = require('../native/errors');

const isPath = (store) => native.storeTraits(store).name === 'sqlite';

const HOST = 'mongodb:// is missing before the host (Atlas: mongodb+srv://)';
const scheme = (store) => /^[^:]*:\/\//.exec(store)?.[0] ?? 'a word and a colon';

/** On Windows, a path that begins with two slashes is on a server too; `\\?\C:\` is a drive. */
function isShare(store, platform) {
  return /^\\\\(?!\?\\[a-z]:\\)/i.test(store) || (platform === 'win32' && /^[\\/]{2}(?!\?\\[a-z]:\\)/i.test(store));
}

// The first row that matches is the reason. No text quotes the value, which may contain a password.
const REFUSED = [
  {
    is: (store) => store.trim() !== store,
    says: 'it begins or ends with whitespace: check where the variable is set, docker --env-file keeps it',
  },
  {
    is: (store) => /^["'`]|["'`]$/.test(store),
    says: 'it begins or ends with a quotation mark: docker --env-file keeps quotes, so write the variable without them',
  },
  {
    is: (store) => /(^|[/\\:@=,?&])(undefined|null)($|[/\\:@=,?&]|\.(db|sqlite3?)$)/.test(store),
    says: 'it has "undefined" or "null" where a name should be: a variable that is not set was put into a string',
  },
  {
    is: (store) => /^[a-z]:([^\\/]|$)/i.test(store) || (/\p{Cc}/u.test(store) && isPath(store)),
    says: String.raw`a backslash is missing: in JavaScript, write "C:/data/signet.db" or "C:\\data\\signet.db"`,
  },
  {
    is: isShare,
    says: "it is a UNC path, and SQLite's WAL does not work over a network: name a file on a disk of this machine",
  },
  { is: (store) => /^[\w.-]+:\d+(\/|$)/.test(store) || /^[^/\\]+\.mongodb\.net(\/|:|$)/i.test(store), says: HOST },
  { is: (store) => /^mongodb(\+srv)?:(?!\/\/)/i.test(store), says: 'mongodb: must be followed by two slashes' },
  { is: (store) => /^(file|sqlite3?):/i.test(store), says: 'for a file, write its path without a scheme' },
  {
    is: (store) => /^[a-z][a-z0-9+.-]*:/i.test(store) && !/^[a-z]:/i.test(store) && isPath(store),
    says: (store) => `it begins with ${scheme(store)}, and no store of Signet's does`,
  },
  {
    is: (store) => !/[\\/]/.test(store) && !/\.(db|sqlite3?)$/i.test(store),
    says:
      `it is a bare name. If it is a host, ${HOST}; ` +
      'if it is a file, begin it with "./" or end it with .db, .sqlite or .sqlite3',
  },
];

/** Returns the store, or throws if it is an obvious mistake. */
function checkStore(store, platform = process.platform) {
  if (store === ':memory:') return store;
  const row = REFUSED.find(({ is }) => is(store, platform));
  if (!row) return store;
  throw badOption(
    `store cannot be used: ${typeof row.says === 'string' ? row.says : row.says(store)}. ` +
      `It must be ${storePlaces}`,
  );
}

module.exports = { checkStore };
