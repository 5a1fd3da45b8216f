// auth.h: the state behind lib's createAuth: the session rules with one app's secrets, and the queue of its store.
// Shared by auth.cc and session_calls.cc.
#ifndef SIGNET_NODE_AUTH_H
#define SIGNET_NODE_AUTH_H

#include <node_api.h>

#include <unordered_map>

#include "node/store_queue.h"

namespace signet_node {

// A refresh token, and the secrets that opened it.
struct Opened {
    signet_refresh_token token;
    std::shared_ptr<const signet_auth> auth;
};

struct Auth {
    std::shared_ptr<StoreQueue> queue;
    std::shared_ptr<const signet_auth> rules; // of the calls that begin now: each keeps its own, see StoreJob
    int64_t timeout_ms = 0;

    // Calls made in this turn of the event loop, submitted to the queue together. Submitted singly, the first job would
    // get its own transaction and fsync.
    StoreQueue::JobList turn;
    void flush();

    // Refresh tokens opened before the app's claims function is called, each under a number (not 0) until its call is
    // submitted or has failed.
    std::unordered_map<int64_t, Opened> opened;
    int64_t last_opened = 0;
};

// Of the refresh tokens signed with an unknown secret, the first five per second keep their status, a 503; the others
// become SIGNET_ERR_REFRESH_KEY_LIMIT. Whoever sends made-up tokens thus cannot make a process look broken.
signet_status limit_unknown_keys(signet_status status, signet_error *error);

// The Auth in an External returned by createAuth. lib, the only caller, passes no other External.
Auth *auth_from(napi_env env, napi_value external);

} // namespace signet_node

#endif
