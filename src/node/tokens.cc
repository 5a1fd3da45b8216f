// tokens.cc: sign, verify and decode. Raw N-API with positional arguments: these return a string (or an array of parts), or an integer status, and never throw;
// lib/ makes the errors.
#include <cmath>
#include <string>
#include <vector>

#include "node/addon.h"
#include "node/environment.h"
#include "node/keys.h"
#include "node/text.h"

namespace signet_node {

namespace {

// Beside the statuses, which are 0 and more: verified or decoded, but the payload is no JSON object, so lib asks for the parts.
constexpr int NOT_AN_OBJECT = -1;

template <size_t N> struct Arguments {
    napi_value at[N];
    size_t count = N;
    Environment *environment = nullptr;

    Arguments(napi_env env, napi_callback_info info)
    {
        void *bytes = nullptr;
        if (napi_get_cb_info(env, info, &count, at, nullptr, &bytes) != napi_ok)
            count = 0;
        environment = static_cast<Environment *>(bytes);
    }

    // undefined and what is no number: NaN
    double number(napi_env env, size_t i) const
    {
        double value = 0;
        return napi_get_value_double(env, at[i], &value) == napi_ok ? value : NAN;
    }

    uint32_t bits(napi_env env, size_t i) const
    {
        uint32_t value = 0;
        return napi_get_value_uint32(env, at[i], &value) == napi_ok ? value : 0;
    }

    bool is_undefined(napi_env env, size_t i) const
    {
        napi_valuetype type = napi_undefined;
        return napi_typeof(env, at[i], &type) != napi_ok || type == napi_undefined;
    }
};

// The three parts as lib reads them: [payload, header, signature, payload is an object].
napi_value array_from_token(napi_env env, const signet_token &token)
{
    napi_value array = nullptr, is_object = nullptr;
    const napi_value parts[3] = {string_from_utf8(env, token.payload), string_from_utf8(env, token.header), string_from_ascii(env, token.signature)};
    if (napi_create_array_with_length(env, 4, &array) != napi_ok || napi_get_boolean(env, token.payload_is_object, &is_object) != napi_ok)
        return nullptr;
    for (uint32_t i = 0; i < 3; i++)
        if (!parts[i] || napi_set_element(env, array, i, parts[i]) != napi_ok)
            return nullptr;
    return napi_set_element(env, array, 3, is_object) == napi_ok ? array : nullptr;
}

// sign(key, payload, alg, iat, exp | NaN) → token | status
napi_value sign(napi_env env, napi_callback_info info)
{
    const Arguments<5> arguments(env, info);
    Environment *environment = arguments.environment;
    const signet_key *key = key_from_value(env, arguments.at[0], environment);
    Text payload;
    if (!key || !payload.read(env, arguments.at[1]))
        return number_from_status(env, SIGNET_ERR_OPTION);
    const double exp_s = arguments.number(env, 4);
    signet_sign_request request = {};
    request.alg = static_cast<signet_alg>(arguments.bits(env, 2));
    request.payload = payload.text();
    request.add_iat = true;
    request.iat_s = static_cast<int64_t>(arguments.number(env, 3));
    request.add_exp = !std::isnan(exp_s);
    request.exp_s = request.add_exp ? static_cast<int64_t>(exp_s) : 0;
    signet_text token = {nullptr, 0};
    const signet_status status = signet_sign(key, environment->scratch, &request, &token, &environment->error);
    return status == SIGNET_OK ? string_from_ascii(env, token) : number_from_status(env, status);
}

// signParts(key | undefined, header, payload: string | Buffer, alg, key flags) → token | status
napi_value sign_parts(napi_env env, napi_callback_info info)
{
    const Arguments<5> arguments(env, info);
    Environment *environment = arguments.environment;
    const bool has_key = !arguments.is_undefined(env, 0);
    const signet_key *key = has_key ? key_from_value(env, arguments.at[0], environment) : nullptr;
    Text header, payload;
    if ((has_key && !key) || !header.read(env, arguments.at[1]) || !payload.read_bytes(env, arguments.at[2]))
        return number_from_status(env, SIGNET_ERR_OPTION);
    signet_sign_request request = {};
    request.alg = static_cast<signet_alg>(arguments.bits(env, 3));
    request.header = header.text();
    request.payload = payload.text();
    request.key_flags = arguments.bits(env, 4);
    signet_text token = {nullptr, 0};
    const signet_status status = signet_sign(key, environment->scratch, &request, &token, &environment->error);
    return status == SIGNET_OK ? string_from_ascii(env, token) : number_from_status(env, status);
}

// verify(key, token, now, algorithms) → payload | status
napi_value verify(napi_env env, napi_callback_info info)
{
    const Arguments<4> arguments(env, info);
    Environment *environment = arguments.environment;
    const signet_key *key = key_from_value(env, arguments.at[0], environment);
    Text jwt;
    if (!key || !jwt.read(env, arguments.at[1]))
        return number_from_status(env, SIGNET_ERR_OPTION);
    signet_verify_options options = {};
    options.now_s = arguments.number(env, 2);
    options.algorithms = arguments.bits(env, 3);
    signet_token token = {};
    const signet_status status = signet_verify(key, environment->scratch, jwt.data(), jwt.size(), &options, &token, &environment->error);
    if (status != SIGNET_OK)
        return number_from_status(env, status);
    return token.payload_is_object ? string_from_utf8(env, token.payload) : number_from_status(env, NOT_AN_OBJECT);
}

// What the caller expects of one claim: nothing (undefined), one string, or an array of strings. What is no string matches nothing.
class Expected {
public:
    bool read(napi_env env, napi_value value)
    {
        bool is_array = false;
        uint32_t length = 1;
        if (napi_is_array(env, value, &is_array) != napi_ok || (is_array && napi_get_array_length(env, value, &length) != napi_ok))
            return false;
        for (uint32_t i = 0; i < length; i++) {
            napi_value item = value;
            if (is_array && napi_get_element(env, value, i, &item) != napi_ok)
                return false;
            add(env, item);
        }
        for (const std::string &string : strings_)
            texts_.push_back({string.data(), string.size()});
        if (texts_.empty())
            texts_.push_back(UNMATCHABLE);
        return true;
    }

    const signet_text *texts() const { return texts_.data(); }
    size_t count() const { return texts_.size(); }

private:
    static constexpr signet_text UNMATCHABLE = {"\xff", 1}; // no UTF-8, so no claim is ever this

    void add(napi_env env, napi_value item)
    {
        Text text;
        if (text.read(env, item))
            strings_.emplace_back(text.data(), text.size());
    }

    std::vector<std::string> strings_;
    std::vector<signet_text> texts_;
};

// The claims that a caller insists on, from six arguments: audience, issuer, subject, jwtid, nonce, max age in seconds (undefined: not checked).
class Expectations {
public:
    template <size_t N> bool read(napi_env env, const Arguments<N> &arguments, size_t first, signet_verify_options *options)
    {
        for (size_t i = 0; i < CLAIMS; i++)
            if (!arguments.is_undefined(env, first + i) && !claims_[i].read(env, arguments.at[first + i]))
                return false;
        options->audiences = claims_[0].texts(), options->audiences_n = claims_[0].count();
        options->issuers = claims_[1].texts(), options->issuers_n = claims_[1].count();
        set_single(claims_[2], &options->subject);
        set_single(claims_[3], &options->jwtid);
        set_single(claims_[4], &options->nonce);
        options->max_age_s = arguments.number(env, first + CLAIMS);
        options->has_max_age = !std::isnan(options->max_age_s);
        return true;
    }

private:
    static constexpr size_t CLAIMS = 5;

    static void set_single(const Expected &expected, signet_text *text)
    {
        if (expected.count() > 0)
            *text = expected.texts()[0];
    }

    Expected claims_[CLAIMS];
};

// verifyClaims(key | undefined, token, now, algorithms, flags, key flags, leeway, audience, issuer, subject, jwtid, nonce, max age, want parts)
// → payload | [payload, header, signature, is object] | status
napi_value verify_claims(napi_env env, napi_callback_info info)
{
    const Arguments<14> arguments(env, info);
    Environment *environment = arguments.environment;
    const bool has_key = !arguments.is_undefined(env, 0);
    const signet_key *key = has_key ? key_from_value(env, arguments.at[0], environment) : nullptr;
    Text jwt;
    Expectations expectations;
    signet_verify_options options = {};
    if ((has_key && !key) || !jwt.read(env, arguments.at[1]) || !expectations.read(env, arguments, 7, &options))
        return number_from_status(env, SIGNET_ERR_OPTION);
    options.now_s = arguments.number(env, 2);
    options.algorithms = arguments.bits(env, 3);
    options.flags = arguments.bits(env, 4);
    options.key_flags = arguments.bits(env, 5);
    options.leeway_s = arguments.number(env, 6);
    signet_token token = {};
    const signet_status status = signet_verify(key, environment->scratch, jwt.data(), jwt.size(), &options, &token, &environment->error);
    if (status != SIGNET_OK)
        return number_from_status(env, status);
    if (!arguments.is_undefined(env, 13) || !token.payload_is_object)
        return array_from_token(env, token);
    return string_from_utf8(env, token.payload);
}

// checkClaims(payload, now, flags, leeway, audience, issuer, subject, jwtid, nonce, max age): what is left after `aud`. → status
napi_value check_claims(napi_env env, napi_callback_info info)
{
    const Arguments<10> arguments(env, info);
    Text payload;
    Expectations expectations;
    signet_verify_options options = {};
    if (!payload.read(env, arguments.at[0]) || !expectations.read(env, arguments, 4, &options))
        return number_from_status(env, SIGNET_ERR_OPTION);
    options.now_s = arguments.number(env, 1);
    options.flags = arguments.bits(env, 2);
    options.leeway_s = arguments.number(env, 3);
    return number_from_status(env, signet_claims_check(payload.text(), &options, false, &arguments.environment->error));
}

// decode(token) → payload (a JSON object's text) | status
napi_value decode(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    Environment *environment = arguments.environment;
    Text jwt;
    if (!jwt.read(env, arguments.at[0]))
        return number_from_status(env, SIGNET_ERR_TOKEN_INVALID);
    signet_token token = {};
    const signet_status status = signet_decode(environment->scratch, jwt.data(), jwt.size(), &token, &environment->error);
    if (status != SIGNET_OK)
        return number_from_status(env, status);
    return token.payload_is_object ? string_from_utf8(env, token.payload) : number_from_status(env, NOT_AN_OBJECT);
}

// decodeParts(token) → [payload, header, signature, is object] | status
napi_value decode_parts(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    Environment *environment = arguments.environment;
    Text jwt;
    if (!jwt.read(env, arguments.at[0]))
        return number_from_status(env, SIGNET_ERR_TOKEN_INVALID);
    signet_token token = {};
    const signet_status status = signet_decode(environment->scratch, jwt.data(), jwt.size(), &token, &environment->error);
    return status == SIGNET_OK ? array_from_token(env, token) : number_from_status(env, status);
}

// lastError() → { status, field, detail, time }: of the last call of these functions that failed
Napi::Value last_error(const Napi::CallbackInfo &info)
{
    const Napi::Env env = info.Env();
    const signet_error &error = static_cast<Environment *>(info.Data())->error;
    Napi::Object object = Napi::Object::New(env);
    object.Set("status", static_cast<int>(error.status));
    object.Set("field", error.field ? Napi::String::New(env, error.field) : env.Undefined());
    object.Set("detail", std::string(error.detail));
    object.Set("time", error.time_s);
    return object;
}

// { HS256: 1, … }: what this OpenSSL can do
Napi::Object algorithm_numbers(Napi::Env env)
{
    Napi::Object numbers = Napi::Object::New(env);
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT; alg++)
        numbers.Set(signet_alg_name(static_cast<signet_alg>(alg)), alg);
    return numbers;
}

Napi::Value is_available(const Napi::CallbackInfo &info)
{
    const signet_alg alg = static_cast<signet_alg>(info[0].As<Napi::Number>().Int32Value());
    return Napi::Boolean::New(info.Env(), signet_alg_available(alg));
}

void export_raw(Napi::Env env, Napi::Object exports, Environment *environment, const char *name, napi_callback callback)
{
    napi_value function = nullptr;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, environment, &function) == napi_ok)
        exports.Set(name, function);
}

} // namespace

void export_tokens(Napi::Env env, Napi::Object exports)
{
    Environment *environment = environment_of(env);
    export_keys(env, exports, environment);
    export_raw(env, exports, environment, "sign", sign);
    export_raw(env, exports, environment, "signParts", sign_parts);
    export_raw(env, exports, environment, "verify", verify);
    export_raw(env, exports, environment, "verifyClaims", verify_claims);
    export_raw(env, exports, environment, "checkClaims", check_claims);
    export_raw(env, exports, environment, "decode", decode);
    export_raw(env, exports, environment, "decodeParts", decode_parts);
    exports.Set("lastError", Napi::Function::New(env, last_error, "lastError", environment));
    exports.Set("isAvailable", Napi::Function::New(env, is_available, "isAvailable"));
    exports.Set("algorithms", algorithm_numbers(env));
}

} // namespace signet_node
