// shapes.cc: knowing a payload's shape again.
#include "node/shapes.h"

#include <cstring>

namespace signet_node {

bool Shapes::Shape::is(const signet_member *members, size_t n) const
{
    const char *known = names;
    if (n != members_n)
        return false;
    for (size_t i = 0; i < n; known += lens[i++])
        if (members[i].name.len != lens[i] || memcmp(members[i].name.ptr, known, lens[i]) != 0)
            return false;
    return true;
}

// JavaScript puts names that are integers first, whatever their order in the text, and an object without names has no shape worth knowing.
static bool keeps_its_place(signet_text name)
{
    return name.len > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9') && !(name.len == 9 && memcmp(name.ptr, "__proto__", 9) == 0);
}

bool Shapes::Shape::take(const signet_member *members, size_t n)
{
    size_t used = 0;
    number = Exchange::NONE;
    members_n = 0;
    for (size_t i = 0; i < n; i++) {
        const signet_text name = members[i].name;
        if (!keeps_its_place(name) || name.len > NAMES_MAX - used || name.len > UINT8_MAX)
            return false;
        memcpy(names + used, name.ptr, name.len);
        lens[i] = static_cast<uint8_t>(name.len);
        used += name.len;
    }
    members_n = n;
    return true;
}

// Exchange::NONE at the first sight of a shape: one that never comes again is not worth learning.
int32_t Shapes::find_or_take(const signet_member *members, size_t members_n)
{
    if (shapes_[last_].is(members, members_n))
        return shapes_[last_].number;
    for (size_t i = 0; i < KNOWN; i++) {
        if (shapes_[i].is(members, members_n)) {
            last_ = i;
            return shapes_[i].number;
        }
    }
    if (next_number_ < INT32_MAX && shapes_[oldest_].take(members, members_n)) {
        shapes_[oldest_].number = next_number_++;
        oldest_ = (oldest_ + 1) % KNOWN;
    }
    return Exchange::NONE;
}

} // namespace signet_node
