// port.cc: delivers completions in batches, by two threadsafe functions per environment.
//
// Raw N-API: node-addon-api's wrapper aborts the process when a worker is terminated in the middle of a call. Here
// every status is checked, and the first failure ends the drain: the environment is ending and nobody awaits the rest.
#include "node/port.h"

#include <memory>

#include "node/addon.h"
#include "node/arguments.h"
#include "node/guarded.h"

namespace signet_node {

namespace {

using PortHolder = std::shared_ptr<Port>;
using std::chrono::steady_clock;

// Answers that arrive within this time share the cost of waking the event loop (6 context switches if it shares its
// core, 20 µs).
constexpr std::chrono::microseconds longest_held{500};

// Answers per batch: about 10 µs of the event loop each. One turn of the loop can run two batches.
constexpr size_t most_a_turn = 64;

void free_holder(napi_env, void *holder, void *)
{
    delete static_cast<PortHolder *>(holder);
}

} // namespace

napi_value Port::open(napi_env env, napi_value receiver)
{
    napi_value external = nullptr;
    auto port = std::make_shared<Port>();
    auto for_external = std::make_unique<PortHolder>(port);
    if (napi_create_reference(env, receiver, 0, &port->receiver_) != napi_ok)
        return throw_out_of_memory(env);
    if (napi_create_external(env, for_external.get(), let_go, nullptr, &external) != napi_ok) {
        napi_delete_reference(env, port->receiver_);
        return throw_out_of_memory(env);
    }
    (void)for_external.release();
    napi_add_env_cleanup_hook(env, close, port.get());
    return external;
}

// Each function owns a holder of the port, freed after its last call; the External's holder is freed with its object.
napi_status Port::make_functions(napi_env env)
{
    napi_value name = nullptr;
    napi_status status = napi_create_string_utf8(env, "signet", NAPI_AUTO_LENGTH, &name);
    for (auto &function : functions_) {
        if (status != napi_ok || function != nullptr)
            continue;
        auto holder = std::make_unique<PortHolder>(shared_from_this());
        status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, holder.get(), free_holder, this,
                                                 drain, &function);
        if (status != napi_ok)
            return status;
        (void)holder.release();
        napi_unref_threadsafe_function(env, function);
    }
    if (status != napi_ok)
        return status;
    // Hooks run last in, first out: ours closes the port before the threadsafe functions' own hooks free these.
    napi_remove_env_cleanup_hook(env, close, this);
    return napi_add_env_cleanup_hook(env, close, this);
}

// The External has been collected, and lib with it. At the environment's end, the hook has already closed the port.
void Port::let_go(napi_env env, void *holder, void *)
{
    Port *const self = static_cast<PortHolder *>(holder)->get();
    if (!self->closed()) {
        napi_remove_env_cleanup_hook(env, close, self);
        close(self);
        napi_delete_reference(env, self->receiver_);
        for (auto function : self->functions_)
            if (function != nullptr)
                napi_release_threadsafe_function(function, napi_tsfn_release);
    }
    delete static_cast<PortHolder *>(holder);
}

std::shared_ptr<Port> Port::from(napi_env env, napi_value external)
{
    void *holder = nullptr;
    napi_valuetype type;
    if (napi_typeof(env, external, &type) != napi_ok || type != napi_external ||
        napi_get_value_external(env, external, &holder) != napi_ok || holder == nullptr)
        return nullptr;
    return *static_cast<PortHolder *>(holder);
}

bool Port::begin(napi_env env)
{
    if (functions_[1] == nullptr && make_functions(env) != napi_ok)
        return false;
    if (in_flight_++ != 0)
        return true;
    napi_ref_threadsafe_function(env, functions_[0]);
    napi_reference_ref(env, receiver_, nullptr);
    return true;
}

void Port::end(napi_env env, uint32_t answers)
{
    in_flight_ -= answers;
    if (in_flight_ != 0)
        return;
    napi_unref_threadsafe_function(env, functions_[0]);
    napi_reference_unref(env, receiver_, nullptr);
}

void Port::deliver(WorkList finished, bool more_soon)
{
    const auto now = steady_clock::now();
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_ || exit_begun())
        return; // `finished` is freed by this thread; nothing in it belongs to the environment
    if (finished_.empty())
        first_came_ = now;
    finished_.append(std::move(finished));
    if (called_ || (more_soon && now - first_came_ < longest_held))
        return;
    call();
}

// Under the lock, so that the functions cannot be freed meanwhile.
void Port::call()
{
    called_ = napi_call_threadsafe_function(functions_[next_], nullptr, napi_tsfn_nonblocking) == napi_ok;
    next_ ^= 1;
}

bool Port::closed()
{
    std::lock_guard<std::mutex> lock(mutex_);
    return closed_;
}

void Port::close(void *port)
{
    Port *const self = static_cast<Port *>(port);
    WorkList dropped;
    std::lock_guard<std::mutex> lock(self->mutex_);
    self->closed_ = true;
    dropped = std::move(self->finished_);
}

// The answers for lib in this turn of the loop. The rest wait for the next turn, so that many answers at once do not
// block the loop. Between two batches Node runs every promise's reactions, so an answer that comes alone arrives after
// the callers of all earlier ones have continued.
WorkList Port::take()
{
    std::lock_guard<std::mutex> lock(mutex_);
    WorkList taken;
    while (!finished_.empty() && taken.size() < most_a_turn) {
        const bool comes_alone = (*finished_.begin()).comes_alone();
        if (comes_alone && !taken.empty())
            break;
        taken.push_back(finished_.pop_front());
        if (comes_alone)
            break;
    }
    if (closed_ || finished_.empty())
        called_ = false;
    else
        call();
    return taken;
}

void Port::drain(napi_env env, napi_value, void *context, void *)
{
    Port *const self = static_cast<Port *>(context);
    const WorkList finished = self->take();
    if (env == nullptr || finished.empty())
        return;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok)
        return;
    (void)self->hand_over(env, finished);
    self->end(env, static_cast<uint32_t>(finished.size()));
    napi_close_handle_scope(env, scope);
}

// One call into lib for the whole batch.
napi_status Port::hand_over(napi_env env, const WorkList &finished)
{
    napi_value arguments[most_a_turn * (2 + Answer::most_values)], receiver, global;
    napi_status status = napi_ok;
    size_t n = 0;
    for (Work &work : finished) {
        Answer *const answer = dynamic_cast<Answer *>(&work);
        uint32_t values_n = 1;
        if ((status = napi_create_uint32(env, answer->number, &arguments[n])) != napi_ok ||
            (status = answer->complete(env, &arguments[n + 2], &values_n)) != napi_ok ||
            (status = napi_create_uint32(env, values_n, &arguments[n + 1])) != napi_ok)
            return status;
        n += 2 + values_n;
    }
    if ((status = napi_get_reference_value(env, receiver_, &receiver)) != napi_ok ||
        (status = napi_get_global(env, &global)) != napi_ok)
        return status;
    return napi_call_function(env, global, receiver, n, arguments, nullptr);
}

// openPort(deliver) → External. See lib/native/port.js for the arguments of `deliver`.
napi_value open_port(napi_env env, napi_callback_info info)
{
    return Port::open(env, Arguments<1>(env, info).at[0]);
}

// throwUncaught(error): raises the process' uncaught exception. Does not use process.nextTick or queueMicrotask, which
// an app's fake timers replace.
napi_value throw_uncaught(napi_env env, napi_callback_info info)
{
    (void)napi_fatal_exception(env, Arguments<1>(env, info).at[0]);
    return nullptr;
}

} // namespace signet_node
