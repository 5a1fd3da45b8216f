/* Flat payloads: whatever the fast path accepts, it reads as the full parser does. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/json_flat.h"
#include "core/scratch.h"

static bool is_flat(const char *text)
{
    signet_flat flat = {0};
    return signet_json_read_flat(text, strlen(text), &flat);
}

static void members_have_their_kinds_and_values(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":\"1\",\"isAdmin\":true,\"off\":false,\"none\":null,\"iat\":1700000000,\"low\":-"
                               "12,\"zero\":0,\"\":\"\"}";
    signet_flat flat = {0};
    assert_true(signet_json_read_flat(text, sizeof text - 1, &flat));
    assert_int_equal(flat.members_n, 8);
    assert_memory_equal(flat.members[0].name.ptr, "id", flat.members[0].name.len);
    assert_int_equal(flat.members[0].kind, SIGNET_MEMBER_STRING);
    assert_int_equal(flat.members[0].text.len, 1);
    assert_int_equal(flat.members[1].kind, SIGNET_MEMBER_TRUE);
    assert_int_equal(flat.members[2].kind, SIGNET_MEMBER_FALSE);
    assert_int_equal(flat.members[3].kind, SIGNET_MEMBER_NULL);
    assert_true(flat.members[4].number == 1700000000);
    assert_true(flat.members[5].number == -12);
    assert_true(flat.members[6].number == 0);
    assert_int_equal(flat.members[7].text.len, 0);
}

/* Digits are read eight at a time if there are eight: every length, and every character next to the digits at every
 * position. */
static void numbers_of_every_length_are_read(void **state)
{
    (void)state;
    static const char digits[] = "987654321012345";
    char text[64];
    signet_flat flat = {0};
    for (int sign = 0; sign < 2; sign++) {
        double value = 0;
        for (int n = 1; n <= 15; n++) {
            value = value * 10 + (digits[n - 1] - '0');
            const int len = snprintf(text, sizeof text, "{\"a\":%s%.*s}", sign ? "-" : "", n, digits);
            assert_true(signet_json_read_flat(text, (size_t)len, &flat));
            assert_true(flat.members[0].number == (sign ? -value : value));
            assert_int_equal(flat.members[0].text.len, n + sign);
            for (int at = 0; at < n; at++) {
                for (const char *other = "/:;?@ \xb0"; *other; other++) {
                    text[5 + sign + at] = *other;
                    assert_false(signet_json_read_flat(text, (size_t)len, &flat));
                }
                text[5 + sign + at] = digits[at];
            }
        }
    }
}

static void assert_same_members(const signet_flat *a, const signet_flat *b)
{
    assert_int_equal(a->members_n, b->members_n);
    for (size_t i = 0; i < a->members_n; i++) {
        assert_ptr_equal(a->members[i].name.ptr, b->members[i].name.ptr);
        assert_int_equal(a->members[i].name.len, b->members[i].name.len);
        assert_ptr_equal(a->members[i].text.ptr, b->members[i].text.ptr);
        assert_int_equal(a->members[i].text.len, b->members[i].text.len);
        assert_int_equal(a->members[i].kind, b->members[i].kind);
    }
}

/* Compares a reader that remembers names with one that does not, for every pair of texts. */
static void remembered_names_change_no_result(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"a\":1,\"b\":2}",  "{\"a\":3,\"b\":\"x\"}",
        "{\"a\":1}",          "{\"a\":1,\"b\":2,\"c\":3}",
        "{\"b\":1,\"a\":2}",  "{\"a\":1,\"b\":2,\"a\":3}",
        "{\"a\":1,\"a\":2}",  "{\"aa\":1,\"b\":2}",
        "{\"a\":1,\"b\":",    "{\"a\":1,\"b\"",
        "{\"a\" :1,\"b\":2}", "{\"a\":\"b\",\"c\":1}",
        "{\"\":1}",           "{\"a\":1,\"b\":2",
        "{\"a\":{},\"b\":2}",
    };
    const size_t n = sizeof texts / sizeof *texts;
    for (size_t first = 0; first < n; first++) {
        for (size_t second = 0; second < n; second++) {
            signet_flat knowing = {0};
            for (int round = 0; round < 12; round++) {
                const char *text = texts[round % 3 == 2 ? second : first];
                signet_flat ignorant = {0};
                const bool is_one = signet_json_read_flat(text, strlen(text), &ignorant);
                assert_int_equal(signet_json_read_flat(text, strlen(text), &knowing), is_one);
                if (is_one)
                    assert_same_members(&knowing, &ignorant);
            }
        }
    }
}

static void the_same_shape_has_the_same_number(void **state)
{
    (void)state;
    signet_flat flat = {0};
    assert_true(signet_json_read_flat("{\"a\":1,\"b\":2}", 13, &flat));
    assert_int_equal(flat.shape, 0);
    assert_true(signet_json_read_flat("{\"a\":3,\"b\":4}", 13, &flat));
    const uint64_t id = flat.shape;
    assert_int_not_equal(id, 0);
    for (int i = 0; i < 12; i++) {
        assert_true(signet_json_read_flat("{\"a\":1,\"c\":2}", 13, &flat));
        assert_int_not_equal(flat.shape, id);
    }
    assert_int_not_equal(flat.shape, 0);
}

static signet_member member(const char *name, signet_member_kind kind, const char *text, double number)
{
    return (signet_member){{name, strlen(name)}, {text, text ? strlen(text) : 0}, number, kind};
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    const signet_member members[] = {
        member("id", SIGNET_MEMBER_STRING, "1", 0),
        member("", SIGNET_MEMBER_STRING, "", 0),
        member("yes", SIGNET_MEMBER_TRUE, NULL, 0),
        member("no", SIGNET_MEMBER_FALSE, NULL, 0),
        member("none", SIGNET_MEMBER_NULL, NULL, 0),
        member("zero", SIGNET_MEMBER_NUMBER, NULL, -0.0),
        member("low", SIGNET_MEMBER_NUMBER, NULL, -1234567),
        member("high", SIGNET_MEMBER_NUMBER, NULL, 9007199254740991),
    };
    static const char expected[] = "{\"id\":\"1\",\"\":\"\",\"yes\":true,\"no\":false,\"none\":null,\"zero\":0,\"low\":"
                                   "-1234567,\"high\":9007199254740991";
    char out[256];
    assert_true(signet_json_flat_max(members, 8) <= sizeof out);
    const char *end = signet_json_write_flat(members, 8, out);
    assert_int_equal(end - out, sizeof expected - 1);
    assert_memory_equal(out, expected, sizeof expected - 1);
}

static void text_beyond_ascii_is_written_and_read_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xc3\xa9", "Nguy\xe1\xbb\x85n V\xc4\x83n \xc3\x81nh, the sixteenth",
                                        "\xf0\x9f\x98\x80\xe6\x9d\xb1 and more than sixteen \xe4\xba\xac"};
    char out[256];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const signet_member written = member("a", SIGNET_MEMBER_STRING, texts[i], 0);
        signet_flat flat = {0};
        char *end = signet_json_write_flat(&written, 1, out);
        assert_non_null(end);
        *end++ = '}';
        assert_true(signet_json_read_flat(out, (size_t)(end - out), &flat));
        assert_int_equal(flat.members[0].text.len, strlen(texts[i]));
        assert_memory_equal(flat.members[0].text.ptr, texts[i], strlen(texts[i]));
    }
}

static void members_that_need_escapes_are_not_written(void **state)
{
    (void)state;
    static const char *const others[] = {"a\"b", "a\\b", "a\nb", "\x7f\x80", "caf\xc3", "\xed\xa0\xbd"};
    char out[128];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const signet_member as_name = member(others[i], SIGNET_MEMBER_TRUE, NULL, 0),
                            as_text = member("a", SIGNET_MEMBER_STRING, others[i], 0);
        assert_null(signet_json_write_flat(&as_name, 1, out));
        assert_null(signet_json_write_flat(&as_text, 1, out));
    }
}

static void integers_are_written_to_the_last_digit(void **state)
{
    (void)state;
    char out[SIGNET_JSON_INTEGER_MAX], expected[32];
    const int64_t numbers[] = {
        0, 7, 10, 99, 100, 101, 12345, 1700000000, -1, -10, -100, 9007199254740991, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const int len = snprintf(expected, sizeof expected, "%lld", (long long)numbers[i]);
        assert_int_equal(signet_json_write_integer(numbers[i], out) - out, len);
        assert_memory_equal(out, expected, (size_t)len);
    }
}

static void payloads_that_are_not_flat_are_left_to_the_full_parser(void **state)
{
    (void)state;
    static const char *const others[] = {
        "{}",
        "{\"a\":{}}",
        "{\"a\":[]}",
        "{\"a\":1.5}",
        "{\"a\":1e3}",
        "{ \"a\":1}",
        "{\"a\": 1}",
        "{\"a\":1 }",
        "{\"a\":1}\n",
        "{\"a\\n\":1}",
        "{\"a\":\"\\u0041\"}",
        "{\"é\":1}",
        "{\"a\":1234567890123456}",
        "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,"
        "\"n\":1,\"o\":1,\"p\":1,"
        "\"q\":1}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(is_flat(others[i]));
}

static void texts_that_are_no_json_are_not_flat(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{",
        "}",
        "{\"",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\":\"b",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":1}}",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":\"\t\"}",
        "{\"a\":--1}",
        "{\"a\":1,\"a\":2}",
        "{\"abcdefgh\":1,\"b\":2,\"abcdefgh\":3}",
        "{\"a\":\"\xc3\"}",
        "{\"a\":\"\xc3\xa9\x80\"}",
        "{\"a\":\"\xed\xa0\xbd\"}",
        "{\"a\":\"\xc3\xa9",
        "{\"a\":\"\xc3\xa9\t\"}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(is_flat(wrong[i]));
}

/* Every text that differs from a valid one in one byte, and every prefix of it: flat only if the full parser agrees. */
static void a_changed_byte_is_accepted_only_if_the_full_parser_accepts_it(void **state)
{
    (void)state;
    static const char good[] = "{\"id\":\"1\",\"ok\":true,\"n\":null,\"iat\":170,\"exp\":-12}";
    signet_scratch *scratch = signet_scratch_new();
    assert_non_null(scratch);
    char text[sizeof good];
    unsigned taken = 0;
    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            signet_flat flat = {0};
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            if (!signet_json_read_flat(text, sizeof good - 1, &flat))
                continue;
            taken++;
            assert_int_equal(signet_json_read_object(text, sizeof good - 1, NULL, 0, &scratch->names, 0, NULL),
                             SIGNET_OK);
        }
        assert_false(signet_json_read_flat(good, at, &(signet_flat){.members_n = 0}));
    }
    assert_true(taken > 1000);
    signet_scratch_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_have_their_kinds_and_values),
        cmocka_unit_test(numbers_of_every_length_are_read),
        cmocka_unit_test(remembered_names_change_no_result),
        cmocka_unit_test(the_same_shape_has_the_same_number),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(text_beyond_ascii_is_written_and_read_as_it_is),
        cmocka_unit_test(members_that_need_escapes_are_not_written),
        cmocka_unit_test(integers_are_written_to_the_last_digit),
        cmocka_unit_test(payloads_that_are_not_flat_are_left_to_the_full_parser),
        cmocka_unit_test(texts_that_are_no_json_are_not_flat),
        cmocka_unit_test(a_changed_byte_is_accepted_only_if_the_full_parser_accepts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
