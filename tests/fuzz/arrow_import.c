/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target of the Arrow import: a column that is described by the first bytes and
 * filled from the others is refused, or becomes a column that holds all invariants and
 * goes out and in again. Buffers have the sizes that an honest producer would give them
 * (the C interface does not tell sizes), their contents are arbitrary: offsets that go
 * down, codes outside the dictionary, impossible views.
 */
#include "fuzz.h"
#include "io/arrow.h"
#include <stdlib.h>
#include <string.h>

enum { TEXT = 256, MAX_ROWS = 80, BUFFERS = 5 };

typedef struct Input {
    const uint8_t *p;
    size_t n, at;
} Input;

static uint8_t next(Input *in)
{
    if (in->n == 0) return 0;
    uint8_t v = in->p[in->at % in->n];
    in->at++;
    return v;
}

static void *filled(Input *in, size_t size)
{
    uint8_t *p = malloc(size ? size : 1);
    if (!p) abort();
    for (size_t i = 0; i < size; i++)
        p[i] = next(in);
    return p;
}

/* Offsets that an honest text of TEXT bytes could have, in any order. */
static void *offsets(Input *in, idx n, size_t width)
{
    uint8_t *p = filled(in, (size_t)n * width);
    bool sorted = next(in) % 4 != 0;
    int64_t at = 0;
    for (idx i = 0; i < n; i++) {
        int64_t v = next(in);
        at = at + v % 4 < TEXT ? at + v % 4 : at;
        if (sorted) v = at;
        if (v == 255) v = -1;
        memcpy(p + (size_t)i * width, &v, width);
    }
    return p;
}

static void release(struct ArrowArray *a)
{
    for (int64_t i = 0; i < a->n_buffers; i++)
        free((void *)(uintptr_t)a->buffers[i]);
    free((void *)a->buffers);
    if (a->dictionary && a->dictionary->release) a->dictionary->release(a->dictionary);
    a->release = NULL;
}

static const struct {
    const char *format;
    size_t width; /* of a value; 0: bits; text: of an offset */
} formats[] = {
    {"c",       1 },
    {"C",       1 },
    {"s",       2 },
    {"S",       2 },
    {"i",       4 },
    {"I",       4 },
    {"l",       8 },
    {"L",       8 },
    {"f",       4 },
    {"g",       8 },
    {"b",       0 },
    {"tdD",     4 },
    {"tdm",     8 },
    {"tsn:",    8 },
    {"tss:UTC", 8 },
    {"tDu",     8 },
    {"d:15,2",  16},
    {"u",       4 },
    {"U",       8 },
    {"vu",      16},
    {"n",       0 },
    {"z",       4 }
};

static void make(Input *in, struct ArrowSchema *s, struct ArrowArray *a)
{
    size_t f = next(in) % (sizeof formats / sizeof *formats), w = formats[f].width;
    const char *format = formats[f].format;
    bool text = strcmp(format, "u") == 0 || strcmp(format, "U") == 0,
         view = *format == 'v';
    idx n = next(in) % MAX_ROWS, at = next(in) % 20, all = n + at;
    const void **b = calloc(BUFFERS, sizeof *b);
    if (!b) abort();
    *s = (struct ArrowSchema){.format = format, .name = "col"};
    *a = (struct ArrowArray){
        .length = n, .offset = at, .n_buffers = 2, .release = release};
    a->buffers = b;
    a->null_count = next(in) % 3 - 1;
    if (next(in) % 2) b[0] = filled(in, (size_t)(all + 7) / 8);
    if (*format == 'n') a->n_buffers = 0, free((void *)(uintptr_t)b[0]);
    if (*format == 'n') return;
    b[1] = text ? offsets(in, all + 1, w)
                : filled(in, w ? (size_t)all * w : (size_t)(all + 7) / 8);
    if (text || view) a->n_buffers = 3;
    if (text) b[2] = filled(in, TEXT);
    if (!view) return;
    int64_t sizes[] = {TEXT};
    a->n_buffers = 4;
    b[2] = filled(in, TEXT);
    b[3] = memcpy(filled(in, sizeof sizes), sizes, sizeof sizes);
}

static void round_trip(Cx *cx, Array *a)
{
    struct ArrowSchema schema;
    struct ArrowArray out;
    Array *back;
    ColSpec spec = {a->dt, a->null, a->unit, true};
    if (arrow_export(cx, a, "x", &schema, &out)) abort();
    if (arrow_import(cx, &schema, &out, &spec, &back)) abort();
    if (back->n != a->n || array_null_count(back) != array_null_count(a)) abort();
    if (array_check(cx, back)) abort();
    array_unref(back);
    schema.release(&schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const NullForm float_form[] = {NULL_NONE, NULL_NAN, NULL_MASK};
    Input in = {data, size, 0};
    struct ArrowSchema schema, entry_schema;
    struct ArrowArray array, entries;
    Array *a;
    Cx cx;
    ColSpec spec = {.dt = next(&in) % DT_COUNT, .keep_dict = next(&in) & 1};
    uint8_t form = next(&in) % 3;
    spec.unit = dt_is_time(spec.dt) ? (uint8_t)(UNIT_S + next(&in) % 4) : UNIT_NONE;
    spec.null = form == 0 ? NULL_NONE : form == 1 ? NULL_MASK : NULL_PROM;
    if (dt_is_float(spec.dt)) spec.null = (uint8_t)float_form[form];
    if (dt_is_time(spec.dt)) spec.null = NULL_NAT;
    if (spec.dt == DT_STR) spec.null = NULL_MASK;
    bool dict = next(&in) % 3 == 0;
    make(&in, &schema, &array);
    if (dict) {
        make(&in, &entry_schema, &entries);
        schema.dictionary = &entry_schema;
        array.dictionary = &entries;
    }
    cx_init(&cx, NULL, NULL, NULL);
    if (arrow_import(&cx, &schema, &array, &spec, &a) == OK) {
        if (array_check(&cx, a)) abort();
        round_trip(&cx, a);
        array_unref(a);
    }
    if (array.release || buf_live_count() != 0) abort();
    cx_clear(&cx);
    return 0;
}
