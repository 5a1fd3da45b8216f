/* base64url_wide.h: sixteen characters a step, if the processor has SSSE3 (every x86-64 since 2006). Private to
 * base64url.c. */
#ifndef SIGNET_BASE64URL_WIDE_H
#define SIGNET_BASE64URL_WIDE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(SIGNET_PORTABLE)
#define SIGNET_B64URL_WIDE 1

/* Both do as much of the front as goes by whole steps without touching a byte outside `in[0..n)` and the room that
 * encoding or decoding all of it takes, and return how much of `in` that was: a multiple of 12 bytes, or of 16
 * characters. Decoding stops before a character that is not of the alphabet. */
size_t signet_b64url_encode_wide(const uint8_t *in, size_t n, char *out);
size_t signet_b64url_decode_wide(const uint8_t *in, size_t n, uint8_t *out);
#endif

#endif
