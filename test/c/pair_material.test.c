/* Half of a key pair, in any encoding, is distinguished from a secret. */
#include <openssl/core_names.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base64url.h"
#include "fixture.h"

static EVP_PKEY *rsa, *ec, *ed;

static int set_up(void **state)
{
    (void)state;
    rsa = fixture_rsa();
    ec = fixture_ec("P-256");
    ed = fixture_okp("ED25519");
    return rsa && ec && ed ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);
    return 0;
}

/* Base64 in the standard alphabet, padded, in lines of 64. */
static char *base64_lines(const char *bytes, size_t len)
{
    char *out = malloc(len * 2 + 100), *to = out;
    unsigned char line[80];
    for (size_t at = 0; at < len; at += 48) {
        const int n = EVP_EncodeBlock(line, (const unsigned char *)bytes + at, (int)(len - at < 48 ? len - at : 48));
        memcpy(to, line, (size_t)n);
        to += n;
        *to++ = '\n';
    }
    *to = 0;
    return out;
}

static signet_status as_secret(const void *bytes, size_t len)
{
    signet_key *key = NULL;
    const signet_status status = signet_key_from_secret(bytes, len, &key, NULL);
    signet_key_free(key);
    assert_queue_empty();
    return status;
}

static void assert_no_secret_in_hex(const char *bytes, size_t len)
{
    char *hex = malloc(len * 3 + 1), *to = hex;
    for (size_t i = 0; i < len; i++)
        to += sprintf(to, i % 2 ? "%02x:" : "%02X", (uint8_t)bytes[i]);
    assert_int_equal(as_secret(hex, (size_t)(to - hex)), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    free(hex);
}

/* With a zero byte after each character. */
static void assert_no_secret_in_utf16(const char *text, size_t len)
{
    char *wide = calloc(len, 2);
    for (size_t i = 0; i < len; i++)
        wide[2 * i] = text[i];
    assert_int_equal(as_secret(wide, 2 * len), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    assert_int_equal(as_secret(wide, 2 * len - 1), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    free(wide);
}

/* The bytes, their hex, their base64 in both alphabets, with and without padding and lines, and base64 of base64. */
static void assert_never_a_secret(const char *bytes, size_t len)
{
    assert_no_secret_in_hex(bytes, len);
    assert_int_equal(as_secret(bytes, len), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    char *lines = base64_lines(bytes, len), *url = malloc(len * 2);
    assert_int_equal(as_secret(lines, strlen(lines)), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    const size_t url_len = signet_b64url_encode(bytes, len, url);
    assert_int_equal(as_secret(url, url_len), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    char *twice = base64_lines(lines, strlen(lines));
    assert_int_equal(as_secret(twice, strlen(twice)), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    assert_no_secret_in_utf16(lines, strlen(lines));
    free(twice);
    free(lines);
    free(url);
}

static void a_public_key_is_never_a_secret(void **state)
{
    EVP_PKEY *all[] = {rsa, ec, ed};
    size_t len;
    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        char *pem = fixture_encode(all[i], EVP_PKEY_PUBLIC_KEY, "PEM", "SubjectPublicKeyInfo", NULL, &len);
        assert_never_a_secret(pem, len);
        assert_never_a_secret(pem, len - 10); /* truncated */
        for (char *at = pem; *at; at++)
            if (*at == '\n')
                *at = ' ';
        assert_never_a_secret(pem, len); /* without line breaks */
        free(pem);
        char *der = fixture_encode(all[i], EVP_PKEY_PUBLIC_KEY, "DER", "SubjectPublicKeyInfo", NULL, &len);
        assert_never_a_secret(der, len);
        free(der);
    }
    char *pkcs1 = fixture_encode(rsa, EVP_PKEY_PUBLIC_KEY, "DER", "type-specific", NULL, &len);
    assert_never_a_secret(pkcs1, len);
    free(pkcs1);
    char *certificate = fixture_certificate_pem(rsa, &len);
    assert_never_a_secret(certificate, len);
    free(certificate);
    const char *jwks[] = {" {\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
                          "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
                          "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"};
    for (size_t i = 0; i < COUNT(jwks); i++)
        assert_never_a_secret(jwks[i], strlen(jwks[i]));
}

static void a_private_key_is_never_a_secret(void **state)
{
    const struct {
        const char *format, *structure, *passphrase;
    } forms[] = {{"PEM", "PrivateKeyInfo", NULL},          {"DER", "PrivateKeyInfo", NULL},
                 {"PEM", "EncryptedPrivateKeyInfo", "pw"}, {"DER", "EncryptedPrivateKeyInfo", "pw"},
                 {"PEM", "type-specific", NULL},           {"DER", "type-specific", NULL}};
    EVP_PKEY *all[] = {rsa, ec, ed};
    size_t len;
    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        for (size_t form = 0; form < COUNT(forms) - (all[i] == ed ? 2 : 0); form++) {
            char *key = fixture_encode(all[i], EVP_PKEY_KEYPAIR, forms[form].format, forms[form].structure,
                                       forms[form].passphrase, &len);
            assert_never_a_secret(key, len);
            free(key);
        }
    }
    const char *jwk =
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qY\"}";
    assert_never_a_secret(jwk, strlen(jwk));
}

/* Formats of other programs than OpenSSL, and files that were pasted, truncated or quoted. */
static void other_spellings_of_a_key_are_never_a_secret(void **state)
{
    static const char *const spellings[] = {
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0l6pC0Xl2dIqv0V1fD1Z1r0c5m1x6f0mW8v2y3s4t5 me@example",
        "restrict,command=\"x\" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7",
        "example.com,10.0.0.1 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAI",
        "AAAAC3NzaC1lZDI1NTE5AAAAIJ0l6pC0Xl2dIqv0V1fD1Z1r0c5m1x6f0mW8v2y3s4t5",
        "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"x\"\nAAAAB3NzaC1yc2EAAAADAQABAAABAQC7\n---- END SSH2 PUBLIC KEY "
        "----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB",
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x",
        "<RSAKeyValue><Modulus>wK0eZ</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN RSA PRIVATE KEY-----",
        "----begin certificate request----",
        "MIIBCgKCAQEAxOvF9/6S/A6uonJm7Ocz\n-----END RSA PUBLIC KEY-----",
        "-----BEGIN%20PUBLIC%20KEY-----%0AMFkwEwYH",
        "-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\\n-----END PUBLIC KEY-----\\n",
        "MFkwEwYHKoZIzj0CAQYI\\nKoZIzj0DAQcDQgAEwBvxv4jA7Hhl", /* truncated */
        "'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", /* what all RSA keys begin with */
        "0x3059301306072a8648ce3d020106082a8648ce3d030107034200",
        "\"{\\\"kty\\\":\\\"RSA\\\",\\\"n\\\":\\\"AQAB\\\",\\\"e\\\":\\\"AQAB\\\"}\"",
        "{ kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU' }"};
    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++)
        assert_never_a_secret(spellings[i], strlen(spellings[i]));
}

static void the_point_of_a_public_key_is_never_a_secret(void **state)
{
    uint8_t point[65];
    size_t len;
    (void)state;
    assert_int_equal(EVP_PKEY_get_octet_string_param(ec, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len), 1);
    assert_never_a_secret((const char *)point, len);
    point[64] ^= 1;
    assert_int_equal(as_secret(point, len), SIGNET_OK); /* on no curve */
}

static void a_refused_key_is_named(void **state)
{
    static const char line[] =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0l6pC0Xl2dIqv0V1fD1Z1r0c5m1x6f0mW8v2y3s4t5 me@example";
    signet_key *key = NULL;
    signet_error err;
    (void)state;
    assert_int_equal(signet_key_from_secret(line, sizeof line - 1, &key, &err), SIGNET_ERR_KEY_PAIR_AS_SECRET);
    assert_non_null(strstr(err.detail, "an SSH key (ssh-keygen -e -m PKCS8"));
    assert_null(strstr(err.detail, "AAAA"));
}

static void all_other_bytes_are_secrets(void **state)
{
    char random[64], text[200];
    (void)state;
    memset(random, 0x30, sizeof random);
    const char *good[] = {"x", "shhhhh", "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ\"}",
                          "a passphrase of many words, as one should have for a secret",
                          "3f2a9c7d5e1b8a6f4c0d2e9b7a5f3c1d8e6b4a2f0c9d7e5b3a1f8c6d4e2b0a97"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(as_secret(good[i], strlen(good[i])), SIGNET_OK);
    assert_int_equal(as_secret(random, sizeof random), SIGNET_OK);
    assert_int_equal(as_secret("\0", 1), SIGNET_OK);
    for (int i = 0; i < 190; i++)
        text[i] = (char)(i * 7);
    assert_int_equal(as_secret(text, 190), SIGNET_OK);
    assert_int_equal(as_secret("", 0), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(as_secret(NULL, 0), SIGNET_ERR_KEY_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_key_is_never_a_secret),
        cmocka_unit_test(a_private_key_is_never_a_secret),
        cmocka_unit_test(other_spellings_of_a_key_are_never_a_secret),
        cmocka_unit_test(the_point_of_a_public_key_is_never_a_secret),
        cmocka_unit_test(a_refused_key_is_named),
        cmocka_unit_test(all_other_bytes_are_secrets),
    };
    return cmocka_run_group_tests_name("pair_material", tests, set_up, tear_down);
}
