'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile, execFileSync } = require('node:child_process');
const { promisify } = require('node:util');
const ts = require('typescript');

const { EXPRESSES } = require('./support/express');

const ROOT = path.join(__dirname, '..');
const TYPES = path.join(__dirname, 'types');

/** The compiler's complaints about `files`, as text. Settings as a project has them; the package by its own name (package.json's exports). */
function complaints(files, settings) {
  const program = ts.createProgram(files.map((name) => path.join(TYPES, name)), {
    strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, esModuleInterop: true, types: ['node'], typeRoots: [path.join(ROOT, 'node_modules/@types')],
    ...settings,
  });
  return ts.getPreEmitDiagnostics(program).map((d) => `${d.file ? path.relative(ROOT, d.file.fileName) : ''}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`);
}

const NODE = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, skipLibCheck: true };

describe('The types', () => {
  for (const [name, settings] of Object.entries({ 'Node\'s own resolution': NODE, 'a bundler\'s resolution': BUNDLER })) {
    it(`hold for jsonwebtoken's code, createAuth<Claims>, verify<T> and Express, by ${name}`, function () {
      this.timeout(180_000);
      assert.deepEqual(complaints(['drop-in.ts', 'tokens.ts', 'package/express.ts'], settings), []);
    });
  }

  it('leave Express\' Request alone unless signet-jwt/express is imported', function () {
    this.timeout(180_000);
    assert.deepEqual(complaints(['package/without-express.ts'], { ...NODE, skipLibCheck: true }), []);
  });

  it('have every code of the C library\'s table', () => {
    const codes = new Set([...fs.readFileSync(path.join(ROOT, 'include/signet/status.h'), 'utf8').matchAll(/"(ERR_\w+)"/g)].map(([, code]) => code));
    const typed = fs.readFileSync(path.join(ROOT, 'lib/tokens.d.ts'), 'utf8').split('export type SignetErrorCode')[1].split(';')[0];
    assert.deepEqual([...typed.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code).sort(), [...codes].sort());
  });

  it('fit the handlers of Express 4 and 5 at run time, too', () => {
    const { createTestAuth } = require('../lib/testing');
    const auth = createTestAuth();
    for (const [, express] of EXPRESSES) express().use(auth.protect(), auth.router({ authenticate: false }));
    return auth.close();
  });
});

describe('The package as npm packs it', () => {
  let dir, tarball;
  before(function () {
    this.timeout(180_000);
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-pack-'));
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], { cwd: ROOT, encoding: 'utf8' }));
    tarball = path.join(dir, filename);
  });
  after(() => fs.rmSync(dir, { recursive: true, force: true }));

  it('has nothing that publint objects to', async function () {
    this.timeout(180_000);
    const { publint } = await import('publint');
    const { messages } = await publint({ pack: { tarball: Uint8Array.from(fs.readFileSync(tarball)).buffer }, level: 'warning' });
    assert.deepEqual(messages, []);
  });

  it('has types that mean the same to require and to import (@arethetypeswrong/cli)', async function () {
    this.timeout(180_000);
    const bin = path.join(path.dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
    // The client is an ES module, and says so; node10 knows no `exports` at all
    const args = [bin, tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--format', 'table-flipped', '--no-emoji', '--no-color'];
    await promisify(execFile)(process.execPath, args).catch((err) => assert.fail(err.stdout + err.stderr));
  });
});

describe('The entries, run', function () {
  this.timeout(60_000);
  const run = (kind, code) => execFileSync(process.execPath, [`--input-type=${kind}`, '-e', code], { cwd: ROOT, encoding: 'utf8' }).trim();
  const NAMES = 'createAuth,createKey,decode,rotateRefresh,sign,verify';

  it('give require and import the same names', () => {
    const wanted = JSON.stringify(NAMES.split(','));
    assert.equal(run('commonjs', `const m = require('signet-jwt'); console.log(${wanted}.filter((n) => typeof m[n] === 'function').join())`), NAMES);
    assert.equal(run('module', `import * as m from 'signet-jwt'; console.log(${wanted}.filter((n) => typeof m[n] === 'function').join())`), NAMES);
    assert.equal(run('module', `import jwt from 'signet-jwt'; console.log(${wanted}.filter((n) => typeof jwt[n] === 'function').join())`), NAMES);
  });

  it('have the Express part and the testing part for both', () => {
    const names = 'createRouter,createTestAuth,protect';
    assert.equal(run('commonjs', 'console.log(Object.keys({ ...require("signet-jwt/express"), ...require("signet-jwt/testing") }).sort().join())'), names);
    assert.equal(run('module', `import { protect, createRouter } from 'signet-jwt/express'; import { createTestAuth } from 'signet-jwt/testing';
      console.log(Object.keys({ protect, createRouter, createTestAuth }).sort().join())`), names);
  });
});
