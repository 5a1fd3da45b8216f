/* Whatever the reader takes, walking it again finds the same, and what was taken once is taken again. */
#include <stdlib.h>

#include "core/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static signet_scratch *scratch;

/* Reads every string and number of a value that has been accepted. */
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
    if (signet_json_read_object(text, len, &field, 1, signet_scratch_names(scratch), 0, NULL) != SIGNET_OK)
        return 0;
    const signet_json whole = {SIGNET_JSON_OBJECT, false, text, len};
    if (!signet_utf8_valid(text, len) || signet_json_read_object(text, len, NULL, 0, NULL, 0, NULL) != SIGNET_OK)
        abort();
    if (*text == '{' && text[len - 1] == '}')
        walk(&whole, 1);
    return 0;
}
