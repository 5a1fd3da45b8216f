'use strict';
// Writes the figures of README.md and docs/benchmarks.md, between `<!-- figures -->` and `<!-- /figures -->` (and
// similar marks), from results.json and measurements.json, so that pages only state what was measured.
//   node bench/pages.js   rewrites them; test/05.figures.js fails if they are out of date

const fs = require('node:fs');
const path = require('node:path');

const { caption, measurements, quick, headline, time } = require('./core');
const { GOALS } = require('./goals');

const root = path.join(__dirname, '..');

const byId = () => Object.fromEntries(headline().rows.map((row) => [row.id, row]));
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const times = (ratio) => `${ratio >= 20 ? Math.round(ratio) : ratio.toFixed(1)} times`;

// The README's figures: those that most readers look for.
function figures() {
  const row = byId();
  const line = (name, kind) => [
    name,
    time(row[`hs256-${kind}-string`].ours_us),
    ...[`hs256-${kind}-string`, `hs256-${kind}-keyobject`, `hs256-${kind}-fastjwt`, `hs256-${kind}-noders`].map(
      (id) => `${time(row[id].peer_us)} (${times(row[id].ratio)})`,
    ),
  ];
  return [
    table(
      [
        'HS256, 4 claims',
        'Signet',
        'jsonwebtoken',
        'jsonwebtoken with a KeyObject',
        'fast-jwt',
        '@node-rs/jsonwebtoken',
      ],
      [line('`sign`', 'sign'), line('`verify`', 'verify')],
    ),
    '',
    'Time per call; in brackets, the factor measured against Signet in the same process. ' +
      `${caption(headline().machine)}.`,
  ].join('\n');
}

function goals() {
  const row = byId();
  const aim = ({ kind }, goal) => (kind === 'times' ? `≥ ${goal}` : `≤ ${goal}`);
  return table(
    ['id', 'what', 'Signet', 'the other', 'ratio', 'goal', 'met'],
    GOALS.filter(({ id }) => row[id]).map((goal) => {
      const { id, ours_us, peer_us, ratio, goal: limit, met } = row[goal.id];
      return [`\`${id}\``, goal.what, time(ours_us), time(peer_us), ratio, aim(goal, limit), met ? 'yes' : '**no**'];
    }),
  );
}

function slopes() {
  const curves = measurements().scale?.curves ?? [];
  const ends = ({ series }, { name }) => series.find((s) => s.name === name).points.map(([, us]) => time(us));
  const line = (curve, slope) => {
    const all = ends(curve, slope);
    return `- ${slope.name}: ${slope.words}; ${all[0]} at the left, ${all.at(-1)} at the right`;
  };
  return curves
    .map((curve) =>
      [
        `**${curve.title}** ([plot](benchmarks/${curve.file}))`,
        '',
        ...curve.slopes.map((slope) => line(curve, slope)),
      ].join('\n'),
    )
    .join('\n\n');
}

function loop() {
  const rows = measurements().loop?.rows ?? [];
  const row = ({ name, p50, p99, max, perSecond }) => [name, time(p50), time(p99), time(max), perSecond];
  return table(['work', 'median', 'p99', 'longest', 'per second'], rows.map(row));
}

const PAGES = [
  { file: 'README.md', sections: { figures } },
  { file: 'docs/benchmarks.md', sections: { goals, slopes, loop } },
];

// The page as it should be.
function written(text, sections) {
  const section = (name) => new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
  return Object.entries(sections).reduce(
    (page, [name, make]) => page.replace(section(name), (_, from, to) => `${from}${make()}\n${to}`),
    text,
  );
}

// [{ file, text, wanted }] of all pages.
function pages() {
  return PAGES.filter(({ file }) => fs.existsSync(path.join(root, file))).map(({ file, sections }) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    return { file, text, wanted: written(text, sections) };
  });
}

/** Rewrites the figures in all pages. */
function writeAll() {
  if (quick) return;
  for (const { file, text, wanted } of pages()) if (text !== wanted) fs.writeFileSync(path.join(root, file), wanted);
}

if (require.main === module) writeAll();

module.exports = { pages, writeAll };
