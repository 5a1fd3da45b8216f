/* claims.c: what a token claims, against what the caller insists on. An absent claim fails every check that asks for
 * it. The `exp` of a session's tokens is checked in src/session. */
#include "core/claims.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"

static const signet_json_field wanted[SIGNET_CLAIM_COUNT] = {
#define X(name, claim, option, status) SIGNET_JSON_FIELD(claim),
    SIGNET_EXPECT_TABLE(X)
#undef X
        [SIGNET_CLAIM_NBF] = SIGNET_JSON_FIELD("nbf"),
    [SIGNET_CLAIM_EXP] = SIGNET_JSON_FIELD("exp"),
};

static const signet_status refusals[SIGNET_EXPECT_COUNT] = {
#define X(name, claim, option, status) status,
    SIGNET_EXPECT_TABLE(X)
#undef X
};

/* The registered claim of this name; SIGNET_CLAIM_COUNT: none. */
static unsigned claim_named(signet_text name)
{
    unsigned claim = 0;
    while (claim < SIGNET_CLAIM_COUNT &&
           !(name.len == wanted[claim].name_len && memcmp(name.ptr, wanted[claim].name, name.len) == 0))
        claim++;
    return claim;
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

static const signet_json *claim_of(const signet_claims *claims, unsigned claim)
{
    return &claims->fields[claim].value;
}

/* False: no number, or not finite. */
static bool number_of(const signet_claims *claims, unsigned claim, double *number)
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

/* RFC 7519 section 4.1.3: an array of audiences fits if one of them does. */
static bool has_one_of(const signet_json *value, const signet_text *texts, size_t n)
{
    if (value->kind != SIGNET_JSON_ARRAY)
        return is_one_of(value, texts, n);
    signet_json_cursor cursor = signet_json_open(value);
    for (signet_json item; signet_json_next(&cursor, NULL, &item);)
        if (is_one_of(&item, texts, n))
            return true;
    return false;
}

/* The detail is the list of what would have fitted, cut to what a detail holds. */
static signet_status fail_expected(unsigned check, const signet_expected *expected, signet_error *err)
{
    char list[SIGNET_ERROR_DETAIL_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < expected->texts_n && used < sizeof list; i++) {
        const signet_text text = expected->texts[i];
        const int len = text.len < sizeof list ? (int)text.len : (int)sizeof list;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s",
                                 !i                                ? ""
                                 : check == SIGNET_EXPECT_AUDIENCE ? " or "
                                                                   : ",",
                                 len, text.ptr);
    }
    return signet_fail_detail(err, refusals[check], wanted[check].name, "%s", list);
}

static signet_status check_max_age(const signet_claims *claims, const signet_verify_options *o, signet_error *err)
{
    double iat;
    if (!number_of(claims, SIGNET_EXPECT_MAX_AGE, &iat))
        return signet_fail(err, SIGNET_ERR_IAT_REQUIRED, "iat");
    const double sum = iat + o->expected[SIGNET_EXPECT_MAX_AGE].seconds;
    const double limit = o->flags & SIGNET_VERIFY_MAX_AGE_FLOOR ? floor(sum) : sum;
    return o->now_s < limit + o->leeway_s ? SIGNET_OK : fail_at(err, SIGNET_ERR_MAX_AGE, "iat", limit);
}

static signet_status check_expected(const signet_claims *claims, unsigned check, const signet_verify_options *o,
                                    signet_error *err)
{
    const signet_expected *expected = &o->expected[check];
    const signet_json *claim = claim_of(claims, check);
    if (check == SIGNET_EXPECT_MAX_AGE)
        return check_max_age(claims, o, err);
    const bool fits = check == SIGNET_EXPECT_AUDIENCE ? has_one_of(claim, expected->texts, expected->texts_n)
                                                      : is_one_of(claim, expected->texts, expected->texts_n);
    return fits ? SIGNET_OK : fail_expected(check, expected, err);
}

signet_status signet_claims_check_expected(const signet_claims *claims, unsigned first,
                                           const signet_verify_options *options, signet_error *err)
{
    signet_status status = SIGNET_OK;
    for (unsigned check = first; check < SIGNET_EXPECT_COUNT && status == SIGNET_OK; check++)
        if (options->expected[check].is_given)
            status = check_expected(claims, check, options, err);
    return status;
}

signet_status signet_claims_check(signet_text payload, const signet_verify_options *options, bool from_aud,
                                  signet_error *err)
{
    signet_claims claims;
    const signet_status status = signet_claims_read(payload, NULL, &claims, err);
    const unsigned first = from_aud ? SIGNET_EXPECT_AUDIENCE : SIGNET_EXPECT_AUDIENCE + 1;
    return status == SIGNET_OK ? signet_claims_check_expected(&claims, first, options, err) : status;
}
