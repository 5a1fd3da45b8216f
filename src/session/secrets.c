/* secrets.c: which secrets an app may use, and what is derived from a secret at start-up. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/fail.h"
#include "session/derive.h"

#define MIN_SECRET_LEN 32 /* RFC 7518 section 3.2: as long as the hash */

#define HOW_TO_MAKE_ONE                                                                                                \
    "make one with: node -e \"console.log(require('crypto').randomBytes(32).toString('base64url'))\""

/* Secrets from tutorials, READMEs and RFCs: an attacker tries these first. Also refused if followed by one repeated
 * character, or by the secret itself. */
static const char *const well_known[] = {
    "mySecretKey",
    "myRefreshSecretKey",
    "mySecret",
    "my-secret",
    "my_secret",
    "myRefreshSecret",
    "myAccessSecret",
    "secret",
    "secretKey",
    "secret-key",
    "secret_key",
    "supersecret",
    "super-secret",
    "jwtSecret",
    "jwt-secret",
    "jwt_secret",
    "your_jwt_secret",
    "your-jwt-secret",
    "your-secret-key",
    "your_secret_key",
    "yourSecretKey",
    "accessTokenSecret",
    "access-token-secret",
    "access_token_secret",
    "refreshTokenSecret",
    "refresh-token-secret",
    "refresh_token_secret",
    "ACCESS_SECRET",
    "REFRESH_SECRET",
    "keyboard cat",
    "shhhhh",
    "changeme",
    "change-me",
    "change_me",
    "password",
    "passw0rd",
    "test",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-384-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "my-32-character-ultra-secure-and-ultra-long-secret",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9C",
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9Z1CAow",
};

static bool equal_ignoring_case(const char *one, const char *other, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (tolower((unsigned char)one[i]) != tolower((unsigned char)other[i]))
            return false;
    return true;
}

/* Whether the bytes repeat after `period`: "aaaa" (1), "abcabc" (3). */
static bool repeats(const char *bytes, size_t len, size_t period)
{
    for (size_t i = period; i < len; i++)
        if (bytes[i] != bytes[i - period])
            return false;
    return true;
}

static bool begins_with_and_adds_nothing(signet_text secret, const char *known)
{
    size_t known_len = strlen(known);
    if (secret.len < known_len || !equal_ignoring_case(secret.ptr, known, known_len))
        return false;
    return repeats(secret.ptr, secret.len, known_len) || repeats(secret.ptr + known_len, secret.len - known_len, 1);
}

static bool is_well_known(signet_text secret)
{
    for (size_t i = 0; i < sizeof well_known / sizeof well_known[0]; i++)
        if (begins_with_and_adds_nothing(secret, well_known[i]))
            return true;
    return false;
}

/* A secret that repeats 8 characters is as easy to guess as those 8. */
static bool is_repetition(signet_text secret)
{
    for (size_t period = 1; period <= MIN_SECRET_LEN / 2; period++)
        if (repeats(secret.ptr, secret.len, period))
            return true;
    return false;
}

static bool same_bytes(signet_text one, signet_text other)
{
    return one.len == other.len && signet_same_secret(one.ptr, other.ptr, one.len);
}

static signet_status refuse(signet_error *err, const char *field, const char *what)
{
    return signet_fail_detail(err, SIGNET_ERR_SECRET, field, "%s %s; " HOW_TO_MAKE_ONE, field, what);
}

static signet_status check_one(signet_text secret, const char *field, signet_error *err)
{
    if (!secret.ptr || secret.len == 0)
        return refuse(err, field, "is empty");
    if (is_well_known(secret))
        return refuse(err, field, "is a publicly known example secret");
    if (secret.len < MIN_SECRET_LEN)
        return refuse(err, field, "is shorter than 32 bytes");
    if (is_repetition(secret))
        return refuse(err, field, "repeats a few characters");
    return SIGNET_OK;
}

signet_status signet_secrets_check(const signet_secret_texts *secrets, signet_error *err)
{
    const signet_text *const texts = secrets->texts;
    if (!texts || secrets->texts_n <= secrets->revoked_n)
        return refuse(err, secrets->field, "is missing");
    for (size_t i = 0; i < secrets->texts_n; i++) {
        signet_status status = check_one(texts[i], secrets->field, err);
        if (status != SIGNET_OK)
            return status;
        for (size_t j = 0; j < i; j++)
            if (same_bytes(texts[i], texts[j]))
                return refuse(err, secrets->field, "holds the same secret twice");
    }
    return SIGNET_OK;
}

static signet_status derive_all(signet_secret *secret, signet_text bytes, const char *field, signet_error *err)
{
    signet_error why = {.status = SIGNET_OK};
    signet_status status = signet_key_from_secret(bytes.ptr, bytes.len, &secret->key, &why);
    if (status == SIGNET_ERR_KEY_PAIR_AS_SECRET)
        return signet_fail_detail(err, SIGNET_ERR_SECRET, field,
                                  "%s is %s, and sessions need a secret; " HOW_TO_MAKE_ONE, field, why.detail);
    if (status == SIGNET_ERR_KEY_EMPTY)
        return refuse(err, field, "is empty");
    if (status != SIGNET_OK)
        return signet_fail(err, status, field);
    if (!signet_derive_kid(bytes, secret->kid) || !signet_derivation_init(&secret->derivation, bytes))
        return signet_fail(err, SIGNET_ERR_CRYPTO, field);
    return SIGNET_OK;
}

static signet_status derive_kid(signet_secret *secret, signet_text bytes, const char *field, signet_error *err)
{
    return signet_derive_kid(bytes, secret->kid) ? SIGNET_OK : signet_fail(err, SIGNET_ERR_CRYPTO, field);
}

typedef signet_status derivation(signet_secret *secret, signet_text bytes, const char *field, signet_error *err);

static signet_status make(derivation *derive, signet_text bytes, const char *field, signet_secret **secret,
                          signet_error *err)
{
    signet_secret *made = calloc(1, sizeof *made);
    if (!made)
        return signet_fail(err, SIGNET_ERR_MEMORY, field);
    atomic_init(&made->references, 1);
    const signet_status status = derive(made, bytes, field, err);
    if (status == SIGNET_OK)
        *secret = made;
    else
        signet_secret_free(made);
    return status;
}

signet_status signet_secret_new(signet_text bytes, const char *field, signet_secret **secret, signet_error *err)
{
    return make(derive_all, bytes, field, secret, err);
}

signet_status signet_secret_new_revoked(signet_text bytes, const char *field, signet_secret **secret, signet_error *err)
{
    return make(derive_kid, bytes, field, secret, err);
}

signet_secret *signet_secret_ref(signet_secret *secret)
{
    if (secret)
        (void)atomic_fetch_add_explicit(&secret->references, 1, memory_order_relaxed);
    return secret;
}

void signet_secret_free(signet_secret *secret)
{
    if (!secret || atomic_fetch_sub_explicit(&secret->references, 1, memory_order_acq_rel) > 1)
        return;
    signet_key_free(secret->key);
    signet_hmac_clear(&secret->derivation);
    signet_wipe(secret, sizeof *secret);
    free(secret);
}
