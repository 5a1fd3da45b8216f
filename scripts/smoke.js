'use strict';
// Starts the app as a user does (`npm start`, on a separate port and in a separate folder), logs in, and stops it.

const { spawn } = require('node:child_process');
const path = require('node:path');
const { once } = require('node:events');

const ROOT = path.join(__dirname, '..');
const PORT = '8899';
const START_MS = 300_000;

async function waitForLine(child, text) {
  let seen = '';
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    process.stdout.write(chunk);
    seen += chunk;
    if (seen.includes(text)) {
      clearTimeout(timer);
      return;
    }
  }
  throw new Error('the app ended before it was up');
}

async function main() {
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, PORT, MONGODB_URI: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  try {
    await waitForLine(child, `Your server available at http://localhost:${PORT}`);
    const answer = await fetch(`http://localhost:${PORT}/api/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'john', password: 'john-demo-password' }),
    });
    const body = await answer.json();
    if (answer.status !== 200 || !body.access_token || !body.refresh_token)
      throw new Error(`login answered ${answer.status}`);
    const page = await fetch(`http://localhost:${PORT}/`);
    if (page.status !== 200 || !(await page.text()).includes('<title>'))
      throw new Error(`the page answered ${page.status}`);
  } finally {
    if (child.exitCode === null) {
      process.kill(-child.pid, 'SIGTERM');
      await once(child, 'close');
    }
  }
  console.log('login and page answered; the app stopped on SIGTERM');
}

main().catch((err) => {
  console.error(err.message);
  process.exitCode = 1;
});
