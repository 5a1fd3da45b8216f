/* derive.c: key IDs, jtis and hashes, derived from secrets and tokens. */
#include "session/derive.h"

#include <string.h>

#include "core/base64url.h"
#include "core/crypto.h"
#include "core/scratch.h"

/* Labels separate the uses of one secret. A changed label would end all sessions. */
static const char KID_LABEL[] = "signet kid 1";
static const char KEY_LABEL[] = "signet refresh successor 1";
static const char ADOPTED_ID_LABEL[] = "signet adopted session 1";
static const char ADOPTED_JTI_LABEL[] = "signet adopted token 1";
static const char IDEMPOTENCY_LABEL[] = "signet idempotency key 1";

/* Texts, each with its length before it (two bytes, big-endian), so that two different lists never give the same
 * bytes. */
typedef struct input_bytes {
    uint8_t bytes[512];
    size_t len;
} input_bytes;

static void append(input_bytes *input, const void *bytes, size_t len)
{
    input->bytes[input->len++] = (uint8_t)(len >> 8);
    input->bytes[input->len++] = (uint8_t)len;
    memcpy(input->bytes + input->len, bytes, len);
    input->len += len;
}

static void encode(const uint8_t *bytes, size_t len, char *text)
{
    text[signet_b64url_encode(bytes, len, text)] = 0;
}

bool signet_derive_kid(signet_text secret, char kid[SIGNET_KID_LEN + 1])
{
    uint8_t mac[SIGNET_SHA256_LEN];
    if (!signet_hmac_sha256(secret.ptr, secret.len, KID_LABEL, sizeof KID_LABEL - 1, mac))
        return false;
    encode(mac, 8, kid);
    return true;
}

bool signet_derivation_init(signet_hmac *derivation, signet_text secret)
{
    uint8_t key[SIGNET_SHA256_LEN];
    bool done = signet_hkdf_sha256(secret.ptr, secret.len, "", 0, KEY_LABEL, sizeof KEY_LABEL - 1, key, sizeof key) &&
                signet_hmac_init(derivation, SIGNET_DIGEST_SHA256, SIGNET_HMAC_BEST, key, sizeof key) == SIGNET_OK;
    signet_wipe(key, sizeof key);
    return done;
}

static bool derive(const signet_hmac *derivation, signet_scratch *scratch, const input_bytes *input,
                   uint8_t mac[SIGNET_SHA256_LEN])
{
    const signet_text text = {(const char *)input->bytes, input->len};
    signet_openssl_mark();
    const bool done = signet_hmac_compute(derivation, scratch->md, &text, 1, mac);
    signet_openssl_pop();
    return done;
}

bool signet_derive_hash(const char *jwtid, uint8_t hash[SIGNET_HASH_LEN])
{
    return signet_sha256(jwtid, strlen(jwtid), hash);
}

bool signet_derive_key_hash(const char *jwtid, signet_text key, uint8_t hash[SIGNET_HASH_LEN])
{
    input_bytes input = {.len = 0};
    append(&input, IDEMPOTENCY_LABEL, sizeof IDEMPOTENCY_LABEL - 1);
    append(&input, jwtid, strlen(jwtid));
    append(&input, key.ptr, key.len);
    const bool done = signet_sha256(input.bytes, input.len, hash);
    signet_wipe(input.bytes, input.len);
    return done;
}

bool signet_derive_successor(const signet_hmac *derivation, signet_scratch *scratch, const char *session_id,
                             const char *jwtid, const uint8_t seed[SIGNET_SEED_LEN], const char *signing_kid,
                             char successor[SIGNET_JTI_LEN + 1])
{
    input_bytes input = {.len = 0};
    uint8_t mac[SIGNET_SHA256_LEN];
    append(&input, session_id, strlen(session_id));
    append(&input, jwtid, strlen(jwtid));
    append(&input, seed, SIGNET_SEED_LEN);
    append(&input, signing_kid, strlen(signing_kid));
    if (!derive(derivation, scratch, &input, mac))
        return false;
    encode(mac, sizeof mac, successor);
    return true;
}

void signet_id_encode(const uint8_t bytes[SIGNET_ID_BYTES], char id[SIGNET_SESSION_ID_LEN + 1])
{
    encode(bytes, SIGNET_ID_BYTES, id);
}

/* Takes the token's hash because the token may be longer than the buffer. */
static bool derive_labelled(const signet_hmac *derivation, signet_scratch *scratch, const char *label,
                            const char *user_id, const uint8_t *token_hash, uint8_t *mac)
{
    input_bytes input = {.len = 0};
    append(&input, label, strlen(label));
    append(&input, user_id, strlen(user_id));
    append(&input, token_hash, SIGNET_SHA256_LEN);
    return derive(derivation, scratch, &input, mac);
}

bool signet_derive_adopted(const signet_hmac *derivation, signet_scratch *scratch, const char *user_id,
                           signet_text token, char session_id[SIGNET_SESSION_ID_LEN + 1],
                           char jwtid[SIGNET_JTI_LEN + 1])
{
    uint8_t token_hash[SIGNET_SHA256_LEN], id[SIGNET_SHA256_LEN], jti[SIGNET_SHA256_LEN];
    if (!signet_sha256(token.ptr, token.len, token_hash) ||
        !derive_labelled(derivation, scratch, ADOPTED_ID_LABEL, user_id, token_hash, id) ||
        !derive_labelled(derivation, scratch, ADOPTED_JTI_LABEL, user_id, token_hash, jti))
        return false;
    encode(id, 16, session_id);
    encode(jti, sizeof jti, jwtid);
    return true;
}
