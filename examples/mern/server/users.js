'use strict';
// The demo's users in an array, as in the tutorial. Passwords are stored as argon2 hashes (OWASP Password Storage); the
// demo passwords are printed at start-up.

const argon2 = require('@node-rs/argon2');

const users = [
  {
    id: '1',
    username: 'john',
    isAdmin: true,
    demoPassword: 'john-demo-password',
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$lcZQCe90SLA2fnZd2hU4lA$O9GrTUNZc9peAJ8iT5pgsvNUSjvowuMPYNQLB7IthfA',
  },
  {
    id: '2',
    username: 'jane',
    isAdmin: false,
    demoPassword: 'jane-demo-password',
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$NrtJCY+7hcyNAityzqHPyQ$Jlh85mkik3yyw9LHG/SxRQczHEFULuOteRq5z9FfCGM',
  },
];

/** The hash of a password that nobody has: an unknown name takes the same time as a wrong password. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$hYakd5Utt0uydm++my1+FA$1c7Zk41tuFTSuRNyQso4eKH6t2XLAWn1tkxfIwZGtI8';

/**
 * @returns {Promise<typeof users[number] | null>} the user, or null: unknown name, wrong password or not two strings
 */
async function findByPassword(username, password) {
  if (typeof username !== 'string' || typeof password !== 'string') return null;
  const user = users.find((u) => u.username === username);
  const matches = await argon2.verify(user?.passwordHash ?? NOBODY, password);
  return user && matches ? user : null;
}

module.exports = { users, findByPassword };
