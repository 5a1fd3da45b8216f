/* sqlite_error.c: SQLite's result codes to ours. */
#include <errno.h>

#include "core/fail.h"
#include "platform/platform.h"
#include "store/sqlite.h"

#ifndef EDQUOT /* Windows has none */
#define EDQUOT ENOSPC
#endif

typedef struct error_row {
    int rc; /* primary result code */
    signet_status status;
    const char *advice;
} error_row;

#define FULL_ADVICE "free some space on the file's disk"

/* A statement that fails has changed nothing, whether SQLite rolled back the statement or the whole batch; so most of
 * these are "unavailable". What a failed COMMIT means is said by the batch (sqlite.c). */
static const error_row errors[] = {
    {SQLITE_BUSY, SIGNET_ERR_STORE_UNAVAILABLE, "another process held the file's lock for too long"},
    {SQLITE_LOCKED, SIGNET_ERR_STORE_UNAVAILABLE, "another process held the file's lock for too long"},
    {SQLITE_PROTOCOL, SIGNET_ERR_STORE_UNAVAILABLE, "another process held the file's lock for too long"},
    {SQLITE_FULL, SIGNET_ERR_STORE_UNAVAILABLE, FULL_ADVICE},
    {SQLITE_IOERR, SIGNET_ERR_STORE_UNAVAILABLE, "check the disk that holds the file"},
    {SQLITE_INTERRUPT, SIGNET_ERR_STORE_UNAVAILABLE, "try again"},
    {SQLITE_NOMEM, SIGNET_ERR_MEMORY, ""},
    {SQLITE_READONLY, SIGNET_ERR_STORE_REFUSED, "this user may not write to the file or to its folder"},
    {SQLITE_PERM, SIGNET_ERR_STORE_REFUSED, "this user may not write to the file or to its folder"},
    {SQLITE_AUTH, SIGNET_ERR_STORE_REFUSED, "this user may not write to the file or to its folder"},
    {SQLITE_CANTOPEN, SIGNET_ERR_STORE_REFUSED, "does its folder exist, and may this user write there?"},
    {SQLITE_NOTADB, SIGNET_ERR_STORE_CORRUPT, "the file is not a SQLite database"},
    {SQLITE_CORRUPT, SIGNET_ERR_STORE_CORRUPT, "the file is damaged: restore it from a backup"},
};

static const error_row *row_of(int rc)
{
    static const error_row other = {0, SIGNET_ERR_STORE_CORRUPT, "the file's tables are not as Signet made them"};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].rc == (rc & 0xff))
            return &errors[i];
    return &other;
}

signet_status sqlite_fail_system(int number, signet_error *err)
{
    if (number == EMFILE || number == ENFILE)
        return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, NULL,
                                  "too many open files: close what is left open, or raise the limit (ulimit -n)");
    if (number == ENOSPC || number == EDQUOT)
        return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, NULL,
                                  "the disk is full, or this user's share of it; " FULL_ADVICE);
    return SIGNET_OK;
}

signet_status sqlite_fail(sqlite_store *store, int rc, signet_error *err)
{
    const error_row *row = row_of(rc);
    const int primary = rc & 0xff;
    signet_status status = row->status, known = SIGNET_OK;
    /* Outside a batch a statement is its own transaction, so that an input/output error may have struck its commit. */
    if (primary == SQLITE_IOERR && store->is_open && sqlite3_get_autocommit(store->db))
        status = SIGNET_ERR_STORE_TIMEOUT;
    /* sqlite3_errmsg may quote; sqlite3_errstr is SQLite's fixed text. */
    if (primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR)
        known = sqlite_fail_system(signet_errno_of(sqlite3_system_errno(store->db)), err);
    if (known == SIGNET_OK)
        status = signet_fail_detail(err, status, NULL, "SQLite: %s; %s", sqlite3_errstr(rc), row->advice);
    else if (primary == SQLITE_CANTOPEN)
        status = known;
    if (err) {
        err->status = status;
        err->driver_code = rc;
    }
    return status;
}
