/* claims.c: what a token claims, against what the caller insists on. An absent claim fails every check that asks for
 * it. */
#include "core/claims.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"

static const signet_json_field wanted[SIGNET_CLAIM_COUNT] = {
    [SIGNET_CLAIM_NBF] = SIGNET_JSON_FIELD("nbf"),     [SIGNET_CLAIM_EXP] = SIGNET_JSON_FIELD("exp"),
    [SIGNET_CLAIM_AUD] = SIGNET_JSON_FIELD("aud"),     [SIGNET_CLAIM_ISS] = SIGNET_JSON_FIELD("iss"),
    [SIGNET_CLAIM_SUB] = SIGNET_JSON_FIELD("sub"),     [SIGNET_CLAIM_JTI] = SIGNET_JSON_FIELD("jti"),
    [SIGNET_CLAIM_NONCE] = SIGNET_JSON_FIELD("nonce"), [SIGNET_CLAIM_IAT] = SIGNET_JSON_FIELD("iat"),
};

/* The registered claim of this name; SIGNET_CLAIM_COUNT: none. */
static enum signet_claim claim_named(signet_text name)
{
    unsigned claim = 0;
    while (claim < SIGNET_CLAIM_COUNT &&
           !(name.len == wanted[claim].name_len && memcmp(name.ptr, wanted[claim].name, name.len) == 0))
        claim++;
    return (enum signet_claim)claim;
}

/* Finds out which claim each name is, unless that is known from the shape. */
static void find_claims(signet_flat *flat)
{
    if (flat->shape != 0 && flat->claims_shape == flat->shape)
        return;
    for (size_t i = 0; i < flat->members_n; i++)
        flat->claims[i] = (uint8_t)claim_named(flat->members[i].name);
    flat->claims_shape = flat->shape;
}

void signet_claims_from_flat(signet_flat *flat, signet_claims *claims)
{
    find_claims(flat);
    claims->is_object = claims->is_flat = true;
    for (size_t f = 0; f < SIGNET_CLAIM_COUNT; f++)
        claims->fields[f].value.kind = SIGNET_JSON_ABSENT;
    for (size_t i = 0; i < flat->members_n; i++) {
        const unsigned claim = flat->claims[i];
        if (claim == SIGNET_CLAIM_COUNT)
            continue;
        claims->fields[claim].value = signet_json_of_member(&flat->members[i]);
        claims->numbers[claim] = flat->members[i].number;
    }
}

static bool begins_like_object(signet_text payload)
{
    size_t i = 0;
    while (i < payload.len && strchr(" \t\n\r", payload.ptr[i]) && payload.ptr[i])
        i++;
    return i < payload.len && payload.ptr[i] == '{';
}

signet_status signet_claims_read(signet_text payload, signet_json_names *names, signet_claims *claims,
                                 signet_error *err)
{
    memcpy(claims->fields, wanted, sizeof wanted);
    claims->is_flat = false;
    claims->is_object = begins_like_object(payload);
    if (!claims->is_object)
        return SIGNET_OK;
    const signet_status status =
        signet_json_read_object(payload.ptr, payload.len, claims->fields, SIGNET_CLAIM_COUNT, names, 0, err);
    if (status != SIGNET_OK && err)
        err->field = "payload";
    return status;
}

static const signet_json *claim_of(const signet_claims *claims, enum signet_claim claim)
{
    return &claims->fields[claim].value;
}

/* False: no number, or not finite. */
static bool number_of(const signet_claims *claims, enum signet_claim claim, double *number)
{
    const signet_json *value = claim_of(claims, claim);
    if (!claims->is_flat)
        return signet_json_number(value, number);
    *number = claims->numbers[claim];
    return value->kind == SIGNET_JSON_NUMBER;
}

/* A failure that tells the limit in question. */
static signet_status fail_at(signet_error *err, signet_status status, const char *field, double time_s)
{
    (void)signet_fail(err, status, field);
    if (err)
        err->time_s = time_s;
    return status;
}

/* RFC 7519 section 4.1.5: not before `nbf`, give or take the leeway. */
static signet_status check_not_before(const signet_claims *claims, const signet_verify_options *o, signet_error *err)
{
    const signet_json *value = claim_of(claims, SIGNET_CLAIM_NBF);
    double nbf;
    if (value->kind == SIGNET_JSON_ABSENT || (o->flags & SIGNET_VERIFY_IGNORE_NBF))
        return SIGNET_OK;
    if (!number_of(claims, SIGNET_CLAIM_NBF, &nbf))
        return signet_fail(err, SIGNET_ERR_NBF, "nbf");
    return nbf > o->now_s + o->leeway_s ? fail_at(err, SIGNET_ERR_TOKEN_NOT_ACTIVE, "nbf", nbf) : SIGNET_OK;
}

/* RFC 7519 section 4.1.4: expired from `exp` on. Written so that a clock or leeway that is no number refuses. */
static signet_status check_expiry(const signet_claims *claims, const signet_verify_options *o, signet_error *err)
{
    const signet_json *value = claim_of(claims, SIGNET_CLAIM_EXP);
    double exp;
    if (value->kind == SIGNET_JSON_ABSENT || (o->flags & SIGNET_VERIFY_IGNORE_EXP))
        return SIGNET_OK;
    if (!number_of(claims, SIGNET_CLAIM_EXP, &exp))
        return signet_fail(err, SIGNET_ERR_EXP, "exp");
    return o->now_s < exp + o->leeway_s ? SIGNET_OK : fail_at(err, SIGNET_ERR_TOKEN_EXPIRED, "exp", exp);
}

signet_status signet_claims_check_time(const signet_claims *claims, const signet_verify_options *options,
                                       signet_error *err)
{
    const signet_status status = check_not_before(claims, options, err);
    return status == SIGNET_OK ? check_expiry(claims, options, err) : status;
}

static bool is_one_of(const signet_json *value, const signet_text *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (signet_json_equals(value, texts[i].ptr, texts[i].len))
            return true;
    return false;
}

/* "a or b", cut to what a detail holds. */
static signet_status fail_expected(signet_error *err, signet_status status, const char *field, const signet_text *texts,
                                   size_t n, const char *between)
{
    char list[SIGNET_ERROR_DETAIL_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        const int len = texts[i].len < sizeof list ? (int)texts[i].len : (int)sizeof list;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s", i ? between : "", len, texts[i].ptr);
    }
    return signet_fail_detail(err, status, field, "%s", list);
}

signet_status signet_claims_check_audience(const signet_claims *claims, const signet_verify_options *options,
                                           signet_error *err)
{
    const signet_json *aud = claim_of(claims, SIGNET_CLAIM_AUD);
    if (!options->audiences)
        return SIGNET_OK;
    if (is_one_of(aud, options->audiences, options->audiences_n))
        return SIGNET_OK;
    if (aud->kind == SIGNET_JSON_ARRAY) {
        signet_json_cursor cursor = signet_json_open(aud);
        for (signet_json item; signet_json_next(&cursor, NULL, &item);)
            if (is_one_of(&item, options->audiences, options->audiences_n))
                return SIGNET_OK;
    }
    return fail_expected(err, SIGNET_ERR_AUDIENCE, "aud", options->audiences, options->audiences_n, " or ");
}

static signet_status check_max_age(const signet_claims *claims, const signet_verify_options *o, signet_error *err)
{
    double iat;
    if (!o->has_max_age)
        return SIGNET_OK;
    if (!number_of(claims, SIGNET_CLAIM_IAT, &iat))
        return signet_fail(err, SIGNET_ERR_IAT_REQUIRED, "iat");
    const double sum = iat + o->max_age_s, limit = o->flags & SIGNET_VERIFY_MAX_AGE_FLOOR ? floor(sum) : sum;
    return o->now_s < limit + o->leeway_s ? SIGNET_OK : fail_at(err, SIGNET_ERR_MAX_AGE, "iat", limit);
}

/* A claim that must be exactly one text. */
typedef struct exact_claim {
    enum signet_claim claim;
    signet_status status;
    const char *field;
} exact_claim;

static signet_status check_exact(const signet_claims *claims, exact_claim exact, const signet_text *expected,
                                 signet_error *err)
{
    if (!expected->ptr || signet_json_equals(claim_of(claims, exact.claim), expected->ptr, expected->len))
        return SIGNET_OK;
    return fail_expected(err, exact.status, exact.field, expected, 1, "");
}

signet_status signet_claims_check_rest(const signet_claims *claims, const signet_verify_options *o, signet_error *err)
{
    signet_status status;
    if (o->issuers && !is_one_of(claim_of(claims, SIGNET_CLAIM_ISS), o->issuers, o->issuers_n))
        return fail_expected(err, SIGNET_ERR_ISSUER, "iss", o->issuers, o->issuers_n, ",");
    if ((status = check_exact(claims, (exact_claim){SIGNET_CLAIM_SUB, SIGNET_ERR_SUBJECT, "sub"}, &o->subject, err)) !=
            SIGNET_OK ||
        (status = check_exact(claims, (exact_claim){SIGNET_CLAIM_JTI, SIGNET_ERR_JWTID, "jti"}, &o->jwtid, err)) !=
            SIGNET_OK ||
        (status = check_exact(claims, (exact_claim){SIGNET_CLAIM_NONCE, SIGNET_ERR_NONCE, "nonce"}, &o->nonce, err)) !=
            SIGNET_OK)
        return status;
    return check_max_age(claims, o, err);
}

signet_status signet_claims_check(signet_text payload, const signet_verify_options *options, bool from_aud,
                                  signet_error *err)
{
    signet_claims claims;
    signet_status status = signet_claims_read(payload, NULL, &claims, err);
    if (status == SIGNET_OK && from_aud)
        status = signet_claims_check_audience(&claims, options, err);
    return status == SIGNET_OK ? signet_claims_check_rest(&claims, options, err) : status;
}
