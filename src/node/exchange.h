// exchange.h: memory that lib and the addon both see. What lies here costs a load where an argument costs a call into V8.
#ifndef SIGNET_NODE_EXCHANGE_H
#define SIGNET_NODE_EXCHANGE_H

#include <node_api.h>

#include <cmath>
#include <cstdint>
#include <ctime>

#include "signet.h"

namespace signet_node {

// constants.cc tells lib/native/exchange.js where everything lies. lib writes right before a call and reads right behind it.
struct Exchange {
    static constexpr int32_t NONE = -1;

    double now_s;      // of a call; NaN: the system's clock
    double lifetime_s; // of a token to be signed: its `exp` behind its `iat`; NaN: no `exp`
    double numbers[SIGNET_MAX_MEMBERS];
    uint32_t alg;        // of a token to be signed
    uint32_t algorithms; // of a token to be verified: a set, 0 for the key's own
    int32_t turn;        // how often one has begun to write: so lib notices a getter that signs or reads a token itself
    int32_t shape;       // of the payload that was read, or is to be written; NONE: there is only its JSON
    // Of each member. A string's: from where to where in the payload's text; to be written, how long it is in the strings' text. Another
    // value's: its kind as -1 - signet_member_kind.
    int32_t spans[SIGNET_MAX_MEMBERS][2];

    // Seconds since 1970, whole where the clock is asked here, as Math.floor(Date.now() / 1000) is.
    double now() const
    {
        return std::isnan(now_s) ? static_cast<double>(system_second()) : now_s;
    }

  private:
    // The clock as of its last tick (10 ms ago at most, unless the machine was held up) costs a quarter of asking for the very moment, and
    // is in the same second but for the end of it. Not every sandbox and emulated kernel has it.
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

// An ArrayBuffer over a new Exchange that lives as long as the environment; nullptr, and no Exchange, where memory ran out.
napi_value exchange_buffer(napi_env env, Exchange **exchange);

} // namespace signet_node

#endif
