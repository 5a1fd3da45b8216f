/* secret_list.c: the secrets of one kind of token, and what may follow them. */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "session/derive.h"

static signet_secret *find(signet_secret *const *secrets, size_t secrets_n, const char *kid)
{
    for (size_t i = 0; i < secrets_n; i++)
        if (memcmp(secrets[i]->kid, kid, SIGNET_KID_LEN) == 0)
            return secrets[i];
    return NULL;
}

signet_secret *signet_secret_list_find(const signet_secret_list *list, const char *kid)
{
    return find(list->at, list->n, kid);
}

bool signet_secret_list_revokes(const signet_secret_list *list, const char *kid)
{
    return find(list->at + list->n, list->revoked_n, kid) != NULL;
}

/* ------------------------------------------------------------------ make, free */

static signet_status take(signet_text text, const char *field, const signet_secret_list *known, signet_secret **secret,
                          signet_error *err)
{
    char kid[SIGNET_KID_LEN + 1];
    if (!signet_derive_kid(text, kid))
        return signet_fail(err, SIGNET_ERR_CRYPTO, field);
    *secret = signet_secret_ref(signet_secret_list_find(known, kid));
    return *secret ? SIGNET_OK : signet_secret_new(text, field, secret, err);
}

static void share(signet_secret_list *list, const signet_secret_list *known)
{
    list->n = known->n;
    list->revoked_n = known->revoked_n;
    for (size_t i = 0; i < known->n + known->revoked_n; i++)
        list->at[i] = signet_secret_ref(known->at[i]);
}

signet_status signet_secret_list_init(signet_secret_list *list, const signet_secret_texts *given,
                                      const signet_secret_list *known, signet_error *err)
{
    const size_t all_n = given->texts ? given->texts_n : known->n + known->revoked_n;
    signet_status status = SIGNET_OK;
    list->at = calloc(all_n, sizeof *list->at);
    if (!list->at)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    if (!given->texts) {
        share(list, known);
        return SIGNET_OK;
    }
    for (; status == SIGNET_OK && list->n < all_n - given->revoked_n; list->n += status == SIGNET_OK)
        status = take(given->texts[list->n], given->field, known, &list->at[list->n], err);
    for (; status == SIGNET_OK && list->revoked_n < given->revoked_n; list->revoked_n += status == SIGNET_OK)
        status = signet_secret_new_revoked(given->texts[list->n + list->revoked_n], given->field,
                                           &list->at[list->n + list->revoked_n], err);
    return status;
}

void signet_secret_list_clear(signet_secret_list *list)
{
    for (size_t i = 0; i < list->n + list->revoked_n; i++)
        signet_secret_free(list->at[i]);
    free(list->at);
    *list = (signet_secret_list){.n = 0};
}

/* ------------------------------------------------------------------ what may follow */

bool signet_secret_list_adds(const signet_secret_list *before, const signet_secret_list *after)
{
    for (size_t i = 0; i < after->n; i++)
        if (!signet_secret_list_find(before, after->at[i]->kid))
            return true;
    return false;
}

/* In whole days, hours or minutes, rounded up: an error's text is for people. */
static signet_status refuse_drop(const signet_secret *secret, const char *field, int64_t left_s, signet_error *err)
{
    const int64_t unit_s = left_s > 172800 ? 86400 : left_s > 7200 ? 3600 : 60;
    const char *const unit = unit_s == 86400 ? "days" : unit_s == 3600 ? "hours" : "minutes";
    return signet_fail_detail(
        err, SIGNET_ERR_SECRET, field,
        "%s lacks the secret with the key ID %s, which has signed tokens that are valid for up to "
        "%lld more %s: keep it as `previous` until then, or pass { force: true } to log their "
        "users out",
        field, secret->kid, (long long)((left_s + unit_s - 1) / unit_s), unit);
}

signet_status signet_secret_list_check_change(const signet_secret_list *before, const signet_secret_list *after,
                                              const char *field, int64_t now_ms, signet_error *err)
{
    if (!signet_secret_list_find(before, after->at[0]->kid))
        return signet_fail_detail(err, SIGNET_ERR_SECRET, field,
                                  "%s: this process did not know the current secret (key ID %s) before, so others may "
                                  "not know it either: make it `next` in every process first, or pass { force: true }",
                                  field, after->at[0]->kid);
    for (size_t i = 0; i < before->n; i++) {
        const signet_secret *const secret = before->at[i];
        const int64_t left_s = atomic_load_explicit(&secret->valid_until_s, memory_order_relaxed) - now_ms / 1000;
        const bool is_named =
            signet_secret_list_find(after, secret->kid) || signet_secret_list_revokes(after, secret->kid);
        if (left_s > 0 && !is_named)
            return refuse_drop(secret, field, left_s, err);
    }
    return SIGNET_OK;
}
