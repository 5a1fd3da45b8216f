// expectations.cc: the claims that a caller of verify requires, from JavaScript values to signet_verify_options.
#include "node/expectations.h"

#include "node/arguments.h"
#include "node/text.h"

namespace signet_node {

namespace {

constexpr signet_text UNMATCHABLE = {"\xff", 1}; // not UTF-8, so no claim can equal it

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

bool Expected::read(napi_env env, napi_value value, signet_expected *expected)
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
    *expected = {true, texts_.data(), texts_.size(), type == napi_number ? number_from(env, value) : 0};
    return true;
}

bool Expectations::read(napi_env env, const napi_value values[COUNT], signet_verify_options *options)
{
    for (size_t i = 0; i < COUNT; i++)
        if (!expected_[i].read(env, values[i], &options->expected[i]))
            return false;
    return true;
}

} // namespace signet_node
