// expectations.cc: the claims that a caller of verify requires, from JavaScript values to signet_verify_options.
#include "node/expectations.h"

#include "node/text.h"

namespace signet_node {

namespace {

constexpr signet_text UNMATCHABLE = {"\xff", 1}; // not UTF-8, so no claim can equal it

signet_text first_of(const Expected &expected)
{
    return expected.count() > 0 ? expected.texts()[0] : signet_text{nullptr, 0};
}

} // namespace

bool Expected::add(napi_env env, napi_value item)
{
    napi_valuetype type = napi_undefined;
    Text text;
    if (napi_typeof(env, item, &type) != napi_ok)
        return false;
    if (type != napi_string)
        return true;
    if (!text.read(env, item))
        return false;
    strings_.emplace_back(text.data(), text.size());
    return true;
}

bool Expected::read(napi_env env, napi_value value)
{
    napi_valuetype type = napi_undefined;
    bool is_array = false;
    uint32_t length = 1;
    if (napi_typeof(env, value, &type) != napi_ok)
        return false;
    if (type == napi_undefined)
        return true;
    if (napi_is_array(env, value, &is_array) != napi_ok ||
        (is_array && napi_get_array_length(env, value, &length) != napi_ok))
        return false;
    for (uint32_t i = 0; i < length; i++) {
        napi_value item = value;
        if ((is_array && napi_get_element(env, value, i, &item) != napi_ok) || !add(env, item))
            return false;
    }
    for (const std::string &string : strings_)
        texts_.push_back({string.data(), string.size()});
    if (texts_.empty())
        texts_.push_back(UNMATCHABLE);
    return true;
}

bool Expectations::read(napi_env env, const napi_value values[COUNT], signet_verify_options *options)
{
    if (!audiences_.read(env, values[0]) || !issuers_.read(env, values[1]) || !subject_.read(env, values[2]) ||
        !jwtid_.read(env, values[3]) || !nonce_.read(env, values[4]))
        return false;
    options->audiences = audiences_.texts();
    options->audiences_n = audiences_.count();
    options->issuers = issuers_.texts();
    options->issuers_n = issuers_.count();
    options->subject = first_of(subject_);
    options->jwtid = first_of(jwtid_);
    options->nonce = first_of(nonce_);
    options->has_max_age =
        napi_get_value_double(env, values[5], &options->max_age_s) == napi_ok; // not a number: not required
    return true;
}

} // namespace signet_node
