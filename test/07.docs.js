'use strict';
// The documentation works as shown: every block is run or compiled from the page's text, and no link is broken.

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const architecture = require('../scripts/architecture');
const { PAGES, ROOT, anchorsOf, blocksOf, complaints, readPage, runBlock } = require('./support/docs');

const LANGUAGES = ['js', 'jsx', 'ts', 'json', 'sh', 'diff', 'dockerfile', 'mermaid', 'powershell', ''];
const blocks = PAGES.flatMap(blocksOf);
const inLanguage = (...names) => blocks.filter(({ language }) => names.includes(language));
const called = ({ page, name, line }) => `${page}, line ${line}${name ? ` (${name})` : ''}`;
const scripts = require('../package.json').scripts;
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => fs.existsSync(path.join(ROOT, file)));

/** test/docs/PAGE.js: what the page takes as given, and what must be true after its blocks. */
const notesOf = (page) => require(`./docs/${path.basename(page, '.md')}.js`);

describe('07 the documentation', function () {
  this.timeout(100_000); // bundlers and compilers

  it('has code only in languages that are checked here', () => {
    assert.deepStrictEqual(blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(called), []);
  });

  it('has a block for each check', () => {
    for (const page of new Set(inLanguage('js', 'jsx').map((block) => block.page))) {
      const names = inLanguage('js', 'jsx')
        .filter((block) => block.page === page)
        .map(({ name }) => name);
      assert.deepStrictEqual(
        Object.keys(notesOf(page).blocks).filter((name) => !names.includes(name)),
        [],
        page,
      );
    }
  });

  for (const block of inLanguage('js', 'jsx')) {
    const { needsMongo, run, files, prints = /(?:)/ } = notesOf(block.page).blocks[block.name] ?? {};
    if (needsMongo && !process.env.MONGODB_URI)
      it.skip(`skipped: ${called(block)}: MONGODB_URI is not set: node scripts/mongo-server.js up`);
    else
      it(`${called(block)} runs by itself in an empty folder`, async () => {
        const { code, output } = await runBlock({ ...block, run, files });
        assert.strictEqual(code, 0, `${called(block)}:\n${output}`);
        assert.match(output, prints);
      });
  }

  for (const block of inLanguage('ts')) {
    it(`${called(block)} compiles`, () => assert.deepStrictEqual(complaints(block), []));
  }

  for (const block of inLanguage('json')) {
    it(`${called(block)} is JSON`, () => {
      JSON.parse(block.text);
    });
  }

  for (const block of inLanguage('sh')) {
    it(`${called(block)} is shell, and the scripts and files that it names exist`, () => {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block.text, encoding: 'utf8' });
      assert.deepStrictEqual([status, stderr], [0, '']);
      const commands = block.text.replace(/(^|\s)#.*$/gm, '');
      const own = [...commands.matchAll(/\bnpm (?:run )?(start|test|bench[:\w]*)/g)].map(([, script]) => script);
      assert.deepStrictEqual(
        own.filter((script) => !scripts[script]),
        [],
      );
      const files = [...commands.matchAll(/(?<=\s)(?:scripts|test|bench|fuzz|examples)\/[\w./-]+\.js\b/g)].map(
        ([file]) => file,
      );
      assert.deepStrictEqual(
        files.filter((file) => !fs.existsSync(path.join(ROOT, file))),
        [],
      );
    });
  }

  for (const block of inLanguage('powershell')) {
    it(`${called(block)} says that it was never run`, () => assert.match(block.text, /^ *# never run$/m));
  }

  it("draws the code's folders as they are (node scripts/architecture.js), and no folder depends on itself", () => {
    const { text, wanted } = architecture.page();
    assert.strictEqual(text, wanted);
    const graph = architecture.readGraph();
    assert.deepStrictEqual(
      [...graph.keys()].filter((room) => architecture.reached(graph, room).has(room)),
      [],
    );
  });

  /**
   * Whether a path of a page is one of the repository's, from its root or from a folder that the page may leave out;
   * `*` and `[…]` as in a shell.
   */
  function isThere(name) {
    const asPattern = name.replace(/[.+?^${}()|]/g, '\\$&').replace(/\*/g, '[^/]*');
    const pattern = new RegExp(`^((lib|src|include|test)/)?${asPattern}`);
    return tracked.some((file) => pattern.test(file));
  }

  for (const page of ['CONTRIBUTING.md', 'docs/architecture.md']) {
    it(`${page} names only files that exist`, () => {
      const named = [
        ...readPage(page).matchAll(
          /`(?:(?:node|npx mocha) )?((?:[\w.-]+\/)+[\w.*[\]-]*|[\w-]+\.(?:md|json|jsonc|gyp))`/g,
        ),
      ]
        .map(([, name]) => name)
        .filter((name) => !/^((native\/)?build|node_modules|prebuilds|\.cache|include\/node)\//.test(name));
      assert.ok(named.length > 20, `${named.length} names`);
      assert.deepStrictEqual(
        named.filter((name) => !isThere(name)),
        [],
      );
    });
  }

  it('has no broken link, to a page or to a heading', () => {
    const links = PAGES.flatMap((page) =>
      [...readPage(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, target, anchor]) => ({
        page,
        target: target ? path.join(path.dirname(page), target) : page,
        anchor,
      })),
    );
    assert.ok(links.length > 50);
    const leadsNowhere = ({ target, anchor }) =>
      !fs.existsSync(path.join(ROOT, target)) || (anchor && !anchorsOf(target).includes(anchor));
    assert.deepStrictEqual(links.filter(leadsNowhere), []);
  });
});
