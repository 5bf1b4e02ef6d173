/* SPDX-License-Identifier: Apache-2.0
 * Case conversion and stripping. Characters are mapped one to one, as pandas' str dtype
 * does (its engine, Arrow, knows no "SS" for a sharp s); the tables are in unicode.h.
 * Text that is all ASCII, the common case, is converted in place of equal length.
 */
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include "kernel/unicode.h"
#include "kernel/utf8.h"

/* -- Characters ------------------------------------------------------------------ */

static uint32_t run_map(const CaseRun *run, idx n, uint32_t c)
{
    idx lo = 0, hi = n;
    while (lo < hi) {
        idx mid = (lo + hi) / 2;
        if (run[mid].last < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == n || c < run[lo].first || (c - run[lo].first) % (uint32_t)run[lo].step)
        return c;
    return c + (uint32_t)run[lo].delta;
}

static bool range_has(const CharRange *range, idx n, uint32_t c)
{
    idx lo = 0, hi = n;
    while (lo < hi) {
        idx mid = (lo + hi) / 2;
        if (range[mid].last < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && c >= range[lo].first;
}

static uint32_t char_upper(uint32_t c)
{
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    return run_map(upper_run, COUNT_OF(upper_run), c);
}

static uint32_t char_lower(uint32_t c)
{
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return run_map(lower_run, COUNT_OF(lower_run), c);
}

static bool char_is_cased(uint32_t c)
{
    if (c < 0x80) return (uint8_t)((c | 32) - 'a') < 26;
    return range_has(cased_range, COUNT_OF(cased_range), c);
}

static bool char_is_space(uint32_t c)
{
    if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f);
    return range_has(space_range, COUNT_OF(space_range), c);
}

/* -- Case ------------------------------------------------------------------------ */

/* Converts s[0..n) to out, which has room for it, or only counts when out is NULL. */
static idx case_text(char what, const uint8_t *s, idx n, uint8_t *out)
{
    uint8_t scratch[4];
    bool up = what == 'u' || what == 't' || what == 'c'; /* the next letter's case */
    idx to = 0, len;
    for (idx i = 0; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len);
        uint32_t d = up ? char_upper(c) : char_lower(c);
        to += utf8_encode(d, out ? out + to : scratch);
        if (what == 't') up = !char_is_cased(c);
        if (what == 'c') up = false;
    }
    return to;
}

/* Upper or lower case of ASCII, byte by byte. */
static Status case_ascii(Cx *cx, const Array *a, char what, Array **out)
{
    int64_t base = a->off[0], size = a->off[a->n] - base;
    TRY(array_new_str(cx, a->n, size, out));
    for (idx i = 0; i <= a->n; i++)
        (*out)->off[i] = a->off[i] - base;
    const uint8_t *s = a->bytes + base;
    uint8_t *to = (*out)->bytes, first = what == 'u' ? 'a' : 'A';
    for (int64_t i = 0; i < size; i++)
        to[i] = (uint8_t)(s[i] ^ (((uint8_t)(s[i] - first) < 26) << 5));
    return OK;
}

static Status map_case(Cx *cx, const Array *a, const void *arg, Array **out)
{
    char what = *(const char *)arg;
    if ((what == 'u' || what == 'l') &&
        utf8_is_ascii(a->bytes + a->off[0], a->off[a->n] - a->off[0]))
        return case_ascii(cx, a, what, out);
    TRY(str_new_offsets(cx, a->n, out));
    int64_t *off = (*out)->off;
    for (idx i = 0; i < a->n; i++)
        off[i + 1] = off[i] + case_text(what, a->bytes + a->off[i],
                                        a->off[i + 1] - a->off[i], NULL);
    TRY(str_new_bytes(cx, *out));
    for (idx i = 0; i < a->n; i++)
        case_text(what, a->bytes + a->off[i], a->off[i + 1] - a->off[i],
                  (*out)->bytes + off[i]);
    return OK;
}

Status str_case(Cx *cx, const Array *a, char what, Array **out)
{
    if (!strchr("lutc", what)) BUG("case '%c'", what);
    return str_map(cx, a, map_case, &what, out);
}

/* -- Strip ----------------------------------------------------------------------- */

typedef struct StripArg {
    char side;            /* b both, l left, r right */
    const uint8_t *chars; /* UTF-8; n = 0: white space */
    idx n;
} StripArg;

static bool strip_takes(const StripArg *a, uint32_t c)
{
    idx len;
    if (a->n == 0) return char_is_space(c);
    for (idx i = 0; i < a->n; i += len)
        if (utf8_decode(a->chars + i, a->n - i, &len) == c) return true;
    return false;
}

/* What is left of s[0..n): from *from on to *to. */
static void strip_range(const StripArg *a, const uint8_t *s, idx n, idx *from, idx *to)
{
    idx i = 0, end = n, len;
    while (a->side != 'r' && i < n) {
        if (!strip_takes(a, utf8_decode(s + i, n - i, &len))) break;
        i += len;
    }
    while (a->side != 'l' && end > i) {
        idx at = end - 1;
        while (at > i && !utf8_starts(s[at]))
            at--;
        if (!strip_takes(a, utf8_decode(s + at, end - at, &len)) || at + len != end)
            break;
        end = at;
    }
    *from = i;
    *to = end;
}

static Status map_strip(Cx *cx, const Array *a, const void *arg, Array **out)
{
    TRY(str_new_offsets(cx, a->n, out));
    int64_t *off = (*out)->off;
    for (idx i = 0; i < a->n; i++) {
        idx from, to;
        strip_range(arg, a->bytes + a->off[i], a->off[i + 1] - a->off[i], &from, &to);
        off[i + 1] = off[i] + (to - from);
    }
    TRY(str_new_bytes(cx, *out));
    for (idx i = 0; i < a->n; i++) {
        idx from, to;
        const uint8_t *s = a->bytes + a->off[i];
        if (off[i + 1] == off[i]) continue;
        strip_range(arg, s, a->off[i + 1] - a->off[i], &from, &to);
        memcpy((*out)->bytes + off[i], s + from, (size_t)(to - from));
    }
    return OK;
}

Status str_strip(Cx *cx, const Array *a, char side, const uint8_t *chars, idx n,
                 Array **out)
{
    StripArg arg = {side, chars, n};
    if (side != 'b' && side != 'l' && side != 'r') BUG("side '%c'", side);
    return str_map(cx, a, map_strip, &arg, out);
}
