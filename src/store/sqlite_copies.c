/*
 * sqlite_copies.c: two copies of this library in one process must not have the same file open. POSIX gives locks to
 * the process: each copy has its own SQLite, does not see the other's locks, and drops them all whenever it
 * closes a descriptor of the file. Within one copy, SQLite prevents this for any number of connections and threads.
 *
 * Each copy keeps a list of its files, and exports one function with which the others search it. A copy adds a file to
 * its own list before it asks the others. So if two copies open a file at the same moment, at least one is refused.
 */
#ifdef __linux__
#define _GNU_SOURCE /* dl_iterate_phdr */
#endif
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <dlfcn.h>
#endif
#if defined(__linux__)
#include <link.h>
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

#include "core/fail.h"
#include "store/sqlite.h"

typedef struct held_file {
    struct held_file *next;
    sqlite_identity identity;
    unsigned times;
} held_file;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
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
    (void)pthread_mutex_lock(&lock);
    int holds = *find((sqlite_identity){device, inode}) != NULL;
    (void)pthread_mutex_unlock(&lock);
    return holds;
}

static signet_status enter(sqlite_identity identity, signet_error *err)
{
    signet_status status = SIGNET_OK;
    (void)pthread_mutex_lock(&lock);
    held_file **at = find(identity);
    if (!*at && !(*at = calloc(1, sizeof **at)))
        status = signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (*at) {
        (*at)->identity = identity;
        (*at)->times++;
    }
    (void)pthread_mutex_unlock(&lock);
    return status;
}

void sqlite_release(sqlite_identity identity)
{
    (void)pthread_mutex_lock(&lock);
    held_file **at = find(identity), *file = *at;
    if (file && --file->times == 0) {
        *at = file->next;
        free(file);
    }
    (void)pthread_mutex_unlock(&lock);
}

/* ------------------------------------------------------------------ the other copies */

/* The libraries that the process has loaded, by name. dlopen must not be called during the iteration. */
typedef struct loaded {
    char *names[512];
    size_t n;
} loaded;

static void note(loaded *list, const char *name)
{
    if (name && *name && list->n < sizeof list->names / sizeof list->names[0] && (list->names[list->n] = strdup(name)))
        list->n++;
}

#if defined(__linux__)
static int note_one(struct dl_phdr_info *info, size_t size, void *list)
{
    (void)size;
    note(list, info->dlpi_name);
    return 0;
}

static void list_loaded(loaded *list)
{
    (void)dl_iterate_phdr(note_one, list);
}
#elif defined(__APPLE__)
static void list_loaded(loaded *list)
{
    for (uint32_t i = 0; i < _dyld_image_count(); i++)
        note(list, _dyld_get_image_name(i));
}
#else /* on Windows, locks belong to the handle: copies see each other's */
static void list_loaded(loaded *list)
{
    (void)note;
    (void)list;
}
#endif

#ifdef _WIN32
static bool holds(const char *name, sqlite_identity identity)
{
    (void)name;
    (void)identity;
    return false;
}
#else
static bool holds(const char *name, sqlite_identity identity)
{
    int (*ask)(uint64_t, uint64_t) = NULL;
    void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (!library)
        return false;
    *(void **)&ask = dlsym(library, "signet_sqlite_holds_v1");
    bool is_held = ask && ask != signet_sqlite_holds_v1 && ask(identity.device, identity.inode);
    (void)dlclose(library);
    return is_held;
}
#endif

signet_status sqlite_hold(sqlite_identity identity, signet_error *err)
{
    loaded list = {.n = 0};
    signet_status status = enter(identity, err);
    if (status != SIGNET_OK)
        return status;
    list_loaded(&list);
    for (size_t i = 0; i < list.n; i++) {
        if (status == SIGNET_OK && holds(list.names[i], identity))
            status = signet_fail_detail(
                err, SIGNET_ERR_STORE_REFUSED, "store",
                "another copy of signet-jwt in this process has the file open, and their locks would undo each other: "
                "install it once (npm ls signet-jwt shows the copies), or give each a file of its own");
        free(list.names[i]);
    }
    if (status != SIGNET_OK)
        sqlite_release(identity);
    return status;
}
