/* mongo_legacy.c: the tutorial-style collection { refreshToken, userId } that sessions are adopted from. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A user's id that is a whole number, as tutorials count their users from 1. */
static bool is_whole_number(const char *user_id, int64_t *number)
{
    char again[24];
    *number = strtoll(user_id, NULL, 10);
    (void)snprintf(again, sizeof again, "%lld", (long long)*number);
    return strcmp(again, user_id) == 0;
}

/* { userId: … }: as text, or as the ObjectId or the number that it may be the text of. */
static void append_legacy_user(const mongo_store *store, bson_t *filter, const char *user_id)
{
    const bool is_oid = bson_oid_is_valid(user_id, strlen(user_id));
    int64_t number;
    bson_oid_t oid;
    bson_t condition, list = BSON_INITIALIZER;
    BSON_APPEND_UTF8(&list, "0", user_id);
    if (is_oid) {
        bson_oid_init_from_string(&oid, user_id);
        BSON_APPEND_OID(&list, "1", &oid);
    } else if (is_whole_number(user_id, &number)) {
        BSON_APPEND_INT64(&list, "1", number);
    }
    BSON_APPEND_DOCUMENT_BEGIN(filter, store->legacy_user_field, &condition);
    BSON_APPEND_ARRAY(&condition, "$in", &list);
    bson_append_document_end(filter, &condition);
    bson_destroy(&list);
}

static void append_legacy_row(const mongo_store *store, bson_t *filter, signet_text token, const char *user_id)
{
    bson_append_utf8(filter, store->legacy_token_field, -1, token.ptr, (int)token.len);
    append_legacy_user(store, filter, user_id);
}

static mongoc_collection_t *legacy_of(const mongo_call *call)
{
    return mongoc_client_get_collection(call->client, call->store->database, call->store->legacy_collection);
}

signet_status mongo_legacy_find(signet_store *store, signet_text token, const char *user_id, bool *matched,
                                signet_error *err)
{
    mongo_call call;
    bson_t filter = BSON_INITIALIZER, found;
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        append_legacy_row((mongo_store *)store, &filter, token, user_id);
        mongoc_collection_t *legacy = legacy_of(&call);
        status = mongo_find_one(&call, legacy, &filter, &found, matched, err);
        bson_destroy(&found);
        mongoc_collection_destroy(legacy);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(&filter);
    return status;
}

/* Takes over and destroys `filter`. */
static signet_status remove_rows(signet_store *store, bson_t *filter, int64_t *removed_n, signet_error *err)
{
    mongo_call call;
    bson_t options, reply;
    bson_error_t error;
    bson_iter_t iter;
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        mongo_write_options(call.store, &options);
        mongoc_collection_t *legacy = legacy_of(&call);
        if (!mongoc_collection_delete_many(legacy, filter, &options, &reply, &error))
            status = mongo_fail(call.store, &error, &reply, MONGO_WRITES, err);
        else
            *removed_n = bson_iter_init_find(&iter, &reply, "deletedCount") ? bson_iter_as_int64(&iter) : 0;
        bson_destroy(&reply);
        mongoc_collection_destroy(legacy);
        bson_destroy(&options);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(filter);
    return status;
}

signet_status mongo_legacy_remove(signet_store *store, signet_text token, const char *user_id, bool *removed,
                                  signet_error *err)
{
    bson_t filter = BSON_INITIALIZER;
    int64_t removed_n = 0;
    append_legacy_row((mongo_store *)store, &filter, token, user_id);
    signet_status status = remove_rows(store, &filter, &removed_n, err);
    if (status == SIGNET_OK)
        *removed = removed_n > 0;
    return status;
}

signet_status mongo_legacy_remove_all(signet_store *store, const char *user_id, int64_t *removed_n, signet_error *err)
{
    bson_t filter = BSON_INITIALIZER;
    append_legacy_user((mongo_store *)store, &filter, user_id);
    return remove_rows(store, &filter, removed_n, err);
}

#endif
