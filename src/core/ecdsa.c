/* ecdsa.c: r | s to SEQUENCE { INTEGER r, INTEGER s } and back, without the heap. */
#include "core/ecdsa.h"

#include <string.h>

/* Writes an INTEGER: no leading zeros, but one if the number would look negative. NULL: zero. */
static uint8_t *put_integer(uint8_t *to, const uint8_t *number, size_t len)
{
    while (len > 0 && *number == 0)
        number++, len--;
    if (len == 0)
        return NULL;
    const size_t pad = *number >> 7;
    *to++ = 0x02;
    *to++ = (uint8_t)(len + pad);
    if (pad)
        *to++ = 0;
    memcpy(to, number, len);
    return to + len;
}

bool signet_ecdsa_to_der(const uint8_t *raw, size_t coordinate_len, uint8_t *der, size_t *der_len)
{
    uint8_t body[SIGNET_ECDSA_MAX_DER];
    uint8_t *end = put_integer(body, raw, coordinate_len);
    if (!end || !(end = put_integer(end, raw + coordinate_len, coordinate_len)))
        return false;
    const size_t len = (size_t)(end - body);
    *der++ = 0x30;
    if (len > 127)
        *der++ = 0x81;
    *der++ = (uint8_t)len;
    memcpy(der, body, len);
    *der_len = len + (len > 127 ? 3 : 2);
    return true;
}

/* Reads an INTEGER of at most 127 bytes into a field of fixed size. NULL: it is none, or does not fit. */
static const uint8_t *take_integer(const uint8_t *at, const uint8_t *end, uint8_t *out, size_t out_len)
{
    if (end - at < 3 || at[0] != 0x02 || at[1] > 127 || at[1] == 0 || end - at - 2 < at[1])
        return NULL;
    size_t len = at[1];
    at += 2;
    const uint8_t *behind = at + len;
    while (len > 0 && *at == 0)
        at++, len--;
    if (len > out_len)
        return NULL;
    memset(out, 0, out_len - len);
    memcpy(out + out_len - len, at, len);
    return behind;
}

bool signet_ecdsa_from_der(const uint8_t *der, size_t der_len, size_t coordinate_len, uint8_t *raw)
{
    const uint8_t *at = der, *end = der + der_len;
    if (der_len < 8 || *at++ != 0x30)
        return false;
    if (*at == 0x81)
        at++;
    if (*at != (size_t)(end - at - 1))
        return false;
    at = take_integer(at + 1, end, raw, coordinate_len);
    return at && take_integer(at, end, raw + coordinate_len, coordinate_len) == end;
}
