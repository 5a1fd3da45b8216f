/* json_flat.c: objects without nesting, escapes or white space, in one pass. */
#include "core/json_flat.h"

#include <string.h>

#include "core/json_string.h"

/* Digits that a double holds exactly whatever they are. */
#define EXACT_DIGITS 15

/* From behind the opening quote to the closing one; NULL: not a plain string. */
static const char *skip_plain(const char *at, const char *end)
{
    at = signet_json_plain_end(at, end);
    return at < end && *at == '"' ? at : NULL;
}

static const char *read_string(const char *at, const char *end, signet_member *member)
{
    const char *close = skip_plain(at + 1, end);
    if (!close)
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
    const char *close = skip_plain(at + 1, end);
    if (!close || end - close < 3 || close[1] != ':')
        return NULL;
    *name = (signet_text){at + 1, (size_t)(close - at - 1)};
    return close + 2;
}

/* The same where the name is the next one of those that came before. */
static const char *read_labelled_name(const signet_flat *flat, const char *at, const char *end, signet_text *name)
{
    const size_t i = flat->members_n, from = i ? flat->label_ends[i - 1] : 0;
    if (i >= flat->labels_n)
        return NULL;
    const size_t len = flat->label_ends[i] - from;
    if ((size_t)(end - at) <= len || memcmp(at, flat->labels + from, len) != 0)
        return NULL;
    *name = (signet_text){at + 1, len - 3};
    return at + len;
}

/* Takes the names just read for those to come; not at each chance, as where they take turns it would be of no use. */
static void learn_labels(signet_flat *flat)
{
    size_t used = 0;
    if (flat->labels_n > 0 && ++flat->misses % 4 != 0)
        return;
    flat->labels_n = 0;
    for (size_t i = 0; i < flat->members_n; i++) {
        const signet_text name = flat->members[i].name;
        if (name.len + 3 > sizeof flat->labels - used)
            return;
        memcpy(flat->labels + used, name.ptr - 1, name.len + 3);
        used += name.len + 3;
        flat->label_ends[i] = (uint16_t)used;
    }
    flat->labels_n = flat->members_n;
    flat->labels_id++;
}

static bool is_known(const signet_flat *flat, signet_text name)
{
    for (size_t i = 0; i < flat->members_n; i++) {
        const signet_text known = flat->members[i].name;
        if (known.len == name.len && memcmp(known.ptr, name.ptr, name.len) == 0)
            return true;
    }
    return false;
}

/* Reads the members, from behind the opening brace. `*is_labelled`: all of them had the names that came before. */
static bool read_members(const char *at, const char *end, signet_flat *flat, bool *is_labelled)
{
    while (at < end && flat->members_n < SIGNET_MAX_MEMBERS) {
        signet_member *member = &flat->members[flat->members_n];
        const char *value = *is_labelled ? read_labelled_name(flat, at, end, &member->name) : NULL;
        if (!value) {
            *is_labelled = false;
            if (!(value = read_name(at, end, &member->name)) || is_known(flat, member->name))
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
    bool is_labelled = true;
    flat->members_n = 0;
    if (len < 2 || *text != '{' || !read_members(text + 1, text + len, flat, &is_labelled))
        return false;
    is_labelled = is_labelled && flat->members_n == flat->labels_n;
    flat->names_id = is_labelled ? flat->labels_id : 0;
    if (!is_labelled)
        learn_labels(flat);
    return true;
}

signet_json signet_json_of_member(const signet_member *member)
{
    static const signet_json_kind kinds[] = {
        [SIGNET_MEMBER_STRING] = SIGNET_JSON_STRING, [SIGNET_MEMBER_NUMBER] = SIGNET_JSON_NUMBER, [SIGNET_MEMBER_TRUE] = SIGNET_JSON_TRUE,
        [SIGNET_MEMBER_FALSE] = SIGNET_JSON_FALSE,   [SIGNET_MEMBER_NULL] = SIGNET_JSON_NULL,
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
