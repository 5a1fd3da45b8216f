/*
 * tokens.c: signs a token and verifies it, with an HMAC secret.
 *   SECRET=$(openssl rand -base64 32) ./tokens
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <signet.h>

static int failed(const char *call, signet_status status, const signet_error *err)
{
    fprintf(stderr, "%s: %s: %s %s\n", call, signet_status_code(status), signet_status_text(status), err->detail);
    return EXIT_FAILURE;
}

static int sign_and_verify(const signet_key *key, signet_scratch *scratch)
{
    const char payload[] = "{\"sub\":\"alice\",\"isAdmin\":true}";
    const int64_t now = time(NULL);
    signet_error err = {.status = SIGNET_OK};
    signet_text jwt;

    signet_sign_request request = {.alg = SIGNET_HS256,
                                   .payload = {payload, sizeof payload - 1},
                                   .add_iat = true,
                                   .iat_s = now,
                                   .add_exp = true,
                                   .exp_s = now + 900};
    signet_status status = signet_sign(key, scratch, &request, &jwt, &err);
    if (status != SIGNET_OK)
        return failed("signet_sign", status, &err);
    char *sent = strndup(jwt.ptr, jwt.len); /* the next call with `scratch` overwrites `jwt` */
    if (!sent)
        return EXIT_FAILURE;
    printf("%s\n", sent);

    signet_token token;
    signet_verify_options options = {.algorithms = SIGNET_ALG_BIT(SIGNET_HS256), .now_s = (double)now};
    status = signet_verify(key, scratch, sent, strlen(sent), &options, &token, &err);
    if (status != SIGNET_OK) {
        free(sent);
        return failed("signet_verify", status, &err);
    }
    printf("%.*s\n", (int)token.payload.len, token.payload.ptr);

    options.now_s = (double)now + 900; /* a quarter of an hour later */
    status = signet_verify(key, scratch, sent, strlen(sent), &options, NULL, &err);
    printf("later: %s\n", signet_status_code(status));
    free(sent);
    return status == SIGNET_ERR_TOKEN_EXPIRED ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
    const char *secret = getenv("SECRET");
    signet_key *key = NULL;
    signet_error err = {.status = SIGNET_OK};
    if (!secret) {
        fprintf(stderr, "SECRET is not set\n");
        return EXIT_FAILURE;
    }
    printf("Signet %s, compiled with %s\n", signet_version(), SIGNET_VERSION);
    signet_status status = signet_key_from_secret(secret, strlen(secret), &key, &err);
    if (status != SIGNET_OK)
        return failed("signet_key_from_secret", status, &err);
    signet_scratch *scratch = signet_scratch_new();
    int result = scratch ? sign_and_verify(key, scratch) : EXIT_FAILURE;
    signet_scratch_free(scratch);
    signet_key_free(key);
    return result;
}
