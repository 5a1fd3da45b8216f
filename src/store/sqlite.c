/* sqlite.c: the embedded store: opening, closing, opening anew, the batch. */
#include "store/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "platform/platform.h"

/* 256 jobs a transaction: beyond that the fsync is no longer what a job costs. */
#define MAX_BATCH 256

static sqlite_store *self(signet_store *store)
{
    return (sqlite_store *)store;
}

/* ------------------------------------------------------------------ opening, closing */

/* synchronous=FULL: a commit is on the disk when it returns. fullfsync: on macOS too, where fsync alone leaves it in
 * the drive. A log of up to 16 MB and a cache of as much: a page that changes often is written to the file once. The
 * rest keeps a damaged or prepared file from doing more than being refused. */
static const char PRAGMAS[] = "PRAGMA synchronous = FULL;"
                              "PRAGMA fullfsync = ON;"
                              "PRAGMA checkpoint_fullfsync = ON;"
                              "PRAGMA wal_autocheckpoint = 4000;"
                              "PRAGMA cache_size = -16384;"
                              "PRAGMA temp_store = MEMORY;"
                              "PRAGMA trusted_schema = OFF;"
                              "PRAGMA cell_size_check = ON;";

static signet_status set_up(sqlite_store *store, signet_error *err)
{
    int rc = sqlite_wait_install(store);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(store->db, PRAGMAS, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fail(store, rc, err);
    signet_status status = sqlite_schema_open(store, err);
    if (status == SIGNET_OK)
        status = sqlite_prepare_all(store, err);
    /* A file that has just become one with a log has it from the first reading on. */
    if (status == SIGNET_OK)
        status = sqlite_schema_look(store, err);
    return status == SIGNET_OK ? sqlite_file_remember(store, err) : status;
}

static signet_status set_up_alone(sqlite_store *store, signet_error *err)
{
    const int folder = sqlite_folder_lock(store);
    signet_status status = set_up(store, err);
    signet_folder_unlock(folder);
    return status;
}

static void detach(sqlite_store *store)
{
    sqlite_finalize_all(store);
    sqlite_file_close(store);
    store->is_open = false;
}

/* From now on by the full path: the process may change its folder. */
static void keep_full_path(sqlite_store *store)
{
    char *full = store->files[0].name ? strdup(store->files[0].name) : NULL;
    if (full) {
        free(store->path);
        store->path = full;
    }
}

static signet_status attach(sqlite_store *store, signet_error *err)
{
    sqlite_wait_limit(store, store->busy_timeout_ms);
    signet_status status = sqlite_file_open(store, err);
    if (status == SIGNET_OK)
        status = set_up_alone(store, err);
    sqlite_wait_unlimit(store);
    store->is_open = status == SIGNET_OK;
    if (status == SIGNET_OK)
        keep_full_path(store);
    else
        detach(store);
    return status;
}

static void sqlite_close(signet_store *store)
{
    detach(self(store));
    free(self(store)->path);
    free(store);
}

/* ------------------------------------------------------------------ the file, again */

static signet_status is_gone(sqlite_store *store, signet_error *err)
{
    detach(store);
    return signet_fail_detail(
        err, SIGNET_ERR_STORE_UNAVAILABLE, NULL,
        "the file was deleted or replaced while it was open: it is opened anew; auth.restore() puts a backup in place");
}

/* Before anything is asked of the store. What was written to a file that is gone would be acknowledged and lost. */
static signet_status check_file(sqlite_store *store, signet_error *err)
{
    if (!store->db)
        return attach(store, err);
    return sqlite_file_is_there(store) ? SIGNET_OK : is_gone(store, err);
}

static signet_status check(signet_store *store, signet_error *err)
{
    signet_status status = check_file(self(store), err);
    return status == SIGNET_OK ? sqlite_schema_look(self(store), err) : status;
}

/* ------------------------------------------------------------------ batch */

static bool batch_stands(signet_store *store)
{
    return self(store)->db && !sqlite3_get_autocommit(self(store)->db);
}

static void batch_abort(signet_store *store)
{
    /* SQLite may have rolled back by itself; and a ROLLBACK that fails ends the transaction all the same. */
    if (batch_stands(store)) {
        signet_status ignored = sqlite_run(self(store), SQLITE_STMT_ROLLBACK, NULL);
        (void)ignored;
    }
}

static signet_status begin(sqlite_store *store, int64_t timeout_ms, signet_error *err)
{
    sqlite_wait_limit(store, timeout_ms);
    signet_status status = sqlite_run(store, SQLITE_STMT_BEGIN, err);
    sqlite_wait_unlimit(store);
    if (status != SIGNET_ERR_STORE_TIMEOUT)
        return status;
    /* What has not begun has changed nothing. */
    if (err)
        err->status = SIGNET_ERR_STORE_UNAVAILABLE;
    return SIGNET_ERR_STORE_UNAVAILABLE;
}

static signet_status batch_begin(signet_store *store, int64_t timeout_ms, signet_error *err)
{
    signet_status status = check_file(self(store), err);
    if (status == SIGNET_OK)
        status = begin(self(store), timeout_ms, err);
    if (status != SIGNET_OK)
        return status;
    status = sqlite_schema_look(self(store), err); /* under the lock: nobody changes it any more */
    if (status != SIGNET_OK)
        batch_abort(store);
    return status;
}

static signet_status commit(signet_store *store, signet_error *err)
{
    signet_error cause;
    signet_status status = sqlite_run(self(store), SQLITE_STMT_COMMIT, &cause);
    if (status == SIGNET_OK)
        return SIGNET_OK;
    batch_abort(store);
    /* On a full disk the last frame, which would make the others count, was not written. After any other error it may
     * have been: only a look at the file, by another process, would tell. */
    if ((cause.driver_code & 0xff) != SQLITE_FULL)
        status = SIGNET_ERR_STORE_TIMEOUT;
    cause.status = status;
    if (err)
        *err = cause;
    return status;
}

static signet_status batch_commit(signet_store *store, signet_error *err)
{
    if (!sqlite_file_is_there(self(store))) {
        batch_abort(store);
        return is_gone(self(store), err);
    }
    signet_status status = commit(store, err);
    if (status != SIGNET_OK || sqlite_file_is_there(self(store)))
        return status;
    /* Between the two looks: whether the commit lies in the file that went or in a copy of it, nobody can tell. */
    signet_status gone = is_gone(self(store), err);
    (void)gone;
    if (err)
        err->status = SIGNET_ERR_STORE_TIMEOUT;
    return SIGNET_ERR_STORE_TIMEOUT;
}

static signet_status sqlite_open(const signet_store_options *options, signet_store **store, signet_error *err)
{
    sqlite_store *opened = calloc(1, sizeof *opened);
    if (!opened)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    opened->base.ops = &sqlite_ops;
    opened->busy_timeout_ms = options->timeout_ms;
    opened->path = strdup(options->place);
    signet_status status = opened->path ? attach(opened, err) : signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (status == SIGNET_OK)
        *store = &opened->base;
    else
        sqlite_close(&opened->base);
    return status;
}

const signet_store_ops sqlite_ops = {
    .traits = {.name = "sqlite"},
    .max_threads = 1,
    .max_batch = MAX_BATCH,
    .open = sqlite_open,
    .close = sqlite_close,
    .check = check,
    .batch_begin = batch_begin,
    .batch_stands = batch_stands,
    .batch_commit = batch_commit,
    .insert = sqlite_insert,
    .rotate = sqlite_rotate,
    .retry = sqlite_retry,
    .revoke_reused = sqlite_revoke_reused,
    .revoke = sqlite_revoke,
    .read = sqlite_read,
    .list = sqlite_list,
    .note_revoke_all = sqlite_note_revoke_all,
    .last_revoke_all = sqlite_last_revoke_all,
    .purge = sqlite_purge,
    .ping = sqlite_ping,
    .backup = sqlite_backup,
    .restore = sqlite_restore,
};
