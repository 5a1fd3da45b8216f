/* Changing the secrets of an auth in use: which changes are allowed, and what still uses the old ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <cmocka.h>

#include "session/auth.h"
#include "session_support.h"

#define T0 TEST_NOW
#define THIRD_SECRET "third-h1C6wN8pE3rA9tY5uJ2kX7zB4mQ0sL"

static signet_text texts[2];

/* The refresh secrets `first` and, unless NULL, `second`. */
static signet_secrets_change change_to(const char *first, const char *second, int64_t now_ms)
{
    texts[0] = text_of(first);
    texts[1] = text_of(second ? second : "");
    return (signet_secrets_change){.refresh_secrets = texts, .refresh_secrets_n = second ? 2 : 1, .now_ms = now_ms};
}

static signet_auth *changed(const signet_auth *auth, signet_secrets_change change)
{
    signet_auth *made = NULL;
    signet_error err;
    memset(&err, 0, sizeof err);
    if (signet_auth_with_secrets(auth, &change, &made, &err) != SIGNET_OK)
        fail_msg("%s: %s", err.field, err.detail);
    return made;
}

/* Changes the secrets of the fixture's auth. */
static void change(fixture *f, signet_secrets_change to)
{
    signet_auth *made = changed(f->auth, to);
    signet_auth_free(f->auth);
    f->auth = made;
}

static signet_error refused(const fixture *f, signet_secrets_change to)
{
    signet_auth *made = NULL;
    signet_error err;
    memset(&err, 0, sizeof err);
    assert_int_equal(signet_auth_with_secrets(f->auth, &to, &made, &err), SIGNET_ERR_SECRET);
    assert_null(made);
    for (size_t i = 0; i < 2; i++)
        assert_true(texts[i].len == 0 || !strstr(err.detail, texts[i].ptr));
    assert_int_equal(ERR_peek_error(), 0);
    return err;
}

static void a_secret_is_first_known_then_signs_then_can_go(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    change(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0 + 1));
    char *child = successor_at(f, token, T0 + 2);
    change(f, change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0 + 3));
    char *same = successor_at(f, token, T0 + 4), *grandchild = successor_at(f, child, T0 + 5);
    assert_string_equal(same, child);
    change(f, change_to(TEST_NEXT_SECRET, NULL, T0 + TEST_HOUR));
    char *last = successor_at(f, grandchild, T0 + TEST_HOUR - 1);
    refused_at(f, child, T0 + TEST_HOUR - 1, SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    free(token);
    free(child);
    free(same);
    free(grandchild);
    free(last);
}

static void a_current_secret_that_was_not_known_is_refused(void **state)
{
    fixture *f = *state;
    signet_error err = refused(f, change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0));
    assert_string_equal(err.field, "refreshSecret");
    assert_non_null(strstr(err.detail, "make it `next` in every process first"));
    signet_secrets_change forced = change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0);
    forced.force = true;
    change(f, forced);
    free(login_at(f, "u1", T0, NULL));
}

static void dropping_a_secret_is_refused_until_its_last_token_has_expired(void **state)
{
    fixture *f = *state;
    free(login_at(f, "u1", T0, NULL)); /* signed with TEST_REFRESH_SECRET, for an hour */
    change(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0));
    assert_non_null(strstr(refused(f, change_to(TEST_NEXT_SECRET, NULL, T0)).detail, "for up to 60 more minutes"));
    assert_non_null(strstr(refused(f, change_to(TEST_NEXT_SECRET, NULL, T0 + TEST_HOUR - 1000)).detail, "1 more"));
    change(f, change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0));
    /* every set with this secret knows until when it is in use */
    refused(f, change_to(TEST_NEXT_SECRET, THIRD_SECRET, T0));
    change(f, change_to(TEST_NEXT_SECRET, NULL, T0 + TEST_HOUR));
}

static void a_secret_counts_as_in_use_by_tokens_of_other_processes_too(void **state)
{
    fixture *f = *state;
    signet_refresh_token opened;
    char *token = login_at(f, "u1", T0, NULL);
    signet_auth_config config = sample_config();
    const signet_text both[] = {text_of(TEST_NEXT_SECRET), text_of(TEST_REFRESH_SECRET)};
    config.refresh_secrets = both;
    config.refresh_secrets_n = 2;
    fixture_configure(f, &config); /* a process that starts now and has seen no token */
    signet_auth_free(changed(f->auth, change_to(TEST_NEXT_SECRET, NULL, T0)));
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, T0, 0, &opened, NULL),
                     SIGNET_OK);
    refused(f, change_to(TEST_NEXT_SECRET, NULL, T0));
    free(token);
}

static void a_secret_that_never_signed_may_go_at_once(void **state)
{
    fixture *f = *state;
    free(login_at(f, "u1", T0, NULL));
    change(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0));
    change(f, change_to(TEST_REFRESH_SECRET, NULL, T0)); /* back again */
}

static void an_access_secret_is_in_use_as_long_as_its_tokens_are_valid(void **state)
{
    fixture *f = *state;
    const signet_text both[] = {text_of(TEST_NEXT_SECRET), text_of(TEST_ACCESS_SECRET)},
                      reversed[] = {text_of(TEST_ACCESS_SECRET), text_of(TEST_NEXT_SECRET)};
    free(login_at(f, "u1", T0, NULL));
    change(f, (signet_secrets_change){.access_secrets = reversed, .access_secrets_n = 2, .now_ms = T0});
    const signet_secrets_change drop = {.access_secrets = both, .access_secrets_n = 1, .now_ms = T0 + 899000};
    assert_string_equal(refused(f, drop).field, "accessSecret");
    change(f, (signet_secrets_change){.access_secrets = both, .access_secrets_n = 1, .now_ms = T0 + 900000});
}

static void an_access_token_that_was_verified_counts_too(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    const signet_text both[] = {text_of(TEST_NEXT_SECRET), text_of(TEST_ACCESS_SECRET)};
    signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1")};
    signet_token verified;
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    config.access_secrets = both;
    config.access_secrets_n = 2;
    fixture_configure(f, &config);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, job.access_token, strlen(job.access_token), T0 / 1000.0,
                                          &verified, NULL),
                     SIGNET_OK);
    refused(f, (signet_secrets_change){.access_secrets = both, .access_secrets_n = 1, .now_ms = T0});
    signet_job_clear(&job);
}

static void force_skips_only_the_checks_of_the_change(void **state)
{
    fixture *f = *state;
    free(login_at(f, "u1", T0, NULL));
    signet_secrets_change to = change_to("7#q", NULL, T0);
    to.force = true;
    assert_non_null(strstr(refused(f, to).detail, "shorter than 32"));
    to = change_to(TEST_ACCESS_SECRET, NULL, T0); /* the access secret, which the change leaves as it is */
    to.force = true;
    assert_non_null(strstr(refused(f, to).detail, "equal to accessSecret"));
    to = change_to(TEST_NEXT_SECRET, TEST_NEXT_SECRET, T0);
    to.force = true;
    assert_non_null(strstr(refused(f, to).detail, "twice"));
    to = change_to(THIRD_SECRET, NULL, T0);
    to.force = true;
    change(f, to);
}

static void a_call_keeps_the_secrets_that_it_began_with(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    change(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0));
    signet_refresh_token opened;
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, T0, 0, &opened, NULL),
                     SIGNET_OK);
    /* The order changes between the opening and the run: by its index, the job would use the other secret. */
    signet_auth *const before = f->auth;
    f->auth = changed(before, change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0));
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .auth = before, .now_ms = T0 + 1, .presented = &opened};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    char *again = successor_at(f, token, T0 + 2);
    assert_string_equal(again, job.refresh_token);
    free(successor_at(f, again, T0 + 3));
    signet_job_clear(&job);
    signet_auth_free(before);
    free(again);
    free(token);
}

static void the_hour_before_counts_from_the_last_change_of_the_refresh_secrets(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.now_ms = T0;
    fixture_configure(f, &config);
    change(f, change_to(TEST_REFRESH_SECRET, NULL, T0 + 9 * TEST_HOUR)); /* no change */
    assert_int_equal(f->auth->refresh_loaded_s, T0 / 1000);
    const signet_text access = text_of(TEST_ACCESS_SECRET);
    change(f, (signet_secrets_change){.access_secrets = &access, .access_secrets_n = 1, .now_ms = T0 + TEST_HOUR});
    assert_int_equal(f->auth->refresh_loaded_s, T0 / 1000);
    change(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0 + TEST_HOUR));
    assert_int_equal(f->auth->refresh_loaded_s, (T0 + TEST_HOUR) / 1000);
    change(f, change_to(TEST_REFRESH_SECRET, NULL, T0 + 2 * TEST_HOUR));
    assert_int_equal(f->auth->refresh_loaded_s, (T0 + 2 * TEST_HOUR) / 1000);
}

static void a_revoked_secret_verifies_nothing_and_can_be_dropped(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    change(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0));
    signet_secrets_change revoke = change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0);
    revoke.refresh_revoked_n = 1;
    change(f, revoke);
    assert_int_equal(f->auth->refresh.n, 1);
    assert_null(f->auth->refresh.at[1]->key);
    refused_at(f, token, T0 + 1, SIGNET_ERR_REFRESH_INVALID);
    const signet_text access = text_of(TEST_ACCESS_SECRET);
    change(f,
           (signet_secrets_change){.access_secrets = &access, .access_secrets_n = 1, .now_ms = T0}); /* it stays so */
    refused_at(f, token, T0 + 1, SIGNET_ERR_REFRESH_INVALID);
    /* It may be used again, but is not known: it did not verify. */
    refused(f, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0));
    signet_secrets_change none_left = change_to(TEST_NEXT_SECRET, TEST_REFRESH_SECRET, T0);
    none_left.refresh_revoked_n = 2;
    assert_non_null(strstr(refused(f, none_left).detail, "is missing"));
    free(token);
}

static void a_change_of_secrets_changes_nothing_else(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    const signet_text audiences[] = {text_of("a"), text_of("b")};
    config.issuer = text_of("i");
    config.audience = (signet_texts){audiences, 2};
    config.max_sessions_per_user = 7;
    config.on_reuse = SIGNET_ON_REUSE_USER;
    config.on_suspect = SIGNET_ON_SUSPECT_REVOKE;
    config.legacy_secret = text_of(TEST_LEGACY_SECRET);
    config.legacy_until_ms = T0;
    config.legacy_user_claim = text_of("uid");
    config.now_ms = T0;
    fixture_configure(f, &config);
    signet_auth *made = changed(f->auth, change_to(TEST_REFRESH_SECRET, TEST_NEXT_SECRET, T0));
    assert_int_equal(made->registered.len, f->auth->registered.len);
    assert_memory_equal(made->registered.ptr, f->auth->registered.ptr, made->registered.len);
    assert_string_equal(made->config.legacy_user_claim.ptr, "uid");
    assert_ptr_equal(made->legacy_secret, f->auth->legacy_secret);
    const signet_auth_config one = made->config, other = f->auth->config;
    assert_int_equal(one.audience.n, other.audience.n);
    assert_int_equal(one.access_expires_in_s, other.access_expires_in_s);
    assert_int_equal(one.refresh_expires_in_s, other.refresh_expires_in_s);
    assert_int_equal(one.session_expires_in_s, other.session_expires_in_s);
    assert_int_equal(one.grace_period_ms, other.grace_period_ms);
    assert_int_equal(one.max_sessions_per_user, other.max_sessions_per_user);
    assert_int_equal(one.legacy_until_ms, other.legacy_until_ms);
    assert_int_equal(one.on_reuse, SIGNET_ON_REUSE_USER);
    assert_int_equal(one.on_suspect, SIGNET_ON_SUSPECT_REVOKE);
    signet_auth_free(made);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(a_secret_is_first_known_then_signs_then_can_go),
        with_fixture(a_current_secret_that_was_not_known_is_refused),
        with_fixture(dropping_a_secret_is_refused_until_its_last_token_has_expired),
        with_fixture(a_secret_counts_as_in_use_by_tokens_of_other_processes_too),
        with_fixture(a_secret_that_never_signed_may_go_at_once),
        with_fixture(an_access_secret_is_in_use_as_long_as_its_tokens_are_valid),
        with_fixture(an_access_token_that_was_verified_counts_too),
        with_fixture(force_skips_only_the_checks_of_the_change),
        with_fixture(a_call_keeps_the_secrets_that_it_began_with),
        with_fixture(the_hour_before_counts_from_the_last_change_of_the_refresh_secrets),
        with_fixture(a_revoked_secret_verifies_nothing_and_can_be_dropped),
        with_fixture(a_change_of_secrets_changes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
