'use strict';

const assert = require('node:assert');

module.exports = {
  blocks: {
    'two-phases-known-everywhere-then-signing': {
      async check({ auth }) {
        const { accessToken } = await auth.login('1');
        assert.strictEqual(auth.verifyAccess(accessToken).sub, '1');
        await auth.close();
      },
    },
  },
};
