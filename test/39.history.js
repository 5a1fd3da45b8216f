'use strict';
// The judge of the storms is judged first: histories that break one rule each.
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { judge, readHistory } = require('./support/history');
const { newFolder, remove } = require('./support/stores');

const rotate = (start, end, parent, child, more = {}) => ({
  kind: 'rotate',
  session: 's',
  start,
  end,
  parent,
  child,
  generation: Number(parent[1]),
  outcome: 'ok',
  ...more,
});
const refused = (start, end, parent, outcome) => rotate(start, end, parent, undefined, { outcome });
const revoke = (start, end, outcome = 'ok') => ({ kind: 'revoke', session: 's', start, end, outcome });
const verdict = (history, final, grace = 100) =>
  judge(history, { grace, finals: final ? [{ session: 's', revoked: false, ...final }] : [] });

describe('The judge of a storm', () => {
  it('finds nothing in a chain of rotations', () => {
    assert.deepStrictEqual(verdict([rotate(0, 1, 'a0', 'a1'), rotate(2, 3, 'a1', 'a2')], { generation: 2 }), []);
  });

  it('finds nothing in a race that gives one successor', () => {
    assert.deepStrictEqual(verdict([rotate(0, 2, 'a0', 'a1'), rotate(1, 3, 'a0', 'a1')], { generation: 1 }), []);
  });

  it('finds two successors of one token', () => {
    assert.deepStrictEqual(verdict([rotate(0, 2, 'a0', 'a1'), rotate(1, 3, 'a0', 'b1')]), ['two successors of a0']);
  });

  it('finds a success after an acknowledged revoke', () => {
    assert.deepStrictEqual(verdict([revoke(0, 1), rotate(2, 3, 'a0', 'a1')]), [
      "a0 was accepted after the session's end",
    ]);
  });

  it('allows a success that was under way when the revoke was acknowledged', () => {
    assert.deepStrictEqual(verdict([revoke(0, 2), rotate(1, 3, 'a0', 'a1')]), []);
  });

  it('finds a success after reuse was answered', () => {
    const history = [
      rotate(0, 1, 'a0', 'a1'),
      rotate(2, 3, 'a1', 'a2'),
      refused(4, 5, 'a0', 'ERR_REFRESH_REUSED'),
      rotate(6, 7, 'a2', 'a3'),
    ];
    assert.deepStrictEqual(verdict(history), ["a2 was accepted after the session's end"]);
  });

  it('finds a grandparent accepted', () => {
    const history = [rotate(0, 1, 'a0', 'a1'), rotate(2, 3, 'a1', 'a2'), rotate(4, 5, 'a0', 'a1')];
    assert.deepStrictEqual(verdict(history), ['a0 was accepted when its child had been rotated']);
  });

  it('finds reuse of a token that nobody else has presented', () => {
    assert.deepStrictEqual(verdict([refused(0, 1, 'a0', 'ERR_REFRESH_REUSED')]), ['false reuse of a0']);
  });

  it('finds reuse within the grace period of a token whose successor was not presented', () => {
    assert.deepStrictEqual(verdict([rotate(0, 1, 'a0', 'a1'), refused(2, 3, 'a0', 'ERR_REFRESH_REUSED')]), [
      'false reuse of a0',
    ]);
  });

  it('allows reuse after the grace period', () => {
    assert.deepStrictEqual(verdict([rotate(0, 1, 'a0', 'a1'), refused(200, 201, 'a0', 'ERR_REFRESH_REUSED')]), []);
  });

  it('finds a session that was revoked by nobody', () => {
    assert.deepStrictEqual(verdict([refused(0, 1, 'a0', 'ERR_SESSION_REVOKED')]), ['s was revoked by nobody']);
  });

  it('finds an acknowledged rotation that was lost', () => {
    assert.match(
      verdict([rotate(0, 1, 'a0', 'a1'), rotate(2, 3, 'a1', 'a2')], { generation: 1 })[0],
      /stands at generation 1, .* at 2/,
    );
  });

  it('takes an unknown outcome for no rotation or for one', () => {
    const history = [rotate(0, 1, 'a0', 'a1'), refused(2, Infinity, 'a1', 'unknown')];
    assert.deepStrictEqual(verdict(history, { generation: 1 }), []);
    assert.deepStrictEqual(verdict(history, { generation: 2 }), []);
    assert.strictEqual(verdict(history, { generation: 3 }).length, 1);
  });

  it('finds a rotation that nobody has asked for', () => {
    assert.strictEqual(verdict([rotate(0, 1, 'a0', 'a1')], { generation: 2 }).length, 1);
  });

  it('finds a session that lives though its end was acknowledged', () => {
    assert.deepStrictEqual(verdict([revoke(0, 1)], { generation: 0 }), ['s lives though its end was acknowledged']);
  });

  it("reads a killed client's calls as unknown, and leaves out the line that was cut off", () => {
    const folder = newFolder();
    const file = path.join(folder, 'history.jsonl');
    fs.writeFileSync(
      file,
      '{"call":1,"kind":"rotate","start":1}\n{"call":1,"end":2,"outcome":"ok"}\n{"call":2,"kind":"rotate","start":3}\n{"call":2,"en',
    );
    assert.deepStrictEqual(readHistory(file), [
      { kind: 'rotate', start: 1, end: 2, outcome: 'ok' },
      { kind: 'rotate', start: 3, end: Infinity, outcome: 'unknown' },
    ]);
    remove(folder);
  });
});
