// expectations.h: what a caller of verify insists on, from JavaScript values to signet_verify_options.
#ifndef SIGNET_NODE_EXPECTATIONS_H
#define SIGNET_NODE_EXPECTATIONS_H

#include <node_api.h>

#include <string>
#include <vector>

#include "signet.h"

namespace signet_node {

// What is expected of one claim: nothing (undefined), one string, or an array of strings. What is no string matches nothing.
class Expected {
  public:
    Expected() = default;
    Expected(const Expected &) = delete;
    Expected &operator=(const Expected &) = delete;

    // Not given at all: leaves the list empty. False where N-API fails.
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

// Six values in a row: audience, issuer, subject, jwtid, nonce, max age in seconds. It owns what the options point to.
class Expectations {
  public:
    static constexpr size_t COUNT = 6;

    bool read(napi_env env, const napi_value values[COUNT], signet_verify_options *options);

  private:
    Expected audiences_, issuers_, subject_, jwtid_, nonce_;
};

} // namespace signet_node

#endif
