// addon.h: the functions that lib calls. Raw N-API with positional arguments; each is described where it is defined.
#ifndef SIGNET_NODE_ADDON_H
#define SIGNET_NODE_ADDON_H

#include <node_api.h>

// Every function of the addon and its name in JavaScript. addon.cc exports them with the Environment as their data.
#define SIGNET_ADDON_FUNCTIONS(FUNCTION)                                                                               \
    /* addon.cc */                                                                                                     \
    FUNCTION(set_error_class, "setErrorClass")                                                                         \
    /* keys.cc */                                                                                                      \
    FUNCTION(new_key, "newKey")                                                                                        \
    FUNCTION(release_key, "releaseKey")                                                                                \
    FUNCTION(describe_key, "describeKey")                                                                              \
    FUNCTION(check_key, "checkKey")                                                                                    \
    /* tokens.cc */                                                                                                    \
    FUNCTION(sign, "sign")                                                                                             \
    FUNCTION(sign_members, "signMembers")                                                                              \
    FUNCTION(learn_shape, "learnShape")                                                                                \
    FUNCTION(sign_parts, "signParts")                                                                                  \
    FUNCTION(verify, "verify")                                                                                         \
    FUNCTION(verify_claims, "verifyClaims")                                                                            \
    FUNCTION(check_claims, "checkClaims")                                                                              \
    FUNCTION(decode, "decode")                                                                                         \
    FUNCTION(decode_parts, "decodeParts")                                                                              \
    FUNCTION(last_error, "lastError")                                                                                  \
    FUNCTION(openssl_queue_is_empty, "opensslQueueIsEmpty")                                                            \
    /* token_tasks.cc */                                                                                               \
    FUNCTION(sign_parts_later, "signPartsLater")                                                                       \
    FUNCTION(verify_claims_later, "verifyClaimsLater")                                                                 \
    /* port.cc */                                                                                                      \
    FUNCTION(open_port, "openPort")                                                                                    \
    FUNCTION(throw_uncaught, "throwUncaught")                                                                          \
    /* auth.cc */                                                                                                      \
    FUNCTION(create_auth, "createAuth")                                                                                \
    FUNCTION(set_secrets, "setSecrets")                                                                                \
    FUNCTION(store_traits, "storeTraits")                                                                              \
    FUNCTION(clock_offset, "clockOffset")                                                                              \
    FUNCTION(clock_is_unsure, "clockIsUnsure")                                                                         \
    FUNCTION(stamp, "stamp")                                                                                           \
    FUNCTION(auth_stats, "authStats")                                                                                  \
    FUNCTION(verify_access, "verifyAccess")                                                                            \
    /* session_calls.cc */                                                                                             \
    FUNCTION(open_refresh, "openRefresh")                                                                              \
    FUNCTION(close_refresh, "closeRefresh")                                                                            \
    FUNCTION(submit, "submit")                                                                                         \
    FUNCTION(flush, "flush")                                                                                           \
    FUNCTION(close_auth, "closeAuth")

namespace signet_node {

#define SIGNET_DECLARE(function, name) napi_value function(napi_env env, napi_callback_info info);
SIGNET_ADDON_FUNCTIONS(SIGNET_DECLARE)
#undef SIGNET_DECLARE

} // namespace signet_node

#endif
