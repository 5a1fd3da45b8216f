/* The JSON parser: what it accepts, what it refuses, what it finds. */
#include "fixture.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/scratch.h"

static signet_scratch *scratch;

static int set_up(void **state)
{
    (void)state;
    return (scratch = signet_scratch_new()) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    signet_scratch_free(scratch);
    return 0;
}

/* Reads from a heap block of the exact size, so that valgrind detects a read beyond it. */
static signet_status read_text(const char *text, size_t len, size_t max_members)
{
    char *exact = malloc(len ? len : 1);
    memcpy(exact, text, len);
    signet_error err;
    const signet_status status =
        signet_json_read_object(exact, len, NULL, 0, signet_scratch_names(scratch), max_members, &err);
    if (status != SIGNET_OK)
        assert_true(err.position >= 0 && (size_t)err.position <= len);
    free(exact);
    return status;
}

static void valid_objects_are_accepted(void **state)
{
    const char *good[] = {"{}",
                          " \t\r\n{ } \n",
                          "{\"a\":1}",
                          "{\"a\":-0,\"b\":1.5e+3,\"c\":0.1E-2,\"d\":1e999}",
                          "{\"a\":[],\"b\":[[],{}],\"c\":{\"a\":{\"a\":1}}}",
                          "{\"a\":true,\"b\":false,\"c\":null,\"\":\"\"}",
                          "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\"}",
                          "{\"a\":\"\\ud800\"}",
                          "{\"\xC3\xA9\":\"\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\x7F\"}",
                          "{\"a\" : [ 1 , \"x\" , { \"b\" : [ ] } ] }",
                          "{\"a\":[{\"a\":1},{\"a\":2}]}",
                          "{\"__proto__\":1,\"constructor\":2}"};
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(read_text(good[i], strlen(good[i]), 0), SIGNET_OK);
}

static void texts_that_are_no_json_object_are_refused(void **state)
{
    const char *bad[] = {"",
                         " ",
                         "[]",
                         "1",
                         "\"a\"",
                         "null",
                         "{",
                         "}",
                         "{}}",
                         "{}x",
                         "{]",
                         "{,}",
                         "{\"a\"}",
                         "{\"a\":}",
                         "{\"a\":1,}",
                         "{\"a\":1 \"b\":2}",
                         "{a:1}",
                         "{'a':1}",
                         "{1:1}",
                         "{\"a\":1,,\"b\":2}",
                         "{\"a\":01}",
                         "{\"a\":+1}",
                         "{\"a\":.5}",
                         "{\"a\":1.}",
                         "{\"a\":1e}",
                         "{\"a\":1e+}",
                         "{\"a\":-}",
                         "{\"a\":--1}",
                         "{\"a\":0x10}",
                         "{\"a\":NaN}",
                         "{\"a\":Infinity}",
                         "{\"a\":tru}",
                         "{\"a\":nul",
                         "{\"a\":True}",
                         "{\"a\":\"",
                         "{\"a\":\"\\\"}",
                         "{\"a\":\"\\x41\"}",
                         "{\"a\":\"\\u12\"}",
                         "{\"a\":\"\\u12G4\"}",
                         "{\"a\":\"\n\"}",
                         "{\"a\":\"\x1F\"}",
                         "{\"a\":[1,]}",
                         "{\"a\":[1 2]}",
                         "{\"a\":[}",
                         "{\"a\":[1}",
                         "{\"a\":{\"b\":1]}",
                         "{\"a\":/**/1}",
                         "{\"a\":1}//",
                         "\xEF\xBB\xBF{}",
                         "{\"a\":\v1}",
                         "{\"a\":\f1}",
                         "{\"a\":\xC2\xA0 1}",
                         "{\"a\":1",
                         "{\"a\"",
                         "{\"a",
                         "{\"a\":1,"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(read_text(bad[i], strlen(bad[i]), 0), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"a\":\"\0\"}", 9, 0), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"a\":1}\0", 8, 0), SIGNET_ERR_TOKEN_INVALID);
}

static void invalid_utf8_is_refused_at_every_position_of_a_string(void **state)
{
    const char *bad[] = {"\x80",
                         "\xBF",
                         "\xC0\x80",
                         "\xC1\xBF",
                         "\xC2",
                         "\xC2\x41",
                         "\xE0\x80\x80",
                         "\xE0\x9F\xBF",
                         "\xED\xA0\x80",
                         "\xED\xBF\xBF",
                         "\xE2\x82",
                         "\xE2\x28\xA1",
                         "\xF0\x80\x80\x80",
                         "\xF0\x8F\xBF\xBF",
                         "\xF4\x90\x80\x80",
                         "\xF5\x80\x80\x80",
                         "\xF0\x9F\x98",
                         "\xFE",
                         "\xFF"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(signet_utf8_valid(bad[i], strlen(bad[i])));
        for (int before = 0; before < 20; before++) {
            for (int after = 0; after < 20; after += 19) {
                char text[80];
                (void)snprintf(text, sizeof text, "{\"a\":\"%.*s%s%.*s\"}", before, "xxxxxxxxxxxxxxxxxxxx", bad[i],
                               after, "xxxxxxxxxxxxxxxxxxxx");
                assert_int_equal(read_text(text, strlen(text), 0), SIGNET_ERR_TOKEN_INVALID);
            }
        }
    }
    assert_true(signet_utf8_valid(NULL, 0));
    assert_true(signet_utf8_valid("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10));
}

static void duplicate_members_are_refused_in_every_object(void **state)
{
    const char *bad[] = {"{\"a\":1,\"a\":1}",
                         "{\"alg\":1,\"\\u0061lg\":2}",
                         "{\"\\u0061lg\":1,\"alg\":2}",
                         "{\"\\u0061\":1,\"\\u0061\":2}",
                         "{\"\":1,\"\":2}",
                         "{\"x\":{\"a\":1,\"a\":2}}",
                         "{\"x\":[{\"b\":1,\"a\":1,\"a\":2}]}",
                         "{\"\\uD83D\\uDE00\":1,\"\xF0\x9F\x98\x80\":2}",
                         "{\"a/b\":1,\"a\\/b\":2}",
                         "{\"a\\tb\":1,\"a\\u0009b\":2}",
                         "{\"longer than eight\":1,\"longer than \\u0065ight\":2}"};
    const char *good[] = {"{\"a\":1,\"A\":1}", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1,\"a\\u0000\":2}",
                          "{\"\\uD800\":1,\"\\uD801\":2}", "{\"ab\":1,\"a\":2,\"b\":3}"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(read_text(bad[i], strlen(bad[i]), 0), SIGNET_ERR_TOKEN_INVALID);
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(read_text(good[i], strlen(good[i]), 0), SIGNET_OK);
}

/* Far more than the set of names holds before it grows, in one object and in many. */
static void ten_thousand_names_are_distinguished(void **state)
{
    char *text = malloc(400000), *to = text;
    (void)state;
    *to++ = '{';
    for (int i = 0; i < 10000; i++)
        to += sprintf(to, "%s\"k%d\":{\"k\":%d}", i ? "," : "", i, i);
    *to = '}';
    to[1] = 0;
    assert_int_equal(read_text(text, (size_t)(to + 1 - text), 0), SIGNET_OK);
    to += sprintf(to, ",\"k7777\":1}");
    assert_int_equal(read_text(text, (size_t)(to - text), 0), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"k7777\":1}", 11, 0), SIGNET_OK);
    free(text);
}

static void depth_is_limited(void **state)
{
    char text[2 * 100000 + 10];
    (void)state;
    for (int depth = 1; depth <= 70; depth++) {
        for (int kind = 0; kind < 2; kind++) {
            char *to = text;
            to += sprintf(to, "{\"a\":");
            for (int i = 1; i < depth; i++)
                to += sprintf(to, kind ? "[" : "{\"a\":");
            to += sprintf(to, "1");
            for (int i = 1; i < depth; i++)
                *to++ = kind ? ']' : '}';
            *to++ = '}';
            assert_int_equal(read_text(text, (size_t)(to - text), 0),
                             depth <= SIGNET_MAX_JSON_DEPTH ? SIGNET_OK : SIGNET_ERR_TOKEN_INVALID);
        }
    }
    memcpy(text, "{\"a\":", 5);
    memset(text + 5, '[', 200000);
    assert_int_equal(read_text(text, 200005, 0), SIGNET_ERR_TOKEN_INVALID);
}

static void the_number_of_members_is_limited_if_asked(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"a\":1,\"b\":2}", 13, 2), SIGNET_OK);
    assert_int_equal(read_text("{\"a\":1,\"b\":2,\"c\":3}", 19, 2), SIGNET_ERR_TOKEN_INVALID);
}

static void fields_are_found_by_name_even_if_it_is_escaped(void **state)
{
    static const char text[] = "{\"x\":{\"exp\":1},\"e\\u0078p\":2,\"aud\":[\"a\",{\"b\":[1]},\"c\"],\"exp2\":3}";
    signet_json_field fields[] = {SIGNET_JSON_FIELD("exp"), SIGNET_JSON_FIELD("aud"), SIGNET_JSON_FIELD("gone")};
    signet_json item;
    double number;
    (void)state;
    assert_int_equal(signet_json_read_object(text, sizeof text - 1, fields, 3, signet_scratch_names(scratch), 0, NULL),
                     SIGNET_OK);
    assert_true(signet_json_number(&fields[0].value, &number) && number == 2);
    assert_int_equal(fields[2].value.kind, SIGNET_JSON_ABSENT);
    signet_json_cursor cursor = signet_json_open(&fields[1].value);
    assert_true(signet_json_next(&cursor, NULL, &item) && signet_json_equals(&item, "a", 1));
    assert_true(signet_json_next(&cursor, NULL, &item) && item.kind == SIGNET_JSON_OBJECT && item.len == 9);
    assert_true(signet_json_next(&cursor, NULL, &item) && signet_json_equals(&item, "c", 1));
    assert_false(signet_json_next(&cursor, NULL, &item));
    const signet_json whole = {SIGNET_JSON_OBJECT, false, text, sizeof text - 1};
    signet_json name;
    int n = 0;
    for (cursor = signet_json_open(&whole); signet_json_next(&cursor, &name, &item); n++)
        assert_int_equal(name.kind, SIGNET_JSON_STRING);
    assert_int_equal(n, 4);
    cursor = signet_json_open(&fields[0].value);
    assert_false(signet_json_next(&cursor, NULL, &item));
}

static signet_json string_of(const char *raw)
{
    return (signet_json){SIGNET_JSON_STRING, strchr(raw, '\\') != NULL, raw, strlen(raw)};
}

static void strings_are_compared_and_copied_with_escapes_resolved(void **state)
{
    signet_json value = string_of("\\u00e9\\n\\uD83D\\uDE00\\/x");
    char out[32];
    size_t len;
    (void)state;
    assert_true(signet_json_equals(&value, "\xC3\xA9\n\xF0\x9F\x98\x80/x", 9));
    assert_false(signet_json_equals(&value, "\xC3\xA9\n\xF0\x9F\x98\x80/", 8));
    assert_false(signet_json_equals(&value, "\xC3\xA9\n\xF0\x9F\x98\x80/xy", 10));
    assert_true(signet_json_copy(&value, out, sizeof out, &len) && len == 9 && out[9] == 0);
    assert_true(signet_json_copy(&value, out, 10, &len));
    assert_false(signet_json_copy(&value, out, 9, &len));
    value = string_of("a\\u0000");
    assert_false(signet_json_copy(&value, out, sizeof out, &len));
    assert_true(signet_json_equals(&value, "a\0", 2));
    const char *lone[] = {"\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800x", "\\ud800\\n"};
    for (size_t i = 0; i < COUNT(lone); i++) {
        value = string_of(lone[i]);
        assert_false(signet_json_copy(&value, out, sizeof out, &len));
        assert_false(signet_json_equals(&value, "\xEF\xBF\xBD", 3));
    }
}

static void a_quoted_text_is_read_back(void **state)
{
    char text[300], quoted[6 * 300 + 2 + 6], back[400];
    size_t len = 0, back_len;
    (void)state;
    for (int c = 1; c < 128; c++)
        text[len++] = (char)c;
    memcpy(text + len, "\xC3\xA9\xF0\x9F\x98\x80", 6);
    len += 6;
    memcpy(quoted, "{\"a\":", 5);
    const size_t quoted_len = signet_json_quote(text, len, quoted + 5);
    assert_true(quoted_len <= signet_json_quoted_max(len));
    quoted[5 + quoted_len] = '}';
    signet_json_field field = SIGNET_JSON_FIELD("a");
    assert_int_equal(signet_json_read_object(quoted, quoted_len + 6, &field, 1, NULL, 0, NULL), SIGNET_OK);
    assert_true(signet_json_copy(&field.value, back, sizeof back, &back_len));
    assert_int_equal(back_len, len);
    assert_memory_equal(back, text, len);
}

static void numbers_are_read_as_javascript_reads_them(void **state)
{
    const struct {
        const char *text;
        double value;
    } rows[] = {{"0", 0},
                {"-0", 0},
                {"1437018582", 1437018582},
                {"-5", -5},
                {"1.5", 1.5},
                {"1e3", 1000},
                {"1E+3", 1000},
                {"25e-1", 2.5},
                {"0.1", 0.1},
                {"123456789012345678", 123456789012345678.0},
                {"9007199254740993", 9007199254740992.0},
                {"1.7976931348623157e308", 1.7976931348623157e308},
                {"5e-324", 5e-324},
                {"1e-400", 0},
                {"0e999999999999", 0},
                {"2.2250738585072011e-308", 2.2250738585072011e-308},
                {"0.000001e6", 1},
                {"100000000000000000000000e-23", 1}};
    const char *infinite[] = {"1e999", "-1e999", "1.8e308", "1e99999999999999999999"};
    double value;
    (void)state;
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* if it exists, its decimal comma must not matter */
    for (size_t i = 0; i < COUNT(rows); i++) {
        const signet_json number = {SIGNET_JSON_NUMBER, false, rows[i].text, strlen(rows[i].text)};
        assert_true(signet_json_number(&number, &value));
        assert_true(value == rows[i].value);
    }
    for (size_t i = 0; i < COUNT(infinite); i++) {
        const signet_json number = {SIGNET_JSON_NUMBER, false, infinite[i], strlen(infinite[i])};
        assert_false(signet_json_number(&number, &value));
    }
    (void)setlocale(LC_ALL, "C");
    const signet_json text = {SIGNET_JSON_STRING, false, "1", 1};
    assert_false(signet_json_number(&text, &value));
}

/* Halfway between two doubles, decided by the digit 5,000 places later. */
static void a_number_of_any_length_is_rounded_correctly(void **state)
{
    char *text = malloc(6000);
    double value;
    (void)state;
    const size_t len = (size_t)sprintf(text, "9007199254740993.%05000d1", 0);
    const signet_json number = {SIGNET_JSON_NUMBER, false, text, len};
    assert_true(signet_json_number(&number, &value));
    assert_true(value == 9007199254740994.0);
    free(text);
}

static void integers_are_exact_or_refused(void **state)
{
    int64_t value;
    (void)state;
    const signet_json largest = {SIGNET_JSON_NUMBER, false, "-9007199254740991", 17};
    assert_true(signet_json_integer(&largest, &value) && value == -9007199254740991);
    const char *bad[] = {"1.5", "9007199254740992", "1e300"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        const signet_json number = {SIGNET_JSON_NUMBER, false, bad[i], strlen(bad[i])};
        assert_false(signet_json_integer(&number, &value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_objects_are_accepted),
        cmocka_unit_test(texts_that_are_no_json_object_are_refused),
        cmocka_unit_test(invalid_utf8_is_refused_at_every_position_of_a_string),
        cmocka_unit_test(duplicate_members_are_refused_in_every_object),
        cmocka_unit_test(ten_thousand_names_are_distinguished),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(the_number_of_members_is_limited_if_asked),
        cmocka_unit_test(fields_are_found_by_name_even_if_it_is_escaped),
        cmocka_unit_test(strings_are_compared_and_copied_with_escapes_resolved),
        cmocka_unit_test(a_quoted_text_is_read_back),
        cmocka_unit_test(numbers_are_read_as_javascript_reads_them),
        cmocka_unit_test(a_number_of_any_length_is_rounded_correctly),
        cmocka_unit_test(integers_are_exact_or_refused),
    };
    return cmocka_run_group_tests_name("json", tests, set_up, tear_down);
}
