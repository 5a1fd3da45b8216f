/* ecdsa.h: between the two ways to write an ECDSA signature: r | s of fixed size (RFC 7518 section 3.4) and OpenSSL's
 * DER. Private to src/core. */
#ifndef SIGNET_ECDSA_H
#define SIGNET_ECDSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNET_ECDSA_MAX_COORDINATE 66
#define SIGNET_ECDSA_MAX_RAW (2 * SIGNET_ECDSA_MAX_COORDINATE)
#define SIGNET_ECDSA_MAX_DER (SIGNET_ECDSA_MAX_RAW + 10)

/* False if r or s is zero. `der` takes SIGNET_ECDSA_MAX_DER bytes. */
bool signet_ecdsa_to_der(const uint8_t *raw, size_t coordinate_len, uint8_t *der, size_t *der_len);

/* False if it is no such signature, or a number does not fit. `raw` takes 2 * coordinate_len bytes. */
bool signet_ecdsa_from_der(const uint8_t *der, size_t der_len, size_t coordinate_len, uint8_t *raw);

#endif
