/* What an app can configure: secrets and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include <cmocka.h>

#include "session/auth.h"
#include "session_support.h"

static signet_error refused(const signet_auth_config *config, signet_status expected, const char *field)
{
    signet_auth *auth = NULL;
    signet_error err;
    memset(&err, 0, sizeof err);
    assert_string_equal(signet_status_name(signet_auth_new(config, &auth, &err)), signet_status_name(expected));
    assert_null(auth);
    assert_string_equal(err.field, field);
    assert_int_equal(ERR_peek_error(), 0);
    return err;
}

static signet_error refused_secret(const char *secret)
{
    signet_auth_config config = sample_config();
    signet_text text = secret ? text_of(secret) : (signet_text){NULL, 0};
    config.access_secrets = &text;
    signet_error err = refused(&config, SIGNET_ERR_SECRET, "accessSecret");
    assert_non_null(strstr(err.detail, "randomBytes(32)"));
    if (secret && *secret && strlen(secret) > 8)
        assert_null(strstr(err.detail, secret));
    return err;
}

/* ------------------------------------------------------------------ secrets */

static void a_missing_secret_is_named_with_the_command_that_makes_one(void **state)
{
    signet_auth_config config = sample_config();
    (void)state;
    config.refresh_secrets_n = 0;
    signet_error err = refused(&config, SIGNET_ERR_SECRET, "refreshSecret");
    assert_non_null(strstr(err.detail, "refreshSecret is missing"));
    assert_non_null(strstr(err.detail, "toString('base64url'))\""));
    assert_non_null(strstr(refused_secret(NULL).detail, "is empty"));
    assert_non_null(strstr(refused_secret("").detail, "is empty"));
}

static void a_secret_of_31_bytes_is_too_short_and_of_32_is_not(void **state)
{
    signet_auth_config config = sample_config();
    signet_text text = text_of("q8W3e7R1t5Y9u2I6o0P4a8S3d7F1g5H9");
    (void)state;
    assert_int_equal(text.len, 32);
    assert_non_null(strstr(refused_secret("q8W3e7R1t5Y9u2I6o0P4a8S3d7F1g5H").detail, "shorter than 32"));
    config.access_secrets = &text;
    signet_auth_free(auth_of(&config));
}

static void well_known_secrets_of_tutorials_are_refused(void **state)
{
    static const char *const known[] = {
        "mySecretKey",
        "myRefreshSecretKey",
        "MYSECRETKEY",
        "your-256-bit-secret",
        "your-512-bit-secret",
        "a-string-secret-at-least-256-bits-long",
        "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
        "mySecretKey000000000000000000000000000000",
        "mySecretKeymySecretKeymySecretKeymySecretKey",
        "your-256-bit-secret.....................",
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9Z1CAow",
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_non_null(strstr(refused_secret(known[i]).detail, "publicly known"));
}

static void a_secret_that_repeats_is_refused(void **state)
{
    (void)state;
    assert_non_null(strstr(refused_secret("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").detail, "repeats"));
    assert_non_null(strstr(refused_secret("1234567812345678123456781234567812345678").detail, "repeats"));
}

static void equal_secrets_are_refused_in_a_list_and_between_the_lists(void **state)
{
    signet_auth_config config = sample_config();
    const signet_text twice[] = {text_of(TEST_NEXT_SECRET), text_of(TEST_NEXT_SECRET)};
    const signet_text both[] = {text_of(TEST_NEXT_SECRET), text_of(TEST_ACCESS_SECRET)};
    (void)state;
    config.refresh_secrets = twice;
    config.refresh_secrets_n = 2;
    assert_non_null(strstr(refused(&config, SIGNET_ERR_SECRET, "refreshSecret").detail, "twice"));
    config.refresh_secrets = both;
    assert_non_null(strstr(refused(&config, SIGNET_ERR_SECRET, "refreshSecret").detail, "equal to accessSecret"));
}

static void a_public_key_is_no_secret(void **state)
{
    (void)state;
    assert_non_null(
        strstr(refused_secret(
                   "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END "
                   "PUBLIC KEY-----\n")
                   .detail,
               "a key or certificate in PEM"));
}

static void the_key_id_identifies_a_secret_without_revealing_it(void **state)
{
    const signet_text two[] = {text_of(TEST_REFRESH_SECRET), text_of(TEST_NEXT_SECRET)};
    signet_auth_config config = sample_config();
    (void)state;
    config.refresh_secrets = two;
    config.refresh_secrets_n = 2;
    signet_auth *auth = auth_of(&config), *again = auth_of(&config);
    assert_int_equal(strlen(auth->refresh.at[0]->kid), SIGNET_KID_LEN);
    assert_string_not_equal(auth->refresh.at[0]->kid, auth->refresh.at[1]->kid);
    assert_string_equal(auth->refresh.at[0]->kid, again->refresh.at[0]->kid);
    assert_null(strstr(TEST_REFRESH_SECRET, auth->refresh.at[0]->kid));
    signet_auth_free(auth);
    signet_auth_free(again);
    signet_auth_free(NULL);
}

/* ------------------------------------------------------------------ limits and names */

static void limits_out_of_range_are_refused_by_name(void **state)
{
    static const int64_t bad_ttl[] = {0, -1, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        signet_auth_config access = sample_config(), refresh = sample_config(), session = sample_config();
        access.access_expires_in_s = refresh.refresh_expires_in_s = session.session_expires_in_s = bad_ttl[i];
        refused(&access, SIGNET_ERR_OPTION, "accessExpiresIn");
        refused(&refresh, SIGNET_ERR_OPTION, "refreshExpiresIn");
        refused(&session, SIGNET_ERR_OPTION, "sessionExpiresIn");
    }
    signet_auth_config grace = sample_config();
    grace.grace_period_ms = 120001;
    assert_non_null(strstr(refused(&grace, SIGNET_ERR_OPTION, "gracePeriod").detail, "0 to 120"));
    grace.grace_period_ms = -1;
    refused(&grace, SIGNET_ERR_OPTION, "gracePeriod");
    grace.grace_period_ms = 120000;
    signet_auth_free(auth_of(&grace));
    signet_auth_config sessions = sample_config(), reuse = sample_config(), suspect = sample_config();
    sessions.max_sessions_per_user = 100001;
    refused(&sessions, SIGNET_ERR_OPTION, "maxSessionsPerUser");
    reuse.on_reuse = SIGNET_ON_REUSE_USER + 1;
    assert_non_null(strstr(refused(&reuse, SIGNET_ERR_OPTION, "onReuse").detail, "session user"));
    suspect.on_suspect = SIGNET_ON_SUSPECT_REVOKE + 1;
    refused(&suspect, SIGNET_ERR_OPTION, "onSuspect");
}

static void issuer_and_audience_must_be_valid_texts(void **state)
{
    signet_auth_config config = sample_config();
    const signet_text bad[] = {text_of("good"), {"\xff", 1}};
    (void)state;
    config.issuer = text_of("");
    refused(&config, SIGNET_ERR_OPTION, "issuer");
    config.issuer.ptr = NULL;
    config.audience = (signet_texts){bad, 2};
    refused(&config, SIGNET_ERR_OPTION, "audience");
}

static void the_configuration_is_copied(void **state)
{
    char issuer[] = "https://a.example", secret[] = TEST_ACCESS_SECRET;
    signet_text access = text_of(secret), audiences[] = {text_of("a\"b")};
    signet_auth_config config = sample_config();
    (void)state;
    config.access_secrets = &access;
    config.issuer = text_of(issuer);
    config.audience = (signet_texts){audiences, 1};
    signet_auth *auth = auth_of(&config);
    memset(issuer, 'x', sizeof issuer);
    memset(secret, 'x', sizeof secret);
    audiences[0] = (signet_text){NULL, 0};
    assert_int_equal(auth->registered.len, strlen(",\"iss\":\"https://a.example\",\"aud\":\"a\\\"b\""));
    assert_memory_equal(auth->registered.ptr, ",\"iss\":\"https://a.example\",\"aud\":\"a\\\"b\"",
                        auth->registered.len);
    signet_auth_free(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_secret_is_named_with_the_command_that_makes_one),
        cmocka_unit_test(a_secret_of_31_bytes_is_too_short_and_of_32_is_not),
        cmocka_unit_test(well_known_secrets_of_tutorials_are_refused),
        cmocka_unit_test(a_secret_that_repeats_is_refused),
        cmocka_unit_test(equal_secrets_are_refused_in_a_list_and_between_the_lists),
        cmocka_unit_test(a_public_key_is_no_secret),
        cmocka_unit_test(the_key_id_identifies_a_secret_without_revealing_it),
        cmocka_unit_test(limits_out_of_range_are_refused_by_name),
        cmocka_unit_test(issuer_and_audience_must_be_valid_texts),
        cmocka_unit_test(the_configuration_is_copied),
    };
    return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
