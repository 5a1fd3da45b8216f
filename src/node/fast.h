// fast.h: what makes the most frequent calls cheap; lib/native/fast.js is its other side.
#ifndef SIGNET_NODE_FAST_H
#define SIGNET_NODE_FAST_H

#include <node_api.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "platform/platform.h"
#include "signet.h"

namespace signet_node {

// The shape of a flat payload is the names of its members, in order. Remembers the most recently learned shapes. Each
// has a number, which lib uses too and which is never reused.
class Shapes {
  public:
    static constexpr int32_t NONE = -1;
    static constexpr size_t KNOWN = 16;

    struct Shape {
        int32_t number = NONE;
        size_t members_n = 0;
        signet_member members[SIGNET_MAX_MEMBERS] = {}; // the names point into `names`; the caller fills in the values
        char names[256] = {};
    };

    // The number of these names; NONE if they are unknown.
    int32_t find(const signet_member *members, size_t members_n);

    // Gives these names a number. NONE if they are too long; then no other shape is forgotten.
    int32_t learn(const signet_member *members, size_t members_n);

    // The shape with this number; nullptr if it is forgotten, or if the number is NONE.
    Shape *at(int32_t number)
    {
        Shape &shape = shapes_[static_cast<uint32_t>(number) % KNOWN];
        return number != NONE && shape.number == number ? &shape : nullptr;
    }

  private:
    Shape shapes_[KNOWN];
    size_t last_ = 0; // index of the shape found last
    int32_t next_number_ = 0;
};

// Memory shared with lib: reading it costs a load, whereas an argument costs a call into V8. constants.cc exports the
// offsets. lib writes right before a call and reads right after it.
struct Exchange {
    double now_s;      // of a call; NaN: use the system's clock
    double lifetime_s; // of a token to sign: its `exp` minus its `iat`; NaN: no `exp`
    double numbers[SIGNET_MAX_MEMBERS];
    uint32_t alg;        // of a token to sign
    uint32_t algorithms; // of a token to verify: a set, 0 for the key's own
    int32_t turn;        // how often writing has begun: lib detects a getter that itself signs or reads a token
    int32_t shape;       // of the payload that was read, or of one to sign; Shapes::NONE: only its JSON is available
    // Per member, in UTF-16 code units. String read: its start and end in the payload text. String to sign: its length
    // in the strings' text. Any other value: its kind as -1 - signet_member_kind.
    int32_t spans[SIGNET_MAX_MEMBERS][2];

    // Seconds since 1970. Whole if read from the clock here, as Math.floor(Date.now() / 1000) is.
    double now() const
    {
        return std::isnan(now_s) ? static_cast<double>(signet_system_second()) : now_s;
    }
};

// The fast calls of one environment. They pass flat payloads as values, without JSON: writing JSON costs as much as a
// signature, and parsing it more than the rest of a verify.
class Fast {
  public:
    // native.exchange: an ArrayBuffer over the exchange, which lives as long as the environment. Called once, before
    // any other function. nullptr if out of memory; then the addon cannot be used.
    napi_value open(napi_env env);

    // What lib has written for this call: the time, and the options to verify a token or to sign a payload with.
    double now_s() const
    {
        return exchange_->now();
    }
    bool is_system_clock() const
    {
        return std::isnan(exchange_->now_s);
    }
    signet_alg_set algorithms() const
    {
        return exchange_->algorithms;
    }
    signet_sign_request request() const;

    // Learns the shape of a payload that lib will sign. Names are plain ASCII, each followed by a newline.
    // → its number or Shapes::NONE
    int32_t learn(signet_text names);

    // The members of the payload that the exchange describes, valid until the next call. Their strings are concatenated
    // in `strings`. nullptr if the shape is forgotten, or if a string may have half of a surrogate pair.
    const signet_member *members(signet_text strings, size_t *members_n);

    // The text of a payload that was read, a JSON object. Writes the number of its shape (Shapes::NONE: parse the JSON)
    // and its values to the exchange.
    napi_value payload(napi_env env, const signet_token &token);

  private:
    int32_t number_of(const signet_token &token);

    Exchange *exchange_ = nullptr;
    Shapes signed_, read_;
    uint64_t core_shape_ = 0; // the core's number for the shape read last (number_ here); 0: unknown
    int32_t number_ = Shapes::NONE;
};

} // namespace signet_node

#endif
