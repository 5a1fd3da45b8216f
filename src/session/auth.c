/* auth.c: checks and copies one app's secrets and limits. */
#include "session/auth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "session/json_out.h"

/* ------------------------------------------------------------------ checks */

static signet_status check_number(int64_t value, const char *name, const char *unit, int64_t least, int64_t most,
                                  signet_error *err)
{
    if (value >= least && value <= most)
        return SIGNET_OK;
    return signet_fail_detail(err, SIGNET_ERR_OPTION, name, "%s must be %" PRId64 " to %" PRId64 "%s", name, least,
                              most, unit);
}

static signet_status check_seconds(const int64_t *value, const char *name, int64_t least, int64_t most,
                                   signet_error *err)
{
    return check_number(*value, name, " s", least, most, err);
}

static signet_status check_milliseconds(const int64_t *value, const char *name, int64_t least, int64_t most,
                                        signet_error *err)
{
    return check_number(*value, name, " ms", least, most, err);
}

static signet_status check_count(const unsigned *value, const char *name, int64_t least, int64_t most,
                                 signet_error *err)
{
    return check_number(*value, name, "", least, most, err);
}

static signet_status check_text(const signet_text *text, const char *name, size_t least, size_t most, signet_error *err)
{
    if (!text->ptr || (text->len >= least && text->len <= most && signet_utf8_valid(text->ptr, text->len)))
        return SIGNET_OK;
    return signet_fail_detail(err, SIGNET_ERR_OPTION, name, "%s must be a string of %zu to %zu bytes", name, least,
                              most);
}

static signet_status check_texts(const signet_texts *texts, const char *name, size_t least, size_t most,
                                 signet_error *err)
{
    signet_status status = SIGNET_OK;
    for (size_t i = 0; i < texts->n && status == SIGNET_OK; i++) {
        const signet_text text = texts->at[i].ptr ? texts->at[i] : (signet_text){"", 0};
        status = check_text(&text, name, least, most, err);
    }
    return status;
}

static signet_status check_word(const unsigned *word, const char *name, const char *words, unsigned last,
                                signet_error *err)
{
    return *word <= last ? SIGNET_OK
                         : signet_fail_detail(err, SIGNET_ERR_OPTION, name, "%s must be one of: %s", name, words);
}

static signet_status check_options(const signet_auth_config *config, signet_error *err)
{
    signet_status status = SIGNET_OK;
#define X(member, name, kind, ...)                                                                                     \
    if (status == SIGNET_OK)                                                                                           \
        status = check_##kind(&config->member, name, __VA_ARGS__, err);
    SIGNET_AUTH_OPTION_TABLE(X)
#undef X
    return status;
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
    return status == SIGNET_OK ? check_options(config, err) : status;
}

/* ------------------------------------------------------------------ copies */

/* Each sets `*copy` to memory of its own, or, without memory, to nothing. */
static bool copy_text(const signet_text *text, signet_text *copy)
{
    char *const bytes = text->ptr ? malloc(text->len + 1) : NULL;
    *copy = (signet_text){bytes, bytes ? text->len : 0};
    if (!bytes)
        return !text->ptr;
    memcpy(bytes, text->ptr, text->len);
    bytes[text->len] = 0;
    return true;
}

static bool copy_texts(const signet_texts *texts, signet_texts *copy)
{
    signet_text *const at = texts->n ? calloc(texts->n, sizeof *at) : NULL;
    bool copied = true;
    *copy = (signet_texts){at, at ? texts->n : 0};
    if (!at)
        return texts->n == 0;
    for (size_t i = 0; i < texts->n; i++)
        copied = copy_text(&texts->at[i], &at[i]) && copied;
    return copied;
}

#define COPY_VALUE(value, copy) (*(copy) = *(value), true)
#define copy_seconds COPY_VALUE
#define copy_milliseconds COPY_VALUE
#define copy_count COPY_VALUE
#define copy_word COPY_VALUE

static signet_status copy_options(const signet_auth_config *config, signet_auth_config *copy, signet_error *err)
{
    bool copied = true;
#define X(member, name, kind, ...) copied = copy_##kind(&config->member, &copy->member) && copied;
    SIGNET_AUTH_OPTION_TABLE(X)
#undef X
    return copied ? SIGNET_OK : signet_fail(err, SIGNET_ERR_MEMORY, NULL);
}

static void free_text(const signet_text *text)
{
    free((char *)(uintptr_t)text->ptr);
}

static void free_texts(const signet_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free_text(&texts->at[i]);
    free((signet_text *)(uintptr_t)texts->at);
}

#define free_seconds(value) (void)0
#define free_milliseconds(value) (void)0
#define free_count(value) (void)0
#define free_word(value) (void)0

static void free_options(const signet_auth_config *config)
{
#define X(member, name, kind, ...) free_##kind(&config->member);
    SIGNET_AUTH_OPTION_TABLE(X)
#undef X
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

/* RFC 7519 section 4.1.3: one audience is a string, more are an array. */
static void write_audience(signet_texts audience, signet_json_out *out)
{
    const bool is_array = audience.n > 1;
    signet_json_out_raw(out, is_array ? (signet_text){",\"aud\":[", 8} : (signet_text){",\"aud\":", 7});
    for (size_t i = 0; i < audience.n; i++) {
        if (i)
            signet_json_out_raw(out, (signet_text){",", 1});
        signet_json_out_quoted(out, audience.at[i]);
    }
    if (is_array)
        signet_json_out_raw(out, (signet_text){"]", 1});
}

/* Prepares the JSON of `iss` and `aud`, which is the same in every token. */
static signet_status write_registered(signet_auth *auth, signet_error *err)
{
    const signet_text issuer = auth->config.issuer;
    const signet_texts audience = auth->config.audience;
    signet_json_out out;
    size_t max_len = 32 + signet_json_quoted_max(issuer.len);
    for (size_t i = 0; i < audience.n; i++)
        max_len += 1 + signet_json_quoted_max(audience.at[i].len);
    if (!signet_json_out_init(&out, max_len))
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (issuer.ptr) {
        signet_json_out_raw(&out, (signet_text){",\"iss\":", 7});
        signet_json_out_quoted(&out, issuer);
    }
    if (audience.n)
        write_audience(audience, &out);
    auth->registered = (signet_text){out.ptr, out.len};
    return SIGNET_OK;
}

/* ------------------------------------------------------------------ new, free */

static signet_status make(const signet_auth_config *config, const signet_auth *before, signet_auth **auth,
                          signet_error *err)
{
    signet_auth *made = calloc(1, sizeof *made);
    if (!made)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    made->refresh_loaded_s = config->now_ms / 1000;
    signet_status status = take_secrets(made, config, before, err);
    if (status == SIGNET_OK)
        status = copy_options(config, &made->config, err);
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
    signet_auth_config config = auth->config;
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
    free_options(&auth->config);
    free_text(&auth->registered);
    free(auth);
}
