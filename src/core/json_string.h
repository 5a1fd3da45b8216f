/* json_string.h: what the files of the JSON reader share about strings. Private to src/core. */
#ifndef SIGNET_JSON_STRING_H
#define SIGNET_JSON_STRING_H

#include <string.h>
#if defined(__SSE2__) && !defined(SIGNET_PORTABLE)
#include <emmintrin.h>
#endif

#include "core/json.h"

/* Sixteen bytes per step if the processor has the instructions: what follows is looked at in place, as nearly all
 * strings, names and numbers end within one step. */
#if defined(__SSE2__) && !defined(SIGNET_PORTABLE)
#define SIGNET_JSON_WIDE 1

static inline __m128i signet_json_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* A bit for each of the sixteen bytes that is a quote, a backslash, a control character or not ASCII. */
static inline unsigned signet_json_special_mask(const char *at)
{
    const __m128i text = signet_json_load(at);
    const __m128i quoted =
        _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('"')), _mm_cmpeq_epi8(text, _mm_set1_epi8('\\')));
    /* signed: what is not ASCII is less than a space too */
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(quoted, _mm_cmplt_epi8(text, _mm_set1_epi8(0x20))));
}

/* A bit for each of the sixteen bytes that is no digit. */
static inline unsigned signet_json_no_digit_mask(const char *at)
{
    const __m128i value = _mm_sub_epi8(signet_json_load(at), _mm_set1_epi8('0'));
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(10)), _mm_set1_epi8(10)));
}

static inline unsigned signet_json_differing_mask(const char *a, const char *b)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(signet_json_load(a), signet_json_load(b))) ^ 0xFFFF;
}
#endif

/* Behind the digits from `at` on. */
static inline const char *signet_json_digits_end(const char *at, const char *end)
{
#ifdef SIGNET_JSON_WIDE
    if (end - at >= 16) {
        const unsigned others = signet_json_no_digit_mask(at);
        if (others)
            return at + __builtin_ctz(others);
        at += 16;
    }
#endif
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* The first byte from `at` on that is a quote, a backslash, a control character or not ASCII; `end` if there is none.
 * The second way is the first without a step in place. */
const char *signet_json_plain_end_far(const char *at, const char *end);
static inline const char *signet_json_plain_end(const char *at, const char *end)
{
#ifdef SIGNET_JSON_WIDE
    if (end - at >= 16) {
        const unsigned special = signet_json_special_mask(at);
        if (special)
            return at + __builtin_ctz(special);
        at += 16;
    }
#endif
    return signet_json_plain_end_far(at, end);
}

/* The first byte from `at` on that must not be in a string without escapes: a quote, a backslash, a control character
 * or what is not valid UTF-8; `end` if there is none. */
const char *signet_json_unescaped_end_far(const char *at, const char *end);
static inline const char *signet_json_unescaped_end(const char *at, const char *end)
{
    at = signet_json_plain_end(at, end);
    return at < end && (uint8_t)*at >= 0x80 ? signet_json_unescaped_end_far(at, end) : at;
}

/* Begins after the opening quote and returns the closing one; NULL if the string is not valid (`*stopped_at` is where).
 */
const char *signet_json_scan_string(const char *at, const char *end, bool *escaped, const char **stopped_at);

/* The bytes of a valid string, escapes resolved, one at a time. A lone surrogate comes as the three bytes that UTF-8
 * forbids, so that it equals no text. */
typedef struct signet_json_bytes {
    const char *at, *end;
    uint8_t pending[4];
    unsigned pending_n, pending_at;
    bool lone_surrogate; /* one has been seen */
} signet_json_bytes;

void signet_json_bytes_open(signet_json_bytes *bytes, const signet_json *string);
int signet_json_bytes_next(signet_json_bytes *bytes); /* -1 at the end */

#endif
