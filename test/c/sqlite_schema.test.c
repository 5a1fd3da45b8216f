/* Whose file it is. */
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

static void another_programs_database_is_refused_and_unchanged(void **state)
{
    const char *path = scratch_path(state, "other.db");
    sql_on_file(path, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
    refused_with(path, "another program");
    sql_on_file(path,
                "PRAGMA journal_mode = DELETE"); /* still no WAL: SQLite would need -wal and -shm files beside it */
    sql_on_file(path, "DELETE FROM notes WHERE text = 'mine'");
}

static void another_programs_number_is_refused_even_without_tables(void **state)
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

static void a_file_that_a_newer_signet_changes_while_it_is_open_is_refused_from_then_on(void **state)
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

/* A rotation is one look-up by the primary key, whatever the planner would like better. */
static void every_statement_on_one_session_goes_by_the_primary_key(void **state)
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
        with_folder(another_programs_database_is_refused_and_unchanged),
        with_folder(another_programs_number_is_refused_even_without_tables),
        with_folder(a_newer_signets_file_is_refused),
        with_folder(a_file_that_a_newer_signet_changes_while_it_is_open_is_refused_from_then_on),
        with_folder(an_empty_file_becomes_a_store),
        with_folder(a_file_locked_by_another_program_is_unavailable),
        cmocka_unit_test(every_statement_on_one_session_goes_by_the_primary_key),
    };
    return cmocka_run_group_tests_name("sqlite_schema", tests, NULL, NULL);
}
