/*
 * sqlite.h: the embedded store, private to src/store/sqlite*.c.
 *
 *   sqlite.c         opening, closing, the batch (one transaction)
 *   sqlite_schema.c  whose file it is, the tables, their version
 *   sqlite_sql.c     every statement, prepared once
 *   sqlite_row.c     records to columns and back
 *   sqlite_ops.c     the operations of store.h on sessions
 *   sqlite_upkeep.c  purge, ping, backup, restore
 *   sqlite_file.c    the file: made, opened, looked at again while it is open
 *   sqlite_copies.c  no two copies of this library with one file
 *   sqlite_error.c   SQLite's result codes to ours
 */
#ifndef SIGNET_STORE_SQLITE_H
#define SIGNET_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/open.h"

#if SQLITE_VERSION_NUMBER < 3037000
#error "Signet needs SQLite 3.37 or later: its tables are STRICT"
#endif

/* The columns of a record, in the order in which sqlite_read_record expects them. */
#define SQLITE_RECORD_COLUMNS                                                                                          \
    "id, user_id, token_hash, previous_hash, seed, generation, retries, retries_total, created_at, rotated_at, "       \
    "expires_at, ends_at, "                                                                                            \
    "revoked_at, revoked_for, user_agent, ip, label, "                                                                 \
    "key_hash, key_generation, previous_key_hash, previous_rotated_at"

/* X(name, SQL). Parameters ?1 and ?2 are the session and its user, ?3 is now, wherever these occur. */
#define SQLITE_ONE_SESSION "id = ?1 AND user_id = ?2"
#define SQLITE_ALIVE "revoked_at = 0 AND expires_at > ?3 AND ends_at > ?3"
/* signet_old_token: ?4 its hash, ?5 grace_from, ?6 and ?7 the hashes of its keys or NULL, ?8 its generation. */
#define SQLITE_PARENT_BY_KEY "previous_hash = ?4 AND key_generation = generation AND key_hash IN (?6, ?7)"
#define SQLITE_PARENT_IN_GRACE "previous_hash = ?4 AND rotated_at >= ?5"
#define SQLITE_GRANDPARENT "generation = ?8 + 2 AND (previous_rotated_at >= ?5 OR previous_key_hash IN (?6, ?7))"
/* clang-format off */
#define SQLITE_STATEMENTS(X)                                                                                               \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                                            \
    X(SCHEMA_CHANGES, "PRAGMA schema_version")                                                                             \
    X(COMMIT, "COMMIT")                                                                                                    \
    X(ROLLBACK, "ROLLBACK")                                                                                                \
    X(INSERT,                                                                                                              \
      "INSERT INTO sessions (" SQLITE_RECORD_COLUMNS ", purge_after) "                                                     \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?11) "      \
      "ON CONFLICT (id) DO NOTHING")                                                                                       \
    X(ROTATE,                                                                                                               \
      "UPDATE sessions SET token_hash = ?5, previous_hash = ?4, seed = ?6, rotated_at = ?3, expires_at = ?7, retries = 0, " \
      "generation = generation + 1, user_agent = COALESCE(?8, user_agent), ip = COALESCE(?9, ip), "                        \
      "previous_key_hash = CASE WHEN key_generation = generation THEN key_hash END, previous_rotated_at = rotated_at, "   \
      "key_hash = ?10, key_generation = CASE WHEN ?10 IS NOT NULL THEN generation + 1 END "                                \
      "WHERE " SQLITE_ONE_SESSION " AND token_hash = ?4 AND " SQLITE_ALIVE)                                                \
    /* The columns that a rotation does not set from its parameters, and the generation. */                                   \
    X(ROTATED,                                                                                                              \
      "SELECT generation, retries_total, created_at, ends_at, user_agent, ip, label, previous_key_hash, "                  \
      "previous_rotated_at FROM sessions WHERE " SQLITE_ONE_SESSION)                                                       \
    X(RETRY,                                                                                                               \
      "UPDATE sessions SET retries = retries + 1, retries_total = retries_total + 1 "                                      \
      "WHERE " SQLITE_ONE_SESSION " AND " SQLITE_ALIVE " AND (" SQLITE_PARENT_BY_KEY                                       \
      " OR " SQLITE_PARENT_IN_GRACE " AND key_generation IS NOT generation)"                                               \
      " RETURNING " SQLITE_RECORD_COLUMNS)                                                                                 \
    X(REVOKE_REUSED,                                                                                                       \
      "UPDATE sessions SET revoked_at = ?3, revoked_for = CASE WHEN previous_hash IS ?4 THEN 'late-retry' ELSE 'reuse' END " \
      "WHERE " SQLITE_ONE_SESSION " AND " SQLITE_ALIVE " AND generation > ?8 AND token_hash <> ?4 AND ("               \
      SQLITE_PARENT_BY_KEY " OR " SQLITE_PARENT_IN_GRACE " OR " SQLITE_GRANDPARENT ") IS NOT TRUE"                         \
      " RETURNING " SQLITE_RECORD_COLUMNS)                                                                                 \
    X(REVOKE,                                                                                                              \
      "UPDATE sessions SET revoked_at = ?3, revoked_for = ?4 WHERE " SQLITE_ONE_SESSION " AND revoked_at = 0"              \
      " RETURNING " SQLITE_RECORD_COLUMNS)                                                                                 \
    X(READ, "SELECT " SQLITE_RECORD_COLUMNS " FROM sessions WHERE " SQLITE_ONE_SESSION)                                    \
    X(LIST,                                                                                                                \
      "SELECT " SQLITE_RECORD_COLUMNS " FROM sessions WHERE user_id = ?2 AND " SQLITE_ALIVE " ORDER BY created_at DESC, id DESC") \
    X(NOTE_REVOKE_ALL,                                                                                                     \
      "INSERT INTO revoked_users (user_id, revoked_at) VALUES (?2, ?3) "                                                   \
      "ON CONFLICT (user_id) DO UPDATE SET revoked_at = max(revoked_at, excluded.revoked_at)")                             \
    X(LAST_REVOKE_ALL, "SELECT revoked_at FROM revoked_users WHERE user_id = ?2")                                          \
    /* The first ?2 sessions with purge_after < ?1: those that were extended get a new purge_after, the rest go. */         \
    X(PURGE_REFILE,                                                                                                        \
      "UPDATE sessions SET purge_after = expires_at WHERE id IN (SELECT id FROM (SELECT id, expires_at FROM sessions "     \
      "WHERE purge_after < ?1 ORDER BY purge_after LIMIT ?2) WHERE expires_at >= ?1)")                                     \
    X(PURGE,                                                                                                               \
      "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE purge_after < ?1 ORDER BY purge_after LIMIT ?2) "   \
      "AND expires_at < ?1")                                                                                               \
    X(PURGE_NOTES,                                                                                                         \
      "DELETE FROM revoked_users WHERE user_id IN (SELECT user_id FROM revoked_users WHERE revoked_at < ?1 LIMIT ?2)")     \
    X(TOUCH, "UPDATE touched SET times = times + 1")
/* clang-format on */

typedef enum sqlite_statement {
#define SQLITE_STATEMENT_ENUM(name, sql) SQLITE_STMT_##name,
    SQLITE_STATEMENTS(SQLITE_STATEMENT_ENUM)
#undef SQLITE_STATEMENT_ENUM
        SQLITE_STMT_COUNT
} sqlite_statement;

/* A file by its device and its number there; 0, 0: there is none. */
typedef struct sqlite_identity {
    uint64_t device, inode;
} sqlite_identity;

typedef struct sqlite_file {
    char *name; /* full path, heap; NULL: in memory */
    sqlite_identity identity;
} sqlite_file;

#define SQLITE_FILES 3 /* the file, its log, the log's index */

typedef struct sqlite_store {
    signet_store base;
    char *path;           /* as given */
    sqlite3 *db;          /* NULL: the file has to be opened anew */
    sqlite_identity held; /* entered with sqlite_hold */
    sqlite_file files[SQLITE_FILES];
    sqlite3_stmt *statements[SQLITE_STMT_COUNT];
    bool is_open;
    int64_t schema_changes;  /* SQLite's count of changes to the tables, as of the last look that found them good */
    int64_t busy_timeout_ms; /* as opened */
    int64_t deadline_ms; /* until when this batch, or the opening, may wait for locks; 0: each wait has busy_timeout_ms
                            of its own */
    int64_t wait_until_ms; /* of the wait that is under way */
} sqlite_store;

/* ------------------------------------------------------------------ sqlite.c */

/* Milliseconds of the monotonic clock: a wait is measured, since a sleep may take several times what it was asked for.
 */
int64_t sqlite_clock_ms(void);

/* ------------------------------------------------------------------ sqlite_error.c */

/* The status for a result code of SQLite, with the code in err->driver_code and its words, never a value, in
 * err->detail. */
signet_status sqlite_fail(sqlite_store *store, int rc, signet_error *err);

/* A full disk and too many open files, in their own words; SIGNET_OK and `err` untouched for any other errno. */
signet_status sqlite_fail_system(int number, signet_error *err);

/* ------------------------------------------------------------------ sqlite_schema.c */

/* Makes the tables in an empty file, and adds the columns that a file of an older Signet lacks. Refuses a file that is
 * not Signet's, or a newer Signet's, without changing it. */
SIGNET_MUST_CHECK signet_status sqlite_schema_open(sqlite_store *store, signet_error *err);

/* Whose file it is: SIGNET_ERR_STORE_CORRUPT. `*is_new`: an empty one. */
SIGNET_MUST_CHECK signet_status sqlite_schema_owner(sqlite_store *store, bool *is_new, signet_error *err);

/* If the tables were changed since the last look, by a newer Signet or by a restore from an older one's backup: refuses
 * them, or adds the columns that are missing. */
SIGNET_MUST_CHECK signet_status sqlite_schema_look(sqlite_store *store, signet_error *err);

/* ------------------------------------------------------------------ sqlite_sql.c */

SIGNET_MUST_CHECK signet_status sqlite_prepare_all(sqlite_store *store, signet_error *err);
void sqlite_finalize_all(sqlite_store *store);

/* Runs a statement that answers no rows. */
SIGNET_MUST_CHECK signet_status sqlite_run(sqlite_store *store, sqlite_statement which, signet_error *err);

/* ------------------------------------------------------------------ sqlite_row.c */

void sqlite_bind_session(sqlite3_stmt *stmt, const char *session_id, const char *user_id, int64_t now_ms);
void sqlite_bind_record(sqlite3_stmt *stmt, const signet_record *record);

/* The row at which the statement stands. SIGNET_ERR_STORE_CORRUPT with the column in `detail` where it is no record. */
SIGNET_MUST_CHECK signet_status sqlite_read_record(sqlite3_stmt *stmt, signet_record *record, signet_error *err);

/* The record after a rotation: the rotation's own columns, and the row of the statement ROTATED for the others. */
SIGNET_MUST_CHECK signet_status sqlite_read_rotated(sqlite3_stmt *stmt, const signet_rotation *rotation,
                                                    signet_record *record, signet_error *err);

/* ------------------------------------------------------------------ sqlite_ops.c */

signet_status sqlite_insert(signet_store *store, const signet_record *record, bool *matched, signet_error *err);
signet_status sqlite_rotate(signet_store *store, const signet_rotation *rotation, signet_record *after, bool *matched,
                            signet_error *err);
signet_status sqlite_retry(signet_store *store, const signet_old_token *token, signet_record *after, bool *matched,
                           signet_error *err);
signet_status sqlite_revoke_reused(signet_store *store, const signet_old_token *token, signet_record *after,
                                   bool *matched, signet_error *err);
signet_status sqlite_revoke(signet_store *store, const char *session_id, const char *user_id, const char *reason,
                            int64_t now_ms, signet_record *after, bool *matched, signet_error *err);
signet_status sqlite_read(signet_store *store, const char *session_id, const char *user_id, signet_record *record,
                          bool *matched, signet_error *err);
signet_status sqlite_list(signet_store *store, const char *user_id, int64_t now_ms, signet_session **list,
                          size_t *list_n, signet_error *err);
signet_status sqlite_note_revoke_all(signet_store *store, const char *user_id, int64_t now_ms, signet_error *err);
signet_status sqlite_last_revoke_all(signet_store *store, const char *user_id, int64_t *at_ms, signet_error *err);

/* ------------------------------------------------------------------ sqlite_upkeep.c */

signet_status sqlite_purge(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n,
                           signet_error *err);
signet_status sqlite_ping(signet_store *store, signet_error *err);
signet_status sqlite_backup(signet_store *store, const char *path, signet_error *err);
signet_status sqlite_restore(signet_store *store, const char *path, signet_error *err);

/* ------------------------------------------------------------------ sqlite_file.c */

bool sqlite_is_same(sqlite_identity one, sqlite_identity other);
sqlite_identity sqlite_identity_of(const char *path);

/* Makes an empty file of mode 0600. `*existed` true: it was there already and is untouched. */
SIGNET_MUST_CHECK signet_status sqlite_create_file(const char *path, bool *existed, signet_error *err);

/* Opens store->path, which is made if it is not there. sqlite_file_close also after a failure. */
SIGNET_MUST_CHECK signet_status sqlite_file_open(sqlite_store *store, signet_error *err);
void sqlite_file_close(sqlite_store *store);

/* Once the log exists: which files these are. Whether the names still lead to them: if not, what is written reaches
 * nobody. */
SIGNET_MUST_CHECK signet_status sqlite_file_remember(sqlite_store *store, signet_error *err);
bool sqlite_file_is_there(sqlite_store *store);

/* ------------------------------------------------------------------ sqlite_copies.c */

/* Enters a file that is about to be opened. SIGNET_ERR_STORE_REFUSED: another copy of this library in the process has
 * it open. */
SIGNET_MUST_CHECK signet_status sqlite_hold(sqlite_identity identity, signet_error *err);
void sqlite_release(sqlite_identity identity);

#endif
