/* SPDX-License-Identifier: Apache-2.0
 * Loop nests over arrays of n dimensions: element-wise operations with broadcasting,
 * copies, stores. One node is one nest; what is done with an element is its region.
 *
 * A store whose operands may overlap what is written first makes a copy of them, as
 * NumPy does.
 */
#include "front/nd.h"

#include <string.h>

enum { OP_MAX = 8 };

/* -- Nodes ------------------------------------------------------------------------- */
typedef struct Nest {
    Front *f;
    const Nd *like;
    int nop;
    const Nd *op;
    NdBody *body;
    void *data;
} Nest;

static void add_results(Front *f, Node *n, int nres)
{
    n->nres = nres;
    n->res = nres ? ARENA_NEW_N(f->arena, nres, Val) : NULL;
    for (int32_t i = 0; i < nres; i++) {
        val_init(f->fn, &n->res[i], type_scalar(DT_I64), NULL);
        n->res[i].def = n;
        n->res[i].index = i;
    }
}

static void push_view(Front *f, ValVec *v, const Nd *d)
{
    val_push(f, v, d->base);
    val_push(f, v, ix_val(f, d->off));
    for (int k = 0; k < d->n; k++)
        val_push(f, v, ix_val(f, d->stride[k]));
}

static bool on_axis(const Nd *d, const Nd *like)
{
    int64_t s;
    if (!like->axis || !d->axis || axis_get(d->axis) != axis_get(like->axis))
        return false;
    return !ix_is(d->stride[0], &s) || s != 0;
}

/* Whether the first dimension of d runs over other rows than those of `like`. */
static bool off_axis(const Nd *d, const Nd *like)
{
    int64_t s;
    return !on_axis(d, like) && (!ix_is(d->stride[0], &s) || s != 0);
}

/* The node, its region filled; into: the first operand is what is written. */
static Node *nest_put(const Nest *m, Op op, bool into)
{
    Front *f = m->f;
    ValVec arg = {0};
    int nd = m->like->n, first = into ? 1 : 0;
    int64_t *ax = ARENA_NEW_N(f->arena, m->nop + 1, int64_t);
    for (int k = 0; k < m->nop; k++) {
        push_view(f, &arg, &m->op[k]);
        ax[k] = on_axis(&m->op[k], m->like);
    }
    for (int k = 0; k < nd; k++)
        val_push(f, &arg, ix_val(f, m->like->shape[k]));
    Node *n = node_put(f, f->at, op, arg.v.at, (int)arg.v.n, 0);
    node_set_int(f->fn, n, "nd", nd);
    node_set_int(f->fn, n, "nop", m->nop);
    node_set_ints(f->fn, n, "ax", ax, m->nop);
    Region *r = node_add_region(f->fn, n, m->nop - first + nd);
    Val **elem = ARENA_NEW_N(f->arena, m->nop + nd + 1, Val *);
    for (int k = first; k < m->nop; k++) {
        elem[k - first] = &r->param[k - first];
        r->param[k - first].type = nd_elem_type(&m->op[k]);
    }
    for (int k = 0; k < nd; k++) {
        elem[m->nop - first + k] = &r->param[m->nop - first + k];
        r->param[m->nop - first + k].type = type_scalar(DT_I64);
    }
    Region *back = f->at;
    f->at = r;
    Val *out = m->body(f, elem, elem + m->nop - first, m->data);
    node_put(f, r, OP_YIELD, &out, out ? 1 : 0, 0);
    f->at = back;
    return n;
}

Nd nd_make(Front *f, const Nd *like, int nop, const Nd *op, NdBody *body, void *data)
{
    Nest m = {f, like, nop, op, body, data};
    Nd r = *like;
    if (r.n == 1 && !r.axis) {
        r.axis = nd_axis_rep(f, r.shape[0]);
        r.shape[0] = ix_av(f, r.axis->rows);
        m.like = &r;
    }
    Node *n = nest_put(&m, OP_NDMAP, false);
    const Node *last = n->region[0]->last;
    add_results(f, n, 1);
    Type t = type_with(last->arg[0]->type, TY_ARRAY);
    n->res[0].type = t;
    n->res[0].axis = r.axis;
    r.base = &n->res[0];
    nd_contiguous(f, &r);
    return r;
}

void nd_each(Front *f, const Nd *like, int nop, const Nd *op, NdBody *body, void *data)
{
    Nest m = {f, like, nop, op, body, data};
    (void)nest_put(&m, OP_NDMAP, false);
}

void nd_fill(Front *f, const Nd *to, int nop, const Nd *op, NdBody *body, void *data)
{
    Nd all[OP_MAX + 1];
    if (to->readonly) front_fail(f, E_VALUE, "assignment destination is read-only");
    if (nop > OP_MAX) BUG("a store of %d operands", nop);
    all[0] = *to;
    for (int k = 0; k < nop; k++) {
        all[k + 1] = op[k];
        /* the i-th of other rows is on another rank: all of both are needed */
        if (to->n && off_axis(&op[k], to)) all[0].axis = NULL;
    }
    Nest m = {f, &all[0], nop + 1, all, body, data};
    (void)nest_put(&m, OP_NDSTORE, true);
}

/* -- Elements ---------------------------------------------------------------------- */
static void element_args(Front *f, ValVec *v, const Nd *d, Val *const *index)
{
    val_push(f, v, d->base);
    for (int k = 0; k < d->n; k++)
        val_push(f, v, index[k]);
    val_push(f, v, ix_val(f, d->off));
    for (int k = 0; k < d->n; k++)
        val_push(f, v, ix_val(f, d->stride[k]));
    for (int k = 0; k < d->n; k++)
        val_push(f, v, ix_val(f, d->shape[k]));
}

static void mark_element(Front *f, Node *n, const Nd *d, unsigned sure)
{
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "sure", sure);
    Axis *own = axis_get(d->base->axis);
    if (own && d->axis && own == axis_get(d->axis)) node_set_int(f->fn, n, "rows", 1);
}

Val *nd_get(Front *f, const Nd *d, Val *const *index, unsigned sure)
{
    ValVec v = {0};
    element_args(f, &v, d, index);
    Type t = nd_elem_type(d);
    if (dt_is_time((DType)t.dt)) t.null = NULL_NAN;
    Val *r = val_put(f, OP_AGET, v.v.at, (int)v.v.n, t, NULL);
    mark_element(f, r->def, d, sure);
    return r;
}

void nd_set(Front *f, const Nd *d, Val *const *index, unsigned sure, Val *x)
{
    ValVec v = {0};
    if (d->readonly) front_fail(f, E_VALUE, "assignment destination is read-only");
    element_args(f, &v, d, index);
    val_push(f, &v, x);
    mark_element(f, node_put(f, f->at, OP_ASET, v.v.at, (int)v.v.n, 0), d, sure);
}

/* Position 0 of the last dimension is where the text begins. */
static unsigned text_index(Front *f, const Nd *d, Val *const *index, unsigned sure,
                           Val **at)
{
    memcpy(at, index, (size_t)(d->n - 1) * sizeof *at);
    at[d->n - 1] = ix_val(f, av_int(f, 0));
    return sure | 1U << (d->n - 1);
}

Val *nd_text_get(Front *f, const Nd *d, Val *const *index, unsigned sure)
{
    ValVec v = {0};
    Val *at[DIM_MAX];
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    sure = text_index(f, d, index, sure, at);
    element_args(f, &v, d, at);
    Val *r = val_put(f, OP_AGET, v.v.at, (int)v.v.n, t, NULL);
    mark_element(f, r->def, d, sure);
    return r;
}

void nd_text_set(Front *f, const Nd *d, Val *const *index, unsigned sure, Val *text)
{
    Val *at[DIM_MAX];
    nd_set(f, d, at, text_index(f, d, index, sure, at), text);
}

/* -- Broadcasting ------------------------------------------------------------------ */
static bool is_one(const AVal *v)
{
    int64_t k;
    return ix_is(v, &k) && k == 1;
}

static const char *shapes_text(Front *f, int nop, const Nd *op)
{
    const char *s = "";
    for (int i = 0; i < nop; i++) {
        if (!op[i].n) continue;
        s = arena_printf(f->arena, "%s(", s);
        for (int k = 0; k < op[i].n; k++) {
            int64_t x = 0;
            (void)ix_is(op[i].shape[k], &x);
            s = arena_printf(f->arena, "%s%s%lld", s, k ? "," : "", (long long)x);
        }
        s = arena_printf(f->arena, "%s%s) ", s, op[i].n == 1 ? "," : "");
    }
    return s;
}

/* The length that a and b have together if that is known without a test. */
static AVal *join_len(AVal *a, AVal *b, bool *clash)
{
    int64_t x, y;
    if (!a || is_one(a)) return b;
    if (!b || is_one(b) || ix_same(a, b)) return a;
    if (ix_is(a, &x) && ix_is(b, &y)) *clash = true;
    return NULL;
}

/* The shapes of an error can be written down when compiling. */
static bool all_known(int nop, const Nd *op)
{
    int64_t x;
    for (int i = 0; i < nop; i++)
        for (int k = 0; k < op[i].n; k++)
            if (!ix_is(op[i].shape[k], &x)) return false;
    return true;
}

/* Lengths by a node that tests them. */
static void tested(Front *f, Nd *r, int nop, const Nd *op, bool index)
{
    ValVec v = {0};
    int64_t *nds = ARENA_NEW_N(f->arena, nop + 1, int64_t);
    int n = 0;
    for (int i = 0; i < nop; i++) {
        if (!op[i].n) continue;
        nds[n++] = op[i].n;
        for (int k = 0; k < op[i].n; k++) {
            bool apart = k == 0 && op[i].base && op[i].n == r->n && !r->shape[0];
            AVal *len = apart ? nd_len(f, &op[i], 0) : op[i].shape[k];
            val_push(f, &v, ix_val(f, len));
        }
    }
    Node *b = node_put(f, f->at, OP_NDBCAST, v.v.at, (int)v.v.n, r->n);
    node_set_ints(f->fn, b, "nds", nds, n);
    if (index) node_set_int(f->fn, b, "index", 1);
    for (int k = 0; k < r->n; k++) {
        b->res[k].type = type_scalar(DT_I64);
        if (!r->shape[k]) r->shape[k] = ix_av(f, &b->res[k]);
    }
}

static Nd broadcast(Front *f, int nop, const Nd *op, bool index)
{
    Nd r = {0};
    bool test = false, clash = false, mixed = false;
    for (int i = 0; i < nop; i++)
        if (op[i].n > r.n) r.n = op[i].n;
    for (int k = 0; k < r.n; k++) {
        bool known = true;
        for (int i = 0; i < nop; i++) {
            int d = k - (r.n - op[i].n);
            if (d < 0 || !known) continue;
            AVal *len = join_len(r.shape[k], op[i].shape[d], &clash);
            known = len != NULL;
            r.shape[k] = len;
        }
        test |= !known;
        mixed |= !known && k == 0;
    }
    if (clash && all_known(nop, op))
        front_fail(f, index ? E_INDEX : E_VALUE,
                   "%s could not be broadcast together with shapes %s",
                   index ? "shape mismatch: indexing arrays" : "operands",
                   shapes_text(f, nop, op));
    if (test) tested(f, &r, nop, op, index);
    for (int i = 0; i < nop && !mixed; i++)
        if (op[i].n == r.n && op[i].axis && ix_same(op[i].shape[0], r.shape[0]))
            r.axis = axis_get(op[i].axis);
    return r;
}

Nd nd_broadcast(Front *f, int nop, const Nd *op)
{
    return broadcast(f, nop, op, false);
}

Nd nd_broadcast_index(Front *f, int nop, const Nd *op)
{
    return broadcast(f, nop, op, true);
}

Nd nd_aligned(Front *f, Axis *to, AVal *rows, const Nd *d)
{
    ValVec in = {0};
    Nd r = *d;
    val_push(f, &in, to->rows);
    nd_push(f, &in, d);
    Node *n = node_put(f, f->at, OP_NDALIGN, in.v.at, (int)in.v.n, 2 + d->n);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_ints(f->fn, n, "ax", (int64_t[]){d->axis != NULL}, 1);
    n->res[0].type = r.base->type;
    n->res[0].axis = to;
    for (int k = 1; k < n->nres; k++)
        n->res[k].type = type_scalar(DT_I64);
    r.base = &n->res[0];
    r.off = ix_av(f, &n->res[1]);
    for (int k = 0; k < r.n; k++)
        r.stride[k] = ix_av(f, &n->res[2 + k]);
    r.axis = to;
    r.shape[0] = rows;
    r.contiguous = false;
    r.readonly = true;
    return r;
}

/* Whether the rows of d may be as many as the joint ones, elsewhere. */
static bool has_rows(const Nd *d, const Nd *all)
{
    return d->n == all->n && !is_one(d->shape[0]);
}

/* The view on an axis as long as its own for sure; false: it may be another. */
static bool put_on(Front *f, Axis *to, AVal *rows, Nd *d)
{
    Val *have = axis_get(d->axis)->rows;
    if (!nd_same_rows(have, to->rows)) return false;
    if (nd_same_part(have, to->rows)) {
        d->axis = to;
        d->shape[0] = rows;
    } else {
        *d = nd_aligned(f, to, rows, d);
    }
    return true;
}

/* Operands whose rows are as many as the others' for sure stand on one axis: the
 * middle of their parts. */
static void align_known(Front *f, int nop, Nd *op)
{
    const Nd *first = NULL;
    bool apart = false;
    for (int i = 0; i < nop; i++)
        if (!first || op[i].n > first->n) first = &op[i];
    for (int i = 0; i < nop; i++) {
        if (op[i].n != first->n || is_one(op[i].shape[0])) continue;
        if (!op[i].axis || !first->axis) return;
        if (!nd_same_rows(axis_get(op[i].axis)->rows, axis_get(first->axis)->rows))
            return;
        apart |= axis_get(op[i].axis) != axis_get(first->axis);
    }
    if (!apart) return;
    Axis *to = nd_middle(f, axis_get(first->axis));
    AVal *rows = ix_av(f, to->rows);
    int n = first->n;
    for (int i = 0; i < nop; i++)
        if (op[i].n == n && op[i].axis) (void)put_on(f, to, rows, &op[i]);
}

/* The shapes of all operands, for an error; row: which of the joined rows stand for
 * their first lengths, -1: it is given. */
typedef struct Shapes {
    int64_t *nds, *row;
    int n;
} Shapes;

static Shapes join_shapes(Front *f, int nop, const Nd *op, const Nd *all, ValVec *in)
{
    Shapes s = {.nds = ARENA_NEW_N(f->arena, nop, int64_t),
                .row = ARENA_NEW_N(f->arena, nop, int64_t)};
    int64_t rows = 0;
    for (int i = 0; i < nop; i++) {
        bool joined = has_rows(&op[i], all);
        if (!op[i].n) continue;
        s.nds[s.n] = op[i].n;
        s.row[s.n++] = joined ? rows++ : -1;
        for (int k = 0; k < op[i].n; k++) {
            AVal *len = k ? op[i].shape[k] : nd_len(f, &op[i], 0);
            val_push(f, in, ix_val(f, k || !joined ? len : av_int(f, 0)));
        }
    }
    return s;
}

Nd nd_join(Front *f, int nop, Nd *op)
{
    ValVec in = {0};
    align_known(f, nop, op);
    Nd all = nd_broadcast(f, nop, op);
    bool apart = false;
    if (all.axis) return all;
    for (int i = 0; i < nop; i++) {
        if (!has_rows(&op[i], &all)) continue;
        apart |= op[i].axis != NULL;
        val_push(f, &in, ix_val(f, op[i].shape[0]));
    }
    if (!apart || in.v.n < 2) return all;
    int64_t rows = in.v.n;
    Shapes s = join_shapes(f, nop, op, &all, &in);
    Node *n = node_put(f, f->at, OP_NDJOIN, in.v.at, (int)in.v.n, 1);
    node_set_int(f->fn, n, "rows", rows);
    node_set_ints(f->fn, n, "nds", s.nds, s.n);
    node_set_ints(f->fn, n, "row", s.row, s.n);
    Axis *axis = axis_new(f->fn);
    axis->rows = &n->res[0];
    n->res[0].type = type_scalar(DT_I64);
    n->res[0].axis = axis;
    all.axis = axis;
    all.shape[0] = ix_av(f, axis->rows);
    for (int i = 0; i < nop; i++)
        if (has_rows(&op[i], &all)) op[i] = nd_aligned(f, axis, all.shape[0], &op[i]);
    return all;
}

Nd nd_stretch(Front *f, const Nd *d, const Nd *to)
{
    Nd r = *to;
    r.base = d->base;
    r.axis = d->n == to->n ? d->axis : NULL;
    r.off = d->off;
    r.contiguous = false;
    r.readonly = true;
    for (int k = 0; k < to->n; k++) {
        int j = k - (to->n - d->n);
        if (j < 0 || (is_one(d->shape[j]) && !is_one(to->shape[k]))) {
            r.stride[k] = av_int(f, 0);
        } else if (ix_same(d->shape[j], to->shape[k])) {
            r.stride[k] = d->stride[j];
        } else {
            Val *eq[2] = {ix_val(f, d->shape[j]), ix_val(f, to->shape[k])};
            Val *same = val_put(f, OP_EQ, eq, 2, type_scalar(DT_BOOL), NULL);
            Val *in[3] = {same, ix_val(f, d->stride[j]), ix_val(f, av_int(f, 0))};
            r.stride[k] =
                ix_av(f, val_put(f, OP_SELECT, in, 3, type_scalar(DT_I64), NULL));
        }
    }
    return r;
}

/* -- Operands ---------------------------------------------------------------------- */
Nd nd_arg(Front *f, AVal *v, const char *what)
{
    if (v->kind == A_ARRAY) return nd_of(f, v);
    if (v->kind == A_LIST || v->kind == A_TUPLE) {
        AVal *a = nd_from_items(f, v, NULL);
        return nd_of(f, a);
    }
    if (v->kind == A_SERIES || v->kind == A_INDEX) {
        Val *col = front_col(f, v);
        Type t = type_with(col->type, TY_ARRAY);
        return nd_of(f, av_array(f, val_put(f, OP_TOARRAY, &col, 1, t, col->axis)));
    }
    if (v->kind == A_MAYBE || v->kind == A_UNBOUND || v->kind == A_CONFLICT)
        v = scope_check(f, "operand", v);
    if (v->kind != A_CONST && v->kind != A_SCALAR)
        front_fail(f, E_TYPE, "unsupported operand for %s: %s", what,
                   av_type_text(f, v));
    return (Nd){.n = 0, .off = v};
}

typedef struct Lane {
    Op op;
    int n;
    Val *scalar[OP_MAX]; /* NULL: the next element */
    bool weak[OP_MAX];
    Type to; /* of a store */
    bool store;
} Lane;

static Val *lane_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Lane *l = (Lane *)data;
    Val *arg[OP_MAX];
    (void)index;
    int k = 0;
    for (int i = 0; i < l->n; i++)
        arg[i] = l->scalar[i] ? l->scalar[i] : elem[k++];
    Val *v = infer_lane(f, l->op, arg, l->weak, l->n);
    return l->store ? nd_cast_store(f, v, l->to, false) : v;
}

/* Arguments as operands of a nest: scalars go into the lane. Returns the arrays. */
static int lane_open(Front *f, Lane *l, AVal *const *arg, int narg, Nd *op)
{
    int k = 0;
    l->n = narg;
    for (int i = 0; i < narg; i++) {
        Nd d = nd_arg(f, arg[i], op_sign(l->op));
        l->scalar[i] = NULL;
        l->weak[i] = false;
        if (d.base) {
            op[k++] = d;
            continue;
        }
        l->scalar[i] = front_val(f, d.off);
        l->weak[i] = d.off->kind == A_CONST || d.off->i == 1;
    }
    return k;
}

AVal *nd_elem(Front *f, Op op, AVal *const *arg, int narg)
{
    Lane l = {.op = op};
    Nd in[OP_MAX];
    if (narg > OP_MAX) BUG("an operation of %d operands", narg);
    int n = lane_open(f, &l, arg, narg, in);
    Nd to = nd_join(f, n, in);
    for (int i = 0; i < n; i++)
        in[i] = nd_stretch(f, &in[i], &to);
    Nd r = nd_make(f, &to, n, in, lane_body, &l);
    return nd_av(f, &r);
}

/* -- Copies and stores ------------------------------------------------------------- */
static Val *copy_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    (void)index;
    return nd_cast_store(f, elem[0], *(Type *)data, false);
}

Nd nd_copy(Front *f, const Nd *d, Type elem)
{
    Type t = type_with(elem, TY_SCALAR);
    return nd_make(f, d, 1, d, copy_body, &t);
}

Nd nd_copy_as(Front *f, const Nd *like, const Nd *d)
{
    Type t = nd_elem_type(d);
    return nd_make(f, like, 1, d, copy_body, &t);
}

AVal *nd_plain(Front *f, AVal *a)
{
    if (a->kind != A_ARRAY || nd_is_plain(a)) return a;
    if (chars_is(a)) return chars_plain(f, a);
    Nd d = nd_of(f, a);
    if (d.n != 1)
        front_fail(f, E_TYPE, "a Series or 1-d array is needed here, not %s",
                   av_type_text(f, a));
    Nd r = nd_copy(f, &d, nd_elem_type(&d));
    return nd_av(f, &r);
}

/* A value as it is stored among elements: NumPy's unsafe cast; Python's own integers
 * must fit. */
Val *nd_cast_store(Front *f, Val *v, Type elem, bool weak)
{
    DType from = (DType)v->type.dt, to = (DType)elem.dt;
    (void)weak;
    bool ok = v->type.kind == TY_SCALAR &&
              ((dt_is_num(from) && dt_is_number(to)) ||
               (dt_is_complex(from) && dt_is_complex(to)) || from == to) &&
              to != DT_STR;
    if (!ok) {
        char s[48], t[48];
        front_fail(f, E_TYPE, "%s can't be stored in an array of %s",
                   type_text(v->type, s), type_text(elem, t));
    }
    if (v->def && v->def->op == OP_CONST && dt_is_float(from) && dt_is_int(to)) {
        double x = node_attr(v->def, "v")->f;
        return ir_const_int(f->fn, f->at, f->loc, elem, (int64_t)x);
    }
    if (to == DT_BOOL && from != DT_BOOL) {
        Val *in[2] = {v, front_cast(f, ix_val(f, av_int(f, 0)), v->type)};
        return val_put(f, OP_NE, in, 2, type_scalar(DT_BOOL), NULL);
    }
    return front_cast(f, v, elem);
}

/* Both views are of the very same elements. */
static bool same_view(const Nd *a, const Nd *b)
{
    if (a->base != b->base || a->n != b->n || !ix_same(a->off, b->off)) return false;
    for (int k = 0; k < a->n; k++)
        if (!ix_same(a->stride[k], b->stride[k])) return false;
    return true;
}

static bool is_fresh(const Val *v)
{
    const Node *d = val_memory(v)->def;
    if (d && d->op == OP_TOARRAY && node_int(d, "read", 0)) return false;
    return d && (d->op == OP_NDMAP || d->op == OP_NDNEW || d->op == OP_TOARRAY ||
                 d->op == OP_NDREDUCE || d->op == OP_NDSCAN || d->op == OP_NDMASK ||
                 d->op == OP_NDSORT || d->op == OP_NDQUANTILE);
}

/* Whether a store to `to` may change what d reads later in the nest. */
static bool may_overlap(const Nd *to, const Nd *d)
{
    if (same_view(to, d)) return false;
    return val_memory(to->base) == val_memory(d->base) ||
           (!is_fresh(to->base) && !is_fresh(d->base));
}

static Nd safe_operand(Front *f, const Nd *to, const Nd *d)
{
    Nd s = nd_stretch(f, d, to);
    if (!may_overlap(to, &s)) return s;
    Nd c = nd_copy(f, d, nd_elem_type(d));
    return nd_stretch(f, &c, to);
}

Nd nd_fitted(Front *f, const Nd *to, Nd v, const char *how)
{
    while (v.n > to->n && is_one(v.shape[0]))
        nd_drop(&v, 0);
    ValVec a = {0};
    int64_t nds[2] = {to->n, v.n};
    bool known = v.n <= to->n;
    bool rows = to->n && v.n == to->n && to->axis && !is_one(v.shape[0]);
    bool apart = rows && (!v.axis || axis_get(v.axis) != axis_get(to->axis));
    if (apart && v.axis) apart = !put_on(f, axis_get(to->axis), to->shape[0], &v);
    for (int k = 0; k < v.n && known; k++) {
        const AVal *x = v.shape[k], *y = to->shape[to->n - v.n + k];
        known = is_one(x) || ix_same(x, y);
    }
    if (known && !apart) return v;
    for (int k = 0; k < to->n; k++)
        val_push(f, &a, ix_val(f, k ? to->shape[k] : nd_len(f, to, 0)));
    for (int k = 0; k < v.n; k++)
        val_push(f, &a, ix_val(f, k ? v.shape[k] : nd_len(f, &v, 0)));
    Node *b = node_put(f, f->at, OP_NDFIT, a.v.at, (int)a.v.n, 0);
    node_set_ints(f->fn, b, "nds", nds, 2);
    node_set_int(f->fn, b, "into", 1);
    if (how) node_set_int(f->fn, b, how, 1);
    while (v.n > to->n)
        nd_drop(&v, 0);
    if (to->n && v.n == to->n && apart)
        v = nd_aligned(f, axis_get(to->axis), to->shape[0], &v);
    return v;
}

typedef struct Put {
    Type to;
    Val *scalar;
} Put;

static Val *put_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Put *p = (Put *)data;
    (void)index;
    return nd_cast_store(f, p->scalar ? p->scalar : elem[0], p->to, false);
}

void nd_check_fit(Front *f, const Nd *to, AVal *value, bool aug)
{
    Nd v = nd_arg(f, value, "=");
    if (v.base) (void)nd_fitted(f, to, v, aug ? "aug" : NULL);
}

void nd_store(Front *f, const Nd *to, AVal *value)
{
    Nd v = nd_arg(f, value, "=");
    Put p = {.to = nd_elem_type(to)};
    if (!v.base) {
        p.scalar = nd_cast_store(f, front_val(f, v.off), p.to, true);
        nd_fill(f, to, 0, NULL, put_body, &p);
        return;
    }
    v = nd_fitted(f, to, v, NULL);
    v = safe_operand(f, to, &v);
    nd_fill(f, to, 1, &v, put_body, &p);
}

/* -- Augmented assignment ---------------------------------------------------------- */
static int kind_of(DType d)
{
    if (d == DT_BOOL) return 0;
    if (dt_is_unsigned(d)) return 1;
    if (dt_is_int(d)) return 2;
    return dt_is_float(d) ? 3 : 9;
}

static void same_kind(Front *f, AstKind op, Type from, Type to)
{
    static const char *const name[] = {
        [AST_Add] = "add",
        [AST_Sub] = "subtract",
        [AST_Mult] = "multiply",
        [AST_Div] = "divide",
        [AST_FloorDiv] = "floor_divide",
        [AST_Mod] = "remainder",
        [AST_Pow] = "power",
        [AST_BitAnd] = "bitwise_and",
        [AST_BitOr] = "bitwise_or",
        [AST_BitXor] = "bitwise_xor",
        [AST_LShift] = "left_shift",
        [AST_RShift] = "right_shift",
    };
    DType a = (DType)from.dt, b = (DType)to.dt;
    int ka = kind_of(a), kb = kind_of(b);
    if (a == b || (ka < 9 && kb < 9 && ka <= kb)) return;
    char s[48], t[48];
    front_fail(f, E_TYPE,
               "Cannot cast ufunc '%s' output from dtype('%s') to dtype('%s') with "
               "casting rule 'same_kind'",
               name[op] ? name[op] : "?", type_text(from, s), type_text(to, t));
}

typedef struct Aug {
    Lane l;
    AstKind op;
} Aug;

static Val *aug_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Aug *a = (Aug *)data;
    a->l.store = false;
    Val *v = lane_body(f, elem, index, &a->l);
    same_kind(f, a->op, v->type, a->l.to);
    return nd_cast_store(f, v, a->l.to, false);
}

bool nd_augment(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (a->kind != A_ARRAY) return false;
    Aug g = {.op = op};
    g.l.op = infer_op(op);
    if (g.l.op == OP_COUNT) return false;
    a = nd_whole_row(f, a, b);
    Nd to = nd_of(f, a), in[OP_MAX];
    if (chars_is(a)) {
        nd_store(f, &to, chars_value(f, lower_binop(f, op, a, b), &to));
        return true;
    }
    g.l.to = nd_elem_type(&to);
    int n = lane_open(f, &g.l, (AVal *[]){a, b}, 2, in);
    for (int i = 1; i < n; i++) {
        in[i] = nd_fitted(f, &to, in[i], "aug");
        in[i] = safe_operand(f, &to, &in[i]);
    }
    nd_fill(f, &to, n, in, aug_body, &g);
    return true;
}

AVal *nd_same_kind(Front *f, AstKind op, AVal *a, AVal *old, AVal *v)
{
    AVal *r = lower_binop(f, op, old, v);
    if (old->kind == A_ARRAY && r->kind == A_ARRAY && !chars_is(a))
        same_kind(f, op, type_with(r->val->type, TY_SCALAR),
                  type_with(a->val->type, TY_SCALAR));
    return r;
}
