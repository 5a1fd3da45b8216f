/* The limits of a session, and tokens that are neither current nor old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session_support.h"

#define T0 TEST_NOW

/* ------------------------------------------------------------------ limits */

static void a_token_is_refused_from_its_last_second_on(void **state)
{
    fixture *f = *state;
    const int64_t odd = T0 + 123; /* iat and exp are whole seconds: the idle limit counts from T0 */
    char *token = login_at(f, "u1", odd, NULL);
    refused_at(f, token, T0 + TEST_HOUR, SIGNET_ERR_REFRESH_EXPIRED);
    free(successor_at(f, token, T0 + TEST_HOUR - 1));
    free(token);
}

static void rotations_extend_the_idle_limit_but_not_the_absolute_one(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    for (int i = 1; i <= 19; i++) {
        char *next = successor_at(f, token, T0 + i * TEST_HOUR / 2);
        free(token);
        token = next;
    }
    /* 9.5 hours: the idle limit would be 10.5 */
    signet_job job = {.kind = SIGNET_JOB_ROTATE};
    assert_int_equal(rotate_at(f, token, T0 + 10 * TEST_HOUR - 1000, &job), SIGNET_OK);
    assert_int_equal(job.session.expires_at_ms, T0 + 10 * TEST_HOUR);
    assert_int_equal(job.access_expires_in_s, 1); /* an access token never outlives its session */
    refused_at(f, job.refresh_token, T0 + 10 * TEST_HOUR, SIGNET_ERR_REFRESH_EXPIRED);
    signet_job_clear(&job);
    free(token);
}

static void a_token_that_expired_while_it_waited_is_refused_by_the_record(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_refresh_token opened;
    assert_int_equal(
        signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, T0 + TEST_HOUR - 1, 0, &opened, NULL),
        SIGNET_OK);
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .presented = &opened, .now_ms = T0 + TEST_HOUR};
    assert_int_equal(run_job(f, &job), SIGNET_ERR_REFRESH_EXPIRED);
    assert_string_equal(job.session.id, opened.session_id); /* the record says so */
    signet_job_clear(&job);
    free(token);
}

static void an_idle_limit_given_at_login_stays_with_the_session(void **state)
{
    fixture *f = *state;
    signet_job login = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1"), .refresh_ttl_s = 60};
    assert_int_equal(run_job(f, &login), SIGNET_OK);
    char *next = successor_at(f, login.refresh_token, T0 + 59000);
    assert_non_null(strstr(payload_of(next), "\"idle\":60"));
    refused_at(f, next, T0 + 59000 + 60000, SIGNET_ERR_REFRESH_EXPIRED);
    signet_job_clear(&login);
    free(next);
}

/* ------------------------------------------------------------------ anything else */

static void a_missing_session_is_unknown(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_store_close(f->store);
    f->store = open_sqlite(":memory:");
    assert_int_equal(refused_at(f, token, T0 + 1, SIGNET_ERR_SESSION_UNKNOWN), SIGNET_EVENT_NONE);
    free(token);
}

static void a_forged_token_of_the_current_generation_is_invalid_and_ends_nothing(void **state)
{
    fixture *f = *state;
    char session_id[SIGNET_SESSION_ID_LEN + 1], payload[512];
    char *token = login_at(f, "u1", T0, session_id);
    snprintf(payload, sizeof payload,
             "{\"sub\":\"u1\",\"sid\":\"%s\",\"jti\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"gen\":0,\"iat\":%lld,\"exp\":%lld,"
             "\"end\":%lld}",
             session_id, (long long)T0 / 1000, (long long)T0 / 1000 + 3600, (long long)T0 / 1000 + 36000);
    char *forged = forge("rt+jwt", TEST_REFRESH_SECRET, payload);
    assert_int_equal(refused_at(f, forged, T0 + 1, SIGNET_ERR_REFRESH_INVALID), SIGNET_EVENT_NONE);
    free(successor_at(f, token, T0 + 2));
    free(forged);
    free(token);
}

static void a_token_newer_than_a_restored_store_is_a_rollback_and_revokes_nothing(void **state)
{
    void *folder = NULL;
    fixture *f;
    signet_store *restored;
    assert_int_equal(scratch_folder_setup(&folder), 0);
    assert_int_equal(fixture_setup(state), 0);
    f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    char *child = successor_at(f, token, T0 + 1);
    signet_job backup = {.kind = SIGNET_JOB_BACKUP, .now_ms = T0, .path = scratch_path(&folder, "backup.db")};
    assert_int_equal(run_job(f, &backup), SIGNET_OK);
    char *grandchild = successor_at(f, child, T0 + 60000);
    restored = open_sqlite(scratch_path(&folder, "backup.db"));
    signet_store_close(f->store);
    f->store = restored;
    assert_int_equal(refused_at(f, grandchild, T0 + 60001, SIGNET_ERR_SESSION_UNKNOWN), SIGNET_EVENT_ROLLBACK);
    free(successor_at(f, child, T0 + 60002));
    free(token);
    free(child);
    free(grandchild);
    assert_int_equal(fixture_teardown(state), 0);
    assert_int_equal(scratch_folder_teardown(&folder), 0);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(a_token_is_refused_from_its_last_second_on),
        with_fixture(rotations_extend_the_idle_limit_but_not_the_absolute_one),
        with_fixture(a_token_that_expired_while_it_waited_is_refused_by_the_record),
        with_fixture(an_idle_limit_given_at_login_stays_with_the_session),
        with_fixture(a_missing_session_is_unknown),
        with_fixture(a_forged_token_of_the_current_generation_is_invalid_and_ends_nothing),
        cmocka_unit_test(a_token_newer_than_a_restored_store_is_a_rollback_and_revokes_nothing),
    };
    return cmocka_run_group_tests_name("rotate_limits", tests, NULL, NULL);
}
