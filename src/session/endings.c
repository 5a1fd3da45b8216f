/* endings.c: how sessions end. */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "session/batch.h"

/* The user may log in while the sessions are being ended; the next round ends those new sessions. */
#define MAX_ROUNDS 8

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

/* Ends the sessions of the list, except `except`. `*left`: how many those were. */
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
    /* The note comes first, so that a login which inserts its session after the list was read finds it. The note has
     * the time at which the app called, not the time at which this job runs: a login in between began after the call,
     * so it was checked against the password that the app had already changed. */
    const signet_revoke_note note = {
        .at_ms = job->since_ms ? job->since_ms : job->now_ms,
        .error_ms = job->clock_error_ms,
        .process = job->stamp ? job->process : 0,
        .stamp = job->process ? job->stamp : 0,
    };
    signet_status status = batch->store->ops->note_revoke_all(batch->store, user_id, &note, &job->error);
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
