/* Verifying: one test per rule, with hostile tokens. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base64url.h"

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

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

/* The result for a text in a heap block of the exact size. */
static signet_status verify_text(const signet_key *with, const char *text, size_t len,
                                 const signet_verify_options *options)
{
    char *exact = malloc(len ? len : 1);
    signet_token token;
    signet_error err = {.status = SIGNET_OK};
    memcpy(exact, text, len);
    const signet_status status = signet_verify(with, scratch, exact, len, options, &token, &err);
    assert_int_equal(err.status, status);
    free(exact);
    assert_queue_empty();
    return status;
}

static signet_status verify_made(const char *header, const char *payload)
{
    const signet_verify_options options = {.now_s = 1};
    char *token = fixture_token(key, header, payload);
    const signet_status status = verify_text(key, token, strlen(token), &options);
    free(token);
    return status;
}

static void a_valid_token_is_taken_apart(void **state)
{
    const signet_verify_options options = {.now_s = 1};
    signet_token token;
    char *text = fixture_token(key, "{\"kid\":\"k1\",\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", "{\"sub\":\"1\"}");
    (void)state;
    for (int again = 0; again < 2; again++) { /* the second time with the remembered header */
        assert_int_equal(signet_verify(key, scratch, text, strlen(text), &options, &token, NULL), SIGNET_OK);
        assert_int_equal(token.alg, SIGNET_HS256);
        assert_memory_equal(token.header.ptr, "{\"kid\":\"k1\",\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
                            token.header.len);
        assert_memory_equal(token.payload.ptr, "{\"sub\":\"1\"}", token.payload.len);
        assert_int_equal(token.signature.len, 43);
        assert_memory_equal(token.kid.ptr, "k1", token.kid.len);
        assert_memory_equal(token.typ.ptr, "at+jwt", token.typ.len);
        assert_true(token.payload_is_object);
    }
    free(text);
}

static void a_token_has_three_parts(void **state)
{
    const struct {
        const char *text;
        signet_status status;
    } rows[] = {{"", SIGNET_ERR_TOKEN_MISSING},
                {"a", SIGNET_ERR_TOKEN_MALFORMED},
                {"a.b", SIGNET_ERR_TOKEN_MALFORMED},
                {"a.b.c.d", SIGNET_ERR_TOKEN_MALFORMED},
                {"a.b.c.d.e", SIGNET_ERR_TOKEN_MALFORMED},
                {"..", SIGNET_ERR_TOKEN_INVALID},
                {"....", SIGNET_ERR_TOKEN_MALFORMED},
                {"eyJhbGciOiJIUzI1NiJ9..x", SIGNET_ERR_TOKEN_INVALID},
                {".e30.x", SIGNET_ERR_TOKEN_INVALID}};
    const signet_verify_options options = {.now_s = 1};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(verify_text(key, rows[i].text, strlen(rows[i].text), &options), rows[i].status);
    assert_int_equal(signet_verify(key, scratch, NULL, 0, &options, NULL, NULL), SIGNET_ERR_TOKEN_MISSING);
}

/* Every character of a token is replaced by each of a hundred others: only the token itself passes. */
static void every_change_of_one_character_is_detected(void **state)
{
    const signet_verify_options options = {.now_s = 1};
    char *token = fixture_token(key, HS256, "{\"a\":1}");
    const size_t len = strlen(token);
    (void)state;
    for (size_t place = 0; place < len; place++) {
        const char kept = token[place];
        for (int c = 30; c < 130; c++) {
            token[place] = (char)c;
            assert_int_equal(signet_verify(key, scratch, token, len, &options, NULL, NULL) == SIGNET_OK, c == kept);
        }
        token[place] = kept;
    }
    for (size_t cut = 1; cut < len; cut++)
        assert_int_not_equal(verify_text(key, token, len - cut, &options), SIGNET_OK);
    free(token);
}

static void a_character_outside_base64url_is_an_invalid_token_and_not_a_bad_signature(void **state)
{
    const signet_verify_options options = {.now_s = 1},
                                other = {.now_s = 1, .algorithms = SIGNET_ALG_BIT(SIGNET_HS512)};
    char *token = fixture_token(key, HS256, "{\"a\":1}");
    const size_t len = strlen(token);
    (void)state;
    token[len - 1] = '=';
    assert_int_equal(verify_text(key, token, len, &options), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(verify_text(key, token, len, &other), SIGNET_ERR_TOKEN_INVALID);
    token[len - 1] = 'B';
    assert_int_equal(verify_text(key, token, len, &options), SIGNET_ERR_SIGNATURE);
    assert_int_equal(verify_text(key, token, len, &other), SIGNET_ERR_ALGORITHM);
    free(token);
}

/* Signed with the right key: a valid signature does not excuse the encoding. */
static void a_non_canonical_payload_is_refused_even_if_signed(void **state)
{
    const char *payloads[] = {"e31", "e30=", "e30==", "e3 0", "e", "e30e3"};
    const signet_verify_options options = {.now_s = 1};
    (void)state;
    for (size_t i = 0; i < COUNT(payloads); i++) {
        char input[128], signature[64];
        uint8_t mac[32];
        unsigned mac_len = 32;
        (void)sprintf(input, "eyJhbGciOiJIUzI1NiJ9.%s", payloads[i]);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "secret", 6, (unsigned char *)input,
                                  strlen(input), mac, 32, NULL));
        signature[signet_b64url_encode(mac, mac_len, signature)] = 0;
        (void)sprintf(input + strlen(input), ".%s", signature);
        assert_int_equal(verify_text(key, input, strlen(input), &options), SIGNET_ERR_TOKEN_INVALID);
    }
}

static void a_header_is_a_strict_object(void **state)
{
    const char *bad[] = {"[]",
                         "1",
                         "\"HS256\"",
                         "null",
                         "",
                         "{",
                         "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
                         "{\"alg\":\"none\",\"\\u0061lg\":\"HS256\"}",
                         "{\"alg\":\"HS256\",\"x\":\"\xFF\"}",
                         "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"a\",\"kty\":\"b\"}}",
                         "{\"alg\":\"HS256\"}x",
                         "{\"alg\":\"HS256\",}"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(verify_made(bad[i], "{}"), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(verify_made(" {\"\\u0061lg\" : \"HS\\u003256\"} ", "{}"), SIGNET_OK);
    const char *unknown[] = {"{}",
                             "{\"alg\":null}",
                             "{\"alg\":1}",
                             "{\"alg\":\"hs256\"}",
                             "{\"alg\":\"HS256 \"}",
                             "{\"alg\":\"HS256\\u0000\"}",
                             "{\"alg\":[\"HS256\"]}",
                             "{\"alg\":\"\"}",
                             "{\"alg\":\"a name longer than any algorithm has ever had\"}"};
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_int_equal(verify_made(unknown[i], "{}"), SIGNET_ERR_ALGORITHM);
}

static void a_header_is_limited_in_size_and_members(void **state)
{
    char *header = malloc(8192), *to = header;
    (void)state;
    for (size_t len = SIGNET_MAX_HEADER_LEN; len <= SIGNET_MAX_HEADER_LEN + 1; len++) {
        const int used = sprintf(header, "{\"alg\":\"HS256\",\"x\":\"");
        memset(header + used, 'x', len - (size_t)used - 2);
        memcpy(header + len - 2, "\"}", 3);
        assert_int_equal(verify_made(header, "{}"),
                         len <= SIGNET_MAX_HEADER_LEN ? SIGNET_OK : SIGNET_ERR_TOKEN_INVALID);
    }
    for (int members = SIGNET_MAX_HEADER_MEMBERS; members <= SIGNET_MAX_HEADER_MEMBERS + 1; members++) {
        to = header + sprintf(header, "{\"alg\":\"HS256\"");
        for (int i = 1; i < members; i++)
            to += sprintf(to, ",\"m%d\":%d", i, i);
        (void)sprintf(to, "}");
        assert_int_equal(verify_made(header, "{}"),
                         members <= SIGNET_MAX_HEADER_MEMBERS ? SIGNET_OK : SIGNET_ERR_TOKEN_INVALID);
    }
    free(header);
}

static void a_critical_extension_of_any_kind_is_refused(void **state)
{
    const char *headers[] = {"{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", "{\"alg\":\"HS256\",\"crit\":[]}",
                             "{\"alg\":\"HS256\",\"crit\":null}",
                             "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
                             "{\"alg\":\"HS256\",\"\\u0063rit\":1}"};
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        assert_int_equal(verify_made(headers[i], "{}"), SIGNET_ERR_CRIT);
        assert_int_equal(verify_made(headers[i], "{}"), SIGNET_ERR_CRIT); /* remembered, and refused again */
    }
}

static void a_key_in_the_header_is_not_used(void **state)
{
    (void)state;
    assert_int_equal(verify_made("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"eA\"},\"jku\":\"https://"
                                 "evil.example\",\"x5c\":[\"\"]}",
                                 "{}"),
                     SIGNET_OK);
}

static void none_passes_only_without_a_key_and_if_allowed_by_name(void **state)
{
    const signet_verify_options none = {.now_s = 1, .algorithms = SIGNET_ALG_BIT(SIGNET_ALG_NONE)},
                                plain = {.now_s = 1};
    const signet_verify_options both = {.now_s = 1,
                                        .algorithms = SIGNET_ALG_BIT(SIGNET_ALG_NONE) | SIGNET_ALG_BIT(SIGNET_HS256)};
    char *bare = fixture_token(NULL, "{\"alg\":\"none\"}", "{}"),
         *sealed = fixture_token(key, "{\"alg\":\"none\"}", "{}");
    char *stripped = fixture_token(NULL, HS256, "{}"), *odd = fixture_token(NULL, "{\"alg\":\"None\"}", "{}");
    (void)state;
    assert_int_equal(verify_text(NULL, bare, strlen(bare), &none), SIGNET_OK);
    assert_int_equal(verify_text(NULL, bare, strlen(bare), &plain), SIGNET_ERR_ALGORITHM);
    assert_int_equal(verify_text(NULL, odd, strlen(odd), &none), SIGNET_ERR_ALGORITHM);
    assert_int_equal(verify_text(key, bare, strlen(bare), &none), SIGNET_ERR_TOKEN_UNSIGNED);
    assert_int_equal(verify_text(key, bare, strlen(bare), &plain), SIGNET_ERR_TOKEN_UNSIGNED);
    assert_int_equal(verify_text(key, sealed, strlen(sealed), &both), SIGNET_ERR_SIGNATURE);
    assert_int_equal(verify_text(key, sealed, strlen(sealed), &plain), SIGNET_ERR_ALGORITHM);
    assert_int_equal(verify_text(NULL, sealed, strlen(sealed), &none), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(verify_text(NULL, stripped, strlen(stripped), &both), SIGNET_ERR_ALGORITHM);
    assert_int_equal(verify_text(key, stripped, strlen(stripped), &both), SIGNET_ERR_TOKEN_UNSIGNED);
    free(bare);
    free(sealed);
    free(stripped);
    free(odd);
}

static void a_token_is_limited_in_size(void **state)
{
    const signet_verify_options options = {.now_s = 1}, wide = {.now_s = 1, .max_token_len = 200000};
    char *payload = malloc(120000);
    (void)state;
    memset(payload, 'x', 120000);
    payload[SIGNET_MAX_TOKEN_LEN / 4 * 3] = 0;
    char *token = fixture_token(key, HS256, payload);
    assert_true(strlen(token) > SIGNET_MAX_TOKEN_LEN);
    assert_int_equal(verify_text(key, token, strlen(token), &options), SIGNET_ERR_TOKEN_TOO_LARGE);
    assert_int_equal(verify_text(key, token, strlen(token), &wide), SIGNET_OK);
    assert_int_equal(verify_text(key, token, SIGNET_MAX_TOKEN_LEN, &options), SIGNET_ERR_TOKEN_MALFORMED);
    free(token);
    payload[SIGNET_MAX_TOKEN_LEN / 4 * 3] = 'x';
    payload[119999] = 0;
    token = fixture_token(key, HS256, payload); /* larger than the buffer that the scratch keeps */
    assert_int_equal(verify_text(key, token, strlen(token), &wide), SIGNET_OK);
    free(token);
    free(payload);
    assert_int_equal(verify_made(HS256, "{}"), SIGNET_OK);
}

static void a_payload_with_a_brace_must_be_a_strict_object(void **state)
{
    const char *bad[] = {
        "{", " {\"a\":1,\"a\":2}", "{\"a\":1}{", "{\"exp\":1,\"\\u0065xp\":9999999999}", "\n{\"a\":\"\xC3\"}", "{a}"};
    const char *other[] = {"text", "[1,{\"exp\":0}]", "null", "\"{}\"", "\xEF\xBB\xBF{\"exp\":0}", "\xFF\xFE"};
    const signet_verify_options strict = {.now_s = 1, .flags = SIGNET_VERIFY_OBJECT_ONLY};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(verify_made(HS256, bad[i]), SIGNET_ERR_TOKEN_INVALID);
    for (size_t i = 0; i < COUNT(other); i++) {
        char *token = fixture_token(key, HS256, other[i]);
        assert_int_equal(verify_made(HS256, other[i]), SIGNET_OK);
        assert_int_equal(verify_text(key, token, strlen(token), &strict), SIGNET_ERR_PAYLOAD_NOT_OBJECT);
        free(token);
    }
}

static void the_type_must_match_exactly_if_given(void **state)
{
    const signet_verify_options options = {.now_s = 1, .typ = TEXT("at+jwt")};
    const char *bad[] = {"{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"typ\":\"AT+JWT\"}",
                         "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\"}", "{\"alg\":\"HS256\",\"typ\":[\"at+jwt\"]}"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char *token = fixture_token(key, bad[i], "{}");
        assert_int_equal(verify_text(key, token, strlen(token), &options), SIGNET_ERR_TYP);
        free(token);
    }
    char *token = fixture_token(key, "{\"alg\":\"HS256\",\"typ\":\"at\\u002bjwt\"}", "{}");
    assert_int_equal(verify_text(key, token, strlen(token), &options), SIGNET_OK);
    free(token);
}

/* More headers than are remembered, in turn: each is read correctly. */
static void remembered_headers_are_never_mixed_up(void **state)
{
    const signet_verify_options options = {.now_s = 1};
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 9; i++) {
            char header[400], kid[200];
            signet_token token;
            memset(kid, 'k', sizeof kid);
            kid[i == 8 ? 199 : 2] = 0; /* the last is too long to be remembered */
            kid[0] = (char)('0' + i);
            (void)sprintf(header, "{\"alg\":\"HS256\",\"kid\":\"%s\"}", kid);
            char *text = fixture_token(key, header, "{}");
            assert_int_equal(signet_verify(key, scratch, text, strlen(text), &options, &token, NULL), SIGNET_OK);
            assert_int_equal(token.kid.len, strlen(kid));
            assert_memory_equal(token.kid.ptr, kid, token.kid.len);
            assert_memory_equal(token.header.ptr, header, token.header.len);
            free(text);
        }
    }
}

static void decoding_takes_apart_what_it_cannot_vouch_for(void **state)
{
    signet_token token;
    const struct {
        const char *text;
        signet_status status;
        bool is_object;
    } rows[] = {{"eyJhbGciOiJIUzI1NiJ9.e30.AAAA", SIGNET_OK, true},
                {"eyJhbGciOiJIUzI1NiJ9.e30.", SIGNET_OK, true},
                {"e30.e30.", SIGNET_OK, true},
                {"eyJhbGciOiJIUzI1NiJ9.dGV4dA.AAAA", SIGNET_OK, false},
                {"eyJhbGciOiJIUzI1NiJ9.e30.AA=", SIGNET_ERR_TOKEN_INVALID, false},
                {"eyJhbGciOiJIUzI1NiJ9.e31.AAAA", SIGNET_ERR_TOKEN_INVALID, false},
                {"eyJhbGciOiJIUzI1NiJ9.e30", SIGNET_ERR_TOKEN_MALFORMED, false},
                {"e31.e30.", SIGNET_ERR_TOKEN_INVALID, false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(signet_decode(scratch, rows[i].text, strlen(rows[i].text), &token, NULL), rows[i].status);
        if (rows[i].status == SIGNET_OK)
            assert_int_equal(token.payload_is_object, rows[i].is_object);
    }
    assert_int_equal(signet_decode(scratch, "e30.e30.", 8, &token, NULL), SIGNET_OK);
    assert_int_equal(token.alg, SIGNET_ALG_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_token_is_taken_apart),
        cmocka_unit_test(a_token_has_three_parts),
        cmocka_unit_test(every_change_of_one_character_is_detected),
        cmocka_unit_test(a_character_outside_base64url_is_an_invalid_token_and_not_a_bad_signature),
        cmocka_unit_test(a_non_canonical_payload_is_refused_even_if_signed),
        cmocka_unit_test(a_header_is_a_strict_object),
        cmocka_unit_test(a_header_is_limited_in_size_and_members),
        cmocka_unit_test(a_critical_extension_of_any_kind_is_refused),
        cmocka_unit_test(a_key_in_the_header_is_not_used),
        cmocka_unit_test(none_passes_only_without_a_key_and_if_allowed_by_name),
        cmocka_unit_test(a_token_is_limited_in_size),
        cmocka_unit_test(a_payload_with_a_brace_must_be_a_strict_object),
        cmocka_unit_test(the_type_must_match_exactly_if_given),
        cmocka_unit_test(remembered_headers_are_never_mixed_up),
        cmocka_unit_test(decoding_takes_apart_what_it_cannot_vouch_for),
    };
    return cmocka_run_group_tests_name("verify", tests, set_up, tear_down);
}
