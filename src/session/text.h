/* text.h: checking, cutting and building the texts of sessions. Private to src/session. */
#ifndef SIGNET_SESSION_TEXT_H
#define SIGNET_SESSION_TEXT_H

#include "signet.h"

/* A user id: 1 to 256 bytes of UTF-8 without control characters. SIGNET_ERR_OPTION, field "userId". Copied with a NUL. */
SIGNET_MUST_CHECK signet_status signet_user_id_copy(signet_text text, char user_id[SIGNET_MAX_USER_ID_LEN + 1], signet_error *err);

/* Whether the text has the form of a session id: 22 characters of base64url. */
bool signet_is_session_id(signet_text text);

/* The longest part of `text` that has at most `max` bytes and ends with a whole character; bytes that are no UTF-8 end it. ptr NULL stays
 * NULL. */
signet_text signet_text_cut(signet_text text, size_t max);

/* signet_text_cut with a NUL behind it. `out` has room for max + 1. */
void signet_text_copy(signet_text text, size_t max, char *out);

/* JSON in the making, in a piece of heap that is large enough from the start. */
typedef struct signet_json_out {
    char *ptr;
    size_t len;
} signet_json_out;

SIGNET_MUST_CHECK bool signet_json_out_init(signet_json_out *out, size_t max_len);
/* Wipes. */
void signet_json_out_clear(signet_json_out *out);
void signet_json_out_raw(signet_json_out *out, signet_text text);
void signet_json_out_quoted(signet_json_out *out, signet_text text);
/* `name` with its quotes, colon and comma as it stands: `,"exp":`. */
void signet_json_out_string(signet_json_out *out, const char *name, const char *value);
void signet_json_out_number(signet_json_out *out, const char *name, int64_t value);

#endif
