'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { gzipSync } = require('node:zlib');
const esbuild = require('esbuild');

const LIMIT = 3700; // 3.0 kB before the keys of refreshes, the wait after a 409 and that for a server's new secret

describe('the browser client as a page loads it', () => {
  it('is one bundle under 3.7 kB, gzipped, without dependencies', async () => {
    const entryPoints = [path.join(__dirname, '..', 'client', 'index.js')];
    const options = {
      entryPoints,
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
      metafile: true,
    };
    const { outputFiles, metafile } = await esbuild.build(options);
    const size = gzipSync(outputFiles[0].contents, { level: 9 }).length;
    console.log(`      signet-jwt/client: ${outputFiles[0].contents.length} bytes minified, ${size} gzipped`);
    assert(size < LIMIT, `${size} bytes`);
    assert(
      Object.keys(metafile.inputs).every((file) =>
        /^client\//.test(path.relative(path.join(__dirname, '..'), path.resolve(file))),
      ),
    );
  });
});
