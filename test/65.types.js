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

/**
 * The compiler's complaints about `files`, as text. Settings as a project has them; the package by its own name
 * (package.json's exports).
 */
function complaints(files, settings) {
  const program = ts.createProgram(
    files.map((name) => path.join(TYPES, name)),
    {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      types: ['node'],
      typeRoots: [path.join(__dirname, 'node_modules/@types')],
      ...settings,
    },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      (d) =>
        `${d.file ? path.relative(ROOT, d.file.fileName) : ''}: ` +
        ts.flattenDiagnosticMessageText(d.messageText, '\n'),
    );
}

/** The types, as TypeScript writes them, of what a file gives its `expect<…>()(…)`. */
function expectedTypes(file) {
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    ...NODE,
  });
  const checker = program.getTypeChecker();
  const found = [];
  (function visit(node) {
    if (
      ts.isCallExpression(node) &&
      ts.isCallExpression(node.expression) &&
      node.expression.expression.getText() === 'expect'
    ) {
      found.push(checker.typeToString(checker.getTypeAtLocation(node.arguments[0])));
    }
    ts.forEachChild(node, visit);
  })(program.getSourceFile(file));
  return found.map((text) => text.replaceAll('jwt.', '').split(' | ').sort().join(' | ')).sort();
}

/**
 * Runs `check` with a folder in which the package is installed: only there is it found where `exports` are not looked
 * at.
 */
function installed(check) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-types-'));
  try {
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(ROOT, path.join(folder, 'node_modules/signet-jwt'));
    for (const place of ['test/node_modules/express', 'test/node_modules/@types', 'node_modules/mongoose']) {
      fs.symlinkSync(path.join(ROOT, place), path.join(folder, 'node_modules', path.basename(place)));
    }
    return check(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const NODE = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, skipLibCheck: true };

describe('The types', () => {
  for (const [name, settings] of Object.entries({ "Node's own resolution": NODE, "a bundler's resolution": BUNDLER })) {
    it(`hold for jsonwebtoken's code, createAuth<Claims>, verify<T> and Express, by ${name}`, function () {
      this.timeout(180_000);
      assert.deepEqual(complaints(['drop-in.ts', 'tokens.ts', 'package/express.ts'], settings), []);
    });
  }

  it('are those of @types/jsonwebtoken, by text too, and fit what its dependents do with them', function () {
    this.timeout(180_000);
    const files = ['as-jsonwebtoken.ts'];
    for (const settings of [NODE, { ...BUNDLER, module: ts.ModuleKind.Preserve }]) {
      assert.deepEqual(complaints(files, { ...settings, exactOptionalPropertyTypes: true, skipLibCheck: true }), []);
    }
    assert.deepEqual(
      expectedTypes(path.join(TYPES, files[0])),
      [
        ...Array(2).fill('Jwt'),
        ...Array(2).fill('Jwt | JwtPayload | string'),
        ...Array(2).fill('Jwt | null'),
        ...Array(10).fill('JwtPayload | string'),
        'JwtPayload | null',
        ...Array(4).fill('JwtPayload | null | string'),
      ].sort(),
    );
  });

  it('are found by moduleResolution node10, subpaths too', function () {
    this.timeout(180_000);
    const NODE10 = {
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      skipLibCheck: true,
    };
    installed((folder) => {
      fs.copyFileSync(path.join(TYPES, 'package/node10.ts'), path.join(folder, 'node10.ts'));
      assert.deepEqual(
        complaints([path.relative(TYPES, path.join(folder, 'node10.ts'))], {
          ...NODE10,
          lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
        }),
        [],
      );
    });
  });

  it("leave Express' Request alone unless signet-jwt/express is imported", function () {
    this.timeout(180_000);
    assert.deepEqual(complaints(['package/without-express.ts'], { ...NODE, skipLibCheck: true }), []);
  });

  it("have every code of the C library's table", () => {
    const codes = new Set(
      [...fs.readFileSync(path.join(ROOT, 'include/signet/status.h'), 'utf8').matchAll(/"(ERR_\w+)"/g)].map(
        ([, code]) => code,
      ),
    );
    const typed = fs
      .readFileSync(path.join(ROOT, 'lib/jwt/index.d.ts'), 'utf8')
      .split('export type SignetErrorCode')[1]
      .split(';')[0];
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
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
        cwd: ROOT,
        encoding: 'utf8',
      }),
    );
    tarball = path.join(dir, filename);
  });
  after(() => fs.rmSync(dir, { recursive: true, force: true }));

  it('has nothing that publint objects to', async function () {
    this.timeout(180_000);
    const { publint } = await import('publint');
    const { messages } = await publint({
      pack: { tarball: Uint8Array.from(fs.readFileSync(tarball)).buffer },
      level: 'warning',
    });
    assert.deepEqual(messages, []);
  });

  it('has types that mean the same to require and to import (@arethetypeswrong/cli)', async function () {
    this.timeout(180_000);
    const bin = path.join(path.dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
    // The client is an ES module, and says so; node10 knows no `exports` at all
    const args = [
      bin,
      tarball,
      '--profile',
      'node16',
      '--ignore-rules',
      'cjs-resolves-to-esm',
      '--format',
      'table-flipped',
      '--no-emoji',
      '--no-color',
    ];
    await promisify(execFile)(process.execPath, args).catch((err) => assert.fail(err.stdout + err.stderr));
  });
});

describe('The entries, run', function () {
  this.timeout(60_000);
  const run = (kind, code) =>
    execFileSync(process.execPath, [`--input-type=${kind}`, '-e', code], { cwd: ROOT, encoding: 'utf8' }).trim();
  const NAMES = 'createAuth,createKey,decode,rotateRefresh,sign,verify';

  it('give require and import the same names', () => {
    const wanted = JSON.stringify(NAMES.split(','));
    assert.equal(
      run(
        'commonjs',
        `const m = require('signet-jwt'); console.log(${wanted}.filter((n) => typeof m[n] === 'function').join())`,
      ),
      NAMES,
    );
    assert.equal(
      run(
        'module',
        `import * as m from 'signet-jwt'; console.log(${wanted}.filter((n) => typeof m[n] === 'function').join())`,
      ),
      NAMES,
    );
    assert.equal(
      run(
        'module',
        `import jwt from 'signet-jwt'; console.log(${wanted}.filter((n) => typeof jwt[n] === 'function').join())`,
      ),
      NAMES,
    );
  });

  it('have the Express part and the testing part for both', () => {
    const names = 'createRouter,createTestAuth,protect';
    assert.equal(
      run(
        'commonjs',
        `const all = { ...require("signet-jwt/express"), ...require("signet-jwt/testing") };
      console.log(Object.keys(all).sort().join())`,
      ),
      names,
    );
    assert.equal(
      run(
        'module',
        `import { protect, createRouter } from 'signet-jwt/express';
      import { createTestAuth } from 'signet-jwt/testing';
      console.log(Object.keys({ protect, createRouter, createTestAuth }).sort().join())`,
      ),
      names,
    );
  });
});
