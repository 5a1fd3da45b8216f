/* The OSSL_HTTP_parse_url that the binaries for Windows contain, against OpenSSL's own. */
#define OSSL_HTTP_parse_url parse_for_windows
#include "../../scripts/prebuild/windows/http_url.c"
#undef OSSL_HTTP_parse_url

#include "cmocka_all.h"

int OSSL_HTTP_parse_url(const char *url, int *is_tls, char **user, char **host, char **port, int *port_number,
                        char **path, char **query, char **fragment);

typedef int parser(const char *url, int *is_tls, char **user, char **host, char **port, int *port_number, char **path,
                   char **query, char **fragment);

typedef struct parts {
    int is_tls;
    char *host, *port, *path;
} parts;

static int parse(parser *with, const char *url, parts *found)
{
    *found = (parts){0, NULL, NULL, NULL};
    return with(url, &found->is_tls, NULL, &found->host, &found->port, NULL, &found->path, NULL, NULL);
}

static void free_parts(parts *found)
{
    OPENSSL_free(found->host);
    OPENSSL_free(found->port);
    OPENSSL_free(found->path);
}

static void the_url_of_a_responder_is_taken_apart_as_openssl_does(void **state)
{
    static const char *const urls[] = {
        "http://ocsp.example",      "http://ocsp.example/",  "http://ocsp.example/a/b%20",
        "http://ocsp.example:8080", "http://127.0.0.1:80/x", "https://ocsp.example/a",
        "https://o:4433/",          "http://a:65535/MFEw"};
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        parts ours, theirs;
        assert_int_equal(parse(parse_for_windows, urls[i], &ours), 1);
        assert_int_equal(parse(OSSL_HTTP_parse_url, urls[i], &theirs), 1);
        assert_int_equal(ours.is_tls, theirs.is_tls);
        assert_string_equal(ours.host, theirs.host);
        assert_string_equal(ours.port, theirs.port);
        assert_string_equal(ours.path, theirs.path);
        free_parts(&ours);
        free_parts(&theirs);
    }
}

static void what_is_no_such_url_is_refused_and_allocates_nothing(void **state)
{
    static const char *const urls[] = {"",          "ocsp.example", "ldap://a/",   "http://",     "http:///a",
                                       "http://a:", "http://a:/b",  "http://a:b/", "http://a:1b", "http://:80/"};
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        parts ours;
        assert_int_equal(parse(parse_for_windows, urls[i], &ours), 0);
        assert_true(!ours.host && !ours.port && !ours.path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_url_of_a_responder_is_taken_apart_as_openssl_does),
        cmocka_unit_test(what_is_no_such_url_is_refused_and_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
