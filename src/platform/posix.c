/* posix.c: what Linux and macOS have in common. */
#define _DARWIN_C_SOURCE /* flock and RTLD_NOLOAD, on macOS */
#include "platform/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------------ threads */

void signet_mutex_init(signet_mutex *mutex)
{
    (void)pthread_mutex_init(mutex, NULL);
}

void signet_mutex_destroy(signet_mutex *mutex)
{
    (void)pthread_mutex_destroy(mutex);
}

void signet_mutex_lock(signet_mutex *mutex)
{
    (void)pthread_mutex_lock(mutex);
}

bool signet_mutex_trylock(signet_mutex *mutex)
{
    return pthread_mutex_trylock(mutex) == 0;
}

void signet_mutex_unlock(signet_mutex *mutex)
{
    (void)pthread_mutex_unlock(mutex);
}

void signet_once_run(signet_once *once, void (*body)(void))
{
    (void)pthread_once(once, body);
}

typedef struct thread_call {
    void (*body)(void *argument);
    void *argument;
} thread_call;

static void *run_thread(void *given)
{
    const thread_call call = *(thread_call *)given;
    free(given);
    call.body(call.argument);
    return NULL;
}

/* Signals belong to the program's own threads. Those that the processor raises cannot be blocked. */
static void block_signals(sigset_t *before)
{
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    sigset_t all;
    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof synchronous / sizeof synchronous[0]; i++)
        (void)sigdelset(&all, synchronous[i]);
    (void)pthread_sigmask(SIG_SETMASK, &all, before);
}

static bool create_thread(signet_thread *thread, size_t stack_size, thread_call *call)
{
    pthread_attr_t attributes;
    sigset_t before;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attributes, stack_size);
    block_signals(&before);
    const int failed = pthread_create(thread, &attributes, run_thread, call);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return failed == 0;
}

bool signet_thread_start(signet_thread *thread, const char *name, size_t stack_size, void (*body)(void *argument),
                         void *argument)
{
    thread_call *call = malloc(sizeof *call);
    if (!call)
        return false;
    *call = (thread_call){body, argument};
    if (!create_thread(thread, stack_size, call)) {
        free(call);
        return false;
    }
    signet_thread_set_name(*thread, name);
    return true;
}

void signet_thread_join(signet_thread thread)
{
    (void)pthread_join(thread, NULL);
}

bool signet_at_exit(void (*body)(void))
{
    return atexit(body) == 0;
}

/* ------------------------------------------------------------------ time */

int64_t signet_monotonic_us(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ------------------------------------------------------------------ files */

int signet_file_create(const char *path)
{
    const int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return errno;
    (void)close(fd);
    return 0;
}

void signet_file_make_private(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)))
        (void)chmod(path, st.st_mode & S_IRWXU);
}

void signet_file_remove(const char *path)
{
    (void)unlink(path);
}

bool signet_file_identify(const char *path, uint64_t *device, uint64_t *inode)
{
    struct stat st;
    const bool is_there = stat(path, &st) == 0;
    *device = is_there ? (uint64_t)st.st_dev : 0;
    *inode = is_there ? (uint64_t)st.st_ino : 0;
    return is_there;
}

static int open_folder_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    char *folder = !slash ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    const int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    return fd;
}

/* flock, unlike fcntl, excludes threads too. */
bool signet_folder_trylock(const char *path, int *handle)
{
    *handle = open_folder_of(path);
    if (*handle < 0 || flock(*handle, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true;
    (void)close(*handle);
    *handle = -1;
    return false;
}

void signet_folder_unlock(int handle)
{
    if (handle >= 0)
        (void)close(handle);
}

bool signet_disk_has_room(const char *path, uint64_t bytes)
{
    struct statvfs disk;
    return statvfs(path, &disk) != 0 || (uint64_t)disk.f_bavail * disk.f_frsize >= bytes;
}

int signet_errno_of(int system_number)
{
    return system_number;
}

void signet_shared_memory_remove(const char *prefix)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/dev/shm/%s-%ld", prefix, (long)getpid());
    (void)unlink(path);
}

/* ------------------------------------------------------------------ loaded libraries */

typedef struct loaded {
    char *names[512];
    size_t n;
} loaded;

static void note(void *given, const char *name)
{
    loaded *list = given;
    if (name && *name && list->n < sizeof list->names / sizeof list->names[0] && (list->names[list->n] = strdup(name)))
        list->n++;
}

static bool ask(const char *name, const char *symbol, bool (*each)(void *address, void *context), void *context)
{
    void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (!library)
        return true;
    void *address = dlsym(library, symbol);
    const bool goes_on = !address || each(address, context);
    (void)dlclose(library);
    return goes_on;
}

void signet_libraries_with(const char *symbol, bool (*each)(void *address, void *context), void *context)
{
    loaded list = {.n = 0};
    bool goes_on = true;
    signet_libraries_list(note, &list);
    for (size_t i = 0; i < list.n; i++) {
        goes_on = goes_on && ask(list.names[i], symbol, each, context);
        free(list.names[i]);
    }
}

bool signet_program_has(const char *function)
{
    void *program = dlopen(NULL, RTLD_LAZY);
    const bool has = program && dlsym(program, function);
    if (program)
        (void)dlclose(program);
    return has;
}
