// port.h: the way back from the pool's threads into one JavaScript environment (N-API).
//
// lib opens a port when it is loaded: openPort(deliver). Each asynchronous call has a number that lib chose; when its work is done, the
// port hands lib one array a batch, [number, value, number, value, …], and lib settles the promises. No user code runs in that call.
// A port keeps the process alive only while something is in flight.
#ifndef SIGNET_NODE_PORT_H
#define SIGNET_NODE_PORT_H

#include <node_api.h>

#include <chrono>
#include <mutex>

#include "node/pool.h"

namespace signet_node {

// Work that lib waits for. Derive from this beside CpuTask or StoreJob.
class Answer {
  public:
    explicit Answer(uint32_t call_number) : number(call_number)
    {
    }
    virtual ~Answer() = default;
    // On the environment's thread: what lib is to be told. Any status but napi_ok means that the environment is ending.
    virtual napi_status complete(napi_env env, napi_value *value) = 0;
    const uint32_t number;
};

class Port : public Outbox, public std::enable_shared_from_this<Port> {
  public:
    // openPort(deliver) → the port, an External. Only what is in flight keeps `deliver`, and with it lib, from being collected:
    // a test runner that loads lib again for every file would otherwise keep every copy.
    static napi_value open(napi_env env, napi_value receiver);

    // The port in an External that openPort has returned; lib, the only caller, has no other.
    static std::shared_ptr<Port> from(napi_env env, napi_value external);

    // Environment's thread, before the work is submitted: one more answer is awaited. `end` where it could not be submitted. The first
    // makes the threadsafe functions, so that whoever has only loaded lib has no open handles. False where they cannot be made.
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
    // Called in turn: Node runs a function that is called while it runs again at once, and the event loop would not turn in between.
    napi_threadsafe_function functions_[2] = {nullptr, nullptr};
    unsigned next_ = 0;

    // Environment's thread only.
    uint32_t in_flight_ = 0;
    napi_ref receiver_ = nullptr;
};

} // namespace signet_node

#endif
