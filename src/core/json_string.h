/* json_string.h: what the files of the JSON reader share about strings. Private to src/core. */
#ifndef SIGNET_JSON_STRING_H
#define SIGNET_JSON_STRING_H

#include "core/json.h"

/* The first byte from `at` on that is a quote, a backslash, a control character or not ASCII; `end` where there is none. */
const char *signet_json_plain_end(const char *at, const char *end);

/* From behind the opening quote to the closing one; NULL where the string is not valid (`*stopped_at` says where). */
const char *signet_json_scan_string(const char *at, const char *end, bool *escaped, const char **stopped_at);

/* The bytes of a valid string, escapes resolved, one at a time. A lone surrogate comes as the three bytes that UTF-8 forbids, so that it
 * equals no text. */
typedef struct signet_json_bytes {
    const char *at, *end;
    uint8_t pending[4];
    unsigned pending_n, pending_at;
    bool lone_surrogate; /* one has been seen */
} signet_json_bytes;

void signet_json_bytes_open(signet_json_bytes *bytes, const signet_json *string);
int signet_json_bytes_next(signet_json_bytes *bytes); /* -1 at the end */

#endif
