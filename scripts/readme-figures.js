'use strict';
// The figures in README.md and docs/benchmarks.md, between `<!-- figures -->` and `<!-- /figures -->` (and the like), are made from bench/results.json and
// bench/measurements.json, so that no page says what was not measured.
//   node scripts/readme-figures.js            rewrites them
//   node scripts/readme-figures.js --check    exit code 1 where a page says something else

const fs = require('node:fs');
const path = require('node:path');

const { GOALS } = require('../bench/goals');
const { caption } = require('../bench/lib/machine');
const { measurements, results } = require('../bench/lib/store');
const { time } = require('../bench/lib/table');

const root = path.join(__dirname, '..');

const byId = () => Object.fromEntries(results().map((row) => [row.id, row]));
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const times = (ratio) => `${ratio >= 20 ? Math.round(ratio) : ratio.toFixed(1)} times`;

// The README's: what a reader came for.
function figures() {
  const row = byId();
  const line = (name, kind) => [
    name,
    time(row[`hs256-${kind}-string`].ours_us),
    ...[`hs256-${kind}-string`, `hs256-${kind}-keyobject`, `hs256-${kind}-fastjwt`, `hs256-${kind}-noders`].map(
      (id) => `${time(row[id].peer_us)} (${times(row[id].ratio)})`),
  ];
  return [
    table(['HS256, 4 claims', 'Signet', 'jsonwebtoken', 'jsonwebtoken with a KeyObject', 'fast-jwt', '@node-rs/jsonwebtoken'],
      [line('`sign`', 'sign'), line('`verify`', 'verify')]),
    '',
    `Time a call, and how many times Signet's that is, each measured beside Signet in one process. ${caption(measurements().goals.machine)}.`,
  ].join('\n');
}

function goals() {
  const row = byId();
  const aim = ({ kind }, goal) => (kind === 'times' ? `≥ ${goal}` : `≤ ${goal}`);
  return table(['id', 'what', 'Signet', 'the other', 'ratio', 'goal', 'met'],
    GOALS.filter(({ id }) => row[id]).map((goal) => {
      const { id, ours_us, peer_us, ratio, goal: limit, met } = row[goal.id];
      return [`\`${id}\``, goal.what, time(ours_us), time(peer_us), ratio, aim(goal, limit), met ? 'yes' : '**no**'];
    }));
}

function slopes() {
  const curves = measurements().scale?.curves ?? [];
  return curves.map((curve) => [
    `**${curve.title}** ([plot](benchmarks/${curve.file}))`,
    '',
    ...curve.slopes.map((slope) => `- ${slope.name}: ${slope.words}; ${time(curve.series.find((s) => s.name === slope.name).points[0][1])} at the left, ${
      time(curve.series.find((s) => s.name === slope.name).points.at(-1)[1])} at the right`),
  ].join('\n')).join('\n\n');
}

function loop() {
  const rows = measurements().loop?.rows ?? [];
  return table(['work', 'median', 'p99', 'longest', 'a second'], rows.map(({ name, p50, p99, max, perSecond }) => [name, time(p50), time(p99), time(max), perSecond]));
}

const PAGES = [
  { file: 'README.md', sections: { figures } },
  { file: 'docs/benchmarks.md', sections: { goals, slopes, loop } },
];

// The page as it should be.
function written(text, sections) {
  return Object.entries(sections).reduce(
    (page, [name, make]) => page.replace(new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`), (_, from, to) => `${from}${make()}\n${to}`),
    text,
  );
}

// [{ file, text, wanted }] of the pages there are.
function pages() {
  return PAGES.filter(({ file }) => fs.existsSync(path.join(root, file))).map(({ file, sections }) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    return { file, text, wanted: written(text, sections) };
  });
}

function main(args) {
  const stale = pages().filter(({ text, wanted }) => text !== wanted);
  if (args.includes('--check')) {
    for (const { file } of stale) console.log(`${file}: its figures are not those of bench/results.json: node scripts/readme-figures.js`);
    process.exitCode = stale.length ? 1 : 0;
    return;
  }
  for (const { file, wanted } of stale) fs.writeFileSync(path.join(root, file), wanted);
}

if (require.main === module) main(process.argv.slice(2));

module.exports = { pages };
