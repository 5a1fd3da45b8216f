/* linux.c: what is Linux's alone, in glibc and in musl. */
#define _GNU_SOURCE /* dl_iterate_phdr, pthread_setname_np */
#include "platform/platform.h"

#include <link.h>
#include <time.h>

void signet_thread_set_name(signet_thread thread, const char *name)
{
    (void)pthread_setname_np(thread, name);
}

void signet_stay_loaded(void)
{
    /* The addon is linked with -z nodelete. */
}

/* Reading the clock as of its last tick (at most 10 ms ago, unless the machine was held up) costs a quarter of reading
 * the exact time, and gives the same second except at its end. Some sandboxes and emulated kernels lack it. */
int64_t signet_system_second(void)
{
    struct timespec now = {0, 0};
    const long end_of_second_ns = 900 * 1000 * 1000;
    if (clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0 && now.tv_nsec < end_of_second_ns)
        return now.tv_sec;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

typedef struct listing {
    void (*note)(void *list, const char *name);
    void *list;
} listing;

static int note_one(struct dl_phdr_info *info, size_t size, void *given)
{
    const listing *const to = given;
    (void)size;
    to->note(to->list, info->dlpi_name);
    return 0;
}

void signet_libraries_list(void (*note)(void *list, const char *name), void *list)
{
    listing to = {note, list};
    (void)dl_iterate_phdr(note_one, &to);
}
