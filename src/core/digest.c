/* digest.c: SHA-2, fetched once per process. */
#include "core/digest.h"

#include <openssl/err.h>

#include "platform/platform.h"

typedef struct digest_row {
    const char *name;
    size_t len, block_len;
} digest_row;

static const digest_row rows[SIGNET_DIGEST_COUNT] = {
    [SIGNET_DIGEST_SHA256] = {"SHA256", 32, 64},
    [SIGNET_DIGEST_SHA384] = {"SHA384", 48, 128},
    [SIGNET_DIGEST_SHA512] = {"SHA512", 64, 128},
};

static signet_once once = SIGNET_ONCE_INIT;
static EVP_MD *fetched[SIGNET_DIGEST_COUNT];

/* Kept until the process ends: OpenSSL's own exit handler comes later than any call of ours. */
static void fetch_all(void)
{
    (void)ERR_set_mark();
    for (int i = 0; i < SIGNET_DIGEST_COUNT; i++)
        fetched[i] = EVP_MD_fetch(NULL, rows[i].name, NULL);
    (void)ERR_pop_to_mark();
}

const EVP_MD *signet_digest_md(signet_digest digest)
{
    signet_once_run(&once, fetch_all);
    return digest < SIGNET_DIGEST_COUNT ? fetched[digest] : NULL;
}

size_t signet_digest_len(signet_digest digest)
{
    return digest < SIGNET_DIGEST_COUNT ? rows[digest].len : 0;
}

size_t signet_digest_block_len(signet_digest digest)
{
    return digest < SIGNET_DIGEST_COUNT ? rows[digest].block_len : 0;
}
