/* sqlite_schema.c: whose file it is, the tables, their version. */
#include "core/fail.h"
#include "store/sqlite.h"

#define APPLICATION_ID 0x5369676e /* "Sign", SQLite's header field for the program a file belongs to */
#define SCHEMA_VERSION 1 /* goes up only together with a change of the tables, which sqlite_schema_look notices */
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

/*
 * The tables of version 1. Without a rowid, a session is stored in the tree of its primary key, so that a rotation
 * writes one page and no index:
 *  - sessions_by_user has the sessions that were not revoked; a rotation changes neither user, nor creation, nor
 *    revocation.
 *  - sessions_by_purge is over `purge_after`: `expires_at` as of the insert. It lags behind; if the purge finds a
 *    session that was extended since, it updates `purge_after`.
 */
/* Columns that the first files of version 1 did not have. They may be NULL, and no index has them: an older Signet,
 * which does not know them, goes on working with the file. A higher version would lock it out. */
#define ADDED_TO_SESSIONS(X)                                                                                           \
    X(sessions, key_hash, BLOB)                                                                                        \
    X(sessions, key_generation, INTEGER)                                                                               \
    X(sessions, previous_key_hash, BLOB)                                                                               \
    X(sessions, previous_rotated_at, INTEGER)
#define ADDED_TO_REVOKED_USERS(X)                                                                                      \
    X(revoked_users, noted_at, INTEGER)                                                                                \
    X(revoked_users, process, INTEGER)                                                                                 \
    X(revoked_users, stamp, INTEGER)                                                                                   \
    X(revoked_users, error, INTEGER)
#define ADDED_COLUMN_SQL(table, name, type) ", " #name " " #type

static const char SCHEMA[] =
    "CREATE TABLE sessions ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " user_id TEXT NOT NULL,"
    " token_hash BLOB NOT NULL,"
    " previous_hash BLOB,"
    " seed BLOB NOT NULL,"
    " generation INTEGER NOT NULL,"
    " retries INTEGER NOT NULL,"
    " retries_total INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " rotated_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL," /* 0: not revoked */
    " revoked_for TEXT,"
    " user_agent TEXT NOT NULL,"
    " ip TEXT NOT NULL,"
    " label TEXT NOT NULL,"
    " purge_after INTEGER NOT NULL" ADDED_TO_SESSIONS(
        ADDED_COLUMN_SQL) ") STRICT, WITHOUT ROWID;"
                          "CREATE INDEX sessions_by_user ON sessions (user_id, created_at) "
                          "WHERE revoked_at = 0;"
                          "CREATE INDEX sessions_by_purge ON sessions (purge_after);"
                          "CREATE TABLE revoked_users (user_id TEXT NOT NULL PRIMARY KEY, "
                          "revoked_at INTEGER NOT NULL" ADDED_TO_REVOKED_USERS(
                              ADDED_COLUMN_SQL) ") STRICT, WITHOUT ROWID;"
                                                "CREATE INDEX revoked_users_by_time ON "
                                                "revoked_users (revoked_at);"
                                                "CREATE TABLE touched (times INTEGER NOT "
                                                "NULL) STRICT;" /* the write with which ready() tries the file */
                                                "INSERT INTO touched VALUES (0);"
                                                "PRAGMA application_id = " TEXT_OF(
                                                    APPLICATION_ID) ";"
                                                                    "PRAGMA user_version "
                                                                    "= " TEXT_OF(SCHEMA_VERSION) ";";

/* One integer that `sql` answers. */
static int ask_number(sqlite3 *db, const char *sql, int64_t *number)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *number = sqlite3_column_int64(stmt, 0);
    int finalized = sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? SQLITE_OK : finalized != SQLITE_OK ? finalized : rc;
}

static signet_status check_version(int64_t version, signet_error *err)
{
    if (version == SCHEMA_VERSION)
        return SIGNET_OK;
    return signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, "store",
                              "the file has schema version %lld and this Signet knows version %d: use the Signet that "
                              "made it, or a newer one",
                              (long long)version, SCHEMA_VERSION);
}

signet_status sqlite_schema_owner(sqlite_store *store, bool *is_new, signet_error *err)
{
    int64_t application = 0, version = 0, objects = 0;
    int rc = ask_number(store->db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = ask_number(store->db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = ask_number(store->db, "SELECT count(*) FROM sqlite_schema", &objects);
    if (rc != SQLITE_OK)
        return sqlite_fail(store, rc, err);
    *is_new = application == 0 && version == 0 && objects == 0;
    if (*is_new)
        return SIGNET_OK;
    if (application != APPLICATION_ID)
        return signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, "store",
                                  "the file is another program's SQLite database: give Signet a file of its own");
    return check_version(version, err);
}

/* ------------------------------------------------------------------ changes */

static signet_status run_sql(sqlite_store *store, const char *sql, signet_error *err)
{
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? SIGNET_OK : sqlite_fail(store, rc, err);
}

typedef signet_status schema_change(sqlite_store *store, signet_error *err);

/* Under the write lock: in the transaction that is open, or in one of its own. Two processes may want the same change:
 * `change` must look again. */
static signet_status run_locked(sqlite_store *store, schema_change *change, signet_error *err)
{
    if (!sqlite3_get_autocommit(store->db))
        return change(store, err);
    signet_status status = run_sql(store, "BEGIN IMMEDIATE", err);
    if (status == SIGNET_OK)
        status = change(store, err);
    if (status == SIGNET_OK)
        status = run_sql(store, "COMMIT", err);
    if (!sqlite3_get_autocommit(store->db))
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static signet_status create_tables(sqlite_store *store, signet_error *err)
{
    bool is_new = false;
    signet_status status = sqlite_schema_owner(store, &is_new, err);
    return status == SIGNET_OK && is_new ? run_sql(store, SCHEMA, err) : status;
}

static const struct added_column {
    const char *count, *add;
} added_columns[] = {
#define ADDED_COLUMN_ROW(table, name, type)                                                                            \
    {"SELECT count(*) FROM pragma_table_info('" #table "') WHERE name = '" #name "'",                                  \
     "ALTER TABLE " #table " ADD COLUMN " #name " " #type},
    ADDED_TO_SESSIONS(ADDED_COLUMN_ROW) ADDED_TO_REVOKED_USERS(ADDED_COLUMN_ROW)
#undef ADDED_COLUMN_ROW
};
#define ADDED_N (sizeof added_columns / sizeof added_columns[0])

/* The first of the added columns that its table lacks; ADDED_N: it has them all. */
static signet_status find_missing(sqlite_store *store, size_t *missing, signet_error *err)
{
    for (*missing = 0; *missing < ADDED_N; ++*missing) {
        int64_t count = 0;
        int rc = ask_number(store->db, added_columns[*missing].count, &count);
        if (rc != SQLITE_OK)
            return sqlite_fail(store, rc, err);
        if (count == 0)
            break;
    }
    return SIGNET_OK;
}

static signet_status add_columns(sqlite_store *store, signet_error *err)
{
    bool is_new = false;
    size_t missing = 0;
    signet_status status = sqlite_schema_owner(store, &is_new, err);
    while (status == SIGNET_OK && (status = find_missing(store, &missing, err)) == SIGNET_OK && missing < ADDED_N)
        status = run_sql(store, added_columns[missing].add, err);
    return status;
}

/* `*was_complete` false: columns were added. */
static signet_status complete(sqlite_store *store, bool *was_complete, signet_error *err)
{
    size_t missing = 0;
    signet_status status = find_missing(store, &missing, err);
    *was_complete = missing == ADDED_N;
    return status == SIGNET_OK && !*was_complete ? run_locked(store, add_columns, err) : status;
}

static signet_status count_changes(sqlite_store *store, int64_t *changes, signet_error *err)
{
    sqlite3_stmt *stmt = store->statements[SQLITE_STMT_SCHEMA_CHANGES];
    int rc = sqlite3_step(stmt);
    *changes = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    (void)sqlite3_reset(stmt);
    return rc == SQLITE_ROW ? SIGNET_OK : sqlite_fail(store, rc, err);
}

/* If columns were added, the next look remembers the count: this transaction may yet be rolled back. */
static signet_status look_again(sqlite_store *store, int64_t changes, signet_error *err)
{
    bool is_new = false, was_complete = false;
    signet_status status = sqlite_schema_owner(store, &is_new, err);
    if (status == SIGNET_OK)
        status = complete(store, &was_complete, err);
    if (status == SIGNET_OK && was_complete)
        store->schema_changes = changes;
    return status;
}

signet_status sqlite_schema_look(sqlite_store *store, signet_error *err)
{
    int64_t changes;
    signet_status status = count_changes(store, &changes, err);
    if (status != SIGNET_OK || changes == store->schema_changes)
        return status;
    return look_again(store, changes, err);
}

/* ------------------------------------------------------------------ open */

/* The change to WAL needs exclusive access for a moment, and SQLite does not wait for it. */
static int enter_wal(sqlite_store *store)
{
    for (;;) {
        int rc = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY || !sqlite_wait_once_more(store))
            return rc;
    }
}

signet_status sqlite_schema_open(sqlite_store *store, signet_error *err)
{
    bool is_new = false, was_complete;
    signet_status status = sqlite_schema_owner(store, &is_new, err);
    if (status != SIGNET_OK)
        return status;
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return sqlite_fail(store, SQLITE_READONLY, err);
    int rc = enter_wal(store);
    if (rc != SQLITE_OK)
        return sqlite_fail(store, rc, err);
    return is_new ? run_locked(store, create_tables, err) : complete(store, &was_complete, err);
}
