/*
 * mongo_uri.c: reading the URI, and what is forced whatever it says.
 *
 * A URI holds a password, and a URI with a typing error may hold it in an unexpected place. So the driver's words about it are never passed
 * on: the texts here quote nothing of it but the names of options, and those only where everything before them has been understood.
 */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/fail.h"

#define APPNAME "signet"
#define MAX_OPTION_NAME_LEN 40

/* Options that the official drivers for Node know and mongo-c-driver does not: none changes what is safe, so they are passed over. */
static const char *const other_drivers_options[] = {
    "maxIdleTimeMS",
    "minPoolSize",
    "maxConnecting",
    "waitQueueTimeoutMS",
    "timeoutMS",
    "serverMonitoringMode",
    "srvMaxHosts",
    "srvServiceName",
    "proxyHost",
    "proxyPort",
    "proxyUsername",
    "proxyPassword",
    "monitorCommands",
    "noDelay",
    "family",
    "minHeartbeatFrequencyMS",
    "enableUtf8Validation",
    "maxStalenessSeconds",
    "useNewUrlParser",
    "useUnifiedTopology",
    "keepAlive",
    "bufferCommands",
    "autoIndex",
};

/* ------------------------------------------------------------------ the driver's log */

/* While a URI is parsed, the driver tells of options it does not know only in its log: their last message is kept here. */
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
    mongoc_log_set_handler(on_log, NULL);
}

void mongo_driver_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start_once);
}

/* ------------------------------------------------------------------ what can be wrong with a URI */

static signet_status bad_uri(signet_error *err, const char *reason)
{
    return signet_fail_detail(err, SIGNET_ERR_OPTION, "store", "the MongoDB URI cannot be used: %s", reason);
}

#define ENCODE_ADVICE "the user name or the password holds a character that must be percent-encoded (encodeURIComponent(password))"

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

/* Where the hosts begin: after the last @ before the options. NULL: the credentials are not encoded as they must be. */
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

static bool is_known_elsewhere(const char *name, size_t name_len)
{
    for (size_t i = 0; i < sizeof other_drivers_options / sizeof other_drivers_options[0]; i++)
        if (strlen(other_drivers_options[i]) == name_len && strncasecmp(other_drivers_options[i], name, name_len) == 0)
            return true;
    return false;
}

/* The option's name, if it is one that may be shown: letters only. */
static size_t option_name_len(const char *pair)
{
    size_t len = strspn(pair, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.");
    return len <= MAX_OPTION_NAME_LEN && pair[len] == '=' ? len : 0;
}

/* The option that the driver's text quotes, named in ours. */
static signet_status bad_option(const char *hosts, const char *driver_text, signet_error *err)
{
    const char *pair = strchr(hosts, '?');
    while (pair && *pair) {
        char name[MAX_OPTION_NAME_LEN + 1] = "", lower[MAX_OPTION_NAME_LEN + 1];
        size_t len = option_name_len(++pair);
        if (!len && *pair)
            return bad_uri(err, "after the ? come options, each name=value, joined by &");
        memcpy(name, pair, len);
        for (size_t i = 0; i <= len; i++)
            lower[i] = (char)(name[i] | ((name[i] >= 'A' && name[i] <= 'Z') ? 0x20 : 0));
        if (len && (strstr(driver_text, name) || strstr(driver_text, lower)) && !is_known_elsewhere(name, len))
            return signet_fail_detail(
                err, SIGNET_ERR_OPTION, "store",
                "the MongoDB URI cannot be used: its option \"%s\" is not known, or its value is none that it can have", name);
        pair = strpbrk(pair, "&;");
    }
    return SIGNET_OK;
}

static signet_status parse(const char *text, mongoc_uri_t **uri, signet_error *err)
{
    static const char *const schemes[] = {"mongodb://", "mongodb+srv://"};
    const char *hosts = NULL;
    char warning[CAUGHT_SIZE] = "";
    bson_error_t error;
    signet_status status = SIGNET_OK;
    memset(&error, 0, sizeof error);
    for (size_t i = 0; i < 2; i++)
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            hosts = text + strlen(schemes[i]);
    if (!hosts)
        return bad_uri(err, "it begins with neither mongodb:// nor mongodb+srv://");
    hosts = hosts_of(hosts);
    if (!hosts)
        return bad_uri(err, ENCODE_ADVICE);
    if (!ports_are_numbers(hosts))
        return bad_uri(err, "a port is no number from 1 to 65535, or " ENCODE_ADVICE);
    caught_warning = warning;
    *uri = mongoc_uri_new_with_error(text, &error);
    caught_warning = NULL;
    if (!*uri || *warning)
        status = bad_option(hosts, *uri ? warning : error.message, err);
    if (!*uri && status == SIGNET_OK)
        status = bad_uri(err, text[sizeof "mongodb" - 1] == '+'
                                  ? "its form is mongodb+srv://user:password@name.example.com/database?option=value, without a port"
                                  : "its form is mongodb://user:password@host:port/database?option=value");
    if (*uri && status != SIGNET_OK) {
        mongoc_uri_destroy(*uri);
        *uri = NULL;
    }
    return status;
}

/* ------------------------------------------------------------------ what is forced */

/* Returns whether all options took: they do, unless libmongoc's table of options has changed. */
static bool force_timeouts(mongo_store *store)
{
    return mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, store->timeout_ms) &&
           mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_CONNECTTIMEOUTMS, store->timeout_ms) &&
           mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_SOCKETTIMEOUTMS, store->timeout_ms) &&
           mongoc_uri_set_option_as_int32(store->uri, MONGOC_URI_WAITQUEUETIMEOUTMS, store->timeout_ms);
}

/* Writes that a majority has in its journal, reads from the primary. Retryable writes unless the URI says no: some servers that look like a
 * replica set cannot do them. */
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

static bool copy_names(mongo_store *store, const signet_mongo_options *options)
{
    const char *database = mongoc_uri_get_database(store->uri);
    store->database = strdup(database && *database ? database : MONGO_DEFAULT_DATABASE);
    store->collection = strdup(options->collection ? options->collection : MONGO_DEFAULT_COLLECTION);
    store->legacy_collection = options->legacy_collection ? strdup(options->legacy_collection) : NULL;
    return store->database && store->collection && (store->legacy_collection || !options->legacy_collection);
}

static bool is_collection_name(const char *name)
{
    return *name && strlen(name) < 200 && !strchr(name, '$') && strncmp(name, "system.", 7) != 0 && *name != '.';
}

signet_status mongo_configure(mongo_store *store, const signet_mongo_options *options, signet_error *err)
{
    signet_status status = parse(options->uri, &store->uri, err);
    if (status != SIGNET_OK)
        return status;
    int64_t timeout_ms = options->timeout_ms < 1 ? 1 : options->timeout_ms > 3600000 ? 3600000 : options->timeout_ms;
    store->timeout_ms = (int32_t)timeout_ms;
    store->server_ms = (int32_t)(timeout_ms - timeout_ms / 5);
    if (!copy_names(store, options))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (!is_collection_name(store->collection) || (store->legacy_collection && !is_collection_name(store->legacy_collection)))
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "collection", "this is no name for a MongoDB collection");
    if (!force_timeouts(store) || !force_concerns(store))
        return bad_uri(err, "this version of mongo-c-driver does not take Signet's timeouts");
    return SIGNET_OK;
}

#endif
