/* openssl.c: HMAC and signatures, as fast as OpenSSL 3's public functions allow. */
#include "floors.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_LEN = 64, HASH_LEN = 32, MAX_SIGNATURE_LEN = 1024 };

/* HMAC: the digests of the two padded keys are computed once, then copied. */
typedef struct hmac_floor {
    text_floor base;
    EVP_MD *md;
    EVP_MD_CTX *inner, *outer, *work;
    bool has_expected;
    uint8_t expected[HASH_LEN];
} hmac_floor;

static EVP_MD_CTX *padded(const EVP_MD *md, const uint8_t key[BLOCK_LEN], uint8_t pad)
{
    uint8_t block[BLOCK_LEN];
    for (size_t i = 0; i < BLOCK_LEN; i++)
        block[i] = key[i] ^ pad;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && EVP_DigestInit_ex(ctx, md, NULL) && EVP_DigestUpdate(ctx, block, BLOCK_LEN))
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

static bool hmac_once(text_floor *self, const uint8_t *text, size_t len)
{
    hmac_floor *h = (hmac_floor *)self;
    uint8_t digest[HASH_LEN], tag[HASH_LEN];
    if (!EVP_MD_CTX_copy_ex(h->work, h->inner) || !EVP_DigestUpdate(h->work, text, len) ||
        !EVP_DigestFinal_ex(h->work, digest, NULL) || !EVP_MD_CTX_copy_ex(h->work, h->outer) ||
        !EVP_DigestUpdate(h->work, digest, HASH_LEN) || !EVP_DigestFinal_ex(h->work, tag, NULL))
        return false;
    if (!h->has_expected)
        memcpy(h->expected, tag, HASH_LEN);
    h->has_expected = true;
    return CRYPTO_memcmp(tag, h->expected, HASH_LEN) == 0;
}

static void hmac_release(text_floor *self)
{
    hmac_floor *h = (hmac_floor *)self;
    EVP_MD_CTX_free(h->inner);
    EVP_MD_CTX_free(h->outer);
    EVP_MD_CTX_free(h->work);
    EVP_MD_free(h->md);
    free(h);
}

text_floor *floor_hmac_new(const uint8_t *secret, size_t len)
{
    uint8_t key[BLOCK_LEN] = {0};
    hmac_floor *h = calloc(1, sizeof *h);
    if (!h || len > BLOCK_LEN) {
        free(h);
        return NULL;
    }
    h->base = (text_floor){hmac_once, hmac_release};
    memcpy(key, secret, len);
    h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    h->inner = h->md ? padded(h->md, key, 0x36) : NULL;
    h->outer = h->md ? padded(h->md, key, 0x5c) : NULL;
    h->work = EVP_MD_CTX_new();
    if (h->inner && h->outer && h->work && EVP_MD_CTX_copy_ex(h->work, h->inner))
        return &h->base;
    hmac_release(&h->base);
    return NULL;
}

/* Signatures: one context, initialised once. A signature of the first text is what gets verified. */
typedef struct pkey_floor {
    text_floor base;
    bool one_shot; /* EdDSA hashes the text itself: EVP_DigestSign without a digest */
    bool used_up;  /* OpenSSL 3.4 and later accept a one-shot context once; earlier versions, any number of times */
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign, *verify;
    EVP_MD_CTX *sign_once, *verify_once, *digest;
    EVP_MD *md;
    uint8_t signature[MAX_SIGNATURE_LEN];
    size_t signature_len;
} pkey_floor;

static bool set_up(EVP_PKEY_CTX *ctx, const char *alg, const EVP_MD *md)
{
    if (EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0)
        return false;
    if (strcmp(alg, "RS256") == 0)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
    if (strcmp(alg, "PS256") == 0)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, HASH_LEN) > 0;
    return true;
}

static bool prepare_one_shot(pkey_floor *p)
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

static bool prepare(pkey_floor *p, const char *alg)
{
    if (p->one_shot)
        return prepare_one_shot(p);
    p->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    p->digest = EVP_MD_CTX_new();
    p->sign = EVP_PKEY_CTX_new(p->key, NULL);
    p->verify = EVP_PKEY_CTX_new(p->key, NULL);
    return p->md && p->digest && p->sign && p->verify && EVP_PKEY_sign_init(p->sign) > 0 &&
           set_up(p->sign, alg, p->md) && EVP_PKEY_verify_init(p->verify) > 0 && set_up(p->verify, alg, p->md);
}

static bool digest_of(pkey_floor *p, const uint8_t *text, size_t len, uint8_t digest[HASH_LEN])
{
    return EVP_DigestInit_ex(p->digest, p->md, NULL) && EVP_DigestUpdate(p->digest, text, len) &&
           EVP_DigestFinal_ex(p->digest, digest, NULL);
}

static bool sign_once(text_floor *self, const uint8_t *text, size_t len)
{
    pkey_floor *p = (pkey_floor *)self;
    uint8_t digest[HASH_LEN];
    p->signature_len = MAX_SIGNATURE_LEN;
    if (p->one_shot)
        return (!p->used_up || EVP_DigestSignInit(p->sign_once, NULL, NULL, NULL, p->key) > 0) &&
               EVP_DigestSign(p->sign_once, p->signature, &p->signature_len, text, len) > 0;
    return digest_of(p, text, len, digest) &&
           EVP_PKEY_sign(p->sign, p->signature, &p->signature_len, digest, HASH_LEN) > 0;
}

static bool verify_once(text_floor *self, const uint8_t *text, size_t len)
{
    pkey_floor *p = (pkey_floor *)self;
    uint8_t digest[HASH_LEN];
    if (p->signature_len == 0 && !sign_once(self, text, len))
        return false;
    if (p->one_shot)
        return (!p->used_up || EVP_DigestVerifyInit(p->verify_once, NULL, NULL, NULL, p->key) > 0) &&
               EVP_DigestVerify(p->verify_once, p->signature, p->signature_len, text, len) == 1;
    return digest_of(p, text, len, digest) &&
           EVP_PKEY_verify(p->verify, p->signature, p->signature_len, digest, HASH_LEN) == 1;
}

static void pkey_release(text_floor *self)
{
    pkey_floor *p = (pkey_floor *)self;
    EVP_PKEY_CTX_free(p->sign);
    EVP_PKEY_CTX_free(p->verify);
    EVP_MD_CTX_free(p->sign_once);
    EVP_MD_CTX_free(p->verify_once);
    EVP_MD_CTX_free(p->digest);
    EVP_MD_free(p->md);
    EVP_PKEY_free(p->key);
    free(p);
}

text_floor *floor_pkey_new(const char *alg, const char *private_pem, size_t len, bool checks)
{
    pkey_floor *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->base = (text_floor){checks ? verify_once : sign_once, pkey_release};
    p->one_shot = strcmp(alg, "EdDSA") == 0;
    BIO *bio = BIO_new_mem_buf(private_pem, (int)len);
    p->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    if (p->key && prepare(p, alg))
        return &p->base;
    pkey_release(&p->base);
    return NULL;
}
