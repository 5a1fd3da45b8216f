/*
 * mongo.c: the MongoDB store: opening, closing, borrowing a client.
 *
 * Opening does no I/O, so that it never keeps a caller waiting: the pool (which may ask DNS) and the indexes are made by the first call,
 * and by the next one again where that failed.
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
    (void)pthread_mutex_destroy(&store->opening);
    free(store->database);
    free(store->collection);
    free(store->legacy_collection);
    free(store->legacy_token_field);
    free(store->legacy_user_field);
    free(store);
}

static const signet_store_ops mongo_ops = {
    .name = "mongodb",
    .max_threads = 1,
    .max_batch = 1,
    .close = mongo_close,
    .insert = mongo_insert,
    .rotate = mongo_rotate,
    .retry = mongo_retry,
    .revoke_reused = mongo_revoke_reused,
    .revoke = mongo_revoke,
    .read = mongo_read,
    .list = mongo_list,
    .note_revoke_all = mongo_note_revoke_all,
    .last_revoke_all = mongo_last_revoke_all,
    .purge = mongo_purge,
    .ping = mongo_ping,
};

signet_status signet_store_open_mongo(const signet_mongo_options *options, signet_store **store, signet_error *err)
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
    (void)pthread_mutex_init(&self->opening, NULL);
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

/* ------------------------------------------------------------------ the first call */

static signet_status make_pool(mongo_store *store, signet_error *err)
{
    bson_error_t error;
    if (store->pool)
        return SIGNET_OK;
    store->pool = mongoc_client_pool_new_with_error(store->uri, &error);
    if (!store->pool)
        return mongo_fail(store, &error, NULL, MONGO_READS, err);
    if (!mongo_watch_replies(store->pool)) {
        mongoc_client_pool_destroy(store->pool);
        store->pool = NULL;
        return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store", "mongo-c-driver does not show its replies");
    }
    (void)mongoc_client_pool_set_error_api(store->pool, MONGOC_ERROR_API_VERSION_2);
    mongoc_client_pool_max_size(store->pool, store->ops.max_threads);
    return SIGNET_OK;
}

static signet_status make_ready(mongo_store *store, signet_error *err)
{
    signet_status status = make_pool(store, err);
    if (status != SIGNET_OK)
        return status;
    mongoc_client_t *client = mongoc_client_pool_pop(store->pool);
    if (!client)
        return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store", "no client of the pool became free in time");
    status = mongo_make_indexes(store, client, err);
    mongoc_client_pool_push(store->pool, client);
    return status;
}

/* One thread tries at a time. Those that waited while it failed fail with it, or each of them would wait for the server once more. */
static signet_status ensure_ready(mongo_store *store, signet_error *err)
{
    signet_error failure;
    signet_status status = SIGNET_OK;
    if (atomic_load_explicit(&store->is_ready, memory_order_acquire))
        return SIGNET_OK;
    (void)signet_fail(&failure, SIGNET_OK, NULL);
    if (pthread_mutex_trylock(&store->opening) != 0) {
        (void)pthread_mutex_lock(&store->opening);
        if (!atomic_load_explicit(&store->is_ready, memory_order_relaxed))
            failure = store->last_failure;
        status = failure.status;
    } else if (!atomic_load_explicit(&store->is_ready, memory_order_relaxed)) {
        status = make_ready(store, &failure);
        store->last_failure = failure;
        atomic_store_explicit(&store->is_ready, status == SIGNET_OK, memory_order_release);
    }
    (void)pthread_mutex_unlock(&store->opening);
    if (err && status != SIGNET_OK)
        *err = failure;
    return status;
}

/* ------------------------------------------------------------------ every call */

/* The driver uses OpenSSL on this thread: what it leaves in the error queue is taken away again. */
signet_status mongo_call_begin(signet_store *base, mongo_call *call, signet_error *err)
{
    mongo_store *store = (mongo_store *)base;
    signet_openssl_mark();
    signet_status status = ensure_ready(store, err);
    if (status == SIGNET_OK) {
        call->store = store;
        call->client = mongoc_client_pool_pop(store->pool);
        if (!call->client)
            status = signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store", "no client of the pool became free in time");
    }
    if (status != SIGNET_OK) {
        signet_openssl_pop();
        return status;
    }
    call->sessions = mongoc_client_get_collection(call->client, store->database, store->collection);
    mongo_replies_begin();
    return SIGNET_OK;
}

signet_status mongo_call_end(mongo_call *call, signet_status status, signet_error *err)
{
    mongoc_collection_destroy(call->sessions);
    mongoc_client_pool_push(call->store->pool, call->client);
    signet_openssl_pop();
    return mongo_replies_end(status, err);
}

void mongo_write_options(const mongo_store *store, bson_t *options)
{
    bson_init(options);
    (void)mongoc_write_concern_append(store->durable, options);
}

void mongo_read_options(const mongo_store *store, bson_t *options)
{
    bson_init(options);
    BSON_APPEND_INT64(options, "maxTimeMS", store->server_ms);
}

signet_status mongo_find_one(const mongo_call *call, mongoc_collection_t *collection, const bson_t *filter, bson_t *found, bool *matched,
                             signet_error *err)
{
    bson_t options;
    const bson_t *document;
    bson_error_t error;
    signet_status status = SIGNET_OK;
    mongo_read_options(call->store, &options);
    BSON_APPEND_INT64(&options, "limit", 1);
    BSON_APPEND_BOOL(&options, "singleBatch", true);
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, filter, &options, call->store->primary);
    *matched = mongoc_cursor_next(cursor, &document);
    if (*matched)
        bson_copy_to(document, found);
    else
        bson_init(found);
    if (!*matched && mongoc_cursor_error(cursor, &error))
        status = mongo_fail(call->store, &error, NULL, MONGO_READS, err);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&options);
    return status;
}

#endif
