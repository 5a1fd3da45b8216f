/*
 * callgrind.c: runs six operations of the C library, each REPEATED times, with callgrind counting only these.
 * bench/callgrind.js runs it. Keys, tokens and times are fixed, so that the count is the same in each run.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "signet.h"

enum { REPEATED = 200, LARGE_LEN = 16 * 1024 };

static const char SECRET[] = "an-access-secret-of-thirty-two-bytes-or-more";
static const char REFRESH_SECRET[] = "a-refresh-secret-of-thirty-two-bytes-or-more";
static const double NOW_S = 1700000000;

/* RFC 7515 appendix A.3 */
static const char ES256_JWK[] =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
static const char ES256_TOKEN[] =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static signet_scratch *scratch;
static signet_error error;

static void must(signet_status status, const char *what)
{
    if (status == SIGNET_OK)
        return;
    fprintf(stderr, "%s: %s %s\n", what, signet_status_name(status), error.detail);
    exit(1);
}

static signet_text text_of(const char *s)
{
    return (signet_text){s, strlen(s)};
}

#define COUNTED(name, operation)                                                                                       \
    do {                                                                                                               \
        operation;                                                                                                     \
        CALLGRIND_ZERO_STATS;                                                                                          \
        CALLGRIND_TOGGLE_COLLECT;                                                                                      \
        for (int i = 0; i < REPEATED; i++)                                                                             \
            operation;                                                                                                 \
        CALLGRIND_TOGGLE_COLLECT;                                                                                      \
        CALLGRIND_DUMP_STATS_AT(name);                                                                                 \
    } while (0)

static char *signed_token(const signet_key *key, signet_text payload)
{
    const signet_sign_request request = {.alg = SIGNET_HS256,
                                         .payload = payload,
                                         .add_iat = true,
                                         .iat_s = 1700000000,
                                         .add_exp = true,
                                         .exp_s = 1700003600};
    signet_text token;
    must(signet_sign(key, scratch, &request, &token, &error), "sign");
    char *copy = calloc(1, token.len + 1);
    if (copy)
        memcpy(copy, token.ptr, token.len);
    return copy;
}

static signet_text large_payload(void)
{
    static char text[LARGE_LEN + 128];
    size_t len = 0;
    len += (size_t)sprintf(text, "{\"id\":\"1\",\"permissions\":[");
    for (unsigned i = 0; len < LARGE_LEN; i++)
        len += (size_t)sprintf(text + len, "%s{\"resource\":\"project/%u\",\"actions\":[\"read\",\"write\"]}",
                               i ? "," : "", 1000 + i);
    len += (size_t)sprintf(text + len, "]}");
    return (signet_text){text, len};
}

static void verified(const signet_key *key, const char *token, size_t token_len, unsigned flags)
{
    const signet_verify_options options = {.now_s = NOW_S, .flags = flags};
    signet_token out;
    must(signet_verify(key, scratch, token, token_len, &options, &out, &error), "verify");
}

static void decoded(const char *token, size_t token_len)
{
    signet_token out;
    must(signet_decode(scratch, token, token_len, &out, &error), "decode");
}

static void count_tokens(void)
{
    signet_key *secret, *public;
    must(signet_key_from_secret(SECRET, sizeof SECRET - 1, &secret, &error), "secret");
    must(signet_key_from_jwk(ES256_JWK, sizeof ES256_JWK - 1, &public, &error), "JWK");
    const signet_sign_request request = {.alg = SIGNET_HS256,
                                         .payload = text_of("{\"id\":\"1\",\"isAdmin\":true}"),
                                         .add_iat = true,
                                         .iat_s = 1700000000,
                                         .add_exp = true,
                                         .exp_s = 1700003600};
    char *small = signed_token(secret, request.payload), *large = signed_token(secret, large_payload());
    const size_t small_len = small ? strlen(small) : 0, large_len = large ? strlen(large) : 0;
    signet_text token;
    COUNTED("sign-hs256", must(signet_sign(secret, scratch, &request, &token, &error), "sign"));
    COUNTED("verify-hs256", verified(secret, small, small_len, 0));
    COUNTED("verify-hs256-16k", verified(secret, large, large_len, 0));
    COUNTED("decode", decoded(small, small_len));
    COUNTED("verify-es256", verified(public, ES256_TOKEN, sizeof ES256_TOKEN - 1, SIGNET_VERIFY_IGNORE_EXP));
    free(small);
    free(large);
    signet_key_free(secret);
    signet_key_free(public);
}

/* Rotates the refresh token in `*refresh` to its successor. */
static void rotated(const signet_auth *auth, signet_store *store, char **refresh)
{
    signet_job job = {.kind = SIGNET_JOB_ROTATE, .now_ms = 1700000001000};
    must(signet_rotate_refresh(auth, store, scratch, *refresh, strlen(*refresh), 1000, &job), "rotate");
    char *successor = strdup(job.refresh_token);
    signet_job_clear(&job);
    free(*refresh);
    *refresh = successor;
}

static void count_rotation(void)
{
    const signet_text access = text_of(SECRET), refresh = text_of(REFRESH_SECRET);
    const signet_auth_config config = {.access_secrets = &access,
                                       .access_secrets_n = 1,
                                       .refresh_secrets = &refresh,
                                       .refresh_secrets_n = 1,
                                       .access_expires_in_s = 900,
                                       .refresh_expires_in_s = 604800,
                                       .session_expires_in_s = 7776000,
                                       .grace_period_ms = 30000};
    signet_auth *auth;
    signet_store *store;
    must(signet_auth_new(&config, &auth, &error), "auth");
    must(signet_store_open(&(signet_store_options){.place = ":memory:", .timeout_ms = 1000}, &store, &error), "store");
    signet_job login = {.kind = SIGNET_JOB_LOGIN, .now_ms = 1700000000000, .user_id = text_of("1")};
    signet_job *jobs[] = {&login};
    signet_session_run(auth, store, scratch, jobs, 1, 1000);
    must(login.status, "login");
    char *token = strdup(login.refresh_token);
    signet_job_clear(&login);
    COUNTED("rotate-in-memory", rotated(auth, store, &token));
    free(token);
    signet_store_close(store);
    signet_auth_free(auth);
}

int main(void)
{
    scratch = signet_scratch_new();
    if (!scratch)
        return 1;
    count_tokens();
    count_rotation();
    signet_scratch_free(scratch);
    return 0;
}
