// token_requests.h: the arguments of signParts and verifyClaims, for calls on this thread and on the pool.
#ifndef SIGNET_NODE_TOKEN_REQUESTS_H
#define SIGNET_NODE_TOKEN_REQUESTS_H

#include "node/arguments.h"
#include "node/expectations.h"
#include "node/keys.h"
#include "node/text.h"

namespace signet_node {

// key | undefined, header, payload: string | Buffer, alg, key flags
struct SignArguments {
    static constexpr size_t COUNT = 5;
    KeyReference key;
    Text header, payload;
    signet_sign_request request = {};

    bool read(napi_env env, const napi_value values[COUNT], Environment *environment)
    {
        const bool has_key = !is_undefined(env, values[0]);
        if (has_key)
            key = key_from_value(env, values[0], environment);
        if ((has_key && !key) || !header.read(env, values[1]) || !payload.read_bytes(env, values[2]))
            return false;
        request.alg = static_cast<signet_alg>(bits_from(env, values[3]));
        request.header = header.text();
        request.payload = payload.text();
        request.key_flags = bits_from(env, values[4]);
        return request.alg < SIGNET_ALG_COUNT;
    }
};

// key | undefined, token, now, algorithms, flags, key flags, leeway, then Expectations, want parts
struct VerifyArguments {
    static constexpr size_t COUNT = 8 + Expectations::COUNT;
    KeyReference key;
    Text jwt;
    Expectations expectations;
    signet_verify_options options = {};
    bool wants_parts = false;

    bool read(napi_env env, const napi_value values[COUNT], Environment *environment)
    {
        const bool has_key = !is_undefined(env, values[0]);
        if (has_key)
            key = key_from_value(env, values[0], environment);
        if ((has_key && !key) || !jwt.read_token(env, values[1]) || !expectations.read(env, values + 7, &options))
            return false;
        options.now_s = number_from(env, values[2]);
        options.algorithms = bits_from(env, values[3]);
        options.flags = bits_from(env, values[4]);
        options.key_flags = bits_from(env, values[5]);
        options.leeway_s = number_from(env, values[6]);
        wants_parts = !is_undefined(env, values[COUNT - 1]);
        return true;
    }
};

// The result of verifyClaims: the payload's text, or [payload, header, signature, payload is an object] if lib wants
// the parts or if the payload is not an object.
napi_value value_from_token(napi_env env, const signet_token &token, bool wants_parts);

// { status, field, detail, time }
napi_value value_from_error(napi_env env, const signet_error &error);

} // namespace signet_node

#endif
