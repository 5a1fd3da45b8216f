'use strict';
// The sources of the linked libraries, each from a package registry with its own client, pinned by version and digest.

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('../console.js');
const { sqliteSource, verify } = require('../sqlite.js');

// Debian's source package: upstream's archive with Debian's security patches, up to that revision.
const { pinned: MONGOC } = require('./driver.json');

const PATCH = path.join(__dirname, 'mongoc-saslprep.patch');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** This machine's Debian mirrors, as lines of a sources.list for the source packages of MONGOC.suite. */
function sourceLines() {
  const targets = run(
    'apt-get',
    ['indextargets', '--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)', 'Created-By: Packages'],
    { stdio: 'pipe' },
  );
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1];
  const lines = targets
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      ([release, component]) =>
        component === 'main' && [codename, `${codename}-updates`, `${codename}-security`].includes(release),
    )
    .map(([release, , uri]) => `deb-src [signed-by=${KEYRING}] ${uri} ${release.replace(codename, MONGOC.suite)} main`);
  if (lines.length === 0)
    throw new Error(`apt's sources name no Debian mirror on this machine: mongo-c-driver's source cannot be had here`);
  return [...new Set(lines)];
}

/** @param {string} cache @returns {string} the folder with mongo-c-driver's source */
function mongocSource(cache) {
  const folder = path.join(cache, `mongo-c-driver-${MONGOC.version}`);
  const applied = path.join(folder, 'applied.patch');
  const patch = fs.readFileSync(PATCH, 'utf8');
  if (!fs.existsSync(applied) || fs.readFileSync(applied, 'utf8') !== patch) {
    fs.rmSync(folder, { recursive: true, force: true });
    step(`mongo-c-driver ${MONGOC.version}'s source, from Debian`);
    const apt = path.join(cache, 'apt');
    fs.rmSync(apt, { recursive: true, force: true });
    for (const place of ['lists/partial', 'archives/partial', 'source'])
      fs.mkdirSync(path.join(apt, place), { recursive: true });
    fs.writeFileSync(path.join(apt, 'sources.list'), `${sourceLines().join('\n')}\n`);
    const options = [
      `Dir::Etc::sourcelist=${apt}/sources.list`,
      'Dir::Etc::sourceparts=/dev/null',
      `Dir::State::lists=${apt}/lists`,
      `Dir::Cache=${apt}`,
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    const source = path.join(apt, 'source');
    run('apt-get', [...options, 'update', '-qq']);
    // unpacks and patches: needs dpkg-dev
    run('apt-get', [...options, 'source', '-qq', 'mongo-c-driver'], { cwd: source });
    verify(path.join(source, `mongo-c-driver_${MONGOC.version}.orig.tar.gz`), MONGOC.sha256);
    const unpacked = path.join(source, path.basename(folder));
    run('patch', ['--strip=1', '--forward', '--input', PATCH], { cwd: unpacked });
    fs.writeFileSync(path.join(unpacked, path.basename(applied)), patch);
    fs.renameSync(unpacked, folder);
    fs.rmSync(apt, { recursive: true });
  }
  verifyRevision(folder);
  return folder;
}

/**
 * The driver that is linked in: Debian's, pinned, or another 1.x or 2.x source, as it is in its folder.
 * @param {string} cache @param {string} [given] that folder
 * @returns {{ folder: string, version: string, isPinned: boolean }}
 */
function mongocDriver(cache, given) {
  if (given === undefined) return { folder: mongocSource(cache), version: MONGOC.version, isPinned: true };
  const folder = path.resolve(given);
  const file = path.join(folder, 'VERSION_CURRENT');
  if (!fs.existsSync(file) || !fs.existsSync(path.join(folder, 'src', 'libmongoc')))
    throw Object.assign(
      new Error(`--mongoc=${given}: not the source of mongo-c-driver: it has no VERSION_CURRENT or no src/libmongoc`),
      { exitCode: 1 },
    );
  return { folder, version: fs.readFileSync(file, 'utf8').trim(), isPinned: false };
}

/** Throws if Debian has patched the driver since: what the binaries contain, and the advisories, must be looked at. */
function verifyRevision(folder) {
  const [, found] = /^mongo-c-driver \((\S+)\)/.exec(fs.readFileSync(path.join(folder, 'debian', 'changelog'), 'utf8'));
  const expected = `${MONGOC.version}-${MONGOC.revision}`;
  if (found === expected) return;
  throw Object.assign(
    new Error(
      `Debian's mongo-c-driver is ${found}, expected is ${expected}: read debian/changelog in ${folder}, ` +
        'then set `revision` in scripts/prebuild/driver.json',
    ),
    { exitCode: 1 },
  );
}

module.exports = { sqliteSource, mongocDriver, MONGOC };
