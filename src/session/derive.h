/* derive.h: everything that a session derives: key IDs, the jti of a successor, hashes, the ids of adopted sessions.
 * Private to src/session. False: out of memory, or OpenSSL failed. */
#ifndef SIGNET_SESSION_DERIVE_H
#define SIGNET_SESSION_DERIVE_H

#include "session/auth.h"
#include "session/store.h"

#define SIGNET_JTI_LEN 43       /* of a successor: 32 bytes in base64url */
#define SIGNET_FIRST_JTI_LEN 22 /* of a login: 16 random bytes */

/* The name under which a token says which secret signed it. One-way: it tells nothing of the secret. */
SIGNET_MUST_CHECK bool signet_derive_kid(signet_text secret, char kid[SIGNET_KID_LEN + 1]);

/* The keyed hash by which successors are derived; its key comes from the secret alone, so that each process has the
 * same. */
SIGNET_MUST_CHECK bool signet_derivation_init(signet_hmac *derivation, signet_text secret);

/* What the store keeps of a token. */
SIGNET_MUST_CHECK bool signet_derive_hash(const char *jwtid, uint8_t hash[SIGNET_HASH_LEN]);

/*
 * The jti of the successor: HMAC over session, presented jti, seed and the kid of the secret that signs, each with
 * its length before it. The key is that of the secret which verified the presented token. The store alone has the
 * seed and not the key; a leaked secret alone has not the seed.
 */
SIGNET_MUST_CHECK bool signet_derive_successor(const signet_hmac *derivation, signet_scratch *scratch,
                                               const char *session_id, const char *jwtid,
                                               const uint8_t seed[SIGNET_SEED_LEN], const char *signing_kid,
                                               char successor[SIGNET_JTI_LEN + 1]);

/* A session's id or a jti: 16 bytes as text. */
#define SIGNET_ID_BYTES 16
void signet_id_encode(const uint8_t bytes[SIGNET_ID_BYTES], char id[SIGNET_SESSION_ID_LEN + 1]);

/* The session that adopts a token of a tutorial-style collection, and the jti that stands for that token: the same
 * however often it is presented. */
SIGNET_MUST_CHECK bool signet_derive_adopted(const signet_hmac *derivation, signet_scratch *scratch,
                                             const char *user_id, signet_text token,
                                             char session_id[SIGNET_SESSION_ID_LEN + 1],
                                             char jwtid[SIGNET_JTI_LEN + 1]);

#endif
