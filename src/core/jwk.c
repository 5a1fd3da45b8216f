/* jwk.c: JSON Web Keys and sets of them (RFC 7517): what all key types share. */
#include "core/jwk.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "core/crypto.h"
#include "core/fail.h"
#include "core/json_names.h"
#include "core/signature.h"

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

/* Reads an object strictly; what is no such object is no key. */
static signet_status read_object(const char *json, size_t json_len, signet_json_field *fields, size_t fields_n,
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

bool signet_jwk_bytes(signet_jwk *jwk, enum signet_jwk_member member, uint8_t **bytes, size_t *len)
{
    const signet_json *value = signet_jwk_member(jwk, member);
    if (value->kind != SIGNET_JSON_STRING || value->escaped ||
        signet_b64url_decoded_len(value->len) > (size_t)(jwk->room_end - jwk->room))
        return false;
    if (!signet_b64url_decode(value->ptr, value->len, jwk->room, len))
        return false;
    *bytes = jwk->room;
    jwk->room += *len;
    return true;
}

/* RFC 7517 section 4.2 and 4.3: a key for encryption is none of ours; one that may only verify does not sign. */
static signet_status check_uses(const signet_jwk *jwk, bool *may_sign, signet_error *err)
{
    const signet_json *use = signet_jwk_member(jwk, SIGNET_JWK_USE), *ops = signet_jwk_member(jwk, SIGNET_JWK_KEY_OPS);
    bool may_verify = false;
    *may_sign = true;
    if (use->kind != SIGNET_JSON_ABSENT && !signet_json_equals(use, "sig", 3))
        return signet_fail(err, SIGNET_ERR_KEY_INVALID, "use");
    if (ops->kind == SIGNET_JSON_ABSENT)
        return SIGNET_OK;
    *may_sign = false;
    signet_json_cursor cursor = signet_json_open(ops);
    for (signet_json op; signet_json_next(&cursor, NULL, &op);) {
        *may_sign = *may_sign || signet_json_equals(&op, "sign", 4);
        may_verify = may_verify || signet_json_equals(&op, "verify", 6);
    }
    return *may_sign || may_verify ? SIGNET_OK : signet_fail(err, SIGNET_ERR_KEY_INVALID, "key_ops");
}

/* Keeps the key ID, and the one algorithm that the key is meant for. */
static signet_status take_common(const signet_jwk *jwk, signet_key *key, bool may_sign, signet_error *err)
{
    const signet_json *alg = signet_jwk_member(jwk, SIGNET_JWK_ALG), *kid = signet_jwk_member(jwk, SIGNET_JWK_KID);
    char name[32];
    size_t name_len;
    key->may_sign = may_sign;
    if (alg->kind != SIGNET_JSON_ABSENT) {
        const signet_alg meant = signet_json_copy(alg, name, sizeof name, &name_len)
                                     ? signet_alg_from_name(name, name_len)
                                     : SIGNET_ALG_COUNT;
        key->allowed = meant == SIGNET_ALG_COUNT ? 0 : SIGNET_ALG_BIT(meant);
        signet_key_settle_algorithms(key);
        if (key->algorithms == 0)
            return signet_fail(err, SIGNET_ERR_KEY_INVALID, "alg");
    }
    if (kid->kind == SIGNET_JSON_ABSENT)
        return SIGNET_OK;
    if (kid->kind != SIGNET_JSON_STRING)
        return signet_fail(err, SIGNET_ERR_KEY_INVALID, "kid");
    if (!(key->kid = malloc(kid->len + 1)))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    return signet_json_copy(kid, key->kid, kid->len + 1, &key->kid_len)
               ? SIGNET_OK
               : signet_fail(err, SIGNET_ERR_KEY_INVALID, "kid");
}

/* A private key whose public half is another's would sign what nobody can verify: tried once. */
static signet_status try_out(const signet_key *key, signet_error *err)
{
    static const signet_text text = {"signet", 6};
    signet_status status = SIGNET_ERR_KEY_INVALID;
    unsigned alg = 0;
    while (alg < SIGNET_ALG_COUNT && !(key->signer[alg] && key->verifier[alg]))
        alg++;
    if (alg == SIGNET_ALG_COUNT)
        return SIGNET_OK;
    const int size = EVP_PKEY_get_size(key->pkey);
    const size_t room = size > 0 ? (size_t)size : 0;
    size_t len = room;
    uint8_t *signature = malloc(room + 1);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!signature || !md)
        status = SIGNET_ERR_MEMORY;
    else if (signet_pkey_sign(key->signer[alg], md, text, signature, &len) &&
             signet_pkey_verify(key->verifier[alg], md, text, signature, len))
        status = SIGNET_OK;
    EVP_MD_CTX_free(md);
    free(signature);
    return status == SIGNET_OK ? status : signet_fail(err, status, status == SIGNET_ERR_MEMORY ? NULL : "d");
}

static signet_status make_secret(signet_jwk *jwk, signet_key **key, signet_error *err)
{
    uint8_t *bytes;
    size_t len;
    if (!signet_jwk_bytes(jwk, SIGNET_JWK_K, &bytes, &len))
        return signet_fail(err, SIGNET_ERR_KEY_INVALID, "k");
    return signet_key_from_secret(bytes, len, key, err);
}

typedef struct kty_row {
    const char *name;
    signet_status (*read)(signet_jwk *jwk, EVP_PKEY **pkey, bool *is_private, signet_error *err);
} kty_row;

static const kty_row pairs[] = {
    {"RSA", signet_jwk_rsa}, {"EC", signet_jwk_ec}, {"OKP", signet_jwk_okp}, {"AKP", signet_jwk_akp}};

/* By key type (RFC 7517 section 4.1). */
static signet_status make_key(signet_jwk *jwk, signet_key **key, signet_error *err)
{
    const signet_json *kty = signet_jwk_member(jwk, SIGNET_JWK_KTY);
    if (signet_json_equals(kty, "oct", 3))
        return make_secret(jwk, key, err);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        EVP_PKEY *pkey = NULL;
        bool is_private = false;
        if (!signet_json_equals(kty, pairs[i].name, strlen(pairs[i].name)))
            continue;
        signet_status status = pairs[i].read(jwk, &pkey, &is_private, err);
        if (status == SIGNET_OK)
            status = signet_key_from_pkey(pkey, is_private, key, err);
        if (status == SIGNET_OK && is_private && (status = try_out(*key, err)) != SIGNET_OK) {
            signet_key_free(*key);
            *key = NULL;
        }
        return status;
    }
    return signet_fail(err, SIGNET_ERR_KEY_INVALID, "kty");
}

/* A JWK whose members have been read. */
static signet_status from_members(signet_jwk *jwk, size_t json_len, signet_key **key, signet_error *err)
{
    signet_key *made = NULL;
    bool may_sign;
    signet_status status = check_uses(jwk, &may_sign, err);
    if (status != SIGNET_OK)
        return status;
    uint8_t *room = malloc(json_len + 1);
    if (!room)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    jwk->room = room;
    jwk->room_end = room + json_len;
    (void)ERR_set_mark();
    status = make_key(jwk, &made, err);
    if (status == SIGNET_OK)
        status = take_common(jwk, made, may_sign, err);
    (void)ERR_pop_to_mark();
    OPENSSL_cleanse(room, json_len + 1);
    free(room);
    if (status == SIGNET_OK)
        *key = made;
    else
        signet_key_free(made);
    return status;
}

signet_status signet_key_from_jwk(const char *json, size_t json_len, signet_key **key, signet_error *err)
{
    signet_jwk jwk;
    if (!json || json_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    memcpy(jwk.members, wanted, sizeof wanted);
    const signet_status status = read_object(json, json_len, jwk.members, SIGNET_JWK_MEMBERS, err);
    return status == SIGNET_OK ? from_members(&jwk, json_len, key, err) : status;
}

/* Whether a key of a set is the one asked for: by its ID, or, asked for none, of a type that we know (RFC 7517
 * section 5: ignore the others). */
static bool is_wanted(const signet_json *item, const signet_text *kid)
{
    signet_json_field fields[] = {SIGNET_JSON_FIELD("kid"), SIGNET_JSON_FIELD("kty")};
    if (item->kind != SIGNET_JSON_OBJECT ||
        signet_json_read_object(item->ptr, item->len, fields, 2, NULL, 0, NULL) != SIGNET_OK)
        return false;
    if (kid)
        return signet_json_equals(&fields[0].value, kid->ptr, kid->len);
    bool known = signet_json_equals(&fields[1].value, "oct", 3);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        known = known || signet_json_equals(&fields[1].value, pairs[i].name, strlen(pairs[i].name));
    return known;
}

static signet_status fail_to_pick(const signet_text *kid, size_t found_n, signet_error *err)
{
    const int kid_len = kid && kid->len < 128 ? (int)kid->len : 128;
    if (!kid)
        return signet_fail_detail(
            err, SIGNET_ERR_KEY_UNREADABLE, "kid",
            found_n ? "the set has %zu keys: say which by its kid" : "the set has no key of a known type", found_n);
    return signet_fail_detail(err, SIGNET_ERR_KEY_UNREADABLE, "kid", "%s of the set %s the kid \"%.*s\"",
                              found_n ? "more than one key" : "no key", found_n ? "have" : "has", kid_len, kid->ptr);
}

signet_status signet_key_from_jwks(const char *json, size_t json_len, const signet_text *kid, signet_key **key,
                                   signet_error *err)
{
    signet_json_field keys = SIGNET_JSON_FIELD("keys");
    signet_json found = {SIGNET_JSON_ABSENT, false, NULL, 0};
    size_t found_n = 0;
    if (!json || json_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    const signet_status status = read_object(json, json_len, &keys, 1, err);
    if (status != SIGNET_OK)
        return status;
    if (keys.value.kind != SIGNET_JSON_ARRAY)
        return signet_fail(err, SIGNET_ERR_KEY_INVALID, "keys");
    signet_json_cursor cursor = signet_json_open(&keys.value);
    for (signet_json item; signet_json_next(&cursor, NULL, &item);) {
        if (is_wanted(&item, kid)) {
            found = item;
            found_n++;
        }
    }
    return found_n == 1 ? signet_key_from_jwk(found.ptr, found.len, key, err) : fail_to_pick(kid, found_n, err);
}
