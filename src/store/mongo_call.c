/* mongo_call.c: every call borrows a client of the pool; the first one makes the pool and the indexes. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include "core/crypto.h"
#include "core/fail.h"

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
        return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store",
                                  "mongo-c-driver does not show its replies");
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
        return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store",
                                  "no client of the pool became free in time");
    status = mongo_make_indexes(store, client, err);
    mongoc_client_pool_push(store->pool, client);
    return status;
}

/* One thread tries at a time. Those that waited while it failed fail with it, or each of them would wait for the
 * server once more. */
static signet_status ensure_ready(mongo_store *store, signet_error *err)
{
    signet_error failure;
    signet_status status = SIGNET_OK;
    if (atomic_load_explicit(&store->is_ready, memory_order_acquire))
        return SIGNET_OK;
    (void)signet_fail(&failure, SIGNET_OK, NULL);
    if (!signet_mutex_trylock(&store->opening)) {
        signet_mutex_lock(&store->opening);
        if (!atomic_load_explicit(&store->is_ready, memory_order_relaxed))
            failure = store->last_failure;
        status = failure.status;
    } else if (!atomic_load_explicit(&store->is_ready, memory_order_relaxed)) {
        status = make_ready(store, &failure);
        store->last_failure = failure;
        atomic_store_explicit(&store->is_ready, status == SIGNET_OK, memory_order_release);
    }
    signet_mutex_unlock(&store->opening);
    if (err && status != SIGNET_OK)
        *err = failure;
    return status;
}

/* ------------------------------------------------------------------ every call */

/* The driver uses OpenSSL on this thread: its entries are removed from the error queue. */
signet_status mongo_call_begin(signet_store *base, mongo_call *call, signet_error *err)
{
    mongo_store *store = (mongo_store *)base;
    signet_openssl_mark();
    signet_status status = ensure_ready(store, err);
    if (status == SIGNET_OK) {
        call->store = store;
        call->client = mongoc_client_pool_pop(store->pool);
        if (!call->client)
            status = signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store",
                                        "no client of the pool became free in time");
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

signet_status mongo_find_one(const mongo_call *call, mongoc_collection_t *collection, const bson_t *filter,
                             bson_t *found, bool *matched, signet_error *err)
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
