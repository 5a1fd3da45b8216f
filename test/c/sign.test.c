/* Signing: header, payload and added claims. */
#include "cmocka_all.h"

#include <openssl/err.h>

#include "core/fail.h"
#include "signet.h"

#define TEXT(literal) ((signet_text){literal, sizeof literal - 1})

static signet_scratch *scratch;
static signet_key *key;

static int set_up(void **state)
{
    (void)state;
    scratch = signet_scratch_new();
    return scratch && signet_key_from_secret("shhhhh", 6, &key, NULL) == SIGNET_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    signet_key_free(key);
    signet_scratch_free(scratch);
    return 0;
}

static void assert_token(const signet_sign_request *request, const char *expected)
{
    signet_text token;
    assert_int_equal(signet_sign(key, scratch, request, &token, NULL), SIGNET_OK);
    assert_int_equal(token.len, strlen(expected));
    assert_memory_equal(token.ptr, expected, token.len);
    assert_int_equal(ERR_peek_error(), 0);
}

static void a_token_equals_jsonwebtokens(void **state)
{
    (void)state;
    const signet_sign_request request = {.alg = SIGNET_HS256, .payload = TEXT("{\"foo\":\"bar\",\"iat\":1437018582}")};
    assert_token(&request, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmb28iOiJiYXIiLCJpYXQiOjE0MzcwMTg1ODJ9."
                           "Sq3f1h2xCYeRcpbAoTRRQePV_E5Itsx6GnPtrTIWxbU");
}

static void time_claims_are_appended_to_the_payload(void **state)
{
    (void)state;
    const signet_sign_request request = {
        .alg = SIGNET_HS256, .payload = TEXT("{\"foo\":\"bar\"}"), .add_iat = true, .iat_s = 1437018582};
    assert_token(&request, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmb28iOiJiYXIiLCJpYXQiOjE0MzcwMTg1ODJ9."
                           "Sq3f1h2xCYeRcpbAoTRRQePV_E5Itsx6GnPtrTIWxbU");
}

/* Signs and decodes. */
static void assert_decoded(const signet_sign_request *request, const char *header, const char *payload)
{
    signet_text token;
    signet_token decoded;
    char copy[4096];
    const signet_key *with = request->alg == SIGNET_ALG_NONE ? NULL : key;
    assert_int_equal(signet_sign(with, scratch, request, &token, NULL), SIGNET_OK);
    assert_true(token.len < sizeof copy);
    memcpy(copy, token.ptr, token.len);
    assert_int_equal(signet_decode(scratch, copy, token.len, &decoded, NULL), SIGNET_OK);
    assert_int_equal(decoded.header.len, strlen(header));
    assert_memory_equal(decoded.header.ptr, header, decoded.header.len);
    assert_int_equal(decoded.payload.len, strlen(payload));
    assert_memory_equal(decoded.payload.ptr, payload, decoded.payload.len);
}

static void an_empty_object_gets_claims_without_a_comma(void **state)
{
    (void)state;
    const signet_sign_request request = {.alg = SIGNET_HS512,
                                         .payload = TEXT(" { \n} "),
                                         .add_iat = true,
                                         .add_nbf = true,
                                         .add_exp = true,
                                         .iat_s = 0,
                                         .nbf_s = -1,
                                         .exp_s = INT64_MIN};
    assert_decoded(&request, "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
                   "{ \n\"iat\":0,\"nbf\":-1,\"exp\":-9223372036854775808}");
}

static void typ_and_kid_are_json_strings_in_the_header(void **state)
{
    (void)state;
    const signet_sign_request request = {
        .alg = SIGNET_HS384, .payload = TEXT("{}"), .typ = TEXT("at+jwt"), .kid = TEXT("a\"\\\n\x01")};
    assert_decoded(&request, "{\"alg\":\"HS384\",\"typ\":\"at+jwt\",\"kid\":\"a\\\"\\\\\\n\\u0001\"}", "{}");
    const signet_sign_request bare = {.alg = SIGNET_ALG_NONE, .payload = TEXT("text"), .typ = {"", 0}};
    assert_decoded(&bare, "{\"alg\":\"none\"}", "text");
}

static void a_custom_header_must_name_the_algorithm(void **state)
{
    signet_error err;
    signet_text token;
    (void)state;
    signet_sign_request request = {
        .alg = SIGNET_HS256, .payload = TEXT("{}"), .header = TEXT("{\"x\":1,\"alg\":\"HS256\"}")};
    assert_decoded(&request, "{\"x\":1,\"alg\":\"HS256\"}", "{}");
    const signet_text bad[] = {TEXT("{\"alg\":\"HS384\"}"), TEXT("{}"), TEXT("[]"),
                               TEXT("{\"alg\":\"HS256\",\"alg\":\"HS256\"}"), TEXT("")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        request.header = bad[i];
        assert_int_equal(signet_sign(key, scratch, &request, &token, &err), SIGNET_ERR_OPTION);
        assert_string_equal(err.field, "header");
    }
}

static void claims_are_added_only_to_an_object(void **state)
{
    const signet_text bad[] = {TEXT(""), TEXT("{"), TEXT("}"), TEXT("[]"), TEXT("\"x\""), TEXT("  ")};
    signet_error err;
    signet_text token;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const signet_sign_request request = {.alg = SIGNET_HS256, .payload = bad[i], .add_iat = true};
        assert_int_equal(signet_sign(key, scratch, &request, &token, &err), SIGNET_ERR_OPTION);
        assert_string_equal(err.field, "payload");
    }
}

static void only_none_signs_without_a_key(void **state)
{
    signet_text token;
    (void)state;
    const signet_sign_request request = {.alg = SIGNET_HS256, .payload = TEXT("{}")};
    assert_int_equal(signet_sign(NULL, scratch, &request, &token, NULL), SIGNET_ERR_KEY_EMPTY);
    const signet_sign_request unknown = {.alg = SIGNET_ALG_COUNT, .payload = TEXT("{}")};
    assert_int_equal(signet_sign(key, scratch, &unknown, &token, NULL), SIGNET_ERR_OPTION);
    const signet_sign_request wrong = {.alg = SIGNET_RS256, .payload = TEXT("{}")};
    assert_int_equal(signet_sign(key, scratch, &wrong, &token, NULL), SIGNET_ERR_KEY_ASYMMETRIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_equals_jsonwebtokens),
        cmocka_unit_test(time_claims_are_appended_to_the_payload),
        cmocka_unit_test(an_empty_object_gets_claims_without_a_comma),
        cmocka_unit_test(typ_and_kid_are_json_strings_in_the_header),
        cmocka_unit_test(a_custom_header_must_name_the_algorithm),
        cmocka_unit_test(claims_are_added_only_to_an_object),
        cmocka_unit_test(only_none_signs_without_a_key),
    };
    return cmocka_run_group_tests_name("sign", tests, set_up, tear_down);
}
