// environment.cc: the state of one Node environment.
#include "node/environment.h"

#include <new>

namespace signet_node {

bool environment_open(napi_env env)
{
    Environment *environment = new (std::nothrow) Environment;
    if (!environment)
        return false;
    environment->scratch = signet_scratch_new();
    const auto finalize = [](napi_env, void *bytes, void *) { environment_unref(static_cast<Environment *>(bytes)); };
    if (environment->scratch && napi_set_instance_data(env, environment, finalize, nullptr) == napi_ok)
        return true;
    environment_unref(environment);
    return false;
}

Environment *environment_of(napi_env env)
{
    void *data = nullptr;
    return napi_get_instance_data(env, &data) == napi_ok ? static_cast<Environment *>(data) : nullptr;
}

napi_value throw_out_of_memory(napi_env env)
{
    const Environment *environment = environment_of(env);
    napi_value make = nullptr, texts[2], error = nullptr;
    if (environment && environment->error_class &&
        napi_get_reference_value(env, environment->error_class, &make) == napi_ok && make &&
        napi_create_string_utf8(env, signet_status_code(SIGNET_ERR_MEMORY), NAPI_AUTO_LENGTH, &texts[0]) == napi_ok &&
        napi_create_string_utf8(env, signet_status_text(SIGNET_ERR_MEMORY), NAPI_AUTO_LENGTH, &texts[1]) == napi_ok &&
        napi_new_instance(env, make, 2, texts, &error) == napi_ok)
        (void)napi_throw(env, error);
    else
        (void)napi_throw_error(env, signet_status_code(SIGNET_ERR_MEMORY), signet_status_text(SIGNET_ERR_MEMORY));
    return nullptr;
}

void environment_ref(Environment *environment)
{
    environment->references++;
}

void environment_unref(Environment *environment)
{
    if (--environment->references > 0)
        return;
    signet_scratch_free(environment->scratch);
    delete environment;
}

} // namespace signet_node
