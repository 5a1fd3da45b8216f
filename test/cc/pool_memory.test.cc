// pool_memory.test.cc: out of memory in the threads and queues of src/node. Each allocation, of C++ and of the C
// library under it, fails in turn: the caller gets an answer or an exception. Nothing crashes or hangs, and no work is
// lost.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "node/store_queue.h"

// For AddressSanitizer: what threads hold when exit() begins is not freed.
extern "C" const char *__asan_default_options(void);
extern "C" const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

// Allocations until one fails, of all threads; negative: none fails.
static std::atomic<long> left{-1};

static bool must_fail()
{
    return left >= 0 && left-- == 0;
}

// Linked instead of the C library's calls (-Wl,--wrap).
extern "C" {
void *__real_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t n, size_t len);

void *__wrap_malloc(size_t len)
{
    return must_fail() ? nullptr : __real_malloc(len);
}

void *__wrap_calloc(size_t n, size_t len)
{
    return must_fail() ? nullptr : __real_calloc(n, len);
}
}

__attribute__((noinline)) void *operator new(size_t len)
{
    void *const room = must_fail() ? nullptr : __real_malloc(len);
    if (!room)
        throw std::bad_alloc();
    return room;
}

__attribute__((noinline)) void operator delete(void *room) noexcept
{
    free(room);
}

__attribute__((noinline)) void operator delete(void *room, size_t) noexcept
{
    free(room);
}

namespace {

using signet_node::CpuTask;
using signet_node::Outbox;
using signet_node::StoreJob;
using signet_node::StoreQueue;
using signet_node::StoreQueueOptions;
using signet_node::Work;
using signet_node::WorkList;

constexpr unsigned patience_s = 20; // a child that takes longer hangs
constexpr int64_t now_ms = 1700000000000;
constexpr size_t jobs_n = 5, tasks_n = 5;

// Keeps what is delivered, without allocating, as a port does.
class Inbox : public Outbox {
  public:
    void deliver(WorkList finished, bool) override
    {
        std::lock_guard<std::mutex> lock(mutex_);
        delivered_.append(std::move(finished));
        arrived_.notify_all();
    }
    bool closed() override
    {
        return false;
    }
    void wait_for(size_t n)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        arrived_.wait(lock, [&] { return delivered_.size() >= n; });
    }
    size_t size()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return delivered_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    WorkList delivered_;
};

class Signing : public CpuTask {
  public:
    Signing(std::shared_ptr<Outbox> to, const signet_key *key) : CpuTask(std::move(to)), key_(key)
    {
    }
    void run(signet_scratch *scratch) noexcept override
    {
        signet_text token = {nullptr, 0};
        signet_sign_request request = {};
        request.alg = SIGNET_HS256;
        request.payload = {"{}", 2};
        status_ = signet_sign(key_, scratch, &request, &token, nullptr);
    }

  private:
    const signet_key *key_;
    signet_status status_ = SIGNET_OK;
};

std::shared_ptr<const signet_auth> make_rules()
{
    static const char access[] = "an access secret for tests, 48 bytes, not known",
                      refresh[] = "a refresh secret for tests, 48 bytes, not known";
    const signet_text access_secret = {access, sizeof access - 1}, refresh_secret = {refresh, sizeof refresh - 1};
    signet_auth_config config = {};
    config.access_secrets = &access_secret;
    config.refresh_secrets = &refresh_secret;
    config.access_secrets_n = config.refresh_secrets_n = 1;
    config.access_expires_in_s = 900;
    config.refresh_expires_in_s = 604800;
    config.session_expires_in_s = 7776000;
    config.grace_period_ms = 30000;
    signet_auth *rules = nullptr;
    if (signet_auth_new(&config, &rules, nullptr) != SIGNET_OK)
        abort();
    return {rules, [](signet_auth *unused) { signet_auth_free(unused); }};
}

signet_status open_in_memory(signet_store **store, signet_error *error)
{
    signet_store_options options = {};
    options.place = ":memory:";
    options.timeout_ms = 1000;
    return signet_store_open(&options, store, error);
}

std::unique_ptr<StoreJob> login(std::shared_ptr<const signet_auth> rules)
{
    auto job = std::make_unique<StoreJob>(SIGNET_JOB_LOGIN, std::move(rules));
    job->submitted_now_ms = now_ms;
    job->job.user_id = {"7", 1};
    return job;
}

// Works as an app does while the nth allocation fails; the exit code says what went wrong. In its own process, because
// the pool's threads stay.
enum Outcome { all_answered, none_failed, not_answered, out_of_order };

Outcome use_the_queue(long nth)
{
    const auto inbox = std::make_shared<Inbox>();
    size_t asked = 0;
    StoreQueueOptions options;
    const auto rules = make_rules();
    options.open = open_in_memory;
    left = nth;
    try {
        const auto queue = StoreQueue::make(std::move(options), inbox);
        for (size_t i = 0; i < jobs_n; i++) {
            auto job = login(rules);
            asked++;
            queue->submit(std::move(job));
            inbox->wait_for(asked);
        }
        auto done = std::make_unique<Work>();
        asked++;
        queue->close(std::move(done), 10000);
    } catch (const std::bad_alloc &) {
        // the caller is told
    }
    inbox->wait_for(asked);
    const bool none = left >= 0;
    left = -1;
    return inbox->size() != asked ? not_answered : none ? none_failed : all_answered;
}

Outcome use_the_pool(long nth)
{
    const auto inbox = std::make_shared<Inbox>();
    signet_key *key = nullptr;
    size_t asked = 0;
    if (signet_key_from_secret("secret", 6, &key, nullptr) != SIGNET_OK)
        return out_of_order;
    left = nth;
    for (size_t i = 0; i < tasks_n; i++) {
        try {
            std::unique_ptr<CpuTask> task = std::make_unique<Signing>(inbox, key);
            asked += signet_node::cpu_submit(task);
        } catch (const std::bad_alloc &) {
            // the task's own memory: the caller is told
        }
    }
    inbox->wait_for(asked);
    const bool none = left >= 0;
    left = -1;
    return inbox->size() != asked ? not_answered : none ? none_failed : all_answered;
}

// Ends with exit(), so that the threads are joined, while the same allocation still fails.
int outcome_of(Outcome (*use)(long), long nth)
{
    const pid_t child = fork();
    if (child == 0) {
        alarm(patience_s);
        exit(use(nth));
    }
    int status = 0;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        fail_msg("allocation %ld: signal %d", nth, WTERMSIG(status));
    return WEXITSTATUS(status);
}

void fail_each_in_turn(Outcome (*use)(long), long least)
{
    long nth = 0;
    for (int outcome = all_answered; outcome != none_failed; nth++) {
        outcome = outcome_of(use, nth);
        if (outcome != all_answered && outcome != none_failed)
            fail_msg("allocation %ld: outcome %d", nth, outcome);
    }
    assert_true(nth > least); // else nothing was tried
}

void a_store_queue_without_memory_answers_or_throws_and_loses_no_job(void **)
{
    fail_each_in_turn(use_the_queue, 20);
}

void a_cpu_pool_without_memory_runs_what_it_took_and_takes_no_more(void **)
{
    fail_each_in_turn(use_the_pool, 8);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_store_queue_without_memory_answers_or_throws_and_loses_no_job),
        cmocka_unit_test(a_cpu_pool_without_memory_runs_what_it_took_and_takes_no_more),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
