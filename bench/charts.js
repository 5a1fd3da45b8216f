'use strict';
// Draws the plots of docs/benchmarks/ from measurements.json: node bench/charts.js. Two kinds: bars (one panel per
// question), and lines over a size. Both are logarithmic, since the libraries differ by orders of magnitude.

const fs = require('node:fs');
const path = require('node:path');

const { caption, measurements, quick } = require('./core');

const FOLDER = path.join(__dirname, '..', 'docs', 'benchmarks');

// ---------------------------------------------------------------- marks and scales

const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif";
const INK = '#1f2937';
const SOFT = '#6b7280';
const RULE = '#e5e7eb';

const escaped = (text) =>
  String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const at = (value) => Number(value.toFixed(1));

function text(x, y, words, { size = 12, colour = INK, anchor = 'start', weight = 400, rotate } = {}) {
  const turn = rotate ? ` transform="rotate(${rotate} ${at(x)} ${at(y)})"` : '';
  return (
    `<text x="${at(x)}" y="${at(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"` +
    ` font-weight="${weight}"${turn}>${escaped(words)}</text>`
  );
}

const line = (x1, y1, x2, y2, colour = RULE, width = 1) =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${colour}" stroke-width="${width}"/>`;

const bar = (x, y, width, height, colour) =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(width, 1))}" height="${at(height)}" rx="2" fill="${colour}"/>`;

const dot = (x, y, colour) => `<circle cx="${at(x)}" cy="${at(y)}" r="3" fill="${colour}"/>`;

const polyline = (points, colour, dashed) =>
  `<polyline points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(' ')}"` +
  ` fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"` +
  `${dashed ? ' stroke-dasharray="5 4"' : ''}/>`;

// A whole picture: title at the top, the machine it was measured on at the bottom.
function picture({ width, height, title, subtitle, caption, marks }) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      ` role="img" aria-label="${escaped(title)}" font-family="${FONT}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(24, 32, title, { size: 17, weight: 600 }),
    text(24, 52, subtitle, { size: 12.5, colour: SOFT }),
    ...marks,
    text(24, height - 14, caption, { size: 11, colour: SOFT }),
    '</svg>',
    '',
  ].join('\n');
}

const between = (low, high, from, to) => (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);

// A logarithmic scale from values to pixels that spans exactly these values: { at }.
function tightLogScale(values, from, to) {
  const low = Math.log10(Math.min(...values));
  return { at: between(low, Math.max(low + 0.1, Math.log10(Math.max(...values))), from, to) };
}

// The same, rounded out to whole decades: { at, ticks, start }.
function logScale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { at: between(low, high, from, to), ticks, start: 10 ** low };
}

const PLAIN = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

// 0.58 µs, 12 ms: three digits and a suitable unit.
function duration(us) {
  if (us < 1) return `${PLAIN.format(us * 1000)} ns`;
  if (us < 1000) return `${PLAIN.format(us)} µs`;
  if (us < 1e6) return `${PLAIN.format(us / 1000)} ms`;
  return `${PLAIN.format(us / 1e6)} s`;
}

function count(n) {
  if (n >= 1e6) return `${PLAIN.format(n / 1e6)} M`;
  return n >= 1e4 ? `${PLAIN.format(n / 1e3)} k` : PLAIN.format(n);
}

const bytes = (n) => (n >= 1024 ? `${PLAIN.format(n / 1024)} kB` : `${n} B`);

// ---------------------------------------------------------------- the two kinds

const COLOURS = {
  signet: '#0f766e',
  floor: '#9ca3af',
  jsonwebtoken: '#b45309',
  'jsonwebtoken, KeyObject': '#d97706',
  'fast-jwt': '#1d4ed8',
  'fast-jwt, cached': '#60a5fa',
  jose: '#7c3aed',
  '@node-rs/jsonwebtoken': '#be123c',
};
const SPARE = ['#0f766e', '#b45309', '#1d4ed8', '#7c3aed', '#be123c', '#4d7c0f'];
const colourOf = (name, i) => COLOURS[name] ?? SPARE[i % SPARE.length];

const WIDTH = 860;
const TOP = 72;
const BAR = { height: 15, gap: 5, panel: 44, left: 190, right: 90 };

function barPanel({ title, bars }, y, scale) {
  const bottom = y + 24 + bars.length * (BAR.height + BAR.gap);
  return [
    text(24, y + 12, title, { size: 13, weight: 600 }),
    ...scale.ticks.flatMap((tick) => [
      line(scale.at(tick), y + 20, scale.at(tick), bottom),
      text(scale.at(tick), bottom + 13, duration(tick), { size: 10.5, colour: SOFT, anchor: 'middle' }),
    ]),
    ...bars.flatMap(({ name, us }, i) => {
      const top = y + 24 + i * (BAR.height + BAR.gap);
      const own = name === 'signet';
      return [
        text(BAR.left - 10, top + 12, name, { anchor: 'end', weight: own ? 600 : 400 }),
        bar(scale.at(scale.start), top, scale.at(us) - scale.at(scale.start), BAR.height, colourOf(name, i)),
        text(scale.at(us) + 6, top + 12, duration(us), { size: 11, weight: own ? 600 : 400 }),
      ];
    }),
  ];
}

// panels: [{ title, bars: [{ name, us }] }], shortest bar first; one scale for all, so that panels can be compared.
function bars({ title, subtitle, caption, panels }) {
  const sorted = panels.map((panel) => ({ ...panel, bars: [...panel.bars].sort((a, b) => a.us - b.us) }));
  const scale = logScale(
    sorted.flatMap((panel) => panel.bars.map(({ us }) => us)),
    BAR.left,
    WIDTH - BAR.right,
  );
  let y = TOP;
  const marks = [];
  for (const panel of sorted) {
    marks.push(...barPanel(panel, y, scale));
    y += 24 + panel.bars.length * (BAR.height + BAR.gap) + BAR.panel;
  }
  return picture({ width: WIDTH, height: y + 24, title, subtitle, caption, marks });
}

const PLOT = { left: 78, right: 190, top: TOP + 8, height: 300 };

// Names at the ends of their lines, moved apart so that they do not overlap.
function endLabels(series, scales) {
  const labels = series.map(({ name, points }, i) => ({
    name,
    colour: colourOf(name, i),
    y: scales.y.at(points.at(-1)[1]),
  }));
  labels.sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 15);
  return labels.map(({ name, colour, y }) =>
    text(WIDTH - PLOT.right + 10, y + 4, name, { size: 11.5, colour, weight: 600 }),
  );
}

function curve({ points, dashed }, colour, scales) {
  const placed = points.map(([x, y]) => [scales.x.at(x), scales.y.at(y)]);
  return [polyline(placed, colour, dashed), ...placed.map(([x, y]) => dot(x, y, colour))];
}

// series: [{ name, points: [[x, y], …], dashed }]; `x`: { label, format, ticks }, `y`: { label, format }.
function lines({ title, subtitle, caption, x, y, series }) {
  const bottom = PLOT.top + PLOT.height;
  const right = WIDTH - PLOT.right;
  const points = series.flatMap((s) => s.points);
  const scales = {
    x: tightLogScale(
      points.map((p) => p[0]),
      PLOT.left + 16,
      right - 16,
    ),
    y: logScale(
      points.map((p) => p[1]),
      bottom,
      PLOT.top,
    ),
  };
  const marks = [
    ...scales.y.ticks.flatMap((tick) => [
      line(PLOT.left, scales.y.at(tick), right, scales.y.at(tick)),
      text(PLOT.left - 8, scales.y.at(tick) + 4, y.format(tick), { size: 11, colour: SOFT, anchor: 'end' }),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(scales.x.at(tick), bottom, scales.x.at(tick), bottom + 4, SOFT),
      text(scales.x.at(tick), bottom + 18, x.format(tick), { size: 11, colour: SOFT, anchor: 'middle' }),
    ]),
    line(PLOT.left, bottom, right, bottom, SOFT),
    text((PLOT.left + right) / 2, bottom + 38, x.label, { size: 12, anchor: 'middle' }),
    text(20, PLOT.top + PLOT.height / 2, y.label, { size: 12, anchor: 'middle', rotate: -90 }),
    ...series
      .map((s, i) => curve(s, colourOf(s.name, i), scales))
      .reverse()
      .flat(), // the first lies on top
    ...endLabels(series, scales),
  ];
  return picture({ width: WIDTH, height: bottom + 78, title, subtitle, caption, marks });
}

// ---------------------------------------------------------------- the plots

const barsOf = (row) => Object.entries(row.us).map(([name, us]) => ({ name, us }));

function panels(rows, wanted, title) {
  return rows.filter(wanted).map((row) => ({ title: title(row), bars: barsOf(row) }));
}

const WORDS = { sign: 'sign', verify: 'verify', decode: 'decode', signAsync: 'sign', verifyAsync: 'verify' };
const LOGARITHMIC = 'time per call, shorter is better; the scale is logarithmic';

const FROM_MATRIX = [
  {
    file: 'hs256.svg',
    title: 'HS256, 4 claims, a string secret',
    subtitle: LOGARITHMIC,
    wanted: (r) => r.alg === 'HS256' && r.size === '4 claims' && !r.keys && !r.operation.endsWith('Async'),
    name: (r) => r.operation,
  },
  {
    file: 'algorithms-sign.svg',
    title: 'Signing with public-key algorithms, 4 claims, PEM keys',
    subtitle: LOGARITHMIC,
    wanted: (r) => r.alg !== 'HS256' && r.size === '4 claims' && r.operation === 'sign',
    name: (r) => r.alg,
  },
  {
    file: 'algorithms-verify.svg',
    title: 'Verifying with public-key algorithms, 4 claims, PEM keys',
    subtitle: LOGARITHMIC,
    wanted: (r) => r.alg !== 'HS256' && r.size === '4 claims' && r.operation === 'verify',
    name: (r) => r.alg,
  },
  {
    file: 'payloads.svg',
    title: 'HS256 with larger payloads',
    subtitle: LOGARITHMIC,
    wanted: (r) => r.alg === 'HS256' && r.size !== '4 claims',
    name: (r) => `${r.operation}, ${r.size}`,
  },
  {
    file: 'async.svg',
    title: '64 in flight: time per token',
    subtitle: `on this machine's cores together; ${LOGARITHMIC}`,
    wanted: (r) => r.operation.endsWith('Async'),
    name: (r) => `${r.alg} ${WORDS[r.operation]}`,
  },
  {
    file: 'keys.svg',
    title: 'HS256 with 1,000 secrets in turn',
    subtitle: LOGARITHMIC,
    wanted: (r) => Boolean(r.keys),
    name: (r) => r.operation,
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
    save(
      file,
      lines({
        title,
        subtitle,
        caption: caption(machine),
        series,
        x: { label: x, ticks, format: FORMATS[xFormat] },
        y: { label: y, format: duration },
      }),
    );
  }
}

function drawLoop({ machine, rows }) {
  const panel = (key, title) => ({ title, bars: rows.map((row) => ({ name: row.name, us: row[key] })) });
  save(
    'event-loop.svg',
    bars({
      title: "The event loop's delay while RS256 is signed at full load",
      subtitle: `a timer of 1 ms, its own millisecond included; ${LOGARITHMIC}`,
      caption: caption(machine),
      panels: [panel('p50', 'median'), panel('p99', '99th percentile'), panel('max', 'longest')],
    }),
  );
}

const save = (file, svg) => quick || fs.writeFileSync(path.join(FOLDER, file), svg);

function drawAll() {
  const { matrix, scale, loop } = measurements();
  fs.mkdirSync(FOLDER, { recursive: true });
  if (matrix) drawMatrix(matrix);
  if (scale) drawScale(scale);
  if (loop) drawLoop(loop);
}

if (require.main === module) drawAll();

module.exports = { drawAll };
