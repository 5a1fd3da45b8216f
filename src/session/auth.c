/* auth.c: checks and copies one app's secrets and limits. */
#include "session/auth.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "session/json_out.h"

#define MAX_GRACE_MS 120000
#define MAX_TOLERANCE_S 60

/* ------------------------------------------------------------------ checks */

typedef struct limit_row {
    const char *field;
    int64_t value, min, max;
    const char *words;
} limit_row;

static signet_status check_limits(const signet_auth_config *config, signet_error *err)
{
    const limit_row rows[] = {
        {"accessExpiresIn", config->access_ttl_s, 1, SIGNET_MAX_TTL_S, "1 second to 100 years"},
        {"refreshExpiresIn", config->refresh_ttl_s, 1, SIGNET_MAX_TTL_S, "1 second to 100 years"},
        {"sessionExpiresIn", config->session_ttl_s, 1, SIGNET_MAX_TTL_S, "1 second to 100 years"},
        {"gracePeriod", config->grace_ms, 0, MAX_GRACE_MS, "0 to 120 seconds"},
        {"clockTolerance", config->clock_tolerance_s, 0, MAX_TOLERANCE_S, "0 to 60 seconds"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value < rows[i].min || rows[i].value > rows[i].max)
            return signet_fail_detail(err, SIGNET_ERR_OPTION, rows[i].field, "%s must be %s", rows[i].field,
                                      rows[i].words);
    return SIGNET_OK;
}

static bool is_name(signet_text text)
{
    return text.ptr && text.len > 0 && text.len <= 1024 && signet_utf8_valid(text.ptr, text.len);
}

static signet_status check_names(const signet_auth_config *config, signet_error *err)
{
    if (config->issuer.ptr && !is_name(config->issuer))
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "issuer", "issuer must be a string of 1 to 1024 bytes");
    for (size_t i = 0; i < config->audiences_n; i++)
        if (!is_name(config->audiences[i]))
            return signet_fail_detail(err, SIGNET_ERR_OPTION, "audience",
                                      "audience must be a string of 1 to 1024 bytes, or several");
    return SIGNET_OK;
}

static signet_secret_texts access_texts(const signet_auth_config *config)
{
    return (signet_secret_texts){config->access_secrets, config->access_secrets_n, config->access_revoked_n,
                                 "accessSecret"};
}

static signet_secret_texts refresh_texts(const signet_auth_config *config)
{
    return (signet_secret_texts){config->refresh_secrets, config->refresh_secrets_n, config->refresh_revoked_n,
                                 "refreshSecret"};
}

/* `before`: the auth whose secrets are kept where the configuration gives none; NULL: it must give them. */
static signet_status check(const signet_auth_config *config, const signet_auth *before, signet_error *err)
{
    const signet_secret_texts access = access_texts(config), refresh = refresh_texts(config);
    signet_status status = before && !access.texts ? SIGNET_OK : signet_secrets_check(&access, err);
    if (status == SIGNET_OK && !(before && !refresh.texts))
        status = signet_secrets_check(&refresh, err);
    if (status == SIGNET_OK)
        status = check_limits(config, err);
    return status == SIGNET_OK ? check_names(config, err) : status;
}

/* ------------------------------------------------------------------ copies */

static bool copy_text(signet_text text, signet_text *copy)
{
    if (!text.ptr)
        return true;
    char *bytes = malloc(text.len + 1);
    if (!bytes)
        return false;
    memcpy(bytes, text.ptr, text.len);
    bytes[text.len] = 0;
    *copy = (signet_text){bytes, text.len};
    return true;
}

static void free_text(signet_text text)
{
    free((char *)(uintptr_t)text.ptr);
}

/* Secrets that `before` has are shared with it, and so are those of a kind that the configuration does not give. */
static signet_status take_secrets(signet_auth *auth, const signet_auth_config *config, const signet_auth *before,
                                  signet_error *err)
{
    const signet_secret_texts access = access_texts(config), refresh = refresh_texts(config);
    signet_status status = signet_secret_list_init(&auth->access, &access, &before->access, err);
    if (status == SIGNET_OK)
        status = signet_secret_list_init(&auth->refresh, &refresh, &before->refresh, err);
    for (size_t i = 0; status == SIGNET_OK && i < auth->refresh.n; i++)
        if (signet_secret_list_find(&auth->access, auth->refresh.at[i]->kid))
            status = signet_fail_detail(err, SIGNET_ERR_SECRET, "refreshSecret",
                                        "refreshSecret is equal to accessSecret: each kind of token needs its own");
    /* A tutorial's secret may be short and well known: it signs nothing here, and the row in the store must be there
     * too. */
    if (status == SIGNET_OK && config->legacy_secret.ptr)
        status = signet_secret_new(config->legacy_secret, "legacy.secret", &auth->legacy_secret, err);
    return status;
}

static signet_status copy_names(signet_auth *auth, const signet_auth_config *config, signet_error *err)
{
    if (config->audiences_n) {
        auth->audiences = calloc(config->audiences_n, sizeof *auth->audiences);
        if (!auth->audiences)
            return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
        auth->audiences_n = config->audiences_n;
    }
    const signet_text claim = config->legacy_user_claim.ptr ? config->legacy_user_claim : (signet_text){"id", 2};
    bool copied = copy_text(config->issuer, &auth->issuer) && copy_text(claim, &auth->legacy_user_claim);
    for (size_t i = 0; i < auth->audiences_n; i++)
        copied = copied && copy_text(config->audiences[i], &auth->audiences[i]);
    return copied ? SIGNET_OK : signet_fail(err, SIGNET_ERR_MEMORY, NULL);
}

/* RFC 7519 section 4.1.3: one audience is a string, more are an array. */
static void write_audiences(const signet_auth *auth, signet_json_out *out)
{
    const bool is_array = auth->audiences_n > 1;
    signet_json_out_raw(out, is_array ? (signet_text){",\"aud\":[", 8} : (signet_text){",\"aud\":", 7});
    for (size_t i = 0; i < auth->audiences_n; i++) {
        if (i)
            signet_json_out_raw(out, (signet_text){",", 1});
        signet_json_out_quoted(out, auth->audiences[i]);
    }
    if (is_array)
        signet_json_out_raw(out, (signet_text){"]", 1});
}

/* Prepares the JSON of `iss` and `aud`, which is the same in every token. */
static signet_status write_registered(signet_auth *auth, signet_error *err)
{
    signet_json_out out;
    size_t max_len = 32 + signet_json_quoted_max(auth->issuer.len);
    for (size_t i = 0; i < auth->audiences_n; i++)
        max_len += 1 + signet_json_quoted_max(auth->audiences[i].len);
    if (!signet_json_out_init(&out, max_len))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (auth->issuer.ptr) {
        signet_json_out_raw(&out, (signet_text){",\"iss\":", 7});
        signet_json_out_quoted(&out, auth->issuer);
    }
    if (auth->audiences_n)
        write_audiences(auth, &out);
    auth->registered = (signet_text){out.ptr, out.len};
    return SIGNET_OK;
}

static void copy_limits(signet_auth *auth, const signet_auth_config *config)
{
    auth->access_ttl_s = config->access_ttl_s;
    auth->refresh_ttl_s = config->refresh_ttl_s;
    auth->session_ttl_s = config->session_ttl_s;
    auth->grace_ms = config->grace_ms;
    auth->clock_tolerance_s = config->clock_tolerance_s;
    auth->max_sessions_per_user = config->max_sessions_per_user;
    auth->revoke_user_on_reuse = config->revoke_user_on_reuse;
    auth->revoke_on_suspect = config->revoke_on_suspect;
    auth->legacy_until_ms = config->legacy_until_ms;
    auth->refresh_loaded_s = config->now_ms / 1000;
}

/* ------------------------------------------------------------------ new, free */

static signet_status make(const signet_auth_config *config, const signet_auth *before, signet_auth **auth,
                          signet_error *err)
{
    signet_auth *made = calloc(1, sizeof *made);
    if (!made)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    copy_limits(made, config);
    signet_status status = take_secrets(made, config, before, err);
    if (status == SIGNET_OK)
        status = copy_names(made, config, err);
    if (status == SIGNET_OK)
        status = write_registered(made, err);
    if (status == SIGNET_OK)
        *auth = made;
    else
        signet_auth_free(made);
    return status;
}

signet_status signet_auth_new(const signet_auth_config *config, signet_auth **auth, signet_error *err)
{
    static const signet_auth nothing;
    const signet_status status = check(config, NULL, err);
    return status == SIGNET_OK ? make(config, &nothing, auth, err) : status;
}

/* Everything but the secrets, as `auth` has it. */
static signet_auth_config config_of(const signet_auth *auth)
{
    return (signet_auth_config){
        .access_ttl_s = auth->access_ttl_s,
        .refresh_ttl_s = auth->refresh_ttl_s,
        .session_ttl_s = auth->session_ttl_s,
        .grace_ms = auth->grace_ms,
        .clock_tolerance_s = auth->clock_tolerance_s,
        .max_sessions_per_user = auth->max_sessions_per_user,
        .issuer = auth->issuer,
        .audiences = auth->audiences,
        .audiences_n = auth->audiences_n,
        .revoke_user_on_reuse = auth->revoke_user_on_reuse,
        .revoke_on_suspect = auth->revoke_on_suspect,
        .legacy_until_ms = auth->legacy_until_ms,
        .legacy_user_claim = auth->legacy_user_claim,
    };
}

static signet_status check_change(const signet_auth *before, const signet_auth *after, int64_t now_ms,
                                  signet_error *err)
{
    const signet_status status =
        signet_secret_list_check_change(&before->access, &after->access, "accessSecret", now_ms, err);
    return status == SIGNET_OK
               ? signet_secret_list_check_change(&before->refresh, &after->refresh, "refreshSecret", now_ms, err)
               : status;
}

signet_status signet_auth_with_secrets(const signet_auth *auth, const signet_secrets_change *change,
                                       signet_auth **changed, signet_error *err)
{
    signet_auth *made = NULL;
    signet_auth_config config = config_of(auth);
    config.access_secrets = change->access_secrets;
    config.access_secrets_n = change->access_secrets_n;
    config.refresh_secrets = change->refresh_secrets;
    config.refresh_secrets_n = change->refresh_secrets_n;
    config.access_revoked_n = change->access_revoked_n;
    config.refresh_revoked_n = change->refresh_revoked_n;
    signet_status status = check(&config, auth, err);
    if (status == SIGNET_OK)
        status = make(&config, auth, &made, err);
    if (status != SIGNET_OK)
        return status;
    if (!change->force && (status = check_change(auth, made, change->now_ms, err)) != SIGNET_OK) {
        signet_auth_free(made);
        return status;
    }
    const bool is_same = made->refresh.n == auth->refresh.n && !signet_secret_list_adds(&auth->refresh, &made->refresh);
    made->refresh_loaded_s = is_same ? auth->refresh_loaded_s : change->now_ms / 1000;
    made->legacy_secret = signet_secret_ref(auth->legacy_secret);
    *changed = made;
    return SIGNET_OK;
}

void signet_auth_free(signet_auth *auth)
{
    if (!auth)
        return;
    signet_secret_list_clear(&auth->access);
    signet_secret_list_clear(&auth->refresh);
    signet_secret_free(auth->legacy_secret);
    for (size_t i = 0; i < auth->audiences_n; i++)
        free_text(auth->audiences[i]);
    free(auth->audiences);
    free_text(auth->issuer);
    free_text(auth->legacy_user_claim);
    free_text(auth->registered);
    free(auth);
}
