'use strict';

const assert = require('node:assert');
const fs = require('node:fs');

const secret = (name) => `the ${name} secret of the tests, 48 bytes and more`;
const phases = (of) => ({ accessSecret: of('access'), refreshSecret: of('refresh') });
const OLD = phases((kind) => ({ current: secret(`old ${kind}`) }));
const KNOWN = phases((kind) => ({ current: secret(`old ${kind}`), next: secret(`new ${kind}`) }));
const SIGNING = phases((kind) => ({ current: secret(`new ${kind}`), previous: secret(`old ${kind}`) }));

const kidOf = ({ accessToken }) => JSON.parse(Buffer.from(accessToken.split('.')[0], 'base64url')).kid;

module.exports = {
  blocks: {
    'two-phases-known-everywhere-then-signing': {
      before() {
        process.env.ACCESS_NEXT = secret('next access');
        process.env.REFRESH_PREVIOUS = secret('previous refresh');
      },
      async check({ auth }) {
        const { accessToken } = await auth.login('1');
        assert.strictEqual(auth.verifyAccess(accessToken).sub, '1');
        await auth.close();
      },
    },
    'without-a-restart': {
      files: { 'secrets.json': JSON.stringify(OLD) },
      prints: /secrets\.json is not used: accessSecret: this process did not know/,
      async check({ auth }) {
        const hangUp = (secrets) => {
          fs.writeFileSync('secrets.json', JSON.stringify(secrets));
          process.emit('SIGHUP');
        };
        const first = await auth.login('1');
        hangUp(SIGNING); // known nowhere yet
        assert.strictEqual(kidOf(await auth.rotateRefresh(first.refreshToken)), kidOf(first));
        hangUp(KNOWN);
        hangUp(SIGNING);
        const second = await auth.rotateRefresh(first.refreshToken);
        assert.notStrictEqual(kidOf(await auth.rotateRefresh(second.refreshToken)), kidOf(first));
        await auth.close();
      },
    },
  },
};
