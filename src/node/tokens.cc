// tokens.cc: synchronous sign, verify and decode. Raw N-API with positional arguments: these functions return a string
// (or an array of parts) or an integer status, and never throw; lib/ makes the errors.
#include <cstring>

#include "node/addon.h"
#include "node/token_requests.h"

namespace signet_node {

namespace {

// Distinct from the statuses, which are not negative: verified or decoded, but the payload is not a JSON object, so lib
// calls again for the parts.
constexpr int NOT_AN_OBJECT = -1;

napi_value array_from_token(napi_env env, const signet_token &token)
{
    napi_value array = nullptr, is_object = nullptr;
    const napi_value parts[3] = {string_from_utf8(env, token.payload), string_from_utf8(env, token.header),
                                 string_from_ascii(env, token.signature)};
    if (napi_create_array_with_length(env, 4, &array) != napi_ok ||
        napi_get_boolean(env, token.payload_is_object, &is_object) != napi_ok)
        return nullptr;
    for (uint32_t i = 0; i < 3; i++)
        if (!parts[i] || napi_set_element(env, array, i, parts[i]) != napi_ok)
            return nullptr;
    return napi_set_element(env, array, 3, is_object) == napi_ok ? array : nullptr;
}

// NOT_AN_OBJECT if lib must call again for the parts.
napi_value payload_from_token(napi_env env, Environment *environment, const signet_token &token)
{
    return token.payload_is_object ? environment->fast.payload(env, token) : number_from_status(env, NOT_AN_OBJECT);
}

napi_value token_or_status(napi_env env, Environment *environment, const signet_key *key,
                           const signet_sign_request &request)
{
    signet_text token = {nullptr, 0};
    const signet_status status = signet_sign(key, environment->scratch, &request, &token, &environment->error);
    return status == SIGNET_OK ? string_from_ascii(env, token) : number_from_status(env, status);
}

// Signs a text with a key and the exchange's options. `take` puts the text into the request, or returns false.
template <typename Take> napi_value sign_text(napi_env env, napi_callback_info info, Take take)
{
    const Arguments<2> arguments(env, info);
    Environment *environment = arguments.environment;
    const signet_key *key = borrowed_key(env, arguments.at[0], environment);
    Text text;
    if (!key || !text.read(env, arguments.at[1]))
        return number_from_status(env, SIGNET_ERR_OPTION);
    signet_sign_request request = environment->fast.request();
    if (!take(environment, text.text(), &request))
        return number_from_status(env, SIGNET_ERR_OPTION);
    return token_or_status(env, environment, key, request);
}

} // namespace

// sign(key, payload), and the exchange's alg, now and lifetime → token | status
napi_value sign(napi_env env, napi_callback_info info)
{
    return sign_text(env, info, [](Environment *, signet_text payload, signet_sign_request *request) {
        request->payload = payload;
        return true;
    });
}

// signMembers(key, the payload's strings), and the exchange's shape, values, alg, now and lifetime → token | status
napi_value sign_members(napi_env env, napi_callback_info info)
{
    return sign_text(env, info, [](Environment *environment, signet_text strings, signet_sign_request *request) {
        request->members = environment->fast.members(strings, &request->members_n);
        return request->members != nullptr;
    });
}

// learnShape(names, each followed by a newline) → number | -1
napi_value learn_shape(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    Text names;
    return number_from_status(env, names.read(env, arguments.at[0]) ? arguments.environment->fast.learn(names.text())
                                                                    : Shapes::NONE);
}

// signParts(key | undefined, header, payload: string | Buffer, alg, key flags) → token | status
napi_value sign_parts(napi_env env, napi_callback_info info)
{
    const Arguments<SignArguments::COUNT> arguments(env, info);
    Environment *environment = arguments.environment;
    SignArguments asked;
    if (!asked.read(env, arguments.at, environment))
        return number_from_status(env, SIGNET_ERR_OPTION);
    return token_or_status(env, environment, asked.key.get(), asked.request);
}

// verify(key, token), and the exchange's now and algorithms → payload | status
napi_value verify(napi_env env, napi_callback_info info)
{
    const Arguments<2> arguments(env, info);
    Environment *environment = arguments.environment;
    const signet_key *key = borrowed_key(env, arguments.at[0], environment);
    Text jwt;
    if (!key || !jwt.read_token(env, arguments.at[1]))
        return number_from_status(env, SIGNET_ERR_OPTION);
    signet_verify_options options = {};
    options.now_s = environment->fast.now_s();
    options.algorithms = environment->fast.algorithms();
    signet_token token = {};
    const signet_status status =
        signet_verify(key, environment->scratch, jwt.data(), jwt.size(), &options, &token, &environment->error);
    if (status != SIGNET_OK)
        return number_from_status(env, status);
    return payload_from_token(env, environment, token);
}

// verifyClaims(key | undefined, token, now, algorithms, flags, key flags, leeway, Expectations, want parts) → payload |
// [payload, header, signature, is object] | status
napi_value verify_claims(napi_env env, napi_callback_info info)
{
    const Arguments<VerifyArguments::COUNT> arguments(env, info);
    Environment *environment = arguments.environment;
    VerifyArguments asked;
    if (!asked.read(env, arguments.at, environment))
        return number_from_status(env, SIGNET_ERR_OPTION);
    signet_token token = {};
    const signet_status status = signet_verify(asked.key.get(), environment->scratch, asked.jwt.data(),
                                               asked.jwt.size(), &asked.options, &token, &environment->error);
    return status == SIGNET_OK ? value_from_token(env, token, asked.wants_parts) : number_from_status(env, status);
}

// checkClaims(payload, now, flags, leeway, then Expectations): the checks that follow `aud`. → status
napi_value check_claims(napi_env env, napi_callback_info info)
{
    const Arguments<4 + Expectations::COUNT> arguments(env, info);
    Text payload;
    Expectations expectations;
    signet_verify_options options = {};
    if (!payload.read(env, arguments.at[0]) || !expectations.read(env, arguments.at + 4, &options))
        return number_from_status(env, SIGNET_ERR_OPTION);
    options.now_s = number_from(env, arguments.at[1]);
    options.flags = bits_from(env, arguments.at[2]);
    options.leeway_s = number_from(env, arguments.at[3]);
    return number_from_status(env, signet_claims_check(payload.text(), &options, false, &arguments.environment->error));
}

// The only argument, decoded. `token` may point into `jwt`.
static signet_status decode_only(napi_env env, const Arguments<1> &arguments, Text *jwt, signet_token *token)
{
    Environment *const environment = arguments.environment;
    if (!jwt->read_token(env, arguments.at[0]))
        return SIGNET_ERR_TOKEN_INVALID;
    return signet_decode(environment->scratch, jwt->data(), jwt->size(), token, &environment->error);
}

// decode(token) → payload (a JSON object's text) | status
napi_value decode(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    Text jwt;
    signet_token token = {};
    const signet_status status = decode_only(env, arguments, &jwt, &token);
    return status == SIGNET_OK ? payload_from_token(env, arguments.environment, token)
                               : number_from_status(env, status);
}

// decodeParts(token) → [payload, header, signature, is object] | status
napi_value decode_parts(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    Text jwt;
    signet_token token = {};
    const signet_status status = decode_only(env, arguments, &jwt, &token);
    return status == SIGNET_OK ? array_from_token(env, token) : number_from_status(env, status);
}

// lastError() → { status, field, detail, time } of the last failed call of these functions
napi_value last_error(napi_env env, napi_callback_info)
{
    return value_from_error(env, environment_of(env)->error);
}

// opensslQueueIsEmpty(): for tests
napi_value openssl_queue_is_empty(napi_env env, napi_callback_info)
{
    napi_value result = nullptr;
    return napi_get_boolean(env, signet_openssl_queue_is_empty(), &result) == napi_ok ? result : nullptr;
}

napi_value value_from_token(napi_env env, const signet_token &token, bool wants_parts)
{
    return wants_parts || !token.payload_is_object ? array_from_token(env, token)
                                                   : string_from_utf8(env, token.payload);
}

// Raw N-API too: a pool thread's answer is made in the drain of a port, which must not throw.
napi_value value_from_error(napi_env env, const signet_error &error)
{
    napi_value object = nullptr, field = nullptr, time = nullptr;
    if (napi_create_object(env, &object) != napi_ok || napi_get_undefined(env, &field) != napi_ok ||
        napi_create_double(env, error.time_s, &time) != napi_ok)
        return nullptr;
    if (error.field)
        field = string_from_utf8(env, {error.field, strlen(error.field)});
    const struct {
        const char *name;
        napi_value value;
    } members[] = {{"status", number_from_status(env, error.status)},
                   {"field", field},
                   {"detail", string_from_utf8(env, {error.detail, strlen(error.detail)})},
                   {"time", time}};
    for (const auto &member : members)
        if (!member.value || napi_set_named_property(env, object, member.name, member.value) != napi_ok)
            return nullptr;
    return object;
}

} // namespace signet_node
