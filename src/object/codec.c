/* SPDX-License-Identifier: Apache-2.0
 * bytes.decode and str.encode: UTF-8, ASCII, Latin-1. What does not fit raises as
 * CPython words it, with the exception's five arguments, or is dealt with as `how`
 * says: 's' strict, 'r' replace, 'i' ignore, 'b' backslashreplace.
 */
#include "kernel/utf8.h"
#include "object/text.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 400 }; /* bytes of an object that an exception carries */

static const char *codec_name(char as)
{
    return as == 'a' ? "ascii" : as == 'l' ? "latin-1" : "utf-8";
}

/* encoding, object, start, end, reason. The bytes of a decode stand as characters. */
static void put_args(Cx *cx, char as, Text3 object, int64_t start, int64_t end,
                     const char *reason)
{
    const char *name = codec_name(as);
    size_t at = 0;
    ErrArg arg[5] = {
        {.kind = 's',                   .s = name,                   .n = (int64_t)strlen(name)},
        {.kind = 's',                   .s = (const char *)object.p, .n = object.n             },
        {.kind = 'i',                   .i = start                 },
        {.kind = 'i',                     .i = end                           },
        {.kind = 's', .s = reason,                            .n = (int64_t)strlen(reason)                          },
    };
    for (int k = 0; k < 5; k++)
        if (!err_arg_put(&cx->err, &at, &arg[k])) return;
    cx->err.narg = 5;
}

/* -- Decoding ---------------------------------------------------------------------- */

/* Bytes start .. end are no text. */
typedef struct Bad {
    int64_t start, end;
    const char *reason;
} Bad;

static bool continues(uint8_t b)
{
    return (b & 0xc0) == 0x80;
}

/* Bytes of a well-formed character at p[0..n), or 0: then *bad is how many are wrong
 * and why. */
static int64_t well_formed(const uint8_t *p, int64_t n, Bad *bad)
{
    uint8_t b = p[0];
    int64_t want = b < 0x80   ? 1
                   : b < 0xc2 ? 0
                   : b < 0xe0 ? 2
                   : b < 0xf0 ? 3
                   : b < 0xf5 ? 4
                              : 0;
    *bad = (Bad){0, 1, "invalid start byte"};
    if (want <= 1) return want;
    uint8_t low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    uint8_t high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    for (int64_t k = 1; k < want; k++) {
        bad->end = k;
        if (k == n) {
            bad->reason = "unexpected end of data";
            return 0;
        }
        bool ok = k == 1 ? p[k] >= low && p[k] <= high : continues(p[k]);
        bad->reason = "invalid continuation byte";
        if (!ok) return 0;
    }
    return want;
}

/* The next bytes from i on that can't be decoded; false: there are none. */
static bool next_bad(Text3 t, char as, int64_t i, Bad *bad)
{
    int64_t len;
    for (; i < t.n; i += len) {
        if (as == 'a') {
            len = t.p[i] < 0x80;
            *bad = (Bad){0, 1, "ordinal not in range(128)"};
        } else {
            len = well_formed(t.p + i, t.n - i, bad);
        }
        if (len) continue;
        bad->start = i;
        bad->end += i;
        return true;
    }
    return false;
}

static Status decode_fail(Cx *cx, Text3 t, char as, const Bad *bad)
{
    uint8_t shown[2 * SHOWN];
    idx n = 0;
    bool first = cx->err.code == OK;
    Status st =
        bad->end == bad->start + 1
            ? fail(cx, E_DECODE,
                   "'%s' codec can't decode byte 0x%02x in position %lld: %s",
                   codec_name(as), t.p[bad->start], (long long)bad->start, bad->reason)
            : fail(cx, E_DECODE,
                   "'%s' codec can't decode bytes in position %lld-%lld: %s",
                   codec_name(as), (long long)bad->start, (long long)bad->end - 1,
                   bad->reason);
    if (!first || t.n > SHOWN) return st;
    for (int64_t i = 0; i < t.n; i++)
        n += utf8_encode(t.p[i], shown + n);
    put_args(cx, as, (Text3){shown, n, NULL}, bad->start, bad->end, bad->reason);
    return st;
}

static Status replaced(Cx *cx, Str *s, Text3 t, const Bad *bad, char how)
{
    char hex[5];
    if (how == 'r') return str_puts(cx, s, "\xef\xbf\xbd");
    for (int64_t i = bad->start; i < bad->end && how == 'b'; i++) {
        snprintf(hex, sizeof hex, "\\x%02x", t.p[i]);
        TRY(str_puts(cx, s, hex));
    }
    return OK;
}

static Status latin_text(Cx *cx, Text3 t, Text3 *out)
{
    uint8_t *to;
    int64_t n = 0;
    TRY(text_new(cx, 2 * t.n, out, &to));
    for (int64_t i = 0; i < t.n; i++)
        n += utf8_encode(t.p[i], to + n);
    text_shrink(out, n);
    return OK;
}

Status bytes_decode(Cx *cx, Text3 t, char as, char how, Text3 *out)
{
    Bad bad;
    Str s = {0};
    int64_t at = 0;
    if (as == 'l') return latin_text(cx, t, out);
    if (!next_bad(t, as, 0, &bad)) return text_copy(cx, t.p, t.n, out);
    if (how == 's') return decode_fail(cx, t, as, &bad);
    while (next_bad(t, as, at, &bad)) {
        TRY(str_put(cx, &s, t.p + at, bad.start - at));
        TRY(replaced(cx, &s, t, &bad, how));
        at = bad.end;
    }
    TRY(str_put(cx, &s, t.p + at, t.n - at));
    return str_end(cx, &s, out);
}

/* -- Encoding ---------------------------------------------------------------------- */

static void escaped(uint32_t c, char out[12])
{
    snprintf(out, 12, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
}

/* Characters from number `start` at byte i on that are beyond `most`. */
static Status encode_fail(Cx *cx, Text3 t, char as, uint32_t most, int64_t start,
                          int64_t i)
{
    char reason[40], shown[12];
    idx len;
    int64_t end = start;
    bool first = cx->err.code == OK;
    uint32_t c = utf8_decode(t.p + i, t.n - i, &len);
    escaped(c, shown);
    for (; i < t.n && utf8_decode(t.p + i, t.n - i, &len) > most; i += len)
        end++;
    snprintf(reason, sizeof reason, "ordinal not in range(%u)", most + 1);
    Status st =
        end == start + 1
            ? fail(cx, E_ENCODE,
                   "'%s' codec can't encode character '%s' in position %lld: %s",
                   codec_name(as), shown, (long long)start, reason)
            : fail(cx, E_ENCODE,
                   "'%s' codec can't encode characters in position %lld-%lld: %s",
                   codec_name(as), (long long)start, (long long)end - 1, reason);
    if (first && t.n <= SHOWN) put_args(cx, as, t, start, end, reason);
    return st;
}

Status bytes_encode(Cx *cx, Text3 t, char as, char how, Text3 *out)
{
    Str s = {0};
    uint32_t most = as == 'a' ? 0x7f : 0xff;
    if (as == 'u') return text_copy(cx, t.p, t.n, out);
    int64_t number = 0;
    idx len;
    for (int64_t i = 0; i < t.n; i += len, number++) {
        uint32_t c = utf8_decode(t.p + i, t.n - i, &len);
        uint8_t byte = c <= most ? (uint8_t)c : '?';
        char text[12];
        if (c > most && how == 's') return encode_fail(cx, t, as, most, number, i);
        if (c > most && how == 'i') continue;
        if (c > most && how == 'b') {
            escaped(c, text);
            TRY(str_puts(cx, &s, text));
        } else {
            TRY(str_put(cx, &s, &byte, 1));
        }
    }
    return str_end(cx, &s, out);
}
