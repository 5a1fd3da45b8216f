// token_tasks.h: signing and verifying on the pool's threads.
#ifndef SIGNET_NODE_TOKEN_TASKS_H
#define SIGNET_NODE_TOKEN_TASKS_H

#include <node_api.h>

#include "signet.h"

namespace signet_node {

// signPartsLater(port, number, …as signParts) → undefined: the port will hand over number's result; or, where it was done at once
// (no key pair, or no thread to be had), the result. A failure that the port hands over is an object as of lastError().
napi_value sign_parts_later(napi_env env, napi_callback_info info);

// verifyClaimsLater(port, number, …as verifyClaims): the same.
napi_value verify_claims_later(napi_env env, napi_callback_info info);

// { status, field, detail, time }
napi_value value_from_error(napi_env env, const signet_error &error);

} // namespace signet_node

#endif
