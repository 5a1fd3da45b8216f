/* mongo_index.c: the two indexes of the collection. Making them again changes nothing. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include "core/fail.h"

#define PURGE_AFTER_S 86400 /* a session is kept for a day after its end, so that a late token still hears why */

enum { INDEX_OPTIONS_CONFLICT = 85, INDEX_KEY_SPECS_CONFLICT = 86 };

/* Named as MongoDB and Mongoose name them by default, so that an app's own schema may declare the same. */
static const struct index_row {
    const char *field, *name;
    int32_t expire_after_s; /* negative: no TTL index */
} indexes[] = {
    {"userId", "userId_1", -1},
    {"expiresAt", "expiresAt_1", PURGE_AFTER_S},
};

static void append_index(bson_t *list, const char *position, const struct index_row *row)
{
    bson_t index, key;
    BSON_APPEND_DOCUMENT_BEGIN(list, position, &index);
    BSON_APPEND_DOCUMENT_BEGIN(&index, "key", &key);
    BSON_APPEND_INT32(&key, row->field, 1);
    bson_append_document_end(&index, &key);
    BSON_APPEND_UTF8(&index, "name", row->name);
    if (row->expire_after_s >= 0)
        BSON_APPEND_INT32(&index, "expireAfterSeconds", row->expire_after_s);
    bson_append_document_end(list, &index);
}

/* One index a command, so that a conflict names its index. */
static signet_status make_index(mongo_store *store, mongoc_client_t *client, const struct index_row *row,
                                signet_error *err)
{
    bson_t command = BSON_INITIALIZER, list = BSON_INITIALIZER, options, reply;
    bson_error_t error;
    BSON_APPEND_UTF8(&command, "createIndexes", store->collection);
    append_index(&list, "0", row);
    BSON_APPEND_ARRAY(&command, "indexes", &list);
    bson_destroy(&list);
    mongo_write_options(store, &options);
    bool is_made = mongoc_client_write_command_with_opts(client, store->database, &command, &options, &reply, &error);
    signet_status status =
        is_made ? mongo_check_write_concern(store, &reply, err) : mongo_fail(store, &error, &reply, MONGO_WRITES, err);
    if (!is_made && (error.code == INDEX_OPTIONS_CONFLICT || error.code == INDEX_KEY_SPECS_CONFLICT)) {
        status = signet_fail_detail(err, SIGNET_ERR_STORE_REFUSED, "collection",
                                    "the collection \"%s\" has an index on %s or named %s that differs from Signet's. "
                                    "Choose another collection, or: "
                                    "db.getCollection(\"%s\").dropIndex(\"%s\")",
                                    store->collection, row->field, row->name, store->collection, row->name);
        if (err)
            err->driver_code = error.code;
    }
    bson_destroy(&reply);
    bson_destroy(&options);
    bson_destroy(&command);
    return status;
}

signet_status mongo_make_indexes(mongo_store *store, mongoc_client_t *client, signet_error *err)
{
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
        signet_status status = make_index(store, client, &indexes[i], err);
        if (status != SIGNET_OK)
            return status;
    }
    return SIGNET_OK;
}

#endif
