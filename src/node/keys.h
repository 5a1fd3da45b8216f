// keys.h: key handles: Externals that own one reference to a signet_key.
#ifndef SIGNET_NODE_KEYS_H
#define SIGNET_NODE_KEYS_H

#include <napi.h>

#include "node/environment.h"

namespace signet_node {

// The key that `value` stands for; nullptr where it is no key handle of this environment, or a released one. Borrowed: the handle owns it.
signet_key *key_from_value(napi_env env, napi_value value, Environment *environment);

void export_keys(Napi::Env env, Napi::Object exports, Environment *environment);

} // namespace signet_node

#endif
