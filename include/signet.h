/*
 * signet.h: the whole public face of Signet's C library: JSON Web Tokens (RFC 7515, 7517, 7518, 7519, 8725) and refresh
 * sessions that rotate (RFC 9700 section 4.14).
 *
 * Rules that hold everywhere:
 *  - Argument order: self, inputs (const), outputs, `signet_error *err`. `err` may be NULL.
 *  - A function that can fail returns a signet_status, SIGNET_OK being 0, and its result must be looked at. On
 *    failure the outputs are untouched unless said otherwise.
 *  - Bytes are pointer plus length and need no NUL. Strings named `const char *` end in NUL.
 *  - The unit is in the name: `_s` seconds, `_ms` milliseconds since the epoch or of a span, `_len` and `_n` bytes
 *    and items.
 *  - The library starts no thread, reads no clock and no environment; time is always an input.
 *  - Pairs: `_new/_free` own heap memory, `_ref/_free` count references.
 *  - Any function may be called on any thread. A signet_key and a signet_auth are immutable and shared freely; a
 *    signet_scratch serves one thread at a time; a signet_store reports how many threads may use it.
 *  - No token and no secret is ever put into a signet_error or a static buffer, and OpenSSL's error queue of the
 *    calling thread is as it was before the call.
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

#ifdef SIGNET_EXPORTS /* `make`, which hides everything else */
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

/* What went wrong. Owned by the caller, no heap. Valid until the next call that is given it. */
typedef struct signet_error {
    signet_status status;
    const char *field;   /* static: the claim, header parameter or option concerned ("exp", "kid"); or NULL */
    int64_t position;    /* byte offset in the input, or -1 */
    int64_t driver_code; /* the database driver's number, or 0 */
    double time_s;       /* for expired and not-active tokens: the `exp`, `nbf` or max-age limit, in seconds */
    /* What stands for `%s` in the status' text, or a driver's words without credentials; NUL-terminated */
    char detail[SIGNET_ERROR_DETAIL_SIZE];
} signet_error;

/* Stable code ("ERR_TOKEN_EXPIRED"), HTTP status, English text and enumerator name ("ERR_TOKEN_MALFORMED") of a
 * status. Static memory. */
const char *signet_status_code(signet_status status);
int signet_status_http(signet_status status);
const char *signet_status_text(signet_status status);
const char *signet_status_name(signet_status status);

/* Whether OpenSSL's error queue of the calling thread is empty, as every function here leaves it. For tests. */
bool signet_openssl_queue_is_empty(void);

/* ------------------------------------------------------------------ text */

/* A borrowed run of bytes: UTF-8 if the member that holds it says text. `ptr` NULL means: not given. */
typedef struct signet_text {
    const char *ptr;
    size_t len;
} signet_text;

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

/* The name as in RFC 7518 ("HS256"), and back; SIGNET_ALG_COUNT if there is no such algorithm. Case-sensitive. */
const char *signet_alg_name(signet_alg alg);
signet_alg signet_alg_from_name(const char *name, size_t name_len);

/* Whether the OpenSSL that runs now can do it (ML-DSA: 3.5 and later). */
bool signet_alg_available(signet_alg alg);

/* ------------------------------------------------------------------ keys (RFC 7517) */

/* A parsed key: opaque, immutable, reference-counted, shared freely between threads. Wiped when the last reference
 * goes. */
typedef struct signet_key signet_key;

/* The type as Node's KeyObject names it; jsonwebtoken's messages use it ("secret", "rsa", "rsa-pss", "ec", "ed25519",
 * ...). */
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
    const char *type_name; /* static: Node's asymmetricKeyType, "secret" for a secret */
    bool is_private;       /* false for a secret */
    size_t bits;           /* modulus or field size; secret: 8 times its length */
    const char *curve;     /* static: Node's namedCurve ("prime256v1", "secp384r1", "secp521r1", "secp256k1") or NULL */
    signet_alg_set algorithms; /* what this key can be used for at all, `alg` of its JWK included */
    signet_text kid;           /* of its JWK; lives as long as the key */
} signet_key_info;

/* An HMAC secret. 1 byte or more (SIGNET_ERR_KEY_EMPTY); bytes that can be told to be half of a key pair or a
 * certificate are refused (SIGNET_ERR_KEY_PAIR_AS_SECRET, err->detail names what they are; RFC 8725 section 3.1). The
 * bytes are copied. */
SIGNET_MUST_CHECK signet_status signet_key_from_secret(const void *secret, size_t secret_len, signet_key **key,
                                                       signet_error *err);

/* A private key, public key or certificate in PEM (PKCS #1, PKCS #8, SEC 1, SPKI, X.509). `passphrase` for an
 * encrypted one, else NULL. */
SIGNET_MUST_CHECK signet_status signet_key_from_pem(const void *pem, size_t pem_len, const signet_text *passphrase,
                                                    signet_key **key, signet_error *err);

/* The same in DER. */
SIGNET_MUST_CHECK signet_status signet_key_from_der(const void *der, size_t der_len, const signet_text *passphrase,
                                                    signet_key **key, signet_error *err);

/* One JWK as JSON text (kty oct, RSA, EC, OKP, AKP). Duplicate members, non-canonical base64url and members of the
 * wrong size are refused. */
SIGNET_MUST_CHECK signet_status signet_key_from_jwk(const char *json, size_t json_len, signet_key **key,
                                                    signet_error *err);

/* The key with that kid of a JWK Set (RFC 7517 section 5), or, `kid` NULL, its only key. SIGNET_ERR_KEY_INVALID if
 * there is none or more than one. */
SIGNET_MUST_CHECK signet_status signet_key_from_jwks(const char *json, size_t json_len, const signet_text *kid,
                                                     signet_key **key, signet_error *err);

/* What a caller of a drop-in `sign` or `verify` hands over as string or Buffer: PEM (text that holds a line
 * "-----BEGIN"), else a secret. */
SIGNET_MUST_CHECK signet_status signet_key_from_material(const void *material, size_t material_len,
                                                         const signet_text *passphrase, signet_key **key,
                                                         signet_error *err);

signet_key *signet_key_ref(signet_key *key);
void signet_key_free(signet_key *key);

void signet_key_describe(const signet_key *key, signet_key_info *info);

/*
 * Whether `key` may be used with `alg`: its type, curve, RSA-PSS parameters, and for signing that it is private and,
 * RSA, of 2048 bits or more. `flags` relax it as jsonwebtoken's options do. What the status' text leaves open: one
 * `%s` is err->detail. Of two, the first is err->field and the second err->detail: SIGNET_ERR_KEY_ALGORITHM has the
 * key's type name and the list of its algorithms ("rsa", "RS256, PS256, ..."), SIGNET_ERR_KEY_CURVE the algorithm's
 * name and its curve.
 */
enum {
    SIGNET_KEY_FOR_SIGNING = 1u << 0,
    SIGNET_KEY_ALLOW_INSECURE_SIZE = 1u << 1, /* allowInsecureKeySizes */
    SIGNET_KEY_ALLOW_INVALID_TYPE = 1u << 2,  /* allowInvalidAsymmetricKeyTypes */
};
SIGNET_MUST_CHECK signet_status signet_key_check(const signet_key *key, signet_alg alg, unsigned flags,
                                                 signet_error *err);

/* ------------------------------------------------------------------ scratch */

/* Contexts and buffers that calls reuse: one for each thread (each Node environment and each pool thread has its
 * own). What a call returns in it is valid until the next call with the same scratch. Holds no heap memory of ours
 * beyond itself for tokens under 4 KiB. */
typedef struct signet_scratch signet_scratch;

signet_scratch *signet_scratch_new(void); /* NULL: out of memory */
void signet_scratch_free(signet_scratch *scratch);

/* ------------------------------------------------------------------ flat payloads */

/* One member of a payload that is flat: a JSON object of at most SIGNET_MAX_MEMBERS members, ASCII and without white
 * space, whose values are strings without escapes, whole numbers of at most 15 digits, true, false and null. Most
 * payloads are: who builds objects needs to read no JSON for them. */
#define SIGNET_MAX_MEMBERS 16

typedef enum signet_member_kind {
    SIGNET_MEMBER_STRING,
    SIGNET_MEMBER_NUMBER,
    SIGNET_MEMBER_TRUE,
    SIGNET_MEMBER_FALSE,
    SIGNET_MEMBER_NULL
} signet_member_kind;

typedef struct signet_member {
    signet_text name; /* between its quotes */
    signet_text text; /* the value as written; of a string, what is between its quotes */
    double number;    /* SIGNET_MEMBER_NUMBER */
    signet_member_kind kind;
} signet_member;

/* ------------------------------------------------------------------ sign */

/* What is to be signed. All texts are borrowed for the call. */
typedef struct signet_sign_request {
    signet_alg alg;
    signet_text header; /* the JOSE header as JSON text; ptr NULL: `{"alg":…,"typ":"JWT"}`, `kid` added if the next
                           member is given */
    signet_text kid;
    signet_text typ;     /* instead of "JWT"; ptr NULL: "JWT". len 0: no `typ` at all */
    signet_text payload; /* any bytes; if a claim is to be added, a JSON object's text */
    const signet_member *members;
    size_t members_n; /* instead of `payload`: a flat object to be written, no name twice; of numbers `number` counts,
                         whole and within 2^53, of other values but strings `kind` alone */
    bool add_iat, add_nbf, add_exp; /* add the claim behind the payload's last member; the payload must not have it */
    int64_t iat_s, nbf_s, exp_s;
    unsigned key_flags; /* SIGNET_KEY_ALLOW_* */
} signet_sign_request;

/*
 * Signs: JWS Compact Serialization (RFC 7515 section 7.1). `*token` points into `scratch`. `key` NULL only with
 * SIGNET_ALG_NONE. Errors: SIGNET_ERR_KEY_*, SIGNET_ERR_ALGORITHM_UNAVAILABLE, SIGNET_ERR_OPTION (`payload`: no JSON
 * object though a claim is to be added, or a member whose name or string is not plain: ASCII without anything that
 * JSON escapes), SIGNET_ERR_MEMORY, SIGNET_ERR_CRYPTO.
 */
SIGNET_MUST_CHECK signet_status signet_sign(const signet_key *key, signet_scratch *scratch,
                                            const signet_sign_request *request, signet_text *token, signet_error *err);

/* ------------------------------------------------------------------ verify */

enum {
    SIGNET_VERIFY_IGNORE_EXP = 1u << 0,
    SIGNET_VERIFY_IGNORE_NBF = 1u << 1,
    SIGNET_VERIFY_OBJECT_ONLY = 1u << 2,     /* SIGNET_ERR_PAYLOAD_NOT_OBJECT for any other payload */
    SIGNET_VERIFY_STOP_BEFORE_AUD = 1u << 3, /* return after nbf and exp; the caller goes on by signet_claims_check */
    SIGNET_VERIFY_MAX_AGE_FLOOR = 1u << 4,   /* maxAge came as a string: its limit is floor(iat + max_age_s) */
    SIGNET_VERIFY_SKIP_CLAIMS = 1u << 5,     /* the signature only */
};

#define SIGNET_MAX_TOKEN_LEN 65536 /* the default of max_token_len */
#define SIGNET_MAX_HEADER_LEN 4096 /* decoded bytes */
#define SIGNET_MAX_HEADER_MEMBERS 32
#define SIGNET_MAX_JSON_DEPTH 64

/*
 * The claims that a caller may insist on, in the order of the checks: X(name, claim, option, status).
 * SIGNET_EXPECT_<name> is the check's place in signet_verify_options.expected; `option` is its name in lib's verify;
 * `status` is the refusal of a token whose claim is absent or another.
 */
/* clang-format off */
#define SIGNET_EXPECT_TABLE(X) \
    X(AUDIENCE, "aud",   "audience", SIGNET_ERR_AUDIENCE)     /* the claim, or one item of it, is one of the texts */ \
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
    size_t texts_n; /* 0: no claim will do */
    double seconds;
} signet_expected;

/* What the caller insists on. Texts are borrowed for the call. Zeroed: the key's default algorithms, now 0. */
typedef struct signet_verify_options {
    signet_alg_set algorithms; /* 0: the key type's defaults (secret: HS*; rsa, rsa-pss: RS*, PS*; ec: ES256, ES384,
                                  ES512; others: all that the key can do) */
    unsigned flags;            /* SIGNET_VERIFY_* */
    unsigned key_flags;        /* SIGNET_KEY_ALLOW_INVALID_TYPE */
    size_t max_token_len;      /* 0: SIGNET_MAX_TOKEN_LEN */
    double now_s;              /* the clock, possibly with a fraction */
    double leeway_s;           /* clockTolerance */
    signet_expected expected[SIGNET_EXPECT_COUNT];
    signet_text typ; /* ptr NULL: not checked; else the header's `typ` must be exactly this (RFC 8725 section 3.11) */
} signet_verify_options;

/* A verified (or decoded) token. Points into the scratch. */
typedef struct signet_token {
    signet_alg alg;         /* SIGNET_ALG_COUNT: decoded, and the header's alg is none of ours */
    signet_text header;     /* decoded JSON text */
    signet_text payload;    /* decoded bytes */
    signet_text signature;  /* the third part as it stands, base64url */
    signet_text kid, typ;   /* of the header, ptr NULL if absent. Raw JSON string content: escapes stand as written */
    bool payload_is_object; /* a JSON object that the strict reader accepts */
    const signet_member *members; /* in the payload's order; NULL: it is not flat */
    size_t members_n;
    uint64_t shape; /* not 0: the members have the names, in order, of every other token of this scratch with this
                       number */
} signet_token;

/*
 * Verifies (RFC 7515 section 5.2, 7519 section 7.2, 8725 section 3): size; three parts; canonical base64url; header
 * an object without duplicate members, at most 4 KiB and 32 members; `crit` absent (no extension is understood);
 * `alg` allowed by the caller and by the key; signature; then the claims in the order nbf, exp, aud, iss, sub, jti,
 * nonce, max age. `key` NULL verifies an unsigned token, only if SIGNET_ALG_NONE is in `algorithms`. A payload
 * that is no JSON object passes (payload_is_object false) unless SIGNET_VERIFY_OBJECT_ONLY, as one without any claim:
 * no limit of time applies, and a check for a claim fails. One that begins with a brace and is no strict JSON object
 * is SIGNET_ERR_TOKEN_INVALID. `key` NULL and a signature: SIGNET_ERR_KEY_EMPTY. A key and no signature:
 * SIGNET_ERR_TOKEN_UNSIGNED. `token` NULL is allowed if the caller wants only the verdict. On
 * SIGNET_ERR_TOKEN_EXPIRED and its like, err->time_s is set.
 */
SIGNET_MUST_CHECK signet_status signet_verify(const signet_key *key, signet_scratch *scratch, const char *jwt,
                                              size_t jwt_len, const signet_verify_options *options, signet_token *token,
                                              signet_error *err);

/* Takes a token apart as strictly as signet_verify, and checks nothing else: not to be believed. */
SIGNET_MUST_CHECK signet_status signet_decode(signet_scratch *scratch, const char *jwt, size_t jwt_len,
                                              signet_token *token, signet_error *err);

/* The claim checks alone, from `iss` on (`from_aud` false) or from `aud` on, over a payload that signet_verify has
 * returned. */
SIGNET_MUST_CHECK signet_status signet_claims_check(signet_text payload, const signet_verify_options *options,
                                                    bool from_aud, signet_error *err);

/* Sessions: where they are kept, and their rules. */
#include "signet/stores.h"

#include "signet/sessions.h"

#ifdef SIGNET_EXPORTS
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
