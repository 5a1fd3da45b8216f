'use strict';
// Between a tag and its publication: what the release script refuses, and what the workflows may do.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { faults } = require('../scripts/release');
const { fixedReleases, lookedAt } = require('../scripts/prebuild/advisories');

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(ROOT, '.github', 'workflows');
const WORKFLOWS = fs.readdirSync(FOLDER).map((name) => [name, fs.readFileSync(path.join(FOLDER, name), 'utf8')]);

describe('04 a release', () => {
  const READY = {
    tag: 'v1.2.3',
    manifest: {
      version: '1.2.3',
      author: 'An Author',
      repository: { type: 'git', url: 'git+https://example.org/them/signet.git' },
      bugs: 'https://example.org/them/signet/issues',
    },
    changelog: '# Changelog\n\n## [1.2.3] - 2030-01-01\n',
    security: 'Write to security@example.org.',
    readme: '# Signet',
    repository: 'them/signet',
    bill: { components: [{ name: 'mongo-c-driver', version: fixedReleases()[1] }] },
    binaries: [],
    nowMs: Date.parse(lookedAt),
  };
  const driver = (version) => ({ bill: { components: [{ name: 'mongo-c-driver', version }] } });

  it('is published if nothing is missing', () => assert.deepStrictEqual(faults(READY), []));

  for (const [what, change, told] of [
    ['of another version than its tag', { tag: 'v1.2.4' }, /tag is v1\.2\.4, and the version in package\.json 1\.2\.3/],
    ['without a date', { changelog: '\n## [1.2.3] - unreleased' }, /CHANGELOG\.md has no date for 1\.2\.3/],
    ['without a repository', { manifest: { ...READY.manifest, repository: undefined } }, /has no "repository"/],
    ['of a fork', { repository: 'others/signet' }, /"repository" .* and this is others\/signet/],
    ['without an author', { manifest: { ...READY.manifest, author: undefined } }, /no "author"/],
    ['without a place for bugs', { manifest: { ...READY.manifest, bugs: undefined } }, /no "bugs"/],
    ['without a private contact', { security: 'Report it privately.' }, /SECURITY\.md names no address/],
    ['that says it is not published', { readme: 'The package is not published yet.' }, /not published yet/],
    [
      'with a driver of 2025',
      driver('1.30.14'),
      /contain mongo-c-driver 1\.30\.14; publish 1\.30\.\d+ or 2\.\d+\.\d+ or later/,
    ],
    ["with Debian's driver", driver('1.23.1'), /contain mongo-c-driver 1\.23\.1/],
    ['with a driver of 2.5.7', driver('2.5.7'), /contain mongo-c-driver 2\.5\.7/],
    ['a month after the advisories were looked at', { nowMs: Date.parse(lookedAt) + 31 * 86_400_000 }, /look again/],
    ['with an unfit binary', { binaries: ['it is of other sources'] }, /of other sources/],
  ]) {
    it(`${what} is refused`, () => {
      const missing = faults({ ...READY, ...change });
      assert.strictEqual(missing.length, 1, missing.join('\n'));
      assert.match(missing[0], told);
    });
  }

  for (const version of [...fixedReleases(), '1.31.0', '2.10.0']) {
    it(`with mongo-c-driver ${version} is published`, () =>
      assert.deepStrictEqual(faults({ ...READY, ...driver(version) }), []));
  }
});

describe('04 the workflows', () => {
  for (const [name, text] of WORKFLOWS) {
    it(`${name} says that it has never run`, () => assert.match(text, /^# NEVER RUN: /));

    it(`${name} pins each action by commit, with its version`, () => {
      const uses = [...text.matchAll(/\buses: (.+)/g)].map(([, used]) => used).filter((used) => !used.startsWith('./'));
      assert.ok(uses.length > 0);
      assert.deepStrictEqual(
        uses.filter((used) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used)),
        [],
      );
    });

    it(`${name} may read the repository, and only publishing gets an identity`, () => {
      const granted = [...text.matchAll(/^ *([\w-]+): (write|write-all|read-all)\b/gm)].map(([line]) => line.trim());
      assert.match(text, /^permissions:(?: \{\}|\n {2}contents: read)\n\n/m);
      assert.deepStrictEqual(granted, name === 'release.yml' ? ['id-token: write'] : []);
      assert.ok(!/\bsecrets\./.test(text), 'a secret');
    });

    it(`${name} leaves no token in a checkout, and has no expression in a script`, () => {
      const checkouts = text.match(/uses: actions\/checkout@.*\n +with:\n +persist-credentials: false\n/g) ?? [];
      assert.strictEqual(checkouts.length, (text.match(/actions\/checkout@/g) ?? []).length);
      assert.doesNotMatch(text, /^ *- run: .*\$\{\{/m);
    });

    it(`${name} runs only scripts and tests that exist`, () => {
      const named = [...text.matchAll(/\b(?:scripts|test|\.ci)\/[\w./-]+/g)].map(([file]) => file);
      assert.ok(named.length > 0);
      const exists = (file) =>
        fs.existsSync(path.join(ROOT, file)) ||
        fs.readdirSync(path.join(ROOT, path.dirname(file))).some((one) => one.startsWith(path.basename(file)));
      assert.deepStrictEqual(
        named.filter((file) => !exists(file)),
        [],
      );
    });
  }

  it('test on Windows, macOS with both processors, arm64, Alpine, and every version of Node that is supported', () => {
    const [, text] = WORKFLOWS.find(([name]) => name === 'ci.yml');
    for (const word of ['windows-2025', 'windows-11-arm', 'macos-15', 'macos-15-intel', 'ubuntu-24.04-arm', 'alpine'])
      assert.match(text, new RegExp(`\\b${word}[,\\]]`));
    assert.match(text, /node: \[20, 22, 24, 26\]/);
  });
});
