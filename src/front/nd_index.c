/* SPDX-License-Identifier: Apache-2.0
 * a[key] and a[key] = value with keys of all kinds. Integers, slices, None and ... give
 * a view. Arrays of integers (lists, masks of one dimension: their positions) are
 * broadcast together and the result is a loop nest over them and what slices are left;
 * the dimensions that they make stand where the first of them stood when they are next
 * to each other, else in front. A mask over the leading dimensions selects elements (or
 * rows) in order.
 */
#include "front/nd.h"
#include "front/np.h"

#include <string.h>

/* -- Keys -------------------------------------------------------------------------- */
static bool is_none(const AVal *v)
{
    return v->kind == A_NONE || (v->kind == A_CONST && v->ck == AC_NONE);
}

static bool is_dots(const AVal *v)
{
    return v->kind == A_CONST && v->ck == AC_ELLIPSIS;
}

static bool is_array(const AVal *v)
{
    return v->kind == A_ARRAY || v->kind == A_LIST || v->kind == A_SERIES;
}

static bool is_int(const AVal *v)
{
    if (v->kind == A_CONST) return v->ck == AC_INT;
    return v->kind == A_SCALAR && dt_is_int((DType)v->val->type.dt) &&
           v->val->type.null == NULL_NONE;
}

static bool is_mask(const AVal *v)
{
    return (v->kind == A_ARRAY || v->kind == A_SERIES) && v->val->type.dt == DT_BOOL;
}

NORETURN static void bad_key(Front *f, AVal *key)
{
    front_fail(f, E_INDEX,
               "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) "
               "and integer or boolean arrays are valid indices, not %s",
               av_type_text(f, key));
}

typedef struct Key {
    AVal *item[2 * DIM_MAX + 2];
    int n;
    bool arrays, basic;
} Key;

/* Lists become arrays; the kind of every item is checked. */
static void key_read(Front *f, AVal *key, Key *k)
{
    AVal **item = &key;
    idx n = 1;
    if (key->kind == A_TUPLE) {
        item = key->item;
        n = key->n;
    }
    if (n > 2 * (idx)DIM_MAX) front_fail(f, E_INDEX, "too many indices for array");
    memset(k, 0, sizeof *k);
    for (idx i = 0; i < n; i++) {
        AVal *v = item[i];
        if (v->kind == A_MAYBE || v->kind == A_UNBOUND || v->kind == A_CONFLICT)
            v = scope_check(f, "index", v);
        if (v->kind == A_LIST || v->kind == A_TUPLE) {
            Type whole = type_scalar(DT_I64);
            AVal **it;
            idx nit = 1;
            bool none = lower_items(f, v, &it, &nit) && nit == 0;
            v = nd_from_items(f, v, none ? &whole : NULL);
        }
        if (v->kind == A_SERIES || v->kind == A_INDEX) {
            Nd d = nd_arg(f, v, "[]");
            v = nd_av(f, &d);
        }
        bool array = v->kind == A_ARRAY;
        if (array) {
            DType dt = (DType)v->val->type.dt;
            if (!dt_is_int(dt) && dt != DT_BOOL)
                front_fail(f, E_INDEX,
                           "arrays used as indices must be of integer (or boolean) "
                           "type");
        }
        if (!array && !is_int(v) && !is_none(v) && !is_dots(v) && v->kind != A_SLICE)
            bad_key(f, v);
        k->arrays |= array;
        k->item[k->n++] = v;
    }
}

static bool all_ints(const Key *k, int nd)
{
    if (k->n != nd) return false;
    for (int i = 0; i < k->n; i++)
        if (!is_int(k->item[i])) return false;
    return true;
}

/* -- Elements ---------------------------------------------------------------------- */
static void positions(Front *f, const Key *k, Val **out)
{
    for (int i = 0; i < k->n; i++)
        out[i] = ix_val(f, k->item[i]);
}

static AVal *element_get(Front *f, AVal *a, const Key *k)
{
    Val *at[DIM_MAX];
    positions(f, k, at);
    if (nd_is_plain(a)) {
        Val *in[2] = {a->val, at[0]};
        Type t = type_with(a->val->type, TY_SCALAR);
        if (dt_is_time((DType)t.dt)) t.null = NULL_NAN; /* np.datetime64 */
        return av_scalar(f, val_put(f, OP_AGET, in, 2, t, NULL));
    }
    Nd d = nd_of(f, a);
    return av_scalar(f, chars_is(a) ? nd_text_get(f, &d, at, 0) : nd_get(f, &d, at, 0));
}

/* What becomes an element of an array of text. */
static Val *text_value(Front *f, AVal *value)
{
    Val *v = front_val(f, value);
    if (v->type.kind != TY_SCALAR || v->type.dt != DT_STR || type_is_bytes(v->type))
        front_unsup(f, UNSUP_API, "%s stored in an array of text: write str(...)",
                    av_type_text(f, value));
    return v;
}

static void element_set(Front *f, AVal *a, const Key *k, AVal *value)
{
    Val *at[DIM_MAX];
    positions(f, k, at);
    Nd d = nd_of(f, a);
    if (value->kind == A_ARRAY || value->kind == A_LIST) {
        front_fail(f, E_VALUE, "setting an array element with a sequence.");
    }
    if (chars_is(a)) {
        nd_text_set(f, &d, at, 0, text_value(f, value));
        return;
    }
    Val *v = nd_cast_store(f, front_val(f, value), nd_elem_type(&d), true);
    if (nd_is_plain(a)) {
        Val *in[3] = {a->val, at[0], v};
        node_put(f, f->at, OP_ASET, in, 3, 0);
        return;
    }
    nd_set(f, &d, at, 0, v);
}

/* -- Masks ------------------------------------------------------------------------- */
static int64_t ax_of(const Nd *a, const Nd *b)
{
    return a->axis && b->axis && axis_get(a->axis) == axis_get(b->axis);
}

static void mask_dims(Front *f, const Nd *d, const Nd *m)
{
    if (m->n > d->n)
        front_fail(f, E_INDEX,
                   "too many indices for array: array is %d-dimensional, but %d were "
                   "indexed",
                   d->n, m->n);
}

/* A mask over the rows of d: one that stands on rows of its own moves to d's. */
static AVal *mask_beside(Front *f, const Nd *d, AVal *mask)
{
    Nd m = nd_of(f, mask);
    if (!d->n || !d->axis || m.n != 1 || !m.axis || ax_of(&m, d)) return mask;
    mask = nd_plain(f, mask);
    m = nd_of(f, mask);
    Axis *to = axis_get(d->axis), *from = axis_get(m.axis);
    Val *col = front_col(f, mask), *len[2], *in[3] = {to->rows, from->rows, col};
    for (int k = 0; k < 2; k++)
        len[k] = val_put(f, OP_LEN, &in[k], 1, type_scalar(DT_I64), NULL);
    Node *fit = node_put(f, f->at, OP_NDFIT, len, 2, 0);
    node_set_ints(f->fn, fit, "nds", (int64_t[]){1, 1}, 2);
    node_set_int(f->fn, fit, "mask", 1);
    col = val_put(f, OP_ALIGN, in, 3, col->type, to);
    return av_array(
        f, val_put(f, OP_TOARRAY, &col, 1, type_with(col->type, TY_ARRAY), to));
}

/* Elements (rows) of d where m, over its leading dimensions, holds. */
static AVal *mask_take(Front *f, AVal *a, AVal *mask)
{
    Nd d = nd_of(f, a), m = nd_of(f, mask);
    if (nd_is_plain(a) && m.n == 1 && m.axis && axis_get(m.axis) == axis_get(d.axis)) {
        Frame *t = table_of(f, a);
        t = table_filter(f, t, table_mask(f, t, nd_plain(f, mask)));
        Val *col = t->col.at[0];
        return av_array(f, val_put(f, OP_TOARRAY, &col, 1,
                                   type_with(col->type, TY_ARRAY), col->axis));
    }
    mask_dims(f, &d, &m);
    ValVec v = {0};
    nd_push(f, &v, &m);
    nd_push(f, &v, &d);
    Node *n = node_put(f, f->at, OP_NDMASK, v.v.at, (int)v.v.n, 2);
    int64_t ax = ax_of(&m, &d);
    node_set_int(f->fn, n, "nd", m.n);
    node_set_int(f->fn, n, "nv", d.n);
    node_set_ints(f->fn, n, "ax", (int64_t[]){ax, ax}, 2);
    Nd r = {.n = 1 + d.n - m.n};
    r.axis = axis_new(f->fn);
    r.axis->rows = &n->res[0];
    n->res[0].type = type_scalar(DT_I64);
    n->res[0].axis = n->res[1].axis = r.axis;
    n->res[1].type = d.base->type;
    r.base = &n->res[1];
    r.shape[0] = ix_av(f, r.axis->rows);
    for (int k = 1; k < r.n; k++)
        r.shape[k] = d.shape[m.n + k - 1];
    nd_contiguous(f, &r);
    return nd_av(f, &r);
}

static AVal *mask_get(Front *f, AVal *a, AVal *mask)
{
    Nd d = nd_of(f, a);
    return mask_take(f, a, mask_beside(f, &d, mask));
}

typedef struct Where {
    Type to;
    Val *scalar;
} Where;

static Val *where_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Where *w = (Where *)data;
    (void)index;
    Val *in[3] = {elem[1], w->scalar ? w->scalar : elem[2], elem[0]};
    in[1] = nd_cast_store(f, in[1], w->to, false);
    return val_put(f, OP_SELECT, in, 3, w->to, NULL);
}

static Val *row_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Where *w = (Where *)data;
    (void)index;
    return nd_cast_store(f, w->scalar ? w->scalar : elem[0], w->to, false);
}

/* The mask as a view of d's shape: repeated over the dimensions that it has not. */
static Nd mask_view(Front *f, const Nd *d, Nd m)
{
    ValVec v = {0};
    bool known = true;
    for (int k = 0; k < m.n; k++)
        known &= ix_same(m.shape[k], d->shape[k]);
    for (int k = 0; k < m.n && !known; k++) {
        val_push(f, &v, ix_val(f, d->shape[k]));
    }
    for (int k = 0; k < m.n && !known; k++)
        val_push(f, &v, ix_val(f, m.shape[k]));
    if (!known) {
        Node *b = node_put(f, f->at, OP_NDFIT, v.v.at, (int)v.v.n, 0);
        node_set_ints(f->fn, b, "nds", (int64_t[]){m.n, m.n}, 2);
        node_set_int(f->fn, b, "mask", 1);
    }
    Nd r = *d;
    r.contiguous = false;
    r.base = m.base;
    r.off = m.off;
    r.axis = m.axis;
    for (int k = 0; k < d->n; k++)
        r.stride[k] = k < m.n ? m.stride[k] : av_int(f, 0);
    return r;
}

/* The rows, or elements, that a mask on the axis of d chooses, as a shape. */
static Nd chosen_shape(Front *f, const Nd *d, AVal *mask)
{
    Nd m = nd_of(f, mask), r = *d;
    if (m.n == 1) {
        mask = nd_plain(f, mask);
        Frame *t = table_of(f, mask);
        r.axis = table_filter(f, t, table_mask(f, t, mask))->axis;
    } else {
        Nd all = nd_of(f, mask_take(f, mask, mask));
        r.axis = axis_get(all.axis);
    }
    r.n = 1 + d->n - m.n;
    r.shape[0] = ix_av(f, r.axis->rows);
    for (int k = 1; k < r.n; k++)
        r.shape[k] = d->shape[m.n + k - 1];
    return r;
}

/* The values of rows that a mask chooses, on the ranks that have these. */
static Nd values_beside(Front *f, const Nd *d, AVal *mask, Nd x)
{
    Nd to = chosen_shape(f, d, mask);
    if (to.n > 1) return nd_fitted(f, &to, x, "index");
    AVal *len[2] = {nd_len(f, &x, 0), nd_len(f, &to, 0)};
    AVal *other = front_elem(f, OP_NE, len, 2);
    AVal *many = front_elem(f, OP_NE, (AVal *[]){len[0], av_int(f, 1)}, 2);
    nd_check(f, front_elem(f, OP_BITAND, (AVal *[]){other, many}, 2), E_VALUE,
             "NumPy boolean array indexing assignment cannot assign %d input values to "
             "the %d output values where the mask is true",
             2, len);
    return nd_aligned(f, to.axis, to.shape[0], &x);
}

static void mask_set(Front *f, AVal *a, AVal *mask, AVal *value)
{
    Nd d = nd_of(f, a), x = nd_arg(f, value, "=");
    mask = mask_beside(f, &d, mask);
    Nd m = nd_of(f, mask);
    mask_dims(f, &d, &m);
    if (!x.base) {
        Where w = {.to = nd_elem_type(&d)};
        w.scalar = nd_cast_store(f, front_val(f, x.off), w.to, true);
        Nd op[2] = {d, mask_view(f, &d, m)};
        nd_fill(f, &d, 2, op, where_body, &w);
        return;
    }
    x = nd_copy(f, &x, nd_elem_type(&d));
    int64_t ax = ax_of(&m, &d), beside = 0;
    if (ax && x.n == 1 + d.n - m.n && !nd_in_prange(f)) {
        x = values_beside(f, &d, mask, x);
        beside = x.axis != NULL && ax_of(&x, &d) == 0 && x.readonly;
    }
    ValVec v = {0};
    nd_push(f, &v, &d);
    nd_push(f, &v, &m);
    nd_push(f, &v, &x);
    Node *n = node_put(f, f->at, OP_NDPLACE, v.v.at, (int)v.v.n, 0);
    node_set_int(f->fn, n, "nv", d.n);
    node_set_int(f->fn, n, "nd", m.n);
    node_set_int(f->fn, n, "nval", x.n);
    node_set_ints(f->fn, n, "ax", (int64_t[]){ax, ax, beside}, 3);
}

/* Positions along one dimension where a mask of one dimension holds. */
typedef struct One {
    int dim;
} One;

static Val *index_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    (void)f;
    (void)elem;
    return index[((One *)data)->dim];
}

/* A mask of k dimensions among other keys: k arrays of positions. */
static int mask_positions(Front *f, AVal *mask, AVal **out)
{
    Nd m = nd_of(f, mask);
    m.axis = NULL; /* positions are of the whole */
    for (int k = 0; k < m.n; k++) {
        One o = {k};
        Nd pos = nd_make(f, &m, 0, NULL, index_body, &o);
        out[k] = mask_take(f, nd_av(f, &pos), mask);
    }
    return m.n;
}

/* -- Index arrays ------------------------------------------------------------------ */
typedef struct Fancy {
    Nd src;             /* the array after its slices: one dimension per dimension */
    int narr;           /* index arrays */
    Nd arr[DIM_MAX];    /* broadcast to the result */
    Val *pos[DIM_MAX];  /* of a dimension: an integer, when it has no array */
    int which[DIM_MAX]; /* of a dimension: its array, -1: none */
    bool taken;         /* the source's rows are those of the first array, in order */
    int from[DIM_MAX];  /* of a dimension: the result's dimension that runs over it */
    Nd shape;           /* of the result */
    Type to;            /* of a store */
    Val *scalar;
} Fancy;

/* Masks become positions, ... whole slices, missing dimensions too. */
static void expand(Front *f, const Nd *d, const Key *k, Key *out)
{
    int used = 0;
    bool dots = false;
    for (int i = 0; i < k->n; i++) {
        if (is_dots(k->item[i])) {
            dots = true;
            continue;
        }
        if (is_none(k->item[i])) continue;
        if (is_mask(k->item[i])) {
            Nd m = nd_of(f, k->item[i]);
            used += m.n;
        } else {
            used++;
        }
    }
    if (used > d->n)
        front_fail(f, E_INDEX,
                   "too many indices for array: array is %d-dimensional, but %d were "
                   "indexed",
                   d->n, used);
    AVal *none = av_none(f), *all = av_new_kind(f, A_SLICE);
    all->n = 3;
    all->item = ARENA_NEW_N(f->arena, 3, AVal *);
    all->item[0] = all->item[1] = all->item[2] = none;
    memset(out, 0, sizeof *out);
    for (int i = 0; i < k->n; i++) {
        if (is_dots(k->item[i])) {
            for (int j = used; j < d->n; j++)
                out->item[out->n++] = all;
        } else if (is_mask(k->item[i])) {
            out->n += mask_positions(f, k->item[i], &out->item[out->n]);
        } else {
            out->item[out->n++] = k->item[i];
        }
    }
    for (int j = used; !dots && j < d->n; j++)
        out->item[out->n++] = all;
}

/* Where the dimensions of the index arrays stand: next to each other (ints count), or
 * not. */
static int place_of(const Key *k)
{
    int first = -1, last = -1, count = 0, out = 0, place = 0;
    for (int i = 0; i < k->n; i++) {
        bool adv = is_array(k->item[i]) || is_int(k->item[i]);
        if (adv) {
            if (first < 0) {
                first = i;
                place = out;
            }
            last = i;
            count++;
        } else {
            out++;
        }
    }
    return last - first + 1 == count ? place : 0;
}

/* The index arrays, each over the dimensions of the result. */
static void fancy_arrays(Front *f, Fancy *y, const Nd *array, const Nd *adv, int place)
{
    const Nd *to = &y->shape;
    for (int i = 0; i < y->narr; i++) {
        Nd s = nd_stretch(f, &array[i], adv), r = *to;
        r.contiguous = false;
        r.base = s.base;
        r.off = s.off;
        r.axis = place == 0 ? s.axis : NULL;
        for (int j = 0; j < to->n; j++)
            r.stride[j] =
                j >= place && j < place + adv->n ? s.stride[j - place] : av_int(f, 0);
        y->arr[i] = r;
    }
}

static void fancy_open(Front *f, AVal *a, const Key *key, bool taken, Fancy *y)
{
    Key k;
    Nd d = nd_of(f, a), all[DIM_MAX], rest = {0};
    memset(y, 0, sizeof *y);
    y->taken = taken;
    expand(f, &d, key, &k);
    y->src = d;
    int dim = 0, newdim[DIM_MAX] = {0}, nrest = 0;
    for (int i = 0; i < k.n; i++) {
        AVal *v = k.item[i];
        if (is_none(v)) {
            newdim[nrest] = -1;
            rest.shape[nrest++] = av_int(f, 1);
            continue;
        }
        y->which[dim] = -1;
        if (v->kind == A_SLICE) {
            nd_slice(f, &y->src, dim, v);
            newdim[nrest] = dim;
            rest.shape[nrest++] = y->src.shape[dim];
        } else if (v->kind == A_ARRAY) {
            y->which[dim] = y->narr;
            all[y->narr++] = nd_of(f, v);
        } else {
            y->pos[dim] = ix_val(f, v);
        }
        dim++;
    }
    Nd adv = nd_broadcast_index(f, y->narr, all);
    int place = place_of(&k);
    Nd *to = &y->shape;
    to->n = adv.n + nrest;
    if (to->n > DIM_MAX)
        front_unsup(f, UNSUP_API, "arrays of more than %d dimensions", DIM_MAX);
    for (int j = 0, r = 0; j < to->n; j++) {
        if (j >= place && j < place + adv.n) {
            to->shape[j] = adv.shape[j - place];
        } else {
            if (newdim[r] >= 0) y->from[newdim[r]] = j;
            to->shape[j] = rest.shape[r++];
        }
    }
    if (place == 0 && adv.n) to->axis = adv.axis;
    /* a[:, columns]: the rows are the array's own */
    if (place > 0 && k.item[0]->kind == A_SLICE) to->axis = axis_get(y->src.axis);
    if (to->axis) to->shape[0] = ix_av(f, axis_get(to->axis)->rows);
    if (taken && place == 0 && to->axis && to->axis == axis_get(y->src.axis)) {
        y->which[0] = -1;
        y->from[0] = 0;
    }
    fancy_arrays(f, y, all, &adv, place);
}

/* The indices of an element of the source; bits of those that need no check. */
static unsigned fancy_index(Front *f, const Fancy *y, Val *const *elem,
                            Val *const *index, Val **at)
{
    unsigned sure = 0;
    for (int k = 0; k < y->src.n; k++) {
        if (y->which[k] >= 0) {
            at[k] = front_cast(f, elem[y->which[k]], type_scalar(DT_I64));
        } else if (y->pos[k]) {
            at[k] = y->pos[k];
        } else {
            at[k] = index[y->from[k]];
            sure |= 1U << k;
        }
    }
    return sure;
}

static Val *fancy_get_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Fancy *y = (Fancy *)data;
    Val *at[DIM_MAX];
    unsigned sure = fancy_index(f, y, elem, index, at);
    return nd_get(f, &y->src, at, sure);
}

static Val *fancy_set_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Fancy *y = (Fancy *)data;
    Val *at[DIM_MAX];
    unsigned sure = fancy_index(f, y, elem, index, at);
    Val *v = y->scalar ? y->scalar : elem[y->narr];
    nd_set(f, &y->src, at, sure, nd_cast_store(f, v, y->to, false));
    return NULL;
}

/* a[rows, 1, 2:]: what is no matter of rows is a view of the array, a[:, 1, 2:], and
 * the key that is left chooses its rows, on the ranks that have them. */
static AVal *rows_apart(Front *f, AVal *a, Key *k)
{
    AVal *rows = k->item[0];
    Nd d = nd_of(f, a);
    if (k->n < 2 || !d.axis || rows->kind != A_ARRAY) return a;
    if (nd_in_prange(f) || nd_of(f, rows).n != 1 || !nd_of(f, rows).axis) return a;
    for (int i = 1; i < k->n; i++)
        if (k->item[i]->kind == A_ARRAY) return a;
    k->item[0] = nd_slice_of(f, av_none(f), av_none(f), av_none(f));
    Nd v = nd_view(f, d, k->item, k->n);
    k->item[0] = rows;
    k->n = 1;
    return nd_av(f, &v);
}

/* Rows of an array on an axis by one index array on another: see OP_NDTAKE. */
static bool is_rows(Front *f, AVal *a, const Key *k, Nd *d, AVal **at)
{
    *at = k->item[0];
    if (k->n != 1 || (*at)->kind != A_ARRAY || is_mask(*at)) return false;
    *d = nd_of(f, a);
    if (!d->axis || nd_of(f, *at).n != 1) return false;
    *at = nd_plain(f, *at);
    return true;
}

AVal *nd_take(Front *f, const Nd *d, AVal *at)
{
    ValVec v = {0};
    Val *number = nd_plain(f, at)->val;
    Nd r = *d;
    r.readonly = false;
    nd_push(f, &v, d);
    val_push(f, &v, number);
    r.axis = axis_get(number->axis);
    r.shape[0] = ix_av(f, r.axis->rows);
    r.base = val_put(f, OP_NDTAKE, v.v.at, (int)v.v.n,
                     type_with(nd_elem_type(d), TY_ARRAY), r.axis);
    node_set_int(f->fn, r.base->def, "nd", d->n);
    nd_contiguous(f, &r);
    return nd_av(f, &r);
}

/* Values for the rows, contiguous; of one dimension they may be of any axis, the run
 * time pairs them. */
static Val *rows_values(Front *f, const Nd *d, const Val *number, AVal *value)
{
    Nd x = nd_arg(f, value, "="), like = *d;
    Type t = nd_elem_type(d);
    like.axis = axis_get(number->axis);
    like.shape[0] = ix_av(f, like.axis->rows);
    like.readonly = false;
    if (d->n == 1 && x.base && x.n == 1 && x.axis) {
        x = nd_copy(f, &x, t);
        return nd_plain(f, nd_av(f, &x))->val;
    }
    Where w = {.to = t};
    if (x.base)
        x = nd_fitted(f, &like, x, "index");
    else
        w.scalar = nd_cast_store(f, front_val(f, x.off), t, true);
    if (x.base) x = nd_stretch(f, &x, &like);
    return nd_make(f, &like, x.base ? 1 : 0, &x, row_body, &w).base;
}

static void rows_set(Front *f, const Nd *d, AVal *at, AVal *value)
{
    ValVec v = {0};
    if (d->readonly) front_fail(f, E_VALUE, "assignment destination is read-only");
    Val *number = nd_plain(f, at)->val, *x = rows_values(f, d, number, value);
    nd_push(f, &v, d);
    val_push(f, &v, number);
    val_push(f, &v, x);
    Node *n = node_put(f, f->at, OP_NDPUT, v.v.at, (int)v.v.n, 0);
    node_set_int(f->fn, n, "nd", d->n);
}

/* a[i, j] of a matrix on an axis, of one row each: row numbers and columns stand on one
 * axis, whose ranks pick from the rows that they take (library/places.py). */
static bool is_picked(Front *f, AVal *a, const Key *k, Nd *d)
{
    if (nd_in_prange(f)) return false;
    if (k->n != 2 || a->kind != A_ARRAY) return false;
    *d = nd_of(f, a);
    if (d->n != 2 || !d->axis) return false;
    Axis *axis[2];
    for (int i = 0; i < 2; i++) {
        AVal *v = k->item[i];
        if (v->kind != A_ARRAY || is_mask(v)) return false;
        Nd x = nd_of(f, v);
        if (x.n != 1 || !x.axis) return false;
        axis[i] = axis_get(x.axis);
    }
    return axis[0] == axis[1];
}

/* np.arange(len(a)): the number of each row. */
static bool counts_rows(const Nd *d, const AVal *v)
{
    const Node *n = v->val ? v->val->def : NULL;
    if (!n || n->op != OP_TOARRAY || axis_get(v->val->axis) != axis_get(d->axis))
        return false;
    n = n->arg[0]->def;
    return n && n->op == OP_ROWNUM && node_int(n, "start", 0) == 0 &&
           node_int(n, "step", 0) == 1;
}

/* a[i, j] = value where i counts the rows: each rank writes into its own. */
static bool placed(Front *f, AVal *a, const Key *k, AVal *value)
{
    Nd d;
    if (!is_picked(f, a, k, &d) || !counts_rows(&d, k->item[0])) return false;
    Nd x = nd_arg(f, value, "=");
    if (x.base && (x.n != 1 || !x.axis || axis_get(x.axis) != axis_get(d.axis)))
        return false;
    AVal *arg[] = {a, k->item[1], value};
    (void)library_call(f, x.base ? "np._placed_each" : "np._placed", arg, 3);
    return true;
}

typedef struct Flat {
    Nd like;
} Flat;

static Val *flat_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    const Nd *d = &((Flat *)data)->like;
    AVal *at = av_int(f, 0);
    (void)elem;
    for (int k = 0; k < d->n; k++)
        at = ix_add(f, at, ix_mul(f, ix_av(f, index[k]), d->stride[k]));
    return ix_val(f, at);
}

/* The position of each element of an array among all of them. */
static AVal *flat_positions(Front *f, const Nd *d)
{
    Flat w = {*d};
    nd_contiguous(f, &w.like);
    Nd r = nd_make(f, &w.like, 0, NULL, flat_body, &w);
    return nd_av(f, &r);
}

/* Whether the index arrays behind the first, x, have one element for each of its own.
 */
static bool stand_beside(Front *f, const Key *k, const Nd *x)
{
    int64_t one;
    if (x->n != 1 || !x->axis) return false;
    for (int i = 1; i < k->n; i++) {
        if (k->item[i]->kind != A_ARRAY) continue;
        Nd d = nd_of(f, k->item[i]);
        bool single = d.n == 1 && ix_is(d.shape[0], &one) && one == 1;
        bool beside = d.n == 1 && d.axis && axis_get(d.axis) == axis_get(x->axis);
        if (!single && !beside) return false;
    }
    return true;
}

/* a[rows, columns] of an array on an axis, where rows is a number or an array: the rows
 * are asked of the ranks that have them, and the key chooses among these. taken: they
 * are one for each element of the array, in order. */
static AVal *rows_taken(Front *f, AVal *a, Key *k, bool *taken)
{
    AVal *r = k->item[0];
    Nd d = nd_of(f, a);
    *taken = false;
    if (!d.axis || nd_in_prange(f) || is_mask(r)) return a;
    if (is_int(r)) {
        AVal *at = nd_from_items(f, av_tuple(f, &r, 1), NULL);
        k->item[0] = av_int(f, 0);
        return nd_take(f, &d, at);
    }
    if (r->kind != A_ARRAY) return a;
    Nd x = nd_of(f, r);
    AVal *all = av_int(f, -1);
    *taken = stand_beside(f, k, &x);
    AVal *flat = x.n == 1 ? nd_plain(f, r) : nd_reshape(f, &x, &all, 1);
    if (!*taken) k->item[0] = flat_positions(f, &x);
    return nd_take(f, &d, flat);
}

static AVal *fancy_get(Front *f, AVal *a, Key *k)
{
    Fancy y;
    bool taken;
    Nd d;
    AVal *at;
    if (is_rows(f, a, k, &d, &at)) return nd_take(f, &d, at);
    if (is_picked(f, a, k, &d)) {
        AVal *rows = counts_rows(&d, k->item[0]) ? a : nd_take(f, &d, k->item[0]);
        return library_call(f, "np._picked", (AVal *[]){rows, k->item[1]}, 2);
    }
    a = rows_taken(f, a, k, &taken);
    fancy_open(f, a, k, taken, &y);
    Nd r = nd_make(f, &y.shape, y.narr, y.arr, fancy_get_body, &y);
    return nd_av(f, &r);
}

static void fancy_set(Front *f, AVal *a, const Key *k, AVal *value)
{
    Fancy y;
    Nd d;
    AVal *at;
    if (is_rows(f, a, k, &d, &at)) {
        rows_set(f, &d, at, value);
        return;
    }
    if (placed(f, a, k, value)) return;
    fancy_open(f, a, k, false, &y);
    Nd v = nd_arg(f, value, "="), op[DIM_MAX + 1];
    y.to = nd_elem_type(&y.src);
    for (int i = 0; i < y.narr; i++)
        op[i] = y.arr[i];
    int n = y.narr;
    if (v.base) {
        v = nd_fitted(f, &y.shape, v, "index");
        v = nd_copy(f, &v, nd_elem_type(&v)); /* it may overlap what is written */
        op[n++] = nd_stretch(f, &v, &y.shape);
    } else {
        y.scalar = nd_cast_store(f, front_val(f, v.off), y.to, true);
    }
    nd_each(f, &y.shape, n, op, fancy_set_body, &y);
}

/* -- Entries ----------------------------------------------------------------------- */
static bool one_mask(const Key *k)
{
    return k->n == 1 && is_mask(k->item[0]);
}

/* The key of an array of text says nothing of its characters: all of them. */
static int text_key(Front *f, AVal *a, Key *k)
{
    int nd = nd_is_plain(a) ? 1 : (int)(a->n / 2), used = 0;
    if (!chars_is(a)) return nd;
    nd--;
    for (int i = 0; i < k->n; i++) {
        if (is_mask(k->item[i]))
            used += nd_of(f, k->item[i]).n;
        else
            used += !is_none(k->item[i]) && !is_dots(k->item[i]);
    }
    if (used > nd)
        front_fail(f, E_INDEX,
                   "too many indices for array: array is %d-dimensional, but %d were "
                   "indexed",
                   nd, used);
    for (int i = 0; i < k->n; i++) {
        if (!is_dots(k->item[i])) continue;
        k->item[k->n++] = nd_slice_of(f, av_none(f), av_none(f), av_none(f));
        break;
    }
    return nd;
}

/* Text and dates as objects are columns: slices and index arrays are those of rows. */
static bool is_objects(const AVal *a)
{
    return a->val->type.dt == DT_STR || a->val->type.dt == DT_DATE;
}

static AVal *objects_get(Front *f, AVal *a, const Key *k)
{
    if (k->n != 1 || is_none(k->item[0]) || is_dots(k->item[0]))
        front_unsup(f, UNSUP_API, "such an index of an array of objects");
    Val *col = front_col(f, a);
    AVal *s = av_series(f, col, index_range(f, val_axis(col)->rows), av_none(f));
    AVal *r = front_getitem(f, front_getattr(f, s, "iloc"), k->item[0]);
    return np_array_of(f, r->val);
}

/* All ranks come to the code that is made, once, as far as it is known here. */
static bool is_run_once(const Front *f)
{
    for (const Scope *s = f->scope; s; s = s->caller)
        if (s->loop) return false;
    return !f->fn->sub;
}

/* a[i, ...] of an array on an axis: one row, which the ranks are given by the one that
 * has it. What is written to a[i] is written to a. */
static AVal *row_get(Front *f, AVal *a, const Key *k)
{
    Nd d = nd_of(f, a);
    if (!k->n || !is_int(k->item[0]) || !d.axis || d.n < 2 || chars_is(a)) return NULL;
    if (!is_run_once(f)) return NULL;
    Nd row = nd_row(f, &d, k->item[0]), v = nd_view(f, row, k->item + 1, k->n - 1);
    AVal *r = nd_av(f, &v);
    if (k->n == 1) {
        r->row_of = av_tuple(f, (AVal *[]){a, k->item[0]}, 2);
        r->row_of->val = r->val;
    }
    return r;
}

AVal *nd_row_source(Front *f, AVal *a, AVal **key)
{
    if (a->kind != A_ARRAY || !a->row_of || a->row_of->val != a->val) return a;
    if (nd_in_prange(f)) return a;
    AVal *item[2 * DIM_MAX + 3], **rest = key;
    idx n = 1;
    if (*key && (*key)->kind == A_TUPLE) {
        rest = (*key)->item;
        n = (*key)->n;
    }
    if (n > 2 * (idx)DIM_MAX) return a;
    if (!*key) n = 0;
    item[0] = a->row_of->item[1];
    for (idx i = 0; i < n; i++)
        item[1 + i] = rest[i];
    *key = av_tuple(f, item, n + 1);
    return a->row_of->item[0];
}

AVal *nd_getitem(Front *f, AVal *a, AVal *key)
{
    Key k;
    key_read(f, key, &k);
    if (is_objects(a) && !all_ints(&k, 1) && !one_mask(&k))
        return objects_get(f, a, &k);
    int nd = text_key(f, a, &k);
    if (all_ints(&k, nd)) return element_get(f, a, &k);
    if (k.arrays) a = rows_apart(f, a, &k);
    if (one_mask(&k)) return mask_get(f, a, k.item[0]);
    if (k.arrays) return fancy_get(f, a, &k);
    AVal *row = row_get(f, a, &k);
    if (row) return row;
    Nd v = nd_view(f, nd_of(f, a), k.item, k.n);
    return nd_av(f, &v);
}

/* One row of an array on an axis, by a number that is known when compiling, or outside
 * of loops: a[k, ...] is written as a[k:k + 1, ...], by the rank that has the row, so
 * that not every rank must have all of them. */
static bool is_one_row(Front *f, AVal *a, const Key *k)
{
    int64_t at = 0;
    Nd d = nd_of(f, a);
    if (!d.axis || d.n < 2 || k->n == 0 || k->arrays || !is_int(k->item[0]))
        return false;
    return !nd_in_prange(f) && (!f->scope->loop || ix_is(k->item[0], &at));
}

static void one_row(Front *f, AVal *a, Key *k)
{
    Nd d = nd_of(f, a);
    AVal *p = nd_position(f, k->item[0], nd_len(f, &d, 0), 0);
    k->item[0] = nd_slice_of(f, p, ix_add(f, p, av_int(f, 1)), av_none(f));
}

/* The row as a view of one row, in which the value fits as in the row itself. */
static Nd row_for(Front *f, AVal *a, Key *k, AVal *value, bool aug)
{
    one_row(f, a, k);
    Nd v = nd_view(f, nd_of(f, a), k->item, k->n), row = v;
    nd_drop(&row, 0);
    nd_check_fit(f, &row, value, aug);
    return v;
}

static bool one_row_set(Front *f, AVal *a, Key *k, AVal *value)
{
    if (!is_one_row(f, a, k)) return false;
    Nd v = row_for(f, a, k, value, false);
    nd_store(f, &v, value);
    return true;
}

bool nd_is_one_row(Front *f, AVal *a, AVal *key)
{
    Key k;
    if (a->kind != A_ARRAY || is_objects(a) || chars_is(a)) return false;
    key_read(f, key, &k);
    return !all_ints(&k, nd_of(f, a).n) && is_one_row(f, a, &k);
}

AVal *nd_one_row(Front *f, AVal *a, AVal *key, AVal *value)
{
    Key k;
    key_read(f, key, &k);
    Nd v = row_for(f, a, &k, value, true);
    return nd_av(f, &v);
}

/* Dimensions of what a key chooses, each of whose arrays stands for one. */
static int dims_of(const Nd *d, const Key *k)
{
    int n = d->n;
    for (int i = 0; i < k->n; i++)
        n += is_none(k->item[i]) ? 1 : is_int(k->item[i]) ? -1 : 0;
    return n;
}

/* Rows of an axis in reverse, a[9:2:-3], are written upwards, as a[3:10:3], each by the
 * rank that has it: gives the values in that order. */
static AVal *upward(Front *f, AVal *a, Key *k, AVal *value)
{
    Nd d = nd_of(f, a), x = nd_arg(f, value, "=");
    AVal *back, *s = k->n && k->item[0]->kind == A_SLICE ? k->item[0] : NULL;
    int arrays = 0, wide = 0;
    for (int i = 0; i < k->n; i++) {
        if (k->item[i]->kind != A_ARRAY) continue;
        arrays++;
        wide |= nd_of(f, k->item[i]).n > 1;
    }
    bool other = arrays > 1 || wide; /* the value's rows may be any dimension of it */
    if (!s || (x.base && (other || x.n > dims_of(&d, k)))) return value;
    AVal *up = nd_upward(f, &d, s, &back);
    if (!up) return value;
    k->item[0] = up;
    if (!x.base || x.n < dims_of(&d, k)) return value;
    x = nd_turned(f, &x, back);
    return nd_av(f, &x);
}

AVal *nd_whole_row(Front *f, AVal *a, AVal *value)
{
    AVal *key = NULL, *of = is_run_once(f) ? nd_row_source(f, a, &key) : a;
    return of == a ? a : nd_one_row(f, of, key, value);
}

void nd_setitem(Front *f, AVal *a, AVal *key, AVal *value)
{
    Key k;
    a = nd_row_source(f, a, &key);
    if (a->ck == READ_ONLY)
        front_fail(f, E_VALUE, "assignment destination is read-only");
    if (is_objects(a))
        front_unsup(
            f, UNSUP_API,
            "a store to an array of objects; text with a width, of dtype \"U10\", "
            "can be written");
    key_read(f, key, &k);
    int nd = text_key(f, a, &k);
    if (all_ints(&k, nd)) {
        element_set(f, a, &k, value);
        return;
    }
    if (chars_is(a)) {
        Nd d = nd_of(f, a);
        value = chars_value(f, value, &d);
    }
    if (k.arrays) a = rows_apart(f, a, &k);
    if (one_mask(&k)) {
        mask_set(f, a, k.item[0], value);
    } else if (k.arrays) {
        value = upward(f, a, &k, value);
        fancy_set(f, a, &k, value);
    } else if (!one_row_set(f, a, &k, value)) {
        value = upward(f, a, &k, value);
        Nd v = nd_view(f, nd_of(f, a), k.item, k.n);
        nd_store(f, &v, value);
    }
}
