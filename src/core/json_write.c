/* json_write.c: JSON from values. */
#include <string.h>

#include "core/json_flat.h"
#include "core/json_string.h"

char *signet_json_write_integer(int64_t value, char *out)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
        "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    char digits[SIGNET_JSON_INTEGER_MAX], *at = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; left >= 100; left /= 100)
        memcpy(at -= 2, pairs + 2 * (left % 100), 2);
    if (left >= 10)
        memcpy(at -= 2, pairs + 2 * left, 2);
    else
        *--at = (char)('0' + left);
    if (value < 0)
        *out++ = '-';
    const size_t n = (size_t)(digits + sizeof digits - at);
    memcpy(out, at, n);
    return out + n;
}

size_t signet_json_flat_max(const signet_member *members, size_t members_n)
{
    size_t max = 1;
    for (size_t i = 0; i < members_n; i++)
        max += sizeof ",\"\":\"\"" + members[i].name.len +
               (members[i].kind == SIGNET_MEMBER_STRING ? members[i].text.len : SIGNET_JSON_INTEGER_MAX);
    return max;
}

static bool needs_no_escape(signet_text text)
{
    return signet_json_unescaped_end(text.ptr, text.ptr + text.len) == text.ptr + text.len;
}

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

/* NULL: a string that needs an escape, or is not UTF-8. */
static char *write_value(const signet_member *member, char *to)
{
    switch (member->kind) {
    case SIGNET_MEMBER_STRING:
        if (!needs_no_escape(member->text))
            return NULL;
        *to++ = '"';
        to = put(to, member->text.ptr, member->text.len);
        *to++ = '"';
        return to;
    case SIGNET_MEMBER_NUMBER:
        return signet_json_write_integer((int64_t)member->number, to);
    case SIGNET_MEMBER_TRUE:
        return put(to, "true", 4);
    case SIGNET_MEMBER_FALSE:
        return put(to, "false", 5);
    default:
        return put(to, "null", 4);
    }
}

char *signet_json_write_flat(const signet_member *members, size_t members_n, char *out)
{
    char *to = out;
    *to++ = '{';
    for (size_t i = 0; to && i < members_n; i++) {
        if (!needs_no_escape(members[i].name))
            return NULL;
        if (i > 0)
            *to++ = ',';
        *to++ = '"';
        to = put(to, members[i].name.ptr, members[i].name.len);
        to = put(to, "\":", 2);
        to = write_value(&members[i], to);
    }
    return to;
}
