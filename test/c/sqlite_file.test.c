/* The embedded store's file is deleted, replaced or changed while it is open. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/sqlite.h"
#include "store_support.h"

static void insert(signet_store *store, const char *id)
{
    signet_record record = sample_record(id, "u1");
    bool matched = false;
    assert_int_equal(store->ops->insert(store, &record, &matched, NULL), SIGNET_OK);
    assert_true(matched);
}

static bool has(signet_store *store, const char *id)
{
    signet_record record;
    bool matched = false;
    assert_int_equal(store->ops->read(store, id, "u1", &record, &matched, NULL), SIGNET_OK);
    return matched;
}

static void insert_in_a_batch(signet_store *store, const char *id)
{
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    insert(store, id);
    assert_int_equal(store->ops->batch_commit(store, NULL), SIGNET_OK);
}

static void is_told(signet_status status, const signet_error *err)
{
    assert_int_equal(status, SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_equal(err->status, SIGNET_ERR_STORE_UNAVAILABLE);
    assert_non_null(strstr(err->detail, "deleted or replaced while it was open"));
}

static void is_sound(signet_store *store)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(((sqlite_store *)store)->db, "PRAGMA integrity_check", -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
}

/* ------------------------------------------------------------------ deleted, replaced */

static void a_batch_on_a_deleted_file_is_not_acknowledged_and_the_store_reopens(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    struct stat st;
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    insert(store, "s1");
    assert_int_equal(unlink(scratch_path(state, "s.db")), 0);
    is_told(store->ops->batch_commit(store, &err), &err);
    assert_false(store->ops->batch_stands(store));
    insert_in_a_batch(store, "s2");
    assert_false(has(store, "s1"));
    assert_int_equal(stat(scratch_path(state, "s.db"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    signet_store_close(store);
    store = open_sqlite(scratch_path(state, "s.db"));
    assert_true(has(store, "s2"));
    signet_store_close(store);
}

static void a_read_reports_a_deleted_file_too(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    insert(store, "s1");
    assert_int_equal(store->ops->check(store, &err), SIGNET_OK);
    assert_int_equal(unlink(scratch_path(state, "s.db")), 0);
    is_told(store->ops->check(store, &err), &err);
    assert_int_equal(store->ops->check(store, &err), SIGNET_OK);
    assert_false(has(store, "s1"));
    signet_store_close(store);
}

static void a_file_that_replaces_it_is_opened_without_the_old_ones_log(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    insert(store, "s1");
    assert_int_equal(store->ops->backup(store, scratch_path(state, "copy.db"), NULL), SIGNET_OK);
    for (int i = 2; i < 40; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%d", i);
        insert_in_a_batch(store, id);
    }
    assert_int_equal(rename(scratch_path(state, "copy.db"), scratch_path(state, "s.db")), 0);
    is_told(store->ops->batch_begin(store, 1000, &err), &err);
    insert_in_a_batch(store, "t1");
    assert_true(has(store, "s1"));
    assert_false(has(store, "s2"));
    is_sound(store);
    signet_store_close(store);
}

static void a_deleted_log_is_noticed_and_nothing_is_lost(void **state)
{
    static const char *const names[] = {"s.db-wal", "s.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        signet_store *store = open_sqlite(scratch_path(state, "s.db"));
        const char *id = i ? "s2" : "s1";
        signet_error err;
        insert_in_a_batch(store, id);
        assert_int_equal(unlink(scratch_path(state, names[i])), 0);
        is_told(store->ops->batch_begin(store, 1000, &err), &err);
        insert_in_a_batch(store, i ? "t2" : "t1");
        assert_true(has(store, id));
        is_sound(store);
        signet_store_close(store);
    }
}

/* A process stops before it removes a file, until it is let go or half a second has passed. */
static int about_to_remove = -1, go_on = -1;

void __real_signet_file_remove(const char *path);
void __wrap_signet_file_remove(const char *path);
void __wrap_signet_file_remove(const char *path)
{
    struct pollfd gate = {.fd = go_on, .events = POLLIN};
    if (about_to_remove >= 0 && write(about_to_remove, "!", 1) == 1)
        (void)poll(&gate, 1, 500);
    about_to_remove = -1;
    __real_signet_file_remove(path);
}

static void hear(int from)
{
    char byte;
    assert_int_equal(read(from, &byte, 1), 1);
}

/* Has the file open, finds it gone when it hears so, and stops before it removes the log. */
static _Noreturn void second_process(const char *path, int commands, int answers)
{
    signet_store *store = open_sqlite(path);
    signet_error err;
    insert_in_a_batch(store, "s1");
    assert_int_equal(write(answers, "!", 1), 1);
    hear(commands);
    about_to_remove = answers;
    go_on = commands;
    is_told(store->ops->batch_begin(store, 1000, &err), &err);
    _exit(0);
}

static void two_processes_that_find_the_file_gone_leave_the_new_one_its_log(void **state)
{
    int commands[2], answers[2], end;
    signet_error err;
    const char *const path = scratch_path(state, "s.db");
    assert_int_equal(pipe(commands), 0);
    assert_int_equal(pipe(answers), 0);
    const pid_t other = fork();
    if (other == 0)
        second_process(path, commands[0], answers[1]);
    hear(answers[0]);
    signet_store *store = open_sqlite(path);
    insert_in_a_batch(store, "s2");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(commands[1], "!", 1), 1);
    hear(answers[0]);
    is_told(store->ops->batch_begin(store, 1000, &err), &err);
    insert_in_a_batch(store, "t1"); /* the new file and its log */
    assert_int_equal(write(commands[1], "!", 1), 1);
    assert_int_equal(waitpid(other, &end, 0), other);
    assert_int_equal(end, 0);
    insert_in_a_batch(store, "t2");
    assert_true(has(store, "t1"));
    assert_false(has(store, "s1"));
    signet_store_close(store);
}

static const char *doomed;

static int delete_file(void *unused)
{
    (void)unused;
    return unlink(doomed);
}

static void a_file_deleted_during_the_commit_is_an_unknown_outcome(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_error err;
    doomed = scratch_path(state, "s.db");
    assert_int_equal(store->ops->batch_begin(store, 1000, NULL), SIGNET_OK);
    insert(store, "s1");
    sqlite3_commit_hook(((sqlite_store *)store)->db, delete_file, NULL);
    assert_int_equal(store->ops->batch_commit(store, &err), SIGNET_ERR_STORE_TIMEOUT);
    assert_int_equal(err.status, SIGNET_ERR_STORE_TIMEOUT);
    insert_in_a_batch(store, "s2");
    signet_store_close(store);
}

static void a_store_that_cannot_be_reopened_says_why_until_it_can(void **state)
{
    signet_store *store;
    signet_error err;
    char folder[256], moved[256], path[256];
    snprintf(folder, sizeof folder, "%s", scratch_path(state, "folder"));
    snprintf(moved, sizeof moved, "%s", scratch_path(state, "moved"));
    snprintf(path, sizeof path, "%s", scratch_path(state, "folder/s.db"));
    assert_int_equal(mkdir(folder, 0700), 0);
    store = open_sqlite(path);
    insert(store, "s1");
    assert_int_equal(rename(folder, moved), 0);
    is_told(store->ops->batch_begin(store, 1000, &err), &err);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store->ops->batch_begin(store, 1000, &err), SIGNET_ERR_STORE_REFUSED);
        assert_non_null(strstr(err.detail, "no such folder"));
        assert_int_equal(store->ops->check(store, &err), SIGNET_ERR_STORE_REFUSED);
        assert_false(store->ops->batch_stands(store));
    }
    assert_int_equal(rename(moved, folder), 0);
    insert_in_a_batch(store, "s2");
    assert_true(has(store, "s1"));
    signet_store_close(store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void the_current_folder_may_change(void **state)
{
    char before[512];
    signet_error err;
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir((const char *)*state), 0);
    signet_store *store = open_sqlite("s.db");
    assert_int_equal(chdir("/"), 0);
    insert_in_a_batch(store, "s1");
    assert_int_equal(unlink(scratch_path(state, "s.db")), 0);
    is_told(store->ops->batch_begin(store, 1000, &err), &err);
    insert_in_a_batch(store, "s2");
    assert_int_equal(access(scratch_path(state, "s.db"), F_OK), 0);
    signet_store_close(store);
    assert_int_equal(chdir(before), 0);
}

static void a_file_without_a_log_may_get_one(void **state)
{
    signet_store_close(open_sqlite(scratch_path(state, "s.db")));
    sql_on_file(scratch_path(state, "s.db"), "PRAGMA journal_mode = DELETE");
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    insert_in_a_batch(store, "s1");
    assert_true(has(store, "s1"));
    signet_store_close(store);
}

static void a_store_in_memory_needs_no_file(void **state)
{
    signet_store *store = open_sqlite(":memory:");
    (void)state;
    insert_in_a_batch(store, "s1");
    assert_int_equal(store->ops->check(store, NULL), SIGNET_OK);
    assert_true(has(store, "s1"));
    signet_store_close(store);
}

/* ------------------------------------------------------------------ no more descriptors */

/* Opens a store while only `spare` more descriptors are allowed. */
static int open_with(const char *path, rlim_t spare)
{
    signet_store *store = NULL;
    signet_error err;
    int next = dup(0);
    struct rlimit limit;
    (void)close(next);
    if (next < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 10;
    limit.rlim_cur = (rlim_t)next + spare; /* only the soft limit: valgrind needs the hard one */
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 11;
    if (try_open_sqlite(path, 100, &store, &err) != SIGNET_ERR_STORE_UNAVAILABLE)
        return 1;
    return strstr(err.detail, "too many open files") && strstr(err.detail, "ulimit -n") ? 0 : 2;
}

static int open_with_none(const char *path)
{
    return open_with(path, 0);
}

static int open_with_one(const char *path)
{
    return open_with(path, 1);
}

static void too_many_open_files_are_reported_as_the_cause(void **state)
{
    if (getenv("UNDER_VALGRIND")) {
        print_message("skipped: valgrind does not keep the limit of open files\n");
        skip();
    }
    assert_int_equal(as_ordinary_user(open_with_none, scratch_path(state, "new.db")), 0);
    signet_store_close(open_sqlite(scratch_path(state, "s.db")));
    assert_int_equal(chmod((const char *)*state, 0777), 0);
    assert_int_equal(chmod(scratch_path(state, "s.db"), 0666), 0);
    assert_int_equal(as_ordinary_user(open_with_none, scratch_path(state, "s.db")), 0);
    assert_int_equal(as_ordinary_user(open_with_one, scratch_path(state, "s.db")), 0);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, scratch_folder_setup, scratch_folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(a_batch_on_a_deleted_file_is_not_acknowledged_and_the_store_reopens),
        with_folder(a_read_reports_a_deleted_file_too),
        with_folder(a_file_that_replaces_it_is_opened_without_the_old_ones_log),
        with_folder(a_deleted_log_is_noticed_and_nothing_is_lost),
        with_folder(two_processes_that_find_the_file_gone_leave_the_new_one_its_log),
        with_folder(a_file_deleted_during_the_commit_is_an_unknown_outcome),
        with_folder(a_store_that_cannot_be_reopened_says_why_until_it_can),
        with_folder(the_current_folder_may_change),
        with_folder(a_file_without_a_log_may_get_one),
        cmocka_unit_test(a_store_in_memory_needs_no_file),
        with_folder(too_many_open_files_are_reported_as_the_cause),
    };
    return cmocka_run_group_tests_name("sqlite_file", tests, NULL, NULL);
}
