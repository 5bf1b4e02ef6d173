/* SPDX-License-Identifier: Apache-2.0
 * Reading and writing files through the host, and print.
 */
#include "base/base.h"

#include "array/buf.h"
#include "base/host.h"
#include "io/arrow.h"
#include "rt/rt_call.h"
#include "rt/rt_int.h"

#include <math.h>

#include <stdio.h>
#include <stdlib.h>

Status rt_host_failed(Cx *cx, Status st, const Err *err)
{
    if (st && cx->err.code == OK) {
        int32_t site = cx->site, rank = cx->comm->size > 1 ? cx->comm->rank : -1;
        cx->err = *err;
        cx->err.site = site;
        cx->err.rank = rank;
    }
    return st;
}

static Status text_arg(Cx *cx, const Slot *s, const char **out)
{
    char *copy = arena_try(cx->scratch, (size_t)idx_max(s->n, 0) + 1, 1);
    if (!copy)
        return fail(cx, E_MEMORY, "no memory for a path of %lld bytes",
                    (long long)s->n);
    if (s->n > 0) memcpy(copy, s->p, (size_t)s->n);
    if (s->n > 0 && memchr(copy, 0, (size_t)s->n)) /* else another file is meant */
        return fail(cx, E_VALUE, "embedded null byte");
    *out = copy;
    return OK;
}

static Status texts(Cx *cx, const Attrs *at, const char *name, const char *const **out)
{
    idx n = attr_count(at, name);
    const char **list = arena_try(cx->scratch, (size_t)n + 1, sizeof *list);
    if (!list) return fail(cx, E_MEMORY, "no memory for %lld names", (long long)n);
    for (idx i = 0; i < n; i++)
        list[i] = attr_text_at(at, name, i);
    *out = list;
    return OK;
}

/* What a READ, or the READER of a file, is to read; but for the columns' types. */
static Status read_spec(Cx *cx, const Attrs *at, const Slot *path, ReadSpec *spec)
{
    bool par = rt_par(cx, at);
    *spec = (ReadSpec){.format = attr_text(at, "format"),
                       .ncolumn = attr_count(at, "columns"),
                       .options = attr_text(at, "options"),
                       .filter = attr_text(at, "filter"),
                       .rank = par ? cx->comm->rank : 0,
                       .size = par ? cx->comm->size : 1,
                       .limit = attr_int(at, "limit", -1)};
    TRY(text_arg(cx, path, &spec->path));
    return texts(cx, at, "columns", &spec->column);
}

/* The types that the columns are wanted in: a node's results behind the first. */
static Status column_types(Cx *cx, const Attrs *at, idx ncol, ColSpec **out,
                           const char *const **names)
{
    ColSpec *cols = arena_try(cx->scratch, (size_t)ncol + 1, sizeof *cols);
    const char **types = arena_try(cx->scratch, (size_t)ncol + 1, sizeof *types);
    if (!cols || !types)
        return fail(cx, E_MEMORY, "no memory for %lld columns", (long long)ncol);
    for (idx i = 0; i < ncol; i++) {
        RtType t = rt_type(at, "rtype", 1 + i);
        types[i] = dtype_info[t.dt].text;
        cols[i] =
            (ColSpec){.dt = t.dt, .null = t.null, .unit = t.unit, .keep_dict = true};
    }
    *out = cols;
    *names = types;
    return OK;
}

/* *expect: how many rows will come, -1: not known. */
static Status open_stream(Cx *cx, const ReadSpec *spec, struct ArrowArrayStream *stream,
                          idx *expect)
{
    Err err = {0};
    *stream = (struct ArrowArrayStream){0};
    *expect = -1;
    if (!cx->host || !cx->host->read_open)
        return fail(cx, E_INTERNAL, "no reader for files");
    return rt_host_failed(
        cx, cx->host->read_open(cx->host_data, spec, stream, expect, &err), &err);
}

/* A file that is not, or no longer, what the program was compiled for is named. */
static Status of_file(Cx *cx, const char *path, Status st)
{
    Err full = {0};
    if ((st != E_TYPE && st != E_VALUE) || strstr(cx->err.text, path)) return st;
    (void)err_set(&full, E_VALUE, "%s: %s", path, cx->err.text);
    memcpy(cx->err.text, full.text, sizeof full.text);
    return st;
}

/* Integers that are missing somewhere are floats on every rank. */
static Status agree_promoted(Cx *cx, Table *t, bool par)
{
    int64_t *any = arena_try(cx->scratch, (size_t)t->ncol + 1, sizeof *any);
    bool prom = false;
    if (!any)
        return fail(cx, E_MEMORY, "no memory for %lld columns", (long long)t->ncol);
    for (idx i = 0; i < t->ncol; i++) {
        any[i] = t->col[i]->null == NULL_PROM && array_null_count(t->col[i]) > 0;
        prom |= t->col[i]->null == NULL_PROM;
    }
    if (!prom) return OK;
    if (par) TRY(comm_max_i64(cx, any, (int)t->ncol));
    for (idx i = 0; i < t->ncol; i++)
        if (t->col[i]->null == NULL_PROM) t->col[i]->promoted = any[i] != 0;
    return OK;
}

Status rt_read(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin;
    ReadSpec spec;
    ColSpec *cols;
    struct ArrowArrayStream stream;
    idx expect;
    Table t;
    TRY(read_spec(cx, at, &in[0], &spec));
    TRY(column_types(cx, at, nout - 1, &cols, &spec.type));
    TRY(open_stream(cx, &spec, &stream, &expect));
    TRY(of_file(cx, spec.path,
                arrow_import_stream(cx, &stream, cols, nout - 1, expect, &t)));
    Status st = agree_promoted(cx, &t, rt_par(cx, at));
    out[0].i = t.n;
    if (!st) st = rt_out_table(cx, at, 1, out + 1, &t, 0, nout - 1);
    table_clear(&t);
    return st;
}

/* A file that is read batch by batch. It is opened where the program reads it, so that
 * what is wrong with it is told there. */
typedef struct Reading {
    struct ArrowArrayStream stream; /* until the first batch */
    ArrowReader *reader;
    idx rows; /* in all, -1: not known */
    char path[201];
} Reading;

static void reading_close(void *p)
{
    Reading *r = p;
    if (r->stream.release) r->stream.release(&r->stream);
    arrow_reader_close(r->reader);
    mem_free(r);
}

Status rt_reader(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    Reading *r;
    Closing *c;
    ReadSpec spec;
    TRY(mem_new(cx, 1, sizeof *r, true, &r));
    TRY(rt_closing(cx, r, reading_close, &c));
    TRY(read_spec(cx, at, &in[0], &spec));
    TRY(open_stream(cx, &spec, &r->stream, &r->rows));
    snprintf(r->path, sizeof r->path, "%s", spec.path);
    out[0].ptr = c;
    return OK;
}

idx rt_reader_rows(const Slot *reader)
{
    const Reading *r = ((Closing *)reader->ptr)->p;
    return r->rows;
}

Status rt_rowbase(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    idx rows = rt_reader_rows(&in[0]), before = 0, total;
    if (rows < 0) return fail(cx, E_INTERNAL, "a file of unknown length is numbered");
    if (rt_par(cx, at)) TRY(comm_exscan_i64(cx, rows, &before, &total));
    out[0].i = before;
    return OK;
}

static Status begin_reading(Cx *cx, const Attrs *at, idx ncol, Reading *r)
{
    ColSpec *cols;
    const char *const *names;
    TRY(column_types(cx, at, ncol, &cols, &names));
    return arrow_reader_open(cx, &r->stream, cols, ncol, &r->reader);
}

Status rt_readnext(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin;
    Reading *r = ((Closing *)in[0].ptr)->p;
    Table t;
    if (!r->reader) TRY(of_file(cx, r->path, begin_reading(cx, at, nout - 1, r)));
    TRY(of_file(cx, r->path, arrow_reader_next(cx, r->reader, &t)));
    out[0].i = t.n;
    Status st = rt_out_table(cx, at, 1, out + 1, &t, 0, nout - 1);
    if (t.n == 0) {
        arrow_reader_close(r->reader); /* and what it holds of the file */
        r->reader = NULL;
    }
    table_clear(&t);
    return st;
}

/* Dictionaries are the engine's own way to keep text; files hold the text. The plain
 * columns are the call's. */
static Status plain_texts(Cx *cx, Table *t)
{
    for (idx i = 0; i < t->ncol; i++) {
        if (!t->col[i]->dict) continue;
        Array *plain;
        TRY(array_str_plain(cx, t->col[i], &plain));
        TRY(rt_own(cx, plain));
        t->col[i] = plain;
    }
    return OK;
}

/* Times say which zone they are shown in: columns that were calculated have none yet,
 * those that were read may have another one. */
static Status set_zones(Cx *cx, const Attrs *at, Table *t)
{
    const char *const *zones;
    TRY(texts(cx, at, "zones", &zones));
    for (idx i = 0; i < t->ncol; i++) {
        Array *a;
        if (t->col[i]->dt != DT_TS) continue;
        TRY(array_slice(cx, t->col[i], 0, t->col[i]->n, &a));
        TRY(rt_own(cx, a));
        a->tz = *zones[i] ? zones[i] : NULL;
        t->col[i] = a;
    }
    return OK;
}

/* Writing: every rank its part under a temporary name, agreement, then the first rank
 * makes the whole visible, or removes it when a part failed anywhere. */
Status rt_write(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nout, (void)out;
    bool par = rt_par(cx, at), many = cx->comm->size > 1;
    int rank = cx->comm->rank;
    WriteSpec spec = {.format = attr_text(at, "format"),
                      .options = attr_text(at, "options"),
                      .rank = par ? rank : 0,
                      .size = par ? cx->comm->size : 1};
    const char *const *names;
    Table t;
    TRY(text_arg(cx, &in[0], &spec.path));
    TRY(texts(cx, at, "columns", &names));
    TRY(rt_table(cx, in + 2, nin - 2, in[1].i, &t));
    if (!cx->host || !cx->host->write_part)
        return fail(cx, E_INTERNAL, "no writer for files");
    bool writes = par || rank == 0;
    idx before = cx->nlive;
    struct ArrowArrayStream stream = {0};
    Err err = {0};
    Status st = OK;
    if (writes) st = plain_texts(cx, &t);
    if (writes && !st) st = set_zones(cx, at, &t);
    if (writes && !st) st = arrow_export_stream(cx, &t, names, &stream);
    if (writes && !st)
        st = rt_host_failed(
            cx, cx->host->write_part(cx->host_data, &spec, &stream, &err), &err);
    /* A failed rank goes on: its peers are told, then all of them clean up. */
    if (many) st = comm_agree(cx);
    if (rank == 0) {
        Err late = {0};
        Status done = cx->host->write_commit(cx->host_data, &spec, st == OK, &late);
        if (!st) st = rt_host_failed(cx, done, &late);
    }
    rt_disown_from(cx, before);
    return st;
}

/* -- print ------------------------------------------------------------------------- */

int rt_float_text(double v, char out[40])
{
    if (isnan(v)) return snprintf(out, 40, "nan");
    if (isinf(v)) return snprintf(out, 40, v < 0 ? "-inf" : "inf");
    char num[40];
    int digits = 1;
    for (; digits < 18; digits++) {
        snprintf(num, sizeof num, "%.*e", digits - 1, v);
        if (strtod(num, NULL) == v) break;
    }
    int exp = (int)strtol(strchr(num, 'e') + 1, NULL, 10);
    if (exp < -4 || exp >= 16) {
        char *e = strchr(num, 'e');
        *e = '\0';
        return snprintf(out, 40, "%se%c%02d", num, exp < 0 ? '-' : '+', abs(exp));
    }
    int decimals = digits - 1 - exp;
    return snprintf(out, 40, "%.*f", decimals > 0 ? decimals : 1, v);
}

typedef struct Line {
    char *p;
    size_t n, cap;
} Line;

static Status add(Cx *cx, Line *l, const char *s, size_t n)
{
    if (!l->p || l->n + n > l->cap) {
        size_t cap = 2 * (l->n + n) + 64;
        char *grown = arena_try(cx->scratch, cap, 1);
        if (!grown) return fail(cx, E_MEMORY, "no memory to print %zu bytes", n);
        if (l->n) memcpy(grown, l->p, l->n);
        l->p = grown;
        l->cap = cap;
    }
    if (n) memcpy(l->p + l->n, s, n);
    l->n += n;
    return OK;
}

static Status add_slot(Cx *cx, Line *l, const Slot *s, RtType t)
{
    char num[40];
    if (t.kind == 0) return add(cx, l, "None", 4);
    if (t.dt == DT_STR) {
        if (s->n < 0) return add(cx, l, "nan", 3);
        return add(cx, l, (const char *)s->p, (size_t)s->n);
    }
    if (t.null == NULL_MASK && !s->n) return add(cx, l, "<NA>", 4);
    int n;
    if (dt_is_float((DType)t.dt))
        n = rt_float_text(s->f, num);
    else if (t.null == NULL_PROM && !(s->n & SLOT_PRESENT))
        n = rt_float_text((double)NAN, num);
    else if (t.null == NULL_PROM && (s->n & SLOT_PROMOTED))
        n = rt_float_text((double)s->i, num);
    else if (t.dt == DT_BOOL)
        n = snprintf(num, sizeof num, "%s", s->i ? "True" : "False");
    else if (t.dt == DT_U64)
        n = snprintf(num, sizeof num, "%llu", (unsigned long long)s->i);
    else
        n = snprintf(num, sizeof num, "%lld", (long long)s->i);
    return add(cx, l, num, (size_t)n);
}

Status rt_print(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nout, (void)out;
    if (cx->comm->rank != 0 && !attr_int(at, "all", 0)) return OK;
    const char *sep = attr_text(at, "sep"), *end = attr_text(at, "end");
    Line l = {0};
    for (int64_t i = 0; i < nin; i++) {
        if (i) TRY(add(cx, &l, sep ? sep : " ", sep ? strlen(sep) : 1));
        TRY(add_slot(cx, &l, &in[i], rt_type(at, "atype", i)));
    }
    TRY(add(cx, &l, end ? end : "\n", end ? strlen(end) : 1));
    if (!cx->host || !cx->host->print) return fail(cx, E_INTERNAL, "nowhere to print");
    Err err = {0};
    return rt_host_failed(cx, cx->host->print(cx->host_data, 1, l.p, l.n, &err), &err);
}
