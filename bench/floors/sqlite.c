/* sqlite.c: a rotation's compare-and-set in plain C: one prepared UPDATE, `batch` of them per transaction, durable at
 * COMMIT. */
#include "floors.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool floor_sqlite_exec(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    const bool ok = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    if (!ok)
        fprintf(stderr, "%s\n", db ? sqlite3_errmsg(db) : "no memory");
    sqlite3_close(db);
    return ok;
}

enum { HASH_LEN = 32, SEED_LEN = 16, ID_LEN = 22 };

struct floor_sqlite {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *rotate;
    uint32_t rows, next;
    uint32_t *generations; /* per row, so that the presented hash is the current one */
};

/* Signet's table and its rotation (src/store/sqlite.h), and nothing else. */
static const char SCHEMA[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                             "CREATE TABLE sessions (id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, token_hash "
                             "BLOB NOT NULL, previous_hash BLOB,"
                             " seed BLOB NOT NULL, generation INTEGER NOT NULL, retries INTEGER NOT NULL, "
                             "retries_total INTEGER NOT NULL, created_at INTEGER NOT "
                             "NULL,"
                             " rotated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, "
                             "revoked_at INTEGER NOT NULL, revoked_for TEXT,"
                             " user_agent TEXT NOT NULL, ip TEXT NOT NULL, label TEXT NOT NULL, purge_after INTEGER "
                             "NOT NULL) STRICT, WITHOUT ROWID;"
                             "CREATE INDEX sessions_by_user ON sessions (user_id, created_at) WHERE revoked_at = 0;"
                             "CREATE INDEX sessions_by_purge ON sessions (purge_after);";

static const char INSERT[] = "INSERT INTO sessions VALUES (?1, ?2, ?3, NULL, ?4, 0, 0, 0, 1, 1, 1000000000, "
                             "2000000000, 0, NULL, '', '', '', 1000000000)";

static const char ROTATE[] =
    "UPDATE sessions SET token_hash = ?4, previous_hash = ?3, seed = ?5, rotated_at = ?6, expires_at = ?7, retries = 0,"
    " generation = generation + 1 WHERE id = ?1 AND user_id = ?2 AND token_hash = ?3 AND revoked_at = 0 AND expires_at "
    "> ?6 AND ends_at > "
    "?6";

/* Ids and hashes are derived from the row's number: spread like random ones, and known without a read. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void id_of(uint32_t row, char id[ID_LEN + 1])
{
    snprintf(id, ID_LEN + 1, "%016llx%06x", (unsigned long long)mix(row), row & 0xffffff);
}

static void hash_of(uint32_t row, uint32_t generation, uint8_t hash[HASH_LEN])
{
    for (size_t i = 0; i < HASH_LEN / sizeof(uint64_t); i++) {
        const uint64_t word = mix((uint64_t)row << 32 ^ (uint64_t)generation << 3 ^ i);
        memcpy(hash + i * sizeof word, &word, sizeof word);
    }
}

static bool fill(floor_sqlite *s)
{
    sqlite3_stmt *insert;
    if (sqlite3_prepare_v2(s->db, INSERT, -1, &insert, NULL) != SQLITE_OK)
        return false;
    bool ok = sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
    for (uint32_t row = 0; ok && row < s->rows; row++) {
        char id[ID_LEN + 1];
        uint8_t hash[HASH_LEN];
        id_of(row, id);
        hash_of(row, 0, hash);
        sqlite3_bind_text(insert, 1, id, ID_LEN, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, id, 8, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 3, hash, HASH_LEN, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 4, hash, SEED_LEN, SQLITE_STATIC);
        ok = sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK;
    }
    sqlite3_finalize(insert);
    return ok && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

floor_sqlite *floor_sqlite_new(const char *path, uint32_t rows)
{
    floor_sqlite *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->rows = rows;
    s->generations = calloc(rows, sizeof *s->generations);
    if (s->generations &&
        sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) ==
            SQLITE_OK &&
        sqlite3_exec(s->db, SCHEMA, NULL, NULL, NULL) == SQLITE_OK && fill(s) &&
        sqlite3_prepare_v2(s->db, "BEGIN IMMEDIATE", -1, &s->begin, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(s->db, "COMMIT", -1, &s->commit, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(s->db, ROTATE, -1, &s->rotate, NULL) == SQLITE_OK)
        return s;
    floor_sqlite_free(s);
    return NULL;
}

void floor_sqlite_free(floor_sqlite *s)
{
    if (!s)
        return;
    sqlite3_finalize(s->begin);
    sqlite3_finalize(s->commit);
    sqlite3_finalize(s->rotate);
    sqlite3_close(s->db);
    free(s->generations);
    free(s);
}

static bool step_once(sqlite3_stmt *statement)
{
    return sqlite3_step(statement) == SQLITE_DONE && sqlite3_reset(statement) == SQLITE_OK;
}

static bool rotate_one(floor_sqlite *s, uint32_t row)
{
    char id[ID_LEN + 1];
    uint8_t presented[HASH_LEN], successor[HASH_LEN];
    const uint32_t generation = s->generations[row]++;
    id_of(row, id);
    hash_of(row, generation, presented);
    hash_of(row, generation + 1, successor);
    sqlite3_bind_text(s->rotate, 1, id, ID_LEN, SQLITE_STATIC);
    sqlite3_bind_text(s->rotate, 2, id, 8, SQLITE_STATIC);
    sqlite3_bind_blob(s->rotate, 3, presented, HASH_LEN, SQLITE_STATIC);
    sqlite3_bind_blob(s->rotate, 4, successor, HASH_LEN, SQLITE_STATIC);
    sqlite3_bind_blob(s->rotate, 5, successor, SEED_LEN, SQLITE_STATIC);
    sqlite3_bind_int64(s->rotate, 6, 2 + generation);
    sqlite3_bind_int64(s->rotate, 7, 1000000000 + generation);
    return step_once(s->rotate) && sqlite3_changes(s->db) == 1;
}

bool floor_sqlite_batch(floor_sqlite *s, uint32_t batch)
{
    bool ok = step_once(s->begin);
    for (uint32_t i = 0; ok && i < batch; i++, s->next = (s->next + 1) % s->rows)
        ok = rotate_one(s, s->next);
    return ok && step_once(s->commit);
}
