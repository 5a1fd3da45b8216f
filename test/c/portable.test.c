/* Compares the code for any processor, compiled here under other names, with the code for this one. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "core/scratch.h"

static size_t (*const encode)(const void *, size_t, char *) = signet_b64url_encode;
static bool (*const decode)(const char *, size_t, void *, size_t *) = signet_b64url_decode;
static signet_status (*const read_object)(const char *, size_t, signet_json_field *, size_t, signet_json_names *,
                                          size_t, signet_error *) = signet_json_read_object;

#define SIGNET_PORTABLE
#define signet_b64url_encode portable_encode
#define signet_b64url_decode portable_decode
#define signet_b64url_is_alphabet portable_is_alphabet
#define signet_json_plain_end_far portable_plain_end_far
#define signet_json_unescaped_end_far portable_unescaped_end_far
#define signet_json_scan_string portable_scan_string
#define signet_json_bytes_open portable_bytes_open
#define signet_json_bytes_next portable_bytes_next
#define signet_json_equals portable_equals
#define signet_json_copy portable_copy
#define signet_json_quote portable_quote
#define signet_utf8_valid portable_utf8_valid
#define signet_json_read_object portable_read_object
#define signet_json_open portable_open
#define signet_json_next portable_next
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "core/base64url.c"
#include "core/json_string.c"

#include "core/json.c"

enum { LONGEST = 700, TEXTS = 40000 };

static uint32_t below(uint32_t limit)
{
    static uint64_t number = 7;
    number = number * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(number >> 33) % limit;
}

static void base64url_gives_the_same_text_and_result(void **state)
{
    (void)state;
    for (size_t n = 0; n <= LONGEST; n++) {
        uint8_t bytes[LONGEST + 1], back[LONGEST + 1], portable_back[LONGEST + 1];
        char text[LONGEST * 2], portable_text[LONGEST * 2];
        size_t back_len, portable_len;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)below(256);
        const size_t len = encode(bytes, n, text);
        assert_int_equal(len, portable_encode(bytes, n, portable_text));
        assert_memory_equal(text, portable_text, len);
        for (int change = 0; change < 20; change++) {
            const bool decodes = decode(text, len, back, &back_len);
            assert_int_equal(decodes, portable_decode(text, len, portable_back, &portable_len));
            if (decodes)
                assert_memory_equal(back, portable_back, back_len);
            if (len > 0)
                text[below((uint32_t)len)] = (char)(below(3) ? alphabet[below(64)] : (char)below(256));
        }
    }
}

/* Cuts, doubles or overwrites a few bytes; the result is often still JSON. */
static size_t change(char *text, size_t len)
{
    static const char parts[] =
        "\"\\\"\\,:{}[]0123456789-+.eE \n\t\x1f\x7f\x80\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80u0041trufalsn";
    const size_t at = below((uint32_t)len), n = 1 + below(below(4) ? 3 : 40);
    switch (below(4)) {
    case 0:
        if (at + n >= len)
            return len;
        memmove(text + at, text + at + n, len - at - n);
        return len - n;
    case 1:
        memmove(text + at + n, text + at, len - at);
        return len + n;
    default:
        text[at] = parts[below(sizeof parts - 1)];
        return len;
    }
}

static void json_is_accepted_or_refused_at_the_same_position(void **state)
{
    static const char row[] =
        "{\"id\":1234567890123,\"name\":\"a name that is longer than a step\",\"tags\":[\"a\",\"b\\n\",true,null],"
        "\"pr\\u0069ce\":-1.25e-3,\"city\":\"M\xc3\xbcnchen \xe2\x82\xac "
        "\xf0\x9f\x98\x80\",\"nested\":{\"x\":{},\"y\":[]}}";
    signet_scratch *scratch = signet_scratch_new();
    unsigned taken = 0;
    (void)state;
    assert_non_null(scratch);
    for (int i = 0; i < TEXTS; i++) {
        char text[8192];
        size_t len = (size_t)sprintf(text, "{\"rows\" : [%s,%s,\n%s],\"last\":false}", row, row, row);
        for (uint32_t changes = below(4); changes > 0; changes--)
            len = change(text, len);
        char *exact = malloc(len);
        signet_error err = {.position = -1}, portable_err = {.position = -1};
        memcpy(exact, text, len);
        const signet_status status = read_object(exact, len, NULL, 0, signet_scratch_names(scratch), 0, &err);
        assert_int_equal(status,
                         portable_read_object(exact, len, NULL, 0, signet_scratch_names(scratch), 0, &portable_err));
        assert_int_equal(err.position, portable_err.position);
        taken += status == SIGNET_OK;
        free(exact);
    }
    assert_in_range(taken, TEXTS / 5, TEXTS * 4 / 5);
    signet_scratch_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_gives_the_same_text_and_result),
        cmocka_unit_test(json_is_accepted_or_refused_at_the_same_position),
    };
    return cmocka_run_group_tests_name("portable", tests, NULL, NULL);
}
