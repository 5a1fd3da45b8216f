/* cpu_model.c: the data that __builtin_cpu_supports reads, in libgcc's layout, for the two features that src/core
 * checks (ssse3, avx2). Zig's version is in one object with its own memcpy, memmove, memcmp and strlen; linking that
 * would replace glibc's, which are up to a fifth faster on large tokens. */
#include <cpuid.h>

enum { SSSE3 = 6, AVX2 = 10 };

__attribute__((visibility("hidden"))) struct {
    unsigned vendor, type, subtype, features[1];
} __cpu_model;

/* AVX2 is usable only if the operating system saves the wide registers. */
static int wide_registers_are_saved(unsigned ecx_of_1)
{
    unsigned low, high;
    if (!(ecx_of_1 & bit_OSXSAVE))
        return 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 6) == 6;
}

__attribute__((constructor)) static void ask_the_processor(void)
{
    unsigned eax, ebx, ecx, edx, features = 0;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        return;
    if (ecx & bit_SSSE3)
        features |= 1u << SSSE3;
    const int wide = (ecx & bit_AVX) && wide_registers_are_saved(ecx);
    if (wide && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_AVX2))
        features |= 1u << AVX2;
    __cpu_model.features[0] = features;
}
