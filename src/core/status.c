/* status.c: the status table's strings (include/signet/status.h). */
#include "signet.h"

typedef struct status_row {
    const char *name, *code, *text;
    int http;
} status_row;

static const status_row rows[SIGNET_STATUS_COUNT] = {
#define STATUS_ROW(name, code, http, text) {#name, code, text, http},
    SIGNET_STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

static const status_row *row_of(signet_status status)
{
    return &rows[(unsigned)status < SIGNET_STATUS_COUNT ? status : SIGNET_ERR_CRYPTO];
}

const char *signet_status_code(signet_status status)
{
    return row_of(status)->code;
}

int signet_status_http(signet_status status)
{
    return row_of(status)->http;
}

const char *signet_status_text(signet_status status)
{
    return row_of(status)->text;
}

const char *signet_status_name(signet_status status)
{
    return row_of(status)->name;
}
