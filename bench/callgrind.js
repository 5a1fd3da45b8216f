'use strict';
// Guards against regressions independently of the machine's load: counts the instructions per call of six C operations.
//   node bench/callgrind.js            counts; fails above 3 % if compiler and libraries are those of callgrind.json
//   node bench/callgrind.js --write    commits these counts to callgrind.json

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const COMMITTED = path.join(__dirname, 'callgrind.json');
const REPEATED = 200; // as in callgrind.c
const TOLERANCE = 0.03;

const firstLine = (command, args) => execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0].trim();

// Libraries pick code by the processor's features; valgrind passes these on, except those that it cannot emulate.
function hasAvx2() {
  try {
    return /^flags\b.*\bavx2\b/m.test(fs.readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}

function sqliteVersion() {
  const pinned = path.join(root, '.cache', 'sqlite', 'sqlite3.h');
  if (!fs.existsSync(pinned)) return firstLine('pkg-config', ['--modversion', 'sqlite3']);
  return /^#define SQLITE_VERSION +"([\d.]+)"/m.exec(fs.readFileSync(pinned, 'utf8'))[1];
}

// What the count depends on: the compiler, the libraries that are counted too, valgrind and the processor.
function toolchain() {
  return {
    compiler: firstLine(process.env.CC ?? 'gcc', ['--version']),
    openssl: firstLine('openssl', ['version']).replace(/ \(.*/, ''),
    sqlite: sqliteVersion(),
    valgrind: firstLine('valgrind', ['--version']),
    processor: `${process.arch}${hasAvx2() ? ' with AVX2' : ''}`,
  };
}

function build() {
  execFileSync('make', ['--no-print-directory', '-s', 'build/c/bench/callgrind'], { cwd: root, stdio: 'inherit' });
  return path.join(root, 'build', 'c', 'bench', 'callgrind');
}

// { operation: instructions per call }
function count() {
  const program = build();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-callgrind-'));
  try {
    const { status, stderr } = spawnSync(
      'valgrind',
      ['--tool=callgrind', '--collect-atstart=no', `--callgrind-out-file=${path.join(folder, 'out')}`, program],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`callgrind failed: ${stderr}`);
    const counted = fs
      .readdirSync(folder)
      .map((name) => read(path.join(folder, name)))
      .filter(Boolean);
    return Object.fromEntries(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function read(file) {
  const text = fs.readFileSync(file, 'utf8');
  const name = /^desc: Trigger: Client Request: (.+)$/m.exec(text)?.[1];
  const total = /^(?:totals|summary): (\d+)/m.exec(text)?.[1];
  return name && [name, Math.round(Number(total) / REPEATED)];
}

// { judged, reason, rows: [{ operation, instructions, committed, change, met }] }
function guard() {
  const committed = JSON.parse(fs.readFileSync(COMMITTED, 'utf8'));
  const here = toolchain();
  const differing = Object.keys(committed.toolchain).filter((name) => committed.toolchain[name] !== here[name]);
  const counted = count();
  const rows = Object.entries(committed.instructions).map(([operation, before]) => {
    const instructions = counted[operation];
    const change = instructions / before - 1;
    return { operation, instructions, committed: before, change, met: Math.abs(change) <= TOLERANCE };
  });
  const reason = differing
    .map((name) => `${name} is ${here[name]}, the figures are for ${committed.toolchain[name]}`)
    .join('; ');
  return { judged: differing.length === 0, reason, rows };
}

const percent = (part) => `${part < 0 ? '' : '+'}${(part * 100).toFixed(1)} %`;
const describe = ({ operation, instructions, committed, change }) =>
  `${operation.padEnd(18)} ${String(instructions).padStart(8)} instructions (${percent(change)} of ${committed})`;

function main(args) {
  if (args.includes('--write')) {
    fs.writeFileSync(COMMITTED, `${JSON.stringify({ toolchain: toolchain(), instructions: count() }, null, 2)}\n`);
    return;
  }
  const { judged, reason, rows } = guard();
  for (const row of rows) console.log(describe(row));
  if (!judged) console.log(`not judged: ${reason}`);
  else if (rows.some((row) => !row.met)) {
    console.log(
      `more than ${TOLERANCE * 100} % away from bench/callgrind.json: make it fast again, or commit the new figures\n` +
        '(--write) and say why',
    );
    process.exitCode = 1;
  }
}

if (require.main === module) main(process.argv.slice(2));

module.exports = { describe, guard };
