/* json_number.c: numbers of JSON as JavaScript reads them, whatever the locale. */
#include "core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 768 significant digits, and whether any digit after them is not zero, determine every double. */
#define MAX_DIGITS 780

typedef struct decimal {
    bool negative;
    uint64_t small;          /* the digits as an integer, exact while digits_n <= 18 */
    char digits[MAX_DIGITS]; /* significant digits, no point, no leading zeros */
    size_t digits_n;
    int64_t exponent; /* of ten */
} decimal;

static void add_digit(decimal *d, char c, bool behind_point)
{
    if (behind_point)
        d->exponent--;
    if (d->digits_n == 0 && c == '0')
        return;
    if (d->digits_n < MAX_DIGITS - 1) {
        d->digits[d->digits_n++] = c;
        d->small = d->small * 10 + (uint64_t)(c - '0');
        return;
    }
    d->exponent++;
    if (c != '0')
        d->digits[MAX_DIGITS - 2] = '1'; /* sticky: somewhat more than what was kept */
}

/* The exponent's digits, held if a double is long since infinite or zero. */
static int64_t read_exponent(const char *at, const char *end)
{
    const bool negative = at < end && *at == '-';
    int64_t exponent = 0;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end; at++)
        if (exponent < 1000000)
            exponent = exponent * 10 + (*at - '0');
    return negative ? -exponent : exponent;
}

static void read_decimal(const signet_json *value, decimal *d)
{
    const char *at = value->ptr, *end = at + value->len;
    bool behind_point = false;
    d->negative = at < end && *at == '-';
    d->small = 0;
    d->digits_n = 0;
    d->exponent = 0;
    for (at += d->negative; at < end; at++) {
        if (*at == '.')
            behind_point = true;
        else if (*at == 'e' || *at == 'E')
            break;
        else
            add_digit(d, *at, behind_point);
    }
    if (at < end)
        d->exponent += read_exponent(at + 1, end);
}

/* strtod without a decimal point, so that no locale has a say: digits, "e", exponent. */
static double slow_value(const decimal *d)
{
    char text[MAX_DIGITS + 32];
    char *to = text + d->digits_n;
    int64_t exponent = d->exponent;
    char reversed[24];
    size_t n = 0;
    memcpy(text, d->digits, d->digits_n);
    *to++ = 'e';
    if (exponent < 0) {
        *to++ = '-';
        exponent = -exponent;
    }
    do
        reversed[n++] = (char)('0' + exponent % 10);
    while ((exponent /= 10) > 0);
    while (n > 0)
        *to++ = reversed[--n];
    *to = 0;
    return strtod(text, NULL);
}

/* The commonest numbers, times in seconds: nothing but up to 15 digits, which a double holds exactly. */
static bool read_short(const signet_json *value, double *number)
{
    int64_t whole = 0;
    if (value->len > 15)
        return false;
    for (size_t i = 0; i < value->len; i++) {
        if (value->ptr[i] < '0' || value->ptr[i] > '9')
            return false;
        whole = whole * 10 + (value->ptr[i] - '0');
    }
    *number = (double)whole;
    return true;
}

bool signet_json_number(const signet_json *value, double *number)
{
    if (value->kind != SIGNET_JSON_NUMBER)
        return false;
    if (read_short(value, number))
        return true;
    decimal d;
    read_decimal(value, &d);
    const bool exact = d.digits_n <= 15 && d.exponent == 0;
    const double magnitude = d.digits_n == 0 ? 0 : exact ? (double)d.small : slow_value(&d);
    if (!isfinite(magnitude))
        return false;
    *number = d.negative ? -magnitude : magnitude;
    return true;
}

bool signet_json_integer(const signet_json *value, int64_t *number)
{
    double wide;
    if (!signet_json_number(value, &wide) || wide != floor(wide) || fabs(wide) > 9007199254740991.0)
        return false;
    *number = (int64_t)wide;
    return true;
}
