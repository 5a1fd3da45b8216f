'use strict';
// Writes the manual pages of the C library, section 3, from the headers' own comments: a page per part of a header
// (its `/* --- name */` lines), signet(3) from what signet.h begins with, signet_status(3) from the table of statuses,
// and for each function and type a link to the page that documents it.
//   node scripts/c-library/man.js FOLDER   writes them
//   node scripts/c-library/man.js          prints their names

const fs = require('node:fs');
const path = require('node:path');

const INCLUDE = path.join(__dirname, '..', '..', 'include');
const HEADERS = ['signet.h', 'signet/stores.h', 'signet/sessions.h'];
const PROTOTYPE = /^(?!#|typedef)\w[^;{]*\);/gm;
const TYPE = /^typedef (?:enum|struct) (\w+) \{|^typedef [^{;]*?(\w+);/gm;
const PART = /^\/\* -{20,} (.+) \*\/$/m;

const read = (name) =>
  fs.readFileSync(path.join(INCLUDE, name), 'utf8').replace(/^\/\* clang-format o\w+ \*\/\n/gm, '');

/** The text of a comment, a line per line of the header. @param {string} comment */
const textOf = (comment) =>
  comment
    .replace(/^\/\*+ ?|\s*\*\/$/g, '')
    .replace(/^ \* ?/gm, '')
    .trim();

/** "algorithms (RFC 7518)" is the page signet_algorithms. @param {string} title */
const pageOf = (title) =>
  `signet_${title
    .replace(/ \(.*|^the |'s\b/g, '')
    .trim()
    .replaceAll(' ', '_')}`;

/**
 * One documented declaration, or several that share a comment: the paragraphs of the header. Includes and guards have
 * no documentation of their own.
 * @param {string} part of a header
 * @returns {{ comment: string, prototypes: string[], functions: string[], types: string[], code: string }[]}
 */
function paragraphs(part) {
  return part
    .split(/\n{2,}/)
    .map((paragraph) => {
      const [, comment = '', code] = /^(\/\*(?:[^*]|\*(?!\/))*\*\/\n?)?([^]*)$/.exec(paragraph.trim());
      const prototypes = code.match(PROTOTYPE) ?? [];
      return {
        comment: textOf(comment.trim()),
        prototypes: prototypes.map((text) => text.replace('SIGNET_MUST_CHECK ', '').replace(/\s+/g, ' ')),
        functions: prototypes.map((text) => /\b(signet_\w+)\(/.exec(text)[1]),
        types: [...new Set([...code.matchAll(TYPE)].map(([, braced, other]) => braced ?? other))],
        code: code.replace(PROTOTYPE, '').trim(), // all but the prototypes
      };
    })
    .filter(({ code }) => !/^#(include|endif|ifdef|ifndef)/.test(code));
}

/** @returns {{ title: string, page: string, paragraphs: ReturnType<typeof paragraphs> }[]} */
function parts() {
  return HEADERS.flatMap((header) => {
    const [, ...found] = read(header).split(PART); // title, text, title, text, …
    return found.flatMap((title, i) =>
      i % 2 === 0 ? [{ title, page: pageOf(title), paragraphs: paragraphs(found[i + 1]) }] : [],
    );
  });
}

/** Text as roff shows it unchanged. @param {string} text */
const escaped = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\0-\x7f]/g, (letter) => `\\[u${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^([.'])/gm, '\\&$1');

/** A comment as paragraphs and bullets. @param {string} comment */
const prose = (comment) =>
  escaped(comment)
    .replace(/^ *\\- /gm, '.IP \\(bu 2\n')
    .replace(/^ {2,}(?! )/gm, '')
    .replace(/\n\n+/g, '\n.PP\n');

/** @param {string} code */
const example = (code) => `.PP\n.nf\n${escaped(code)}\n.fi`;

const version = () => /^#define SIGNET_VERSION "(.+)"$/m.exec(read('signet.h'))[1];

/** @param {string} name @param {string} summary @param {string[]} body */
function page(name, summary, body) {
  const others = ['signet', 'signet_status'].filter((other) => other !== name);
  return [
    `.TH ${name.toUpperCase()} 3 "" "Signet ${version()}" "Signet C library"`,
    `.SH NAME\n${summary}`,
    ...body,
    `.SH SEE ALSO\n${others.map((other) => `.BR ${other} (3)`).join(' ,\n')}\n`,
  ].join('\n');
}

/** The page of one part. @param {ReturnType<typeof parts>[number]} part */
function partPage({ title, page: name, paragraphs: found }) {
  const functions = found.flatMap((one) => one.functions);
  const names = functions.length > 0 ? functions : found.flatMap((one) => one.types);
  const prototypes = found.flatMap((one) => one.prototypes).map((text) => `.HP 4\n${escaped(text)}`);
  const described = found
    .filter(({ comment, code }) => comment || code)
    .flatMap(({ comment, code, functions: called, types }) => {
      const heading = [...called.map((function_) => `${function_}()`), ...types].join(', ');
      return [
        heading ? `.SS ${heading}` : '.PP',
        ...(comment ? [prose(comment)] : []),
        ...(code ? [example(code)] : []),
      ];
    });
  return page(name, `${names.join(', ')} \\- ${escaped(`Signet: ${title}`)}`, [
    `.SH SYNOPSIS\n#include <signet.h>\n.ad l\n.nh`,
    ...prototypes,
    '.hy\n.ad\n.SH DESCRIPTION',
    ...described,
  ]);
}

/** signet(3): what signet.h begins with, and the list of pages. @param {ReturnType<typeof parts>} all */
function overview(all) {
  const pages = all.map(({ title, page: name }) => `.TP\n.BR ${name} (3)\n${escaped(title)}`);
  const description = textOf(/^\/\*[^]*?\*\//.exec(read('signet.h'))[0]).replace(/^signet\.h: t/, 'T');
  return page('signet', 'signet \\- JSON Web Tokens and sessions with rotating refresh tokens', [
    `.SH SYNOPSIS\n#include <signet.h>\n${example('cc program.c $(pkg-config --cflags --libs signet)')}`,
    `.SH DESCRIPTION\n${prose(description)}`,
    '.SS Pages',
    ...pages,
  ]);
}

/** signet_status(3): the rows of the table. */
function statuses() {
  const header = read('signet/status.h');
  const rows = [...header.matchAll(/^ {4}X\((\w+), +"(\w+)", +(\d+), "(.*)"\)/gm)].map(
    ([, name, code, http, text]) =>
      `.TP\n.B SIGNET_${name}\n${code}${http === '0' ? '' : `, HTTP ${http}`}: ${escaped(text.replaceAll('\\"', '"'))}`,
  );
  return page('signet_status', 'signet_status \\- what a function of Signet returns', [
    '.SH SYNOPSIS\n#include <signet.h>',
    `.SH DESCRIPTION${example(textOf(/^\/\*[^]*?\*\//.exec(header)[0])).replace('.PP', '')}`,
    ...rows,
  ]);
}

/** @returns {Map<string, string>} file name → its text */
function manual() {
  const all = parts();
  const links = all.flatMap(({ page: name, paragraphs: found }) =>
    found.flatMap(({ functions, types }) => [...functions, ...types]).map((symbol) => [symbol, `.so man3/${name}.3\n`]),
  );
  return new Map(
    [
      ...links,
      ...all.map((part) => [part.page, partPage(part)]),
      ['signet', overview(all)],
      ['signet_status', statuses()],
    ].map(([name, text]) => [`${name}.3`, text]),
  );
}

module.exports = { manual };

if (require.main === module) {
  const [folder] = process.argv.slice(2);
  if (folder) fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of manual()) {
    if (folder) fs.writeFileSync(path.join(folder, name), text);
    else console.log(name);
  }
}
