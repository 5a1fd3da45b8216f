/* jwk.c: JSON Web Keys and sets of them (RFC 7517): what all key types share, from text to key. */
#include "core/jwk.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/signature.h"

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

/* A key pair or its public half, through OpenSSL. */
static signet_status make_pair(signet_jwk *jwk, signet_jwk_reader *read, signet_key **key, signet_error *err)
{
    EVP_PKEY *pkey = NULL;
    bool is_private = false;
    signet_status status = read(jwk, &pkey, &is_private, err);
    if (status == SIGNET_OK)
        status = signet_key_from_pkey(pkey, is_private, key, err);
    return status == SIGNET_OK && is_private ? try_out(*key, err) : status;
}

/* By key type (RFC 7517 section 4.1). On failure too, `*key` is the caller's. */
static signet_status make_key(signet_jwk *jwk, signet_key **key, signet_error *err)
{
    const signet_json *kty = signet_jwk_member(jwk, SIGNET_JWK_KTY);
    signet_jwk_reader *read = signet_jwk_reader_of(kty);
    if (read)
        return make_pair(jwk, read, key, err);
    return signet_json_equals(kty, "oct", 3) ? make_secret(jwk, key, err)
                                             : signet_fail(err, SIGNET_ERR_KEY_INVALID, "kty");
}

signet_status signet_key_from_jwk(const char *json, size_t json_len, signet_key **key, signet_error *err)
{
    signet_jwk jwk;
    signet_key *made = NULL;
    bool may_sign;
    if (!json || json_len == 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    signet_status status = signet_jwk_init(&jwk, json, json_len, err);
    if (status != SIGNET_OK)
        return status;
    (void)ERR_set_mark();
    if ((status = check_uses(&jwk, &may_sign, err)) == SIGNET_OK && (status = make_key(&jwk, &made, err)) == SIGNET_OK)
        status = take_common(&jwk, made, may_sign, err);
    (void)ERR_pop_to_mark();
    signet_jwk_clear(&jwk);
    if (status == SIGNET_OK)
        *key = made;
    else
        signet_key_free(made);
    return status;
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
    return signet_json_equals(&fields[1].value, "oct", 3) || signet_jwk_reader_of(&fields[1].value);
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
    const signet_status status = signet_jwk_read_object(json, json_len, &keys, 1, err);
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
