/* The two kinds of token of a session: their contents, and what is accepted as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <cmocka.h>

#include "session/derive.h"
#include "session/tokens.h"
#include "session_support.h"

#define T0 TEST_NOW
#define SID "AAAAAAAAAAAAAAAAAAAAAA"
#define JTI "BBBBBBBBBBBBBBBBBBBBBB"
#define GOOD_REFRESH                                                                                                   \
    "{\"sub\":\"u1\",\"sid\":\"" SID "\",\"jti\":\"" JTI                                                               \
    "\",\"gen\":3,\"iat\":1700000000,\"exp\":1700003600,\"end\":1700036000}"
#define GOOD_ACCESS "{\"sub\":\"u1\",\"sid\":\"" SID "\",\"iat\":1700000000,\"exp\":1700000900}"

static signet_status open_refresh(fixture *f, const char *token, int64_t now_ms, unsigned flags,
                                  signet_refresh_token *opened, signet_error *err)
{
    memset(err, 0, sizeof *err);
    return signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, now_ms, flags, opened, err);
}

/* Opens a token with this payload, signed with the right secret. */
static signet_status open_forged(fixture *f, const char *typ, const char *secret, const char *payload,
                                 signet_refresh_token *opened, signet_error *err)
{
    char *token = forge(typ, secret, payload);
    signet_status status = open_refresh(f, token, T0, 0, opened, err);
    free(token);
    return status;
}

static signet_status verify_forged(fixture *f, const char *typ, const char *secret, const char *payload, int64_t now_ms,
                                   signet_error *err)
{
    signet_token out;
    char *token = forge(typ, secret, payload);
    memset(err, 0, sizeof *err);
    signet_status status =
        signet_access_verify(f->auth, f->scratch, token, strlen(token), (double)now_ms / 1000, &out, err);
    free(token);
    return status;
}

static char *sign_access(fixture *f, const char *claims, signet_error *err)
{
    char *token = NULL;
    signet_text text = claims ? text_of(claims) : (signet_text){NULL, 0};
    const signet_access_claims ours = {.user_id = "u1",
                                       .session_id = SID,
                                       .jwtid = JTI,
                                       .auth_s = T0 / 1000 - 60,
                                       .iat_s = T0 / 1000,
                                       .exp_s = T0 / 1000 + 900};
    (void)!signet_access_sign(f->auth, f->scratch, text, &ours, &token, err);
    return token;
}

/* ------------------------------------------------------------------ access tokens */

static void an_access_token_has_the_apps_claims_and_signets(void **state)
{
    fixture *f = *state;
    static const char *const claims[] = {NULL, "{}", " { } ", "{\"a\":{\"sub\":1}}",
                                         " {\"isAdmin\" : true , \"n\":[1,2]} \n"};
    static const char *const start[] = {"{\"sub\"", "{\"sub\"", "{\"sub\"", "{\"a\":{\"sub\":1},\"sub\"",
                                        "{\"isAdmin\" : true , \"n\":[1,2],\"sub\""};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        signet_token verified;
        char *token = sign_access(f, claims[i], NULL);
        assert_non_null(token);
        assert_int_equal(signet_access_verify(f->auth, f->scratch, token, strlen(token), T0 / 1000.0, &verified, NULL),
                         SIGNET_OK);
        assert_memory_equal(verified.payload.ptr, start[i], strlen(start[i]));
        assert_non_null(strstr(payload_of(token), ":\"u1\",\"sid\":\"" SID "\",\"jti\":\""));
        assert_non_null(strstr(payload_of(token), ",\"auth_time\":1699999940,\"iat\":1700000000,\"exp\":1700000900}"));
        free(token);
    }
}

static void an_app_cannot_set_reserved_claims(void **state)
{
    fixture *f = *state;
    static const char *const names[] = {"sub", "sid", "jti", "iat", "exp", "nbf", "iss", "aud", "typ", "auth_time"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char claims[64];
        signet_error err;
        snprintf(claims, sizeof claims, "{\"a\":1,\"%s\":\"x\"}", names[i]);
        assert_null(sign_access(f, claims, &err));
        assert_int_equal(err.status, SIGNET_ERR_OPTION);
        assert_string_equal(err.field, names[i]);
    }
    signet_error err;
    assert_null(sign_access(f, "{\"s\\u0075b\":1}", &err)); /* with an escape */
    assert_string_equal(err.field, "sub");
    assert_null(sign_access(f, "\n {\"sub\":1}", &err));
    assert_string_equal(err.field, "sub");
}

static void claims_that_are_no_object_are_refused(void **state)
{
    fixture *f = *state;
    static const char *const bad[] = {"", "null", "[]", "\"x\"", "{", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        signet_error err;
        assert_null(sign_access(f, bad[i], &err));
        assert_int_equal(err.status, SIGNET_ERR_OPTION);
        assert_string_equal(err.field, "claims");
    }
}

static void claims_of_over_16_kilobytes_are_refused(void **state)
{
    fixture *f = *state;
    static char claims[SIGNET_MAX_CLAIMS_LEN + 2];
    signet_error err;
    memset(claims, 'n', sizeof claims - 1);
    memcpy(claims, "{\"", 2);
    memcpy(claims + SIGNET_MAX_CLAIMS_LEN - 5, "\":\"\"}", 6);
    char *token = sign_access(f, claims, &err);
    assert_non_null(token);
    free(token);
    memcpy(claims + SIGNET_MAX_CLAIMS_LEN - 5, "n\":\"\"}", 6);
    assert_null(sign_access(f, claims, &err));
    assert_int_equal(err.status, SIGNET_ERR_OPTION);
}

static void an_access_token_expires_from_its_exp_on(void **state)
{
    fixture *f = *state;
    signet_error err;
    assert_int_equal(verify_forged(f, "at+jwt", TEST_ACCESS_SECRET, GOOD_ACCESS, T0 + 899999, &err), SIGNET_OK);
    assert_int_equal(verify_forged(f, "at+jwt", TEST_ACCESS_SECRET, GOOD_ACCESS, T0 + 900000, &err),
                     SIGNET_ERR_TOKEN_EXPIRED);
    assert_true(err.time_s == 1700000900.0);
    assert_string_equal(signet_status_code(err.status), "ERR_TOKEN_EXPIRED");
}

static void neither_kind_of_token_passes_for_the_other_nor_an_apps_own_for_either(void **state)
{
    fixture *f = *state;
    signet_error err;
    signet_refresh_token opened;
    assert_int_equal(verify_forged(f, "rt+jwt", TEST_ACCESS_SECRET, GOOD_ACCESS, T0, &err), SIGNET_ERR_TYP);
    assert_int_equal(verify_forged(f, "JWT", TEST_ACCESS_SECRET, GOOD_ACCESS, T0, &err), SIGNET_ERR_TYP);
    assert_int_equal(verify_forged(f, "AT+JWT", TEST_ACCESS_SECRET, GOOD_ACCESS, T0, &err), SIGNET_ERR_TYP);
    assert_int_equal(verify_forged(f, "at+jwt", TEST_REFRESH_SECRET, GOOD_ACCESS, T0, &err), SIGNET_ERR_SIGNATURE);
    assert_int_equal(open_forged(f, "rt+jwt", TEST_REFRESH_SECRET, GOOD_REFRESH, &opened, &err), SIGNET_OK);
    assert_int_equal(open_forged(f, "at+jwt", TEST_REFRESH_SECRET, GOOD_REFRESH, &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(open_forged(f, "JWT", TEST_REFRESH_SECRET, GOOD_REFRESH, &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(open_forged(f, "rt+jwt", TEST_ACCESS_SECRET, GOOD_REFRESH, &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
}

static void another_algorithm_with_the_same_secret_is_refused(void **state)
{
    fixture *f = *state;
    signet_key *key = NULL;
    signet_text token;
    signet_token verified;
    signet_refresh_token opened;
    char copy[1024];
    const signet_sign_request request = {
        .alg = SIGNET_HS512, .typ = text_of("at+jwt"), .payload = text_of(GOOD_ACCESS)};
    assert_int_equal(signet_key_from_secret(TEST_ACCESS_SECRET, strlen(TEST_ACCESS_SECRET), &key, NULL), SIGNET_OK);
    assert_int_equal(signet_sign(key, f->scratch, &request, &token, NULL), SIGNET_OK);
    memcpy(copy, token.ptr, token.len);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, copy, token.len, T0 / 1000.0, &verified, NULL),
                     SIGNET_ERR_ALGORITHM);
    signet_key_free(key);
    const char unsigned_token[] = "eyJhbGciOiJub25lIiwidHlwIjoicnQrand0In0.e30.";
    assert_int_equal(
        signet_access_verify(f->auth, f->scratch, unsigned_token, strlen(unsigned_token), T0 / 1000.0, &verified, NULL),
        SIGNET_ERR_TOKEN_UNSIGNED);
    assert_int_equal(
        signet_refresh_open(f->auth, f->scratch, unsigned_token, strlen(unsigned_token), NULL, T0, 0, &opened, NULL),
        SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(ERR_peek_error(), 0);
}

static void an_access_token_that_lacks_a_claim_is_refused(void **state)
{
    fixture *f = *state;
    static const char *const bad[][2] = {
        {"{\"sid\":\"" SID "\",\"iat\":1700000000,\"exp\":1700000900}", "sub"},
        {"{\"sub\":1,\"sid\":\"" SID "\",\"iat\":1700000000,\"exp\":1700000900}", "sub"},
        {"{\"sub\":\"u1\",\"iat\":1700000000,\"exp\":1700000900}", "sid"},
        {"{\"sub\":\"u1\",\"sid\":\"\",\"iat\":1700000000,\"exp\":1700000900}", "sid"},
        {"{\"sub\":\"u1\",\"sid\":\"" SID "\",\"exp\":1700000900}", "iat"},
        {"{\"sub\":\"u1\",\"sid\":\"" SID "\",\"iat\":1700000000}", "exp"},
        {"{\"sub\":\"u1\",\"sid\":\"" SID "\",\"iat\":1700000000,\"exp\":1e999}", "exp"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        signet_error err;
        assert_int_not_equal(verify_forged(f, "at+jwt", TEST_ACCESS_SECRET, bad[i][0], T0, &err), SIGNET_OK);
        assert_string_equal(signet_status_code(err.status), "ERR_TOKEN_INVALID");
        assert_string_equal(err.field, bad[i][1]);
    }
    signet_error err;
    assert_int_equal(verify_forged(f, "at+jwt", TEST_ACCESS_SECRET, "[]", T0, &err), SIGNET_ERR_PAYLOAD_NOT_OBJECT);
}

static void issuer_and_audience_are_set_and_checked_on_both_kinds(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config(), other = sample_config();
    const signet_text audiences[] = {text_of("web"), text_of("app")};
    signet_token verified;
    signet_refresh_token opened;
    signet_error err;
    config.issuer = text_of("https://a.example");
    config.audience = (signet_texts){audiences, 2};
    fixture_configure(f, &config);
    char *access = sign_access(f, NULL, NULL), *refresh = login_at(f, "u1", T0, NULL);
    assert_non_null(strstr(payload_of(access), "\"iss\":\"https://a.example\",\"aud\":[\"web\",\"app\"]}"));
    assert_non_null(strstr(payload_of(refresh), "\"iss\":\"https://a.example\",\"aud\":[\"web\",\"app\"]}"));
    assert_int_equal(signet_access_verify(f->auth, f->scratch, access, strlen(access), T0 / 1000.0, &verified, NULL),
                     SIGNET_OK);
    assert_int_equal(open_refresh(f, refresh, T0, 0, &opened, &err), SIGNET_OK);
    other.issuer = text_of("https://b.example");
    fixture_configure(f, &other);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, access, strlen(access), T0 / 1000.0, &verified, NULL),
                     SIGNET_ERR_ISSUER);
    assert_int_equal(open_refresh(f, refresh, T0, 0, &opened, &err), SIGNET_ERR_REFRESH_INVALID);
    assert_string_equal(err.field, "iss");
    other.issuer = text_of("https://a.example");
    const signet_text third = text_of("third");
    other.audience = (signet_texts){&third, 1};
    fixture_configure(f, &other);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, access, strlen(access), T0 / 1000.0, &verified, NULL),
                     SIGNET_ERR_AUDIENCE);
    assert_int_equal(open_refresh(f, refresh, T0, 0, &opened, &err), SIGNET_ERR_REFRESH_INVALID);
    assert_string_equal(err.field, "aud");
    free(access);
    free(refresh);
}

static void every_access_secret_of_the_list_verifies_and_the_first_signs(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    const signet_text both[] = {text_of(TEST_NEXT_SECRET), text_of(TEST_ACCESS_SECRET)};
    signet_token verified;
    signet_error err;
    char *old = sign_access(f, NULL, NULL);
    config.access_secrets = both;
    config.access_secrets_n = 2;
    fixture_configure(f, &config);
    char *newer = sign_access(f, NULL, NULL);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, old, strlen(old), T0 / 1000.0, &verified, NULL),
                     SIGNET_OK);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, newer, strlen(newer), T0 / 1000.0, &verified, NULL),
                     SIGNET_OK);
    config.access_secrets_n = 1;
    fixture_configure(f, &config);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, old, strlen(old), T0 / 1000.0, &verified, &err),
                     SIGNET_ERR_KEY_UNKNOWN);
    free(old);
    free(newer);
}

/* ------------------------------------------------------------------ refresh tokens */

static void a_refresh_token_opens_as_its_payload(void **state)
{
    fixture *f = *state;
    signet_refresh_token opened;
    signet_error err;
    assert_int_equal(open_forged(f, "rt+jwt", TEST_REFRESH_SECRET, GOOD_REFRESH, &opened, &err), SIGNET_OK);
    assert_string_equal(opened.user_id, "u1");
    assert_string_equal(opened.session_id, SID);
    assert_string_equal(opened.jwtid, JTI);
    assert_int_equal(opened.generation, 3);
    assert_int_equal(opened.exp_s, 1700003600);
    assert_int_equal(opened.end_s, 1700036000);
    assert_int_equal(opened.idle_s, 0);
    assert_int_equal(opened.auth_s, 0);
    assert_false(opened.is_legacy);
}

static void a_refresh_token_of_the_wrong_shape_is_invalid(void **state)
{
    fixture *f = *state;
    static const char *const bad[][2] = {
        {"\"sub\":\"u1\"", "\"sub\":7"},
        {"\"sub\":\"u1\"", "\"sub\":\"\""},
        {"\"sub\":\"u1\"", "\"sub\":\"a\\u0000b\""},
        {"\"sub\":\"u1\"", "\"x\":\"u1\""},
        {"\"sid\":\"A", "\"sid\":\""},
        {"\"sid\":\"A", "\"sid\":\"+"},
        {"\"jti\":\"B", "\"jti\":\""},
        {"\"jti\":\"B", "\"jti\":\"="},
        {"\"gen\":3", "\"gen\":-1"},
        {"\"gen\":3", "\"gen\":1.5"},
        {"\"gen\":3", "\"gen\":\"3\""},
        {"\"exp\":1700003600", "\"exp\":1e400"},
        {"\"end\":1700036000", "\"end\":null"},
        {"\"end\":1700036000", "\"idle\":-5,\"end\":1700036000"},
        {"\"end\":1700036000", "\"auth_time\":\"now\",\"end\":1700036000"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char payload[512];
        signet_refresh_token opened;
        signet_error err;
        const char *at = strstr(GOOD_REFRESH, bad[i][0]);
        assert_non_null(at);
        snprintf(payload, sizeof payload, "%.*s%s%s", (int)(at - GOOD_REFRESH), GOOD_REFRESH, bad[i][1],
                 at + strlen(bad[i][0]));
        assert_int_equal(open_forged(f, "rt+jwt", TEST_REFRESH_SECRET, payload, &opened, &err),
                         SIGNET_ERR_REFRESH_INVALID);
    }
}

static void a_refresh_token_past_its_session_opens_for_a_logout_and_while_the_clock_is_unsure(void **state)
{
    fixture *f = *state;
    signet_refresh_token opened;
    signet_error err;
    char *token = login_at(f, "u1", T0, NULL);
    const int64_t end = T0 + 10 * TEST_HOUR;
    assert_int_equal(open_refresh(f, token, end - 1, 0, &opened, &err), SIGNET_OK); /* its exp is left to the record */
    assert_int_equal(open_refresh(f, token, end, 0, &opened, &err), SIGNET_ERR_REFRESH_EXPIRED);
    assert_true(err.time_s == (double)end / 1000);
    assert_int_equal(open_refresh(f, token, end, SIGNET_REFRESH_EXPIRED, &opened, &err), SIGNET_OK);
    assert_int_equal(open_refresh(f, token, end, SIGNET_REFRESH_UNSURE, &opened, &err), SIGNET_OK);
    token[strlen(token) - 1] ^= 1;
    token[strlen(token) - 3] = token[strlen(token) - 3] == 'A' ? 'B' : 'A';
    assert_int_equal(open_refresh(f, token, T0, SIGNET_REFRESH_EXPIRED, &opened, &err), SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

static void garbage_is_invalid(void **state)
{
    fixture *f = *state;
    static const char *const bad[] = {"", ".", "..", "...", "a.b.c", "\xff\xfe", "eyJ.eyJ.", "null"};
    signet_refresh_token opened;
    signet_error err;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(open_refresh(f, bad[i], T0, 0, &opened, &err), SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, NULL, 0, NULL, T0, 0, &opened, NULL),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(ERR_peek_error(), 0);
}

/* ------------------------------------------------------------------ tokens that may be adopted */

static void configure_legacy(fixture *f, int64_t until_ms)
{
    signet_auth_config config = sample_config();
    config.legacy_secret = text_of(TEST_LEGACY_SECRET);
    config.legacy_until_ms = until_ms;
    fixture_configure(f, &config);
}

static void a_tutorials_token_opens_with_its_id_as_a_string_or_number(void **state)
{
    fixture *f = *state;
    signet_refresh_token one, other;
    signet_error err;
    configure_legacy(f, 0);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\",\"isAdmin\":true,\"iat\":1}", &one, &err),
                     SIGNET_OK);
    assert_true(one.is_legacy);
    assert_string_equal(one.user_id, "1");
    assert_int_equal(strlen(one.session_id), SIGNET_SESSION_ID_LEN);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":1,\"isAdmin\":true,\"iat\":1}", &other, &err),
                     SIGNET_OK);
    assert_string_equal(other.user_id, "1");
    assert_string_not_equal(one.session_id, other.session_id);
    assert_int_equal(
        open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\",\"isAdmin\":true,\"iat\":1}", &other, &err),
        SIGNET_OK);
    assert_string_equal(one.session_id, other.session_id);
    assert_string_equal(one.jwtid, other.jwtid);
}

static void other_tokens_are_not_adopted(void **state)
{
    fixture *f = *state;
    signet_refresh_token opened;
    signet_error err;
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\"}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    configure_legacy(f, T0 + 1);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\"}", &opened, &err), SIGNET_OK);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":{\"$ne\":null}}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"sub\":\"1\"}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\",\"exp\":\"x\"}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\",\"exp\":1700000000}", &opened, &err),
                     SIGNET_ERR_REFRESH_EXPIRED);
    assert_int_equal(open_forged(f, "rt+jwt", TEST_LEGACY_SECRET, "{\"id\":\"1\"}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    assert_int_equal(open_forged(f, "JWT", "another-secret", "{\"id\":\"1\"}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
    configure_legacy(f, T0);
    assert_int_equal(open_forged(f, "JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\"}", &opened, &err),
                     SIGNET_ERR_REFRESH_INVALID);
}

static void the_embedded_store_has_nothing_to_adopt_from(void **state)
{
    fixture *f = *state;
    configure_legacy(f, 0);
    char *token = forge("JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\"}");
    refused_at(f, token, T0, SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

/* ------------------------------------------------------------------ derivation */

static void a_successor_depends_on_everything_it_is_derived_from(void **state)
{
    fixture *f = *state;
    static const uint8_t seeds[2][SIGNET_SEED_LEN] = {{1}, {2}};
    signet_hmac keys[2];
    char all[6][SIGNET_JTI_LEN + 1];
    assert_true(signet_derivation_init(&keys[0], text_of(TEST_REFRESH_SECRET)));
    assert_true(signet_derivation_init(&keys[1], text_of(TEST_NEXT_SECRET)));
    assert_true(signet_derive_successor(&keys[0], f->scratch, "sid", "jti", seeds[0], "kid", all[0]));
    assert_true(signet_derive_successor(&keys[1], f->scratch, "sid", "jti", seeds[0], "kid", all[1]));
    assert_true(signet_derive_successor(&keys[0], f->scratch, "sidj", "ti", seeds[0], "kid", all[2]));
    assert_true(signet_derive_successor(&keys[0], f->scratch, "sid", "jtj", seeds[0], "kid", all[3]));
    assert_true(signet_derive_successor(&keys[0], f->scratch, "sid", "jti", seeds[1], "kid", all[4]));
    assert_true(signet_derive_successor(&keys[0], f->scratch, "sid", "jti", seeds[0], "kie", all[5]));
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(all[i], all[j]);
    assert_true(signet_derive_successor(&keys[0], f->scratch, "sid", "jti", seeds[0], "kid", all[1]));
    assert_string_equal(all[0], all[1]);
    signet_hmac_clear(&keys[0]);
    signet_hmac_clear(&keys[1]);
}

/* Opens a token while the clock is unsure: the job says so, and once the clock is sure, why it does not adopt it. */
static void expect_not_adopted(fixture *f, const char *token, signet_status why)
{
    signet_refresh_token opened;
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, TEST_NOW,
                                         SIGNET_REFRESH_UNSURE, &opened, NULL),
                     SIGNET_OK);
    for (int is_unsure = 0; is_unsure <= 1; is_unsure++) {
        signet_job job = {.kind = SIGNET_JOB_ROTATE,
                          .presented = &opened,
                          .presented_jwt = text_of(token),
                          .now_ms = TEST_NOW,
                          .clock_is_unsure = is_unsure};
        assert_int_equal(run_job(f, &job), is_unsure ? SIGNET_ERR_CLOCK_UNSURE : why);
        signet_job_clear(&job);
    }
}

static void an_expired_legacy_token_that_was_opened_while_the_clock_was_unsure_is_not_adopted(void **state)
{
    fixture *f = *state;
    char *token = forge("JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\",\"exp\":1700000000}");
    configure_legacy(f, 0);
    expect_not_adopted(f, token, SIGNET_ERR_REFRESH_EXPIRED);
    free(token);
}

static void a_legacy_token_that_was_opened_while_the_clock_was_unsure_is_not_adopted_when_adoption_is_over(void **state)
{
    fixture *f = *state;
    char *token = forge("JWT", TEST_LEGACY_SECRET, "{\"id\":\"1\"}");
    configure_legacy(f, TEST_NOW);
    expect_not_adopted(f, token, SIGNET_ERR_REFRESH_INVALID);
    free(token);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(an_access_token_has_the_apps_claims_and_signets),
        with_fixture(an_app_cannot_set_reserved_claims),
        with_fixture(claims_that_are_no_object_are_refused),
        with_fixture(claims_of_over_16_kilobytes_are_refused),
        with_fixture(an_access_token_expires_from_its_exp_on),
        with_fixture(neither_kind_of_token_passes_for_the_other_nor_an_apps_own_for_either),
        with_fixture(another_algorithm_with_the_same_secret_is_refused),
        with_fixture(an_access_token_that_lacks_a_claim_is_refused),
        with_fixture(issuer_and_audience_are_set_and_checked_on_both_kinds),
        with_fixture(every_access_secret_of_the_list_verifies_and_the_first_signs),
        with_fixture(a_refresh_token_opens_as_its_payload),
        with_fixture(a_refresh_token_of_the_wrong_shape_is_invalid),
        with_fixture(a_refresh_token_past_its_session_opens_for_a_logout_and_while_the_clock_is_unsure),
        with_fixture(garbage_is_invalid),
        with_fixture(a_tutorials_token_opens_with_its_id_as_a_string_or_number),
        with_fixture(other_tokens_are_not_adopted),
        with_fixture(the_embedded_store_has_nothing_to_adopt_from),
        with_fixture(a_successor_depends_on_everything_it_is_derived_from),
        cmocka_unit_test_setup_teardown(
            an_expired_legacy_token_that_was_opened_while_the_clock_was_unsure_is_not_adopted, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_legacy_token_that_was_opened_while_the_clock_was_unsure_is_not_adopted_when_adoption_is_over,
            fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests_name("session_tokens", tests, NULL, NULL);
}
