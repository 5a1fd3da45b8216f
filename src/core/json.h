/*
 * json.h: a bounded, strict JSON reader (RFC 8259) that scans once and builds nothing, and a writer of JSON strings.
 * Private to the library.
 *
 * What it refuses, beyond what is no JSON: duplicate members in any object (names compared with their escapes
 * resolved), bad UTF-8, a depth over SIGNET_MAX_JSON_DEPTH. A value points into the scanned text.
 */
#ifndef SIGNET_JSON_H
#define SIGNET_JSON_H

#include "signet.h"

typedef enum signet_json_kind {
    SIGNET_JSON_ABSENT,
    SIGNET_JSON_OBJECT,
    SIGNET_JSON_ARRAY,
    SIGNET_JSON_STRING,
    SIGNET_JSON_NUMBER,
    SIGNET_JSON_TRUE,
    SIGNET_JSON_FALSE,
    SIGNET_JSON_NULL
} signet_json_kind;

/* A value: the text it was written with; of a string, what stands between the quotes, escapes as written. */
typedef struct signet_json {
    signet_json_kind kind;
    bool escaped; /* a string that holds a backslash */
    const char *ptr;
    size_t len;
} signet_json;

/* A member that the caller wants: `name` in, `value` out (kind SIGNET_JSON_ABSENT if the object has it not). */
typedef struct signet_json_field {
    const char *name;
    size_t name_len;
    signet_json value;
} signet_json_field;

#define SIGNET_JSON_FIELD(literal)                                                                                     \
    {                                                                                                                  \
        literal, sizeof literal - 1,                                                                                   \
        {                                                                                                              \
            SIGNET_JSON_ABSENT, false, NULL, 0                                                                         \
        }                                                                                                              \
    }

/* Where names are remembered to find duplicates; part of a scratch (signet_scratch_names). */
typedef struct signet_json_names signet_json_names;

/*
 * Reads a text that must be one JSON object, wholly valid, and fills the wanted fields with its own (not nested)
 * members. `names` NULL: duplicates are not looked for, for texts that were read before. `max_members` 0: no bound.
 * SIGNET_ERR_TOKEN_INVALID (position in err) if the text is not such an object, SIGNET_ERR_MEMORY.
 */
SIGNET_MUST_CHECK signet_status signet_json_read_object(const char *text, size_t len, signet_json_field *fields,
                                                        size_t fields_n, signet_json_names *names, size_t max_members,
                                                        signet_error *err);

/* Walks the members of an object, or the items of an array (`name` NULL), whose text has been read before. False at
 * the end. */
typedef struct signet_json_cursor {
    const char *at, *end;
} signet_json_cursor;
signet_json_cursor signet_json_open(const signet_json *container);
bool signet_json_next(signet_json_cursor *cursor, signet_json *name, signet_json *value);

/* Whether `value` is a string that, escapes resolved, is exactly these bytes. */
bool signet_json_equals(const signet_json *value, const char *bytes, size_t len);

/* Copies a string, escapes resolved, and a NUL. False: no string, over `size - 1` bytes, or it holds U+0000 or a lone
 * surrogate. */
bool signet_json_copy(const signet_json *value, char *out, size_t size, size_t *out_len);

/* A number as JavaScript reads it. False: no number, or not finite. */
bool signet_json_number(const signet_json *value, double *number);

/* A number that is an integer of at most 2^53 - 1 either way. */
bool signet_json_integer(const signet_json *value, int64_t *number);

/* Writes `text` (valid UTF-8) as a JSON string with its quotes, no NUL; returns how many bytes. `out` has room for
 * signet_json_quoted_max(len). */
size_t signet_json_quote(const char *text, size_t len, char *out);
static inline size_t signet_json_quoted_max(size_t len)
{
    return 6 * len + 2;
}

/* Writes an integer, no NUL; returns its end. `out` has room for SIGNET_JSON_INTEGER_MAX. */
#define SIGNET_JSON_INTEGER_MAX 20
char *signet_json_write_integer(int64_t value, char *out);

/* Whether the bytes are UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF). */
bool signet_utf8_valid(const char *text, size_t len);

#endif
