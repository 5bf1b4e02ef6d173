/* SPDX-License-Identifier: Apache-2.0
 * Arrow streams of structs, batch by batch: each is checked and imported, and released
 * with the last column that borrows from it.
 */
#include "array/buf.h"
#include "io/arrow_int.h"
#include "kernel/kernel.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ArrowReader {
    struct ArrowArrayStream stream; /* ours: moved out of the caller's */
    struct ArrowSchema schema;
    const ColSpec *spec;
    idx ncol, nrow;   /* columns; rows so far */
    DictCache *cache; /* one per column */
};

/* What a reader that is Python says: pyarrow puts its own word for the kind of error
 * before the text of the exception, and the traceback behind. */
static Status fail_text(Cx *cx, ErrCode e, const char *why)
{
    static const char kind[] = "IOError: ", more[] = ". Detail: Python exception: ";
    if (e == E_OS && strncmp(why, kind, sizeof kind - 1) == 0) why += sizeof kind - 1;
    const char *end = strstr(why, more);
    return fail(cx, e, "%.*s", (int)(end ? end - why : (ptrdiff_t)strlen(why)), why);
}

static Status stream_failed(Cx *cx, struct ArrowArrayStream *in, int code)
{
    TRY(cx_check(
        cx)); /* Ctrl-C ends a reader that is Python with an error of its own */
    const char *why = in->get_last_error ? in->get_last_error(in) : NULL;
    ErrCode e = E_OS;
    switch (code) {
    case ENOENT: e = E_NOT_FOUND; break;
    case EACCES:
    case EPERM: e = E_PERMISSION; break;
    case ENOMEM: e = E_MEMORY; break;
    case EINVAL: e = E_VALUE; break;
    case EINTR: e = E_INTERRUPT; break;
    default: break;
    }
    return fail_text(cx, e, why && *why ? why : strerror(code));
}

static Status open_schema(Cx *cx, ArrowReader *r)
{
    int code = r->stream.get_schema(&r->stream, &r->schema);
    if (code) {
        r->schema.release = NULL;
        return stream_failed(cx, &r->stream, code);
    }
    const char *f = r->schema.format;
    if (!f || strcmp(f, "+s") != 0)
        return fail(cx, E_TYPE, "an Arrow stream of '%s', not of tables", f ? f : "");
    if (r->schema.n_children != r->ncol || (r->ncol && !r->schema.children))
        return fail(cx, E_VALUE,
                    "an Arrow stream of %lld columns where %lld are expected",
                    (long long)r->schema.n_children, (long long)r->ncol);
    return mem_new(cx, r->ncol, sizeof *r->cache, true, &r->cache);
}

Status arrow_reader_open(Cx *cx, struct ArrowArrayStream *in, const ColSpec *spec,
                         idx ncol, ArrowReader **out)
{
    ArrowReader *r;
    *out = NULL;
    if (!in->release)
        return fail(cx, E_VALUE, "an Arrow stream that is released already");
    Status st = mem_new(cx, 1, sizeof *r, true, &r);
    if (st) {
        in->release(in);
        return st;
    }
    *r = (ArrowReader){.stream = *in, .spec = spec, .ncol = ncol};
    in->release = NULL;
    st = open_schema(cx, r);
    if (st)
        arrow_reader_close(r);
    else
        *out = r;
    return st;
}

void arrow_reader_close(ArrowReader *r)
{
    if (!r) return;
    for (idx c = 0; r->cache && c < r->ncol; c++) {
        array_unref(r->cache[c].dict);
        array_unref(r->cache[c].cats);
    }
    mem_free(r->cache);
    if (r->schema.release) r->schema.release(&r->schema);
    r->stream.release(&r->stream);
    mem_free(r);
}

/* Moves column c out of a struct's children, with the struct's own bounds. */
static Status batch_child(Cx *cx, struct ArrowArray *a, idx c, struct ArrowArray *out)
{
    struct ArrowArray *child = a->children[c];
    int64_t end;
    if (!child || !child->release || child->length < 0 || child->offset < 0 ||
        __builtin_add_overflow(a->offset, a->length, &end) || end > child->length ||
        __builtin_add_overflow(child->offset, a->offset, &end))
        return fail(cx, E_VALUE, "an Arrow batch whose columns differ in length");
    *out = *child;
    child->release = NULL;
    out->offset = end;
    if (out->length != a->length && out->null_count > 0) out->null_count = -1;
    out->length = a->length;
    return OK;
}

static Status import_batch(Cx *cx, ArrowReader *r, struct ArrowArray *a, Table *out)
{
    if (a->n_children != r->ncol || (r->ncol && !a->children) || a->length < 0 ||
        a->offset < 0)
        return fail(cx, E_VALUE, "an Arrow batch that is not as its schema says");
    if (a->null_count != 0 && a->n_buffers > 0 && a->buffers && a->buffers[0])
        return fail(cx, E_VALUE, "an Arrow batch with missing rows");
    if (a->length == 0) return OK;
    if (__builtin_add_overflow(r->nrow, a->length, &r->nrow))
        return fail(cx, E_OVERFLOW, "a table of more than 2**63 rows");
    TRY(table_init(cx, out, r->ncol, a->length));
    for (idx c = 0; c < r->ncol; c++) {
        struct ArrowArray child;
        TRY(batch_child(cx, a, c, &child));
        TRY(arrow_import_column(cx, r->schema.children[c], &child, &r->spec[c],
                                &r->cache[c], &out->col[c]));
    }
    return OK;
}

static Status no_rows(Cx *cx, ArrowReader *r, Table *out)
{
    TRY(table_init(cx, out, r->ncol, 0));
    for (idx c = 0; c < r->ncol; c++)
        TRY(arrow_empty_column(cx, r->schema.children[c], &r->spec[c], &out->col[c]));
    return OK;
}

Status arrow_reader_next(Cx *cx, ArrowReader *r, Table *out)
{
    Status st = OK;
    bool end = false;
    *out = (Table){0};
    while (!st && !end && out->n == 0) {
        struct ArrowArray a = {0};
        TRY(cx_check(cx));
        int code = r->stream.get_next(&r->stream, &a);
        if (code) return stream_failed(cx, &r->stream, code);
        end = !a.release;
        if (!end) st = import_batch(cx, r, &a, out);
        if (!end) a.release(&a);
    }
    if (!st && end) st = no_rows(cx, r, out);
    if (st) table_clear(out);
    return st;
}

/* -- All batches as one table ------------------------------------------------------ */

/* Batches bring a dictionary each. The categories of a column are those of its batches
 * in order of appearance; codes so far stay right, since categories are only added. */
static Status join_categories(Cx *cx, Array **cats, Array **a)
{
    Array *all, *r;
    if (!*cats) *cats = array_ref((*a)->cats);
    TRY(category_union(cx, *cats, (*a)->cats, &all));
    array_unref(*cats);
    *cats = all;
    TRY(category_recode(cx, *a, all, (*a)->ordered == 2, &r));
    array_unref(*a);
    *a = r;
    return OK;
}

static Status add_batch(Cx *cx, ArrowReader *r, Append **column, Table *t)
{
    for (idx c = 0; c < t->ncol; c++) {
        if (t->col[c]->dt == DT_CAT) {
            TRY(join_categories(cx, &r->cache[c].cats, &t->col[c]));
            append_set_cats(column[c], t->col[c]);
        }
        TRY(append_add(cx, column[c], t->col[c]));
    }
    return OK;
}

/* The batch without rows at the end gives a column its type when it is the only one. */
static Status add_batches(Cx *cx, ArrowReader *r, Append **column)
{
    idx n;
    do {
        Table t;
        TRY(arrow_reader_next(cx, r, &t));
        n = t.n;
        Status st = add_batch(cx, r, column, &t);
        table_clear(&t);
        TRY(st);
    } while (n > 0);
    return OK;
}

static Status read_all(Cx *cx, ArrowReader *r, idx expect, Append **column, Table *out)
{
    for (idx c = 0; c < r->ncol; c++)
        TRY(append_new(cx, (NullForm)r->spec[c].null, expect, &column[c]));
    TRY(add_batches(cx, r, column));
    TRY(table_init(cx, out, r->ncol, r->nrow));
    for (idx c = 0; c < r->ncol; c++) {
        Append *done = column[c];
        column[c] = NULL;
        TRY(append_finish(cx, done, &out->col[c]));
    }
    return OK;
}

Status arrow_import_stream(Cx *cx, struct ArrowArrayStream *in, const ColSpec *spec,
                           idx ncol, idx expect, Table *out)
{
    ArrowReader *r;
    Append **column;
    *out = (Table){0};
    TRY(arrow_reader_open(cx, in, spec, ncol, &r));
    Status st = mem_new(cx, ncol, sizeof(Append *), true, &column);
    if (!st) {
        st = read_all(cx, r, expect, column, out);
        for (idx c = 0; c < ncol; c++)
            append_free(column[c]);
        mem_free(column);
    }
    arrow_reader_close(r);
    if (st) table_clear(out);
    return st;
}
