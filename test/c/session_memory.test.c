/* Out of memory: each allocation of a login and of a rotation fails in turn, Signet's, SQLite's and OpenSSL's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <cmocka.h>

#include "session_support.h"
#include "store/sqlite.h"

#define T0 TEST_NOW

/* ------------------------------------------------------------------ an allocator that fails once */

/* The whole process allocates through these, which call glibc's. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static volatile long left = -1; /* allocations until the one that fails; negative: none fails. The compiler believes
                                   that malloc reads nothing */

#ifndef __SANITIZE_ADDRESS__
static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void free(void *memory)
{
    __libc_free(memory);
}
#endif

/* Whether the allocation that should fail was reached. */
static bool stop_failing(void)
{
    bool reached = left < 0;
    left = -1;
    return reached;
}

/* Valgrind and AddressSanitizer put their own allocators in front of these. */
static bool can_fail(void)
{
    left = 0;
    void *volatile memory = malloc(1);
    left = -1;
    free(memory);
    return memory == NULL;
}

/* ------------------------------------------------------------------ tests */

static void a_rotation_without_memory_leaves_a_token_that_still_works(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    long n = 0;
    bool reached = true;
    for (; reached; n++) {
        signet_job job = {.kind = SIGNET_JOB_ROTATE, .claims = text_of("{\"a\":1}")};
        left = n;
        signet_status status = rotate_at(f, token, T0 + 1 + n, &job);
        reached = stop_failing();
        assert_int_equal(ERR_peek_error(), 0);
        if (status != SIGNET_OK) {
            assert_null(job.refresh_token);
            assert_null(job.access_token);
            assert_int_not_equal(signet_status_http(status), 401); /* no client logs out */
        }
        signet_job_clear(&job);
        char *next = successor_at(f, token, T0 + 1 + n);
        free(token);
        token = next;
    }
    assert_true(n > 5);
    free(token);
}

/* Each retry is late, and gets an access token that is signed again. */
static void a_keyed_retry_without_memory_gets_the_successor_next_time(void **state)
{
    fixture *f = *state;
    const int64_t late = T0 + TEST_HOUR - 2;
    char *token = login_at(f, "u1", T0, NULL);
    signet_job first = {.kind = SIGNET_JOB_ROTATE, .idempotency_key = text_of("0123456789-0123456789-0123456789")};
    assert_int_equal(rotate_at(f, token, T0, &first), SIGNET_OK);
    long n = 0;
    for (bool reached = true; reached; n++) {
        signet_job job = {
            .kind = SIGNET_JOB_ROTATE, .claims = text_of("{\"a\":1}"), .previous_key = first.idempotency_key};
        left = n;
        signet_status status = rotate_at(f, token, late, &job);
        reached = stop_failing();
        assert_int_equal(ERR_peek_error(), 0);
        if (status == SIGNET_OK)
            assert_string_equal(job.refresh_token, first.refresh_token);
        else
            assert_true(!job.refresh_token && !job.access_token && signet_status_http(status) >= 500);
        signet_job_clear(&job);
    }
    assert_true(n > 5);
    free(successor_at(f, first.refresh_token, late));
    signet_job_clear(&first);
    free(token);
}

static void a_login_without_memory_returns_no_tokens_and_ends_no_session(void **state)
{
    fixture *f = *state;
    char *before = login_at(f, "u1", T0, NULL);
    long n = 0;
    bool reached = true;
    for (; reached; n++) {
        signet_job job = {
            .kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1"), .claims = text_of("{\"a\":1}")};
        left = n;
        signet_status status = run_job(f, &job);
        reached = stop_failing();
        if (status != SIGNET_OK)
            assert_true(!job.refresh_token && !job.access_token);
        signet_job_clear(&job);
    }
    assert_true(n > 5);
    free(successor_at(f, before, T0 + 1));
    free(before);
}

static void an_auth_without_memory_is_an_error(void **state)
{
    const signet_text audiences[] = {text_of("a"), text_of("b")};
    signet_auth_config config = sample_config();
    bool reached = true;
    (void)state;
    config.issuer = text_of("i");
    config.audience = (signet_texts){audiences, 2};
    config.legacy_secret = text_of(TEST_LEGACY_SECRET);
    for (long n = 0; reached; n++) {
        signet_auth *auth = NULL;
        left = n;
        signet_status status = signet_auth_new(&config, &auth, NULL);
        reached = stop_failing();
        assert_true(status == SIGNET_OK || !auth);
        signet_auth_free(auth);
    }
}

static void a_change_of_secrets_without_memory_is_an_error_and_changes_nothing(void **state)
{
    fixture *f = *state;
    const signet_text texts[] = {text_of(TEST_REFRESH_SECRET), text_of(TEST_NEXT_SECRET),
                                 text_of("another-o4Z1tR7vK9qS2wX5yB8nE3mU6cJ0gF")};
    const signet_secrets_change change = {
        .refresh_secrets = texts, .refresh_secrets_n = 3, .refresh_revoked_n = 1, .now_ms = T0};
    char *token = login_at(f, "u1", T0, NULL);
    bool reached = true;
    long n = 0;
    for (; reached; n++) {
        signet_auth *changed = NULL;
        left = n;
        signet_status status = signet_auth_with_secrets(f->auth, &change, &changed, NULL);
        reached = stop_failing();
        assert_true(status == SIGNET_OK || !changed);
        assert_int_equal(ERR_peek_error(), 0);
        signet_auth_free(changed);
        char *next = successor_at(f, token, T0 + 1 + n);
        free(token);
        token = next;
    }
    assert_true(n > 5);
    free(token);
}

static void a_store_without_memory_is_not_opened(void **state)
{
    bool reached = true;
    (void)state;
    for (long n = 0; reached; n++) {
        signet_store *store = NULL;
        left = n;
        signet_status status = try_open_sqlite(":memory:", 100, &store, NULL);
        reached = stop_failing();
        assert_true(status == SIGNET_OK || !store);
        signet_store_close(store);
    }
}

static void a_list_without_memory_is_an_error_and_not_half_a_list(void **state)
{
    fixture *f = *state;
    bool reached = true;
    for (int i = 0; i < 20; i++)
        free(login_at(f, "u1", T0 + i, NULL));
    for (long n = 0; reached; n++) {
        signet_job job = {.kind = SIGNET_JOB_LIST, .now_ms = T0 + 20, .user_id = text_of("u1")};
        left = n;
        signet_status status = run_job(f, &job);
        reached = stop_failing();
        assert_int_equal(job.sessions_n, status == SIGNET_OK ? 20 : 0);
        signet_job_clear(&job);
    }
}

static void a_revoke_all_without_memory_reports_no_success(void **state)
{
    fixture *f = *state;
    bool reached = true;
    for (long n = 0; reached; n++) {
        signet_job all = {.kind = SIGNET_JOB_REVOKE_ALL, .now_ms = T0 + n + 1, .user_id = text_of("u1")};
        char *token = login_at(f, "u1", T0 + n + 2, NULL);
        left = n;
        signet_status status = run_job(f, &all);
        reached = stop_failing();
        if (status == SIGNET_OK)
            refused_at(f, token, T0 + n + 1, SIGNET_ERR_SESSION_REVOKED);
        signet_job_clear(&all);
        free(token);
    }
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(a_rotation_without_memory_leaves_a_token_that_still_works),
        with_fixture(a_keyed_retry_without_memory_gets_the_successor_next_time),
        with_fixture(a_login_without_memory_returns_no_tokens_and_ends_no_session),
        cmocka_unit_test(an_auth_without_memory_is_an_error),
        with_fixture(a_change_of_secrets_without_memory_is_an_error_and_changes_nothing),
        cmocka_unit_test(a_store_without_memory_is_not_opened),
        with_fixture(a_list_without_memory_is_an_error_and_not_half_a_list),
        with_fixture(a_revoke_all_without_memory_reports_no_success),
    };
    if (!can_fail()) {
        puts("session_memory: skipped, since this run brings its own allocator (valgrind, sanitizer): make check runs "
             "it");
        return 0;
    }
    return cmocka_run_group_tests_name("session_memory", tests, NULL, NULL);
}
