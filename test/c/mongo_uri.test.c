/* Connecting to MongoDB: URIs, hosts, logins, TLS; and no message contains the password. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>

#include "mongo_support.h"

#ifdef SIGNET_WITH_MONGOC

static signet_status open_uri(const char *uri, int64_t timeout_ms, signet_store **store, signet_error *err)
{
    signet_store_options options = {
        .place = uri, .timeout_ms = timeout_ms, .max_threads = 2, .collection = "c_test_uri"};
    memset(err, 0, sizeof *err);
    return signet_store_open(&options, store, err);
}

/* ------------------------------------------------------------------ URIs, without a server */

static void a_mistyped_uri_is_explained_without_the_password(void **state)
{
    static const char *const cases[][2] = {
        {"mongo://user:Secr3t@host/db", "must be mongodb://… or mongodb+srv://"},
        {"http://user:Secr3t@host/db", "must be mongodb://… or mongodb+srv://"},
        {"mongodb:/user:Secr3t@host", "must be mongodb://… or mongodb+srv://"},
        {"mongodb://user:Secr3t@x@host/db", "percent-encoded"},
        {"mongodb://user:Secr3t:x@host/db", "percent-encoded"},
        {"mongodb://user:Secr3t/x@host/db", "percent-encoded"},
        {"mongodb://user:Secr3t?x@host/db", "percent-encoded"},
        {"mongodb://user:Secr3t%x@host/db", "percent-encoded"},
        {"mongodb://user:Secr3t%2@host/db", "percent-encoded"},
        {"mongodb://user:Secr3t", "port"},
        {"mongodb://user:Secr3t@host:abc/db", "port"},
        {"mongodb://user:Secr3t@host:70000/db", "port"},
        {"mongodb://user:Secr3t@host:1,other:0/db", "port"},
        {"mongodb://user:Secr3t@/db", "mongodb://user:password@host:port/database"},
        {"mongodb://user:Secr3t@host/db?retryWrite=true", "\"retryWrite\""},
        {"mongodb://user:Secr3t@host/db?tsl=true", "\"tsl\""},
        {"mongodb+srv://user:Secr3t@name.example.com:27017/db", "without a port"},
        {"mongodb://user:Secr3t@host/db?w=majority&Secr3t", "name=value"},
        {"mongodb://user:Secr3t@host/db?tls=perhaps", "\"tls\" has an invalid value"},
        {"mongodb://user:Secr3t@host/db?proxyHost=x", "\"proxyHost\": mongo-c-driver connects directly"},
        {"mongodb://user:Secr3t@host/db?authMechanism=MONGODB-OIDC", "does not support OIDC authentication"},
        {"mongodb://user@host/db?authMechanism=MONGODB-X509", "tlsCertificateKeyFile"},
        {"mongodb://user:27017?Secr3t=1@host/db", "percent-encoded"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        signet_store *store = NULL;
        signet_error err;
        if (open_uri(cases[i][0], 500, &store, &err) != SIGNET_ERR_OPTION)
            fail_msg("%s is taken", cases[i][0]);
        if (!strstr(err.detail, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], err.detail);
        assert_null(strstr(err.detail, "Secr3t"));
        assert_string_equal(err.field, "store");
        assert_null(store);
    }
}

static void common_uris_are_accepted_without_using_the_network(void **state)
{
    static const char *const uris[] = {
        "mongodb://localhost",
        "mongodb://localhost:27017/app?retryWrites=true&w=majority&appName=Cluster0",
        "mongodb+srv://user:p%40ss@cluster0.example.invalid/app?retryWrites=true&w=majority",
        "mongodb://a:1,b:2,[::1]:3/app?replicaSet=rs0&readPreference=secondary",
        "mongodb://user:p%C3%A4ss@localhost/?authSource=admin&tls=true&tlsCAFile=/no/such/file",
        "mongodb://user:p\xc3\xa4ss@localhost/"
        "?w=0&journal=false&wtimeoutMS=1&readConcernLevel=available&socketTimeoutMS=1",
        "mongodb://localhost/app?maxIdleTimeMS=1000&maxPoolSize=1",
        "mongodb://localhost?j=true&wtimeout=2000",
        "mongodb://localhost/app?authMechanism=DEFAULT&autoSelectFamily=false&ignoreUndefined=true&w=0;journal=true&",
        "mongodb://%2Ftmp%2Fmongodb.sock/app?j=true",
    };
    (void)state;
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        signet_store *store = NULL;
        signet_error err;
        if (open_uri(uris[i], 500, &store, &err) != SIGNET_OK)
            fail_msg("%s: %s", uris[i], err.detail);
        assert_int_equal(signet_store_max_threads(store), 2);
        assert_int_equal(signet_store_max_batch(store), 1);
        signet_store_close(store);
    }
}

static void an_invalid_collection_name_is_refused(void **state)
{
    static const char *const names[] = {"", "a$b", "system.users", ".x"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        signet_store_options options = {.place = "mongodb://localhost", .collection = names[i]};
        signet_store *store = NULL;
        signet_error err;
        assert_int_equal(signet_store_open(&options, &store, &err), SIGNET_ERR_OPTION);
        assert_string_equal(err.field, "collection");
    }
}

/* ------------------------------------------------------------------ no server there */

/* Expects this result of a ping. */
static signet_status ping(const char *uri, int64_t timeout_ms, signet_error *err)
{
    signet_store *store = NULL;
    signet_status status = open_uri(uri, timeout_ms, &store, err);
    if (status != SIGNET_OK)
        return status;
    status = store->ops->ping(store, err);
    assert_int_equal(ERR_peek_error(), 0);
    signet_store_close(store);
    return status;
}

static void expect_ping(const char *uri, signet_status status, const char *words)
{
    signet_error err;
    signet_status got =
        ping(uri, status == SIGNET_OK ? 15000 : 700, &err); /* how long a failure takes; a success is faster */
    if (got != status || (words && !strstr(err.detail, words)))
        fail_msg("%s: %s: %s", uri, signet_status_name(got), err.detail);
    assert_null(strstr(err.detail, "Secr3t"));
}

static void a_missing_server_is_unavailable_and_the_text_asks_whether_it_runs(void **state)
{
    (void)state;
    expect_ping("mongodb://user:Secr3t@127.0.0.1:1/db", SIGNET_ERR_STORE_UNAVAILABLE, "is the server running");
}

static void an_unknown_host_is_unavailable_and_the_text_asks_for_the_name(void **state)
{
    (void)state;
    expect_ping("mongodb://user:Secr3t@no-such-host.invalid/db", SIGNET_ERR_STORE_UNAVAILABLE,
                "is the host name right");
    expect_ping("mongodb+srv://user:Secr3t@cluster0.no-such-host.invalid/db", SIGNET_ERR_STORE_UNAVAILABLE,
                "mongodb+srv");
}

/* ------------------------------------------------------------------ who may */

static void replace(char *text, size_t size, const char *uri, const char *from, const char *to)
{
    const char *at = strstr(uri, from);
    assert_non_null(at);
    snprintf(text, size, "%.*s%s%s", (int)(at - uri), uri, to, at + strlen(from));
}

static void a_password_with_non_ascii_and_reserved_characters_logs_in(void **state)
{
    const char *uri = mongo_uri_named("MONGODB_AUTH_URI");
    (void)state;
    if (!uri)
        skip();
    assert_non_null(strstr(uri, "p%C3%A4%40ss%25"));
    expect_ping(uri, SIGNET_OK, NULL);
}

static void a_wrong_or_missing_password_is_refused_with_advice(void **state)
{
    const char *uri = mongo_uri_named("MONGODB_AUTH_URI");
    char changed[512];
    (void)state;
    if (!uri)
        skip();
    replace(changed, sizeof changed, uri, "p%C3%A4%40ss%25w%3Ard%2F1", "Secr3t");
    expect_ping(changed, SIGNET_ERR_STORE_REFUSED, "check user, password and authSource");
    replace(changed, sizeof changed, uri, "signet:p%C3%A4%40ss%25w%3Ard%2F1@", "");
    expect_ping(changed, SIGNET_ERR_STORE_REFUSED, "readWrite");
}

static void tls_requires_the_right_authority(void **state)
{
    const char *uri = mongo_uri_named("MONGODB_TLS_URI"), *plain = getenv("MONGODB_URI");
    char changed[1024];
    (void)state;
    if (!uri)
        skip();
    snprintf(changed, sizeof changed, "%s&tlsCAFile=%s", uri, getenv("MONGODB_TLS_CA"));
    expect_ping(changed, SIGNET_OK, NULL);
    snprintf(changed, sizeof changed, "%s&tlsCAFile=%s", uri, getenv("MONGODB_TLS_OTHER_CA"));
    expect_ping(changed, SIGNET_ERR_STORE_UNAVAILABLE, "tlsCAFile");
    expect_ping(uri, SIGNET_ERR_STORE_UNAVAILABLE, "tlsCAFile");
    snprintf(changed, sizeof changed, "%s&tlsCAFile=/no/such/file", uri);
    expect_ping(changed, SIGNET_ERR_STORE_UNAVAILABLE, "tlsCAFile");
    snprintf(changed, sizeof changed, "%.*s", (int)strcspn(uri, "?"), uri);
    expect_ping(changed, SIGNET_ERR_STORE_UNAVAILABLE, "tls=true");
    snprintf(changed, sizeof changed, "%s?tls=true", plain);
    expect_ping(changed, SIGNET_ERR_STORE_UNAVAILABLE, "TLS");
}

int main(void)
{
    const struct CMUnitTest anywhere[] = {
        cmocka_unit_test(a_mistyped_uri_is_explained_without_the_password),
        cmocka_unit_test(common_uris_are_accepted_without_using_the_network),
        cmocka_unit_test(an_invalid_collection_name_is_refused),
        cmocka_unit_test(a_missing_server_is_unavailable_and_the_text_asks_whether_it_runs),
        cmocka_unit_test(an_unknown_host_is_unavailable_and_the_text_asks_for_the_name),
    };
    const struct CMUnitTest on_mongodb[] = {
        cmocka_unit_test(a_password_with_non_ascii_and_reserved_characters_logs_in),
        cmocka_unit_test(a_wrong_or_missing_password_is_refused_with_advice),
        cmocka_unit_test(tls_requires_the_right_authority),
    };
    int failed = cmocka_run_group_tests_name("mongo_uri", anywhere, NULL, NULL);
    if (mongo_is_here())
        failed += cmocka_run_group_tests_name("mongo_uri, on a server", on_mongodb, NULL, NULL);
    return failed;
}

#else

int main(void)
{
    return 0; /* the test of a build without the driver is in mongo.test.c */
}

#endif
