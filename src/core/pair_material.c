/*
 * pair_material.c: recognizes half of a key pair that is given as a secret. With a public key as the HMAC secret,
 * anyone could sign; with a private key, one key would serve two algorithms (RFC 8725 section 3.1). Material is
 * recognized by its form, not by parsing, so a truncated key, or one without its line breaks, is refused too. The 32
 * raw bytes of an Ed25519 key have no form, and pass.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/key.h"
#include "core/key_der.h"

static const char IN_PEM[] = "a key or certificate in PEM", IN_DER[] = "a key or certificate in DER",
                  AS_JWK[] = "the JWK of a key pair", POINT[] = "the point of a public key",
                  PUTTY[] = "a PuTTY key file", IN_XML[] = "an RSA key in XML",
                  SSH[] = "an SSH key (ssh-keygen -e -m PKCS8 -f FILE writes it as PEM)";

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Whether the text begins with `word`, which is in lower case. */
static bool begins(const char *text, size_t len, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i < n; i++)
        if (i == len || lower(text[i]) != word[i])
            return false;
    return true;
}

/* The first place of `word` in capitals or not, or NULL. */
static const char *find(const char *text, const char *end, const char *word)
{
    for (; text < end; text++)
        if (lower(*text) == *word && begins(text, (size_t)(end - text), word))
            return text;
    return NULL;
}

static const char *skip(const char *text, const char *end, const char *set)
{
    while (text < end && *text && strchr(set, *text))
        text++;
    return text;
}

/* PEM (RFC 7468), OpenPGP's armor and RFC 4716's: a dash, BEGIN or END, and a label up to the next dash. */
static const char *look_at_armor(const char *text, const char *end, const char *word)
{
    static const char *const labels[] = {"public", "private", "certificate", "pkcs"};
    for (const char *at = text; (at = find(at, end, word)); at++) {
        const char *before = at > text && at[-1] == ' ' ? at - 1 : at;
        const char *dash = memchr(at, '-', (size_t)(end - at));
        const char *label_end = dash ? dash : end;
        for (size_t i = 0; before > text && before[-1] == '-' && i < sizeof labels / sizeof *labels; i++)
            if (find(at, label_end, labels[i]))
                return find(at, label_end, "ssh") ? SSH : IN_PEM;
    }
    return NULL;
}

/* "kty": "RSA", however it is quoted and escaped: a set, or what is no JSON any more, tells as much. */
static const char *look_at_json(const char *text, const char *end)
{
    static const char *const types[] = {"rsa", "ec", "okp", "akp"};
    for (const char *at = text; (at = find(at, end, "kty")); at++) {
        const char *value = skip(at + 3, end, " \t\r\n\"'\\:");
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
            const char *behind = value + strlen(types[i]);
            if (begins(value, (size_t)(end - value), types[i]) && behind < end && strchr("\"'\\", *behind) && *behind)
                return AS_JWK;
        }
    }
    return NULL;
}

/* "ssh-ed25519 AAAA…", as in authorized_keys and known_hosts; other words may precede it. */
static const char *look_at_ssh_line(const char *text, const char *end, const char *type)
{
    for (const char *at = text; (at = find(at, end, type)); at++) {
        const char *name_end = at;
        while (name_end < end && (unsigned char)*name_end > ' ')
            name_end++;
        const char *blob = skip(name_end, end, " \t");
        if (blob > name_end && begins(blob, (size_t)(end - blob), "aaaa"))
            return SSH;
    }
    return NULL;
}

static const char *look_at_text(const char *text, const char *end)
{
    const char *what = look_at_armor(text, end, "begin");
    if (!what && !(what = look_at_armor(text, end, "end")) && !(what = look_at_ssh_line(text, end, "ssh-")) &&
        !(what = look_at_ssh_line(text, end, "ecdsa-sha2-")) && !(what = look_at_json(text, end)))
        what = find(text, end, "openssh-key-v1")         ? SSH
               : find(text, end, "putty-user-key-file-") ? PUTTY
               : find(text, end, "<rsakeyvalue")         ? IN_XML
                                                         : NULL;
    return what;
}

/* RFC 4253 section 6.6: the name of the key's type, after its length. */
static bool is_ssh_blob(const char *bytes, size_t len)
{
    if (len < 8 || memcmp(bytes, "\0\0", 3) != 0 || (uint8_t)bytes[3] > len - 4)
        return false;
    const char *end = bytes + 4 + (uint8_t)bytes[3];
    return find(bytes + 4, end, "ssh-") || find(bytes + 4, end, "ecdsa-sha2-");
}

/* One DER value: its tag and its contents. False: truncated, or none. */
static bool der_open(const uint8_t *bytes, size_t len, size_t *header_len, size_t *value_len)
{
    const size_t more = len < 2 ? 0 : bytes[1] & 0x80 ? bytes[1] & 0x7f : 0;
    if (len < 2 || more > 3 || len < 2 + more)
        return false;
    *header_len = 2 + more;
    *value_len = more ? 0 : bytes[1];
    for (size_t i = 0; i < more; i++)
        *value_len = *value_len << 8 | bytes[2 + i];
    return *value_len <= len - *header_len;
}

/* Whether a sequence begins as those of keys and certificates do: with a number, or with another sequence of an
 * identifier, a version or a number. No text does, and OpenSSL takes a millisecond to refuse one. */
static bool begins_as_key(const uint8_t *bytes, size_t len)
{
    size_t header, value;
    if (len == 0 || bytes[0] != 0x30)
        return len > 0 && bytes[0] == 0x02;
    if (!der_open(bytes, len, &header, &value) || value == 0)
        return false;
    return bytes[header] == 0x06 || bytes[header] == 0xa0 || bytes[header] == 0x02;
}

/* The identifiers of key types that SubjectPublicKeyInfo and PKCS #8 begin with: RSA and RSA-PSS, EC, X25519 to
 * Ed448, ML-DSA, DSA, and the encryption of PKCS #8. */
static bool begins_with_key_type(const uint8_t *bytes, size_t len)
{
    static const char *const types[] = {
        "\x2a\x86\x48\x86\xf7\x0d\x01\x01", "\x2a\x86\x48\xce\x3d\x02\x01", "\x2b\x65",
        "\x60\x86\x48\x01\x65\x03\x04\x03", "\x2a\x86\x48\xce\x38\x04\x01", "\x2a\x86\x48\x86\xf7\x0d\x01\x05"};
    const uint8_t *end = bytes + (len < 16 ? len : 16); /* behind two headers and a version */
    for (const uint8_t *at = bytes + 2; end - at > 4; at++) {
        if (at[0] != 0x30 || at[2] != 0x06)
            continue;
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            if (at[3] >= strlen(types[i]) && len - (size_t)(at + 4 - bytes) >= at[3] &&
                memcmp(at + 4, types[i], strlen(types[i])) == 0)
                return true;
    }
    return false;
}

static bool is_pkcs12(const uint8_t *der, size_t len)
{
    PKCS12 *file = d2i_PKCS12(NULL, &der, (long)len);
    PKCS12_free(file);
    return file != NULL;
}

/* What may follow the value. */
static bool is_der(const uint8_t *bytes, size_t len)
{
    EVP_PKEY *pkey;
    size_t header, value;
    if (bytes[0] != 0x30)
        return false;
    if (begins_with_key_type(bytes, len))
        return true;
    if (!der_open(bytes, len, &header, &value) || !begins_as_key(bytes + header, value))
        return false;
    const size_t whole = header + value;
    if (!(pkey = signet_der_public(bytes, whole)) && signet_der_private(bytes, whole, NULL, &pkey) != SIGNET_OK)
        return is_pkcs12(bytes, whole);
    EVP_PKEY_free(pkey);
    return true;
}

/* Whether the bytes are a point on one of the curves of JWS, uncompressed (SEC 1 section 2.3.3). */
static bool is_ec_point(const char *bytes, size_t len)
{
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT && bytes[0] == 4; alg++) {
        const signet_alg_row *row = signet_alg_row_of((signet_alg)alg);
        if (row->family != SIGNET_FAMILY_ECDSA || len != 1 + 2 * row->coordinate_len)
            continue;
        OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)row->curve, 0),
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)bytes, len),
            OSSL_PARAM_construct_end()};
        EVP_PKEY *pkey = signet_pkey_from_params("EC", params, false);
        EVP_PKEY_free(pkey);
        if (pkey)
            return true;
    }
    return false;
}

static int base64_value(char c)
{
    const char small = lower(c);
    if (small >= 'a' && small <= 'z')
        return small - 'a' + (c == small ? 26 : 0);
    return c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

/* Decodes digits of `bits` bits each; `between` may stand between them. 0: there is something else. */
static size_t from_digits(const char *text, const char *end, int (*value)(char), unsigned bits, const char *between,
                          char *out)
{
    uint32_t kept = 0;
    unsigned kept_bits = 0;
    size_t n = 0;
    for (; text < end && *text != '='; text++) {
        const int digit = value(*text);
        if (digit >= 0) {
            kept = kept << bits | (uint32_t)digit;
            if ((kept_bits += bits) >= 8)
                out[n++] = (char)(kept >> (kept_bits -= 8));
        } else if (*text == '\\' && end - text > 1 && (text[1] == 'n' || text[1] == 'r')) {
            text++; /* a line break as a shell or a .env file has left it */
        } else if (!*text || !strchr(between, *text)) {
            return 0;
        }
    }
    return n;
}

static size_t from_base64(const char *text, const char *end, char *out)
{
    return from_digits(text, end, base64_value, 6, " \r\n\t\"'", out);
}

static size_t from_hex(const char *text, const char *end, char *out)
{
    return from_digits(begins(text, (size_t)(end - text), "0x") ? text + 2 : text, end, hex_value, 4, " \r\n\t\"':,",
                       out);
}

/* Text in UTF-16, of either byte order or already misread as UTF-8: ASCII and zeros. */
static size_t from_utf16(const char *text, const char *end, char *out)
{
    const size_t len = (size_t)(end - text);
    size_t n = 0;
    for (; text < end; text++)
        if (*text)
            out[n++] = *text;
    return len - n >= len / 3 ? n : 0;
}

static size_t (*const decoders[])(const char *, const char *, char *) = {from_base64, from_hex, from_utf16};

/* No key is as short, nor is the first line of its PEM. */
#define SHORTEST 24

/* What the bytes are, or any of their decodings `depth` times over: NULL for anything but half of a key pair. */
static const char *recognise(const char *bytes, size_t len, unsigned depth, bool *no_memory)
{
    if (len < SHORTEST)
        return NULL;
    const char *what = look_at_text(bytes, bytes + len);
    if (!what)
        what = is_ssh_blob(bytes, len)               ? SSH
               : is_der((const uint8_t *)bytes, len) ? IN_DER
               : is_ec_point(bytes, len)             ? POINT
                                                     : NULL;
    if (what || depth == 0)
        return what;
    char *room = malloc(len);
    if (!room)
        *no_memory = true;
    for (size_t i = 0; room && !what && i < sizeof decoders / sizeof *decoders; i++)
        what = recognise(room, decoders[i](bytes, bytes + len, room), depth - 1, no_memory);
    if (room)
        OPENSSL_cleanse(room, len);
    free(room);
    return what;
}

signet_status signet_refuse_pair_material(const void *bytes, size_t len, signet_error *err)
{
    bool no_memory = false;
    (void)ERR_set_mark();
    const char *what = recognise(bytes, len, 3, &no_memory);
    (void)ERR_pop_to_mark();
    if (what)
        return signet_fail_detail(err, SIGNET_ERR_KEY_PAIR_AS_SECRET, NULL, "%s", what);
    return no_memory ? signet_fail(err, SIGNET_ERR_MEMORY, NULL) : SIGNET_OK;
}
