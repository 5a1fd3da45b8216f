'use strict';
// What the keys of refreshes achieve in a real browser: with answers that are lost for minutes, pages that are killed,
// cookies that arrive too late, and thieves.

const assert = require('node:assert');
const { startApp } = require('./app-server.js');

const JOHN = { username: 'john', password: 'john-demo-password' };
const HOUR = 3600; // in seconds
const KEY = /^[!-~]{32}$/;
/** @param {object} engine of engines.js */
function describeKeys(engine) {
  // Its messages between tabs may come too late: a tab then refreshes once more when its turn comes.
  const isWebKit = engine.name === 'WebKit';
  let app;
  let browser;
  let tabs;
  let sent; // the bodies of all refreshes
  let told; // the events of all refreshes

  before(async () => {
    app = await startApp();
    for (const type of ['rotate', 'retry', 'straggler', 'reuse']) app.auth.on(type, () => told.push(type));
    sent = app.refreshes;
    browser = await engine.open();
  });
  after(async () => {
    await browser?.end();
    await app?.stop();
  });
  beforeEach(async () => {
    [tabs, told] = [[], []];
    const tab = await browser.newPage();
    await tab.goto(`${app.url}fresh`);
    await tab.close();
  });
  afterEach(async () => {
    app.lose(false);
    for (const tab of tabs) await tab.close();
  });

  async function openTab(query = '') {
    const tab = await browser.newPage();
    tabs.push(tab);
    await tab.goto(`${app.url}bare${query}`);
    await tab.waitForFunction(() => globalThis.client);
    await tab.evaluate(() => globalThis.client.ready);
    return tab;
  }
  async function kill(tab) {
    tabs.splice(tabs.indexOf(tab), 1);
    await tab.close();
  }
  async function openLoggedIn(query) {
    const tab = await openTab(query);
    await tab.evaluate((john) => globalThis.client.login(john), JOHN);
    sent.length = 0;
    return tab;
  }
  const status = (tab) => tab.evaluate(() => globalThis.client.getState().status);
  const becomes = (tab, wanted) =>
    tab.waitForFunction((value) => globalThis.client?.getState().status === value, wanted);
  const call = (tab) =>
    tab.evaluate(() =>
      globalThis.client.fetch('/api/items').then(
        (response) => response.status,
        (err) => err.code ?? err.name,
      ),
    );
  const runOut = (tab) =>
    tab.evaluate(() => {
      globalThis.ahead += 31_000;
    });
  /** Moves the server's clock ahead. */
  const pass = (seconds) =>
    fetch(`${app.url}demo/clock`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Demo': '1', 'Sec-Fetch-Site': 'same-origin' },
      body: JSON.stringify({ seconds }),
    }).then((response) => assert.strictEqual(response.ok, true));
  const next = (type) =>
    new Promise((resolve) => {
      app.auth.on(type, resolve);
    });
  const keysOf = (bodies) => new Set(bodies.map(({ idempotencyKey }) => idempotencyKey));
  /** The response to a thief who has the cookie. */
  async function steal(setCookie, body) {
    const [Cookie] = setCookie.split(';');
    const headers = { 'X-Signet': '1', Origin: new URL(app.url).origin, Cookie };
    if (body) headers['Content-Type'] = 'application/json';
    const response = await fetch(`${app.url}auth/refresh`, { method: 'POST', headers, body });
    return [response.status, (await response.json()).code];
  }

  it('restore a session whose answers were lost for ten minutes', async () => {
    const tab = await openLoggedIn();
    await runOut(tab);
    app.lose(true);
    const retried = next('retry');
    const answer = call(tab);
    await retried;
    await pass(600);
    app.lose(false);
    assert.strictEqual(await answer, 200);
    assert.deepStrictEqual([told[0], new Set(told.slice(1)), keysOf(sent).size], ['rotate', new Set(['retry']), 1]);
    await runOut(tab);
    assert.strictEqual(await call(tab), 200, 'and the chain goes on from it');
    assert.strictEqual(sent.at(-1).previousKey, sent[0].idempotencyKey);
  });

  it('restore, in the next tab, the session of one that was killed before its answer came', async () => {
    const tab = await openLoggedIn();
    await runOut(tab);
    app.lose(true);
    const rotated = next('rotate');
    call(tab).catch(() => {});
    await rotated;
    await kill(tab);
    app.lose(false);
    await pass(600);
    const other = await openTab();
    assert.deepStrictEqual([await status(other), await call(other)], ['in', 200]);
    assert.strictEqual(keysOf(sent).size, 1);
    assert.match(sent[0].idempotencyKey, KEY);
  });

  it('restore the session of a laptop that was suspended before the answer came', async () => {
    const tab = await openLoggedIn();
    await runOut(tab);
    app.lose(true);
    const rotated = next('rotate');
    const answer = call(tab);
    await rotated;
    await pass(8 * HOUR); // the page's monotonic clock stands still meanwhile
    app.lose(false);
    assert.strictEqual(await answer, 200);
    assert.deepStrictEqual([told.includes('reuse'), keysOf(sent).size], [false, 1]);
    await runOut(tab);
    assert.strictEqual(await call(tab), 200, 'and the chain goes on from it');
  });

  for (const [how, query] of [
    ['with Web Locks', ''],
    ['without', '?without=locks'],
  ]) {
    it(`are shared by three tabs whose answers were lost for ten minutes, ${how}`, async () => {
      const three = [await openLoggedIn(query), await openTab(query), await openTab(query)];
      await Promise.all(three.map((tab) => becomes(tab, 'in')));
      await Promise.all(three.map(runOut));
      [sent.length, told.length] = [0, 0];
      app.lose(true);
      const retried = next('retry');
      const answers = three.map(call);
      await retried;
      await pass(600);
      assert.strictEqual(keysOf(sent).size, 1);
      app.lose(false);
      assert.deepStrictEqual(await Promise.all(answers), [200, 200, 200]);
      const refreshes = told.filter((type) => type === 'rotate').length;
      assert(refreshes === 1 || (isWebKit && refreshes <= three.length), `${told}`);
      assert(!told.includes('reuse') && !told.includes('straggler'), `${told}`);
      await Promise.all(three.map(runOut));
      assert.deepStrictEqual(await Promise.all(three.map(call)), [200, 200, 200]);
    });
  }

  it("restore a session whose cookie was replaced by a slow server's late response", async () => {
    const tab = await openLoggedIn();
    const before = app.setCookies.at(-1);
    await runOut(tab);
    assert.strictEqual(await call(tab), 200);
    app.late(before);
    await tab.evaluate(() => fetch('/late').then(({ status }) => status));
    await pass(600);
    await runOut(tab);
    assert.strictEqual(await call(tab), 200);
    await runOut(tab);
    assert.strictEqual(await call(tab), 200);
    assert.deepStrictEqual(told, ['rotate', 'retry', 'rotate']);
  });

  it('are not sent if the page may store nothing: a retry within the grace period gets a lost answer', async () => {
    const tab = await openLoggedIn('?without=storage');
    await runOut(tab);
    app.lose(true);
    const retried = next('retry');
    const answer = call(tab);
    await retried;
    app.lose(false);
    assert.strictEqual(await answer, 200);
    assert(sent.every((body) => Object.keys(body).length === 0));
  });

  it('refuse a thief of the cookie the successor, even in the grace period; only reuse ends the session', async () => {
    const tab = await openLoggedIn();
    const stolen = app.setCookies.at(-1);
    await runOut(tab);
    assert.strictEqual(await call(tab), 200);
    for (const body of [undefined, '{"idempotencyKey":"the-key-of-the-thief-0"}'])
      assert.deepStrictEqual(await steal(stolen, body), [409, 'ERR_REFRESH_SUPERSEDED']);
    assert.strictEqual(await status(tab), 'in');
    await pass(31);
    assert.deepStrictEqual(await steal(stolen), [401, 'ERR_REFRESH_REUSED']);
    await runOut(tab);
    assert.strictEqual(await call(tab), 401);
    assert.strictEqual(await status(tab), 'out');
  });

  it('reveal a thief who came first, at the second attempt after the grace period; nothing ends before', async () => {
    const tab = await openLoggedIn('?timers=held');
    const stolen = app.setCookies.at(-1);
    assert.deepStrictEqual(await steal(stolen, '{"idempotencyKey":"the-key-of-the-thief-0"}'), [200, undefined]);
    sent.length = 0;
    await runOut(tab);
    assert.deepStrictEqual([await call(tab), await call(tab)], Array(2).fill('ERR_REFRESH_SUPERSEDED'));
    assert.deepStrictEqual([await status(tab), sent.length, keysOf(sent).size], ['in', 2, 2]);
    await pass(32);
    await tab.evaluate(() => globalThis.runTimers());
    await becomes(tab, 'out');
    assert.deepStrictEqual([sent.length, told], [3, ['rotate', 'straggler', 'straggler', 'reuse']]);
    assert.strictEqual(await tab.evaluate(() => localStorage.length), 0);
  });
}

module.exports = { describeKeys };
