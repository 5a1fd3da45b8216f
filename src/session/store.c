/* store.c: the public functions that work on any store. */
#include "session/store.h"

void signet_store_close(signet_store *store)
{
    if (store)
        store->ops->close(store);
}

unsigned signet_store_max_threads(const signet_store *store)
{
    return store->ops->max_threads;
}

unsigned signet_store_max_batch(const signet_store *store)
{
    return store->ops->max_batch;
}

signet_status signet_store_read_clock(signet_store *store, signet_clock_reading *reading, signet_error *err)
{
    return store->ops->read_clock(store, reading, err);
}
