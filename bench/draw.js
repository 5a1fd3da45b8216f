'use strict';
// The plots of docs/benchmarks/, from bench/measurements.json: node bench/draw.js

const fs = require('node:fs');
const path = require('node:path');

const { bars, lines } = require('./lib/charts');
const { caption } = require('./lib/machine');
const { measurements } = require('./lib/store');
const { bytes, count, duration } = require('./lib/svg');

const FOLDER = path.join(__dirname, '..', 'docs', 'benchmarks');

const barsOf = (row) => Object.entries(row.us).map(([name, us]) => ({ name, us }));

function panels(rows, wanted, title) {
  return rows.filter(wanted).map((row) => ({ title: title(row), bars: barsOf(row) }));
}

const WORDS = { sign: 'sign', verify: 'verify', decode: 'decode', signAsync: 'sign', verifyAsync: 'verify' };
const LOGARITHMIC = 'time a call, shorter is better; the scale is logarithmic';

const FROM_MATRIX = [
  {
    file: 'hs256.svg', title: 'HS256, 4 claims, a string secret', subtitle: LOGARITHMIC,
    wanted: (r) => r.alg === 'HS256' && r.size === '4 claims' && !r.keys && !r.operation.endsWith('Async'), name: (r) => r.operation,
  },
  {
    file: 'algorithms-sign.svg', title: 'Signing with public-key algorithms, 4 claims, PEM keys', subtitle: LOGARITHMIC,
    wanted: (r) => r.alg !== 'HS256' && r.size === '4 claims' && r.operation === 'sign', name: (r) => r.alg,
  },
  {
    file: 'algorithms-verify.svg', title: 'Verifying with public-key algorithms, 4 claims, PEM keys', subtitle: LOGARITHMIC,
    wanted: (r) => r.alg !== 'HS256' && r.size === '4 claims' && r.operation === 'verify', name: (r) => r.alg,
  },
  {
    file: 'payloads.svg', title: 'HS256 with larger payloads', subtitle: LOGARITHMIC,
    wanted: (r) => r.alg === 'HS256' && r.size !== '4 claims', name: (r) => `${r.operation}, ${r.size}`,
  },
  {
    file: 'async.svg', title: '64 in flight: time a token', subtitle: `on this machine's cores together; ${LOGARITHMIC}`,
    wanted: (r) => r.operation.endsWith('Async'), name: (r) => `${r.alg} ${WORDS[r.operation]}`,
  },
  {
    file: 'keys.svg', title: 'HS256 with 1,000 secrets in turn', subtitle: LOGARITHMIC, wanted: (r) => Boolean(r.keys), name: (r) => r.operation,
  },
];

const FORMATS = { bytes, count };

function drawMatrix({ machine, rows }) {
  for (const { file, title, subtitle, wanted, name } of FROM_MATRIX)
    save(file, bars({ title, subtitle, caption: caption(machine), panels: panels(rows, wanted, name) }));
}

function drawScale({ machine, curves }) {
  for (const { file, title, x, ticks, xFormat, y, series, slopes } of curves) {
    const subtitle = slopes[0] ? `${slopes[0].name}: ${slopes[0].words}` : '';
    save(file, lines({
      title, subtitle, caption: caption(machine), x: { label: x, ticks, format: FORMATS[xFormat] }, y: { label: y, format: duration }, series,
    }));
  }
}

function drawLoop({ machine, rows }) {
  const panel = (key, title) => ({ title, bars: rows.map((row) => ({ name: row.name, us: row[key] })) });
  save('event-loop.svg', bars({
    title: "The event loop's delay while RS256 is signed at full load", subtitle: `a timer of 1 ms, its own millisecond included; ${LOGARITHMIC}`,
    caption: caption(machine), panels: [panel('p50', 'median'), panel('p99', '99th percentile'), panel('max', 'longest')],
  }));
}

const save = (file, svg) => fs.writeFileSync(path.join(FOLDER, file), svg);

function drawAll() {
  const { matrix, scale, loop } = measurements();
  fs.mkdirSync(FOLDER, { recursive: true });
  if (matrix) drawMatrix(matrix);
  if (scale) drawScale(scale);
  if (loop) drawLoop(loop);
}

if (require.main === module) drawAll();

module.exports = { drawAll };
