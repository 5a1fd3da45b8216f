/* pkey_context.h: OpenSSL's context of one key pair, one algorithm and one direction, ready for any number of
 * signatures on any number of threads. Private to src/core. */
#ifndef SIGNET_PKEY_CONTEXT_H
#define SIGNET_PKEY_CONTEXT_H

#include <openssl/evp.h>

#include "core/alg.h"
#include "signet.h"

typedef enum signet_direction { SIGNET_SIGNING, SIGNET_VERIFYING } signet_direction;

typedef struct signet_pkey_context signet_pkey_context;

/* NULL in `*context` if OpenSSL will not (a policy, a key too small for the hash). SIGNET_ERR_MEMORY. The context
 * holds a reference to `pkey`. Leaves OpenSSL's errors in its queue. */
SIGNET_MUST_CHECK signet_status signet_pkey_context_new(EVP_PKEY *pkey, const signet_alg_row *row,
                                                        signet_direction direction, signet_pkey_context **context);
void signet_pkey_context_free(signet_pkey_context *context);

/* Signatures as OpenSSL has them: ECDSA's in DER. `md` is the caller's, to work in; it keeps nothing of the key.
 * False: OpenSSL refused, and why in its queue. `*signature_len` is the room for the signature, then what was
 * written. */
SIGNET_MUST_CHECK bool signet_pkey_sign(signet_pkey_context *context, EVP_MD_CTX *md, signet_text input,
                                        uint8_t *signature, size_t *signature_len);
SIGNET_MUST_CHECK bool signet_pkey_verify(signet_pkey_context *context, EVP_MD_CTX *md, signet_text input,
                                          const uint8_t *signature, size_t signature_len);

#endif
