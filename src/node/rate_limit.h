// rate_limit.h: at most so many per second. Uses no N-API, like pool.h.
#ifndef SIGNET_NODE_RATE_LIMIT_H
#define SIGNET_NODE_RATE_LIMIT_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace signet_node {

// At most `most` in any span of `period_ms`, for all threads together.
template <size_t most, int64_t period_ms> class RateLimit {
  public:
    // Whether one more may pass. `now_ms`: of a clock that never goes back.
    bool take(int64_t now_ms)
    {
        for (std::atomic<int64_t> &free_at : free_at_) {
            int64_t at = free_at.load(std::memory_order_relaxed);
            if (at <= now_ms && free_at.compare_exchange_strong(at, now_ms + period_ms, std::memory_order_relaxed))
                return true;
        }
        return false;
    }

  private:
    std::array<std::atomic<int64_t>, most> free_at_{}; // when the place of one that passed is free again
};

} // namespace signet_node

#endif
