/* SPDX-License-Identifier: Apache-2.0
 * Views of arrays: the arithmetic of offsets, lengths and strides. See nd.h.
 */
#include "front/nd.h"

#include <string.h>

/* -- Whole numbers ----------------------------------------------------------------- */
bool ix_is(const AVal *v, int64_t *k)
{
    if (v->kind != A_CONST || (v->ck != AC_INT && v->ck != AC_BOOL)) return false;
    if (v->arg && !v->arg->demanded) return false;
    *k = v->i;
    return true;
}

static bool ix_eq(const AVal *v, int64_t k)
{
    int64_t i = 0;
    return ix_is(v, &i) && i == k;
}

Val *ix_val(Front *f, AVal *v)
{
    return front_cast(f, front_val(f, v), type_scalar(DT_I64));
}

AVal *ix_av(Front *f, Val *v)
{
    int64_t k;
    const Node *d = v->def;
    if (d && d->op == OP_CONST && dt_is_int((DType)v->type.dt)) {
        k = node_int(d, "v", 0);
        return av_int(f, k);
    }
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

/* A known bound of a slice: from the start (0 or more) or from the end (below 0). */
static bool known_bound(const Node *n, const char *name, int arg, bool from_end,
                        int64_t *k)
{
    const Node *d = n->arg[arg]->def;
    *k = 0;
    if (!node_int(n, name, 0)) return true;
    if (!d || d->op != OP_CONST) return false;
    *k = node_int(d, "v", 0);
    return from_end ? *k < 0 : *k >= 0;
}

/* a[i:-j] of n rows has max(n - (i + j), 0) rows. */
typedef struct Cut {
    Val *rows; /* of a */
    int64_t i, j;
} Cut;

static bool cut_of(const Val *v, Cut *c)
{
    const Node *n = v->def;
    int64_t stop;
    if (!n || n->op != OP_NDRANGE || v->index != 0) return false;
    const Node *step = n->arg[3]->def;
    int64_t by = step && step->op == OP_CONST ? node_int(step, "v", 0) : 0;
    bool ok = by == 1 && known_bound(n, "start", 1, false, &c->i) &&
              known_bound(n, "stop", 2, true, &stop);
    if (!ok) return false;
    c->rows = n->arg[0];
    c->j = -stop;
    return true;
}

bool nd_same_rows(const Val *a, const Val *b)
{
    Cut x, y;
    if (a == b) return true;
    return cut_of(a, &x) && cut_of(b, &y) && x.rows == y.rows && x.i + x.j == y.i + y.j;
}

bool nd_same_part(const Val *a, const Val *b)
{
    Cut x, y;
    if (a == b) return true;
    return cut_of(a, &x) && cut_of(b, &y) && x.rows == y.rows && x.i == y.i &&
           x.j == y.j;
}

Axis *nd_middle(Front *f, Axis *a)
{
    Cut c;
    if (!cut_of(a->rows, &c) || c.i == (c.i + c.j) / 2) return a;
    int64_t i = (c.i + c.j) / 2, j = c.i + c.j - i;
    Val *in[4] = {c.rows, int_val(f, i), int_val(f, -j), int_val(f, 1)};
    Node *n = node_put(f, f->at, OP_NDRANGE, in, 4, 2);
    n->res[0].type = n->res[1].type = type_scalar(DT_I64);
    node_set_int(f->fn, n, "start", 1);
    node_set_int(f->fn, n, "stop", 1);
    node_set_int(f->fn, n, "up", 1);
    node_set_int(f->fn, n, "rows", 1);
    Axis *r = axis_new(f->fn);
    r->rows = &n->res[0];
    n->res[0].axis = r;
    return r;
}

bool ix_same(const AVal *a, const AVal *b)
{
    int64_t x = 0, y = 0;
    if (a == b) return true;
    bool ca = ix_is(a, &x), cb = ix_is(b, &y);
    if (ca || cb) return ca && cb && x == y;
    if (a->kind == A_CONST || b->kind == A_CONST)
        return a->kind == b->kind && a->arg == b->arg;
    bool rows = a->val->axis || b->val->axis; /* of this rank: on one axis only */
    return rows ? a->val == b->val : nd_same_rows(a->val, b->val);
}

static AVal *ix_op(Front *f, Op op, AVal *a, AVal *b)
{
    Val *in[2] = {ix_val(f, a), ix_val(f, b)};
    return ix_av(f, val_put(f, op, in, 2, type_scalar(DT_I64), NULL));
}

AVal *ix_add(Front *f, AVal *a, AVal *b)
{
    int64_t x = 0, y = 0, r = 0;
    if (ix_eq(a, 0)) return b;
    if (ix_eq(b, 0)) return a;
    if (ix_is(a, &x) && ix_is(b, &y) && !__builtin_add_overflow(x, y, &r))
        return av_int(f, r);
    return ix_op(f, OP_ADD, a, b);
}

AVal *ix_sub(Front *f, AVal *a, AVal *b)
{
    int64_t x = 0, y = 0, r = 0;
    if (ix_eq(b, 0)) return a;
    if (ix_is(a, &x) && ix_is(b, &y) && !__builtin_sub_overflow(x, y, &r))
        return av_int(f, r);
    return ix_op(f, OP_SUB, a, b);
}

AVal *ix_mul(Front *f, AVal *a, AVal *b)
{
    int64_t x = 0, y = 0, r = 0;
    if (ix_eq(a, 1)) return b;
    if (ix_eq(b, 1)) return a;
    if (ix_eq(a, 0) || ix_eq(b, 0)) return av_int(f, 0);
    if (ix_is(a, &x) && ix_is(b, &y) && !__builtin_mul_overflow(x, y, &r))
        return av_int(f, r);
    return ix_op(f, OP_MUL, a, b);
}

AVal *ix_pick(Front *f, Op op, AVal *a, AVal *b)
{
    int64_t x = 0, y = 0;
    if (ix_same(a, b)) return a;
    if (ix_is(a, &x) && ix_is(b, &y)) return (x > y) == (op == OP_MAX2) ? a : b;
    return ix_op(f, op, a, b);
}

AVal *ix_max0(Front *f, AVal *a)
{
    int64_t x;
    if (ix_is(a, &x)) return x < 0 ? av_int(f, 0) : a;
    return ix_op(f, OP_MAX2, a, av_int(f, 0));
}

/* -- Arrays as views --------------------------------------------------------------- */
bool nd_is_plain(const AVal *a)
{
    return a->kind == A_ARRAY && !a->item;
}

Type nd_elem_type(const Nd *d)
{
    return type_with(d->base->type, TY_SCALAR);
}

Nd nd_of(Front *f, AVal *a)
{
    Nd d = {.n = 1, .base = a->val};
    if (a->item) {
        d.n = (int)(a->n / 2);
        d.axis = axis_get(a->axis);
        d.contiguous = a->i & 1;
        d.readonly = a->i & 2;
        d.off = a->item[0];
        for (int k = 0; k < d.n; k++) {
            d.shape[k] = a->item[1 + k];
            d.stride[k] = a->item[1 + d.n + k];
        }
        return d;
    }
    d.axis = val_axis(a->val);
    d.off = av_int(f, 0);
    d.shape[0] = ix_av(f, d.axis->rows);
    d.stride[0] = av_int(f, 1);
    d.contiguous = true;
    return d;
}

bool nd_contiguous_known(const Nd *d)
{
    int64_t want = 1, s, len;
    if (!ix_eq(d->off, 0)) return false;
    for (int k = d->n - 1; k >= 0; k--) {
        if (!ix_is(d->stride[k], &s)) return false;
        if (s != want) return false;
        if (k && !ix_is(d->shape[k], &len)) return false;
        if (k) want *= len;
    }
    return true;
}

AVal *nd_av(Front *f, const Nd *d)
{
    if (d->n == 0) {
        Val *v = nd_get(f, d, NULL, 0);
        return av_scalar(f, v);
    }
    AVal *a = av_array(f, d->base);
    Axis *own = axis_get(d->base->axis);
    bool plain = d->n == 1 && d->axis && own == axis_get(d->axis) && own &&
                 ix_eq(d->off, 0) && ix_eq(d->stride[0], 1);
    if (plain) return a;
    a->axis = d->axis;
    a->i = (d->contiguous ? 1 : 0) | (d->readonly ? 2 : 0);
    a->n = 1 + 2 * d->n;
    a->item = ARENA_NEW_N(f->arena, a->n, AVal *);
    a->item[0] = d->off;
    for (int k = 0; k < d->n; k++) {
        a->item[1 + k] = d->shape[k];
        a->item[1 + d->n + k] = d->stride[k];
    }
    return a;
}

AVal *nd_len(Front *f, const Nd *d, int k)
{
    Axis *base = d->base ? axis_get(d->base->axis) : NULL; /* none: a shape alone */
    Val *rows = d->axis ? axis_get(d->axis)->rows : NULL;
    if (k > 0 || !d->axis) {
        AVal *n = d->shape[k];
        /* Of a transposed view: the rows of this rank are not its length. */
        bool turned =
            n->kind == A_SCALAR && (n->val->axis || (base && n->val == base->rows));
        if (!turned && (n->kind != A_SCALAR || n->i == 1)) return n;
        if (!turned) return ix_av(f, n->val);
        rows = n->val;
    }
    AVal *n = av_scalar(f, val_put(f, OP_LEN, &rows, 1, type_scalar(DT_I64), NULL));
    n->i = 1;
    return n;
}

AVal *nd_length(Front *f, AVal *a)
{
    Nd d = nd_of(f, a);
    return nd_len(f, &d, 0);
}

AVal *nd_size(Front *f, const Nd *d)
{
    AVal *n = av_int(f, 1);
    for (int k = 0; k < d->n; k++)
        n = ix_mul(f, n, nd_len(f, d, k));
    return n;
}

AVal *nd_dims(Front *f, const Nd *d, int from, int to)
{
    AVal *n = av_int(f, 1);
    for (int k = from; k < to; k++)
        n = ix_mul(f, n, d->shape[k]);
    return n;
}

void nd_contiguous(Front *f, Nd *d)
{
    AVal *s = av_int(f, 1);
    d->off = av_int(f, 0);
    d->contiguous = true;
    d->readonly = false;
    for (int k = d->n - 1; k >= 0; k--) {
        d->stride[k] = s;
        if (k) s = ix_mul(f, s, d->shape[k]);
    }
}

Axis *nd_axis_rep(Front *f, AVal *n)
{
    Val *len = ix_val(f, n);
    Node *an = node_put(f, f->at, OP_NDAXIS, &len, 1, 1);
    Axis *a = axis_new(f->fn);
    an->res[0].type = type_scalar(DT_I64);
    an->res[0].axis = a;
    a->rows = &an->res[0];
    return a;
}

AVal *ix_chosen(Front *f, AVal *test, AVal *yes, AVal *no)
{
    if (test->kind == A_CONST) return test->i ? yes : no;
    if (ix_same(yes, no)) return yes;
    Val *in[3] = {front_val(f, test), ix_val(f, yes), ix_val(f, no)};
    return ix_av(f, val_put(f, OP_SELECT, in, 3, type_scalar(DT_I64), NULL));
}

/* -- Views ------------------------------------------------------------------------- */
static Nd turned_here(Front *f, const Nd *d, AVal *back)
{
    Nd r = *d;
    AVal *last = ix_sub(f, d->shape[0], av_int(f, 1)), *s = d->stride[0];
    r.off = ix_chosen(f, back, ix_add(f, d->off, ix_mul(f, last, s)), d->off);
    r.stride[0] = ix_chosen(f, back, ix_sub(f, av_int(f, 0), s), s);
    r.contiguous = false;
    return r;
}

Nd nd_turned(Front *f, const Nd *d, AVal *back)
{
    ValVec in = {0};
    Nd r = turned_here(f, d, back);
    if (!d->axis) return r;
    nd_push(f, &in, d);
    val_push(f, &in, ix_val(f, r.off));
    for (int k = 0; k < d->n; k++)
        val_push(f, &in, ix_val(f, r.stride[k]));
    for (int k = 0; k < d->n; k++)
        val_push(f, &in, ix_val(f, d->shape[k]));
    Node *n = node_put(f, f->at, OP_NDREROW, in.v.at, (int)in.v.n, 2 + d->n);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "to", d->n);
    node_set_int(f->fn, n, "turn", 1);
    node_set_ints(f->fn, n, "ax", (int64_t[]){1}, 1);
    n->res[0].type = d->base->type;
    n->res[0].axis = axis_get(d->axis);
    r.base = &n->res[0];
    for (int k = 1; k < n->nres; k++)
        n->res[k].type = type_scalar(DT_I64);
    r.off = ix_av(f, &n->res[1]);
    for (int k = 0; k < d->n; k++)
        r.stride[k] = ix_av(f, &n->res[2 + k]);
    r.contiguous = false;
    return r;
}

Nd nd_row(Front *f, const Nd *d, AVal *i)
{
    ValVec in = {0};
    Nd r = *d;
    AVal *p = nd_position(f, i, nd_len(f, d, 0), 0);
    r.off = ix_add(f, d->off, ix_mul(f, p, d->stride[0]));
    nd_drop(&r, 0);
    nd_push(f, &in, d);
    val_push(f, &in, ix_val(f, r.off));
    for (int k = 0; k < r.n; k++)
        val_push(f, &in, ix_val(f, r.stride[k]));
    for (int k = 0; k < r.n; k++)
        val_push(f, &in, ix_val(f, r.shape[k]));
    val_push(f, &in, ix_val(f, p));
    Node *n = node_put(f, f->at, OP_NDREROW, in.v.at, (int)in.v.n, 2 + r.n);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "to", r.n);
    node_set_int(f->fn, n, "one", 1);
    node_set_ints(f->fn, n, "ax", (int64_t[]){1}, 1);
    n->res[0].type = d->base->type;
    r.base = &n->res[0];
    for (int k = 1; k < n->nres; k++)
        n->res[k].type = type_scalar(DT_I64);
    r.off = ix_av(f, &n->res[1]);
    for (int k = 0; k < r.n; k++)
        r.stride[k] = ix_av(f, &n->res[2 + k]);
    r.contiguous = false;
    return r;
}

void nd_drop(Nd *d, int k)
{
    if (k > 0) d->contiguous = false;
    if (k == 0) d->axis = NULL;
    for (d->n--; k < d->n; k++) {
        d->shape[k] = d->shape[k + 1];
        d->stride[k] = d->stride[k + 1];
    }
}

void nd_insert(Front *f, Nd *d, int k)
{
    if (d->n == DIM_MAX)
        front_unsup(f, UNSUP_API, "arrays of more than %d dimensions", DIM_MAX);
    if (k == 0) d->axis = NULL;
    for (int j = d->n++; j > k; j--) {
        d->shape[j] = d->shape[j - 1];
        d->stride[j] = d->stride[j - 1];
    }
    d->shape[k] = av_int(f, 1);
    d->stride[k] = av_int(f, 0);
}

Nd nd_permute(const Nd *d, const int *order)
{
    Nd r = *d;
    for (int k = 0; k < d->n; k++) {
        r.shape[k] = d->shape[order[k]];
        r.stride[k] = d->stride[order[k]];
    }
    Axis *rows = axis_get(d->base->axis); /* turned back, they are in front again */
    bool back =
        d->n && rows && r.shape[0]->kind == A_SCALAR && r.shape[0]->val == rows->rows;
    if (d->n && order[0] != 0) r.axis = back ? rows : NULL;
    for (int k = 0; k < d->n; k++)
        r.contiguous &= order[k] == k;
    return r;
}

AVal *nd_position(Front *f, AVal *i, AVal *n, int k)
{
    int64_t x = 0, len = 0;
    if (ix_is(i, &x) && ix_is(n, &len)) {
        if (x >= -len && x < len) return av_int(f, x < 0 ? x + len : x);
        front_fail(f, E_INDEX, "index %lld is out of bounds for axis %d with size %lld",
                   (long long)x, k, (long long)len);
    }
    Val *in[2] = {ix_val(f, i), ix_val(f, n)};
    Val *v = val_put(f, OP_NDINDEX, in, 2, type_scalar(DT_I64), NULL);
    node_set_int(f->fn, v->def, "axis", k);
    return ix_av(f, v);
}

static bool is_none(const AVal *v)
{
    return v->kind == A_NONE || (v->kind == A_CONST && v->ck == AC_NONE);
}

static Val *bound(Front *f, AVal *v, int64_t missing)
{
    if (is_none(v)) return ix_val(f, av_int(f, missing));
    Val *x = front_val(f, v);
    if (x->type.kind != TY_SCALAR || !dt_is_int((DType)x->type.dt))
        front_fail(
            f, E_TYPE,
            "slice indices must be integers or None or have an __index__ method");
    return front_cast(f, x, type_scalar(DT_I64));
}

/* The number of places that a slice of len has, and the first. */
static Node *range_node(Front *f, Val *len, AVal *slice)
{
    AVal *start = slice->item[0], *stop = slice->item[1];
    Val *in[4] = {len, bound(f, start, 0), bound(f, stop, 0),
                  bound(f, slice->item[2], 1)};
    Node *n = node_put(f, f->at, OP_NDRANGE, in, 4, 2);
    n->res[0].type = n->res[1].type = type_scalar(DT_I64);
    node_set_int(f->fn, n, "start", !is_none(start));
    node_set_int(f->fn, n, "stop", !is_none(stop));
    return n;
}

AVal *nd_range(Front *f, AVal *len, AVal *slice, AVal **first)
{
    Node *n = range_node(f, ix_val(f, len), slice);
    *first = ix_av(f, &n->res[1]);
    return ix_av(f, &n->res[0]);
}

AVal *nd_slice_of(Front *f, AVal *start, AVal *stop, AVal *step)
{
    AVal *part[3] = {start, stop, step}, *s = av_tuple(f, part, 3);
    s->kind = A_SLICE;
    return s;
}

enum { NEVER_DOWN = 2 }; /* AVal.i of a step that is above 0 */

bool nd_in_prange(const Front *f)
{
    for (const Loop *l = f->scope->loop; l; l = l->up)
        if (l->parallel) return true;
    return false;
}

/* A step below 0, or one whose sign is not known. */
static bool may_go_down(const AVal *step, int64_t *by)
{
    *by = 1;
    if (is_none(step)) return false;
    if (!ix_is(step, by)) {
        *by = 0;
        return true;
    }
    return *by < 0 && *by > INT64_MIN;
}

AVal *nd_upward(Front *f, const Nd *d, AVal *slice, AVal **back)
{
    int64_t by;
    AVal *step = slice->item[2], *none = av_none(f), *one = av_int(f, 1);
    if (!d->axis || !may_go_down(step, &by) || nd_in_prange(f)) return NULL;
    *back = av_bool(f, true);
    if (by && is_none(slice->item[0]) && is_none(slice->item[1]) && by == -1)
        return nd_slice_of(f, none, none, none);
    AVal *first, *count = nd_range(f, nd_len(f, d, 0), slice, &first);
    AVal *last = ix_add(f, first, ix_mul(f, ix_sub(f, count, one), step));
    if (by) return nd_slice_of(f, last, ix_add(f, first, one), av_int(f, -by));
    Val *sign[2] = {ix_val(f, step), ix_val(f, av_int(f, 0))};
    *back = av_scalar(f, val_put(f, OP_LT, sign, 2, type_scalar(DT_BOOL), NULL));
    AVal *stop = ix_add(f, ix_chosen(f, *back, first, last), one);
    AVal *up = ix_pick(f, OP_MAX2, step, av_int(f, -INT64_MAX));
    up = ix_chosen(f, *back, ix_sub(f, av_int(f, 0), up), step);
    up->i = NEVER_DOWN;
    return nd_slice_of(f, ix_chosen(f, *back, last, first), ix_max0(f, stop), up);
}

/* NOLINTNEXTLINE(misc-no-recursion): once, with a step above 0 */
void nd_slice(Front *f, Nd *d, int k, AVal *slice)
{
    AVal *start = slice->item[0], *stop = slice->item[1], *step = slice->item[2];
    int64_t by = 1;
    bool known = is_none(step) || ix_is(step, &by);
    if (known && by == 0) front_fail(f, E_VALUE, "slice step cannot be zero");
    if (known && by == 1 && (is_none(start) || ix_eq(start, 0)) && is_none(stop))
        return;
    bool never = step->kind == A_SCALAR && step->i == NEVER_DOWN;
    bool above = known ? by > 0 : never;
    AVal *back, *up = k == 0 && !above ? nd_upward(f, d, slice, &back) : NULL;
    if (up) {
        nd_slice(f, d, k, up);
        *d = nd_turned(f, d, back);
        return;
    }
    Axis *from = k == 0 ? axis_get(d->axis) : NULL;
    Node *n = range_node(f, from ? from->rows : ix_val(f, d->shape[k]), slice);
    node_set_int(f->fn, n, "up", above);
    if (from) {
        node_set_int(f->fn, n, "rows", 1);
        d->axis = axis_new(f->fn);
        d->axis->rows = &n->res[0];
        n->res[0].axis = d->axis;
    }
    d->contiguous &= k == 0 && known && by == 1;
    d->off = ix_add(f, d->off, ix_mul(f, ix_av(f, &n->res[1]), d->stride[k]));
    d->stride[k] = ix_mul(f, d->stride[k], known ? av_int(f, by) : ix_av(f, n->arg[3]));
    d->shape[k] = ix_av(f, &n->res[0]);
}

static bool is_ellipsis(const AVal *v)
{
    return v->kind == A_CONST && v->ck == AC_ELLIPSIS;
}

Nd nd_view(Front *f, Nd d, AVal *const *key, idx nkey)
{
    int used = 0, at = 0, dim = 0;
    bool dots = false;
    for (idx i = 0; i < nkey; i++) {
        if (is_ellipsis(key[i])) {
            if (dots)
                front_fail(f, E_INDEX,
                           "an index can only have a single ellipsis ('...')");
            dots = true;
        } else {
            used += !is_none(key[i]);
        }
    }
    if (used > d.n)
        front_fail(f, E_INDEX,
                   "too many indices for array: array is %d-dimensional, but %d were "
                   "indexed",
                   d.n, used);
    int rest = d.n - used;
    for (idx i = 0; i < nkey; i++) {
        if (is_ellipsis(key[i])) {
            at += rest;
            dim += rest;
        } else if (is_none(key[i])) {
            nd_insert(f, &d, at++);
        } else if (key[i]->kind == A_SLICE) {
            nd_slice(f, &d, at++, key[i]);
            dim++;
        } else {
            AVal *p = nd_position(f, key[i], d.shape[at], dim++);
            d.off = ix_add(f, d.off, ix_mul(f, p, d.stride[at]));
            nd_drop(&d, at);
        }
    }
    return d;
}
