// The demo's second process: reads the session store's file, and takes its write lock on request.
//
// The server must not open that file a second time itself: POSIX drops a process' locks when it closes any descriptor.
// Reads one command per line from stdin (read ID, lock, unlock), answers each with one line of JSON, ends with stdin.

import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';

const [reader, writer] = [0, 1].map(() => new DatabaseSync(process.argv[2]));
const record = reader.prepare('SELECT * FROM sessions WHERE id = ?');
const live = reader.prepare('SELECT count(*) AS n FROM sessions WHERE user_id = ? AND revoked_at = 0');
const shown = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
let isLocked = false;

const COMMANDS = {
  read(id) {
    const row = record.get(id);
    if (!row) return null;
    const fields = Object.entries(row).map(([name, value]) => [name, shown(value)]);
    return { ...Object.fromEntries(fields), live: live.get(row.user_id).n };
  },
  lock() {
    if (!isLocked) writer.exec('BEGIN IMMEDIATE');
    isLocked = true;
  },
  unlock() {
    if (isLocked) writer.exec('ROLLBACK');
    isLocked = false;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ');
  const answer = { record: null };
  try {
    answer.record = COMMANDS[command](argument) ?? null;
  } catch {} // the file is locked, or not there yet
  console.log(JSON.stringify({ ...answer, locked: isLocked }));
}
