'use strict';
// The bill of materials and the licences that come with the prebuilt binaries.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');

const bills = require('../scripts/bill');
const { SQLITE } = require('../scripts/sqlite');
const { unfit } = require('../scripts/prebuild/made-of');
const { MONGOC } = require('../scripts/prebuild/sources');

const { BILL, LICENCES, NOT_LINKED, PINNED, bill, binaries, staleBill, titleOf } = bills;
const ROOT = path.join(__dirname, '..');
const MONGOC_SOURCE = path.join(ROOT, '.cache', 'prebuild', `mongo-c-driver-${MONGOC.version}`);
const FILE = { name: 'prebuilds/linux-x64-gnu/signet.node', sha256: 'a'.repeat(64) };

/** Also below the works that contain others. */
const allOf = (components) => components.flatMap((one) => [one, ...allOf(one.components ?? [])]);

describe('03 the bill of materials', () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

  for (const files of [[], [FILE]]) {
    it(`is valid CycloneDX 1.6 with ${files.length} binaries`, async () => {
      assert.strictEqual(await validator.validate(JSON.stringify(bill(files))), null);
    });
  }

  it('is refused by the same validator with a licence that SPDX does not know', async () => {
    const wrong = bill([FILE]);
    wrong.components[0].licenses = [{ license: { id: 'nobody-knows' } }];
    assert.notStrictEqual(await validator.validate(JSON.stringify(wrong)), null);
  });

  it('says of each binary what is linked in, and of the package what npm installs with it', () => {
    const { components, dependencies, metadata } = bill([FILE]);
    const names = allOf(components).map(({ name, version }) => (version ? `${name} ${version}` : name));
    const { dependencies: wanted } = require('../package.json');
    for (const name of [`sqlite ${SQLITE.version}`, `mongo-c-driver ${MONGOC.version}`, 'libc++'])
      assert.ok(names.includes(name), name);
    const nameOf = (ref) => components.find((one) => one['bom-ref'] === ref).name;
    const of = (ref) => dependencies.find((one) => one.ref === ref).dependsOn.map(nameOf);
    assert.deepStrictEqual(
      of(FILE.name),
      bills.linked(PINNED).map(({ name }) => name),
    );
    assert.deepStrictEqual(of(metadata.component['bom-ref']), [...Object.keys(wanted).sort(), FILE.name]);
  });

  it('gives every part its own reference name', () => {
    const { components, metadata } = bill([FILE]);
    const refs = allOf([metadata.component, ...components]).map((one) => one['bom-ref']);
    assert.deepStrictEqual(
      refs.filter((ref, place) => refs.indexOf(ref) !== place),
      [],
    );
  });

  it("is reproducible: its time is SOURCE_DATE_EPOCH's, its number depends on the binaries", () => {
    const { serialNumber, metadata } = bill([FILE]);
    assert.deepStrictEqual(bill([FILE]), bill([FILE]));
    assert.notStrictEqual(bill([{ ...FILE, sha256: 'b'.repeat(64) }]).serialNumber, serialNumber);
    assert.ok(!('timestamp' in metadata));
    process.env.SOURCE_DATE_EPOCH = '1900000000';
    try {
      assert.strictEqual(bill([FILE]).metadata.timestamp, '2030-03-17T17:46:40.000Z');
    } finally {
      delete process.env.SOURCE_DATE_EPOCH;
    }
  });

  it('names each work of others that mongo-c-driver compiles in, as its notices have them', function () {
    if (!fs.existsSync(MONGOC_SOURCE)) {
      console.log("      skipped: mongo-c-driver's source is not there: node scripts/prebuild.js");
      this.skip();
    }
    const noticed = [...bills.noticesIn(MONGOC_SOURCE).keys()];
    assert.deepStrictEqual(noticed.sort(), [...PINNED.parts, ...NOT_LINKED].sort());
  });

  describe('with another mongo-c-driver', () => {
    const notice = (name) => `License notice for ${name}\n${'-'.repeat(79)}\n\nThe licence of ${name}.\n\n`;
    let folder;
    const driverWith = (...names) => {
      fs.writeFileSync(path.join(folder, 'THIRD_PARTY_NOTICES'), `It uses others.\n\n${names.map(notice).join('')}`);
      return bills.driverIn(folder, '2.5.8');
    };
    beforeEach(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-bill-'));
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    it("is also valid, and lists what the driver's notices list", async () => {
      const made = bill([FILE], driverWith('utf8proc', 'zlib', 'common-md5.c'));
      assert.strictEqual(await validator.validate(JSON.stringify(made)), null);
      const { version, purl, components } = made.components.find(({ name }) => name === 'mongo-c-driver');
      assert.deepStrictEqual([version, purl], ['2.5.8', 'pkg:github/mongodb/mongo-c-driver@2.5.8']);
      assert.deepStrictEqual(
        components.map(({ name }) => name),
        ['common-md5.c', 'utf8proc'],
      );
      assert.deepStrictEqual(bill([FILE], bills.driverOf(made)), made);
    });

    it('is refused if a licence is not known', () => {
      assert.throws(() => driverWith('a-new-work.c'), /mongo-c-driver 2\.5\.8 contains a-new-work\.c: add the licence/);
    });
  });
});

describe('03 what is next to the binaries', () => {
  const targets = binaries().map(({ name }) => name.split('/')[1]);
  const none = targets.length === 0 ? 'there are no binaries: node scripts/prebuild.js' : null;
  const missing = none ?? targets.map(unfit).find(Boolean);
  if (missing) {
    it.skip(`skipped: ${missing}`);
    return;
  }

  it('belongs to these binaries, and has the licence of each work in them', () => {
    assert.strictEqual(staleBill(), null);
    const texts = fs.readFileSync(LICENCES, 'utf8').split(/^={80}\n(.+)\n={80}\n\n/m);
    const driver = bills.driverOf(JSON.parse(fs.readFileSync(BILL, 'utf8')));
    for (const work of bills.linked(driver).flatMap((one) => [one, ...(one.contains ?? [])])) {
      const title = titleOf(work);
      const text = texts[texts.indexOf(title) + 1];
      assert.match(text, /copyright|licen[sc]e/i, title);
      assert.ok(text.length > 300, title);
    }
  });

  it('is refused if a binary was replaced', () => {
    const found = JSON.parse(fs.readFileSync(BILL, 'utf8'));
    assert.ok(found.components.some(({ type }) => type === 'file'));
    const before = fs.readFileSync(BILL);
    try {
      const others = found.components.filter(({ type }) => type !== 'file');
      fs.writeFileSync(BILL, JSON.stringify({ ...found, components: others }));
      assert.match(staleBill(), /are not of these binaries: node scripts\/prebuild\.js$/);
    } finally {
      fs.writeFileSync(BILL, before);
    }
  });

  it('is refused if a binary has another driver than it names', () => {
    const [target] = binaries().map(({ name }) => name.split('/')[1]);
    const file = path.join(ROOT, 'prebuilds', target, 'made-of');
    const before = fs.readFileSync(file, 'utf8');
    try {
      fs.writeFileSync(file, `${before.split(' ')[0]} 0.0.1`);
      assert.match(staleBill(), new RegExp(`^${target}: not of mongo-c-driver`));
    } finally {
      fs.writeFileSync(file, before);
    }
  });

  for (const { name } of binaries()) {
    it(`${name} contains the SQLite and the mongo-c-driver of the bill`, () => {
      const { version } = bills.driverOf(JSON.parse(fs.readFileSync(BILL, 'utf8')));
      const binary = fs.readFileSync(path.join(ROOT, name));
      const driver = version.replace(/-dev$/, '-pre'); // as the driver calls a version before its release
      assert.ok(binary.includes(`\0${SQLITE.version}\0`) && binary.includes(`\0${driver}\0`));
    });
  }
});
