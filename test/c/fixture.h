/* fixture.h: keys, tokens and assertions that several C tests share. */
#ifndef SIGNET_TEST_FIXTURE_H
#define SIGNET_TEST_FIXTURE_H

#include "cmocka_all.h"

#include <openssl/evp.h>

#include "core/json.h"
#include "signet.h"

#define TEXT(literal) ((signet_text){literal, sizeof literal - 1})
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A whole file, NUL-terminated; the caller frees it. */
char *fixture_file(const char *path, size_t *len);

/* One vector of test/vectors. Texts are NUL-terminated; fixture_vectors_free frees them. */
typedef struct fixture_vector {
    char *section, *jwk, *jwt, *payload;
    signet_alg alg;
    bool deterministic;
} fixture_vector;
size_t fixture_vectors(const char *path, fixture_vector *vectors, size_t max);
void fixture_vectors_free(fixture_vector *vectors, size_t n);

/* A private key of each type, from the RFCs or generated; the caller frees it. */
EVP_PKEY *fixture_rsa(void);
EVP_PKEY *fixture_ec(const char *curve);
EVP_PKEY *fixture_okp(const char *type);
EVP_PKEY *fixture_rsa_of(unsigned bits);

/* The key encoded; the caller frees it. `format`: "PEM" or "DER"; `structure`: "PrivateKeyInfo",
 * "EncryptedPrivateKeyInfo", "SubjectPublicKeyInfo", "type-specific"; `passphrase`: to encrypt with, or NULL. */
char *fixture_encode(EVP_PKEY *pkey, int selection, const char *format, const char *structure, const char *passphrase,
                     size_t *len);
char *fixture_certificate_pem(EVP_PKEY *pkey, size_t *len);

/* Both halves as signet keys. */
void fixture_pair(EVP_PKEY *pkey, signet_key **private_key, signet_key **public_key);

/* A token of any `header` and `payload`, signed with HS256 and `key`; `key` NULL: the signature is empty.
 * NUL-terminated; the caller frees it. */
char *fixture_token(const signet_key *key, const char *header, const char *payload);

/* Asserts that this thread's OpenSSL error queue is empty. */
void assert_queue_empty(void);

#endif
