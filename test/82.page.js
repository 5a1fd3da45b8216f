'use strict';
// The example's page in real browsers, from login to theft.

const assert = require('node:assert');
const { startApp } = require('./browser/app-server.js');
const { describeEngines, listenForErrors, shoot } = require('./browser/engines.js');

const AXE = require.resolve('axe-core/axe.min.js');

/** Everything on the page, by Playwright. */
function walkThrough(engine) {
  // WebDriver BiDi cannot switch Firefox's
  const looks = engine.name === 'Chromium' ? ['light', 'dark'] : ['light'];
  let app;
  let browser;
  let page;
  let errors;

  before(async () => {
    app = await startApp();
    browser = await engine.open();
    page = await browser.newPage();
    errors = [listenForErrors(page)];
  });
  after(async () => {
    await browser?.end();
    app?.resetRoles();
    await app?.stop();
  });

  const button = (name) => page.getByRole('button', { name, exact: true });
  const lesson = (name) => page.locator('.lesson', { has: page.getByRole('heading', { name, exact: true }) });
  const newest = () => page.locator('.group').first();

  async function logIn(who) {
    await page.getByRole('button', { name: new RegExp(`^${who}`) }).click();
    await button('Log in').click();
    await page.getByRole('heading', { name: 'Your devices' }).waitFor();
  }

  /** Runs a lesson. @returns its result's text */
  async function run(title) {
    await lesson(title).getByRole('button').click();
    const result = lesson(title).locator('.result');
    await result.filter({ hasText: /./ }).waitFor({ timeout: 20_000 });
    return result.textContent();
  }

  async function seriousViolations() {
    await page.addScriptTag({ path: AXE });
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
  }

  async function inEachLook(name) {
    for (const colorScheme of looks) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const [size, width] of [
        ['wide', 1400],
        ['phone', 390],
      ]) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 1000 });
        await shoot(page, `${engine.name}-${name}-${size}-${colorScheme}`);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.strictEqual(overflow, 0, `${name} ${size}: nothing is wider than the screen`);
      }
      assert.deepStrictEqual(await seriousViolations(), [], `axe, ${name}, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1400, height: 1000 });
  }

  it('starts logged out, with the demo users shown', async () => {
    await page.goto(app.url);
    await page.getByRole('button', { name: /^john/ }).waitFor();
    await inEachLook('login');
  });

  it('refuses a wrong password in words', async () => {
    // typed, since in Firefox React does not notice Playwright's fill()
    await page.getByLabel('Username').pressSequentially('john');
    await page.getByLabel('Password').pressSequentially('wrong');
    await button('Log in').click();
    assert.strictEqual(await page.getByRole('alert').textContent(), 'Username or password is incorrect.');
  });

  it('can be logged in to by keyboard alone', async () => {
    await page.reload();
    await page.getByRole('button', { name: /^jane/ }).waitFor();
    await page.getByLabel('Username').focus();
    await page.keyboard.type('jane');
    await page.keyboard.press('Tab');
    await page.keyboard.type('jane-demo-password');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your devices' }).waitFor();
    await button('Log out').click();
    await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
  });

  it('logs in, and keeps the refresh token where no script can read it and the access token in memory', async () => {
    await logIn('john');
    const cookies = await browser.cookies();
    assert.deepStrictEqual(
      cookies.map(({ name, httpOnly, sameSite, path }) => ({ name, httpOnly, sameSite, path })),
      [{ name: 'signet', httpOnly: true, sameSite: 'Strict', path: '/' }],
    );
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    assert.strictEqual(kept, '[{},{},""]');
  });

  it('is restored by a reload', async () => {
    await page.reload();
    await page.getByRole('heading', { name: 'Your devices' }).waitFor();
  });

  it('lets an admin change the list', async () => {
    await page.getByPlaceholder('New entry').pressSequentially('Call the bank');
    await button('Add').click();
    await page.getByText('Call the bank', { exact: true }).waitFor();
    await button('Remove Call the bank').click();
    await page.getByText('Call the bank', { exact: true }).waitFor({ state: 'detached' });
  });

  it("shows the store's record: a hash and a generation, never a token", async () => {
    await page.getByText('The chain so far').waitFor();
    const record = await page.locator('.record').textContent();
    assert.match(record, /generation\d+token hash[0-9a-f]{16}…/);
    assert(!record.includes('eyJ'));
  });

  it('sends a forged payload and is told "Token is not Valid."', async () => {
    await page.getByText('Change its payload').click();
    await button('Send it').click();
    await page.getByText('"Token is not Valid."').first().waitFor();
    await inEachLook('inside');
  });

  it('sends ten calls with a token that has run out, and the server sees one refresh', async () => {
    app.seen.length = 0;
    assert.match(await run('Ten calls at once'), /^10 of 10/);
    assert.deepStrictEqual([app.count('POST /auth/refresh'), app.count('GET /api/items')], [1, 20]);
  });

  it('survives a lost answer: the server is asked twice and rotates once', async () => {
    app.seen.length = 0;
    const told = [];
    const listen = (type) => (event) => told.push([type, event.sessionId]);
    for (const type of ['rotate', 'retry']) app.auth.on(type, listen(type));
    await run('A lost answer');
    assert.strictEqual(app.count('POST /auth/refresh'), 2);
    assert.deepStrictEqual(
      told.map(([type]) => type),
      ['rotate', 'retry'],
    );
  });

  it('refuses a thief within the grace period, who lacks the key of the exchange: the event "straggler"', async () => {
    assert.match(await run('A thief, at once'), /^The thief got nothing/);
    await newest().getByText('straggler', { exact: true }).waitFor();
  });

  it('takes the role away with the next refresh: the list answers 403', async () => {
    await lesson('Demote me').getByRole('button').click();
    await lesson('Promote me').locator('.result').filter({ hasText: 'isAdmin is false' }).waitFor();
    await page.getByPlaceholder('New entry').pressSequentially('Not mine to add');
    await button('Add').click();
    await page.getByText('only an admin may change the list').waitFor();
  });

  it('keeps the session while the store is down, and goes on when it is back', async () => {
    assert.match(await run('The store stops'), /went on/);
    await newest().getByText('503').first().waitFor();
    await newest().getByText('200').first().waitFor();
  });

  it('signs out another device', async () => {
    await button('Log in on a second device').click();
    await page.getByRole('button', { name: /^Sign out .*session/ }).click();
    await page.getByRole('button', { name: /^Sign out .*session/ }).waitFor({ state: 'detached' });
  });

  it('is logged out in all three tabs when a thief comes too late, is told why, and can log in again', async () => {
    const others = [await browser.newPage(), await browser.newPage()];
    for (const other of others) {
      errors.push(listenForErrors(other));
      await other.goto(app.url);
      await other.getByRole('heading', { name: 'Your devices' }).waitFor();
    }
    await page.bringToFront();
    await lesson('A thief, too late').getByRole('button').click();
    for (const other of others) await other.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
    assert.match(await page.getByRole('alert').textContent(), /used twice/);
    await newest().getByText('reuse', { exact: true }).waitFor();
    await inEachLook('theft');
    await logIn('jane');
    for (const other of others) await other.getByRole('heading', { name: 'Your devices' }).waitFor();
  });

  it('had nothing to say on the console', () => {
    assert.deepStrictEqual(errors.flat(), []);
  });
}

/** What matters most, by scripts: WebDriver has no locators. */
function walkByScript(engine) {
  let app;
  let browser;
  before(async () => {
    app = await startApp();
    browser = await engine.open();
  });
  after(async () => {
    await browser?.end();
    await app?.stop();
  });

  const shows = (page, text) => page.waitForFunction((wanted) => document.body.textContent.includes(wanted), text);
  /** Clicks the first button whose name begins so. */
  const click = async (page, name) => {
    await page.waitForFunction((wanted) => {
      const found = [...document.querySelectorAll('button')].find((each) => each.textContent.trim().startsWith(wanted));
      found?.click();
      return Boolean(found);
    }, name);
  };

  it('logs in, survives a reload, shares the session with a second tab, refreshes once, logs both out', async () => {
    const page = await browser.newPage();
    await page.goto(app.url);
    await click(page, 'john');
    await click(page, 'Log in');
    await shows(page, 'Your devices');
    await page.reload();
    await shows(page, 'Your devices');
    const other = await browser.newPage();
    await other.goto(app.url);
    await shows(other, 'Your devices');
    app.seen.length = 0;
    await page.waitForFunction(() => {
      const lesson = [...document.querySelectorAll('.lesson')].find((each) =>
        each.textContent.includes('Ten calls at once'),
      );
      lesson?.querySelector('button').click();
      return Boolean(lesson);
    });
    await shows(page, '10 of 10');
    assert.deepStrictEqual([app.count('POST /auth/refresh'), app.count('GET /api/items')], [1, 20]);
    await click(page, 'Log out');
    for (const each of [page, other])
      await each.waitForFunction(() => !document.body.textContent.includes('Your devices'));
    await shows(other, 'Log in');
  });
}

describeEngines("the example's page", walkThrough, ['Chromium', 'Firefox']);
describeEngines("the example's page", walkByScript, ['WebKit']);
