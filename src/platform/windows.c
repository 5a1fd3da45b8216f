/* windows.c: Windows 10 and later. */
#define WIN32_LEAN_AND_MEAN
#include "platform/platform.h"

#include <windows.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <process.h>
#include <stdlib.h>
#include <wchar.h>

_Static_assert(sizeof(SRWLOCK) == sizeof(signet_mutex), "an SRWLOCK is one word");
_Static_assert(sizeof(INIT_ONCE) == sizeof(signet_once), "an INIT_ONCE is one word");

/* ------------------------------------------------------------------ threads */

static SRWLOCK *lock_of(signet_mutex *mutex)
{
    return (SRWLOCK *)(void *)mutex;
}

void signet_mutex_init(signet_mutex *mutex)
{
    InitializeSRWLock(lock_of(mutex));
}

void signet_mutex_destroy(signet_mutex *mutex)
{
    (void)mutex;
}

void signet_mutex_lock(signet_mutex *mutex)
{
    AcquireSRWLockExclusive(lock_of(mutex));
}

bool signet_mutex_trylock(signet_mutex *mutex)
{
    return TryAcquireSRWLockExclusive(lock_of(mutex));
}

void signet_mutex_unlock(signet_mutex *mutex)
{
    ReleaseSRWLockExclusive(lock_of(mutex));
}

static BOOL CALLBACK run_once(INIT_ONCE *once, void *body, void **context)
{
    (void)once;
    (void)context;
    (*(void (**)(void))body)();
    return TRUE;
}

void signet_once_run(signet_once *once, void (*body)(void))
{
    (void)InitOnceExecuteOnce((INIT_ONCE *)(void *)once, run_once, &body, NULL);
}

typedef struct thread_call {
    void (*body)(void *argument);
    void *argument;
} thread_call;

static unsigned __stdcall run_thread(void *given)
{
    const thread_call call = *(thread_call *)given;
    free(given);
    call.body(call.argument);
    return 0;
}

static void set_name(signet_thread thread, const char *name)
{
    wchar_t wide[16];
    if (MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, sizeof wide / sizeof wide[0]) > 0)
        (void)SetThreadDescription(thread, wide);
}

bool signet_thread_start(signet_thread *thread, const char *name, size_t stack_size, void (*body)(void *argument),
                         void *argument)
{
    thread_call *call = malloc(sizeof *call);
    if (!call)
        return false;
    *call = (thread_call){body, argument};
    *thread =
        (void *)_beginthreadex(NULL, (unsigned)stack_size, run_thread, call, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!*thread) {
        free(call);
        return false;
    }
    set_name(*thread, name);
    return true;
}

void signet_thread_join(signet_thread thread)
{
    (void)WaitForSingleObject(thread, INFINITE);
    (void)CloseHandle(thread);
}

/* Not atexit: a DLL's handlers run after all other threads have been killed. OpenSSL is Node's, so its handlers run in
 * Node's exit(). */
bool signet_at_exit(void (*body)(void))
{
    return OPENSSL_atexit(body) == 1;
}

void signet_stay_loaded(void)
{
    HMODULE self;
    (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                             (const wchar_t *)(const void *)signet_stay_loaded, &self);
}

/* ------------------------------------------------------------------ time */

int64_t signet_monotonic_us(void)
{
    LARGE_INTEGER ticks, per_second;
    (void)QueryPerformanceCounter(&ticks);
    (void)QueryPerformanceFrequency(&per_second);
    const int64_t seconds = ticks.QuadPart / per_second.QuadPart, rest = ticks.QuadPart % per_second.QuadPart;
    return seconds * 1000000 + rest * 1000000 / per_second.QuadPart;
}

#define TICKS_PER_SECOND 10000000
#define SECONDS_FROM_1601_TO_1970 11644473600

int64_t signet_system_second(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    const uint64_t ticks = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (int64_t)(ticks / TICKS_PER_SECOND) - SECONDS_FROM_1601_TO_1970;
}

/* ------------------------------------------------------------------ files */

/* Longer than any path that SQLite opens. */
#define PATH_SIZE 4096

/* The functions without W take the system's code page, which few names fit into. */
static bool widen(const char *path, wchar_t wide[PATH_SIZE])
{
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, PATH_SIZE) > 0;
}

int signet_file_create(const char *path)
{
    wchar_t wide[PATH_SIZE];
    if (!widen(path, wide))
        return ENOENT;
    HANDLE file = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_NEW,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return signet_errno_of((int)GetLastError());
    (void)CloseHandle(file);
    return 0;
}

void signet_file_make_private(const char *path)
{
    (void)path;
}

void signet_file_remove(const char *path)
{
    wchar_t wide[PATH_SIZE];
    if (widen(path, wide))
        (void)DeleteFileW(wide);
}

bool signet_folder_trylock(const char *path, int *handle)
{
    (void)path;
    *handle = -1;
    return true;
}

void signet_folder_unlock(int handle)
{
    (void)handle;
}

/* FILE_FLAG_BACKUP_SEMANTICS: folders too. */
static HANDLE open_to_look(const wchar_t *wide)
{
    return CreateFileW(wide, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

bool signet_file_identify(const char *path, uint64_t *device, uint64_t *inode)
{
    wchar_t wide[PATH_SIZE];
    BY_HANDLE_FILE_INFORMATION found = {0};
    HANDLE file = widen(path, wide) ? open_to_look(wide) : INVALID_HANDLE_VALUE;
    const bool is_there = file != INVALID_HANDLE_VALUE && GetFileInformationByHandle(file, &found);
    if (file != INVALID_HANDLE_VALUE)
        (void)CloseHandle(file);
    *device = found.dwVolumeSerialNumber;
    *inode = (uint64_t)found.nFileIndexHigh << 32 | found.nFileIndexLow;
    return is_there;
}

/* The system wants a folder. */
bool signet_disk_has_room(const char *path, uint64_t bytes)
{
    wchar_t wide[PATH_SIZE];
    ULARGE_INTEGER room;
    if (!widen(path, wide))
        return true;
    wchar_t *const slash = wcsrchr(wide, L'\\'), *const other = wcsrchr(wide, L'/'),
                   *last = slash > other ? slash : other;
    if (last)
        last[1] = L'\0';
    return !GetDiskFreeSpaceExW(last ? wide : NULL, &room, NULL, NULL) || room.QuadPart >= bytes;
}

int signet_errno_of(int system_number)
{
    switch (system_number) {
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
        return EEXIST;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
        return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_WRITE_PROTECT:
        return EACCES;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return ENOSPC;
    case ERROR_TOO_MANY_OPEN_FILES:
        return EMFILE;
    default:
        return EIO;
    }
}

void signet_shared_memory_remove(const char *prefix)
{
    (void)prefix;
}

/* ------------------------------------------------------------------ loaded libraries */

void signet_libraries_with(const char *symbol, bool (*each)(void *address, void *context), void *context)
{
    (void)symbol;
    (void)each;
    (void)context;
}

bool signet_program_has(const char *function)
{
    return GetProcAddress(GetModuleHandleW(NULL), function) != NULL;
}
