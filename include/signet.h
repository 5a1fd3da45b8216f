/*
 * signet.h: the public API of Signet's C library: JSON Web Tokens (RFC 7515, 7517, 7518, 7519, 8725) and sessions with
 * refresh token rotation (RFC 9700 section 4.14). It includes signet/stores.h and signet/sessions.h.
 *
 * These rules apply to every function:
 *  - Argument order: self, inputs (const), outputs, `signet_error *err`. `err` may be NULL.
 *  - A function that can fail returns a signet_status; SIGNET_OK is 0. The caller must check it. On failure, outputs
 *    are unchanged unless documented otherwise.
 *  - Bytes are a pointer and a length, without a terminating NUL. A `const char *` without a length ends in NUL.
 *  - Names state the unit: `_s` seconds; `_ms` milliseconds, since 1970 or a duration; `_len` bytes; `_n` items.
 *  - Time is an input: the library does not read the system's date, starts no thread and does not read the environment.
 *    The MongoDB driver has threads of its own; stores read the monotonic clock to keep their timeouts.
 *  - `_new` allocates and `_free` releases; `_ref` adds a reference that `_free` releases. `_free(NULL)` does nothing.
 *  - Every function may be called on any thread. A signet_key and a signet_auth are immutable and can be shared; a
 *    signet_scratch is for one thread at a time; signet_store_max_threads says how many may use a store.
 *  - A signet_error or a static buffer never contains a token or a secret. A call leaves the OpenSSL error queue of its
 *    thread as it was.
 */
#ifndef SIGNET_H
#define SIGNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signet/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef SIGNET_EXPORTS /* set by `make`, which hides all other symbols */
#pragma GCC visibility push(default)
#endif

#if defined(__GNUC__)
#define SIGNET_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SIGNET_MUST_CHECK
#endif

/* ------------------------------------------------------------------ version */

/* The version that a program is compiled with. SIGNET_VERSION_NUMBER is for comparisons: 1.2.3 is 1002003. As long as
 * the first number is 0, a change of the second may change functions and structs: the shared library's name holds
 * both, and the programs need to be compiled again. */
#define SIGNET_VERSION_MAJOR 0
#define SIGNET_VERSION_MINOR 1
#define SIGNET_VERSION_PATCH 0
#define SIGNET_VERSION "0.1.0"
#define SIGNET_VERSION_NUMBER (SIGNET_VERSION_MAJOR * 1000000 + SIGNET_VERSION_MINOR * 1000 + SIGNET_VERSION_PATCH)

/* The version of the library that runs, "1.2.3" and 1002003. Static memory. */
const char *signet_version(void);
int signet_version_number(void);

/* ------------------------------------------------------------------ errors */

#define SIGNET_ERROR_DETAIL_SIZE 320

/* Why a call failed. The caller owns it; it holds no heap memory. Valid until it is passed to another call. */
typedef struct signet_error {
    signet_status status;
    const char *field;   /* static: the claim, header parameter or option concerned ("exp", "kid"), or NULL */
    int64_t position;    /* byte offset in the input, or -1 */
    int64_t driver_code; /* the database driver's error number, or 0 */
    double time_s;       /* of an expired or not yet active token: the `exp`, `nbf` or max-age limit, in seconds */
    /* Replaces `%s` in the status's text, or is a driver's message without credentials; NUL-terminated */
    char detail[SIGNET_ERROR_DETAIL_SIZE];
} signet_error;

/* Of a status: the stable code ("ERR_TOKEN_EXPIRED"), the HTTP status, the English text, and the enumerator's name
 * without SIGNET_ ("ERR_TOKEN_MALFORMED"). Static memory. */
const char *signet_status_code(signet_status status);
int signet_status_http(signet_status status);
const char *signet_status_text(signet_status status);
const char *signet_status_name(signet_status status);

/* Whether the calling thread's OpenSSL error queue is empty. For tests. */
bool signet_openssl_queue_is_empty(void);

/* ------------------------------------------------------------------ text */

/* Borrowed bytes; UTF-8 where text is documented. `ptr` NULL: not set. */
typedef struct signet_text {
    const char *ptr;
    size_t len;
} signet_text;

typedef struct signet_texts {
    const signet_text *at;
    size_t n;
} signet_texts;

/* ------------------------------------------------------ algorithms (RFC 7518 section 3.1, 8037, 8812, 9964) */

typedef enum signet_alg {
    SIGNET_ALG_NONE,
    SIGNET_HS256,
    SIGNET_HS384,
    SIGNET_HS512,
    SIGNET_RS256,
    SIGNET_RS384,
    SIGNET_RS512,
    SIGNET_PS256,
    SIGNET_PS384,
    SIGNET_PS512,
    SIGNET_ES256,
    SIGNET_ES384,
    SIGNET_ES512,
    SIGNET_ES256K,
    SIGNET_EDDSA,
    SIGNET_ML_DSA_44,
    SIGNET_ML_DSA_65,
    SIGNET_ML_DSA_87,
    SIGNET_ALG_COUNT
} signet_alg;

/* A set of algorithms: bit `1u << alg`. */
typedef uint32_t signet_alg_set;
#define SIGNET_ALG_BIT(alg) ((signet_alg_set)1u << (alg))

/* The registered name ("HS256"), and the reverse: SIGNET_ALG_COUNT if there is no such algorithm. Case-sensitive. */
const char *signet_alg_name(signet_alg alg);
signet_alg signet_alg_from_name(const char *name, size_t name_len);

/* Whether the OpenSSL in use supports it (ML-DSA: 3.5 and later). */
bool signet_alg_available(signet_alg alg);

/* ------------------------------------------------------------------ keys (RFC 7517) */

/* A parsed key: opaque, immutable, reference-counted; threads may share it. Wiped when the last reference is freed. */
typedef struct signet_key signet_key;

/* The types that Node's KeyObject has ("secret", "rsa", "rsa-pss", "ec", "ed25519", ...): jsonwebtoken's messages name
 * them. */
typedef enum signet_key_type {
    SIGNET_KEY_SECRET,
    SIGNET_KEY_RSA,
    SIGNET_KEY_RSA_PSS,
    SIGNET_KEY_EC,
    SIGNET_KEY_ED25519,
    SIGNET_KEY_ED448,
    SIGNET_KEY_ML_DSA,
    SIGNET_KEY_OTHER
} signet_key_type;

typedef struct signet_key_info {
    signet_key_type type;
    const char *type_name; /* static: Node's asymmetricKeyType, or "secret" */
    bool is_private;       /* false for a secret */
    size_t bits;           /* size of the modulus or field; of a secret, 8 times its length */
    const char *curve;     /* static: Node's namedCurve ("prime256v1", "secp384r1", "secp521r1", "secp256k1") or NULL */
    signet_alg_set algorithms; /* all that the key can be used with, given its type and the `alg` of its JWK */
    signet_text kid;           /* of its JWK; valid as long as the key */
} signet_key_info;

/* An HMAC secret of at least 1 byte (else SIGNET_ERR_KEY_EMPTY). Bytes that are recognisably half of a key pair or a
 * certificate are refused: SIGNET_ERR_KEY_PAIR_AS_SECRET, and err->detail names them (RFC 8725 section 3.1). The bytes
 * are copied. */
SIGNET_MUST_CHECK signet_status signet_key_from_secret(const void *secret, size_t secret_len, signet_key **key,
                                                       signet_error *err);

/* A private key, public key or certificate in PEM (PKCS #1, PKCS #8, SEC 1, SPKI, X.509). `passphrase`: of an encrypted
 * key, else NULL. */
SIGNET_MUST_CHECK signet_status signet_key_from_pem(const void *pem, size_t pem_len, const signet_text *passphrase,
                                                    signet_key **key, signet_error *err);

/* The same in DER. */
SIGNET_MUST_CHECK signet_status signet_key_from_der(const void *der, size_t der_len, const signet_text *passphrase,
                                                    signet_key **key, signet_error *err);

/* A JWK as JSON text (`kty` oct, RSA, EC, OKP, AKP). Duplicate members, non-canonical base64url and members of the
 * wrong size are refused. */
SIGNET_MUST_CHECK signet_status signet_key_from_jwk(const char *json, size_t json_len, signet_key **key,
                                                    signet_error *err);

/* The key of a JWK Set (RFC 7517 section 5) with this `kid`, or its only key if `kid` is NULL. SIGNET_ERR_KEY_INVALID
 * if there is none, or more than one. */
SIGNET_MUST_CHECK signet_status signet_key_from_jwks(const char *json, size_t json_len, const signet_text *kid,
                                                     signet_key **key, signet_error *err);

/* The string or Buffer that is passed to the drop-in `sign` or `verify`: PEM if it contains a line that begins with
 * "-----BEGIN", else a secret. */
SIGNET_MUST_CHECK signet_status signet_key_from_material(const void *material, size_t material_len,
                                                         const signet_text *passphrase, signet_key **key,
                                                         signet_error *err);

signet_key *signet_key_ref(signet_key *key);
void signet_key_free(signet_key *key);

void signet_key_describe(const signet_key *key, signet_key_info *info);

/*
 * Checks whether `key` may be used with `alg`: type, curve and RSA-PSS parameters; for signing also that it is private
 * and, if RSA, has 2048 bits or more. `flags` relax the check as jsonwebtoken's options do. In a status's text with one
 * `%s`, that is err->detail. With two, they are err->field and err->detail: for SIGNET_ERR_KEY_ALGORITHM the key's type
 * and its algorithms ("rsa", "RS256, PS256, ..."), for SIGNET_ERR_KEY_CURVE the algorithm and its curve.
 */
enum {
    SIGNET_KEY_FOR_SIGNING = 1u << 0,
    SIGNET_KEY_ALLOW_INSECURE_SIZE = 1u << 1, /* allowInsecureKeySizes */
    SIGNET_KEY_ALLOW_INVALID_TYPE = 1u << 2,  /* allowInvalidAsymmetricKeyTypes */
};
SIGNET_MUST_CHECK signet_status signet_key_check(const signet_key *key, signet_alg alg, unsigned flags,
                                                 signet_error *err);

/* ------------------------------------------------------------------ scratch */

/* Contexts and buffers that calls reuse, one per thread (in Node: one per environment and per pool thread). Results
 * that point into a scratch are valid until the next call with it. For tokens under 4 KiB, calls allocate nothing
 * else. */
typedef struct signet_scratch signet_scratch;

signet_scratch *signet_scratch_new(void); /* NULL: out of memory */
void signet_scratch_free(signet_scratch *scratch);

/* ------------------------------------------------------------------ flat payloads */

/* A member of a flat payload. A payload is flat if it is a JSON object of at most SIGNET_MAX_MEMBERS members, without
 * white space, whose names are ASCII without escapes and whose values are strings without escapes, whole numbers of at
 * most 15 digits, true, false and null. Most payloads are, and a caller can use their members without parsing JSON. */
#define SIGNET_MAX_MEMBERS 16

typedef enum signet_member_kind {
    SIGNET_MEMBER_STRING,
    SIGNET_MEMBER_NUMBER,
    SIGNET_MEMBER_TRUE,
    SIGNET_MEMBER_FALSE,
    SIGNET_MEMBER_NULL
} signet_member_kind;

typedef struct signet_member {
    signet_text name; /* without the quotes */
    signet_text text; /* the value as written; a string without its quotes */
    double number;    /* of a SIGNET_MEMBER_NUMBER */
    signet_member_kind kind;
} signet_member;

/* ------------------------------------------------------------------ sign */

/* What to sign. Texts are borrowed for the call. */
typedef struct signet_sign_request {
    signet_alg alg;
    signet_text header;  /* the JOSE header as JSON text; ptr NULL: made of `alg`, `typ` and `kid` */
    signet_text kid;     /* ptr NULL: none */
    signet_text typ;     /* ptr NULL: "JWT"; len 0: none */
    signet_text payload; /* any bytes; a JSON object's text if a claim is to be added */
    /* Instead of `payload`: the members of a flat object, each name once. Read are `number` of a number, which must be
     * whole and within 2^53, `text` of a string, and `kind` of all others. */
    const signet_member *members;
    size_t members_n;
    bool add_iat, add_nbf, add_exp; /* append the claim to the payload, which must not have it */
    int64_t iat_s, nbf_s, exp_s;
    unsigned key_flags; /* SIGNET_KEY_ALLOW_* */
} signet_sign_request;

/*
 * Makes a JWS in Compact Serialization (RFC 7515 section 7.1). `*token` points into `scratch`. `key` is NULL only with
 * SIGNET_ALG_NONE. Errors: SIGNET_ERR_KEY_*, SIGNET_ERR_ALGORITHM_UNAVAILABLE, SIGNET_ERR_MEMORY, SIGNET_ERR_CRYPTO,
 * and SIGNET_ERR_OPTION with the field "payload": a claim is to be added to what is no JSON object, or a member's name
 * or string is not UTF-8 that JSON need not escape.
 */
SIGNET_MUST_CHECK signet_status signet_sign(const signet_key *key, signet_scratch *scratch,
                                            const signet_sign_request *request, signet_text *token, signet_error *err);

/* ------------------------------------------------------------------ verify */

enum {
    SIGNET_VERIFY_IGNORE_EXP = 1u << 0,
    SIGNET_VERIFY_IGNORE_NBF = 1u << 1,
    SIGNET_VERIFY_OBJECT_ONLY = 1u << 2,     /* SIGNET_ERR_PAYLOAD_NOT_OBJECT for any other payload */
    SIGNET_VERIFY_STOP_BEFORE_AUD = 1u << 3, /* return after nbf and exp; the rest: signet_claims_check */
    SIGNET_VERIFY_MAX_AGE_FLOOR = 1u << 4,   /* the limit of the max age is floor(iat + seconds), as jsonwebtoken's */
    SIGNET_VERIFY_SKIP_CLAIMS = 1u << 5,     /* check the signature only */
};

#define SIGNET_MAX_TOKEN_LEN 65536 /* the default of max_token_len */
#define SIGNET_MAX_HEADER_LEN 4096 /* decoded bytes */
#define SIGNET_MAX_HEADER_MEMBERS 32
#define SIGNET_MAX_JSON_DEPTH 64

/*
 * The claims that a caller can require, in the order of the checks: X(name, claim, option, status).
 * SIGNET_EXPECT_<name> is the check's index in signet_verify_options.expected; `option` is its name in JavaScript's
 * verify; `status` is returned if the claim is missing or different.
 */
/* clang-format off */
#define SIGNET_EXPECT_TABLE(X) \
    X(AUDIENCE, "aud",   "audience", SIGNET_ERR_AUDIENCE)     /* the claim, or an item of it, is one of the texts */ \
    X(ISSUER,   "iss",   "issuer",   SIGNET_ERR_ISSUER)       /* the claim is one of the texts */ \
    X(SUBJECT,  "sub",   "subject",  SIGNET_ERR_SUBJECT) \
    X(JWTID,    "jti",   "jwtid",    SIGNET_ERR_JWTID) \
    X(NONCE,    "nonce", "nonce",    SIGNET_ERR_NONCE) \
    X(MAX_AGE,  "iat",   "maxAge",   SIGNET_ERR_IAT_REQUIRED) /* now is before the claim plus `seconds` */
/* clang-format on */

enum {
#define X(name, claim, option, status) SIGNET_EXPECT_##name,
    SIGNET_EXPECT_TABLE(X)
#undef X
        SIGNET_EXPECT_COUNT
};

typedef struct signet_expected {
    bool is_given;
    const signet_text *texts;
    size_t texts_n; /* 0: every token is refused */
    double seconds; /* SIGNET_EXPECT_MAX_AGE */
} signet_expected;

/* What the caller requires of a token. Texts are borrowed for the call. If zeroed: the key's default algorithms, at
 * time 0. */
typedef struct signet_verify_options {
    signet_alg_set algorithms; /* 0: the defaults of the key's type (secret: HS*; rsa, rsa-pss: RS*, PS*; ec: ES256,
                                  ES384, ES512; others: all that the key can be used with) */
    unsigned flags;            /* SIGNET_VERIFY_* */
    unsigned key_flags;        /* SIGNET_KEY_ALLOW_INVALID_TYPE */
    size_t max_token_len;      /* 0: SIGNET_MAX_TOKEN_LEN */
    double now_s;              /* the current time; may have a fraction */
    double leeway_s;           /* clockTolerance, in favour of the token: nbf, exp, max age */
    signet_expected expected[SIGNET_EXPECT_COUNT];
    signet_text typ; /* the header's `typ` must be exactly this (RFC 8725 section 3.11); ptr NULL: not checked */
} signet_verify_options;

/* A token that was verified or decoded. Its texts and members point into the scratch. */
typedef struct signet_token {
    signet_alg alg;         /* SIGNET_ALG_COUNT: an unknown one, of a decoded token */
    signet_text header;     /* decoded JSON text */
    signet_text payload;    /* decoded bytes */
    signet_text signature;  /* in base64url, as in the token */
    signet_text kid, typ;   /* header parameters, as written between their quotes, escapes included; ptr NULL: none */
    bool payload_is_object; /* a JSON object that the strict parser accepts */
    const signet_member *members; /* in the payload's order; NULL: the payload is not flat */
    size_t members_n;
    uint64_t shape; /* the same, unless 0, for tokens of one scratch with the same names in the same order */
} signet_token;

/*
 * Verifies a token (RFC 7515 section 5.2, 7519 section 7.2, 8725 section 3). Checked are, in this order:
 *  1. the size, the three parts, and that base64url is canonical;
 *  2. the header: an object without duplicate members, at most 4 KiB and 32 members, without `crit` (no extension is
 *     understood), with an `alg` that the caller and the key allow;
 *  3. the signature;
 *  4. the claims: nbf, exp, aud, iss, sub, jti, nonce, max age. If one of the times is the reason, err->time_s is set.
 * `key` NULL: an unsigned token, if `algorithms` has SIGNET_ALG_NONE; SIGNET_ERR_KEY_EMPTY if the token has a
 * signature. With a key, a token without a signature is SIGNET_ERR_TOKEN_UNSIGNED.
 * A payload that is no JSON object passes, with payload_is_object false, unless SIGNET_VERIFY_OBJECT_ONLY is set. It
 * has no claims: no time limit applies, and required claims are missing. A payload that begins with a brace but is no
 * strict JSON object is SIGNET_ERR_TOKEN_INVALID.
 * `token` may be NULL if only the status is of interest.
 */
SIGNET_MUST_CHECK signet_status signet_verify(const signet_key *key, signet_scratch *scratch, const char *jwt,
                                              size_t jwt_len, const signet_verify_options *options, signet_token *token,
                                              signet_error *err);

/* Parses a token as strictly as signet_verify does, but verifies nothing: its contents cannot be trusted. */
SIGNET_MUST_CHECK signet_status signet_decode(signet_scratch *scratch, const char *jwt, size_t jwt_len,
                                              signet_token *token, signet_error *err);

/* Only the claim checks, from `aud` on or (`from_aud` false) from `iss` on, of a payload that signet_verify has
 * returned. */
SIGNET_MUST_CHECK signet_status signet_claims_check(signet_text payload, const signet_verify_options *options,
                                                    bool from_aud, signet_error *err);

/* Sessions: their stores, and their rules. */
#include "signet/stores.h"

#include "signet/sessions.h"

#ifdef SIGNET_EXPORTS
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
