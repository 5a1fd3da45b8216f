// fast.h: what makes the most frequent calls cheap; lib/native/fast.js is its other side.
#ifndef SIGNET_NODE_FAST_H
#define SIGNET_NODE_FAST_H

#include <node_api.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "signet.h"

namespace signet_node {

// The shape of a flat payload is the names of its members, in order. Remembers the shapes learned last, each under a number that is never
// used twice and that lib knows it by too.
class Shapes {
  public:
    static constexpr int32_t NONE = -1;
    static constexpr size_t KNOWN = 16;

    struct Shape {
        int32_t number = NONE;
        size_t members_n = 0;
        signet_member members[SIGNET_MAX_MEMBERS] = {}; // their names point into `names`; the values are whoever fills them in
        char names[256] = {};
    };

    // The number of these names; NONE if it does not know them.
    int32_t find(const signet_member *members, size_t members_n);

    // Gives these names a number; NONE, and nothing is forgotten, if they are too long.
    int32_t learn(const signet_member *members, size_t members_n);

    // The shape that has this number; nullptr if it is forgotten, or the number is NONE.
    Shape *at(int32_t number)
    {
        Shape &shape = shapes_[static_cast<uint32_t>(number) % KNOWN];
        return number != NONE && shape.number == number ? &shape : nullptr;
    }

  private:
    Shape shapes_[KNOWN];
    size_t last_ = 0; // found
    int32_t next_number_ = 0;
};

// Memory that lib sees too: what lies here costs a load, where an argument costs a call into V8. constants.cc tells lib where everything
// lies. lib writes right before a call and reads right after it.
struct Exchange {
    double now_s;      // of a call; NaN: the system's clock
    double lifetime_s; // of a token to be signed: its `exp` minus its `iat`; NaN: no `exp`
    double numbers[SIGNET_MAX_MEMBERS];
    uint32_t alg;        // of a token to be signed
    uint32_t algorithms; // of a token to be verified: a set, 0 for the key's own
    int32_t turn;        // how often writing has begun: so lib notices a getter that signs or reads a token itself
    int32_t shape;       // of the payload that was read, or is to be signed; Shapes::NONE: there is only its JSON
    // Of each member. A string's: from where to where in the payload's text; to be signed, how long it is in the strings' text. Another
    // value's: its kind as -1 - signet_member_kind.
    int32_t spans[SIGNET_MAX_MEMBERS][2];

    // Seconds since 1970, whole if the clock is asked here, as Math.floor(Date.now() / 1000) is.
    double now() const
    {
        return std::isnan(now_s) ? static_cast<double>(system_second()) : now_s;
    }

  private:
    // The clock as of its last tick (10 ms ago at most, unless the machine was held up) costs a quarter of asking for the very moment, and
    // is in the same second except at the end of it. Not every sandbox and emulated kernel has it.
    static time_t system_second()
    {
        timespec time = {};
#ifdef CLOCK_REALTIME_COARSE
        constexpr long end_of_second_ns = 900 * 1000 * 1000;
        if (clock_gettime(CLOCK_REALTIME_COARSE, &time) == 0 && time.tv_nsec < end_of_second_ns)
            return time.tv_sec;
#endif
        clock_gettime(CLOCK_REALTIME, &time);
        return time.tv_sec;
    }
};

// The fast calls of one environment: flat payloads as values, so that nobody writes or reads JSON for them: that costs as much as a
// signature, and more than all the rest of a verify.
class Fast {
  public:
    // native.exchange: an ArrayBuffer over the exchange, which lives as long as the environment. Once, before all else; nullptr, and the
    // addon cannot be used, if memory ran out.
    napi_value open(napi_env env);

    // What lib has written for this call: when it is, and what to verify a token or to sign a payload with.
    double now_s() const
    {
        return exchange_->now();
    }
    signet_alg_set algorithms() const
    {
        return exchange_->algorithms;
    }
    signet_sign_request request() const;

    // Learns the shape of a payload that lib will sign: its names, plain ASCII, a newline after each. → its number or Shapes::NONE
    int32_t learn(signet_text names);

    // The members of the payload that the exchange describes, valid until the next call; their strings lie one after the other in
    // `strings`. nullptr: the shape is forgotten, or the strings are not as long as they were said to be, because they are not ASCII.
    const signet_member *members(signet_text strings, size_t *members_n);

    // The text of a payload that was read, a JSON object's; the exchange gets its shape's number (Shapes::NONE: read the JSON) and values.
    napi_value payload(napi_env env, const signet_token &token);

  private:
    int32_t number_of(const signet_token &token);

    Exchange *exchange_ = nullptr;
    Shapes signed_, read_;
    uint64_t core_shape_ = 0; // the core's number for the shape read last, which is number_ here; 0: unknown
    int32_t number_ = Shapes::NONE;
};

} // namespace signet_node

#endif
