/* batch.h: what the jobs share, and how sessions begin and end. Private to src/session. */
#ifndef SIGNET_SESSION_BATCH_H
#define SIGNET_SESSION_BATCH_H

#include "session/auth.h"
#include "session/random_stock.h"
#include "session/store.h"

/* Passed to every job. `wrote`: the current job has changed something in the store. `counted`: it has only counted a
 * retry. */
typedef struct signet_batch {
    const signet_auth *auth;       /* the job's, for as long as it runs */
    const signet_auth *given_auth; /* of jobs that have none of their own */
    signet_store *store;
    signet_scratch *scratch;
    signet_random_stock *random;
    bool wrote, counted;
} signet_batch;

/* Each fills in the job's results and returns its status; on failure it fills in job->error. */
SIGNET_MUST_CHECK signet_status signet_job_rotate(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_login(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_logout(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_revoke(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_revoke_all(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_list(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_read(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_purge(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_ping(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_backup(signet_batch *batch, signet_job *job);
SIGNET_MUST_CHECK signet_status signet_job_restore(signet_batch *batch, signet_job *job);

/* ------------------------------------------------------------------ endings.c */

/* Ends one session: `*ended` tells whether this call did, `*after` is then its record. */
SIGNET_MUST_CHECK signet_status signet_end_session(signet_batch *batch, const char *session_id, const char *user_id,
                                                   const char *reason, int64_t now_ms, signet_record *after,
                                                   bool *ended, signet_error *err);

/* Records the time of the call (note_revoke_all), then ends the user's live sessions, except `except` (NULL: all),
 * until the list shows none. The ended ones are in job->sessions, their number in job->count. */
SIGNET_MUST_CHECK signet_status signet_end_all(signet_batch *batch, signet_job *job, const char *user_id,
                                               const char *except, const char *reason);

/* signet_end_session for one session of a list, appended to job->sessions unless it is the job's own. Allocates before
 * it ends the session, so that no session ends without being reported. */
SIGNET_MUST_CHECK signet_status signet_end_another(signet_batch *batch, signet_job *job, const signet_session *session,
                                                   const char *reason, signet_record *after, bool *ended);

/* ------------------------------------------------------------------ lifetime.c */

/* Whether the record says that the session is alive at `now_ms`. */
bool signet_session_is_alive(const signet_session *session, int64_t now_ms);

/* SIGNET_OK for a live session, else the error that says why it is not. */
SIGNET_MUST_CHECK signet_status signet_session_verdict(const signet_session *session, const signet_job *job,
                                                       signet_error *err);

/* The times of the tokens that are issued now: `exp_s` is the idle limit, `end_s` the absolute one. In whole seconds,
 * so that token and record agree. */
typedef struct signet_lifetime {
    int64_t iat_s, exp_s, end_s;
    int64_t access_exp_s;
} signet_lifetime;
signet_lifetime signet_lifetime_at(const signet_auth *auth, int64_t now_ms, int64_t idle_s, int64_t end_s);

/* Sets the times and the client of a session that begins with this job. */
void signet_session_begin(signet_session *session, const signet_job *job, const signet_lifetime *life);

/* ------------------------------------------------------------------ adopt.c */

/* Rotates a legacy token, which has no session yet: inserts `record`, in which the caller has set the hashes and the
 * seed, and removes the token's row. `*matched` false: there is no such row, or it was adopted before. */
SIGNET_MUST_CHECK signet_status signet_adopt(signet_batch *batch, signet_job *job, const signet_lifetime *life,
                                             signet_record *record, bool *matched);

/* Removes the row of the presented token, if it was not adopted yet. */
SIGNET_MUST_CHECK signet_status signet_adopt_logout(signet_batch *batch, signet_job *job);

/* Removes all legacy rows of the user. */
SIGNET_MUST_CHECK signet_status signet_adopt_forget_user(signet_batch *batch, signet_job *job, const char *user_id);

#endif
