/* jwk_members.c: reads the members of a JWK and decodes their base64url. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "core/crypto.h"
#include "core/fail.h"
#include "core/json_names.h"
#include "core/jwk.h"

/* A set of names with a random seed, for one text. False: no random bytes. */
static bool open_names(signet_json_names *names)
{
    uint64_t seed;
    uint8_t bytes[sizeof seed];
    if (!signet_random(bytes, sizeof bytes))
        return false;
    memcpy(&seed, bytes, sizeof seed);
    signet_json_names_init(names, seed);
    return true;
}

signet_status signet_jwk_read_object(const char *json, size_t json_len, signet_json_field *fields, size_t fields_n,
                                     signet_error *err)
{
    signet_json_names names;
    if (!open_names(&names))
        return signet_fail(err, SIGNET_ERR_CRYPTO, NULL);
    const signet_status status = signet_json_read_object(json, json_len, fields, fields_n, &names, 0, err);
    signet_json_names_clear(&names);
    if (status == SIGNET_ERR_TOKEN_INVALID && err)
        err->status = SIGNET_ERR_KEY_INVALID;
    return status == SIGNET_ERR_TOKEN_INVALID ? SIGNET_ERR_KEY_INVALID : status;
}

static const signet_json_field wanted[SIGNET_JWK_MEMBERS] = {
    [SIGNET_JWK_KTY] = SIGNET_JSON_FIELD("kty"), [SIGNET_JWK_ALG] = SIGNET_JSON_FIELD("alg"),
    [SIGNET_JWK_USE] = SIGNET_JSON_FIELD("use"), [SIGNET_JWK_KEY_OPS] = SIGNET_JSON_FIELD("key_ops"),
    [SIGNET_JWK_KID] = SIGNET_JSON_FIELD("kid"), [SIGNET_JWK_CRV] = SIGNET_JSON_FIELD("crv"),
    [SIGNET_JWK_K] = SIGNET_JSON_FIELD("k"),     [SIGNET_JWK_X] = SIGNET_JSON_FIELD("x"),
    [SIGNET_JWK_Y] = SIGNET_JSON_FIELD("y"),     [SIGNET_JWK_N] = SIGNET_JSON_FIELD("n"),
    [SIGNET_JWK_E] = SIGNET_JSON_FIELD("e"),     [SIGNET_JWK_D] = SIGNET_JSON_FIELD("d"),
    [SIGNET_JWK_P] = SIGNET_JSON_FIELD("p"),     [SIGNET_JWK_Q] = SIGNET_JSON_FIELD("q"),
    [SIGNET_JWK_DP] = SIGNET_JSON_FIELD("dp"),   [SIGNET_JWK_DQ] = SIGNET_JSON_FIELD("dq"),
    [SIGNET_JWK_QI] = SIGNET_JSON_FIELD("qi"),   [SIGNET_JWK_OTH] = SIGNET_JSON_FIELD("oth"),
    [SIGNET_JWK_PUB] = SIGNET_JSON_FIELD("pub"), [SIGNET_JWK_PRIV] = SIGNET_JSON_FIELD("priv"),
};

signet_status signet_jwk_init(signet_jwk *jwk, const char *json, size_t json_len, signet_error *err)
{
    memcpy(jwk->members, wanted, sizeof wanted);
    const signet_status status = signet_jwk_read_object(json, json_len, jwk->members, SIGNET_JWK_MEMBERS, err);
    if (status != SIGNET_OK)
        return status;
    if (!(jwk->room = jwk->free_room = malloc(json_len)))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    jwk->room_end = jwk->room + json_len;
    return SIGNET_OK;
}

void signet_jwk_clear(signet_jwk *jwk)
{
    OPENSSL_cleanse(jwk->room, (size_t)(jwk->room_end - jwk->room));
    free(jwk->room);
}

bool signet_jwk_bytes(signet_jwk *jwk, enum signet_jwk_member member, uint8_t **bytes, size_t *len)
{
    const signet_json *value = signet_jwk_member(jwk, member);
    if (value->kind != SIGNET_JSON_STRING || value->escaped ||
        signet_b64url_decoded_len(value->len) > (size_t)(jwk->room_end - jwk->free_room))
        return false;
    if (!signet_b64url_decode(value->ptr, value->len, jwk->free_room, len))
        return false;
    *bytes = jwk->free_room;
    jwk->free_room += *len;
    return true;
}
