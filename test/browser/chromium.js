'use strict';
// A real Chromium for the tests, with an empty profile of its own; skipped by name where the machine has none.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SHOTS = path.join(__dirname, '..', '..', 'build', 'screenshots');

/**
 * In a mocha `before`: skips the suite where there is no Chromium; in CI that is a failure.
 * @param {import('mocha').Context} context
 */
function needsChromium(context) {
  if (fs.existsSync(EXECUTABLE)) return;
  if (process.env.CI) throw new Error(`the browser tests need ${EXECUTABLE}`);
  console.log(
    `      skipped: no ${EXECUTABLE}. On Debian: apt-get install chromium (or set CHROMIUM to a browser's path)`,
  );
  context.skip();
}

/** @returns {Promise<import('playwright-core').BrowserContext & { end: () => Promise<void> }>} */
async function openBrowser(options = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-chromium-'));
  const viewport = { width: 1400, height: 1000 };
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: FLAGS,
    viewport,
    ...options,
  });
  context.end = async () => {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  };
  return context;
}

/**
 * What a page says that nobody wants to read: script errors and console errors. A browser reports every answer of 400
 * and more as a console error of its own; those are the demo's subject and no fault of the page.
 * @param {import('playwright-core').Page} page
 */
function listenForErrors(page) {
  const errors = [];
  page.on('pageerror', (err) => errors.push(`${err}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/^Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  return errors;
}

async function shoot(page, name) {
  fs.mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

module.exports = { needsChromium, openBrowser, listenForErrors, shoot };
