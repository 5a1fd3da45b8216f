/* json_out.h: the JSON of a token, written member by member. Private to src/session. */
#ifndef SIGNET_SESSION_JSON_OUT_H
#define SIGNET_SESSION_JSON_OUT_H

#include "signet.h"

/* A heap buffer. `max_len` of init must cover everything that is appended: nothing checks it again. */
typedef struct signet_json_out {
    char *ptr;
    size_t len;
} signet_json_out;

SIGNET_MUST_CHECK bool signet_json_out_init(signet_json_out *out, size_t max_len);
/* Wipes. */
void signet_json_out_clear(signet_json_out *out);
void signet_json_out_raw(signet_json_out *out, signet_text text);
void signet_json_out_quoted(signet_json_out *out, signet_text text);
/* `name` includes the comma, quotes and colon: `,"exp":`. */
void signet_json_out_string(signet_json_out *out, const char *name, const char *value);
void signet_json_out_number(signet_json_out *out, const char *name, int64_t value);

#endif
