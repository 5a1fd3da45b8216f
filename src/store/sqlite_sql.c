/* sqlite_sql.c: every statement, prepared once when the store is opened. */
#include "store/sqlite.h"

/* The columns of a record, in the order in which sqlite_read_record expects them. */
#define RECORD_COLUMNS                                                                                                 \
    "id, user_id, token_hash, previous_hash, seed, generation, retries, retries_total, created_at, rotated_at, "       \
    "expires_at, ends_at, revoked_at, revoked_for, user_agent, ip, label, "                                            \
    "key_hash, key_generation, previous_key_hash, previous_rotated_at"

/* Parameters ?1 and ?2 are the session and its user, ?3 is now, wherever these occur. */
#define ONE_SESSION "id = ?1 AND user_id = ?2"
#define ALIVE "revoked_at = 0 AND expires_at > ?3 AND ends_at > ?3"

/* signet_old_token: ?4 its hash, ?5 grace_from, ?6 and ?7 the hashes of its keys or NULL, ?8 its generation. */
#define PARENT_BY_KEY "previous_hash = ?4 AND key_generation = generation AND key_hash IN (?6, ?7)"
#define PARENT_IN_GRACE "previous_hash = ?4 AND rotated_at >= ?5"
#define GRANDPARENT "generation = ?8 + 2 AND (previous_rotated_at >= ?5 OR previous_key_hash IN (?6, ?7))"

/* The note: ?3 its time, ?4 its process, ?5 its stamp, ?6 its error. noted_at is a copy of revoked_at: if they differ,
 * an older Signet wrote revoked_at last, and the other columns are not about it. */
#define NOTED_ERROR "CASE WHEN noted_at = revoked_at THEN error ELSE 0 END"
#define SAME_PROCESS "noted_at = revoked_at AND process = ?4"
#define LATER "?3 - ?6 > revoked_at + " NOTED_ERROR
#define EARLIER "?3 + ?6 < revoked_at - " NOTED_ERROR

/* clang-format off */
static const char *const statements[SQLITE_STMT_COUNT] = {
    [SQLITE_STMT_BEGIN] = "BEGIN IMMEDIATE",
    [SQLITE_STMT_COMMIT] = "COMMIT",
    [SQLITE_STMT_ROLLBACK] = "ROLLBACK",
    [SQLITE_STMT_SCHEMA_CHANGES] = "PRAGMA schema_version",

    [SQLITE_STMT_INSERT] =
        "INSERT INTO sessions (" RECORD_COLUMNS ", purge_after) VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?11) "
        "ON CONFLICT (id) DO NOTHING",

    [SQLITE_STMT_ROTATE] =
        "UPDATE sessions SET "
        "token_hash = ?5, previous_hash = ?4, seed = ?6, rotated_at = ?3, expires_at = ?7, retries = 0, "
        "generation = generation + 1, user_agent = COALESCE(?8, user_agent), ip = COALESCE(?9, ip), "
        "previous_key_hash = CASE WHEN key_generation = generation THEN key_hash END, "
        "previous_rotated_at = rotated_at, "
        "key_hash = ?10, key_generation = CASE WHEN ?10 IS NOT NULL THEN generation + 1 END "
        "WHERE " ONE_SESSION " AND token_hash = ?4 AND " ALIVE,

    /* The columns that a rotation does not set from its parameters, and the generation. */
    [SQLITE_STMT_ROTATED] =
        "SELECT generation, retries_total, created_at, ends_at, user_agent, ip, label, previous_key_hash, "
        "previous_rotated_at FROM sessions WHERE " ONE_SESSION,

    [SQLITE_STMT_RETRY] =
        "UPDATE sessions SET retries = retries + 1, retries_total = retries_total + 1 "
        "WHERE " ONE_SESSION " AND " ALIVE " AND "
        "(" PARENT_BY_KEY " OR " PARENT_IN_GRACE " AND key_generation IS NOT generation) "
        "RETURNING " RECORD_COLUMNS,

    [SQLITE_STMT_REVOKE_REUSED] =
        "UPDATE sessions SET revoked_at = ?3, "
        "revoked_for = CASE WHEN previous_hash IS ?4 "
        "THEN '" SIGNET_REASON_LATE_RETRY "' ELSE '" SIGNET_REASON_REUSE "' END "
        "WHERE " ONE_SESSION " AND " ALIVE " AND generation > ?8 AND token_hash <> ?4 AND "
        "(" PARENT_BY_KEY " OR " PARENT_IN_GRACE " OR " GRANDPARENT ") IS NOT TRUE "
        "RETURNING " RECORD_COLUMNS,

    [SQLITE_STMT_REVOKE] =
        "UPDATE sessions SET revoked_at = ?3, revoked_for = ?4 WHERE " ONE_SESSION " AND revoked_at = 0 "
        "RETURNING " RECORD_COLUMNS,

    [SQLITE_STMT_READ] = "SELECT " RECORD_COLUMNS " FROM sessions WHERE " ONE_SESSION,

    [SQLITE_STMT_LIST] =
        "SELECT " RECORD_COLUMNS " FROM sessions WHERE user_id = ?2 AND " ALIVE " ORDER BY created_at DESC, id DESC",

    [SQLITE_STMT_NOTE_REVOKE_ALL] =
        "INSERT INTO revoked_users (user_id, revoked_at, noted_at, process, stamp, error) "
        "VALUES (?2, ?3, ?3, ?4, ?5, ?6) "
        "ON CONFLICT (user_id) DO UPDATE SET revoked_at = max(revoked_at, ?3), noted_at = max(revoked_at, ?3), "
        "process = CASE WHEN " SAME_PROCESS " OR " LATER " THEN ?4 ELSE 0 END, "
        "stamp = CASE WHEN " SAME_PROCESS " THEN max(stamp, ?5) ELSE ?5 END, "
        "error = CASE WHEN (" SAME_PROCESS ") IS NOT TRUE AND " LATER " THEN ?6 ELSE max(" NOTED_ERROR ", ?6) END "
        "WHERE " SAME_PROCESS " OR (" EARLIER ") IS NOT TRUE",

    [SQLITE_STMT_LAST_REVOKE_ALL] =
        "SELECT revoked_at, " NOTED_ERROR ", CASE WHEN noted_at = revoked_at THEN process END, stamp "
        "FROM revoked_users WHERE user_id = ?2",

    /* The first ?2 sessions with purge_after < ?1: those that were extended get a new purge_after, the rest go. */
    [SQLITE_STMT_PURGE_REFILE] =
        "UPDATE sessions SET purge_after = expires_at WHERE id IN (SELECT id FROM (SELECT id, expires_at "
        "FROM sessions WHERE purge_after < ?1 ORDER BY purge_after LIMIT ?2) WHERE expires_at >= ?1)",

    [SQLITE_STMT_PURGE] =
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE purge_after < ?1 "
        "ORDER BY purge_after LIMIT ?2) AND expires_at < ?1",

    [SQLITE_STMT_PURGE_NOTES] =
        "DELETE FROM revoked_users WHERE user_id IN (SELECT user_id FROM revoked_users WHERE revoked_at < ?1 LIMIT ?2)",

    [SQLITE_STMT_TOUCH] = "UPDATE touched SET times = times + 1",
};
/* clang-format on */

signet_status sqlite_prepare_all(sqlite_store *store, signet_error *err)
{
    for (size_t i = 0; i < SQLITE_STMT_COUNT; i++) {
        int rc =
            sqlite3_prepare_v3(store->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);
        if (rc != SQLITE_OK)
            return sqlite_fail(store, rc, err);
    }
    return SIGNET_OK;
}

void sqlite_finalize_all(sqlite_store *store)
{
    for (size_t i = 0; i < SQLITE_STMT_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
}

signet_status sqlite_run(sqlite_store *store, sqlite_statement which, signet_error *err)
{
    int rc = sqlite3_step(store->statements[which]);
    /* The result code of the reset is that of the step. */
    (void)sqlite3_reset(store->statements[which]);
    return rc == SQLITE_DONE ? SIGNET_OK : sqlite_fail(store, rc, err);
}
