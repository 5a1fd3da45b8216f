'use strict';
// What holds for the package as a whole: the walls between the folders, the lock files, the shape of the code.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { CACHE, SQLITE } = require('../scripts/sqlite');

const ROOT = path.join(__dirname, '..');
const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => fs.existsSync(path.join(ROOT, file)));
const under = (...folders) => tracked.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));

/** Lines of files that match, as "file: line". */
function matches(files, pattern) {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

// folder → what its files may include beyond the system's headers (docs/architecture.md, "The walls")
const INCLUDES = [
  { files: /^include\//, may: [/^signet\/(status|stores|sessions)\.h$/] },
  // Windows: a handler of exit() must be OpenSSL's
  { files: /^src\/platform\//, may: [/^platform\/platform\.h$/, /^openssl\/crypto\.h$/] },
  { files: /^src\/core\//, may: [/^signet\.h$/, /^core\//, /^platform\/platform\.h$/, /^openssl\//] },
  { files: /^src\/session\//, may: [/^signet\.h$/, /^core\//, /^session\//] },
  {
    files: /^src\/store\/sqlite/,
    may: [
      /^core\/(fail|crypto)\.h$/,
      /^platform\/platform\.h$/,
      /^session\/store\.h$/,
      /^store\/open\.h$/,
      /^store\/sqlite/,
      /^sqlite3\.h$/,
    ],
  },
  {
    files: /^src\/store\/mongo/,
    may: [
      /^core\/(fail|crypto)\.h$/,
      /^platform\/platform\.h$/,
      /^session\/store\.h$/,
      /^store\/open\.h$/,
      /^store\/mongo/,
      /^(mongoc|bson)\//,
    ],
  },
  { files: /^src\/store\/open\./, may: [/^core\/fail\.h$/, /^session\/store\.h$/, /^store\/open\.h$/] },
  { files: /^src\/node\//, may: [/^signet\.h$/, /^platform\/platform\.h$/, /^node\//, /^(napi|node_api)\.h$/] },
];
const LIBRARIES = /^(openssl|mongoc|bson|sqlite3|napi|node_api|js_native_api|node|uv|v8)\b/;

// folder → what no line of it may hold (docs/architecture.md, "The walls")
const WALLS = [
  {
    folders: ['src/core', 'src/session', 'src/store', 'include'],
    what: 'a Node header',
    pattern: /#\s*include\s*[<"](node|napi|js_native|uv\.h|v8)/,
  },
  {
    folders: ['src/core', 'src/session', 'src/node'],
    what: "a database's header",
    pattern: /#\s*include\s*[<"](mongoc|bson|sqlite3)/,
  },
  { folders: ['src/core'], what: 'a header of the sessions', pattern: /#\s*include\s*"(session|store|node)\// },
  { folders: ['src/session'], what: 'a header of a store', pattern: /#\s*include\s*"(store\/|node\/)/ },
  {
    folders: ['src/core', 'src/session', 'src/store'],
    what: 'a thread',
    pattern: /\b(pthread_create|thrd_create|signet_thread_start)\b/,
  },
  {
    folders: ['src/core', 'src/session'],
    what: 'a clock',
    pattern: /\b(time|clock_gettime|gettimeofday|signet_monotonic_us)\s*\(/,
  },
  {
    folders: ['src/core', 'src/session', 'src/store', 'src/node'],
    what: "an operating system's own header, or a line for one system only: src/platform has what differs",
    pattern: new RegExp(
      String.raw`#\s*include\s*<(pthread|unistd|fcntl|signal|dlfcn|link|windows|time|ctime|csignal|sys/|mach)` +
        String.raw`|\b(_WIN32|__linux__|__APPLE__)\b`,
    ),
  },
  { folders: ['src/core', 'src/session'], what: 'the environment', pattern: /\b(secure_)?getenv\s*\(/ },
  { folders: ['src/node'], what: "a core's private header", pattern: /#\s*include\s*"(core|session|store)\// },
  {
    folders: ['src/node'],
    what: 'an algorithm or a claim by name',
    pattern: /"(HS|RS|PS|ES)(256|384|512)|"EdDSA"|"(exp|nbf|aud|iss|sub|jti|sid)"/,
  },
  { folders: ['scripts', 'lib', 'client'], what: 'a benchmark', pattern: /require\(.*\bbench\// },
  {
    folders: ['lib'],
    what: 'cryptography',
    pattern:
      /\bcreate(Hmac|Hash|Sign|Cipheriv)\b|\bcrypto\.(createVerify|sign|verify|hash|hkdf|pbkdf2|scrypt)\b|\bsubtle\b/,
  },
  {
    folders: ['lib'],
    what: "a module of Node's by its `node:` name, which Jest 25 to 27 cannot resolve",
    pattern: /(?<!node -p \\")(\brequire\(|from )['"]node:/,
  },
  {
    folders: ['lib'],
    what: "what an app's fake timers hold back",
    pattern: /\b(nextTick|setImmediate|queueMicrotask)\(/,
  },
  {
    folders: ['lib'],
    what: 'a database driver',
    pattern: /require\(['"](mongodb|node:sqlite|better-sqlite3|sqlite3)['"]\)/,
  },
];

// room of lib → the rooms that its files may import (docs/architecture.md, "The rooms of lib"). A target with a dot
// is the one file of another room that may be imported.
const ROOMS = {
  native: ['../package.json'],
  options: ['native'],
  keys: ['native', 'options'],
  jwt: ['native', 'options', 'keys'],
  auth: ['native', 'options'],
  express: ['native', 'options', 'auth/internals.js'],
  mongoose: ['native'],
  testing: ['native', 'options', 'index.js'],
  '.': ['native', 'keys', 'jwt', 'auth', 'express', 'testing'],
};

/** The files of the package that a file of lib imports, by paths from lib. */
function importsOf(file) {
  const paths = [...read(file).matchAll(/require\('(\.[^']*)'\)/g)].map(([, name]) =>
    path.join(ROOT, path.dirname(file), name),
  );
  return paths
    .filter((name) => !name.endsWith('.node'))
    .map((name) => path.relative(path.join(ROOT, 'lib'), require.resolve(name)));
}

/** The text of a C file without its comments and strings. */
const codeOf = (file) => read(file).replace(/\/\*[^]*?\*\/|"(\\.|[^"\\])*"/g, ' ');

/** C file → the files whose functions or tables it uses. */
function usesByName(files) {
  const definedIn = new Map();
  for (const file of files) {
    for (const [line, name] of codeOf(file).matchAll(/^\w.*?\b(\w+)(?:\(| = |\[\])/gm))
      if (!/^(static|typedef)\b/.test(line)) definedIn.set(name, file);
  }
  const used = (file) => [...codeOf(file).matchAll(/\b\w+\b/g)].map(([name]) => definedIn.get(name));
  return new Map(files.map((file) => [file, new Set(used(file).filter((one) => one && one !== file))]));
}

/** C++ module (port.h and port.cc) → the modules that it includes. */
function usesByInclude(files) {
  const uses = new Map();
  for (const file of files) {
    const module = file.replace(/\.\w+$/, '');
    const included = [...read(file).matchAll(/^#include "(node\/\w+)\.h"/gm)].map(([, name]) => `src/${name}`);
    uses.set(module, new Set([...(uses.get(module) ?? []), ...included.filter((one) => one !== module)]));
  }
  return uses;
}

// What may not use each other, directly or through others.
const LAYERED = [
  {
    what: 'two C files of src',
    uses: () => usesByName(under('src').filter((file) => file.endsWith('.c'))),
  },
  {
    what: 'two modules of src/node',
    uses: () => usesByInclude(under('src/node').filter((file) => /\.(h|cc)$/.test(file))),
  },
];

/** A path through `uses` that begins and ends with `file`, or undefined. */
function circleFrom(file, uses, path = [file], seen = new Set()) {
  for (const next of uses.get(path.at(-1))) {
    if (next === file) return [...path, file];
    if (seen.has(next)) continue;
    seen.add(next);
    const circle = circleFrom(file, uses, [...path, next], seen);
    if (circle) return circle;
  }
  return undefined;
}

describe('01 the package', () => {
  for (const { what, uses: usesOf } of LAYERED) {
    it(`no ${what} use each other, directly or through others`, () => {
      const uses = usesOf();
      assert.ok([...uses.values()].some((used) => used.size > 0));
      const circles = [...uses.keys()].map((file) => circleFrom(file, uses)).filter((circle) => circle !== undefined);
      assert.deepStrictEqual(circles, []);
    });
  }

  for (const { folders, what, pattern } of WALLS) {
    it(`${folders.join(', ')} never hold ${what}`, () => {
      const files = under(...folders).filter((file) => /\.(c|h|cc|hpp|js)$/.test(file));
      assert.ok(files.length > 0);
      assert.deepStrictEqual(matches(files, pattern), []);
    });
  }

  for (const { files, may } of INCLUDES) {
    it(`files ${files} include only what the walls allow`, () => {
      const sources = tracked.filter((file) => files.test(file) && /\.(c|h|cc)$/.test(file));
      assert.ok(sources.length > 0);
      const included = sources.flatMap((file) =>
        [...read(file).matchAll(/^\s*#\s*include\s*([<"])([^">]+)[">]/gm)]
          .filter(([, mark, name]) => mark === '"' || LIBRARIES.test(name))
          .map(([, , name]) => ({ file, name })),
      );
      assert.deepStrictEqual(
        included.filter(({ name }) => !may.some((pattern) => pattern.test(name))),
        [],
      );
    });
  }

  it('every C and C++ file stands in a folder that has walls', () => {
    const sources = under('src', 'include').filter((file) => /\.(c|h|cc|hpp)$/.test(file));
    assert.deepStrictEqual(
      sources.filter((file) => !INCLUDES.some(({ files }) => files.test(file))),
      [],
    );
  });

  for (const [room, may] of Object.entries(ROOMS)) {
    it(`lib/${room} imports only ${['itself', ...may].join(', ')}`, () => {
      const files = under('lib').filter(
        (file) => path.relative('lib', path.dirname(file)) === (room === '.' ? '' : room) && file.endsWith('.js'),
      );
      assert.ok(files.length > 0);
      const imports = files.flatMap((file) =>
        importsOf(file).map((target) => ({ file, target, room: path.dirname(target) })),
      );
      assert.deepStrictEqual(
        imports.filter((one) => one.room !== room && ![one.room, one.target].some((name) => may.includes(name))),
        [],
      );
    });
  }

  it('every JavaScript file of lib stands in a room that has walls', () => {
    const files = under('lib').filter((file) => file.endsWith('.js'));
    assert.deepStrictEqual(
      files.filter((file) => !Object.hasOwn(ROOMS, path.relative('lib', path.dirname(file)) || '.')),
      [],
    );
  });

  it('only lib/native/fast.js and src/node/fast read and write the memory that they share', () => {
    const inLib = matches(
      under('lib'),
      /\bnative\.(exchange|sign|signMembers|learnShape|verify|verifyAccess|decode)\b/,
    );
    const inAddon = matches(under('src/node'), /\bexchange_?->/);
    assert.ok(inLib.length > 0 && inAddon.length > 0);
    const files = new Set([...inLib, ...inAddon].map((match) => match.split(':')[0]));
    assert.deepStrictEqual(
      [...files].filter((file) => !/^(lib\/native\/fast\.js|src\/node\/fast\.(h|cc))$/.test(file)),
      [],
    );
    assert.deepStrictEqual(Object.keys(require('../lib/native/fast')).sort(), [
      'decode',
      'sign',
      'verify',
      'verifyAccess',
    ]);
  });

  it('the addon contains the SQLite of the prebuilt binaries, and make and the benchmarks use it', function () {
    const header = path.join(CACHE, 'sqlite3.h');
    if (!fs.existsSync(header) && !process.env.CI) {
      console.log('      skipped: there is no .cache/sqlite: node scripts/sqlite.js');
      this.skip();
    }
    const text = fs.readFileSync(header, 'utf8');
    const [, version] = /^#define SQLITE_VERSION +"(.+)"/m.exec(text);
    const [, source] = /^#define SQLITE_SOURCE_ID +"(.+)"/m.exec(text);
    assert.strictEqual(version, SQLITE.version);
    assert.ok(
      fs.readFileSync(path.join(ROOT, 'native/build/Release/signet.node')).includes(source),
      'signet.node is of another SQLite',
    );
    const flags = (what) =>
      execFileSync(process.execPath, ['scripts/native-flags.js', what], { cwd: ROOT, encoding: 'utf8' }).split('\n');
    assert.ok(flags('libraries').includes(path.join(CACHE, 'libsqlite3.a')));
    assert.ok(flags('includes').includes(CACHE));
    const said = execFileSync('make', ['-pn'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.match(said, /^SQLITE := \.cache\/sqlite\/libsqlite3\.a$/m);
  });

  it('a lock file records no download address', () => {
    const locks = tracked.filter((file) => path.basename(file) === 'package-lock.json');
    assert.ok(locks.length > 0);
    assert.deepStrictEqual(matches(locks, /"resolved": "https?:/), []);
  });

  it('a source file has at most 500 lines', () => {
    const sources = under('src', 'lib', 'client', 'include').filter((file) => /\.(c|h|cc|hpp|js|mjs)$/.test(file));
    assert.deepStrictEqual(
      sources.filter((file) => read(file).split('\n').length > 500 + 1),
      [],
    );
  });

  it('a line of code has at most 120 columns, comments too: no formatter breaks these', () => {
    const code = /\.(c|h|cc|[cm]?[jt]s|jsx|css|py|sh|gyp|jsonc)$|(^|\/)Makefile$|^\.ci\/run$/;
    const wide = matches(
      tracked.filter((file) => code.test(file)),
      /^.{121}/u,
    );
    const isStatus = /^include\/signet\/status\.h: X\(/; // a row of the table
    assert.deepStrictEqual(
      wide.filter((line) => !isStatus.test(line)),
      [],
    );
  });

  it('a source file begins with a comment that says what it is for, before its imports', () => {
    const sources = under('src', 'lib', 'client', 'include', 'scripts').filter((file) => /\.(c|h|cc|m?js)$/.test(file));
    assert.deepStrictEqual(
      sources.filter((file) => !/^(#!.*\n)?('use strict';\n)?\/[/*]/.test(read(file))),
      [],
    );
  });

  it('the README has at most 120 lines', () => {
    assert.ok(read('README.md').split('\n').length <= 121);
  });

  it('every file that "exports" names is there', () => {
    const targets = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(targets));
    const files = Object.values(JSON.parse(read('package.json')).exports).flatMap(targets);
    assert.deepStrictEqual(
      files.filter((file) => !fs.existsSync(path.join(ROOT, file))),
      [],
    );
  });

  it('a refresh token is rotated, and a fault is fixed: no file has other words for it', () => {
    const texts = tracked.filter((file) => /\.(c|h|cc|js|jsx|mjs|ts|mts|md|html)$/.test(file));
    assert.deepStrictEqual(matches(texts, /\b(trad(e[sd]?|ing)|men(d|ds|ded)|betra(y|l)\w*)\b/i), []);
  });

  it('no test is skipped or made exclusive without a printed reason', () => {
    assert.deepStrictEqual(
      matches(
        under('test').filter((file) => /\.m?js$/.test(file)),
        /^\s*(it|describe)\.(skip|only)\((?!`skipped: \$)/,
      ),
      [],
    );
  });
});
