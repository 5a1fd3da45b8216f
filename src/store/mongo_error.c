/*
 * mongo_error.c: the driver's errors to ours.
 *
 * What matters is whether a write may have been done. Only an error from before anything was sent is "unavailable"; a
 * connection that broke, an answer that did not come, and every server state error is "unknown": with retryable
 * writes the error of the second attempt may be reported for a write that the first one did.
 */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <string.h>

#include "core/fail.h"

#define WORDS_SIZE 120

/* ------------------------------------------------------------------ tables */

typedef struct server_row {
    uint32_t code;
    signet_status status;
    const char *advice;
} server_row;

#define LOGIN_ADVICE NULL /* by the mechanism: mongo_login_advice */
#define RIGHTS_ADVICE "the user needs the role readWrite on the database"
#define MECHANISM_ADVICE "the server does not offer the authMechanism of the URI: choose another, or leave it out"
#define STEP_ADVICE "the primary changes: try again"
#define SLOW_ADVICE "the server is slow or has too few members up for a majority"

/* Codes of the server (MongoDB's error_codes.yml). What is not here may have any cause and is unknown. */
static const server_row server_rows[] = {
    {11, SIGNET_ERR_STORE_REFUSED, LOGIN_ADVICE},                 /* UserNotFound */
    {13, SIGNET_ERR_STORE_REFUSED, RIGHTS_ADVICE},                /* Unauthorized */
    {18, SIGNET_ERR_STORE_REFUSED, LOGIN_ADVICE},                 /* AuthenticationFailed */
    {8000, SIGNET_ERR_STORE_REFUSED, LOGIN_ADVICE},               /* AtlasError */
    {2, SIGNET_ERR_STORE_REFUSED, "is it MongoDB 4.2 or later?"}, /* BadValue */
    {9, SIGNET_ERR_STORE_REFUSED, "is it MongoDB 4.2 or later?"}, /* FailedToParse */
    {20, SIGNET_ERR_STORE_REFUSED,
     "a server without retryable writes needs retryWrites=false in the URI"}, /* IllegalOperation */
    {59, SIGNET_ERR_STORE_REFUSED, "is it MongoDB 4.2 or later?"},            /* CommandNotFound */
    {72, SIGNET_ERR_STORE_REFUSED, "is it MongoDB 4.2 or later?"},            /* InvalidOptions */
    {73, SIGNET_ERR_STORE_REFUSED, "check database and collection name"},     /* InvalidNamespace */
    {334, SIGNET_ERR_STORE_REFUSED, MECHANISM_ADVICE},                        /* MechanismUnavailable */
    {115, SIGNET_ERR_STORE_REFUSED, "the server cannot do this"},             /* CommandNotSupported */
    {121, SIGNET_ERR_STORE_REFUSED,
     "the collection has a validator that refuses sessions"}, /* DocumentValidationFailure */
    {166, SIGNET_ERR_STORE_REFUSED,
     "the name belongs to a view: choose another collection"},                           /* CommandNotSupportedOnView */
    {13297, SIGNET_ERR_STORE_REFUSED, "a database of this name in another case exists"}, /* DatabaseDifferCase */
    {50, SIGNET_ERR_STORE_TIMEOUT, SLOW_ADVICE},                                         /* MaxTimeMSExpired */
    {64, SIGNET_ERR_STORE_TIMEOUT, SLOW_ADVICE},                                         /* WriteConcernTimeout */
    {91, SIGNET_ERR_STORE_TIMEOUT, STEP_ADVICE},                                         /* ShutdownInProgress */
    {189, SIGNET_ERR_STORE_TIMEOUT, STEP_ADVICE},                                        /* PrimarySteppedDown */
    {10107, SIGNET_ERR_STORE_TIMEOUT, STEP_ADVICE},                                      /* NotWritablePrimary */
    {11600, SIGNET_ERR_STORE_TIMEOUT, STEP_ADVICE},                                      /* InterruptedAtShutdown */
    {11602, SIGNET_ERR_STORE_TIMEOUT, STEP_ADVICE}, /* InterruptedDueToReplStateChange */
    {13435, SIGNET_ERR_STORE_TIMEOUT, STEP_ADVICE}, /* NotPrimaryNoSecondaryOk */
};

/* What the driver's words say about a server that was not reached, most telling first. */
static const struct {
    const char *words, *advice;
} hints[] = {
    {"certificate", "is tlsCAFile the authority that signed the server's certificate, and the host its name?"},
    {"TLS", "is tlsCAFile the authority that signed the server's certificate, and does the server speak TLS?"},
    {"SRV", "is the name in the mongodb+srv URI right, and does DNS work here?"},
    {"resolve", "is the host name right, and does DNS work here?"},
    {"refused", "is the server running, and is the port right?"},
    {"socket error or timeout", "is it a MongoDB server? Does it want TLS (tls=true)?"},
    {"timeout", "is the address right? Atlas: is this machine's IP on the access list?"},
};
#define REACH_ADVICE "is the server running, and its address right? Atlas: is this machine's IP on the access list?"
#define REACH_TLS_ADVICE                                                                                               \
    "is the server running, its address right, does it speak TLS, and is tlsCAFile its authority? Atlas: is this "     \
    "machine's IP on the "                                                                                             \
    "access list?"

/* ------------------------------------------------------------------ words */

/* The driver's text up to the first brace (after which servers echo the command), with the password, should it ever
 * occur, struck out. */
static void copy_words(const mongo_store *store, const char *message, char words[WORDS_SIZE])
{
    const char *password = store->uri ? mongoc_uri_get_password(store->uri) : NULL;
    size_t len = strcspn(message, "{\n");
    if (len >= WORDS_SIZE)
        len = WORDS_SIZE - 1;
    memcpy(words, message, len);
    words[len] = 0;
    while (len && ((words[len - 1] & 0x80) || words[len - 1] == ' ')) /* no half character at the cut */
        words[--len] = 0;
    if (password && *password && strstr(message, password))
        words[0] = 0;
}

static signet_status fail_with(const mongo_store *store, signet_status status, const bson_error_t *error,
                               const char *advice, signet_error *err)
{
    char words[WORDS_SIZE];
    copy_words(store, error->message, words);
    if (!advice)
        advice = mongo_login_advice(store->uri);
    (void)signet_fail_detail(err, status, "store", "%s%s%s (MongoDB error %u)", words, *words ? ": " : "", advice,
                             error->code);
    if (err)
        err->driver_code = error->code;
    return status;
}

static const char *reach_advice(const mongo_store *store, const char *message)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (strstr(message, hints[i].words))
            return hints[i].advice;
    return store->uri && mongoc_uri_get_tls(store->uri) ? REACH_TLS_ADVICE : REACH_ADVICE;
}

/* ------------------------------------------------------------------ which status */

static const server_row *row_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof server_rows / sizeof server_rows[0]; i++)
        if (server_rows[i].code == code)
            return &server_rows[i];
    return NULL;
}

/* Nothing was sent: no server was found, or the connection to it could not be made. */
static bool was_never_sent(const bson_error_t *error)
{
    if (error->domain == MONGOC_ERROR_SERVER_SELECTION || error->domain == MONGOC_ERROR_POOL)
        return true;
    return error->domain == MONGOC_ERROR_STREAM &&
           (error->code == MONGOC_ERROR_STREAM_NAME_RESOLUTION || error->code == MONGOC_ERROR_STREAM_CONNECT ||
            error->code == MONGOC_ERROR_STREAM_NOT_ESTABLISHED);
}

static bool is_login_failure(const bson_error_t *error)
{
    return (error->domain == MONGOC_ERROR_CLIENT && error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE) ||
           error->domain == MONGOC_ERROR_SASL || error->domain == MONGOC_ERROR_SCRAM ||
           strstr(error->message, "Authentication failed") || strstr(error->message, "authenticat");
}

/* Servers word it alike and number it differently: 334, 11, or 2 before MongoDB 5. */
static const char *mechanism_advice(const char *message)
{
    if (strstr(message, "which is not enabled"))
        return MECHANISM_ADVICE;
    return strstr(message, "Unsupported mechanism by client")
               ? "libsasl2 has no module for the authMechanism on this machine"
               : NULL;
}

signet_status mongo_fail(const mongo_store *store, const bson_error_t *error, const bson_t *reply,
                         mongo_purpose purpose, signet_error *err)
{
    const server_row *row = NULL;
    (void)reply;
    if (error->domain == MONGOC_ERROR_WRITE_CONCERN)
        return fail_with(store, SIGNET_ERR_STORE_TIMEOUT, error, SLOW_ADVICE, err);
    const char *mechanism = mechanism_advice(error->message);
    if (mechanism)
        return fail_with(store, SIGNET_ERR_STORE_REFUSED, error, mechanism, err);
    if (error->domain == MONGOC_ERROR_SERVER)
        row = row_of(error->code);
    if (row)
        return fail_with(store, row->status, error, row->advice, err);
    if (error->domain != MONGOC_ERROR_SERVER && is_login_failure(error))
        return fail_with(store, SIGNET_ERR_STORE_REFUSED, error, LOGIN_ADVICE, err);
    if (was_never_sent(error))
        return fail_with(store, SIGNET_ERR_STORE_UNAVAILABLE, error, reach_advice(store, error->message), err);
    if (purpose == MONGO_READS)
        return fail_with(store, SIGNET_ERR_STORE_UNAVAILABLE, error, "the server did not answer the read", err);
    return fail_with(store, SIGNET_ERR_STORE_TIMEOUT, error, "the connection broke or the answer did not come in time",
                     err);
}

signet_status mongo_check_write_concern(const mongo_store *store, const bson_t *reply, signet_error *err)
{
    bson_iter_t iter, child;
    bson_error_t error;
    if (!bson_iter_init_find(&iter, reply, "writeConcernError") || !BSON_ITER_HOLDS_DOCUMENT(&iter))
        return SIGNET_OK;
    memset(&error, 0, sizeof error);
    error.domain = MONGOC_ERROR_WRITE_CONCERN;
    if (bson_iter_recurse(&iter, &child) && bson_iter_find(&child, "code"))
        error.code = (uint32_t)bson_iter_as_int64(&child);
    if (bson_iter_recurse(&iter, &child) && bson_iter_find(&child, "errmsg") && BSON_ITER_HOLDS_UTF8(&child))
        bson_strncpy(error.message, bson_iter_utf8(&child, NULL), sizeof error.message);
    return mongo_fail(store, &error, reply, MONGO_WRITES, err);
}

#endif
