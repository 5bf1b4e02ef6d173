/* SPDX-License-Identifier: Apache-2.0
 * A join whose one side comes in batches (pass/batch.c). The other side is there before
 * the first batch: where it is small beside the file that is read, every rank gets all
 * of it, a table of its keys is made once, and each batch is joined as it comes, with
 * no rank asking another. Its rows keep their place, so pandas' order needs nothing.
 *
 * Otherwise the batches are kept, and the batch without rows, which comes once to every
 * rank, stands for all of them: there both sides are joined as by JOIN.
 */
#include "base/base.h"

#include "array/buf.h"
#include "rt/rt_call.h"
#include "rt/rt_join.h"

typedef struct Built {
    JoinTab *tab; /* NULL: batches are kept */
    Table t;      /* the side that is there: keys, columns */
    idx nkey;
    Append **col;   /* kept: keys, columns; NULL: no batch has come */
    idx ncol, kept; /* columns, rows kept */
} Built;

static void built_free(void *data)
{
    Built *b = data;
    join_free(b->tab);
    table_clear(&b->t);
    for (idx i = 0; b->col && i < b->ncol; i++)
        append_free(b->col[i]);
    mem_free(b->col);
    mem_free(b);
}

/* -- The side that is there -------------------------------------------------------- */

/* Whether every rank may have all of it. A guess, since how many of the file's rows
 * come to the join is not known: all of them. Collective when rows are on the ranks. */
static Status is_small(Cx *cx, const Attrs *at, const Table *t, const Slot *reader,
                       bool *small)
{
    bool right = attr_int(at, "right", 0) != 0, many = cx->comm->size > 1;
    bool par = many && attr_int(at, right ? "lpar" : "rpar", 0);
    bool apart = many && attr_int(at, right ? "rpar" : "lpar", 0);
    const char *how = attr_text(at, "how");
    idx width = attr_int(at, "nkey", 0) + attr_int(at, right ? "nr" : "nl", 0);
    int64_t here[2] = {t->n, rt_table_bytes(t)}, there = rt_reader_rows(reader);
    if (par) TRY(comm_sum_i64(cx, here, 2));
    if (apart) TRY(comm_sum_i64(cx, &there, 1));
    int64_t copies = par ? cx->comm->size - 1 : 0, bytes = 8 * width * there;
    bool wide = copies && (here[1] >= COPIED_MOST || here[1] * copies > bytes);
    /* An inner join may as well look the file's rows up, a left join may not. */
    *small = !wide && (here[0] <= there || !how || strcmp(how, "inner") != 0);
    return OK;
}

static Status make_table(Cx *cx, const Attrs *at, Built *b, const Table *t)
{
    bool right = attr_int(at, "right", 0) != 0;
    bool par = cx->comm->size > 1 && attr_int(at, right ? "lpar" : "rpar", 0);
    if (par) {
        Table all;
        TRY(allgather_table(cx, t, &all));
        table_clear(&b->t);
        b->t = all;
    }
    Table keys = {.n = b->t.n, .ncol = b->nkey, .col = b->t.col};
    TRY(join_build(cx, &keys, &b->tab));
    join_mark(b->tab, false);
    return OK;
}

Status rt_joinbuild(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nout;
    Built *b;
    Closing *c;
    Table t;
    bool small;
    TRY(mem_new(cx, 1, sizeof *b, true, &b));
    TRY(rt_closing(cx, b, built_free, &c));
    b->nkey = attr_int(at, "nkey", 0);
    TRY(rt_table(cx, in + 2, nin - 2, in[1].i, &t));
    TRY(rt_slice_table(cx, &t, 0, t.n, &b->t)); /* own references */
    TRY(is_small(cx, at, &t, &in[0], &small));
    if (small) TRY(make_table(cx, at, b, &t));
    out[0].ptr = c;
    return OK;
}

/* -- The batches ------------------------------------------------------------------- */

/* The slots of a JOIN: rows, keys and columns of both sides. */
static Status join_slots(Cx *cx, const Attrs *at, const Built *b, idx n,
                         const Slot *batch, Slot **out)
{
    bool right = attr_int(at, "right", 0) != 0;
    idx k = b->nkey, nl = attr_int(at, "nl", 0), nr = attr_int(at, "nr", 0);
    Slot *s = arena_try(cx->scratch, (size_t)(2 + 2 * k + nl + nr), sizeof *s);
    if (!s) return fail(cx, E_MEMORY, "no memory for the columns of a join");
    s[right ? 0 : 1].i = b->t.n;
    s[right ? 1 : 0].i = n;
    Slot *here = s + 2 + (right ? 0 : k), *come = s + 2 + (right ? k : 0);
    Slot *hcol = s + 2 + 2 * k + (right ? 0 : nl),
         *ccol = s + 2 + 2 * k + (right ? nl : 0);
    for (idx i = 0; i < b->t.ncol; i++)
        (i < k ? here + i : hcol + i - k)->a = b->t.col[i];
    for (idx i = 0; i < k + (right ? nr : nl); i++)
        (i < k ? come + i : ccol + i - k)->a = batch[i].a;
    *out = s;
    return OK;
}

/* Without a table: none, so that the batch gives columns without rows. */
static Status find_pairs(Cx *cx, const Built *b, const Table *keys, bool keep, Pairs *q)
{
    if (b->tab) return join_probe(cx, b->tab, keys, keep, &q->l, &q->r, &q->n);
    TRY(mem_new(cx, 1, sizeof *q->l, true, &q->l));
    return mem_new(cx, 1, sizeof *q->r, true, &q->r);
}

static Status probe(Cx *cx, const Attrs *at, const Built *b, idx n, const Slot *batch,
                    Table *out)
{
    bool right = attr_int(at, "right", 0) != 0;
    Slot *s;
    Join j;
    Pairs q = {0};
    TRY(join_slots(cx, at, b, n, batch, &s));
    TRY(rt_join_setup(cx, at, s, &j));
    Table keys = side_keys(right ? &j.r : &j.l);
    bool keep = right ? keeps_right(j.how) : keeps_left(j.how);
    Status st = find_pairs(cx, b, &keys, keep, &q);
    Pairs p = right ? (Pairs){q.r, q.l, q.n} : q;
    if (!st) st = rt_join_gather(cx, at, &j, &p, out);
    rt_pairs_free(&p);
    return st;
}

static Status keep_batch(Cx *cx, Built *b, idx n, const Slot *batch, idx ncol)
{
    if (!b->col) {
        b->ncol = ncol;
        TRY(mem_new(cx, ncol, sizeof *b->col, true, &b->col));
        for (idx i = 0; i < ncol; i++)
            TRY(append_new(cx, (NullForm)batch[i].a->null, -1, &b->col[i]));
    }
    for (idx i = 0; i < ncol; i++)
        TRY(append_add(cx, b->col[i], batch[i].a));
    b->kept += n;
    return OK;
}

/* All batches and the side that is there. Collective when rows are on the ranks. */
static Status join_kept(Cx *cx, const Attrs *at, Built *b, int64_t nout, Slot *out)
{
    Slot *kept = arena_try(cx->scratch, (size_t)b->ncol + 1, sizeof *kept), *s;
    if (!kept) return fail(cx, E_MEMORY, "no memory for the columns of a join");
    for (idx i = 0; i < b->ncol; i++) {
        Append *done = b->col[i];
        b->col[i] = NULL;
        TRY(append_finish(cx, done, &kept[i].a));
        TRY(rt_own(cx, kept[i].a));
    }
    Status st = join_slots(cx, at, b, b->kept, kept, &s);
    if (!st) st = rt_join(cx, at, 2 + b->ncol + b->t.ncol, s, nout, out);
    for (idx i = 0; i < b->ncol; i++)
        rt_disown(cx, kept[i].a);
    return st;
}

/* in: join, rows of the file's batch (0: the end), rows, keys, columns. */
Status rt_joinprobe(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    Built *b = ((Closing *)in[0].ptr)->p;
    bool end = in[1].i == 0;
    idx n = in[2].i;
    Table t;
    if (!b->tab) TRY(keep_batch(cx, b, n, in + 3, nin - 3));
    if (!b->tab && end) return join_kept(cx, at, b, nout, out);
    ArenaMark mark = arena_mark(cx->scratch);
    Status st = probe(cx, at, b, n, in + 3, &t);
    if (!st) st = rt_give_rows(cx, at, &t, nout, out);
    arena_release(cx->scratch, mark);
    return st;
}
