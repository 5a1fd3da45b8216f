'use strict';
// What the documentation shows is what a reader gets: every block is run or compiled from the page's own text, every link leads somewhere.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { PAGES, ROOT, anchorsOf, blocksOf, complaints, readPage, runBlock } = require('./support/docs');

const LANGUAGES = ['js', 'jsx', 'ts', 'json', 'sh', 'diff', 'dockerfile', ''];
const blocks = PAGES.flatMap(blocksOf);
const inLanguage = (...names) => blocks.filter(({ language }) => names.includes(language));
const called = ({ page, name, line }) => `${page}, line ${line}${name ? ` (${name})` : ''}`;
const scripts = require('../package.json').scripts;

/** test/docs/PAGE.js: what the page takes as given, and what must be true after its blocks. */
const notesOf = (page) => require(`./docs/${path.basename(page, '.md')}.js`);

describe('07 the documentation', function () {
  this.timeout(100_000); // bundlers and compilers

  it('has its code in languages that are looked at here', () => {
    assert.deepStrictEqual(blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(called), []);
  });

  it('has a check for no block that is not there', () => {
    for (const page of new Set(inLanguage('js', 'jsx').map((block) => block.page))) {
      const names = inLanguage('js', 'jsx').filter((block) => block.page === page).map(({ name }) => name);
      assert.deepStrictEqual(Object.keys(notesOf(page).blocks).filter((name) => !names.includes(name)), [], page);
    }
  });

  for (const block of inLanguage('js', 'jsx')) {
    const { needsMongo, run, files, prints = /(?:)/ } = notesOf(block.page).blocks[block.name] ?? {};
    if (needsMongo && !process.env.MONGODB_URI) it.skip(`skipped: ${called(block)}: MONGODB_URI is not set: node scripts/mongo-server.js up`);
    else it(`${called(block)} runs by itself in an empty folder`, async () => {
      const { code, output } = await runBlock({ ...block, run, files });
      assert.strictEqual(code, 0, `${called(block)}:\n${output}`);
      assert.match(output, prints);
    });
  }

  for (const block of inLanguage('ts')) {
    it(`${called(block)} compiles`, () => assert.deepStrictEqual(complaints(block), []));
  }

  for (const block of inLanguage('json')) {
    it(`${called(block)} is JSON`, () => { JSON.parse(block.text); });
  }

  for (const block of inLanguage('sh')) {
    it(`${called(block)} is shell, and the scripts and files that it names are there`, () => {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block.text, encoding: 'utf8' });
      assert.deepStrictEqual([status, stderr], [0, '']);
      const commands = block.text.replace(/(^|\s)#.*$/gm, '');
      const own = [...commands.matchAll(/\bnpm (?:run )?(start|test|bench[:\w]*)/g)].map(([, script]) => script);
      assert.deepStrictEqual(own.filter((script) => !scripts[script]), []);
      const files = [...commands.matchAll(/(?<=\s)(?:scripts|test|bench|fuzz|examples)\/[\w./-]+\.js\b/g)].map(([file]) => file);
      assert.deepStrictEqual(files.filter((file) => !fs.existsSync(path.join(ROOT, file))), []);
    });
  }

  it('has no link that leads nowhere, to a page or to a heading in it', () => {
    const links = PAGES.flatMap((page) => [...readPage(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .map(([, target, anchor]) => ({ page, target: target ? path.join(path.dirname(page), target) : page, anchor })));
    assert.ok(links.length > 50);
    const leadsNowhere = ({ target, anchor }) => !fs.existsSync(path.join(ROOT, target)) || (anchor && !anchorsOf(target).includes(anchor));
    assert.deepStrictEqual(links.filter(leadsNowhere), []);
  });
});
