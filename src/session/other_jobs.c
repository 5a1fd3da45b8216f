/* other_jobs.c: every job except the rotation. */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "session/batch.h"
#include "session/derive.h"
#include "session/limits.h"
#include "session/tokens.h"

#define DAY_MS INT64_C(86400000)
#define PURGE_STEP 256

/* ------------------------------------------------------------------ login */

/* Makes the record of a new session. */
static signet_status begin_session(signet_batch *batch, signet_job *job, signet_lifetime *life, signet_record *record,
                                   char *jwtid)
{
    signet_session *s = &record->session;
    memset(record, 0, sizeof *record);
    signet_status status = signet_user_id_copy(job->user_id, s->user_id, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (job->refresh_ttl_s < 0 || job->refresh_ttl_s > SIGNET_MAX_LIFETIME_S)
        return signet_fail_detail(&job->error, SIGNET_ERR_OPTION, "refreshExpiresIn",
                                  "refreshExpiresIn must be 1 second to 100 years");
    if (!signet_random_stock_take_id(batch->random, s->id) || !signet_random_stock_take_id(batch->random, jwtid) ||
        !signet_random_stock_take(batch->random, record->seed, SIGNET_SEED_LEN) ||
        !signet_derive_hash(jwtid, record->token_hash))
        return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
    *life = signet_lifetime_at(batch->auth, job->now_ms, job->refresh_ttl_s,
                               job->now_ms / 1000 + batch->auth->config.session_expires_in_s);
    signet_session_begin(s, job, life);
    return SIGNET_OK;
}

static signet_status sign_first(signet_batch *batch, signet_job *job, const signet_lifetime *life,
                                const signet_session *s, const char *jwtid)
{
    char access_jwtid[SIGNET_SESSION_ID_LEN + 1];
    const signet_access_claims access = {.user_id = s->user_id,
                                         .session_id = s->id,
                                         .jwtid = access_jwtid,
                                         .auth_s = life->iat_s,
                                         .iat_s = life->iat_s + job->access_shift_s,
                                         .exp_s = life->access_exp_s + job->access_shift_s};
    const signet_refresh_claims claims = {.user_id = s->user_id,
                                          .session_id = s->id,
                                          .jwtid = jwtid,
                                          .iat_s = life->iat_s,
                                          .exp_s = life->exp_s,
                                          .end_s = life->end_s,
                                          .idle_s = job->refresh_ttl_s,
                                          .auth_s = life->iat_s};
    if (!signet_random_stock_take_id(batch->random, access_jwtid))
        return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
    job->access_expires_in_s = life->access_exp_s - life->iat_s;
    signet_status status =
        signet_access_sign(batch->auth, batch->scratch, job->claims, &access, &job->access_token, &job->error);
    return status == SIGNET_OK
               ? signet_refresh_sign(batch->auth, batch->scratch, &claims, 0, &job->refresh_token, &job->error)
               : status;
}

/* Ends the sessions beyond the limit; the newest are kept. The new session may itself be one of them (`*own`), if
 * another login happened in the same millisecond or a clock was set back: then this login fails. */
static signet_status end_over_limit(signet_batch *batch, signet_job *job, const signet_session *list, size_t list_n,
                                    bool *own)
{
    signet_record after;
    for (size_t i = batch->auth->config.max_sessions_per_user; i < list_n; i++) {
        bool ended = false;
        signet_status status = signet_end_another(batch, job, &list[i], SIGNET_REASON_LIMIT, &after, &ended);
        if (status != SIGNET_OK)
            return status;
        if (strcmp(list[i].id, job->session.id) == 0) {
            *own = true;
            job->session = after.session;
        }
    }
    return SIGNET_OK;
}

static signet_status enforce_limit(signet_batch *batch, signet_job *job)
{
    signet_session *list = NULL;
    size_t list_n = 0;
    bool own = false;
    if (batch->auth->config.max_sessions_per_user == 0)
        return SIGNET_OK;
    signet_status status =
        batch->store->ops->list(batch->store, job->session.user_id, job->now_ms, &list, &list_n, &job->error);
    if (status == SIGNET_OK)
        status = end_over_limit(batch, job, list, list_n, &own);
    free(list);
    return status == SIGNET_OK && own ? signet_fail(&job->error, SIGNET_ERR_SESSION_REVOKED, NULL) : status;
}

/* If the password check began before the user's last revokeAll, it may have accepted the old password:
 * SIGNET_ERR_SESSION_REVOKED. SIGNET_ERR_LOGIN_UNSURE: the clocks do not tell. */
static signet_status verdict_by_note(const signet_job *job, const signet_revoke_note *note)
{
    const int64_t since_ms = job->since_ms ? job->since_ms : job->now_ms;
    const int64_t error_ms = job->clock_error_ms + note->error_ms;
    if (note->at_ms == 0)
        return SIGNET_OK;
    const bool is_ours = note->process != 0 && note->process == job->process;
    if (is_ours && job->stamp != 0)
        return job->stamp > note->stamp ? SIGNET_OK : SIGNET_ERR_SESSION_REVOKED;
    /* A `since` of the app has no stamp. In its own process it is by the same clock, which a test may let stand. */
    if (since_ms - note->at_ms > error_ms || (is_ours && since_ms >= note->at_ms))
        return SIGNET_OK;
    return note->at_ms - since_ms > error_ms ? SIGNET_ERR_SESSION_REVOKED : SIGNET_ERR_LOGIN_UNSURE;
}

static signet_status check_since(signet_batch *batch, signet_job *job)
{
    signet_revoke_note note;
    signet_record after;
    bool ended = false;
    signet_status status = batch->store->ops->last_revoke_all(batch->store, job->session.user_id, &note, &job->error);
    const signet_status verdict = status == SIGNET_OK ? verdict_by_note(job, &note) : status;
    if (status != SIGNET_OK || verdict == SIGNET_OK)
        return status;
    status = signet_end_session(batch, job->session.id, job->session.user_id, SIGNET_REASON_REVOKE_ALL, job->now_ms,
                                &after, &ended, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (ended)
        job->session = after.session;
    if (verdict == SIGNET_ERR_LOGIN_UNSURE)
        job->retry_after_s = 1;
    return signet_fail(&job->error, verdict, NULL);
}

static signet_status insert_and_settle(signet_batch *batch, signet_job *job, const signet_record *record)
{
    bool matched = false;
    signet_status status = batch->store->ops->insert(batch->store, record, &matched, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (!matched) /* this ID of 128 random bits exists already: the random generator is broken */
        return signet_fail(&job->error, SIGNET_ERR_CRYPTO, NULL);
    batch->wrote = true;
    job->session = record->session;
    status = enforce_limit(batch, job);
    return status == SIGNET_OK ? check_since(batch, job) : status;
}

signet_status signet_job_login(signet_batch *batch, signet_job *job)
{
    signet_record record;
    signet_lifetime life = {.iat_s = 0};
    char jwtid[SIGNET_FIRST_JTI_LEN + 1];
    signet_status status = begin_session(batch, job, &life, &record, jwtid);
    if (status == SIGNET_OK)
        status = sign_first(batch, job, &life, &record.session, jwtid);
    if (status == SIGNET_OK)
        status = insert_and_settle(batch, job, &record);
    if (status == SIGNET_OK) {
        job->event = SIGNET_EVENT_LOGIN;
        return status;
    }
    signet_session_token_free(job->access_token);
    signet_session_token_free(job->refresh_token);
    job->access_token = job->refresh_token = NULL;
    job->access_expires_in_s = 0;
    return status;
}

/* ------------------------------------------------------------------ logout, revoke */

static signet_status end_one(signet_batch *batch, signet_job *job, const char *session_id, const char *user_id,
                             const char *reason, signet_event event)
{
    signet_record after;
    bool ended = false;
    memcpy(job->session.id, session_id, strlen(session_id) + 1);
    memcpy(job->session.user_id, user_id, strlen(user_id) + 1);
    signet_status status =
        signet_end_session(batch, session_id, user_id, reason, job->now_ms, &after, &ended, &job->error);
    if (status != SIGNET_OK || !ended)
        return status;
    job->session = after.session;
    /* A session that had already expired is marked as revoked too, without an event. */
    if (after.session.expires_at_ms > job->now_ms && after.session.ends_at_ms > job->now_ms) {
        job->count = 1;
        job->event = event;
        job->reason = reason;
    }
    return SIGNET_OK;
}

signet_status signet_job_logout(signet_batch *batch, signet_job *job)
{
    if (!job->presented)
        return signet_fail(&job->error, SIGNET_ERR_OPTION, "presented");
    signet_status status = end_one(batch, job, job->presented->session_id, job->presented->user_id,
                                   SIGNET_REASON_LOGOUT, SIGNET_EVENT_LOGOUT);
    return status == SIGNET_OK && job->presented->is_legacy ? signet_adopt_logout(batch, job) : status;
}

/* Reads the job's user ID and session ID. `*is_session` false: it does not have the form of a session ID. */
static signet_status names_of(signet_job *job, char *user_id, char *session_id, bool *is_session)
{
    *is_session = signet_is_session_id(job->session_id);
    if (*is_session)
        signet_text_copy(job->session_id, SIGNET_SESSION_ID_LEN, session_id);
    return signet_user_id_copy(job->user_id, user_id, &job->error);
}

signet_status signet_job_revoke(signet_batch *batch, signet_job *job)
{
    char user_id[SIGNET_MAX_USER_ID_LEN + 1], session_id[SIGNET_SESSION_ID_LEN + 1];
    bool is_session;
    signet_status status = names_of(job, user_id, session_id, &is_session);
    if (status != SIGNET_OK || !is_session)
        return status;
    return end_one(batch, job, session_id, user_id, SIGNET_REASON_REVOKE, SIGNET_EVENT_REVOKE);
}

signet_status signet_job_revoke_all(signet_batch *batch, signet_job *job)
{
    char user_id[SIGNET_MAX_USER_ID_LEN + 1], except[SIGNET_SESSION_ID_LEN + 1];
    bool has_except;
    signet_status status = names_of(job, user_id, except, &has_except);
    if (status != SIGNET_OK)
        return status;
    memcpy(job->session.user_id, user_id, sizeof user_id);
    status = signet_end_all(batch, job, user_id, has_except ? except : NULL, SIGNET_REASON_REVOKE_ALL);
    /* The sessions that did end are reported even if ending another one failed. */
    if (job->count > 0) {
        job->event = SIGNET_EVENT_REVOKE;
        job->reason = SIGNET_REASON_REVOKE_ALL;
    }
    return status;
}

/* ------------------------------------------------------------------ list, read */

signet_status signet_job_list(signet_batch *batch, signet_job *job)
{
    char user_id[SIGNET_MAX_USER_ID_LEN + 1];
    signet_status status = signet_user_id_copy(job->user_id, user_id, &job->error);
    if (status != SIGNET_OK)
        return status;
    return batch->store->ops->list(batch->store, user_id, job->now_ms, &job->sessions, &job->sessions_n, &job->error);
}

signet_status signet_job_read(signet_batch *batch, signet_job *job)
{
    char user_id[SIGNET_MAX_USER_ID_LEN + 1], session_id[SIGNET_SESSION_ID_LEN + 1];
    signet_record record;
    bool is_session, found = false;
    signet_status status = names_of(job, user_id, session_id, &is_session);
    if (status == SIGNET_OK && is_session)
        status = batch->store->ops->read(batch->store, session_id, user_id, &record, &found, &job->error);
    if (status != SIGNET_OK)
        return status;
    if (!found)
        return signet_fail(&job->error, SIGNET_ERR_SESSION_UNKNOWN, NULL);
    job->session = record.session;
    return signet_session_verdict(&record.session, job, &job->error);
}

/* ------------------------------------------------------------------ upkeep */

signet_status signet_job_purge(signet_batch *batch, signet_job *job)
{
    if (job->clock_is_unsure)
        return signet_fail(&job->error, SIGNET_ERR_CLOCK_UNSURE, NULL);
    signet_status status =
        batch->store->ops->purge(batch->store, job->now_ms - DAY_MS, PURGE_STEP, &job->count, &job->error);
    batch->wrote = status == SIGNET_OK;
    return status;
}

signet_status signet_job_ping(signet_batch *batch, signet_job *job)
{
    signet_status status = batch->store->ops->ping(batch->store, &job->error);
    batch->wrote = status == SIGNET_OK;
    return status;
}

typedef signet_status file_operation(signet_store *store, const char *path, signet_error *err);

static signet_status run_with_file(signet_batch *batch, signet_job *job, file_operation *operation)
{
    if (!operation)
        return signet_fail_detail(&job->error, SIGNET_ERR_OPTION, "path",
                                  "a %s store is backed up and restored with the database's own means",
                                  batch->store->ops->traits.name);
    if (!job->path || !*job->path)
        return signet_fail_detail(&job->error, SIGNET_ERR_OPTION, "path", "the path of a file is missing");
    return operation(batch->store, job->path, &job->error);
}

signet_status signet_job_backup(signet_batch *batch, signet_job *job)
{
    return run_with_file(batch, job, batch->store->ops->backup);
}

signet_status signet_job_restore(signet_batch *batch, signet_job *job)
{
    return run_with_file(batch, job, batch->store->ops->restore);
}
