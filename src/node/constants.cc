// constants.cc: one table for each kind of number that lib and the addon share.
#include "node/constants.h"

#include <cstddef>
#include <initializer_list>

#include "node/fast.h"
#include "node/options.h"
#include "signet.h"

namespace signet_node {

namespace {

struct Named {
    const char *name;
    int64_t value;
};

Napi::Object table(Napi::Env env, std::initializer_list<Named> rows)
{
    Napi::Object object = Napi::Object::New(env);
    for (const Named &row : rows)
        object.Set(row.name, static_cast<double>(row.value));
    return object;
}

// The names, indexed by number.
Napi::Array names_by_number(Napi::Env env, std::initializer_list<Named> rows)
{
    Napi::Array names = Napi::Array::New(env);
    for (const Named &row : rows)
        names.Set(static_cast<uint32_t>(row.value), row.name);
    return names;
}

Napi::Array reserved_claims(Napi::Env env)
{
    Napi::Array names = Napi::Array::New(env);
    for (const char *const *name = signet_reserved_claims(); *name; name++)
        names.Set(names.Length(), *name);
    return names;
}

// [option of verify, status of its refusal], in the order of the checks
Napi::Array claim_checks(Napi::Env env)
{
    Napi::Array checks = Napi::Array::New(env);
    const auto add = [&](const char *option, signet_status status) {
        Napi::Array check = Napi::Array::New(env, 2);
        check.Set(0u, option);
        check.Set(1u, static_cast<int>(status));
        checks.Set(checks.Length(), check);
    };
#define X(name, claim, option, status) add(option, status);
    SIGNET_EXPECT_TABLE(X)
#undef X
    return checks;
}

// The exchange's doubles come first, then its integers, without a gap: lib has one array for each.
constexpr size_t integers_at = offsetof(Exchange, alg);
static_assert(offsetof(Exchange, numbers) + sizeof(Exchange::numbers) == integers_at, "doubles, then integers");
static_assert(offsetof(Exchange, spans) + sizeof(Exchange::spans) == sizeof(Exchange), "the members' marks last");

constexpr int64_t double_place(size_t offset)
{
    return static_cast<int64_t>(offset / sizeof(double));
}

constexpr int64_t integer_place(size_t offset)
{
    return static_cast<int64_t>((offset - integers_at) / sizeof(int32_t));
}

// Indices of the doubles and of the integers, and the marks of values that are not strings.
Napi::Object exchange_places(Napi::Env env)
{
    return table(env, {{"MEMBERS_MAX", SIGNET_MAX_MEMBERS},
                       {"SHAPES_KNOWN", Shapes::KNOWN},
                       {"NOW", double_place(offsetof(Exchange, now_s))},
                       {"LIFETIME", double_place(offsetof(Exchange, lifetime_s))},
                       {"NUMBERS", double_place(offsetof(Exchange, numbers))},
                       {"ALG", integer_place(offsetof(Exchange, alg))},
                       {"ALGORITHMS", integer_place(offsetof(Exchange, algorithms))},
                       {"TURN", integer_place(offsetof(Exchange, turn))},
                       {"SHAPE", integer_place(offsetof(Exchange, shape))},
                       {"MARKS", integer_place(offsetof(Exchange, spans))},
                       {"NUMBER", -1 - SIGNET_MEMBER_NUMBER},
                       {"TRUE", -1 - SIGNET_MEMBER_TRUE},
                       {"FALSE", -1 - SIGNET_MEMBER_FALSE},
                       {"NULL", -1 - SIGNET_MEMBER_NULL}});
}

} // namespace

void export_constants(Napi::Env env, Napi::Object exports)
{
    Napi::Object constants = Napi::Object::New(env);
    constants.Set("jobs", table(env, {{"login", SIGNET_JOB_LOGIN},
                                      {"rotate", SIGNET_JOB_ROTATE},
                                      {"logout", SIGNET_JOB_LOGOUT},
                                      {"revoke", SIGNET_JOB_REVOKE},
                                      {"revokeAll", SIGNET_JOB_REVOKE_ALL},
                                      {"list", SIGNET_JOB_LIST},
                                      {"read", SIGNET_JOB_READ},
                                      {"purge", SIGNET_JOB_PURGE},
                                      {"ping", SIGNET_JOB_PING},
                                      {"backup", SIGNET_JOB_BACKUP},
                                      {"restore", SIGNET_JOB_RESTORE}}));
    constants.Set("events", names_by_number(env, {{"none", SIGNET_EVENT_NONE},
                                                  {"login", SIGNET_EVENT_LOGIN},
                                                  {"rotate", SIGNET_EVENT_ROTATE},
                                                  {"retry", SIGNET_EVENT_RETRY},
                                                  {"reuse", SIGNET_EVENT_REUSE},
                                                  {"logout", SIGNET_EVENT_LOGOUT},
                                                  {"revoke", SIGNET_EVENT_REVOKE},
                                                  {"rollback", SIGNET_EVENT_ROLLBACK},
                                                  {"straggler", SIGNET_EVENT_STRAGGLER}}));
    constants.Set("callFlags", table(env, {{"STRICT", call_is_strict},
                                           {"ENDS_SESSION", call_ends_session},
                                           {"ROTATE_UNHEARD", call_rotate_is_unheard},
                                           {"BY_SYSTEM_CLOCK", call_is_by_system_clock}}));
    constants.Set("keyMaterial", table(env, {{"SECRET", static_cast<int>(Material::SECRET)},
                                             {"PEM", static_cast<int>(Material::PEM)},
                                             {"DER", static_cast<int>(Material::DER)},
                                             {"JWK", static_cast<int>(Material::JWK)},
                                             {"JWKS", static_cast<int>(Material::JWKS)},
                                             {"ANY", static_cast<int>(Material::ANY)}}));
    constants.Set("keyFlags", table(env, {{"FOR_SIGNING", SIGNET_KEY_FOR_SIGNING},
                                          {"ALLOW_INSECURE_SIZE", SIGNET_KEY_ALLOW_INSECURE_SIZE},
                                          {"ALLOW_INVALID_TYPE", SIGNET_KEY_ALLOW_INVALID_TYPE}}));
    constants.Set("verifyFlags", table(env, {{"IGNORE_EXP", SIGNET_VERIFY_IGNORE_EXP},
                                             {"IGNORE_NBF", SIGNET_VERIFY_IGNORE_NBF},
                                             {"STOP_BEFORE_AUD", SIGNET_VERIFY_STOP_BEFORE_AUD},
                                             {"MAX_AGE_FLOOR", SIGNET_VERIFY_MAX_AGE_FLOOR}}));
    constants.Set("claimChecks", claim_checks(env));
    constants.Set("options", option_limits(env));
    constants.Set("limits", table(env, {{"CLAIMS", SIGNET_MAX_CLAIMS_LEN},
                                        {"USER_ID", SIGNET_MAX_USER_ID_LEN},
                                        {"SHORTEST_KEY", SIGNET_MIN_IDEMPOTENCY_KEY_LEN},
                                        {"LONGEST_KEY", SIGNET_MAX_IDEMPOTENCY_KEY_LEN}}));
    constants.Set("exchange", exchange_places(env));
    constants.Set("storePlaces", signet_store_places());
    constants.Set("reservedClaims", reserved_claims(env));
    export_call_layout(constants);
    exports.Set("constants", constants);
}

} // namespace signet_node
