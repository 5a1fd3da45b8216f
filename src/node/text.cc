// text.cc: JavaScript strings and bytes on their way into C, and back.
#include "node/text.h"

#include <cstdint>
#include <cstring>

namespace signet_node {

bool is_ascii(signet_text text)
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

// Up to `most` bytes, on the heap.
bool Text::copy(napi_env env, napi_value value, size_t most)
{
    size_t copied = 0;
    heap_.reset(new char[most + 1]);
    if (napi_get_value_string_utf8(env, value, heap_.get(), most + 1, &copied) != napi_ok)
        return false;
    text_ = {heap_.get(), copied};
    return true;
}

bool Text::read_long(napi_env env, napi_value value)
{
    size_t length = 0;
    return napi_get_value_string_utf8(env, value, nullptr, 0, &length) == napi_ok && copy(env, value, length);
}

// Replaces any token that is too long: only its length is read.
static char too_long[SIGNET_MAX_TOKEN_LEN + 1];

bool Text::read_token(napi_env env, napi_value value)
{
    size_t characters = 0, copied = 0;
    if (napi_get_value_string_utf16(env, value, nullptr, 0, &characters) != napi_ok)
        return false;
    if (characters > SIGNET_MAX_TOKEN_LEN) {
        text_ = {too_long, sizeof too_long};
        return true;
    }
    if (characters >= sizeof stack_ - LONGEST_UTF8) {
        // If the token is not ASCII, the copy has a byte above 0x7f or a different length; then read it again.
        return copy(env, value, characters) && ((text_.len == characters && is_ascii(text_)) || read_long(env, value));
    }
    if (napi_get_value_string_utf8(env, value, stack_, sizeof stack_, &copied) != napi_ok)
        return false;
    text_ = {stack_, copied};
    return copied < sizeof stack_ - LONGEST_UTF8 || read_long(env, value);
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
