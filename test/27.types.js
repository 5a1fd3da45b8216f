'use strict';
// lib/index.d.ts, compiled with code that uses it.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(__dirname, 'types');

/** What the compiler says of a file, as text. */
function diagnose(files, module, moduleResolution) {
  const program = ts.createProgram(files, {
    strict: true, noEmit: true, esModuleInterop: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022, module, moduleResolution,
    types: ['node'], paths: { 'signet-jwt': [path.join(ROOT, 'lib/index.d.ts')] },
  });
  return ts.getPreEmitDiagnostics(program).map((entry) => {
    const place = entry.file ? `${path.relative(ROOT, entry.file.fileName)}:${entry.file.getLineAndCharacterOfPosition(entry.start).line + 1}: ` : '';
    return place + ts.flattenDiagnosticMessageText(entry.messageText, '\n');
  });
}

describe('27 types', function () {
  this.timeout(60_000);
  const files = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.ts')).map((name) => path.join(FOLDER, name));

  it('code written for jsonwebtoken\'s types compiles, and mistakes do not', () => {
    assert.ok(files.length > 0);
    assert.deepStrictEqual(diagnose(files, ts.ModuleKind.CommonJS, ts.ModuleResolutionKind.Node10), []);
  });
});
