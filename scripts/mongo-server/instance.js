'use strict';
// One instance: a PostgreSQL cluster with DocumentDB and, in front of it, up to three FerretDB processes (plain, SCRAM,
// TLS).

const fs = require('node:fs');
const path = require('node:path');
const paths = require('./paths');
const { accepts, freePort, insideAsPostgres, output, run, running, say, serve, stop, until } = require('./shell');

const PG_BIN = '/usr/lib/postgresql/18/bin';
const DATABASE = 'signet';

// The password is not ASCII, and must be percent-encoded in a URI. (FerretDB authenticates users but ignores roles.)
const USER = {
  name: 'signet',
  password: 'pä@ss%w:rd/1',
  roles: [
    { role: 'clusterAdmin', db: 'admin' },
    { role: 'readWriteAnyDatabase', db: 'admin' },
  ],
};

const CONFIG = `listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
cron.use_background_workers = on
cron.log_run = off
cron.log_statement = off
log_min_messages = error
timezone = 'UTC'
`;

/** The state of the last start: ports are kept, so that a restarted server has the same address. */
function readState(at) {
  try {
    return JSON.parse(fs.readFileSync(at.state, 'utf8'));
  } catch {
    return { ports: {} };
  }
}

/** The port of a running part, or null. Stops a part whose port is no longer known. */
async function portInUse(at, part) {
  const port = readState(at).ports[part];
  if (running(at.pid(part)) && port) return port;
  await stop(at.pid(part));
  return null;
}

async function portFor(at, part) {
  const state = readState(at);
  state.ports[part] = await freePort(state.ports[part]);
  fs.writeFileSync(at.state, JSON.stringify(state, null, 2));
  return state.ports[part];
}

const psql = (port, sql) =>
  output(
    ...insideAsPostgres(
      paths.root,
      `${PG_BIN}/psql`,
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'postgres',
      '-Atc',
      sql,
      'postgres',
    ),
  );

async function initialise(at) {
  const part = `${at.data}.part`;
  const log = at.log('initdb');
  fs.rmSync(part, { recursive: true, force: true });
  fs.mkdirSync(part, { recursive: true });
  await run(...insideAsPostgres(paths.root, 'true'), { log });
  const [uid, gid] = fs
    .readFileSync(path.join(paths.root, 'etc/passwd'), 'utf8')
    .match(/^postgres:[^:]*:(\d+):(\d+)/m)
    .slice(1)
    .map(Number);
  fs.chownSync(part, uid, gid);
  const options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  await run(...insideAsPostgres(paths.root, `${PG_BIN}/initdb`, '-D', `${at.dataInside}.part`, ...options), { log });
  fs.appendFileSync(path.join(part, 'postgresql.conf'), CONFIG);
  fs.renameSync(part, at.data);
}

async function startEngine(at) {
  const inUse = await portInUse(at, 'engine');
  if (inUse) return inUse;
  const isNew = !fs.existsSync(at.data);
  if (isNew) await initialise(at);
  fs.rmSync(path.join(at.data, 'postmaster.pid'), { force: true }); // left by a crash: ours is not running
  const port = await portFor(at, 'engine');
  const files = { log: at.log('engine'), pidFile: at.pid('engine') };
  serve(...insideAsPostgres(paths.root, `${PG_BIN}/postgres`, '-D', at.dataInside, '-p', String(port)), {
    ...files,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
  });
  await until(() => psql(port, 'select 1') === '1', files);
  if (psql(port, 'create extension if not exists documentdb cascade') === null)
    throw new Error(`DocumentDB cannot be set up, see ${files.log}`);
  return port;
}

function makeUser(port, { name, password, roles }) {
  if (psql(port, `select 1 from pg_roles where rolname = '${name}'`) === '1') return;
  const command = JSON.stringify({ createUser: name, pwd: password, roles });
  if (psql(port, `select documentdb_api.create_user('${command}')`) === null)
    throw new Error(`the test user ${name} cannot be made`);
}

/**
 * Makes a certificate authority, a certificate that it signs for 127.0.0.1 and localhost, and a second authority, which
 * signs nothing.
 */
async function makeCertificates(at) {
  const folder = path.join(at.folder, 'tls');
  if (fs.existsSync(path.join(folder, 'server.crt'))) return folder;
  fs.mkdirSync(folder, { recursive: true });
  const log = at.log('tls');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];
  for (const name of ['ca', 'other-ca']) {
    await run(
      'openssl',
      ['req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=Signet test ${name}`],
      { log, cwd: folder },
    );
  }
  const names = [
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ];
  await run(
    'openssl',
    [
      'req',
      '-x509',
      ...key,
      '-keyout',
      'server.key',
      '-out',
      'server.part',
      '-subj',
      '/CN=localhost',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      ...names,
    ],
    { log, cwd: folder },
  );
  fs.renameSync(path.join(folder, 'server.part'), path.join(folder, 'server.crt'));
  return folder;
}

async function startFront(at, kind, enginePort) {
  const files = { log: at.log(kind), pidFile: at.pid(kind) };
  const inUse = await portInUse(at, kind);
  if (inUse) return inUse;
  const port = await portFor(at, kind);
  const listen = `127.0.0.1:${port}`;
  const args = [
    `--postgresql-url=postgres://postgres@127.0.0.1:${enginePort}/postgres?pool_max_conns=64`,
    '--telemetry=disable',
    '--debug-addr=-',
    '--log-level=WARN',
    `--state-dir=${at.folder}`,
    kind === 'auth' ? '--auth' : '--no-auth',
  ];
  if (kind === 'tls') {
    const folder = await makeCertificates(at);
    args.push(
      '--listen-addr=',
      `--listen-tls=${listen}`,
      `--listen-tls-cert-file=${folder}/server.crt`,
      `--listen-tls-key-file=${folder}/server.key`,
    );
  } else {
    args.push(`--listen-addr=${listen}`);
  }
  if (kind === 'auth') makeUser(enginePort, USER);
  serve(paths.ferretdb, args, { ...files, env: process.env });
  await until(() => accepts(port), files);
  return port;
}

/** The URIs, by name of the environment variable. */
function addresses(at, ports) {
  const login = `${USER.name}:${encodeURIComponent(USER.password)}`;
  return {
    MONGODB_URI: `mongodb://127.0.0.1:${ports.plain}/${DATABASE}`,
    ...(ports.auth && { MONGODB_AUTH_URI: `mongodb://${login}@127.0.0.1:${ports.auth}/${DATABASE}?authSource=admin` }),
    ...(ports.tls && {
      MONGODB_TLS_URI: `mongodb://127.0.0.1:${ports.tls}/${DATABASE}?tls=true`,
      MONGODB_TLS_CA: path.join(at.folder, 'tls', 'ca.crt'),
      MONGODB_TLS_OTHER_CA: path.join(at.folder, 'tls', 'other-ca.crt'),
    }),
  };
}

const PARTS = ['tls', 'auth', 'plain', 'engine']; // in the order in which they are stopped

/** Starts the parts that are not running. `kinds`: some of 'plain', 'auth', 'tls'. */
async function start(name, kinds) {
  const at = paths.instance(name);
  fs.mkdirSync(at.folder, { recursive: true });
  if (!running(at.pid('engine'))) say(`starting the server "${name}"`);
  const enginePort = await startEngine(at);
  const ports = {};
  for (const kind of kinds) ports[kind] = await startFront(at, kind, enginePort);
  return addresses(at, ports);
}

/** Stops the parts; SIGKILL simulates a crash. */
async function halt(name, signal = 'SIGTERM', parts = PARTS) {
  const at = paths.instance(name);
  for (const part of parts) await stop(at.pid(part), part === 'engine' && signal === 'SIGTERM' ? 'SIGINT' : signal);
}

/** The running parts. */
const alive = (name) => PARTS.filter((part) => running(paths.instance(name).pid(part)) !== null);

/** The names of all instances that were started before. */
function instances() {
  if (!fs.existsSync(paths.home)) return [];
  return fs.readdirSync(paths.home).filter((name) => fs.existsSync(paths.instance(name).state));
}

/** Deletes the data of a stopped instance. */
function remove(name) {
  const at = paths.instance(name);
  fs.rmSync(at.data, { recursive: true, force: true });
  fs.rmSync(at.folder, { recursive: true, force: true });
}

module.exports = { addresses, alive, halt, instances, readState, remove, start };
