// port.h: the way back from the pool's threads into one JavaScript environment (N-API).
//
// lib opens a port when it is loaded: openPort(deliver). lib gives each asynchronous call a number. When work is done,
// the port calls lib once per batch, with the arguments number, count, that many values, number, count, …, and lib
// settles the promises. (An argument costs a tenth of an array's element.) No user code runs in that call. A port keeps
// the process alive only while work is in flight.
#ifndef SIGNET_NODE_PORT_H
#define SIGNET_NODE_PORT_H

#include <node_api.h>

#include <chrono>
#include <mutex>

#include "node/pool.h"

namespace signet_node {

// Work that lib waits for. Derive from this and from CpuTask or StoreJob.
class Answer {
  public:
    explicit Answer(uint32_t call_number) : number(call_number)
    {
    }
    virtual ~Answer() = default;
    // On the environment's thread: makes lib's value, or up to most_values, which lib gets as an array, and then sets
    // `*values_n`. Any status but napi_ok means that the environment is ending.
    virtual napi_status complete(napi_env env, napi_value *values, uint32_t *values_n) = 0;
    static constexpr uint32_t most_values = 6;
    const uint32_t number;
};

class Port : public Outbox, public std::enable_shared_from_this<Port> {
  public:
    // openPort(deliver) → the port, an External. Only work in flight keeps `deliver`, and with it lib, from being
    // collected; otherwise a test runner that reloads lib for every file would keep every copy.
    static napi_value open(napi_env env, napi_value receiver);

    // The port in an External returned by openPort. lib, the only caller, passes no other External.
    static std::shared_ptr<Port> from(napi_env env, napi_value external);

    // Environment's thread, before the work is submitted: expects one more answer. Call `end` if submitting fails. The
    // first call creates the threadsafe functions, so that merely loading lib opens no handles. False if that fails.
    bool begin(napi_env env);
    void end(napi_env env, uint32_t answers = 1);

    // Any thread. Every Work must be an Answer too.
    void deliver(WorkList finished, bool more_soon = false) override;
    bool closed() override;

  private:
    static void drain(napi_env env, napi_value function, void *context, void *payload);
    static void close(void *port);
    static void let_go(napi_env env, void *holder, void *hint);
    napi_status make_functions(napi_env env);
    void call();
    WorkList take();
    napi_status hand_over(napi_env env, const WorkList &finished);

    std::mutex mutex_;
    bool closed_ = false;
    WorkList finished_;
    std::chrono::steady_clock::time_point first_came_; // of `finished_`
    bool called_ = false;                              // a threadsafe function was called and has not run yet
    // Called alternately: Node at once reruns a function called while it runs, with no turn of the event loop.
    napi_threadsafe_function functions_[2] = {nullptr, nullptr};
    unsigned next_ = 0;

    // Environment's thread only.
    uint32_t in_flight_ = 0;
    napi_ref receiver_ = nullptr;
};

} // namespace signet_node

#endif
