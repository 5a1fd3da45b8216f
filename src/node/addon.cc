// addon.cc: the module: the status table and what the other files export.
#include "node/addon.h"

#include "node/constants.h"
#include "node/environment.h"
#include "signet.h"

namespace {

// [{ name, code, http, text }] by status number: lib/native/errors.js is held to it.
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

Napi::Object init(Napi::Env env, Napi::Object exports)
{
    if (!signet_node::environment_open(env))
        throw Napi::Error::New(env, "signet-jwt: out of memory");
    signet_node::Environment *environment = signet_node::environment_of(env);
    const napi_value exchange = signet_node::exchange_buffer(env, &environment->exchange);
    if (!exchange)
        throw Napi::Error::New(env, "signet-jwt: out of memory");
    exports.Set("exchange", Napi::Value(env, exchange));
    exports.Set("version", SIGNET_VERSION);
    exports.Set("statuses", status_table(env));
    signet_node::export_constants(env, exports);
    signet_node::export_port(env, exports);
    signet_node::export_tokens(env, exports);
    signet_node::export_auth(env, exports);
    return exports;
}

} // namespace

NODE_API_MODULE(signet, init)
