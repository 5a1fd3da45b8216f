'use strict';
// The C library as other programs use it: what `make install` installs, and examples/c compiled with only that.

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { hasProgram } = require('../scripts/console');
const { manual } = require('../scripts/c-library/man');
const { pkgConfig } = require('../scripts/native-flags');

const ROOT = path.join(__dirname, '..');
const read = (...parts) => fs.readFileSync(path.join(...parts), 'utf8');
const run = (program, args, options) => execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', ...options });
const make = (...args) => run('make', ['--no-print-directory', '-s', ...args], { cwd: ROOT });

const TOOLS = ['make', 'gcc', 'g++', 'objcopy', 'readelf', 'nm', 'pkg-config', 'cmake'];
const missing = TOOLS.filter((program) => !hasProgram(program));
if (pkgConfig('--exists', 'openssl') === null) missing.push("OpenSSL's headers");

const HEADERS = ['signet.h', ...fs.readdirSync(path.join(ROOT, 'include/signet')).map((name) => `signet/${name}`)];
const code = HEADERS.map((name) => read(ROOT, 'include', name))
  .join('\n')
  .replace(/\/\*[^]*?\*\//g, '');
const FUNCTIONS = [...new Set([...code.matchAll(/\b(signet_\w+)\(/g)].map(([, name]) => name))].sort();
const VERSION = require('../package.json').version;
const SONAME = `libsignet.so.${VERSION.split('.').slice(0, 2).join('.')}`; // while the version is 0.y

/** The paths of all files and links under a folder. */
function filesUnder(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => !fs.lstatSync(path.join(folder, name)).isDirectory())
    .sort();
}

describe('09 the C library, installed', function installed() {
  this.timeout(300_000);
  if (missing.length > 0 && !process.env.CI) {
    it.skip(`skipped: ${missing.join(', ')} missing: apt-get install build-essential cmake pkg-config libssl-dev`);
    return;
  }

  let folder, prefix, env;
  before(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'signet-c-')));
    prefix = path.join(folder, 'prefix');
    make('-j2', 'install', `prefix=${prefix}`);
    env = {
      ...process.env,
      PKG_CONFIG_PATH: path.join(prefix, 'lib/pkgconfig'),
      SECRET: 'a secret for the examples of the test',
      ACCESS_SECRET: 'an access secret of 32 bytes or more',
      REFRESH_SECRET: 'a refresh secret of 32 bytes or more',
    };
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** Compiles a copy of examples/c by `build(source)`, runs its programs, and returns the libraries that one needs. */
  function useExamples(name, build) {
    const source = path.join(folder, name);
    fs.cpSync(path.join(ROOT, 'examples/c'), source, { recursive: true });
    const programs = build(source);
    const start = (program, ...args) => run(path.join(programs, program), args, { env, cwd: folder });

    const [versions, jwt, payload, later] = start('tokens').split('\n');
    assert.strictEqual(versions, `Signet ${VERSION}, compiled with ${VERSION}`);
    assert.strictEqual(require('..').verify(jwt, env.SECRET).sub, 'alice');
    assert.match(payload, /^\{"sub":"alice","isAdmin":true,"iat":\d+,"exp":\d+\}$/);
    assert.strictEqual(later, 'later: ERR_TOKEN_EXPIRED');

    assert.match(start('tokens-cc'), /^\{"sub":"alice","exp":\d+\}\n$/);

    const store = path.join(folder, `${name}.db`);
    assert.deepStrictEqual(start('sessions', store).split('\n'), [
      'access token after 15 minutes: expired',
      'rotated, new access token: valid',
      'the old refresh token: ERR_REFRESH_REUSED',
      'the session: ERR_SESSION_REVOKED',
      '',
    ]);
    assert.ok(fs.readFileSync(store).subarray(0, 15).equals(Buffer.from('SQLite format 3')));
    const needed = run('readelf', ['--dynamic', '--wide', path.join(programs, 'sessions')]);
    return [...needed.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, library]) => library);
  }

  it("examples/c sign, verify and rotate, compiled by pkg-config's flags", () => {
    env.LD_LIBRARY_PATH = path.join(prefix, 'lib');
    const needed = useExamples('shared', (source) => {
      run('make', ['-C', source], { env });
      return source;
    });
    assert.ok(needed.includes(SONAME), needed.join());
  });

  it('the same with the static library and pkg-config --static', () => {
    const needed = useExamples('static', (source) => {
      run('make', ['-C', source, 'STATIC=1'], { env });
      return source;
    });
    assert.ok(needed.length > 0 && !needed.some((name) => name.startsWith('libsignet')), needed.join());
  });

  for (const linked of ['shared', 'static']) {
    it(`the same with CMake's find_package, ${linked}`, () => {
      const { LD_LIBRARY_PATH: _, ...clean } = env;
      const needed = useExamples(`cmake-${linked}`, (source) => {
        const options = [`-DCMAKE_PREFIX_PATH=${prefix}`, `-DSIGNET_STATIC=${linked === 'static' ? 'ON' : 'OFF'}`];
        run('cmake', ['-S', source, '-B', `${source}/build`, ...options], { env: clean });
        run('cmake', ['--build', `${source}/build`], { env: clean });
        return path.join(source, 'build');
      });
      assert.strictEqual(needed.includes(SONAME), linked === 'shared', needed.join());
    });
  }

  it("CMake's find_package refuses a version with another SONAME, and a newer one", () => {
    const wanted = (version) => {
      const source = path.join(folder, `wants-${version}`);
      fs.mkdirSync(source);
      const lines = [
        'cmake_minimum_required(VERSION 3.16)',
        'project(wants C)',
        `find_package(signet ${version} REQUIRED)`,
      ];
      fs.writeFileSync(path.join(source, 'CMakeLists.txt'), lines.join('\n'));
      return spawnSync('cmake', ['-S', source, '-B', `${source}/build`, `-DCMAKE_PREFIX_PATH=${prefix}`]).status === 0;
    };
    const [major, minor, patch] = VERSION.split('.').map(Number);
    const versions = [VERSION, `${major}.${minor}`, `${major}.${minor + 1}`, `${major}.${minor}.${patch + 1}`];
    assert.deepStrictEqual(versions.map(wanted), [true, true, false, false]);
  });

  it('both libraries export what include/ declares and nothing else; the shared one has its SONAME', () => {
    for (const [library, flag] of [
      ['libsignet.a', '-g'],
      ['libsignet.so', '-D'],
    ]) {
      const shown = run('nm', [flag, '--defined-only', '-P', path.join(prefix, 'lib', library)]);
      assert.deepStrictEqual([...shown.matchAll(/^([^\s:]+) [A-Z] /gm)].map(([, name]) => name).sort(), FUNCTIONS);
    }
    const dynamic = run('readelf', ['--dynamic', '--wide', path.join(prefix, 'lib/libsignet.so')]);
    assert.deepStrictEqual(/\(SONAME\).*\[(.+)\]/.exec(dynamic)?.[1], SONAME);
    assert.ok(!/RPATH|RUNPATH|TEXTREL/.test(dynamic), dynamic);
  });

  it('DESTDIR is where files go, and no file contains it; uninstall removes them all', () => {
    const DESTDIR = path.join(folder, 'stage');
    const places = [`DESTDIR=${DESTDIR}`, 'prefix=/opt/signet', 'libdir=/opt/signet/lib/x86', 'mandir=/opt/man'];
    make('install', ...places);
    const files = filesUnder(DESTDIR);
    for (const file of [
      'include/signet.h',
      'lib/x86/pkgconfig/signet.pc',
      'lib/x86/libsignet.so',
      'lib/x86/libsignet.a',
    ])
      assert.ok(files.includes(`opt/signet/${file}`), file);
    assert.ok(files.includes('opt/man/man3/signet_sign.3'));
    for (const file of files.filter((name) => /\.(pc|cmake|h|3)$/.test(name)))
      assert.ok(!read(DESTDIR, file).includes(folder), file);
    assert.ok(read(DESTDIR, 'opt/signet/lib/x86/pkgconfig/signet.pc').includes('libdir=/opt/signet/lib/x86\n'));

    fs.writeFileSync(path.join(DESTDIR, 'opt/signet/lib/x86/libother.a'), '');
    make('uninstall', ...places);
    assert.deepStrictEqual(filesUnder(DESTDIR), ['opt/signet/lib/x86/libother.a']);
    assert.ok(!fs.existsSync(path.join(DESTDIR, 'opt/signet/include/signet')));
  });
});

describe('09 the C library', () => {
  it('has the version of the package, in one number and in three', () => {
    const header = read(ROOT, 'include/signet.h');
    const numbers = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`^#define SIGNET_VERSION_${part} (\\d+)$`, 'm').exec(header)[1],
    );
    assert.strictEqual(/^#define SIGNET_VERSION "(.+)"$/m.exec(header)[1], VERSION);
    assert.strictEqual(numbers.join('.'), VERSION);
  });

  it('has a manual page, or a link to one, for each function and status, in the words of the header', () => {
    const pages = manual();
    for (const name of FUNCTIONS) {
      const text = pages.get(`${name}.3`) ?? assert.fail(`there is no page ${name}.3`);
      const target = /^\.so man3\/(.+)\n$/.exec(text)?.[1] ?? `${name}.3`;
      assert.match(pages.get(target), new RegExp(`\\b${name}\\(`), target);
    }
    const asText = (page) =>
      page.replace(/\\-/g, '-').replace(/\\\[u(\w+)\]/g, (_, code) => String.fromCodePoint(`0x${code}`));
    const documented = HEADERS.flatMap((name) => [
      ...read(ROOT, 'include', name).matchAll(
        /^\/\*\n? \*? ?([^*\n]+).*\n(?: \*.*\n)*(?!#|typedef)\w.*?\b(signet_\w+)\(/gm,
      ),
    ]);
    assert.ok(documented.length > 25, `${documented.length}`);
    for (const [, words, name] of documented) {
      const page = pages.get(/^\.so man3\/(.+)\n$/.exec(pages.get(`${name}.3`))?.[1] ?? `${name}.3`);
      assert.ok(asText(page).includes(words.trim()), `${name}: ${words}`);
    }
    assert.match(pages.get('signet.3'), /^\.IP \\\(bu 2\n\w/m);
    const statuses = [...read(ROOT, 'include/signet/status.h').matchAll(/^ {4}X\((\w+),/gm)].map(([, name]) => name);
    assert.ok(statuses.length > 50);
    for (const name of statuses) assert.ok(pages.get('signet_status.3').includes(`.B SIGNET_${name}\n`), name);
  });

  it('has manual pages that groff reads without a warning', function () {
    if (!hasProgram('groff')) {
      assert.ok(!process.env.CI, 'groff is missing: apt-get install groff-base');
      console.log('      skipped: groff is missing: apt-get install groff-base');
      this.skip();
    }
    for (const [name, text] of manual()) {
      if (text.startsWith('.so ')) continue;
      const { status, stderr } = spawnSync('groff', ['-ww', '-Tutf8', '-man'], { input: text, encoding: 'utf8' });
      assert.deepStrictEqual([status, stderr], [0, ''], name);
    }
  });
});
