/* SPDX-License-Identifier: Apache-2.0
 * Category columns: made of values, of other categories, taken apart. All ranks have
 * the same categories in the same order; where they come from data the ranks agree on
 * them here, by a gathering of each rank's own, and never again.
 */
#include "base/base.h"

#include "rt/rt_int.h"

static bool is_ordered(const Attrs *at)
{
    return attr_int(at, "ordered", 0) != 0;
}

/* All ranks' rows of *a, which is replaced. */
static Status all_of(Cx *cx, Array **a)
{
    Table mine = {.n = (*a)->n, .ncol = 1, .col = a}, all;
    TRY(allgather_table(cx, &mine, &all));
    array_unref(*a);
    *a = array_ref(all.col[0]);
    table_clear(&all);
    return OK;
}

/* *cats without what repeats, in order of appearance or sorted. */
static Status as_set(Cx *cx, bool sort, Array **cats)
{
    Array *set;
    TRY(category_distinct(cx, *cats, sort, &set));
    array_unref(*cats);
    *cats = set;
    return OK;
}

/* The categories of all ranks as one set: sorted, or in order of ranks. */
static Status join_ranks(Cx *cx, bool sort, Array **cats)
{
    TRY(all_of(cx, cats));
    return as_set(cx, sort, cats);
}

/* Codes of a column of values over cats. */
static Status coded(Cx *cx, Array *values, Array *cats, bool ordered, Array **out)
{
    Array *code;
    TRY(category_codes(cx, cats, values, &code));
    Status st = category_new(cx, code->data, code->n, cats, ordered, out);
    array_unref(code);
    return st;
}

/* rows (values or a category column) over those categories cats of this rank, which are
 * taken, and of the others. */
static Status over_all(Cx *cx, const Attrs *at, Array *rows, Array *cats, bool sort,
                       Slot *out)
{
    Array *a = NULL;
    Status st = rt_par(cx, at) ? join_ranks(cx, sort, &cats) : OK;
    if (!st)
        st = rows->dt == DT_CAT ? category_recode(cx, rows, cats, is_ordered(at), &a)
                                : coded(cx, rows, cats, is_ordered(at), &a);
    array_unref(cats);
    return st ? st : rt_out(cx, out, a);
}

/* astype("category"): the values that there are, sorted. */
Status rt_catmake(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *cats;
    TRY(category_distinct(cx, in[0].a, true, &cats));
    return over_all(cx, at, in[0].a, cats, true, &out[0]);
}

/* Rows that the ranks have read with the categories of their parts of the files. */
Status rt_catjoin(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    return over_all(cx, at, in[0].a, array_ref(in[0].a->cats), false, &out[0]);
}

/* Integers are floats when a row is missing anywhere. */
Status rt_catvalues(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nin, (void)nout;
    RtType t = rt_type(at, "rtype", 0);
    int64_t any = array_null_count(in[0].a) > 0;
    Array *a;
    if (t.null == NULL_PROM && rt_par(cx, at)) TRY(comm_max_i64(cx, &any, 1));
    TRY(category_values(cx, in[0].a, (NullForm)t.null, &a));
    a->promoted = t.null == NULL_PROM && any;
    return rt_out(cx, &out[0], a);
}

/* Codes: as pandas' .cat.codes, or with a bitmap where the result says so. */
Status rt_catcodes(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    RtType t = rt_type(at, "rtype", 0);
    Array *a, *c = in[0].a;
    if (t.null != NULL_MASK) {
        TRY(category_numbers(cx, c, (DType)t.dt, &a));
        return rt_out(cx, &out[0], a);
    }
    TRY(category_numbers(cx, c, DT_I32, &a));
    a->null = NULL_MASK;
    for (idx i = 0; c->valid && i < c->n; i++)
        if (!array_bit(c, i)) ((int32_t *)a->data)[i] = 0;
    Status st = array_set_valid(cx, a, c);
    if (st) {
        array_unref(a);
        return st;
    }
    return rt_out(cx, &out[0], a);
}

/* -- One value among the categories ------------------------------------------------ */

/* A scalar as a column of one row, of the dtype of the categories. NULL: it is none of
 * that dtype's values. */
static Status one_row(Cx *cx, const Array *cats, const Slot *s, RtType t, Array **out)
{
    *out = NULL;
    if (t.dt == DT_STR) {
        if (cats->dt != DT_STR || s->n < 0) return OK;
        TRY(array_new_str(cx, 1, s->n, out));
        (*out)->off[1] = s->n;
        if (s->n) memcpy((*out)->bytes, s->p, (size_t)s->n);
        return OK;
    }
    if (cats->dt == DT_STR) return OK;
    bool real = dt_is_float((DType)t.dt);
    TRY(array_new(cx, real ? DT_F64 : DT_I64, real ? NULL_NAN : NULL_NONE, UNIT_NONE, 1,
                  false, out));
    memcpy((*out)->data, &s->i, 8);
    return OK;
}

/* The code of a value, by value: 3.0 is 3. -1: missing; -2: it is no category. */
static Status find_code(Cx *cx, Array *cats, const Slot *s, RtType t, int32_t *code)
{
    Array *one, *hit = NULL;
    *code = -2;
    TRY(one_row(cx, cats, s, t, &one));
    if (!one) return OK;
    /* Times and days are counts: only their numbers are compared. */
    Array *plain = cats;
    Status st = OK;
    if (dt_is_time(cats->dt) || cats->dt == DT_DATE) {
        bool days = cats->dt == DT_DATE;
        st = array_slice(cx, cats, 0, cats->n, &plain);
        if (!st) plain->dt = days ? DT_I32 : DT_I64;
        if (!st) plain->null = NULL_NONE;
    }
    if (!st) st = isin(cx, plain, one, &hit);
    for (idx i = 0; !st && i < cats->n && *code < 0; i++)
        if (((const uint8_t *)hit->data)[i]) *code = (int32_t)i;
    array_unref(hit);
    array_unref(one);
    if (plain != cats) array_unref(plain);
    return st;
}

/* {text: of the TypeError when it is none of them}: the code, -2 without that. */
Status rt_catfind(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    int32_t code;
    const char *text = attr_text(at, "text");
    TRY(find_code(cx, in[0].a->cats, &in[1], rt_type(at, "atype", 1), &code));
    if (code == -2 && text) return fail(cx, E_TYPE, "%s", text);
    out[0].i = code;
    out[0].n = SLOT_PRESENT;
    return OK;
}

Status rt_catfill(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    if (in[1].i < 0 && array_null_count(in[0].a) > 0)
        return fail(cx, E_TYPE, "%s", attr_text(at, "text"));
    TRY(category_fill(cx, in[0].a, (int32_t)in[1].i, &a));
    return rt_out(cx, &out[0], a);
}

Status rt_catcoded(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    Array *a, *like = in[1].a;
    const int32_t *code = in[0].a->data;
    int32_t least = 0;
    for (idx i = 0; i < in[0].a->n; i++)
        least = code[i] < least ? code[i] : least;
    if (least < -1) return fail(cx, E_TYPE, "%s", attr_text(at, "text"));
    TRY(category_new(cx, code, in[0].a->n, like->cats, like->ordered == 2, &a));
    return rt_out(cx, &out[0], a);
}

Status rt_catnone(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)at, (void)nin, (void)nout;
    Array *a;
    TRY(array_new(cx, DT_CAT, NULL_MASK, UNIT_NONE, in[0].i, true, &a));
    TRY(rt_out(cx, &out[0], a));
    array_set_cats(a, in[1].a);
    return array_add_valid(cx, a, false);
}

/* -- Other categories -------------------------------------------------------------- */

/* The categories as rows that every rank has all of. */
Status rt_catlist(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)at, (void)nin, (void)nout;
    Array *cats = in[0].a->cats, *fit, *code;
    out[0].i = cats->n;
    if (attr_int(at, "each", 0)) {
        TRY(category_codes(cx, cats, cats, &code));
        Status st =
            category_new(cx, code->data, cats->n, cats, in[0].a->ordered == 2, &fit);
        array_unref(code);
        return st ? st : rt_out(cx, &out[1], fit);
    }
    TRY(rt_adapt(cx, cats, rt_type(at, "rtype", 1), &fit));
    return rt_out(cx, &out[1], fit);
}

Status rt_catvalue(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    RtType t = rt_type(at, "rtype", 0);
    Array *one, *cats = in[0].a->cats;
    idx pos = in[1].i < cats->n ? in[1].i : -1;
    NullForm null = (NullForm)t.null;
    if (cats->dt == DT_STR && pos >= 0) { /* borrowed from the category: pass/own.c */
        rt_row_slot(cats, pos, &out[0]);
        return OK;
    }
    TRY(take(cx, cats, &pos, 1, null, &one));
    rt_row_slot(one, 0, &out[0]);
    if (null == NULL_PROM) out[0].n = pos < 0 ? SLOT_PROMOTED : SLOT_PRESENT;
    array_unref(one);
    return OK;
}

Status rt_catorder(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    TRY(array_slice(cx, in[0].a, 0, in[0].a->n, &a));
    a->ordered = is_ordered(at) ? 2 : 0;
    return rt_out(cx, &out[0], a);
}

/* The same values in another order. */
static bool is_permuted(Cx *cx, Array *a, Array *b, Status *st)
{
    Array *code;
    if (a->n != b->n) return false;
    *st = category_codes(cx, a, b, &code);
    if (*st) return false;
    bool all = true;
    for (idx i = 0; i < b->n; i++)
        all &= ((const int32_t *)code->data)[i] >= 0;
    array_unref(code);
    return all;
}

/* in[0] over the categories of in[1], which must be the same ones; of unordered ones
 * the order does not count. {text: of the TypeError} */
Status rt_catas(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout;
    Array *a = in[0].a, *want = in[1].a->cats, *r;
    const char *text = attr_text(at, "text");
    Status st = OK;
    bool same = category_same(a->cats, want) ||
                (!is_ordered(at) && is_permuted(cx, want, a->cats, &st));
    TRY(st);
    if (!same && text) return fail(cx, E_TYPE, "%s", text);
    if (!same) return category_mismatch(cx);
    TRY(category_recode(cx, a, want, is_ordered(at), &r));
    return rt_out(cx, &out[0], r);
}

/* What the user gives as categories. */
static Status new_categories(Cx *cx, const Attrs *at, Array *given, idx least,
                             Array **out)
{
    Array *all = array_ref(given);
    Status st = OK;
    *out = NULL;
    if (cx->comm->size > 1 && attr_int(at, "vpar", 0)) st = all_of(cx, &all);
    if (!st && array_null_count(all) > 0)
        st = fail(cx, E_VALUE, "Categorical categories cannot be null");
    if (!st) st = category_distinct(cx, all, false, out);
    if (!st && (*out)->n != all->n)
        st = fail(cx, E_VALUE, "%s",
                  attr_text(at, "text") ? attr_text(at, "text")
                                        : "Categorical categories must be unique");
    if (!st && least >= 0 && all->n != least)
        st = fail(cx, E_VALUE,
                  "new categories need to have the same number of items as the old "
                  "categories!");
    array_unref(all);
    if (!st) return OK;
    array_unref(*out);
    *out = NULL;
    return st;
}

/* Positions of those categories whose flag is `want`, as a selection of them. */
static Status chosen(Cx *cx, Array *cats, const int64_t *flag, bool want, Array **out)
{
    idx *pos, n = 0;
    TRY(mem_new(cx, cats->n, sizeof *pos, false, &pos));
    for (idx i = 0; i < cats->n; i++)
        if ((flag[i] != 0) == want) pos[n++] = i;
    Status st = take(cx, cats, pos, n, (NullForm)cats->null, out);
    mem_free(pos);
    return st;
}

/* flag[i]: category i of a is among codes (-1: none). */
static Status flags_of(Cx *cx, idx n, const int32_t *code, idx ncode, int64_t **out)
{
    TRY(mem_new(cx, n, sizeof **out, true, out));
    for (idx i = 0; i < ncode; i++)
        if (code[i] >= 0) (*out)[code[i]] = 1;
    return OK;
}

/* What a method of .cat makes of the old categories and the given ones:
 * 's' the given ones, 'k' the same in the place of the old ones, one for one, '+' both,
 * '-' the old ones without the given ones (sorted, as pandas does it where categories
 * have no order of their own), 'o' the old ones in the order of the given.
 */
static Status changed(Cx *cx, char how, bool sort, Array *old, Array *given,
                      Array **out)
{
    Array *where; /* of the given ones among the old */
    int64_t *gone = NULL;
    idx known = 0;
    *out = NULL;
    if (how == 's' || how == 'k') {
        *out = array_ref(given);
        return OK;
    }
    TRY(category_codes(cx, old, given, &where));
    const int32_t *code = where->data;
    for (idx i = 0; i < given->n; i++)
        known += code[i] >= 0;
    Status st = OK;
    if (how == '+' && known)
        st = fail(cx, E_VALUE, "new categories must not include old categories");
    if (how == '-' && known < given->n)
        st = fail(cx, E_VALUE, "removals must all be in old categories");
    if (how == 'o' && (known < given->n || given->n != old->n))
        st = fail(cx, E_VALUE,
                  "items in new_categories are not the same as in old categories");
    if (!st && how == '+') st = category_union(cx, old, given, out);
    if (!st && how == 'o') *out = array_ref(given);
    if (!st && how == '-') {
        st = flags_of(cx, old->n, code, given->n, &gone);
        if (!st) st = chosen(cx, old, gone, false, out);
        mem_free(gone);
        if (!st && sort) st = as_set(cx, true, out);
    }
    array_unref(where);
    return st;
}

/* in[0], a category column, over what {how} makes of its categories and in[1]: rows of
 * others become missing. */
Status rt_catset(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    Array *a = in[0].a, *given, *cats, *r = NULL;
    char how = attr_text(at, "how")[0];
    TRY(new_categories(cx, at, in[1].a, how == 'k' ? a->cats->n : -1, &given));
    Status st = changed(cx, how, !is_ordered(at), a->cats, given, &cats);
    array_unref(given);
    TRY(st);
    st = how == 'k' ? array_slice(cx, a, 0, a->n, &r)
                    : category_recode(cx, a, cats, is_ordered(at), &r);
    if (!st)
        array_set_cats(r, &(Array){.cats = cats, .ordered = is_ordered(at) ? 2 : 0});
    array_unref(cats);
    return st ? st : rt_out(cx, &out[0], r);
}

/* The same rows over those categories that a row of any rank has. */
Status rt_catused(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *a = in[0].a, *code, *cats = NULL, *r = NULL;
    int64_t *used;
    TRY(category_numbers(cx, a, DT_I32, &code));
    Status st = flags_of(cx, a->cats->n, code->data, a->n, &used);
    array_unref(code);
    TRY(st);
    if (rt_par(cx, at)) st = comm_max_i64(cx, used, (int)a->cats->n);
    if (!st) st = chosen(cx, a->cats, used, true, &cats);
    if (!st) st = category_recode(cx, a, cats, is_ordered(at), &r);
    mem_free(used);
    array_unref(cats);
    return st ? st : rt_out(cx, &out[0], r);
}
