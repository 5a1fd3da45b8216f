// pool.h: every thread of the project, and the CPU pool. Knows no N-API, so that ThreadSanitizer can test it alone.
//
// A piece of work is run on a thread of ours, then handed to its outbox (an environment's port, or a test's), which sees to it that
// whoever asked hears of it. Threads start when there is work for them, and all have ended, or been given the time to, before exit()
// goes on to OpenSSL's own exit handler: an RSA operation that races it crashes the process.
#ifndef SIGNET_NODE_POOL_H
#define SIGNET_NODE_POOL_H

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "signet.h"

namespace signet_node {

// What goes through a queue and back.
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

// Work in a row, which owns it. The links lie in the work itself: no queue and no thread has to ask for memory to pass it on, so none is
// ever lost for the lack of it.
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

    // NULL where it is empty.
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

// Where finished work goes. Called on any thread.
class Outbox {
  public:
    virtual ~Outbox() = default;
    // `more_soon`: the same thread delivers again as soon as it has done the next piece of work, which has begun; so the outbox may wait a
    // little before it tells of these, and tell of several at once.
    virtual void deliver(WorkList finished, bool more_soon = false) = 0;
    virtual bool closed() = 0; // nobody waits any more: work that has not begun is dropped
};

// ---------------------------------------------------------------- threads

// How long exit() waits for a thread to come to the end of what it does: CPU and SQLite threads are soon there; one that waits
// for a MongoDB server may not be, and leaving it costs nothing but its answer.
enum class ExitWait { patient, brief };

// Starts a thread that runs `body`, which throws nothing. False where the system gives none. Throws std::bad_alloc.
bool thread_start(const char *name, ExitWait wait, std::function<void()> body);

// True once exit() has begun: threads end after what they are at.
bool exit_begun();

// Calls `wake` when exit() begins, so that a queue can wake its threads. The ticket is for taking it back, after which a call may
// still be under way: let `wake` hold what it needs. Throws std::bad_alloc.
unsigned on_exit_begun(std::function<void()> wake);
void forget_exit_begun(unsigned ticket);

// For a thread about to be started, which could not do anything without it. Throws std::bad_alloc.
std::shared_ptr<signet_scratch> new_scratch();

// The number of our threads that run now.
unsigned threads_running();

// ---------------------------------------------------------------- the CPU pool: one per process, min(4, cores) threads

// Work for the processor alone: an RSA, EC or EdDSA operation.
class CpuTask : public Work {
  public:
    explicit CpuTask(std::shared_ptr<Outbox> to) : outbox(std::move(to))
    {
    }
    virtual void run(signet_scratch *scratch) noexcept = 0; // on a pool thread; the scratch is that thread's
    const std::shared_ptr<Outbox> outbox;
};

// Takes the task, runs it, delivers it. False, and the task stays the caller's, where no thread can be started, for lack of memory too.
bool cpu_submit(std::unique_ptr<CpuTask> &task);

} // namespace signet_node

#endif
