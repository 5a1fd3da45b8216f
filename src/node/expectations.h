// expectations.h: the claims that a caller of verify requires, from JavaScript values to signet_verify_options.
#ifndef SIGNET_NODE_EXPECTATIONS_H
#define SIGNET_NODE_EXPECTATIONS_H

#include <node_api.h>

#include <string>
#include <vector>

#include "signet.h"

namespace signet_node {

// The expected values of one claim: none (undefined), one string, or an array of strings. Anything but a string matches
// no claim.
class Expected {
  public:
    Expected() = default;
    Expected(const Expected &) = delete;
    Expected &operator=(const Expected &) = delete;

    // Leaves the list empty if `value` is undefined. False if N-API fails.
    bool read(napi_env env, napi_value value);

    const signet_text *texts() const
    {
        return texts_.data();
    }
    size_t count() const
    {
        return texts_.size();
    }

  private:
    bool add(napi_env env, napi_value item);

    std::vector<std::string> strings_;
    std::vector<signet_text> texts_; // into strings_
};

// Six consecutive values: audience, issuer, subject, jwtid, nonce, max age in seconds. Owns what the options point to.
class Expectations {
  public:
    static constexpr size_t COUNT = 6;

    bool read(napi_env env, const napi_value values[COUNT], signet_verify_options *options);

  private:
    Expected audiences_, issuers_, subject_, jwtid_, nonce_;
};

} // namespace signet_node

#endif
