// text.cc: JavaScript strings and bytes on their way into C, and back.
#include "node/text.h"

#include <cstdint>
#include <cstring>
#include <new>

namespace signet_node {

static bool is_ascii(signet_text text)
{
    uint64_t high = 0, word = 0;
    size_t i = 0;
    for (; i + sizeof word <= text.len; i += sizeof word) {
        memcpy(&word, text.ptr + i, sizeof word);
        high |= word;
    }
    for (; i < text.len; i++)
        high |= static_cast<unsigned char>(text.ptr[i]);
    return (high & UINT64_C(0x8080808080808080)) == 0;
}

bool Text::read_long(napi_env env, napi_value value)
{
    size_t length = 0;
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
        return false;
    heap_.reset(new (std::nothrow) char[length + 1]);
    if (!heap_ || napi_get_value_string_utf8(env, value, heap_.get(), length + 1, &length) != napi_ok)
        return false;
    text_ = {heap_.get(), length};
    return true;
}

bool Text::read_token(napi_env env, napi_value value)
{
    size_t copied = 0;
    if (napi_get_value_string_utf8(env, value, stack_, sizeof stack_, &copied) != napi_ok)
        return false;
    text_ = {stack_, copied};
    return copied < sizeof stack_ - LONGEST_UTF8 || read_long_ascii(env, value) || read_long(env, value);
}

// False where it is not ASCII: what is cut off or longer than its characters shows itself.
bool Text::read_long_ascii(napi_env env, napi_value value)
{
    size_t characters = 0, length = 0;
    if (napi_get_value_string_utf16(env, value, nullptr, 0, &characters) != napi_ok)
        return false;
    heap_.reset(new (std::nothrow) char[characters + 1]);
    if (!heap_ || napi_get_value_string_utf8(env, value, heap_.get(), characters + 1, &length) != napi_ok)
        return false;
    text_ = {heap_.get(), length};
    return length == characters && is_ascii(text_);
}

bool Text::read_bytes(napi_env env, napi_value value)
{
    bool is_buffer = false;
    if (napi_is_buffer(env, value, &is_buffer) != napi_ok || !is_buffer)
        return read(env, value);
    void *bytes = nullptr;
    size_t length = 0;
    if (napi_get_buffer_info(env, value, &bytes, &length) != napi_ok)
        return false;
    text_ = {bytes ? static_cast<const char *>(bytes) : "", length};
    return true;
}

napi_value string_from_ascii(napi_env env, signet_text text)
{
    napi_value result = nullptr;
    return napi_create_string_latin1(env, text.ptr, text.len, &result) == napi_ok ? result : nullptr;
}

napi_value string_from_utf8(napi_env env, signet_text text)
{
    if (is_ascii(text))
        return string_from_ascii(env, text);
    napi_value result = nullptr;
    return napi_create_string_utf8(env, text.ptr, text.len, &result) == napi_ok ? result : nullptr;
}

napi_value number_from_status(napi_env env, int status)
{
    napi_value result = nullptr;
    return napi_create_int32(env, status, &result) == napi_ok ? result : nullptr;
}

} // namespace signet_node
