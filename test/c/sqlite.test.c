/* The embedded store: opening, the file, the batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "store/sqlite.h"
#include "store_support.h"

static int mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool insert(signet_store *store, const char *id)
{
    signet_record record = sample_record(id, "u1");
    bool matched = false;
    assert_int_equal(store->ops->insert(store, &record, &matched, NULL), SIGNET_OK);
    return matched;
}

static bool has(signet_store *store, const char *id)
{
    signet_record record;
    bool matched = false;
    assert_int_equal(store->ops->read(store, id, "u1", &record, &matched, NULL), SIGNET_OK);
    return matched;
}

static int64_t pragma(signet_store *store, const char *sql)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(((sqlite_store *)store)->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

/* ------------------------------------------------------------------ the file */

static void only_the_owner_can_read_the_file_and_its_log(void **state)
{
    mode_t before = umask(0);
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    umask(before);
    insert(store, "s1");
    assert_int_equal(mode_of(scratch_path(state, "s.db")), 0600);
    assert_int_equal(mode_of(scratch_path(state, "s.db-wal")), 0600);
    assert_int_equal(mode_of(scratch_path(state, "s.db-shm")), 0600);
    signet_store_close(store);
}

static void a_file_that_others_could_read_becomes_private(void **state)
{
    signet_store_close(open_sqlite(scratch_path(state, "s.db")));
    assert_int_equal(chmod(scratch_path(state, "s.db"), 0644), 0);
    signet_store_close(open_sqlite(scratch_path(state, "s.db")));
    assert_int_equal(mode_of(scratch_path(state, "s.db")), 0600);
}

static void commits_are_on_disk_before_they_are_acknowledged(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    assert_int_equal(pragma(store, "PRAGMA synchronous"), 2);
    assert_int_equal(pragma(store, "PRAGMA fullfsync"), 1);
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(((sqlite_store *)store)->db, "PRAGMA journal_mode", -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "wal");
    sqlite3_finalize(stmt);
    signet_store_close(store);
}

static void stored_sessions_are_there_when_the_file_is_reopened(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    insert(store, "s1");
    signet_store_close(store);
    store = open_sqlite(scratch_path(state, "s.db"));
    assert_true(has(store, "s1"));
    signet_store_close(store);
}

static void memory_stores_share_nothing(void **state)
{
    signet_store *one = open_sqlite(":memory:"), *other = open_sqlite(":memory:");
    (void)state;
    insert(one, "s1");
    assert_false(has(other, "s1"));
    signet_store_close(one);
    signet_store_close(other);
}

static void a_path_with_options_or_without_a_name_is_refused(void **state)
{
    signet_store *store = NULL;
    signet_error err;
    (void)state;
    assert_int_equal(try_open_sqlite("", 100, &store, &err), SIGNET_ERR_OPTION);
    assert_int_equal(try_open_sqlite(NULL, 100, &store, &err), SIGNET_ERR_OPTION);
    assert_int_equal(try_open_sqlite("file:x.db?vfs=unix-none", 100, &store, &err), SIGNET_ERR_OPTION);
    assert_string_equal(err.field, "store");
    assert_null(store);
}

static void a_missing_folder_is_reported_as_the_cause(void **state)
{
    signet_store *store = NULL;
    signet_error err;
    assert_int_equal(try_open_sqlite(scratch_path(state, "none/s.db"), 100, &store, &err), SIGNET_ERR_STORE_REFUSED);
    assert_non_null(strstr(err.detail, "no such folder"));
    assert_null(store);
}

static int open_and_expect_refused(const char *path)
{
    signet_store *store = NULL;
    signet_error err;
    if (try_open_sqlite(path, 100, &store, &err) != SIGNET_ERR_STORE_REFUSED)
        return 1;
    return strstr(err.detail, "may not write") ? 0 : 2;
}

static void a_read_only_file_is_refused(void **state)
{
    signet_store_close(open_sqlite(scratch_path(state, "s.db")));
    assert_int_equal(chmod((const char *)*state, 0755), 0);
    assert_int_equal(chmod(scratch_path(state, "s.db"), 0444), 0);
    assert_int_equal(as_ordinary_user(open_and_expect_refused, scratch_path(state, "s.db")), 0);
}

static int open_and_expect_not_made(const char *path)
{
    signet_store *store = NULL;
    signet_error err;
    return try_open_sqlite(path, 100, &store, &err) == SIGNET_ERR_STORE_REFUSED && strstr(err.detail, "not allowed")
               ? 0
               : 1;
}

static void a_read_only_folder_is_refused(void **state)
{
    assert_int_equal(chmod((const char *)*state, 0555), 0);
    assert_int_equal(as_ordinary_user(open_and_expect_not_made, scratch_path(state, "s.db")), 0);
    assert_int_equal(chmod((const char *)*state, 0700), 0);
}

static void a_file_that_is_no_database_is_refused_and_not_changed(void **state)
{
    static const char text[] = "a diary, a thousand pages long, that somebody would miss. It is no database and never "
                               "was one; it must stay as it is.";
    char after[sizeof text];
    signet_store *store = NULL;
    signet_error err;
    FILE *file = fopen(scratch_path(state, "diary"), "w");
    assert_int_equal(fwrite(text, 1, sizeof text, file), sizeof text);
    fclose(file);
    assert_int_equal(try_open_sqlite(scratch_path(state, "diary"), 100, &store, &err), SIGNET_ERR_STORE_CORRUPT);
    assert_int_equal(err.driver_code, SQLITE_NOTADB);
    file = fopen(scratch_path(state, "diary"), "r");
    assert_int_equal(fread(after, 1, sizeof after, file), sizeof after);
    fclose(file);
    assert_memory_equal(after, text, sizeof text);
}

static void a_damaged_file_is_reported_as_damaged(void **state)
{
    static const char rubbish[4096] = {1, 2, 3};
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    bool matched;
    signet_record record = sample_record("s1", "u1");
    insert(store, "s1");
    signet_store_close(store);
    FILE *file = fopen(scratch_path(state, "s.db"), "r+");
    /* every page but the first, which has the tables' names */
    for (long page = 1; page < 16 && fseek(file, page * 4096, SEEK_SET) == 0; page++)
        fwrite(rubbish, 1, sizeof rubbish, file);
    fclose(file);
    store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    assert_int_equal(store->ops->insert(store, &record, &matched, &err), SIGNET_ERR_STORE_CORRUPT);
    assert_int_equal(err.driver_code & 0xff, SQLITE_CORRUPT);
    signet_store_close(store);
}

/* ------------------------------------------------------------------ the batch */

static void a_batch_is_visible_to_others_once_it_is_committed(void **state)
{
    signet_store *one = open_sqlite(scratch_path(state, "s.db")), *other = open_sqlite(scratch_path(state, "s.db"));
    assert_int_equal(one->ops->batch_begin(one, 1000, NULL), SIGNET_OK);
    insert(one, "s1");
    assert_false(has(other, "s1"));
    assert_true(one->ops->batch_stands(one));
    assert_int_equal(one->ops->batch_commit(one, NULL), SIGNET_OK);
    assert_true(has(other, "s1"));
    signet_store_close(one);
    signet_store_close(other);
}

static void a_batch_that_is_not_committed_changes_nothing(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    insert(store, "s1");
    signet_store_close(store);
    store = open_sqlite(scratch_path(state, "s.db"));
    assert_false(store->ops->batch_stands(store));
    assert_false(has(store, "s1"));
    signet_store_close(store);
}

/* A machine whose sleeps take five times as long as asked, as under load. */
static sqlite3_vfs *usual;

static int sleep_long(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    (void)usual->xSleep(usual, 5 * microseconds);
    return microseconds;
}

static void sleeps_take_long(sqlite3_vfs *vfs)
{
    usual = sqlite3_vfs_find(NULL);
    *vfs = *usual;
    vfs->zName = "slow";
    vfs->xSleep = sleep_long;
    assert_int_equal(sqlite3_vfs_register(vfs, 1), SQLITE_OK);
}

static void a_batch_waits_for_another_programs_lock_until_its_deadline(void **state)
{
    sqlite3_vfs slow;
    signet_store *one = open_sqlite(scratch_path(state, "s.db")), *other = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    assert_int_equal(one->ops->batch_begin(one, 1000, NULL), SIGNET_OK);
    assert_int_equal(other->ops->batch_begin(other, 0, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_equal(err.driver_code & 0xff, SQLITE_BUSY);
    sleeps_take_long(&slow);
    int64_t from_ms = monotonic_ms();
    assert_int_equal(other->ops->batch_begin(other, 500, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_in_range(monotonic_ms() - from_ms, 500, 750);
    assert_int_equal(sqlite3_vfs_unregister(&slow), SQLITE_OK);
    assert_int_equal(one->ops->batch_commit(one, NULL), SIGNET_OK);
    assert_int_equal(other->ops->batch_begin(other, 20, NULL), SIGNET_OK);
    signet_store_close(one);
    signet_store_close(other);
}

static void opening_waits_for_another_program_until_its_timeout(void **state)
{
    const char *path = scratch_path(state, "s.db");
    sqlite3_vfs slow;
    sqlite3 *db = NULL;
    signet_store *store = NULL;
    signet_error err;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sleeps_take_long(&slow);
    int64_t from_ms = monotonic_ms();
    assert_int_equal(try_open_sqlite(path, 500, &store, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_in_range(monotonic_ms() - from_ms, 500, 750);
    assert_int_equal(sqlite3_vfs_unregister(&slow), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void reading_does_not_wait_for_a_writer(void **state)
{
    signet_store *one = open_sqlite(scratch_path(state, "s.db")), *other = open_sqlite(scratch_path(state, "s.db"));
    insert(one, "s1");
    assert_int_equal(one->ops->batch_begin(one, 1000, NULL), SIGNET_OK);
    insert(one, "s2");
    assert_true(has(other, "s1"));
    signet_store_close(one);
    signet_store_close(other);
}

/* Fills the file up to its page limit within the batch; `id` is then that of the session that did not fit. */
static signet_status insert_until_full(signet_store *store, char *id, size_t id_size, signet_error *err)
{
    signet_status status = SIGNET_OK;
    for (int i = 0; i < 1000 && status == SIGNET_OK; i++) {
        bool matched;
        snprintf(id, id_size, "s%d", i);
        signet_record record = sample_record(id, "u1");
        status = store->ops->insert(store, &record, &matched, err);
    }
    return status;
}

static void a_full_disk_is_unavailable_and_reports_whether_the_batch_was_rolled_back(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    char id[8];
    signet_error err;
    (void)pragma(store, "PRAGMA max_page_count = 12");
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    assert_int_equal(insert_until_full(store, id, sizeof id, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_equal(err.driver_code & 0xff, SQLITE_FULL);
    assert_non_null(strstr(err.detail, "space"));
    if (store->ops->batch_stands(store)) {
        assert_int_equal(store->ops->batch_commit(store, NULL), SIGNET_OK);
        assert_true(has(store, "s0"));
    } else {
        assert_false(has(store, "s0"));
    }
    assert_false(has(store, id));
    signet_store_close(store);
}

static int commit_hook_that_refuses(void *unused)
{
    (void)unused;
    return 1;
}

static void a_failed_commit_is_an_unknown_outcome_and_the_store_works_on(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    insert(store, "s1");
    sqlite3_commit_hook(((sqlite_store *)store)->db, commit_hook_that_refuses, NULL);
    assert_int_equal(store->ops->batch_commit(store, &err), SIGNET_ERR_STORE_TIMEOUT);
    assert_int_equal(err.status, SIGNET_ERR_STORE_TIMEOUT);
    assert_int_not_equal(err.driver_code, 0);
    sqlite3_commit_hook(((sqlite_store *)store)->db, NULL, NULL);
    assert_false(store->ops->batch_stands(store));
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    insert(store, "s2");
    assert_int_equal(store->ops->batch_commit(store, NULL), SIGNET_OK);
    assert_true(has(store, "s2"));
    signet_store_close(store);
}

static void a_store_reports_its_threads_and_its_batch_size(void **state)
{
    signet_store *store = open_sqlite(":memory:");
    (void)state;
    assert_int_equal(signet_store_max_threads(store), 1);
    assert_int_equal(signet_store_max_batch(store), 256);
    signet_store_close(store);
    signet_store_close(NULL);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, scratch_folder_setup, scratch_folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(only_the_owner_can_read_the_file_and_its_log),
        with_folder(a_file_that_others_could_read_becomes_private),
        with_folder(commits_are_on_disk_before_they_are_acknowledged),
        with_folder(stored_sessions_are_there_when_the_file_is_reopened),
        cmocka_unit_test(memory_stores_share_nothing),
        cmocka_unit_test(a_path_with_options_or_without_a_name_is_refused),
        with_folder(a_missing_folder_is_reported_as_the_cause),
        with_folder(a_read_only_file_is_refused),
        with_folder(a_read_only_folder_is_refused),
        with_folder(a_file_that_is_no_database_is_refused_and_not_changed),
        with_folder(a_damaged_file_is_reported_as_damaged),
        with_folder(a_batch_is_visible_to_others_once_it_is_committed),
        with_folder(a_batch_that_is_not_committed_changes_nothing),
        with_folder(a_batch_waits_for_another_programs_lock_until_its_deadline),
        with_folder(opening_waits_for_another_program_until_its_timeout),
        with_folder(reading_does_not_wait_for_a_writer),
        with_folder(a_full_disk_is_unavailable_and_reports_whether_the_batch_was_rolled_back),
        with_folder(a_failed_commit_is_an_unknown_outcome_and_the_store_works_on),
        cmocka_unit_test(a_store_reports_its_threads_and_its_batch_size),
    };
    return cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
