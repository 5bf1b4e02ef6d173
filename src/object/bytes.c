/* SPDX-License-Identifier: Apache-2.0
 * Methods of bytes where they are not those of str with positions in bytes: white
 * space, letters and case are ASCII only, and any byte may stand anywhere.
 */
#include "object/text.h"

#include "kernel/utf8.h"

#include <string.h>

static bool is_space(uint8_t b)
{
    return b == ' ' || (b >= 9 && b <= 13);
}

static bool is_alpha(uint8_t b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

static bool is_digit(uint8_t b)
{
    return b >= '0' && b <= '9';
}

/* -- Cutting ----------------------------------------------------------------------- */

static bool cuts(uint8_t b, Text3 chars)
{
    if (chars.n < 0) return is_space(b);
    return chars.n && memchr(chars.p, b, (size_t)chars.n) != NULL;
}

Status bytes_strip(Cx *cx, Text3 t, char side, Text3 chars, Text3 *out)
{
    int64_t from = 0, to = t.n;
    while (side != 'r' && from < to && cuts(t.p[from], chars))
        from++;
    while (side != 'l' && to > from && cuts(t.p[to - 1], chars))
        to--;
    return text_copy(cx, t.p + from, to - from, out);
}

static Status put_piece(Cx *cx, List *l, Text3 t, int64_t from, int64_t to)
{
    Text3 piece;
    TRY(text_copy(cx, t.p + from, to - from, &piece));
    Status st = list_push(cx, l, &piece);
    own_unref(cx, piece.own);
    return st;
}

/* At white space, from the left. */
static Status split_left(Cx *cx, Text3 t, int64_t most, List *l)
{
    for (int64_t i = 0;;) {
        while (i < t.n && is_space(t.p[i]))
            i++;
        if (i >= t.n) return OK;
        int64_t from = i;
        if (most-- == 0) return put_piece(cx, l, t, from, t.n);
        while (i < t.n && !is_space(t.p[i]))
            i++;
        TRY(put_piece(cx, l, t, from, i));
    }
}

static Status split_right(Cx *cx, Text3 t, int64_t most, List *l)
{
    for (int64_t i = t.n;;) {
        while (i > 0 && is_space(t.p[i - 1]))
            i--;
        if (i <= 0) break;
        int64_t to = i;
        if (most-- == 0) {
            TRY(put_piece(cx, l, t, 0, to));
            break;
        }
        while (i > 0 && !is_space(t.p[i - 1]))
            i--;
        TRY(put_piece(cx, l, t, i, to));
    }
    for (int64_t a = 0, b = l->n - 1; a < b; a++, b--) {
        Text3 x, y;
        memcpy(&x, list_at(l, a), sizeof x);
        memcpy(&y, list_at(l, b), sizeof y);
        memcpy(list_at(l, a), &y, sizeof y);
        memcpy(list_at(l, b), &x, sizeof x);
    }
    return OK;
}

Status bytes_split(Cx *cx, Text3 t, int64_t most, bool right, const ObjType *lt,
                   List **out)
{
    TRY(list_new(cx, lt, 0, out));
    return right ? split_right(cx, t, most, *out) : split_left(cx, t, most, *out);
}

Status bytes_replace(Cx *cx, Text3 t, Text3 from, Text3 with, int64_t most, Text3 *out)
{
    uint8_t *to;
    if (from.n) return text_replace(cx, t, from, with, most, out);
    int64_t gaps = t.n + 1, k = most < 0 || most > gaps ? gaps : most;
    TRY(text_new(cx, t.n + k * with.n, out, &to));
    for (int64_t g = 0; g < gaps; g++) {
        if (g < k && with.n) memcpy(to, with.p, (size_t)with.n);
        if (g < k) to += with.n;
        if (g < t.n) *to++ = t.p[g];
    }
    return OK;
}

/* -- Case and kinds ---------------------------------------------------------------- */

Status bytes_case(Cx *cx, Text3 t, char what, Text3 *out)
{
    uint8_t *to;
    TRY(text_new(cx, t.n, out, &to));
    for (int64_t i = 0; i < t.n; i++) {
        uint8_t b = t.p[i];
        bool low = b >= 'a' && b <= 'z';
        bool flip = is_alpha(b) && (what == 's' || (what == 'u') == low);
        if (what == 'c') flip = is_alpha(b) && (i == 0) == low;
        to[i] = flip ? b ^ 0x20 : b;
    }
    return OK;
}

static bool all_of(Text3 t, char what)
{
    for (int64_t i = 0; i < t.n; i++) {
        uint8_t b = t.p[i];
        bool ok = what == 'a'   ? is_alpha(b)
                  : what == 'n' ? is_alpha(b) || is_digit(b)
                  : what == 'D' ? is_digit(b)
                  : what == 's' ? is_space(b)
                                : b < 0x80;
        if (!ok) return false;
    }
    return t.n > 0 || what == 'A';
}

bool bytes_kind(Text3 t, char what)
{
    if (what != 'l' && what != 'u') return all_of(t, what);
    bool any = false;
    for (int64_t i = 0; i < t.n; i++) {
        if (!is_alpha(t.p[i])) continue;
        if ((what == 'l') != (t.p[i] >= 'a')) return false;
        any = true;
    }
    return any;
}

/* -- Numbers and text -------------------------------------------------------------- */

Status bytes_hex(Cx *cx, Text3 t, Text3 *out)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t *to;
    TRY(text_new(cx, 2 * t.n, out, &to));
    for (int64_t i = 0; i < t.n; i++) {
        to[2 * i] = (uint8_t)digit[t.p[i] >> 4];
        to[2 * i + 1] = (uint8_t)digit[t.p[i] & 15];
    }
    return OK;
}

static int hex_digit(uint8_t b)
{
    if (is_digit(b)) return b - '0';
    if ((b | 0x20) >= 'a' && (b | 0x20) <= 'f') return (b | 0x20) - 'a' + 10;
    return -1;
}

Status bytes_unhex(Cx *cx, Text3 t, Text3 *out)
{
    uint8_t *to;
    int64_t n = 0;
    TRY(text_new(cx, t.n / 2 + 1, out, &to));
    for (int64_t i = 0; i < t.n; i++) {
        if (is_space(t.p[i])) continue;
        int a = hex_digit(t.p[i]), b = i + 1 < t.n ? hex_digit(t.p[i + 1]) : -1;
        if (a < 0 || b < 0)
            return fail(cx, E_VALUE,
                        "non-hexadecimal number found in fromhex() arg at position "
                        "%lld",
                        (long long)(a < 0 ? i : i + 1));
        to[n++] = (uint8_t)(16 * a + b);
        i++;
    }
    text_shrink(out, n);
    return OK;
}

Status bytes_of_ints(Cx *cx, const int64_t *v, int64_t n, Text3 *out)
{
    uint8_t *to;
    TRY(text_new(cx, n, out, &to));
    for (int64_t i = 0; i < n; i++) {
        if (v[i] < 0 || v[i] > 255)
            return fail(cx, E_VALUE, "bytes must be in range(0, 256)");
        to[i] = (uint8_t)v[i];
    }
    return OK;
}

/* -- repr() ------------------------------------------------------------------------ */

Status repr_bytes(Cx *cx, Str *s, const uint8_t *p, idx n)
{
    static const char digit[] = "0123456789abcdef";
    bool single = n && memchr(p, '\'', (size_t)n) != NULL,
         dbl = n && memchr(p, '"', (size_t)n) != NULL;
    char quote = single && !dbl ? '"' : '\'';
    TRY(str_puts(cx, s, quote == '"' ? "b\"" : "b'"));
    for (idx i = 0; i < n; i++) {
        uint8_t b = p[i];
        char e[5] = {'\\', 'x', digit[b >> 4], digit[b & 15], 0};
        if (b == '\n' || b == '\r' || b == '\t') {
            e[1] = b == '\n' ? 'n' : b == '\r' ? 'r' : 't';
            e[2] = 0;
        } else if (b == (uint8_t)quote || b == '\\') {
            e[1] = (char)b;
            e[2] = 0;
        } else if (b >= 0x20 && b < 0x7f) {
            e[0] = (char)b;
            e[1] = 0;
        }
        TRY(str_puts(cx, s, e));
    }
    return str_put(cx, s, &quote, 1);
}
