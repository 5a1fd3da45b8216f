'use strict';
// A real WebKit (WebKitGTK's MiniBrowser) through WebDriver, on an X server without a screen. Its browser and pages
// have those methods of Playwright's that the tests use, no others.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const DRIVER = '/usr/bin/WebKitWebDriver';
const X_SERVER = '/usr/bin/Xvfb';
const TIMEOUT_MS = 30_000;
const POLL_MS = 20;
const SCRIPT_MS = 600_000; // a timer in the page, longer than those that a test holds there
const ARGS = ['--automation', '--javascript-can-open-windows-automatically=true'];

/** MiniBrowser's path, or undefined: it is in the folder of the machine's architecture. */
const miniBrowser = () =>
  fs
    .readdirSync('/usr/lib')
    .map((name) => path.join('/usr/lib', name, 'webkit2gtk-4.1', 'MiniBrowser'))
    .find((file) => fs.existsSync(file));

/** The file that WebKit needs and this machine lacks, or null. */
const missing = () =>
  [DRIVER, X_SERVER].find((file) => !fs.existsSync(file)) ?? (miniBrowser() ? null : 'webkit2gtk-4.1/MiniBrowser');

/** An X server on a display that it chooses. */
async function startXServer() {
  const child = spawn(X_SERVER, ['-displayfd', '3', '-screen', '0', '1400x1000x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [line] = await once(child.stdio[3], 'data');
  return { child, display: `:${String(line).trim()}` };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** `ask(method, path, body)`: a request of WebDriver; an error that it answers is thrown. */
const createAsk = (base) => async (method, place, body) => {
  const response = await fetch(`${base}${place}`, {
    method,
    body: body && JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
  return value;
};

async function startDriver() {
  const screen = await startXServer();
  const port = await freePort();
  const env = {
    ...process.env,
    DISPLAY: screen.display,
    LIBGL_ALWAYS_SOFTWARE: '1',
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', // it needs user namespaces, which a container may lack
  };
  const driver = spawn(DRIVER, [`--port=${port}`], { env, stdio: 'ignore', detached: true });
  const ask = createAsk(`http://127.0.0.1:${port}`);
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const status = await ask('GET', '/status').catch(() => null);
    if (status?.ready) break;
    if (Date.now() > until) throw new Error('WebKitWebDriver does not answer');
    await delay(POLL_MS);
  }
  const stop = async () => {
    process.kill(-driver.pid, 'SIGKILL'); // with the browser that it has started
    screen.child.kill();
    await once(screen.child, 'close');
  };
  return { ask, stop };
}

// In the page: starts an evaluation, and looks whether it has ended, so that several pages can be at work.
const START = `const [id, source, arg] = arguments;
  const results = (globalThis.__results ??= {});
  new Promise((resolve) => resolve((0, eval)('(' + source + ')')(arg))).then(
    (value) => { results[id] = { value: value === undefined ? null : value }; },
    (error) => { results[id] = { error: String(error) }; });`;
const LOOK = `const [id] = arguments;
  if (!globalThis.__results) return { error: 'the page was left' };
  const result = globalThis.__results[id];
  delete globalThis.__results[id];
  return result ?? null;`;

/** One window. WebDriver has a current one, so `inWindow(handle, work)` takes turns. */
function createPage(handle, { ask, inWindow }) {
  let lastId = 0;
  const execute = (script, args) => inWindow(handle, () => ask('POST', '/execute/sync', { script, args }));
  const page = {
    handle,
    goto: (url) => inWindow(handle, () => ask('POST', '/url', { url })),
    reload: () => inWindow(handle, () => ask('POST', '/refresh', {})),
    close: () => inWindow(handle, () => ask('DELETE', '/window')),
    bringToFront: () => inWindow(handle, async () => {}),
    url: () => inWindow(handle, () => ask('GET', '/url')),
    async evaluate(work, arg = null) {
      const id = ++lastId;
      await execute(START, [id, String(work), arg]);
      for (;;) {
        const result = await execute(LOOK, [id]);
        if (result?.error) throw new Error(result.error);
        if (result) return result.value;
        await delay(POLL_MS);
      }
    },
    async waitForFunction(work, arg) {
      const until = Date.now() + TIMEOUT_MS;
      while (!(await page.evaluate(work, arg).catch(() => false))) {
        if (Date.now() > until) throw new Error(`WebKit: timeout: ${work}`);
        await delay(POLL_MS);
      }
    },
    waitForTimeout: delay,
    on() {}, // WebDriver has no console
  };
  return page;
}

async function openWebKit() {
  const driver = await startDriver();
  const binary = miniBrowser();
  const { sessionId } = await driver.ask('POST', '/session', {
    capabilities: {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ARGS }, timeouts: { script: SCRIPT_MS } },
    },
  });
  const ask = (method, place, body) => driver.ask(method, `/session/${sessionId}${place}`, body);
  let turn = Promise.resolve();
  const inTurn = (work) => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };
  const inWindow = (handle, work) =>
    inTurn(async () => {
      await ask('POST', '/window', { handle });
      return work();
    });
  const first = await ask('GET', '/window'); // stays open, since the session ends with its last window
  const known = new Set([first]);
  const pageOf = (handle) => {
    known.add(handle);
    return createPage(handle, { ask, inWindow });
  };
  return {
    // A window, not a tab: only the tab in front is visible, and timers of hidden pages are slow.
    newPage: async () => pageOf((await inWindow(first, () => ask('POST', '/window/new', { type: 'window' }))).handle),
    async waitForEvent(name) {
      if (name !== 'page') throw new Error(`WebKit: no event "${name}"`);
      const until = Date.now() + TIMEOUT_MS;
      for (;;) {
        const handles = await inTurn(() => ask('GET', '/window/handles'));
        const opened = handles.find((handle) => !known.has(handle));
        if (opened) return pageOf(opened);
        if (Date.now() > until) throw new Error('WebKit: no window was opened');
        await delay(POLL_MS);
      }
    },
    async end() {
      await ask('DELETE', '').catch(() => {}); // it may have crashed, which its tests tell
      await driver.stop();
    },
  };
}

module.exports = { missing, openWebKit };
