/*
 * rotate.c: the rules of rotation. A presented token is the first of these that fits:
 *   current    replaced by its successor (one compare-and-set)
 *   retry      the current token's parent, with the key of its exchange or, if the exchange had no key, within the
 *              grace period: answered with the same successor
 *   straggler  a parent without the key or a grandparent, within the grace period, or a grandparent with the key of
 *              its exchange: SIGNET_ERR_REFRESH_SUPERSEDED, no token, nothing ends
 *   reuse      any other older token: the session ends
 *   else       read, only to choose the error
 * Each is one conditional write; the one that ends a session excludes the cases before it. What is only read ends
 * nothing and yields no token.
 */
#include <string.h>

#include "core/fail.h"
#include "session/batch.h"
#include "session/derive.h"
#include "session/limits.h"
#include "session/tokens.h"

/* A rotation in progress. */
typedef struct rotation {
    const signet_refresh_token *presented;
    const signet_hmac *derivation; /* of the secret that verified the presented token */
    uint8_t presented_hash[SIGNET_HASH_LEN], successor_hash[SIGNET_HASH_LEN], seed[SIGNET_SEED_LEN];
    uint8_t key_hash[SIGNET_HASH_LEN]; /* of the job's idempotency key */
    signet_old_token old;              /* the presented token, once it is not the current one */
    char successor_jwtid[SIGNET_JTI_LEN + 1], access_jwtid[SIGNET_SESSION_ID_LEN + 1];
    signet_lifetime life;
    signet_record record; /* as the write left it, or as it was read */
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

/* The app's claims are checked here, before the store is used. */
static signet_status sign_access(signet_batch *batch, signet_job *job, const rotation *r)
{
    job->access_expires_in_s = r->life.access_exp_s - r->life.iat_s;
    const signet_access_claims claims = {.user_id = r->presented->user_id,
                                         .session_id = r->presented->session_id,
                                         .jwtid = r->access_jwtid,
                                         .auth_s = r->presented->auth_s,
                                         .iat_s = r->life.iat_s + job->access_shift_s,
                                         .exp_s = r->life.access_exp_s + job->access_shift_s};
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
    const int64_t end_s = token->is_legacy ? job->now_ms / 1000 + auth->config.session_expires_in_s : token->end_s;
    r->derivation =
        token->is_legacy ? &auth->legacy_secret->derivation : &auth->refresh.at[token->secret_index]->derivation;
    r->life = signet_lifetime_at(auth, job->now_ms, token->idle_s, end_s);
    if (!draw(batch, r) || !signet_derive_hash(token->jwtid, r->presented_hash) ||
        !signet_derive_successor(r->derivation, batch->scratch, token->session_id, token->jwtid, r->seed,
                                 auth->refresh.at[0]->kid, r->successor_jwtid) ||
        !signet_derive_hash(r->successor_jwtid, r->successor_hash) ||
        (job->idempotency_key.ptr && !signet_derive_key_hash(token->jwtid, job->idempotency_key, r->key_hash)))
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
    if (batch->auth->config.on_reuse == SIGNET_ON_REUSE_USER) {
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
        .key_hash = job->idempotency_key.ptr ? r->key_hash : NULL,
        .now_ms = job->now_ms,
        .expires_at_ms = r->life.exp_s * 1000,
        .user_agent = signet_text_cut(job->client.user_agent, SIGNET_MAX_USER_AGENT_LEN),
        .ip = signet_text_cut(job->client.ip, SIGNET_MAX_IP_LEN),
    };
    return batch->store->ops->rotate(batch->store, &write, &r->record, matched, &job->error);
}

/* A legacy token: its session is inserted, with the successor as the current token. */
static signet_status adopt(signet_batch *batch, signet_job *job, rotation *r, bool *matched)
{
    signet_record *const record = &r->record;
    memset(record, 0, sizeof *record);
    memcpy(record->token_hash, r->successor_hash, SIGNET_HASH_LEN);
    memcpy(record->previous_hash, r->presented_hash, SIGNET_HASH_LEN);
    memcpy(record->seed, r->seed, SIGNET_SEED_LEN);
    record->has_previous = true;
    record->has_key = job->idempotency_key.ptr != NULL;
    record->key_generation = 1;
    if (record->has_key)
        memcpy(record->key_hash, r->key_hash, SIGNET_HASH_LEN);
    return signet_adopt(batch, job, &r->life, record, matched);
}

/* ------------------------------------------------------------------ a retry */

/* Finds the secret that signed the successor: the one with which the stored hash is derived. It may no longer be the
 * first. */
static signet_status sign_same_successor(signet_batch *batch, signet_job *job, const rotation *r)
{
    const signet_session *s = &r->record.session;
    char jwtid[SIGNET_JTI_LEN + 1];
    uint8_t hash[SIGNET_HASH_LEN];
    const signet_secret_list *const secrets = &batch->auth->refresh;
    for (size_t i = 0; i < secrets->n + secrets->revoked_n; i++) {
        if (!signet_derive_successor(r->derivation, batch->scratch, s->id, r->presented->jwtid, r->record.seed,
                                     secrets->at[i]->kid, jwtid) ||
            !signet_derive_hash(jwtid, hash))
            return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
        if (memcmp(hash, r->record.token_hash, sizeof hash) != 0)
            continue;
        if (i >= secrets->n) /* revoked since */
            return signet_fail(&job->error, SIGNET_ERR_REFRESH_INVALID, "kid");
        return sign_refresh(batch, job, r, i, jwtid, s->rotated_at_ms / 1000, s->expires_at_ms / 1000);
    }
    /* A process with newer secrets has rotated the token: there the call succeeds. */
    return signet_fail_detail(&job->error, SIGNET_ERR_REFRESH_KEY_UNKNOWN, "kid", SIGNET_GIVE_ALL_THE_SAME);
}

/* False if one of the two is unknown: a job without a request has no user agent. */
static bool is_another_user_agent(const signet_job *job, const signet_session *session)
{
    const signet_text now = signet_text_cut(job->client.user_agent, SIGNET_MAX_USER_AGENT_LEN);
    const size_t before_len = strlen(session->user_agent);
    return now.ptr && before_len && (now.len != before_len || memcmp(now.ptr, session->user_agent, before_len) != 0);
}

/* The token is not the current one: with which keys, and since when, it is a retry or a straggler. */
static signet_status prepare_old(const signet_batch *batch, signet_job *job, rotation *r)
{
    signet_old_token *const old = &r->old;
    const bool has_grace = !job->strict && batch->auth->config.grace_period_ms > 0;
    *old = (signet_old_token){
        .session_id = r->presented->session_id,
        .user_id = r->presented->user_id,
        .hash = r->presented_hash,
        .generation = r->presented->generation,
        .now_ms = job->now_ms,
        .grace_from_ms = has_grace ? job->now_ms - batch->auth->config.grace_period_ms : SIGNET_NO_GRACE,
    };
    if (job->idempotency_key.ptr)
        memcpy(old->key_hashes[old->key_hashes_n++], r->key_hash, SIGNET_HASH_LEN);
    if (job->previous_key.ptr &&
        !signet_derive_key_hash(r->presented->jwtid, job->previous_key, old->key_hashes[old->key_hashes_n++]))
        return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
    return SIGNET_OK;
}

static bool is_keyed(const signet_record *record)
{
    return record->has_key && record->key_generation == record->session.generation;
}

/* No access token outlives the refresh token that is given with it. A late retry gets one that was issued before now.
 */
static signet_status shorten_access(signet_batch *batch, signet_job *job, rotation *r)
{
    const int64_t exp_s = r->record.session.expires_at_ms / 1000;
    if (r->life.access_exp_s <= exp_s)
        return SIGNET_OK;
    drop_tokens(job);
    r->life.access_exp_s = exp_s;
    return sign_access(batch, job, r);
}

static signet_status answer_again(signet_batch *batch, signet_job *job, rotation *r)
{
    drop_refresh(job);
    if (r->presented->is_legacy)
        r->life.end_s = r->record.session.ends_at_ms / 1000;
    signet_status status = shorten_access(batch, job, r);
    return status == SIGNET_OK ? sign_same_successor(batch, job, r) : status;
}

static signet_status retried(signet_batch *batch, signet_job *job, rotation *r)
{
    batch->counted = true;
    if (job->end_session)
        return end_presented(batch, job, r, SIGNET_REASON_CLAIMS);
    job->is_keyed = is_keyed(&r->record);
    job->is_late = r->record.session.rotated_at_ms < r->old.grace_from_ms;
    job->user_agent_changed = is_another_user_agent(job, &r->record.session);
    /* With the key it is the same client, whose browser may have been updated meanwhile. */
    if (job->user_agent_changed && !job->is_keyed && batch->auth->config.on_suspect == SIGNET_ON_SUSPECT_REVOKE)
        return end_presented(batch, job, r, SIGNET_REASON_SUSPECT);
    signet_status status = answer_again(batch, job, r);
    if (status == SIGNET_OK)
        job->event = SIGNET_EVENT_RETRY;
    return status;
}

static signet_status retry(signet_batch *batch, signet_job *job, rotation *r, bool *matched)
{
    signet_status status = prepare_old(batch, job, r);
    if (status != SIGNET_OK)
        return status;
    if (r->old.grace_from_ms == SIGNET_NO_GRACE && r->old.key_hashes_n == 0)
        return SIGNET_OK;
    return batch->store->ops->retry(batch->store, &r->old, &r->record, matched, &job->error);
}

/* ------------------------------------------------------------------ what a record says about an old token */

/* Whether a stored hash is one of the presented keys' hashes. */
static bool has_key(const signet_old_token *token, const uint8_t *key_hash)
{
    for (size_t i = 0; i < token->key_hashes_n; i++)
        if (memcmp(token->key_hashes[i], key_hash, SIGNET_HASH_LEN) == 0)
            return true;
    return false;
}

/* The condition of signet_store_ops.retry. */
static bool is_retry(const signet_old_token *token, const signet_record *record)
{
    if (!record->has_previous || memcmp(record->previous_hash, token->hash, SIGNET_HASH_LEN) != 0)
        return false;
    return is_keyed(record) ? has_key(token, record->key_hash) : record->session.rotated_at_ms >= token->grace_from_ms;
}

/* With is_retry: what signet_store_ops.revoke_reused excludes. `*exchanged_ms`: when the token was exchanged. */
static bool is_straggler(const signet_old_token *token, const signet_record *record, int64_t *exchanged_ms)
{
    const signet_session *s = &record->session;
    if (record->has_previous && memcmp(record->previous_hash, token->hash, SIGNET_HASH_LEN) == 0) {
        *exchanged_ms = s->rotated_at_ms;
        return s->rotated_at_ms >= token->grace_from_ms;
    }
    *exchanged_ms = record->previous_rotated_at_ms;
    return s->generation == token->generation + 2 &&
           (*exchanged_ms >= token->grace_from_ms ||
            (record->has_previous_key && has_key(token, record->previous_key_hash)));
}

/* The client may try again when the grace period of the exchange is over, and a second: by then its cookie is the newer
 * one, or the token is reused. A clock that is behind does not make it wait longer than the grace period. */
static signet_status supersede(const signet_batch *batch, signet_job *job, const rotation *r, int64_t exchanged_ms)
{
    const int64_t age_ms = exchanged_ms < job->now_ms ? job->now_ms - exchanged_ms : 0;
    const int64_t grace_ms = r->old.grace_from_ms == SIGNET_NO_GRACE ? 0 : batch->auth->config.grace_period_ms;
    job->retry_after_s = 1 + (age_ms < grace_ms ? (grace_ms - age_ms + 999) / 1000 : 0);
    job->event = SIGNET_EVENT_STRAGGLER;
    return signet_fail(&job->error, SIGNET_ERR_REFRESH_SUPERSEDED, NULL);
}

/* ------------------------------------------------------------------ anything else */

/* Chooses the error for a token that matched no write. `*again`: the record that was read would have matched one, so it
 * changed in between. */
static signet_status explain(signet_batch *batch, signet_job *job, rotation *r, bool *again)
{
    const signet_refresh_token *token = r->presented;
    const signet_session *s = &r->record.session;
    int64_t exchanged_ms;
    bool found = false;
    signet_status status =
        batch->store->ops->read(batch->store, token->session_id, token->user_id, &r->record, &found, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (!found)
        return signet_fail(&job->error, token->is_legacy ? SIGNET_ERR_REFRESH_INVALID : SIGNET_ERR_SESSION_UNKNOWN,
                           NULL);
    job->session = *s;
    status = signet_session_verdict(s, job, &job->error);
    if (status == SIGNET_ERR_SESSION_EXPIRED && s->ends_at_ms > job->now_ms)
        return signet_fail(&job->error, SIGNET_ERR_REFRESH_EXPIRED, "exp");
    if (status != SIGNET_OK)
        return status;
    if (token->generation > s->generation) {
        /* The store was restored from a backup that is older than this token: no theft. */
        job->event = SIGNET_EVENT_ROLLBACK;
        return signet_fail(&job->error, SIGNET_ERR_SESSION_UNKNOWN, NULL);
    }
    const bool is_current = memcmp(r->record.token_hash, r->presented_hash, SIGNET_HASH_LEN) == 0;
    if (!is_current && !is_retry(&r->old, &r->record) && is_straggler(&r->old, &r->record, &exchanged_ms))
        return supersede(batch, job, r, exchanged_ms);
    *again = is_current || token->generation < s->generation;
    return signet_fail(&job->error, SIGNET_ERR_REFRESH_INVALID, "jti");
}

/* ------------------------------------------------------------------ a rotation */

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
    status = batch->store->ops->revoke_reused(batch->store, &r->old, &r->record, &matched, &job->error);
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
    signet_status status = signet_idempotency_key_check(job->idempotency_key, "idempotencyKey", &job->error);
    if (status == SIGNET_OK)
        status = signet_idempotency_key_check(job->previous_key, "previousKey", &job->error);
    if (status == SIGNET_OK)
        status = prepare(batch, job, &r);
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
