'use strict';
// The key of an exchange: who gets the answer again, who is told to use the newer token, and who ends the session.
const assert = require('node:assert');
const { randomBytes } = require('node:crypto');

const { listen, namesOf, payloadOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');

const DAY = 86_400;
const key = () => randomBytes(24).toString('base64url');
const from = (userAgent) => ({ req: { headers: { 'user-agent': userAgent } } });

describeStores('rotateRefresh with an idempotency key', (store) => {
  const bench = withBench(store);
  const begin = async (options) => {
    const auth = bench().open(options);
    return { auth, first: (await auth.login('7')).refreshToken };
  };
  /** Exchanges a token; gives the successor. */
  const exchange = async (auth, token, idempotencyKey, more) =>
    (await auth.rotateRefresh(token, { idempotencyKey, ...more })).refreshToken;
  const lives = async (auth, token) => assert.ok(await exchange(auth, token));

  describe('a retry', () => {
    it('I7: gets the same successor with the key of the exchange, days later', async () => {
      const { auth, first } = await begin();
      const heard = listen(auth);
      const k = key();
      const second = await exchange(auth, first, k);
      for (const [seconds, late] of [
        [29, false],
        [600, true],
        [6 * DAY, true],
      ]) {
        bench().clock.advance(seconds);
        assert.strictEqual(await exchange(auth, first, k), second);
        const [name, event] = heard.at(-1);
        assert.deepStrictEqual([name, event.late, event.keyed], ['retry', late, true]);
      }
      assert.strictEqual(heard.at(-1)[1].retries, 3);
      await lives(auth, second);
      assert.deepStrictEqual(namesOf(heard), ['rotate', 'retry', 'retry', 'retry', 'rotate']);
    });

    it('gets it with the key as the previous one: an older cookie may have come after the answer', async () => {
      const { auth, first } = await begin();
      const k = key();
      const second = await exchange(auth, first, k);
      bench().clock.advance(600);
      assert.strictEqual(await exchange(auth, first, key(), { previousKey: k }), second);
      await lives(auth, second);
    });

    it('I7: of a keyed exchange needs its key, even within the grace period', async () => {
      const { auth, first } = await begin();
      const second = await exchange(auth, first, key());
      const heard = listen(auth);
      for (const options of [{}, { idempotencyKey: key() }, { idempotencyKey: key(), previousKey: key() }])
        await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first, options));
      assert.deepStrictEqual(namesOf(heard), ['straggler', 'straggler', 'straggler']);
      await lives(auth, second);
    });

    it('of an exchange without a key is answered within the grace period, with or without a key', async () => {
      const { auth, first } = await begin();
      const heard = listen(auth);
      const second = await exchange(auth, first);
      bench().clock.advance(30);
      assert.strictEqual(await exchange(auth, first), second);
      assert.strictEqual(await exchange(auth, first, key()), second);
      assert.deepStrictEqual(
        heard.map(([name, { late, keyed }]) => [name, late, keyed]),
        [
          ['rotate', false, false],
          ['retry', false, false],
          ['retry', false, false],
        ],
      );
      bench().clock.advance(0.001);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, { idempotencyKey: key() }));
    });

    it("is never reuse because a server's clock is an hour behind: all get their answer", async () => {
      for (const k of [undefined, key()]) {
        const { auth, first } = await begin();
        bench().clock.advance(7200);
        const second = await exchange(auth, first, k);
        bench().clock.advance(-3600);
        assert.strictEqual(await exchange(auth, first, k), second);
        bench().clock.advance(3600);
        const third = await exchange(auth, second, k);
        bench().clock.advance(-3600);
        await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first));
        await lives(auth, third);
      }
    });

    it('gets no access token that outlives the successor, which was issued at the exchange', async () => {
      const { auth, first } = await begin({ refreshExpiresIn: '1h' });
      const k = key();
      bench().clock.advance(1);
      const second = payloadOf(await exchange(auth, first, k));
      bench().clock.advance(3590);
      const again = await auth.rotateRefresh(first, { idempotencyKey: k });
      assert.deepStrictEqual(payloadOf(again.refreshToken), second);
      assert.strictEqual(payloadOf(again.accessToken).exp, second.exp);
      assert.strictEqual(again.expiresIn, 10);
    });
  });

  describe('a straggler', () => {
    it('is told to wait until the grace period is over, plus a second', async () => {
      const { auth, first } = await begin();
      const heard = listen(auth);
      await exchange(auth, first, key());
      bench().clock.advance(9.5);
      const error = await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first));
      assert.strictEqual(error.status, 409);
      assert.strictEqual(error.retryAfter, 22);
      const [name, event] = heard.at(-1);
      assert.deepStrictEqual([name, event.userId, event.generation, event.reason], ['straggler', '7', 1, undefined]);
    });

    it('is a grandparent within the grace period of its exchange; then it is reuse', async () => {
      const { auth, first } = await begin();
      const second = await exchange(auth, first);
      bench().clock.advance(10);
      const third = await exchange(auth, second);
      bench().clock.advance(20);
      const error = await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first));
      assert.strictEqual(error.retryAfter, 1);
      const fourth = (await auth.rotateRefresh(second)).refreshToken;
      assert.strictEqual(fourth, third);
      bench().clock.advance(0.001);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first));
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(third));
    });

    it('is a grandparent with the key of its exchange, at any time', async () => {
      const { auth, first } = await begin();
      const k = key();
      const third = await exchange(auth, await exchange(auth, first, k), key());
      bench().clock.advance(6 * DAY);
      for (const options of [{ idempotencyKey: k }, { idempotencyKey: key(), previousKey: k }]) {
        const error = await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first, options));
        assert.strictEqual(error.retryAfter, 1);
      }
      await lives(auth, third);
    });

    it('is no grandparent with the key of the exchange after its own', async () => {
      const { auth, first } = await begin();
      const k = key();
      await exchange(auth, await exchange(auth, first, key()), k);
      bench().clock.advance(31);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, { idempotencyKey: k }));
    });

    it('is nothing older: that is reuse immediately, with any key', async () => {
      const { auth, first } = await begin();
      const k = key();
      const fourth = await exchange(auth, await exchange(auth, await exchange(auth, first, k), k), k);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, { idempotencyKey: k, previousKey: k }));
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(fourth));
    });

    it('gets no token, ends nothing and is not counted as a retry', async () => {
      const { auth, first } = await begin();
      const k = key();
      const second = await exchange(auth, first, k);
      const answers = await Promise.allSettled(Array.from({ length: 20 }, () => auth.rotateRefresh(first)));
      assert.deepStrictEqual([...new Set(answers.map(({ reason }) => reason?.code))], ['ERR_REFRESH_SUPERSEDED']);
      const heard = listen(auth);
      assert.strictEqual(await exchange(auth, first, k), second);
      assert.strictEqual(heard[0][1].retries, 1);
    });

    it('of an ended session is told only that', async () => {
      const { auth, first } = await begin();
      const second = await exchange(auth, first, key());
      await auth.logout(second);
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(first));
    });
  });

  describe('a grace period of 0, and strict', () => {
    for (const [how, options, call] of [
      ['gracePeriod: 0', { gracePeriod: 0 }, {}],
      ['strict', {}, { strict: true }],
    ]) {
      it(`${how}: the key of the exchange is still answered, and nothing else`, async () => {
        const { auth, first } = await begin(options);
        const k = key();
        const heard = listen(auth);
        const second = await exchange(auth, first, k, call);
        assert.strictEqual(await exchange(auth, first, k, call), second);
        assert.deepStrictEqual([heard.at(-1)[1].keyed, heard.at(-1)[0]], [true, 'retry']);
        await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, { idempotencyKey: key(), ...call }));
        await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(second, call));
      });

      it(`${how}: a grandparent is a straggler by its key, and else reuse`, async () => {
        const { auth, first } = await begin(options);
        const k = key();
        const third = await exchange(auth, await exchange(auth, first, k, call), key(), call);
        const again = auth.rotateRefresh(first, { idempotencyKey: k, ...call });
        assert.strictEqual((await refusedWith('ERR_REFRESH_SUPERSEDED', again)).retryAfter, 1);
        await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, call));
        await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(third, call));
      });
    }
  });

  describe('the user agent', () => {
    it("with onSuspect: 'revoke' may change if the key identifies the client, and is reported", async () => {
      const { auth, first } = await begin({ onSuspect: 'revoke' });
      const k = key();
      const second = await exchange(auth, first, k, from('Firefox 140'));
      const heard = listen(auth);
      assert.strictEqual(await exchange(auth, first, k, from('Firefox 141')), second);
      assert.deepStrictEqual([heard[0][0], heard[0][1].userAgentChanged], ['retry', true]);
      await lives(auth, second);
    });

    it('is stored literally, even if it looks like a field or an operator of the database', async () => {
      const { auth, first } = await begin();
      let token = first;
      for (const userAgent of ['$tokenHash', '$$ROOT', '$$REMOVE', '{"$literal": 1}']) {
        token = await exchange(auth, token, key(), { req: { headers: { 'user-agent': userAgent }, ip: userAgent } });
        const [session] = await auth.sessions('7');
        assert.deepStrictEqual([session.userAgent, session.ip], [userAgent, userAgent]);
      }
    });
  });

  describe('a key', () => {
    it('that is used for every exchange matches each as its own would', async () => {
      const { auth, first } = await begin();
      const k = key();
      let [parent, token] = [first, await exchange(auth, first, k)];
      for (let i = 0; i < 5; i++) {
        bench().clock.advance(600);
        assert.strictEqual(await exchange(auth, parent, k), token);
        const next = await exchange(auth, token, k);
        await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(parent, { idempotencyKey: k }));
        [parent, token] = [token, next];
      }
    });

    it('of one token says nothing of another', async () => {
      const { auth, first } = await begin();
      const k = key();
      const second = await exchange(auth, first, k);
      await exchange(auth, second, key());
      bench().clock.advance(31);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(second, { idempotencyKey: k }));
    });

    for (const [what, bad] of [
      ['is too short', 'k'.repeat(21)],
      ['is too long', 'k'.repeat(129)],
      ['has a blank', `${'k'.repeat(22)} k`],
      ['has a control character', `${'k'.repeat(22)}\n`],
      ['is not ASCII', `${'k'.repeat(22)}é`],
      ['is empty', ''],
      ['is null', null],
      ['is a number', 123456789012345],
      ['is an object', { $ne: null }],
    ]) {
      it(`that ${what} is refused with 400 before anything else, and the token stays valid`, async () => {
        let asked = 0;
        const claims = () => {
          asked += 1;
          return {};
        };
        const { auth, first } = await begin({ claims });
        for (const name of ['idempotencyKey', 'previousKey']) {
          asked = 0;
          const error = await refusedWith('ERR_BODY', auth.rotateRefresh(first, { [name]: bad }));
          assert.strictEqual(error.status, 400);
          assert.ok(error.message.startsWith(`${name} must be`) && !error.message.includes('kkkk'), error.message);
          assert.strictEqual(asked, 0);
        }
        const heard = listen(auth);
        await lives(auth, first);
        assert.deepStrictEqual(namesOf(heard), ['rotate']);
      });
    }

    it('of 22 to 128 characters is accepted, with any visible character', async () => {
      const { auth, first } = await begin();
      const printed = String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 33 + i));
      const second = await exchange(auth, first, printed.slice(0, 22));
      assert.strictEqual(await exchange(auth, first, printed.slice(0, 22)), second);
      const longest = printed.repeat(2).slice(0, 128);
      const third = await exchange(auth, second, longest);
      bench().clock.advance(600);
      assert.strictEqual(await exchange(auth, second, longest), third);
    });
  });

  describe('a thief', () => {
    it('of the token alone gets no successor, and ends the session by trying after the grace period', async () => {
      const { auth, first } = await begin();
      const k = key();
      const second = await exchange(auth, first, k);
      await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first, { idempotencyKey: key() }));
      bench().clock.advance(31);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, { idempotencyKey: key() }));
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(second));
    });

    it('who is first, with another key, is detected when the victim asks after the grace period', async () => {
      const { auth, first } = await begin();
      const stolen = await exchange(auth, first, key());
      await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(first, { idempotencyKey: key() }));
      bench().clock.advance(31);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first, { idempotencyKey: key() }));
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(stolen));
    });

    it('of token and key gets the successor while it is unused, and is detected when either continues', async () => {
      const { auth, first } = await begin();
      const k = key();
      const second = await exchange(auth, first, k);
      bench().clock.advance(600);
      assert.strictEqual(await exchange(auth, first, k), second);
      const third = await exchange(auth, second, key());
      bench().clock.advance(31);
      await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(second, { idempotencyKey: key() }));
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(third));
    });

    it('who comes after the victim never gets a token, however often', async () => {
      const { auth, first } = await begin();
      let [parent, token] = [first, await exchange(auth, first, key())];
      for (let i = 0; i < 5; i++) {
        await refusedWith('ERR_REFRESH_SUPERSEDED', auth.rotateRefresh(parent, { idempotencyKey: key() }));
        [parent, token] = [token, await exchange(auth, token, key())];
      }
      await lives(auth, token);
    });
  });

  it('twenty simultaneous presentations with one key get one successor', async () => {
    const { auth, first } = await begin();
    const k = key();
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(auth, first, k)));
    assert.strictEqual(new Set(answers).size, 1);
    await lives(auth, answers[0]);
  });

  it('of twenty simultaneous presentations with different keys, one gets the successor', async () => {
    const { auth, first } = await begin();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => exchange(auth, first, key())));
    const given = answers.filter(({ status }) => status === 'fulfilled');
    assert.strictEqual(given.length, 1);
    assert.ok(
      answers.every(({ status, reason }) => status === 'fulfilled' || reason.code === 'ERR_REFRESH_SUPERSEDED'),
    );
    await lives(auth, given[0].value);
  });
});
