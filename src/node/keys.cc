// keys.cc: makes key handles from key material.
#include "node/keys.h"

#include <memory>

#include "node/addon.h"
#include "node/arguments.h"
#include "node/constants.h"
#include "node/guarded.h"
#include "node/text.h"

namespace signet_node {

namespace {

// The target of an External. `key` is freed when lib's cache drops the key: Node runs finalizers only between turns of
// the event loop, which a loop over a million secrets never reaches. The holder lives until the External is collected.
struct KeyHolder {
    signet_key *key;
    Environment *environment;
};

void release(KeyHolder *holder)
{
    signet_key_free(holder->key);
    holder->key = nullptr;
}

void finalize(napi_env, void *bytes, void *)
{
    KeyHolder *holder = static_cast<KeyHolder *>(bytes);
    Environment *environment = holder->environment;
    environment->keys.erase(holder);
    release(holder);
    delete holder;
    environment_unref(environment);
}

KeyHolder *holder_from_value(napi_env env, napi_value value, Environment *environment)
{
    void *pointer = nullptr;
    if (napi_get_value_external(env, value, &pointer) != napi_ok)
        return nullptr;
    return environment->keys.count(pointer) > 0 ? static_cast<KeyHolder *>(pointer) : nullptr;
}

// Takes over the reference to `key`.
napi_value new_handle(napi_env env, Environment *environment, signet_key *key)
{
    std::unique_ptr<signet_key, decltype(&signet_key_free)> owned(key, signet_key_free);
    auto holder = std::make_unique<KeyHolder>(KeyHolder{nullptr, environment});
    napi_value handle = nullptr;
    environment->keys.insert(holder.get());
    holder->key = owned.release();
    environment_ref(environment);
    KeyHolder *const handed = holder.release();
    if (napi_create_external(env, handed, finalize, nullptr, &handle) == napi_ok)
        return handle;
    finalize(env, handed, nullptr);
    return throw_out_of_memory(env);
}

signet_status parse(Material material, signet_text bytes, const signet_text *extra, signet_key **key,
                    signet_error *error)
{
    switch (material) {
    case Material::SECRET:
        return signet_key_from_secret(bytes.ptr, bytes.len, key, error);
    case Material::PEM:
        return signet_key_from_pem(bytes.ptr, bytes.len, extra, key, error);
    case Material::DER:
        return signet_key_from_der(bytes.ptr, bytes.len, extra, key, error);
    case Material::JWK:
        return signet_key_from_jwk(bytes.ptr, bytes.len, key, error);
    case Material::JWKS:
        return signet_key_from_jwks(bytes.ptr, bytes.len, extra, key, error);
    case Material::ANY:
        return signet_key_from_material(bytes.ptr, bytes.len, extra, key, error);
    }
    return SIGNET_ERR_OPTION;
}

Napi::Array algorithm_names(Napi::Env env, signet_alg_set algorithms)
{
    Napi::Array names = Napi::Array::New(env);
    for (unsigned alg = SIGNET_ALG_NONE + 1; alg < SIGNET_ALG_COUNT; alg++)
        if (algorithms & SIGNET_ALG_BIT(alg))
            names.Set(names.Length(), signet_alg_name(static_cast<signet_alg>(alg)));
    return names;
}

} // namespace

// newKey(material kind, string | Buffer, passphrase or kid | undefined) → handle | status
napi_value new_key(napi_env env, napi_callback_info info)
{
    const Arguments<3> arguments(env, info);
    Environment *environment = arguments.environment;
    Text bytes, extra;
    const bool has_extra = !is_undefined(env, arguments.at[2]);
    if (!bytes.read_bytes(env, arguments.at[1]) || (has_extra && !extra.read_bytes(env, arguments.at[2])))
        return number_from_status(env, SIGNET_ERR_KEY_INVALID);
    const signet_text extra_text = extra.text();
    signet_key *key = nullptr;
    const signet_status status = parse(static_cast<Material>(whole_from(env, arguments.at[0])), bytes.text(),
                                       has_extra ? &extra_text : nullptr, &key, &environment->error);
    return status == SIGNET_OK ? new_handle(env, environment, key) : number_from_status(env, status);
}

// releaseKey(handle): frees the key now. The handle is invalid from then on.
napi_value release_key(napi_env env, napi_callback_info info)
{
    const Arguments<1> arguments(env, info);
    if (KeyHolder *holder = holder_from_value(env, arguments.at[0], arguments.environment))
        release(holder);
    return nullptr;
}

// describeKey(handle) → { type, isPrivate, bits, curve, kid, algorithms } | undefined
napi_value describe_key(napi_env raw, napi_callback_info info)
{
    const Napi::Env env(raw);
    const Arguments<1> arguments(env, info);
    const KeyReference key = key_from_value(env, arguments.at[0], arguments.environment);
    if (!key)
        return nullptr;
    signet_key_info about = {};
    signet_key_describe(key.get(), &about);
    Napi::Object object = Napi::Object::New(env);
    object.Set("type", about.type_name);
    object.Set("isPrivate", about.is_private);
    object.Set("bits", static_cast<double>(about.bits));
    object.Set("curve", about.curve ? Napi::String::New(env, about.curve) : env.Undefined());
    object.Set("kid", about.kid.ptr ? Napi::String::New(env, about.kid.ptr, about.kid.len) : env.Undefined());
    object.Set("algorithms", algorithm_names(env, about.algorithms));
    return object;
}

// checkKey(handle, alg, flags) → status
napi_value check_key(napi_env env, napi_callback_info info)
{
    const Arguments<3> arguments(env, info);
    const KeyReference key = key_from_value(env, arguments.at[0], arguments.environment);
    const signet_alg alg = static_cast<signet_alg>(bits_from(env, arguments.at[1]));
    if (!key)
        return number_from_status(env, SIGNET_ERR_KEY_INVALID);
    return number_from_status(
        env, signet_key_check(key.get(), alg, bits_from(env, arguments.at[2]), &arguments.environment->error));
}

KeyReference key_from_value(napi_env env, napi_value value, Environment *environment)
{
    const KeyHolder *holder = holder_from_value(env, value, environment);
    return KeyReference(holder ? holder->key : nullptr);
}

const signet_key *borrowed_key(napi_env env, napi_value value, Environment *environment)
{
    const KeyHolder *holder = holder_from_value(env, value, environment);
    return holder ? holder->key : nullptr;
}

} // namespace signet_node
