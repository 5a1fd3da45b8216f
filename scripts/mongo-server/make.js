'use strict';
// Builds the server's programs, once: a Debian folder with PostgreSQL and DocumentDB (with debootstrap), and FerretDB
// (with Go).

const fs = require('node:fs');
const path = require('node:path');
const paths = require('./paths');
const { Unavailable, inside, output, run, say } = require('./shell');

const SUITE = 'forky'; // the first Debian that has DocumentDB
const PACKAGE = 'postgresql-18-documentdb';
const FERRETDB = 'github.com/FerretDB/FerretDB/v2/cmd/ferretdb';
const FERRETDB_VERSION = 'v2.7.0';
const INSTEAD = 'Or set MONGODB_URI to a MongoDB server that tests may write to.';

const logFile = () => path.join(paths.home, 'make.log');

/** This machine's Debian mirror, according to apt (which reads both formats of its sources). */
function mirror() {
  const release = fs.readFileSync('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(release)?.[1];
  const lines =
    output('apt-get', ['indextargets', '--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)', 'Created-By: Packages']) ??
    '';
  const line = lines
    .split('\n')
    .find((text) => /^ID="?debian/m.test(release) && text.startsWith(`${codename} main http`));
  if (!line) throw new Unavailable(`apt's sources name no Debian mirror on this machine. ${INSTEAD}`);
  return line.split(' ')[2];
}

/** apt's proxies: as lines of an apt.conf, and as environment variables for debootstrap's downloads. */
function proxies() {
  const dump = output('apt-config', ['dump', '--format', '%f "%v";%n', 'Acquire']) ?? '';
  const lines = dump.split('\n').filter((line) => /^Acquire::https?::Proxy "[^"]/.test(line));
  const env = Object.fromEntries(
    lines.map((line) => [`${/::(https?)::/.exec(line)[1]}_proxy`, /"(.*)"/.exec(line)[1]]),
  );
  return { lines, env: { ...process.env, ...env } };
}

function checkMachine() {
  if (process.platform !== 'linux') throw new Unavailable(`the test server needs Linux. ${INSTEAD}`);
  if (process.getuid() !== 0)
    throw new Unavailable(
      `the test server is made and run as root, once: sudo node scripts/mongo-server.js up. ${INSTEAD}`,
    );
  if (output('apt-get', ['--version']) === null)
    throw new Unavailable(`the test server needs Debian's apt-get. ${INSTEAD}`);
  if (output('unshare', ['--mount', 'true']) === null) {
    throw new Unavailable(
      `the test server needs the right to mount (CAP_SYS_ADMIN), which this container lacks. ${INSTEAD}`,
    );
  }
}

async function ensureDebootstrap() {
  const missing = [
    ['debootstrap', 'debootstrap'],
    ['openssl', 'openssl'],
  ].filter(([program]) => output('sh', ['-c', `command -v ${program}`]) === null);
  const keyring = fs.existsSync('/usr/share/keyrings/debian-archive-keyring.gpg') ? [] : ['debian-archive-keyring'];
  const packages = [...missing.map(([, name]) => name), ...keyring];
  if (packages.length === 0) return;
  say(`apt-get install ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['-q', 'update'], { log: logFile(), env });
  await run('apt-get', ['-q', '-y', 'install', '--no-install-recommends', ...packages], { log: logFile(), env });
}

/**
 * This machine's trusted certificates, for use in the Debian folder: an HTTPS proxy may have its own authority.
 */
const TRUSTED = 'etc/ssl/certs-of-the-machine.crt';

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const hasBundle = () => fs.existsSync(BUNDLE);

/**
 * Configures the Debian folder before packages are installed: no services, no documentation, no fsync per file.
 */
function settle(root) {
  const write = (name, text, mode = 0o644) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text, { mode });
  };
  write('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  write('etc/postgresql-common/createcluster.conf', 'create_main_cluster = false\n');
  write(
    'etc/dpkg/dpkg.cfg.d/signet',
    'force-unsafe-io\npath-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n',
  );
  write(
    'etc/apt/apt.conf.d/90signet',
    [
      'Acquire::Check-Valid-Until "false";',
      'Acquire::Languages "none";',
      ...(hasBundle() ? [`Acquire::https::CAInfo "/${TRUSTED}";`] : []),
      ...proxies().lines,
      '',
    ].join('\n'),
  );
  fs.copyFileSync('/etc/resolv.conf', path.join(root, 'etc/resolv.conf'));
  if (hasBundle()) write(TRUSTED, fs.readFileSync(BUNDLE));
}

const chrootEnv = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
  HOME: '/root',
};

async function makeRoot() {
  const part = `${paths.root}.part`;
  fs.rmSync(part, { recursive: true, force: true });
  await ensureDebootstrap();
  say(`making a Debian folder (${SUITE}, about 40 s)`);
  const source = mirror();
  const args = [
    '--variant=minbase',
    '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
    ...(source.startsWith('https') ? ['--include=ca-certificates'] : []),
    SUITE,
    part,
    source,
    '/usr/share/debootstrap/scripts/sid',
  ];
  await run('unshare', ['--mount', '--propagation', 'private', 'debootstrap', ...args], {
    log: logFile(),
    env: proxies().env,
  });
  settle(part);
  say(`installing ${PACKAGE} in it (about 30 s)`);
  const install = `apt-get -q update && apt-get -q -y install --no-install-recommends ${PACKAGE} && apt-get clean`;
  await run(...inside(part, 'sh', '-c', install), { log: logFile(), env: chrootEnv });
  fs.renameSync(part, paths.root);
}

/**
 * This machine's Go if it can build FerretDB (from 1.21 on, Go fetches a newer toolchain itself), else the Debian
 * folder's.
 */
function goIsUsable() {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(output('go', ['version']) ?? '') ?? [];
  return Number(major) > 1 || Number(minor) >= 21;
}

const goScript = (target) => `set -e
go mod init signet.test/mongo-server
go get -tool ${FERRETDB}@${FERRETDB_VERSION}
go build -o ${target} ${FERRETDB}`;

async function makeFerretdb(rootMade) {
  const part = path.join(paths.home, 'ferretdb.part');
  const folder = path.join(paths.home, 'ferretdb.build');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  if (goIsUsable()) {
    say(`building FerretDB ${FERRETDB_VERSION} (about a minute)`);
    await run('sh', ['-c', goScript(part)], {
      log: path.join(paths.home, 'make-ferretdb.log'),
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  } else {
    await rootMade;
    say(`installing Go in the Debian folder and building FerretDB ${FERRETDB_VERSION} (some minutes)`);
    const script = [
      'apt-get -q -y install --no-install-recommends golang-go ca-certificates',
      'mkdir -p /tmp/build && cd /tmp/build && rm -f go.*',
      goScript('/tmp/build/ferretdb'),
    ].join(' && ');
    const { GOFLAGS = '', GOPROXY = '', GOSUMDB = '' } = process.env;
    await run(...inside(paths.root, 'sh', '-c', script), {
      log: logFile(),
      env: {
        ...proxies().env,
        ...chrootEnv,
        GOFLAGS,
        GOPROXY,
        GOSUMDB,
        ...(hasBundle() && { SSL_CERT_FILE: `/${TRUSTED}` }),
        CGO_ENABLED: '0',
      },
    });
    fs.copyFileSync(path.join(paths.root, 'tmp/build/ferretdb'), part);
    fs.chmodSync(part, 0o755);
  }
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(part, paths.ferretdb);
}

/** Builds what is missing. */
async function make() {
  checkMachine();
  fs.mkdirSync(paths.home, { recursive: true });
  const rootMade = fs.existsSync(paths.root) ? Promise.resolve() : makeRoot();
  const ferretdbMade = fs.existsSync(paths.ferretdb) ? Promise.resolve() : makeFerretdb(rootMade);
  const failed = (await Promise.allSettled([rootMade, ferretdbMade])).find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

module.exports = { make };
