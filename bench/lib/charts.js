'use strict';
// The two kinds of plot: bars side by side (one panel a question), and lines over a size. Both logarithmic, as the libraries lie
// orders of magnitude apart.

const { SOFT, bar, dot, duration, line, logScale, path, picture, text, tightLogScale } = require('./svg');

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
  const scale = logScale(sorted.flatMap((panel) => panel.bars.map(({ us }) => us)), BAR.left, WIDTH - BAR.right);
  let y = TOP;
  const marks = [];
  for (const panel of sorted) {
    marks.push(...barPanel(panel, y, scale));
    y += 24 + panel.bars.length * (BAR.height + BAR.gap) + BAR.panel;
  }
  return picture({ width: WIDTH, height: y + 24, title, subtitle, caption, marks });
}

const PLOT = { left: 78, right: 190, top: TOP + 8, height: 300 };

// Names at the ends of their lines, pushed apart where they would lie on each other.
function endLabels(series, scales) {
  const labels = series.map(({ name, points }, i) => ({ name, colour: colourOf(name, i), y: scales.y.at(points.at(-1)[1]) }));
  labels.sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 15);
  return labels.map(({ name, colour, y }) => text(WIDTH - PLOT.right + 10, y + 4, name, { size: 11.5, colour, weight: 600 }));
}

function curve({ points, dashed }, colour, scales) {
  const placed = points.map(([x, y]) => [scales.x.at(x), scales.y.at(y)]);
  return [path(placed, colour, dashed), ...placed.map(([x, y]) => dot(x, y, colour))];
}

// series: [{ name, points: [[x, y], …], dashed }]; `x`: { label, format, ticks }, `y`: { label, format }.
function lines({ title, subtitle, caption, x, y, series }) {
  const bottom = PLOT.top + PLOT.height;
  const right = WIDTH - PLOT.right;
  const points = series.flatMap((s) => s.points);
  const scales = { x: tightLogScale(points.map((p) => p[0]), PLOT.left + 16, right - 16), y: logScale(points.map((p) => p[1]), bottom, PLOT.top) };
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
    ...series.map((s, i) => curve(s, colourOf(s.name, i), scales)).reverse().flat(), // the first lies on top
    ...endLabels(series, scales),
  ];
  return picture({ width: WIDTH, height: bottom + 78, title, subtitle, caption, marks });
}

module.exports = { bars, lines };
