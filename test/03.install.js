'use strict';
// What installers, and shells of other systems, cannot handle. (`npm run test:install` runs the installers.)

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { nodeDir } = require('../scripts/setup');

const ROOT = path.join(__dirname, '..');
const read = (file) => JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

describe('03 the install', () => {
  it('runs no script, and finds no binding.gyp at the root, which pnpm takes for one', () => {
    const { scripts, files } = read('package.json');
    assert.deepStrictEqual(
      ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'].filter((name) => scripts[name]),
      [],
    );
    assert.ok(!tracked.includes('binding.gyp'));
    assert.ok(files.includes('native/binding.gyp') && files.includes('native/build.js'));
    assert.ok(!files.some((name) => path.posix.basename(name) === 'binding.gyp' && !name.includes('/')));
  });

  it('has a command `signet-jwt`, which says what it takes', () => {
    const { bin } = read('package.json');
    const asked = (...args) => execFileSync(process.execPath, [path.join(ROOT, bin), ...args], { encoding: 'utf8' });
    assert.match(asked('--help'), /^signet-jwt build /);
    assert.strictEqual(asked('build', '--help'), asked('--help'));
    assert.throws(() => asked('nonsense'), { status: 1 });
    assert.match(fs.readFileSync(path.join(ROOT, bin), 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });

  // What only some shells know: lists, variables, quotes, patterns, redirections, paths with ./, POSIX's programs.
  const SHELL = [
    /&&|\|\||[;|<>`$'~*?\\]/,
    /(^|\s)\.\.?\//,
    /^\s*\w+=/,
    /(^|\s)(cat|chmod|cp|echo|env|export|find|grep|ln|mkdir|mv|rm|sed|sh|bash|source|test|touch|true|which)(\s|$)/,
  ];
  const packages = tracked.filter(
    (file) => path.basename(file) === 'package.json' && fs.existsSync(path.join(ROOT, file)),
  );

  it('of the checkout has npm scripts that every shell understands, cmd too', () => {
    const lines = packages.flatMap((file) => Object.values(read(file).scripts ?? {}).map((line) => `${file}: ${line}`));
    assert.ok(lines.length > 10);
    assert.deepStrictEqual(
      lines.filter((line) => SHELL.some((syntax) => syntax.test(line.slice(line.indexOf(': ') + 2)))),
      [],
    );
  });
});

describe("03 gyp's project for macOS, which has no cflags", function suite() {
  this.timeout(120_000);

  /** The makefile that node-gyp generates there. Xcode's programs are asked for versions and folders only. */
  function makefile() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-gyp-'));
    const at = (...names) => path.join(folder, ...names);
    try {
      for (const place of ['include', 'src', 'native/binding.gyp', 'scripts/native-flags.js'])
        fs.cpSync(path.join(ROOT, place), at(place), { recursive: true });
      fs.symlinkSync(path.join(ROOT, 'node_modules'), at('node_modules'));
      fs.mkdirSync(at('bin'));
      for (const name of ['xcodebuild', 'xcode-select', 'xcrun'])
        fs.writeFileSync(at('bin', name), '#!/bin/sh\necho "Xcode 15.0"\necho "Build version 15A240d"\n', {
          mode: 0o755,
        });
      const gyp = path.join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
      execFileSync(process.execPath, [gyp, 'configure', ...nodeDir(), '--', '-f', 'make-mac', '-DOS=mac'], {
        cwd: at('native'),
        env: { ...process.env, PATH: `${at('bin')}${path.delimiter}${process.env.PATH}` },
        stdio: 'pipe',
      });
      return fs.readFileSync(at('native', 'build', 'signet.target.mk'), 'utf8');
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }

  it('compiles with exceptions and RTTI, hides symbols, and runs on macOS 11', () => {
    const text = makefile();
    assert.doesNotMatch(text, /-fno-(exceptions|rtti)/);
    assert.match(text, /^CFLAGS_Release := \\\n(\t.*\n)*\t-fvisibility=hidden/m);
    assert.match(text, /^CFLAGS_C_Release := \\\n\t-std=c11 /m);
    assert.match(text, /^CFLAGS_CC_Release := \\\n\t-std=c\+\+17 /m);
    const versions = new Set([...text.matchAll(/-mmacosx-version-min=(\S+)/g)].map(([, version]) => version));
    assert.deepStrictEqual([...versions], ['11.0']);
  });
});
