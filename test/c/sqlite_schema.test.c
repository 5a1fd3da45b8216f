/* Which files the embedded store accepts: its own, of this version, an older or a newer one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/sqlite.h"
#include "store_support.h"

static void refused_with(const char *path, const char *words)
{
    signet_store *store = NULL;
    signet_error err;
    assert_int_equal(try_open_sqlite(path, 100, &store, &err), SIGNET_ERR_STORE_CORRUPT);
    assert_non_null(strstr(err.detail, words));
    assert_null(store);
}

static void another_programs_database_is_refused_and_not_changed(void **state)
{
    const char *path = scratch_path(state, "other.db");
    sql_on_file(path, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
    refused_with(path, "another program");
    sql_on_file(path,
                "PRAGMA journal_mode = DELETE"); /* still no WAL, for which SQLite would need the files -wal and -shm */
    sql_on_file(path, "DELETE FROM notes WHERE text = 'mine'");
}

static void another_programs_application_id_is_refused_even_without_tables(void **state)
{
    const char *path = scratch_path(state, "other.db");
    sql_on_file(path, "PRAGMA application_id = 252006673");
    refused_with(path, "another program");
}

static void a_newer_signets_file_is_refused(void **state)
{
    const char *path = scratch_path(state, "s.db");
    signet_store_close(open_sqlite(path));
    sql_on_file(path, "PRAGMA user_version = 2");
    refused_with(path, "version 2");
}

static void a_file_that_a_newer_signet_upgrades_while_open_is_refused_from_then_on(void **state)
{
    const char *path = scratch_path(state, "s.db");
    signet_store *store = open_sqlite(path);
    signet_error err;
    assert_int_equal(store->ops->check(store, &err), SIGNET_OK);
    sql_on_file(path, "BEGIN; ALTER TABLE sessions ADD COLUMN more TEXT; PRAGMA user_version = 2; COMMIT");
    assert_int_equal(store->ops->batch_begin(store, 100, &err), SIGNET_ERR_STORE_CORRUPT);
    assert_non_null(strstr(err.detail, "version 2"));
    assert_false(store->ops->batch_stands(store));
    assert_int_equal(store->ops->check(store, &err), SIGNET_ERR_STORE_CORRUPT);
    sql_on_file(path, "BEGIN; ALTER TABLE sessions DROP COLUMN more; PRAGMA user_version = 1; COMMIT");
    assert_int_equal(store->ops->batch_begin(store, 100, &err), SIGNET_OK);
    assert_int_equal(store->ops->batch_commit(store, &err), SIGNET_OK);
    signet_store_close(store);
}

/* The columns that the first files of version 1 lack. */
static const char WITHOUT_ADDED[] = "ALTER TABLE sessions DROP COLUMN key_hash;"
                                    "ALTER TABLE sessions DROP COLUMN key_generation;"
                                    "ALTER TABLE sessions DROP COLUMN previous_key_hash;"
                                    "ALTER TABLE sessions DROP COLUMN previous_rotated_at;"
                                    "ALTER TABLE revoked_users DROP COLUMN noted_at;"
                                    "ALTER TABLE revoked_users DROP COLUMN process;"
                                    "ALTER TABLE revoked_users DROP COLUMN stamp;"
                                    "ALTER TABLE revoked_users DROP COLUMN error;";

/* A rotation as an older Signet writes it: the hash of session s1 changes from 'a' to 'b'. */
static const char OLDER_ROTATION[] =
    "UPDATE sessions SET token_hash = CAST(replace(hex(zeroblob(16)), '0', 'b') AS BLOB), previous_hash = token_hash, "
    "rotated_at = 1700000060000, retries = 0, generation = generation + 1 WHERE id = 's1' AND user_id = 'u1'";

static void insert_keyed(signet_store *store)
{
    signet_record record = sample_record("s1", "u1");
    bool matched = false;
    record.has_key = record.has_previous_key = true;
    memcpy(record.key_hash, sample_hash('K'), SIGNET_HASH_LEN);
    memcpy(record.previous_key_hash, sample_hash('L'), SIGNET_HASH_LEN);
    record.previous_rotated_at_ms = TEST_NOW;
    assert_int_equal(store->ops->insert(store, &record, &matched, NULL), SIGNET_OK);
    assert_true(matched);
    const signet_revoke_note note = {TEST_NOW, 1, 2, 3};
    assert_int_equal(store->ops->note_revoke_all(store, "u1", &note, NULL), SIGNET_OK);
}

static void assert_without_keys(signet_store *store)
{
    signet_record record = record_in(store, "s1", "u1");
    assert_false(record.has_key);
    assert_false(record.has_previous_key);
    assert_int_equal(record.previous_rotated_at_ms, 0);
    assert_int_equal(note_in(store, "u1").at_ms, TEST_NOW);
}

static void a_file_of_an_older_signet_gets_the_missing_columns_and_keeps_its_version(void **state)
{
    const char *path = scratch_path(state, "s.db");
    signet_store *store = open_sqlite(path);
    insert_keyed(store);
    signet_store_close(store);
    sql_on_file(path, WITHOUT_ADDED);
    store = open_sqlite(path);
    assert_without_keys(store);
    signet_store_close(store);
    sql_on_file(path, "ALTER TABLE sessions DROP COLUMN previous_key_hash");
    store = open_sqlite(path);
    assert_without_keys(store);
    signet_store_close(store);
    sql_on_file(path, "CREATE TEMP TABLE t (n CHECK (n = 1)); INSERT INTO t SELECT user_version FROM "
                      "pragma_user_version()");
}

static void an_older_signet_that_has_the_file_open_can_still_use_it(void **state)
{
    const char *path = scratch_path(state, "s.db");
    sqlite3 *older = NULL;
    sqlite3_stmt *rotate = NULL;
    signet_store *store = open_sqlite(path);
    insert_keyed(store);
    signet_store_close(store);
    sql_on_file(path, WITHOUT_ADDED);
    assert_int_equal(sqlite3_open(path, &older), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(older, OLDER_ROTATION, -1, &rotate, NULL), SQLITE_OK);
    store = open_sqlite(path);
    assert_int_equal(sqlite3_step(rotate), SQLITE_DONE);
    assert_int_equal(sqlite3_changes(older), 1);
    assert_int_equal(record_in(store, "s1", "u1").session.generation, 1);
    assert_int_equal(sqlite3_finalize(rotate), SQLITE_OK);
    assert_int_equal(sqlite3_close(older), SQLITE_OK);
    signet_store_close(store);
}

/* Restored by this process or another, of this version or an older one, while the store is open. */
static void an_older_backup_gets_the_missing_columns_before_the_next_job(void **state)
{
    const char *path = scratch_path(state, "s.db"), *backup = scratch_path(state, "backup.db");
    signet_store *store = open_sqlite(path);
    signet_error err;
    insert_keyed(store);
    assert_int_equal(store->ops->backup(store, backup, &err), SIGNET_OK);
    sql_on_file(backup, WITHOUT_ADDED);
    assert_int_equal(store->ops->restore(store, backup, &err), SIGNET_OK);
    assert_int_equal(store->ops->check(store, &err), SIGNET_OK);
    assert_without_keys(store);
    sql_on_file(path, WITHOUT_ADDED);
    assert_int_equal(store->ops->batch_begin(store, 100, &err), SIGNET_OK);
    assert_without_keys(store);
    assert_int_equal(store->ops->batch_commit(store, &err), SIGNET_OK);
    signet_store_close(store);
}

static void columns_that_a_failed_batch_added_are_added_by_the_next(void **state)
{
    const char *path = scratch_path(state, "s.db");
    signet_store *store = open_sqlite(path);
    signet_error err;
    insert_keyed(store);
    sql_on_file(path, WITHOUT_ADDED);
    assert_int_equal(store->ops->batch_begin(store, 100, &err), SIGNET_OK);
    assert_int_equal(sqlite3_exec(((sqlite_store *)store)->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store->ops->batch_begin(store, 100, &err), SIGNET_OK);
    assert_without_keys(store);
    assert_int_equal(store->ops->batch_commit(store, &err), SIGNET_OK);
    signet_store_close(store);
}

static void an_empty_file_becomes_a_store(void **state)
{
    const char *path = scratch_path(state, "s.db");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    signet_store *store = open_sqlite(path);
    assert_int_equal(store->ops->ping(store, NULL), SIGNET_OK);
    signet_store_close(store);
}

static void a_file_locked_by_another_program_is_unavailable(void **state)
{
    const char *path = scratch_path(state, "s.db");
    sqlite3 *db = NULL;
    signet_store *store = NULL;
    signet_error err;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(try_open_sqlite(path, 20, &store, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A rotation is one look-up by the primary key, whatever the planner prefers. */
static void every_statement_on_one_session_uses_the_primary_key(void **state)
{
    static const sqlite_statement one_session[] = {SQLITE_STMT_ROTATE, SQLITE_STMT_RETRY, SQLITE_STMT_REVOKE_REUSED,
                                                   SQLITE_STMT_REVOKE, SQLITE_STMT_READ};
    signet_store *store = open_sqlite(":memory:");
    sqlite_store *s = (sqlite_store *)store;
    (void)state;
    for (size_t i = 0; i < sizeof one_session / sizeof one_session[0]; i++) {
        sqlite3_stmt *stmt;
        char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sqlite3_sql(s->statements[one_session[i]]));
        assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(stmt, 3), "SEARCH sessions USING PRIMARY KEY (id=?)");
        sqlite3_finalize(stmt);
        sqlite3_free(sql);
    }
    signet_store_close(store);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, scratch_folder_setup, scratch_folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(another_programs_database_is_refused_and_not_changed),
        with_folder(another_programs_application_id_is_refused_even_without_tables),
        with_folder(a_newer_signets_file_is_refused),
        with_folder(a_file_that_a_newer_signet_upgrades_while_open_is_refused_from_then_on),
        with_folder(a_file_of_an_older_signet_gets_the_missing_columns_and_keeps_its_version),
        with_folder(an_older_signet_that_has_the_file_open_can_still_use_it),
        with_folder(an_older_backup_gets_the_missing_columns_before_the_next_job),
        with_folder(columns_that_a_failed_batch_added_are_added_by_the_next),
        with_folder(an_empty_file_becomes_a_store),
        with_folder(a_file_locked_by_another_program_is_unavailable),
        cmocka_unit_test(every_statement_on_one_session_uses_the_primary_key),
    };
    return cmocka_run_group_tests_name("sqlite_schema", tests, NULL, NULL);
}
