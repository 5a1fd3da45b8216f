/* hmac.c: HMAC over prepared states. */
#include "core/hmac.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

enum { INNER = 0x36, OUTER = 0x5C };

/* The key's block, each byte XORed with `pad`, into `padded`. */
static const uint8_t *pad_block(const uint8_t *block, size_t block_len, uint8_t pad,
                                uint8_t padded[SIGNET_MAX_BLOCK_LEN])
{
    for (size_t i = 0; i < block_len; i++)
        padded[i] = block[i] ^ pad;
    return padded;
}

/* A context after its first block. */
static EVP_MD_CTX *context_behind(const EVP_MD *md, const uint8_t *block, size_t block_len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex2(context, md, NULL) == 1 && EVP_DigestUpdate(context, block, block_len) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

/* The key as one block: hashed if it is longer (RFC 2104 section 2). */
static bool block_of_key(signet_digest digest, const void *key, size_t key_len, uint8_t block[SIGNET_MAX_BLOCK_LEN])
{
    const EVP_MD *md = signet_digest_md(digest);
    memset(block, 0, SIGNET_MAX_BLOCK_LEN);
    if (!md)
        return false;
    if (key_len > signet_digest_block_len(digest))
        return EVP_Digest(key, key_len, block, NULL, md, NULL) == 1;
    if (key_len > 0) /* `key` may be NULL else */
        memcpy(block, key, key_len);
    return true;
}

static bool prepare(signet_hmac *hmac, signet_hmac_way way, const uint8_t *block)
{
    const size_t block_len = signet_digest_block_len(hmac->digest);
    uint8_t padded[SIGNET_MAX_BLOCK_LEN];
    hmac->is_plain = way == SIGNET_HMAC_BEST && signet_sha2_available(hmac->digest);
    if (hmac->is_plain) {
        signet_sha2_begin(hmac->digest, pad_block(block, block_len, INNER, padded), &hmac->inner_state);
        signet_sha2_begin(hmac->digest, pad_block(block, block_len, OUTER, padded), &hmac->outer_state);
    } else {
        const EVP_MD *md = signet_digest_md(hmac->digest);
        hmac->inner = context_behind(md, pad_block(block, block_len, INNER, padded), block_len);
        hmac->outer = context_behind(md, pad_block(block, block_len, OUTER, padded), block_len);
    }
    OPENSSL_cleanse(padded, sizeof padded);
    return hmac->is_plain || (hmac->inner && hmac->outer);
}

signet_status signet_hmac_init(signet_hmac *hmac, signet_digest digest, signet_hmac_way way, const void *key,
                               size_t key_len)
{
    uint8_t block[SIGNET_MAX_BLOCK_LEN];
    *hmac = (signet_hmac){.digest = digest};
    (void)ERR_set_mark();
    const bool ready = block_of_key(digest, key, key_len, block) && prepare(hmac, way, block);
    (void)ERR_pop_to_mark();
    OPENSSL_cleanse(block, sizeof block);
    if (ready)
        return SIGNET_OK;
    signet_hmac_clear(hmac);
    return signet_digest_md(digest) ? SIGNET_ERR_MEMORY : SIGNET_ERR_CRYPTO;
}

void signet_hmac_clear(signet_hmac *hmac)
{
    EVP_MD_CTX_free(hmac->inner); /* OpenSSL wipes the state */
    EVP_MD_CTX_free(hmac->outer);
    OPENSSL_cleanse(hmac, sizeof *hmac);
}

/* The digest of a copy of `state` and the texts behind it. */
static bool finish_copy(EVP_MD_CTX *md, const EVP_MD_CTX *state, const signet_text *texts, size_t texts_n, uint8_t *out)
{
    bool done = EVP_MD_CTX_copy_ex(md, state) == 1;
    for (size_t i = 0; done && i < texts_n; i++)
        done = EVP_DigestUpdate(md, texts[i].ptr, texts[i].len) == 1;
    return done && EVP_DigestFinal_ex(md, out, NULL) == 1;
}

bool signet_hmac_compute(const signet_hmac *hmac, EVP_MD_CTX *md, const signet_text *texts, size_t texts_n,
                         uint8_t *mac)
{
    const signet_text inner = {(const char *)mac, signet_digest_len(hmac->digest)};
    if (!hmac->is_plain)
        return finish_copy(md, hmac->inner, texts, texts_n, mac) && finish_copy(md, hmac->outer, &inner, 1, mac);
    signet_sha2_finish(hmac->digest, &hmac->inner_state, texts, texts_n, mac);
    signet_sha2_finish(hmac->digest, &hmac->outer_state, &inner, 1, mac);
    return true;
}
