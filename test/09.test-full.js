'use strict';
// `npm run test:full` as a command: what it runs again and what it records, with small parts.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { FILES } = require('../scripts/test-full.js');
const PARTS = require('../scripts/test-full/parts.js');

const ROOT = path.join(__dirname, '..');
const PAGE = '# A page\n\n<!-- table: npm run test:full -->\n<!-- end of table -->\n\nIts end.\n';

describe('09 npm run test:full', () => {
  let folder;
  let files;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-full-'));
    files = { state: path.join(folder, 'state.json'), page: path.join(folder, 'page.md') };
    fs.writeFileSync(files.page, PAGE);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** A part that counts its runs in a file; `then` is the rest of its command. */
  const part = (name, then = 'echo "3 passed, 0 failed"', more = {}) => ({
    name,
    title: name,
    command: `echo run >> ${folder}/${name}; ${then}`,
    ...more,
  });
  const runsOf = (name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n').length - 1;
  const rows = () =>
    [
      ...fs.readFileSync(files.page, 'utf8').matchAll(/^\| (\S+) \| `.*?` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$/gm),
    ].map(([, ...cells]) => cells);

  function start(parts, args = [], commit = 'abc1234') {
    const given = JSON.stringify({ parts, files, commit });
    const script = `const given = ${given};
      for (const part of given.parts) if (part.counts) part.counts = new RegExp(part.counts, 'g');
      require('./scripts/test-full.js').testFull(${JSON.stringify(args)}, { ...given, prepare: async () => {} })
        .then((status) => { process.exitCode = status; });`;
    const child = spawn(process.execPath, ['-e', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    child.output = '';
    child.stdout.on('data', (chunk) => {
      child.output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      child.output += chunk;
    });
    return child;
  }
  async function run(...args) {
    const child = start(...args);
    const [status] = await once(child, 'close');
    return { status, output: child.output };
  }
  const today = () => new Date().toISOString().slice(0, 10);

  it('runs each part once for a commit, and writes result, duration, commit and date into the page', async () => {
    const parts = [part('one'), part('two', 'echo "stat: units: 7"', { counts: 'units: \\d+' })];
    const { status, output } = await run(parts);
    assert.strictEqual(status, 0, output);
    assert.match(output, /\n2 passed, 0 failed\n$/);
    const wanted = [
      ['one', 'passed: 3 passed, 0 failed', '0 s', 'abc1234', today()],
      ['two', 'passed: units: 7', '0 s', 'abc1234', today()],
    ];
    assert.deepStrictEqual(rows(), wanted);
    assert.ok(fs.readFileSync(files.page, 'utf8').endsWith('<!-- end of table -->\n\nIts end.\n'));
    await run(parts);
    assert.deepStrictEqual([runsOf('one'), runsOf('two')], [1, 1]);
    assert.deepStrictEqual(rows(), wanted);
  });

  it('runs a part again for another commit, for --again, and if something is not committed', async () => {
    const parts = [part('one'), part('two')];
    await run(parts);
    await run(parts, [], 'def5678');
    assert.deepStrictEqual([runsOf('one'), rows()[0][3]], [2, 'def5678']);
    await run(parts, ['--again', 'one'], 'def5678');
    assert.deepStrictEqual([runsOf('one'), runsOf('two')], [3, 2]);
    for (const _ of [1, 2]) await run(parts, ['one'], 'def5678 with changes');
    assert.strictEqual(runsOf('one'), 5);
  });

  it('fails if a part fails, continues with the next one, and runs the failed one again', async () => {
    const parts = [part('bad', 'echo "1 passed, 2 failed"; exit 1'), part('good')];
    const { status, output } = await run(parts);
    assert.deepStrictEqual([status, /\n1 passed, 1 failed\n$/.test(output)], [1, true], output);
    assert.strictEqual(rows()[0][1], 'failed: 1 passed, 2 failed');
    await run(parts);
    assert.deepStrictEqual([runsOf('bad'), runsOf('good')], [2, 1]);
  });

  it('counts a part as skipped, with the reason, if something could not be fetched', async () => {
    const { status, output } = await run([part('far', 'exit 2', { skips: 2 })]);
    assert.deepStrictEqual([status, /\n0 passed, 0 failed, 1 skipped\n$/.test(output)], [0, true], output);
    assert.strictEqual(rows()[0][1], 'skipped: a registry did not answer');
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    it(`stops on ${signal} together with its part, and continues with that part`, async () => {
      const parts = [part('one'), part('long', `test -e ${folder}/go || { echo waiting; sleep 600; }`)];
      const child = start(parts);
      while (!/^waiting$/m.test(child.output)) await once(child.stdout, 'data');
      child.kill(signal);
      const [status] = await once(child, 'close'); // the pipes are closed: nothing of the part runs on
      assert.strictEqual(status, 130, child.output);
      assert.strictEqual(rows()[1][1], 'not yet run');
      fs.writeFileSync(path.join(folder, 'go'), '');
      assert.strictEqual((await run(parts)).status, 0);
      assert.deepStrictEqual([runsOf('one'), runsOf('long')], [1, 2]);
    });
  }

  it('keeps the rows of parts that did not run on this machine', async () => {
    const parts = [part('one'), part('two')];
    await run(parts);
    fs.rmSync(files.state);
    await run(parts, ['two'], 'def5678');
    assert.deepStrictEqual(
      rows().map(([name, , , commit]) => [name, commit]),
      [
        ['one', 'abc1234'],
        ['two', 'def5678'],
      ],
    );
  });

  it('refuses a part that does not exist, with the names of those that do', async () => {
    const { status, output } = await run([part('one')], ['nonsense']);
    assert.strictEqual(status, 1);
    assert.match(output, /^no such part: nonsense\n[^]*\n {2}one /);
    assert.ok(!fs.existsSync(path.join(folder, 'one')));
  });

  it('has a row for each part in docs/test-full.md', () => {
    const page = fs.readFileSync(FILES.page, 'utf8');
    assert.deepStrictEqual(
      PARTS.filter(({ name, command }) => !page.includes(`\n| ${name} | \`${command}\` | `)).map(({ name }) => name),
      [],
    );
  });
});
