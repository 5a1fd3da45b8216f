/* lifetime.c: how long a session lives, and whether it is alive. */
#include "core/fail.h"
#include "session/batch.h"
#include "session/limits.h"

signet_lifetime signet_lifetime_at(const signet_auth *auth, int64_t now_ms, int64_t idle_s, int64_t end_s)
{
    signet_lifetime life = {.iat_s = now_ms / 1000, .end_s = end_s};
    life.exp_s = life.iat_s + (idle_s ? idle_s : auth->config.refresh_expires_in_s);
    life.access_exp_s = life.iat_s + auth->config.access_expires_in_s;
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

signet_status signet_session_verdict(const signet_session *session, const signet_job *job, signet_error *err)
{
    if (session->revoked_at_ms)
        return signet_fail(err, SIGNET_ERR_SESSION_REVOKED, NULL);
    if (signet_session_is_alive(session, job->now_ms))
        return SIGNET_OK;
    return signet_fail(err, job->clock_is_unsure ? SIGNET_ERR_CLOCK_UNSURE : SIGNET_ERR_SESSION_EXPIRED, NULL);
}
