/*
 * adopt.c: turns refresh tokens of a tutorial-style collection { refreshToken, userId } into sessions. The session ID
 * and the jti are derived from the token, so a token can be adopted only once.
 */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "session/batch.h"
#include "session/derive.h"
#include "session/limits.h"
#include "session/tokens.h"

/* ------------------------------------------------------------------ open */

bool signet_adopt_allowed(const signet_auth *auth, int64_t now_ms, unsigned flags)
{
    return auth->legacy_secret && (auth->config.legacy_until_ms == 0 || now_ms < auth->config.legacy_until_ms ||
                                   flags & SIGNET_REFRESH_UNSURE);
}

#define MAX_EXP_S 1e11 /* in more than three thousand years: no limit */

/* The claim that names the user may be a string or an integer: "1" or 1. */
static bool read_legacy_user(const signet_json *value, char *user_id)
{
    int64_t number;
    if (signet_json_integer(value, &number)) {
        (void)snprintf(user_id, SIGNET_MAX_USER_ID_LEN + 1, "%lld", (long long)number);
        return true;
    }
    return signet_user_id_read(value, user_id);
}

static signet_status read_legacy_claims(signet_text payload, signet_text user_claim, int64_t now_ms, unsigned flags,
                                        signet_refresh_token *token, signet_error *err)
{
    signet_json_field f[] = {SIGNET_JSON_FIELD("id"), SIGNET_JSON_FIELD("exp")};
    double exp_s;
    f[0].name = user_claim.ptr;
    f[0].name_len = user_claim.len;
    signet_status status = signet_json_read_object(payload.ptr, payload.len, f, 2, NULL, 0, err);
    if (status != SIGNET_OK)
        return status;
    if (!read_legacy_user(&f[0].value, token->user_id))
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "id");
    if (f[1].value.kind == SIGNET_JSON_ABSENT)
        return SIGNET_OK;
    if (!signet_json_number(&f[1].value, &exp_s))
        return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "exp");
    token->exp_s = exp_s < MAX_EXP_S ? (int64_t)exp_s : 0;
    return flags || (double)now_ms / 1000 < exp_s ? SIGNET_OK : signet_fail(err, SIGNET_ERR_REFRESH_EXPIRED, "exp");
}

static signet_status verify_legacy(const signet_auth *auth, signet_scratch *scratch, signet_text jwt,
                                   signet_token *verified, signet_error *err)
{
    const signet_verify_options options = {.algorithms = SIGNET_ALG_BIT(SIGNET_HS256),
                                           .flags = SIGNET_VERIFY_OBJECT_ONLY | SIGNET_VERIFY_IGNORE_EXP |
                                                    SIGNET_VERIFY_IGNORE_NBF};
    signet_status status = signet_verify(auth->legacy_secret->key, scratch, jwt.ptr, jwt.len, &options, verified, err);
    if (status != SIGNET_OK)
        return status;
    /* Signet's own tokens ("at+jwt", "rt+jwt") are never adopted, even if the app signs them with its old secret. */
    const bool is_own = verified->typ.ptr && verified->typ.len == 6 && memcmp(verified->typ.ptr + 1, "t+jwt", 5) == 0;
    return is_own ? signet_fail(err, SIGNET_ERR_REFRESH_INVALID, "typ") : SIGNET_OK;
}

signet_status signet_adopt_open(const signet_auth *auth, signet_scratch *scratch, signet_text jwt, int64_t now_ms,
                                unsigned flags, signet_refresh_token *token, signet_error *err)
{
    signet_token verified;
    const signet_text given = auth->config.legacy_user_claim, user_claim = given.ptr ? given : (signet_text){"id", 2};
    signet_status status = verify_legacy(auth, scratch, jwt, &verified, err);
    if (status == SIGNET_OK)
        status = read_legacy_claims(verified.payload, user_claim, now_ms, flags, token, err);
    if (status == SIGNET_ERR_REFRESH_EXPIRED)
        return status;
    if (status != SIGNET_OK)
        return signet_refresh_error(status, err);
    token->is_legacy = true;
    if (!signet_derive_adopted(&auth->legacy_secret->derivation, scratch, token->user_id, jwt, token->session_id,
                               token->jwtid))
        return signet_fail(err, SIGNET_ERR_CRYPTO, NULL);
    return SIGNET_OK;
}

/* ------------------------------------------------------------------ adopt */

/* The caller has set the hashes and the seed; the rest comes from the token and the job. */
static void fill_record(const signet_job *job, const signet_lifetime *life, signet_record *record)
{
    signet_session *s = &record->session;
    memcpy(s->id, job->presented->session_id, sizeof s->id);
    memcpy(s->user_id, job->presented->user_id, sizeof s->user_id);
    s->generation = 1; /* the adopted token counts as generation 0, and its successor is the session's first token */
    signet_session_begin(s, job, life);
}

signet_status signet_adopt(signet_batch *batch, signet_job *job, const signet_lifetime *life, signet_record *record,
                           bool *matched)
{
    const signet_store_ops *ops = batch->store->ops;
    bool found = false, removed;
    /* There is no record yet, so the token's own limit counts; it is not checked before if the clock was unsure then,
     * nor is the last day of adoption. */
    if (!signet_adopt_allowed(batch->auth, job->now_ms, 0))
        return signet_fail(&job->error, job->clock_is_unsure ? SIGNET_ERR_CLOCK_UNSURE : SIGNET_ERR_REFRESH_INVALID,
                           NULL);
    if (job->presented->exp_s && job->now_ms >= job->presented->exp_s * 1000)
        return signet_fail(&job->error, job->clock_is_unsure ? SIGNET_ERR_CLOCK_UNSURE : SIGNET_ERR_REFRESH_EXPIRED,
                           "exp");
    if (!ops->legacy_find)
        return signet_fail(&job->error, SIGNET_ERR_REFRESH_INVALID, NULL);
    signet_status status =
        ops->legacy_find(batch->store, job->presented_jwt, job->presented->user_id, &found, &job->error);
    if (status != SIGNET_OK || !found)
        return status;
    fill_record(job, life, record);
    status = ops->insert(batch->store, record, matched, &job->error);
    if (status != SIGNET_OK)
        return status;
    batch->wrote = batch->wrote || *matched;
    /* Otherwise the row could be adopted again after the session has ended. If this fails, the next call does it. */
    return ops->legacy_remove(batch->store, job->presented_jwt, job->presented->user_id, &removed, &job->error);
}

/* ------------------------------------------------------------------ removing rows */

/* A token that was not adopted yet has no session: logging out removes its row. */
signet_status signet_adopt_logout(signet_batch *batch, signet_job *job)
{
    bool removed = false;
    if (!batch->store->ops->legacy_remove)
        return SIGNET_OK;
    signet_status status = batch->store->ops->legacy_remove(batch->store, job->presented_jwt, job->presented->user_id,
                                                            &removed, &job->error);
    if (status != SIGNET_OK || !removed)
        return status;
    batch->wrote = true;
    job->count = 1;
    job->event = SIGNET_EVENT_LOGOUT;
    job->reason = SIGNET_REASON_LOGOUT;
    return SIGNET_OK;
}

signet_status signet_adopt_forget_user(signet_batch *batch, signet_job *job, const char *user_id)
{
    int64_t removed_n;
    if (!batch->store->ops->legacy_remove_all)
        return SIGNET_OK;
    return batch->store->ops->legacy_remove_all(batch->store, user_id, &removed_n, &job->error);
}
