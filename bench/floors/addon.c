/* addon.c: the floors as Node functions. Each run returns the nanoseconds that it took in C; `empty` is only the call
 * into C. */
#include "floors.h"

#include <node_api.h>
#include <time.h>

enum { MAX_ARGS = 3, PATH_LEN = 1024, SQL_LEN = 4096 };

static int64_t ns_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The arguments come from our own code: they are not checked. */
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

static napi_value external_new(napi_env env, void *ptr, napi_finalize release)
{
    napi_value value = NULL;
    if (!ptr || napi_create_external(env, ptr, release, NULL, &value) != napi_ok)
        napi_throw_error(env, NULL, "this floor cannot be prepared");
    return value;
}

static napi_value nanoseconds(napi_env env, bool ok, int64_t ns)
{
    napi_value value = NULL;
    if (!ok)
        napi_throw_error(env, NULL, "this floor failed");
    else
        napi_create_int64(env, ns, &value);
    return value;
}

#define ARGS                                                                                                           \
    napi_value args[MAX_ARGS] = {NULL};                                                                                \
    size_t args_n = MAX_ARGS;                                                                                          \
    napi_get_cb_info(env, info, &args_n, args, NULL, NULL)

static napi_value empty(napi_env env, napi_callback_info info)
{
    (void)env, (void)info;
    return NULL;
}

/* cpuTime(): this thread's CPU time in nanoseconds, without that of other processes. */
static napi_value cpu_time(napi_env env, napi_callback_info info)
{
    (void)info;
    return nanoseconds(env, true, ns_of(CLOCK_THREAD_CPUTIME_ID));
}

static void release_text_floor(napi_env env, void *ptr, void *hint)
{
    (void)env, (void)hint;
    ((text_floor *)ptr)->release(ptr);
}

/* hmac(secret: Buffer) → handle */
static napi_value hmac(napi_env env, napi_callback_info info)
{
    ARGS;
    size_t len;
    const uint8_t *secret = bytes_of(env, args[0], &len);
    return external_new(env, floor_hmac_new(secret, len), release_text_floor);
}

/* pkey(alg, private PEM: Buffer, 1: checks, 0: signs) → handle */
static napi_value pkey(napi_env env, napi_callback_info info)
{
    ARGS;
    char alg[8] = "";
    size_t len;
    napi_get_value_string_utf8(env, args[0], alg, sizeof alg, NULL);
    const uint8_t *pem = bytes_of(env, args[1], &len);
    return external_new(env, floor_pkey_new(alg, (const char *)pem, len, number_of(env, args[2]) != 0),
                        release_text_floor);
}

/* run(handle, text: Buffer, n) → nanoseconds */
static napi_value run(napi_env env, napi_callback_info info)
{
    ARGS;
    size_t len;
    text_floor *self = external_of(env, args[0]);
    const uint8_t *text = bytes_of(env, args[1], &len);
    const uint32_t n = number_of(env, args[2]);
    bool ok = self->once(self, text, len);
    const int64_t from = ns_of(CLOCK_MONOTONIC);
    for (uint32_t i = 0; ok && i < n; i++)
        ok = self->once(self, text, len);
    return nanoseconds(env, ok, ns_of(CLOCK_MONOTONIC) - from);
}

static void release_sqlite(napi_env env, void *ptr, void *hint)
{
    (void)env, (void)hint;
    floor_sqlite_free(ptr);
}

/* sqlite(path, rows) → handle */
static napi_value sqlite(napi_env env, napi_callback_info info)
{
    ARGS;
    char path[PATH_LEN] = "";
    napi_get_value_string_utf8(env, args[0], path, sizeof path, NULL);
    return external_new(env, floor_sqlite_new(path, number_of(env, args[1])), release_sqlite);
}

/* sqliteRun(handle, batch, batches) → nanoseconds */
static napi_value sqlite_run(napi_env env, napi_callback_info info)
{
    ARGS;
    floor_sqlite *store = external_of(env, args[0]);
    const uint32_t batch = number_of(env, args[1]), batches = number_of(env, args[2]);
    const int64_t from = ns_of(CLOCK_MONOTONIC);
    bool ok = true;
    for (uint32_t i = 0; ok && i < batches; i++)
        ok = floor_sqlite_batch(store, batch);
    return nanoseconds(env, ok, ns_of(CLOCK_MONOTONIC) - from);
}

/* sqliteExec(path, SQL) */
static napi_value sqlite_exec(napi_env env, napi_callback_info info)
{
    ARGS;
    char path[PATH_LEN] = "", sql[SQL_LEN] = "";
    napi_get_value_string_utf8(env, args[0], path, sizeof path, NULL);
    napi_get_value_string_utf8(env, args[1], sql, sizeof sql, NULL);
    return nanoseconds(env, floor_sqlite_exec(path, sql), 0);
}

NAPI_MODULE_INIT()
{
    static const struct {
        const char *name;
        napi_callback function;
    } exported[] = {{"empty", empty},
                    {"cpuTime", cpu_time},
                    {"hmac", hmac},
                    {"pkey", pkey},
                    {"run", run},
                    {"sqlite", sqlite},
                    {"sqliteRun", sqlite_run},
                    {"sqliteExec", sqlite_exec}};
    for (size_t i = 0; i < sizeof exported / sizeof *exported; i++) {
        napi_value function;
        if (napi_create_function(env, exported[i].name, NAPI_AUTO_LENGTH, exported[i].function, NULL, &function) ==
            napi_ok)
            napi_set_named_property(env, exports, exported[i].name, function);
    }
    return exports;
}
