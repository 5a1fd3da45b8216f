/* limits.h: checks of user IDs and session IDs, and cutting text to the size of a record's fields. Private to
 * src/session. */
#ifndef SIGNET_SESSION_LIMITS_H
#define SIGNET_SESSION_LIMITS_H

#include "core/json.h"

/* Checks a user ID (1 to 256 bytes of UTF-8 without control characters) and copies it with a NUL. SIGNET_ERR_OPTION,
 * field "userId". */
SIGNET_MUST_CHECK signet_status signet_user_id_copy(signet_text text, char user_id[SIGNET_MAX_USER_ID_LEN + 1],
                                                    signet_error *err);

/* The same from a token's claim. False: it is not a valid user ID. */
SIGNET_MUST_CHECK bool signet_user_id_read(const signet_json *value, char user_id[SIGNET_MAX_USER_ID_LEN + 1]);

/* Checks an idempotency key that was given: 22 to 128 visible ASCII characters. SIGNET_ERR_BODY with `field`. */
SIGNET_MUST_CHECK signet_status signet_idempotency_key_check(signet_text key, const char *field, signet_error *err);

/* Whether the text has the form of a session ID: 22 characters of base64url. */
bool signet_is_session_id(signet_text text);

/* The longest prefix of `text` that has at most `max` bytes, is valid UTF-8 and contains no NUL. A NULL ptr stays
 * NULL. */
signet_text signet_text_cut(signet_text text, size_t max);

/* Copies signet_text_cut(text, max) with a NUL. `out` has room for max + 1 bytes. */
void signet_text_copy(signet_text text, size_t max, char *out);

#endif
