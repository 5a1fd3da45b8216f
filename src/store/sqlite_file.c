/* sqlite_file.c: the file behind the store: created for its owner only, opened, and checked while it is open. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "platform/platform.h"
#include "store/sqlite.h"

sqlite_identity sqlite_identity_of(const char *path)
{
    sqlite_identity identity;
    (void)signet_file_identify(path, &identity.device, &identity.inode);
    return identity;
}

/* ------------------------------------------------------------------ making, opening */

static signet_status not_made(int number, signet_error *err)
{
    signet_status status = sqlite_fail_system(number, err);
    if (status == SIGNET_OK)
        status =
            signet_fail_detail(err, SIGNET_ERR_STORE_REFUSED, "store",
                               "the file cannot be made (%s): does its folder exist, and may this user write there?",
                               number == ENOENT || number == ENOTDIR ? "no such folder"
                               : number == EACCES || number == EROFS ? "not allowed"
                                                                     : "system error");
    if (err)
        err->driver_code = number;
    return status;
}

signet_status sqlite_create_file(const char *path, bool *existed, signet_error *err)
{
    const int number = signet_file_create(path);
    *existed = number == EEXIST;
    return number == 0 || *existed ? SIGNET_OK : not_made(number, err);
}

static signet_status open_held(sqlite_store *store, signet_error *err)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                      SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(store->path, &store->db, flags, NULL);
    return rc == SQLITE_OK ? SIGNET_OK : sqlite_fail(store, rc, err);
}

static signet_status make_and_open(sqlite_store *store, signet_error *err)
{
    bool existed = false;
    signet_status status = sqlite_create_file(store->path, &existed, err);
    if (status != SIGNET_OK)
        return status;
    if (existed) /* if it cannot, SQLite reports the error */
        signet_file_make_private(store->path);
    const sqlite_identity identity = sqlite_identity_of(store->path);
    status = sqlite_hold(identity, err);
    if (status != SIGNET_OK)
        return status;
    store->held = identity;
    return open_held(store, err);
}

/*
 * SQLite creates files with the mode that the umask leaves, so a missing file is created here, with its mode. Closing
 * any descriptor of a file drops all locks that this process has on it (POSIX). So no other thread may open the file
 * between its creation and the close: hence the mutex. Only SQLite opens a file that exists. The -wal and -shm files
 * get the mode of the file.
 */
signet_status sqlite_file_open(sqlite_store *store, signet_error *err)
{
    static signet_mutex opening = SIGNET_MUTEX_INIT;
    if (strcmp(store->path, ":memory:") == 0)
        return open_held(store, err);
    signet_mutex_lock(&opening);
    signet_status status = make_and_open(store, err);
    signet_mutex_unlock(&opening);
    return status;
}

/* ------------------------------------------------------------------ looking again */

signet_status sqlite_file_remember(sqlite_store *store, signet_error *err)
{
    static const char *const suffixes[SQLITE_FILES] = {"", "-wal", "-shm"};
    /* The full path. Empty for a store in memory. */
    const char *path = sqlite3_db_filename(store->db, "main");
    for (size_t i = 0; path && *path && i < SQLITE_FILES; i++) {
        const size_t size = strlen(path) + strlen(suffixes[i]) + 1;
        if (!(store->files[i].name = malloc(size)))
            return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
        (void)snprintf(store->files[i].name, size, "%s%s", path, suffixes[i]);
        store->files[i].identity = sqlite_identity_of(store->files[i].name);
    }
    return SIGNET_OK;
}

static bool is_there(const sqlite_file *file)
{
    return !file->name || sqlite_is_same(file->identity, sqlite_identity_of(file->name));
}

bool sqlite_file_is_there(sqlite_store *store)
{
    int moved = 0;
    (void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    for (size_t i = 0; i < SQLITE_FILES && !moved; i++)
        moved = !is_there(&store->files[i]);
    return !moved;
}

int sqlite_folder_lock(const sqlite_store *store)
{
    const char *path = sqlite3_db_filename(store->db, "main");
    int handle = -1;
    if (path && *path)
        while (!signet_folder_trylock(path, &handle) && sqlite_wait_once_more(store))
            ;
    return handle;
}

/* SQLite would apply the log of a file that is gone to the new file of the same name. Between the look at a log and its
 * removal nobody creates another one, and while it is open, no other file has its inode. */
static void remove_logs(sqlite_store *store)
{
    sqlite_wait_limit(store, store->busy_timeout_ms);
    const int folder = sqlite_folder_lock(store);
    sqlite_wait_unlimit(store);
    for (size_t i = 1; i < SQLITE_FILES; i++)
        if (store->files[i].name && is_there(&store->files[i]))
            signet_file_remove(store->files[i].name);
    signet_folder_unlock(folder);
}

void sqlite_file_close(sqlite_store *store)
{
    if (store->db && !is_there(&store->files[0]))
        remove_logs(store);
    /* The last connection of all processes writes the log back and removes it, unless the file has been moved. */
    (void)sqlite3_close(store->db);
    store->db = NULL;
    for (size_t i = 0; i < SQLITE_FILES; i++)
        free(store->files[i].name);
    memset(store->files, 0, sizeof store->files);
    if (store->held.inode)
        sqlite_release(store->held);
    store->held = (sqlite_identity){0, 0};
}
