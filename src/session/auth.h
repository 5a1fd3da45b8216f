/* auth.h: what a signet_auth holds. Private to src/session. */
#ifndef SIGNET_SESSION_AUTH_H
#define SIGNET_SESSION_AUTH_H

#include <stdatomic.h>

#include "core/hmac.h"
#include "signet.h"

#define SIGNET_KID_LEN 11 /* 8 bytes in base64url */

/* One secret: its key, its key ID and, for refresh secrets, the keyed hash that derives successors. Shared by the auths
 * that have it; wiped when the last of them is freed. */
typedef struct signet_secret {
    atomic_uint references;
    _Atomic int64_t valid_until_s; /* the latest `exp` of the tokens that it is known to have signed; 0: of none */
    signet_key *key;
    char kid[SIGNET_KID_LEN + 1];
    signet_hmac derivation;
} signet_secret;

/* The secrets of one kind of token; the first one signs. After the `n` that verify come those that are revoked: of
 * these only the kid is kept. */
typedef struct signet_secret_list {
    signet_secret **at;
    size_t n, revoked_n;
} signet_secret_list;

/* The texts of such a list, in the same order; `texts_n` counts all. */
typedef struct signet_secret_texts {
    const signet_text *texts;
    size_t texts_n, revoked_n;
    const char *field;
} signet_secret_texts;

struct signet_auth {
    signet_auth_config config; /* the options, with owned copies of the texts; no secrets */
    signet_secret_list access, refresh;
    signet_secret *legacy_secret; /* NULL: no adoption */
    int64_t refresh_loaded_s;     /* when the refresh secrets were given to this process; 0: unknown */
    signet_text registered;       /* `,"iss":…,"aud":…`, as in both kinds of token; owned, may be empty */
};

/* What to do about SIGNET_ERR_REFRESH_KEY_UNKNOWN. */
#define SIGNET_GIVE_ALL_THE_SAME "give every process the same refresh secrets, a new one as `next` first: docs/keys.md"

/* ------------------------------------------------------------------ secrets.c */

/* Refuses a list with a secret that is short, repetitive, well known or listed twice, and one without a secret to sign
 * with. */
SIGNET_MUST_CHECK signet_status signet_secrets_check(const signet_secret_texts *secrets, signet_error *err);

/* Derives what a signet_secret holds, with one reference. */
SIGNET_MUST_CHECK signet_status signet_secret_new(signet_text bytes, const char *field, signet_secret **secret,
                                                  signet_error *err);
/* The same with the key ID alone. */
SIGNET_MUST_CHECK signet_status signet_secret_new_revoked(signet_text bytes, const char *field, signet_secret **secret,
                                                          signet_error *err);
signet_secret *signet_secret_ref(signet_secret *secret);
void signet_secret_free(signet_secret *secret);

/* Notes that a token which the secret has signed expires at `exp_s`. */
static inline void signet_secret_note(signet_secret *secret, int64_t exp_s)
{
    int64_t until_s = atomic_load_explicit(&secret->valid_until_s, memory_order_relaxed);
    while (until_s < exp_s && !atomic_compare_exchange_weak_explicit(&secret->valid_until_s, &until_s, exp_s,
                                                                     memory_order_relaxed, memory_order_relaxed))
        continue;
}

/* ------------------------------------------------------------------ secret_list.c */

/* The secrets of `given`, or, if its texts are NULL, those of `known`. A secret of `known` is shared, so that what it
 * has signed stays known. Call signet_secret_list_clear after a failure too. */
SIGNET_MUST_CHECK signet_status signet_secret_list_init(signet_secret_list *list, const signet_secret_texts *given,
                                                        const signet_secret_list *known, signet_error *err);
void signet_secret_list_clear(signet_secret_list *list);

/* The secret with that key ID that verifies, or NULL. `kid`: SIGNET_KID_LEN characters. */
signet_secret *signet_secret_list_find(const signet_secret_list *list, const char *kid);

/* Whether a secret that is revoked has that key ID. */
bool signet_secret_list_revokes(const signet_secret_list *list, const char *kid);

/* Whether one of `after` is not in `before`. */
bool signet_secret_list_adds(const signet_secret_list *before, const signet_secret_list *after);

/* Refuses a change while other processes go on: to a current secret that was not known before, and without one whose
 * tokens, as far as this process knows, are still valid. SIGNET_ERR_SECRET. */
SIGNET_MUST_CHECK signet_status signet_secret_list_check_change(const signet_secret_list *before,
                                                                const signet_secret_list *after, const char *field,
                                                                int64_t now_ms, signet_error *err);

#endif
