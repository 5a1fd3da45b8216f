/* json_out.c: the JSON of a token, written member by member. */
#include "session/json_out.h"

#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/json.h"

bool signet_json_out_init(signet_json_out *out, size_t max_len)
{
    out->ptr = malloc(max_len);
    out->len = 0;
    return out->ptr != NULL;
}

void signet_json_out_clear(signet_json_out *out)
{
    if (out->ptr)
        signet_wipe(out->ptr, out->len);
    free(out->ptr);
    out->ptr = NULL;
}

void signet_json_out_raw(signet_json_out *out, signet_text text)
{
    if (text.len)
        memcpy(out->ptr + out->len, text.ptr, text.len);
    out->len += text.len;
}

void signet_json_out_quoted(signet_json_out *out, signet_text text)
{
    out->len += signet_json_quote(text.ptr, text.len, out->ptr + out->len);
}

void signet_json_out_string(signet_json_out *out, const char *name, const char *value)
{
    signet_json_out_raw(out, (signet_text){name, strlen(name)});
    signet_json_out_quoted(out, (signet_text){value, strlen(value)});
}

void signet_json_out_number(signet_json_out *out, const char *name, int64_t value)
{
    signet_json_out_raw(out, (signet_text){name, strlen(name)});
    out->len = (size_t)(signet_json_write_integer(value, out->ptr + out->len) - out->ptr);
}
