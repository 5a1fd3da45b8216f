/* addon.c: the floors as functions of Node. Each `…Run` returns the nanoseconds of `n` repetitions in C; `empty` is the crossing alone. */
#include "floors.h"

#include <node_api.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 4 };

static napi_value fail(napi_env env, const char *text)
{
    napi_throw_error(env, NULL, text);
    return NULL;
}

/* Buffers only: the callers are ours. */
static const uint8_t *bytes_of(napi_env env, napi_value value, size_t *len)
{
    void *ptr = NULL;
    *len = 0;
    napi_get_buffer_info(env, value, &ptr, len);
    return ptr;
}

static void *external_of(napi_env env, napi_value value)
{
    void *ptr = NULL;
    napi_get_value_external(env, value, &ptr);
    return ptr;
}

static uint32_t number_of(napi_env env, napi_value value)
{
    uint32_t number = 0;
    napi_get_value_uint32(env, value, &number);
    return number;
}

static napi_value external_new(napi_env env, void *ptr, void (*release)(napi_env, void *, void *))
{
    napi_value value = NULL;
    if (!ptr || napi_create_external(env, ptr, release, NULL, &value) != napi_ok)
        return fail(env, "this floor cannot be prepared");
    return value;
}

static napi_value nanoseconds(napi_env env, int64_t ns)
{
    napi_value value = NULL;
    if (ns < 0)
        return fail(env, "this floor failed");
    napi_create_int64(env, ns, &value);
    return value;
}

#define ARGS(count)                                                                                                                        \
    napi_value args[MAX_ARGS] = {NULL};                                                                                                    \
    size_t args_n = (count);                                                                                                               \
    napi_get_cb_info(env, info, &args_n, args, NULL, NULL)

/* empty(key, text, now): an N-API call that looks at nothing. */
static napi_value empty(napi_env env, napi_callback_info info)
{
    (void)env, (void)info;
    return NULL;
}

static void release_hmac(napi_env env, void *ptr, void *hint)
{
    (void)env, (void)hint;
    floor_hmac_free(ptr);
}

static napi_value hmac_new(napi_env env, napi_callback_info info)
{
    ARGS(1);
    size_t len;
    const uint8_t *secret = bytes_of(env, args[0], &len);
    return external_new(env, floor_hmac_new(secret, len), release_hmac);
}

static napi_value hmac_run(napi_env env, napi_callback_info info)
{
    ARGS(3);
    size_t len;
    const uint8_t *text = bytes_of(env, args[1], &len);
    return nanoseconds(env, floor_hmac_run(external_of(env, args[0]), text, len, number_of(env, args[2])));
}

static void release_pkey(napi_env env, void *ptr, void *hint)
{
    (void)env, (void)hint;
    floor_pkey_free(ptr);
}

static napi_value pkey_new(napi_env env, napi_callback_info info)
{
    ARGS(2);
    char alg[8];
    size_t len;
    napi_get_value_string_utf8(env, args[0], alg, sizeof alg, NULL);
    const uint8_t *pem = bytes_of(env, args[1], &len);
    return external_new(env, floor_pkey_new(alg, (const char *)pem, len), release_pkey);
}

static napi_value sign_run(napi_env env, napi_callback_info info)
{
    ARGS(3);
    size_t len;
    const uint8_t *text = bytes_of(env, args[1], &len);
    return nanoseconds(env, floor_sign_run(external_of(env, args[0]), text, len, number_of(env, args[2])));
}

static napi_value verify_run(napi_env env, napi_callback_info info)
{
    ARGS(3);
    size_t len;
    const uint8_t *text = bytes_of(env, args[1], &len);
    return nanoseconds(env, floor_verify_run(external_of(env, args[0]), text, len, number_of(env, args[2])));
}

static void release_sqlite(napi_env env, void *ptr, void *hint)
{
    (void)env, (void)hint;
    floor_sqlite_free(ptr);
}

static napi_value sqlite_new(napi_env env, napi_callback_info info)
{
    ARGS(2);
    char path[1024];
    napi_get_value_string_utf8(env, args[0], path, sizeof path, NULL);
    return external_new(env, floor_sqlite_new(path, number_of(env, args[1])), release_sqlite);
}

static napi_value sqlite_run(napi_env env, napi_callback_info info)
{
    ARGS(3);
    return nanoseconds(env, floor_sqlite_run(external_of(env, args[0]), number_of(env, args[1]), number_of(env, args[2])));
}

static napi_value sqlite_exec(napi_env env, napi_callback_info info)
{
    ARGS(2);
    char path[1024], sql[4096];
    napi_get_value_string_utf8(env, args[0], path, sizeof path, NULL);
    napi_get_value_string_utf8(env, args[1], sql, sizeof sql, NULL);
    return nanoseconds(env, floor_sqlite_exec(path, sql));
}

/* cpuTime(): nanoseconds that this thread has run. What other processes take of the machine is not in it. */
static napi_value cpu_time(napi_env env, napi_callback_info info)
{
    (void)info;
    return nanoseconds(env, floor_cpu_ns());
}

static const struct {
    const char *name;
    napi_callback function;
} EXPORTS[] = {
    {"empty", empty},      {"cpuTime", cpu_time},     {"hmacNew", hmac_new},     {"hmacRun", hmac_run},     {"pkeyNew", pkey_new},
    {"signRun", sign_run}, {"verifyRun", verify_run}, {"sqliteNew", sqlite_new}, {"sqliteRun", sqlite_run}, {"sqliteExec", sqlite_exec},
};

NAPI_MODULE_INIT()
{
    for (size_t i = 0; i < sizeof EXPORTS / sizeof *EXPORTS; i++) {
        napi_value function;
        if (napi_create_function(env, EXPORTS[i].name, NAPI_AUTO_LENGTH, EXPORTS[i].function, NULL, &function) != napi_ok ||
            napi_set_named_property(env, exports, EXPORTS[i].name, function) != napi_ok)
            return fail(env, "the floors cannot be exported");
    }
    return exports;
}
