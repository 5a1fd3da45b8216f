/* fail.h: how every function of the library reports a failure. Private to the library. */
#ifndef SIGNET_FAIL_H
#define SIGNET_FAIL_H

#include "signet.h"

/* Fills `err` (may be NULL) and returns `status`, so that a failing function ends with `return signet_fail(…)`. */
signet_status signet_fail(signet_error *err, signet_status status, const char *field);

/* The same with what stands for `%s` in the text: printf-like, cut to size. Never a token, a secret or a credential. */
signet_status signet_fail_detail(signet_error *err, signet_status status, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
