/* crypto.c: hash, HMAC, HKDF and random bytes for src/session. */
#include "core/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/digest.h"
#include "core/hmac.h"

bool signet_openssl_queue_is_empty(void)
{
    return ERR_peek_error() == 0;
}

bool signet_sha256(const void *bytes, size_t len, uint8_t hash[SIGNET_SHA256_LEN])
{
    const EVP_MD *md = signet_digest_md(SIGNET_DIGEST_SHA256);
    (void)ERR_set_mark();
    const bool done = md && EVP_Digest(bytes, len, hash, NULL, md, NULL) == 1;
    (void)ERR_pop_to_mark();
    return done;
}

bool signet_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t mac[SIGNET_SHA256_LEN])
{
    signet_hmac hmac;
    if (signet_hmac_init(&hmac, SIGNET_DIGEST_SHA256, key, key_len) != SIGNET_OK)
        return false;
    (void)ERR_set_mark();
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    const bool done = md && signet_hmac_compute(&hmac, md, bytes, len, mac) == SIGNET_OK;
    EVP_MD_CTX_free(md);
    (void)ERR_pop_to_mark();
    signet_hmac_clear(&hmac);
    return done;
}

/* T(i) = HMAC(prk, T(i-1) | info | i), RFC 5869 section 2.3. */
static bool expand_block(const signet_hmac *prk, EVP_MD_CTX *md, const uint8_t *previous, const void *info, size_t info_len,
                         uint8_t counter, uint8_t block[SIGNET_SHA256_LEN])
{
    return EVP_MD_CTX_copy_ex(md, prk->inner) == 1 && (!previous || EVP_DigestUpdate(md, previous, SIGNET_SHA256_LEN) == 1) &&
           EVP_DigestUpdate(md, info, info_len) == 1 && EVP_DigestUpdate(md, &counter, 1) == 1 &&
           EVP_DigestFinal_ex(md, block, NULL) == 1 && EVP_MD_CTX_copy_ex(md, prk->outer) == 1 &&
           EVP_DigestUpdate(md, block, SIGNET_SHA256_LEN) == 1 && EVP_DigestFinal_ex(md, block, NULL) == 1;
}

static bool expand(const signet_hmac *prk, const void *info, size_t info_len, uint8_t *out, size_t out_len)
{
    uint8_t block[SIGNET_SHA256_LEN];
    (void)ERR_set_mark();
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool done = md != NULL;
    for (uint8_t counter = 1; done && out_len > 0; counter++) {
        done = expand_block(prk, md, counter > 1 ? block : NULL, info, info_len, counter, block);
        const size_t n = out_len < sizeof block ? out_len : sizeof block;
        memcpy(out, block, n);
        out += n;
        out_len -= n;
    }
    EVP_MD_CTX_free(md);
    (void)ERR_pop_to_mark();
    OPENSSL_cleanse(block, sizeof block);
    return done;
}

bool signet_hkdf_sha256(const void *secret, size_t secret_len, const void *salt, size_t salt_len, const void *info, size_t info_len,
                        uint8_t *out, size_t out_len)
{
    uint8_t prk[SIGNET_SHA256_LEN];
    signet_hmac hmac;
    bool done = false;
    if (out_len > 255 * SIGNET_SHA256_LEN || !signet_hmac_sha256(salt, salt_len, secret, secret_len, prk))
        return false;
    if (signet_hmac_init(&hmac, SIGNET_DIGEST_SHA256, prk, sizeof prk) == SIGNET_OK) {
        done = expand(&hmac, info, info_len, out, out_len);
        signet_hmac_clear(&hmac);
    }
    OPENSSL_cleanse(prk, sizeof prk);
    return done;
}

bool signet_random(uint8_t *out, size_t len)
{
    (void)ERR_set_mark();
    const bool done = len <= INT32_MAX && RAND_bytes(out, (int)len) == 1;
    (void)ERR_pop_to_mark();
    return done;
}
