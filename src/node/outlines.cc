// outlines.cc: learning outlines, and filling them in.
#include "node/outlines.h"

#include <cstring>

namespace signet_node {

int32_t Outlines::learn(signet_text names)
{
    if (names.len > NAMES_MAX || next_number_ == INT32_MAX)
        return Exchange::NONE; // and lib still has all those before it
    Outline &outline = outlines_[static_cast<uint32_t>(next_number_) % KNOWN];
    outline.number = Exchange::NONE;
    outline.members_n = 0;
    memcpy(outline.names, names.ptr, names.len);
    const char *name = outline.names, *end = outline.names + names.len;
    while (name < end) {
        const char *newline = static_cast<const char *>(memchr(name, '\n', static_cast<size_t>(end - name)));
        if (!newline || outline.members_n == SIGNET_MAX_MEMBERS)
            return Exchange::NONE;
        outline.members[outline.members_n++].name = {name, static_cast<size_t>(newline - name)};
        name = newline + 1;
    }
    return outline.number = next_number_++;
}

const signet_member *Outlines::fill(const Exchange &exchange, signet_text strings, size_t *members_n)
{
    Outline &outline = outlines_[static_cast<uint32_t>(exchange.shape) % KNOWN];
    if (outline.number == Exchange::NONE || outline.number != exchange.shape)
        return nullptr;
    const char *string = strings.ptr, *end = strings.ptr + strings.len;
    for (size_t i = 0; i < outline.members_n; i++) {
        signet_member &member = outline.members[i];
        const int32_t mark = exchange.spans[i][0];
        if (mark < 0) {
            member.kind = static_cast<signet_member_kind>(-1 - mark);
            member.number = exchange.numbers[i];
            continue;
        }
        if (mark > end - string)
            return nullptr;
        member.kind = SIGNET_MEMBER_STRING;
        member.text = {string, static_cast<size_t>(mark)};
        string += mark;
    }
    *members_n = outline.members_n;
    return string == end ? outline.members : nullptr;
}

} // namespace signet_node
