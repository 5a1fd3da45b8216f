/* pkey.c: signatures as fast as OpenSSL 3's public functions make and check them: one context a direction, initialised once. */
#include "floors.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_LEN = 32, MAX_SIGNATURE_LEN = 1024 };

struct floor_pkey {
    bool one_shot; /* EdDSA hashes by itself: EVP_DigestSign, and no digest here */
    bool used_up;  /* OpenSSL 3.4 and later take a one-shot context once, earlier ones again and again */
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign, *verify;
    EVP_MD_CTX *sign_once, *verify_once;
    EVP_MD *md;
    EVP_MD_CTX *digest;
    uint8_t signature[MAX_SIGNATURE_LEN];
    size_t signature_len;
};

static bool set_up(EVP_PKEY_CTX *ctx, const char *alg, const EVP_MD *md)
{
    if (EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0)
        return false;
    if (strcmp(alg, "RS256") == 0)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
    if (strcmp(alg, "PS256") == 0)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, DIGEST_LEN) > 0;
    return true;
}

static bool prepare_one_shot(floor_pkey *p)
{
    p->sign_once = EVP_MD_CTX_new();
    p->verify_once = EVP_MD_CTX_new();
    if (!p->sign_once || !p->verify_once || EVP_DigestSignInit(p->sign_once, NULL, NULL, NULL, p->key) <= 0 ||
        EVP_DigestVerifyInit(p->verify_once, NULL, NULL, NULL, p->key) <= 0)
        return false;
    for (int i = 0; i < 2 && !p->used_up; i++) {
        p->signature_len = MAX_SIGNATURE_LEN;
        p->used_up = EVP_DigestSign(p->sign_once, p->signature, &p->signature_len, (const uint8_t *)"", 0) <= 0;
    }
    p->signature_len = 0;
    return true;
}

static bool prepare(floor_pkey *p, const char *alg)
{
    if (p->one_shot)
        return prepare_one_shot(p);
    p->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    p->digest = EVP_MD_CTX_new();
    p->sign = EVP_PKEY_CTX_new(p->key, NULL);
    p->verify = EVP_PKEY_CTX_new(p->key, NULL);
    return p->md && p->digest && p->sign && p->verify && EVP_PKEY_sign_init(p->sign) > 0 && set_up(p->sign, alg, p->md) &&
           EVP_PKEY_verify_init(p->verify) > 0 && set_up(p->verify, alg, p->md);
}

floor_pkey *floor_pkey_new(const char *alg, const char *pem, size_t pem_len)
{
    floor_pkey *p = calloc(1, sizeof *p);
    BIO *bio = BIO_new_mem_buf(pem, (int)pem_len);
    if (p && bio) {
        p->one_shot = strcmp(alg, "EdDSA") == 0;
        p->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    }
    BIO_free(bio);
    if (p && p->key && prepare(p, alg))
        return p;
    floor_pkey_free(p);
    return NULL;
}

void floor_pkey_free(floor_pkey *p)
{
    if (!p)
        return;
    EVP_PKEY_CTX_free(p->sign);
    EVP_PKEY_CTX_free(p->verify);
    EVP_MD_CTX_free(p->sign_once);
    EVP_MD_CTX_free(p->verify_once);
    EVP_MD_CTX_free(p->digest);
    EVP_MD_free(p->md);
    EVP_PKEY_free(p->key);
    free(p);
}

static bool digest_of(floor_pkey *p, const uint8_t *text, size_t text_len, uint8_t digest[DIGEST_LEN])
{
    return EVP_DigestInit_ex(p->digest, p->md, NULL) && EVP_DigestUpdate(p->digest, text, text_len) &&
           EVP_DigestFinal_ex(p->digest, digest, NULL);
}

static bool sign_one(floor_pkey *p, const uint8_t *text, size_t text_len)
{
    uint8_t digest[DIGEST_LEN];
    p->signature_len = MAX_SIGNATURE_LEN;
    if (p->one_shot)
        return (!p->used_up || EVP_DigestSignInit(p->sign_once, NULL, NULL, NULL, p->key) > 0) &&
               EVP_DigestSign(p->sign_once, p->signature, &p->signature_len, text, text_len) > 0;
    return digest_of(p, text, text_len, digest) && EVP_PKEY_sign(p->sign, p->signature, &p->signature_len, digest, DIGEST_LEN) > 0;
}

static bool verify_one(floor_pkey *p, const uint8_t *text, size_t text_len)
{
    uint8_t digest[DIGEST_LEN];
    if (p->one_shot)
        return (!p->used_up || EVP_DigestVerifyInit(p->verify_once, NULL, NULL, NULL, p->key) > 0) &&
               EVP_DigestVerify(p->verify_once, p->signature, p->signature_len, text, text_len) == 1;
    return digest_of(p, text, text_len, digest) && EVP_PKEY_verify(p->verify, p->signature, p->signature_len, digest, DIGEST_LEN) == 1;
}

int64_t floor_sign_run(floor_pkey *p, const uint8_t *text, size_t text_len, uint32_t n)
{
    const int64_t from = floor_clock_ns();
    for (uint32_t i = 0; i < n; i++)
        if (!sign_one(p, text, text_len))
            return -1;
    return floor_clock_ns() - from;
}

int64_t floor_verify_run(floor_pkey *p, const uint8_t *text, size_t text_len, uint32_t n)
{
    if (p->signature_len == 0 && !sign_one(p, text, text_len)) /* once: one handle sees one text */
        return -1;
    const int64_t from = floor_clock_ns();
    for (uint32_t i = 0; i < n; i++)
        if (!verify_one(p, text, text_len))
            return -1;
    return floor_clock_ns() - from;
}
