/* sqlite.c: the embedded store: opening, closing, the batch. */
#include "store/sqlite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/fail.h"

/* 256 jobs a transaction: beyond that the fsync is no longer what a job costs. */
#define MAX_BATCH 256

static sqlite_store *self(signet_store *store)
{
    return (sqlite_store *)store;
}

/* ------------------------------------------------------------------ waiting for a lock */

int64_t sqlite_clock_ms(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SQLite's own handler backs off up to 100 ms, in which other processes commit many batches: whoever has waited longest would wait on.
 * Short steps keep the wait near the length of one batch. */
static int wait_for_lock(void *context, int calls)
{
    sqlite_store *store = context;
    const int64_t now_ms = sqlite_clock_ms(), step_ms = calls < 8 ? 1 : calls < 32 ? 2 : 5;
    if (calls == 0)
        store->wait_until_ms = store->deadline_ms ? store->deadline_ms : now_ms + store->busy_timeout_ms;
    const int64_t left_ms = store->wait_until_ms - now_ms;
    if (left_ms <= 0)
        return 0;
    (void)sqlite3_sleep((int)(left_ms < step_ms ? left_ms : step_ms));
    return 1;
}

/* ------------------------------------------------------------------ batch */

static signet_status batch_begin(signet_store *store, int64_t timeout_ms, signet_error *err)
{
    sqlite_store *s = self(store);
    s->deadline_ms = sqlite_clock_ms() + (timeout_ms < s->busy_timeout_ms ? timeout_ms : s->busy_timeout_ms);
    signet_status status = sqlite_run(s, SQLITE_STMT_BEGIN, err);
    s->deadline_ms = 0;
    if (status != SIGNET_ERR_STORE_TIMEOUT)
        return status;
    /* What has not begun has changed nothing. */
    if (err)
        err->status = SIGNET_ERR_STORE_UNAVAILABLE;
    return SIGNET_ERR_STORE_UNAVAILABLE;
}

static bool batch_stands(signet_store *store)
{
    return !sqlite3_get_autocommit(self(store)->db);
}

static void batch_abort(signet_store *store)
{
    /* SQLite may have rolled back by itself; and a ROLLBACK that fails ends the transaction all the same. */
    if (batch_stands(store)) {
        signet_status ignored = sqlite_run(self(store), SQLITE_STMT_ROLLBACK, NULL);
        (void)ignored;
    }
}

static signet_status batch_commit(signet_store *store, signet_error *err)
{
    signet_status status = sqlite_run(self(store), SQLITE_STMT_COMMIT, err);
    if (status == SIGNET_OK)
        return SIGNET_OK;
    batch_abort(store);
    /* The frames may have reached the disk before the error: only a look at the file, by another process, would tell. */
    if (err)
        err->status = SIGNET_ERR_STORE_TIMEOUT;
    return SIGNET_ERR_STORE_TIMEOUT;
}

/* ------------------------------------------------------------------ opening */

static void sqlite_close(signet_store *store)
{
    sqlite_store *s = self(store);
    sqlite_finalize_all(s);
    /* The last connection of all processes checkpoints the log and removes it here. */
    (void)sqlite3_close(s->db);
    free(s);
}

const signet_store_ops sqlite_ops = {
    .name = "sqlite",
    .max_threads = 1,
    .max_batch = MAX_BATCH,
    .close = sqlite_close,
    .batch_begin = batch_begin,
    .batch_stands = batch_stands,
    .batch_commit = batch_commit,
    .insert = sqlite_insert,
    .trade = sqlite_trade,
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
};

/* A file that others may read is closed to them; chmod opens no descriptor (see open_file). What fails here is said by SQLite. */
static void tighten(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)))
        (void)chmod(path, st.st_mode & S_IRWXU);
}

/*
 * SQLite makes files by the umask, so an absent one is made here, with its mode. Closing any descriptor of a file drops all locks this
 * process has on it (POSIX), so nobody else here may open the file between making and closing: hence the mutex. A file that exists is never
 * opened but by SQLite. The -wal and -shm files get the mode of the file.
 */
static signet_status open_file(sqlite_store *store, const char *path, signet_error *err)
{
    static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    signet_status status = SIGNET_OK;
    bool existed = false;
    (void)pthread_mutex_lock(&opening);
    if (strcmp(path, ":memory:") != 0)
        status = sqlite_create_file(path, &existed, err);
    if (existed)
        tighten(path);
    if (status == SIGNET_OK) {
        int rc = sqlite3_open_v2(path, &store->db, flags, NULL);
        if (rc != SQLITE_OK)
            status = sqlite_fail(store, rc, err);
    }
    (void)pthread_mutex_unlock(&opening);
    return status;
}

/* synchronous=FULL: a commit is on the disk when it returns. fullfsync: on macOS too, where fsync alone leaves it in the drive.
 * A log of up to 16 MB and a cache of as much: a page traded often is written to the file once. The rest keeps a damaged or prepared file
 * from doing more than being refused. */
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
    int rc = sqlite3_busy_handler(store->db, wait_for_lock, store);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(store->db, PRAGMAS, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fail(store, rc, err);
    signet_status status = sqlite_schema_open(store, err);
    return status == SIGNET_OK ? sqlite_prepare_all(store, err) : status;
}

/* A `file:` path could carry options that weaken the store, where SQLite was built to read them. */
static signet_status check_path(const char *path, signet_error *err)
{
    if (!path || !*path || strncmp(path, "file:", 5) == 0)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "store", "the store must be the path of a file or :memory:");
    return SIGNET_OK;
}

signet_status signet_store_open_sqlite(const char *path, int64_t busy_timeout_ms, signet_store **store, signet_error *err)
{
    signet_status status = check_path(path, err);
    if (status != SIGNET_OK)
        return status;
    sqlite_store *opened = calloc(1, sizeof *opened);
    if (!opened)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    opened->base.ops = &sqlite_ops;
    opened->busy_timeout_ms = busy_timeout_ms;
    opened->deadline_ms = sqlite_clock_ms() + busy_timeout_ms;
    status = open_file(opened, path, err);
    if (status == SIGNET_OK)
        status = set_up(opened, err);
    if (status != SIGNET_OK) {
        sqlite_close(&opened->base);
        return status;
    }
    opened->deadline_ms = 0;
    opened->is_open = true;
    *store = &opened->base;
    return SIGNET_OK;
}
