'use strict';
// `npm run test:install`: packs the package once, then installs it into an empty project with each installer of
// scripts/test-install/installers.js, on a PATH without a compiler and with no script allowed, and uses it there
// (test-install/app.cjs, app.mjs). Then takes the binary away, and runs the line that ERR_PLATFORM names.
//   npm run test:install                        all installers; the line is run to its end, a build, with npm 12 only
//   npm run test:install -- --build             with each installer
//   npm run test:install -- "yarn 1" bun        only these installers
// Exit status 2: an installer, or what a binary is made of, could not be fetched.

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { step, run } = require('./console.js');
const { headersPrefix } = require('../native/build.js');
const { unfit } = require('./prebuild/made-of.js');
const mongo = require('./mongo-server.js');
const { nodeBinary } = require('./test-on-node.js');
const { CACHE, INSTALLERS, RUNTIMES, command, fetched } = require('./test-install/installers.js');
const { mongoServer } = require('../test/support/mongo.js');

const ROOT = path.join(__dirname, '..');
const LIBC = process.platform === 'linux' ? '-gnu' : ''; // of Node's binaries in npm's registry
const PLATFORM = `${process.platform}-${process.arch}${LIBC}`;
const NODE = '24'; // npm 12 and pnpm 11 need more than 20
const BUILDS = ['npm 12'];
const TOOLS = ['sh', 'basename', 'dirname', 'sed', 'uname']; // what the programs in node_modules/.bin call
const WARNING = /warn|error|ignor|script|deprecat|approve/i;

/** A prefix as Node's own archives have it: bin/node, and the npm that comes with it. */
function nodePrefix() {
  const prefix = path.join(CACHE, `node-${NODE}`);
  const npm = path.join(prefix, 'lib', 'node_modules', 'npm');
  const node = path.join(prefix, 'bin', 'node');
  if (!fs.existsSync(npm)) {
    for (const file of [node, npm]) fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.rmSync(node, { force: true });
    fs.linkSync(nodeBinary(NODE), node);
    const [, cli] = command(
      INSTALLERS.find(({ name }) => name === 'npm 12'),
      node,
    );
    fs.symlinkSync(path.join(path.dirname(cli), '..'), npm);
  }
  return node;
}

/** A folder with Node and the tools, and no compiler. */
function toolFolder(folder, node) {
  fs.mkdirSync(folder);
  fs.symlinkSync(node, path.join(folder, 'node'));
  for (const tool of TOOLS) {
    const place = process.env.PATH.split(path.delimiter).find((one) => fs.existsSync(path.join(one, tool)));
    fs.symlinkSync(path.join(place, tool), path.join(folder, tool));
  }
  return folder;
}

/** What all projects share. @param {string} folder */
async function prepare(folder) {
  const [{ filename, size, unpackedSize }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT }),
  );
  step(`${filename}: ${(size / 1e6).toFixed(1)} MB, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked`);
  const node = nodePrefix();
  const server = await mongoServer();
  return {
    folder,
    filename,
    node,
    tools: toolFolder(path.join(folder, 'bin'), node),
    registry: run('npm', ['config', 'get', 'registry']).trim(),
    uris: server ? [server.MONGODB_URI] : [],
  };
}

/** The environment of a user's shell: nothing of this npm, and nothing of CI's. */
function environment({ folder, tools }, search = tools) {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|.*_CA_CERTS|SSL_CERT_.*)$/i.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: search, HOME: path.join(folder, 'home'), COLUMNS: '200', NO_COLOR: '1' };
}

/** Runs a command in a project. @returns {{ status: number, stdout: string, output: string }} */
function call(project, [program, ...args], env) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd: project, env, encoding: 'utf8' });
  if (error) throw error;
  return { status, stdout, output: `${stdout}${stderr}` };
}

function expect(holds, what, output) {
  if (!holds) throw new Error(`${what}\n${output}`);
}

/** An empty project that depends on the packed package. */
function makeProject(shared, installer) {
  const project = path.join(shared.folder, `${installer.name.replace(/\W+/g, '-')} ü`);
  fs.mkdirSync(project);
  const write = (name, text) => fs.writeFileSync(path.join(project, name), text);
  write(
    'package.json',
    JSON.stringify({ name: 'user', private: true, dependencies: { 'signet-jwt': `file:./${shared.filename}` } }),
  );
  write('.npmrc', `registry=${shared.registry}\n`);
  for (const [name, text] of installer.settings ?? []) write(name, text);
  if (fs.existsSync(path.join(project, '.yarnrc.yml')))
    fs.appendFileSync(path.join(project, '.yarnrc.yml'), `npmRegistryServer: "${shared.registry}"\n`);
  for (const file of [
    path.join(shared.folder, shared.filename),
    ...['app.cjs', 'app.mjs', 'load.cjs'].map((name) => path.join(__dirname, 'test-install', name)),
  ])
    fs.copyFileSync(file, path.join(project, path.basename(file)));
  return project;
}

/** Runs the app as CommonJS. */
function app(shared, installer, project) {
  return call(project, [shared.node, ...(installer.node ?? []), 'app.cjs', ...shared.uris], environment(shared));
}

function use(shared, installer, project) {
  const { status, stdout, output } = app(shared, installer, project);
  expect(status === 0, 'the app failed', output);
  const module = call(project, [shared.node, ...(installer.node ?? []), 'app.mjs'], environment(shared));
  expect(module.status === 0, 'the app as an ES module failed', module.output);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** The content of a folder, as one digest. */
function digest(folder) {
  const hash = createHash('sha256');
  for (const name of fs.readdirSync(folder, { recursive: true }).sort()) {
    const file = path.join(folder, name);
    hash.update(name).update(fs.statSync(file).isFile() ? fs.readFileSync(file) : '');
  }
  return hash.digest('hex');
}

/** Without a binary, the app says what to run; that is run, to its end if `builds`. */
function useWithoutBinary(shared, installer, project, binary, builds) {
  const folder = path.join(path.dirname(binary), '..', '..');
  fs.rmSync(path.join(folder, 'prebuilds'), { recursive: true });
  const { status, output } = app(shared, installer, project);
  expect(status !== 0 && output.includes("code: 'ERR_PLATFORM'"), 'the app did not fail with ERR_PLATFORM', output);
  expect(
    output.includes(`Build it for this project with: ${installer.line}\n`),
    `the error does not name: ${installer.line}`,
    output,
  );
  const [cli, ...words] = installer.exec;
  const line = [...command(installer, shared.node, cli), ...words, 'signet-jwt'];
  if (!builds) {
    const help = call(project, [...line, '--help'], environment(shared));
    expect(
      help.status === 0 && help.stdout.includes('signet-jwt build'),
      `${installer.line} does not find the command`,
      help.output,
    );
    return 'its line is found';
  }
  const before = digest(folder);
  const search = [shared.tools, process.env.PATH].join(path.delimiter);
  const built = call(project, [...line, 'build', `--nodedir=${headersPrefix()}`], environment(shared, search));
  expect(built.status === 0, 'the build failed', built.output);
  expect(digest(folder) === before, 'the build has changed the package', built.output);
  const { binary: own } = use(shared, installer, project);
  expect(own.startsWith(path.join(project, 'node_modules', '.signet')), `the app has loaded ${own}`, built.output);
  return 'its line has built a binary';
}

/** Bun and Deno refuse the package, and a binary that they load all the same; neither crashes. */
function testRuntimes(shared, project, binary) {
  for (const runtime of RUNTIMES) {
    const start = [...command(runtime, shared.node), ...runtime.run];
    const refused = call(project, [...start, 'app.cjs'], environment(shared));
    expect(
      refused.status === 1 && refused.output.includes('ERR_PLATFORM'),
      `${runtime.name} does not refuse`,
      refused.output,
    );
    const loaded = call(project, [...start, 'load.cjs', binary], environment(shared));
    expect(loaded.status === 0 && loaded.output.includes('undefined symbol'), `${runtime.name} loads`, loaded.output);
  }
}

/** @returns {string} what was done */
function testInstaller(shared, installer, builds) {
  const project = makeProject(shared, installer);
  const started = Date.now();
  const { status, output } = call(
    project,
    [...command(installer, shared.node), ...installer.install],
    environment(shared),
  );
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  expect(status === 0, `the install ended with ${status}`, output);
  const warnings = output.split('\n').filter((line) => /signet/i.test(line) && WARNING.test(line));
  expect(warnings.length === 0, `the install warned: ${warnings.join(', ')}`, output);
  const { binary, rotated } = use(shared, installer, project);
  expect(binary.endsWith(path.join('prebuilds', PLATFORM, 'signet.node')), `the app has loaded ${binary}`, output);
  if (installer.name === 'bun') testRuntimes(shared, project, binary);
  const without = useWithoutBinary(shared, installer, project, binary, builds);
  return `installed in ${seconds} s; rotations: ${JSON.stringify(rotated)}; without a binary, ${without}`;
}

/** Builds the prebuilt binary of this platform if it is missing or of other sources. */
function ensureBinary() {
  if (!unfit(PLATFORM)) return;
  const { status } = spawnSync(process.execPath, [path.join(__dirname, 'prebuild.js'), PLATFORM], { stdio: 'inherit' });
  if (status !== 0) throw Object.assign(new Error('the prebuilt binary could not be built'), { exitCode: status });
}

/** @param {string[]} args @returns {Promise<number>} the exit status */
async function main(args) {
  const names = args.filter((arg) => arg !== '--build');
  const unknown = names.filter((name) => !INSTALLERS.some((installer) => installer.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no such installer: ${unknown.join(', ')}. There are: ${INSTALLERS.map(({ name }) => name).join(', ')}`,
    );
  const chosen = INSTALLERS.filter(({ name }) => names.length === 0 || names.includes(name));
  ensureBinary();
  for (const installer of chosen) fetched(installer);
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'signet-install-')));
  let failed = 0;
  try {
    const shared = await prepare(folder);
    for (const installer of chosen) {
      try {
        const builds = args.includes('--build') || BUILDS.includes(installer.name);
        step(`${installer.name}: ${testInstaller(shared, installer, builds)}`);
      } catch (err) {
        failed += 1;
        step(`${installer.name}: FAILED: ${err.message}`);
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
    if (!process.env.MONGODB_URI) await mongo.down(); // the one that this has started
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (err) => {
    console.error(err.message);
    process.exitCode = err.exitCode ?? 1;
  },
);
