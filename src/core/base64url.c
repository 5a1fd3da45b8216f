/* base64url.c: table-driven, four characters a step; most of a longer text goes sixteen a step if the processor can
 * (base64url_wide.c).
 */
#include "core/base64url.h"

#include <string.h>

#include "core/base64url_wide.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define X 0xFF
/* Value of each character; X, whose high bit no value has, for what is not of the alphabet. */
static const uint8_t values[256] = {
    X,  X,  X,  X,  X,  X,  X,  X, X,  X, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X, X,  X, X,  X,  X,  X,  X,  X,  62, X,  X,  52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    X,  X,  X,  X,  X,  X,  X,  0, 1,  2, 3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, X,  X,  X,  X, 63, X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
    45, 46, 47, 48, 49, 50, 51, X, X,  X, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X, X,  X, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X, X,  X, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X, X,  X, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X, X,  X, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
};
#undef X

/* How much of the front the wide way has done. */
static size_t encode_front(const uint8_t *in, size_t n, char *out)
{
#ifdef SIGNET_B64URL_WIDE
    if (n >= 16 && __builtin_cpu_supports("ssse3"))
        return signet_b64url_encode_wide(in, n, out);
#endif
    (void)in, (void)n, (void)out;
    return 0;
}

static size_t decode_front(const uint8_t *in, size_t n, uint8_t *out)
{
#ifdef SIGNET_B64URL_WIDE
    if (n >= 22 && __builtin_cpu_supports("ssse3"))
        return signet_b64url_decode_wide(in, n, out);
#endif
    (void)in, (void)n, (void)out;
    return 0;
}

size_t signet_b64url_encode(const void *bytes, size_t n, char *out)
{
    const size_t front = encode_front(bytes, n, out);
    const uint8_t *in = (const uint8_t *)bytes + front;
    char *to = out + front / 3 * 4;
    n -= front;
    for (; n >= 3; n -= 3, in += 3, to += 4) {
        const uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        to[0] = alphabet[group >> 18];
        to[1] = alphabet[group >> 12 & 63];
        to[2] = alphabet[group >> 6 & 63];
        to[3] = alphabet[group & 63];
    }
    if (n > 0) {
        const uint32_t group = (uint32_t)in[0] << 16 | (n == 2 ? (uint32_t)in[1] << 8 : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        if (n == 2)
            *to++ = alphabet[group >> 6 & 63];
    }
    return (size_t)(to - out);
}

/* The last two or three characters, whose unused bits must be zero. */
static bool decode_tail(const uint8_t *in, size_t n, uint8_t *to)
{
    const uint8_t a = values[in[0]], b = n > 1 ? values[in[1]] : 0xFF, c = n > 2 ? values[in[2]] : 0;
    if ((a | b | c) & 0x80)
        return false;
    to[0] = (uint8_t)(a << 2 | b >> 4);
    if (n == 2)
        return (b & 15) == 0;
    to[1] = (uint8_t)(b << 4 | c >> 2);
    return (c & 3) == 0;
}

bool signet_b64url_decode(const char *text, size_t n, void *out, size_t *out_len)
{
    const size_t front = decode_front((const uint8_t *)text, n, out);
    const uint8_t *in = (const uint8_t *)text + front;
    uint8_t *to = (uint8_t *)out + front / 4 * 3, bad = 0;
    *out_len = signet_b64url_decoded_len(n);
    n -= front;
    for (; n >= 4; n -= 4, in += 4, to += 3) {
        const uint8_t a = values[in[0]], b = values[in[1]], c = values[in[2]], d = values[in[3]];
        bad |= a | b | c | d;
        to[0] = (uint8_t)(a << 2 | b >> 4);
        to[1] = (uint8_t)(b << 4 | c >> 2);
        to[2] = (uint8_t)(c << 6 | d);
    }
    if (bad & 0x80)
        return false;
    return n == 0 || decode_tail(in, n, to);
}

bool signet_b64url_is_alphabet(const char *text, size_t n)
{
    uint8_t bad = 0;
    for (size_t i = 0; i < n; i++)
        bad |= values[(uint8_t)text[i]];
    return (bad & 0x80) == 0;
}
