// store_queue.cc: the queue of one session store.
#include "node/store_queue.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace signet_node {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr size_t largest_batch = 256; // jobs, even if the store accepts more

// Whoever shifts the database's clock must not revive expired access tokens.
constexpr int64_t longest_access_offset_ms = 60 * 1000;

template <typename Time> int64_t milliseconds_of(Time time)
{
    return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

Instant instant()
{
    return {system_clock::now(), steady_clock::now()};
}

signet_error error_of(signet_status status, const char *detail)
{
    signet_error error{};
    error.status = status;
    error.position = -1;
    snprintf(error.detail, sizeof error.detail, "%s", detail);
    return error;
}

void refuse(StoreJob &work, const signet_error &why)
{
    work.job.status = why.status;
    work.job.error = why;
}

} // namespace

StoreJob::StoreJob(signet_job_kind kind, std::shared_ptr<const signet_auth> auth)
    : auth(std::move(auth)), submitted(steady_clock::now())
{
    job.kind = kind;
    job.auth = this->auth.get();
}

StoreJob::~StoreJob()
{
    signet_job_clear(&job);
}

// ---------------------------------------------------------------- creation and destruction

StoreQueue::StoreQueue(StoreQueueOptions options, std::shared_ptr<Outbox> outbox)
    : options_(std::move(options)), outbox_(std::move(outbox))
{
}

std::shared_ptr<StoreQueue> StoreQueue::make(StoreQueueOptions options, std::shared_ptr<Outbox> outbox)
{
    std::shared_ptr<StoreQueue> queue(new StoreQueue(std::move(options), std::move(outbox)));
    queue->exit_ticket_ = on_exit_begun([weak = std::weak_ptr<StoreQueue>(queue)] {
        if (const auto self = weak.lock()) {
            Lock lock(self->mutex_);
            self->changed_.notify_all();
        }
    });
    return queue;
}

// Every thread holds a reference to the queue, so none is running here. The last holder closes a store that close() did
// not close.
StoreQueue::~StoreQueue()
{
    forget_exit_begun(exit_ticket_);
    if (store_ != nullptr && !exit_begun())
        signet_store_close(store_);
}

unsigned StoreQueue::allowed_threads() const
{
    return store_ == nullptr ? 1 : std::max(1u, std::min(options_.max_threads, signet_store_max_threads(store_)));
}

bool StoreQueue::start_thread()
{
    bool started = false;
    try {
        started = thread_start("signet-store", options_.exit_wait,
                               [self = shared_from_this(), scratch = new_scratch()] { self->serve(scratch.get()); });
    } catch (const std::bad_alloc &) {
    }
    threads_ += started;
    return started;
}

// A job must not wait if a thread can be started for it.
void StoreQueue::grow()
{
    while (waiting_.size() > idle_ && threads_ < allowed_threads())
        if (!start_thread())
            return;
}

// ---------------------------------------------------------------- submitting

void StoreQueue::submit(JobList jobs)
{
    WorkList answered;
    Lock lock(mutex_);
    while (std::unique_ptr<StoreJob> job = jobs.pop_front()) {
        if (refuse_at_once(*job)) {
            answered.push_back(std::move(job));
            continue;
        }
        if (down_)
            probe_ = job.get();
        waiting_.push_back(std::move(job));
    }
    grow();
    if (threads_ == 0)
        refuse_waiting(error_of(SIGNET_ERR_STORE_UNAVAILABLE, "the system cannot create a thread"), &answered);
    else if (waiting_.size() > 1)
        changed_.notify_all();
    else
        changed_.notify_one();
    lock.unlock();
    if (!answered.empty())
        outbox_->deliver(std::move(answered));
}

void StoreQueue::submit(std::unique_ptr<StoreJob> job)
{
    JobList jobs;
    jobs.push_back(std::move(job));
    submit(std::move(jobs));
}

bool StoreQueue::refuse_at_once(StoreJob &job)
{
    if (closing_)
        refuse(job, error_of(SIGNET_ERR_STORE_CLOSED, ""));
    else if (down_ && probe_ != nullptr)
        refuse(job, down_error_);
    else if (waiting_.size() >= options_.limit)
        refuse(job, error_of(SIGNET_ERR_BUSY, ""));
    else
        return false;
    return true;
}

void StoreQueue::refuse_waiting(const signet_error &why, WorkList *refused)
{
    for (StoreJob &job : waiting_)
        refuse(job, why);
    refused->append(std::move(waiting_));
    probe_ = nullptr;
}

// ---------------------------------------------------------------- a thread of the queue

void StoreQueue::serve(signet_scratch *scratch)
{
    Lock lock(mutex_);
    while (wait_for_work(lock)) {
        if (!make_open(lock))
            continue;
        refresh_clock(lock);
        const Instant now = instant();
        if (!clock_holds(now))
            continue; // set this very moment
        JobList expired;
        JobList batch = take(now, &expired);
        running_ += batch.size();
        const size_t batch_n = batch.size();
        lock.unlock();
        if (!batch.empty() && !outbox_->closed())
            run(batch, now, scratch);
        lock.lock();
        running_ -= batch_n;
        WorkList answered;
        if (learn(batch))
            refuse_waiting(down_error_, &answered);
        lock.unlock();
        answered.append(std::move(batch));
        answered.append(std::move(expired));
        outbox_->deliver(std::move(answered));
        lock.lock();
    }
    threads_--;
    changed_.notify_all();
}

// False if the thread must end.
bool StoreQueue::wait_for_work(Lock &lock)
{
    idle_++;
    changed_.wait(
        lock, [this] { return exit_begun() || (!waiting_.empty() && !opening_) || (closing_ && waiting_.empty()); });
    idle_--;
    return !exit_begun() && !waiting_.empty();
}

// Opens the store if it is not open yet, and reads its clock if its time is not known. One thread does this; jobs that
// wait meanwhile share the outcome. Returns true if jobs may be taken.
bool StoreQueue::make_open(Lock &lock)
{
    if (store_ != nullptr && clock_holds(instant()))
        return true;
    signet_error error{};
    opening_ = true;
    const bool is_ready = (store_ != nullptr || open_store(lock, &error)) && read_clock(lock, &error);
    opening_ = false;
    changed_.notify_all();
    if (is_ready) {
        grow();
        return !waiting_.empty();
    }
    down_ = options_.fails_fast && error.status == SIGNET_ERR_STORE_UNAVAILABLE;
    down_error_ = error;
    WorkList refused;
    refuse_waiting(error, &refused);
    lock.unlock();
    outbox_->deliver(std::move(refused));
    lock.lock();
    return false;
}

bool StoreQueue::open_store(Lock &lock, signet_error *error)
{
    lock.unlock();
    signet_store *store = nullptr;
    const signet_status status = options_.open(&store, error);
    lock.lock();
    error->status = status;
    store_ = store;
    return status == SIGNET_OK;
}

// ---------------------------------------------------------------- the store's clock

// True if the store has none.
bool StoreQueue::read_clock(Lock &lock, signet_error *error)
{
    if (!options_.has_clock)
        return true;
    lock.unlock();
    signet_clock_reading reading;
    signet_status status = signet_store_read_clock(store_, &reading, error);
    const Instant now = instant();
    const int64_t wall_ms = milliseconds_of(now.wall), monotonic_ms = milliseconds_of(now.monotonic);
    lock.lock();
    if (status == SIGNET_ERR_STORE_TIMEOUT)
        status = SIGNET_ERR_STORE_UNAVAILABLE; // no job has been started
    error->status = status;
    if (status != SIGNET_OK)
        return false;
    if (reading.clock_ms == 0)
        reading.clock_ms = wall_ms;
    signet_clock_learn(&clock_, &reading, wall_ms, monotonic_ms);
    clock_offset.now_ms = clock_.offset_ms;
    clock_offset.access_ms = std::abs(clock_.settled_ms) <= longest_access_offset_ms ? clock_.settled_ms : 0;
    return true;
}

// Whether now_ms of a job can be known. True if the store has no clock.
bool StoreQueue::clock_holds(const Instant &now) const
{
    return !options_.has_clock ||
           signet_clock_holds(&clock_, milliseconds_of(now.wall), milliseconds_of(now.monotonic));
}

bool StoreQueue::clock_is_unsure()
{
    if (!options_.has_clock)
        return false;
    Lock lock(mutex_);
    return is_unsure(instant());
}

bool StoreQueue::is_unsure(const Instant &now) const
{
    return clock_.is_moved || !clock_holds(now);
}

// Reads the clock again if it is time. A failure changes nothing: the jobs will meet it themselves.
void StoreQueue::refresh_clock(Lock &lock)
{
    const Instant now = instant();
    if (!options_.has_clock || reading_clock_ ||
        !signet_clock_is_due(&clock_, milliseconds_of(now.wall), milliseconds_of(now.monotonic)))
        return;
    signet_error error{};
    reading_clock_ = true;
    (void)read_clock(lock, &error);
    reading_clock_ = false;
}

int64_t StoreQueue::time_left_ms(const StoreJob &job, const Instant &now) const
{
    return options_.timeout_ms - job.waited_ms - duration_cast<milliseconds>(now.monotonic - job.submitted).count();
}

// Returns the next batch, stamped. Jobs past their deadline go to *expired.
StoreQueue::JobList StoreQueue::take(const Instant &now, JobList *expired)
{
    const size_t most = std::min<size_t>(largest_batch, std::max(1u, signet_store_max_batch(store_)));
    JobList batch;
    while (!waiting_.empty() && batch.size() < most) {
        std::unique_ptr<StoreJob> job = waiting_.pop_front();
        if (time_left_ms(*job, now) > 0) {
            stamp(*job, now);
            batch.push_back(std::move(job));
            continue;
        }
        if (probe_ == job.get())
            probe_ = nullptr;
        refuse(*job, error_of(SIGNET_ERR_STORE_NEVER_STARTED, ""));
        expired->push_back(std::move(job));
    }
    return batch;
}

// A job is decided by the time at which it runs: the store's if it has a clock, else the caller's plus the time in the
// queue. The system's clock may have been set since the caller read it.
void StoreQueue::stamp(StoreJob &work, const Instant &now) const
{
    signet_job &job = work.job;
    job.now_ms = work.submitted_now_ms;
    if (options_.clock_runs)
        job.now_ms += duration_cast<milliseconds>(now.monotonic - work.submitted).count();
    if (!options_.has_clock || !work.by_system_clock)
        return;
    const int64_t callers_ms = job.now_ms;
    job.now_ms = milliseconds_of(now.wall) + clock_.offset_ms;
    if (job.since_ms != 0)
        job.since_ms += job.now_ms - callers_ms;
    job.clock_error_ms = clock_.error_ms;
    job.access_shift_s = (clock_offset.access_ms - clock_.offset_ms) / 1000;
    job.clock_is_unsure = clock_.is_moved;
}

void StoreQueue::run(JobList &batch, const Instant &now, signet_scratch *scratch)
{
    signet_job *jobs[largest_batch];
    size_t jobs_n = 0;
    int64_t timeout_ms = options_.timeout_ms;
    for (StoreJob &work : batch) {
        timeout_ms = std::min(timeout_ms, time_left_ms(work, now));
        jobs[jobs_n++] = &work.job;
    }
    signet_session_run(nullptr, store_, scratch, jobs, jobs_n, std::max<int64_t>(1, timeout_ms));
}

// Learns from a batch if the store is down or up again. True if it has just been found down, so that waiting jobs fail
// without trying.
bool StoreQueue::learn(const JobList &batch)
{
    bool found_down = false;
    jobs_ += batch.size();
    batches_ += batch.empty() ? 0 : 1;
    for (const StoreJob &work : batch) {
        const signet_job &job = work.job;
        if (probe_ == &work)
            probe_ = nullptr;
        if (job.status == SIGNET_ERR_STORE_UNAVAILABLE) {
            found_down = down_ = options_.fails_fast;
            down_error_ = job.error;
        } else if (job.status != SIGNET_ERR_STORE_TIMEOUT) {
            down_ = false;
            continue;
        }
        signet_clock_doubt(&clock_); // another member may become the primary
    }
    return found_down;
}

// ---------------------------------------------------------------- the end

void StoreQueue::close(std::unique_ptr<Work> done, int64_t limit_ms)
{
    const auto limit = steady_clock::now() + milliseconds(limit_ms);
    Lock lock(mutex_);
    const bool nothing_to_do = closing_ || (threads_ == 0 && store_ == nullptr);
    closing_ = true;
    changed_.notify_all();
    lock.unlock();
    if (!nothing_to_do && start_closing(done.get(), limit)) {
        (void)done.release();
        return;
    }
    if (done == nullptr)
        return;
    WorkList answered;
    answered.push_back(std::move(done));
    outbox_->deliver(std::move(answered));
}

// True if the new thread now owns `done`.
bool StoreQueue::start_closing(Work *done, steady_clock::time_point limit)
{
    try {
        return thread_start("signet-close", options_.exit_wait, [self = shared_from_this(), done, limit] {
            self->close_when_idle(std::unique_ptr<Work>(done), limit);
        });
    } catch (const std::bad_alloc &) {
        return false;
    }
}

// Runs on a separate thread, because all of the queue's may be waiting for a database that does not answer.
void StoreQueue::close_when_idle(std::unique_ptr<Work> done, steady_clock::time_point limit)
{
    const auto ended = [this] { return threads_ == 0 || exit_begun(); };
    Lock lock(mutex_);
    changed_.wait_until(lock, limit, ended);
    WorkList answered;
    refuse_waiting(error_of(SIGNET_ERR_STORE_CLOSED, ""), &answered);
    if (done != nullptr && threads_ > 0)
        answered.push_back(std::move(done));
    lock.unlock();
    outbox_->deliver(std::move(answered));
    lock.lock();
    changed_.wait(lock, ended);
    if (exit_begun())
        return;
    signet_store *const store = store_;
    store_ = nullptr;
    lock.unlock();
    if (store != nullptr)
        signet_store_close(store);
    if (done == nullptr)
        return;
    WorkList last;
    last.push_back(std::move(done));
    outbox_->deliver(std::move(last));
}

StoreQueueStats StoreQueue::stats()
{
    Lock lock(mutex_);
    const Instant now = instant();
    const int64_t age_ms = clock_.is_known ? milliseconds_of(now.monotonic) - clock_.monotonic_ms : 0;
    return {waiting_.size(), running_, threads_, jobs_, batches_, down_, clock_, age_ms, is_unsure(now)};
}

} // namespace signet_node
