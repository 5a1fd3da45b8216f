/* auth.h: what a signet_auth holds. Private to src/session. */
#ifndef SIGNET_SESSION_AUTH_H
#define SIGNET_SESSION_AUTH_H

#include "core/hmac.h"
#include "signet.h"

#define SIGNET_MAX_TTL_S INT64_C(3153600000) /* a hundred years, so that sums of times cannot overflow */

#define SIGNET_KID_LEN 11 /* 8 bytes in base64url */

/* One secret: its key, its key ID and, for refresh secrets, the keyed hash that derives successors. */
typedef struct signet_secret {
    signet_key *key;
    char kid[SIGNET_KID_LEN + 1];
    signet_hmac derivation;
} signet_secret;

struct signet_auth {
    signet_secret *access_secrets; /* the first one signs */
    size_t access_secrets_n;
    signet_secret *refresh_secrets;
    size_t refresh_secrets_n;
    signet_secret *legacy_secret; /* NULL: no adoption */
    int64_t legacy_until_ms;
    int64_t refresh_loaded_s;      /* when the refresh secrets were given to this process; 0: unknown */
    signet_text legacy_user_claim; /* an owned copy */
    int64_t access_ttl_s, refresh_ttl_s, session_ttl_s;
    int64_t grace_ms;
    unsigned max_sessions_per_user;
    bool revoke_user_on_reuse, revoke_on_suspect;
    signet_text issuer; /* owned copies */
    signet_text *audiences;
    size_t audiences_n;
    signet_text registered; /* `,"iss":…,"aud":…`, as in both kinds of token; owned, may be empty */
};

/* What to do about SIGNET_ERR_REFRESH_KEY_UNKNOWN. */
#define SIGNET_GIVE_ALL_THE_SAME "give every process the same refresh secrets, a new one as `next` first: docs/keys.md"

/* ------------------------------------------------------------------ secrets.c */

/* Refuses a list with a secret that is short, repetitive, well known or listed twice. `field`: "accessSecret" or
 * "refreshSecret". */
SIGNET_MUST_CHECK signet_status signet_secrets_check(const signet_text *secrets, size_t secrets_n, const char *field,
                                                     signet_error *err);

/* Refuses a secret that is in both lists. */
SIGNET_MUST_CHECK signet_status signet_secrets_check_disjoint(const signet_text *access, size_t access_n,
                                                              const signet_text *refresh, size_t refresh_n,
                                                              signet_error *err);

/* Derives what a signet_secret holds. Call signet_secret_clear after a failure too. */
SIGNET_MUST_CHECK signet_status signet_secret_init(signet_secret *secret, signet_text bytes, const char *field,
                                                   signet_error *err);
void signet_secret_clear(signet_secret *secret);

#endif
