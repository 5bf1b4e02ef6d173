/* SPDX-License-Identifier: Apache-2.0
 * Columns into the Arrow C Data Interface. Buffers are shared: the ArrowArray holds a
 * reference to the column. Only what the layouts do not have in common is made anew:
 * bits of bools, and the bitmap that NaT becomes.
 *
 * The structs that a consumer moves around are followed by one private block each,
 * which its release function frees; children and dictionaries are embedded in it.
 */
#include "io/arrow.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* -- Schema ---------------------------------------------------------------------- */

typedef struct SchemaPrivate {
    struct ArrowSchema child;      /* dictionary */
    char *name, *format;           /* ours */
    struct ArrowSchema **children; /* of a struct: ncol pointers into column */
    struct ArrowSchema *column;    /* ncol of them */
} SchemaPrivate;

static void schema_release(struct ArrowSchema *schema)
{
    SchemaPrivate *p = schema->private_data;
    for (int64_t c = 0; c < schema->n_children; c++)
        if (schema->children[c]->release)
            schema->children[c]->release(schema->children[c]);
    if (schema->dictionary && schema->dictionary->release)
        schema->dictionary->release(schema->dictionary);
    mem_free(p->name);
    mem_free(p->format);
    mem_free(p->children);
    mem_free(p->column);
    mem_free(p);
    schema->release = NULL;
}

static Status text_copy(Cx *cx, const char *s, char **out)
{
    size_t n = strlen(s) + 1;
    TRY(mem_new(cx, (idx)n, 1, false, out));
    memcpy(*out, s, n);
    return OK;
}

/* A schema that can be released, of no type yet. */
static Status schema_new(Cx *cx, const char *name, const char *format,
                         struct ArrowSchema *out)
{
    SchemaPrivate *p;
    memset(out, 0, sizeof *out);
    TRY(mem_new(cx, 1, sizeof *p, true, &p));
    out->private_data = p;
    out->release = schema_release;
    out->flags = ARROW_FLAG_NULLABLE;
    Status st = text_copy(cx, name ? name : "", &p->name);
    if (!st) st = text_copy(cx, format, &p->format);
    out->name = p->name;
    out->format = p->format;
    return st;
}

static Status export_schema(Cx *cx, const Array *a, const char *name,
                            struct ArrowSchema *out)
{
    char format[256];
    const Array *entries = a->cats ? a->cats : a->dict;
    if (entries) {
        TRY(schema_new(cx, name, "i", out));
        SchemaPrivate *p = out->private_data;
        out->dictionary = &p->child;
        if (a->ordered == 2) out->flags |= ARROW_FLAG_DICTIONARY_ORDERED;
        return export_schema(cx, entries, "", &p->child);
    }
    const char *base = dtype_info[a->dt].arrow, *unit = unit_text(a->unit);
    if (!dt_is_time(a->dt)) return schema_new(cx, name, base, out);
    const char *tz = a->dt == DT_TS && a->tz ? a->tz : "";
    int n = snprintf(format, sizeof format, "%s%c%s%s", base, unit[0],
                     a->dt == DT_TS ? ":" : "", tz);
    if (n < 0 || (size_t)n >= sizeof format)
        return fail(cx, E_VALUE, "the name of time zone '%s' is too long", tz);
    return schema_new(cx, name, format, out);
}

/* -- One column ------------------------------------------------------------------ */

typedef struct ArrayPrivate {
    const void *buffer[3];
    Array *array;                 /* our reference */
    Buf *made[2];                 /* bitmap and bits made for the export */
    struct ArrowArray child;      /* dictionary */
    struct ArrowArray **children; /* of a struct */
    struct ArrowArray *column;
} ArrayPrivate;

static void array_release(struct ArrowArray *a)
{
    ArrayPrivate *p = a->private_data;
    for (int64_t c = 0; c < a->n_children; c++)
        if (a->children[c]->release) a->children[c]->release(a->children[c]);
    if (a->dictionary && a->dictionary->release) a->dictionary->release(a->dictionary);
    array_unref(p->array);
    buf_unref(p->made[0]);
    buf_unref(p->made[1]);
    mem_free(p->children);
    mem_free(p->column);
    mem_free(p);
    a->release = NULL;
}

static Status export_new(Cx *cx, Array *a, idx n, struct ArrowArray *out)
{
    ArrayPrivate *p;
    memset(out, 0, sizeof *out);
    TRY(mem_new(cx, 1, sizeof *p, true, &p));
    p->array = array_ref(a);
    out->private_data = p;
    out->release = array_release;
    out->length = n;
    out->buffers = p->buffer;
    return OK;
}

/* The bitmap of a column whose missing values are NaT; none when there are none. */
static Status export_nat(Cx *cx, const Array *a, ArrayPrivate *p, int64_t *nulls)
{
    const int64_t *v = a->data;
    idx n = a->n, count = 0;
    for (idx i = 0; i < n; i++)
        count += v[i] == NAT;
    *nulls = count;
    if (count == 0) return OK;
    TRY(buf_new(cx, (size_t)bit_words(n) * 8, true, &p->made[0]));
    uint64_t *bits = (uint64_t *)(void *)p->made[0]->data;
    for (idx i = 0; i < n; i++)
        bits[i >> 6] |= (uint64_t)(v[i] != NAT) << (i & 63);
    p->buffer[0] = bits;
    return OK;
}

static Status export_bits(Cx *cx, const Array *a, ArrayPrivate *p)
{
    TRY(buf_new(cx, (size_t)bit_words(a->n) * 8, false, &p->made[1]));
    bits_from_bytes((uint64_t *)(void *)p->made[1]->data, a->data, a->n);
    p->buffer[1] = p->made[1]->data;
    return OK;
}

static Status export_array(Cx *cx, Array *a, struct ArrowArray *out)
{
    TRY(export_new(cx, a, a->n, out));
    ArrayPrivate *p = out->private_data;
    out->n_buffers = 2;
    out->null_count = array_null_count(a);
    if (out->null_count) p->buffer[0] = a->valid;
    p->buffer[1] = a->data;
    if (a->null == NULL_NAT) TRY(export_nat(cx, a, p, &out->null_count));
    Array *entries = a->cats ? a->cats : a->dict;
    if (entries) {
        out->dictionary = &p->child;
        return export_array(cx, entries, &p->child);
    }
    if (a->dt == DT_BOOL) return export_bits(cx, a, p);
    if (a->dt != DT_STR) return OK;
    out->n_buffers = 3;
    p->buffer[1] = a->off;
    p->buffer[2] = a->bytes;
    return OK;
}

Status arrow_export(Cx *cx, Array *a, const char *name, struct ArrowSchema *schema,
                    struct ArrowArray *out)
{
    memset(out, 0, sizeof *out);
    Status st = export_schema(cx, a, name, schema);
    if (!st) st = export_array(cx, a, out);
    if (st) {
        if (schema->release) schema->release(schema);
        if (out->release) out->release(out);
    }
    return st;
}

/* -- Streams --------------------------------------------------------------------- */

typedef struct Writer {
    Cx cx; /* of its own: a consumer may read when the call that made it is over */
    Table table; /* references */
    char **name; /* copies */
    bool done;   /* the one batch is given out */
} Writer;

static Status writer_schema(Cx *cx, const Writer *w, struct ArrowSchema *out)
{
    idx ncol = w->table.ncol;
    TRY(schema_new(cx, "", "+s", out));
    SchemaPrivate *p = out->private_data;
    out->flags = 0;
    TRY(mem_new(cx, ncol, sizeof *p->column, true, &p->column));
    TRY(mem_new(cx, ncol, sizeof *p->children, true, &p->children));
    out->children = p->children;
    for (idx c = 0; c < ncol; c++) {
        p->children[c] = &p->column[c];
        out->n_children = c + 1;
        TRY(export_schema(cx, w->table.col[c], w->name[c], &p->column[c]));
    }
    return OK;
}

static Status writer_batch(Cx *cx, const Writer *w, struct ArrowArray *out)
{
    idx ncol = w->table.ncol;
    TRY(export_new(cx, NULL, w->table.n, out));
    ArrayPrivate *p = out->private_data;
    out->n_buffers = 1;
    TRY(mem_new(cx, ncol, sizeof *p->column, true, &p->column));
    TRY(mem_new(cx, ncol, sizeof *p->children, true, &p->children));
    out->children = p->children;
    for (idx c = 0; c < ncol; c++) {
        p->children[c] = &p->column[c];
        out->n_children = c + 1;
        TRY(export_array(cx, w->table.col[c], &p->column[c]));
    }
    return OK;
}

static int writer_errno(const Writer *w)
{
    return w->cx.err.code == E_MEMORY ? ENOMEM : EINVAL;
}

static int stream_get_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
    Writer *w = s->private_data;
    memset(out, 0, sizeof *out);
    err_clear(&w->cx.err);
    if (!writer_schema(&w->cx, w, out)) return 0;
    if (out->release) out->release(out);
    return writer_errno(w);
}

static int stream_get_next(struct ArrowArrayStream *s, struct ArrowArray *out)
{
    Writer *w = s->private_data;
    memset(out, 0, sizeof *out);
    if (w->done) return 0;
    err_clear(&w->cx.err);
    w->done = true;
    if (!writer_batch(&w->cx, w, out)) return 0;
    if (out->release) out->release(out);
    return writer_errno(w);
}

static const char *stream_last_error(struct ArrowArrayStream *s)
{
    const Writer *w = s->private_data;
    return w->cx.err.text;
}

static void writer_free(Writer *w)
{
    for (idx c = 0; w->name && c < w->table.ncol; c++)
        mem_free(w->name[c]);
    mem_free(w->name);
    table_clear(&w->table);
    mem_free(w);
}

static void stream_release(struct ArrowArrayStream *s)
{
    writer_free(s->private_data);
    s->release = NULL;
}

static Status writer_fill(Cx *cx, const Table *t, const char *const *name, Writer *w)
{
    TRY(table_init(cx, &w->table, t->ncol, t->n));
    TRY(mem_new(cx, t->ncol, sizeof *w->name, true, &w->name));
    for (idx c = 0; c < t->ncol; c++) {
        w->table.col[c] = array_ref(t->col[c]);
        TRY(text_copy(cx, name[c], &w->name[c]));
    }
    return OK;
}

Status arrow_export_stream(Cx *cx, const Table *t, const char *const *name,
                           struct ArrowArrayStream *out)
{
    Writer *w;
    memset(out, 0, sizeof *out);
    TRY(mem_new(cx, 1, sizeof *w, true, &w));
    err_clear(&w->cx.err); /* all that the export needs of a Cx */
    Status st = writer_fill(cx, t, name, w);
    if (st) {
        writer_free(w);
        return st;
    }
    out->get_schema = stream_get_schema;
    out->get_next = stream_get_next;
    out->get_last_error = stream_last_error;
    out->release = stream_release;
    out->private_data = w;
    return OK;
}
