/*
 * mongo_counters.c: removes mongo-c-driver's file in /dev/shm.
 *
 * If it is built with shared counters, the driver creates this file when it starts, for its tool mongoc-stat. Debian's
 * build starts as soon as it is loaded. A process that is killed leaves its file behind, and a later process with the
 * same PID writes a warning to standard error. The driver does not need the file's name after it has opened the file.
 */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include "platform/platform.h"

/* Called when the addon is loaded, after the libraries that it needs, and when Signet has started the driver. */
__attribute__((constructor)) void mongo_drop_counters(void)
{
    signet_shared_memory_remove("mongoc");
}

#endif
