/* sqlite_upkeep.c: purge, ping, backup, restore. */
#include <string.h>

#include "core/fail.h"
#include "platform/platform.h"
#include "store/sqlite.h"

/* A purge ends after so many steps that only updated purge_after, without having removed anything. */
#define PURGE_ROUNDS 8

static signet_status run_limited(sqlite_store *store, sqlite_statement which, int64_t before_ms, unsigned limit,
                                 int64_t *changed_n, signet_error *err)
{
    (void)sqlite3_bind_int64(store->statements[which], 1, before_ms);
    (void)sqlite3_bind_int64(store->statements[which], 2, limit);
    signet_status status = sqlite_run(store, which, err);
    if (status == SIGNET_OK)
        *changed_n = sqlite3_changes(store->db);
    return status;
}

signet_status sqlite_purge(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n,
                           signet_error *err)
{
    sqlite_store *s = (sqlite_store *)store;
    int64_t refiled = 0, sessions = 0, notes = 0;
    for (int round = 0; round < PURGE_ROUNDS && sessions == 0; round++) {
        signet_status status = run_limited(s, SQLITE_STMT_PURGE_REFILE, before_ms, limit, &refiled, err);
        if (status == SIGNET_OK)
            status = run_limited(s, SQLITE_STMT_PURGE, before_ms, limit, &sessions, err);
        if (status != SIGNET_OK)
            return status;
        if (refiled == 0)
            break;
    }
    signet_status status = run_limited(s, SQLITE_STMT_PURGE_NOTES, before_ms, limit, &notes, err);
    if (status == SIGNET_OK)
        *removed_n = sessions + notes;
    return status;
}

#define ROOM_WANTED (1 << 20) /* bytes */

/* A log that was written back has room for a few more commits on a full disk, then all fail. ready() reports the full
 * disk before that. */
static bool has_room(const char *name)
{
    return !name || signet_disk_has_room(name, ROOM_WANTED);
}

signet_status sqlite_ping(signet_store *store, signet_error *err)
{
    sqlite_store *s = (sqlite_store *)store;
    signet_status status = sqlite_run(s, SQLITE_STMT_TOUCH, err);
    return status != SIGNET_OK || has_room(s->files[0].name) ? status : sqlite_fail(s, SQLITE_FULL, err);
}

/* ------------------------------------------------------------------ backup, restore */

static signet_status copy(sqlite3 *from, sqlite_store *to, signet_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from, "main");
    if (!backup)
        return sqlite_fail(to, sqlite3_extended_errcode(to->db), err);
    int rc = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (rc == SQLITE_DONE)
        rc = finished;
    return rc == SQLITE_OK ? SIGNET_OK : sqlite_fail(to, rc, err);
}

/* The copy is always a new file: a failure half-way would destroy an old one. */
signet_status sqlite_backup(signet_store *store, const char *path, signet_error *err)
{
    sqlite_store target = {.db = NULL};
    bool existed = false;
    signet_status status = sqlite_create_file(path, &existed, err);
    if (status != SIGNET_OK)
        return status;
    if (existed)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "path",
                                  "there is a file of that name already: give a backup a name of its own");
    int rc =
        sqlite3_open_v2(path, &target.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    status = rc == SQLITE_OK ? copy(((sqlite_store *)store)->db, &target, err) : sqlite_fail(&target, rc, err);
    rc = sqlite3_close(target.db);
    if (status == SIGNET_OK && rc != SQLITE_OK)
        status = sqlite_fail((sqlite_store *)store, rc, err);
    if (status != SIGNET_OK)
        signet_file_remove(path);
    return status;
}

/* A damaged backup must not replace a good store. */
static signet_status check_pages(sqlite_store *source, signet_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(source->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    const char *verdict = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    const bool is_sound = verdict && strcmp(verdict, "ok") == 0;
    (void)sqlite3_finalize(stmt);
    if (is_sound)
        return SIGNET_OK;
    return sqlite_fail(source, rc == SQLITE_ROW ? SQLITE_CORRUPT : rc, err);
}

static signet_status open_source(sqlite_store *source, const char *path, signet_error *err)
{
    bool is_new = false;
    /* Not read-only, or SQLite could not remove the log that it creates for reading. */
    int rc =
        sqlite3_open_v2(path, &source->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    signet_status status = rc == SQLITE_OK ? sqlite_schema_owner(source, &is_new, err) : sqlite_fail(source, rc, err);
    if (status == SIGNET_OK && is_new)
        status = signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, NULL, "the file is empty");
    return status == SIGNET_OK ? check_pages(source, err) : status;
}

/* An error of the backup is not an error of the store. */
static signet_status blame_path(signet_status status, signet_error *err)
{
    if (status == SIGNET_OK || status == SIGNET_ERR_MEMORY || status == SIGNET_ERR_STORE_UNAVAILABLE)
        return status;
    if (err) {
        err->status = SIGNET_ERR_OPTION;
        err->field = "path";
    }
    return SIGNET_ERR_OPTION;
}

/* Writes into the open file, in one transaction: every process that has it open sees either the old state or the new
 * one, and an old log cannot be applied to it. */
signet_status sqlite_restore(signet_store *store, const char *path, signet_error *err)
{
    sqlite_store source = {.db = NULL};
    const sqlite_identity identity = sqlite_identity_of(path);
    if (!identity.inode)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "path", "there is no file of that name");
    if (sqlite_is_same(identity, ((sqlite_store *)store)->held))
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "path",
                                  "this is the store's own file: give the path of a backup");
    signet_status status = sqlite_hold(identity, err);
    if (status != SIGNET_OK)
        return status;
    status = blame_path(open_source(&source, path, err), err);
    if (status == SIGNET_OK)
        status = copy(source.db, (sqlite_store *)store, err);
    (void)sqlite3_close(source.db);
    sqlite_release(identity);
    return status;
}
