/* mongo_options.c: the options of a URI, as the official drivers know them, and what becomes of each here. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/fail.h"

#define MAX_NAME_LEN 40
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

typedef enum fate { TAKEN, FORCED, PASSED_OVER, REFUSED } fate;

#define BY_DRIVER "mongo-c-driver reads it"
#define BY_MAJORITY "sessions are written by a majority, to its journal"
#define BY_PRIMARY "sessions are read from the primary"
#define BY_TIMEOUT "set by storeTimeout"
#define BY_THREADS "set by storeThreads; connections are opened as needed"
#define ABOUT_VALUES "does not apply: JavaScript values only"
#define ABOUT_SOCKETS "does not apply: Node's sockets only; mongo-c-driver tries every address, IPv6 and IPv4"
#define ABOUT_EVENTS "does not apply: the Node driver's own events, log and timers"
#define ABOUT_MONGOOSE "does not apply: an option of Mongoose, or of an older driver"
#define BY_TLS "TLS is set by tlsCAFile, tlsCertificateKeyFile and related options"
#define NO_PROXY "mongo-c-driver connects directly, never through a SOCKS5 proxy"

/* docs/mongodb.md has the same table; test/50.mongo-connect.js compares them, and looks for every option of the Node
 * driver. */
static const struct option_row {
    const char *name;
    fate fate;
    const char *why;
} options_table[] = {
    {"appName", TAKEN, BY_DRIVER},
    {"authMechanism", TAKEN, BY_DRIVER},
    {"authMechanismProperties", TAKEN, BY_DRIVER},
    {"authSource", TAKEN, BY_DRIVER},
    {"canonicalizeHostname", TAKEN, BY_DRIVER},
    {"compressors", TAKEN, BY_DRIVER},
    {"directConnection", TAKEN, BY_DRIVER},
    {"gssapiServiceName", TAKEN, BY_DRIVER},
    {"heartbeatFrequencyMS", TAKEN, BY_DRIVER},
    {"loadBalanced", TAKEN, BY_DRIVER},
    {"localThresholdMS", TAKEN, BY_DRIVER},
    {"replicaSet", TAKEN, BY_DRIVER},
    {"retryReads", TAKEN, BY_DRIVER},
    {"retryWrites", TAKEN, BY_DRIVER},
    {"serverSelectionTryOnce", TAKEN, BY_DRIVER},
    {"socketCheckIntervalMS", TAKEN, BY_DRIVER},
    {"srvMaxHosts", TAKEN, BY_DRIVER},
    {"srvServiceName", TAKEN, BY_DRIVER},
    {"ssl", TAKEN, BY_DRIVER},
    {"tls", TAKEN, BY_DRIVER},
    {"tlsAllowInvalidCertificates", TAKEN, BY_DRIVER},
    {"tlsAllowInvalidHostnames", TAKEN, BY_DRIVER},
    {"tlsCAFile", TAKEN, BY_DRIVER},
    {"tlsCertificateKeyFile", TAKEN, BY_DRIVER},
    {"tlsCertificateKeyFilePassword", TAKEN, BY_DRIVER},
    {"tlsDisableCertificateRevocationCheck", TAKEN, BY_DRIVER},
    {"tlsDisableOCSPEndpointCheck", TAKEN, BY_DRIVER},
    {"tlsInsecure", TAKEN, BY_DRIVER},
    {"zlibCompressionLevel", TAKEN, BY_DRIVER},

    {"fsync", FORCED, BY_MAJORITY},
    {"j", FORCED, BY_MAJORITY},
    {"journal", FORCED, BY_MAJORITY},
    {"safe", FORCED, BY_MAJORITY},
    {"w", FORCED, BY_MAJORITY},
    {"writeConcern", FORCED, BY_MAJORITY},
    {"maxStalenessSeconds", FORCED, BY_PRIMARY},
    {"readConcern", FORCED, BY_PRIMARY},
    {"readConcernLevel", FORCED, BY_PRIMARY},
    {"readPreference", FORCED, BY_PRIMARY},
    {"readPreferenceTags", FORCED, BY_PRIMARY},
    {"slaveOk", FORCED, BY_PRIMARY},
    {"connectTimeoutMS", FORCED, BY_TIMEOUT},
    {"serverSelectionTimeoutMS", FORCED, BY_TIMEOUT},
    {"socketTimeoutMS", FORCED, BY_TIMEOUT},
    {"timeoutMS", FORCED, BY_TIMEOUT},
    {"waitQueueTimeoutMS", FORCED, BY_TIMEOUT},
    {"wtimeout", FORCED, BY_TIMEOUT},
    {"wtimeoutMS", FORCED, BY_TIMEOUT},
    {"maxConnecting", FORCED, BY_THREADS},
    {"maxIdleTimeMS", FORCED, BY_THREADS},
    {"maxPoolSize", FORCED, BY_THREADS},
    {"minPoolSize", FORCED, BY_THREADS},
    {"poolSize", FORCED, BY_THREADS},
    {"waitQueueMultiple", FORCED, BY_THREADS},

    {"bsonRegExp", PASSED_OVER, ABOUT_VALUES},
    {"checkKeys", PASSED_OVER, ABOUT_VALUES},
    {"enableUtf8Validation", PASSED_OVER, ABOUT_VALUES},
    {"fieldsAsRaw", PASSED_OVER, ABOUT_VALUES},
    {"forceServerObjectId", PASSED_OVER, ABOUT_VALUES},
    {"ignoreUndefined", PASSED_OVER, ABOUT_VALUES},
    {"minInternalBufferSize", PASSED_OVER, ABOUT_VALUES},
    {"promoteBuffers", PASSED_OVER, ABOUT_VALUES},
    {"promoteLongs", PASSED_OVER, ABOUT_VALUES},
    {"promoteValues", PASSED_OVER, ABOUT_VALUES},
    {"raw", PASSED_OVER, ABOUT_VALUES},
    {"serializeFunctions", PASSED_OVER, ABOUT_VALUES},
    {"useBigInt64", PASSED_OVER, ABOUT_VALUES},
    {"autoSelectFamily", PASSED_OVER, ABOUT_SOCKETS},
    {"autoSelectFamilyAttemptTimeout", PASSED_OVER, ABOUT_SOCKETS},
    {"family", PASSED_OVER, ABOUT_SOCKETS},
    {"hints", PASSED_OVER, ABOUT_SOCKETS},
    {"keepAlive", PASSED_OVER, ABOUT_SOCKETS},
    {"keepAliveInitialDelay", PASSED_OVER, ABOUT_SOCKETS},
    {"noDelay", PASSED_OVER, ABOUT_SOCKETS},
    {"connectionType", PASSED_OVER, ABOUT_EVENTS},
    {"driverInfo", PASSED_OVER, ABOUT_EVENTS},
    {"enableOverloadRetargeting", PASSED_OVER, ABOUT_EVENTS},
    {"enableTrace", PASSED_OVER, ABOUT_EVENTS},
    {"maxAdaptiveRetries", PASSED_OVER, ABOUT_EVENTS},
    {"minHeartbeatFrequencyMS", PASSED_OVER, ABOUT_EVENTS},
    {"mongodbLogComponentSeverities", PASSED_OVER, ABOUT_EVENTS},
    {"mongodbLogMaxDocumentLength", PASSED_OVER, ABOUT_EVENTS},
    {"mongodbLogPath", PASSED_OVER, ABOUT_EVENTS},
    {"monitorCommands", PASSED_OVER, ABOUT_EVENTS},
    {"serverApi", PASSED_OVER, "Signet's commands are the same in every API version"},
    {"serverMonitoringMode", PASSED_OVER, ABOUT_EVENTS},
    {"srvPoller", PASSED_OVER, ABOUT_EVENTS},
    {"autoCreate", PASSED_OVER, ABOUT_MONGOOSE},
    {"autoIndex", PASSED_OVER, ABOUT_MONGOOSE},
    {"bufferCommands", PASSED_OVER, ABOUT_MONGOOSE},
    {"useCreateIndex", PASSED_OVER, ABOUT_MONGOOSE},
    {"useFindAndModify", PASSED_OVER, ABOUT_MONGOOSE},
    {"useNewUrlParser", PASSED_OVER, ABOUT_MONGOOSE},
    {"useUnifiedTopology", PASSED_OVER, ABOUT_MONGOOSE},

    {"auth", REFUSED, "the user and the password belong before the @ of the URI"},
    {"autoEncryption", REFUSED, "sessions are stored as they are; no token is in them"},
    {"dbName", REFUSED, "the database goes after the hosts: mongodb://host/database"},
    {"proxyHost", REFUSED, NO_PROXY},
    {"proxyPassword", REFUSED, NO_PROXY},
    {"proxyPort", REFUSED, NO_PROXY},
    {"proxyUsername", REFUSED, NO_PROXY},
    {"localAddress", REFUSED, "the system chooses the address from which mongo-c-driver connects"},
    {"localPort", REFUSED, "the system chooses the port from which mongo-c-driver connects"},
    {"lookup", REFUSED, "mongo-c-driver uses the system's resolver"},
    {"srvAllowedHostsSuffix", REFUSED, "mongo-c-driver accepts only hosts of the SRV name's own domain"},
    {"srvHostValidator", REFUSED, "mongo-c-driver accepts only hosts of the SRV name's own domain"},
    {"checkServerIdentity", REFUSED,
     "to accept another host name in the certificate write tlsAllowInvalidHostnames=true"},
    {"rejectUnauthorized", REFUSED, "to accept any certificate write tlsAllowInvalidCertificates=true"},
    {"tlsCRLFile", REFUSED, "mongo-c-driver cannot read a CRL from a URI"},
    {"allowPartialTrustChain", REFUSED, BY_TLS},
    {"ALPNProtocols", REFUSED, BY_TLS},
    {"ca", REFUSED, BY_TLS},
    {"cert", REFUSED, BY_TLS},
    {"ciphers", REFUSED, BY_TLS},
    {"crl", REFUSED, BY_TLS},
    {"ecdhCurve", REFUSED, BY_TLS},
    {"key", REFUSED, BY_TLS},
    {"minDHSize", REFUSED, BY_TLS},
    {"passphrase", REFUSED, BY_TLS},
    {"pfx", REFUSED, BY_TLS},
    {"pskCallback", REFUSED, BY_TLS},
    {"requestCert", REFUSED, BY_TLS},
    {"requestOCSP", REFUSED, BY_TLS},
    {"secureContext", REFUSED, BY_TLS},
    {"secureProtocol", REFUSED, BY_TLS},
    {"servername", REFUSED, BY_TLS},
    {"session", REFUSED, BY_TLS},
    {"SNICallback", REFUSED, BY_TLS},
};

/* ------------------------------------------------------------------ authMechanism */

#ifdef MONGOC_ENABLE_SASL
#define WITHOUT_SASL NULL
#else
#define WITHOUT_SASL "this build of mongo-c-driver has no SASL library: use SCRAM-SHA-256 or MONGODB-X509"
#endif
#ifdef MONGOC_ENABLE_MONGODB_AWS_AUTH
#define WITHOUT_AWS NULL
#else
#define WITHOUT_AWS                                                                                                    \
    "this build of mongo-c-driver does not support AWS authentication: use SCRAM-SHA-256 or MONGODB-X509"
#endif

static const struct mechanism_row {
    const char *name;
    const char *refusal; /* NULL: it can be used */
    const char *advice;  /* if the login fails */
} mechanisms[] = {
    {"DEFAULT", NULL, MONGO_LOGIN_ADVICE},
    {"SCRAM-SHA-1", NULL, MONGO_LOGIN_ADVICE},
    {"SCRAM-SHA-256", NULL, MONGO_LOGIN_ADVICE},
    {"MONGODB-X509", NULL, "is the subject of the certificate in tlsCertificateKeyFile a user in $external?"},
    {"PLAIN", WITHOUT_SASL, "check user and password; PLAIN (LDAP) needs authSource=$external"},
    {"GSSAPI", WITHOUT_SASL,
     "is there a Kerberos ticket (kinit), and is the user's name the principal, its @ written as %40?"},
    {"MONGODB-AWS", WITHOUT_AWS,
     "are there AWS credentials (URI, environment, role), and is their ARN a user in $external?"},
    {"MONGODB-OIDC", "mongo-c-driver does not support OIDC authentication: use SCRAM-SHA-256 or MONGODB-X509", ""},
    {"MONGODB-CR", "removed in MongoDB 4.0: leave authMechanism out", ""},
};

static const struct mechanism_row *mechanism_of(const char *name, size_t name_len)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++)
        if (strlen(mechanisms[i].name) == name_len && strncasecmp(mechanisms[i].name, name, name_len) == 0)
            return &mechanisms[i];
    return NULL;
}

const char *mongo_login_advice(const mongoc_uri_t *uri)
{
    const char *name = uri ? mongoc_uri_get_auth_mechanism(uri) : NULL;
    const struct mechanism_row *row = name ? mechanism_of(name, strlen(name)) : NULL;
    return row ? row->advice : MONGO_LOGIN_ADVICE;
}

static signet_status refuse(const char *name, const char *why, signet_error *err)
{
    return signet_fail_detail(err, SIGNET_ERR_OPTION, "store", "the MongoDB URI cannot be used: its option \"%s\": %s",
                              name, why);
}

/* `*is_kept` false: the option says what would be done without it. */
static signet_status check_mechanism(const char *value, size_t value_len, bool *is_kept, signet_error *err)
{
    const struct mechanism_row *row = mechanism_of(value, value_len);
    if (!row)
        return refuse("authMechanism", "unknown mechanism; use SCRAM-SHA-256 or MONGODB-X509", err);
    if (row->refusal)
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "store",
                                  "the MongoDB URI cannot be used: authMechanism=%s: %s", row->name, row->refusal);
    *is_kept = row != &mechanisms[0];
    return SIGNET_OK;
}

/* ------------------------------------------------------------------ one option, all options */

static const struct option_row *option_of(const char *name, size_t name_len)
{
    for (size_t i = 0; i < sizeof options_table / sizeof options_table[0]; i++)
        if (strlen(options_table[i].name) == name_len && strncasecmp(options_table[i].name, name, name_len) == 0)
            return &options_table[i];
    return NULL;
}

static signet_status check_option(const char *pair, size_t pair_len, bool *is_kept, signet_error *err)
{
    const size_t name_len = strspn(pair, NAME_LETTERS "0123456789");
    if (name_len == 0 || name_len > MAX_NAME_LEN || pair[name_len] != '=')
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "store",
                                  "the MongoDB URI cannot be used: options follow the ?, as name=value joined by &");
    const struct option_row *row = option_of(pair, name_len);
    if (!row)
        return strchr(pair, '@') /* then it may be a part of the password */
                   ? signet_fail_detail(err, SIGNET_ERR_OPTION, "store",
                                        "the MongoDB URI cannot be used: " MONGO_ENCODE_ADVICE)
                   : signet_fail_detail(err, SIGNET_ERR_OPTION, "store",
                                        "the MongoDB URI cannot be used: its option \"%.*s\" is not known",
                                        (int)name_len, pair);
    if (row->fate == REFUSED)
        return refuse(row->name, row->why, err);
    *is_kept = row->fate == TAKEN;
    if (strcmp(row->name, "authMechanism") == 0)
        return check_mechanism(pair + name_len + 1, pair_len - name_len - 1, is_kept, err);
    return SIGNET_OK;
}

signet_status mongo_uri_filter(const char *options, char *kept, signet_error *err)
{
    char joint = '?';
    *kept = 0;
    while (*options) {
        const char *pair = options + 1;
        const size_t len = strcspn(pair, "&;");
        bool is_kept = false;
        signet_status status =
            len || pair[len] ? check_option(pair, len, &is_kept, err) : SIGNET_OK; /* a last & is nothing */
        if (status != SIGNET_OK)
            return status;
        if (is_kept) {
            *kept++ = joint;
            memcpy(kept, pair, len);
            kept += len;
            *kept = 0;
            joint = '&';
        }
        options = pair + len;
    }
    return SIGNET_OK;
}

const char *mongo_option_named_in(const char *text)
{
    for (size_t i = 0; i < sizeof options_table / sizeof options_table[0]; i++) {
        const char *name = options_table[i].name;
        const size_t len = strlen(name);
        if (options_table[i].fate != TAKEN)
            continue;
        for (const char *at = text; *at; at++)
            if (strncasecmp(at, name, len) == 0 && (at == text || !strchr(NAME_LETTERS, at[-1])) &&
                (!at[len] || !strchr(NAME_LETTERS, at[len])))
                return name;
    }
    return NULL;
}

#endif
