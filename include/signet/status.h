/*
 * status.h: every status that a function of this library can return, in one table.
 *
 * SIGNET_STATUS_TABLE(X) calls X(name, code, http, text) once per status:
 *   name   the enumerator is SIGNET_<name>
 *   code   the stable string that programs compare (docs/errors.md); several statuses may share one
 *   http   the HTTP status of the response; 0: an error at start-up or in the caller's code
 *   text   the message in English, exactly jsonwebtoken's if it has one for the failure. `%s` is filled in from the
 *          signet_error (an algorithm, a list), never with a token or a secret.
 *
 * The order is the ABI between the addon and lib/: append, never reorder.
 */
#ifndef SIGNET_STATUS_H
#define SIGNET_STATUS_H

/* clang-format off */
#define SIGNET_STATUS_TABLE(X) \
    X(OK,                       "OK",                    200, "no error") \
    /* tokens: what a caller sent */ \
    X(ERR_TOKEN_MISSING,        "ERR_TOKEN_MISSING",     401, "jwt must be provided") \
    X(ERR_TOKEN_MALFORMED,      "ERR_TOKEN_INVALID",     401, "jwt malformed") \
    X(ERR_TOKEN_INVALID,        "ERR_TOKEN_INVALID",     401, "invalid token") \
    X(ERR_TOKEN_TOO_LARGE,      "ERR_TOKEN_INVALID",     401, "jwt malformed") \
    X(ERR_TOKEN_UNSIGNED,       "ERR_TOKEN_INVALID",     401, "jwt signature is required") \
    X(ERR_SIGNATURE,            "ERR_TOKEN_INVALID",     401, "invalid signature") \
    X(ERR_ALGORITHM,            "ERR_TOKEN_INVALID",     401, "invalid algorithm") \
    X(ERR_TYP,                  "ERR_TOKEN_INVALID",     401, "invalid token") \
    X(ERR_CRIT,                 "ERR_TOKEN_INVALID",     401, "invalid token") \
    X(ERR_PAYLOAD_NOT_OBJECT,   "ERR_TOKEN_INVALID",     401, "invalid token") \
    /* claims */ \
    X(ERR_TOKEN_EXPIRED,        "ERR_TOKEN_EXPIRED",     401, "jwt expired") \
    X(ERR_TOKEN_NOT_ACTIVE,     "ERR_TOKEN_INVALID",     401, "jwt not active") \
    X(ERR_NBF,                  "ERR_TOKEN_INVALID",     401, "invalid nbf value") \
    X(ERR_EXP,                  "ERR_TOKEN_INVALID",     401, "invalid exp value") \
    X(ERR_AUDIENCE,             "ERR_TOKEN_INVALID",     401, "jwt audience invalid. expected: %s") \
    X(ERR_ISSUER,               "ERR_TOKEN_INVALID",     401, "jwt issuer invalid. expected: %s") \
    X(ERR_SUBJECT,              "ERR_TOKEN_INVALID",     401, "jwt subject invalid. expected: %s") \
    X(ERR_JWTID,                "ERR_TOKEN_INVALID",     401, "jwt jwtid invalid. expected: %s") \
    X(ERR_NONCE,                "ERR_TOKEN_INVALID",     401, "jwt nonce invalid. expected: %s") \
    X(ERR_IAT_REQUIRED,         "ERR_TOKEN_INVALID",     401, "iat required when maxAge is specified") \
    X(ERR_MAX_AGE,              "ERR_TOKEN_EXPIRED",     401, "maxAge exceeded") \
    /* keys: what the app configured */ \
    X(ERR_KEY_INVALID,          "ERR_KEY",                 0, "secretOrPrivateKey is not valid key material") \
    X(ERR_KEY_PASSPHRASE,       "ERR_KEY",                 0, "the private key is encrypted and its passphrase is missing or wrong") \
    X(ERR_KEY_EMPTY,            "ERR_KEY",                 0, "secretOrPrivateKey must have a value") \
    X(ERR_KEY_PAIR_AS_SECRET, "ERR_KEY",                 0, "%s cannot be used as an HMAC secret: pass a secret, or the key in PEM, as a JWK or as { key, format: \"der\" } with an asymmetric algorithm") \
    X(ERR_KEY_SYMMETRIC,        "ERR_KEY",                 0, "secretOrPrivateKey must be a symmetric key when using %s") \
    X(ERR_KEY_ASYMMETRIC,       "ERR_KEY",                 0, "secretOrPrivateKey must be an asymmetric key when using %s") \
    X(ERR_KEY_NOT_PRIVATE,      "ERR_KEY",                 0, "secretOrPrivateKey must be an asymmetric key when using %s") \
    X(ERR_KEY_TYPE,             "ERR_KEY",                 0, "Unknown key type \"%s\".") \
    X(ERR_KEY_ALGORITHM,        "ERR_KEY",                 0, "\"alg\" parameter for \"%s\" key type must be one of: %s.") \
    X(ERR_KEY_CURVE,            "ERR_KEY",                 0, "\"alg\" parameter \"%s\" requires curve \"%s\".") \
    X(ERR_KEY_PSS_DIGEST,       "ERR_KEY",                 0, "Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of \"alg\" %s.") \
    X(ERR_KEY_PSS_SALT,         "ERR_KEY",                 0, "Invalid key for this operation, its RSA-PSS parameter saltLength does not meet the requirements of \"alg\" %s.") \
    X(ERR_KEY_TOO_SMALL,        "ERR_KEY",                 0, "secretOrPrivateKey has a minimum key size of %s") \
    /* the caller's code, the machine */ \
    X(ERR_OPTION,               "ERR_OPTION",              0, "an option is missing or has an invalid value") \
    X(ERR_SECRET,               "ERR_SECRET",              0, "a secret is missing, too short, equal to another or well known") \
    X(ERR_PLATFORM,             "ERR_PLATFORM",            0, "this platform is not supported") \
    X(ERR_ALGORITHM_UNAVAILABLE, "ERR_PLATFORM",           0, "the OpenSSL of this Node has no %s: OpenSSL 3.5 and later have it (process.versions.openssl), as newer Nodes do") \
    X(ERR_MEMORY,               "ERR_MEMORY",            500, "out of memory") \
    X(ERR_CRYPTO,               "ERR_CRYPTO",            500, "OpenSSL failed in a way that the input does not explain") \
    /* sessions */ \
    X(ERR_REFRESH_INVALID,      "ERR_REFRESH_INVALID",   401, "the refresh token is not valid: log in again") \
    X(ERR_REFRESH_EXPIRED,      "ERR_REFRESH_EXPIRED",   401, "the refresh token has expired: log in again") \
    X(ERR_REFRESH_REUSED,       "ERR_REFRESH_REUSED",    401, "the refresh token was used before: its session has been ended, log in again") \
    X(ERR_SESSION_UNKNOWN,      "ERR_SESSION_UNKNOWN",   401, "no such session: log in again") \
    X(ERR_SESSION_EXPIRED,      "ERR_SESSION_EXPIRED",   401, "the session has reached its limit: log in again") \
    X(ERR_SESSION_REVOKED,      "ERR_SESSION_REVOKED",   401, "the session has been ended: log in again") \
    /* the store */ \
    X(ERR_BUSY,                 "ERR_BUSY",              503, "too many requests are waiting for the session store: try again shortly") \
    X(ERR_STORE_UNAVAILABLE,    "ERR_STORE_UNAVAILABLE", 503, "the session store cannot be reached: nothing has changed, try again") \
    X(ERR_STORE_TIMEOUT,        "ERR_STORE_TIMEOUT",     503, "the session store failed or did not answer in time: the outcome is unknown, a retry with the same token is safe") \
    X(ERR_STORE_REFUSED,        "ERR_STORE_REFUSED",     500, "the session store refused") \
    X(ERR_STORE_CORRUPT,        "ERR_STORE_CORRUPT",     500, "the session store holds something that is not a session record") \
    X(ERR_CLAIMS_TIMEOUT,       "ERR_CLAIMS_TIMEOUT",    503, "the claims function did not answer in time: nothing has changed, try again") \
    /* raised in JavaScript only; here so that there is one table of codes */ \
    X(ERR_BODY,                 "ERR_BODY",              400, "the request body is not what this route reads") \
    X(ERR_CREDENTIALS,          "ERR_CREDENTIALS",       401, "the user name or the password is wrong") \
    X(ERR_FORBIDDEN,            "ERR_FORBIDDEN",         403, "this user may not do that") \
    X(ERR_ORIGIN,               "ERR_ORIGIN",            403, "the request comes from an origin that is not allowed") \
    X(ERR_AUTH_AGE,             "ERR_AUTH_AGE",          401, "this requires a more recent login") \
    /* before the store */ \
    X(ERR_STORE_NEVER_STARTED,  "ERR_STORE_UNAVAILABLE", 503, "the store is overloaded: the call waited longer than storeTimeout and was not started; nothing has changed, try again") \
    X(ERR_STORE_CLOSED,         "ERR_STORE_UNAVAILABLE", 503, "auth.close() was called: nothing has changed") \
    /* keys, in more words than jsonwebtoken has */ \
    X(ERR_KEY_UNREADABLE,       "ERR_KEY",                 0, "secretOrPrivateKey is not valid key material: %s") \
    X(ERR_KEY_CANNOT,           "ERR_KEY",                 0, "a key of type \"%s\" cannot do %s, whatever allowInvalidAsymmetricKeyTypes says") \
    /* a secret that other processes have */ \
    X(ERR_KEY_UNKNOWN,          "ERR_KEY_UNKNOWN",       401, "the access token is signed with a secret that this server does not know: refresh, then try again") \
    X(ERR_REFRESH_KEY_UNKNOWN,  "ERR_REFRESH_KEY_UNKNOWN", 503, "the refresh token is signed with a secret that this server does not know: nothing has changed, try again") \
    X(ERR_REFRESH_KEY_LIMIT,    "ERR_REFRESH_KEY_LIMIT", 429, "too many refresh tokens are signed with a secret that this server does not know: nothing has changed, try again") \
    X(ERR_REFRESH_SUPERSEDED,   "ERR_REFRESH_SUPERSEDED", 409, "a newer refresh token of this session has been issued: nothing has changed, try again with that one") \
    X(ERR_CLOCK_UNSURE,         "ERR_CLOCK_UNSURE",      503, "the clock of the session store has been set, or this server's: whether the session has expired is not known yet, try again") \
    X(ERR_LOGIN_UNSURE,         "ERR_LOGIN_UNSURE",      503, "all sessions of this user were ended at about the time at which the password was checked: check it again and log in again")
/* clang-format on */

typedef enum signet_status {
#define SIGNET_STATUS_ENUM(name, code, http, text) SIGNET_##name,
    SIGNET_STATUS_TABLE(SIGNET_STATUS_ENUM)
#undef SIGNET_STATUS_ENUM
        SIGNET_STATUS_COUNT
} signet_status;

#endif
