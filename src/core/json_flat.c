/* json_flat.c: objects without nesting, escapes or white space, in one pass. */
#include "core/json_flat.h"

#include <string.h>

#include "core/json_string.h"

/* Digits that a double holds exactly whatever they are. */
#define EXACT_DIGITS 15

static const char *read_string(const char *at, const char *end, signet_member *member)
{
    const char *close = signet_json_unescaped_end(at + 1, end);
    if (close == end || *close != '"')
        return NULL;
    member->kind = SIGNET_MEMBER_STRING;
    member->text = (signet_text){at + 1, (size_t)(close - at - 1)};
    return close + 1;
}

/* A whole number of up to EXACT_DIGITS digits; what follows must end it. */
static const char *read_number(const char *at, const char *end, signet_member *member)
{
    const char *start = at;
    const bool negative = *at == '-';
    int64_t value = 0;
    at += negative;
    const char *first = at;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (at - first == EXACT_DIGITS)
            return NULL;
        value = value * 10 + (*at - '0');
    }
    if (at == first || (*first == '0' && at - first > 1))
        return NULL;
    member->kind = SIGNET_MEMBER_NUMBER;
    member->text = (signet_text){start, (size_t)(at - start)};
    member->number = negative ? -(double)value : (double)value;
    return at;
}

static const char *read_word(const char *at, const char *end, signet_member *member)
{
    static const struct {
        const char *text;
        size_t len;
        signet_member_kind kind;
    } words[] = {{"true", 4, SIGNET_MEMBER_TRUE}, {"false", 5, SIGNET_MEMBER_FALSE}, {"null", 4, SIGNET_MEMBER_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((size_t)(end - at) >= words[i].len && memcmp(at, words[i].text, words[i].len) == 0) {
            member->kind = words[i].kind;
            member->text = (signet_text){at, words[i].len};
            return at + words[i].len;
        }
    }
    return NULL;
}

static const char *read_value(const char *at, const char *end, signet_member *member)
{
    if (*at == '"')
        return read_string(at, end, member);
    return *at == '-' || (*at >= '0' && *at <= '9') ? read_number(at, end, member) : read_word(at, end, member);
}

/* `"name":`, from the name's opening quote. */
static const char *read_name(const char *at, const char *end, signet_text *name)
{
    if (*at != '"')
        return NULL;
    const char *close = signet_json_plain_end(at + 1, end);
    if (end - close < 3 || *close != '"' || close[1] != ':')
        return NULL;
    *name = (signet_text){at + 1, (size_t)(close - at - 1)};
    return close + 2;
}

/* The same if it is member i's in the known shape. */
static const char *read_known_name(const signet_shape *known, size_t i, const char *at, const char *end,
                                   signet_text *name)
{
    const size_t from = i ? known->ends[i - 1] : 0;
    if (i >= known->members_n)
        return NULL;
    const size_t len = known->ends[i] - from;
    if ((size_t)(end - at) <= len || memcmp(at, known->text + from, len) != 0)
        return NULL;
    *name = (signet_text){at + 1, len - 3};
    return at + len;
}

/* Knows the shape of what was just read from now on; not at each chance, since if shapes take turns it would be of no
 * use. */
static void learn_shape(signet_shape *known, const signet_member *members, size_t members_n)
{
    size_t used = 0;
    if (known->members_n > 0 && ++known->misses % 4 != 0)
        return;
    known->members_n = 0;
    for (size_t i = 0; i < members_n; i++) {
        const signet_text name = members[i].name;
        if (name.len + 3 > sizeof known->text - used)
            return;
        memcpy(known->text + used, name.ptr - 1, name.len + 3);
        used += name.len + 3;
        known->ends[i] = (uint16_t)used;
    }
    known->members_n = members_n;
    known->number++;
}

static bool has_name(const signet_flat *flat, signet_text name)
{
    for (size_t i = 0; i < flat->members_n; i++) {
        const signet_text known = flat->members[i].name;
        if (known.len == name.len && memcmp(known.ptr, name.ptr, name.len) == 0)
            return true;
    }
    return false;
}

/* Reads the members, beginning after the opening brace. `*in_shape`: each of them had its name in the known shape. */
static bool read_members(const char *at, const char *end, signet_flat *flat, bool *in_shape)
{
    while (at < end && flat->members_n < SIGNET_MAX_MEMBERS) {
        signet_member *member = &flat->members[flat->members_n];
        const char *value = *in_shape ? read_known_name(&flat->known, flat->members_n, at, end, &member->name) : NULL;
        if (!value) {
            *in_shape = false;
            if (!(value = read_name(at, end, &member->name)) || has_name(flat, member->name))
                return false;
        }
        if (!(at = read_value(value, end, member)) || at >= end)
            return false;
        flat->members_n++;
        if (*at == '}')
            return at + 1 == end;
        if (*at++ != ',')
            return false;
    }
    return false;
}

bool signet_json_read_flat(const char *text, size_t len, signet_flat *flat)
{
    bool in_shape = true;
    flat->members_n = 0;
    if (len < 2 || *text != '{' || !read_members(text + 1, text + len, flat, &in_shape))
        return false;
    in_shape = in_shape && flat->members_n == flat->known.members_n;
    flat->shape = in_shape ? flat->known.number : 0;
    if (!in_shape)
        learn_shape(&flat->known, flat->members, flat->members_n);
    return true;
}

signet_json signet_json_of_member(const signet_member *member)
{
    static const signet_json_kind kinds[] = {
        [SIGNET_MEMBER_STRING] = SIGNET_JSON_STRING, [SIGNET_MEMBER_NUMBER] = SIGNET_JSON_NUMBER,
        [SIGNET_MEMBER_TRUE] = SIGNET_JSON_TRUE,     [SIGNET_MEMBER_FALSE] = SIGNET_JSON_FALSE,
        [SIGNET_MEMBER_NULL] = SIGNET_JSON_NULL,
    };
    return (signet_json){kinds[member->kind], false, member->text.ptr, member->text.len};
}

void signet_json_pick_flat(const signet_member *members, size_t members_n, signet_json_field *fields, size_t fields_n)
{
    for (size_t i = 0; i < members_n; i++) {
        const signet_text name = members[i].name;
        for (size_t f = 0; f < fields_n; f++)
            if (name.len == fields[f].name_len && memcmp(name.ptr, fields[f].name, name.len) == 0)
                fields[f].value = signet_json_of_member(&members[i]);
    }
}
