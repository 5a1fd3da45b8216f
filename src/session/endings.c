/* endings.c: how long sessions live, and how they end. */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "session/batch.h"
#include "session/limits.h"

/* Logins may go on while a user's sessions are ended; each round sees those of the round before. */
#define MAX_ROUNDS 8

signet_lifetime signet_lifetime_at(const signet_auth *auth, int64_t now_ms, int64_t idle_s, int64_t end_s)
{
    signet_lifetime life = {.iat_s = now_ms / 1000, .end_s = end_s};
    life.exp_s = life.iat_s + (idle_s ? idle_s : auth->refresh_ttl_s);
    life.access_exp_s = life.iat_s + auth->access_ttl_s;
    if (life.exp_s > end_s)
        life.exp_s = end_s;
    if (life.access_exp_s > life.exp_s)
        life.access_exp_s = life.exp_s;
    return life;
}

void signet_session_begin(signet_session *session, const signet_job *job, const signet_lifetime *life)
{
    session->created_at_ms = session->rotated_at_ms = job->now_ms;
    session->expires_at_ms = life->exp_s * 1000;
    session->ends_at_ms = life->end_s * 1000;
    signet_text_copy(job->client.user_agent, SIGNET_MAX_USER_AGENT_LEN, session->user_agent);
    signet_text_copy(job->client.ip, SIGNET_MAX_IP_LEN, session->ip);
    signet_text_copy(job->client.label, SIGNET_MAX_LABEL_LEN, session->label);
}

bool signet_session_is_alive(const signet_session *session, int64_t now_ms)
{
    return session->revoked_at_ms == 0 && session->expires_at_ms > now_ms && session->ends_at_ms > now_ms;
}

signet_status signet_session_verdict(const signet_session *session, int64_t now_ms, signet_error *err)
{
    if (session->revoked_at_ms)
        return signet_fail(err, SIGNET_ERR_SESSION_REVOKED, NULL);
    return signet_session_is_alive(session, now_ms) ? SIGNET_OK : signet_fail(err, SIGNET_ERR_SESSION_EXPIRED, NULL);
}

signet_status signet_end_session(signet_batch *batch, const char *session_id, const char *user_id, const char *reason,
                                 int64_t now_ms, signet_record *after, bool *ended, signet_error *err)
{
    signet_status status =
        batch->store->ops->revoke(batch->store, session_id, user_id, reason, now_ms, after, ended, err);
    if (status == SIGNET_OK && *ended)
        batch->wrote = true;
    return status;
}

signet_status signet_end_another(signet_batch *batch, signet_job *job, const signet_session *session,
                                 const char *reason, signet_record *after, bool *ended)
{
    signet_session *larger = realloc(job->sessions, (job->sessions_n + 1) * sizeof *larger);
    if (!larger)
        return signet_fail(&job->error, SIGNET_ERR_MEMORY, NULL);
    job->sessions = larger;
    signet_status status =
        signet_end_session(batch, session->id, session->user_id, reason, job->now_ms, after, ended, &job->error);
    if (status == SIGNET_OK && *ended && strcmp(session->id, job->session.id) != 0)
        job->sessions[job->sessions_n++] = after->session;
    return status;
}

/* Ends those of the list but one. `*left`: how many there were. */
static signet_status end_listed(signet_batch *batch, signet_job *job, const signet_session *list, size_t list_n,
                                const char *except, const char *reason, size_t *left)
{
    signet_record after;
    *left = 0;
    for (size_t i = 0; i < list_n; i++) {
        bool ended = false;
        if (except && strcmp(list[i].id, except) == 0)
            continue;
        ++*left;
        signet_status status = signet_end_another(batch, job, &list[i], reason, &after, &ended);
        if (status != SIGNET_OK)
            return status;
        job->count += ended;
    }
    return SIGNET_OK;
}

static signet_status end_round(signet_batch *batch, signet_job *job, const char *user_id, const char *except,
                               const char *reason, size_t *left)
{
    signet_session *list = NULL;
    size_t list_n = 0;
    signet_status status = batch->store->ops->list(batch->store, user_id, job->now_ms, &list, &list_n, &job->error);
    if (status == SIGNET_OK)
        status = end_listed(batch, job, list, list_n, except, reason, left);
    free(list);
    return status;
}

signet_status signet_end_all(signet_batch *batch, signet_job *job, const char *user_id, const char *except,
                             const char *reason)
{
    size_t left = 1;
    /* The note first: a login that began before it and inserts after the list will find it. It tells when the app
     * asked, not when the queue came to it: a login that began in between was checked against what the app had
     * changed by then. */
    const int64_t asked_ms = job->since_ms ? job->since_ms : job->now_ms;
    signet_status status = batch->store->ops->note_revoke_all(batch->store, user_id, asked_ms, &job->error);
    if (status != SIGNET_OK)
        return status;
    batch->wrote = true;
    status = signet_adopt_forget_user(batch, job, user_id);
    for (int round = 0; round < MAX_ROUNDS && status == SIGNET_OK && left > 0; round++)
        status = end_round(batch, job, user_id, except, reason, &left);
    if (status == SIGNET_OK && left > 0)
        return signet_fail_detail(&job->error, SIGNET_ERR_STORE_TIMEOUT, NULL,
                                  "new sessions of the user keep appearing: try again");
    return status;
}
