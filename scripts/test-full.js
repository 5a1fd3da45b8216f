'use strict';
// `npm run test:full`: what takes too long for CI, part by part. A part that has passed is not run again for the same
// commit, so after Ctrl+C the same command goes on with the part that it stopped in. Each result goes into the table
// of docs/test-full.md. USAGE says the rest.

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { step } = require('./console.js');
const { setup, ROOT } = require('./setup.js');

const FILES = { state: path.join(ROOT, '.cache', 'test-full.json'), page: path.join(ROOT, 'docs', 'test-full.md') };
const TABLE = /(<!-- table: npm run test:full -->\n)[^]*?(<!-- end of table -->)/;
const CHANGED = ' with changes';
const COUNTS = /^\d+ passed, \d+ failed.*|^ {2}\d+ (?:passing|failing|pending)/gm;

/** @typedef {import('./test-full/parts.js')[number]} Part */
/** @typedef {{ commit: string, result: string, passed: boolean, seconds: number, date: string }} Result */

const usage = (parts) => `npm run test:full                 every part that has not passed on this commit, in this order
npm run test:full -- next fuzz-json   only these parts
npm run test:full -- --again ...      those too that have passed
${parts.map(({ name, title, command }) => `  ${name.padEnd(24)}${title}\n${' '.repeat(26)}${command}`).join('\n')}`;

/** The last commit that changed anything but the page, so that committing results makes no part run again. */
function currentCommit() {
  const git = (...args) => execFileSync('git', [...args, '--', '.', ':!docs/test-full.md'], { cwd: ROOT }).toString();
  const changed = git('status', '--porcelain') !== '';
  return git('log', '-1', '--format=%h').trim() + (changed ? CHANGED : '');
}

const readState = (file) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});

/** Rows of the page by the part's name: results of other machines stay until a part has run here. */
const rowsOf = (table) => new Map(table.split('\n').map((row) => [/^\| (\S+) \|/.exec(row)?.[1], row]));

function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours && `${hours} h`, minutes && `${minutes} min`, `${seconds % 60} s`].filter(Boolean).join(' ');
}

/** @param {Part[]} parts @param {Record<string, Result>} state @param {string} page */
function writePage(parts, state, page) {
  const text = fs.readFileSync(page, 'utf8');
  const before = rowsOf(TABLE.exec(text)[0]);
  const rowOf = ({ name, command }) => {
    const { result, seconds, commit, date } = state[name] ?? {};
    if (!result) return before.get(name) ?? `| ${name} | \`${command}\` | not yet run | – | – | – |`;
    return `| ${name} | \`${command}\` | ${result} | ${duration(seconds)} | ${commit} | ${date} |`;
  };
  const head = '| part | command | result | duration | commit | date |\n|---|---|---|---|---|---|';
  const table = [head, ...parts.map(rowOf)].join('\n');
  fs.writeFileSync(
    page,
    text.replace(TABLE, (_, begin, end) => `${begin}${table}\n${end}`),
  );
}

/**
 * Runs a part with its output shown, in a process group of its own, which a signal to this process ends.
 * @param {Part} part
 * @returns {Promise<{ code: number, output: string, stopped: boolean }>}
 */
function runPart({ command }) {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let stopped = false;
    const stop = () => {
      stopped = true;
      process.kill(-child.pid, 'SIGTERM'); // on SIGINT, a shell would wait for its command
    };
    const show = (stream) => (chunk) => {
      output = (output + chunk).slice(-1e6);
      stream.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', show(process.stdout));
    child.stderr.setEncoding('utf8').on('data', show(process.stderr));
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    child.on('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, stop);
      resolve({ code, output, stopped });
    });
  });
}

/** @param {Part} part @param {{ code: number, output: string }} run */
function resultOf({ skips, counts = COUNTS }, { code, output }) {
  if (skips !== undefined && code === skips) return 'skipped: a registry did not answer';
  const figures = output.match(counts)?.map((text) => text.trim().replaceAll('|', ' ')) ?? [];
  return [code === 0 ? 'passed' : 'failed', figures.join(', ')].filter(Boolean).join(': ');
}

/**
 * @param {string[]} args as the usage has it
 * @param {{ parts: Part[], files: typeof FILES, commit: string, prepare: () => Promise<void> }} where
 * @returns {Promise<number>} the exit status
 */
async function testFull(args, { parts, files, commit, prepare }) {
  if (args.includes('--help')) return console.log(usage(parts)) ?? 0;
  const names = args.filter((arg) => arg !== '--again');
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) return console.error(`no such part: ${unknown.join(', ')}\n\n${usage(parts)}`) ?? 1;
  const state = readState(files.state);
  const again = args.includes('--again') || commit.endsWith(CHANGED);
  const chosen = parts.filter(({ name }) => names.length === 0 || names.includes(name));
  writePage(parts, state, files.page);
  await prepare();
  for (const part of chosen) {
    const before = state[part.name];
    if (!again && before?.passed && before.commit === commit) {
      step(`${part.name}: passed on ${commit} before`);
      continue;
    }
    step(`${part.name}: ${part.command}`);
    const started = Date.now();
    const run = await runPart(part);
    if (run.stopped) {
      step(`stopped in ${part.name}; the same command goes on with it`);
      return 130;
    }
    const seconds = Math.round((Date.now() - started) / 1000);
    const date = new Date().toISOString().slice(0, 10);
    state[part.name] = { commit, result: resultOf(part, run), passed: run.code === 0, seconds, date };
    fs.mkdirSync(path.dirname(files.state), { recursive: true });
    fs.writeFileSync(files.state, JSON.stringify(state, null, 2));
    writePage(parts, state, files.page);
    step(`${part.name}: ${state[part.name].result}, ${duration(seconds)}`);
  }
  const passed = chosen.filter(({ name }) => state[name].passed).length;
  const skipped = chosen.filter(({ name }) => state[name].result.startsWith('skipped')).length;
  const failed = chosen.length - passed - skipped;
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  return failed ? 1 : 0;
}

module.exports = { testFull, FILES };

if (require.main === module) {
  const where = { parts: require('./test-full/parts.js'), files: FILES, prepare: () => setup('test') };
  testFull(process.argv.slice(2), { ...where, commit: currentCommit() }).then(
    (status) => {
      process.exitCode = status;
    },
    (err) => {
      console.error(err.message);
      process.exitCode = 1;
    },
  );
}
