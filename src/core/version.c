/* version.c: the version that this library was compiled from. */
#include "signet.h"

const char *signet_version(void)
{
    return SIGNET_VERSION;
}

int signet_version_number(void)
{
    return SIGNET_VERSION_NUMBER;
}
