// shapes.h: flat payloads as numbers and offsets, so that lib builds the object without reading JSON: that reading costs more than all the
// rest of a verify.
#ifndef SIGNET_NODE_SHAPES_H
#define SIGNET_NODE_SHAPES_H

#include <node_api.h>

#include <cstdint>

#include "signet.h"

namespace signet_node {

// The shape of a payload is the sequence of its members' names. Those seen lately have a number, never used twice, under which lib knows
// the names too.
class Shapes {
  public:
    // Writes what lib/shapes.js reads of `token`: the shape's number (-1: read the JSON), how many members, then each one's value.
    void show(const signet_token &token)
    {
        if (!room_)
            return;
        const int32_t number = token.members ? number_of(token.members, token.members_n) : NONE;
        room_->number = number;
        if (number == NONE)
            return;
        for (size_t i = 0; i < token.members_n; i++)
            show_value(i, token.members[i], token.payload);
    }

    // The memory shared with lib, made at the first call; null where there is none to be had.
    napi_value buffer(napi_env env);

  private:
    static constexpr int32_t NONE = -1;
    static constexpr size_t KNOWN = 16, NAMES_MAX = 256;

    struct Room {
        double numbers[SIGNET_MAX_MEMBERS];
        int32_t number;
        int32_t spans[SIGNET_MAX_MEMBERS][2]; // of a string: from, to. Of another value: its kind as -1 - signet_member_kind
    };

    struct Shape {
        int32_t number = NONE;
        size_t members_n = 0, names_len = 0;
        uint8_t lens[SIGNET_MAX_MEMBERS] = {};
        char names[NAMES_MAX] = {};

        bool is(const signet_member *members, size_t members_n) const;
        bool take(const signet_member *members, size_t members_n);
    };

    int32_t number_of(const signet_member *members, size_t members_n);

    void show_value(size_t i, const signet_member &member, signet_text payload)
    {
        int32_t *span = room_->spans[i];
        if (member.kind == SIGNET_MEMBER_STRING) {
            span[0] = static_cast<int32_t>(member.text.ptr - payload.ptr);
            span[1] = span[0] + static_cast<int32_t>(member.text.len);
            return;
        }
        span[0] = -1 - static_cast<int32_t>(member.kind);
        room_->numbers[i] = member.number;
    }

    Room *room_ = nullptr;
    Shape shapes_[KNOWN];
    size_t last_ = 0, oldest_ = 0;
    int32_t next_number_ = 0;
};

} // namespace signet_node

#endif
