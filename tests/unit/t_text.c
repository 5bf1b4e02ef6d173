/* SPDX-License-Identifier: Apache-2.0
 * Text kernels on plain and dictionary columns, row by row against dumb models, and the
 * values that pandas 3 gives for what is easy to get wrong.
 */
#include "kernel/kernel.h"
#include "kernel/utf8.h"
#include "kinds.h"
#include "unit.h"
#include <ctype.h>

static Array *random_text_column(Cx *cx, Rng *r)
{
    idx n = rng_chance(r, 10) ? 0 : rng_below(r, 200);
    Array *a = random_column_of(cx, r, n, rng_chance(r, 50) ? 2 : 3), *s;
    idx start = rng_below(r, n + 1);
    assert_ok(array_slice(cx, a, start, n - start, &s));
    array_unref(a);
    return s;
}

/* Row i as a NUL-terminated text, NULL when missing. */
static char *row_text(const Array *a, idx i)
{
    if (array_is_null(a, i)) return NULL;
    idx n;
    const uint8_t *s = array_str(a, i, &n);
    char *t = calloc(1, (size_t)n + 1);
    memcpy(t, s, (size_t)n);
    return t;
}

/* Column of the texts, NULL for missing ones. */
static Array *column_of(Cx *cx, const char *const *text, idx n)
{
    Builder *b;
    Array *a;
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
    for (idx i = 0; i < n; i++) {
        if (text[i])
            assert_ok(
                builder_add_str(cx, b, (const uint8_t *)text[i], (idx)strlen(text[i])));
        else
            assert_ok(builder_add_null(cx, b));
    }
    assert_ok(builder_finish(cx, b, &a));
    return a;
}

static void assert_texts(Cx *cx, const Array *a, const char *const *want, idx n)
{
    assert_ok(array_check(cx, a));
    assert_int_equal(a->n, n);
    for (idx i = 0; i < n; i++) {
        char *got = row_text(a, i);
        if (!want[i])
            assert_null(got);
        else
            assert_string_equal(got, want[i]);
        free(got);
    }
}

static bool model_cmp(char op, const char *s, const char *t)
{
    if (!s || !t) return op == '!';
    int c = strcmp(s, t);
    switch (op) {
    case '<': return c < 0;
    case 'l': return c <= 0;
    case '>': return c > 0;
    case 'g': return c >= 0;
    case '=': return c == 0;
    default: return c != 0;
    }
}

static void test_cmp(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {81};
    for (int round = 0; round < 300; round++) {
        char op = "<l>g=!"[rng_below(&r, 6)];
        Array *a = random_text_column(cx, &r), *b, *out;
        uint8_t s[65] = {0};
        idx n = random_text(&r, s);
        assert_ok(str_cmp_const(cx, a, op, s, n, &out));
        assert_int_equal(out->dt, DT_BOOL);
        for (idx i = 0; i < a->n; i++) {
            char *t = row_text(a, i);
            assert_int_equal(((uint8_t *)out->data)[i], model_cmp(op, t, (char *)s));
            free(t);
        }
        array_unref(out);
        b = rng_chance(&r, 20) ? array_ref(a) : random_column_like(cx, &r, a, a->n);
        assert_ok(str_cmp(cx, a, op, b, &out));
        for (idx i = 0; i < a->n; i++) {
            char *t = row_text(a, i), *u = row_text(b, i);
            assert_int_equal(((uint8_t *)out->data)[i], model_cmp(op, t, u));
            free(t);
            free(u);
        }
        array_unref(out);
        array_unref(b);
        array_unref(a);
    }
    unit_end(cx);
}

static void test_find(void **state)
{
    (void)state;
    static const char *const needle[] = {
        "", "a", "b", "ab", "aab", "an", "\xc3\xa9", " ", "nobody", "abcdabcdabcdabcd"};
    Cx *cx = unit_begin();
    Rng r = {83};
    for (int round = 0; round < 400; round++) {
        char what = "cse"[rng_below(&r, 3)];
        bool na = rng_chance(&r, 30);
        Array *a = random_text_column(cx, &r), *out;
        const char *s = needle[rng_below(&r, COUNT_OF(needle))];
        size_t n = strlen(s);
        assert_ok(str_find(cx, a, what, (const uint8_t *)s, (idx)n, na, &out));
        for (idx i = 0; i < a->n; i++) {
            char *t = row_text(a, i);
            bool want = na;
            if (t) {
                size_t m = strlen(t);
                want = what == 'c'   ? strstr(t, s) != NULL
                       : what == 's' ? strncmp(t, s, n) == 0
                                     : m >= n && strcmp(t + m - n, s) == 0;
            }
            assert_int_equal(((uint8_t *)out->data)[i], want);
            free(t);
        }
        array_unref(out);
        array_unref(a);
    }
    unit_end(cx);
}

/* Start of every character of t, and its length behind the last. */
static idx model_chars(const char *t, idx *at)
{
    idx n = 0;
    size_t i = 0;
    for (; t[i]; i++)
        if (((uint8_t)t[i] & 0xc0) != 0x80) at[n++] = (idx)i;
    at[n] = (idx)i;
    return n;
}

static void test_len_slice(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {87};
    for (int round = 0; round < 300; round++) {
        Array *a = random_text_column(cx, &r), *len, *cut;
        idx start = rng_below(&r, 14) - 7, stop = rng_below(&r, 14) - 7, at[80];
        bool has_start = rng_chance(&r, 80), has_stop = rng_chance(&r, 80);
        assert_ok(str_len(cx, a, &len));
        assert_int_equal(len->dt, DT_I64);
        assert_int_equal(len->null, NULL_PROM);
        assert_ok(array_check(cx, len));
        assert_ok(str_slice(cx, a, start, stop, has_start, has_stop, &cut));
        assert_ok(array_check(cx, cut));
        bool any = false;
        for (idx i = 0; i < a->n; i++) {
            char *t = row_text(a, i), *u = row_text(cut, i);
            assert_int_equal(array_is_null(len, i), !t);
            if (!t) {
                any = true;
                assert_null(u);
                assert_int_equal(((int64_t *)len->data)[i], 0);
                continue;
            }
            idx n = model_chars(t, at), from = has_start ? start : 0,
                to = has_stop ? stop : n;
            assert_int_equal(((int64_t *)len->data)[i], n);
            from = idx_min(n, idx_max(0, from < 0 ? from + n : from));
            to = idx_min(n, idx_max(0, to < 0 ? to + n : to));
            if (to < from) to = from;
            assert_int_equal(strlen(u), at[to] - at[from]);
            assert_memory_equal(u, t + at[from], (size_t)(at[to] - at[from]));
            free(t);
            free(u);
        }
        assert_int_equal(len->promoted, any);
        array_unref(cut);
        array_unref(len);
        array_unref(a);
    }
    unit_end(cx);
}

static void check_case(Cx *cx, const Array *a, char what, const char *const *want)
{
    Array *d = str_to_dict(cx, a), *out;
    assert_ok(str_case(cx, a, what, &out));
    assert_texts(cx, out, want, a->n);
    array_unref(out);
    assert_ok(str_case(cx, d, what, &out));
    assert_texts(cx, out, want, a->n);
    array_unref(out);
    array_unref(d);
}

static void test_case(void **state)
{
    (void)state;
    enum { N = 10 };
    /* What pandas 3.1 gives. */
    static const char *const from[N] = {"héllo wörld", NULL,        "straße", "ǅ",
                                        "ﬁne",         "İi",        "ΑΣ",     "a-b c_d",
                                        "o'neil",      "ⓐbc ªcd 1a"};
    static const char *const lower[N] = {
        "héllo wörld", NULL, "straße",  "ǆ",      "ﬁne",
        "ii",          "ασ", "a-b c_d", "o'neil", "ⓐbc ªcd 1a"};
    static const char *const upper[N] = {
        "HÉLLO WÖRLD", NULL, "STRAẞE",  "Ǆ",      "ﬁNE",
        "İI",          "ΑΣ", "A-B C_D", "O'NEIL", "ⒶBC ªCD 1A"};
    static const char *const title[N] = {
        "Héllo Wörld", NULL, "Straße",  "Ǆ",      "ﬁne",
        "İi",          "Ασ", "A-B C_D", "O'Neil", "Ⓐbc ªCd 1A"};
    static const char *const capital[N] = {
        "Héllo wörld", NULL, "Straße",  "Ǆ",      "ﬁne",
        "İi",          "Ασ", "A-b c_d", "O'neil", "Ⓐbc ªcd 1a"};
    Cx *cx = unit_begin();
    Array *a = column_of(cx, from, N);
    check_case(cx, a, 'l', lower);
    check_case(cx, a, 'u', upper);
    check_case(cx, a, 't', title);
    check_case(cx, a, 'c', capital);
    array_unref(a);
    Rng r = {89};
    for (int round = 0; round < 50; round++) { /* ASCII, and damaged UTF-8 */
        Array *out, *s;
        assert_ok(array_new_str(cx, 20, 400, &s));
        bool ascii = round % 2;
        for (idx i = 0; i < 400; i++)
            s->bytes[i] = (uint8_t)rng_below(&r, ascii ? 128 : 256);
        for (idx i = 0; i <= 20; i++)
            s->off[i] = 20 * i;
        assert_ok(str_case(cx, s, 'u', &out));
        assert_ok(array_check(cx, out));
        for (idx i = 0; ascii && i < 400; i++)
            assert_int_equal(out->bytes[i], toupper(s->bytes[i]));
        array_unref(out);
        assert_ok(str_case(cx, s, 't', &out));
        assert_ok(array_check(cx, out));
        array_unref(out);
        assert_ok(str_strip(cx, s, 'b', NULL, 0, &out));
        assert_ok(array_check(cx, out));
        array_unref(out);
        assert_ok(str_slice(cx, s, -3, 2, true, true, &out));
        assert_ok(array_check(cx, out));
        array_unref(out);
        array_unref(s);
    }
    unit_end(cx);
}

static void test_strip(void **state)
{
    (void)state;
    static const char *const from[] = {"  a\t\n", "\u00a0b\u2003", "xxaxx", NULL, "",
                                       "   "};
    static const char *const both[] = {"a", "b", "xxaxx", NULL, "", ""};
    static const char *const left[] = {"a\t\n", "b\u2003", "xxaxx", NULL, "", ""};
    static const char *const right[] = {"  a", "\u00a0b", "xxaxx", NULL, "", ""};
    static const char *const x[] = {"  a\t\n", "\u00a0b\u2003", "a", NULL, "", "   "};
    static const char *const nbsp[] = {"  a\t\n", "b\u2003", "xxaxx", NULL, "", "   "};
    Cx *cx = unit_begin();
    Array *a = column_of(cx, from, 6), *d = str_to_dict(cx, a), *out;
    for (int k = 0; k < 2; k++) {
        const Array *s = k ? d : a;
        assert_ok(str_strip(cx, s, 'b', NULL, 0, &out));
        assert_texts(cx, out, both, 6);
        array_unref(out);
        assert_ok(str_strip(cx, s, 'l', NULL, 0, &out));
        assert_texts(cx, out, left, 6);
        array_unref(out);
        assert_ok(str_strip(cx, s, 'r', NULL, 0, &out));
        assert_texts(cx, out, right, 6);
        array_unref(out);
        assert_ok(str_strip(cx, s, 'b', (const uint8_t *)"yx", 2, &out));
        assert_texts(cx, out, x, 6);
        array_unref(out);
        assert_ok(str_strip(cx, s, 'b', (const uint8_t *)"\u00a0z", 3, &out));
        assert_texts(cx, out, nbsp, 6);
        array_unref(out);
    }
    array_unref(a);
    array_unref(d);
    unit_end(cx);
}

static void test_fill(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {91};
    for (int round = 0; round < 200; round++) {
        Array *a = random_text_column(cx, &r), *out;
        uint8_t s[65] = {0};
        idx n = random_text(&r, s);
        assert_ok(fill_null_str(cx, a, s, n, &out));
        assert_ok(array_check(cx, out));
        assert_int_equal(array_null_count(out), 0);
        if (a->valid) assert_int_equal(array_is_dict(a), array_is_dict(out));
        for (idx i = 0; i < a->n; i++) {
            char *t = row_text(a, i), *u = row_text(out, i);
            assert_string_equal(u, t ? t : (char *)s);
            free(t);
            free(u);
        }
        array_unref(out);
        array_unref(a);
    }
    unit_end(cx);
}

/* -- Characters in rows ------------------------------------------------------------ */

static void test_chars(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const char *text[] = {"",
                          "a",
                          "\xc3\xb1z",
                          "\xe2\x82\xac",
                          "\xf0\x9d\x84\x9e"
                          "xyz",
                          NULL};
    const char *cut[] = {"",
                         "a",
                         "\xc3\xb1z",
                         "\xe2\x82\xac",
                         "\xf0\x9d\x84\x9e"
                         "x",
                         "na"};
    const char *whole[] = {"",
                           "a",
                           "\xc3\xb1z",
                           "\xe2\x82\xac",
                           "\xf0\x9d\x84\x9e"
                           "xyz",
                           "nan"};
    Array *col = column_of(cx, text, 6), *c, *back;
    assert_int_equal(texts_width(col), 4);
    for (idx w = 2; w <= 5; w += 3) {
        assert_ok(chars_from_texts(cx, col, w, &c));
        assert_int_equal(c->n, 6 * w);
        assert_ok(array_check(cx, c));
        assert_ok(chars_to_texts(cx, c, w, &back));
        assert_texts(cx, back, w == 2 ? cut : whole, 6);
        array_unref(back);
        array_unref(c);
    }
    assert_int_equal(chars_from_texts(cx, col, 0, &c), E_VALUE);
    err_clear(&cx->err);
    for (int n = 1; n < 9; n++) { /* each allocation fails once */
        c = back = NULL;
        alloc_fail_at(n);
        Status st = chars_from_texts(cx, col, 3, &c);
        if (!st) st = chars_to_texts(cx, c, 3, &back);
        alloc_fail_at(0);
        if (st) assert_int_equal(cx->err.code, E_MEMORY);
        array_unref(back);
        array_unref(c);
    }
    array_unref(col);
    unit_end(cx);
}

/* Words of bytes against bytes one by one; bytes behind the end do not count. */
static void test_count(void **state)
{
    (void)state;
    Rng r = {77};
    enum { LONGEST = 5000 };
    uint8_t *b = malloc(LONGEST + 8);
    for (int round = 0; round < 3000; round++) {
        idx n = rng_below(&r, round % 100 ? 40 : LONGEST), count = 0;
        idx rare = rng_chance(&r, 50) ? 2 : 300;
        bool ascii = true;
        for (idx i = 0; i < LONGEST + 8; i++)
            b[i] = (uint8_t)(rng_below(&r, rare) ? 'a' : rng_below(&r, 256));
        if (round % 300 == 0) memset(b, 0xbf, LONGEST);
        for (idx i = 0; i < n; i++) {
            count += utf8_starts(b[i]);
            ascii &= b[i] < 0x80;
        }
        assert_int_equal(utf8_count(b, n), count);
        assert_int_equal(utf8_is_ascii(b, n), ascii);
    }
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmp),       cmocka_unit_test(test_find),
        cmocka_unit_test(test_len_slice), cmocka_unit_test(test_case),
        cmocka_unit_test(test_strip),     cmocka_unit_test(test_fill),
        cmocka_unit_test(test_chars),     cmocka_unit_test(test_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
