'use strict';
// What `npm publish` would send: every file matches a rule, and every rule a file.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');

const { TARGETS } = require('../scripts/prebuild/targets');

const ROOT = path.join(__dirname, '..');
const MB = 1e6;

// Files under version control that must be in it. What no rule names must not.
const RULES = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^(decode|express|mongoose|sign|testing|verify)\.js$/,
  /^lib\/.+\.(js|d\.ts)$/,
  /^client\/(\w+\.(js|d\.ts)|package\.json)$/,
  /^docs\/([\w-]+\.md|benchmarks\/[\w-]+\.svg)$/,
  /^include\/.+\.h$/, // from here on, for a build from source
  /^src\/.+\.(c|cc|h)$/,
  /^native\/(binding\.gyp|build\.js)$/,
  /^scripts\/native-flags\.js$/,
];
// What is made: the binaries, the digest of what they were made of, and what they contain.
const MADE = new RegExp(
  `^prebuilds/((${Object.keys(TARGETS).join('|')})/(signet\\.node|made-of)|sbom\\.cdx\\.json|LICENSES)$`,
);

describe('03 the tarball', () => {
  let pack;
  before(() => {
    const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    [pack] = JSON.parse(told);
  });

  it('has the files that the rules name, the binaries with their bill, and nothing else', () => {
    const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
    }).split('\0');
    const wanted = tracked.filter((file) => RULES.some((rule) => rule.test(file)));
    const packed = pack.files.map(({ path: file }) => file);
    assert.deepStrictEqual(packed.filter((file) => !MADE.test(file)).sort(), wanted.sort());
  });

  it('has at least one file for each rule', () => {
    const packed = pack.files.map(({ path: file }) => file);
    assert.deepStrictEqual(
      RULES.filter((rule) => !packed.some((file) => rule.test(file))),
      [],
    );
  });

  it('installs on the systems that there are binaries for, and on no other', () => {
    const systems = Object.values(TARGETS).map(({ platform }) => platform);
    assert.deepStrictEqual([...require('../package.json').os].sort(), [...new Set(systems)].sort());
  });

  it('is smaller than 9 MB', () => {
    assert.ok(pack.size < 9 * MB, `${pack.size} bytes`);
  });
});
