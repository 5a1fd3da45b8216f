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

static inline const char *skip_space(const scan *s, const char *at)
{
    while (at < s->end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

static inline bool is_digit(const scan *s, const char *at)
{
    return at < s->end && *at >= '0' && *at <= '9';
}

static const char *skip_digits(scan *s, const char *at)
{
    if (!is_digit(s, at))
        return invalid(s, at);
    while (is_digit(s, at))
        at++;
    return at;
}

static const char *scan_number(scan *s, const char *at)
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

static const char *scan_word(scan *s, const char *at, const char *word, size_t len)
{
    return (size_t)(s->end - at) >= len && memcmp(at, word, len) == 0 ? at + len : invalid(s, at);
}

/* A string with its quotes, from the opening one. */
static const char *scan_string(scan *s, const char *at, signet_json *value)
{
    const char *stopped_at = NULL;
    const char *close = signet_json_scan_string(at + 1, s->end, &value->escaped, &stopped_at);
    if (!close)
        return invalid(s, stopped_at);
    value->kind = SIGNET_JSON_STRING;
    value->ptr = at + 1;
    value->len = (size_t)(close - value->ptr);
    return close + 1;
}

/* A value that holds no other. */
static const char *scan_scalar(scan *s, const char *at, signet_json *value)
{
    const char *behind;
    if (*at == '"')
        return scan_string(s, at, value);
    value->escaped = false;
    value->ptr = at;
    if (*at == 't') {
        value->kind = SIGNET_JSON_TRUE;
        behind = scan_word(s, at, "true", 4);
    } else if (*at == 'f') {
        value->kind = SIGNET_JSON_FALSE;
        behind = scan_word(s, at, "false", 5);
    } else if (*at == 'n') {
        value->kind = SIGNET_JSON_NULL;
        behind = scan_word(s, at, "null", 4);
    } else {
        value->kind = SIGNET_JSON_NUMBER;
        behind = scan_number(s, at);
    }
    if (behind)
        value->len = (size_t)(behind - at);
    return behind;
}

/* A member's name, which `object` must not have yet, and its colon. */
static const char *scan_name(scan *s, const char *at, uint32_t object, signet_json *name)
{
    if (at >= s->end || *at != '"')
        return invalid(s, at);
    const char *start = at;
    if (!(at = scan_string(s, at, name)))
        return NULL;
    if (s->names) {
        s->status = signet_json_names_add(s->names, object, name);
        if (s->status != SIGNET_OK) {
            s->at = start;
            return NULL;
        }
    }
    at = skip_space(s, at);
    return at < s->end && *at == ':' ? at + 1 : invalid(s, at);
}

/* The containers that are open inside one value, innermost last. */
typedef struct nesting {
    uint32_t object[SIGNET_MAX_JSON_DEPTH]; /* 0: an array */
    unsigned depth;
} nesting;

/* Opens the container at `at`; answers where its first item begins, or behind its bracket where it has none (`*is_empty`). */
static const char *open_container(scan *s, const char *at, nesting *open, unsigned outer, bool *is_empty)
{
    const bool is_object = *at == '{';
    signet_json name;
    if (open->depth + outer >= SIGNET_MAX_JSON_DEPTH)
        return invalid(s, at);
    at = skip_space(s, at + 1);
    *is_empty = at < s->end && *at == (is_object ? '}' : ']');
    if (*is_empty)
        return at + 1;
    const uint32_t object = !is_object ? 0 : s->names ? signet_json_names_object(s->names) : 1;
    open->object[open->depth++] = object;
    return is_object ? scan_name(s, at, object, &name) : at;
}

/* Behind an item: closes what ends here, or goes to the next item's value. */
static const char *after_item(scan *s, const char *at, nesting *open)
{
    signet_json name;
    while (open->depth > 0) {
        const uint32_t object = open->object[open->depth - 1];
        at = skip_space(s, at);
        if (at >= s->end)
            return invalid(s, at);
        if (*at == ',') {
            at = skip_space(s, at + 1);
            return object ? scan_name(s, at, object, &name) : at;
        }
        if (*at != (object ? '}' : ']'))
            return invalid(s, at);
        open->depth--;
        at++;
    }
    return at;
}

/* Any value, whole, inside `outer` open containers. */
static const char *scan_value(scan *s, const char *at, unsigned outer, signet_json *value)
{
    nesting open;
    signet_json inner;
    open.depth = 0;
    at = skip_space(s, at);
    if (at >= s->end)
        return invalid(s, at);
    if (*at != '{' && *at != '[')
        return scan_scalar(s, at, value);
    *value = (signet_json){*at == '{' ? SIGNET_JSON_OBJECT : SIGNET_JSON_ARRAY, false, at, 0};
    do {
        bool is_empty = true;
        at = skip_space(s, at);
        if (at >= s->end)
            return invalid(s, at);
        at = *at == '{' || *at == '[' ? open_container(s, at, &open, outer, &is_empty) : scan_scalar(s, at, &inner);
        if (at && is_empty)
            at = after_item(s, at, &open);
        if (!at)
            return NULL;
    } while (open.depth > 0);
    value->len = (size_t)(at - value->ptr);
    return at;
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

/* The members of the outermost object, from its first name to behind its brace. */
static const char *scan_members(scan *s, const char *at, signet_json_field *fields, size_t fields_n, size_t max_members)
{
    const uint32_t object = s->names ? signet_json_names_object(s->names) : 1;
    for (size_t n = 1;; n++) {
        signet_json name, value;
        if (max_members > 0 && n > max_members)
            return invalid(s, at);
        if (!(at = scan_name(s, at, object, &name)) || !(at = scan_value(s, at, 1, &value)))
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

signet_status signet_json_read_object(const char *text, size_t len, signet_json_field *fields, size_t fields_n, signet_json_names *names,
                                      size_t max_members, signet_error *err)
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
    return is_container ? (signet_json_cursor){container->ptr + 1, container->ptr + container->len - 1} : (signet_json_cursor){NULL, NULL};
}

bool signet_json_next(signet_json_cursor *cursor, signet_json *name, signet_json *value)
{
    scan s = {cursor->end, NULL, SIGNET_OK, cursor->at};
    const char *at = cursor->at;
    if (!at || (at = skip_space(&s, at)) >= s.end)
        return false;
    if (name && !(at = scan_name(&s, at, 1, name)))
        return false;
    if (!(at = scan_value(&s, at, 1, value)))
        return false;
    at = skip_space(&s, at);
    cursor->at = at < s.end && *at == ',' ? at + 1 : at;
    return true;
}
