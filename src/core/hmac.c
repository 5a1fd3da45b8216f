/* hmac.c: HMAC over prepared states. */
#include "core/hmac.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

/* A context that has taken the key's block, each byte XORed with `pad`. */
static EVP_MD_CTX *keyed_state(const EVP_MD *md, const uint8_t *block, size_t block_len, uint8_t pad)
{
    uint8_t padded[SIGNET_MAX_BLOCK_LEN];
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    for (size_t i = 0; i < block_len; i++)
        padded[i] = block[i] ^ pad;
    if (state && (EVP_DigestInit_ex2(state, md, NULL) != 1 || EVP_DigestUpdate(state, padded, block_len) != 1)) {
        EVP_MD_CTX_free(state);
        state = NULL;
    }
    OPENSSL_cleanse(padded, sizeof padded);
    return state;
}

signet_status signet_hmac_init(signet_hmac *hmac, signet_digest digest, const void *key, size_t key_len)
{
    const EVP_MD *md = signet_digest_md(digest);
    const size_t block_len = signet_digest_block_len(digest);
    uint8_t block[SIGNET_MAX_BLOCK_LEN] = {0};
    bool ready = md != NULL;
    (void)ERR_set_mark();
    if (ready && key_len > block_len)
        ready = EVP_Digest(key, key_len, block, NULL, md, NULL) == 1;
    else if (ready)
        memcpy(block, key, key_len);
    hmac->inner = ready ? keyed_state(md, block, block_len, 0x36) : NULL;
    hmac->outer = ready ? keyed_state(md, block, block_len, 0x5C) : NULL;
    OPENSSL_cleanse(block, sizeof block);
    (void)ERR_pop_to_mark();
    if (hmac->inner && hmac->outer)
        return SIGNET_OK;
    signet_hmac_clear(hmac);
    return md ? SIGNET_ERR_MEMORY : SIGNET_ERR_CRYPTO;
}

void signet_hmac_clear(signet_hmac *hmac)
{
    EVP_MD_CTX_free(hmac->inner); /* OpenSSL wipes the state */
    EVP_MD_CTX_free(hmac->outer);
    hmac->inner = hmac->outer = NULL;
}

signet_status signet_hmac_compute(const signet_hmac *hmac, EVP_MD_CTX *md, const void *bytes, size_t len, uint8_t *mac)
{
    unsigned mac_len = 0;
    if (EVP_MD_CTX_copy_ex(md, hmac->inner) == 1 && EVP_DigestUpdate(md, bytes, len) == 1 && EVP_DigestFinal_ex(md, mac, &mac_len) == 1 &&
        EVP_MD_CTX_copy_ex(md, hmac->outer) == 1 && EVP_DigestUpdate(md, mac, mac_len) == 1 && EVP_DigestFinal_ex(md, mac, NULL) == 1)
        return SIGNET_OK;
    return SIGNET_ERR_MEMORY;
}
