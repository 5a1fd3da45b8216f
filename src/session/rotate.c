/*
 * rotate.c: the rules of rotation. A presented token is, in this order:
 *   the current one   → rotated: replaced by its successor (one compare-and-set)
 *   its parent        → within the grace period: a retry, answered with the same successor
 *   an older one      → reuse: the session ends
 *   anything else     → read, to say why not; if a write has come between, judged once more
 * Each of the first three is one conditional write; a read never decides.
 */
#include <string.h>

#include "core/fail.h"
#include "session/batch.h"
#include "session/derive.h"
#include "session/limits.h"
#include "session/tokens.h"

#define CLOCK_SKEW_MS 5000 /* how far another process' clock may be ahead of ours */

/* A rotation under way. */
typedef struct rotation {
    const signet_refresh_token *presented;
    const signet_hmac *derivation; /* of the secret that verified the presented token */
    uint8_t presented_hash[SIGNET_HASH_LEN], successor_hash[SIGNET_HASH_LEN], seed[SIGNET_SEED_LEN];
    char successor_jwtid[SIGNET_JTI_LEN + 1], access_jwtid[SIGNET_SESSION_ID_LEN + 1];
    signet_lifetime life;
    signet_record record; /* as it stands after the write, or as it was read */
} rotation;

/* ------------------------------------------------------------------ the tokens */

static signet_status sign_refresh(signet_batch *batch, signet_job *job, const rotation *r, size_t secret_index,
                                  const char *jwtid, int64_t iat_s, int64_t exp_s)
{
    const signet_refresh_claims claims = {
        .user_id = r->presented->user_id,
        .session_id = r->presented->session_id,
        .jwtid = jwtid,
        .generation = r->presented->generation + 1,
        .iat_s = iat_s,
        .exp_s = exp_s,
        .end_s = r->life.end_s,
        .idle_s = r->presented->idle_s,
        .auth_s = r->presented->auth_s,
    };
    return signet_refresh_sign(batch->auth, batch->scratch, &claims, secret_index, &job->refresh_token, &job->error);
}

/* The access token first: the app's claims are judged before the store is touched. */
static signet_status sign_access(signet_batch *batch, signet_job *job, const rotation *r)
{
    job->access_expires_in_s = r->life.access_exp_s - r->life.iat_s;
    const signet_access_claims claims = {.user_id = r->presented->user_id,
                                         .session_id = r->presented->session_id,
                                         .jwtid = r->access_jwtid,
                                         .auth_s = r->presented->auth_s,
                                         .iat_s = r->life.iat_s,
                                         .exp_s = r->life.access_exp_s};
    return signet_access_sign(batch->auth, batch->scratch, job->claims, &claims, &job->access_token, &job->error);
}

static void drop_refresh(signet_job *job)
{
    signet_session_token_free(job->refresh_token);
    job->refresh_token = NULL;
}

static void drop_tokens(signet_job *job)
{
    drop_refresh(job);
    signet_session_token_free(job->access_token);
    job->access_token = NULL;
    job->access_expires_in_s = 0;
}

/* The seed and the access token's jti, from one draw of random bytes. */
static bool draw(signet_batch *batch, rotation *r)
{
    uint8_t bytes[SIGNET_SEED_LEN + SIGNET_ID_BYTES];
    if (!signet_random_stock_take(batch->random, bytes, sizeof bytes))
        return false;
    memcpy(r->seed, bytes, SIGNET_SEED_LEN);
    signet_id_encode(bytes + SIGNET_SEED_LEN, r->access_jwtid);
    return true;
}

/* Everything that can fail without the store: the successor and both tokens. */
static signet_status prepare(signet_batch *batch, signet_job *job, rotation *r)
{
    const signet_refresh_token *token = r->presented;
    const signet_auth *auth = batch->auth;
    const int64_t end_s = token->is_legacy ? job->now_ms / 1000 + auth->session_ttl_s : token->end_s;
    r->derivation =
        token->is_legacy ? &auth->legacy_secret->derivation : &auth->refresh_secrets[token->secret_index].derivation;
    r->life = signet_lifetime_at(auth, job->now_ms, token->idle_s, end_s);
    if (!draw(batch, r) || !signet_derive_hash(token->jwtid, r->presented_hash) ||
        !signet_derive_successor(r->derivation, batch->scratch, token->session_id, token->jwtid, r->seed,
                                 auth->refresh_secrets[0].kid, r->successor_jwtid) ||
        !signet_derive_hash(r->successor_jwtid, r->successor_hash))
        return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
    if (job->end_session)
        return SIGNET_OK;
    signet_status status = sign_access(batch, job, r);
    return status == SIGNET_OK ? sign_refresh(batch, job, r, 0, r->successor_jwtid, r->life.iat_s, r->life.exp_s)
                               : status;
}

/* ------------------------------------------------------------------ endings */

static signet_status end_presented(signet_batch *batch, signet_job *job, rotation *r, const char *reason)
{
    bool ended = false;
    signet_status status = signet_end_session(batch, r->presented->session_id, r->presented->user_id, reason,
                                              job->now_ms, &r->record, &ended, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (ended) {
        job->event = SIGNET_EVENT_REVOKE;
        job->reason = reason;
        job->count = 1;
    }
    return signet_fail(&job->error, SIGNET_ERR_SESSION_REVOKED, NULL);
}

static signet_status tell_reuse(signet_batch *batch, signet_job *job, rotation *r)
{
    job->event = SIGNET_EVENT_REUSE;
    job->reason = strcmp(r->record.session.revoked_for, SIGNET_REASON_LATE_RETRY) == 0 ? SIGNET_REASON_LATE_RETRY
                                                                                       : SIGNET_REASON_REUSE;
    if (batch->auth->revoke_user_on_reuse) {
        signet_status status = signet_end_all(batch, job, r->presented->user_id, NULL, SIGNET_REASON_REUSE);
        if (status != SIGNET_OK)
            return status;
    }
    job->count++;
    return signet_fail(&job->error, SIGNET_ERR_REFRESH_REUSED, NULL);
}

/* ------------------------------------------------------------------ the current token */

static signet_status replaced(signet_batch *batch, signet_job *job, rotation *r)
{
    batch->wrote = true;
    if (job->end_session)
        return end_presented(batch, job, r, SIGNET_REASON_CLAIMS);
    job->event = SIGNET_EVENT_ROTATE;
    return SIGNET_OK;
}

static signet_status replace(signet_batch *batch, signet_job *job, rotation *r, bool *matched)
{
    const signet_rotation write = {
        .session_id = r->presented->session_id,
        .user_id = r->presented->user_id,
        .presented_hash = r->presented_hash,
        .successor_hash = r->successor_hash,
        .seed = r->seed,
        .now_ms = job->now_ms,
        .expires_at_ms = r->life.exp_s * 1000,
        .user_agent = signet_text_cut(job->client.user_agent, SIGNET_MAX_USER_AGENT_LEN),
        .ip = signet_text_cut(job->client.ip, SIGNET_MAX_IP_LEN),
    };
    return batch->store->ops->rotate(batch->store, &write, &r->record, matched, &job->error);
}

/* A token that has no session yet: its session is inserted with the successor as the current token. */
static signet_status adopt(signet_batch *batch, signet_job *job, rotation *r, bool *matched)
{
    memset(&r->record, 0, sizeof r->record);
    memcpy(r->record.token_hash, r->successor_hash, SIGNET_HASH_LEN);
    memcpy(r->record.previous_hash, r->presented_hash, SIGNET_HASH_LEN);
    r->record.has_previous = true;
    memcpy(r->record.seed, r->seed, SIGNET_SEED_LEN);
    return signet_adopt(batch, job, &r->life, &r->record, matched);
}

/* ------------------------------------------------------------------ its parent */

/* The secret that signed the successor is the one whose derivation gives the stored hash; by now it may no longer be
 * the first. */
static signet_status sign_same_successor(signet_batch *batch, signet_job *job, const rotation *r)
{
    const signet_session *s = &r->record.session;
    char jwtid[SIGNET_JTI_LEN + 1];
    uint8_t hash[SIGNET_HASH_LEN];
    for (size_t i = 0; i < batch->auth->refresh_secrets_n; i++) {
        if (!signet_derive_successor(r->derivation, batch->scratch, s->id, r->presented->jwtid, r->record.seed,
                                     batch->auth->refresh_secrets[i].kid, jwtid) ||
            !signet_derive_hash(jwtid, hash))
            return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
        if (memcmp(hash, r->record.token_hash, sizeof hash) == 0)
            return sign_refresh(batch, job, r, i, jwtid, s->rotated_at_ms / 1000, s->expires_at_ms / 1000);
    }
    /* A process with newer secrets has rotated it: a retry there succeeds. The token is still valid. */
    return signet_fail_detail(&job->error, SIGNET_ERR_REFRESH_KEY_UNKNOWN, "kid", SIGNET_GIVE_ALL_THE_SAME);
}

/* Only where both are known: a job without a request says nothing about its user agent. */
static bool is_another_user_agent(const signet_job *job, const signet_session *session)
{
    const signet_text now = signet_text_cut(job->client.user_agent, SIGNET_MAX_USER_AGENT_LEN);
    const size_t before_len = strlen(session->user_agent);
    return now.ptr && before_len && (now.len != before_len || memcmp(now.ptr, session->user_agent, before_len) != 0);
}

static signet_status retried(signet_batch *batch, signet_job *job, rotation *r)
{
    batch->counted = true;
    if (job->end_session)
        return end_presented(batch, job, r, SIGNET_REASON_CLAIMS);
    job->user_agent_changed = is_another_user_agent(job, &r->record.session);
    if (job->user_agent_changed && batch->auth->revoke_on_suspect)
        return end_presented(batch, job, r, SIGNET_REASON_SUSPECT);
    drop_refresh(job);
    if (r->presented->is_legacy)
        r->life.end_s = r->record.session.ends_at_ms / 1000;
    signet_status status = sign_same_successor(batch, job, r);
    if (status == SIGNET_OK)
        job->event = SIGNET_EVENT_RETRY;
    return status;
}

static signet_status retry(signet_batch *batch, signet_job *job, rotation *r, bool *matched)
{
    const signet_retry retry = {
        .session_id = r->presented->session_id,
        .user_id = r->presented->user_id,
        .presented_hash = r->presented_hash,
        .now_ms = job->now_ms,
        .rotated_from_ms = job->now_ms - batch->auth->grace_ms,
        .rotated_to_ms = job->now_ms + CLOCK_SKEW_MS,
    };
    if (job->strict || batch->auth->grace_ms == 0)
        return SIGNET_OK;
    return batch->store->ops->retry(batch->store, &retry, &r->record, matched, &job->error);
}

/* ------------------------------------------------------------------ anything else */

/* `*again`: what was read would have matched one of the writes; it changed in between. */
static signet_status explain(signet_batch *batch, signet_job *job, rotation *r, bool *again)
{
    const signet_refresh_token *token = r->presented;
    const signet_session *s = &r->record.session;
    bool found = false;
    signet_status status =
        batch->store->ops->read(batch->store, token->session_id, token->user_id, &r->record, &found, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (!found)
        return signet_fail(&job->error, token->is_legacy ? SIGNET_ERR_REFRESH_INVALID : SIGNET_ERR_SESSION_UNKNOWN,
                           NULL);
    job->session = *s;
    if ((status = signet_session_verdict(s, job->now_ms, &job->error)) != SIGNET_OK)
        return status;
    if (token->generation > s->generation) {
        /* The store was restored from a backup, older than this token: no theft, and nothing to revoke. */
        job->event = SIGNET_EVENT_ROLLBACK;
        return signet_fail(&job->error, SIGNET_ERR_SESSION_UNKNOWN, NULL);
    }
    *again = token->generation < s->generation || memcmp(r->record.token_hash, r->presented_hash, SIGNET_HASH_LEN) == 0;
    return signet_fail(&job->error, SIGNET_ERR_REFRESH_INVALID, "jti");
}

/* ------------------------------------------------------------------ all of it */

static signet_status judge(signet_batch *batch, signet_job *job, rotation *r, bool *again)
{
    const signet_refresh_token *token = r->presented;
    bool matched = false;
    signet_status status = token->is_legacy ? adopt(batch, job, r, &matched) : replace(batch, job, r, &matched);
    if (status != SIGNET_OK || matched)
        return status == SIGNET_OK ? replaced(batch, job, r) : status;
    status = retry(batch, job, r, &matched);
    if (status != SIGNET_OK || matched)
        return status == SIGNET_OK ? retried(batch, job, r) : status;
    status = batch->store->ops->revoke_reused(batch->store, token->session_id, token->user_id, r->presented_hash,
                                              token->generation, job->now_ms, &r->record, &matched, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (!matched)
        return explain(batch, job, r, again);
    batch->wrote = true;
    return tell_reuse(batch, job, r);
}

signet_status signet_job_rotate(signet_batch *batch, signet_job *job)
{
    rotation r = {.presented = job->presented};
    bool again = false;
    if (!job->presented)
        return signet_fail(&job->error, SIGNET_ERR_OPTION, "presented");
    memcpy(job->session.id, r.presented->session_id, sizeof job->session.id);
    memcpy(job->session.user_id, r.presented->user_id, sizeof job->session.user_id);
    signet_status status = prepare(batch, job, &r);
    if (status == SIGNET_OK)
        status = judge(batch, job, &r, &again);
    if (again) {
        again = false;
        status = judge(batch, job, &r, &again);
    }
    if (again)
        status = signet_fail_detail(&job->error, SIGNET_ERR_STORE_UNAVAILABLE, NULL,
                                    "the session changes faster than it can be read: try again");
    if (*r.record.session.id)
        job->session = r.record.session;
    if (status != SIGNET_OK)
        drop_tokens(job);
    return status;
}
