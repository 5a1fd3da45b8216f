// outlines.h: the names of flat payloads that lib signs again and again, so that it gives values only: JSON.stringify, and reading the text
// that it makes, cost as much as the signature.
#ifndef SIGNET_NODE_OUTLINES_H
#define SIGNET_NODE_OUTLINES_H

#include <cstddef>
#include <cstdint>

#include "node/exchange.h"
#include "signet.h"

namespace signet_node {

// An outline is a payload's sequence of names. lib learns one where it comes again, and has it under a number that is never used twice.
class Outlines {
  public:
    // A number for `names`, a newline behind each; Exchange::NONE where they are too long or too many. Names are plain ASCII: lib sees to
    // it.
    int32_t learn(signet_text names);

    // The members that `exchange` tells of, valid until the next call; their strings lie one behind the other in `strings`. nullptr: the
    // outline is forgotten, or the strings are not as long as they were said to be, because they are not ASCII.
    const signet_member *fill(const Exchange &exchange, signet_text strings, size_t *members_n);

  private:
    static constexpr size_t KNOWN = 16, NAMES_MAX = 256;

    struct Outline {
        int32_t number = Exchange::NONE;
        size_t members_n = 0;
        char names[NAMES_MAX] = {};
        signet_member members[SIGNET_MAX_MEMBERS] = {}; // named for good, filled anew each time
    };

    Outline outlines_[KNOWN];
    int32_t next_number_ = 0;
};

} // namespace signet_node

#endif
