/* tokens.c: what access and refresh tokens share: HS256, an exact `typ`, a key ID. */
#include "session/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "core/crypto.h"
#include "core/fail.h"

signet_status signet_session_sign(const signet_secret *secret, signet_scratch *scratch, signet_text typ,
                                  signet_text payload, char **token, signet_error *err)
{
    const signet_sign_request request = {
        .alg = SIGNET_HS256, .kid = {secret->kid, SIGNET_KID_LEN}, .typ = typ, .payload = payload};
    signet_text signed_token;
    /* HMAC fails only if memory runs out, and OpenSSL then leaves an error in its queue. */
    signet_openssl_mark();
    signet_status status = signet_sign(secret->key, scratch, &request, &signed_token, err);
    signet_openssl_pop();
    if (status != SIGNET_OK)
        return status;
    char *copy = malloc(signed_token.len + 1);
    if (!copy)
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    memcpy(copy, signed_token.ptr, signed_token.len);
    copy[signed_token.len] = 0;
    *token = copy;
    return SIGNET_OK;
}

/* Why none of the secrets has signed a token of our algorithm and type: it is forged, its secret is revoked, or
 * another process has a secret that this one lacks. */
static signet_status explain_signature(const signet_secret_list *secrets, signet_scratch *scratch, signet_text jwt,
                                       signet_token *unverified, signet_error *err)
{
    signet_token decoded;
    const signet_status status = signet_decode(scratch, jwt.ptr, jwt.len, &decoded, NULL);
    if (status == SIGNET_ERR_MEMORY)
        return signet_fail(err, status, NULL);
    if (status != SIGNET_OK || decoded.kid.len != SIGNET_KID_LEN ||
        !signet_b64url_is_alphabet(decoded.kid.ptr, SIGNET_KID_LEN) ||
        signet_secret_list_find(secrets, decoded.kid.ptr) || signet_secret_list_revokes(secrets, decoded.kid.ptr))
        return SIGNET_ERR_SIGNATURE;
    *unverified = decoded;
    return signet_fail(err, SIGNET_ERR_KEY_UNKNOWN, "kid");
}

/* There are few secrets, so it tries each, and reads the kid only if none fits. */
signet_status signet_session_verify(const signet_auth *auth, const signet_secret_list *secrets, signet_scratch *scratch,
                                    signet_text jwt, signet_text typ, signet_token *token, size_t *secret_index,
                                    signet_error *err)
{
    const signet_texts audience = auth->config.audience;
    const signet_text *const issuer = &auth->config.issuer;
    const signet_verify_options options = {
        .algorithms = SIGNET_ALG_BIT(SIGNET_HS256),
        .flags = SIGNET_VERIFY_OBJECT_ONLY | SIGNET_VERIFY_IGNORE_EXP | SIGNET_VERIFY_IGNORE_NBF,
        .expected = {[SIGNET_EXPECT_AUDIENCE] = {audience.n > 0, audience.at, audience.n, 0},
                     [SIGNET_EXPECT_ISSUER] = {issuer->ptr != NULL, issuer, 1, 0}},
        .typ = typ,
    };
    signet_status status = SIGNET_ERR_SIGNATURE;
    signet_openssl_mark();
    for (size_t i = 0; i < secrets->n && status == SIGNET_ERR_SIGNATURE; i++) {
        status = signet_verify(secrets->at[i]->key, scratch, jwt.ptr, jwt.len, &options, token, err);
        *secret_index = i;
    }
    signet_openssl_pop();
    return status == SIGNET_ERR_SIGNATURE ? explain_signature(secrets, scratch, jwt, token, err) : status;
}

signet_status signet_refresh_error(signet_status status, signet_error *err)
{
    if (status == SIGNET_OK || status == SIGNET_ERR_MEMORY || status == SIGNET_ERR_CRYPTO)
        return status;
    return signet_fail(err, SIGNET_ERR_REFRESH_INVALID, err ? err->field : NULL);
}

void signet_session_token_free(char *token)
{
    if (token)
        signet_wipe(token, strlen(token));
    free(token);
}
