'use strict';
// What the keys of refreshes are for, in a real browser: answers that are lost for long, pages that are killed, cookies
// that come too late, and thieves.

const assert = require('node:assert');
const { startApp } = require('./app-server.js');

const JOHN = { username: 'john', password: 'john-demo-password' };
const KEY = /^[!-~]{32}$/;
const forbidStorage = () => {
  Object.defineProperty(globalThis, 'localStorage', {
    get() {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    },
  });
};
const removeLocks = () => Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });

/**
 * @param {string} name the browser's
 * @param {(context: import('mocha').Context) => void} needs skips where the machine has no such browser
 * @param {() => Promise<import('playwright-core').BrowserContext & { end: () => Promise<void> }>} openBrowser
 */
function describeKeys(name, needs, openBrowser) {
  describe(`the keys of refreshes in ${name}`, function () {
    this.timeout(60_000);
    let app;
    let browser;
    let sent; // the bodies of all refreshes
    let told; // the events of all refreshes

    before(async function () {
      this.timeout(120_000);
      needs(this);
      app = await startApp();
      for (const type of ['rotate', 'retry', 'straggler', 'reuse']) app.auth.on(type, () => told.push(type));
    });
    after(() => app?.stop());
    beforeEach(async () => {
      [sent, told] = [[], []];
      browser = await openBrowser();
    });
    afterEach(async () => {
      app.lose(false);
      await browser?.end();
    });

    async function openTab(prepare = async () => {}) {
      const tab = await browser.newPage();
      tab.on('request', (request) => {
        if (request.url().endsWith('/auth/refresh')) sent.push(request.postDataJSON());
      });
      await prepare(tab);
      await tab.goto(`${app.url}bare`);
      await tab.waitForFunction(() => globalThis.client);
      await tab.evaluate(() => globalThis.client.ready);
      return tab;
    }
    async function openLoggedIn(prepare) {
      const tab = await openTab(prepare);
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
    /** The server's clock goes on. */
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
    /** What a thief gets who has the cookie. */
    async function steal(cookies, body) {
      const [{ name: of, value }] = cookies;
      const headers = { 'X-Signet': '1', Origin: new URL(app.url).origin, Cookie: `${of}=${value}` };
      if (body) headers['Content-Type'] = 'application/json';
      const response = await fetch(`${app.url}auth/refresh`, { method: 'POST', headers, body });
      return [response.status, (await response.json()).code];
    }

    it('bring back a session whose answers were lost for ten minutes', async () => {
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

    it('bring back the session of a tab that was killed before its answer came, in the next one', async () => {
      const tab = await openLoggedIn();
      await runOut(tab);
      app.lose(true);
      const rotated = next('rotate');
      call(tab).catch(() => {});
      await rotated;
      await tab.close();
      app.lose(false);
      await pass(600);
      const other = await openTab();
      assert.deepStrictEqual([await status(other), await call(other)], ['in', 200]);
      assert.strictEqual(keysOf(sent).size, 1);
      assert.match(sent[0].idempotencyKey, KEY);
    });

    for (const [how, prepare] of [
      ['with Web Locks', undefined],
      ['without', (tab) => tab.addInitScript(removeLocks)],
    ]) {
      it(`are one for three tabs whose answers were lost for ten minutes, ${how}`, async () => {
        const tabs = [await openLoggedIn(prepare), await openTab(prepare), await openTab(prepare)];
        await Promise.all(tabs.map((tab) => becomes(tab, 'in')));
        await Promise.all(tabs.map(runOut));
        [sent.length, told.length] = [0, 0];
        app.lose(true);
        const retried = next('retry');
        const answers = tabs.map(call);
        await retried;
        await pass(600);
        app.lose(false);
        assert.deepStrictEqual(await Promise.all(answers), [200, 200, 200]);
        assert.strictEqual(keysOf(sent).size, 1);
        assert(!told.includes('reuse') && !told.includes('straggler'), `${told}`);
        await Promise.all(tabs.map(runOut));
        assert.deepStrictEqual(await Promise.all(tabs.map(call)), [200, 200, 200]);
      });
    }

    it('bring back a session whose cookie was put back by a late answer of a slow server', async () => {
      const tab = await openLoggedIn();
      const before = await browser.cookies();
      await runOut(tab);
      assert.strictEqual(await call(tab), 200);
      await browser.addCookies(before);
      await pass(600);
      await runOut(tab);
      assert.strictEqual(await call(tab), 200);
      await runOut(tab);
      assert.strictEqual(await call(tab), 200);
      assert.deepStrictEqual(told, ['rotate', 'retry', 'rotate']);
    });

    it('are not sent where the page may store nothing: a lost answer can be had again within the grace period', async () => {
      const tab = await openLoggedIn((page) => page.addInitScript(forbidStorage));
      await runOut(tab);
      app.lose(true);
      const retried = next('retry');
      const answer = call(tab);
      await retried;
      app.lose(false);
      assert.strictEqual(await answer, 200);
      assert(sent.every((body) => Object.keys(body).length === 0));
    });

    it('keep a thief of the cookie from its successor even within the grace period; the session goes on until he is seen', async () => {
      const tab = await openLoggedIn();
      const stolen = await browser.cookies();
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

    it('tell on a thief who came first, at the second attempt after the grace period; until then the page is not logged out', async () => {
      const tab = await openLoggedIn((page) => page.clock.install());
      const stolen = await browser.cookies();
      assert.deepStrictEqual(await steal(stolen, '{"idempotencyKey":"the-key-of-the-thief-0"}'), [200, undefined]);
      await runOut(tab);
      assert.deepStrictEqual([await call(tab), await call(tab)], Array(2).fill('ERR_REFRESH_SUPERSEDED'));
      assert.deepStrictEqual([await status(tab), sent.length, keysOf(sent).size], ['in', 2, 2]);
      await pass(32);
      await tab.clock.fastForward(32_000);
      await becomes(tab, 'out');
      assert.deepStrictEqual([sent.length, told], [3, ['rotate', 'straggler', 'straggler', 'reuse']]);
      assert.strictEqual(await tab.evaluate(() => localStorage.length), 0);
    });
  });
}

module.exports = { describeKeys };
