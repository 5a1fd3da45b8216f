/* crypto.c: what src/session and src/store ask of OpenSSL. */
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

void signet_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}

bool signet_same_secret(const void *one, const void *other, size_t len)
{
    return CRYPTO_memcmp(one, other, len) == 0;
}

void signet_openssl_mark(void)
{
    (void)ERR_set_mark();
}

void signet_openssl_pop(void)
{
    (void)ERR_pop_to_mark();
}

bool signet_sha256(const void *bytes, size_t len, uint8_t hash[SIGNET_SHA256_LEN])
{
    const EVP_MD *md = signet_digest_md(SIGNET_DIGEST_SHA256);
    (void)ERR_set_mark();
    const bool done = md && EVP_Digest(bytes, len, hash, NULL, md, NULL) == 1;
    (void)ERR_pop_to_mark();
    return done;
}

/* HMAC with a new context. Clears `hmac`. */
static bool compute_once(signet_hmac *hmac, const signet_text *texts, size_t texts_n, uint8_t mac[SIGNET_SHA256_LEN])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    const bool done = md && signet_hmac_compute(hmac, md, texts, texts_n, mac);
    EVP_MD_CTX_free(md);
    signet_hmac_clear(hmac);
    return done;
}

bool signet_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t mac[SIGNET_SHA256_LEN])
{
    const signet_text text = {bytes, len};
    signet_hmac hmac;
    if (signet_hmac_init(&hmac, SIGNET_DIGEST_SHA256, SIGNET_HMAC_BEST, key, key_len) != SIGNET_OK)
        return false;
    (void)ERR_set_mark();
    const bool done = compute_once(&hmac, &text, 1, mac);
    (void)ERR_pop_to_mark();
    return done;
}

/* T(i) = HMAC(prk, T(i-1) | info | i), RFC 5869 section 2.3. */
static bool expand(const signet_hmac *prk, const void *info, size_t info_len, uint8_t *out, size_t out_len)
{
    uint8_t block[SIGNET_SHA256_LEN];
    (void)ERR_set_mark();
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool done = md != NULL;
    for (uint8_t counter = 1; done && out_len > 0; counter++) {
        const signet_text texts[] = {
            {(const char *)block, counter > 1 ? sizeof block : 0}, {info, info_len}, {(const char *)&counter, 1}};
        done = signet_hmac_compute(prk, md, texts, sizeof texts / sizeof *texts, block);
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

bool signet_hkdf_sha256(const void *secret, size_t secret_len, const void *salt, size_t salt_len, const void *info,
                        size_t info_len, uint8_t *out, size_t out_len)
{
    uint8_t prk[SIGNET_SHA256_LEN];
    signet_hmac hmac;
    bool done = false;
    if (out_len > 255 * SIGNET_SHA256_LEN || !signet_hmac_sha256(salt, salt_len, secret, secret_len, prk))
        return false;
    if (signet_hmac_init(&hmac, SIGNET_DIGEST_SHA256, SIGNET_HMAC_BEST, prk, sizeof prk) == SIGNET_OK) {
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
