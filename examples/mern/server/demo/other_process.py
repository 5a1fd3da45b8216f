"""The demo's second process: reads the session store's file, and takes its write lock on request.

The server must not open that file a second time itself: POSIX drops a process' locks when it closes any descriptor.
Reads one command per line from stdin (read ID, lock, unlock), answers each with one line of JSON, ends with stdin.
"""
import json
import sqlite3
import sys

COLUMNS = (
    "id", "generation", "token_hash", "previous_hash", "retries", "retries_total",
    "rotated_at", "expires_at", "ends_at", "revoked_at", "revoked_for",
)


def read(db, session_id):
    row = db.execute(f"SELECT {', '.join(COLUMNS)} FROM sessions WHERE id = ?", (session_id,)).fetchone()
    return row and {name: value.hex() if isinstance(value, bytes) else value for name, value in zip(COLUMNS, row)}


def main(path):
    reader = sqlite3.connect(path, isolation_level=None)
    writer = sqlite3.connect(path, isolation_level=None)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        try:
            if command == "lock" and not writer.in_transaction:
                writer.execute("BEGIN IMMEDIATE")
            if command == "unlock" and writer.in_transaction:
                writer.execute("ROLLBACK")
            answer = {"record": read(reader, argument) if command == "read" else None, "locked": writer.in_transaction}
        except sqlite3.Error as error:
            answer = {"record": None, "locked": writer.in_transaction, "error": str(error)}
        print(json.dumps(answer), flush=True)


main(sys.argv[1])
