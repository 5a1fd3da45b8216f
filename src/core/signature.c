/* signature.c: from algorithm to the code that does it. */
#include "core/signature.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "core/base64url.h"
#include "core/ecdsa.h"
#include "core/fail.h"

size_t signet_signature_max(const signet_key *key, signet_alg alg)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    if (!key)
        return 0;
    if (row->family == SIGNET_FAMILY_HMAC)
        return signet_digest_len(row->digest);
    if (row->family == SIGNET_FAMILY_ECDSA)
        return 2 * row->coordinate_len;
    const int size = key->pkey ? EVP_PKEY_get_size(key->pkey) : 0;
    return size > 0 ? (size_t)size : 0;
}

/* OpenSSL refused: the input is wrong (`otherwise`), or out of memory. Leaves its queue as it was at the mark. */
static signet_status refusal(signet_status otherwise, signet_error *err)
{
    const bool memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
    (void)ERR_pop_to_mark();
    return signet_fail(err, memory ? SIGNET_ERR_MEMORY : otherwise, NULL);
}

/* Signing has failed. A PEM in which a number was changed loads and does not sign: that is the key's fault, which its
 * own check finds. */
static signet_status failed_to_sign(const signet_key *key, signet_error *err)
{
    const signet_status status = refusal(SIGNET_ERR_CRYPTO, err);
    if (status != SIGNET_ERR_CRYPTO)
        return status;
    (void)ERR_set_mark();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    const bool is_broken = context && EVP_PKEY_check(context) != 1;
    EVP_PKEY_CTX_free(context);
    (void)ERR_pop_to_mark();
    return is_broken ? signet_fail_detail(err, SIGNET_ERR_KEY_UNREADABLE, NULL,
                                          "the numbers of the private key do not belong together")
                     : status;
}

static signet_status make_with_pair(const signet_key *key, EVP_MD_CTX *md, signet_alg alg, signet_text input,
                                    uint8_t *signature, size_t *signature_len, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    uint8_t der[SIGNET_ECDSA_MAX_DER];
    const bool is_ecdsa = row->family == SIGNET_FAMILY_ECDSA;
    size_t len = is_ecdsa ? sizeof der : signet_signature_max(key, alg);
    (void)ERR_set_mark();
    bool made = key->signer[alg] && signet_pkey_sign(key->signer[alg], md, input, is_ecdsa ? der : signature, &len);
    if (made && is_ecdsa) {
        made = signet_ecdsa_from_der(der, len, row->coordinate_len, signature);
        len = 2 * row->coordinate_len;
    }
    if (!made)
        return failed_to_sign(key, err);
    (void)ERR_pop_to_mark();
    *signature_len = len;
    return SIGNET_OK;
}

/* HMAC fails only for want of memory, so rarely that the mark it would take to undo just this one error (17 ns a
 * call) is spared: the queue is emptied. */
static signet_status hmac_failed(signet_error *err)
{
    ERR_clear_error();
    return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
}

signet_status signet_signature_make(const signet_key *key, signet_scratch *scratch, signet_alg alg, signet_text input,
                                    uint8_t *signature, size_t *signature_len, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    *signature_len = 0;
    if (row->family == SIGNET_FAMILY_NONE)
        return SIGNET_OK;
    if (row->family != SIGNET_FAMILY_HMAC)
        return make_with_pair(key, scratch->md, alg, input, signature, signature_len, err);
    if (!signet_hmac_compute(&key->hmac[row->digest], scratch->md, &input, 1, signature))
        return hmac_failed(err);
    *signature_len = signet_digest_len(row->digest);
    return SIGNET_OK;
}

/* In constant time: the lengths are public. OpenSSL compares sixteen bytes in two steps and any other number byte by
 * byte. */
static bool equal_in_constant_time(const char *a, const char *b, size_t n)
{
    int differing = 0;
    for (; n >= 16; n -= 16, a += 16, b += 16)
        differing |= CRYPTO_memcmp(a, b, 16);
    return (differing | CRYPTO_memcmp(a, b, n)) == 0;
}

/* Compares the text, not the bytes: only the canonical encoding of the right code is equal. */
static signet_status check_hmac(const signet_key *key, signet_scratch *scratch, const signet_alg_row *row,
                                signet_text input, signet_text encoded, signet_error *err)
{
    uint8_t mac[SIGNET_MAX_HASH_LEN];
    char text[SIGNET_MAX_HASH_LEN * 4 / 3 + 4];
    if (!signet_hmac_compute(&key->hmac[row->digest], scratch->md, &input, 1, mac))
        return hmac_failed(err);
    const size_t text_len = signet_b64url_encode(mac, signet_digest_len(row->digest), text);
    const bool equal = text_len == encoded.len && equal_in_constant_time(text, encoded.ptr, text_len);
    return equal ? SIGNET_OK : signet_fail(err, SIGNET_ERR_SIGNATURE, NULL);
}

static signet_status check_with_pair(const signet_key *key, EVP_MD_CTX *md, signet_alg alg, signet_text input,
                                     const uint8_t *signature, size_t signature_len, signet_error *err)
{
    (void)ERR_set_mark();
    if (!signet_pkey_verify(key->verifier[alg], md, input, signature, signature_len))
        return refusal(SIGNET_ERR_SIGNATURE, err);
    (void)ERR_pop_to_mark();
    return SIGNET_OK;
}

signet_status signet_signature_check(const signet_key *key, signet_scratch *scratch, signet_alg alg, signet_text input,
                                     signet_text encoded, uint8_t *room, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    uint8_t der[SIGNET_ECDSA_MAX_DER];
    size_t len;
    if (row->family == SIGNET_FAMILY_HMAC)
        return check_hmac(key, scratch, row, input, encoded, err);
    if (!signet_b64url_decode(encoded.ptr, encoded.len, room, &len))
        return signet_fail(err, SIGNET_ERR_SIGNATURE, NULL);
    if (row->family != SIGNET_FAMILY_ECDSA)
        return check_with_pair(key, scratch->md, alg, input, room, len, err);
    if (len != 2 * row->coordinate_len || !signet_ecdsa_to_der(room, row->coordinate_len, der, &len))
        return signet_fail(err, SIGNET_ERR_SIGNATURE, NULL);
    return check_with_pair(key, scratch->md, alg, input, der, len, err);
}
