/*
 * platform.h: all that Signet uses of the operating system beyond the C library: threads, a clock, files, loaded
 * libraries. posix.c and one of linux.c and darwin.c implement it, or windows.c alone. Paths are UTF-8.
 */
#ifndef SIGNET_PLATFORM_H
#define SIGNET_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
typedef struct signet_word {
    void *value;
} signet_mutex, signet_once; /* an SRWLOCK, an INIT_ONCE */
typedef void *signet_thread;
#define SIGNET_MUTEX_INIT                                                                                              \
    {                                                                                                                  \
        NULL                                                                                                           \
    }
#define SIGNET_ONCE_INIT                                                                                               \
    {                                                                                                                  \
        NULL                                                                                                           \
    }
#else
#include <pthread.h>
typedef pthread_mutex_t signet_mutex;
typedef pthread_once_t signet_once;
typedef pthread_t signet_thread;
#define SIGNET_MUTEX_INIT PTHREAD_MUTEX_INITIALIZER
#define SIGNET_ONCE_INIT PTHREAD_ONCE_INIT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ threads */

void signet_mutex_init(signet_mutex *mutex);
void signet_mutex_destroy(signet_mutex *mutex);
void signet_mutex_lock(signet_mutex *mutex);
bool signet_mutex_trylock(signet_mutex *mutex);
void signet_mutex_unlock(signet_mutex *mutex);

/* Calls `body` the first time; later and simultaneous calls return once it has. */
void signet_once_run(signet_once *once, void (*body)(void));

/* Starts a thread; false if the system cannot. `name` is for debuggers, at most 15 characters. The thread must not be
 * joined before this returns. It receives no signals, except for those that the processor raises in it. */
bool signet_thread_start(signet_thread *thread, const char *name, size_t stack_size, void (*body)(void *argument),
                         void *argument);
void signet_thread_join(signet_thread thread);

/* Calls `body` in exit(), while all threads still run, and before OpenSSL cleans up. */
bool signet_at_exit(void (*body)(void));

/* This library stays in memory until the process ends: its threads must not lose their code if the environment that
 * loaded it ends. */
void signet_stay_loaded(void);

/* ------------------------------------------------------------------ time */

/* From an arbitrary start; no one can set it. */
int64_t signet_monotonic_us(void);

/* Whole seconds since 1970, as Math.floor(Date.now() / 1000) counts them. */
int64_t signet_system_second(void);

/* ------------------------------------------------------------------ files */

/* Creates an empty file for its owner only (on Windows: with the permissions of its folder). 0, or an errno; EEXIST
 * if there is one, which is untouched. */
int signet_file_create(const char *path);

/* Takes the permissions of others away (on Windows: nothing). Opens no descriptor. */
void signet_file_make_private(const char *path);

void signet_file_remove(const char *path);

/* What tells a file from any other, whatever its name. False, and zeros: there is none. */
bool signet_file_identify(const char *path, uint64_t *device, uint64_t *inode);

/* Locks the folder of a file among processes and threads that call this. *handle: for signet_folder_unlock. False:
 * another has it. If the system cannot lock it, as if it were locked (on Windows: always; an open file stays in its
 * place there). */
bool signet_folder_trylock(const char *path, int *handle);
void signet_folder_unlock(int handle);

/* Whether at least so many bytes are free on the disk of a file. True also if the system does not tell. */
bool signet_disk_has_room(const char *path, uint64_t bytes);

/* The errno for a number of the system's own (errno itself, GetLastError on Windows). */
int signet_errno_of(int system_number);

/* Removes PREFIX-PID from /dev/shm, on systems that have that folder. */
void signet_shared_memory_remove(const char *prefix);

/* ------------------------------------------------------------------ loaded libraries */

/*
 * Calls `each` with the address of every loaded library's exported `symbol`, this library's own included, until it
 * returns false. None on Windows, whose file locks belong to the handle: copies of this library see each other's there.
 */
void signet_libraries_with(const char *symbol, bool (*each)(void *address, void *context), void *context);

/* Whether the program, or a library that it is linked with, has a function of this name. */
bool signet_program_has(const char *function);

/* ------------------------------------------------------------------ for posix.c alone */

void signet_thread_set_name(signet_thread thread, const char *name);

/* Notes the names of the loaded libraries. dlopen must not be called meanwhile. */
void signet_libraries_list(void (*note)(void *list, const char *name), void *list);

#ifdef __cplusplus
}
#endif

#endif
