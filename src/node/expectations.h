// expectations.h: the claims that a caller of verify requires, from JavaScript values to signet_verify_options.
#ifndef SIGNET_NODE_EXPECTATIONS_H
#define SIGNET_NODE_EXPECTATIONS_H

#include <node_api.h>

#include <string>
#include <vector>

#include "signet.h"

namespace signet_node {

// What is expected of one claim: nothing (undefined), one string, one of an array of strings, or a number of seconds.
// Anything but a string matches no claim.
class Expected {
  public:
    Expected() = default;
    Expected(const Expected &) = delete;
    Expected &operator=(const Expected &) = delete;

    // Leaves `expected` as it is if `value` is undefined. False if N-API fails.
    bool read(napi_env env, napi_value value, signet_expected *expected);

  private:
    bool add(napi_env env, napi_value item);

    std::vector<std::string> strings_;
    std::vector<signet_text> texts_; // into strings_
};

// Consecutive values, in the order of SIGNET_EXPECT_TABLE. Owns what the options point to.
class Expectations {
  public:
    static constexpr size_t COUNT = SIGNET_EXPECT_COUNT;

    bool read(napi_env env, const napi_value values[COUNT], signet_verify_options *options);

  private:
    Expected expected_[COUNT];
};

} // namespace signet_node

#endif
