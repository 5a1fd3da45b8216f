/* pkey_context.c: contexts begun once. A copy for each signature would do, but copying costs half a microsecond, much
 * of it on the heap. */
#include "core/pkey_context.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdatomic.h>
#include <stdlib.h>

struct signet_pkey_context {
    /* RSA and ECDSA sign a digest, which is made apart, and OpenSSL lets their contexts be used again: `kept` is a
     * copy of `prepared` that one thread at a time takes. Whoever finds it taken makes a copy of its own, so
     * `prepared` itself is never written to. */
    const EVP_MD *digest;
    EVP_PKEY_CTX *prepared, *kept;
    atomic_bool is_taken;
    /* EdDSA and ML-DSA hash by themselves, and from OpenSSL 3.4 on a context signs once: copied each time. */
    EVP_MD_CTX *one_shot;
};

static bool set_padding(EVP_PKEY_CTX *pkey, signet_family family)
{
    if (family == SIGNET_FAMILY_RSA)
        return EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PADDING) == 1;
    if (family == SIGNET_FAMILY_RSA_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, RSA_PSS_SALTLEN_DIGEST) == 1;
    return true;
}

static bool begin_for_digest(signet_pkey_context *context, EVP_PKEY *pkey, const signet_alg_row *row,
                             signet_direction direction)
{
    EVP_PKEY_CTX *begun = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    context->prepared = begun;
    context->digest = signet_digest_md(row->digest);
    return begun && context->digest &&
           (direction == SIGNET_SIGNING ? EVP_PKEY_sign_init(begun) : EVP_PKEY_verify_init(begun)) == 1 &&
           EVP_PKEY_CTX_set_signature_md(begun, context->digest) == 1 && set_padding(begun, row->family);
}

static bool begin_one_shot(signet_pkey_context *context, EVP_PKEY *pkey, signet_direction direction)
{
    EVP_MD_CTX *begun = EVP_MD_CTX_new();
    context->one_shot = begun;
    return begun &&
           (direction == SIGNET_SIGNING ? EVP_DigestSignInit_ex(begun, NULL, NULL, NULL, NULL, pkey, NULL)
                                        : EVP_DigestVerifyInit_ex(begun, NULL, NULL, NULL, NULL, pkey, NULL)) == 1;
}

signet_status signet_pkey_context_new(EVP_PKEY *pkey, const signet_alg_row *row, signet_direction direction,
                                      signet_pkey_context **context)
{
    signet_pkey_context *made = calloc(1, sizeof *made);
    *context = NULL;
    if (!made)
        return SIGNET_ERR_MEMORY;
    atomic_init(&made->is_taken, false);
    if (row->digest == SIGNET_DIGEST_NONE ? begin_one_shot(made, pkey, direction)
                                          : begin_for_digest(made, pkey, row, direction)) {
        *context = made;
        return SIGNET_OK;
    }
    const bool no_memory =
        (!made->prepared && !made->one_shot) || ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
    signet_pkey_context_free(made);
    return no_memory ? SIGNET_ERR_MEMORY : SIGNET_OK;
}

void signet_pkey_context_free(signet_pkey_context *context)
{
    if (!context)
        return;
    EVP_PKEY_CTX_free(context->kept);
    EVP_PKEY_CTX_free(context->prepared);
    EVP_MD_CTX_free(context->one_shot);
    free(context);
}

/* The kept copy, `*is_kept`, or one for this call. NULL: out of memory. */
static EVP_PKEY_CTX *take(signet_pkey_context *context, bool *is_kept)
{
    *is_kept = !atomic_exchange_explicit(&context->is_taken, true, memory_order_acquire);
    if (!*is_kept)
        return EVP_PKEY_CTX_dup(context->prepared);
    if (!context->kept)
        context->kept = EVP_PKEY_CTX_dup(context->prepared);
    return context->kept;
}

/* What has failed is not used again: in which state a failure leaves it is not documented. */
static void give_back(signet_pkey_context *context, EVP_PKEY_CTX *taken, bool is_kept, bool has_worked)
{
    if (!is_kept || !has_worked)
        EVP_PKEY_CTX_free(taken);
    if (!is_kept)
        return;
    if (!has_worked)
        context->kept = NULL;
    atomic_store_explicit(&context->is_taken, false, memory_order_release);
}

typedef struct digest_value {
    uint8_t bytes[SIGNET_MAX_HASH_LEN];
    unsigned len;
} digest_value;

static bool digest_of(const signet_pkey_context *context, EVP_MD_CTX *md, signet_text input, digest_value *digest)
{
    return EVP_DigestInit_ex2(md, context->digest, NULL) == 1 && EVP_DigestUpdate(md, input.ptr, input.len) == 1 &&
           EVP_DigestFinal_ex(md, digest->bytes, &digest->len) == 1;
}

/* Copies the one-shot context over the content of `md`. If both have the same digest, OpenSSL 3.5 takes a shortcut,
 * which crashes if one of them is a one-shot context, whose digest has no state. So `md` is reset first. */
static bool copy_one_shot(const signet_pkey_context *context, EVP_MD_CTX *md)
{
    return EVP_MD_CTX_reset(md) == 1 && EVP_MD_CTX_copy_ex(md, context->one_shot) == 1;
}

bool signet_pkey_sign(signet_pkey_context *context, EVP_MD_CTX *md, signet_text input, uint8_t *signature,
                      size_t *signature_len)
{
    const size_t room = *signature_len;
    digest_value digest;
    bool is_kept, made;
    if (context->one_shot) {
        made = copy_one_shot(context, md) &&
               EVP_DigestSign(md, signature, signature_len, (const uint8_t *)input.ptr, input.len) == 1;
        (void)EVP_MD_CTX_reset(md); /* it holds a reference to the key */
    } else {
        EVP_PKEY_CTX *taken = take(context, &is_kept);
        made = taken && digest_of(context, md, input, &digest) &&
               EVP_PKEY_sign(taken, signature, signature_len, digest.bytes, digest.len) == 1;
        give_back(context, taken, is_kept, made);
    }
    return made && *signature_len <= room; /* OpenSSL, out of memory, has been seen to call any length a success */
}

bool signet_pkey_verify(signet_pkey_context *context, EVP_MD_CTX *md, signet_text input, const uint8_t *signature,
                        size_t signature_len)
{
    digest_value digest;
    bool is_kept, holds;
    if (context->one_shot) {
        holds = copy_one_shot(context, md) &&
                EVP_DigestVerify(md, signature, signature_len, (const uint8_t *)input.ptr, input.len) == 1;
        (void)EVP_MD_CTX_reset(md);
        return holds;
    }
    EVP_PKEY_CTX *taken = take(context, &is_kept);
    holds = taken && digest_of(context, md, input, &digest) &&
            EVP_PKEY_verify(taken, signature, signature_len, digest.bytes, digest.len) == 1;
    give_back(context, taken, is_kept, holds);
    return holds;
}
