/* key_secret.c: HMAC secrets. */
#include "core/fail.h"
#include "core/key.h"

signet_status signet_key_from_secret(const void *secret, size_t secret_len, signet_key **key, signet_error *err)
{
    if (!secret || secret_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    if (signet_is_public_material(secret, secret_len))
        return signet_fail(err, SIGNET_ERR_KEY_PUBLIC_AS_SECRET, NULL);
    signet_key *made = signet_key_new(SIGNET_KEY_SECRET, "secret");
    if (!made)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    made->bits = secret_len * 8;
    made->algorithms = SIGNET_HS_ALGS;
    for (int digest = 0; digest < SIGNET_DIGEST_COUNT; digest++) {
        const signet_status status = signet_hmac_init(&made->hmac[digest], (signet_digest)digest, secret, secret_len);
        if (status != SIGNET_OK) {
            signet_key_free(made);
            return signet_fail(err, status, NULL);
        }
    }
    *key = made;
    return SIGNET_OK;
}
