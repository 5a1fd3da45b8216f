/*
 * mongo_reply.c: whether an answer of the server is one.
 *
 * The driver reads what it knows of a reply and takes the rest for absent: a `value` that got lost would be "no
 * document matched", a batch that stops in the middle a short list. The rules would then end an honest session, or
 * let one live that was ended. So each reply to a command that a session depends on is looked at as it came in, and
 * an operation whose reply is not whole has an unknown outcome, whatever else was made of it.
 */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <string.h>

#include "core/fail.h"

/* The command of this thread's current operation whose reply was damaged; NULL: none. Points into `replies`. */
static _Thread_local const char *damaged;

/* ------------------------------------------------------------------ parts of a reply */

/* The member of that name. False if there is none, or if the document cannot be read to its end. */
static bool find_member(const bson_t *document, const char *name, bson_iter_t *member)
{
    bson_iter_t iter;
    bool is_found = false;
    if (!bson_iter_init(&iter, document))
        return false;
    while (bson_iter_next(&iter))
        if (!is_found && strcmp(bson_iter_key(&iter), name) == 0) {
            *member = iter;
            is_found = true;
        }
    return is_found && iter.err_off == 0;
}

static bool is_absent_or_document(const bson_t *reply, const char *name)
{
    bson_iter_t member;
    return !find_member(reply, name, &member) || BSON_ITER_HOLDS_DOCUMENT(&member);
}

/* A document as every collection has them: with an _id. */
static bool holds_stored_document(const bson_iter_t *member)
{
    bson_iter_t id;
    bson_t document;
    const uint8_t *bytes;
    uint32_t len;
    if (!BSON_ITER_HOLDS_DOCUMENT(member))
        return false;
    bson_iter_document(member, &len, &bytes);
    return bson_init_static(&document, bytes, len) && find_member(&document, "_id", &id);
}

static bool counts(const bson_t *reply, const char *name, int32_t least)
{
    bson_iter_t member;
    return find_member(reply, name, &member) && BSON_ITER_HOLDS_INT32(&member) && bson_iter_int32(&member) >= least;
}

/* ------------------------------------------------------------------ replies */

/* findAndModify: only an explicit null says that nothing matched. */
static bool has_value(const bson_t *reply)
{
    bson_iter_t member;
    return find_member(reply, "value", &member) && (BSON_ITER_HOLDS_NULL(&member) || holds_stored_document(&member)) &&
           is_absent_or_document(reply, "writeConcernError");
}

static bool is_batch(const bson_iter_t *member)
{
    bson_iter_t items;
    if (!BSON_ITER_HOLDS_ARRAY(member) || !bson_iter_recurse(member, &items))
        return false;
    while (bson_iter_next(&items))
        if (!holds_stored_document(&items))
            return false;
    return items.err_off == 0;
}

static bool has_batch(const bson_t *reply, const char *name)
{
    bson_iter_t member, id, batch;
    bson_t cursor;
    const uint8_t *bytes;
    uint32_t len;
    if (!find_member(reply, "cursor", &member) || !BSON_ITER_HOLDS_DOCUMENT(&member))
        return false;
    bson_iter_document(&member, &len, &bytes);
    return bson_init_static(&cursor, bytes, len) && find_member(&cursor, "id", &id) && BSON_ITER_HOLDS_INT(&id) &&
           find_member(&cursor, name, &batch) && is_batch(&batch);
}

static bool has_first_batch(const bson_t *reply)
{
    return has_batch(reply, "firstBatch");
}

static bool has_next_batch(const bson_t *reply)
{
    return has_batch(reply, "nextBatch");
}

/* What was not written, if anything: each with its code. */
static bool has_write_errors(const bson_t *reply, bool *are_readable)
{
    bson_iter_t member, items, error;
    bool has_any = false;
    *are_readable = true;
    if (!find_member(reply, "writeErrors", &member))
        return false;
    *are_readable = BSON_ITER_HOLDS_ARRAY(&member) && bson_iter_recurse(&member, &items);
    while (*are_readable && bson_iter_next(&items)) {
        has_any = true;
        *are_readable = BSON_ITER_HOLDS_DOCUMENT(&items) && bson_iter_recurse(&items, &error) &&
                        bson_iter_find(&error, "code") && BSON_ITER_HOLDS_INT32(&error);
    }
    *are_readable = *are_readable && has_any;
    return true;
}

/* insert, update, delete: `n` documents, at least `least` unless the reply says what went wrong. */
static bool has_written(const bson_t *reply, int32_t least)
{
    bool are_readable;
    const bool has_errors = has_write_errors(reply, &are_readable);
    return are_readable && counts(reply, "n", has_errors ? 0 : least) &&
           is_absent_or_document(reply, "writeConcernError");
}

static bool has_inserted(const bson_t *reply)
{
    return has_written(reply, 1);
}

/* The one update is revokeAll's note, an upsert. */
static bool has_updated(const bson_t *reply)
{
    return has_written(reply, 1) && counts(reply, "nModified", 0);
}

static bool has_deleted(const bson_t *reply)
{
    return has_written(reply, 0);
}

static const struct reply_row {
    const char *command;
    bool (*is_whole)(const bson_t *reply);
} replies[] = {
    {"findAndModify", has_value}, {"find", has_first_batch}, {"getMore", has_next_batch},
    {"insert", has_inserted},     {"update", has_updated},   {"delete", has_deleted},
};

static const struct reply_row *row_of(const char *command)
{
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
        if (strcmp(replies[i].command, command) == 0)
            return &replies[i];
    return NULL;
}

/* The driver takes a reply that says nothing for a success. */
static bool says_ok(const bson_t *reply)
{
    bson_iter_t member;
    return find_member(reply, "ok", &member) && bson_iter_as_bool(&member);
}

bool mongo_reply_is_whole(const char *command, const bson_t *reply)
{
    const struct reply_row *row = row_of(command);
    return !row || (says_ok(reply) && row->is_whole(reply));
}

/* ------------------------------------------------------------------ every operation */

/* Called on the thread that runs the command, before the driver reads the reply. */
static void on_reply(const mongoc_apm_command_succeeded_t *event)
{
    const char *command = mongoc_apm_command_succeeded_get_command_name(event);
    if (!mongo_reply_is_whole(command, mongoc_apm_command_succeeded_get_reply(event)))
        damaged = row_of(command)->command;
}

bool mongo_watch_replies(mongoc_client_pool_t *pool)
{
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_apm_set_command_succeeded_cb(callbacks, on_reply);
    const bool is_set = mongoc_client_pool_set_apm_callbacks(pool, callbacks, NULL);
    mongoc_apm_callbacks_destroy(callbacks);
    return is_set;
}

void mongo_replies_begin(void)
{
    damaged = NULL;
}

signet_status mongo_replies_end(signet_status status, signet_error *err)
{
    return damaged ? signet_fail_detail(err, SIGNET_ERR_STORE_TIMEOUT, "store",
                                        "the server's answer to %s cannot be read", damaged)
                   : status;
}

#endif
