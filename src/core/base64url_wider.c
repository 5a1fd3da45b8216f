/* base64url_wider.c: base64url_wide.c's ways with thirty-two characters a step. Decoding looks up by the halves of each character (Muła and
 * Lemire, 2018, section 3) instead of comparing with each range. */
#include "core/base64url_wide.h"

#ifdef SIGNET_B64URL_WIDE

#include <immintrin.h>

#define WIDER __attribute__((target("avx2")))

/* The same sixteen bytes in both lanes: shuffles look up within a lane. */
WIDER static inline __m256i twice(__m128i lane)
{
    return _mm256_broadcastsi128_si256(lane);
}

/* Twelve bytes a lane, to sixteen 6-bit values each. */
WIDER static inline __m256i values_of_bytes(__m128i low, __m128i high)
{
    const __m256i order = twice(_mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    const __m256i spread = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), order);
    const __m256i first = _mm256_mulhi_epu16(_mm256_and_si256(spread, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
    const __m256i second = _mm256_mullo_epi16(_mm256_and_si256(spread, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    return _mm256_or_si256(first, second);
}

/* Each value plus what its range of the alphabet lies away: 0 for a-z, 1 to 10 for the digits, 11 for '-', 12 for '_', 13 for A-Z. */
WIDER static inline __m256i characters_of_values(__m256i values)
{
    const __m256i offsets = twice(_mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                                '0' - 52, '0' - 52, '-' - 62, '_' - 63, 'A', 0, 0));
    const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    const __m256i range = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)), _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    return _mm256_add_epi8(values, _mm256_shuffle_epi8(offsets, range));
}

/* A step reads 28 bytes, of which 24 count. */
WIDER size_t signet_b64url_encode_wider(const uint8_t *in, size_t n, char *out)
{
    size_t done = 0;
    for (; done + 28 <= n; done += 24, out += 32) {
        const __m128i low = _mm_loadu_si128((const __m128i *)(const void *)(in + done));
        const __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(in + done + 12));
        _mm256_storeu_si256((__m256i *)(void *)out, characters_of_values(values_of_bytes(low, high)));
    }
    return done;
}

/*
 * Whether every character is of the alphabet. The high half of one gives its class, a bit: 1 for 0x2_, of which only '-' is known, 2 for
 * the digits, 4 for A-O and a-o, 8 for P-Z and '_', 32 for p-z, 16 for all that has nothing known. The low half gives the classes in which
 * it is unknown.
 */
WIDER static inline int all_known(__m256i high_halves, __m256i low_halves)
{
    const __m256i class_of_high = twice(_mm_setr_epi8(16, 16, 1, 2, 4, 8, 4, 32, 16, 16, 16, 16, 16, 16, 16, 16));
    const __m256i unknown_with_low =
        twice(_mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x3B, 0x3B, 0x3A, 0x3B, 0x33));
    return _mm256_testz_si256(_mm256_shuffle_epi8(class_of_high, high_halves), _mm256_shuffle_epi8(unknown_with_low, low_halves));
}

/* Of characters that are all known. By the high half alone, but that '_' is not where A-Z are. */
WIDER static inline __m256i values_of_characters(__m256i text, __m256i high_halves)
{
    const __m256i offset_of_high = twice(_mm_setr_epi8(0, 0, 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i is_low_line = _mm256_cmpeq_epi8(text, _mm256_set1_epi8('_'));
    const __m256i offset =
        _mm256_add_epi8(_mm256_shuffle_epi8(offset_of_high, high_halves), _mm256_and_si256(is_low_line, _mm256_set1_epi8(63 - '_' + 'A')));
    return _mm256_add_epi8(text, offset);
}

/* Four 6-bit values to three bytes, which then lie together in the front. */
WIDER static inline __m256i bytes_of_values(__m256i values)
{
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i order = twice(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(groups, order), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
}

/* A step stores 32 bytes of which 24 count: there must be room for the other eight, so at least 43 characters are left. */
WIDER size_t signet_b64url_decode_wider(const uint8_t *in, size_t n, uint8_t *out)
{
    const __m256i half = _mm256_set1_epi8(0x0f);
    size_t done = 0;
    for (; done + 43 <= n; done += 32, out += 24) {
        const __m256i text = _mm256_loadu_si256((const __m256i *)(const void *)(in + done));
        const __m256i high_halves = _mm256_and_si256(_mm256_srli_epi32(text, 4), half);
        if (!all_known(high_halves, _mm256_and_si256(text, half)))
            break;
        _mm256_storeu_si256((__m256i *)(void *)out, bytes_of_values(values_of_characters(text, high_halves)));
    }
    return done;
}

#else
typedef int signet_base64url_is_not_wider; /* no empty translation unit */
#endif
