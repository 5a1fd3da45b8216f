/*
 * sessions.c: a login, a rotation of its refresh token, and a thief who comes too late with the old one. Sessions are
 * kept in an SQLite file.
 *   ACCESS_SECRET=$(openssl rand -base64 32) REFRESH_SECRET=$(openssl rand -base64 32) ./sessions sessions.db
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <signet.h>

#define TIMEOUT_MS 2000

typedef struct app {
    signet_auth *auth;
    signet_store *store;
    signet_scratch *scratch;
    int64_t now_ms;
} app;

static signet_text text_of(const char *string)
{
    return (signet_text){string, string ? strlen(string) : 0};
}

static signet_status open_app(app *app, const char *place, signet_error *err)
{
    const signet_text access_secret = text_of(getenv("ACCESS_SECRET")),
                      refresh_secret = text_of(getenv("REFRESH_SECRET"));
    const signet_auth_config config = {.access_secrets = &access_secret,
                                       .access_secrets_n = 1,
                                       .refresh_secrets = &refresh_secret,
                                       .refresh_secrets_n = 1,
                                       .access_expires_in_s = 15 * 60,
                                       .refresh_expires_in_s = 7 * 86400,
                                       .session_expires_in_s = 30 * 86400,
                                       .grace_period_ms = 10000};
    const signet_store_options options = {.place = place, .timeout_ms = TIMEOUT_MS};
    signet_status status = signet_auth_new(&config, &app->auth, err);
    if (status == SIGNET_OK)
        status = signet_store_open(&options, &app->store, err);
    if (status == SIGNET_OK && !(app->scratch = signet_scratch_new()))
        status = SIGNET_ERR_MEMORY;
    return status;
}

static void close_app(app *app)
{
    signet_scratch_free(app->scratch);
    signet_store_close(app->store);
    signet_auth_free(app->auth);
}

static signet_status log_in(app *app, const char *user, signet_job *job)
{
    *job = (signet_job){.kind = SIGNET_JOB_LOGIN, .now_ms = app->now_ms, .user_id = text_of(user)};
    job->claims = text_of("{\"isAdmin\":true}"); /* of the access token */
    signet_session_run(app->auth, app->store, app->scratch, &job, 1, TIMEOUT_MS);
    return job->status;
}

static signet_status rotate(app *app, const char *refresh_token, signet_job *job)
{
    *job = (signet_job){.kind = SIGNET_JOB_ROTATE, .now_ms = app->now_ms};
    return signet_rotate_refresh(app->auth, app->store, app->scratch, refresh_token, strlen(refresh_token), TIMEOUT_MS,
                                 job);
}

static bool is_logged_in(app *app, const char *access_token)
{
    signet_token token;
    return signet_access_verify(app->auth, app->scratch, access_token, strlen(access_token), (double)app->now_ms / 1000,
                                &token, NULL) == SIGNET_OK;
}

static signet_status run(app *app)
{
    signet_job login, rotation, theft, after;
    memset(&rotation, 0, sizeof rotation);
    memset(&theft, 0, sizeof theft);
    memset(&after, 0, sizeof after);
    signet_status status = log_in(app, "alice", &login);
    if (status == SIGNET_OK) {
        app->now_ms += 15 * 60 * 1000;
        printf("access token after 15 minutes: %s\n", is_logged_in(app, login.access_token) ? "valid" : "expired");
        status = rotate(app, login.refresh_token, &rotation);
    }
    if (status == SIGNET_OK) {
        printf("rotated, new access token: %s\n", is_logged_in(app, rotation.access_token) ? "valid" : "expired");
        app->now_ms += 60 * 1000; /* long after the grace period for lost answers */
        printf("the old refresh token: %s\n", signet_status_code(rotate(app, login.refresh_token, &theft)));
        printf("the session: %s\n", signet_status_code(rotate(app, rotation.refresh_token, &after)));
    }
    signet_job_clear(&login);
    signet_job_clear(&rotation);
    signet_job_clear(&theft);
    signet_job_clear(&after);
    return status;
}

int main(int argc, char **argv)
{
    app app = {.now_ms = (int64_t)time(NULL) * 1000};
    signet_error err = {.status = SIGNET_OK};
    signet_status status = open_app(&app, argc > 1 ? argv[1] : ":memory:", &err);
    if (status != SIGNET_OK)
        fprintf(stderr, "%s: %s\n", signet_status_code(status), *err.detail ? err.detail : signet_status_text(status));
    else
        status = run(&app);
    close_app(&app);
    return status == SIGNET_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
