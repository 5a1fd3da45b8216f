// session_calls.cc: calls that go through the store's queue. Each call from lib becomes one signet_job, and its results
// become JavaScript values.
#include <atomic>
#include <random>
#include <string>

#include "node/addon.h"
#include "node/arguments.h"
#include "node/auth.h"
#include "node/constants.h"
#include "node/guarded.h"
#include "node/port.h"
#include "node/rows.h"
#include "node/text.h"

namespace signet_node {

namespace {

const char *given(const char *text)
{
    return text[0] ? text : nullptr;
}

template <typename Target> void write_session(Target &row, const signet_session &s)
{
    row.string("id", s.id);
    row.string("userId", s.user_id);
    row.number("generation", s.generation);
    row.number("retries", s.retries);
    row.number("retriesTotal", s.retries_total);
    row.number("createdAt", s.created_at_ms);
    row.number("rotatedAt", s.rotated_at_ms);
    row.number("expiresAt", s.expires_at_ms);
    row.number("endsAt", s.ends_at_ms);
    row.number("revokedAt", s.revoked_at_ms);
    row.string("revokedFor", given(s.revoked_for));
    row.string("userAgent", given(s.user_agent));
    row.string("ip", given(s.ip));
    row.string("label", given(s.label));
}

constexpr size_t session_length = 14, outcome_length = 14; // without optional parts

Row row_of(napi_env env, const signet_session &s)
{
    Row row(env, session_length);
    write_session(row, s);
    return row;
}

template <typename Target, typename Nested>
void write_outcome(Target &row, const signet_job &job, const Nested &session, const Nested &sessions)
{
    row.number("status", job.status);
    row.number("event", job.event);
    row.string("reason", job.reason);
    row.string("accessToken", job.access_token);
    row.string("refreshToken", job.refresh_token);
    row.number("expiresIn", job.access_expires_in_s);
    row.number("refreshExpiresIn", job.refresh_expires_in_s);
    row.number("count", job.count);
    row.number("userAgentChanged", job.user_agent_changed);
    row.number("late", job.is_late);
    row.number("keyed", job.is_keyed);
    row.number("retryAfter", job.retry_after_s);
    row.array("session", session);
    row.array("sessions", sessions);
    if (job.status == SIGNET_OK)
        return;
    row.string("field", job.error.field);
    row.string("detail", job.error.detail);
    row.number("driverCode", job.error.driver_code);
}

// Only the values that a rotation returns: the most frequent answer.
template <typename Target> void write_unheard(Target &row, const signet_job &job)
{
    row.string("accessToken", job.access_token);
    row.string("refreshToken", job.refresh_token);
    row.number("expiresIn", job.access_expires_in_s);
    row.number("refreshExpiresIn", job.refresh_expires_in_s);
    row.string("userId", job.session.user_id);
    row.string("sessionId", job.session.id);
}

class SessionCall : public StoreJob, public Answer {
  public:
    SessionCall(signet_job_kind kind, std::shared_ptr<const signet_auth> auth, uint32_t number)
        : StoreJob(kind, std::move(auth)), Answer(number)
    {
    }

    napi_status complete(napi_env env, napi_value *values, uint32_t *values_n) override
    {
        job.status = limit_unknown_keys(job.status, &job.error);
        if (is_rotate_unheard && job.status == SIGNET_OK && job.event == SIGNET_EVENT_ROTATE && job.sessions_n == 0)
            return complete_unheard(env, values, values_n);
        Row row(env, outcome_length), sessions(env, job.sessions_n);
        for (size_t i = 0; i < job.sessions_n; i++)
            sessions.array(nullptr, row_of(env, job.sessions[i]));
        write_outcome(row, job, job.session.id[0] ? row_of(env, job.session) : Row(env, 0), sessions);
        return row.finish(values);
    }

    bool is_rotate_unheard = false;
    std::string token, user_id, session_id, claims, user_agent, ip, label, path, key,
        previous_key; // borrowed by the job
    signet_refresh_token presented{};

  private:
    napi_status complete_unheard(napi_env env, napi_value *values, uint32_t *values_n) const
    {
        Values row(env, values);
        write_unheard(row, job);
        return row.finish(values_n);
    }
};

// auth.close()'s answer: undefined.
class Closed : public Work, public Answer {
  public:
    using Answer::Answer;
    bool comes_alone() const override
    {
        return true;
    }
    napi_status complete(napi_env env, napi_value *value, uint32_t *) override
    {
        return napi_get_undefined(env, value);
    }
};

// Arguments of `submit` by position, and their names in lib.
#define SUBMIT_PLACES(AT)                                                                                              \
    AT(AUTH, "auth")                                                                                                   \
    AT(PORT, "port")                                                                                                   \
    AT(NUMBER, "number")                                                                                               \
    AT(KIND, "kind")                                                                                                   \
    AT(NOW, "now")                                                                                                     \
    AT(WAITED, "waited")                                                                                               \
    AT(TOKEN, "token")                                                                                                 \
    AT(OPENED, "opened")                                                                                               \
    AT(USER, "userId")                                                                                                 \
    AT(SESSION, "sessionId")                                                                                           \
    AT(CLAIMS, "claims")                                                                                               \
    AT(USER_AGENT, "userAgent")                                                                                        \
    AT(IP, "ip")                                                                                                       \
    AT(LABEL, "label")                                                                                                 \
    AT(FLAGS, "flags")                                                                                                 \
    AT(SINCE, "since")                                                                                                 \
    AT(STAMP, "stamp")                                                                                                 \
    AT(TTL, "ttl")                                                                                                     \
    AT(PATH, "path")                                                                                                   \
    AT(KEY, "idempotencyKey")                                                                                          \
    AT(PREVIOUS_KEY, "previousKey")

#define PLACE_OF(place, name) AT_##place,
enum Place { SUBMIT_PLACES(PLACE_OF) PLACES };

// The arguments of `submit`, converted for a job.
struct JobArguments : Arguments<PLACES> {
    JobArguments(napi_env env, napi_callback_info info) : Arguments(env, info), env_(env)
    {
    }

    int64_t number(Place place) const
    {
        return whole_from(env_, at[place]);
    }

    // Reads a string into `kept`. Anything but a string counts as not given.
    signet_text text(Place place, std::string *kept) const
    {
        Text text;
        return text.read(env_, at[place]) ? keep(text, kept) : signet_text{nullptr, 0};
    }

    signet_text token(Place place, std::string *kept) const
    {
        Text text;
        return text.read_token(env_, at[place]) ? keep(text, kept) : signet_text{nullptr, 0};
    }

  private:
    static signet_text keep(const Text &text, std::string *kept)
    {
        kept->assign(text.data(), text.size());
        return {kept->data(), kept->size()};
    }

    napi_env env_;
};

// Shared by all workers of this process, so that it can tell of two calls which began first, whatever clocks say.
int64_t next_stamp()
{
    static std::atomic<int64_t> last{0};
    return ++last;
}

// Tells this process from others that write to the same store. Random, and never 0.
int64_t process_number()
{
    static const int64_t number = [] {
        std::random_device random;
        return static_cast<int64_t>((uint64_t{random()} << 31 ^ random()) | 1);
    }();
    return number;
}

void fill(SessionCall *call, const JobArguments &a)
{
    signet_job &job = call->job;
    call->submitted_now_ms = a.number(AT_NOW);
    call->waited_ms = a.number(AT_WAITED);
    job.user_id = a.text(AT_USER, &call->user_id);
    job.session_id = a.text(AT_SESSION, &call->session_id);
    job.claims = a.text(AT_CLAIMS, &call->claims);
    job.client.user_agent = a.text(AT_USER_AGENT, &call->user_agent);
    job.client.ip = a.text(AT_IP, &call->ip);
    job.client.label = a.text(AT_LABEL, &call->label);
    job.since_ms = a.number(AT_SINCE);
    job.process = process_number();
    job.stamp = job.kind == SIGNET_JOB_ROTATE ? next_stamp() : a.number(AT_STAMP);
    job.refresh_ttl_s = a.number(AT_TTL);
    const int64_t flags = a.number(AT_FLAGS);
    job.strict = flags & call_is_strict;
    job.end_session = flags & call_ends_session;
    call->is_rotate_unheard = flags & call_rotate_is_unheard;
    call->by_system_clock = flags & call_is_by_system_clock;
    job.path = a.text(AT_PATH, &call->path).ptr;
    job.idempotency_key = a.text(AT_KEY, &call->key);
    job.previous_key = a.text(AT_PREVIOUS_KEY, &call->previous_key);
}

// The refresh token that the call presents: `opened` (NULL: not yet). A logout accepts an expired one too; and if the
// clock is in doubt, the record decides alone.
signet_status present(StoreQueue &queue, const signet_refresh_token *opened, SessionCall *call, const JobArguments &a)
{
    signet_job &job = call->job;
    if (job.kind != SIGNET_JOB_ROTATE && job.kind != SIGNET_JOB_LOGOUT)
        return SIGNET_OK;
    const signet_text token = a.token(AT_TOKEN, &call->token);
    if (token.ptr == nullptr)
        return SIGNET_ERR_REFRESH_INVALID;
    job.presented = &call->presented;
    job.presented_jwt = token;
    if (opened) {
        call->presented = *opened;
        return SIGNET_OK;
    }
    const int64_t now_ms = call->submitted_now_ms + (call->by_system_clock ? queue.clock_offset.now_ms.load() : 0);
    const unsigned flags = (job.kind == SIGNET_JOB_LOGOUT ? SIGNET_REFRESH_EXPIRED : 0) |
                           (call->by_system_clock && queue.clock_is_unsure() ? SIGNET_REFRESH_UNSURE : 0);
    const signet_status status =
        signet_refresh_open(job.auth, a.environment->scratch, token.ptr, token.len, job.user_id.ptr, now_ms, flags,
                            &call->presented, &a.environment->error);
    return limit_unknown_keys(status, &a.environment->error);
}

// More calls per turn do not make a transaction cheaper.
constexpr size_t longest_turn = 256;

} // namespace

// openRefresh(auth, token, now, expected user | undefined)
// → [opened, userId, sessionId, generation, end of the session in s] | status. `opened` is a number, for one call of
// submit or of closeRefresh.
napi_value open_refresh(napi_env env, napi_callback_info info)
{
    const Arguments<4> arguments(env, info);
    Environment *const environment = arguments.environment;
    Auth *const auth = auth_from(env, arguments.at[0]);
    Text jwt, user;
    if (!jwt.read_token(env, arguments.at[1]))
        return number_from_status(env, SIGNET_ERR_REFRESH_INVALID);
    const bool has_user = user.read(env, arguments.at[3]);
    const unsigned flags = auth->queue->clock_is_unsure() ? SIGNET_REFRESH_UNSURE : 0;
    signet_refresh_token token = {};
    const signet_status status = signet_refresh_open(auth->rules.get(), environment->scratch, jwt.data(), jwt.size(),
                                                     has_user ? user.data() : nullptr, whole_from(env, arguments.at[2]),
                                                     flags, &token, &environment->error);
    if (status != SIGNET_OK)
        return number_from_status(env, limit_unknown_keys(status, &environment->error));
    napi_value array = nullptr;
    Row row(env, 5);
    row.number(nullptr, ++auth->last_opened);
    row.string(nullptr, token.user_id);
    row.string(nullptr, token.session_id);
    row.number(nullptr, token.generation);
    row.number(nullptr, token.end_s);
    if (row.finish(&array) != napi_ok)
        return throw_out_of_memory(env);
    auth->opened.emplace(auth->last_opened, Opened{token, auth->rules});
    return array;
}

// closeRefresh(auth, opened): forgets a refresh token that will not be submitted
napi_value close_refresh(napi_env env, napi_callback_info info)
{
    const Arguments<2> arguments(env, info);
    auth_from(env, arguments.at[0])->opened.erase(whole_from(env, arguments.at[1]));
    return nullptr;
}

// stamp() → the number of this moment in the order of the whole process
napi_value stamp(napi_env env, napi_callback_info)
{
    return Napi::Number::New(env, static_cast<double>(next_stamp()));
}

// submit(auth, port, number, kind, …) → status: 0 if the call is accepted; its number is answered after the next flush
napi_value submit(napi_env env, napi_callback_info info)
{
    const JobArguments a(env, info);
    Auth *const auth = auth_from(env, a.at[AT_AUTH]);
    const auto opened = auth->opened.extract(a.number(AT_OPENED));
    auto call = std::make_unique<SessionCall>(static_cast<signet_job_kind>(a.number(AT_KIND)),
                                              opened ? opened.mapped().auth : auth->rules,
                                              static_cast<uint32_t>(a.number(AT_NUMBER)));
    fill(call.get(), a);
    const signet_status status = present(*auth->queue, opened ? &opened.mapped().token : nullptr, call.get(), a);
    if (status == SIGNET_OK) {
        if (!Port::from(env, a.at[AT_PORT])->begin(env))
            return throw_out_of_memory(env);
        auth->turn.push_back(std::move(call));
        if (auth->turn.size() >= longest_turn)
            auth->flush();
    }
    return number_from_status(env, status);
}

// flush(auth): passes the submitted calls to the store's queue
napi_value flush(napi_env env, napi_callback_info info)
{
    auth_from(env, Arguments<1>(env, info).at[0])->flush();
    return nullptr;
}

// closeAuth(auth, port, number, limit in ms): answers the number when the store is closed or the limit has passed
napi_value close_auth(napi_env env, napi_callback_info info)
{
    const Arguments<4> arguments(env, info);
    auto closed = std::make_unique<Closed>(bits_from(env, arguments.at[2]));
    if (!Port::from(env, arguments.at[1])->begin(env))
        return throw_out_of_memory(env);
    Auth *const auth = auth_from(env, arguments.at[0]);
    auth->flush();
    auth->queue->close(std::move(closed), whole_from(env, arguments.at[3]));
    return nullptr;
}

void export_call_layout(Napi::Object constants)
{
    Names session(constants.Env()), outcome(constants.Env()), unheard(constants.Env()), arguments(constants.Env());
    signet_job failed = {};
    failed.status = SIGNET_ERR_OPTION; // such an outcome has every field
    write_session(session, signet_session{});
    write_outcome(outcome, failed, nullptr, nullptr);
    write_unheard(unheard, failed);
#define NAME_OF(place, name) arguments.string(name, nullptr);
    SUBMIT_PLACES(NAME_OF)
    constants.Set("sessionRow", session.list());
    constants.Set("outcomeRow", outcome.list());
    constants.Set("unheardRow", unheard.list());
    constants.Set("submitArguments", arguments.list());
}

} // namespace signet_node
