'use strict';
// Real browsers for the tests, each with its own empty profile: Chromium and Firefox through Playwright, WebKit through
// WebDriver (webkit.js). Engines that a machine lacks are skipped, with the reason.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium, firefox } = require('playwright-core');
const webkit = require('./webkit.js');

const SHOTS = path.join(__dirname, '..', '..', 'build', 'screenshots');
const VIEWPORT = { width: 1400, height: 1000 };
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param {import('playwright-core').BrowserType} type @param {object} options of its launchPersistentContext */
async function openPlaywright(type, options) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-browser-'));
  const context = await type.launchPersistentContext(profile, { viewport: VIEWPORT, ...options });
  context.end = async () => {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  };
  return context;
}

const absent = (file) => (fs.existsSync(file) ? null : file);

/**
 * `missing()`: the file that is not there, or null; `debian`: the packages that have it. `open()` resolves with a
 * browser: newPage(), waitForEvent('page'), end(), and in those by Playwright its other methods.
 */
const ENGINES = [
  {
    name: 'Chromium',
    debian: 'chromium',
    missing: () => absent(CHROMIUM),
    open: () => openPlaywright(chromium, { executablePath: CHROMIUM, args: CHROMIUM_FLAGS }),
  },
  {
    name: 'Firefox',
    debian: 'firefox-esr',
    missing: () => absent(FIREFOX),
    // By WebDriver BiDi, as Mozilla builds it. Playwright 1.65 needs a command of it that Firefox 153 does not have.
    open: () => openPlaywright(firefox, { channel: 'moz-firefox', executablePath: FIREFOX, headless: true }),
  },
  {
    name: 'WebKit',
    debian: 'webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb',
    missing: webkit.missing,
    open: webkit.openWebKit,
  },
];

/**
 * A suite for each engine, skipped if this machine lacks it; in CI that is a failure.
 * @param {string} title
 * @param {(engine: typeof ENGINES[number]) => void} suite
 * @param {string[]} [names] the engines' names
 */
function describeEngines(title, suite, names = ENGINES.map(({ name }) => name)) {
  for (const engine of ENGINES.filter(({ name }) => names.includes(name))) {
    describe(`${title} in ${engine.name}`, function () {
      this.timeout(120_000);
      before(function () {
        const file = engine.missing();
        if (!file) return;
        if (process.env.CI) throw new Error(`the tests in ${engine.name} need ${file}`);
        console.log(`      skipped: no ${file}. On Debian: apt-get install ${engine.debian}`);
        this.skip();
      });
      suite(engine);
    });
  }
}

// Firefox reports these as errors of the page; the answers and closed connections are what the tests are about.
const OF_THE_BROWSER = /^Failed to load resource|^Cross-Origin Request Blocked|NetworkError when attempting/;

/**
 * Script errors and console errors of a page. A browser reports every answer of 400 and more as a console error of its
 * own; those are the demo's subject and no fault of the page.
 * @param {import('playwright-core').Page} page
 */
function listenForErrors(page) {
  const errors = [];
  page.on('pageerror', (err) => errors.push(`${err}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !OF_THE_BROWSER.test(message.text())) errors.push(message.text());
  });
  return errors;
}

async function shoot(page, name) {
  fs.mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

module.exports = { describeEngines, listenForErrors, shoot };
