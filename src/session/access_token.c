/* access_token.c: signs and verifies access tokens (`typ` "at+jwt"). */
#include <string.h>

#include "core/fail.h"
#include "core/json_flat.h"
#include "core/scratch.h"
#include "session/json_out.h"
#include "session/tokens.h"

/* ------------------------------------------------------------------ sign */

/* Signet sets these itself. An app's value would be a duplicate member, or would be overridden. */
static const char *const reserved[] = {"sub", "sid", "jti", "iat",       "exp", "nbf",
                                       "iss", "aud", "typ", "auth_time", NULL};

const char *const *signet_reserved_claims(void)
{
    return reserved;
}

static signet_status check_app_claims(signet_scratch *scratch, signet_text claims, bool *is_empty, signet_error *err)
{
    const signet_json object = {SIGNET_JSON_OBJECT, false, claims.ptr, claims.len};
    signet_json name, value;
    if (claims.len > SIGNET_MAX_CLAIMS_LEN)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "claims", "the claims take more than %d bytes as JSON",
                                  SIGNET_MAX_CLAIMS_LEN);
    signet_status status =
        signet_json_read_object(claims.ptr, claims.len, NULL, 0, signet_scratch_names(scratch), 0, NULL);
    if (status == SIGNET_ERR_MEMORY)
        return signet_fail(err, status, NULL);
    if (status != SIGNET_OK)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "claims",
                                  "the claims are not one JSON object without duplicate members");
    signet_json_cursor cursor = signet_json_open(&object);
    for (*is_empty = true; signet_json_next(&cursor, &name, &value); *is_empty = false)
        for (size_t i = 0; reserved[i]; i++)
            if (signet_json_equals(&name, reserved[i], strlen(reserved[i])))
                return signet_fail_detail(err, SIGNET_ERR_OPTION, reserved[i], "the claim %s is set by Signet",
                                          reserved[i]);
    return SIGNET_OK;
}

/* Removes the white space that JSON allows around an object, so that its first and last byte are the braces. */
static signet_text trim(signet_text text)
{
    static const char spaces[] = " \t\r\n";
    while (text.len && memchr(spaces, text.ptr[0], 4)) {
        text.ptr++;
        text.len--;
    }
    while (text.len && memchr(spaces, text.ptr[text.len - 1], 4))
        text.len--;
    return text;
}

static void write_payload(signet_json_out *out, signet_text members, const signet_access_claims *claims,
                          signet_text registered)
{
    signet_json_out_raw(out, (signet_text){"{", 1});
    if (members.len) {
        signet_json_out_raw(out, members);
        signet_json_out_raw(out, (signet_text){",", 1});
    }
    signet_json_out_string(out, "\"sub\":", claims->user_id);
    signet_json_out_string(out, ",\"sid\":", claims->session_id);
    signet_json_out_string(out, ",\"jti\":", claims->jwtid);
    if (claims->auth_s)
        signet_json_out_number(out, ",\"auth_time\":", claims->auth_s);
    signet_json_out_number(out, ",\"iat\":", claims->iat_s);
    signet_json_out_number(out, ",\"exp\":", claims->exp_s);
    signet_json_out_raw(out, registered);
    signet_json_out_raw(out, (signet_text){"}", 1});
}

signet_status signet_access_sign(const signet_auth *auth, signet_scratch *scratch, signet_text app_claims,
                                 const signet_access_claims *claims, char **token, signet_error *err)
{
    signet_json_out payload;
    signet_text members = {NULL, 0};
    if (app_claims.ptr) {
        const signet_text object = trim(app_claims);
        bool is_empty = true;
        signet_status status = check_app_claims(scratch, object, &is_empty, err);
        if (status != SIGNET_OK)
            return status;
        if (!is_empty)
            members = (signet_text){object.ptr + 1, object.len - 2};
    }
    const size_t max_len = members.len + signet_json_quoted_max(strlen(claims->user_id)) + auth->registered.len + 256;
    if (!signet_json_out_init(&payload, max_len))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    write_payload(&payload, members, claims, auth->registered);
    signet_status status = signet_session_sign(auth->access.at[0], scratch, SIGNET_ACCESS_TYP,
                                               (signet_text){payload.ptr, payload.len}, token, err);
    signet_json_out_clear(&payload);
    if (status == SIGNET_OK)
        signet_secret_note(auth->access.at[0], claims->exp_s);
    return status;
}

/* ------------------------------------------------------------------ verify */

/* Checks that the claims which signet_access_sign writes are present and have the right types, then `exp`. */
static signet_status check_claims(const signet_token *token, double now_s, int64_t *exp_s, signet_error *err)
{
    signet_json_field fields[] = {SIGNET_JSON_FIELD("sub"), SIGNET_JSON_FIELD("sid"), SIGNET_JSON_FIELD("iat"),
                                  SIGNET_JSON_FIELD("exp")};
    int64_t iat_s;
    signet_status status = SIGNET_OK;
    if (token->members)
        signet_json_pick_flat(token->members, token->members_n, fields, 4);
    else
        status = signet_json_read_object(token->payload.ptr, token->payload.len, fields, 4, NULL, 0, err);
    if (status != SIGNET_OK)
        return status;
    for (size_t i = 0; i < 2; i++)
        if (fields[i].value.kind != SIGNET_JSON_STRING || fields[i].value.len == 0)
            return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, fields[i].name);
    if (!signet_json_integer(&fields[2].value, &iat_s))
        return signet_fail(err, SIGNET_ERR_TOKEN_INVALID, "iat");
    if (!signet_json_integer(&fields[3].value, exp_s))
        return signet_fail(err, SIGNET_ERR_EXP, "exp");
    if (now_s < (double)*exp_s)
        return SIGNET_OK;
    status = signet_fail(err, SIGNET_ERR_TOKEN_EXPIRED, "exp");
    if (err)
        err->time_s = (double)*exp_s;
    return status;
}

signet_status signet_access_verify(const signet_auth *auth, signet_scratch *scratch, const char *jwt, size_t jwt_len,
                                   double now_s, signet_token *token, signet_error *err)
{
    size_t secret_index;
    int64_t exp_s;
    signet_status status = signet_session_verify(auth, &auth->access, scratch, (signet_text){jwt, jwt_len},
                                                 SIGNET_ACCESS_TYP, token, &secret_index, err);
    if (status == SIGNET_OK)
        status = check_claims(token, now_s - (double)auth->config.clock_tolerance_s, &exp_s, err);
    if (status == SIGNET_OK)
        signet_secret_note(auth->access.at[secret_index], exp_s);
    return status;
}
