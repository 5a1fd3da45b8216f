/* fixture.c: keys, tokens and assertions that several C tests share. */
#include "fixture.h"

#include <openssl/bio.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base64url.h"
#include "core/key.h"
#include "core/scratch.h"
#include "core/signature.h"

char *fixture_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = malloc(65536);
    *len = fread(text, 1, 65535, file);
    text[*len] = 0;
    (void)fclose(file);
    return text;
}

static char *own_text(const signet_json *value)
{
    char *copy = malloc(value->len + 1);
    size_t len;
    if (value->kind == SIGNET_JSON_STRING) {
        assert_true(signet_json_copy(value, copy, value->len + 1, &len));
        return copy;
    }
    memcpy(copy, value->ptr, value->len);
    copy[value->len] = 0;
    return copy;
}

size_t fixture_vectors(const char *path, fixture_vector *vectors, size_t max)
{
    size_t len, n = 0;
    char *text = fixture_file(path, &len);
    while (len > 0 && text[len - 1] == '\n')
        len--;
    const signet_json array = {SIGNET_JSON_ARRAY, false, text, len};
    signet_json_cursor cursor = signet_json_open(&array);
    for (signet_json item; n < max && signet_json_next(&cursor, NULL, &item); n++) {
        signet_json_field f[] = {SIGNET_JSON_FIELD("section"), SIGNET_JSON_FIELD("jwk"),
                                 SIGNET_JSON_FIELD("jwt"),     SIGNET_JSON_FIELD("payload"),
                                 SIGNET_JSON_FIELD("alg"),     SIGNET_JSON_FIELD("deterministic")};
        assert_int_equal(signet_json_read_object(item.ptr, item.len, f, COUNT(f), NULL, 0, NULL), SIGNET_OK);
        vectors[n] = (fixture_vector){own_text(&f[0].value),
                                      own_text(&f[1].value),
                                      own_text(&f[2].value),
                                      own_text(&f[3].value),
                                      signet_alg_from_name(f[4].value.ptr, f[4].value.len),
                                      f[5].value.kind == SIGNET_JSON_TRUE};
    }
    free(text);
    return n;
}

void fixture_vectors_free(fixture_vector *vectors, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(vectors[i].section);
        free(vectors[i].jwk);
        free(vectors[i].jwt);
        free(vectors[i].payload);
    }
}

EVP_PKEY *fixture_rsa(void)
{
    fixture_vector vectors[8];
    signet_key *key = NULL;
    const size_t n = fixture_vectors("test/vectors/rfc7515.json", vectors, COUNT(vectors));
    assert_int_equal(signet_key_from_jwk(vectors[1].jwk, strlen(vectors[1].jwk), &key, NULL), SIGNET_OK);
    EVP_PKEY *pkey = key->pkey;
    assert_int_equal(EVP_PKEY_up_ref(pkey), 1);
    signet_key_free(key);
    fixture_vectors_free(vectors, n);
    return pkey;
}

EVP_PKEY *fixture_ec(const char *curve)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

EVP_PKEY *fixture_okp(const char *type)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, type);
}

EVP_PKEY *fixture_rsa_of(unsigned bits)
{
    return EVP_RSA_gen(bits);
}

char *fixture_encode(EVP_PKEY *pkey, int selection, const char *format, const char *structure, const char *passphrase,
                     size_t *len)
{
    unsigned char *bytes = NULL;
    OSSL_ENCODER_CTX *encoder = OSSL_ENCODER_CTX_new_for_pkey(pkey, selection, format, structure, NULL);
    assert_non_null(encoder);
    if (passphrase) {
        assert_int_equal(OSSL_ENCODER_CTX_set_cipher(encoder, "AES-128-CBC", NULL), 1);
        assert_int_equal(
            OSSL_ENCODER_CTX_set_passphrase(encoder, (const unsigned char *)passphrase, strlen(passphrase)), 1);
    }
    *len = 0;
    assert_int_equal(OSSL_ENCODER_to_data(encoder, &bytes, len), 1);
    OSSL_ENCODER_CTX_free(encoder);
    char *copy = malloc(*len + 1);
    memcpy(copy, bytes, *len);
    copy[*len] = 0;
    OPENSSL_free(bytes);
    return copy;
}

char *fixture_certificate_pem(EVP_PKEY *pkey, size_t *len)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"signet", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(certificate, name), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_int_equal(X509_set_pubkey(certificate, pkey), 1);
    assert_true(X509_sign(certificate, pkey, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    *len = (size_t)BIO_get_mem_data(bio, &text);
    char *copy = malloc(*len + 1);
    memcpy(copy, text, *len);
    copy[*len] = 0;
    BIO_free(bio);
    X509_free(certificate);
    return copy;
}

void fixture_pair(EVP_PKEY *pkey, signet_key **private_key, signet_key **public_key)
{
    size_t len;
    char *pem = fixture_encode(pkey, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo", NULL, &len);
    assert_int_equal(signet_key_from_pem(pem, len, NULL, private_key, NULL), SIGNET_OK);
    free(pem);
    pem = fixture_encode(pkey, EVP_PKEY_PUBLIC_KEY, "PEM", "SubjectPublicKeyInfo", NULL, &len);
    assert_int_equal(signet_key_from_pem(pem, len, NULL, public_key, NULL), SIGNET_OK);
    free(pem);
}

char *fixture_token(const signet_key *key, const char *header, const char *payload)
{
    signet_scratch *scratch = signet_scratch_new();
    uint8_t signature[64];
    size_t signature_len = 0;
    char *token = malloc((strlen(header) + strlen(payload)) * 2 + 200), *to = token;
    to += signet_b64url_encode(header, strlen(header), to);
    *to++ = '.';
    to += signet_b64url_encode(payload, strlen(payload), to);
    const signet_text input = {token, (size_t)(to - token)};
    if (key)
        assert_int_equal(signet_signature_make(key, scratch, SIGNET_HS256, input, signature, &signature_len, NULL),
                         SIGNET_OK);
    *to++ = '.';
    to += signet_b64url_encode(signature, signature_len, to);
    *to = 0;
    signet_scratch_free(scratch);
    return token;
}

void assert_queue_empty(void)
{
    assert_int_equal(ERR_peek_error(), 0);
}
