/* sqlite_upkeep.c: purge, ping, backup. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "store/sqlite.h"

#define PURGE_ROUNDS 8 /* steps that only file again before a purge ends without having removed anything */

static signet_status run_limited(sqlite_store *store, sqlite_statement which, int64_t before_ms, unsigned limit, int64_t *changed_n,
                                 signet_error *err)
{
    (void)sqlite3_bind_int64(store->statements[which], 1, before_ms);
    (void)sqlite3_bind_int64(store->statements[which], 2, limit);
    signet_status status = sqlite_run(store, which, err);
    if (status == SIGNET_OK)
        *changed_n = sqlite3_changes(store->db);
    return status;
}

signet_status sqlite_purge(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n, signet_error *err)
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

signet_status sqlite_ping(signet_store *store, signet_error *err)
{
    return sqlite_run((sqlite_store *)store, SQLITE_STMT_TOUCH, err);
}

signet_status sqlite_create_file(const char *path, bool *existed, signet_error *err)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    *existed = fd < 0 && errno == EEXIST;
    if (fd >= 0)
        (void)close(fd);
    if (fd >= 0 || *existed)
        return SIGNET_OK;
    int number = errno;
    signet_status status = signet_fail_detail(err, SIGNET_ERR_STORE_REFUSED, "store",
                                              "the file cannot be made (%s): does its folder exist, and may this user write there?",
                                              number == ENOENT || number == ENOTDIR ? "no such folder"
                                              : number == EACCES || number == EROFS ? "not allowed"
                                                                                    : "system error");
    if (err)
        err->driver_code = number;
    return status;
}

static signet_status copy_to(sqlite_store *store, sqlite3 *target, signet_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", store->db, "main");
    if (!backup)
        return sqlite_fail(store, sqlite3_extended_errcode(target), err);
    int rc = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (rc == SQLITE_DONE)
        rc = finished;
    return rc == SQLITE_OK ? SIGNET_OK : sqlite_fail(store, rc, err);
}

/* The copy is a new file always: writing over an old one would leave nothing good when it fails half-way. */
signet_status sqlite_backup(signet_store *store, const char *path, signet_error *err)
{
    sqlite_store *s = (sqlite_store *)store;
    sqlite3 *target = NULL;
    bool existed = false;
    signet_status status = sqlite_create_file(path, &existed, err);
    if (status != SIGNET_OK)
        return status;
    if (existed)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "path", "there is a file of that name already: give a backup a name of its own");
    int rc = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    status = rc == SQLITE_OK ? copy_to(s, target, err) : sqlite_fail(s, rc, err);
    rc = sqlite3_close(target);
    if (status == SIGNET_OK && rc != SQLITE_OK)
        status = sqlite_fail(s, rc, err);
    if (status != SIGNET_OK)
        (void)unlink(path);
    return status;
}
