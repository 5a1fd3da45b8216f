/* verify.c: taking a token apart and judging it (RFC 7515 section 5.2, 7519 section 7.2, 8725 section 3). */
#include <string.h>

#include "core/base64url.h"
#include "core/claims.h"
#include "core/fail.h"
#include "core/signature.h"

/* The three segments as they stand, and the header's values. */
typedef struct parts {
    signet_text header, payload, signature; /* base64url */
    signet_text signing_input;
    const signet_header *jose;
    signet_header fresh; /* `jose` points here, unless the header was seen before */
    char *room;          /* for the decoded payload */
} parts;

/* Finds the two dots, and the header if it was seen before. */
static signet_status split(const signet_header_cache *headers, const char *jwt, size_t len, size_t max_len, parts *p,
                           signet_error *err)
{
    size_t header_len = 0;
    if (!jwt || len == 0)
        return signet_fail(err, SIGNET_ERR_TOKEN_MISSING, NULL);
    if (len > max_len)
        return signet_fail(err, SIGNET_ERR_TOKEN_TOO_LARGE, NULL);
    p->jose = signet_header_seen(headers, jwt, len, &header_len);
    const char *end = jwt + len;
    const char *first = p->jose ? jwt + header_len : memchr(jwt, '.', len);
    const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
        return signet_fail(err, SIGNET_ERR_TOKEN_MALFORMED, NULL);
    p->header = (signet_text){jwt, (size_t)(first - jwt)};
    p->payload = (signet_text){first + 1, (size_t)(second - first - 1)};
    p->signature = (signet_text){second + 1, (size_t)(end - second - 1)};
    p->signing_input = (signet_text){jwt, (size_t)(second - jwt)};
    return SIGNET_OK;
}

/* Splits, and reads the header. */
static signet_status open_token(signet_scratch *scratch, const char *jwt, size_t len, size_t max_len, parts *p,
                                signet_error *err)
{
    const signet_status status = split(&scratch->headers, jwt, len, max_len ? max_len : SIGNET_MAX_TOKEN_LEN, p, err);
    if (status != SIGNET_OK)
        return status;
    char *room = signet_scratch_room(scratch, len);
    if (!room)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (p->payload.len == 0)
        return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, "payload");
    p->room = room + signet_b64url_decoded_len(p->header.len);
    if (p->jose)
        return SIGNET_OK;
    return signet_header_read(&scratch->headers, &scratch->names, p->header.ptr, p->header.len, room, &p->jose,
                              &p->fresh, err);
}

/* A token signed with no key has no signature, and the other way round. */
static signet_status check_presence(const signet_key *key, const parts *p, signet_error *err)
{
    if (key && p->signature.len == 0)
        return signet_fail(err, SIGNET_ERR_TOKEN_UNSIGNED, NULL);
    if (!key && p->signature.len > 0)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    return SIGNET_OK;
}

/* The algorithm must be one that the caller allows and one that the key is for. */
static signet_status check_algorithm(const signet_key *key, const signet_verify_options *o, const parts *p,
                                     signet_error *err)
{
    const signet_alg alg = p->jose->alg;
    const signet_alg_set allowed = o->algorithms ? o->algorithms : key ? signet_key_default_algorithms(key) : 0;
    if (alg == SIGNET_ALG_COUNT || !(allowed & SIGNET_ALG_BIT(alg)) || (!key && alg != SIGNET_ALG_NONE))
        return signet_fail(err, SIGNET_ERR_ALGORITHM, "alg");
    if (o->typ.ptr && !signet_json_equals(&p->jose->typ, o->typ.ptr, o->typ.len))
        return signet_fail(err, SIGNET_ERR_TYP, "typ");
    return SIGNET_OK;
}

/* `none` with a signature and a key is always refused. If the key is half of a key pair, the error first says what it
 * is for, as jsonwebtoken's does. */
static signet_status refuse_signed_none(const signet_key *key, const signet_verify_options *o, signet_error *err)
{
    signet_key_info info;
    signet_key_describe(key, &info);
    if (info.type != SIGNET_KEY_SECRET && !(o->key_flags & SIGNET_KEY_ALLOW_INVALID_TYPE)) {
        const signet_status status = signet_key_check(key, SIGNET_ALG_NONE, 0, err);
        if (status != SIGNET_OK)
            return status;
    }
    return signet_fail(err, SIGNET_ERR_SIGNATURE, NULL);
}

static signet_status check_signature(const signet_key *key, signet_scratch *scratch, const signet_verify_options *o,
                                     const parts *p, signet_error *err)
{
    signet_status status;
    if (p->jose->has_crit)
        return signet_fail(err, SIGNET_ERR_CRIT, "crit");
    if ((status = check_presence(key, p, err)) != SIGNET_OK || (status = check_algorithm(key, o, p, err)) != SIGNET_OK)
        return status;
    if (!key)
        return SIGNET_OK; /* `none`, and the caller has named it */
    if (p->jose->alg == SIGNET_ALG_NONE)
        return refuse_signed_none(key, o, err);
    status = signet_key_check(key, p->jose->alg, o->key_flags & ~(unsigned)SIGNET_KEY_FOR_SIGNING, err);
    if (status != SIGNET_OK)
        return status;
    return signet_signature_check(key, scratch, p->jose->alg, p->signing_input, p->signature, (uint8_t *)p->room, err);
}

/* A character that base64url has not outranks whatever else is wrong with a token: it is no JWS at all. Looked for
 * only once something is wrong. */
static signet_status prefer_encoding_error(const parts *p, signet_status status, signet_error *err)
{
    if (status == SIGNET_ERR_MEMORY || (signet_b64url_is_alphabet(p->payload.ptr, p->payload.len) &&
                                        signet_b64url_is_alphabet(p->signature.ptr, p->signature.len)))
        return status;
    return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, NULL);
}

static bool decode_payload(const parts *p, signet_text *payload)
{
    payload->ptr = p->room;
    return signet_b64url_decode(p->payload.ptr, p->payload.len, p->room, &payload->len);
}

static signet_status check_claims(const signet_claims *claims, const signet_verify_options *o, signet_error *err)
{
    signet_status status;
    if (!claims->is_object && (o->flags & SIGNET_VERIFY_OBJECT_ONLY))
        return signet_fail(err, SIGNET_ERR_PAYLOAD_NOT_OBJECT, "payload");
    if (o->flags & SIGNET_VERIFY_SKIP_CLAIMS)
        return SIGNET_OK;
    status = signet_claims_check_time(claims, o, err);
    if (status != SIGNET_OK || (o->flags & SIGNET_VERIFY_STOP_BEFORE_AUD))
        return status;
    return signet_claims_check_expected(claims, 0, o, err);
}

/* The flat way first, as nearly all payloads are flat; the full reader finds what is wrong with the others. */
static signet_status read_claims(signet_scratch *scratch, signet_text payload, signet_claims *claims, signet_error *err)
{
    if (!signet_json_read_flat(payload.ptr, payload.len, &scratch->flat)) {
        scratch->flat.members_n = 0;
        return signet_claims_read(payload, &scratch->names, claims, err);
    }
    signet_claims_from_flat(&scratch->flat, claims);
    return SIGNET_OK;
}

static signet_text string_text(const signet_json *value)
{
    return value->kind == SIGNET_JSON_STRING ? (signet_text){value->ptr, value->len} : (signet_text){NULL, 0};
}

static void fill_token(const parts *p, signet_text payload, bool is_object, const signet_flat *flat,
                       signet_token *token)
{
    *token = (signet_token){
        .alg = p->jose->alg,
        .header = p->jose->json,
        .payload = payload,
        .signature = p->signature,
        .kid = string_text(&p->jose->kid),
        .typ = string_text(&p->jose->typ),
        .payload_is_object = is_object,
        .members = flat->members_n > 0 ? flat->members : NULL,
        .members_n = flat->members_n,
        .shape = flat->members_n > 0 ? flat->shape : 0,
    };
}

signet_status signet_verify(const signet_key *key, signet_scratch *scratch, const char *jwt, size_t jwt_len,
                            const signet_verify_options *options, signet_token *token, signet_error *err)
{
    parts p;
    signet_text payload;
    signet_claims claims;
    signet_status status = open_token(scratch, jwt, jwt_len, options->max_token_len, &p, err);
    if (status != SIGNET_OK)
        return status;
    if ((status = check_signature(key, scratch, options, &p, err)) != SIGNET_OK)
        return prefer_encoding_error(&p, status, err);
    if (!decode_payload(&p, &payload))
        return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, "payload");
    if ((status = read_claims(scratch, payload, &claims, err)) != SIGNET_OK ||
        (status = check_claims(&claims, options, err)) != SIGNET_OK)
        return status;
    if (token)
        fill_token(&p, payload, claims.is_object, &scratch->flat, token);
    return SIGNET_OK;
}

signet_status signet_decode(signet_scratch *scratch, const char *jwt, size_t jwt_len, signet_token *token,
                            signet_error *err)
{
    parts p;
    signet_text payload;
    signet_status status = open_token(scratch, jwt, jwt_len, 0, &p, err);
    if (status != SIGNET_OK)
        return status;
    if (!decode_payload(&p, &payload) || !signet_b64url_is_alphabet(p.signature.ptr, p.signature.len))
        return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, NULL);
    signet_claims claims;
    status = read_claims(scratch, payload, &claims, NULL);
    if (status == SIGNET_ERR_MEMORY)
        return signet_fail(err, status, NULL);
    fill_token(&p, payload, status == SIGNET_OK && claims.is_object, &scratch->flat, token);
    return SIGNET_OK;
}
