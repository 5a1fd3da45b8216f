'use strict';
// Parses the pages of the documentation into blocks of code, headings and links, and runs a block as its reader would:
// alone, in an empty folder.

const { spawn } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const esbuild = require('esbuild');
const ts = require('typescript');

const ROOT = path.join(__dirname, '..', '..');
const BEGIN = path.join(__dirname, 'docs-begin.mjs');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...fs
    .readdirSync(path.join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The packages that `npm install` would install: the project's own, its tests' and its example's. */
const PACKAGES = {
  node_modules: ['express', 'jsonwebtoken', 'mocha', 'mongoose'],
  'test/node_modules': [
    '@node-rs/argon2',
    '@types/express',
    '@types/node',
    'axios',
    'cors',
    'esbuild',
    'express-rate-limit',
    'node-loader',
    'passport',
    'passport-github2',
    'socket.io',
    'socket.io-client',
    'supertest',
    'webpack',
    'ws',
  ],
  'examples/mern/node_modules': ['react', 'react-dom'],
};

const readPage = (page) => fs.readFileSync(path.join(ROOT, page), 'utf8');

/** GitHub's name of a heading in a link. @param {string} heading */
const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** @param {string} page @returns {string[]} the anchors of its headings, repeated ones numbered */
function anchorsOf(page) {
  const seen = new Map();
  const text = readPage(page).replace(/^```[^]*?^```/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const slug = slugOf(heading);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/**
 * Blocks between fences. `name` is the anchor of the heading above, with a number from the second under one heading on.
 * @param {string} page
 * @returns {{ page: string, name: string, line: number, language: string, text: string }[]}
 */
function blocksOf(page) {
  const blocks = [];
  let [heading, open] = ['', null];
  readPage(page)
    .split('\n')
    .forEach((line, index) => {
      const fence = /^ *```(\w*)$/.exec(line);
      if (fence && open) {
        blocks.push({ ...open, text: `${open.lines.join('\n')}\n` });
        open = null;
      } else if (fence) {
        const before = blocks.filter((block) => block.heading === heading).length;
        open = {
          page,
          heading,
          name: before === 0 ? heading : `${heading}-${before + 1}`,
          line: index + 2,
          language: fence[1],
          lines: [],
        };
      } else if (open) {
        open.lines.push(line);
      } else if (/^#+ /.test(line)) {
        heading = slugOf(line.replace(/^#+ /, ''));
      }
    });
  return blocks;
}

/** The names that a block declares at its top level, and whether it is an ES module. @param {string} text */
function outlineOf(text) {
  const source = ts.createSourceFile('block.mjs', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JSX);
  const names = [];
  const collect = (name) =>
    ts.isIdentifier(name)
      ? names.push(name.text)
      : name.elements.forEach((element) => element.name && collect(element.name));
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) statement.declarationList.declarations.forEach(({ name }) => collect(name));
    else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) collect(statement.name);
  }
  const awaits = (node) =>
    !ts.isFunctionLike(node) && (ts.isAwaitExpression(node) || Boolean(ts.forEachChild(node, awaits)));
  const isModule = source.statements.some(
    (statement) =>
      ts.isImportDeclaration(statement) ||
      ts.isExportAssignment(statement) ||
      statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ||
      awaits(statement),
  );
  return { names, isModule };
}

/** An empty folder with node_modules as a user has it. */
function makeFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-docs-'));
  const link = (name, target) => {
    fs.mkdirSync(path.dirname(path.join(folder, 'node_modules', name)), { recursive: true });
    fs.symlinkSync(target, path.join(folder, 'node_modules', name));
  };
  link('signet-jwt', ROOT);
  for (const [place, names] of Object.entries(PACKAGES))
    names.forEach((name) => link(name, path.join(ROOT, place, name)));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** The file name in a block's first line (`// client.js`), if there is one. @param {string} text */
const fileNameOf = (text) => /^\/\/ ([\w.-]+\.m?jsx?)\b/.exec(text)?.[1];

/** Writes the block as a file that Node runs; the end passes the names that it declares to the page's check. */
function writeBlock(folder, { text, language }) {
  const { names, isModule } = outlineOf(text);
  const end = `\n;globalThis.endOfBlock({ ${names.join(', ')} });\n`;
  const file = path.join(folder, isModule ? 'block.mjs' : 'block.cjs');
  if (language === 'jsx') {
    const options = {
      stdin: { contents: text + end, loader: 'jsx', resolveDir: folder },
      outfile: file,
      bundle: true,
      format: 'esm',
      jsx: 'automatic',
      packages: 'external',
    };
    esbuild.buildSync(options);
  } else {
    fs.writeFileSync(file, text + end);
  }
  return file;
}

/**
 * Runs a block in its own process. test/docs/ has the page's placeholders and what must be true after each block.
 * @param {ReturnType<typeof blocksOf>[number] & { run?: 'mocha', files?: Record<string, string> }} block `files`:
 *   what else is in the folder
 * @returns {Promise<{ code: number | null, output: string }>} 0: it succeeded, and so did its check
 */
async function runBlock(block) {
  const folder = makeFolder();
  try {
    const named = blocksOf(block.page)
      .filter(({ text }) => fileNameOf(text))
      .map(({ text }) => [fileNameOf(text), text]);
    for (const [name, text] of [...named, ...Object.entries(block.files ?? {})]) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text);
    }
    const file = writeBlock(folder, block);
    const secret = () => randomBytes(32).toString('base64url');
    const env = {
      ...process.env,
      ACCESS_SECRET: secret(),
      REFRESH_SECRET: secret(),
      SIGNET_DOCS_PAGE: path.basename(block.page, '.md'),
      SIGNET_DOCS_BLOCK: block.name,
      MONGODB_URI: process.env.MONGODB_URI ? ownDatabase(process.env.MONGODB_URI) : './signet.db',
    };
    const mocha = block.run === 'mocha' ? [path.join(ROOT, 'node_modules/mocha/bin/mocha.js')] : [];
    return await end(
      spawn(process.execPath, ['--import', BEGIN, ...mocha, file], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 90_000,
        killSignal: 'SIGKILL',
      }),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function ownDatabase(uri) {
  const url = new URL(uri);
  url.pathname = `/docs_${randomBytes(4).toString('hex')}`;
  return url.href;
}

function end(child) {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The compiler's errors in a TypeScript block. */
function complaints(block) {
  const folder = makeFolder();
  try {
    const file = path.join(folder, 'block.ts');
    fs.writeFileSync(file, block.text);
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      types: ['node'],
      typeRoots: [path.join(folder, 'node_modules/@types')],
    });
    return ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { PAGES, ROOT, anchorsOf, blocksOf, complaints, readPage, runBlock };
