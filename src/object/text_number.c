/* SPDX-License-Identifier: Apache-2.0
 * int(text, base) and float(text): Python's grammar (white space around, underscores
 * between digits, digits of any script).
 */
#include "object/pyunicode.h"
#include "object/text.h"

#include "kernel/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text as ASCII without white space around; decimal digits of other scripts become
 * 0-9, anything else '?'. In the heap: NUL-terminated. */
static Status to_ascii(Cx *cx, Text3 t, Text3 *out)
{
    Text3 cut, none = {NULL, -1, NULL};
    uint8_t *to;
    idx len, n = 0;
    TRY(text_strip(cx, t, 'b', none, &cut));
    TRY(text_new(cx, cut.n + 1, out, &to));
    for (idx i = 0; i < cut.n; i += len) {
        uint32_t c = utf8_decode(cut.p + i, cut.n - i, &len), zero = c;
        if (c >= 0x80 && (char_flags(c) & CH_DECIMAL)) { /* they come in runs of tens */
            while (char_flags(zero - 1) & CH_DECIMAL)
                zero--;
            c = '0' + (c - zero) % 10;
        }
        to[n++] = c < 0x80 && c ? (uint8_t)c : '?';
    }
    to[n] = 0;
    text_shrink(out, n);
    own_unref(cx, cut.own);
    return OK;
}

/* Underscores between digits go; false when one stands elsewhere. */
static bool drop_underscores(uint8_t *p, int64_t *n, bool hex)
{
    int64_t k = 0;
    for (int64_t i = 0; i < *n; i++) {
        if (p[i] != '_') {
            p[k++] = p[i];
            continue;
        }
        uint8_t a = i ? p[i - 1] : 0, b = i + 1 < *n ? p[i + 1] : 0;
        bool ok = hex ? (a != '_' && a && b && b != '_' && a != '+' && a != '-')
                      : (a >= '0' && a <= '9' && b >= '0' && b <= '9');
        if (!ok) return false;
    }
    p[k] = 0;
    *n = k;
    return true;
}

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static Status bad_int(Cx *cx, Text3 t, int64_t base)
{
    Str s = {0};
    TRY(repr_text(cx, &s, t.p, t.n));
    Status st = fail(cx, E_VALUE, "invalid literal for int() with base %lld: %.*s",
                     (long long)base, (int)(s.n > 300 ? 300 : s.n), (char *)s.at);
    str_drop(cx, &s);
    return st;
}

/* 0x, 0o, 0b in front: 0 none. */
static int prefix_base(const uint8_t *p)
{
    if (p[0] != '0') return 0;
    return (p[1] | 32) == 'x'   ? 16
           : (p[1] | 32) == 'o' ? 8
           : (p[1] | 32) == 'b' ? 2
                                : 0;
}

static Status parse_int(Cx *cx, Text3 t, Text3 a, int64_t base, int64_t *out)
{
    int64_t n = a.n, want = base;
    uint8_t *p = (uint8_t *)(a.own + 1);
    bool minus = *p == '-';
    if (*p == '-' || *p == '+') p++, n--;
    int pre = n > 1 ? prefix_base(p) : 0;
    if (pre && (base == 0 || base == pre)) {
        p += 2;
        n -= 2;
        if (n && *p == '_') p++, n--;
        base = pre;
    } else if (base == 0) {
        base = 10;
        bool zeros = strspn((char *)p, "0_") == (size_t)n;
        if (n > 1 && *p == '0' && !zeros) return bad_int(cx, t, want);
    }
    if (n == 0 || !drop_underscores(p, &n, true)) return bad_int(cx, t, want);
    uint64_t v = 0, most = (uint64_t)INT64_MAX + minus;
    bool wide = false;
    for (int64_t i = 0; i < n; i++) {
        int d = digit_of(p[i]);
        if (d >= base) return bad_int(cx, t, want);
        wide |= v > (most - (uint64_t)d) / (uint64_t)base;
        v = v * (uint64_t)base + (uint64_t)d;
    }
    if (wide) return fail(cx, E_OVERFLOW, "int() of a number beyond int64");
    *out = (int64_t)(minus ? 0 - v : v);
    return OK;
}

Status text_int(Cx *cx, Text3 t, int64_t base, int64_t *out)
{
    Text3 a;
    if (base != 0 && (base < 2 || base > 36))
        return fail(cx, E_VALUE, "int() base must be >= 2 and <= 36, or 0");
    TRY(to_ascii(cx, t, &a));
    Status st = parse_int(cx, t, a, base, out);
    own_unref(cx, a.own);
    return st;
}

static bool is_float_word(const char *p)
{
    if (*p == '+' || *p == '-') p++;
    return !strcasecmp(p, "inf") || !strcasecmp(p, "infinity") || !strcasecmp(p, "nan");
}

static bool parse_float(Text3 a, double *out)
{
    char *p = (char *)(a.own + 1), *end;
    int64_t n = a.n;
    if (is_float_word(p)) {
        *out = strtod(p, NULL);
        return true;
    }
    if (n == 0 || strspn(p, "+-.0123456789eE_") != (size_t)n) return false;
    if (!drop_underscores((uint8_t *)p, &n, false)) return false;
    *out = strtod(p, &end);
    return end == p + n;
}

Status text_float(Cx *cx, Text3 t, double *out)
{
    Text3 a;
    Str s = {0};
    TRY(to_ascii(cx, t, &a));
    bool ok = parse_float(a, out);
    own_unref(cx, a.own);
    if (ok) return OK;
    TRY(repr_text(cx, &s, t.p, t.n));
    Status st = fail(cx, E_VALUE, "could not convert string to float: %.*s",
                     (int)(s.n > 300 ? 300 : s.n), (char *)s.at);
    str_drop(cx, &s);
    return st;
}

/* -- complex() --------------------------------------------------------------------- */

/* A float at *p, read as far as it goes: whether there is one. */
static bool read_part(char **p, double *out)
{
    char *end, *q = *p;
    if (*q == '+' || *q == '-') q++;
    bool word = !strncasecmp(q, "inf", 3) || !strncasecmp(q, "nan", 3);
    if (!word && !(*q >= '0' && *q <= '9') && *q != '.') return false;
    if (q[0] == '0' && (q[1] == 'x' || q[1] == 'X')) return false;
    *out = strtod(*p, &end);
    if (end == *p) return false;
    *p = end;
    return true;
}

static bool is_unit(char c)
{
    return c == 'j' || c == 'J';
}

/* "a", "bj", "a+bj", "j", "a-j"; without white space. */
static bool read_complex(char *p, Complex128 *out)
{
    double v;
    *out = (Complex128){0, 0};
    char *start = p;
    bool some = read_part(&p, &v);
    if (some && *p == '\0') {
        out->re = v;
        return true;
    }
    if (some && is_unit(*p)) {
        out->im = v;
        return p[1] == '\0';
    }
    if (some) out->re = v;
    if (!some) p = start;
    if (*p != '+' && *p != '-') { /* "j" */
        out->im = 1;
        return !some && is_unit(*p) && p[1] == '\0';
    }
    if (is_unit(p[1])) {
        out->im = *p == '-' ? -1 : 1;
        return p[2] == '\0';
    }
    if (!some || !read_part(&p, &v)) return false;
    out->im = v;
    return is_unit(*p) && p[1] == '\0';
}

/* Parentheses around are taken away, with white space inside of them. */
static char *unwrapped(char *p, int64_t n)
{
    if (n < 2 || p[0] != '(' || p[n - 1] != ')') return p;
    p[n - 1] = '\0';
    for (int64_t i = n - 2; i > 0 && (p[i] == ' ' || (p[i] >= 9 && p[i] <= 13)); i--)
        p[i] = '\0';
    p++;
    while (*p == ' ' || (*p >= 9 && *p <= 13))
        p++;
    return p;
}

Status text_complex(Cx *cx, Text3 t, Complex128 *out)
{
    Text3 a;
    TRY(to_ascii(cx, t, &a));
    uint8_t *p = (uint8_t *)(a.own + 1);
    int64_t n = a.n;
    bool ok = n > 0 && drop_underscores(p, &n, false) &&
              read_complex(unwrapped((char *)p, n), out);
    own_unref(cx, a.own);
    return ok ? OK : fail(cx, E_VALUE, "complex() arg is a malformed string");
}

/* -- float.hex() ------------------------------------------------------------------- */

Status float_hex(Cx *cx, double v, Text3 *out)
{
    char s[40];
    const char *sign = v < 0 || (v == 0 && signbit(v)) ? "-" : "";
    int e;
    if (isnan(v) || isinf(v))
        return text_copy(cx,
                         (const uint8_t *)(isnan(v) ? "nan"
                                           : v < 0  ? "-inf"
                                                    : "inf"),
                         isinf(v) && v < 0 ? 4 : 3, out);
    double m = frexp(fabs(v), &e);
    if (v == 0) {
        int n = snprintf(s, sizeof s, "%s0x0.0p+0", sign);
        return text_copy(cx, (const uint8_t *)s, n, out);
    }
    int low = e - 1 < -1022 ? -1022 - (e - 1) : 0; /* subnormal: 0x0. */
    uint64_t bits = (uint64_t)ldexp(m, 53 - low);  /* one digit, then 52 bits */
    int n =
        snprintf(s, sizeof s, "%s0x%d.%013llxp%+d", sign, (int)(bits >> 52),
                 (unsigned long long)(bits & ((UINT64_C(1) << 52) - 1)), e - 1 + low);
    return text_copy(cx, (const uint8_t *)s, n, out);
}
