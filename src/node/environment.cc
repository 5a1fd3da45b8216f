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
