/* derive.h: what is derived from secrets and tokens: key IDs, the jti of a successor, hashes, the IDs of adopted
 * sessions. Private to src/session. A function that returns false is out of memory, or OpenSSL failed. */
#ifndef SIGNET_SESSION_DERIVE_H
#define SIGNET_SESSION_DERIVE_H

#include "session/auth.h"
#include "session/store.h"

#define SIGNET_JTI_LEN 43       /* of a successor: 32 bytes in base64url */
#define SIGNET_FIRST_JTI_LEN 22 /* of a login: 16 random bytes */

/* The key ID (`kid`) of a secret: a one-way function of it, which reveals nothing about the secret. */
SIGNET_MUST_CHECK bool signet_derive_kid(signet_text secret, char kid[SIGNET_KID_LEN + 1]);

/* The keyed hash that derives successors. Its key is a function of the secret alone, so every process has the same
 * one. */
SIGNET_MUST_CHECK bool signet_derivation_init(signet_hmac *derivation, signet_text secret);

/* The hash under which the store keeps a token: SHA-256 of its jti. */
SIGNET_MUST_CHECK bool signet_derive_hash(const char *jwtid, uint8_t hash[SIGNET_HASH_LEN]);

/* The hash under which the store keeps the idempotency key of an exchange: SHA-256 of a label, the presented jti and
 * the key, each with its length before it. So a key that is sent again with another token has another hash. */
SIGNET_MUST_CHECK bool signet_derive_key_hash(const char *jwtid, signet_text key, uint8_t hash[SIGNET_HASH_LEN]);

/*
 * The jti of the successor: HMAC over the session ID, the presented jti, the seed and the kid of the signing secret,
 * each with its length before it. The key belongs to the secret that verified the presented token. Neither the store
 * (which has the seed, not the key) nor a leaked secret (which lacks the seed) is enough to compute it.
 */
SIGNET_MUST_CHECK bool signet_derive_successor(const signet_hmac *derivation, signet_scratch *scratch,
                                               const char *session_id, const char *jwtid,
                                               const uint8_t seed[SIGNET_SEED_LEN], const char *signing_kid,
                                               char successor[SIGNET_JTI_LEN + 1]);

/* 16 bytes as text: a session ID or a jti. */
#define SIGNET_ID_BYTES 16
void signet_id_encode(const uint8_t bytes[SIGNET_ID_BYTES], char id[SIGNET_SESSION_ID_LEN + 1]);

/* The session ID and the jti for a token of a tutorial-style collection: the same each time it is presented. */
SIGNET_MUST_CHECK bool signet_derive_adopted(const signet_hmac *derivation, signet_scratch *scratch,
                                             const char *user_id, signet_text token,
                                             char session_id[SIGNET_SESSION_ID_LEN + 1],
                                             char jwtid[SIGNET_JTI_LEN + 1]);

#endif
