// store_queue.h: the queue before one opened session store, and its threads. Knows no N-API, as pool.h.
//
// The store says how it wants to be driven: SQLite by one thread that takes the whole queue in one transaction, so that durability
// costs one fsync a batch; MongoDB by threads started as needed, one job each. The queue adds what every caller is owed: a bound,
// a deadline from the moment of queueing, and no waiting for a store that is known to be down.
#ifndef SIGNET_NODE_STORE_QUEUE_H
#define SIGNET_NODE_STORE_QUEUE_H

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "node/pool.h"

namespace signet_node {

// One job and when it was asked for. Derive to keep what the job's texts borrow.
class StoreJob : public Work {
  public:
    explicit StoreJob(signet_job_kind kind);
    ~StoreJob() override;

    signet_job job{};
    int64_t submitted_now_ms = 0; // what the caller's clock said when it asked
    int64_t waited_ms = 0;        // that the caller has spent already, on the app's claims function
    std::chrono::steady_clock::time_point submitted;
};

struct StoreQueueOptions {
    std::function<signet_status(signet_store **, signet_error *)> open; // on a thread of the queue, at the first job
    std::shared_ptr<const signet_auth> auth;
    unsigned max_threads = 1;
    size_t limit = 10000;      // jobs that may wait
    int64_t timeout_ms = 5000; // a job that has waited so long is never started
    bool clock_runs = true;    // time that a job has waited is added to what the caller's clock said; a clock of the app's own may stand
    bool fails_fast = false;   // while the store is down, one job at a time tries it and the others fail at once
    ExitWait exit_wait = ExitWait::patient;
};

struct StoreQueueStats {
    size_t queued, running, threads;
    uint64_t jobs, batches; // run since it was opened
    bool down;
};

class StoreQueue : public std::enable_shared_from_this<StoreQueue> {
  public:
    static std::shared_ptr<StoreQueue> make(StoreQueueOptions options, std::shared_ptr<Outbox> outbox);
    ~StoreQueue();

    using JobList = ListOf<StoreJob>;

    // Takes the jobs, in order. Each is delivered exactly once, run or refused (its job.status says which), unless the outbox closes
    // before.
    void submit(JobList jobs);
    void submit(std::unique_ptr<StoreJob> job);

    // Takes no more jobs; those that wait are run until `limit_ms` is over, the rest fail. Then the store is closed and `done`, which may
    // be NULL, is delivered. Later calls do nothing but deliver.
    void close(std::unique_ptr<Work> done, int64_t limit_ms);

    StoreQueueStats stats();

  private:
    using Lock = std::unique_lock<std::mutex>;

    StoreQueue(StoreQueueOptions options, std::shared_ptr<Outbox> outbox);

    void serve(signet_scratch *scratch);
    bool wait_for_work(Lock &lock);
    bool make_open(Lock &lock);
    JobList take(JobList *expired);
    void run(JobList &batch, signet_scratch *scratch);
    bool learn(const JobList &batch);
    bool start_closing(Work *done, std::chrono::steady_clock::time_point limit);
    void close_when_idle(std::unique_ptr<Work> done, std::chrono::steady_clock::time_point limit);

    bool refuse_at_once(StoreJob &job);
    void grow();
    bool start_thread();
    void refuse_waiting(const signet_error &why, WorkList *refused);
    unsigned allowed_threads() const;
    int64_t time_left_ms(const StoreJob &job, std::chrono::steady_clock::time_point now) const;

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
    bool down_ = false;
    signet_error down_error_{};
    const StoreJob *probe_ = nullptr; // the one job that may try a store that is down
};

} // namespace signet_node

#endif
