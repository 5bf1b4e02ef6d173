/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target of the Arrow import: a column that is described by the first bytes and
 * filled from the others (arrow_fuzz.h) is refused, or becomes a column that holds all
 * invariants and goes out and in again.
 */
#include "arrow_fuzz.h"

static void make(Input *in, struct ArrowSchema *s, struct ArrowArray *a)
{
    size_t f = next(in) % FORMATS;
    idx n = next(in) % MAX_ROWS, at = next(in) % 20;
    *s = (struct ArrowSchema){.format = formats[f].format, .name = "col"};
    make_array(in, f, n, at, a);
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
    Input in = {data, size, 0};
    struct ArrowSchema schema, entry_schema;
    struct ArrowArray array, entries;
    Array *a;
    Cx cx;
    ColSpec spec = make_spec(&in);
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
