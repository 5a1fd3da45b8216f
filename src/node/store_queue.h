// store_queue.h: the queue of one open session store, and its threads. Uses no N-API, like pool.h.
//
// The store's traits set the number of threads and the batch size. SQLite has one thread, which runs the whole queue in
// one transaction, so that durability costs one fsync per batch. MongoDB has threads started on demand, one job each.
// For every store the queue limits its length, gives each job a deadline counted from queueing, and fails jobs fast
// while the store is known to be down.
#ifndef SIGNET_NODE_STORE_QUEUE_H
#define SIGNET_NODE_STORE_QUEUE_H

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "node/pool.h"

namespace signet_node {

// One job and the time it was submitted. Derive to own the texts that the job borrows.
class StoreJob : public Work {
  public:
    StoreJob(signet_job_kind kind, std::shared_ptr<const signet_auth> auth);
    ~StoreJob() override;

    signet_job job{};
    const std::shared_ptr<const signet_auth> auth; // the secrets that the call began with, whatever replaces them
    int64_t submitted_now_ms = 0;                  // the caller's clock at submission
    bool by_system_clock = false;                  // that clock is the system's, not one of a test or of the app
    int64_t waited_ms = 0;                         // time already spent by the caller, in the app's claims function
    std::chrono::steady_clock::time_point submitted;
};

struct StoreQueueOptions {
    std::function<signet_status(signet_store **, signet_error *)> open; // on a thread of the queue, at the first job
    unsigned max_threads = 1;
    size_t limit = 10000;      // of waiting jobs
    int64_t timeout_ms = 5000; // a job that has waited this long is never started
    bool clock_runs = true;    // add the time in the queue to submitted_now_ms; false: the clock may stand still
    bool has_clock = false;    // jobs by the system's clock are run by the store's
    bool fails_fast = false;   // while the store is down, jobs fail fast, except for one probe at a time
    ExitWait exit_wait = ExitWait::patient;
};

struct StoreQueueStats {
    size_t queued, running, threads;
    uint64_t jobs, batches; // run since the store was opened
    bool down;
    signet_clock clock; // of the store; zeroed if it has none
    int64_t clock_age_ms;
    bool clock_is_unsure;
};

// This machine's two clocks, read together.
struct Instant {
    std::chrono::system_clock::time_point wall;
    std::chrono::steady_clock::time_point monotonic;
};

// What the system's clock lacks to be the store's: read from any thread, without the lock.
struct ClockOffset {
    std::atomic<int64_t> now_ms{0};    // for sessions
    std::atomic<int64_t> access_ms{0}; // for access tokens: 0 if it is over a minute
};

class StoreQueue : public std::enable_shared_from_this<StoreQueue> {
  public:
    static std::shared_ptr<StoreQueue> make(StoreQueueOptions options, std::shared_ptr<Outbox> outbox);
    ~StoreQueue();

    using JobList = ListOf<StoreJob>;

    // Takes the jobs, in order. Each is delivered exactly once, run or refused (see its job.status), unless the outbox
    // closes first.
    void submit(JobList jobs);
    void submit(std::unique_ptr<StoreJob> job);

    // Takes no more jobs. Runs the waiting jobs until `limit_ms` has passed; the rest fail. Then closes the store and
    // delivers `done`, which may be NULL. Later calls only deliver.
    void close(std::unique_ptr<Work> done, int64_t limit_ms);

    StoreQueueStats stats();

    // No session may be found expired by a time that clock_offset has made: the store's clock is in doubt, or was not
    // read, or not since this machine's was set. Always false if the store has no clock.
    bool clock_is_unsure();

    ClockOffset clock_offset;

  private:
    using Lock = std::unique_lock<std::mutex>;

    StoreQueue(StoreQueueOptions options, std::shared_ptr<Outbox> outbox);

    void serve(signet_scratch *scratch);
    bool wait_for_work(Lock &lock);
    bool make_open(Lock &lock);
    bool open_store(Lock &lock, signet_error *error);
    bool read_clock(Lock &lock, signet_error *error);
    void refresh_clock(Lock &lock);
    bool clock_holds(const Instant &now) const;
    bool is_unsure(const Instant &now) const;
    void stamp(StoreJob &work, const Instant &now) const;
    JobList take(const Instant &now, JobList *expired);
    void run(JobList &batch, const Instant &now, signet_scratch *scratch);
    bool learn(const JobList &batch);
    bool start_closing(Work *done, std::chrono::steady_clock::time_point limit);
    void close_when_idle(std::unique_ptr<Work> done, std::chrono::steady_clock::time_point limit);

    bool refuse_at_once(StoreJob &job);
    void grow();
    bool start_thread();
    void refuse_waiting(const signet_error &why, WorkList *refused);
    unsigned allowed_threads() const;
    int64_t time_left_ms(const StoreJob &job, const Instant &now) const;

    const StoreQueueOptions options_;
    const std::shared_ptr<Outbox> outbox_;
    unsigned exit_ticket_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    JobList waiting_;
    signet_store *store_ = nullptr;
    size_t idle_ = 0, running_ = 0;
    unsigned threads_ = 0;
    uint64_t jobs_ = 0, batches_ = 0;
    bool opening_ = false, closing_ = false;
    signet_clock clock_{};
    bool reading_clock_ = false;
    bool down_ = false;
    signet_error down_error_{};
    const StoreJob *probe_ = nullptr; // the one job that may try a store that is down
};

} // namespace signet_node

#endif
