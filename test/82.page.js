'use strict';
// The example's page in real browsers, on both stores: the whole path and every lesson, whose statements are also
// checked from outside; and, in Chromium, its looks and accessibility.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { gzipSync } = require('node:zlib');
const { startApp } = require('./browser/app-server.js');
const { describeEngines, listenForErrors, shoot } = require('./browser/engines.js');
const { CHAPTERS, createWalk } = require('./browser/page-walk.js');
const { mongoServer } = require('./support/mongo');

const AXE = require.resolve('axe-core/axe.min.js');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const DIST = path.join(__dirname, '..', 'examples', 'mern', 'dist');
const MAX_GZIPPED = 100_000;
const SIZES = [
  [320, 700],
  [768, 1024],
  [1280, 900],
  [1920, 1080],
];
const SHOT_WIDTH = 1280; // the widest picture
const TARGET = 44; // in px
const LONG_WORD = 'Aktualisierungstokenwiederverwendungserkennung';

/** A new database on the tests' MongoDB, and how to remove it; null if there is no server. */
async function freshMongo() {
  const server = await mongoServer();
  if (!server) return null;
  const { MongoClient } = require('mongodb');
  const uri = server.MONGODB_URI.replace(/\/\w+(\?|$)/, `/page_${process.pid}$1`);
  const drop = async () => {
    const client = await MongoClient.connect(server.MONGODB_URI);
    await client.db(`page_${process.pid}`).dropDatabase();
    await client.close();
  };
  return { uri, drop };
}

const STORES = {
  SQLite: async () => ({ uri: undefined, drop: async () => {} }),
  MongoDB: freshMongo,
};

/** A suite's app, browser and page. */
function useApp(engine, store = 'SQLite') {
  const it = { errors: [] };
  before(async function open() {
    it.database = await STORES[store]();
    if (!it.database) this.skip();
    it.app = await startApp({ store: it.database.uri });
    it.browser = await engine.open();
    it.page = await it.browser.newPage();
    await it.page.emulateMedia?.({ reducedMotion: 'reduce' }); // a step need not be seen; WebDriver has no such thing
    it.errors.push(listenForErrors(it.page));
    it.walk = createWalk(it.page, it.app);
  });
  after(async () => {
    await it.browser?.end();
    await it.app?.stop();
    await it.database?.drop();
  });
  return it;
}

function wholeWay(engine, store) {
  const on = useApp(engine, store);

  it('keeps what its five chapters tell', () => on.walk.path());

  it('logs in, and is restored by a reload', async () => {
    await on.walk.logIn();
    await on.page.reload();
    await on.walk.shows('Your devices');
  });

  it('shows the record of the store: hashes and a generation, never a token', async () => {
    await on.walk.shows(`What ${store} keeps`);
    await on.walk.shows('The chain so far');
    const record = await on.page.evaluate(() => document.querySelector('.record').textContent);
    assert.match(record, /generation\d+hash of the token[0-9a-f]{12}…/);
    assert(!record.includes('eyJ'));
  });

  it('keeps what its six lessons tell, and puts everything back', () => on.walk.lessons());

  it('wrote nothing to the console', () => assert.deepStrictEqual(on.errors.flat(), []));
}

/** By Playwright, in Chromium: what it looks like, and what hands and eyes need. */
function care(engine) {
  const on = useApp(engine);
  let page;
  before(() => {
    ({ page } = on);
  });
  const button = (name) => page.getByRole('button', { name, exact: true });

  async function violations() {
    await page.addScriptTag({ path: AXE });
    const found = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags }), WCAG);
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`,
    );
  }
  const wider = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  /** What can be clicked and is smaller than a thumb; links in a sentence are not there. */
  const small = () =>
    page.evaluate(
      (target) =>
        [...document.querySelectorAll('button, a[href], input, textarea, summary')]
          .map((each) => [each, each.getBoundingClientRect()])
          .filter(([each, { width, height }]) => each.checkVisibility() && (width < target || height < target))
          .filter(([each]) => !each.matches('.skip'))
          .map(([each, { width, height }]) => `${each.outerHTML.slice(0, 80)} ${width} × ${height}`),
      TARGET,
    );
  const fontSizes = () =>
    page.evaluate(() => [
      ...new Set(
        [...document.querySelectorAll('body *')]
          .filter((each) => each.checkVisibility() && [...each.childNodes].some((node) => node.nodeType === 3))
          .map((each) => getComputedStyle(each).fontSize),
      ),
    ]);

  /** Every width, light and dark: nothing is wider than the screen, nothing is too small, axe finds nothing. */
  async function look(name) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        if (width <= SHOT_WIDTH) await shoot(page, `${name}-${width}-${colorScheme}`);
        assert.strictEqual(await wider(), 0, `${name} ${width}: nothing is wider than the screen`);
        assert.deepStrictEqual(await small(), [], `${name} ${width}: large enough for a thumb`);
      }
      assert.deepStrictEqual(await violations(), [], `axe, ${name}, ${colorScheme}`);
    }
    assert((await fontSizes()).length <= 4, `${name}: four sizes of type, not ${await fontSizes()}`);
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  it('looks as it should: each chapter, the login, the play, after each lesson', async function everywhere() {
    this.timeout(300_000);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await on.walk.path((title) => look(`chapter-${CHAPTERS.indexOf(title) + 1}`));
    await look('login');
    await on.walk.logIn();
    await look('play');
    await on.walk.lessons((title) => (title === 'A thief, too late' ? look('theft') : null));
  });

  it('bears words of German length', async () => {
    for (const place of ['log-in', 'be-robbed', 'free-play']) {
      await page.goto(`${on.app.url}#${place}`);
      await page.waitForSelector('h1');
      await page.evaluate((word) => {
        for (const each of document.querySelectorAll('h1, h2, h3, p, b, small, button, .link, dt, label, li > span'))
          for (const node of each.childNodes)
            if (node.nodeType === 3 && node.data.trim()) node.data = `${word} ${node.data}`;
      }, LONG_WORD);
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        assert.strictEqual(await wider(), 0, `${place} ${width}`);
      }
      await page.reload();
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('can be gone through by keyboard alone, and the focus follows', async () => {
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    const tabTo = async (name) => {
      for (let n = 0; n < 60; n += 1) {
        if ((await focused()).startsWith(name)) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`no tab leads to "${name}"`);
    };
    await page.goto(`${on.app.url}#log-in`);
    await page.reload();
    for (const [i, title] of CHAPTERS.entries()) {
      await page.waitForFunction((wanted) => document.activeElement.textContent === wanted, `${i + 1}. ${title}`);
      await page.keyboard.press('Tab'); // from the title, past the chapters, to the button
      await tabTo(await page.locator('.doing .main').textContent());
      await page.keyboard.press('Enter');
      await page.locator('.outcome').waitFor();
      await tabTo('Next: ');
      await page.keyboard.press('Enter');
    }
    await page.waitForFunction(() => document.activeElement.textContent.startsWith('Free play'));
  });

  it('begins at the top after a login on a phone, with the focus on its title', async () => {
    await page.setViewportSize({ width: 375, height: 667 });
    await page.goto(`${on.app.url}#free-play`);
    await page.reload();
    await page.getByRole('heading', { name: /^Free play/ }).waitFor();
    if (await button('Log out').isVisible()) await button('Log out').click();
    await page.getByRole('button', { name: /^jane/ }).scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: /^jane/ }).click();
    await button('Log in').click();
    await page.getByRole('heading', { name: 'Free play, as jane' }).waitFor();
    const [top, focus] = await page.evaluate(() => [scrollY, document.activeElement.textContent]);
    assert.deepStrictEqual([top, focus], [0, 'Free play, as jane']);
    assert.strictEqual(await page.locator('.group').first().isVisible(), false, 'what happened is folded');
    await button('Unfold').click();
    await page.locator('.group').first().waitFor();
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('asks the server about a token: its own, a changed one, another kind', async () => {
    const verdict = page.locator('.verdict');
    await page.goto(`${on.app.url}#free-play`);
    await page.reload();
    await page.locator('.parts .signature').waitFor();
    assert.match(await page.locator('.claims').textContent(), /exp expiresin \d+ s/);
    await button('Ask the server').click();
    await verdict.getByText('accepted').waitFor();
    await page.getByText('Change it, under the same signature').click();
    const payload = page.getByLabel('Payload');
    await payload.fill((await payload.inputValue()).replace('false', 'true'));
    await button('Ask the server').click();
    await verdict.getByText('ERR_TOKEN_INVALID').waitFor();
    assert.match(await verdict.textContent(), /one changed letter/);
    await payload.press('Control+End');
    for (const key of ['Backspace', 'x', 'Backspace', '}']) {
      await page.keyboard.press(key); // by hand, JSON is broken on the way: the editor and its focus must stay
      assert(await payload.evaluate((each) => each === document.activeElement), `focused after ${key}`);
      const isBroken = await page.getByText('is not JSON at the moment').isVisible();
      assert.strictEqual(isBroken, key !== '}', `after ${key}`);
    }
    assert.strictEqual(JSON.parse(await payload.inputValue()).isAdmin, true);
    await page.getByPlaceholder('Log in, or paste a token').fill('abc');
    await page.getByText('This is not a token').waitFor();
    await button('My own token').click();
    await verdict.getByText('ERR_TOKEN_INVALID').waitFor({ state: 'detached' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy').click();
    await button('Copied').waitFor();
    assert.strictEqual(
      await page.evaluate(() => navigator.clipboard.readText().then((text) => text.split('.').length)),
      3,
    );
  });

  it('lets only an admin change the list', async () => {
    await page.getByPlaceholder('New entry').fill('Not mine to add');
    await button('Add').click();
    await page.getByText('only an admin may change the list').waitFor();
    await button('Log out').click();
    await on.walk.logIn();
    await page.getByPlaceholder('New entry').fill('Call the bank');
    await button('Add').click();
    await button('Remove Call the bank').click();
    await page.getByText('Call the bank', { exact: true }).waitFor({ state: 'detached' });
  });

  it('runs one lesson at a time on the whole server, and says so', async () => {
    const { ticket } = await on.walk.demo('/lesson', {});
    const lesson = page.locator('.lesson', { has: page.getByRole('heading', { name: 'A lost answer', exact: true }) });
    await lesson.getByRole('button').click();
    await lesson.getByText('another lesson is running on this server').waitFor();
    await on.walk.demo('/lesson/end', { ticket });
  });

  it('refuses a wrong password in words, and signs out another device, and all', async () => {
    await button('Log in on a second device').click();
    await page.locator('.record div', { hasText: /^sessions of this user2$/ }).waitFor();
    await page
      .getByRole('button', { name: /^Sign out .*session/ })
      .first()
      .click();
    await page.getByRole('button', { name: /^Sign out .*session/ }).waitFor({ state: 'detached' });
    await button('Sign out everywhere').click();
    await page.getByText('You signed out all your devices, this one too.').waitFor();
    await page.getByText('ended the session: all devices were signed out').first().waitFor();
    await page.getByText('Ended every session of this user, on all devices.').first().waitFor();
    await page.getByLabel('Username').fill('john');
    await page.getByLabel('Password').fill('wrong');
    await button('Log in').click();
    await page.getByText('Username or password is incorrect.').waitFor();
    await page.getByRole('button', { name: /^john/ }).click();
    await page.getByText('Username or password is incorrect.').waitFor({ state: 'detached' });
  });

  it('logs out all tabs when a thief comes too late, and tells them why', async () => {
    await on.walk.logIn();
    const others = [await on.browser.newPage(), await on.browser.newPage()];
    for (const other of others) {
      await other.goto(`${on.app.url}#free-play`);
      await other.getByRole('heading', { name: 'Your devices' }).waitFor();
    }
    await page.bringToFront();
    await on.walk.click(null, 'A thief, too late');
    for (const each of [page, ...others]) await each.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
    assert.match(await page.getByRole('alert').textContent(), /used twice/);
    await on.walk.click('Log in again as john', 'A thief, too late');
    for (const other of others) await other.getByRole('heading', { name: 'Your devices' }).waitFor();
  });

  it('is under 100 kB gzipped', () => {
    const files = fs.readdirSync(path.join(DIST, 'assets')).map((name) => path.join(DIST, 'assets', name));
    const sum = [path.join(DIST, 'index.html'), ...files].reduce(
      (total, file) => total + gzipSync(fs.readFileSync(file)).length,
      0,
    );
    assert(sum < MAX_GZIPPED, `${sum} bytes`);
  });

  it('wrote nothing to the console', () => assert.deepStrictEqual(on.errors.flat(), []));
}

describeEngines("the example's page, with care,", care, ['Chromium']);
for (const store of Object.keys(STORES))
  describeEngines(`the example's page on ${store}`, (engine) => wholeWay(engine, store), ['Chromium']);
describeEngines("the example's page on SQLite", (engine) => wholeWay(engine, 'SQLite'), ['Firefox', 'WebKit']);
