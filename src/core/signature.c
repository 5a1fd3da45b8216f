/* signature.c: from algorithm to the code that does it. */
#include "core/signature.h"

#include <openssl/crypto.h>
#include <string.h>

#include "core/base64url.h"
#include "core/fail.h"

size_t signet_signature_max(const signet_key *key, signet_alg alg)
{
    if (!key)
        return 0;
    if (signet_alg_row_of(alg)->family == SIGNET_FAMILY_HMAC)
        return SIGNET_MAX_HASH_LEN;
    return 0;
}

static const signet_hmac *hmac_of(const signet_key *key, const signet_alg_row *row)
{
    return &key->hmac[row->digest];
}

signet_status signet_signature_make(const signet_key *key, signet_scratch *scratch, signet_alg alg, signet_text input, uint8_t *signature,
                                    size_t *signature_len, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    *signature_len = 0;
    if (row->family == SIGNET_FAMILY_NONE)
        return SIGNET_OK;
    if (row->family != SIGNET_FAMILY_HMAC)
        return signet_fail(err, SIGNET_ERR_CRYPTO, NULL);
    if (signet_hmac_compute(hmac_of(key, row), scratch->md, input.ptr, input.len, signature) != SIGNET_OK)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    *signature_len = signet_digest_len(row->digest);
    return SIGNET_OK;
}

/* Compares the text, not the bytes: only the canonical encoding of the right code is equal. */
static signet_status check_hmac(const signet_key *key, signet_scratch *scratch, const signet_alg_row *row, signet_text input,
                                signet_text encoded, signet_error *err)
{
    uint8_t mac[SIGNET_MAX_HASH_LEN];
    char text[SIGNET_MAX_HASH_LEN * 4 / 3 + 4];
    if (signet_hmac_compute(hmac_of(key, row), scratch->md, input.ptr, input.len, mac) != SIGNET_OK)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    const size_t text_len = signet_b64url_encode(mac, signet_digest_len(row->digest), text);
    const bool equal = text_len == encoded.len && CRYPTO_memcmp(text, encoded.ptr, text_len) == 0;
    return equal ? SIGNET_OK : signet_fail(err, SIGNET_ERR_SIGNATURE, NULL);
}

signet_status signet_signature_check(const signet_key *key, signet_scratch *scratch, signet_alg alg, signet_text input, signet_text encoded,
                                     uint8_t *room, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    (void)room;
    if (row->family == SIGNET_FAMILY_HMAC)
        return check_hmac(key, scratch, row, input, encoded, err);
    return signet_fail(err, SIGNET_ERR_SIGNATURE, NULL);
}
