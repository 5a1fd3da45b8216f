// shapes.h: flat payloads as numbers and offsets, so that lib builds the object without reading JSON: that reading costs more than all the
// rest of a verify.
#ifndef SIGNET_NODE_SHAPES_H
#define SIGNET_NODE_SHAPES_H

#include <cstddef>
#include <cstdint>

#include "node/exchange.h"
#include "signet.h"

namespace signet_node {

// The shape of a payload is the sequence of its members' names. Those seen lately have a number, never used twice, under which lib knows
// the names too.
class Shapes {
  public:
    // Writes what lib/native/shapes.js reads of `token`: the shape's number (Exchange::NONE: read the JSON), then each member's value.
    void show(const signet_token &token, Exchange *exchange)
    {
        exchange->turn++;
        exchange->shape = token.members ? number_of(token) : Exchange::NONE;
        if (exchange->shape == Exchange::NONE)
            return;
        for (size_t i = 0; i < token.members_n; i++)
            show_value(i, token.members[i], token.payload, exchange);
    }

  private:
    static constexpr size_t KNOWN = 16, NAMES_MAX = 256;

    struct Shape {
        int32_t number = Exchange::NONE;
        size_t members_n = 0;
        uint8_t lens[SIGNET_MAX_MEMBERS] = {};
        char names[NAMES_MAX] = {};

        bool is(const signet_member *members, size_t members_n) const;
        bool take(const signet_member *members, size_t members_n);
    };

    int32_t number_of(const signet_token &token)
    {
        if (token.names_id != 0 && token.names_id == names_id_)
            return shapes_[last_].number;
        const int32_t number = find_or_take(token.members, token.members_n);
        names_id_ = number == Exchange::NONE ? 0 : token.names_id;
        return number;
    }

    int32_t find_or_take(const signet_member *members, size_t members_n);

    static void show_value(size_t i, const signet_member &member, signet_text payload, Exchange *exchange)
    {
        int32_t *span = exchange->spans[i];
        if (member.kind == SIGNET_MEMBER_STRING) {
            span[0] = static_cast<int32_t>(member.text.ptr - payload.ptr);
            span[1] = span[0] + static_cast<int32_t>(member.text.len);
            return;
        }
        span[0] = -1 - static_cast<int32_t>(member.kind);
        exchange->numbers[i] = member.number;
    }

    Shape shapes_[KNOWN];
    size_t last_ = 0, oldest_ = 0;
    uint64_t names_id_ = 0; // of the names of shapes_[last_]; 0: unknown
    int32_t next_number_ = 0;
};

} // namespace signet_node

#endif
