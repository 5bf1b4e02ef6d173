/* SPDX-License-Identifier: Apache-2.0
 * Positions, searching, cutting and joining of one text.
 */
#include "object/text.h"

#include "base/bytes.h"
#include "kernel/utf8.h"
#include "object/object_layout.h"

#include <string.h>

int64_t text_chars(Text3 t)
{
    return t.n <= 0 ? 0 : utf8_count(t.p, t.n);
}

static bool is_ascii(Text3 t)
{
    return utf8_is_ascii(t.p, t.n);
}

/* -- Positions --------------------------------------------------------------------- */

static int64_t clamp(int64_t i, int64_t n, int64_t low, int64_t high)
{
    if (i < 0) i += n;
    return i < low ? low : i > high ? high : i;
}

Status span_of(Cx *cx, Span s, int64_t n, int64_t *start, int64_t *count)
{
    if (s.step == 0) return fail(cx, E_VALUE, "slice step cannot be zero");
    if (s.step == INT64_MIN) s.step = -INT64_MAX;
    int64_t low = s.step > 0 ? 0 : -1, high = s.step > 0 ? n : n - 1;
    int64_t a = s.has & TEXT_HAS_START ? clamp(s.start, n, low, high)
                                       : (s.step > 0 ? 0 : n - 1);
    int64_t b =
        s.has & TEXT_HAS_STOP ? clamp(s.stop, n, low, high) : (s.step > 0 ? n : -1);
    *start = a;
    *count = 0;
    if (s.step > 0 && a < b) *count = (b - a - 1) / s.step + 1;
    if (s.step < 0 && a > b) *count = (a - b - 1) / -s.step + 1;
    return OK;
}

/* Bytes [*from, *to) of characters start:stop; false: start lies behind the end. */
static bool bytes_of(Text3 t, Span s, int64_t *from, int64_t *to)
{
    *from = 0;
    *to = t.n;
    if (!s.has) return true;
    int64_t n = s.raw || is_ascii(t) ? t.n : text_chars(t);
    int64_t a = s.has & TEXT_HAS_START ? s.start : 0;
    int64_t b = s.has & TEXT_HAS_STOP ? s.stop : n;
    if (a < 0) a = a + n < 0 ? 0 : a + n;
    b = clamp(b, n, 0, n);
    if (a > n || a > b) return false;
    *from = n == t.n ? a : utf8_skip(t.p, t.n, 0, a);
    *to = n == t.n ? b : utf8_skip(t.p, t.n, 0, b);
    return true;
}

/* Byte position of the character that comes `chars` before the one at byte at. */
static int64_t skip_back(const uint8_t *s, int64_t at, int64_t chars)
{
    while (chars > 0 && at > 0)
        chars -= utf8_starts(s[--at]);
    return at;
}

uint32_t text_at(Text3 t, int64_t chars, int64_t i, TextPlace *near)
{
    idx len;
    int64_t gap = i - near->index, at;
    if (i < gap || i < -gap) /* the start is nearer */
        at = utf8_skip(t.p, t.n, 0, i);
    else if (chars - i < gap || chars - i < -gap) /* the end is */
        at = skip_back(t.p, t.n, chars - i);
    else if (gap >= 0)
        at = utf8_skip(t.p, t.n, near->byte, gap);
    else
        at = skip_back(t.p, near->byte, -gap);
    *near = (TextPlace){i, at};
    return utf8_decode(t.p + at, t.n - at, &len);
}

Status text_char(Cx *cx, uint32_t c, Text3 *out)
{
    uint8_t b[4];
    idx n = utf8_encode(c, b);
    return text_copy(cx, b, n, out);
}

Status text_slice(Cx *cx, Text3 t, Span s, Text3 *out)
{
    int64_t n = s.raw || is_ascii(t) ? t.n : text_chars(t), start, count;
    uint8_t *to;
    TRY(span_of(cx, s, n, &start, &count));
    if (n == t.n) {
        if (s.step == 1) return text_copy(cx, t.p + start, count, out);
        TRY(text_new(cx, count, out, &to));
        for (int64_t i = 0; i < count; i++)
            to[i] = t.p[start + i * s.step];
        return OK;
    }
    if (s.step == 1) {
        idx a = utf8_skip(t.p, t.n, 0, start), b = utf8_skip(t.p, t.n, a, count);
        return text_copy(cx, t.p + a, b - a, out);
    }
    TRY(text_new(cx, 4 * count, out, &to));
    idx size = 0;
    TextPlace near = {0, 0};
    for (int64_t i = 0; i < count; i++) {
        idx len;
        (void)text_at(t, n, start + i * s.step, &near);
        (void)utf8_decode(t.p + near.byte, t.n - near.byte, &len);
        memcpy(to + size, t.p + near.byte, (size_t)len);
        size += len;
    }
    text_shrink(out, size);
    return OK;
}

/* -- Joining ----------------------------------------------------------------------- */

Status text_cat(Cx *cx, const Text3 *t, int64_t n, Text3 *out)
{
    int64_t size = 0;
    uint8_t *to;
    for (int64_t i = 0; i < n; i++)
        size += t[i].n > 0 ? t[i].n : 0;
    TRY(text_new(cx, size, out, &to));
    for (int64_t i = 0; i < n; i++) {
        if (t[i].n <= 0) continue;
        memcpy(to, t[i].p, (size_t)t[i].n);
        to += t[i].n;
    }
    return OK;
}

Status text_repeat(Cx *cx, Text3 t, int64_t times, Text3 *out)
{
    uint8_t *to;
    if (times <= 0 || t.n <= 0) return text_copy(cx, "", 0, out);
    if (times > INT64_MAX / 4 / t.n)
        return fail(cx, E_OVERFLOW, "repeated string is too long");
    TRY(text_new(cx, t.n * times, out, &to));
    for (int64_t i = 0; i < times; i++)
        memcpy(to + i * t.n, t.p, (size_t)t.n);
    return OK;
}

static Text3 text_item(const List *l, int64_t i)
{
    Text3 t;
    memcpy(&t, list_at(l, i), sizeof t);
    return t;
}

Status text_join(Cx *cx, Text3 sep, const List *l, Text3 *out)
{
    int64_t size = 0;
    uint8_t *to;
    if (l->obj.type->item[0]->kind != OK_TEXT && l->n)
        return fail(cx, E_TYPE, "sequence item 0: expected str instance");
    for (int64_t i = 0; i < l->n; i++)
        size += text_item(l, i).n + (i ? sep.n : 0);
    TRY(text_new(cx, size, out, &to));
    for (int64_t i = 0; i < l->n; i++) {
        Text3 t = text_item(l, i);
        if (i && sep.n) memcpy(to, sep.p, (size_t)sep.n);
        if (i) to += sep.n;
        if (t.n) memcpy(to, t.p, (size_t)t.n);
        to += t.n;
    }
    return OK;
}

/* -- Searching --------------------------------------------------------------------- */

static int64_t find_bytes(const uint8_t *s, int64_t n, const uint8_t *sub, int64_t m)
{
    if (m == 0) return 0;
    if (m > n) return -1;
    const uint8_t *hit = memmem(s, (size_t)n, sub, (size_t)m);
    return hit ? hit - s : -1;
}

static int64_t rfind_bytes(const uint8_t *s, int64_t n, const uint8_t *sub, int64_t m)
{
    for (int64_t i = n - m; i >= 0; i--)
        if (m == 0 || !memcmp(s + i, sub, (size_t)m)) return i;
    return -1;
}

int64_t text_find(Text3 t, Text3 sub, Span s, bool right)
{
    int64_t from, to;
    if (!bytes_of(t, s, &from, &to)) return -1;
    int64_t i = right ? rfind_bytes(t.p + from, to - from, sub.p, sub.n)
                      : find_bytes(t.p + from, to - from, sub.p, sub.n);
    if (i < 0) return -1;
    return s.raw ? from + i : utf8_count(t.p, from + i);
}

int64_t text_count(Text3 t, Text3 sub, Span s)
{
    int64_t from, to, k = 0;
    if (!bytes_of(t, s, &from, &to)) return 0;
    if (sub.n == 0) return (s.raw ? to - from : utf8_count(t.p + from, to - from)) + 1;
    for (;;) {
        int64_t i = find_bytes(t.p + from, to - from, sub.p, sub.n);
        if (i < 0) return k;
        k++;
        from += i + sub.n;
    }
}

bool text_affix(Text3 t, Text3 part, Span s, bool end)
{
    int64_t from, to;
    if (!bytes_of(t, s, &from, &to) || to - from < part.n) return false;
    return part.n == 0 ||
           !memcmp(t.p + (end ? to - part.n : from), part.p, (size_t)part.n);
}

Status text_cut(Cx *cx, Text3 t, Text3 part, bool end, Text3 *out)
{
    Span all = {.step = 1};
    if (!part.n || !text_affix(t, part, all, end)) return text_copy(cx, t.p, t.n, out);
    return text_copy(cx, t.p + (end ? 0 : part.n), t.n - part.n, out);
}

/* -- Replacing --------------------------------------------------------------------- */

/* Between all characters when `from` is empty. */
static Status spread(Cx *cx, Text3 t, Text3 with, int64_t most, Text3 *out)
{
    int64_t gaps = text_chars(t) + 1, k = most < 0 || most > gaps ? gaps : most;
    uint8_t *to;
    TRY(text_new(cx, t.n + k * with.n, out, &to));
    idx i = 0;
    for (int64_t g = 0; g < gaps; g++) {
        if (g < k && with.n) memcpy(to, with.p, (size_t)with.n);
        if (g < k) to += with.n;
        if (i == t.n) break;
        idx next = utf8_skip(t.p, t.n, i, 1);
        memcpy(to, t.p + i, (size_t)(next - i));
        to += next - i;
        i = next;
    }
    return OK;
}

static int64_t count_most(Text3 t, Text3 from, int64_t most)
{
    int64_t k = text_count(t, from, (Span){.step = 1});
    return most >= 0 && most < k ? most : k;
}

Status text_replace(Cx *cx, Text3 t, Text3 from, Text3 with, int64_t most, Text3 *out)
{
    uint8_t *to;
    if (from.n == 0) return spread(cx, t, with, most, out);
    int64_t k = count_most(t, from, most), at = 0;
    TRY(text_new(cx, t.n + k * (with.n - from.n), out, &to));
    while (k-- > 0) {
        int64_t i = find_bytes(t.p + at, t.n - at, from.p, from.n);
        memcpy(to, t.p + at, (size_t)i);
        to += i;
        if (with.n) memcpy(to, with.p, (size_t)with.n);
        to += with.n;
        at += i + from.n;
    }
    if (t.n > at) memcpy(to, t.p + at, (size_t)(t.n - at));
    return OK;
}

/* -- Splitting: the pieces share one block ----------------------------------------- */

typedef struct Split {
    Cx *cx;
    Text3 t; /* owned for the time of splitting */
    List *l;
} Split;

static Status split_begin(Split *s, Cx *cx, Text3 t, const ObjType *lt, List **out)
{
    s->cx = cx;
    s->t = t;
    TRY(list_new(cx, lt, 0, &s->l));
    *out = s->l;
    return text_keep(cx, &s->t);
}

static Status split_put(Split *s, int64_t from, int64_t to)
{
    Text3 piece = {s->t.p + from, to - from, s->t.own};
    if (s->l->n == s->l->cap) TRY(list_reserve(s->cx, s->l, s->l->n + 1));
    memcpy(list_at(s->l, s->l->n++), &piece, sizeof piece);
    return OK;
}

/* Each piece holds the block: counted here at once. A failure before leaves them
 * uncounted, to the end of the call. */
static void split_end(Split *s)
{
    if (own_counts(s->t.own)) s->t.own->refs += s->l->n;
    own_unref(s->cx, s->t.own);
}

static void reverse_texts(List *l)
{
    for (int64_t i = 0, k = l->n - 1; i < k; i++, k--) {
        Text3 a = text_item(l, i), b = text_item(l, k);
        memcpy(list_at(l, i), &b, sizeof b);
        memcpy(list_at(l, k), &a, sizeof a);
    }
}

static bool space_at(const uint8_t *s, int64_t n, int64_t i, idx *len)
{
    /* Of ASCII: 9 to 13, 28 to 32. */
    static const uint64_t low = UINT64_C(0x1f0003e00);
    uint8_t b = s[i];
    *len = 1;
    if (b < 0x80) return b <= ' ' && (low >> b & 1);
    uint32_t c = utf8_decode(s + i, n - i, len);
    return (char_flags(c) & 16) != 0;
}

static int64_t char_before(const uint8_t *s, int64_t i)
{
    i--;
    while (i > 0 && !utf8_starts(s[i]))
        i--;
    return i;
}

/* The first byte from i on that may be a space: a control character, a blank, a byte
 * beyond ASCII. Eight at a time: the lowest bit that the subtraction leaves is right.
 */
static int64_t word_run(const uint8_t *p, int64_t n, int64_t i)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    for (; i + 8 <= n; i += 8) {
        uint64_t x = bytes_load8(p + i);
        uint64_t odd = ((x - UINT64_C(0x2121212121212121)) | x) & high;
        if (odd) return i + __builtin_ctzll(odd) / 8;
    }
    while (i < n && p[i] > ' ' && p[i] < 0x80)
        i++;
    return i;
}

static Status split_spaces(Split *s, int64_t most)
{
    const uint8_t *p = s->t.p;
    int64_t i = 0, n = s->t.n;
    idx len;
    for (;;) {
        while (i < n && space_at(p, n, i, &len))
            i += len;
        if (i >= n) return OK;
        int64_t from = i;
        if (most-- == 0) return split_put(s, from, n);
        while ((i = word_run(p, n, i)) < n && !space_at(p, n, i, &len))
            i += len;
        TRY(split_put(s, from, i));
    }
}

static Status rsplit_spaces(Split *s, int64_t most)
{
    const uint8_t *p = s->t.p;
    int64_t i = s->t.n, n = s->t.n;
    idx len;
    for (;;) {
        while (i > 0 && space_at(p, n, char_before(p, i), &len))
            i = char_before(p, i);
        if (i <= 0) return OK;
        int64_t end = i;
        if (most-- == 0) return split_put(s, 0, end);
        while (i > 0 && !space_at(p, n, char_before(p, i), &len))
            i = char_before(p, i);
        TRY(split_put(s, i, end));
    }
}

static Status split_by(Split *s, Text3 sep, int64_t most)
{
    int64_t at = 0;
    while (most-- != 0) {
        int64_t i = find_bytes(s->t.p + at, s->t.n - at, sep.p, sep.n);
        if (i < 0) break;
        TRY(split_put(s, at, at + i));
        at += i + sep.n;
    }
    return split_put(s, at, s->t.n);
}

static Status rsplit_by(Split *s, Text3 sep, int64_t most)
{
    int64_t end = s->t.n;
    while (most-- != 0) {
        int64_t i = rfind_bytes(s->t.p, end, sep.p, sep.n);
        if (i < 0) break;
        TRY(split_put(s, i + sep.n, end));
        end = i;
    }
    return split_put(s, 0, end);
}

Status text_split(Cx *cx, Text3 t, Text3 sep, int64_t most, bool right,
                  const ObjType *lt, List **out)
{
    Split s;
    if (sep.n == 0) return fail(cx, E_VALUE, "empty separator");
    TRY(split_begin(&s, cx, t, lt, out));
    if (sep.n < 0)
        TRY(right ? rsplit_spaces(&s, most) : split_spaces(&s, most));
    else
        TRY(right ? rsplit_by(&s, sep, most) : split_by(&s, sep, most));
    if (right) reverse_texts(s.l);
    split_end(&s);
    return OK;
}

/* Bytes of the line end at i: 0 when there is none. */
static int64_t line_end(const uint8_t *p, int64_t n, int64_t i)
{
    uint8_t b = p[i];
    if (b == '\r') return i + 1 < n && p[i + 1] == '\n' ? 2 : 1;
    if ((b >= 10 && b <= 12) || (b >= 0x1c && b <= 0x1e)) return 1;
    if (b == 0xc2 && i + 1 < n && p[i + 1] == 0x85) return 2;
    bool sep = b == 0xe2 && i + 2 < n && p[i + 1] == 0x80 &&
               (p[i + 2] == 0xa8 || p[i + 2] == 0xa9);
    return sep ? 3 : 0;
}

Status text_lines(Cx *cx, Text3 t, bool keep, const ObjType *lt, List **out)
{
    Split s;
    TRY(split_begin(&s, cx, t, lt, out));
    int64_t from = 0, i = 0;
    while (i < t.n) {
        int64_t e = line_end(s.t.p, t.n, i);
        if (!e) {
            i++;
            continue;
        }
        TRY(split_put(&s, from, keep ? i + e : i));
        i += e;
        from = i;
    }
    if (from < t.n) TRY(split_put(&s, from, t.n));
    split_end(&s);
    return OK;
}

Status text_list(Cx *cx, Text3 t, const ObjType *lt, List **out)
{
    Split s;
    TRY(split_begin(&s, cx, t, lt, out));
    for (idx i = 0, next; i < t.n; i = next) {
        next = utf8_skip(s.t.p, t.n, i, 1);
        TRY(split_put(&s, i, next));
    }
    split_end(&s);
    return OK;
}

Status text_partition(Cx *cx, Text3 t, Text3 sep, bool right, Text3 out[3])
{
    if (sep.n == 0) return fail(cx, E_VALUE, "empty separator");
    int64_t i = right ? rfind_bytes(t.p, t.n, sep.p, sep.n)
                      : find_bytes(t.p, t.n, sep.p, sep.n);
    int64_t a = i < 0 ? (right ? 0 : t.n) : i, b = i < 0 ? a : i + sep.n;
    TRY(text_copy(cx, t.p, a, &out[0]));
    TRY(text_copy(cx, t.p + a, b - a, &out[1]));
    return text_copy(cx, t.p + b, t.n - b, &out[2]);
}

/* -- Padding ----------------------------------------------------------------------- */

static uint8_t *fill_with(uint8_t *to, Text3 fill, int64_t n)
{
    for (; n > 0; n--, to += fill.n)
        memcpy(to, fill.p, (size_t)fill.n);
    return to;
}

Status text_pad(Cx *cx, Text3 t, char what, int64_t width, Text3 fill, Text3 *out)
{
    static const Text3 zero = {(const uint8_t *)"0", 1, NULL};
    uint8_t *to;
    int64_t n = text_chars(t), gap = width - n;
    if (what == 'z') fill = zero;
    if (text_chars(fill) != 1)
        return fail(cx, E_TYPE,
                    "The fill character must be exactly one character long");
    if (gap <= 0) return text_copy(cx, t.p, t.n, out);
    if (gap > INT64_MAX / 8) return fail(cx, E_OVERFLOW, "padded string is too long");
    int64_t left = what == 'l' ? 0 : what == 'c' ? gap / 2 + (gap & width & 1) : gap;
    TRY(text_new(cx, t.n + gap * fill.n, out, &to));
    bool sign = what == 'z' && t.n && (t.p[0] == '+' || t.p[0] == '-');
    if (sign) *to++ = t.p[0];
    to = fill_with(to, fill, left);
    if (t.n > sign) memcpy(to, t.p + sign, (size_t)(t.n - sign));
    (void)fill_with(to + t.n - sign, fill, gap - left);
    return OK;
}

Status text_tabs(Cx *cx, Text3 t, int64_t size, Text3 *out)
{
    Str s = {0};
    int64_t col = 0;
    for (int64_t i = 0; i < t.n; i++) {
        uint8_t b = t.p[i];
        if (b == '\t') {
            int64_t gap = size > 0 ? size - col % size : 0;
            for (int64_t k = 0; k < gap; k++)
                TRY(str_put(cx, &s, " ", 1));
            col += gap;
            continue;
        }
        TRY(str_put(cx, &s, &b, 1));
        if (utf8_starts(b)) col++;
        if (b == '\n' || b == '\r') col = 0;
    }
    return str_end(cx, &s, out);
}

/* -- Numbers ----------------------------------------------------------------------- */

Status text_ord(Cx *cx, Text3 t, int64_t *out)
{
    idx len;
    int64_t n = text_chars(t);
    if (n != 1)
        return fail(cx, E_TYPE,
                    "ord() expected a character, but string of length %lld found",
                    (long long)n);
    *out = utf8_decode(t.p, t.n, &len);
    return OK;
}
