/* alg.h: the one table of algorithms (RFC 7518 section 3.1, 8037, 8812, 9964). Everything that depends on an
 * algorithm asks it. */
#ifndef SIGNET_ALG_H
#define SIGNET_ALG_H

#include "core/digest.h"
#include "signet.h"

typedef enum signet_family {
    SIGNET_FAMILY_NONE,
    SIGNET_FAMILY_HMAC,
    SIGNET_FAMILY_RSA,     /* RSASSA-PKCS1-v1_5 */
    SIGNET_FAMILY_RSA_PSS, /* RSASSA-PSS, salt as long as the hash */
    SIGNET_FAMILY_ECDSA,
    SIGNET_FAMILY_EDDSA,
    SIGNET_FAMILY_ML_DSA
} signet_family;

typedef struct signet_alg_row {
    const char *name;
    size_t name_len;
    signet_family family;
    signet_digest digest;
    const char *crv;        /* ECDSA: the curve as RFC 7518 section 6.2.1.1 and RFC 8812 name it */
    const char *curve;      /* ECDSA: the curve as OpenSSL and Node name it */
    size_t coordinate_len;  /* ECDSA: bytes of r and of s */
    const char *header_b64; /* base64url of {"alg":<name>,"typ":"JWT"} */
    size_t header_b64_len;
} signet_alg_row;

/* Never NULL for an alg below SIGNET_ALG_COUNT. */
const signet_alg_row *signet_alg_row_of(signet_alg alg);

/* Those that jsonwebtoken allows by default; further rows join none of these. */
#define SIGNET_HS_ALGS (SIGNET_ALG_BIT(SIGNET_HS256) | SIGNET_ALG_BIT(SIGNET_HS384) | SIGNET_ALG_BIT(SIGNET_HS512))
#define SIGNET_RS_ALGS (SIGNET_ALG_BIT(SIGNET_RS256) | SIGNET_ALG_BIT(SIGNET_RS384) | SIGNET_ALG_BIT(SIGNET_RS512))
#define SIGNET_PS_ALGS (SIGNET_ALG_BIT(SIGNET_PS256) | SIGNET_ALG_BIT(SIGNET_PS384) | SIGNET_ALG_BIT(SIGNET_PS512))
#define SIGNET_ES_ALGS (SIGNET_ALG_BIT(SIGNET_ES256) | SIGNET_ALG_BIT(SIGNET_ES384) | SIGNET_ALG_BIT(SIGNET_ES512))

#endif
