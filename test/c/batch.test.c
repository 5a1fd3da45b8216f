/* Batches: one transaction, answered once it is durable; and races between connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "session_support.h"
#include "store/sqlite.h"

#define T0 TEST_NOW

/* A fixture whose store is a file in its own folder. */
typedef struct file_fixture {
    fixture f; /* first: a file_fixture is a fixture */
    void *folder;
} file_fixture;

static int file_setup(void **state)
{
    const signet_auth_config config = sample_config();
    file_fixture *ff = calloc(1, sizeof *ff);
    if (!ff || scratch_folder_setup(&ff->folder) != 0)
        return -1;
    ff->f.auth = auth_of(&config);
    ff->f.store = open_sqlite(scratch_path(&ff->folder, "s.db"));
    ff->f.scratch = signet_scratch_new();
    *state = ff;
    return 0;
}

static int file_teardown(void **state)
{
    file_fixture *ff = *state;
    void *folder = ff->folder;
    return fixture_teardown(state) || scratch_folder_teardown(&folder);
}

static sqlite3 *db_of(fixture *f)
{
    return ((sqlite_store *)f->store)->db;
}

static const char *file_of(void **state)
{
    return scratch_path(&((file_fixture *)*state)->folder, "s.db");
}

/* A rotation to run in a batch. */
typedef struct rotation_job {
    signet_refresh_token presented;
    signet_job job;
} rotation_job;

static void prepare(fixture *f, const char *token, int64_t now_ms, rotation_job *r)
{
    memset(r, 0, sizeof *r);
    assert_int_equal(
        signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, now_ms, 0, &r->presented, NULL),
        SIGNET_OK);
    r->job.kind = SIGNET_JOB_ROTATE;
    r->job.now_ms = now_ms;
    r->job.presented = &r->presented;
}

/* ------------------------------------------------------------------ one batch */

static void jobs_of_a_batch_run_in_order_and_see_each_other(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    rotation_job first, retry;
    prepare(f, token, T0 + 1, &first);
    prepare(f, token, T0 + 1, &retry);
    signet_job login = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job list = {.kind = SIGNET_JOB_LIST, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job bad = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 1};
    signet_job all = {.kind = SIGNET_JOB_REVOKE_ALL, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job none = {.kind = SIGNET_JOB_LIST, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job *const jobs[] = {&first.job, &retry.job, &login, &list, &bad, &all, &none};
    signet_session_run(f->auth, f->store, f->scratch, jobs, 7, 1000);
    assert_int_equal(first.job.event, SIGNET_EVENT_ROTATE);
    assert_int_equal(retry.job.event, SIGNET_EVENT_RETRY);
    assert_string_equal(first.job.refresh_token, retry.job.refresh_token);
    assert_int_equal(list.sessions_n, 2);
    assert_int_equal(bad.status, SIGNET_ERR_OPTION);
    assert_int_equal(all.count, 2);
    assert_int_equal(none.sessions_n, 0);
    for (size_t i = 0; i < 7; i++)
        signet_job_clear(jobs[i]);
    free(token);
}

static void more_jobs_than_fit_in_a_batch_are_all_run(void **state)
{
    enum { N = 600 };
    fixture *f = *state;
    static signet_job jobs[N];
    static signet_job *pointers[N];
    memset(jobs, 0, sizeof jobs);
    for (size_t i = 0; i < N; i++) {
        jobs[i] = (signet_job){.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1")};
        pointers[i] = &jobs[i];
    }
    signet_session_run(f->auth, f->store, f->scratch, pointers, N, 1000);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(jobs[i].status, SIGNET_OK);
        signet_job_clear(&jobs[i]);
    }
    signet_job list = {.kind = SIGNET_JOB_LIST, .now_ms = T0, .user_id = text_of("u1")};
    assert_int_equal(run_job(f, &list), SIGNET_OK);
    assert_int_equal(list.sessions_n, N);
    signet_job_clear(&list);
}

static void a_backup_between_writes_runs_outside_their_transaction(void **state)
{
    fixture *f = *state;
    signet_job login = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1")},
               backup = {.kind = SIGNET_JOB_BACKUP,
                         .now_ms = T0,
                         .path = scratch_path(&((file_fixture *)*state)->folder, "copy.db")},
               second = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1")};
    signet_job *const jobs[] = {&login, &backup, &second};
    signet_session_run(f->auth, f->store, f->scratch, jobs, 3, 1000);
    assert_int_equal(backup.status, SIGNET_OK);
    assert_int_equal(second.status, SIGNET_OK);
    signet_store *copy = open_sqlite(scratch_path(&((file_fixture *)*state)->folder, "copy.db"));
    record_in(copy, login.session.id, "u1");
    signet_store_close(copy);
    signet_job_clear(&login);
    signet_job_clear(&second);
}

/* ------------------------------------------------------------------ failures */

static int refuse_commit(void *unused)
{
    (void)unused;
    return 1;
}

static void a_failed_commit_makes_every_job_of_the_batch_unknown(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    rotation_job rotation;
    prepare(f, token, T0 + 1, &rotation);
    signet_job login = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job list = {.kind = SIGNET_JOB_LIST, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job bad = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 1};
    signet_job *const jobs[] = {&rotation.job, &login, &list, &bad};
    sqlite3_commit_hook(db_of(f), refuse_commit, NULL);
    signet_session_run(f->auth, f->store, f->scratch, jobs, 4, 1000);
    sqlite3_commit_hook(db_of(f), NULL, NULL);
    assert_int_equal(rotation.job.status, SIGNET_ERR_STORE_TIMEOUT);
    assert_int_equal(rotation.job.error.status, SIGNET_ERR_STORE_TIMEOUT);
    assert_int_equal(rotation.job.event, SIGNET_EVENT_NONE);
    assert_null(rotation.job.refresh_token);
    assert_null(rotation.job.access_token);
    assert_int_equal(login.status, SIGNET_ERR_STORE_TIMEOUT);
    assert_null(login.refresh_token);
    assert_int_equal(list.status, SIGNET_ERR_STORE_UNAVAILABLE);
    assert_null(list.sessions);
    assert_int_equal(bad.status, SIGNET_ERR_OPTION);
    free(successor_at(f, token, T0 + 2)); /* the retry completes it */
    free(token);
}

static void a_store_that_is_locked_fails_every_job_and_changes_nothing(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    rotation_job rotation;
    prepare(f, token, T0 + 1, &rotation);
    signet_job list = {.kind = SIGNET_JOB_LIST, .now_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job *const jobs[] = {&rotation.job, &list}, *const reads[] = {&list};
    signet_store *other = open_sqlite(file_of(state));
    assert_int_equal(other->ops->batch_begin(other, 0, NULL), SIGNET_OK);
    signet_session_run(f->auth, f->store, f->scratch, jobs, 2, 10);
    assert_int_equal(rotation.job.status, SIGNET_ERR_STORE_UNAVAILABLE);
    assert_int_equal(list.status, SIGNET_ERR_STORE_UNAVAILABLE);
    /* reads do not wait for a writer */
    signet_session_run(f->auth, f->store, f->scratch, reads, 1, 0);
    assert_int_equal(list.status, SIGNET_OK);
    assert_int_equal(list.sessions_n, 1);
    signet_job_clear(&list);
    signet_store_close(other);
    free(successor_at(f, token, T0 + 2));
    free(token);
}

static void a_full_disk_loses_no_acknowledged_login(void **state)
{
    enum { N = 200 };
    fixture *f = *state;
    static signet_job jobs[N];
    static signet_job *pointers[N];
    size_t ok = 0, failed = 0;
    char *before = login_at(f, "u1", T0, NULL);
    memset(jobs, 0, sizeof jobs);
    for (size_t i = 0; i < N; i++) {
        jobs[i] = (signet_job){.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u2")};
        pointers[i] = &jobs[i];
    }
    assert_int_equal(sqlite3_exec(db_of(f), "PRAGMA max_page_count = 14", NULL, NULL, NULL), SQLITE_OK);
    signet_session_run(f->auth, f->store, f->scratch, pointers, N, 1000);
    for (size_t i = 0; i < N; i++) {
        ok += jobs[i].status == SIGNET_OK;
        failed += jobs[i].status == SIGNET_ERR_STORE_UNAVAILABLE && !jobs[i].refresh_token;
    }
    assert_true(failed > 0);
    assert_int_equal(ok + failed, N);
    signet_store *again = open_sqlite(file_of(state));
    for (size_t i = 0; i < N; i++)
        if (jobs[i].status == SIGNET_OK)
            record_in(again, jobs[i].session.id, "u2");
    signet_session *list = NULL;
    size_t list_n = 0;
    assert_int_equal(again->ops->list(again, "u2", T0, &list, &list_n, NULL), SIGNET_OK);
    assert_int_equal(list_n, ok);
    free(list);
    signet_store_close(again);
    for (size_t i = 0; i < N; i++)
        signet_job_clear(&jobs[i]);
    free(successor_at(f, before, T0 + 1));
    free(before);
}

/* SQLite itself rolls a transaction back if memory or the disk fails at certain moments. A trigger's RAISE(ROLLBACK)
 * does so on demand. */
static void a_batch_that_the_store_rolled_back_fails_what_came_before_and_runs_what_comes_after(void **state)
{
    fixture *f = *state;
    char session_id[SIGNET_SESSION_ID_LEN + 1];
    char *poisoned = login_at(f, "u2", T0, session_id), *token = login_at(f, "u1", T0, NULL);
    rotation_job before, cause, after;
    prepare(f, token, T0 + 1, &before);
    prepare(f, poisoned, T0 + 1, &cause);
    prepare(f, token, T0 + 1, &after);
    assert_int_equal(sqlite3_db_config(db_of(f), SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db_of(f),
                                  "CREATE TEMP TRIGGER poison BEFORE UPDATE ON main.sessions WHEN old.user_id = 'u2' "
                                  "BEGIN SELECT RAISE(ROLLBACK, 'the disk failed'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    signet_job *const jobs[] = {&before.job, &cause.job, &after.job};
    signet_session_run(f->auth, f->store, f->scratch, jobs, 3, 1000);
    assert_int_equal(before.job.status, SIGNET_ERR_STORE_UNAVAILABLE);
    assert_null(before.job.refresh_token);
    assert_int_equal(before.job.event, SIGNET_EVENT_NONE);
    assert_int_equal(cause.job.status, SIGNET_ERR_STORE_CORRUPT); /* the job that caused it has the reason */
    assert_null(cause.job.refresh_token);
    assert_int_equal(after.job.status, SIGNET_OK);
    assert_int_equal(after.job.event, SIGNET_EVENT_ROTATE); /* the first was rolled back, so this is no retry */
    signet_job_clear(&after.job);
    free(poisoned);
    free(token);
}

/* ------------------------------------------------------------------ two connections, several processes */

static void two_stores_on_one_file_give_a_token_one_successor(void **state)
{
    fixture *f = *state;
    fixture other = *f;
    other.store = open_sqlite(file_of(state));
    char *token = login_at(f, "u1", T0, NULL);
    for (int i = 1; i <= 50; i++) {
        char *a = successor_at(i % 2 ? f : &other, token, T0 + i), *b = successor_at(i % 2 ? &other : f, token, T0 + i);
        assert_string_equal(a, b);
        free(token);
        free(a);
        token = b;
    }
    free(token);
    signet_store_close(other.store);
}

#define RACERS 3
#define RACE_TOKENS 40

/* One of the racing processes: presents each token once and writes the successors to `fd`, one per line. */
static int race(void **state, char *const *tokens, int fd)
{
    fixture f = *(fixture *)*state;
    f.store = open_sqlite(file_of(state));
    for (int i = 0; i < RACE_TOKENS; i++) {
        char *successor = successor_at(&f, tokens[i], T0 + 1);
        if (dprintf(fd, "%s\n", successor) < 0)
            return 1;
        free(successor);
    }
    signet_store_close(f.store);
    return 0;
}

static void processes_that_race_with_one_token_all_get_the_same_successor(void **state)
{
    fixture *f = *state;
    char *tokens[RACE_TOKENS];
    static char lines[RACERS][RACE_TOKENS][1024];
    int pipes[RACERS][2];
    pid_t children[RACERS];
    for (int i = 0; i < RACE_TOKENS; i++)
        tokens[i] = login_at(f, "u1", T0, NULL);
    /* an SQLite connection must not be used after a fork */
    signet_store_close(f->store);
    for (int r = 0; r < RACERS; r++) {
        assert_int_equal(pipe(pipes[r]), 0);
        children[r] = fork();
        assert_true(children[r] >= 0);
        if (children[r] == 0)
            _exit(race(state, tokens, pipes[r][1]));
        close(pipes[r][1]);
    }
    for (int r = 0; r < RACERS; r++) {
        int status = 1;
        FILE *in = fdopen(pipes[r][0], "r");
        for (int i = 0; i < RACE_TOKENS; i++)
            assert_non_null(fgets(lines[r][i], sizeof lines[r][i], in));
        fclose(in);
        assert_int_equal(waitpid(children[r], &status, 0), children[r]);
        assert_int_equal(status, 0);
        for (int i = 0; i < RACE_TOKENS; i++)
            assert_string_equal(lines[r][i], lines[0][i]);
    }
    f->store = open_sqlite(file_of(state));
    for (int i = 0; i < RACE_TOKENS; i++)
        free(tokens[i]);
}

#define with_memory(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
#define with_file(test) cmocka_unit_test_setup_teardown(test, file_setup, file_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_memory(jobs_of_a_batch_run_in_order_and_see_each_other),
        with_memory(more_jobs_than_fit_in_a_batch_are_all_run),
        with_file(a_backup_between_writes_runs_outside_their_transaction),
        with_file(a_failed_commit_makes_every_job_of_the_batch_unknown),
        with_file(a_store_that_is_locked_fails_every_job_and_changes_nothing),
        with_file(a_full_disk_loses_no_acknowledged_login),
        with_file(a_batch_that_the_store_rolled_back_fails_what_came_before_and_runs_what_comes_after),
        with_file(two_stores_on_one_file_give_a_token_one_successor),
        with_file(processes_that_race_with_one_token_all_get_the_same_successor),
    };
    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
