/*
 * mongo.c: the MongoDB store: its operations, opening, closing.
 *
 * Opening does no I/O, so that it never keeps a caller waiting: the pool (which may ask DNS) and the indexes are made
 * by the first call, and again by the next one if that failed.
 */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/fail.h"

static void mongo_close(signet_store *base)
{
    mongo_store *store = (mongo_store *)base;
    if (store->pool)
        mongoc_client_pool_destroy(store->pool);
    if (store->uri)
        mongoc_uri_destroy(store->uri);
    if (store->durable)
        mongoc_write_concern_destroy(store->durable);
    if (store->primary)
        mongoc_read_prefs_destroy(store->primary);
    signet_mutex_destroy(&store->opening);
    free(store->database);
    free(store->collection);
    free(store->legacy_collection);
    free(store->legacy_token_field);
    free(store->legacy_user_field);
    free(store);
}

static signet_status mongo_open(const signet_store_options *options, signet_store **store, signet_error *err)
{
    mongo_store *self = calloc(1, sizeof *self);
    if (!self)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    self->ops = mongo_ops;
    self->ops.max_threads = options->max_threads ? options->max_threads : 1;
    if (options->legacy_collection) {
        self->ops.legacy_find = mongo_legacy_find;
        self->ops.legacy_remove = mongo_legacy_remove;
        self->ops.legacy_remove_all = mongo_legacy_remove_all;
    }
    self->base.ops = &self->ops;
    signet_mutex_init(&self->opening);
    atomic_init(&self->is_ready, false);
    mongo_driver_start();
    signet_status status = mongo_configure(self, options, err);
    if (status != SIGNET_OK) {
        mongo_close(&self->base);
        return status;
    }
    *store = &self->base;
    return SIGNET_OK;
}

const signet_store_ops mongo_ops = {
    .traits = MONGO_TRAITS,
    .max_threads = 1,
    .max_batch = 1,
    .open = mongo_open,
    .close = mongo_close,
    .insert = mongo_insert,
    .rotate = mongo_rotate,
    .retry = mongo_retry,
    .revoke_reused = mongo_revoke_reused,
    .revoke = mongo_revoke,
    .read = mongo_read,
    .list = mongo_list,
    .read_clock = mongo_read_clock,
    .note_revoke_all = mongo_note_revoke_all,
    .last_revoke_all = mongo_last_revoke_all,
    .purge = mongo_purge,
    .ping = mongo_ping,
};

#endif
