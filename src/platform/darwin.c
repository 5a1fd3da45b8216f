/* darwin.c: what is macOS's alone. */
#undef _POSIX_C_SOURCE /* or its headers hide dladdr */
#include "platform/platform.h"

#include <dlfcn.h>
#include <mach-o/dyld.h>
#include <time.h>

void signet_thread_set_name(signet_thread thread, const char *name)
{
    /* A thread can only name itself here. */
    (void)thread;
    (void)name;
}

void signet_stay_loaded(void)
{
    Dl_info self;
    if (dladdr((const void *)signet_stay_loaded, &self) != 0)
        (void)dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

int64_t signet_system_second(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

void signet_libraries_list(void (*note)(void *list, const char *name), void *list)
{
    for (uint32_t i = 0; i < _dyld_image_count(); i++)
        note(list, _dyld_get_image_name(i));
}
