/* http_url.c: the one function that mongo-c-driver uses of OpenSSL and node.exe does not export (22 and later): takes
 * the URL of a certificate's OCSP responder apart. */
#include <openssl/crypto.h>
#include <openssl/http.h>
#include <string.h>

static char *copy(const char *from, size_t len)
{
    return CRYPTO_strndup(from, len, OPENSSL_FILE, OPENSSL_LINE);
}

/* Without brackets, user names, queries and fragments: no responder's URL has any. */
int OSSL_HTTP_parse_url(const char *url, int *is_tls, char **user, char **host, char **port, int *port_number,
                        char **path, char **query, char **fragment)
{
    static const char http[] = "http://", https[] = "https://";
    const int tls = strncmp(url, https, sizeof https - 1) == 0;
    if (user || port_number || query || fragment || !host || !port || !path ||
        (!tls && strncmp(url, http, sizeof http - 1) != 0))
        return 0;
    const char *const name = url + (tls ? sizeof https : sizeof http) - 1;
    const char *const name_end = name + strcspn(name, ":/"), *const number = name_end + (*name_end == ':');
    const char *const number_end = number + strspn(number, "0123456789");
    if (name_end == name || (*number_end != '/' && *number_end != '\0') ||
        (number_end == number) != (number == name_end))
        return 0;
    *is_tls = tls;
    *host = copy(name, (size_t)(name_end - name));
    *port = number == name_end ? copy(tls ? "443" : "80", tls ? 3 : 2) : copy(number, (size_t)(number_end - number));
    *path = *number_end ? copy(number_end, strlen(number_end)) : copy("/", 1);
    return *host && *port && *path;
}
