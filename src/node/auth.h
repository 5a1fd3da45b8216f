// auth.h: what lib's createAuth holds: Signet's rules with one app's secrets, and the queue before its store. Shared by auth.cc and
// session_calls.cc.
#ifndef SIGNET_NODE_AUTH_H
#define SIGNET_NODE_AUTH_H

#include <node_api.h>

#include "node/store_queue.h"

namespace signet_node {

struct Auth {
    std::shared_ptr<StoreQueue> queue; // owns `rules`
    const signet_auth *rules = nullptr;
    int64_t timeout_ms = 0;

    // Calls of this turn of the event loop, handed to the queue together: taken one by one, the first would go into a transaction alone
    // while the others are still being made.
    StoreQueue::JobList turn;
    void flush();
};

// The Auth in an External that createAuth has returned; lib, the only caller, has no other.
Auth *auth_from(napi_env env, napi_value external);

} // namespace signet_node

#endif
