/* limits.h: what a user ID and a session ID may be; text cut to the size that a record keeps. Private to src/session.
 */
#ifndef SIGNET_SESSION_LIMITS_H
#define SIGNET_SESSION_LIMITS_H

#include "signet.h"

/* A user id: 1 to 256 bytes of UTF-8 without control characters. SIGNET_ERR_OPTION, field "userId". Copied with a NUL.
 */
SIGNET_MUST_CHECK signet_status signet_user_id_copy(signet_text text, char user_id[SIGNET_MAX_USER_ID_LEN + 1],
                                                    signet_error *err);

/* Whether the text has the form of a session id: 22 characters of base64url. */
bool signet_is_session_id(signet_text text);

/* The longest part of `text` that has at most `max` bytes and ends with a whole character; bytes that are no UTF-8
 * end it. ptr NULL stays NULL. */
signet_text signet_text_cut(signet_text text, size_t max);

/* signet_text_cut with a NUL behind it. `out` has room for max + 1. */
void signet_text_copy(signet_text text, size_t max, char *out);

#endif
