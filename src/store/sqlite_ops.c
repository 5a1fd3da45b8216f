/* sqlite_ops.c: the operations of store.h on sessions, one statement each. */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "store/sqlite.h"

static sqlite_store *self(signet_store *store)
{
    return (sqlite_store *)store;
}

static void bind_hash(sqlite3_stmt *stmt, int index, const uint8_t *hash)
{
    (void)sqlite3_bind_blob(stmt, index, hash, SIGNET_HASH_LEN, SQLITE_STATIC);
}

/* A NULL pointer is bound as NULL. */
static void bind_given(sqlite3_stmt *stmt, int index, signet_text text)
{
    (void)sqlite3_bind_text64(stmt, index, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

/* Runs a statement that answers one record or none. It runs to its end, since that is where a change outside a batch
 * is committed. */
static signet_status run_for_record(sqlite_store *store, sqlite_statement which, signet_record *record, bool *matched,
                                    signet_error *err)
{
    sqlite3_stmt *stmt = store->statements[which];
    signet_status status = SIGNET_OK;
    int rc = sqlite3_step(stmt);
    bool found = rc == SQLITE_ROW;
    if (found) {
        status = sqlite_read_record(stmt, record, err);
        rc = sqlite3_step(stmt);
    }
    (void)sqlite3_reset(stmt);
    if (rc != SQLITE_DONE)
        return sqlite_fail(store, rc, err);
    *matched = found;
    return status;
}

signet_status sqlite_insert(signet_store *store, const signet_record *record, bool *matched, signet_error *err)
{
    sqlite_store *s = self(store);
    sqlite_bind_record(s->statements[SQLITE_STMT_INSERT], record);
    signet_status status = sqlite_run(s, SQLITE_STMT_INSERT, err);
    if (status == SIGNET_OK)
        *matched = sqlite3_changes(s->db) == 1;
    return status;
}

static signet_status read_rotated(sqlite_store *store, const signet_rotation *rotation, signet_record *after,
                                  bool *matched, signet_error *err)
{
    sqlite3_stmt *stmt = store->statements[SQLITE_STMT_ROTATED];
    (void)sqlite3_bind_text(stmt, 1, rotation->session_id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 2, rotation->user_id, -1, SQLITE_STATIC);
    int rc = sqlite3_step(stmt);
    *matched = rc == SQLITE_ROW;
    signet_status status = *matched ? sqlite_read_rotated(stmt, rotation, after, err) : SIGNET_OK;
    (void)sqlite3_reset(stmt);
    if (rc == SQLITE_DONE)
        return signet_fail_detail(err, SIGNET_ERR_STORE_CORRUPT, "store",
                                  "the session that has just been changed is not there");
    return *matched ? status : sqlite_fail(store, rc, err);
}

/* The one operation whose speed counts: a look-up after the update costs 1 µs, RETURNING 10 (SQLite then keeps a copy
 * of every page that the statement changes). Inside the batch nobody comes between the two. */
signet_status sqlite_rotate(signet_store *store, const signet_rotation *rotation, signet_record *after, bool *matched,
                            signet_error *err)
{
    sqlite_store *s = self(store);
    sqlite3_stmt *stmt = s->statements[SQLITE_STMT_ROTATE];
    sqlite_bind_session(stmt, rotation->session_id, rotation->user_id, rotation->now_ms);
    bind_hash(stmt, 4, rotation->presented_hash);
    bind_hash(stmt, 5, rotation->successor_hash);
    (void)sqlite3_bind_blob(stmt, 6, rotation->seed, SIGNET_SEED_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 7, rotation->expires_at_ms);
    bind_given(stmt, 8, rotation->user_agent);
    bind_given(stmt, 9, rotation->ip);
    bind_hash(stmt, 10, rotation->key_hash);
    signet_status status = sqlite_run(s, SQLITE_STMT_ROTATE, err);
    if (status != SIGNET_OK)
        return status;
    if (sqlite3_changes(s->db) == 1)
        return read_rotated(s, rotation, after, matched, err);
    *matched = false;
    return SIGNET_OK;
}

static signet_status run_for_old_token(sqlite_store *store, sqlite_statement which, const signet_old_token *token,
                                       signet_record *after, bool *matched, signet_error *err)
{
    sqlite3_stmt *stmt = store->statements[which];
    sqlite_bind_session(stmt, token->session_id, token->user_id, token->now_ms);
    bind_hash(stmt, 4, token->hash);
    (void)sqlite3_bind_int64(stmt, 5, token->grace_from_ms);
    for (int i = 0; i < 2; i++)
        bind_hash(stmt, 6 + i, (size_t)i < token->key_hashes_n ? token->key_hashes[i] : NULL);
    if (which == SQLITE_STMT_REVOKE_REUSED)
        (void)sqlite3_bind_int64(stmt, 8, token->generation);
    return run_for_record(store, which, after, matched, err);
}

signet_status sqlite_retry(signet_store *store, const signet_old_token *token, signet_record *after, bool *matched,
                           signet_error *err)
{
    return run_for_old_token(self(store), SQLITE_STMT_RETRY, token, after, matched, err);
}

signet_status sqlite_revoke_reused(signet_store *store, const signet_old_token *token, signet_record *after,
                                   bool *matched, signet_error *err)
{
    return run_for_old_token(self(store), SQLITE_STMT_REVOKE_REUSED, token, after, matched, err);
}

signet_status sqlite_revoke(signet_store *store, const char *session_id, const char *user_id, const char *reason,
                            int64_t now_ms, signet_record *after, bool *matched, signet_error *err)
{
    sqlite3_stmt *stmt = self(store)->statements[SQLITE_STMT_REVOKE];
    sqlite_bind_session(stmt, session_id, user_id, now_ms);
    (void)sqlite3_bind_text(stmt, 4, reason, -1, SQLITE_STATIC);
    return run_for_record(self(store), SQLITE_STMT_REVOKE, after, matched, err);
}

signet_status sqlite_read(signet_store *store, const char *session_id, const char *user_id, signet_record *record,
                          bool *matched, signet_error *err)
{
    sqlite_bind_session(self(store)->statements[SQLITE_STMT_READ], session_id, user_id, 0);
    return run_for_record(self(store), SQLITE_STMT_READ, record, matched, err);
}

/* Room for one more session: the list doubles. */
static signet_status grow(signet_session **list, size_t n, size_t *capacity, signet_error *err)
{
    if (n < *capacity)
        return SIGNET_OK;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    signet_session *larger = realloc(*list, wanted * sizeof *larger);
    if (!larger)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    *list = larger;
    *capacity = wanted;
    return SIGNET_OK;
}

static signet_status collect(sqlite_store *store, sqlite3_stmt *stmt, signet_session **list, size_t *list_n,
                             signet_error *err)
{
    size_t capacity = 0;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        signet_record record;
        signet_status status = sqlite_read_record(stmt, &record, err);
        if (status == SIGNET_OK)
            status = grow(list, *list_n, &capacity, err);
        if (status != SIGNET_OK)
            return status;
        (*list)[(*list_n)++] = record.session;
    }
    return rc == SQLITE_DONE ? SIGNET_OK : sqlite_fail(store, rc, err);
}

signet_status sqlite_list(signet_store *store, const char *user_id, int64_t now_ms, signet_session **list,
                          size_t *list_n, signet_error *err)
{
    sqlite3_stmt *stmt = self(store)->statements[SQLITE_STMT_LIST];
    signet_session *found = NULL;
    size_t found_n = 0;
    sqlite_bind_session(stmt, NULL, user_id, now_ms);
    signet_status status = collect(self(store), stmt, &found, &found_n, err);
    (void)sqlite3_reset(stmt);
    if (status != SIGNET_OK) {
        free(found);
        return status;
    }
    *list = found;
    *list_n = found_n;
    return SIGNET_OK;
}

signet_status sqlite_note_revoke_all(signet_store *store, const char *user_id, const signet_revoke_note *note,
                                     signet_error *err)
{
    sqlite3_stmt *stmt = self(store)->statements[SQLITE_STMT_NOTE_REVOKE_ALL];
    const int64_t numbers[] = {note->process, note->stamp, note->error_ms};
    sqlite_bind_session(stmt, NULL, user_id, note->at_ms);
    for (int i = 0; i < 3; i++)
        (void)sqlite3_bind_int64(stmt, 4 + i, numbers[i]);
    return sqlite_run(self(store), SQLITE_STMT_NOTE_REVOKE_ALL, err);
}

signet_status sqlite_last_revoke_all(signet_store *store, const char *user_id, signet_revoke_note *note,
                                     signet_error *err)
{
    sqlite3_stmt *stmt = self(store)->statements[SQLITE_STMT_LAST_REVOKE_ALL];
    memset(note, 0, sizeof *note);
    sqlite_bind_session(stmt, NULL, user_id, 0);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) { /* NULL is 0 */
        note->at_ms = sqlite3_column_int64(stmt, 0);
        note->error_ms = sqlite3_column_int64(stmt, 1);
        note->process = sqlite3_column_int64(stmt, 2);
        note->stamp = sqlite3_column_int64(stmt, 3);
    }
    (void)sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SIGNET_OK : sqlite_fail(self(store), rc, err);
}
