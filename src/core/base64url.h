/* base64url.h: base64url without padding (RFC 7515 section 2, RFC 4648 section 5), canonical both ways. Private to
 * the library. */
#ifndef SIGNET_BASE64URL_H
#define SIGNET_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters that `n` bytes take. */
static inline size_t signet_b64url_encoded_len(size_t n)
{
    return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

/* Bytes that `n` characters hold; decoding may write up to this and never more. */
static inline size_t signet_b64url_decoded_len(size_t n)
{
    return n / 4 * 3 + (n % 4 ? n % 4 - 1 : 0);
}

/* Writes exactly signet_b64url_encoded_len(n) characters, no NUL; returns how many. */
size_t signet_b64url_encode(const void *bytes, size_t n, char *out);

/* False for anything but the one text that encoding gives: a character outside the alphabet, padding, white space, a
 * length of 4k + 1, trailing bits that are not zero. `out` has room for signet_b64url_decoded_len(n). */
bool signet_b64url_decode(const char *text, size_t n, void *out, size_t *out_len);

/* Whether every character is of the alphabet. */
bool signet_b64url_is_alphabet(const char *text, size_t n);

#endif
