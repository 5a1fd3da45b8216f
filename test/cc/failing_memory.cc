// failing_memory.cc: linked into an addon for tests only (scripts/test-memory.js), whose allocations fail one by one.
// The addon, SQLite and the C++ library call what is wrapped here (-Wl,--wrap); Node and OpenSSL do not.
#include <node_api.h>

#include <atomic>
#include <cstddef>

namespace {

// What fails: calls to an allocator, or calls to N-API that make or set something.
enum Kind { MEMORY, NODE_API };

struct Plan {
    std::atomic<long> left{0};      // calls until the first one that fails; 0: none fails
    std::atomic<bool> lasts{false}; // also all later ones
    std::atomic<bool> failed{false};
};
Plan plans[2];

bool must_fail(Kind kind)
{
    Plan &plan = plans[kind];
    if (plan.left <= 0 && !(plan.lasts && plan.failed))
        return false;
    if (plan.left > 0 && --plan.left > 0)
        return false;
    plan.failed = true;
    return true;
}

// failAllocation(kind, n, lasts) → whether a call has failed since the last time. The nth call from now on fails; n 0:
// none
napi_value fail_allocation(napi_env env, napi_callback_info info)
{
    size_t argc = 3;
    napi_value argv[3], result = nullptr;
    int32_t kind = 0, n = 0;
    bool lasts = false;
    napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
    napi_get_value_int32(env, argv[0], &kind);
    napi_get_value_int32(env, argv[1], &n);
    napi_get_value_bool(env, argv[2], &lasts);
    Plan &plan = plans[kind == NODE_API ? NODE_API : MEMORY];
    plan.left = 0;
    plan.lasts = false;
    napi_get_boolean(env, plan.failed.exchange(false), &result);
    plan.lasts = lasts;
    plan.left = n;
    return result;
}

} // namespace

#define WRAP_MEMORY(name, parameters, arguments)                                                                       \
    void *__real_##name parameters;                                                                                    \
    void *__wrap_##name parameters;                                                                                    \
    void *__wrap_##name parameters                                                                                     \
    {                                                                                                                  \
        return must_fail(MEMORY) ? nullptr : __real_##name arguments;                                                  \
    }

#define WRAP_NODE_API(name, parameters, arguments)                                                                     \
    napi_status __real_napi_##name parameters;                                                                         \
    napi_status __wrap_napi_##name parameters;                                                                         \
    napi_status __wrap_napi_##name parameters                                                                          \
    {                                                                                                                  \
        return must_fail(NODE_API) ? napi_generic_failure : __real_napi_##name arguments;                              \
    }

extern "C" {
WRAP_MEMORY(malloc, (size_t len), (len))
WRAP_MEMORY(calloc, (size_t n, size_t len), (n, len))
WRAP_MEMORY(realloc, (void *room, size_t len), (room, len))

WRAP_NODE_API(create_array_with_length, (napi_env env, size_t n, napi_value *result), (env, n, result))
WRAP_NODE_API(create_arraybuffer, (napi_env env, size_t n, void **data, napi_value *result), (env, n, data, result))
WRAP_NODE_API(create_double, (napi_env env, double value, napi_value *result), (env, value, result))
WRAP_NODE_API(create_external, (napi_env env, void *data, napi_finalize done, void *hint, napi_value *result),
              (env, data, done, hint, result))
WRAP_NODE_API(create_function,
              (napi_env env, const char *name, size_t len, napi_callback call, void *data, napi_value *result),
              (env, name, len, call, data, result))
WRAP_NODE_API(create_object, (napi_env env, napi_value *result), (env, result))
WRAP_NODE_API(create_reference, (napi_env env, napi_value value, uint32_t n, napi_ref *result), (env, value, n, result))
WRAP_NODE_API(create_string_latin1, (napi_env env, const char *text, size_t len, napi_value *result),
              (env, text, len, result))
WRAP_NODE_API(create_string_utf8, (napi_env env, const char *text, size_t len, napi_value *result),
              (env, text, len, result))
WRAP_NODE_API(set_element, (napi_env env, napi_value object, uint32_t at, napi_value value), (env, object, at, value))
WRAP_NODE_API(set_named_property, (napi_env env, napi_value object, const char *name, napi_value value),
              (env, object, name, value))

// The addon calls this in each environment when it is loaded: it exports failAllocation.
napi_status __real_napi_set_instance_data(napi_env env, void *data, napi_finalize done, void *hint);
napi_status __wrap_napi_set_instance_data(napi_env env, void *data, napi_finalize done, void *hint);
napi_status __wrap_napi_set_instance_data(napi_env env, void *data, napi_finalize done, void *hint)
{
    napi_value global = nullptr, function = nullptr;
    napi_get_global(env, &global);
    __real_napi_create_function(env, "failAllocation", NAPI_AUTO_LENGTH, fail_allocation, nullptr, &function);
    __real_napi_set_named_property(env, global, "failAllocation", function);
    return must_fail(NODE_API) ? napi_generic_failure : __real_napi_set_instance_data(env, data, done, hint);
}
}
