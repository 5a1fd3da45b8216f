/* mongo_user.c: what concerns all sessions of a user: the list, revokeAll's note, and the tutorial-style collection
 * that is adopted from. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

/* ------------------------------------------------------------------ list */

typedef struct session_list {
    signet_session *items;
    size_t n, capacity;
} session_list;

static signet_session *list_grow(session_list *list)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 8;
        signet_session *items = realloc(list->items, capacity * sizeof *items);
        if (!items)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    return &list->items[list->n++];
}

static signet_status list_collect(const mongo_store *store, mongoc_cursor_t *cursor, session_list *list,
                                  signet_error *err)
{
    const bson_t *document;
    bson_error_t error;
    signet_record record;
    while (mongoc_cursor_next(cursor, &document)) {
        signet_status status = mongo_read_record(document, &record, err);
        signet_session *item = status == SIGNET_OK ? list_grow(list) : NULL;
        if (status != SIGNET_OK)
            return status;
        if (!item)
            return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
        *item = record.session;
    }
    return mongoc_cursor_error(cursor, &error) ? mongo_fail(store, &error, NULL, MONGO_READS, err) : SIGNET_OK;
}

/*
 * A plain read of the primary is enough. revokeAll writes the note and then scans; login inserts and then reads the
 * note. Both write with a majority before they read, and the driver rejects a primary of an older term than it has
 * seen. So at least one of the two sees the other.
 */
signet_status mongo_list(signet_store *store, const char *user_id, int64_t now_ms, signet_session **sessions,
                         size_t *sessions_n, signet_error *err)
{
    mongo_call call;
    bson_t filter = BSON_INITIALIZER, options, sort;
    session_list list = {NULL, 0, 0};
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        BSON_APPEND_UTF8(&filter, "userId", user_id);
        mongo_append_alive(&filter, now_ms);
        mongo_read_options(call.store, &options);
        BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &sort);
        BSON_APPEND_INT32(&sort, "createdAt", -1);
        BSON_APPEND_INT32(&sort, "_id", -1);
        bson_append_document_end(&options, &sort);
        mongoc_cursor_t *cursor =
            mongoc_collection_find_with_opts(call.sessions, &filter, &options, call.store->primary);
        status = list_collect(call.store, cursor, &list, err);
        mongoc_cursor_destroy(cursor);
        bson_destroy(&options);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(&filter);
    if (status != SIGNET_OK) {
        free(list.items);
        return status;
    }
    *sessions = list.items;
    *sessions_n = list.n;
    return SIGNET_OK;
}

/* ------------------------------------------------------------------ the note of revokeAll */

static void append_note(bson_t *filter, const char *user_id)
{
    char id[sizeof "revoke-all:" + SIGNET_MAX_USER_ID_LEN];
    (void)snprintf(id, sizeof id, "revoke-all:%s", user_id);
    mongo_append_session(filter, id, user_id);
}

/* Two first notes of a user at once: the server may let both try to insert, and one is told of a duplicate key. It
 * then finds the other's. */
#define NOTE_TRIES 3

/* What `noted` becomes. noted.at is a copy of revokedAt: if they differ, an older Signet wrote revokedAt last, and
 * `noted` is not about it. */
#define LATER_DATE "{", "$max", "[", "$revokedAt", BCON_DATE_TIME(note->at_ms), "]", "}"
#define IS_KNOWN "{", "$eq", "[", "$noted.at", "$revokedAt", "]", "}"

static bson_t *merge_notes(const signet_revoke_note *note)
{
    bson_t *same =
        BCON_NEW("case", "{", "$and", "[", IS_KNOWN, "{", "$eq", "[", "$noted.process", BCON_INT64(note->process), "]",
                 "}", "]", "}", "then", "{", "at", LATER_DATE, "process", BCON_INT64(note->process), "stamp", "{",
                 "$max", "[", "$noted.stamp", BCON_INT64(note->stamp), "]", "}", "error", "{", "$max", "[",
                 "$noted.error", BCON_INT64(note->error_ms), "]", "}", "}");
    bson_t *later =
        BCON_NEW("case", "{", "$gt", "[", BCON_DATE_TIME(note->at_ms - note->error_ms), "{", "$add", "[", "$revokedAt",
                 "$$error", "]", "}", "]", "}", "then", "{", "at", BCON_DATE_TIME(note->at_ms), "process",
                 BCON_INT64(note->process), "stamp", BCON_INT64(note->stamp), "error", BCON_INT64(note->error_ms), "}");
    bson_t *earlier = BCON_NEW("case", "{", "$lt", "[", BCON_DATE_TIME(note->at_ms + note->error_ms), "{", "$subtract",
                               "[", "$revokedAt", "$$error", "]", "}", "]", "}", "then", "$noted");
    bson_t *merged =
        BCON_NEW("$let", "{", "vars", "{", "error", "{", "$cond", "[", IS_KNOWN, "{", "$ifNull", "[", "$noted.error",
                 BCON_INT64(0), "]", "}", BCON_INT64(0), "]", "}", "}", "in", "{", "$switch", "{", "branches", "[",
                 BCON_DOCUMENT(same), BCON_DOCUMENT(later), BCON_DOCUMENT(earlier), "]", "default", "{", "at",
                 LATER_DATE, "process", BCON_INT64(0), "stamp", BCON_INT64(0), "error", "{", "$max", "[", "$$error",
                 BCON_INT64(note->error_ms), "]", "}", "}", "}", "}", "}");
    bson_destroy(earlier);
    bson_destroy(later);
    bson_destroy(same);
    return merged;
}

/* An update by pipeline: all its expressions read the document as it was before. expiresAt: the TTL index purges the
 * note, as it does sessions. */
static bson_t *update_note(const signet_revoke_note *note)
{
    bson_t *merged = merge_notes(note);
    bson_t *pipeline = BCON_NEW("0", "{", "$set", "{", "revokedAt", LATER_DATE, "expiresAt", LATER_DATE, "noted",
                                BCON_DOCUMENT(merged), "}", "}");
    bson_destroy(merged);
    return pipeline;
}

static signet_status upsert_note(mongo_call *call, const bson_t *filter, const bson_t *update, signet_error *err)
{
    signet_status status = SIGNET_OK;
    bson_t options;
    bool is_noted = false;
    mongo_write_options(call->store, &options);
    BSON_APPEND_BOOL(&options, "upsert", true);
    for (int i = 0; i < NOTE_TRIES && !is_noted; i++) {
        bson_t reply;
        bson_error_t error;
        is_noted = mongoc_collection_update_one(call->sessions, filter, update, &options, &reply, &error);
        status = is_noted ? SIGNET_OK : mongo_fail(call->store, &error, &reply, MONGO_WRITES, err);
        bson_destroy(&reply);
        if (!is_noted && error.code != MONGOC_ERROR_DUPLICATE_KEY)
            break;
    }
    bson_destroy(&options);
    return status;
}

signet_status mongo_note_revoke_all(signet_store *store, const char *user_id, const signet_revoke_note *note,
                                    signet_error *err)
{
    mongo_call call;
    signet_status status = mongo_call_begin(store, &call, err);
    if (status != SIGNET_OK)
        return status;
    bson_t filter = BSON_INITIALIZER, *update = update_note(note);
    append_note(&filter, user_id);
    status = mongo_call_end(&call, upsert_note(&call, &filter, update, err), err);
    bson_destroy(update);
    bson_destroy(&filter);
    return status;
}

static int64_t number_in(const bson_t *found, const char *path)
{
    bson_iter_t iter, member;
    const bool has = bson_iter_init(&iter, found) && bson_iter_find_descendant(&iter, path, &member);
    return has && BSON_ITER_HOLDS_DATE_TIME(&member) ? bson_iter_date_time(&member)
           : has && BSON_ITER_HOLDS_NUMBER(&member)  ? bson_iter_as_int64(&member)
                                                     : 0;
}

static signet_status read_note(const bson_t *found, signet_revoke_note *note, signet_error *err)
{
    note->at_ms = number_in(found, "revokedAt");
    if (note->at_ms == 0)
        return signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, "store",
                                  "revokedAt of revokeAll's note is missing or not a date");
    if (number_in(found, "noted.at") != note->at_ms)
        return SIGNET_OK;
    note->error_ms = number_in(found, "noted.error");
    note->process = number_in(found, "noted.process");
    note->stamp = number_in(found, "noted.stamp");
    return SIGNET_OK;
}

signet_status mongo_last_revoke_all(signet_store *store, const char *user_id, signet_revoke_note *note,
                                    signet_error *err)
{
    mongo_call call;
    bson_t filter = BSON_INITIALIZER, found;
    bool matched = false;
    memset(note, 0, sizeof *note);
    signet_status status = mongo_call_begin(store, &call, err);
    if (status == SIGNET_OK) {
        append_note(&filter, user_id);
        status = mongo_find_one(&call, call.sessions, &filter, &found, &matched, err);
        if (status == SIGNET_OK && matched)
            status = read_note(&found, note, err);
        bson_destroy(&found);
        status = mongo_call_end(&call, status, err);
    }
    bson_destroy(&filter);
    return status;
}

/* The server purges by the TTL index. */
signet_status mongo_purge(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n, signet_error *err)
{
    (void)store;
    (void)before_ms;
    (void)limit;
    (void)err;
    *removed_n = 0;
    return SIGNET_OK;
}

#endif
