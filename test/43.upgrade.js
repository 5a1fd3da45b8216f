'use strict';
// The version before idempotency keys and this one use one store, in turn and at the same time, as in a deploy.
const assert = require('node:assert');
const path = require('node:path');

const { SECRETS, listen, namesOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');
const { openBefore, needVersionBefore } = require('./support/version-before');

const KEY = 'a key of this exchange, 22+'.replaceAll(' ', '-');
const OTHER_KEY = `another-${KEY}`;

describeStores(
  'An upgrade from the version before idempotency keys',
  (store) => {
    const bench = withBench(store);
    const opened = [];

    before(needVersionBefore);
    afterEach(() => Promise.all(opened.splice(0).map((auth) => auth.close())));

    async function older() {
      const auth = await openBefore({ ...SECRETS, ...bench().place }, bench().clock);
      const { close } = auth;
      auth.close = () => {
        auth.close = async () => {};
        return close();
      };
      opened.push(auth);
      return auth;
    }

    const rotated = async (auth, token, ...keys) =>
      (await auth.rotateRefresh(token, ...keys.map((idempotencyKey) => ({ idempotencyKey })))).refreshToken;

    it('goes forward, back and forward again, and every session survives', async () => {
      let before = await older();
      const first = (await before.login('7')).refreshToken;
      const second = await rotated(before, first);
      await before.close();

      let now = bench().open();
      assert.strictEqual(await rotated(now, first, KEY), second); // whose exchange had no key
      const third = await rotated(now, second, KEY);
      bench().clock.advance(600);
      assert.strictEqual(await rotated(now, second, KEY), third);
      await now.close();

      before = await older();
      const fourth = await rotated(before, third);
      await before.close();

      now = bench().open();
      const heard = listen(now);
      assert.strictEqual(await rotated(now, third), fourth); // the key that was left behind counts as none
      assert.strictEqual(await rotated(now, third, OTHER_KEY), fourth);
      await rotated(now, fourth, KEY);
      await refusedWith('ERR_REFRESH_SUPERSEDED', now.rotateRefresh(fourth));
      assert.deepStrictEqual(namesOf(heard), ['retry', 'retry', 'rotate', 'straggler']);
    });

    it('runs both at once: each exchange has one successor, and no honest session ends', async function runs() {
      this.timeout(120_000);
      const before = await older(); // has the file open when the columns are added
      const tokens = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => (await before.login(`user-${i}`)).refreshToken),
      );
      const now = bench().open();
      const heard = listen(now);
      for (let round = 0; round < 10; round++) {
        bench().clock.advance(100);
        await Promise.all(
          tokens.map(async (token, i) => {
            const key = `${KEY}-${round}-${i}`;
            const answers = await Promise.all([
              (round + i) % 2 ? rotated(now, token, key) : rotated(before, token),
              rotated(now, token, key),
              rotated(before, token),
            ]);
            assert.strictEqual(new Set(answers).size, 1);
            [tokens[i]] = answers;
          }),
        );
      }
      assert.ok(namesOf(heard).every((name) => name === 'rotate' || name === 'retry'));
      assert.ok(namesOf(heard).includes('rotate') && namesOf(heard).includes('retry'));
    });

    it('protects by keys from the last deploy on; until then the version before decides by its own rules', async () => {
      const before = await older();
      const now = bench().open();
      const { refreshToken } = await now.login('7');
      const second = await rotated(now, refreshToken, KEY);
      await refusedWith('ERR_REFRESH_SUPERSEDED', now.rotateRefresh(refreshToken));
      assert.strictEqual(await rotated(before, refreshToken), second);
      bench().clock.advance(31);
      assert.strictEqual(await rotated(now, refreshToken, KEY), second);
      await refusedWith('ERR_REFRESH_REUSED', before.rotateRefresh(refreshToken));
    });

    it('orders a revokeAll of the version before by time, also after its own', async () => {
      const before = await older();
      await before.login('7');
      await before.revokeAll('7');
      const now = bench().open();
      await refusedWith('ERR_LOGIN_UNSURE', now.login('7'));
      bench().clock.advance(1);
      await now.revokeAll('7');
      await now.login('7');
      await refusedWith('ERR_SESSION_REVOKED', before.login('7', { since: bench().clock.at - 1 }));
      bench().clock.advance(1);
      await before.revokeAll('7');
      await refusedWith('ERR_LOGIN_UNSURE', now.login('7'));
      assert.deepStrictEqual(await now.sessions('7'), []);
      await now.revokeAll('7'); // in the same millisecond: neither is known to be the last
      await refusedWith('ERR_LOGIN_UNSURE', now.login('7'));
      bench().clock.advance(1);
      await now.revokeAll('7');
      await now.login('7');
      await before.login('7');
    });

    if (store.name.startsWith('SQLite')) {
      it('restores a backup of the version before while both have the file open, and both work on', async () => {
        const before = await older();
        const backup = path.join(path.dirname(bench().place.store), 'backup.db');
        const token = (await before.login('7')).refreshToken;
        await before.backup(backup);
        const now = bench().open();
        await rotated(now, token, KEY);
        for (const auth of [now, before]) {
          await auth.restore(backup);
          const second = await rotated(now, token, KEY);
          bench().clock.advance(600);
          assert.strictEqual(await rotated(now, token, KEY), second);
          await rotated(before, second);
        }
      });
    }
  },
  { durable: true },
);
