'use strict';
// The security fixes of mongo-c-driver, which is linked into the binaries: scripts/prebuild/driver.json.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { PINNED, advisories, fixedReleases, lackedBy, lookedAt } = require('../scripts/prebuild/advisories');
const { mongocDriver } = require('../scripts/prebuild/sources');

const ROOT = path.join(__dirname, '..');
const ids = (list) => list.map(({ id }) => id);

describe("03 the driver's advisories", () => {
  it('the pinned version has each fix, or the advisory is accepted with a reason', () => {
    const open = lackedBy(PINNED).filter(({ accepted = '' }) => accepted.split(' ').length < 4);
    assert.deepStrictEqual(ids(open), []);
  });

  it('none is accepted, or said to affect the binaries, whose fix the pinned version has', () => {
    const lacked = lackedBy(PINNED);
    assert.deepStrictEqual(ids(advisories.filter((one) => (one.accepted || one.affects) && !lacked.includes(one))), []);
  });

  it('each has a number and a fix, and its date if that is known; the newest is first and was looked at', () => {
    for (const { id, published, what, fixedIn } of advisories) {
      assert.match(id, /^CVE-20\d\d-\d{4,}$/);
      assert.match(published ?? '2026-01-01', /^20\d\d-\d\d-\d\d$/, id);
      assert.ok(what.length > 15 && fixedIn.length > 0, id);
    }
    assert.strictEqual(new Set(ids(advisories)).size, advisories.length);
    const dates = advisories.map(({ published }) => published).filter(Boolean);
    assert.deepStrictEqual(dates, [...dates].sort().reverse());
    assert.ok(lookedAt >= dates[0] && lookedAt <= new Date().toISOString().slice(0, 10));
  });

  it('releasing.md names those that can hit the binaries, and the releases that have all fixes', () => {
    const page = fs.readFileSync(path.join(ROOT, 'docs/releasing.md'), 'utf8');
    const named = [...page.matchAll(/CVE-\d+-\d+/g)].map(([id]) => id);
    assert.deepStrictEqual([...new Set(named)].sort(), ids(lackedBy(PINNED).filter((one) => one.affects)).sort());
    for (const release of fixedReleases()) assert.ok(page.includes(release), release);
    assert.ok(page.includes(PINNED.split('-')[0]));
  });

  it('a version lacks what was fixed after it, in its own series', () => {
    const heap = 'CVE-2026-96746'; // 1.30.12, 2.5.5
    const lacks = (version) => ids(lackedBy(version)).includes(heap);
    assert.deepStrictEqual(['1.30.11', '1.30.12', '1.31.0', '2.0.0', '2.5.4', '2.5.5', '2.10.0'].map(lacks), [
      true,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    assert.deepStrictEqual(fixedReleases().map(lackedBy).map(ids), [[], []]);
    const patched = 'CVE-2026-4359'; // Debian's revision 1+deb12u3
    const revisions = ['1.23.1', '1.23.1-1+deb12u2', '1.23.1-1+deb12u3', '1.23.2-1+deb12u3'];
    assert.deepStrictEqual(
      revisions.map((version) => ids(lackedBy(version)).includes(patched)),
      [true, true, false, true],
    );
  });
});

describe('03 another driver', () => {
  let folder;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-driver-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('is known by its own version', () => {
    fs.mkdirSync(path.join(folder, 'src/libmongoc'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'VERSION_CURRENT'), '2.5.9\n');
    assert.deepStrictEqual(mongocDriver('unused', folder), { folder, version: '2.5.9', isPinned: false });
  });

  it('that is none is refused before anything is built', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/prebuild.js', `--mongoc=${folder}`], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    assert.strictEqual(status, 1);
    assert.match(stderr, /^--mongoc=.*: not the source of mongo-c-driver: it has no VERSION_CURRENT/);
  });
});
