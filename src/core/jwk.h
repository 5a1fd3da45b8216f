/* jwk.h: the members of one JWK, and what each key type makes of them. Private to src/core. */
#ifndef SIGNET_JWK_H
#define SIGNET_JWK_H

#include <openssl/evp.h>

#include "core/json.h"
#include "core/key.h"

enum signet_jwk_member {
    SIGNET_JWK_KTY,
    SIGNET_JWK_ALG,
    SIGNET_JWK_USE,
    SIGNET_JWK_KEY_OPS,
    SIGNET_JWK_KID,
    SIGNET_JWK_CRV,
    SIGNET_JWK_K,
    SIGNET_JWK_X,
    SIGNET_JWK_Y,
    SIGNET_JWK_N,
    SIGNET_JWK_E,
    SIGNET_JWK_D,
    SIGNET_JWK_P,
    SIGNET_JWK_Q,
    SIGNET_JWK_DP,
    SIGNET_JWK_DQ,
    SIGNET_JWK_QI,
    SIGNET_JWK_OTH,
    SIGNET_JWK_PUB,
    SIGNET_JWK_PRIV,
    SIGNET_JWK_MEMBERS
};

/* A JWK taken apart, and room for what its members decode to: as long as its text, so that all of them fit. */
typedef struct signet_jwk {
    signet_json_field members[SIGNET_JWK_MEMBERS];
    uint8_t *room, *free_room, *room_end;
} signet_jwk;

static inline const signet_json *signet_jwk_member(const signet_jwk *jwk, enum signet_jwk_member member)
{
    return &jwk->members[member].value;
}

/* Reads a JWK; if that fails, there is nothing to clear. The text must outlive `jwk`. SIGNET_ERR_KEY_INVALID. */
SIGNET_MUST_CHECK signet_status signet_jwk_init(signet_jwk *jwk, const char *json, size_t json_len, signet_error *err);
void signet_jwk_clear(signet_jwk *jwk);

/* Reads an object strictly. SIGNET_ERR_KEY_INVALID: it is no such object. */
SIGNET_MUST_CHECK signet_status signet_jwk_read_object(const char *json, size_t json_len, signet_json_field *fields,
                                                       size_t fields_n, signet_error *err);

/* The bytes of a base64url member, in the JWK's room. False: absent, no string, or not canonical. */
bool signet_jwk_bytes(signet_jwk *jwk, enum signet_jwk_member member, uint8_t **bytes, size_t *len);

/* Makes OpenSSL's key of a JWK. SIGNET_ERR_KEY_INVALID with the offending member in err->field,
 * SIGNET_ERR_ALGORITHM_UNAVAILABLE. */
typedef signet_status signet_jwk_reader(signet_jwk *jwk, EVP_PKEY **pkey, bool *is_private, signet_error *err);

/* The reader of key pairs of this type; NULL: no type of key pairs. */
signet_jwk_reader *signet_jwk_reader_of(const signet_json *kty);

#endif
