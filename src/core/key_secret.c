/* key_secret.c: HMAC secrets, and material that may be one. */
#include "core/fail.h"
#include "core/key.h"

signet_status signet_key_from_secret(const void *secret, size_t secret_len, signet_key **key, signet_error *err)
{
    if (!secret || secret_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    signet_status status = signet_refuse_pair_material(secret, secret_len, err);
    if (status != SIGNET_OK)
        return status;
    signet_key *made = signet_key_new(SIGNET_KEY_SECRET, "secret");
    if (!made)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    made->bits = secret_len * 8;
    signet_key_settle_algorithms(made);
    for (int digest = 0; digest < SIGNET_DIGEST_COUNT; digest++) {
        status = signet_hmac_init(&made->hmac[digest], (signet_digest)digest, SIGNET_HMAC_BEST, secret, secret_len);
        if (status != SIGNET_OK) {
            signet_key_free(made);
            return signet_fail(err, status, NULL);
        }
    }
    *key = made;
    return SIGNET_OK;
}

signet_status signet_key_from_material(const void *material, size_t material_len, const signet_text *passphrase,
                                       signet_key **key, signet_error *err)
{
    if (material && signet_text_find(material, material_len, "-----BEGIN"))
        return signet_key_from_pem(material, material_len, passphrase, key, err);
    return signet_key_from_secret(material, material_len, key, err);
}
