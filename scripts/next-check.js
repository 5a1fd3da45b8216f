'use strict';
// Builds and runs a Next.js app that uses the package, with the settings of docs/recipes.md, with Turbopack and with
// webpack. Next.js takes 340 MB and a minute or two, so it is part of `npm run test:full` only. Exit status 2: Next.js
// could not be fetched.

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { blocksOf } = require('../test/support/docs.js');
const { step, runLong } = require('./console.js');

const ROOT = path.join(__dirname, '..');
const BINARY = path.join('native', 'build', 'Release', 'signet.node');
const NEXT = ['next@16', 'react@19', 'react-dom@19'];
const NOT_FETCHED = 2;

const FILES = {
  'package.json': '{ "private": true }',
  'app/layout.js': 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }',
  'app/page.js': 'export default function Page() { return <p>page</p>; }',
  'app/api/session/route.js': `
    import { createAuth } from 'signet-jwt';
    export const dynamic = 'force-dynamic';
    export async function GET() {
      const { ACCESS_SECRET: accessSecret, REFRESH_SECRET: refreshSecret } = process.env;
      const auth = createAuth({ accessSecret, refreshSecret, store: ':memory:' });
      const { refreshToken } = await auth.login('1');
      return Response.json(auth.verifyAccess((await auth.rotateRefresh(refreshToken)).accessToken).sub);
    }`,
};

function writeApp(folder) {
  const settings = blocksOf('docs/recipes.md').find(({ text }) => text.startsWith('// next.config.mjs'));
  for (const [name, text] of Object.entries({ ...FILES, 'next.config.mjs': settings.text })) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}

async function install(folder) {
  const npm = (...args) => [
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...args],
    { cwd: folder },
  ];
  await runLong(`installing ${NEXT.join(', ')}`, ...npm(...NEXT)).catch((err) => {
    throw Object.assign(err, { exitCode: NOT_FETCHED });
  });
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  await runLong('installing the package', ...npm(`./${JSON.parse(packed)[0].filename}`));
  // the binary built here: the install script's build is skipped
  const binary = path.join(folder, 'node_modules', 'signet-jwt', BINARY);
  fs.mkdirSync(path.dirname(binary), { recursive: true });
  fs.copyFileSync(path.join(ROOT, BINARY), binary);
}

/** Starts the built app on a free port and requests a session. */
async function ask(folder) {
  const secret = (name) => `the ${name} secret of the Next.js check, 32 bytes and more`;
  const env = {
    ...process.env,
    PORT: '0',
    HOSTNAME: 'localhost',
    ACCESS_SECRET: secret('access'),
    REFRESH_SECRET: secret('refresh'),
  };
  const child = spawn(process.execPath, ['server.js'], {
    cwd: path.join(folder, '.next', 'standalone'),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let output = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      output += chunk;
      const port = /localhost:(\d+)/.exec(output)?.[1];
      if (!port || !/Ready/.test(output)) continue;
      const response = await fetch(`http://localhost:${port}/api/session`);
      const text = await response.text();
      if (text !== '"1"') throw new Error(`the app answered ${response.status} ${text.slice(0, 500)}`);
      return;
    }
    throw new Error(`the app ended before it was up\n${output}`);
  } finally {
    child.kill();
  }
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-next-'));
  try {
    writeApp(folder);
    await install(folder);
    for (const bundler of ['turbopack', 'webpack']) {
      fs.rmSync(path.join(folder, '.next'), { recursive: true, force: true });
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
      await runLong(
        `next build --${bundler}`,
        process.execPath,
        ['node_modules/next/dist/bin/next', 'build', `--${bundler}`],
        { cwd: folder, env },
      );
      await ask(folder);
      step(`${bundler}: a session was rotated`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((err) => {
  console.error(err.message);
  process.exitCode = err.exitCode ?? 1;
});
