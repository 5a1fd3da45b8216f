/* refresh_token.c: signs and opens refresh tokens (`typ` "rt+jwt"). */
#include <string.h>

#include "core/base64url.h"
#include "core/fail.h"
#include "core/json.h"
#include "session/derive.h"
#include "session/json_out.h"
#include "session/limits.h"
#include "session/tokens.h"

/* ------------------------------------------------------------------ sign */

signet_status signet_refresh_sign(const signet_auth *auth, signet_scratch *scratch, const signet_refresh_claims *claims,
                                  size_t secret_index, char **token, signet_error *err)
{
    signet_json_out payload;
    if (!signet_json_out_init(&payload, signet_json_quoted_max(strlen(claims->user_id)) + auth->registered.len + 512))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    signet_json_out_string(&payload, "{\"sub\":", claims->user_id);
    signet_json_out_string(&payload, ",\"sid\":", claims->session_id);
    signet_json_out_string(&payload, ",\"jti\":", claims->jwtid);
    signet_json_out_number(&payload, ",\"gen\":", claims->generation);
    signet_json_out_number(&payload, ",\"iat\":", claims->iat_s);
    signet_json_out_number(&payload, ",\"exp\":", claims->exp_s);
    signet_json_out_number(&payload, ",\"end\":", claims->end_s);
    if (claims->idle_s)
        signet_json_out_number(&payload, ",\"idle\":", claims->idle_s);
    if (claims->auth_s)
        signet_json_out_number(&payload, ",\"auth_time\":", claims->auth_s);
    signet_json_out_raw(&payload, auth->registered);
    signet_json_out_raw(&payload, (signet_text){"}", 1});
    signet_secret *const secret = auth->refresh.at[secret_index];
    signet_status status =
        signet_session_sign(secret, scratch, SIGNET_REFRESH_TYP, (signet_text){payload.ptr, payload.len}, token, err);
    signet_json_out_clear(&payload);
    if (status == SIGNET_OK)
        signet_secret_note(secret, claims->exp_s);
    return status;
}

/* ------------------------------------------------------------------ open */

static bool read_jwtid(const signet_json *value, char *jwtid, size_t jwtid_size)
{
    size_t len;
    if (!signet_json_copy(value, jwtid, jwtid_size, &len) || !signet_b64url_is_alphabet(jwtid, len))
        return false;
    return len == SIGNET_FIRST_JTI_LEN || len == SIGNET_JTI_LEN;
}

static bool read_session(const signet_json *value, char *session_id)
{
    size_t len;
    return signet_json_copy(value, session_id, SIGNET_SESSION_ID_LEN + 1, &len) &&
           signet_is_session_id((signet_text){session_id, len});
}

/* A token that lacks one of these claims was not made by Signet, although it is signed with the app's secret. */
static signet_status read_claims(signet_text payload, signet_refresh_token *token, signet_error *err)
{
    signet_json_field f[] = {SIGNET_JSON_FIELD("sub"), SIGNET_JSON_FIELD("sid"),  SIGNET_JSON_FIELD("jti"),
                             SIGNET_JSON_FIELD("gen"), SIGNET_JSON_FIELD("iat"),  SIGNET_JSON_FIELD("exp"),
                             SIGNET_JSON_FIELD("end"), SIGNET_JSON_FIELD("idle"), SIGNET_JSON_FIELD("auth_time")};
    signet_status status = signet_json_read_object(payload.ptr, payload.len, f, 9, NULL, 0, err);
    if (status != SIGNET_OK)
        return status;
    if (!signet_user_id_read(&f[0].value, token->user_id))
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "sub");
    if (!read_session(&f[1].value, token->session_id))
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "sid");
    if (!read_jwtid(&f[2].value, token->jwtid, sizeof token->jwtid))
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "jti");
    int64_t *const numbers[] = {&token->generation, &token->iat_s,  &token->exp_s,
                                &token->end_s,      &token->idle_s, &token->auth_s};
    const size_t needed_n = 4;
    for (size_t i = 0; i < 6; i++) {
        const bool is_left_out = i >= needed_n && f[3 + i].value.kind == SIGNET_JSON_ABSENT;
        if (!is_left_out && (!signet_json_integer(&f[3 + i].value, numbers[i]) || *numbers[i] < 0))
            return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, f[3 + i].name);
    }
    return SIGNET_OK;
}

/* `exp` is not checked: the record has this limit too, and is compared with the clock that all processes share. Beyond
 * `end` no record can be alive, and the store is spared. */
static signet_status check_end(const signet_refresh_token *token, int64_t now_ms, signet_error *err)
{
    if (now_ms < token->end_s * 1000)
        return SIGNET_OK;
    signet_status status = signet_fail(err, SIGNET_ERR_REFRESH_EXPIRED, "end");
    if (err)
        err->time_s = (double)token->end_s;
    return status;
}

#define OTHERS_BEFORE_S 3600 /* other processes may have had a secret this long before this process got its own */
#define OTHERS_AFTER_S 86400 /* a deploy takes less than this */

static bool is_lately_signed(const signet_auth *auth, int64_t iat_s, int64_t exp_s, int64_t now_s)
{
    /* The clock may have been set back since, or have been found to be ahead of the store's. */
    const int64_t loaded_s = auth->refresh_loaded_s < now_s ? auth->refresh_loaded_s : now_s;
    return now_s < exp_s && iat_s >= loaded_s - OTHERS_BEFORE_S && now_s - iat_s <= OTHERS_AFTER_S;
}

/* A token whose kid is unknown here. If it was signed lately, another process has a newer secret, or one that this
 * process no longer has: that one can rotate it, so nobody logs in again for it. All of this is unverified. */
static signet_status refuse_unknown_key(const signet_auth *auth, const signet_token *unverified, int64_t now_ms,
                                        bool is_unsure, signet_error *err)
{
    signet_json_field f[] = {SIGNET_JSON_FIELD("iat"), SIGNET_JSON_FIELD("exp")};
    int64_t iat_s, exp_s;
    if (!unverified->payload_is_object ||
        signet_json_read_object(unverified->payload.ptr, unverified->payload.len, f, 2, NULL, 0, NULL) != SIGNET_OK ||
        !signet_json_integer(&f[0].value, &iat_s) || !signet_json_integer(&f[1].value, &exp_s) ||
        !(is_unsure || is_lately_signed(auth, iat_s, exp_s, now_ms / 1000)))
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "kid");
    return signet_fail_detail(err, SIGNET_ERR_REFRESH_KEY_UNKNOWN, "kid", SIGNET_GIVE_ALL_THE_SAME);
}

static signet_status open_ours(const signet_auth *auth, signet_scratch *scratch, signet_text jwt, int64_t now_ms,
                               unsigned flags, signet_refresh_token *token, signet_error *err)
{
    signet_token verified;
    size_t secret_index = 0;
    signet_status status =
        signet_session_verify(auth, &auth->refresh, scratch, jwt, SIGNET_REFRESH_TYP, &verified, &secret_index, err);
    if (status == SIGNET_ERR_KEY_UNKNOWN)
        return refuse_unknown_key(auth, &verified, now_ms, flags & SIGNET_REFRESH_UNSURE, err);
    if (status == SIGNET_OK)
        status = read_claims(verified.payload, token, err);
    if (status != SIGNET_OK)
        return signet_refresh_error(status, err);
    token->secret_index = (unsigned)secret_index;
    signet_secret_note(auth->refresh.at[secret_index], token->exp_s);
    return flags ? SIGNET_OK : check_end(token, now_ms, err);
}

/* ------------------------------------------------------------------ open a token of ours, or a legacy one */

signet_status signet_refresh_open(const signet_auth *auth, signet_scratch *scratch, const char *jwt, size_t jwt_len,
                                  const char *expected_user_id, int64_t now_ms, unsigned flags,
                                  signet_refresh_token *token, signet_error *err)
{
    const signet_text text = {jwt, jwt_len};
    signet_refresh_token opened = {.generation = 0};
    signet_status status = open_ours(auth, scratch, text, now_ms, flags, &opened, err);
    if (status == SIGNET_ERR_REFRESH_INVALID && signet_adopt_allowed(auth, now_ms, flags)) {
        memset(&opened, 0, sizeof opened);
        status = signet_adopt_open(auth, scratch, text, now_ms, flags, &opened, err);
    }
    if (status != SIGNET_OK)
        return status;
    if (expected_user_id && strcmp(expected_user_id, opened.user_id) != 0)
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "sub");
    *token = opened;
    return SIGNET_OK;
}
