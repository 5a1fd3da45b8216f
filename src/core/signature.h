/* signature.h: making and checking the signature of a signing input (RFC 7515 section 5), whatever the algorithm.
 * Private to src/core. */
#ifndef SIGNET_SIGNATURE_H
#define SIGNET_SIGNATURE_H

#include "core/key.h"
#include "core/scratch.h"

/* The most bytes that a signature by this key takes. */
size_t signet_signature_max(const signet_key *key, signet_alg alg);

/* Signs; `*signature_len` is what was written. The key has been checked for `alg`. */
SIGNET_MUST_CHECK signet_status signet_signature_make(const signet_key *key, signet_scratch *scratch, signet_alg alg,
                                                      signet_text input, uint8_t *signature, size_t *signature_len,
                                                      signet_error *err);

/* SIGNET_OK or SIGNET_ERR_SIGNATURE; `encoded` is the token's third part, `room` takes it decoded. */
SIGNET_MUST_CHECK signet_status signet_signature_check(const signet_key *key, signet_scratch *scratch, signet_alg alg,
                                                       signet_text input, signet_text encoded, uint8_t *room,
                                                       signet_error *err);

#endif
