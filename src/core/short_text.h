/* short_text.h: comparing names, which are shorter than a call of memcmp is worth. Private to the library. */
#ifndef SIGNET_SHORT_TEXT_H
#define SIGNET_SHORT_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t signet_load_64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t signet_load_32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* memcmp(…) == 0, by two loads of each that overlap. Not in constant time: for what is no secret. */
static inline bool signet_same_bytes(const char *a, const char *b, size_t n)
{
    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8)
        return signet_load_64(a) == signet_load_64(b) && signet_load_64(a + n - 8) == signet_load_64(b + n - 8);
    if (n >= 4)
        return signet_load_32(a) == signet_load_32(b) && signet_load_32(a + n - 4) == signet_load_32(b + n - 4);
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

#endif
