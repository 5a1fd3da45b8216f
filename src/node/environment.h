// environment.h: the state of one Node environment (the main thread, or one worker), shared by the files of src/node.
#ifndef SIGNET_NODE_ENVIRONMENT_H
#define SIGNET_NODE_ENVIRONMENT_H

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <unordered_set>

#include "node/fast.h"
#include "signet.h"

namespace signet_node {

// Created when the addon is initialised in an environment; found by napi_get_instance_data or as a callback's data.
// Used by one thread only. It outlives every key handle of the environment, because each handle holds a reference:
// Node does not define the order of finalizers at exit.
struct Environment {
    signet_scratch *scratch = nullptr;     // for every call on this environment's thread
    signet_error error = {};               // of the last failed call: native.lastError()
    std::unordered_set<const void *> keys; // live key handles: any other External is not ours
    Fast fast;                             // for lib/native/fast.js
    napi_ref error_class = nullptr; // SignetError of the lib that was loaded last; weak, as a lib can be collected
    unsigned references = 1;
};

// Creates the environment's state; false if out of memory. Called once, when the addon is initialised.
bool environment_open(napi_env env);

// Never null after that.
Environment *environment_of(napi_env env);

// Throws lib's ERR_MEMORY; a plain Error with that code if no lib has given its class, or not even the error can be
// made.
napi_value throw_out_of_memory(napi_env env);

void environment_ref(Environment *environment);
void environment_unref(Environment *environment);

} // namespace signet_node

#endif
