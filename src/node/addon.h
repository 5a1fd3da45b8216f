// addon.h: what each file of src/node adds to the module.
#ifndef SIGNET_NODE_ADDON_H
#define SIGNET_NODE_ADDON_H

#include <napi.h>

namespace signet_node {

void export_tokens(Napi::Env env, Napi::Object exports); // tokens.cc, keys.cc: sign, verify, decode, keys
void export_port(napi_env env, napi_value exports);      // port.cc: the way back from the pool's threads
void export_auth(Napi::Env env, Napi::Object exports);   // auth.cc: sessions, over pool and port

} // namespace signet_node

#endif
