/* The embedded store's upkeep: purge, ping, backup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "store/sqlite.h"
#include "store_support.h"

static void insert_expiring(signet_store *store, const char *id, int64_t expires_at_ms)
{
    signet_record record = sample_record(id, "u1");
    bool matched = false;
    record.session.expires_at_ms = expires_at_ms;
    assert_int_equal(store->ops->insert(store, &record, &matched, NULL), SIGNET_OK);
    assert_true(matched);
}

static int64_t purge(signet_store *store, int64_t before_ms, unsigned limit)
{
    int64_t removed_n = -1;
    assert_int_equal(store->ops->purge(store, before_ms, limit, &removed_n, NULL), SIGNET_OK);
    return removed_n;
}

static void rotate_to(signet_store *store, const char *id, int64_t expires_at_ms)
{
    signet_record after;
    bool matched = false;
    signet_rotation rotation = {.session_id = id,
                                .user_id = "u1",
                                .presented_hash = sample_hash('a'),
                                .successor_hash = sample_hash('b'),
                                .seed = sample_hash('t'),
                                .now_ms = TEST_NOW + 1,
                                .expires_at_ms = expires_at_ms};
    assert_int_equal(store->ops->rotate(store, &rotation, &after, &matched, NULL), SIGNET_OK);
    assert_true(matched);
}

static void a_purge_removes_expired_sessions_in_small_steps(void **state)
{
    signet_store *store = open_sqlite(":memory:");
    (void)state;
    for (int i = 0; i < 10; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%d", i);
        insert_expiring(store, id, TEST_NOW + 1000 * i);
    }
    assert_int_equal(purge(store, TEST_NOW + 5000, 3), 3);
    assert_int_equal(purge(store, TEST_NOW + 5000, 3), 2);
    assert_int_equal(purge(store, TEST_NOW + 5000, 3), 0);
    record_in(store, "s5", "u1");
    signet_store_close(store);
}

static void a_session_that_was_extended_is_not_purged_until_it_ends(void **state)
{
    signet_store *store = open_sqlite(":memory:");
    (void)state;
    insert_expiring(store, "s1", TEST_NOW + 1000);
    rotate_to(store, "s1", TEST_NOW + 9000);
    assert_int_equal(purge(store, TEST_NOW + 5000, 10), 0);
    record_in(store, "s1", "u1");
    assert_int_equal(purge(store, TEST_NOW + 9000, 10), 0);
    assert_int_equal(purge(store, TEST_NOW + 9001, 10), 1);
    signet_store_close(store);
}

static void live_sessions_do_not_hide_expired_ones_behind_them(void **state)
{
    signet_store *store = open_sqlite(":memory:");
    (void)state;
    for (int i = 0; i < 12; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%02d", i);
        insert_expiring(store, id, TEST_NOW + 2 + i);
        if (i < 11)
            rotate_to(store, id, TEST_NOW + TEST_HOUR);
    }
    assert_int_equal(purge(store, TEST_NOW + 1000, 2), 1);
    signet_store_close(store);
}

static void old_notes_of_revoke_all_are_purged_too(void **state)
{
    signet_store *store = open_sqlite(":memory:");
    const signet_revoke_note old = {.at_ms = TEST_NOW}, newer = {.at_ms = TEST_NOW + 1};
    (void)state;
    assert_int_equal(store->ops->note_revoke_all(store, "u1", &old, NULL), SIGNET_OK);
    assert_int_equal(store->ops->note_revoke_all(store, "u2", &newer, NULL), SIGNET_OK);
    assert_int_equal(purge(store, TEST_NOW + 1, 10), 1);
    assert_int_equal(note_in(store, "u1").at_ms, 0);
    assert_int_equal(note_in(store, "u2").at_ms, TEST_NOW + 1);
    signet_store_close(store);
}

static void a_ping_writes_and_so_detects_a_read_only_store(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    assert_int_equal(store->ops->ping(store, &err), SIGNET_OK);
    assert_int_equal(sqlite3_exec(((sqlite_store *)store)->db, "PRAGMA query_only = ON", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store->ops->ping(store, &err), SIGNET_ERR_STORE_REFUSED);
    signet_store_close(store);
}

static void a_backup_is_a_store_that_only_its_owner_can_read(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    const char *copy_path = scratch_path(state, "copy.db");
    struct stat st;
    insert_expiring(store, "s1", TEST_NOW + 1000);
    assert_int_equal(store->ops->backup(store, copy_path, NULL), SIGNET_OK);
    insert_expiring(store, "s2", TEST_NOW + 1000);
    assert_int_equal(stat(copy_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    signet_store *copy = open_sqlite(copy_path);
    bool matched = true;
    signet_record record = record_in(copy, "s1", "u1");
    assert_int_equal(copy->ops->read(copy, "s2", "u1", &record, &matched, NULL), SIGNET_OK);
    assert_false(matched);
    signet_store_close(copy);
    signet_store_close(store);
}

static void a_backup_never_overwrites(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    insert_expiring(store, "s1", TEST_NOW + 1000);
    assert_int_equal(store->ops->backup(store, scratch_path(state, "s.db"), &err), SIGNET_ERR_OPTION);
    assert_string_equal(err.field, "path");
    assert_int_equal(store->ops->backup(store, scratch_path(state, "none/copy.db"), &err), SIGNET_ERR_STORE_REFUSED);
    record_in(store, "s1", "u1");
    signet_store_close(store);
}

static void a_backup_that_fails_leaves_no_file(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    struct stat st;
    signet_error err;
    /* SQLite does not copy while this connection is writing. */
    assert_int_equal(store->ops->batch_begin(store, 0, NULL), SIGNET_OK);
    insert_expiring(store, "s1", TEST_NOW + 1000);
    assert_int_equal(store->ops->backup(store, scratch_path(state, "copy.db"), &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_not_equal(stat(scratch_path(state, "copy.db"), &st), 0);
    signet_store_close(store);
}

/* ------------------------------------------------------------------ restore */

static bool has(signet_store *store, const char *id)
{
    signet_record record;
    bool matched = false;
    assert_int_equal(store->ops->read(store, id, "u1", &record, &matched, NULL), SIGNET_OK);
    return matched;
}

static void a_restore_replaces_everything_at_once_for_all_who_have_the_file_open(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db")), *other = open_sqlite(scratch_path(state, "s.db"));
    const char *copy = scratch_path(state, "copy.db");
    insert_expiring(store, "s1", TEST_NOW + 1000);
    assert_int_equal(store->ops->backup(store, copy, NULL), SIGNET_OK);
    rotate_to(store, "s1", TEST_NOW + 9000);
    for (int i = 2; i < 200; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%d", i);
        insert_expiring(store, id, TEST_NOW + 1000);
    }
    assert_true(has(other, "s2"));
    assert_int_equal(store->ops->restore(store, copy, NULL), SIGNET_OK);
    for (signet_store *one = store;; one = other) {
        assert_int_equal(record_in(one, "s1", "u1").session.generation, 0);
        assert_false(has(one, "s2"));
        if (one == other)
            break;
    }
    assert_int_equal(other->ops->batch_begin(other, 100, NULL), SIGNET_OK);
    insert_expiring(other, "t1", TEST_NOW + 1000);
    assert_int_equal(other->ops->batch_commit(other, NULL), SIGNET_OK);
    assert_true(has(store, "t1"));
    signet_store_close(store);
    signet_store_close(other);
    store = open_sqlite(scratch_path(state, "s.db"));
    assert_true(has(store, "s1") && has(store, "t1") && !has(store, "s2"));
    signet_store_close(store);
    /* The backup is unchanged, and no other files are left next to it. */
    struct stat st;
    assert_int_not_equal(stat(scratch_path(state, "copy.db-wal"), &st), 0);
    assert_int_not_equal(stat(scratch_path(state, "copy.db-shm"), &st), 0);
    store = open_sqlite(scratch_path(state, "copy.db"));
    assert_true(has(store, "s1") && !has(store, "t1"));
    signet_store_close(store);
}

static void restore_is_refused(signet_store *store, const char *path, const char *words)
{
    signet_error err;
    memset(&err, 0, sizeof err);
    assert_int_equal(store->ops->restore(store, path, &err), SIGNET_ERR_OPTION);
    assert_int_equal(err.status, SIGNET_ERR_OPTION);
    assert_string_equal(err.field, "path");
    if (!strstr(err.detail, words))
        fail_msg("%s: %s", path, err.detail);
    assert_true(has(store, "s1"));
}

static void write_file(const char *path, long at, const char *text, size_t length)
{
    FILE *file = fopen(path, at ? "r+" : "w");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
}

static void other_files_than_backups_are_not_restored(void **state)
{
    static const char rubbish[4096] = "a diary, and no database";
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    char copy[512];
    snprintf(copy, sizeof copy, "%s", scratch_path(state, "copy.db"));
    insert_expiring(store, "s1", TEST_NOW + 1000);
    restore_is_refused(store, scratch_path(state, "none.db"), "no file of that name");
    restore_is_refused(store, scratch_path(state, "s.db"), "the store's own file");
    restore_is_refused(store, (const char *)*state, "unable to open");
    write_file(scratch_path(state, "diary"), 0, rubbish, sizeof rubbish);
    restore_is_refused(store, scratch_path(state, "diary"), "not a SQLite database");
    write_file(scratch_path(state, "empty"), 0, "", 0);
    restore_is_refused(store, scratch_path(state, "empty"), "empty");
    sql_on_file(scratch_path(state, "other.db"), "CREATE TABLE notes (text)");
    restore_is_refused(store, scratch_path(state, "other.db"), "another program");
    assert_int_equal(store->ops->backup(store, copy, NULL), SIGNET_OK);
    sql_on_file(copy, "PRAGMA user_version = 2");
    restore_is_refused(store, copy, "version 2");
    sql_on_file(copy, "PRAGMA user_version = 1");
    write_file(copy, 4096, rubbish, sizeof rubbish);
    restore_is_refused(store, copy, "damaged");
    signet_store_close(store);
}

static void a_restore_waits_for_a_writer(void **state)
{
    signet_store *store = NULL, *other = open_sqlite(scratch_path(state, "s.db"));
    const char *copy = scratch_path(state, "copy.db");
    signet_error err;
    assert_int_equal(try_open_sqlite(scratch_path(state, "s.db"), 20, &store, NULL), SIGNET_OK);
    insert_expiring(store, "s1", TEST_NOW + 1000);
    assert_int_equal(store->ops->backup(store, copy, NULL), SIGNET_OK);
    assert_int_equal(other->ops->batch_begin(other, 100, NULL), SIGNET_OK);
    insert_expiring(other, "s2", TEST_NOW + 1000);
    assert_int_equal(store->ops->restore(store, copy, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_equal(other->ops->batch_commit(other, NULL), SIGNET_OK);
    assert_true(has(store, "s2"));
    assert_int_equal(store->ops->restore(store, copy, &err), SIGNET_OK);
    assert_false(has(store, "s2"));
    signet_store_close(store);
    signet_store_close(other);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, scratch_folder_setup, scratch_folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_purge_removes_expired_sessions_in_small_steps),
        cmocka_unit_test(a_session_that_was_extended_is_not_purged_until_it_ends),
        cmocka_unit_test(live_sessions_do_not_hide_expired_ones_behind_them),
        cmocka_unit_test(old_notes_of_revoke_all_are_purged_too),
        with_folder(a_ping_writes_and_so_detects_a_read_only_store),
        with_folder(a_backup_is_a_store_that_only_its_owner_can_read),
        with_folder(a_backup_never_overwrites),
        with_folder(a_backup_that_fails_leaves_no_file),
        with_folder(a_restore_replaces_everything_at_once_for_all_who_have_the_file_open),
        with_folder(other_files_than_backups_are_not_restored),
        with_folder(a_restore_waits_for_a_writer),
    };
    return cmocka_run_group_tests_name("sqlite_upkeep", tests, NULL, NULL);
}
