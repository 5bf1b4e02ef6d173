/* SPDX-License-Identifier: Apache-2.0
 * Arrays of several dimensions in functions that order values: along one of them, each
 * line by itself, or all elements as one line.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

bool np_is_nd(Front *f, AVal *v)
{
    return v->kind == A_ARRAY && nd_of(f, v).n > 1;
}

AVal *np_flat(Front *f, const Call *c, AVal *v)
{
    v = np_arg(f, c, v);
    if (!np_is_nd(f, v)) return v;
    Nd d = nd_of(f, v);
    if (!d.axis) return np_call(f, "ravel", &v, 1);
    ValVec in = {0};
    nd_push(f, &in, &d);
    Node *n = node_put(f, f->at, OP_NDFLAT, in.v.at, (int)in.v.n, 2);
    Axis *axis = axis_new(f->fn);
    node_set_int(f->fn, n, "nd", d.n);
    node_set_ints(f->fn, n, "ax", (int64_t[]){1}, 1);
    axis->rows = &n->res[0];
    n->res[0].type = type_scalar(DT_I64);
    n->res[0].axis = axis;
    n->res[1].type = type_with(nd_elem_type(&d), TY_ARRAY);
    n->res[1].axis = axis;
    return av_array(f, &n->res[1]);
}

AVal *np_unflat(Front *f, AVal *flat, AVal *like)
{
    if (!np_is_nd(f, like)) return flat;
    Nd d = nd_of(f, like), r = nd_of(f, flat);
    if (!d.axis) return nd_reshape(f, &r, d.shape, d.n);
    Val *in[2] = {r.base, axis_get(d.axis)->rows};
    d.base = val_put(f, OP_NDFOLD, in, 2, r.base->type, axis_get(d.axis));
    nd_contiguous(f, &d);
    d.readonly = false;
    return nd_av(f, &d);
}

/* The result of a node on the axis of d, which loses it if the node works along it. */
static Nd lines(Front *f, const Nd *d, int axis)
{
    Nd r = *d;
    if (axis == 0) r.axis = NULL;
    if (r.n == 1 && !r.axis) {
        r.axis = nd_axis_rep(f, r.shape[0]);
        r.shape[0] = ix_av(f, r.axis->rows);
    }
    return r;
}

static AVal *made(Front *f, Node *n, Nd *r, Type elem)
{
    n->res[0].type = type_with(elem, TY_ARRAY);
    n->res[0].axis = r->axis;
    r->base = &n->res[0];
    r->readonly = false;
    nd_contiguous(f, r);
    return nd_av(f, r);
}

AVal *nd_sorted(Front *f, const Nd *d, int axis, bool positions)
{
    ValVec in = {0};
    Nd r = lines(f, d, axis);
    Type t = nd_elem_type(d);
    if (!dt_is_num((DType)t.dt) && !dt_is_time((DType)t.dt))
        front_unsup(f, UNSUP_API, "sorting an array of %s along an axis",
                    dtype_text(f, t));
    nd_push(f, &in, &r);
    Node *n = node_put(f, f->at, OP_NDSORT, in.v.at, (int)in.v.n, 1);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "axis", axis);
    node_set_int(f->fn, n, "positions", positions);
    node_set_ints(f->fn, n, "ax", (int64_t[]){axis != 0 && d->axis}, 1);
    return made(f, n, &r, positions ? type_scalar(DT_I64) : t);
}

AVal *nd_quantiles(Front *f, const Nd *d, int axis, AVal *q, QuantileMethod method,
                   bool percent, bool skip_nan)
{
    bool many = q->kind == A_ARRAY;
    if (!many) q = nd_from_items(f, av_list(f, &q, 1), NULL);
    Nd from = nd_copy(f, d, type_scalar(DT_F64)), share = nd_of(f, q);
    if (!share.contiguous || q->item) share = nd_copy(f, &share, type_scalar(DT_F64));
    Nd r = {.axis = many || axis == 0 ? NULL : from.axis};
    if (many) r.shape[r.n++] = nd_len(f, &share, 0);
    for (int k = 0; k < d->n; k++)
        if (k != axis) r.shape[r.n++] = from.shape[k];
    if (!r.axis) {
        from.axis = NULL;
        r = lines(f, &r, 0);
    }
    ValVec in = {0};
    nd_push(f, &in, &from);
    val_push(f, &in, share.base);
    Node *n = node_put(f, f->at, OP_NDQUANTILE, in.v.at, (int)in.v.n, 1);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "axis", axis);
    node_set_int(f->fn, n, "method", method);
    node_set_int(f->fn, n, "percent", percent);
    node_set_int(f->fn, n, "skip_nan", skip_nan);
    node_set_int(f->fn, n, "rows", r.axis && !from.axis);
    node_set_ints(f->fn, n, "ax", (int64_t[]){r.axis && from.axis, 0}, 2);
    return made(f, n, &r, type_scalar(DT_F64));
}

AVal *nd_difference(Front *f, AVal *v, int axis)
{
    AVal *part[2], *none = av_none(f), *one = av_int(f, 1), *last = av_int(f, -1);
    for (int k = 0; k < 2; k++) {
        Nd d = nd_of(f, v);
        AVal *s = av_tuple(f, (AVal *[]){k ? none : one, k ? last : none, none}, 3);
        s->kind = A_SLICE;
        nd_slice(f, &d, axis, s);
        part[k] = nd_av(f, &d);
    }
    DType dt = (DType)v->val->type.dt;
    return front_elem(f, dt == DT_BOOL ? OP_NE : OP_SUB, part, 2);
}
