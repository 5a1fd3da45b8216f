"""The demo's second process on Node 20, which has no node:sqlite: the same as sqlite-process.mjs."""
import json
import sqlite3
import sys

RECORD = "SELECT * FROM sessions WHERE id = ?"
LIVE = "SELECT count(*) FROM sessions WHERE user_id = ? AND revoked_at = 0"


def read(db, session_id):
    row = db.execute(RECORD, (session_id,)).fetchone()
    if row is None:
        return None
    record = {name: row[name].hex() if isinstance(row[name], bytes) else row[name] for name in row.keys()}
    return {**record, "live": db.execute(LIVE, (row["user_id"],)).fetchone()[0]}


def main(path):
    reader = sqlite3.connect(path, isolation_level=None)
    reader.row_factory = sqlite3.Row
    writer = sqlite3.connect(path, isolation_level=None)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        record = None
        try:
            if command == "read":
                record = read(reader, argument)
            if command == "lock" and not writer.in_transaction:
                writer.execute("BEGIN IMMEDIATE")
            if command == "unlock" and writer.in_transaction:
                writer.execute("ROLLBACK")
        except sqlite3.Error:
            pass
        print(json.dumps({"record": record, "locked": writer.in_transaction}), flush=True)


main(sys.argv[1])
