/*
 * sqlite.h: the embedded store, private to src/store/sqlite*.c.
 *
 *   sqlite.c         opening, closing, the batch (one transaction)
 *   sqlite_schema.c  whose file it is, the tables, their version
 *   sqlite_sql.c     every statement, prepared once
 *   sqlite_wait.c    waiting for other processes' locks
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

/* Their SQL is in sqlite_sql.c. */
typedef enum sqlite_statement {
    SQLITE_STMT_BEGIN,
    SQLITE_STMT_SCHEMA_CHANGES,
    SQLITE_STMT_COMMIT,
    SQLITE_STMT_ROLLBACK,
    SQLITE_STMT_INSERT,
    SQLITE_STMT_ROTATE,
    SQLITE_STMT_ROTATED,
    SQLITE_STMT_RETRY,
    SQLITE_STMT_REVOKE_REUSED,
    SQLITE_STMT_REVOKE,
    SQLITE_STMT_READ,
    SQLITE_STMT_LIST,
    SQLITE_STMT_NOTE_REVOKE_ALL,
    SQLITE_STMT_LAST_REVOKE_ALL,
    SQLITE_STMT_PURGE_REFILE,
    SQLITE_STMT_PURGE,
    SQLITE_STMT_PURGE_NOTES,
    SQLITE_STMT_TOUCH,
    SQLITE_STMT_COUNT
} sqlite_statement;

/* A file by its device and its number there; 0, 0: there is none. */
typedef struct sqlite_identity {
    uint64_t device, inode;
} sqlite_identity;

static inline bool sqlite_is_same(sqlite_identity one, sqlite_identity other)
{
    return one.device == other.device && one.inode == other.inode;
}

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
    int64_t deadline_ms;     /* of all waits of this batch, or of the opening; 0: each wait has its busy_timeout_ms */
    int64_t wait_until_ms;   /* of the wait in progress */
} sqlite_store;

/* ------------------------------------------------------------------ sqlite_wait.c */

/* Makes statements wait while another process holds the lock: each for busy_timeout_ms, or all of them together for
 * what sqlite_wait_limit allows, at most busy_timeout_ms. Returns a result code of SQLite. */
int sqlite_wait_install(sqlite_store *store);
void sqlite_wait_limit(sqlite_store *store, int64_t timeout_ms);
void sqlite_wait_unlimit(sqlite_store *store);

/* For what SQLite does not wait for by itself. Sleeps a moment; false, without a sleep: the limit has passed. */
SIGNET_MUST_CHECK bool sqlite_wait_once_more(const sqlite_store *store);

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

/* The row at which the statement stands. SIGNET_ERR_STORE_CORRUPT with the column in `detail` if it is no record. */
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
signet_status sqlite_note_revoke_all(signet_store *store, const char *user_id, const signet_revoke_note *note,
                                     signet_error *err);
signet_status sqlite_last_revoke_all(signet_store *store, const char *user_id, signet_revoke_note *note,
                                     signet_error *err);

/* ------------------------------------------------------------------ sqlite_upkeep.c */

signet_status sqlite_purge(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n,
                           signet_error *err);
signet_status sqlite_ping(signet_store *store, signet_error *err);
signet_status sqlite_backup(signet_store *store, const char *path, signet_error *err);
signet_status sqlite_restore(signet_store *store, const char *path, signet_error *err);

/* ------------------------------------------------------------------ sqlite_file.c */

sqlite_identity sqlite_identity_of(const char *path);

/* Makes an empty file of mode 0600. `*existed` true: it was there already and is untouched. */
SIGNET_MUST_CHECK signet_status sqlite_create_file(const char *path, bool *existed, signet_error *err);

/* Logs are created and removed by name: by one store at a time, among all processes. Waits as for SQLite's locks, and
 * then goes on without. For a store in memory, nothing. */
int sqlite_folder_lock(const sqlite_store *store);

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
