// addon.cc: the module and its exports.
#include "node/addon.h"

#include <napi.h>

#include <new>

#include "node/arguments.h"
#include "node/constants.h"
#include "node/environment.h"
#include "node/guarded.h"
#include "platform/platform.h"
#include "signet.h"

namespace {

// [{ name, code, http, text }] by status number. A test compares lib/native/errors.js with it.
Napi::Array status_table(Napi::Env env)
{
    Napi::Array table = Napi::Array::New(env, SIGNET_STATUS_COUNT);
    for (unsigned i = 0; i < SIGNET_STATUS_COUNT; i++) {
        const signet_status status = static_cast<signet_status>(i);
        Napi::Object row = Napi::Object::New(env);
        row.Set("name", signet_status_name(status));
        row.Set("code", signet_status_code(status));
        row.Set("http", signet_status_http(status));
        row.Set("text", signet_status_text(status));
        table.Set(i, row);
    }
    return table;
}

// { HS256: 1, … }
Napi::Object algorithm_numbers(Napi::Env env)
{
    Napi::Object numbers = Napi::Object::New(env);
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT; alg++)
        numbers.Set(signet_alg_name(static_cast<signet_alg>(alg)), alg);
    return numbers;
}

void export_functions(Napi::Env env, Napi::Object exports, signet_node::Environment *environment)
{
#define SIGNET_ROW(function, name) {name, signet_node::guarded<signet_node::function>},
    const struct {
        const char *name;
        napi_callback call;
    } functions[] = {SIGNET_ADDON_FUNCTIONS(SIGNET_ROW)};
#undef SIGNET_ROW
    for (const auto &function : functions) {
        napi_value value = nullptr;
        if (napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.call, environment, &value) != napi_ok)
            throw Napi::Error::New(env);
        exports.Set(function.name, value);
    }
}

// macOS and Windows bind a function at its first call, which ends the process if there is none. BoringSSL lacks the one
// that is asked for here.
void require_openssl_3(Napi::Env env)
{
    if (!signet_program_has("EVP_PKEY_fromdata"))
        throw Napi::Error::New(env, "this runtime does not have OpenSSL 3");
}

Napi::Object init(Napi::Env env, Napi::Object exports)
{
    require_openssl_3(env);
    signet_stay_loaded();
    if (!signet_node::environment_open(env))
        throw std::bad_alloc();
    signet_node::Environment *environment = signet_node::environment_of(env);
    const napi_value exchange = environment->fast.open(env);
    if (!exchange)
        throw std::bad_alloc();
    exports.Set("exchange", Napi::Value(env, exchange));
    exports.Set("version", SIGNET_VERSION);
    exports.Set("statuses", status_table(env));
    exports.Set("algorithms", algorithm_numbers(env));
    exports.Set("maxTokenLength", SIGNET_MAX_TOKEN_LEN);
    signet_node::export_constants(env, exports);
    export_functions(env, exports, environment);
    return exports;
}

} // namespace

namespace signet_node {

// setErrorClass(class): of the error that is thrown if memory runs out in a call. → false if it did so now
napi_value set_error_class(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    napi_ref *const error_class = &arguments.environment->error_class;
    if (*error_class)
        (void)napi_delete_reference(env, *error_class);
    *error_class = nullptr;
    const bool is_kept = napi_create_reference(env, arguments.at[0], 0, error_class) == napi_ok;
    napi_value result = nullptr;
    return napi_get_boolean(env, is_kept, &result) == napi_ok ? result : nullptr;
}

} // namespace signet_node

NAPI_MODULE_INIT()
{
    return signet_node::guard(env, [=] { return init(env, Napi::Object(env, exports)); });
}
