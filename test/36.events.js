'use strict';
const assert = require('node:assert');

const { listen, namesOf, refusedWith, withBench } = require('./support/auth');

describe('auth.on', () => {
  const bench = withBench({ make: () => ({ options: { store: ':memory:' }, clean() {} }) });

  async function warningsDuring(body) {
    const warnings = [];
    const keep = (warning) => warning.code === 'SIGNET_LISTENER' && warnings.push(warning.message);
    process.on('warning', keep);
    await body();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    process.off('warning', keep);
    return warnings;
  }

  it('reports who, which session, why, from where and when', async () => {
    const auth = bench().open();
    const heard = listen(auth);
    const req = { headers: { 'user-agent': 'Firefox' }, ip: '10.0.0.7' };
    const { refreshToken, sessionId } = await auth.login('7', { req, label: 'kitchen' });
    bench().clock.advance(5);
    await auth.logout(refreshToken);
    assert.deepStrictEqual(namesOf(heard), ['login', 'logout']);
    const [, event] = heard[1];
    assert.deepStrictEqual(
      [event.userId, event.sessionId, event.reason, event.userAgent, event.ip, event.label, event.at.getTime()],
      ['7', sessionId, 'logout', 'Firefox', '10.0.0.7', 'kitchen', bench().clock.at],
    );
  });

  it('reports a listener that throws as a warning, and affects no request', async () => {
    const auth = bench().open();
    auth.on('login', () => {
      throw new Error('listener is broken');
    });
    const heard = listen(auth);
    const warnings = await warningsDuring(() => auth.login('7'));
    assert.match(warnings[0], /"login" event failed: Error: listener is broken/);
    assert.deepStrictEqual(namesOf(heard), ['login']);
  });

  it('reports a listener that rejects as a warning', async () => {
    const auth = bench().open();
    auth.on('login', async () => {
      throw new Error('later');
    });
    assert.strictEqual((await warningsDuring(() => auth.login('7'))).length, 1);
  });

  it('stops after off', async () => {
    const auth = bench().open();
    const heard = [];
    const listener = () => heard.push(1);
    assert.strictEqual(auth.on('login', listener).off('login', listener), auth);
    await auth.login('7');
    assert.deepStrictEqual(heard, []);
  });

  it('refuses other names of events', () => {
    const auth = bench().open();
    assert.throws(() => auth.on('error', () => {}), { code: 'ERR_OPTION' });
    assert.throws(() => auth.on('log-out', () => {}), { code: 'ERR_OPTION', message: /Did you mean "logout"\?/ });
    assert.throws(() => auth.on('login'), { code: 'ERR_OPTION' });
  });

  it('reports sessions that the limit ended', async () => {
    const auth = bench().open({ maxSessionsPerUser: 1 });
    const { sessionId } = await auth.login('7');
    bench().clock.advance(1);
    const heard = listen(auth);
    await auth.login('7');
    assert.deepStrictEqual(
      heard.map(([name, event]) => [name, event.reason]),
      [
        ['revoke', 'limit'],
        ['login', undefined],
      ],
    );
    assert.strictEqual(heard[0][1].sessionId, sessionId);
  });

  it('reports every session that reuse ended', async () => {
    const auth = bench().open({ gracePeriod: 0, onReuse: 'user' });
    const first = await auth.login('7');
    const other = await auth.login('7');
    await auth.rotateRefresh(first.refreshToken);
    const heard = listen(auth);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
    assert.deepStrictEqual(heard.map(([name, event]) => [name, event.sessionId]).sort(), [
      ['reuse', first.sessionId],
      ['revoke', other.sessionId],
    ]);
  });
});
