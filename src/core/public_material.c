/*
 * public_material.c: telling what anyone may know from a secret (RFC 8725 section 3.1: a public key taken for an HMAC secret lets anyone
 * sign). The judgement is by look, not by parsing alone: a PEM whose line breaks were lost is no less public.
 */
#include <string.h>

#include "core/key.h"

/* The first place of `needle`, or NULL. */
static const char *find(const char *text, size_t len, const char *needle)
{
    const size_t n = strlen(needle);
    for (; len >= n; text++, len--)
        if (*text == *needle && memcmp(text, needle, n) == 0)
            return text;
    return NULL;
}

static bool is_public_pem(const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *at = text; (at = find(at, (size_t)(end - at), "-----BEGIN "));) {
        at += 11;
        const char *dashes = find(at, (size_t)(end - at), "-----");
        const size_t label_len = (size_t)((dashes ? dashes : end) - at);
        if (find(at, label_len, "PUBLIC KEY") || find(at, label_len, "CERTIFICATE"))
            return true;
    }
    return false;
}

bool signet_is_public_material(const void *bytes, size_t len)
{
    return is_public_pem(bytes, len);
}
