'use strict';
// The few marks that a plot is made of, as SVG text; and the ticks of its axes.

const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif";
const INK = '#1f2937';
const SOFT = '#6b7280';
const RULE = '#e5e7eb';

const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const at = (value) => Number(value.toFixed(1));

function text(x, y, words, { size = 12, colour = INK, anchor = 'start', weight = 400, rotate } = {}) {
  const turn = rotate ? ` transform="rotate(${rotate} ${at(x)} ${at(y)})"` : '';
  return `<text x="${at(x)}" y="${at(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}" font-weight="${weight}"${turn}>${escape(words)}</text>`;
}

const line = (x1, y1, x2, y2, colour = RULE, width = 1) =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${colour}" stroke-width="${width}"/>`;

const bar = (x, y, width, height, colour) =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(width, 1))}" height="${at(height)}" rx="2" fill="${colour}"/>`;

const dot = (x, y, colour) => `<circle cx="${at(x)}" cy="${at(y)}" r="3" fill="${colour}"/>`;

const path = (points, colour, dashed) =>
  `<polyline points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"` +
  ` stroke-linejoin="round"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`;

// A whole picture: title above, what it was measured on below.
function picture({ width, height, title, subtitle, caption, marks }) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}" font-family="${FONT}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(24, 32, title, { size: 17, weight: 600 }),
    text(24, 52, subtitle, { size: 12.5, colour: SOFT }),
    ...marks,
    text(24, height - 14, caption, { size: 11, colour: SOFT }),
    '</svg>',
    '',
  ].join('\n');
}

// A scale from values to pixels, logarithmic, that ends where the values do: { at }.
function tightLogScale(values, from, to) {
  const low = Math.log10(Math.min(...values));
  const high = Math.max(low + 0.1, Math.log10(Math.max(...values)));
  return { at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from) };
}

// The same over whole decades: { at, ticks, start }.
function logScale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const place = (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  return { at: place, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)), start: 10 ** low };
}

const PLAIN = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

// 0.58 µs, 12 ms: three digits and the unit that fits.
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

module.exports = { INK, RULE, SOFT, bar, bytes, count, dot, duration, line, logScale, path, picture, text, tightLogScale };
