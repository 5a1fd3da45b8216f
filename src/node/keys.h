// keys.h: key handles: Externals that own one reference to a signet_key.
#ifndef SIGNET_NODE_KEYS_H
#define SIGNET_NODE_KEYS_H

#include <napi.h>

#include <utility>

#include "node/environment.h"

namespace signet_node {

// One reference to a key, or to none. What a call works with outlives whatever runs meanwhile: a getter among the call's options can make
// lib's cache drop the key, and with it the reference of the handle.
class KeyReference {
  public:
    KeyReference() = default;
    explicit KeyReference(signet_key *key) : key_(signet_key_ref(key))
    {
    }
    KeyReference(const KeyReference &other) : KeyReference(other.key_)
    {
    }
    KeyReference &operator=(KeyReference other)
    {
        std::swap(key_, other.key_);
        return *this;
    }
    ~KeyReference()
    {
        signet_key_free(key_);
    }
    const signet_key *get() const
    {
        return key_;
    }
    explicit operator bool() const
    {
        return key_ != nullptr;
    }

  private:
    signet_key *key_ = nullptr;
};

// The key that `value` stands for; none where it is no key handle of this environment, or a released one.
KeyReference key_from_value(napi_env env, napi_value value, Environment *environment);

// The same, borrowed from the handle, as counting costs the hottest calls 3 %: only where nothing until its last use can run JavaScript.
const signet_key *borrowed_key(napi_env env, napi_value value, Environment *environment);

} // namespace signet_node

#endif
