/* mongo_bson.c: records to documents and back. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <math.h>
#include <string.h>

#include "core/fail.h"

/* ------------------------------------------------------------------ out */

void mongo_append_hash(bson_t *document, const char *name, const uint8_t *hash)
{
    BSON_APPEND_BINARY(document, name, BSON_SUBTYPE_BINARY, hash, SIGNET_HASH_LEN);
}

void mongo_append_session(bson_t *filter, const char *session_id, const char *user_id)
{
    BSON_APPEND_UTF8(filter, "_id", session_id);
    BSON_APPEND_UTF8(filter, "userId", user_id);
}

void mongo_append_date_condition(bson_t *filter, const char *name, const char *op, int64_t value_ms)
{
    bson_t condition;
    BSON_APPEND_DOCUMENT_BEGIN(filter, name, &condition);
    BSON_APPEND_DATE_TIME(&condition, op, value_ms);
    bson_append_document_end(filter, &condition);
}

void mongo_append_alive(bson_t *filter, int64_t now_ms)
{
    BSON_APPEND_NULL(filter, "revokedAt"); /* matches null and absent */
    mongo_append_date_condition(filter, "expiresAt", "$gt", now_ms);
    mongo_append_date_condition(filter, "endsAt", "$gt", now_ms);
}

static void append_text(bson_t *document, const char *name, const char *text)
{
    if (*text)
        BSON_APPEND_UTF8(document, name, text);
}

void mongo_append_record(bson_t *document, const signet_record *record)
{
    const signet_session *s = &record->session;
    mongo_append_session(document, s->id, s->user_id);
    mongo_append_hash(document, "tokenHash", record->token_hash);
    if (record->has_previous)
        mongo_append_hash(document, "previousHash", record->previous_hash);
    BSON_APPEND_BINARY(document, "seed", BSON_SUBTYPE_BINARY, record->seed, SIGNET_SEED_LEN);
    BSON_APPEND_INT64(document, "generation", s->generation);
    BSON_APPEND_INT64(document, "retries", s->retries);
    BSON_APPEND_INT64(document, "retriesTotal", s->retries_total);
    BSON_APPEND_DATE_TIME(document, "createdAt", s->created_at_ms);
    BSON_APPEND_DATE_TIME(document, "rotatedAt", s->rotated_at_ms);
    BSON_APPEND_DATE_TIME(document, "expiresAt", s->expires_at_ms);
    BSON_APPEND_DATE_TIME(document, "endsAt", s->ends_at_ms);
    if (s->revoked_at_ms)
        BSON_APPEND_DATE_TIME(document, "revokedAt", s->revoked_at_ms);
    append_text(document, "revokedFor", s->revoked_for);
    append_text(document, "userAgent", s->user_agent);
    append_text(document, "ip", s->ip);
    append_text(document, "label", s->label);
    if (record->has_key) {
        mongo_append_hash(document, "keyHash", record->key_hash);
        BSON_APPEND_INT64(document, "keyGeneration", record->key_generation);
    }
    if (record->has_previous_key)
        mongo_append_hash(document, "previousKeyHash", record->previous_key_hash);
    if (record->previous_rotated_at_ms)
        BSON_APPEND_DATE_TIME(document, "previousRotatedAt", record->previous_rotated_at_ms);
}

/* ------------------------------------------------------------------ back */

/* Where a field goes in a record, and what it must be there. */
typedef enum field_kind { FIELD_TEXT, FIELD_HASH, FIELD_NUMBER, FIELD_DATE } field_kind;

typedef struct field_row {
    const char *name;
    field_kind kind;
    bool is_optional; /* absent or null: empty */
    size_t offset, size;
} field_row;

#define FIELD(name, kind, is_optional, member)                                                                         \
    {                                                                                                                  \
        name, kind, is_optional, offsetof(signet_record, member), sizeof(((signet_record *)0)->member)                 \
    }

static const field_row fields[] = {
    FIELD("_id", FIELD_TEXT, false, session.id),
    FIELD("userId", FIELD_TEXT, false, session.user_id),
    FIELD("tokenHash", FIELD_HASH, false, token_hash),
    FIELD("previousHash", FIELD_HASH, true, previous_hash),
    FIELD("seed", FIELD_HASH, false, seed),
    FIELD("generation", FIELD_NUMBER, false, session.generation),
    FIELD("retries", FIELD_NUMBER, false, session.retries),
    FIELD("retriesTotal", FIELD_NUMBER, false, session.retries_total),
    FIELD("createdAt", FIELD_DATE, false, session.created_at_ms),
    FIELD("rotatedAt", FIELD_DATE, false, session.rotated_at_ms),
    FIELD("expiresAt", FIELD_DATE, false, session.expires_at_ms),
    FIELD("endsAt", FIELD_DATE, false, session.ends_at_ms),
    FIELD("revokedAt", FIELD_DATE, true, session.revoked_at_ms),
    FIELD("revokedFor", FIELD_TEXT, true, session.revoked_for),
    FIELD("userAgent", FIELD_TEXT, true, session.user_agent),
    FIELD("ip", FIELD_TEXT, true, session.ip),
    FIELD("label", FIELD_TEXT, true, session.label),
    FIELD("keyHash", FIELD_HASH, true, key_hash),
    FIELD("keyGeneration", FIELD_NUMBER, true, key_generation),
    FIELD("previousKeyHash", FIELD_HASH, true, previous_key_hash),
    FIELD("previousRotatedAt", FIELD_DATE, true, previous_rotated_at_ms),
};
#define FIELDS_N (sizeof fields / sizeof fields[0])

static bool read_text(const bson_iter_t *iter, char *text, size_t text_size)
{
    uint32_t len = 0;
    if (!BSON_ITER_HOLDS_UTF8(iter))
        return false;
    const char *value = bson_iter_utf8(iter, &len);
    if (len >= text_size || memchr(value, 0, len))
        return false;
    memcpy(text, value, len);
    text[len] = 0;
    return true;
}

static bool read_bytes(const bson_iter_t *iter, uint8_t *bytes, size_t bytes_len)
{
    bson_subtype_t subtype;
    uint32_t len = 0;
    const uint8_t *value = NULL;
    if (!BSON_ITER_HOLDS_BINARY(iter))
        return false;
    bson_iter_binary(iter, &subtype, &len, &value);
    if (len != bytes_len)
        return false;
    memcpy(bytes, value, len);
    return true;
}

/* Also as a double: whoever edits a record in mongosh leaves one. */
static bool read_number(const bson_iter_t *iter, int64_t *number)
{
    if (BSON_ITER_HOLDS_DOUBLE(iter)) {
        double value = bson_iter_double(iter);
        if (!(value >= 0 && value <= 9007199254740992.0 && floor(value) == value))
            return false;
        *number = (int64_t)value;
        return true;
    }
    if (!BSON_ITER_HOLDS_INT(iter))
        return false;
    *number = bson_iter_as_int64(iter);
    return *number >= 0;
}

static bool read_date(const bson_iter_t *iter, int64_t *time_ms)
{
    if (!BSON_ITER_HOLDS_DATE_TIME(iter))
        return false;
    *time_ms = bson_iter_date_time(iter);
    return true;
}

static bool read_field(const bson_iter_t *iter, const field_row *row, signet_record *record)
{
    void *target = (char *)record + row->offset;
    switch (row->kind) {
    case FIELD_TEXT:
        return read_text(iter, target, row->size);
    case FIELD_HASH:
        return read_bytes(iter, target, row->size);
    case FIELD_NUMBER:
        return read_number(iter, target);
    case FIELD_DATE:
        return read_date(iter, target);
    }
    return false;
}

static const field_row *row_of(const char *name)
{
    for (size_t i = 0; i < FIELDS_N; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

/* The optional hashes have a flag each. */
static void mark_present(const field_row *row, signet_record *record)
{
    switch (row->offset) {
    case offsetof(signet_record, previous_hash):
        record->has_previous = true;
        break;
    case offsetof(signet_record, key_hash):
        record->has_key = true;
        break;
    case offsetof(signet_record, previous_key_hash):
        record->has_previous_key = true;
        break;
    }
}

/* The first field that is not as Signet writes it, or NULL. Fields that it does not know are the app's own. */
static const char *read_fields(const bson_t *document, signet_record *record)
{
    bool seen[FIELDS_N] = {false};
    bson_iter_t iter;
    if (!bson_iter_init(&iter, document))
        return "_id";
    while (bson_iter_next(&iter)) {
        const field_row *row = row_of(bson_iter_key(&iter));
        if (!row || (row->is_optional && BSON_ITER_HOLDS_NULL(&iter)))
            continue;
        if (!read_field(&iter, row, record))
            return row->name;
        seen[row - fields] = true;
        mark_present(row, record);
    }
    for (size_t i = 0; i < FIELDS_N; i++)
        if (!seen[i] && !fields[i].is_optional)
            return fields[i].name;
    return NULL;
}

signet_status mongo_read_record(const bson_t *document, signet_record *record, signet_error *err)
{
    memset(record, 0, sizeof *record);
    const char *bad = read_fields(document, record);
    if (bad)
        return signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, "store",
                                  "field %s of a session is missing, or not of the type and size that Signet expects",
                                  bad);
    return SIGNET_OK;
}

#endif
