/* Claim checks: each rule at its limit, in jsonwebtoken's order. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define ONE(literal)                                                                                                   \
    {                                                                                                                  \
        .is_given = true, .texts = &TEXT(literal), .texts_n = 1                                                        \
    }
#define AGED(s)                                                                                                        \
    {                                                                                                                  \
        [SIGNET_EXPECT_MAX_AGE] = {.is_given = true, .seconds = s }                                                    \
    }

static signet_scratch *scratch;
static signet_key *key;

static int set_up(void **state)
{
    (void)state;
    scratch = signet_scratch_new();
    return scratch && signet_key_from_secret("secret", 6, &key, NULL) == SIGNET_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    signet_key_free(key);
    signet_scratch_free(scratch);
    return 0;
}

static signet_status verdict(const char *payload, const signet_verify_options *options, signet_error *err)
{
    char *token = fixture_token(key, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload);
    const signet_status status = signet_verify(key, scratch, token, strlen(token), options, NULL, err);
    free(token);
    return status;
}

static void time_limits_hold_at_their_edges(void **state)
{
    const struct {
        const char *payload;
        double now, leeway;
        signet_status status;
    } rows[] = {
        {"{\"exp\":100}", 99, 0, SIGNET_OK},
        {"{\"exp\":100}", 99.999, 0, SIGNET_OK},
        {"{\"exp\":100}", 100, 0, SIGNET_ERR_TOKEN_EXPIRED},
        {"{\"exp\":100}", 104.5, 5, SIGNET_OK},
        {"{\"exp\":100}", 105, 5, SIGNET_ERR_TOKEN_EXPIRED},
        {"{\"exp\":100.5}", 100.4, 0, SIGNET_OK},
        {"{\"exp\":1e2}", 100, 0, SIGNET_ERR_TOKEN_EXPIRED},
        {"{\"exp\":0}", 1, 0, SIGNET_ERR_TOKEN_EXPIRED},
        {"{\"exp\":-5}", 1, 0, SIGNET_ERR_TOKEN_EXPIRED},
        {"{\"exp\":\"100\"}", 1, 0, SIGNET_ERR_EXP},
        {"{\"exp\":null}", 1, 0, SIGNET_ERR_EXP},
        {"{\"exp\":[100]}", 1, 0, SIGNET_ERR_EXP},
        {"{\"exp\":1e999}", 1, 0, SIGNET_ERR_EXP},
        {"{\"exp\":-1e999}", 1, 0, SIGNET_ERR_EXP},
        {"{\"nbf\":100}", 100, 0, SIGNET_OK},
        {"{\"nbf\":100}", 99.9, 0, SIGNET_ERR_TOKEN_NOT_ACTIVE},
        {"{\"nbf\":100}", 95, 5, SIGNET_OK},
        {"{\"nbf\":\"100\"}", 200, 0, SIGNET_ERR_NBF},
        {"{\"nbf\":1e999}", 200, 0, SIGNET_ERR_NBF},
        {"{\"nbf\":300,\"exp\":100}", 200, 0, SIGNET_ERR_TOKEN_NOT_ACTIVE},
        {"{\"iat\":\"never looked at\"}", 1, 0, SIGNET_OK},
        {"{\"\\u0065xp\":100}", 100, 0, SIGNET_ERR_TOKEN_EXPIRED},
        {"{\"sub\":{\"exp\":1}}", 100, 0, SIGNET_OK},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const signet_verify_options options = {.now_s = rows[i].now, .leeway_s = rows[i].leeway};
        signet_error err;
        const signet_status status = verdict(rows[i].payload, &options, &err);
        if (status != rows[i].status)
            print_message("%s at %g\n", rows[i].payload, rows[i].now);
        assert_int_equal(status, rows[i].status);
        assert_true(status == SIGNET_OK || err.status == status);
    }
}

static void the_error_has_the_time_limit(void **state)
{
    signet_error err;
    const signet_verify_options at_200 = {.now_s = 200}, aged = {.now_s = 200, .expected = AGED(50.75)};
    const signet_verify_options floored = {.now_s = 200, .expected = AGED(50.75), .flags = SIGNET_VERIFY_MAX_AGE_FLOOR};
    (void)state;
    assert_int_equal(verdict("{\"exp\":100.25}", &at_200, &err), SIGNET_ERR_TOKEN_EXPIRED);
    assert_true(err.time_s == 100.25);
    assert_string_equal(err.field, "exp");
    assert_int_equal(verdict("{\"nbf\":300}", &at_200, &err), SIGNET_ERR_TOKEN_NOT_ACTIVE);
    assert_true(err.time_s == 300);
    assert_int_equal(verdict("{\"iat\":100}", &aged, &err), SIGNET_ERR_MAX_AGE);
    assert_true(err.time_s == 150.75);
    assert_int_equal(verdict("{\"iat\":100}", &floored, &err), SIGNET_ERR_MAX_AGE);
    assert_true(err.time_s == 150);
}

static void a_clock_or_leeway_that_is_nan_refuses(void **state)
{
    const double nan_value = strtod("nan", NULL);
    const signet_verify_options clock = {.now_s = nan_value}, leeway = {.now_s = 1, .leeway_s = nan_value};
    (void)state;
    assert_int_equal(verdict("{\"exp\":100}", &clock, NULL), SIGNET_ERR_TOKEN_EXPIRED);
    assert_int_equal(verdict("{\"exp\":100}", &leeway, NULL), SIGNET_ERR_TOKEN_EXPIRED);
}

static void ignored_claims_are_not_checked(void **state)
{
    const signet_verify_options options = {.now_s = 200, .flags = SIGNET_VERIFY_IGNORE_EXP | SIGNET_VERIFY_IGNORE_NBF};
    const signet_verify_options skip = {
        .now_s = 200, .flags = SIGNET_VERIFY_SKIP_CLAIMS, .expected = {[SIGNET_EXPECT_SUBJECT] = ONE("x")}};
    (void)state;
    assert_int_equal(verdict("{\"exp\":\"x\",\"nbf\":null}", &options, NULL), SIGNET_OK);
    assert_int_equal(verdict("{\"exp\":1}", &skip, NULL), SIGNET_OK);
    assert_int_equal(verdict("{\"exp\":1", &skip, NULL), SIGNET_ERR_TOKEN_INVALID);
}

static void one_common_audience_suffices(void **state)
{
    const signet_text audiences[] = {TEXT("a"), TEXT("b\xC3\xA9")};
    const signet_verify_options options = {.expected = {[SIGNET_EXPECT_AUDIENCE] = {true, audiences, 2, 0}}},
                                none = {.expected = {[SIGNET_EXPECT_AUDIENCE] = {true, audiences, 0, 0}}};
    const char *good[] = {"{\"aud\":\"a\"}", "{\"aud\":\"b\\u00e9\"}", "{\"aud\":[\"x\",\"a\"]}",
                          "{\"aud\":[1,null,[\"a\"],\"\\u0061\"]}"};
    const char *bad[] = {
        "{}",          "{\"aud\":\"c\"}", "{\"aud\":[]}",     "{\"aud\":[[\"a\"]]}",     "{\"aud\":{\"a\":\"a\"}}",
        "{\"aud\":1}", "{\"aud\":null}",  "{\"aud\":\"ab\"}", "{\"x\":{\"aud\":\"a\"}}", "text",
        "[\"a\"]"};
    signet_error err;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(verdict(good[i], &options, NULL), SIGNET_OK);
        assert_int_equal(verdict(good[i], &none, NULL), SIGNET_ERR_AUDIENCE);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(verdict(bad[i], &options, &err), SIGNET_ERR_AUDIENCE);
        assert_string_equal(err.detail, "a or b\xC3\xA9");
    }
}

static void claims_are_compared_exactly(void **state)
{
    const signet_text issuers[] = {TEXT("me"), TEXT("you")};
    const struct {
        signet_verify_options options;
        const char *good, *bad;
        signet_status status;
        const char *detail;
    } rows[] = {
        {{.expected = {[SIGNET_EXPECT_ISSUER] = {true, issuers, 2, 0}}},
         "{\"iss\":\"you\"}",
         "{\"iss\":\"us\"}",
         SIGNET_ERR_ISSUER,
         "me,you"},
        {{.expected = {[SIGNET_EXPECT_SUBJECT] = ONE("s")}},
         "{\"sub\":\"s\"}",
         "{\"sub\":\"S\"}",
         SIGNET_ERR_SUBJECT,
         "s"},
        {{.expected = {[SIGNET_EXPECT_JWTID] = ONE("1")}}, "{\"jti\":\"1\"}", "{\"jti\":1}", SIGNET_ERR_JWTID, "1"},
        {{.expected = {[SIGNET_EXPECT_NONCE] = ONE("n")}},
         "{\"nonce\":\"n\"}",
         "{\"nonce\":[\"n\"]}",
         SIGNET_ERR_NONCE,
         "n"},
    };
    signet_error err;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(verdict(rows[i].good, &rows[i].options, NULL), SIGNET_OK);
        assert_int_equal(verdict(rows[i].bad, &rows[i].options, &err), rows[i].status);
        assert_string_equal(err.detail, rows[i].detail);
        assert_int_equal(verdict("{}", &rows[i].options, NULL), rows[i].status);
        assert_int_equal(verdict("no object", &rows[i].options, NULL), rows[i].status);
    }
}

/* One letter less, one more, another case; in flat payloads and in others. */
static void a_name_that_resembles_a_claims_is_not_one(void **state)
{
    static const char *const near[] = {"non",  "noncE", "nonces", "no", "ex",   "exp1", "Exp", "nb",
                                       "nbf0", "ia",    "iat2",   "su", "subs", "js",   "jtis"};
    static const char *const behind[] = {"", ",\"nested\":{}"};
    const signet_verify_options options[] = {{.expected = {[SIGNET_EXPECT_NONCE] = ONE("n")}},
                                             {.expected = {[SIGNET_EXPECT_SUBJECT] = ONE("n")}},
                                             {.expected = {[SIGNET_EXPECT_JWTID] = ONE("n")}}};
    const signet_verify_options now = {.now_s = 100};
    char payload[128];
    (void)state;
    for (size_t i = 0; i < COUNT(near); i++) {
        for (size_t b = 0; b < COUNT(behind); b++) {
            snprintf(payload, sizeof payload, "{\"%s\":\"n\"%s}", near[i], behind[b]);
            for (size_t o = 0; o < COUNT(options); o++)
                assert_int_not_equal(verdict(payload, &options[o], NULL), SIGNET_OK);
            snprintf(payload, sizeof payload, "{\"%s\":1%s}", near[i], behind[b]);
            assert_int_equal(verdict(payload, &now, NULL), SIGNET_OK);
            snprintf(payload, sizeof payload, "{\"%s\":1000%s}", near[i], behind[b]);
            assert_int_equal(verdict(payload, &now, NULL), SIGNET_OK);
        }
    }
}

static void a_long_list_of_expected_values_is_truncated(void **state)
{
    char long_text[500];
    memset(long_text, 'x', sizeof long_text);
    const signet_text issuers[] = {{long_text, sizeof long_text}, {long_text, sizeof long_text}};
    const signet_verify_options options = {.expected = {[SIGNET_EXPECT_ISSUER] = {true, issuers, 2, 0}}};
    signet_error err;
    (void)state;
    assert_int_equal(verdict("{}", &options, &err), SIGNET_ERR_ISSUER);
    assert_int_equal(strlen(err.detail), SIGNET_ERROR_DETAIL_SIZE - 1);
}

static void max_age_counts_from_iat(void **state)
{
    const signet_verify_options at_149 = {.now_s = 149, .expected = AGED(50)},
                                at_150 = {.now_s = 150, .expected = AGED(50)};
    (void)state;
    assert_int_equal(verdict("{\"iat\":100}", &at_149, NULL), SIGNET_OK);
    assert_int_equal(verdict("{\"iat\":100}", &at_150, NULL), SIGNET_ERR_MAX_AGE);
    const char *bad[] = {"{}", "{\"iat\":\"100\"}", "{\"iat\":1e999}", "text"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(verdict(bad[i], &at_149, NULL), SIGNET_ERR_IAT_REQUIRED);
}

static void checks_run_in_jsonwebtokens_order(void **state)
{
    const signet_status order[] = {
        SIGNET_ERR_TOKEN_NOT_ACTIVE, SIGNET_ERR_TOKEN_EXPIRED, SIGNET_ERR_AUDIENCE, SIGNET_ERR_ISSUER,
        SIGNET_ERR_SUBJECT,          SIGNET_ERR_JWTID,         SIGNET_ERR_NONCE,    SIGNET_ERR_IAT_REQUIRED};
    const char *good[] = {"\"nbf\":1",     "\"exp\":999",   "\"aud\":\"x\"",   "\"iss\":\"x\"",
                          "\"sub\":\"x\"", "\"jti\":\"x\"", "\"nonce\":\"x\"", "\"iat\":99"};
    const char *broken[] = {"\"nbf\":200",   "\"exp\":1",     "\"aud\":\"y\"",   "\"iss\":\"y\"",
                            "\"sub\":\"y\"", "\"jti\":\"y\"", "\"nonce\":\"y\"", "\"iat\":\"\""};
    const signet_verify_options options = {.now_s = 100,
                                           .expected = {[SIGNET_EXPECT_AUDIENCE] = ONE("x"),
                                                        [SIGNET_EXPECT_ISSUER] = ONE("x"),
                                                        [SIGNET_EXPECT_SUBJECT] = ONE("x"),
                                                        [SIGNET_EXPECT_JWTID] = ONE("x"),
                                                        [SIGNET_EXPECT_NONCE] = ONE("x"),
                                                        [SIGNET_EXPECT_MAX_AGE] = {.is_given = true, .seconds = 50}}};
    (void)state;
    for (size_t good_n = 0; good_n <= COUNT(order); good_n++) {
        char payload[400], *to = payload;
        for (size_t i = 0; i < COUNT(order); i++)
            to += sprintf(to, "%c%s", i ? ',' : '{', i < good_n ? good[i] : broken[i]);
        (void)sprintf(to, "}");
        assert_int_equal(verdict(payload, &options, NULL), good_n < COUNT(order) ? order[good_n] : SIGNET_OK);
    }
}

static void a_caller_may_check_the_audience_itself_and_continue(void **state)
{
    const signet_verify_options options = {
        .now_s = 100,
        .flags = SIGNET_VERIFY_STOP_BEFORE_AUD,
        .expected = {[SIGNET_EXPECT_AUDIENCE] = ONE("x"), [SIGNET_EXPECT_SUBJECT] = ONE("x")}};
    const signet_text wrong_aud = TEXT("{\"aud\":\"y\",\"sub\":\"x\"}"),
                      wrong_sub = TEXT("{\"aud\":\"x\",\"sub\":\"y\"}");
    (void)state;
    assert_int_equal(verdict(wrong_aud.ptr, &options, NULL), SIGNET_OK);
    assert_int_equal(verdict("{\"exp\":1}", &options, NULL), SIGNET_ERR_TOKEN_EXPIRED);
    assert_int_equal(signet_claims_check(wrong_aud, &options, false, NULL), SIGNET_OK);
    assert_int_equal(signet_claims_check(wrong_aud, &options, true, NULL), SIGNET_ERR_AUDIENCE);
    assert_int_equal(signet_claims_check(wrong_sub, &options, false, NULL), SIGNET_ERR_SUBJECT);
    assert_int_equal(signet_claims_check(TEXT("{\"sub\":"), &options, false, NULL), SIGNET_ERR_TOKEN_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_limits_hold_at_their_edges),
        cmocka_unit_test(the_error_has_the_time_limit),
        cmocka_unit_test(a_clock_or_leeway_that_is_nan_refuses),
        cmocka_unit_test(ignored_claims_are_not_checked),
        cmocka_unit_test(one_common_audience_suffices),
        cmocka_unit_test(claims_are_compared_exactly),
        cmocka_unit_test(a_name_that_resembles_a_claims_is_not_one),
        cmocka_unit_test(a_long_list_of_expected_values_is_truncated),
        cmocka_unit_test(max_age_counts_from_iat),
        cmocka_unit_test(checks_run_in_jsonwebtokens_order),
        cmocka_unit_test(a_caller_may_check_the_audience_itself_and_continue),
    };
    return cmocka_run_group_tests_name("claims", tests, set_up, tear_down);
}
