/* SPDX-License-Identifier: Apache-2.0
 * io/arrow: columns out and back in, foreign layouts built by hand, and damaged input.
 */
#include "io/arrow.h"
#include "kernel/kernel.h"
#include "kinds.h"
#include "unit.h"
#include <errno.h>

/* -- Out and back ---------------------------------------------------------------- */

static ColSpec spec_of(const Array *a)
{
    return (ColSpec){.dt = a->dt, .null = a->null, .unit = a->unit, .keep_dict = true};
}

static void assert_same_column(Cx *cx, const Array *a, const Array *b)
{
    assert_ok(array_check(cx, b));
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->dt, b->dt);
    assert_int_equal(a->null, b->null);
    assert_int_equal(a->unit, b->unit);
    if (a->dt == DT_DATE) /* missing dates that come in are None */
        assert_string_equal(b->tz, "None");
    else
        assert_ptr_equal(a->tz, b->tz);
    for (idx i = 0; i < a->n; i++)
        assert_same_row(a, i, b, i);
}

static void test_round_trip(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {61};
    for (int round = 0; round < 400; round++) {
        Array *whole = random_column(cx, &r, rng_below(&r, 300)), *a, *back;
        if (whole->dt == DT_TS && rng_chance(&r, 50))
            assert_ok(array_tz(cx, "Europe/Berlin", 13, &whole->tz));
        idx start = rng_below(&r, whole->n + 1);
        assert_ok(
            array_slice(cx, whole, start, rng_below(&r, whole->n - start + 1), &a));
        struct ArrowSchema schema;
        struct ArrowArray array;
        assert_ok(arrow_export(cx, a, "x", &schema, &array));
        assert_string_equal(schema.name, "x");
        if (round % 3 == 0 && a->n) { /* as a consumer's slice */
            array.offset = rng_below(&r, a->n);
            array.length = a->n - array.offset;
            array.null_count = -1;
            Array *part;
            assert_ok(array_slice(cx, a, array.offset, array.length, &part));
            array_unref(a);
            a = part;
        }
        ColSpec spec = spec_of(a);
        spec.keep_dict = rng_chance(&r, 50);
        assert_ok(arrow_import(cx, &schema, &array, &spec, &back));
        assert_null(array.release);
        schema.release(&schema);
        assert_same_column(cx, a, back);
        if (a->dict && spec.keep_dict)
            assert_non_null(back->dict);
        else
            assert_null(back->dict);
        array_unref(whole);
        array_unref(a);
        array_unref(back);
    }
    unit_end(cx);
}

/* A stream over the batches of a table, from our own single-batch streams. */
typedef struct Feed {
    Table *batch;
    const char *const *name;
    idx n, at;
    int fail_code;
} Feed;

static int feed_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
    Feed *f = s->private_data;
    Cx *cx = malloc(sizeof *cx);
    cx_init(cx, NULL, NULL, NULL);
    struct ArrowArrayStream one;
    assert_ok(arrow_export_stream(cx, &f->batch[0], f->name, &one));
    assert_int_equal(one.get_schema(&one, out), 0);
    one.release(&one);
    cx_clear(cx);
    free(cx);
    return 0;
}

static int feed_next(struct ArrowArrayStream *s, struct ArrowArray *out)
{
    Feed *f = s->private_data;
    if (f->fail_code && f->at == f->n) return f->fail_code;
    memset(out, 0, sizeof *out);
    if (f->at == f->n) return 0;
    Cx *cx = malloc(sizeof *cx);
    cx_init(cx, NULL, NULL, NULL);
    struct ArrowArrayStream one;
    assert_ok(arrow_export_stream(cx, &f->batch[f->at++], f->name, &one));
    assert_int_equal(one.get_next(&one, out), 0);
    struct ArrowArray end;
    assert_int_equal(one.get_next(&one, &end), 0);
    assert_null(end.release);
    one.release(&one);
    cx_clear(cx);
    free(cx);
    return 0;
}

static const char *feed_error(struct ArrowArrayStream *s)
{
    (void)s;
    return "the disk is on fire";
}

static void feed_release(struct ArrowArrayStream *s)
{
    s->release = NULL;
}

static void test_stream(void **state)
{
    (void)state;
    enum { COLS = 5, MAX = 5 };
    static const char *const name[] = {"a", "b", "c", "d", "e"};
    Cx *cx = unit_begin();
    Rng r = {67};
    for (int round = 0; round < 100; round++) {
        Table batch[MAX], out;
        ColSpec spec[COLS];
        idx k = rng_below(&r, MAX) + 1, nrow = 0;
        for (idx b = 0; b < k; b++) {
            idx n = rng_chance(&r, 20) ? 0 : rng_below(&r, 100);
            assert_ok(table_init(cx, &batch[b], COLS, n));
            for (int c = 0; c < COLS; c++)
                batch[b].col[c] = b ? random_column_like(cx, &r, batch[0].col[c], n)
                                    : random_column(cx, &r, n);
            /* A batch's columns may have any layout, a stream's may not. */
            for (int c = 0; c < COLS; c++) {
                Array **a = &batch[b].col[c], *plain;
                if ((*a)->dt != DT_STR || c == 0) continue;
                assert_ok(array_str_plain(cx, *a, &plain));
                array_unref(*a);
                *a = plain;
            }
            Array **a = &batch[b].col[0];
            if ((*a)->dt == DT_STR && !(*a)->dict) {
                Array *d = str_to_dict(cx, *a);
                array_unref(*a);
                *a = d;
            }
            nrow += n;
        }
        for (int c = 0; c < COLS; c++)
            spec[c] = spec_of(batch[0].col[c]);
        Feed feed = {batch, name, k, 0, round % 10 == 9 ? EIO : 0};
        struct ArrowArrayStream s = {feed_schema, feed_next, feed_error, feed_release,
                                     &feed};
        Status st = arrow_import_stream(cx, &s, spec, COLS, -1, &out);
        assert_null(s.release);
        if (feed.fail_code) {
            assert_int_equal(st, E_OS);
            assert_string_equal(cx->err.text, "the disk is on fire");
            err_clear(&cx->err);
        } else {
            assert_ok(st);
            assert_int_equal(out.n, nrow);
            for (int c = 0; c < COLS; c++) {
                idx at = 0;
                assert_ok(array_check(cx, out.col[c]));
                assert_int_equal(out.col[c]->n, nrow);
                for (idx b = 0; b < k; b++)
                    for (idx i = 0; i < batch[b].n; i++)
                        assert_same_row(batch[b].col[c], i, out.col[c], at++);
            }
        }
        table_clear(&out);
        for (idx b = 0; b < k; b++)
            table_clear(&batch[b]);
    }
    unit_end(cx);
}

/* -- Foreign layouts ------------------------------------------------------------- */

static int releases;
static void hand_release(struct ArrowArray *a)
{
    releases++;
    a->release = NULL;
}

typedef struct Hand {
    struct ArrowSchema schema, dict_schema;
    struct ArrowArray array, dict;
    const void *buffer[5], *dict_buffer[3];
} Hand;

static Hand *hand(Hand *h, const char *format, int64_t n, const void *valid,
                  const void *data, const void *text)
{
    memset(h, 0, sizeof *h);
    h->schema.format = format;
    h->schema.name = "col";
    h->buffer[0] = valid;
    h->buffer[1] = data;
    h->buffer[2] = text;
    h->array = (struct ArrowArray){.length = n,
                                   .null_count = valid ? -1 : 0,
                                   .n_buffers = text ? 3 : 2,
                                   .buffers = h->buffer,
                                   .release = hand_release};
    return h;
}

static void hand_dict(Hand *h, int64_t n, const void *valid, const int32_t *off,
                      const char *text)
{
    h->dict_schema.format = "u";
    h->schema.dictionary = &h->dict_schema;
    h->dict_buffer[0] = valid;
    h->dict_buffer[1] = off;
    h->dict_buffer[2] = text;
    h->dict = (struct ArrowArray){.length = n,
                                  .null_count = valid ? -1 : 0,
                                  .n_buffers = 3,
                                  .buffers = h->dict_buffer,
                                  .release = hand_release};
    h->array.dictionary = &h->dict;
}

static Status hand_import(Cx *cx, Hand *h, DType dt, NullForm null, Unit unit,
                          bool keep, Array **out)
{
    ColSpec spec = {.dt = (uint8_t)dt,
                    .null = (uint8_t)null,
                    .unit = (uint8_t)unit,
                    .keep_dict = keep};
    int before = releases;
    err_clear(&cx->err);
    Status st = arrow_import(cx, &h->schema, &h->array, &spec, out);
    if (st)
        assert_int_equal(releases, before + 1);
    else
        assert_ok(array_check(cx, *out));
    assert_null(h->array.release);
    return st;
}

static const char *text_at(const Array *a, idx i)
{
    static char s[100];
    idx n;
    if (array_is_null(a, i)) return "<null>";
    const uint8_t *p = array_str(a, i, &n);
    memcpy(s, p, (size_t)n);
    s[n] = 0;
    return s;
}

static void test_numbers(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Hand h;
    Array *a;
    static const int32_t v[] = {1, -2, 300, 4};
    static const uint8_t not_1[] = {0x0d};
    assert_ok(
        hand_import(cx, hand(&h, "i", 4, NULL, v, NULL), DT_I64, NULL_NONE, 0, 0, &a));
    assert_int_equal(((int64_t *)a->data)[2], 300);
    array_unref(a);
    assert_ok(
        hand_import(cx, hand(&h, "i", 4, NULL, v, NULL), DT_I32, NULL_NONE, 0, 0, &a));
    assert_ptr_equal(a->data, v); /* borrowed */
    array_unref(a);
    assert_int_equal(
        hand_import(cx, hand(&h, "i", 4, NULL, v, NULL), DT_I8, NULL_NONE, 0, 0, &a),
        E_VALUE);
    assert_int_equal(
        hand_import(cx, hand(&h, "i", 4, NULL, v, NULL), DT_U64, NULL_NONE, 0, 0, &a),
        E_VALUE);
    assert_int_equal(
        hand_import(cx, hand(&h, "i", 4, NULL, v, NULL), DT_STR, NULL_MASK, 0, 0, &a),
        E_TYPE);
    /* A missing value that does not fit is no matter, and becomes zero. */
    assert_ok(
        hand_import(cx, hand(&h, "i", 4, not_1, v, NULL), DT_U16, NULL_PROM, 0, 0, &a));
    assert_true(array_is_null(a, 1) && ((uint16_t *)a->data)[1] == 0);
    assert_int_equal(((uint16_t *)a->data)[2], 300);
    assert_int_equal(a->promoted, 0);
    array_unref(a);
    assert_ok(
        hand_import(cx, hand(&h, "i", 4, not_1, v, NULL), DT_I32, NULL_MASK, 0, 0, &a));
    assert_ptr_not_equal(a->data, v); /* a value stands below the null */
    assert_int_equal(((int32_t *)a->data)[1], 0);
    array_unref(a);
    assert_ok(
        hand_import(cx, hand(&h, "i", 4, not_1, v, NULL), DT_F64, NULL_NAN, 0, 0, &a));
    assert_true(array_is_null(a, 1) && !a->valid && ((double *)a->data)[2] == 300);
    array_unref(a);
    assert_int_equal(
        hand_import(cx, hand(&h, "i", 4, not_1, v, NULL), DT_I32, NULL_NONE, 0, 0, &a),
        E_VALUE);
    static const uint64_t big[] = {UINT64_MAX, 5};
    assert_int_equal(
        hand_import(cx, hand(&h, "L", 2, NULL, big, NULL), DT_I64, NULL_NONE, 0, 0, &a),
        E_VALUE);
    assert_ok(
        hand_import(cx, hand(&h, "L", 2, NULL, big, NULL), DT_F64, NULL_NAN, 0, 0, &a));
    assert_true(((double *)a->data)[0] == 18446744073709551615.0);
    array_unref(a);
    static const uint8_t bits[] = {0xa5, 0x01};
    hand(&h, "b", 6, NULL, bits, NULL)->array.offset = 3;
    assert_ok(hand_import(cx, &h, DT_BOOL, NULL_NONE, 0, 0, &a));
    assert_memory_equal(a->data, "\0\0\1\0\1\1", 6);
    array_unref(a);
    static const __int128 dec[] = {12345, -1, 0};
    assert_ok(hand_import(cx, hand(&h, "d:15,2", 3, NULL, dec, NULL), DT_F64, NULL_NAN,
                          0, 0, &a));
    assert_true(((double *)a->data)[0] == 123.45 && ((double *)a->data)[1] == -0.01);
    array_unref(a);
    hand(&h, "n", 3, NULL, NULL, NULL)->array.n_buffers = 0;
    assert_ok(hand_import(cx, &h, DT_F64, NULL_NAN, 0, 0, &a));
    assert_true(array_is_null(a, 2));
    array_unref(a);
    hand(&h, "n", 3, NULL, NULL, NULL)->array.n_buffers = 0;
    assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, 0, &a));
    assert_true(array_is_null(a, 2));
    array_unref(a);
    /* Values that are not aligned are copied. */
    static const uint8_t odd[9] = {0, 7, 0, 0, 0, 8, 0, 0, 0};
    assert_ok(hand_import(cx, hand(&h, "i", 2, NULL, odd + 1, NULL), DT_I32, NULL_NONE,
                          0, 0, &a));
    assert_int_equal(((int32_t *)a->data)[1], 8);
    array_unref(a);
    unit_end(cx);
}

static void test_times(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Hand h;
    Array *a;
    static const int64_t t[] = {1500, -1, 7};
    static const uint8_t not_1[] = {5};
    assert_ok(hand_import(cx, hand(&h, "tsm:UTC", 3, not_1, t, NULL), DT_TS, NULL_NAT,
                          UNIT_NS, 0, &a));
    assert_true(((int64_t *)a->data)[0] == 1500000000 && array_is_null(a, 1));
    assert_string_equal(a->tz, "UTC");
    array_unref(a);
    assert_int_equal(hand_import(cx, hand(&h, "tsm:", 3, NULL, t, NULL), DT_TS,
                                 NULL_NAT, UNIT_S, 0, &a),
                     E_VALUE);
    static const int64_t far[] = {INT64_MAX / 1000};
    assert_int_equal(hand_import(cx, hand(&h, "tDs", 1, NULL, far, NULL), DT_TD,
                                 NULL_NAT, UNIT_NS, 0, &a),
                     E_VALUE);
    static const int32_t days[] = {0, -1, 19000};
    assert_ok(hand_import(cx, hand(&h, "tdD", 3, NULL, days, NULL), DT_DATE, NULL_MASK,
                          0, 0, &a));
    assert_ptr_equal(a->data, days);
    array_unref(a);
    assert_ok(hand_import(cx, hand(&h, "tdD", 3, NULL, days, NULL), DT_TS, NULL_NAT,
                          UNIT_US, 0, &a));
    assert_true(((int64_t *)a->data)[1] == -86400000000);
    array_unref(a);
    static const int64_t ms[] = {86400000, -86400000, 0};
    assert_ok(hand_import(cx, hand(&h, "tdm", 3, NULL, ms, NULL), DT_DATE, NULL_MASK, 0,
                          0, &a));
    assert_int_equal(((int32_t *)a->data)[1], -1);
    array_unref(a);
    unit_end(cx);
}

static void test_text(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Hand h;
    Array *a;
    static const int32_t off[] = {0, 2, 5, 5, 6};
    static const char text[] = "abcdef";
    static const uint8_t not_1[] = {0x0d};
    assert_ok(hand_import(cx, hand(&h, "u", 4, NULL, off, text), DT_STR, NULL_MASK, 0,
                          0, &a));
    assert_ptr_equal(a->bytes, text); /* borrowed */
    assert_string_equal(text_at(a, 1), "cde");
    array_unref(a);
    assert_ok(hand_import(cx, hand(&h, "u", 4, not_1, off, text), DT_STR, NULL_MASK, 0,
                          0, &a));
    assert_string_equal(text_at(a, 1), "<null>");
    assert_int_equal(a->off[2], a->off[1]); /* nothing stands below the null */
    assert_string_equal(text_at(a, 3), "f");
    array_unref(a);
    static const int32_t down[] = {0, 3, 2, 5, 6}, minus[] = {-1, 0, 1, 2, 3};
    assert_int_equal(hand_import(cx, hand(&h, "u", 4, NULL, down, text), DT_STR,
                                 NULL_MASK, 0, 0, &a),
                     E_VALUE);
    assert_int_equal(hand_import(cx, hand(&h, "u", 4, NULL, minus, text), DT_STR,
                                 NULL_MASK, 0, 0, &a),
                     E_VALUE);
    /* Views: short ones inside, long ones in a buffer with a size. */
    static struct {
        int32_t n;
        char s[12];
    } view[3] = {
        {3,  "abc"},
        {14, ""   },
        {0,  ""   }
    };
    static const char longer[] = "xxlong text here";
    int64_t sizes[] = {16};
    int32_t where[2] = {0, 2};
    memcpy(view[1].s + 4, where, 8);
    hand(&h, "vu", 3, NULL, view, NULL);
    h.buffer[2] = longer;
    h.buffer[3] = sizes;
    h.array.n_buffers = 4;
    assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, 0, &a));
    assert_string_equal(text_at(a, 0), "abc");
    assert_string_equal(text_at(a, 1), "long text here");
    assert_string_equal(text_at(a, 2), "");
    array_unref(a);
    sizes[0] = 15;
    hand(&h, "vu", 3, NULL, view, NULL);
    h.buffer[2] = longer;
    h.buffer[3] = sizes;
    h.array.n_buffers = 4;
    assert_int_equal(hand_import(cx, &h, DT_STR, NULL_MASK, 0, 0, &a), E_VALUE);
    unit_end(cx);
}

static void test_dictionaries(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Hand h;
    Array *a;
    static const int32_t off[] = {0, 1, 3, 4}, same[] = {0, 1, 1, 1};
    static const int8_t code[] = {2, 0, 1, 1};
    static const int32_t wide[] = {2, 0, 1, 1};
    static const uint8_t not_1[] = {0x0d}, entry_not_1[] = {5};
    for (int keep = 0; keep < 2; keep++) {
        hand(&h, "c", 4, not_1, code, NULL);
        hand_dict(&h, 3, NULL, off, "abbc");
        assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, keep, &a));
        assert_int_equal(array_is_dict(a), keep);
        assert_string_equal(text_at(a, 0), "c");
        assert_string_equal(text_at(a, 1), "<null>");
        assert_string_equal(text_at(a, 3), "bb");
        assert_int_equal(a->dict_dups, 0);
        array_unref(a);
    }
    hand(&h, "i", 4, NULL, wide, NULL);
    hand_dict(&h, 3, NULL, off, "abbc");
    h.schema.flags = ARROW_FLAG_DICTIONARY_ORDERED;
    assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, true, &a));
    assert_ptr_equal(a->data, wide); /* borrowed */
    assert_int_equal(a->ordered, 2);
    array_unref(a);
    hand(&h, "i", 4, NULL, wide, NULL);
    hand_dict(&h, 3, entry_not_1, off, "abbc"); /* an entry is missing itself */
    assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, true, &a));
    assert_string_equal(text_at(a, 0), "c");
    assert_string_equal(text_at(a, 2), "<null>");
    array_unref(a);
    hand(&h, "i", 4, NULL, wide, NULL);
    hand_dict(&h, 3, NULL, same, "abbc");
    assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, true, &a));
    assert_int_equal(a->dict_dups, 1);
    array_unref(a);
    hand(&h, "i", 4, NULL, wide, NULL);
    hand_dict(&h, 2, NULL, off, "abbc");
    assert_int_equal(hand_import(cx, &h, DT_STR, NULL_MASK, 0, true, &a), E_VALUE);
    /* No entries: all rows must be missing. */
    static const uint8_t none[] = {0};
    hand(&h, "i", 4, none, wide, NULL);
    hand_dict(&h, 0, NULL, off, "");
    assert_ok(hand_import(cx, &h, DT_STR, NULL_MASK, 0, true, &a));
    assert_string_equal(text_at(a, 3), "<null>");
    array_unref(a);
    /* A dictionary of numbers is decoded. */
    static const int64_t num[] = {10, 20, 30};
    hand(&h, "c", 4, not_1, code, NULL);
    hand_dict(&h, 3, NULL, NULL, NULL);
    h.dict_schema.format = "l";
    h.dict.n_buffers = 2;
    h.dict_buffer[1] = num;
    assert_ok(hand_import(cx, &h, DT_F64, NULL_NAN, 0, true, &a));
    assert_true(((double *)a->data)[0] == 30 && array_is_null(a, 1));
    array_unref(a);
    unit_end(cx);
}

static void test_damage(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Hand h;
    Array *a;
    static const int64_t v[] = {1, 2};
    hand(&h, "l", -1, NULL, v, NULL);
    assert_int_equal(hand_import(cx, &h, DT_I64, 0, 0, 0, &a), E_VALUE);
    hand(&h, "l", 2, NULL, v, NULL)->array.offset = INT64_MAX;
    assert_int_equal(hand_import(cx, &h, DT_I64, 0, 0, 0, &a), E_VALUE);
    hand(&h, "l", 2, NULL, NULL, NULL);
    assert_int_equal(hand_import(cx, &h, DT_I64, 0, 0, 0, &a), E_VALUE);
    hand(&h, "l", 2, NULL, v, NULL)->array.n_buffers = 1;
    assert_int_equal(hand_import(cx, &h, DT_I64, 0, 0, 0, &a), E_VALUE);
    hand(&h, "+l", 2, NULL, v, NULL);
    assert_int_equal(hand_import(cx, &h, DT_I64, 0, 0, 0, &a), E_TYPE);
    assert_non_null(strstr(cx->err.text, "+l"));
    hand(&h, "l", 0, NULL, NULL, NULL);
    assert_ok(hand_import(cx, &h, DT_I64, 0, 0, 0, &a));
    assert_int_equal(a->n, 0);
    array_unref(a);
    unit_end(cx);
}

static void test_faults(void **state)
{
    (void)state;
    enum { COLS = 4 };
    static const char *const name[] = {"a", "b", "c", "d"};
    static const int kind[] = {0, 3, 6, 8};
    Cx *cx = unit_begin();
    for (int n = 1;; n++) {
        Rng r = {71};
        Table batch[2], out;
        ColSpec spec[COLS];
        alloc_fail_at(0);
        for (int b = 0; b < 2; b++) {
            assert_ok(table_init(cx, &batch[b], COLS, 80));
            for (int c = 0; c < COLS; c++) {
                batch[b].col[c] = random_column_of(cx, &r, 80, kind[c]);
                spec[c] = spec_of(batch[b].col[c]);
            }
        }
        struct ArrowArrayStream s;
        alloc_fail_at(n);
        Status st = arrow_export_stream(cx, &batch[n % 2], name, &s);
        if (!st) {
            st = arrow_import_stream(cx, &s, spec, COLS, -1, &out);
            table_clear(&out);
        }
        alloc_fail_at(0);
        for (int b = 0; b < 2; b++)
            table_clear(&batch[b]);
        assert_int_equal(buf_live_count(), 0);
        if (!st) {
            assert_true(n > 20);
            break;
        }
        assert_int_equal(st, E_MEMORY);
        err_clear(&cx->err);
    }
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_stream),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_times),
        cmocka_unit_test(test_text),       cmocka_unit_test(test_dictionaries),
        cmocka_unit_test(test_damage),     cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
