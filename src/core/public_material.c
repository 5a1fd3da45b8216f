/*
 * public_material.c: telling what anyone may know from a secret (RFC 8725 section 3.1: a public key taken for an HMAC secret lets anyone
 * sign). PEM is judged by look: one whose line breaks were lost is no less public.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "core/jwk.h"
#include "core/key.h"
#include "core/key_der.h"

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

static bool is_public_der(const uint8_t *bytes, size_t len)
{
    if (len < 2 || bytes[0] != 0x30)
        return false;
    (void)ERR_set_mark();
    EVP_PKEY *pkey = signet_der_public(bytes, len);
    EVP_PKEY_free(pkey);
    (void)ERR_pop_to_mark();
    return pkey != NULL;
}

static bool is_public_plain(const void *bytes, size_t len)
{
    return is_public_pem(bytes, len) || is_public_der(bytes, len) || signet_is_public_jwk(bytes, len);
}

/* Rewrites base64 of either alphabet, padded or broken into lines or neither, as base64url. False: it is no base64. */
static bool to_b64url(const char *text, size_t len, char *out, size_t *out_len)
{
    size_t n = 0;
    while (len > 0 && (text[len - 1] == '=' || strchr(" \r\n\t", text[len - 1])) && text[len - 1])
        len--;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '+')
            out[n++] = '-';
        else if (text[i] == '/')
            out[n++] = '_';
        else if (text[i] == 0 || !strchr(" \r\n\t", text[i]))
            out[n++] = text[i];
    }
    *out_len = n;
    return signet_b64url_is_alphabet(out, n);
}

/* Decodes however sloppily it was encoded: the last character's spare bits, and what is left of a group, do not matter here. */
static bool is_public_base64(const char *text, size_t len, char *letters, uint8_t *bytes)
{
    size_t n, bytes_len;
    if (!to_b64url(text, len, letters, &n))
        return false;
    memset(letters + n, 'A', 3);
    n += (4 - n % 4) % 4;
    if (!signet_b64url_decode(letters, n, bytes, &bytes_len))
        return false;
    for (size_t cut = 0; cut <= 2 && cut < bytes_len; cut++)
        if (is_public_plain(bytes, bytes_len - cut))
            return true;
    return false;
}

/* No public key is as short: Ed25519's SubjectPublicKeyInfo has 44 bytes, the shortest JWK more. */
#define SHORTEST 40

signet_status signet_refuse_public_material(const void *bytes, size_t len)
{
    if (len < SHORTEST)
        return SIGNET_OK;
    if (is_public_plain(bytes, len))
        return SIGNET_ERR_KEY_PUBLIC_AS_SECRET;
    const size_t half = len + 4;
    char *room = malloc(2 * half);
    if (!room)
        return SIGNET_ERR_MEMORY;
    const bool is_public = is_public_base64(bytes, len, room, (uint8_t *)room + half);
    OPENSSL_cleanse(room, 2 * half);
    free(room);
    return is_public ? SIGNET_ERR_KEY_PUBLIC_AS_SECRET : SIGNET_OK;
}
