/* base64url_wide.c: after Mula and Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions" (2018), with
 * the URL alphabet. */
#include "core/base64url_wide.h"

#ifdef SIGNET_B64URL_WIDE

#include <tmmintrin.h>

#define WIDE __attribute__((target("ssse3")))

/* Four 24-bit groups, each spread over a lane, to sixteen 6-bit values. */
WIDE static inline __m128i values_of_bytes(__m128i bytes)
{
    const __m128i spread = _mm_shuffle_epi8(bytes, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    const __m128i first =
        _mm_mulhi_epu16(_mm_and_si128(spread, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
    const __m128i second =
        _mm_mullo_epi16(_mm_and_si128(spread, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
    return _mm_or_si128(first, second);
}

/* Each value plus what its range of the alphabet lies away: 0 for a-z, 1 to 10 for the digits, 11 for '-', 12 for
 * '_', 13 for A-Z. */
WIDE static inline __m128i characters_of_values(__m128i values)
{
    const __m128i offsets = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                          '0' - 52, '0' - 52, '0' - 52, '0' - 52, '-' - 62, '_' - 63, 'A', 0, 0);
    const __m128i is_upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), values);
    const __m128i range =
        _mm_or_si128(_mm_subs_epu8(values, _mm_set1_epi8(51)), _mm_and_si128(is_upper, _mm_set1_epi8(13)));
    return _mm_add_epi8(values, _mm_shuffle_epi8(offsets, range));
}

WIDE size_t signet_b64url_encode_wide(const uint8_t *in, size_t n, char *out)
{
    size_t done = 0;
    for (; done + 16 <= n; done += 12, out += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(in + done));
        _mm_storeu_si128((__m128i *)(void *)out, characters_of_values(values_of_bytes(bytes)));
    }
    return done;
}

WIDE static inline __m128i between(__m128i text, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmpgt_epi8(_mm_set1_epi8((char)(high + 1)), text));
}

/* The offset from each character to its value; `*known` has a bit for each character that is of the alphabet. */
WIDE static inline __m128i offsets_of_characters(__m128i text, int *known)
{
    const __m128i upper = between(text, 'A', 'Z'), lower = between(text, 'a', 'z'), digit = between(text, '0', '9');
    const __m128i minus = _mm_cmpeq_epi8(text, _mm_set1_epi8('-')), low_line = _mm_cmpeq_epi8(text, _mm_set1_epi8('_'));
    const __m128i any = _mm_or_si128(_mm_or_si128(_mm_or_si128(upper, lower), _mm_or_si128(digit, minus)), low_line);
    *known = _mm_movemask_epi8(any);
    return _mm_or_si128(
        _mm_or_si128(
            _mm_or_si128(_mm_and_si128(upper, _mm_set1_epi8(-'A')), _mm_and_si128(lower, _mm_set1_epi8(26 - 'a'))),
            _mm_or_si128(_mm_and_si128(digit, _mm_set1_epi8(52 - '0')), _mm_and_si128(minus, _mm_set1_epi8(62 - '-')))),
        _mm_and_si128(low_line, _mm_set1_epi8(63 - '_')));
}

/* A step stores sixteen bytes of which twelve count: there must be room for the other four, so at least 22 characters
 * are left. */
WIDE size_t signet_b64url_decode_wide(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t done = 0;
    for (; done + 22 <= n; done += 16, out += 12) {
        int known;
        const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(in + done));
        const __m128i values = _mm_add_epi8(text, offsets_of_characters(text, &known));
        if (known != 0xffff)
            break;
        const __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
        const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
        const __m128i bytes =
            _mm_shuffle_epi8(groups, _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
        _mm_storeu_si128((__m128i *)(void *)out, bytes);
    }
    return done;
}

#else
typedef int signet_base64url_is_portable; /* no empty translation unit */
#endif
