// Loaded before a block of the documentation (support/docs.js): what the page assumes is in globals; at the
// block's end, its check runs.

import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import process from 'node:process';

const require = createRequire(import.meta.url);
const { SIGNET_DOCS_PAGE: page, SIGNET_DOCS_BLOCK: name } = process.env;
const { given = {}, blocks } = require(`../docs/${page}.js`);
const { given: more, before, check } = blocks[name] ?? {};

/**
 * A page's side of an app: location, and a fetch with its cookies and the headers that browsers add. Resolves with
 * the server.
 */
async function openPage(app) {
  const { Request, fetch } = globalThis;
  const server = createServer(app).listen(0, 'localhost');
  await new Promise((resolve) => {
    server.on('listening', resolve);
  });
  globalThis.location = new URL(`http://localhost:${server.address().port}/`);
  const absolute = (input) => (typeof input === 'string' ? new URL(input, location) : input);
  globalThis.Request = class extends Request {
    constructor(input, init) {
      super(absolute(input), init);
    }
  };
  let cookie = '';
  globalThis.fetch = async (input, init) => {
    const request = new Request(absolute(input), init);
    request.headers.set('Sec-Fetch-Site', 'same-origin');
    if (cookie) request.headers.set('Cookie', cookie);
    const response = await fetch(request);
    for (const line of response.headers.getSetCookie()) [cookie] = line.split(';');
    return response;
  };
  return server;
}

let hasEnded = false;
/** The block's last line calls this with everything that the block declared. */
globalThis.endOfBlock = async (declared) => {
  if (check) await check({ ...globalThis.given, ...declared });
  hasEnded = true;
  if (!globalThis.describe) process.exit(0); // else mocha, which ends by itself
};
process.on('exit', (code) => {
  if (!hasEnded) process.exitCode = code || 9;
});

const build = async (part) => (typeof part === 'function' ? part(globalThis.given, { openPage }) : part);
globalThis.given = { ...(await build(given)) };
Object.assign(globalThis.given, await build(more));
Object.assign(globalThis, globalThis.given);
await before?.(globalThis.given, { openPage });
