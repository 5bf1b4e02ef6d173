/* SPDX-License-Identifier: Apache-2.0
 * Case and kinds of characters, as CPython's str has them: the tables are its own
 * (pyunicode.h), mappings may give several characters, a sigma at a word's end is
 * final.
 */
#include "object/pyunicode.h"
#include "object/text.h"

#include "kernel/utf8.h"

#include <string.h>

/* -- Tables ------------------------------------------------------------------------ */

unsigned char_flags(uint32_t c)
{
    idx lo = 0, hi = COUNT_OF(flag_run);
    while (lo < hi) {
        idx mid = (lo + hi) / 2;
        if (flag_run[mid].last < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < COUNT_OF(flag_run) && c >= flag_run[lo].first ? flag_run[lo].flags : 0;
}

typedef struct CaseTable {
    const MapRun *run;
    idx nrun;
    const MapMany *many;
    idx nmany;
} CaseTable;

static const CaseTable tables[] = {
    {upper_map, COUNT_OF(upper_map), upper_many, COUNT_OF(upper_many)},
    {lower_map, COUNT_OF(lower_map), lower_many, COUNT_OF(lower_many)},
    {title_map, COUNT_OF(title_map), title_many, COUNT_OF(title_many)},
    {fold_map,  COUNT_OF(fold_map),  fold_many,  COUNT_OF(fold_many) },
};
enum { UPPER, LOWER, TITLE, FOLD };

/* The characters that c becomes; returns how many. */
static int map_char(int table, uint32_t c, uint32_t out[3])
{
    const CaseTable *t = &tables[table];
    out[0] = c;
    if (c < 0x80) {
        if (table == UPPER || table == TITLE)
            out[0] = c >= 'a' && c <= 'z' ? c - 32 : c;
        else
            out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c;
        return 1;
    }
    for (idx i = 0; i < t->nmany; i++) {
        if (t->many[i].from != c) continue;
        memcpy(out, t->many[i].to, sizeof t->many[i].to);
        return out[2] ? 3 : 2;
    }
    idx lo = 0, hi = t->nrun;
    while (lo < hi) {
        idx mid = (lo + hi) / 2;
        if (t->run[mid].last < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == t->nrun || c < t->run[lo].first ||
        (c - t->run[lo].first) % (uint32_t)t->run[lo].step)
        return 1;
    out[0] = (uint32_t)((int64_t)c + t->run[lo].delta);
    return 1;
}

/* -- Case -------------------------------------------------------------------------- */

static int64_t before(Text3 t, int64_t i)
{
    i--;
    while (i > 0 && !utf8_starts(t.p[i]))
        i--;
    return i;
}

/* Whether a capital sigma at byte at ends a word. */
static bool sigma_is_final(Text3 t, int64_t at, idx size)
{
    idx len;
    int64_t i = at;
    unsigned f = CH_IGNORE;
    while (i > 0 && (f & CH_IGNORE)) {
        i = before(t, i);
        f = char_flags(utf8_decode(t.p + i, t.n - i, &len));
    }
    if (at == 0 || (f & CH_IGNORE) || !(f & CH_CASED)) return false;
    for (i = at + size; i < t.n; i += len) {
        f = char_flags(utf8_decode(t.p + i, t.n - i, &len));
        if (!(f & CH_IGNORE)) return !(f & CH_CASED);
    }
    return true;
}

static int lower_char(Text3 t, int64_t at, idx size, uint32_t c, uint32_t out[3])
{
    if (c != 0x3a3) return map_char(LOWER, c, out);
    out[0] = sigma_is_final(t, at, size) ? 0x3c2 : 0x3c3;
    return 1;
}

static Status case_ascii(Cx *cx, Text3 t, char what, Text3 *out)
{
    uint8_t *to, first = what == 'u' ? 'a' : 'A';
    TRY(text_new(cx, t.n, out, &to));
    for (int64_t i = 0; i < t.n; i++)
        to[i] = (uint8_t)(t.p[i] ^ (((uint8_t)(t.p[i] - first) < 26) << 5));
    return OK;
}

Status text_case(Cx *cx, Text3 t, char what, Text3 *out)
{
    if ((what == 'u' || what == 'l' || what == 'f') && utf8_is_ascii(t.p, t.n))
        return case_ascii(cx, t, what, out);
    uint8_t *to;
    idx len, size = 0;
    bool inside = false;
    TRY(text_new(cx, 3 * t.n, out, &to)); /* no mapping is longer in UTF-8 */
    for (idx i = 0; i < t.n; i += len) {
        uint32_t c = utf8_decode(t.p + i, t.n - i, &len), d[3];
        int k;
        unsigned f = what == 't' || what == 's' ? char_flags(c) : 0;
        if (what == 'u' || (what == 's' && (f & CH_LOWER)))
            k = map_char(UPPER, c, d);
        else if (what == 'f')
            k = map_char(FOLD, c, d);
        else if (what == 's' && !(f & CH_UPPER))
            k = (d[0] = c, 1);
        else if ((what == 't' && !inside) || (what == 'c' && i == 0))
            k = map_char(TITLE, c, d);
        else
            k = lower_char(t, i, len, c, d);
        inside = (f & CH_CASED) != 0;
        for (int m = 0; m < k; m++)
            size += utf8_encode(d[m], to + size);
    }
    text_shrink(out, size);
    return OK;
}

/* -- Kinds ------------------------------------------------------------------------- */

static bool is_case(Text3 t, char what)
{
    bool some = false;
    idx len;
    for (idx i = 0; i < t.n; i += len) {
        unsigned f = char_flags(utf8_decode(t.p + i, t.n - i, &len));
        if (what == 'l' && (f & (CH_UPPER | CH_TITLE))) return false;
        if (what == 'u' && (f & (CH_LOWER | CH_TITLE))) return false;
        some |= (f & (what == 'l' ? CH_LOWER : CH_UPPER)) != 0;
    }
    return some;
}

static bool is_title(Text3 t)
{
    bool cased = false, some = false;
    idx len;
    for (idx i = 0; i < t.n; i += len) {
        unsigned f = char_flags(utf8_decode(t.p + i, t.n - i, &len));
        if (f & (CH_UPPER | CH_TITLE)) {
            if (cased) return false;
            cased = some = true;
        } else if (f & CH_LOWER) {
            if (!cased) return false;
            some = true;
        } else {
            cased = false;
        }
    }
    return some;
}

static unsigned wanted(char what)
{
    switch (what) {
    case 'a': return CH_ALPHA;
    case 'n': return CH_ALPHA | CH_DECIMAL | CH_DIGIT | CH_NUMERIC;
    case 'd': return CH_DECIMAL;
    case 'D': return CH_DIGIT;
    case 'N': return CH_NUMERIC;
    case 's': return CH_SPACE;
    default: return CH_PRINT;
    }
}

/* ASCII identifiers exactly; letters and digits of other scripts by their kind. */
static bool is_identifier(Text3 t)
{
    idx len;
    if (t.n <= 0) return false;
    for (idx i = 0; i < t.n; i += len) {
        uint32_t c = utf8_decode(t.p + i, t.n - i, &len);
        unsigned f = char_flags(c);
        bool ok = c == '_' || (f & CH_ALPHA) || (i && (f & CH_DECIMAL));
        if (!ok) return false;
    }
    return true;
}

bool text_is(Text3 t, char what)
{
    idx len;
    if (what == 'A') return t.n <= 0 || utf8_is_ascii(t.p, t.n);
    if (what == 'l' || what == 'u') return is_case(t, what);
    if (what == 't') return is_title(t);
    if (what == 'i') return is_identifier(t);
    unsigned want = wanted(what);
    for (idx i = 0; i < t.n; i += len)
        if (!(char_flags(utf8_decode(t.p + i, t.n - i, &len)) & want)) return false;
    return t.n > 0 || what == 'p';
}

/* -- Strip ------------------------------------------------------------------------- */

static bool strips(Text3 chars, uint32_t c)
{
    idx len;
    if (chars.n < 0) return (char_flags(c) & CH_SPACE) != 0;
    for (idx i = 0; i < chars.n; i += len)
        if (utf8_decode(chars.p + i, chars.n - i, &len) == c) return true;
    return false;
}

Status text_strip(Cx *cx, Text3 t, char side, Text3 chars, Text3 *out)
{
    int64_t from = 0, to = t.n;
    idx len;
    while (side != 'r' && from < to) {
        if (!strips(chars, utf8_decode(t.p + from, to - from, &len))) break;
        from += len;
    }
    while (side != 'l' && to > from) {
        int64_t at = before(t, to);
        if (at < from) at = from; /* bytes that are no UTF-8: not into what is gone */
        if (!strips(chars, utf8_decode(t.p + at, to - at, &len))) break;
        to = at;
    }
    return text_copy(cx, t.p + from, to - from, out);
}
