// exchange.cc: the memory itself.
#include "node/exchange.h"

namespace signet_node {

napi_value exchange_buffer(napi_env env, Exchange **exchange)
{
    napi_value buffer = nullptr;
    napi_ref kept = nullptr; // it must not move under the addon
    void *bytes = nullptr;
    if (napi_create_arraybuffer(env, sizeof(Exchange), &bytes, &buffer) != napi_ok ||
        napi_create_reference(env, buffer, 1, &kept) != napi_ok)
        return nullptr;
    *exchange = static_cast<Exchange *>(bytes);
    (*exchange)->shape = Exchange::NONE;
    return buffer;
}

} // namespace signet_node
