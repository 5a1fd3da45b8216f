/* json.c: the one-pass JSON reader. */
#include "core/json.h"

#include <string.h>

#include "core/fail.h"
#include "core/json_names.h"
#include "core/json_string.h"

/* A scan in progress. A failing function sets `status` and `at` (where) and returns NULL. */
typedef struct scan {
    const char *end;
    signet_json_names *names;
    signet_status status;
    const char *at;
} scan;

static const char *invalid(scan *s, const char *at)
{
    s->status = SIGNET_ERR_TOKEN_INVALID;
    s->at = at;
    return NULL;
}

static const char *skip_more_space(const scan *s, const char *at)
{
    while (at < s->end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* Most texts are written without any. */
static inline const char *skip_space(const scan *s, const char *at)
{
    return at < s->end && (uint8_t)*at <= ' ' ? skip_more_space(s, at) : at;
}

/* At least one digit. */
static inline const char *skip_digits(scan *s, const char *at)
{
    const char *behind = signet_json_digits_end(at, s->end);
    return behind > at ? behind : invalid(s, at);
}

static const char *skip_number(scan *s, const char *at)
{
    if (*at == '-')
        at++;
    if (at < s->end && *at == '0')
        at++;
    else if (!(at = skip_digits(s, at)))
        return NULL;
    if (at < s->end && *at == '.' && !(at = skip_digits(s, at + 1)))
        return NULL;
    if (at < s->end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < s->end && (*at == '+' || *at == '-'))
            at++;
        return skip_digits(s, at);
    }
    return at;
}

static inline const char *skip_word(scan *s, const char *at, const char *word, size_t len)
{
    return (size_t)(s->end - at) >= len && memcmp(at, word, len) == 0 ? at + len : invalid(s, at);
}

/* A string with its quotes, from the opening one. */
static inline const char *skip_string(scan *s, const char *at, bool *escaped)
{
    const char *stopped_at = NULL;
    const char *close = signet_json_plain_end(at + 1, s->end);
    *escaped = false;
    if (close < s->end && *close == '"')
        return close + 1;
    close = signet_json_scan_string(close, s->end, escaped, &stopped_at);
    return close ? close + 1 : invalid(s, stopped_at);
}

/* A value that holds no other. */
static inline const char *skip_scalar(scan *s, const char *at, bool *escaped)
{
    switch (*at) {
    case '"':
        return skip_string(s, at, escaped);
    case 't':
        return skip_word(s, at, "true", 4);
    case 'f':
        return skip_word(s, at, "false", 5);
    case 'n':
        return skip_word(s, at, "null", 4);
    default:
        return skip_number(s, at);
    }
}

static signet_json_kind kind_of(char first)
{
    switch (first) {
    case '{':
        return SIGNET_JSON_OBJECT;
    case '[':
        return SIGNET_JSON_ARRAY;
    case '"':
        return SIGNET_JSON_STRING;
    case 't':
        return SIGNET_JSON_TRUE;
    case 'f':
        return SIGNET_JSON_FALSE;
    case 'n':
        return SIGNET_JSON_NULL;
    default:
        return SIGNET_JSON_NUMBER;
    }
}

/* What has been skipped from `at` on. */
static signet_json value_between(const char *at, const char *behind, bool escaped)
{
    const signet_json_kind kind = kind_of(*at);
    const size_t quote = kind == SIGNET_JSON_STRING;
    return (signet_json){kind, escaped && quote, at + quote, (size_t)(behind - at) - 2 * quote};
}

/* A name with its quotes, which the innermost object must not have yet. */
static const char *scan_new_name(scan *s, const char *at, signet_json *name)
{
    bool escaped;
    if (at >= s->end || *at != '"')
        return invalid(s, at);
    const char *behind = skip_string(s, at, &escaped);
    if (!behind)
        return NULL;
    *name = value_between(at, behind, escaped);
    if (!s->names || (s->status = signet_json_names_add(s->names, name)) == SIGNET_OK)
        return behind;
    s->at = at;
    return NULL;
}

static inline const char *skip_colon(scan *s, const char *at)
{
    at = skip_space(s, at);
    return at < s->end && *at == ':' ? at + 1 : invalid(s, at);
}

/* The same with its colon, for those that want to know it. */
static const char *scan_name(scan *s, const char *at, signet_json *name)
{
    at = scan_new_name(s, at, name);
    return at ? skip_colon(s, at) : NULL;
}

#ifdef SIGNET_JSON_WIDE
/* Longer than any name that is compared in one step, its quotes and its colon. */
enum { NAME_ROOM = 32, ONE_STEP = 16 };

/* Most names: the one that the shape of the object before has here, short, with nothing between it and its colon.
 * What follows; NULL if it is not so. */
static inline const char *skip_short_name_in_shape(scan *s, const char *at)
{
    const signet_json *known = s->names ? signet_json_names_in_shape(s->names) : NULL;
    if (!known || s->end - at < NAME_ROOM || *at != '"' || known->len >= ONE_STEP)
        return NULL;
    const unsigned with_quote = (2u << known->len) - 1;
    const char *behind = at + 1 + known->len + 1;
    if (signet_json_differing_mask(at + 1, known->ptr) & with_quote || *behind != ':')
        return NULL;
    signet_json_names_add_in_shape(s->names);
    return behind + 1;
}
#else
static inline const char *skip_short_name_in_shape(scan *s, const char *at)
{
    (void)s, (void)at;
    return NULL;
}
#endif

/* A name with its colon, for those that do not want to know it. */
static const char *skip_any_name(scan *s, const char *at)
{
    const signet_json *known = s->names ? signet_json_names_in_shape(s->names) : NULL;
    signet_json name;
    if (known && at < s->end && *at == '"' && (size_t)(s->end - at) > known->len + 1 &&
        memcmp(at + 1, known->ptr, known->len + 1) == 0) { /* with the closing quote */
        signet_json_names_add_in_shape(s->names);
        return skip_colon(s, at + 1 + known->len + 1);
    }
    return scan_name(s, at, &name);
}

static inline const char *skip_name(scan *s, const char *at)
{
    const char *behind = skip_short_name_in_shape(s, at);
    return behind ? behind : skip_any_name(s, at);
}

/* The containers that are open inside one value. */
typedef struct nesting {
    uint64_t is_object; /* a bit each, the outermost one's the lowest */
    unsigned depth;
} nesting;

_Static_assert(SIGNET_MAX_JSON_DEPTH <= 64, "a bit for each open container");

static inline bool innermost_is_object(const nesting *open)
{
    return open->is_object >> (open->depth - 1) & 1;
}

/* Opens the container at `at`; returns the start of its first item, or the place after its bracket if it has none
 * (`*is_empty`). */
static inline const char *open_container(scan *s, const char *at, nesting *open, unsigned outer, bool *is_empty)
{
    const uint64_t is_object = *at == '{';
    if (open->depth + outer >= SIGNET_MAX_JSON_DEPTH)
        return invalid(s, at);
    at = skip_space(s, at + 1);
    *is_empty = at < s->end && *at == (is_object ? '}' : ']');
    if (*is_empty)
        return at + 1;
    open->is_object = (open->is_object & ~((uint64_t)1 << open->depth)) | is_object << open->depth;
    open->depth++;
    if (!is_object)
        return at;
    if (s->names)
        signet_json_names_open(s->names);
    return skip_name(s, at);
}

/* Behind an item: closes what ends here, or goes to the next item's value. */
static inline const char *after_item(scan *s, const char *at, nesting *open)
{
    while (open->depth > 0) {
        const bool is_object = innermost_is_object(open);
        at = skip_space(s, at);
        if (at >= s->end)
            return invalid(s, at);
        if (*at == ',') {
            at = skip_space(s, at + 1);
            return is_object ? skip_name(s, at) : at;
        }
        if (*at != (is_object ? '}' : ']'))
            return invalid(s, at);
        if (is_object && s->names)
            signet_json_names_close(s->names);
        open->depth--;
        at++;
    }
    return at;
}

/* Any value, whole, inside `outer` open containers. */
static const char *skip_value(scan *s, const char *at, unsigned outer, bool *escaped)
{
    nesting open = {0, 0};
    do {
        bool is_empty = true;
        at = skip_space(s, at);
        if (at >= s->end)
            return invalid(s, at);
        at = *at == '{' || *at == '[' ? open_container(s, at, &open, outer, &is_empty) : skip_scalar(s, at, escaped);
        if (at && is_empty)
            at = after_item(s, at, &open);
        if (!at)
            return NULL;
    } while (open.depth > 0);
    return at;
}

static const char *scan_value(scan *s, const char *at, unsigned outer, signet_json *value)
{
    bool escaped = false;
    at = skip_space(s, at);
    const char *behind = skip_value(s, at, outer, &escaped);
    if (behind)
        *value = value_between(at, behind, escaped);
    return behind;
}

static void take_field(const signet_json *name, const signet_json *value, signet_json_field *fields, size_t fields_n)
{
    for (size_t i = 0; i < fields_n; i++) {
        if (!name->escaped && name->len != fields[i].name_len)
            continue;
        const signet_json_field *field = &fields[i];
        const bool may_be = name->escaped || (name->len == field->name_len && *name->ptr == *field->name);
        if (may_be && signet_json_equals(name, field->name, field->name_len)) {
            fields[i].value = *value;
            return;
        }
    }
}

/* The members of the outermost object, from its first name to the place after its brace. */
static const char *scan_members(scan *s, const char *at, signet_json_field *fields, size_t fields_n, size_t max_members)
{
    if (s->names)
        signet_json_names_open(s->names);
    for (size_t n = 1;; n++) {
        signet_json name, value;
        if (max_members > 0 && n > max_members)
            return invalid(s, at);
        if (!(at = scan_name(s, at, &name)) || !(at = scan_value(s, at, 1, &value)))
            return NULL;
        take_field(&name, &value, fields, fields_n);
        at = skip_space(s, at);
        if (at >= s->end)
            return invalid(s, at);
        if (*at == '}')
            return at + 1;
        if (*at != ',')
            return invalid(s, at);
        at = skip_space(s, at + 1);
    }
}

signet_status signet_json_read_object(const char *text, size_t len, signet_json_field *fields, size_t fields_n,
                                      signet_json_names *names, size_t max_members, signet_error *err)
{
    scan s = {text + len, names, SIGNET_OK, text};
    for (size_t i = 0; i < fields_n; i++)
        fields[i].value = (signet_json){SIGNET_JSON_ABSENT, false, NULL, 0};
    if (names)
        signet_json_names_restart(names);
    const char *at = skip_space(&s, text);
    if (at >= s.end || *at != '{')
        at = invalid(&s, at);
    else if ((at = skip_space(&s, at + 1)) < s.end && *at == '}')
        at++;
    else
        at = scan_members(&s, at, fields, fields_n, max_members);
    if (at && (at = skip_space(&s, at)) != s.end)
        at = invalid(&s, at);
    if (at)
        return SIGNET_OK;
    (void)signet_fail(err, s.status, NULL);
    if (err)
        err->position = s.at - text;
    return s.status;
}

signet_json_cursor signet_json_open(const signet_json *container)
{
    const bool is_container = container->kind == SIGNET_JSON_OBJECT || container->kind == SIGNET_JSON_ARRAY;
    return is_container ? (signet_json_cursor){container->ptr + 1, container->ptr + container->len - 1}
                        : (signet_json_cursor){NULL, NULL};
}

bool signet_json_next(signet_json_cursor *cursor, signet_json *name, signet_json *value)
{
    scan s = {cursor->end, NULL, SIGNET_OK, cursor->at};
    const char *at = cursor->at;
    if (!at || (at = skip_space(&s, at)) >= s.end)
        return false;
    if (name && !(at = scan_name(&s, at, name)))
        return false;
    if (!(at = scan_value(&s, at, 1, value)))
        return false;
    at = skip_space(&s, at);
    cursor->at = at < s.end && *at == ',' ? at + 1 : at;
    return true;
}
