// constants.h: the numbers and orders that lib and the addon share. lib reads them from native.constants and repeats
// none of them.
#ifndef SIGNET_NODE_CONSTANTS_H
#define SIGNET_NODE_CONSTANTS_H

#include <napi.h>

#include <cstdint>

namespace signet_node {

// The kind of key material passed to newKey: lib's `keyMaterial`.
enum class Material { SECRET, PEM, DER, JWK, JWKS, ANY };

// The flags of a call that goes through the store's queue: lib's `callFlags`.
constexpr uint32_t call_is_strict = 1u << 0, call_ends_session = 1u << 1, call_is_by_system_clock = 1u << 3;
constexpr uint32_t call_rotate_is_unheard = 1u << 2; // nobody listens to the event: omit its session

// Sets `constants`.
void export_constants(Napi::Env env, Napi::Object exports);

// session_calls.cc: sets the names of submit's arguments and of its answers' values, in order.
void export_call_layout(Napi::Object constants);

} // namespace signet_node

#endif
