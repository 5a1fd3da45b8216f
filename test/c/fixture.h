/* fixture.h: keys, tokens and assertions that several C tests share. */
#ifndef SIGNET_TEST_FIXTURE_H
#define SIGNET_TEST_FIXTURE_H

#include "cmocka_all.h"

#include <openssl/evp.h>

#include "core/json.h"
#include "signet.h"

#define TEXT(literal) ((signet_text){literal, sizeof literal - 1})
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A whole file, NUL behind it; heap. */
char *fixture_file(const char *path, size_t *len);

/* One vector of test/vectors. Texts are NUL-terminated, heap, freed by fixture_vectors_free. */
typedef struct fixture_vector {
    char *section, *jwk, *jwt, *payload;
    signet_alg alg;
    bool deterministic;
} fixture_vector;
size_t fixture_vectors(const char *path, fixture_vector *vectors, size_t max);
void fixture_vectors_free(fixture_vector *vectors, size_t n);

/* A private key of each type, from the RFCs or made anew; the caller frees it. */
EVP_PKEY *fixture_rsa(void);
EVP_PKEY *fixture_ec(const char *curve);
EVP_PKEY *fixture_okp(const char *type);
EVP_PKEY *fixture_rsa_of(unsigned bits);

/* What they look like outside: heap. `format` "PEM" or "DER"; `structure` "PrivateKeyInfo", "EncryptedPrivateKeyInfo",
 * "SubjectPublicKeyInfo", "type-specific"; `passphrase` NULL or what to encrypt with. */
char *fixture_encode(EVP_PKEY *pkey, int selection, const char *format, const char *structure, const char *passphrase,
                     size_t *len);
char *fixture_certificate_pem(EVP_PKEY *pkey, size_t *len);

/* Both halves as signet keys. */
void fixture_pair(EVP_PKEY *pkey, signet_key **private_key, signet_key **public_key);

/* `payload` under `header`, both any text, signed with HS256 and `key`; NULL: an empty signature. Heap, NUL-terminated.
 */
char *fixture_token(const signet_key *key, const char *header, const char *payload);

/* The OpenSSL error queue of this thread is empty. */
void assert_queue_empty(void);

#endif
