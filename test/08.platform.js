'use strict';
// What `require('signet-jwt')` says if it cannot work. (.ci/run tries Node 18 itself, on which mocha does not run.)

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { PLACE } = require('../lib/native/project');
const { runScript } = require('./support/script');

const ROOT = path.join(__dirname, '..');
const BINARY = path.join(ROOT, 'native', 'build', 'Release', 'signet.node');

const TELL = `
  try {
    require('.');
    console.log('loaded');
  } catch (error) {
    console.log(error.code + ': ' + error.message);
  }
`;
const versions = (fields) =>
  Object.entries(fields)
    .map(([name, value]) => `Object.defineProperty(process.versions, '${name}', { value: ${JSON.stringify(value)} });`)
    .join('\n');
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** The one line that a process prints which only loads the package. */
async function told(flags, before = '') {
  const { stdout } = await runScript(before + TELL, flags);
  return stdout.trim();
}

describe('08 platforms', () => {
  const refusal = /^ERR_PLATFORM: signet-jwt needs Node 20 or later; this is Node 18\.\d+\.\d+\.$/;

  it('Node 18 is refused at require, and the error says what is needed', async () =>
    assert.match(await told([], versions({ node: '18.20.8' })), refusal));

  for (const [name, runtime] of Object.entries({ bun: 'Bun', deno: 'Deno', electron: 'Electron', nw: 'NW.js' })) {
    it(`${runtime} is refused at require before any binary is tried, and told what to run instead`, async () => {
      const noLoading = "process.dlopen = () => console.log('a binary was tried');";
      assert.strictEqual(
        await told([], versions({ [name]: '1.2.3' }) + noLoading),
        `ERR_PLATFORM: signet-jwt needs Node and its OpenSSL; this is ${runtime} 1.2.3. ` +
          'Run the server with Node 20 or later.',
      );
    });
  }

  it('a Node without OpenSSL 3 is refused at require', async () => {
    assert.match(await told([], versions({ openssl: '1.1.1' })), /^ERR_PLATFORM: .*OpenSSL 3\.0.* has 1\.1\.1\./);
    assert.match(await told([], 'delete process.versions.openssl;'), /^ERR_PLATFORM: .*OpenSSL 3\.0.* has none\./);
  });

  it("under Node's permission model, says that --allow-addons is missing, and works with it", async () => {
    const text = await told([PERMISSION, '--allow-fs-read=*']);
    assert.match(text, /^ERR_PLATFORM: .*permission model.* add --allow-addons to --permission, and --allow-fs-read/);
    assert.doesNotMatch(text, /signet-jwt build/);
    assert.strictEqual(await told([PERMISSION, '--allow-fs-read=*', '--allow-addons']), 'loaded');
  });

  it("under Node's permission model, works if only the package's folder may be read", async () => {
    const folder = `--allow-fs-read=${fs.realpathSync(ROOT)}/*`;
    assert.strictEqual(await told([PERMISSION, folder, '--allow-addons']), 'loaded');
  });

  it('with --no-addons, says so', async () => {
    assert.match(await told(['--no-addons']), /^ERR_PLATFORM: .*start it without --no-addons/);
  });
});

describe('08 a package without a fitting binary', () => {
  let folder;
  /** A path in a temporary folder that has the package in store/signet-jwt and a project in project/. */
  const at = (...names) => path.join(folder, ...names);
  const IN_STORE = ['store', 'signet-jwt'];

  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'signet-platform-')));
    fs.cpSync(path.join(ROOT, 'lib'), at(...IN_STORE, 'lib'), { recursive: true });
    fs.copyFileSync(path.join(ROOT, 'package.json'), at(...IN_STORE, 'package.json'));
    fs.mkdirSync(at('project'));
    const tell = `
      try { require(${JSON.stringify(at(...IN_STORE, 'lib/native/load.js'))}); console.log('{}'); }
      catch ({ name, code, message, cause }) {
        console.log(JSON.stringify({ name, code, message, cause: cause?.message }));
      }`;
    write('project/app.js', tell);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function write(file, content = '') {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), content);
  }
  const inPackage = (file) => path.join(...IN_STORE, file);

  /** What project/app.js prints. `before`: code that runs first. */
  function tell({ env = {}, before = '', cwd = at('project') } = {}) {
    write('before.js', before);
    const args = ['--require', at('before.js'), at('project', 'app.js')];
    const { npm_config_user_agent: _, ...inherited } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd,
      env: { ...inherited, NODE_PATH: path.join(ROOT, 'node_modules'), ...env },
    });
    assert.strictEqual(stderr, '');
    return JSON.parse(stdout);
  }

  const ON_LINUX_X64 = `
    Object.defineProperty(process, 'platform', { value: 'linux' });
    Object.defineProperty(process, 'arch', { value: 'x64' });`;
  const withLibc = (header) => `${ON_LINUX_X64} process.report.getReport = () => (${JSON.stringify({ header })});`;
  const [GNU, MUSL] = ['gnu', 'musl'].map((libc) => `prebuilds/linux-x64-${libc}/signet.node`);

  for (const [libc, header, first, second] of [
    ['glibc', { glibcVersionRuntime: '2.17' }, GNU, MUSL],
    ['musl', {}, MUSL, GNU],
  ]) {
    it(`names each binary that was tried and why it did not load; on ${libc}, its own first, as the cause`, () => {
      for (const file of [GNU, MUSL]) write(inPackage(file), 'no binary');
      const { name, code, message, cause } = tell({ before: withLibc(header) });
      assert.deepStrictEqual([name, code], ['SignetError', 'ERR_PLATFORM']);
      const why = (file) => `${file}: ${at(...IN_STORE, file)}: (file too short|invalid ELF header)`;
      assert.match(message, new RegExp(`linux-x64, Node .* Tried: ${why(first)}; ${why(second)}\\. Build it`));
      assert.ok(cause.startsWith(at(...IN_STORE, first)), cause);
    });
  }

  it('says of a prebuilt binary that it is not there, as in a folder that was copied without it', () => {
    const { message, cause } = tell({ before: withLibc({ glibcVersionRuntime: '2.36' }) });
    assert.ok(message.includes(`Tried: ${GNU} is not there; ${MUSL} is not there.`), message);
    assert.match(cause, /^Cannot find module .*linux-x64-gnu/);
  });

  it('says of a platform without a prebuilt binary that there is none', () => {
    const { message, cause } = tell({
      before: `Object.defineProperty(process, 'platform', { value: 'freebsd' });`,
    });
    assert.match(message, /no binary that loads on freebsd-\w+, Node .* The package has none for it\. Build it/);
    assert.strictEqual(cause, undefined);
  });

  const NPM = 'npm/11.0.0 node/v24.0.0 linux x64 workspaces/false';
  const PNPM = 'pnpm/11.0.0 npm/? node/v24.0.0 linux x64';
  for (const [line, locks, agent] of [
    ['npx signet-jwt build', [], undefined],
    ['npx signet-jwt build', ['package-lock.json'], undefined],
    ['pnpm exec signet-jwt build', ['pnpm-lock.yaml'], undefined],
    ['yarn signet-jwt build', ['yarn.lock'], undefined],
    ['bunx signet-jwt build', ['bun.lock'], undefined],
    ['bunx signet-jwt build', ['bun.lockb'], undefined],
    ['pnpm exec signet-jwt build', [], PNPM],
    ['yarn signet-jwt build', [], 'yarn/1.22.22 npm/? node/v24.0.0 linux x64'],
    ['bunx signet-jwt build', [], 'bun/1.4.5 npm/? node/v24.3.0 linux x64'],
    ['npx signet-jwt build', [], 'cnpm/9 node/v24.0.0'],
    ['pnpm exec signet-jwt build', ['pnpm-lock.yaml'], NPM], // someone's npx in a project of pnpm's
    ['pnpm exec signet-jwt build', ['package-lock.json', 'pnpm-lock.yaml'], PNPM],
  ]) {
    it(`names ${line} with ${locks.join(' and ') || 'no lock file'}, run by ${agent?.split('/')[0] ?? 'node'}`, () => {
      for (const lock of locks) write(`project/${lock}`);
      const { message } = tell({ env: agent ? { npm_config_user_agent: agent } : {} });
      assert.ok(message.endsWith(`Build it for this project with: ${line}`), message);
    });
  }

  it("uses the project's own build, also if the package is kept outside the project", () => {
    fs.mkdirSync(path.dirname(at('project', PLACE)), { recursive: true });
    fs.copyFileSync(BINARY, at('project', PLACE));
    assert.deepStrictEqual(tell(), {});
    assert.deepStrictEqual(tell({ cwd: os.tmpdir() }), {});
  });

  it("uses it where the package is below the project, and none of another package's version", () => {
    fs.mkdirSync(path.dirname(at(PLACE)), { recursive: true });
    fs.copyFileSync(BINARY, at(PLACE));
    assert.deepStrictEqual(tell(), {});
    const { version, ...rest } = require('../package.json');
    write(inPackage('package.json'), JSON.stringify({ ...rest, version: `${version}-later` }));
    assert.strictEqual(tell().code, 'ERR_PLATFORM');
  });

  it('loads nothing from the current folder, in which anybody may have put a binary', () => {
    fs.mkdirSync(path.dirname(at('elsewhere', PLACE)), { recursive: true });
    fs.copyFileSync(BINARY, at('elsewhere', PLACE));
    assert.strictEqual(tell({ cwd: at('elsewhere') }).code, 'ERR_PLATFORM');
  });

  it("names a project's build that does not load, as the cause", () => {
    write(path.join('project', PLACE), 'no binary');
    const { message, cause } = tell();
    assert.ok(message.includes(`Tried: ${at('project', PLACE)}: `), message);
    assert.ok(cause.startsWith(at('project', PLACE)), cause);
  });

  it('says why the binary of a checkout does not load', () => {
    write(inPackage('native/build/Release/signet.node'), 'no binary');
    assert.match(
      tell().message,
      /Tried: native\/build\/Release\/signet\.node: .*(too short|invalid ELF|not a mach-o|not a valid Win32)/i,
    );
  });
});
