// auth.cc: sessions without the store: makes an auth from its options, verifies access tokens.
// Calls that go through the store's queue are in session_calls.cc.
#include "node/auth.h"

#include <napi.h>

#include <string>

#include "node/addon.h"
#include "node/arguments.h"
#include "node/guarded.h"
#include "node/options.h"
#include "node/port.h"
#include "node/rate_limit.h"
#include "node/text.h"

namespace signet_node {

Auth *auth_from(napi_env env, napi_value external)
{
    void *auth = nullptr;
    return napi_get_value_external(env, external, &auth) == napi_ok ? static_cast<Auth *>(auth) : nullptr;
}

void Auth::flush()
{
    if (turn.empty())
        return;
    queue->submit(std::move(turn));
}

signet_status limit_unknown_keys(signet_status status, signet_error *error)
{
    static RateLimit<5, 1000> limit;
    using namespace std::chrono;
    if (status != SIGNET_ERR_REFRESH_KEY_UNKNOWN ||
        limit.take(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count()))
        return status;
    *error = {};
    error->position = -1;
    return error->status = SIGNET_ERR_REFRESH_KEY_LIMIT;
}

namespace {

// ---------------------------------------------------------------- createAuth

std::shared_ptr<const signet_auth> shared(signet_auth *rules)
{
    return {rules, [](signet_auth *unused) { signet_auth_free(unused); }};
}

signet_status make_rules(Options &o, int64_t now_ms, std::shared_ptr<const signet_auth> *rules, signet_error *error)
{
    const auto access = o.secrets("accessSecret.secrets"), refresh = o.secrets("refreshSecret.secrets");
    signet_auth_config config = {};
    config.access_secrets = access.data();
    config.access_secrets_n = access.size();
    config.refresh_secrets = refresh.data();
    config.refresh_secrets_n = refresh.size();
    config.access_revoked_n = static_cast<size_t>(o.whole("accessSecret.revoked"));
    config.refresh_revoked_n = static_cast<size_t>(o.whole("refreshSecret.revoked"));
    config.legacy_secret = o.secret("legacy.secret");
    config.now_ms = now_ms;
    o.read(&config);
    signet_auth *made = nullptr;
    const signet_status status = signet_auth_new(&config, &made, error);
    if (status == SIGNET_OK)
        *rules = shared(made);
    return status;
}

// Used if opening does no I/O, so that createAuth, not the first login, reports an option that the store rejects.
signet_status check_store(const StoreQueueOptions &queue, signet_error *error)
{
    signet_store *store = nullptr;
    const signet_status status = queue.open(&store, error);
    if (store != nullptr)
        signet_store_close(store);
    return status == SIGNET_ERR_OPTION ? status : SIGNET_OK;
}

// Collected without auth.close(): a separate thread still closes the store.
void free_auth(napi_env, void *auth, void *)
{
    Auth *const self = static_cast<Auth *>(auth);
    self->queue->close(nullptr, self->timeout_ms);
    delete self;
}

} // namespace

// createAuth(port, options, now) → External | status. `options`: lib's, as read by its table.
napi_value create_auth(napi_env env, napi_callback_info info)
{
    const Arguments<3> arguments(env, info);
    signet_error *const error = &arguments.environment->error;
    Options o(Napi::Object(env, arguments.at[1]));
    std::shared_ptr<const signet_auth> rules;
    signet_store_options store = {};
    o.read(&store);
    const signet_store_traits &traits = *signet_store_traits_of(store.place);
    StoreQueueOptions queue;
    queue.open = [store, texts = o.kept](signet_store **opened, signet_error *why) {
        return signet_store_open(&store, opened, why);
    };
    signet_status status = traits.opens_without_io ? check_store(queue, error) : SIGNET_OK;
    if (status == SIGNET_OK)
        status = make_rules(o, whole_from(env, arguments.at[2]), &rules, error);
    if (status != SIGNET_OK)
        return number_from_status(env, status);
    queue.limit = static_cast<size_t>(o.whole("queueLimit"));
    queue.timeout_ms = store.timeout_ms;
    queue.max_threads = store.max_threads;
    queue.clock_runs = !o.is_given("now");
    queue.fails_fast = traits.fails_fast;
    queue.has_clock = traits.has_clock && queue.clock_runs;
    queue.exit_wait = traits.exits_briefly ? ExitWait::brief : ExitWait::patient;
    auto auth = std::make_unique<Auth>();
    auth->timeout_ms = queue.timeout_ms;
    auth->rules = std::move(rules);
    auth->queue = StoreQueue::make(std::move(queue), Port::from(env, arguments.at[0]));
    napi_value external = nullptr;
    if (napi_create_external(env, auth.get(), free_auth, nullptr, &external) != napi_ok)
        return throw_out_of_memory(env);
    (void)auth.release();
    return external;
}

// setSecrets(auth, { accessSecret, refreshSecret }, now, force) → status. Calls that have begun keep their secrets.
napi_value set_secrets(napi_env env, napi_callback_info info)
{
    const Arguments<4> arguments(env, info);
    Auth *const auth = auth_from(env, arguments.at[0]);
    const Options o(Napi::Object(env, arguments.at[1]));
    const auto access = o.secrets("accessSecret.secrets"), refresh = o.secrets("refreshSecret.secrets");
    signet_secrets_change change = {};
    change.access_secrets = access.empty() ? nullptr : access.data();
    change.access_secrets_n = access.size();
    change.refresh_secrets = refresh.empty() ? nullptr : refresh.data();
    change.refresh_secrets_n = refresh.size();
    change.access_revoked_n = static_cast<size_t>(o.whole("accessSecret.revoked"));
    change.refresh_revoked_n = static_cast<size_t>(o.whole("refreshSecret.revoked"));
    change.now_ms = whole_from(env, arguments.at[2]);
    change.force = Napi::Boolean(env, arguments.at[3]);
    signet_auth *changed = nullptr;
    const signet_status status =
        signet_auth_with_secrets(auth->rules.get(), &change, &changed, &arguments.environment->error);
    if (status == SIGNET_OK)
        auth->rules = shared(changed);
    return number_from_status(env, status);
}

// storeTraits(store) → what lib needs to know about a store before it is open
napi_value store_traits(napi_env env, napi_callback_info info)
{
    const std::string store = Napi::String(env, Arguments<1>(env, info).at[0]);
    const signet_store_traits *const traits = signet_store_traits_of(store.c_str());
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", traits->name);
    object.Set("purgesItself", traits->purges_itself);
    object.Set("adopts", traits->adopts);
    return object;
}

// clockOffset(auth) → milliseconds to be added to the system's clock; 0 if the store has no clock of its own
napi_value clock_offset(napi_env env, napi_callback_info info)
{
    const Auth *const auth = auth_from(env, Arguments<1>(env, info).at[0]);
    return Napi::Number::New(env, static_cast<double>(auth->queue->clock_offset.now_ms));
}

// clockIsUnsure(auth) → whether nothing must be found expired by the system's clock and this offset
napi_value clock_is_unsure(napi_env env, napi_callback_info info)
{
    return Napi::Boolean::New(env, auth_from(env, Arguments<1>(env, info).at[0])->queue->clock_is_unsure());
}

// → { offset, error, age, spread } in milliseconds, and sure
Napi::Object clock_stats(Napi::Env env, const StoreQueueStats &stats)
{
    Napi::Object object = Napi::Object::New(env);
    object.Set("offset", static_cast<double>(stats.clock.offset_ms));
    object.Set("error", static_cast<double>(stats.clock.error_ms));
    object.Set("age", static_cast<double>(stats.clock_age_ms));
    object.Set("spread", static_cast<double>(signet_clock_spread_ms(&stats.clock)));
    object.Set("sure", !stats.clock_is_unsure);
    return object;
}

// authStats(auth) → { queued, running, threads, jobs, batches, down, clock }; clock: undefined if it was never read
napi_value auth_stats(napi_env env, napi_callback_info info)
{
    const Auth *const auth = auth_from(env, Arguments<1>(env, info).at[0]);
    const StoreQueueStats stats = auth->queue->stats();
    Napi::Object object = Napi::Object::New(env);
    object.Set("queued", static_cast<double>(stats.queued + auth->turn.size()));
    object.Set("running", static_cast<double>(stats.running));
    object.Set("threads", static_cast<double>(stats.threads));
    object.Set("jobs", static_cast<double>(stats.jobs));
    object.Set("batches", static_cast<double>(stats.batches));
    object.Set("down", stats.down);
    object.Set("clock", stats.clock.is_known ? Napi::Value(clock_stats(env, stats)) : Napi::Env(env).Undefined());
    return object;
}

// ---------------------------------------------------------------- tokens, on this thread

// verifyAccess(auth, token), and the exchange's now → payload | status
napi_value verify_access(napi_env env, napi_callback_info info)
{
    const Arguments<2> arguments(env, info);
    Environment *const environment = arguments.environment;
    Text jwt;
    if (!jwt.read_token(env, arguments.at[1]))
        return number_from_status(env, SIGNET_ERR_TOKEN_MISSING);
    signet_token token = {};
    const Auth *const auth = auth_from(env, arguments.at[0]);
    double now_s = environment->fast.now_s();
    if (environment->fast.is_system_clock())
        now_s += static_cast<double>(auth->queue->clock_offset.access_ms) / 1000;
    const signet_status status = signet_access_verify(auth->rules.get(), environment->scratch, jwt.data(), jwt.size(),
                                                      now_s, &token, &environment->error);
    return status == SIGNET_OK ? environment->fast.payload(env, token) : number_from_status(env, status);
}

} // namespace signet_node
