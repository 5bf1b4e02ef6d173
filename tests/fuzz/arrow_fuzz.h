/* SPDX-License-Identifier: Apache-2.0
 * Columns of the Arrow C interface out of a fuzzer's bytes. Buffers have the sizes that
 * an honest producer would give them (the interface does not tell sizes), their
 * contents are arbitrary: offsets that go down, codes outside the dictionary,
 * impossible views.
 */
#pragma once
#include "fuzz.h"
#include "io/arrow.h"
#include <stdlib.h>
#include <string.h>

enum { TEXT = 256, MAX_ROWS = 80, BUFFERS = 5 };

typedef struct Input {
    const uint8_t *p;
    size_t n, at;
} Input;

static inline uint8_t next(Input *in)
{
    if (in->n == 0) return 0;
    uint8_t v = in->p[in->at % in->n];
    in->at++;
    return v;
}

static inline void *filled(Input *in, size_t size)
{
    uint8_t *p = malloc(size ? size : 1);
    if (!p) abort();
    for (size_t i = 0; i < size; i++)
        p[i] = next(in);
    return p;
}

/* Offsets that an honest text of TEXT bytes could have, in any order. */
static inline void *offsets(Input *in, idx n, size_t width)
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

static inline void release(struct ArrowArray *a)
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

enum { FORMATS = sizeof formats / sizeof *formats };

/* An array of format f with n rows from row `at` on. */
static inline void make_array(Input *in, size_t f, idx n, idx at, struct ArrowArray *a)
{
    size_t w = formats[f].width;
    const char *format = formats[f].format;
    bool text = strcmp(format, "u") == 0 || strcmp(format, "U") == 0,
         view = *format == 'v';
    idx all = n + at;
    const void **b = calloc(BUFFERS, sizeof *b);
    if (!b) abort();
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

/* What the reader is told to expect. */
static inline ColSpec make_spec(Input *in)
{
    static const NullForm float_form[] = {NULL_NONE, NULL_NAN, NULL_MASK};
    ColSpec spec = {.dt = next(in) % DT_COUNT, .keep_dict = next(in) & 1};
    uint8_t form = next(in) % 3;
    spec.unit = dt_is_time(spec.dt) ? (uint8_t)(UNIT_S + next(in) % 4) : UNIT_NONE;
    spec.null = form == 0 ? NULL_NONE : form == 1 ? NULL_MASK : NULL_PROM;
    if (dt_is_float(spec.dt)) spec.null = (uint8_t)float_form[form];
    if (dt_is_time(spec.dt)) spec.null = NULL_NAT;
    if (spec.dt == DT_STR || spec.dt == DT_CAT) spec.null = NULL_MASK;
    return spec;
}
