/* key_der.h: keys in DER, one structure each. Private to src/core. */
#ifndef SIGNET_KEY_DER_H
#define SIGNET_KEY_DER_H

#include <openssl/evp.h>

#include "signet.h"

/* SubjectPublicKeyInfo, RSAPublicKey or a certificate's key; the whole input. NULL: none of these. */
EVP_PKEY *signet_der_public(const uint8_t *der, size_t len);

/* PrivateKeyInfo, RSAPrivateKey, ECPrivateKey or an encrypted one; the whole input. SIGNET_ERR_KEY_INVALID,
 * SIGNET_ERR_KEY_PASSPHRASE. */
SIGNET_MUST_CHECK signet_status signet_der_private(const uint8_t *der, size_t len, const signet_text *passphrase,
                                                   EVP_PKEY **pkey);

#endif
