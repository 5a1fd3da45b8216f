/* fail.c: filling a signet_error. */
#include "core/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

signet_status signet_fail(signet_error *err, signet_status status, const char *field)
{
    if (err) {
        memset(err, 0, sizeof *err);
        err->status = status;
        err->field = field;
        err->position = -1;
    }
    return status;
}

signet_status signet_fail_detail(signet_error *err, signet_status status, const char *field, const char *format, ...)
{
    (void)signet_fail(err, status, field);
    if (err) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->detail, sizeof err->detail, format, args);
        va_end(args);
    }
    return status;
}
