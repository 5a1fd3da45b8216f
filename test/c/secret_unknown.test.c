/* Tokens signed with a secret that this process lacks: the client shall try again only if another process may have
 * signed the token recently. */
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
#define HOUR_S 3600
#define DAY_S 86400
#define KID "abcdefghi_-"

/* An auth whose refresh secret is `secret`, loaded at `loaded_ms`; its tokens last for ten days. */
static void configure(fixture *f, const char *secret, int64_t loaded_ms)
{
    static signet_text text;
    signet_auth_config config = sample_config();
    text = text_of(secret);
    config.refresh_secrets = &text;
    config.refresh_expires_in_s = config.session_expires_in_s = 10 * DAY_S;
    config.now_ms = loaded_ms;
    fixture_configure(f, &config);
}

static signet_status said_with(fixture *f, const char *token, int64_t loaded_ms, int64_t now_ms, unsigned flags)
{
    signet_refresh_token opened;
    signet_error err;
    configure(f, TEST_REFRESH_SECRET, loaded_ms);
    memset(&err, 0, sizeof err);
    signet_status status =
        signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, now_ms, flags, &opened, &err);
    assert_int_equal(err.status, status);
    if (status == SIGNET_ERR_REFRESH_KEY_UNKNOWN)
        assert_non_null(strstr(err.detail, "docs/keys.md"));
    assert_int_equal(ERR_peek_error(), 0);
    return status;
}

/* The answer, at `now_ms`, of a process that loaded its only secret at `loaded_ms`, to another's token of T0. */
static signet_status said(fixture *f, const char *token, int64_t loaded_ms, int64_t now_ms)
{
    return said_with(f, token, loaded_ms, now_ms, 0);
}

static char *signed_elsewhere(fixture *f)
{
    configure(f, TEST_NEXT_SECRET, T0);
    return login_at(f, "u1", T0, NULL);
}

static void a_token_that_another_process_signed_recently_is_for_another_try(void **state)
{
    fixture *f = *state;
    char *token = signed_elsewhere(f);
    const int64_t long_ago = T0 - 30 * (int64_t)DAY_S * 1000;
    assert_int_equal(said(f, token, long_ago, T0), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said(f, token, long_ago, T0 + DAY_S * 1000), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said(f, token, long_ago, T0 + (DAY_S + 1) * 1000), SIGNET_ERR_REFRESH_INVALID);
    /* a process whose clock is behind */
    assert_int_equal(said(f, token, long_ago, T0 - 5000), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    free(token);
}

static void a_token_signed_an_hour_before_this_process_got_its_secrets_is_invalid(void **state)
{
    fixture *f = *state;
    char *token = signed_elsewhere(f);
    const int64_t hour_ms = HOUR_S * 1000;
    assert_int_equal(said(f, token, T0 + hour_ms, T0 + 2 * hour_ms), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said(f, token, T0 + hour_ms + 1000, T0 + 2 * hour_ms), SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

static void a_clock_days_ahead_when_the_secrets_were_loaded_ends_no_session(void **state)
{
    fixture *f = *state;
    char *token = signed_elsewhere(f);
    const int64_t ahead = T0 + 8 * (int64_t)DAY_S * 1000;
    assert_int_equal(said(f, token, ahead, T0 + 60000), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said(f, token, ahead, T0 + HOUR_S * 1000), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    free(token);
}

static void an_expired_token_is_invalid_whoever_signed_it(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    const signet_text next = text_of(TEST_NEXT_SECRET);
    config.refresh_secrets = &next;
    config.refresh_expires_in_s = HOUR_S;
    fixture_configure(f, &config);
    char *token = login_at(f, "u1", T0, NULL);
    assert_int_equal(said(f, token, T0, T0 + HOUR_S * 1000 - 1), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said(f, token, T0, T0 + HOUR_S * 1000), SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

static void while_the_clock_is_unsure_no_token_signed_elsewhere_is_invalid_by_its_times(void **state)
{
    fixture *f = *state;
    char *token = signed_elsewhere(f);
    const int64_t days_ms = 8 * (int64_t)DAY_S * 1000, unsure[] = {T0 - days_ms, T0 + days_ms, T0 + 2 * days_ms};
    for (size_t i = 0; i < sizeof unsure / sizeof unsure[0]; i++)
        assert_int_equal(said_with(f, token, unsure[i], unsure[i], SIGNET_REFRESH_UNSURE),
                         SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said(f, token, T0 + days_ms, T0 + days_ms), SIGNET_ERR_REFRESH_INVALID);
    /* a logout has no reason to wait */
    assert_int_equal(said_with(f, token, T0 + days_ms, T0 + days_ms, SIGNET_REFRESH_EXPIRED),
                     SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

/* Signed with an unknown secret. */
static signet_status said_to(fixture *f, signet_alg alg, const char *typ, const char *kid, const char *payload)
{
    signet_key *key = NULL;
    signet_text made;
    const signet_sign_request request = {.alg = alg,
                                         .typ = text_of(typ),
                                         .kid = kid ? text_of(kid) : (signet_text){NULL, 0},
                                         .payload = text_of(payload)};
    assert_int_equal(signet_key_from_secret("a secret of a stranger, of 40 bytes and more", 44, &key, NULL), SIGNET_OK);
    assert_int_equal(signet_sign(key, f->scratch, &request, &made, NULL), SIGNET_OK);
    char *token = strndup(made.ptr, made.len);
    const signet_status status = said(f, token, T0, T0);
    free(token);
    signet_key_free(key);
    return status;
}

static void a_token_of_another_form_is_invalid(void **state)
{
    fixture *f = *state;
    static const char good[] = "{\"iat\":1700000000,\"exp\":1700003600}";
    static const char *const kids[] = {NULL, "", "abcdefghi_", "abcdefghi_-a", "abcdefghi_+", "abcdefghi_\\n"};
    static const char *const payloads[] = {
        "null",
        "{\"exp\":1700003600}",
        "{\"iat\":1700000000}",
        "{\"iat\":\"1700000000\",\"exp\":1700003600}",
        "{\"iat\":1700000000,\"exp\":1e300}",
        "{\"iat\":1700000000,\"iat\":1700000000,\"exp\":1700003600}",
        "{\"iat\":1700000000,\"exp\":1700003600",
    };
    assert_int_equal(said_to(f, SIGNET_HS256, "rt+jwt", KID, good), SIGNET_ERR_REFRESH_KEY_UNKNOWN);
    assert_int_equal(said_to(f, SIGNET_HS512, "rt+jwt", KID, good), SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(said_to(f, SIGNET_HS256, "at+jwt", KID, good), SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(said_to(f, SIGNET_HS256, "JWT", KID, good), SIGNET_ERR_REFRESH_INVALID);
    for (size_t i = 0; i < sizeof kids / sizeof kids[0]; i++)
        assert_int_equal(said_to(f, SIGNET_HS256, "rt+jwt", kids[i], good), SIGNET_ERR_REFRESH_INVALID);
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
        assert_int_equal(said_to(f, SIGNET_HS256, "rt+jwt", KID, payloads[i]), SIGNET_ERR_REFRESH_INVALID);
}

static void a_forged_token_with_a_known_kid_is_invalid(void **state)
{
    fixture *f = *state;
    configure(f, TEST_REFRESH_SECRET, T0);
    char *token = login_at(f, "u1", T0, NULL), *signature = strrchr(token, '.') + 1;
    signature[3] = signature[3] == 'A' ? 'B' : 'A';
    assert_int_equal(said(f, token, T0, T0), SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

static void an_access_token_that_another_process_signed_differs_from_a_forged_one(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    const signet_text next = text_of(TEST_NEXT_SECRET);
    signet_token verified;
    signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1")};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    config.access_secrets = &next;
    fixture_configure(f, &config);
    const size_t len = strlen(job.access_token);
    /* whatever its times: an old one must be refreshed, as an expired one must */
    for (int64_t later_s = 0; later_s < 10 * DAY_S; later_s += DAY_S)
        assert_int_equal(
            signet_access_verify(f->auth, f->scratch, job.access_token, len, T0 / 1000.0 + later_s, &verified, NULL),
            SIGNET_ERR_KEY_UNKNOWN);
    assert_int_equal(signet_status_http(SIGNET_ERR_KEY_UNKNOWN), 401);
    char *forged = forge("at+jwt", TEST_ACCESS_SECRET, "{\"sub\":\"u1\"}"); /* without a kid */
    assert_int_equal(signet_access_verify(f->auth, f->scratch, forged, strlen(forged), T0 / 1000.0, &verified, NULL),
                     SIGNET_ERR_SIGNATURE);
    free(forged);
    signet_job_clear(&job);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(a_token_that_another_process_signed_recently_is_for_another_try),
        with_fixture(a_token_signed_an_hour_before_this_process_got_its_secrets_is_invalid),
        with_fixture(a_clock_days_ahead_when_the_secrets_were_loaded_ends_no_session),
        with_fixture(an_expired_token_is_invalid_whoever_signed_it),
        with_fixture(while_the_clock_is_unsure_no_token_signed_elsewhere_is_invalid_by_its_times),
        with_fixture(a_token_of_another_form_is_invalid),
        with_fixture(a_forged_token_with_a_known_kid_is_invalid),
        with_fixture(an_access_token_that_another_process_signed_differs_from_a_forged_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
