/* mongo_ops.c: the operations that change or read one session. Each is one command, each filter has _id and userId. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <string.h>

#include "core/fail.h"

/* ------------------------------------------------------------------ one findAndModify */

/* The document of a findAndModify's reply: `*matched` false if it is null. Anything else leaves the outcome
 * unknown. */
static signet_status read_value(const bson_t *reply, signet_record *after, bool *matched, signet_error *err)
{
    bson_iter_t iter;
    const uint8_t *bytes;
    uint32_t len;
    bson_t document;
    *matched = false;
    const bool has_value = bson_iter_init_find(&iter, reply, "value");
    if (has_value && BSON_ITER_HOLDS_NULL(&iter))
        return SIGNET_OK;
    if (!has_value || !BSON_ITER_HOLDS_DOCUMENT(&iter))
        return signet_fail_detail(err, SIGNET_ERR_STORE_TIMEOUT, "store", "the server's answer contains no document");
    bson_iter_document(&iter, &len, &bytes);
    if (!bson_init_static(&document, bytes, len))
        return signet_fail_detail(err, SIGNET_ERR_STORE_TIMEOUT, "store", "the server's answer is damaged");
    signet_status status = mongo_read_record(&document, after, err);
    *matched = status == SIGNET_OK;
    return status;
}

static signet_status find_and_modify(mongo_call *call, const bson_t *filter, const bson_t *update, bson_t *reply,
                                     signet_error *err)
{
    bson_error_t error;
    bson_t options;
    mongoc_find_and_modify_opts_t *command = mongoc_find_and_modify_opts_new();
    mongo_write_options(call->store, &options);
    (void)mongoc_find_and_modify_opts_set_update(command, update);
    (void)mongoc_find_and_modify_opts_set_flags(command, MONGOC_FIND_AND_MODIFY_RETURN_NEW);
    (void)mongoc_find_and_modify_opts_set_max_time_ms(command, (uint32_t)call->store->server_ms);
    (void)mongoc_find_and_modify_opts_append(command, &options);
    bool is_done = mongoc_collection_find_and_modify_with_opts(call->sessions, filter, command, reply, &error);
    mongoc_find_and_modify_opts_destroy(command);
    bson_destroy(&options);
    /* A writeConcernError first: with one, the rest of the reply says nothing about what will stand. */
    signet_status status = mongo_check_write_concern(call->store, reply, err);
    if (status == SIGNET_OK && !is_done)
        status = mongo_fail(call->store, &error, reply, MONGO_WRITES, err);
    return status;
}

/* Takes over and destroys `filter` and `update`. */
static signet_status change(signet_store *store, bson_t *filter, bson_t *update, signet_record *after, bool *matched,
                            signet_error *err)
{
    mongo_call call;
    bson_t reply;
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        status = find_and_modify(&call, filter, update, &reply, err);
        if (status == SIGNET_OK)
            status = read_value(&reply, after, matched, err);
        bson_destroy(&reply);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(filter);
    bson_destroy(update);
    return status;
}

/* ------------------------------------------------------------------ the operations */

/* { name: { $literal: text } }: in a pipeline, a bare text that begins with "$" would be read as a field's name. */
static void append_literal(bson_t *set, const char *name, signet_text text)
{
    bson_t literal;
    if (!text.ptr)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(set, name, &literal);
    bson_append_utf8(&literal, "$literal", -1, text.ptr, (int)text.len);
    bson_append_document_end(set, &literal);
}

/* { name: { $add: ["$generation", 1] } } */
static void append_next_generation(bson_t *set, const char *name)
{
    bson_t sum, terms;
    BSON_APPEND_DOCUMENT_BEGIN(set, name, &sum);
    BSON_APPEND_ARRAY_UNSAFE_BEGIN(&sum, "$add", &terms);
    BSON_APPEND_UTF8(&terms, "0", "$generation");
    BSON_APPEND_INT64(&terms, "1", 1);
    bson_append_array_end(&sum, &terms);
    bson_append_document_end(set, &sum);
}

/* { op: ["$keyGeneration", "$generation"] }: with $eq, whether the last exchange was keyed */
static void append_keyed(bson_t *expression, const char *op)
{
    bson_t sides;
    BSON_APPEND_ARRAY_UNSAFE_BEGIN(expression, op, &sides);
    BSON_APPEND_UTF8(&sides, "0", "$keyGeneration");
    BSON_APPEND_UTF8(&sides, "1", "$generation");
    bson_append_array_end(expression, &sides);
}

/* previousKeyHash: the old keyHash if the exchange before was keyed. Then the new one; "$$REMOVE" removes a field. */
static void append_keys(bson_t *set, const uint8_t *key_hash)
{
    bson_t expression, choice, keyed;
    BSON_APPEND_DOCUMENT_BEGIN(set, "previousKeyHash", &expression);
    BSON_APPEND_ARRAY_UNSAFE_BEGIN(&expression, "$cond", &choice);
    BSON_APPEND_DOCUMENT_BEGIN(&choice, "0", &keyed);
    append_keyed(&keyed, "$eq");
    bson_append_document_end(&choice, &keyed);
    BSON_APPEND_UTF8(&choice, "1", "$keyHash");
    BSON_APPEND_UTF8(&choice, "2", "$$REMOVE");
    bson_append_array_end(&expression, &choice);
    bson_append_document_end(set, &expression);
    if (key_hash) {
        mongo_append_hash(set, "keyHash", key_hash);
        append_next_generation(set, "keyGeneration");
    } else {
        BSON_APPEND_UTF8(set, "keyHash", "$$REMOVE");
        BSON_APPEND_UTF8(set, "keyGeneration", "$$REMOVE");
    }
}

/* An update by pipeline (MongoDB 4.2 and later): all its expressions read the document as it was before. */
signet_status mongo_rotate(signet_store *store, const signet_rotation *rotation, signet_record *after, bool *matched,
                           signet_error *err)
{
    bson_t filter = BSON_INITIALIZER, pipeline = BSON_INITIALIZER, stage, set;
    mongo_append_session(&filter, rotation->session_id, rotation->user_id);
    mongo_append_hash(&filter, "tokenHash", rotation->presented_hash);
    mongo_append_alive(&filter, rotation->now_ms);

    BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$set", &set);
    mongo_append_hash(&set, "tokenHash", rotation->successor_hash);
    mongo_append_hash(&set, "previousHash", rotation->presented_hash);
    BSON_APPEND_BINARY(&set, "seed", BSON_SUBTYPE_BINARY, rotation->seed, SIGNET_SEED_LEN);
    append_next_generation(&set, "generation");
    BSON_APPEND_DATE_TIME(&set, "rotatedAt", rotation->now_ms);
    BSON_APPEND_UTF8(&set, "previousRotatedAt", "$rotatedAt");
    BSON_APPEND_DATE_TIME(&set, "expiresAt", rotation->expires_at_ms);
    BSON_APPEND_INT64(&set, "retries", 0);
    append_keys(&set, rotation->key_hash);
    append_literal(&set, "userAgent", rotation->user_agent);
    append_literal(&set, "ip", rotation->ip);
    bson_append_document_end(&stage, &set);
    bson_append_document_end(&pipeline, &stage);
    return change(store, &filter, &pipeline, after, matched, err);
}

/* ------------------------------------------------------------------ old tokens */

/* { name: { $in: the token's key hashes } } */
static void append_key_condition(bson_t *condition, const char *name, const signet_old_token *token)
{
    static const char *const indexes[] = {"0", "1"};
    bson_t operation, list;
    BSON_APPEND_DOCUMENT_BEGIN(condition, name, &operation);
    BSON_APPEND_ARRAY_UNSAFE_BEGIN(&operation, "$in", &list);
    for (size_t i = 0; i < token->key_hashes_n; i++)
        mongo_append_hash(&list, indexes[i], token->key_hashes[i]);
    bson_append_array_end(&operation, &list);
    bson_append_document_end(condition, &operation);
}

/* The last exchange was keyed ("$eq") or not ("$ne"). */
static void append_keyed_condition(bson_t *condition, const char *op)
{
    bson_t expression;
    BSON_APPEND_DOCUMENT_BEGIN(condition, "$expr", &expression);
    append_keyed(&expression, op);
    bson_append_document_end(condition, &expression);
}

/* The last exchange was keyed, with one of the token's keys. */
static void append_parent_by_key(bson_t *condition, const signet_old_token *token)
{
    mongo_append_hash(condition, "previousHash", token->hash);
    append_keyed_condition(condition, "$eq");
    append_key_condition(condition, "keyHash", token);
}

static void append_parent_in_grace(bson_t *condition, const signet_old_token *token)
{
    mongo_append_hash(condition, "previousHash", token->hash);
    mongo_append_date_condition(condition, "rotatedAt", "$gte", token->grace_from_ms);
}

signet_status mongo_retry(signet_store *store, const signet_old_token *token, signet_record *after, bool *matched,
                          signet_error *err)
{
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, part, condition;
    mongo_append_session(&filter, token->session_id, token->user_id);
    mongo_append_alive(&filter, token->now_ms);
    BSON_APPEND_ARRAY_UNSAFE_BEGIN(&filter, "$or", &part);
    BSON_APPEND_DOCUMENT_BEGIN(&part, "0", &condition);
    append_parent_by_key(&condition, token);
    bson_append_document_end(&part, &condition);
    BSON_APPEND_DOCUMENT_BEGIN(&part, "1", &condition);
    append_parent_in_grace(&condition, token);
    append_keyed_condition(&condition, "$ne");
    bson_append_document_end(&part, &condition);
    bson_append_array_end(&filter, &part);

    BSON_APPEND_DOCUMENT_BEGIN(&update, "$inc", &part);
    BSON_APPEND_INT64(&part, "retries", 1);
    BSON_APPEND_INT64(&part, "retriesTotal", 1);
    bson_append_document_end(&update, &part);
    return change(store, &filter, &update, after, matched, err);
}

/* { $cond: [{ $eq: ["$previousHash", presented] }, SIGNET_REASON_LATE_RETRY, SIGNET_REASON_REUSE] } */
static void append_reason(bson_t *set, const uint8_t *presented_hash)
{
    bson_t sides = BSON_INITIALIZER, comparison = BSON_INITIALIZER, choice = BSON_INITIALIZER, expression;
    BSON_APPEND_UTF8(&sides, "0", "$previousHash");
    mongo_append_hash(&sides, "1", presented_hash);
    BSON_APPEND_ARRAY(&comparison, "$eq", &sides);
    BSON_APPEND_DOCUMENT(&choice, "0", &comparison);
    BSON_APPEND_UTF8(&choice, "1", SIGNET_REASON_LATE_RETRY);
    BSON_APPEND_UTF8(&choice, "2", SIGNET_REASON_REUSE);
    BSON_APPEND_DOCUMENT_BEGIN(set, "revokedFor", &expression);
    BSON_APPEND_ARRAY(&expression, "$cond", &choice);
    bson_append_document_end(set, &expression);
    bson_destroy(&choice);
    bson_destroy(&comparison);
    bson_destroy(&sides);
}

/* $nor: what makes an old token a retry or a straggler. */
static void append_no_reuse(bson_t *filter, const signet_old_token *token)
{
    bson_t list, condition;
    BSON_APPEND_ARRAY_UNSAFE_BEGIN(filter, "$nor", &list);
    BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &condition);
    append_parent_in_grace(&condition, token);
    bson_append_document_end(&list, &condition);
    BSON_APPEND_DOCUMENT_BEGIN(&list, "1", &condition);
    append_parent_by_key(&condition, token);
    bson_append_document_end(&list, &condition);
    BSON_APPEND_DOCUMENT_BEGIN(&list, "2", &condition);
    BSON_APPEND_INT64(&condition, "generation", token->generation + 2);
    mongo_append_date_condition(&condition, "previousRotatedAt", "$gte", token->grace_from_ms);
    bson_append_document_end(&list, &condition);
    BSON_APPEND_DOCUMENT_BEGIN(&list, "3", &condition);
    BSON_APPEND_INT64(&condition, "generation", token->generation + 2);
    append_key_condition(&condition, "previousKeyHash", token);
    bson_append_document_end(&list, &condition);
    bson_append_array_end(filter, &list);
}

/* An update by pipeline: the reason depends on the document, and is decided in the same write. */
signet_status mongo_revoke_reused(signet_store *store, const signet_old_token *token, signet_record *after,
                                  bool *matched, signet_error *err)
{
    bson_t filter = BSON_INITIALIZER, pipeline = BSON_INITIALIZER, part, set;
    mongo_append_session(&filter, token->session_id, token->user_id);
    mongo_append_alive(&filter, token->now_ms);
    BSON_APPEND_DOCUMENT_BEGIN(&filter, "generation", &part);
    BSON_APPEND_INT64(&part, "$gt", token->generation);
    bson_append_document_end(&filter, &part);
    BSON_APPEND_DOCUMENT_BEGIN(&filter, "tokenHash", &part);
    mongo_append_hash(&part, "$ne", token->hash);
    bson_append_document_end(&filter, &part);
    append_no_reuse(&filter, token);

    BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "0", &part);
    BSON_APPEND_DOCUMENT_BEGIN(&part, "$set", &set);
    BSON_APPEND_DATE_TIME(&set, "revokedAt", token->now_ms);
    append_reason(&set, token->hash);
    bson_append_document_end(&part, &set);
    bson_append_document_end(&pipeline, &part);
    return change(store, &filter, &pipeline, after, matched, err);
}

signet_status mongo_revoke(signet_store *store, const char *session_id, const char *user_id, const char *reason,
                           int64_t now_ms, signet_record *after, bool *matched, signet_error *err)
{
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, part;
    mongo_append_session(&filter, session_id, user_id);
    BSON_APPEND_NULL(&filter, "revokedAt");
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &part);
    BSON_APPEND_DATE_TIME(&part, "revokedAt", now_ms);
    BSON_APPEND_UTF8(&part, "revokedFor", reason);
    bson_append_document_end(&update, &part);
    return change(store, &filter, &update, after, matched, err);
}

/* A conditional write that never matches: it needs the primary, the permission to write and a majority that
 * acknowledges. */
signet_status mongo_ping(signet_store *store, signet_error *err)
{
    signet_record none;
    bool matched;
    return mongo_revoke(store, "ping:", "", "ping", 0, &none, &matched, err);
}

/* ------------------------------------------------------------------ insert, read */

/* A duplicate key in the index on _id means that this id exists; in any other, that somebody has put a unique index
 * on the collection. */
static signet_status insert_failed(mongo_call *call, const bson_error_t *error, const bson_t *reply, bool *matched,
                                   signet_error *err)
{
    if (error->code != MONGOC_ERROR_DUPLICATE_KEY)
        return mongo_fail(call->store, error, reply, MONGO_WRITES, err);
    if (strstr(error->message, "_id_")) {
        *matched = false;
        return SIGNET_OK;
    }
    (void)signet_fail_detail(
        err, SIGNET_ERR_STORE_REFUSED, "collection",
        "a unique index of the collection \"%s\" allows no second session: drop it, or choose another collection",
        call->store->collection);
    if (err)
        err->driver_code = error->code;
    return SIGNET_ERR_STORE_REFUSED;
}

signet_status mongo_insert(signet_store *store, const signet_record *record, bool *matched, signet_error *err)
{
    mongo_call call;
    bson_t document = BSON_INITIALIZER, options, reply;
    bson_error_t error;
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        mongo_append_record(&document, record);
        mongo_write_options(call.store, &options);
        *matched = mongoc_collection_insert_one(call.sessions, &document, &options, &reply, &error);
        if (!*matched)
            status = insert_failed(&call, &error, &reply, matched, err);
        bson_destroy(&reply);
        bson_destroy(&options);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(&document);
    return status;
}

signet_status mongo_read(signet_store *store, const char *session_id, const char *user_id, signet_record *record,
                         bool *matched, signet_error *err)
{
    mongo_call call;
    bson_t filter = BSON_INITIALIZER, found;
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        mongo_append_session(&filter, session_id, user_id);
        status = mongo_find_one(&call, call.sessions, &filter, &found, matched, err);
        if (status == SIGNET_OK && *matched)
            status = mongo_read_record(&found, record, err);
        bson_destroy(&found);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(&filter);
    return status;
}

#endif
