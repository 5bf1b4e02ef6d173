/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target of the reader of Arrow streams: schema, formats (also ones that nobody
 * knows), batches that do not fit their schema or each other, errors in the middle.
 * Whatever comes is refused, or becomes a table that holds all invariants; either way
 * all that the stream gave is released.
 */
#include "arrow_fuzz.h"

#include <stdio.h>

enum { MAX_COLS = 4, MAX_BATCHES = 5, FORMAT_TEXT = 24 };

typedef struct Column {
    size_t f, entry; /* formats of the column, or of its codes and of its dictionary */
    bool dict;
    char format[FORMAT_TEXT]; /* when it is none of the table */
    struct ArrowSchema schema, entry_schema;
} Column;

typedef struct Source {
    Input in;
    Column col[MAX_COLS];
    struct ArrowSchema *child[MAX_COLS];
    idx ncol;
    int batches, open; /* still to come; given and not released */
} Source;

static void schema_release(struct ArrowSchema *s)
{
    s->release = NULL;
}

/* Text that begins like a format: units, time zones, precisions. */
static void odd_format(Input *in, Column *c)
{
    static const char *const start[] = {"ts", "tD", "d:", "t", "w:", "+", ""};
    size_t at =
        (size_t)snprintf(c->format, sizeof c->format, "%s", start[next(in) % 7]);
    for (size_t n = next(in) % 16; n > 0 && at < FORMAT_TEXT - 1; n--)
        c->format[at++] = (char)next(in);
    c->schema.format = c->format;
}

/* Only in a schema without rows: what fills the buffers of a format nobody knows? */
static void make_column(Input *in, Column *c, bool odd)
{
    c->f = next(in) % FORMATS;
    c->entry = next(in) % FORMATS;
    c->dict = next(in) % 3 == 0;
    c->schema = (struct ArrowSchema){.format = formats[c->f].format, .name = "col"};
    c->entry_schema = (struct ArrowSchema){.format = formats[c->entry].format};
    if (c->dict) c->schema.dictionary = &c->entry_schema;
    if (odd) odd_format(in, c);
}

static int get_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
    Source *src = s->private_data;
    uint8_t how = next(&src->in);
    if (how < 4) return how;
    *out = (struct ArrowSchema){.format = how < 8 ? "+l" : "+s",
                                .n_children = src->ncol - (how < 12),
                                .children = src->child,
                                .release = schema_release};
    return 0;
}

static void batch_release(struct ArrowArray *a)
{
    Source *src = a->private_data;
    for (int64_t i = 0; i < MAX_COLS; i++) {
        if (a->children[i]->release) a->children[i]->release(a->children[i]);
        free(a->children[i]);
    }
    free(a->children);
    a->release = NULL;
    src->open--;
}

static void make_child(Source *src, const Column *c, idx n, struct ArrowArray *a)
{
    Input *in = &src->in;
    make_array(in, c->f, n, next(in) % 9, a);
    if (!c->dict) return;
    /* Of each batch its own: a column of the one before may still hold its. */
    static struct ArrowArray entries[MAX_BATCHES][MAX_COLS];
    struct ArrowArray *d = &entries[src->batches % MAX_BATCHES][c - src->col];
    make_array(in, c->entry, next(in) % MAX_ROWS, next(in) % 9, d);
    a->dictionary = d;
}

static int get_next(struct ArrowArrayStream *s, struct ArrowArray *out)
{
    Source *src = s->private_data;
    Input *in = &src->in;
    if (src->batches-- == 0) return 0;
    uint8_t how = next(in);
    if (how < 4) return how;
    idx n = next(in) % MAX_ROWS, at = next(in) % 4 ? 0 : next(in) % 8;
    *out = (struct ArrowArray){.length = n,
                               .offset = at,
                               .n_children = src->ncol - (how < 8),
                               .children = calloc(MAX_COLS, sizeof *out->children),
                               .release = batch_release,
                               .private_data = src};
    if (!out->children) abort();
    src->open++;
    for (idx c = 0; c < MAX_COLS; c++) {
        out->children[c] = calloc(1, sizeof **out->children);
        if (!out->children[c]) abort();
        idx rows = n + at - (next(in) == 0);
        if (c < src->ncol && rows >= 0)
            make_child(src, &src->col[c], rows, out->children[c]);
    }
    return 0;
}

static const char *last_error(struct ArrowArrayStream *s)
{
    Source *src = s->private_data;
    return src->batches % 2 ? "no" : NULL;
}

static void stream_release(struct ArrowArrayStream *s)
{
    s->release = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cx cx;
    Table t;
    ColSpec spec[MAX_COLS];
    Source src = {
        .in = {data, size, 0}
    };
    src.ncol = next(&src.in) % (MAX_COLS + 1);
    bool odd = next(&src.in) % 4 == 0;
    src.batches = odd ? 0 : next(&src.in) % MAX_BATCHES;
    for (idx c = 0; c < MAX_COLS; c++) {
        spec[c] = make_spec(&src.in);
        make_column(&src.in, &src.col[c], odd);
        src.child[c] = &src.col[c].schema;
    }
    idx expect = (idx)next(&src.in) - 1;
    struct ArrowArrayStream s = {get_schema, get_next, last_error, stream_release,
                                 &src};
    cx_init(&cx, NULL, NULL, NULL);
    if (arrow_import_stream(&cx, &s, spec, src.ncol, expect, &t) == OK) {
        for (idx c = 0; c < t.ncol; c++)
            if (t.col[c]->n != t.n || array_check(&cx, t.col[c])) abort();
        table_clear(&t);
    }
    if (s.release || src.open || buf_live_count() != 0) abort();
    cx_clear(&cx);
    return 0;
}
