/* The rules of rotation: a presented token is rotated, retried, reused, or something else. */
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

#define T0 TEST_NOW
#define GRACE 30000

/* ------------------------------------------------------------------ the current token */

static void the_current_token_is_rotated_for_a_new_pair(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .claims = text_of("{\"isAdmin\":true}")};
    signet_token verified;
    assert_int_equal(rotate_at(f, token, T0 + 1000, &job), SIGNET_OK);
    assert_int_equal(job.event, SIGNET_EVENT_ROTATE);
    assert_string_not_equal(job.refresh_token, token);
    assert_int_equal(job.access_expires_in_s, 900);
    assert_int_equal(job.refresh_expires_in_s, (job.session.expires_at_ms - (T0 + 1000)) / 1000);
    assert_int_equal(job.session.generation, 1);
    assert_int_equal(job.session.rotated_at_ms, T0 + 1000);
    assert_string_equal(job.session.user_id, "u1");
    assert_int_equal(signet_access_verify(f->auth, f->scratch, job.access_token, strlen(job.access_token),
                                          (T0 + 2000) / 1000.0, &verified, NULL),
                     SIGNET_OK);
    assert_non_null(strstr(payload_of(job.access_token), "\"isAdmin\":true"));
    assert_non_null(strstr(payload_of(job.access_token), job.session.id));
    signet_job_clear(&job);
    free(token);
}

static void a_chain_of_rotations_goes_on(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    for (int i = 1; i <= 20; i++) {
        char *next = successor_at(f, token, T0 + i * 60000);
        free(token);
        token = next;
    }
    assert_non_null(strstr(payload_of(token), "\"gen\":20"));
    free(token);
}

static void two_tokens_of_the_same_millisecond_differ(void **state)
{
    fixture *f = *state;
    char *one = login_at(f, "u1", T0, NULL), *other = login_at(f, "u1", T0, NULL);
    signet_job a = {.kind = SIGNET_JOB_ROTATE}, b = {.kind = SIGNET_JOB_ROTATE};
    assert_string_not_equal(one, other);
    assert_int_equal(rotate_at(f, one, T0, &a), SIGNET_OK);
    assert_int_equal(rotate_at(f, one, T0, &b), SIGNET_OK);
    assert_string_equal(a.refresh_token, b.refresh_token);
    assert_string_not_equal(a.access_token, b.access_token);
    signet_job_clear(&a);
    signet_job_clear(&b);
    free(one);
    free(other);
}

static void another_users_token_is_refused_before_the_store_is_asked(void **state)
{
    fixture *f = *state;
    signet_refresh_token opened;
    char *token = login_at(f, "u1", T0, NULL);
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, token, strlen(token), "u2", T0, 0, &opened, NULL),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, token, strlen(token), "u1", T0, 0, &opened, NULL),
                     SIGNET_OK);
    free(token);
}

static void unusable_claims_leave_the_token_valid(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .claims = text_of("{\"sub\":\"u2\"}")};
    assert_int_equal(rotate_at(f, token, T0 + 1, &job), SIGNET_ERR_OPTION);
    assert_string_equal(job.error.field, "sub");
    assert_null(job.access_token);
    signet_job_clear(&job);
    signet_job good = {.kind = SIGNET_JOB_ROTATE};
    assert_int_equal(rotate_at(f, token, T0 + 2, &good), SIGNET_OK);
    assert_int_equal(good.event, SIGNET_EVENT_ROTATE);
    signet_job_clear(&good);
    free(token);
}

/* ------------------------------------------------------------------ retries */

static void a_retry_within_the_grace_period_gets_the_same_successor(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    char *first = successor_at(f, token, T0 + 1000);
    for (int i = 1; i <= 20; i++) {
        signet_job job = {.kind = SIGNET_JOB_ROTATE};
        assert_int_equal(rotate_at(f, token, T0 + 1000 + i * 100, &job), SIGNET_OK);
        assert_int_equal(job.event, SIGNET_EVENT_RETRY);
        assert_string_equal(job.refresh_token, first);
        assert_int_equal(job.session.retries, i);
        signet_job_clear(&job);
    }
    free(successor_at(f, first, T0 + 4000));
    free(first);
    free(token);
}

static void the_grace_period_ends_just_after_its_last_millisecond(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    char *first = successor_at(f, token, T0 + 1000), *same = successor_at(f, token, T0 + 1000 + GRACE);
    assert_string_equal(first, same);
    assert_int_equal(refused_at(f, token, T0 + 1000 + GRACE + 1, SIGNET_ERR_REFRESH_REUSED), SIGNET_EVENT_REUSE);
    free(first);
    free(same);
    free(token);
}

static void retries_do_not_extend_the_grace_period(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    for (int i = 0; i <= 3; i++)
        free(successor_at(f, token, T0 + i * 10000));
    refused_at(f, token, T0 + GRACE + 1, SIGNET_ERR_REFRESH_REUSED);
    free(token);
}

static void the_grace_period_does_not_extend_to_a_grandparent(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    char *child = successor_at(f, token, T0 + 1000), *grandchild = successor_at(f, child, T0 + 2000);
    assert_int_equal(refused_at(f, token, T0 + 1000 + GRACE, SIGNET_ERR_REFRESH_SUPERSEDED), SIGNET_EVENT_STRAGGLER);
    assert_int_equal(refused_at(f, token, T0 + 1001 + GRACE, SIGNET_ERR_REFRESH_REUSED), SIGNET_EVENT_REUSE);
    refused_at(f, grandchild, T0 + 1002 + GRACE, SIGNET_ERR_SESSION_REVOKED);
    free(token);
    free(child);
    free(grandchild);
}

static void without_a_grace_period_the_parent_is_reuse_immediately(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.grace_period_ms = 0;
    fixture_configure(f, &config);
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1);
    refused_at(f, token, T0 + 1, SIGNET_ERR_REFRESH_REUSED);
    refused_at(f, child, T0 + 2, SIGNET_ERR_SESSION_REVOKED);
    free(token);
    free(child);
}

static void strict_works_as_no_grace_period_does(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1);
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .strict = true};
    assert_int_equal(rotate_at(f, token, T0 + 2, &job), SIGNET_ERR_REFRESH_REUSED);
    signet_job_clear(&job);
    refused_at(f, child, T0 + 3, SIGNET_ERR_SESSION_REVOKED);
    free(token);
    free(child);
}

static void an_exchange_in_the_future_has_age_0_and_is_never_reuse(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 60000);
    char *same = successor_at(f, token, T0 + 54000), *also = successor_at(f, token, T0);
    assert_string_equal(child, same);
    assert_string_equal(child, also);
    free(also);
    free(token);
    free(child);
    free(same);
}

static void a_rotation_with_the_clock_set_back_still_rotates_the_current_token(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 60000);
    char *grandchild = successor_at(f, child, T0 - 60000);
    free(successor_at(f, grandchild, T0));
    free(token);
    free(child);
    free(grandchild);
}

static void a_retry_reports_another_user_agent_and_succeeds(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1);
    signet_job other = {.kind = SIGNET_JOB_ROTATE, .client = {.user_agent = text_of("curl")}};
    signet_job same = {.kind = SIGNET_JOB_ROTATE, .client = {.user_agent = text_of("Firefox")}};
    assert_int_equal(rotate_at(f, token, T0 + 2, &other), SIGNET_OK);
    assert_true(other.user_agent_changed);
    assert_string_equal(other.refresh_token, child);
    assert_int_equal(rotate_at(f, token, T0 + 3, &same), SIGNET_OK);
    assert_false(same.user_agent_changed);
    signet_job_clear(&other);
    signet_job_clear(&same);
    free(token);
    free(child);
}

static void a_suspect_retry_ends_the_session_if_so_configured(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.on_suspect = SIGNET_ON_SUSPECT_REVOKE;
    fixture_configure(f, &config);
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1);
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .client = {.user_agent = text_of("curl")}};
    assert_int_equal(rotate_at(f, token, T0 + 2, &job), SIGNET_ERR_SESSION_REVOKED);
    assert_int_equal(job.event, SIGNET_EVENT_REVOKE);
    assert_string_equal(job.reason, "suspect");
    assert_string_equal(job.session.revoked_for, "suspect");
    assert_null(job.refresh_token);
    signet_job_clear(&job);
    refused_at(f, child, T0 + 3, SIGNET_ERR_SESSION_REVOKED);
    free(token);
    free(child);
}

/* ------------------------------------------------------------------ secrets that change */

static void secrets(signet_auth_config *config, const char *first, const char *second)
{
    static signet_text texts[2];
    texts[0] = text_of(first);
    texts[1] = text_of(second ? second : "");
    config->refresh_secrets = texts;
    config->refresh_secrets_n = second ? 2 : 1;
}

static void a_retry_after_a_change_of_secrets_gets_the_same_successor(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1);
    secrets(&config, TEST_NEXT_SECRET, TEST_REFRESH_SECRET);
    fixture_configure(f, &config);
    char *same = successor_at(f, token, T0 + 2), *grandchild = successor_at(f, child, T0 + 3);
    assert_string_equal(same, child);
    secrets(&config, TEST_NEXT_SECRET, NULL);
    fixture_configure(f, &config);
    free(successor_at(f, grandchild, T0 + 4));
    refused_at(f, child, T0 + 5, SIGNET_ERR_REFRESH_KEY_UNKNOWN); /* signed with the secret that was removed */
    free(token);
    free(child);
    free(same);
    free(grandchild);
}

static void a_process_without_the_newest_secret_asks_for_another_try_and_changes_nothing(void **state)
{
    fixture *f = *state;
    signet_auth_config old = sample_config(), newer = sample_config();
    char *token = login_at(f, "u1", T0, NULL);
    secrets(&newer, TEST_NEXT_SECRET, TEST_REFRESH_SECRET);
    fixture_configure(f, &newer);
    char *child = successor_at(f, token, T0 + 1);
    fixture_configure(f, &old);
    assert_int_equal(refused_at(f, token, T0 + 2, SIGNET_ERR_REFRESH_KEY_UNKNOWN), SIGNET_EVENT_NONE);
    secrets(&newer, TEST_NEXT_SECRET, TEST_REFRESH_SECRET);
    fixture_configure(f, &newer);
    char *same = successor_at(f, token, T0 + 3);
    assert_string_equal(same, child);
    free(token);
    free(child);
    free(same);
}

/* ------------------------------------------------------------------ reuse */

static void reuse_ends_only_its_session(void **state)
{
    fixture *f = *state;
    char *other = login_at(f, "u1", T0, NULL), *token = login_at(f, "u1", T0, NULL);
    char *child = successor_at(f, token, T0 + 1), *grandchild = successor_at(f, child, T0 + 2);
    signet_job job = {.kind = SIGNET_JOB_ROTATE};
    const int64_t after = T0 + 2 + GRACE;
    assert_int_equal(rotate_at(f, token, after, &job), SIGNET_ERR_REFRESH_REUSED);
    assert_int_equal(job.event, SIGNET_EVENT_REUSE);
    assert_string_equal(job.reason, "reuse");
    assert_int_equal(job.session.revoked_at_ms, after);
    signet_job_clear(&job);
    /* only the job that wrote the change reports it */
    assert_int_equal(refused_at(f, token, after + 1, SIGNET_ERR_SESSION_REVOKED), SIGNET_EVENT_NONE);
    assert_int_equal(refused_at(f, child, after + 1, SIGNET_ERR_SESSION_REVOKED), SIGNET_EVENT_NONE);
    assert_int_equal(refused_at(f, grandchild, after + 1, SIGNET_ERR_SESSION_REVOKED), SIGNET_EVENT_NONE);
    free(successor_at(f, other, after + 2));
    free(other);
    free(token);
    free(child);
    free(grandchild);
}

static void the_parent_of_a_successor_never_rotated_is_a_late_retry(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_job job = {.kind = SIGNET_JOB_ROTATE};
    free(successor_at(f, token, T0));
    assert_int_equal(rotate_at(f, token, T0 + GRACE + 1, &job), SIGNET_ERR_REFRESH_REUSED);
    assert_string_equal(job.reason, "late-retry");
    assert_string_equal(job.session.revoked_for, "late-retry");
    signet_job_clear(&job);
    free(token);
}

static void reuse_ends_all_sessions_of_the_user_if_so_configured(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.on_reuse = SIGNET_ON_REUSE_USER;
    fixture_configure(f, &config);
    char *second = login_at(f, "u1", T0, NULL), *stranger = login_at(f, "u2", T0, NULL),
         *token = login_at(f, "u1", T0, NULL);
    free(successor_at(f, token, T0 + 1));
    signet_job job = {.kind = SIGNET_JOB_ROTATE};
    assert_int_equal(rotate_at(f, token, T0 + GRACE + 2, &job), SIGNET_ERR_REFRESH_REUSED);
    assert_int_equal(job.count, 2);
    assert_int_equal(job.sessions_n, 1);
    assert_string_equal(job.sessions[0].revoked_for, "reuse");
    signet_job_clear(&job);
    refused_at(f, second, T0 + GRACE + 3, SIGNET_ERR_SESSION_REVOKED);
    free(successor_at(f, stranger, T0 + GRACE + 3));
    free(token);
    free(second);
    free(stranger);
}

/* ------------------------------------------------------------------ claims that are refused */

static void null_claims_for_the_current_token_or_a_retry_end_the_session(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        char *token = login_at(f, "u1", T0, NULL);
        signet_job job = {.kind = SIGNET_JOB_ROTATE, .end_session = true};
        if (i == 1)
            free(successor_at(f, token, T0 + 1));
        assert_int_equal(rotate_at(f, token, T0 + 2, &job), SIGNET_ERR_SESSION_REVOKED);
        assert_int_equal(job.event, SIGNET_EVENT_REVOKE);
        assert_string_equal(job.reason, "claims");
        assert_string_equal(job.session.revoked_for, "claims");
        assert_null(job.refresh_token);
        signet_job_clear(&job);
        free(token);
    }
}

static signet_status without_claims(fixture *f, const char *token, int64_t now_ms)
{
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .end_session = true};
    const signet_status status = rotate_at(f, token, now_ms, &job);
    signet_job_clear(&job);
    return status;
}

static signet_status unreachable_revoke(signet_store *store, const char *session_id, const char *user_id,
                                        const char *reason, int64_t now_ms, signet_record *after, bool *matched,
                                        signet_error *err)
{
    (void)store, (void)session_id, (void)user_id, (void)reason, (void)now_ms, (void)after, (void)matched;
    memset(err, 0, sizeof *err);
    return err->status = SIGNET_ERR_STORE_UNAVAILABLE;
}

/* After the rotation, "nothing has changed" would be false. A retry that was only counted has changed nothing. */
static void a_store_that_fails_after_the_rotation_is_an_unknown_outcome(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    const signet_store_ops *const whole = f->store->ops;
    signet_store_ops failing = *whole;
    failing.revoke = unreachable_revoke;
    f->store->ops = &failing;
    assert_int_equal(without_claims(f, token, T0 + 1), SIGNET_ERR_STORE_TIMEOUT);
    assert_int_equal(without_claims(f, token, T0 + 2), SIGNET_ERR_STORE_UNAVAILABLE);
    f->store->ops = whole;
    assert_int_equal(without_claims(f, token, T0 + 3), SIGNET_ERR_SESSION_REVOKED);
    free(token);
}

static void null_claims_for_an_old_token_are_still_reuse(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1);
    free(successor_at(f, child, T0 + 2));
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .end_session = true};
    assert_int_equal(rotate_at(f, token, T0 + 2 + GRACE, &job), SIGNET_ERR_REFRESH_REUSED);
    assert_int_equal(job.event, SIGNET_EVENT_REUSE);
    signet_job_clear(&job);
    free(token);
    free(child);
}

static void no_refusal_leaves_an_error_in_openssls_queue(void **state)
{
    fixture *f = *state;
    refused_at(f, "a.b.c", T0, SIGNET_ERR_REFRESH_INVALID);
    refused_at(f, "", T0, SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(ERR_peek_error(), 0);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(the_current_token_is_rotated_for_a_new_pair),
        with_fixture(a_chain_of_rotations_goes_on),
        with_fixture(two_tokens_of_the_same_millisecond_differ),
        with_fixture(another_users_token_is_refused_before_the_store_is_asked),
        with_fixture(unusable_claims_leave_the_token_valid),
        with_fixture(a_retry_within_the_grace_period_gets_the_same_successor),
        with_fixture(the_grace_period_ends_just_after_its_last_millisecond),
        with_fixture(retries_do_not_extend_the_grace_period),
        with_fixture(the_grace_period_does_not_extend_to_a_grandparent),
        with_fixture(without_a_grace_period_the_parent_is_reuse_immediately),
        with_fixture(strict_works_as_no_grace_period_does),
        with_fixture(an_exchange_in_the_future_has_age_0_and_is_never_reuse),
        with_fixture(a_rotation_with_the_clock_set_back_still_rotates_the_current_token),
        with_fixture(a_retry_reports_another_user_agent_and_succeeds),
        with_fixture(a_suspect_retry_ends_the_session_if_so_configured),
        with_fixture(a_retry_after_a_change_of_secrets_gets_the_same_successor),
        with_fixture(a_process_without_the_newest_secret_asks_for_another_try_and_changes_nothing),
        with_fixture(reuse_ends_only_its_session),
        with_fixture(the_parent_of_a_successor_never_rotated_is_a_late_retry),
        with_fixture(reuse_ends_all_sessions_of_the_user_if_so_configured),
        with_fixture(null_claims_for_the_current_token_or_a_retry_end_the_session),
        with_fixture(a_store_that_fails_after_the_rotation_is_an_unknown_outcome),
        with_fixture(null_claims_for_an_old_token_are_still_reuse),
        with_fixture(no_refusal_leaves_an_error_in_openssls_queue),
    };
    return cmocka_run_group_tests_name("rotate", tests, NULL, NULL);
}
