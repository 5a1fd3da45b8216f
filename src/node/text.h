// text.h: JavaScript strings and bytes on their way into C, and back.
#ifndef SIGNET_NODE_TEXT_H
#define SIGNET_NODE_TEXT_H

#include <node_api.h>

#include <memory>

#include "signet.h"

namespace signet_node {

// One string argument as UTF-8. A string of up to 4 KiB is copied into the object itself (on the caller's stack) in one
// call; only a longer one needs a call for its length, and heap. Never latin1: napi truncates code points to it, so a
// non-ASCII token would verify.
class Text {
  public:
    Text() = default;
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;

    // False if `value` is not a string. Throws std::bad_alloc, as do the others.
    bool read(napi_env env, napi_value value)
    {
        size_t copied = 0;
        if (napi_get_value_string_utf8(env, value, stack_, sizeof stack_, &copied) != napi_ok)
            return false;
        text_ = {stack_, copied};
        return copied < sizeof stack_ - LONGEST_UTF8 || read_long(env, value);
    }

    // The same for a token. One that is too long is not read. A long one is first assumed to be ASCII, because its
    // length in characters is known at once but its length in UTF-8 is not.
    bool read_token(napi_env env, napi_value value);

    // A string as UTF-8, or the bytes of a Buffer or Uint8Array (borrowed for the call).
    bool read_bytes(napi_env env, napi_value value);

    signet_text text() const
    {
        return text_;
    }
    const char *data() const
    {
        return text_.ptr;
    }
    size_t size() const
    {
        return text_.len;
    }

  private:
    static constexpr size_t LONGEST_UTF8 = 4; // a cut never splits a character, so up to this many bytes may stay free
    bool read_long(napi_env env, napi_value value);
    bool copy(napi_env env, napi_value value, size_t most);

    signet_text text_ = {nullptr, 0};
    std::unique_ptr<char[]> heap_;
    char stack_[4096];
};

bool is_ascii(signet_text text);

// A JavaScript string from UTF-8 bytes. Takes the faster latin1 path if they are all ASCII.
napi_value string_from_utf8(napi_env env, signet_text text);

// A JavaScript string from ASCII bytes.
napi_value string_from_ascii(napi_env env, signet_text text);

napi_value number_from_status(napi_env env, int status);

} // namespace signet_node

#endif
