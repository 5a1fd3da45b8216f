// environment.h: what one Node environment (the main thread, or one worker) keeps for all files of src/node.
#ifndef SIGNET_NODE_ENVIRONMENT_H
#define SIGNET_NODE_ENVIRONMENT_H

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <unordered_set>

#include "node/fast.h"
#include "signet.h"

namespace signet_node {

// Made when the addon is initialised in an environment, reached by napi_get_instance_data or as a callback's data. One thread's alone.
// It outlives every key handle of the environment: each of them holds a reference (the order of finalizers at exit is Node's).
struct Environment {
    signet_scratch *scratch = nullptr;     // for every call on this environment's thread
    signet_error error = {};               // of the last call that failed: native.lastError()
    std::unordered_set<const void *> keys; // live key handles: an External that is not among them is not ours
    Fast fast;                             // for lib/native/fast.js
    unsigned references = 1;
};

// Makes the environment's state; false where memory ran out. Once, when the addon is initialised.
bool environment_open(napi_env env);

// Never null after that.
Environment *environment_of(napi_env env);

void environment_ref(Environment *environment);
void environment_unref(Environment *environment);

} // namespace signet_node

#endif
