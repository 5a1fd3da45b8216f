/*
 * mongo_counters.c: no file of mongo-c-driver's in /dev/shm.
 *
 * Where it is built with shared counters, the driver puts them there for its tool mongoc-stat, when it is started;
 * and as Debian builds it, it starts itself when it is loaded. A process that is killed leaves its file behind, and
 * the next one of the same number warns of it on standard error. Without the name the driver goes on counting.
 */
#include "store/mongo.h"

#if defined(SIGNET_WITH_MONGOC) && defined(__linux__)

#include <stdio.h>
#include <unistd.h>

/* When the addon is loaded, behind the libraries that it needs; and when the driver has been started by us. */
__attribute__((constructor)) void mongo_drop_counters(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/dev/shm/mongoc-%ld", (long)getpid());
    (void)unlink(path);
}

#elif defined(SIGNET_WITH_MONGOC)

void mongo_drop_counters(void)
{
}

#endif
