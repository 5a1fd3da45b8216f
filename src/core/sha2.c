/* sha2.c: SHA-2 by OpenSSL's plain functions. EVP can only continue a state by copying a context, which allocates and
 * frees on the heap each time: two copies an HMAC, together as long as two of its four blocks. The default provider's
 * SHA-2 is these very functions. They are deprecated since OpenSSL 3.0 without a date of removal, so they are weak
 * here: if they are missing, HMAC goes by EVP. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/sha2.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/sha.h>
#include <string.h>

#pragma weak SHA256_Init
#pragma weak SHA256_Update
#pragma weak SHA256_Final
#pragma weak SHA384_Init
#pragma weak SHA512_Init
#pragma weak SHA512_Update
#pragma weak SHA512_Final

static bool has_functions(signet_digest digest)
{
    if (digest == SIGNET_DIGEST_SHA256)
        return SHA256_Init && SHA256_Update && SHA256_Final;
    return SHA384_Init && SHA512_Init && SHA512_Update && SHA512_Final;
}

bool signet_sha2_available(signet_digest digest)
{
    const EVP_MD *md = signet_digest_md(digest);
    const OSSL_PROVIDER *provider = md ? EVP_MD_get0_provider(md) : NULL;
    const char *name = provider ? OSSL_PROVIDER_get0_name(provider) : NULL;
    return name && strcmp(name, "default") == 0 && has_functions(digest);
}

void signet_sha2_begin(signet_digest digest, const uint8_t *block, signet_sha2_state *state)
{
    if (digest == SIGNET_DIGEST_SHA256) {
        SHA256_CTX sha;
        (void)SHA256_Init(&sha);
        (void)SHA256_Update(&sha, block, SHA256_CBLOCK);
        memcpy(state->words, sha.h, sizeof state->words);
        OPENSSL_cleanse(&sha, sizeof sha);
        return;
    }
    SHA512_CTX sha;
    (void)(digest == SIGNET_DIGEST_SHA384 ? SHA384_Init(&sha) : SHA512_Init(&sha));
    (void)SHA512_Update(&sha, block, SHA512_CBLOCK);
    memcpy(state->long_words, sha.h, sizeof state->long_words);
    OPENSSL_cleanse(&sha, sizeof sha);
}

static void finish_256(const signet_sha2_state *state, const signet_text *texts, size_t texts_n, uint8_t *out)
{
    SHA256_CTX sha;
    memcpy(sha.h, state->words, sizeof state->words);
    sha.Nl = 8 * SHA256_CBLOCK;
    sha.Nh = 0;
    sha.num = 0;
    sha.md_len = SHA256_DIGEST_LENGTH;
    for (size_t i = 0; i < texts_n; i++)
        (void)SHA256_Update(&sha, texts[i].ptr, texts[i].len);
    (void)SHA256_Final(out, &sha);
}

static void finish_512(signet_digest digest, const signet_sha2_state *state, const signet_text *texts, size_t texts_n,
                       uint8_t *out)
{
    SHA512_CTX sha;
    memcpy(sha.h, state->long_words, sizeof state->long_words);
    sha.Nl = 8 * SHA512_CBLOCK;
    sha.Nh = 0;
    sha.num = 0;
    sha.md_len = (unsigned)signet_digest_len(digest);
    for (size_t i = 0; i < texts_n; i++)
        (void)SHA512_Update(&sha, texts[i].ptr, texts[i].len);
    (void)SHA512_Final(out, &sha);
}

void signet_sha2_finish(signet_digest digest, const signet_sha2_state *state, const signet_text *texts, size_t texts_n,
                        uint8_t *out)
{
    if (digest == SIGNET_DIGEST_SHA256)
        finish_256(state, texts, texts_n, out);
    else
        finish_512(digest, state, texts, texts_n, out);
}
