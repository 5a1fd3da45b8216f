/* sign.c: JWS Compact Serialization (RFC 7515 section 7.1). */
#include <string.h>

#include "core/base64url.h"
#include "core/fail.h"
#include "core/json_flat.h"
#include "core/signature.h"

/* `,"iat":` and its like, and a number. */
#define CLAIM_MAX (8 + SIGNET_JSON_INTEGER_MAX)

/* A token that is being made: the places of its parts in the scratch. */
typedef struct draft {
    char *token, *header, *payload; /* `header`, `payload`: room to write JSON that is not borrowed */
    uint8_t *signature;
    size_t header_max;
} draft;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool adds_claims(const signet_sign_request *request)
{
    return request->add_iat || request->add_nbf || request->add_exp;
}

/* Writes `"name":number` behind a comma unless it is the first member. */
static char *write_claim(char *to, const char *name, int64_t number, bool *is_first)
{
    if (!*is_first)
        *to++ = ',';
    *is_first = false;
    memcpy(to, name, 6);
    return signet_json_write_integer(number, to + 6);
}

/* An object's text without its last brace: copied, or written. NULL: it does not look like an object, or is not plain.
 */
static char *open_object(const signet_sign_request *request, char *out, bool *is_empty)
{
    if (request->members) {
        *is_empty = request->members_n == 0;
        return signet_json_write_flat(request->members, request->members_n, out);
    }
    const char *start = request->payload.ptr, *end = start + request->payload.len;
    while (start < end && is_space(*start))
        start++;
    while (start < end && is_space(end[-1]))
        end--;
    if (end - start < 2 || *start != '{' || end[-1] != '}')
        return NULL;
    const char *last = end - 2;
    while (is_space(*last))
        last--;
    *is_empty = last == start;
    memcpy(out, start, (size_t)(end - 1 - start));
    return out + (end - 1 - start);
}

/* The payload with the claims that are to be added. */
static bool compose_payload(const signet_sign_request *request, char *out, signet_text *payload)
{
    bool is_first;
    if (!request->members && !adds_claims(request)) {
        *payload = request->payload;
        return true;
    }
    char *to = open_object(request, out, &is_first);
    if (!to)
        return false;
    if (request->add_iat)
        to = write_claim(to, "\"iat\":", request->iat_s, &is_first);
    if (request->add_nbf)
        to = write_claim(to, "\"nbf\":", request->nbf_s, &is_first);
    if (request->add_exp)
        to = write_claim(to, "\"exp\":", request->exp_s, &is_first);
    *to++ = '}';
    *payload = (signet_text){out, (size_t)(to - out)};
    return true;
}

/* The caller's own header must be a JSON object that names this algorithm, or verifying would use another than signing.
 */
static signet_status check_header(const signet_sign_request *request, signet_scratch *scratch, signet_error *err)
{
    signet_header header;
    const signet_status status = signet_header_parse(request->header, &scratch->names, 0, &header, err);
    if (status == SIGNET_ERR_MEMORY)
        return status;
    if (status != SIGNET_OK || header.alg != request->alg)
        return signet_fail(err, SIGNET_ERR_OPTION, "header");
    return SIGNET_OK;
}

static signet_status check_request(const signet_key *key, signet_scratch *scratch, const signet_sign_request *request,
                                   signet_error *err)
{
    if ((unsigned)request->alg >= SIGNET_ALG_COUNT)
        return signet_fail(err, SIGNET_ERR_OPTION, "alg");
    if (!signet_alg_available(request->alg))
        return signet_fail_detail(err, SIGNET_ERR_ALGORITHM_UNAVAILABLE, "alg", "%s", signet_alg_name(request->alg));
    if (!key && request->alg != SIGNET_ALG_NONE)
        return signet_fail(err, SIGNET_ERR_KEY_EMPTY, NULL);
    if (request->alg != SIGNET_ALG_NONE) {
        const signet_status status =
            signet_key_check(key, request->alg, request->key_flags | SIGNET_KEY_FOR_SIGNING, err);
        if (status != SIGNET_OK)
            return status;
    }
    if (request->header.ptr)
        return check_header(request, scratch, err);
    if (!signet_utf8_valid(request->kid.ptr, request->kid.ptr ? request->kid.len : 0))
        return signet_fail(err, SIGNET_ERR_OPTION, "kid");
    if (!signet_utf8_valid(request->typ.ptr, request->typ.ptr ? request->typ.len : 0))
        return signet_fail(err, SIGNET_ERR_OPTION, "typ");
    return SIGNET_OK;
}

/* One part of the scratch has the token and, if they must be written first, the header and the payload after it. False:
 * out of memory. */
static bool lay_out(draft *d, signet_scratch *scratch, const signet_sign_request *request, size_t signature_max)
{
    const bool prebuilt = !request->header.ptr && !request->kid.ptr && !request->typ.ptr;
    const size_t object_max =
        request->members ? signet_json_flat_max(request->members, request->members_n) + 1 : request->payload.len;
    const size_t payload_max = object_max + (adds_claims(request) ? 3 * CLAIM_MAX : 0);
    d->header_max = prebuilt || request->header.ptr ? 0 : signet_header_write_max(request);
    const size_t header_len = prebuilt ? 64 : request->header.ptr ? request->header.len : d->header_max;
    const size_t token_max = signet_b64url_encoded_len(header_len) + signet_b64url_encoded_len(payload_max) +
                             signet_b64url_encoded_len(signature_max) + 2;
    d->token = signet_scratch_room(scratch, token_max + d->header_max + payload_max + signature_max);
    if (!d->token)
        return false;
    d->header = d->token + token_max;
    d->payload = d->header + d->header_max;
    d->signature = (uint8_t *)d->payload + payload_max;
    return true;
}

static char *write_header(const draft *d, const signet_sign_request *request, char *to)
{
    const signet_alg_row *row = signet_alg_row_of(request->alg);
    if (request->header.ptr)
        return to + signet_b64url_encode(request->header.ptr, request->header.len, to);
    if (d->header_max > 0)
        return to + signet_b64url_encode(d->header, signet_header_write(request, d->header), to);
    memcpy(to, row->header_b64, row->header_b64_len);
    return to + row->header_b64_len;
}

signet_status signet_sign(const signet_key *key, signet_scratch *scratch, const signet_sign_request *request,
                          signet_text *token, signet_error *err)
{
    draft d;
    size_t signature_len;
    signet_text payload;
    signet_status status = check_request(key, scratch, request, err);
    if (status != SIGNET_OK)
        return status;
    const size_t signature_max = signet_signature_max(key, request->alg);
    if (!lay_out(&d, scratch, request, signature_max))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (!compose_payload(request, d.payload, &payload))
        return signet_fail(err, SIGNET_ERR_OPTION, "payload");
    char *to = write_header(&d, request, d.token);
    *to++ = '.';
    to += signet_b64url_encode(payload.ptr, payload.len, to);
    const signet_text input = {d.token, (size_t)(to - d.token)};
    status = signet_signature_make(key, scratch, request->alg, input, d.signature, &signature_len, err);
    if (status != SIGNET_OK)
        return status;
    *to++ = '.';
    to += signet_b64url_encode(d.signature, signature_len, to);
    *token = (signet_text){d.token, (size_t)(to - d.token)};
    return SIGNET_OK;
}
