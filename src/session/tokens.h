/* tokens.h: the two kinds of token of a session. Private to src/session (what opens and verifies them is public). */
#ifndef SIGNET_SESSION_TOKENS_H
#define SIGNET_SESSION_TOKENS_H

#include "core/json.h"
#include "session/auth.h"

/* What a refresh token says. */
typedef struct signet_refresh_claims {
    const char *user_id, *session_id, *jwtid;
    int64_t generation;
    int64_t iat_s, exp_s, end_s;
    int64_t idle_s; /* 0: the configured limit, and then not in the token */
    int64_t auth_s; /* 0: unknown, and then not in the token */
} signet_refresh_claims;

/* Signs with the refresh secret of that index. `*token` is heap, NUL-terminated; the same claims and secret give the
 * same bytes. */
SIGNET_MUST_CHECK signet_status signet_refresh_sign(const signet_auth *auth, signet_scratch *scratch,
                                                    const signet_refresh_claims *claims, size_t secret_index,
                                                    char **token, signet_error *err);

/* Signet's own claims of an access token. `auth_s`: when the user logged in, `auth_time` (OpenID Connect Core section
 * 2); 0: unknown, left out. */
typedef struct signet_access_claims {
    const char *user_id, *session_id, *jwtid; /* jwtid: random, as two tokens of one second must differ */
    int64_t auth_s, iat_s, exp_s;
} signet_access_claims;

/* Signs an access token: the app's claims (`ptr` NULL: none), then sub, sid, jti, auth_time, iat and exp.
 * SIGNET_ERR_OPTION with the claim in `field` where the app's claims are no JSON object, too long, or name one of
 * Signet's. */
SIGNET_MUST_CHECK signet_status signet_access_sign(const signet_auth *auth, signet_scratch *scratch,
                                                   signet_text app_claims, const signet_access_claims *claims,
                                                   char **token, signet_error *err);

/* Verifies with each of the secrets in turn, pinned to HS256, `typ` (ptr NULL: any), issuer and audience. Limits are
 * the caller's. */
SIGNET_MUST_CHECK signet_status signet_session_verify(const signet_auth *auth, const signet_secret *secrets,
                                                      size_t secrets_n, signet_scratch *scratch, signet_text jwt,
                                                      signet_text typ, signet_token *token, size_t *secret_index,
                                                      signet_error *err);

/* Signs `payload` by HS256 under the secret's kid. */
SIGNET_MUST_CHECK signet_status signet_session_sign(const signet_secret *secret, signet_scratch *scratch,
                                                    signet_text typ, signet_text payload, char **token,
                                                    signet_error *err);

/* Every way of not being one of our tokens is the same to the caller; only the machine's own failures differ. */
SIGNET_MUST_CHECK signet_status signet_refresh_error(signet_status status, signet_error *err);

/* A user ID out of a token; false: no valid one. */
SIGNET_MUST_CHECK bool signet_refresh_read_user(const signet_json *value, char *user_id);

/* adopt.c: whether tutorial-style tokens are adopted at this time, and signet_refresh_open for one of those. */
bool signet_adopt_allowed(const signet_auth *auth, int64_t now_ms);
SIGNET_MUST_CHECK signet_status signet_adopt_open(const signet_auth *auth, signet_scratch *scratch, signet_text jwt,
                                                  int64_t now_ms, bool allow_expired, signet_refresh_token *token,
                                                  signet_error *err);

/* Wipes and frees. */
void signet_session_token_free(char *token);

#define SIGNET_ACCESS_TYP ((signet_text){"at+jwt", 6}) /* RFC 9068 section 2.1 */
#define SIGNET_REFRESH_TYP ((signet_text){"rt+jwt", 6})

#endif
