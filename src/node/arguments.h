// arguments.h: the arguments of a call from lib, and JavaScript values as numbers.
#ifndef SIGNET_NODE_ARGUMENTS_H
#define SIGNET_NODE_ARGUMENTS_H

#include <node_api.h>

#include <cmath>
#include <cstdint>

#include "node/environment.h"

namespace signet_node {

// The first N arguments of a call (undefined if missing), and the environment that the function was made with
// (addon.cc).
template <size_t N> struct Arguments {
    napi_value at[N];
    Environment *environment = nullptr;

    Arguments(napi_env env, napi_callback_info info)
    {
        size_t count = N;
        void *bytes = nullptr;
        if (napi_get_cb_info(env, info, &count, at, nullptr, &bytes) == napi_ok)
            environment = static_cast<Environment *>(bytes);
    }
};

// NaN if it is not a number.
inline double number_from(napi_env env, napi_value value)
{
    double number = 0;
    return napi_get_value_double(env, value, &number) == napi_ok ? number : NAN;
}

// Truncated to an integer; 0 if it is not a number.
inline int64_t whole_from(napi_env env, napi_value value)
{
    double number = 0;
    return napi_get_value_double(env, value, &number) == napi_ok ? static_cast<int64_t>(number) : 0;
}

// 0 if it is not a number.
inline uint32_t bits_from(napi_env env, napi_value value)
{
    uint32_t bits = 0;
    return napi_get_value_uint32(env, value, &bits) == napi_ok ? bits : 0;
}

inline bool is_undefined(napi_env env, napi_value value)
{
    napi_valuetype type = napi_undefined;
    return napi_typeof(env, value, &type) != napi_ok || type == napi_undefined;
}

} // namespace signet_node

#endif
