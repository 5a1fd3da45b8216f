// guarded.h: what keeps C++ exceptions out of the C frames of raw N-API.
#ifndef SIGNET_NODE_GUARDED_H
#define SIGNET_NODE_GUARDED_H

#include <napi.h>

#include <new>

#include "node/environment.h"

namespace signet_node {

// What `call` returns. Its exceptions are thrown in JavaScript: no memory, or what node-addon-api's classes throw.
// Nothing else in src/node throws.
template <typename Call> napi_value guard(napi_env env, Call call)
{
    try {
        return call();
    } catch (const std::bad_alloc &) {
        return throw_out_of_memory(env);
    } catch (const Napi::Error &error) {
        error.ThrowAsJavaScriptException();
        return nullptr;
    }
}

template <napi_callback call> napi_value guarded(napi_env env, napi_callback_info info)
{
    return guard(env, [=] { return call(env, info); });
}

} // namespace signet_node

#endif
