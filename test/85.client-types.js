'use strict';

const assert = require('node:assert');
const path = require('node:path');
const ts = require('typescript');

const PROMISES = path.join(__dirname, 'types', 'browser', 'client.mts');
const WAYS = {
  "a bundler's resolution": { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
  "Node's own resolution": { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
};

describe('the types of signet-jwt/client', function () {
  this.timeout(60_000);
  for (const [name, way] of Object.entries(WAYS)) {
    it(`hold by ${name}, without Node's types`, () => {
      const lib = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'];
      const program = ts.createProgram([PROMISES], {
        ...way,
        strict: true,
        noEmit: true,
        target: ts.ScriptTarget.ES2022,
        lib,
        types: [],
      });
      const complaints = ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
      assert.deepStrictEqual(complaints, []);
    });
  }
});
