// pool.h: every thread of the project, and the CPU pool. Uses no N-API, so that ThreadSanitizer can test it alone.
//
// Work runs on one of our threads, then goes to its outbox (an environment's port, or a test's), which delivers the
// result to the caller. Threads start when there is work for them. exit() waits for them, within limits, before it
// runs OpenSSL's own exit handler: an RSA operation that races with that handler crashes the process.
#ifndef SIGNET_NODE_POOL_H
#define SIGNET_NODE_POOL_H

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "signet.h"

namespace signet_node {

// Goes through a queue and back.
class Work {
  public:
    Work() = default;
    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;
    virtual ~Work() = default;
    // Delivered in a batch of its own, after all earlier answers: the answer of close().
    virtual bool comes_alone() const
    {
        return false;
    }

  private:
    template <typename T> friend class ListOf;
    Work *next_ = nullptr;
};

// An owning list of work. The links are in the work itself, so passing work on allocates nothing, and running out of
// memory loses none.
template <typename T> class ListOf {
  public:
    class iterator {
      public:
        explicit iterator(Work *at) : at_(at)
        {
        }
        T &operator*() const
        {
            return *static_cast<T *>(at_);
        }
        iterator &operator++()
        {
            at_ = at_->next_;
            return *this;
        }
        bool operator!=(const iterator &other) const
        {
            return at_ != other.at_;
        }

      private:
        Work *at_;
    };

    ListOf() = default;
    ListOf(ListOf &&other) noexcept
    {
        append(std::move(other));
    }
    ListOf &operator=(ListOf &&other) noexcept
    {
        ListOf taken(std::move(other));
        std::swap(first_, taken.first_);
        std::swap(last_, taken.last_);
        std::swap(size_, taken.size_);
        return *this;
    }
    ~ListOf()
    {
        while (pop_front())
            continue;
    }

    void push_back(std::unique_ptr<T> work)
    {
        Work *const added = work.release();
        (last_ ? last_->next_ : first_) = added;
        last_ = added;
        size_++;
    }

    // NULL if it is empty.
    std::unique_ptr<T> pop_front()
    {
        Work *const taken = first_;
        if (!taken)
            return nullptr;
        first_ = taken->next_;
        last_ = first_ ? last_ : nullptr;
        taken->next_ = nullptr;
        size_--;
        return std::unique_ptr<T>(static_cast<T *>(taken));
    }

    template <typename U> void append(ListOf<U> &&others)
    {
        if (others.empty())
            return;
        (last_ ? last_->next_ : first_) = std::exchange(others.first_, nullptr);
        last_ = std::exchange(others.last_, nullptr);
        size_ += std::exchange(others.size_, 0);
    }

    size_t size() const
    {
        return size_;
    }
    bool empty() const
    {
        return size_ == 0;
    }
    iterator begin() const
    {
        return iterator(first_);
    }
    iterator end() const
    {
        return iterator(nullptr);
    }

  private:
    template <typename U> friend class ListOf;
    Work *first_ = nullptr, *last_ = nullptr;
    size_t size_ = 0;
};

using WorkList = ListOf<Work>;

// Receives finished work. Called on any thread.
class Outbox {
  public:
    virtual ~Outbox() = default;
    // `more_soon`: the same thread has begun its next piece of work and delivers again once that is done, so the outbox
    // may wait briefly and report several at once.
    virtual void deliver(WorkList finished, bool more_soon = false) = 0;
    virtual bool closed() = 0; // no caller is left: work that has not begun is dropped
};

// ---------------------------------------------------------------- threads

// How long exit() waits for a thread to finish its work. CPU and SQLite threads finish soon. A thread that waits for a
// MongoDB server may not; abandoning it loses only its answer.
enum class ExitWait { patient, brief };

// Starts a thread that runs `body`, which must not throw. False if the system cannot start one. Throws std::bad_alloc.
bool thread_start(const char *name, ExitWait wait, std::function<void()> body);

// True once exit() has begun: threads end after their current work.
bool exit_begun();

// Calls `wake` when exit() begins, so that a queue can wake its threads. The ticket cancels it; a call may still be
// running afterwards, so `wake` must own what it uses. Throws std::bad_alloc.
unsigned on_exit_begun(std::function<void()> wake);
void forget_exit_begun(unsigned ticket);

// The scratch that a thread needs, allocated before the thread is started. Throws std::bad_alloc.
std::shared_ptr<signet_scratch> new_scratch();

// The number of our threads that are running.
unsigned threads_running();

// ---------------------------------------------------------------- the CPU pool: one per process, min(4, cores) threads

// CPU-bound work: an RSA, EC or EdDSA operation.
class CpuTask : public Work {
  public:
    explicit CpuTask(std::shared_ptr<Outbox> to) : outbox(std::move(to))
    {
    }
    virtual void run(signet_scratch *scratch) noexcept = 0; // on a pool thread; the scratch is that thread's
    const std::shared_ptr<Outbox> outbox;
};

// Takes the task, runs it and delivers it. False if no thread can be started or memory runs out; the caller then keeps
// the task.
bool cpu_submit(std::unique_ptr<CpuTask> &task);

} // namespace signet_node

#endif
