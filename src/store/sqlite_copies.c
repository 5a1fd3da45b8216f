/*
 * sqlite_copies.c: two copies of this library in one process must not have the same file open. POSIX gives locks to
 * the process: each copy has its own SQLite, does not see the other's locks, and drops them all whenever it
 * closes a descriptor of the file. Within one copy, SQLite prevents this for any number of connections and threads.
 *
 * Each copy keeps a list of its files, and exports one function with which the others search it. A copy adds a file to
 * its own list before it asks the others. So if two copies open a file at the same moment, at least one is refused.
 */
#include <stdlib.h>

#include "core/fail.h"
#include "platform/platform.h"
#include "store/sqlite.h"

typedef struct held_file {
    struct held_file *next;
    sqlite_identity identity;
    unsigned times;
} held_file;

static signet_mutex lock = SIGNET_MUTEX_INIT;
static held_file *files;

static held_file **find(sqlite_identity identity)
{
    held_file **at = &files;
    while (*at && !sqlite_is_same((*at)->identity, identity))
        at = &(*at)->next;
    return at;
}

__attribute__((visibility("default"))) int signet_sqlite_holds_v1(uint64_t device, uint64_t inode)
{
    signet_mutex_lock(&lock);
    int holds = *find((sqlite_identity){device, inode}) != NULL;
    signet_mutex_unlock(&lock);
    return holds;
}

static signet_status enter(sqlite_identity identity, signet_error *err)
{
    signet_status status = SIGNET_OK;
    signet_mutex_lock(&lock);
    held_file **at = find(identity);
    if (!*at && !(*at = calloc(1, sizeof **at)))
        status = signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (*at) {
        (*at)->identity = identity;
        (*at)->times++;
    }
    signet_mutex_unlock(&lock);
    return status;
}

void sqlite_release(sqlite_identity identity)
{
    signet_mutex_lock(&lock);
    held_file **at = find(identity), *file = *at;
    if (file && --file->times == 0) {
        *at = file->next;
        free(file);
    }
    signet_mutex_unlock(&lock);
}

/* ------------------------------------------------------------------ the other copies */

typedef struct question {
    sqlite_identity identity;
    bool is_held;
} question;

static bool ask(void *address, void *context)
{
    int (*holds)(uint64_t, uint64_t) = NULL;
    question *const asked = context;
    *(void **)&holds = address;
    asked->is_held = holds != signet_sqlite_holds_v1 && holds(asked->identity.device, asked->identity.inode);
    return !asked->is_held;
}

signet_status sqlite_hold(sqlite_identity identity, signet_error *err)
{
    question asked = {identity, false};
    signet_status status = enter(identity, err);
    if (status != SIGNET_OK)
        return status;
    signet_libraries_with("signet_sqlite_holds_v1", ask, &asked);
    if (!asked.is_held)
        return SIGNET_OK;
    sqlite_release(identity);
    return signet_fail_detail(
        err, SIGNET_ERR_STORE_REFUSED, "store",
        "another copy of signet-jwt in this process has the file open, and their locks would undo each other: install "
        "it once (npm ls signet-jwt shows the copies), or give each a file of its own");
}
