/* What the parser accepts can be walked, and is accepted again. A text is refused for its names exactly if comparing
 * all of them finds two that are equal. */
#include <stdlib.h>

#include "core/json_string.h"
#include "core/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static signet_scratch *scratch;

static bool same_bytes(const signet_json *a, const signet_json *b)
{
    signet_json_bytes left, right;
    signet_json_bytes_open(&left, a);
    signet_json_bytes_open(&right, b);
    for (int byte; (byte = signet_json_bytes_next(&left)) == signet_json_bytes_next(&right);)
        if (byte < 0)
            return true;
    return false;
}

/* Whether an object, or one in it, has a name twice. */
static bool has_duplicate(const signet_json *value)
{
    const bool is_object = value->kind == SIGNET_JSON_OBJECT;
    signet_json name, item, earlier, ignored;
    for (signet_json_cursor cursor = signet_json_open(value);
         signet_json_next(&cursor, is_object ? &name : NULL, &item);) {
        if (has_duplicate(&item))
            return true;
        signet_json_cursor before = signet_json_open(value);
        while (is_object && signet_json_next(&before, &earlier, &ignored) && earlier.ptr < name.ptr)
            if (same_bytes(&earlier, &name))
                return true;
    }
    return false;
}

/* Reads every string and number of an accepted value. */
static void walk(const signet_json *value, unsigned depth)
{
    char text[64];
    size_t text_len;
    double number;
    int64_t integer;
    (void)signet_json_copy(value, text, sizeof text, &text_len);
    (void)signet_json_equals(value, "exp", 3);
    (void)signet_json_number(value, &number);
    (void)signet_json_integer(value, &integer);
    if (depth > SIGNET_MAX_JSON_DEPTH)
        abort();
    signet_json_cursor cursor = signet_json_open(value);
    signet_json name, item;
    while (signet_json_next(&cursor, value->kind == SIGNET_JSON_OBJECT ? &name : NULL, &item))
        walk(&item, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    signet_json_field field = SIGNET_JSON_FIELD("exp");
    if (!scratch && !(scratch = signet_scratch_new()))
        abort();
    const signet_status status = signet_json_read_object(text, len, &field, 1, signet_scratch_names(scratch), 0, NULL);
    if (signet_json_read_object(text, len, NULL, 0, NULL, 0, NULL) != SIGNET_OK) {
        if (status == SIGNET_OK)
            abort();
        return 0;
    }
    if (!signet_utf8_valid(text, len))
        abort();
    if (*text != '{' || text[len - 1] != '}') /* white space around it */
        return 0;
    const signet_json whole = {SIGNET_JSON_OBJECT, false, text, len};
    if (has_duplicate(&whole) != (status != SIGNET_OK))
        abort();
    if (status == SIGNET_OK)
        walk(&whole, 1);
    return 0;
}
