/* sqlite_row.c: records to columns and back. */
#include <string.h>

#include "core/fail.h"
#include "store/sqlite.h"

/* Binding fails only when the statement's memory cannot grow; the parameter is then NULL, no condition matches, and
 * NOT NULL columns refuse it. Texts are borrowed: every operation binds anew before it steps. */
static void bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    (void)sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *stmt, int index, const uint8_t *bytes, int bytes_len)
{
    (void)sqlite3_bind_blob(stmt, index, bytes, bytes_len, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *stmt, int index, bool is_given, int64_t number)
{
    (void)(is_given ? sqlite3_bind_int64(stmt, index, number) : sqlite3_bind_null(stmt, index));
}

void sqlite_bind_session(sqlite3_stmt *stmt, const char *session_id, const char *user_id, int64_t now_ms)
{
    bind_text(stmt, 1, session_id);
    bind_text(stmt, 2, user_id);
    (void)sqlite3_bind_int64(stmt, 3, now_ms);
}

void sqlite_bind_record(sqlite3_stmt *stmt, const signet_record *record)
{
    const signet_session *s = &record->session;
    const int64_t numbers[] = {s->generation,    s->retries,       s->retries_total, s->created_at_ms,
                               s->rotated_at_ms, s->expires_at_ms, s->ends_at_ms,    s->revoked_at_ms};
    bind_text(stmt, 1, s->id);
    bind_text(stmt, 2, s->user_id);
    bind_blob(stmt, 3, record->token_hash, SIGNET_HASH_LEN);
    bind_blob(stmt, 4, record->has_previous ? record->previous_hash : NULL, SIGNET_HASH_LEN);
    bind_blob(stmt, 5, record->seed, SIGNET_SEED_LEN);
    for (int i = 0; i < 8; i++)
        (void)sqlite3_bind_int64(stmt, 6 + i, numbers[i]);
    bind_text(stmt, 14, s->revoked_at_ms ? s->revoked_for : NULL);
    bind_text(stmt, 15, s->user_agent);
    bind_text(stmt, 16, s->ip);
    bind_text(stmt, 17, s->label);
    bind_blob(stmt, 18, record->has_key ? record->key_hash : NULL, SIGNET_HASH_LEN);
    bind_number(stmt, 19, record->has_key, record->key_generation);
    bind_blob(stmt, 20, record->has_previous_key ? record->previous_key_hash : NULL, SIGNET_HASH_LEN);
    bind_number(stmt, 21, record->previous_rotated_at_ms != 0, record->previous_rotated_at_ms);
}

static bool read_text(sqlite3_stmt *stmt, int column, char *text, size_t text_size)
{
    const void *value = sqlite3_column_text(stmt, column);
    size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    if (len >= text_size || (len && !value))
        return false;
    if (len)
        memcpy(text, value, len);
    text[len] = 0;
    return true;
}

static bool read_blob(sqlite3_stmt *stmt, int column, uint8_t *bytes, size_t bytes_len)
{
    const void *value = sqlite3_column_blob(stmt, column);
    if (!value || (size_t)sqlite3_column_bytes(stmt, column) != bytes_len)
        return false;
    memcpy(bytes, value, bytes_len);
    return true;
}

/* A hash that may be NULL. */
static bool read_optional_hash(sqlite3_stmt *stmt, int column, bool *is_given, uint8_t hash[SIGNET_HASH_LEN])
{
    *is_given = sqlite3_column_type(stmt, column) != SQLITE_NULL;
    return !*is_given || read_blob(stmt, column, hash, SIGNET_HASH_LEN);
}

/* The types hold by themselves: the table is STRICT. */
static const char *read_columns(sqlite3_stmt *stmt, signet_record *record)
{
    signet_session *s = &record->session;
    int64_t *const numbers[] = {&s->generation,    &s->retries,       &s->retries_total, &s->created_at_ms,
                                &s->rotated_at_ms, &s->expires_at_ms, &s->ends_at_ms,    &s->revoked_at_ms};
    if (!read_text(stmt, 0, s->id, sizeof s->id))
        return "id";
    if (!read_text(stmt, 1, s->user_id, sizeof s->user_id))
        return "user_id";
    if (!read_blob(stmt, 2, record->token_hash, SIGNET_HASH_LEN))
        return "token_hash";
    if (!read_optional_hash(stmt, 3, &record->has_previous, record->previous_hash))
        return "previous_hash";
    if (!read_blob(stmt, 4, record->seed, SIGNET_SEED_LEN))
        return "seed";
    for (int i = 0; i < 8; i++)
        *numbers[i] = sqlite3_column_int64(stmt, 5 + i);
    if (!read_text(stmt, 13, s->revoked_for, sizeof s->revoked_for))
        return "revoked_for";
    if (!read_text(stmt, 14, s->user_agent, sizeof s->user_agent))
        return "user_agent";
    if (!read_text(stmt, 15, s->ip, sizeof s->ip))
        return "ip";
    if (!read_text(stmt, 16, s->label, sizeof s->label))
        return "label";
    if (!read_optional_hash(stmt, 17, &record->has_key, record->key_hash))
        return "key_hash";
    record->key_generation = sqlite3_column_int64(stmt, 18);
    if (!read_optional_hash(stmt, 19, &record->has_previous_key, record->previous_key_hash))
        return "previous_key_hash";
    record->previous_rotated_at_ms = sqlite3_column_int64(stmt, 20);
    return NULL;
}

static signet_status judge(const char *bad, signet_error *err)
{
    if (bad)
        return signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, "store",
                                  "column %s of a session does not have the size Signet gave it", bad);
    return SIGNET_OK;
}

signet_status sqlite_read_record(sqlite3_stmt *stmt, signet_record *record, signet_error *err)
{
    return judge(read_columns(stmt, record), err);
}

static const char *read_rotated_columns(sqlite3_stmt *stmt, signet_record *record)
{
    signet_session *s = &record->session;
    s->generation = sqlite3_column_int64(stmt, 0);
    s->retries_total = sqlite3_column_int64(stmt, 1);
    s->created_at_ms = sqlite3_column_int64(stmt, 2);
    s->ends_at_ms = sqlite3_column_int64(stmt, 3);
    if (!read_text(stmt, 4, s->user_agent, sizeof s->user_agent))
        return "user_agent";
    if (!read_text(stmt, 5, s->ip, sizeof s->ip))
        return "ip";
    if (!read_text(stmt, 6, s->label, sizeof s->label))
        return "label";
    if (!read_optional_hash(stmt, 7, &record->has_previous_key, record->previous_key_hash))
        return "previous_key_hash";
    record->previous_rotated_at_ms = sqlite3_column_int64(stmt, 8);
    return NULL;
}

signet_status sqlite_read_rotated(sqlite3_stmt *stmt, const signet_rotation *rotation, signet_record *record,
                                  signet_error *err)
{
    signet_session *s = &record->session;
    memcpy(s->id, rotation->session_id, strlen(rotation->session_id) + 1);
    memcpy(s->user_id, rotation->user_id, strlen(rotation->user_id) + 1);
    memcpy(record->token_hash, rotation->successor_hash, SIGNET_HASH_LEN);
    memcpy(record->previous_hash, rotation->presented_hash, SIGNET_HASH_LEN);
    memcpy(record->seed, rotation->seed, SIGNET_SEED_LEN);
    record->has_previous = true;
    s->rotated_at_ms = rotation->now_ms;
    s->expires_at_ms = rotation->expires_at_ms;
    s->retries = s->revoked_at_ms = 0;
    s->revoked_for[0] = 0;
    const char *const bad = read_rotated_columns(stmt, record);
    record->has_key = rotation->key_hash != NULL;
    if (record->has_key)
        memcpy(record->key_hash, rotation->key_hash, SIGNET_HASH_LEN);
    record->key_generation = s->generation;
    return judge(bad, err);
}
