/*
 * mongo_uri.c: reads the URI, and sets the options that must not depend on it.
 *
 * A URI contains a password, in an unexpected place if there is a typing error. So the driver's messages about it are
 * never passed on. The texts here quote only names of options, and only if everything before them was understood.
 */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/crypto.h"
#include "core/fail.h"

#define APPNAME "signet"

/* ------------------------------------------------------------------ the driver's log */

/* The driver reports unknown options of a URI only in its log. This keeps its last message. */
static _Thread_local char *caught_warning;
#define CAUGHT_SIZE 256

static void on_log(mongoc_log_level_t level, const char *domain, const char *message, void *user)
{
    (void)domain;
    (void)user;
    if (caught_warning && level <= MONGOC_LOG_LEVEL_WARNING && !*caught_warning)
        (void)strncat(caught_warning, message, CAUGHT_SIZE - 1);
}

static void start_once(void)
{
    mongoc_init();
    mongo_drop_counters();
    mongoc_log_set_handler(on_log, NULL);
}

void mongo_driver_start(void)
{
    static signet_once once = SIGNET_ONCE_INIT;
    signet_once_run(&once, start_once);
}

/* ------------------------------------------------------------------ what can be wrong with a URI */

static signet_status bad_uri(signet_error *err, const char *reason)
{
    return signet_fail_detail(err, SIGNET_ERR_OPTION, "store", "the MongoDB URI cannot be used: %s", reason);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "user:password", already cut out: at most one colon, nothing that delimits the rest, and each % begins an escape. */
static bool credentials_are_encoded(const char *text, size_t text_len)
{
    unsigned colons = 0;
    for (size_t i = 0; i < text_len; i++) {
        if (text[i] == ':')
            colons++;
        if (strchr("@/?#[]", text[i]) || colons > 1)
            return false;
        if (text[i] == '%' && !(i + 2 < text_len && is_hex(text[i + 1]) && is_hex(text[i + 2])))
            return false;
    }
    return true;
}

/* Where the hosts begin: after the last @ before the options. NULL: the credentials are not percent-encoded. */
static const char *hosts_of(const char *after_scheme)
{
    const char *options = strchr(after_scheme, '?');
    const char *last_at = NULL;
    for (const char *p = after_scheme; *p && (!options || p < options); p++)
        if (*p == '@')
            last_at = p;
    if (!last_at) /* none; an @ after the ? belongs to an option's value, unless no option was begun before it */
        return options && strchr(options, '@') && !strchr(options, '=') ? NULL : after_scheme;
    return credentials_are_encoded(after_scheme, (size_t)(last_at - after_scheme)) ? last_at + 1 : NULL;
}

/* Every port among "host:port,[::1]:port". */
static bool ports_are_numbers(const char *hosts)
{
    const char *end = hosts + strcspn(hosts, "/?");
    while (hosts < end) {
        size_t len = strcspn(hosts, ",/?");
        const char *colon = NULL;
        for (size_t i = 0; i < len; i++) {
            if (hosts[i] == ']')
                colon = NULL;
            else if (hosts[i] == ':')
                colon = hosts + i;
        }
        char *rest = NULL;
        long port = colon ? strtol(colon + 1, &rest, 10) : 1;
        if (colon && (rest != hosts + len || port < 1 || port > 65535))
            return false;
        hosts += len + (hosts[len] == ',');
    }
    return true;
}

/* What is left of the text for the driver: options that it reads, behind a slash, which the Node driver does not ask
 * for. */
static char *text_for_driver(const char *text, const char *hosts, signet_status *status, signet_error *err)
{
    const size_t options_at = (size_t)(hosts - text) + strcspn(hosts, "?");
    const bool has_slash = memchr(hosts, '/', options_at - (size_t)(hosts - text)) != NULL;
    char *kept = malloc(strlen(text) + 2);
    if (!kept) {
        *status = signet_fail(err, SIGNET_ERR_MEMORY, NULL);
        return NULL;
    }
    memcpy(kept, text, options_at);
    for (char *at = kept; *at != ':'; at++) /* the driver knows the scheme in lower case only */
        *at = (char)tolower((unsigned char)*at);
    if (!has_slash)
        kept[options_at] = '/';
    *status = mongo_uri_filter(text + options_at, kept + options_at + !has_slash, err);
    return kept;
}

static void free_secret(char *text)
{
    if (text)
        signet_wipe(text, strlen(text));
    free(text);
}

/* Finds the option that the driver's message is about. The message is never passed on. */
static signet_status ask_driver(const char *text, mongoc_uri_t **uri, signet_error *err)
{
    char warning[CAUGHT_SIZE] = "";
    bson_error_t error;
    memset(&error, 0, sizeof error);
    caught_warning = warning;
    *uri = mongoc_uri_new_with_error(text, &error);
    caught_warning = NULL;
    const char *name = !*uri ? mongo_option_named_in(error.message) : *warning ? mongo_option_named_in(warning) : NULL;
    if (name)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "store",
                                  "the MongoDB URI cannot be used: its option \"%s\" has an invalid value", name);
    if (!*uri)
        return bad_uri(
            err, text[sizeof "mongodb" - 1] == '+'
                     ? "its form is mongodb+srv://user:password@name.example.com/database?option=value, without a port"
                     : "its form is mongodb://user:password@host:port/database?option=value");
    return SIGNET_OK;
}

static signet_status check_certificate(const mongoc_uri_t *uri, signet_error *err)
{
    const char *mechanism = mongoc_uri_get_auth_mechanism(uri);
    if (mechanism && strcasecmp(mechanism, "MONGODB-X509") == 0 &&
        !(mongoc_uri_get_tls(uri) && mongoc_uri_get_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILE, NULL)))
        return bad_uri(err, "authMechanism=MONGODB-X509 needs tls=true and tlsCertificateKeyFile");
    return SIGNET_OK;
}

static signet_status parse(const char *text, mongoc_uri_t **uri, signet_error *err)
{
    signet_status status = SIGNET_OK;
    const char *hosts = hosts_of(strstr(text, "://") + 3); /* open.c has found the scheme */
    if (!hosts)
        return bad_uri(err, MONGO_ENCODE_ADVICE);
    if (!ports_are_numbers(hosts))
        return bad_uri(err, "a port is not a number from 1 to 65535, or " MONGO_ENCODE_ADVICE);
    char *kept = text_for_driver(text, hosts, &status, err);
    if (status == SIGNET_OK)
        status = ask_driver(kept, uri, err);
    if (status == SIGNET_OK)
        status = check_certificate(*uri, err);
    free_secret(kept);
    return status;
}

/* ------------------------------------------------------------------ what is forced */

/* False if the driver rejects an option, which means that its table of options has changed. */
static bool force_timeouts(mongo_store *store)
{
    return mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, store->timeout_ms) &&
           mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_CONNECTTIMEOUTMS, store->timeout_ms) &&
           mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_SOCKETTIMEOUTMS, store->timeout_ms) &&
           mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_WAITQUEUETIMEOUTMS, store->timeout_ms);
}

/* Writes that a majority has in its journal, reads from the primary. Retryable writes unless the URI says no: some
 * servers that look like a replica set cannot do them. */
static bool force_concerns(mongo_store *store)
{
    store->durable = mongoc_write_concern_new();
    store->primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    mongoc_read_concern_t *local = mongoc_read_concern_new();
    mongoc_write_concern_set_wmajority(store->durable, store->server_ms);
    mongoc_write_concern_set_journal(store->durable, true);
    mongoc_uri_set_write_concern(store->uri, store->durable);
    mongoc_uri_set_read_prefs_t(store->uri, store->primary);
    (void)mongoc_read_concern_set_level(local, MONGOC_READ_CONCERN_LEVEL_LOCAL);
    mongoc_uri_set_read_concern(store->uri, local);
    mongoc_read_concern_destroy(local);
    bool has_retry = mongoc_uri_has_option(store->uri, MONGOC_URI_RETRYWRITES);
    bool has_appname = mongoc_uri_get_appname(store->uri) != NULL;
    return (has_retry || mongoc_uri_set_option_as_bool(store->uri, MONGOC_URI_RETRYWRITES, true)) &&
           (has_appname || mongoc_uri_set_appname(store->uri, APPNAME));
}

static bool copy_names(mongo_store *store, const signet_store_options *options)
{
    const char *database = mongoc_uri_get_database(store->uri);
    store->database = strdup(database && *database ? database : MONGO_DEFAULT_DATABASE);
    store->collection = strdup(options->collection ? options->collection : MONGO_DEFAULT_COLLECTION);
    store->legacy_collection = options->legacy_collection ? strdup(options->legacy_collection) : NULL;
    store->legacy_token_field = strdup(options->legacy_token_field ? options->legacy_token_field : "refreshToken");
    store->legacy_user_field = strdup(options->legacy_user_field ? options->legacy_user_field : "userId");
    return store->database && store->collection && (store->legacy_collection || !options->legacy_collection) &&
           store->legacy_token_field && store->legacy_user_field;
}

static bool is_collection_name(const char *name)
{
    return *name && strlen(name) < 200 && !strchr(name, '$') && strncmp(name, "system.", 7) != 0 && *name != '.';
}

/* A dot would reach into a document, a $ be an operator. */
static bool is_field_name(const char *name)
{
    return *name && strlen(name) < 200 && !strpbrk(name, "$.");
}

static signet_status check_names(const mongo_store *store, signet_error *err)
{
    if (!is_collection_name(store->collection) ||
        (store->legacy_collection && !is_collection_name(store->legacy_collection)))
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "collection", "not a valid name for a MongoDB collection");
    if (!is_field_name(store->legacy_token_field) || !is_field_name(store->legacy_user_field) ||
        strcmp(store->legacy_token_field, store->legacy_user_field) == 0)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "legacy",
                                  "tokenField and userField should be the names of two fields, without a $ or a dot");
    return SIGNET_OK;
}

signet_status mongo_configure(mongo_store *store, const signet_store_options *options, signet_error *err)
{
    signet_status status = parse(options->place, &store->uri, err);
    if (status != SIGNET_OK)
        return status;
    int64_t timeout_ms = options->timeout_ms < 1 ? 1 : options->timeout_ms > 3600000 ? 3600000 : options->timeout_ms;
    store->timeout_ms = (int32_t)timeout_ms;
    store->server_ms = (int32_t)(timeout_ms - timeout_ms / 5);
    if (!copy_names(store, options))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if ((status = check_names(store, err)) != SIGNET_OK)
        return status;
    if (!force_timeouts(store) || !force_concerns(store))
        return bad_uri(err, "this version of mongo-c-driver rejects Signet's timeouts");
    return SIGNET_OK;
}

void mongo_write_options(const mongo_store *store, bson_t *options)
{
    bson_init(options);
    (void)mongoc_write_concern_append(store->durable, options);
}

void mongo_read_options(const mongo_store *store, bson_t *options)
{
    bson_init(options);
    BSON_APPEND_INT64(options, "maxTimeMS", store->server_ms);
}

#endif
