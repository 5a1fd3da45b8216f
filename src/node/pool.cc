// pool.cc: the registry of threads, how exit() waits for them, and the CPU pool.
#include "node/pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <thread>

#include "platform/platform.h"

namespace signet_node {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Address space, not memory: only touched pages count. musl's default of 128 KiB is too small for a TLS handshake in
// libmongoc, glibc's of 8 MiB is much for many threads, and thread-local storage of every loaded library is part of it.
constexpr size_t stack_size = 1 << 20;

constexpr milliseconds patient_wait{2000}; // CPU tasks take milliseconds, and so do SQLite batches if the lock is free
constexpr milliseconds brief_wait{250};
constexpr milliseconds longest_turn{1}; // for which a CPU thread keeps its core if others may wait for it

struct Thread {
    std::function<void()> body;
    ExitWait wait;
    signet_thread id;
    Thread *next; // in the list of threads to join
};

// Created on first use and never destroyed: a static object's destructor would run while threads still use it.
struct Registry {
    std::mutex mutex;
    std::condition_variable ended;
    unsigned running[2] = {0, 0}; // by ExitWait
    Thread *to_join = nullptr;    // threads whose body has returned, the latest first
    std::map<unsigned, std::shared_ptr<std::function<void()>>> wakers;
    unsigned next_ticket = 1;
    bool exit_handler = false;
    std::atomic<bool> exiting{false};
};

Registry &registry()
{
    static Registry *const one = new Registry;
    return *one;
}

void join_ended(Thread *ended)
{
    while (ended) {
        const std::unique_ptr<Thread> thread(ended);
        signet_thread_join(thread->id);
        ended = thread->next;
    }
}

// Calls each waker without holding the lock: a waker takes its queue's lock, under which threads are started.
void wake_all(Registry &r, std::unique_lock<std::mutex> &lock)
{
    for (auto waker = r.wakers.begin(); waker != r.wakers.end();) {
        const unsigned ticket = waker->first;
        const auto wake = waker->second;
        lock.unlock();
        (*wake)();
        lock.lock();
        waker = r.wakers.upper_bound(ticket);
    }
}

void wait_for(Registry &r, std::unique_lock<std::mutex> &lock, ExitWait wait, milliseconds limit)
{
    const unsigned &running = r.running[static_cast<int>(wait)];
    r.ended.wait_until(lock, steady_clock::now() + limit, [&] { return running == 0; });
}

// Joins the threads instead of only counting them: after its body returns, a thread still runs OpenSSL's thread-local
// destructors.
void at_exit()
{
    Registry &r = registry();
    r.exiting = true;
    std::unique_lock<std::mutex> lock(r.mutex);
    wake_all(r, lock);
    wait_for(r, lock, ExitWait::patient, patient_wait);
    wait_for(r, lock, ExitWait::brief, brief_wait);
    Thread *const ended = std::exchange(r.to_join, nullptr);
    lock.unlock();
    join_ended(ended);
}

void thread_main(void *argument)
{
    Thread *const self = static_cast<Thread *>(argument); // freed by the thread that joins it
    self->body();
    self->body = nullptr; // frees what it holds while exit() still waits for this thread
    Registry &r = registry();
    std::lock_guard<std::mutex> lock(r.mutex);
    r.running[static_cast<int>(self->wait)]--;
    self->next = std::exchange(r.to_join, self);
    r.ended.notify_all();
}

} // namespace

bool thread_start(const char *name, ExitWait wait, std::function<void()> body)
{
    Registry &r = registry();
    std::unique_lock<std::mutex> lock(r.mutex);
    if (r.exiting)
        return false;
    if (!r.exit_handler)
        r.exit_handler = signet_at_exit(at_exit);
    auto thread = std::make_unique<Thread>(Thread{std::move(body), wait, {}, nullptr});
    // The lock is held so that the thread cannot end and be freed before its name is set.
    if (!signet_thread_start(&thread->id, name, stack_size, thread_main, thread.get()))
        return false;
    thread.release();
    r.running[static_cast<int>(wait)]++;
    Thread *const ended = std::exchange(r.to_join, nullptr);
    lock.unlock();
    join_ended(ended);
    return true;
}

bool exit_begun()
{
    return registry().exiting;
}

unsigned on_exit_begun(std::function<void()> wake)
{
    Registry &r = registry();
    std::lock_guard<std::mutex> lock(r.mutex);
    const unsigned ticket = r.next_ticket++;
    r.wakers.emplace(ticket, std::make_shared<std::function<void()>>(std::move(wake)));
    return ticket;
}

void forget_exit_begun(unsigned ticket)
{
    Registry &r = registry();
    std::lock_guard<std::mutex> lock(r.mutex);
    r.wakers.erase(ticket);
}

std::shared_ptr<signet_scratch> new_scratch()
{
    signet_scratch *const scratch = signet_scratch_new();
    if (!scratch)
        throw std::bad_alloc();
    return {scratch, signet_scratch_free};
}

unsigned threads_running()
{
    Registry &r = registry();
    std::lock_guard<std::mutex> lock(r.mutex);
    return r.running[0] + r.running[1];
}

// ---------------------------------------------------------------- the CPU pool

namespace {

class CpuPool {
  public:
    CpuPool()
    {
        on_exit_begun([this] {
            std::lock_guard<std::mutex> lock(mutex_);
            work_.notify_all();
        });
    }

    bool submit(std::unique_ptr<CpuTask> &task)
    {
        std::lock_guard<std::mutex> lock(mutex_);
        // One thread per waiting task until all are started: a task must not wait behind another while a core is idle.
        if (waiting_.size() >= idle_ && threads_ < limit_ && start_thread())
            threads_++;
        if (threads_ == 0)
            return false;
        waiting_.push_back(std::move(task));
        work_.notify_one();
        return true;
    }

  private:
    bool start_thread()
    {
        try {
            return thread_start("signet-cpu", ExitWait::patient,
                                [this, scratch = new_scratch()] { serve(scratch.get()); });
        } catch (const std::bad_alloc &) {
            return false;
        }
    }

    // Waits for a task. NULL when exit has begun.
    std::unique_ptr<CpuTask> take()
    {
        std::unique_lock<std::mutex> lock(mutex_);
        idle_++;
        work_.wait(lock, [this] { return !waiting_.empty() || exit_begun(); });
        idle_--;
        return first_waiting();
    }

    // The first waiting task, or NULL. `*plenty`: after it, at least one task per thread is still waiting.
    std::unique_ptr<CpuTask> take_at_once(bool *plenty)
    {
        std::lock_guard<std::mutex> lock(mutex_);
        std::unique_ptr<CpuTask> task = first_waiting();
        *plenty = task != nullptr && waiting_.size() >= threads_;
        return task;
    }

    std::unique_ptr<CpuTask> first_waiting()
    {
        return exit_begun() ? nullptr : waiting_.pop_front();
    }

    void serve(signet_scratch *scratch)
    {
        auto turn_began = steady_clock::now();
        bool plenty = false;
        for (std::unique_ptr<CpuTask> task = take(), next; task; task = next ? std::move(next) : take()) {
            const std::shared_ptr<Outbox> outbox = task->outbox;
            const bool is_wanted = !outbox->closed();
            if (is_wanted)
                task->run(scratch);
            WorkList finished;
            finished.push_back(std::move(task));
            next = take_at_once(&plenty);
            if (is_wanted)
                outbox->deliver(std::move(finished), plenty && next->outbox == outbox);
            give_way(&turn_began);
        }
    }

    // Tasks follow each other without a pause. If every core runs one of these threads, the kernel can make an event
    // loop wait behind them for a whole time slice.
    static void give_way(steady_clock::time_point *turn_began)
    {
        const auto now = steady_clock::now();
        if (now - *turn_began < longest_turn)
            return;
        std::this_thread::yield();
        *turn_began = now;
    }

    std::mutex mutex_;
    std::condition_variable work_;
    ListOf<CpuTask> waiting_;
    size_t idle_ = 0;
    unsigned threads_ = 0;
    const unsigned limit_ = std::min(4u, std::max(1u, std::thread::hardware_concurrency()));
};

} // namespace

bool cpu_submit(std::unique_ptr<CpuTask> &task)
{
    try {
        static CpuPool *const pool = new CpuPool;
        return pool->submit(task);
    } catch (const std::bad_alloc &) {
        return false;
    }
}

} // namespace signet_node
