// exchange.cc: the memory itself.
#include "node/exchange.h"

#include <cstddef>

namespace signet_node {

// What lib/native/exchange.js counts on: two doubles before the members', four integers before their marks, nothing in between or behind.
constexpr size_t first_integer = sizeof(double) * (2 + SIGNET_MAX_MEMBERS);
static_assert(offsetof(Exchange, now_s) == 0 && offsetof(Exchange, lifetime_s) == sizeof(double), "NOW, LIFETIME");
static_assert(offsetof(Exchange, numbers) == 2 * sizeof(double) && SIGNET_MAX_MEMBERS == 16, "NUMBERS, MEMBERS_MAX");
static_assert(offsetof(Exchange, alg) == first_integer && offsetof(Exchange, algorithms) == first_integer + 4, "ALG, ALGORITHMS");
static_assert(offsetof(Exchange, turn) == first_integer + 8 && offsetof(Exchange, shape) == first_integer + 12, "TURN, SHAPE");
static_assert(offsetof(Exchange, spans) == first_integer + 16 && sizeof(Exchange) == first_integer + 16 + 8 * SIGNET_MAX_MEMBERS, "MARKS");

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
