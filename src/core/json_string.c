/* json_string.c: strings of JSON: scanning, escapes, comparison, writing; UTF-8. */
#include "core/json_string.h"

#include <string.h>

/* Length of the UTF-8 sequence that begins with a byte >= 0x80 at `at`; 0 if it is not valid (RFC 3629 section 4). */
static size_t utf8_sequence(const uint8_t *at, const uint8_t *end)
{
    const size_t left = (size_t)(end - at);
    const uint8_t lead = at[0];
    if (lead < 0xC2 || lead > 0xF4 || left < 2)
        return 0;
    const uint8_t second = at[1];
    if (lead < 0xE0)
        return (second & 0xC0) == 0x80 ? 2 : 0;
    const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high || left < 3 || (at[2] & 0xC0) != 0x80)
        return 0;
    if (lead < 0xF0)
        return 3;
    return left >= 4 && (at[3] & 0xC0) == 0x80 ? 4 : 0;
}

bool signet_utf8_valid(const char *text, size_t len)
{
    if (len == 0)
        return true; /* `text` may be NULL */
    const uint8_t *at = (const uint8_t *)text, *end = at + len;
    while (at < end) {
        if (*at < 0x80) {
            at++;
            continue;
        }
        const size_t n = utf8_sequence(at, end);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX; -1 if they are not. */
static int hex4(const char *at, const char *end)
{
    int unit = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Behind the escape that begins with the backslash at `at`; `at` if it is not valid. */
static inline const char *skip_escape(const char *at, const char *end)
{
    if (end - at < 2)
        return at;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 2;
    case 'u':
        return hex4(at + 2, end) >= 0 ? at + 6 : at;
    default:
        return at;
    }
}

/* The high bit of each of the eight bytes that is a quote, a backslash, a control character or not ASCII. A borrow
 * may mark bytes above such a one too, never below. */
static inline uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    const uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    return (word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & highs;
}

static inline bool is_special(uint8_t c)
{
    return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

const char *signet_json_plain_end_far(const char *at, const char *end)
{
#ifdef SIGNET_JSON_WIDE
    for (; end - at >= 16; at += 16) {
        const unsigned special = signet_json_special_mask(at);
        if (special)
            return at + __builtin_ctz(special);
    }
#endif
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        if (special_bytes(word))
            break;
    }
    while (at < end && !is_special((uint8_t)*at))
        at++;
    return at;
}

/* Behind a run of characters that are not ASCII; if it is not valid UTF-8, at what is wrong. */
static const char *skip_utf8(const char *at, const char *end)
{
    while (at < end && (uint8_t)*at >= 0x80) {
        const size_t n = utf8_sequence((const uint8_t *)at, (const uint8_t *)end);
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

const char *signet_json_unescaped_end_far(const char *at, const char *end)
{
    for (;;) {
        const char *behind = skip_utf8(at, end);
        if (behind == at)
            return at;
        at = signet_json_plain_end(behind, end);
    }
}

const char *signet_json_scan_string(const char *at, const char *end, bool *escaped, const char **stopped_at)
{
    *escaped = false;
    while ((at = signet_json_unescaped_end(at, end)) < end) {
        if (*at == '"')
            return at;
        const char *behind = *at == '\\' ? skip_escape(at, end) : at;
        if (behind == at)
            break;
        *escaped = true;
        at = behind;
    }
    *stopped_at = at;
    return NULL;
}

void signet_json_bytes_open(signet_json_bytes *bytes, const signet_json *string)
{
    memset(bytes, 0, sizeof *bytes);
    bytes->at = string->ptr;
    bytes->end = string->ptr + string->len;
}

/* Queues the UTF-8 of a code point. */
static void queue_code_point(signet_json_bytes *bytes, uint32_t code)
{
    uint8_t *out = bytes->pending;
    unsigned n = 0;
    if (code < 0x80) {
        out[n++] = (uint8_t)code;
    } else if (code < 0x800) {
        out[n++] = (uint8_t)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        out[n++] = (uint8_t)(0xE0 | code >> 12);
        out[n++] = (uint8_t)(0x80 | (code >> 6 & 63));
    } else {
        out[n++] = (uint8_t)(0xF0 | code >> 18);
        out[n++] = (uint8_t)(0x80 | (code >> 12 & 63));
        out[n++] = (uint8_t)(0x80 | (code >> 6 & 63));
    }
    if (code >= 0x80)
        out[n++] = (uint8_t)(0x80 | (code & 63));
    bytes->pending_n = n;
    bytes->pending_at = 0;
}

/* Resolves \uXXXX, and the second half of a surrogate pair if it follows. */
static void resolve_unicode_escape(signet_json_bytes *bytes)
{
    uint32_t code = (uint32_t)hex4(bytes->at + 2, bytes->end);
    bytes->at += 6;
    if (code >= 0xD800 && code <= 0xDBFF && bytes->end - bytes->at >= 6 && bytes->at[0] == '\\' &&
        bytes->at[1] == 'u') {
        const uint32_t low = (uint32_t)hex4(bytes->at + 2, bytes->end);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            bytes->at += 6;
        }
    }
    if (code >= 0xD800 && code <= 0xDFFF)
        bytes->lone_surrogate = true;
    queue_code_point(bytes, code);
}

static uint8_t resolve_short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return (uint8_t)c;
    }
}

int signet_json_bytes_next(signet_json_bytes *bytes)
{
    if (bytes->pending_at < bytes->pending_n)
        return bytes->pending[bytes->pending_at++];
    if (bytes->at >= bytes->end)
        return -1;
    if (*bytes->at != '\\')
        return (uint8_t)*bytes->at++;
    if (bytes->at[1] == 'u') {
        resolve_unicode_escape(bytes);
        return bytes->pending[bytes->pending_at++];
    }
    bytes->at += 2;
    return resolve_short_escape(bytes->at[-1]);
}

bool signet_json_equals(const signet_json *value, const char *text, size_t len)
{
    if (value->kind != SIGNET_JSON_STRING)
        return false;
    if (!value->escaped)
        return value->len == len && memcmp(value->ptr, text, len) == 0;
    signet_json_bytes bytes;
    signet_json_bytes_open(&bytes, value);
    for (size_t i = 0; i < len; i++)
        if (signet_json_bytes_next(&bytes) != (uint8_t)text[i])
            return false;
    return signet_json_bytes_next(&bytes) == -1;
}

bool signet_json_copy(const signet_json *value, char *out, size_t size, size_t *out_len)
{
    signet_json_bytes bytes;
    size_t n = 0;
    if (value->kind != SIGNET_JSON_STRING)
        return false;
    signet_json_bytes_open(&bytes, value);
    for (int byte; (byte = signet_json_bytes_next(&bytes)) >= 0;) {
        if (byte == 0 || bytes.lone_surrogate || n + 1 >= size)
            return false;
        out[n++] = (char)byte;
    }
    if (size == 0)
        return false;
    out[n] = 0;
    *out_len = n;
    return true;
}

static size_t write_escape(uint8_t c, char *out)
{
    static const char short_names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    static const char digits[] = "0123456789abcdef";
    out[0] = '\\';
    for (size_t i = 0; i + 1 < sizeof short_names; i += 2) {
        if ((uint8_t)short_names[i] == c) {
            out[1] = short_names[i + 1];
            return 2;
        }
    }
    memcpy(out + 1, "u00", 3);
    out[4] = digits[c >> 4];
    out[5] = digits[c & 15];
    return 6;
}

size_t signet_json_quote(const char *text, size_t len, char *out)
{
    char *to = out;
    *to++ = '"';
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = (uint8_t)text[i];
        if (c < 0x20 || c == '"' || c == '\\')
            to += write_escape(c, to);
        else
            *to++ = (char)c;
    }
    *to++ = '"';
    return (size_t)(to - out);
}
