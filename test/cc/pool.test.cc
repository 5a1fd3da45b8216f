// pool.test.cc: threads and queues without Node, also for ThreadSanitizer (make tsan), on SQLite with src/session's
// rules.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/store_queue.h"

// For AddressSanitizer: what threads hold when exit() begins is not freed.
extern "C" const char *__asan_default_options(void);
extern "C" const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

namespace {

using namespace std::chrono_literals;
using signet_node::CpuTask;
using signet_node::ExitWait;
using signet_node::Outbox;
using signet_node::StoreJob;
using signet_node::StoreQueue;
using signet_node::StoreQueueOptions;
using signet_node::Work;
using signet_node::WorkList;

constexpr auto patience = 20s; // a test that waits longer fails
constexpr int64_t now_ms = 1700000000000;

// Keeps what is delivered, as a port does.
class Inbox : public Outbox {
  public:
    void deliver(WorkList finished, bool more_soon) override
    {
        std::lock_guard<std::mutex> lock(mutex_);
        promises_ += more_soon;
        if (more_soon)
            owing_.insert(std::this_thread::get_id());
        else
            owing_.erase(std::this_thread::get_id());
        while (std::unique_ptr<Work> work = finished.pop_front())
            delivered_.push_back(std::move(work));
        arrived_.notify_all();
    }

    bool closed() override
    {
        return is_closed;
    }

    bool wait_for(size_t n)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        return arrived_.wait_for(lock, patience, [&] { return delivered_.size() >= n; });
    }

    size_t size()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return delivered_.size();
    }

    // Only after the last delivery.
    signet_status status_of(size_t i)
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return static_cast<StoreJob *>(delivered_[i].get())->job.status;
    }

    Work *at(size_t i)
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return delivered_[i].get();
    }

    // How often a thread has announced more soon.
    size_t promises()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return promises_;
    }

    // How many threads have announced it and not delivered since.
    size_t owing()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return owing_.size();
    }

    std::atomic<bool> is_closed{false};

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<std::unique_ptr<Work>> delivered_;
    size_t promises_ = 0;
    std::set<std::thread::id> owing_;
};

// Blocks threads until it is opened.
class Gate {
  public:
    void open()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    void pass()
    {
        std::unique_lock<std::mutex> lock(mutex_);
        waiting_++;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
    }

    void wait_for_one()
    {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ > 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    unsigned waiting_ = 0;
};

class Count : public CpuTask {
  public:
    Count(std::shared_ptr<Outbox> to, std::atomic<int> *n) : CpuTask(std::move(to)), n_(n)
    {
    }
    void run(signet_scratch *scratch) noexcept override
    {
        if (scratch != nullptr)
            (*n_)++;
    }

  private:
    std::atomic<int> *n_;
};

bool submit_count(const std::shared_ptr<Inbox> &inbox, std::atomic<int> *n)
{
    std::unique_ptr<CpuTask> task(new Count(inbox, n));
    return signet_node::cpu_submit(task);
}

// ---------------------------------------------------------------- the CPU pool

void every_task_is_run_and_delivered_once(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    std::atomic<int> ran{0};
    std::vector<std::thread> environments;
    for (int e = 0; e < 4; e++)
        environments.emplace_back([&] {
            for (int i = 0; i < 500; i++)
                submit_count(inbox, &ran);
        });
    for (auto &thread : environments)
        thread.join();
    assert_true(inbox->wait_for(2000));
    assert_int_equal(ran, 2000);
    assert_int_equal(inbox->size(), 2000);
}

// Runs once the gate is open.
class Gated : public CpuTask {
  public:
    Gated(std::shared_ptr<Outbox> to, Gate *gate) : CpuTask(std::move(to)), gate_(gate)
    {
    }
    void run(signet_scratch *) noexcept override
    {
        gate_->pass();
    }

  private:
    Gate *gate_;
};

void a_thread_with_plenty_to_do_says_that_it_delivers_more_soon_and_does(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    Gate gate;
    for (int i = 0; i < 100; i++) {
        std::unique_ptr<CpuTask> task(new Gated(inbox, &gate));
        assert_true(signet_node::cpu_submit(task));
    }
    gate.open();
    assert_true(inbox->wait_for(100));
    assert_true(inbox->promises() > 0);
    assert_int_equal(inbox->owing(), 0);
}

void what_is_promised_to_one_outbox_does_not_wait_behind_work_for_another(void **)
{
    const auto one = std::make_shared<Inbox>(), other = std::make_shared<Inbox>();
    Gate gate;
    for (int i = 0; i < 50; i++)
        for (const auto &inbox : {one, other}) {
            std::unique_ptr<CpuTask> task(new Gated(inbox, &gate));
            assert_true(signet_node::cpu_submit(task));
        }
    gate.open();
    assert_true(one->wait_for(50) && other->wait_for(50));
    assert_int_equal(one->owing(), 0);
    assert_int_equal(other->owing(), 0);
}

void work_for_a_closed_outbox_is_dropped(void **)
{
    const auto closed = std::make_shared<Inbox>(), open = std::make_shared<Inbox>();
    closed->is_closed = true;
    std::atomic<int> ran{0}, counted{0};
    for (int i = 0; i < 100; i++) {
        submit_count(closed, &ran);
        submit_count(open, &counted);
    }
    assert_true(open->wait_for(100));
    assert_int_equal(ran, 0);
    assert_int_equal(closed->size(), 0);
}

// ---------------------------------------------------------------- the store's queue

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
    assert_int_equal(signet_auth_new(&config, &rules, nullptr), SIGNET_OK);
    return {rules, [](signet_auth *unused) { signet_auth_free(unused); }};
}

signet_status open_in_memory(signet_store **store, signet_error *error)
{
    signet_store_options options = {};
    options.place = ":memory:";
    options.timeout_ms = 1000;
    return signet_store_open(&options, store, error);
}

StoreQueueOptions options_with(std::function<signet_status(signet_store **, signet_error *)> open)
{
    StoreQueueOptions options;
    options.open = std::move(open);
    return options;
}

std::unique_ptr<StoreJob> ping()
{
    auto job = std::make_unique<StoreJob>(SIGNET_JOB_PING, make_rules());
    job->submitted_now_ms = now_ms;
    return job;
}

std::unique_ptr<StoreJob> login(const char *user)
{
    auto job = std::make_unique<StoreJob>(SIGNET_JOB_LOGIN, make_rules());
    job->submitted_now_ms = now_ms;
    job->job.user_id = {user, strlen(user)};
    return job;
}

void close_and_wait(const std::shared_ptr<StoreQueue> &queue, const std::shared_ptr<Inbox> &inbox,
                    size_t delivered_before)
{
    queue->close(std::make_unique<Work>(), 10000);
    assert_true(inbox->wait_for(delivered_before + 1));
}

void jobs_that_wait_are_run_as_one_batch(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto gate = std::make_shared<Gate>();
    const auto queue = StoreQueue::make(options_with([gate](signet_store **store, signet_error *error) {
                                            gate->pass();
                                            return open_in_memory(store, error);
                                        }),
                                        inbox);
    std::vector<std::thread> environments;
    for (int e = 0; e < 4; e++)
        environments.emplace_back([&] {
            for (int i = 0; i < 50; i++)
                queue->submit(login("7"));
        });
    for (auto &thread : environments)
        thread.join();
    gate->open();
    assert_true(inbox->wait_for(200));
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(inbox->status_of(i), SIGNET_OK);
    assert_int_equal(queue->stats().jobs, 200);
    assert_int_equal(queue->stats().batches, 1);
    assert_int_equal(queue->stats().threads, 1);
    close_and_wait(queue, inbox, 200);
}

void a_full_queue_refuses(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto gate = std::make_shared<Gate>();
    StoreQueueOptions options = options_with([gate](signet_store **store, signet_error *error) {
        gate->pass();
        return open_in_memory(store, error);
    });
    options.limit = 3;
    const auto queue = StoreQueue::make(std::move(options), inbox);
    for (int i = 0; i < 5; i++)
        queue->submit(ping());
    assert_int_equal(inbox->size(), 2);
    assert_int_equal(inbox->status_of(0), SIGNET_ERR_BUSY);
    gate->open();
    assert_true(inbox->wait_for(5));
    for (size_t i = 2; i < 5; i++)
        assert_int_equal(inbox->status_of(i), SIGNET_OK);
    close_and_wait(queue, inbox, 5);
}

void what_has_waited_past_its_deadline_is_never_started(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto queue = StoreQueue::make(options_with(open_in_memory), inbox);
    auto late = login("7");
    late->waited_ms = 5000;
    queue->submit(std::move(late));
    assert_true(inbox->wait_for(1));
    assert_int_equal(inbox->status_of(0), SIGNET_ERR_STORE_NEVER_STARTED);
    assert_int_equal(queue->stats().jobs, 0);
    close_and_wait(queue, inbox, 1);
}

void a_job_is_stamped_with_the_time_at_which_it_runs(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto queue = StoreQueue::make(options_with(open_in_memory), inbox);
    auto waited = ping();
    waited->submitted -= 3s;
    queue->submit(std::move(waited));
    assert_true(inbox->wait_for(1));
    const int64_t stamped = static_cast<StoreJob *>(inbox->at(0))->job.now_ms;
    assert_true(stamped >= now_ms + 3000 && stamped < now_ms + 5000);
    close_and_wait(queue, inbox, 1);
}

void a_store_that_does_not_open_fails_all_that_wait_and_is_tried_again(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto gate = std::make_shared<Gate>();
    const auto tries = std::make_shared<std::atomic<int>>(0);
    const auto queue = StoreQueue::make(options_with([=](signet_store **store, signet_error *error) {
                                            if ((*tries)++ > 0)
                                                return open_in_memory(store, error);
                                            gate->pass();
                                            return SIGNET_ERR_STORE_REFUSED;
                                        }),
                                        inbox);
    for (int i = 0; i < 3; i++)
        queue->submit(ping());
    gate->open();
    assert_true(inbox->wait_for(3));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(inbox->status_of(i), SIGNET_ERR_STORE_REFUSED);
    queue->submit(ping());
    assert_true(inbox->wait_for(4));
    assert_int_equal(inbox->status_of(3), SIGNET_OK);
    close_and_wait(queue, inbox, 4);
}

void while_the_store_is_down_one_job_tries_it_and_the_others_fail_at_once(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto back = std::make_shared<Gate>();
    const auto tries = std::make_shared<std::atomic<int>>(0);
    StoreQueueOptions options = options_with([=](signet_store **store, signet_error *error) {
        if ((*tries)++ == 0)
            return SIGNET_ERR_STORE_UNAVAILABLE;
        back->pass();
        return open_in_memory(store, error);
    });
    options.fails_fast = true;
    const auto queue = StoreQueue::make(std::move(options), inbox);
    queue->submit(ping());
    assert_true(inbox->wait_for(1));
    assert_true(queue->stats().down);
    queue->submit(ping()); // the probe
    back->wait_for_one();
    for (int i = 0; i < 10; i++)
        queue->submit(ping());
    assert_int_equal(inbox->size(), 11); // the first, and these, immediately
    assert_int_equal(inbox->status_of(10), SIGNET_ERR_STORE_UNAVAILABLE);
    back->open();
    assert_true(inbox->wait_for(12));
    assert_int_equal(inbox->status_of(11), SIGNET_OK);
    assert_false(queue->stats().down);
    assert_int_equal(*tries, 2);
    close_and_wait(queue, inbox, 12);
}

void close_runs_what_waits_and_is_answered_last(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto queue = StoreQueue::make(options_with(open_in_memory), inbox);
    for (int i = 0; i < 100; i++)
        queue->submit(login("7"));
    auto done = std::make_unique<Work>();
    Work *const mark = done.get();
    queue->close(std::move(done), 10000);
    queue->submit(ping());
    assert_true(inbox->wait_for(102));
    const size_t last = inbox->at(100) == mark ? 100 : 101; // the ping is refused immediately, before or after it
    assert_ptr_equal(inbox->at(last), mark);
    int closed = 0;
    for (size_t i = 0; i < 102; i++)
        closed += i != last && inbox->status_of(i) == SIGNET_ERR_STORE_CLOSED;
    assert_int_equal(closed, 1);
    assert_int_equal(queue->stats().threads, 0);
}

void close_gives_up_at_its_limit(void **)
{
    const auto inbox = std::make_shared<Inbox>();
    const auto gate = std::make_shared<Gate>();
    const auto queue = StoreQueue::make(options_with([gate](signet_store **store, signet_error *error) {
                                            gate->pass();
                                            return open_in_memory(store, error);
                                        }),
                                        inbox);
    queue->submit(ping());
    gate->wait_for_one();
    queue->close(std::make_unique<Work>(), 1);
    assert_true(inbox->wait_for(2));
    assert_int_equal(inbox->status_of(0), SIGNET_ERR_STORE_CLOSED);
    gate->open();
}

// ---------------------------------------------------------------- the end of the process

int begin_work_that_outlives_main(void **)
{
    static std::atomic<int> ran{0};
    const auto inbox = std::make_shared<Inbox>();
    for (int i = 0; i < 1000; i++)
        submit_count(inbox, &ran);
    StoreQueueOptions options = options_with(open_in_memory);
    const auto queue = StoreQueue::make(std::move(options), inbox);
    for (int i = 0; i < 1000; i++)
        queue->submit(login("7"));
    return 0;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_run_and_delivered_once),
        cmocka_unit_test(a_thread_with_plenty_to_do_says_that_it_delivers_more_soon_and_does),
        cmocka_unit_test(what_is_promised_to_one_outbox_does_not_wait_behind_work_for_another),
        cmocka_unit_test(work_for_a_closed_outbox_is_dropped),
        cmocka_unit_test(jobs_that_wait_are_run_as_one_batch),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(what_has_waited_past_its_deadline_is_never_started),
        cmocka_unit_test(a_job_is_stamped_with_the_time_at_which_it_runs),
        cmocka_unit_test(a_store_that_does_not_open_fails_all_that_wait_and_is_tried_again),
        cmocka_unit_test(while_the_store_is_down_one_job_tries_it_and_the_others_fail_at_once),
        cmocka_unit_test(close_runs_what_waits_and_is_answered_last),
        cmocka_unit_test(close_gives_up_at_its_limit),
    };
    // The teardown leaves work in flight: exit() must cope with it, and ThreadSanitizer must report nothing.
    return cmocka_run_group_tests(tests, nullptr, begin_work_that_outlives_main);
}
