// keys.cc: key material in, key handles out.
#include "node/keys.h"

#include <memory>

#include "node/constants.h"
#include "node/text.h"

namespace signet_node {

namespace {

// What an External points to. `key` goes when lib's cache drops the key (Node runs finalizers only between turns of the event loop, and a
// loop over a million secrets has none); the holder itself stays until the External is collected.
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
    return nullptr;
}

signet_status parse(Material material, signet_text bytes, const signet_text *extra, signet_key **key, signet_error *error)
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

// newKey(material kind, string | Buffer, passphrase or kid | undefined) → handle | status
Napi::Value new_key(const Napi::CallbackInfo &info)
{
    Environment *environment = static_cast<Environment *>(info.Data());
    Text bytes, extra;
    const bool has_extra = !info[2].IsUndefined();
    if (!bytes.read_bytes(info.Env(), info[1]) || (has_extra && !extra.read_bytes(info.Env(), info[2])))
        return Napi::Number::New(info.Env(), SIGNET_ERR_KEY_INVALID);
    const signet_text extra_text = extra.text();
    signet_key *key = nullptr;
    const signet_status status = parse(static_cast<Material>(info[0].As<Napi::Number>().Int32Value()), bytes.text(),
                                       has_extra ? &extra_text : nullptr, &key, &environment->error);
    if (status != SIGNET_OK)
        return Napi::Number::New(info.Env(), status);
    return Napi::Value(info.Env(), new_handle(info.Env(), environment, key));
}

// releaseKey(handle): frees the key now. The handle is worth nothing from then on.
void release_key(const Napi::CallbackInfo &info)
{
    if (KeyHolder *holder = holder_from_value(info.Env(), info[0], static_cast<Environment *>(info.Data())))
        release(holder);
}

Napi::Array algorithm_names(Napi::Env env, signet_alg_set algorithms)
{
    Napi::Array names = Napi::Array::New(env);
    for (unsigned alg = SIGNET_ALG_NONE + 1; alg < SIGNET_ALG_COUNT; alg++)
        if (algorithms & SIGNET_ALG_BIT(alg))
            names.Set(names.Length(), signet_alg_name(static_cast<signet_alg>(alg)));
    return names;
}

// describeKey(handle) → { type, isPrivate, bits, curve, kid, algorithms } | undefined
Napi::Value describe_key(const Napi::CallbackInfo &info)
{
    const Napi::Env env = info.Env();
    const KeyReference key = key_from_value(env, info[0], static_cast<Environment *>(info.Data()));
    if (!key)
        return env.Undefined();
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
Napi::Value check_key(const Napi::CallbackInfo &info)
{
    Environment *environment = static_cast<Environment *>(info.Data());
    const KeyReference key = key_from_value(info.Env(), info[0], environment);
    const signet_alg alg = static_cast<signet_alg>(info[1].As<Napi::Number>().Int32Value());
    if (!key)
        return Napi::Number::New(info.Env(), SIGNET_ERR_KEY_INVALID);
    return Napi::Number::New(info.Env(), signet_key_check(key.get(), alg, info[2].As<Napi::Number>().Uint32Value(), &environment->error));
}

} // namespace

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

void export_keys(Napi::Env env, Napi::Object exports, Environment *environment)
{
    exports.Set("newKey", Napi::Function::New(env, new_key, "newKey", environment));
    exports.Set("releaseKey", Napi::Function::New(env, release_key, "releaseKey", environment));
    exports.Set("describeKey", Napi::Function::New(env, describe_key, "describeKey", environment));
    exports.Set("checkKey", Napi::Function::New(env, check_key, "checkKey", environment));
}

} // namespace signet_node
