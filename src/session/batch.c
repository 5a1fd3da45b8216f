/*
 * batch.c: runs jobs in batches. If the store has transactions, a batch is one: its jobs run in order, each sees what
 * the jobs before it wrote, and none is answered before the commit.
 */
#include "session/batch.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "session/tokens.h"

typedef struct job_row {
    signet_status (*run)(signet_batch *batch, signet_job *job);
    bool writes;
    bool alone; /* outside any transaction */
} job_row;

static const job_row jobs_table[] = {
    [SIGNET_JOB_LOGIN] = {signet_job_login, true, false},
    [SIGNET_JOB_ROTATE] = {signet_job_rotate, true, false},
    [SIGNET_JOB_LOGOUT] = {signet_job_logout, true, false},
    [SIGNET_JOB_REVOKE] = {signet_job_revoke, true, false},
    [SIGNET_JOB_REVOKE_ALL] = {signet_job_revoke_all, true, false},
    [SIGNET_JOB_LIST] = {signet_job_list, false, false},
    [SIGNET_JOB_READ] = {signet_job_read, false, false},
    [SIGNET_JOB_PURGE] = {signet_job_purge, true, false},
    [SIGNET_JOB_PING] = {signet_job_ping, true, false},
    [SIGNET_JOB_BACKUP] = {signet_job_backup, false, true},
    [SIGNET_JOB_RESTORE] = {signet_job_restore, true, true},
};

static const job_row *row_of(const signet_job *job)
{
    return (unsigned)job->kind < sizeof jobs_table / sizeof jobs_table[0] ? &jobs_table[job->kind] : NULL;
}

/* ------------------------------------------------------------------ results */

static void drop_results(signet_job *job)
{
    signet_session_token_free(job->access_token);
    signet_session_token_free(job->refresh_token);
    free(job->sessions);
    job->access_token = job->refresh_token = NULL;
    job->sessions = NULL;
    job->sessions_n = 0;
    job->event = SIGNET_EVENT_NONE;
    job->reason = NULL;
    job->user_agent_changed = job->is_late = job->is_keyed = false;
    job->retry_after_s = 0;
    job->access_expires_in_s = job->refresh_expires_in_s = 0;
    job->count = 0;
    memset(&job->session, 0, sizeof job->session);
}

void signet_job_clear(signet_job *job)
{
    if (job)
        drop_results(job);
}

/* The batch failed: the job gets the batch's error, and its results and event are dropped. */
static void fail_with(signet_job *job, signet_status status, const signet_error *cause)
{
    drop_results(job);
    job->status = status;
    job->error = *cause;
    job->error.status = status;
}

/* Such a job failed before it reached the store: its error stays, whatever happens to the batch. */
static bool is_callers_fault(signet_status status)
{
    return status == SIGNET_ERR_OPTION || status == SIGNET_ERR_BODY || status == SIGNET_ERR_CRYPTO;
}

/* ------------------------------------------------------------------ one job */

/* A later step of a job failed with "nothing has changed". Earlier steps did write, so the outcome is unknown. */
static signet_status as_unknown(signet_job *job)
{
    job->error.status = SIGNET_ERR_STORE_TIMEOUT;
    return SIGNET_ERR_STORE_TIMEOUT;
}

/* Returns whether the job wrote. */
static bool run_job(signet_batch *batch, signet_job *job)
{
    const job_row *row = row_of(job);
    batch->auth = job->auth ? job->auth : batch->given_auth;
    batch->wrote = batch->counted = false;
    memset(&job->error, 0, sizeof job->error);
    drop_results(job);
    if (!row)
        job->status = signet_fail(&job->error, SIGNET_ERR_OPTION, "kind");
    else if (job->now_ms <= 0)
        job->status =
            signet_fail_detail(&job->error, SIGNET_ERR_OPTION, "now", "now must give milliseconds since 1970");
    else
        job->status = row->run(batch, job);
    if (job->refresh_token)
        job->refresh_expires_in_s = (job->session.expires_at_ms - job->now_ms + 999) / 1000;
    if (job->status == SIGNET_ERR_STORE_UNAVAILABLE && batch->wrote)
        job->status = as_unknown(job);
    return batch->wrote || batch->counted;
}

/* ------------------------------------------------------------------ a batch */

static void fail_all(signet_job *const *jobs, size_t jobs_n, signet_status status, const signet_error *cause)
{
    for (size_t i = 0; i < jobs_n; i++)
        fail_with(jobs[i], status, cause);
}

/* The store rolled the whole batch back: nothing has changed. */
static void fail_rolled_back(signet_job *const *jobs, size_t jobs_n, const signet_error *cause)
{
    for (size_t i = 0; i < jobs_n; i++)
        if (!is_callers_fault(jobs[i]->status))
            fail_with(jobs[i], SIGNET_ERR_STORE_UNAVAILABLE, cause);
}

/* The writes may be durable or not. Jobs that only read may have seen writes that were then lost. */
static void fail_unknown(signet_job *const *jobs, const bool *wrote, size_t jobs_n, const signet_error *cause)
{
    for (size_t i = 0; i < jobs_n; i++)
        if (!is_callers_fault(jobs[i]->status))
            fail_with(jobs[i], wrote[i] ? SIGNET_ERR_STORE_TIMEOUT : SIGNET_ERR_STORE_UNAVAILABLE, cause);
}

#define MAX_BATCH 256

/* Runs jobs in one transaction. Returns how many of them have their status: all, or those up to the job during which
 * the store rolled back. */
static size_t run_transaction(signet_batch *batch, signet_job *const *jobs, size_t jobs_n, int64_t timeout_ms)
{
    signet_store *const store = batch->store;
    bool wrote[MAX_BATCH];
    signet_error cause;
    signet_status status = store->ops->batch_begin(store, timeout_ms, &cause);
    if (status != SIGNET_OK) {
        fail_all(jobs, jobs_n, status, &cause);
        return jobs_n;
    }
    for (size_t i = 0; i < jobs_n; i++) {
        batch->random->jobs_n = jobs_n - i;
        wrote[i] = run_job(batch, jobs[i]);
        if (jobs[i]->status != SIGNET_OK && !store->ops->batch_stands(store)) {
            cause = jobs[i]->error;
            fail_rolled_back(jobs, i, &cause);
            fail_with(jobs[i], cause.status, &cause);
            return i + 1;
        }
    }
    status = store->ops->batch_commit(store, &cause);
    if (status == SIGNET_ERR_STORE_UNAVAILABLE)
        fail_rolled_back(jobs, jobs_n, &cause);
    else if (status != SIGNET_OK)
        fail_unknown(jobs, wrote, jobs_n, &cause);
    return jobs_n;
}

static void run_each(signet_batch *batch, signet_job *const *jobs, size_t jobs_n)
{
    signet_error cause;
    signet_status status = batch->store->ops->check ? batch->store->ops->check(batch->store, &cause) : SIGNET_OK;
    if (status != SIGNET_OK)
        fail_all(jobs, jobs_n, status, &cause);
    batch->random->jobs_n = 1;
    for (size_t i = 0; i < jobs_n && status == SIGNET_OK; i++)
        (void)run_job(batch, jobs[i]);
}

/* How many of the first jobs can run together, and whether they need a transaction. */
static size_t next_part(const signet_store *store, signet_job *const *jobs, size_t jobs_n, bool *transaction)
{
    size_t n = 0;
    *transaction = false;
    for (; n < jobs_n && n < MAX_BATCH && n < store->ops->max_batch; n++) {
        const job_row *row = row_of(jobs[n]);
        if (row && row->alone)
            return n ? n : 1;
        *transaction = *transaction || (row && row->writes);
    }
    return n;
}

void signet_session_run(const signet_auth *auth, signet_store *store, signet_scratch *scratch, signet_job *const *jobs,
                        size_t jobs_n, int64_t timeout_ms)
{
    signet_random_stock random;
    signet_batch batch = {.given_auth = auth, .store = store, .scratch = scratch, .random = &random};
    bool transaction;
    signet_random_stock_init(&random);
    while (jobs_n > 0) {
        size_t n = next_part(store, jobs, jobs_n, &transaction);
        if (transaction && store->ops->batch_begin)
            n = run_transaction(&batch, jobs, n, timeout_ms);
        else
            run_each(&batch, jobs, n);
        jobs += n;
        jobs_n -= n;
    }
    signet_random_stock_clear(&random);
}

/* ------------------------------------------------------------------ a rotation in one call */

signet_status signet_rotate_refresh(const signet_auth *auth, signet_store *store, signet_scratch *scratch,
                                    const char *jwt, size_t jwt_len, int64_t timeout_ms, signet_job *job)
{
    signet_refresh_token token;
    signet_job *const jobs[] = {job};
    job->kind = SIGNET_JOB_ROTATE;
    memset(&job->error, 0, sizeof job->error);
    job->status = signet_refresh_open(auth, scratch, jwt, jwt_len, NULL, job->now_ms,
                                      job->clock_is_unsure ? SIGNET_REFRESH_UNSURE : 0, &token, &job->error);
    if (job->status != SIGNET_OK)
        return job->status;
    job->presented = &token;
    job->presented_jwt = (signet_text){jwt, jwt_len};
    signet_session_run(auth, store, scratch, jobs, 1, timeout_ms);
    job->presented = NULL;
    job->presented_jwt = (signet_text){NULL, 0};
    return job->status;
}
