/* tokens.h: the two kinds of token of a session. Private to src/session; the functions that open and verify them are
 * public. */
#ifndef SIGNET_SESSION_TOKENS_H
#define SIGNET_SESSION_TOKENS_H

#include "core/json.h"
#include "session/auth.h"

/* The claims of a refresh token. */
typedef struct signet_refresh_claims {
    const char *user_id, *session_id, *jwtid;
    int64_t generation;
    int64_t iat_s, exp_s, end_s;
    int64_t idle_s; /* 0: the configured limit, which is not written into the token */
    int64_t auth_s; /* 0: unknown, left out */
} signet_refresh_claims;

/* Signs with the refresh secret at that index. `*token` is on the heap, NUL-terminated; the same claims and secret give
 * the same bytes. */
SIGNET_MUST_CHECK signet_status signet_refresh_sign(const signet_auth *auth, signet_scratch *scratch,
                                                    const signet_refresh_claims *claims, size_t secret_index,
                                                    char **token, signet_error *err);

/* The claims that Signet sets in an access token. `auth_s`: when the user logged in, as `auth_time` (OpenID Connect
 * Core section 2); 0: unknown, left out. */
typedef struct signet_access_claims {
    const char *user_id, *session_id,
        *jwtid; /* jwtid: random, since two tokens issued in the same second must differ */
    int64_t auth_s, iat_s, exp_s;
} signet_access_claims;

/* Signs an access token: the app's claims (`ptr` NULL: none), then sub, sid, jti, auth_time, iat and exp.
 * SIGNET_ERR_OPTION, with the claim in `field`, if the app's claims are not a JSON object, are too long, or contain one
 * of Signet's. */
SIGNET_MUST_CHECK signet_status signet_access_sign(const signet_auth *auth, signet_scratch *scratch,
                                                   signet_text app_claims, const signet_access_claims *claims,
                                                   char **token, signet_error *err);

/* Verifies with each of the secrets in turn: HS256 only, `typ` (ptr NULL: any), issuer and audience. The caller checks
 * the limits. SIGNET_ERR_KEY_UNKNOWN: the kid has our form and is none of theirs; `*token` is then filled, unverified.
 */
SIGNET_MUST_CHECK signet_status signet_session_verify(const signet_auth *auth, const signet_secret_list *secrets,
                                                      signet_scratch *scratch, signet_text jwt, signet_text typ,
                                                      signet_token *token, size_t *secret_index, signet_error *err);

/* Signs `payload` with HS256 and the secret's kid. */
SIGNET_MUST_CHECK signet_status signet_session_sign(const signet_secret *secret, signet_scratch *scratch,
                                                    signet_text typ, signet_text payload, char **token,
                                                    signet_error *err);

/* Turns every status except SIGNET_OK, SIGNET_ERR_MEMORY and SIGNET_ERR_CRYPTO into SIGNET_ERR_REFRESH_INVALID: a
 * caller need not tell the ways in which a token is invalid apart. */
SIGNET_MUST_CHECK signet_status signet_refresh_error(signet_status status, signet_error *err);

/* adopt.c: whether legacy tokens are adopted at this time, and signet_refresh_open for such a token. */
bool signet_adopt_allowed(const signet_auth *auth, int64_t now_ms, unsigned flags);
SIGNET_MUST_CHECK signet_status signet_adopt_open(const signet_auth *auth, signet_scratch *scratch, signet_text jwt,
                                                  int64_t now_ms, unsigned flags, signet_refresh_token *token,
                                                  signet_error *err);

/* Wipes and frees. */
void signet_session_token_free(char *token);

#define SIGNET_ACCESS_TYP ((signet_text){"at+jwt", 6}) /* RFC 9068 section 2.1 */
#define SIGNET_REFRESH_TYP ((signet_text){"rt+jwt", 6})

#endif
