/* sqlite_schema.c: whose file it is, the tables, their version. */
#include "core/fail.h"
#include "store/sqlite.h"

#define APPLICATION_ID 0x5369676e /* "Sign", SQLite's header field for the program a file belongs to */
#define SCHEMA_VERSION 1
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

/*
 * The tables of version 1. Without a rowid a session lies in its key's tree, so that a rotation writes one page and
 * no index:
 *  - sessions_by_user holds the sessions that were not revoked, and a rotation changes neither user, nor creation,
 *    nor revocation;
 *  - sessions_by_purge is over `purge_after`, which is `expires_at` as it was when the session was filed. It lags
 *    behind; the purge, when
 * it comes to a session that has lived on, files it again.
 */
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
    " purge_after INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX sessions_by_user ON sessions (user_id, created_at) WHERE revoked_at = 0;"
    "CREATE INDEX sessions_by_purge ON sessions (purge_after);"
    "CREATE TABLE revoked_users (user_id TEXT NOT NULL PRIMARY KEY, revoked_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX revoked_users_by_time ON revoked_users (revoked_at);"
    "CREATE TABLE touched (times INTEGER NOT NULL) STRICT;" /* the write with which ready() tries the file */
    "INSERT INTO touched VALUES (0);"
    "PRAGMA application_id = " TEXT_OF(APPLICATION_ID) ";"
                                                       "PRAGMA user_version = " TEXT_OF(SCHEMA_VERSION) ";";

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

signet_status sqlite_schema_look(sqlite_store *store, signet_error *err)
{
    sqlite3_stmt *stmt = store->statements[SQLITE_STMT_VERSION];
    int rc = sqlite3_step(stmt);
    const int64_t version = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    (void)sqlite3_reset(stmt);
    return rc == SQLITE_ROW ? check_version(version, err) : sqlite_fail(store, rc, err);
}

/* Another process may do the same at the same time: whoever gets the lock second finds the tables there. */
static signet_status create_tables(sqlite_store *store, signet_error *err)
{
    bool is_new = false;
    int rc = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fail(store, rc, err);
    signet_status status = sqlite_schema_owner(store, &is_new, err);
    if (status == SIGNET_OK && is_new) {
        rc = sqlite3_exec(store->db, SCHEMA, NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            status = sqlite_fail(store, rc, err);
    }
    if (status == SIGNET_OK) {
        rc = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            status = sqlite_fail(store, rc, err);
    }
    if (!sqlite3_get_autocommit(store->db))
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* The change to WAL needs the file alone for a moment, and SQLite does not wait for that by itself. */
static int enter_wal(sqlite_store *store)
{
    for (;;) {
        int rc = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY || sqlite_clock_ms() >= store->deadline_ms)
            return rc;
        (void)sqlite3_sleep(5);
    }
}

signet_status sqlite_schema_open(sqlite_store *store, signet_error *err)
{
    bool is_new = false;
    signet_status status = sqlite_schema_owner(store, &is_new, err);
    if (status != SIGNET_OK)
        return status;
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return sqlite_fail(store, SQLITE_READONLY, err);
    int rc = enter_wal(store);
    if (rc != SQLITE_OK)
        return sqlite_fail(store, rc, err);
    return is_new ? create_tables(store, err) : SIGNET_OK;
}
