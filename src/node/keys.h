// keys.h: key handles: Externals that own one reference to a signet_key.
#ifndef SIGNET_NODE_KEYS_H
#define SIGNET_NODE_KEYS_H

#include <napi.h>

#include <utility>

#include "node/environment.h"

namespace signet_node {

// One reference to a key, or to none. It keeps the key alive during a call: a getter in the call's options can make
// lib's cache drop the key, and with it the handle's reference.
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

// The key of the handle `value`; none if it is not a key handle of this environment, or if it has been released.
KeyReference key_from_value(napi_env env, napi_value value, Environment *environment);

// The same, borrowed from the handle, because counting costs the hottest calls 3 %. Use only if no JavaScript can run
// before its last use.
const signet_key *borrowed_key(napi_env env, napi_value value, Environment *environment);

} // namespace signet_node

#endif
