/* SPDX-License-Identifier: Apache-2.0
 * Arrays of n dimensions by kernels of the runtime: reductions, running sums.
 */
#include "front/nd.h"

void nd_push(Front *f, ValVec *v, const Nd *d)
{
    val_push(f, v, d->base);
    val_push(f, v, ix_val(f, d->off));
    for (int k = 0; k < d->n; k++)
        val_push(f, v, ix_val(f, d->stride[k]));
    for (int k = 0; k < d->n; k++)
        val_push(f, v, ix_val(f, d->shape[k]));
}

Nd nd_new(Front *f, const Nd *like, Type elem)
{
    ValVec v = {0};
    Nd r = *like;
    if (r.n == 1 && !r.axis) {
        r.axis = nd_axis_rep(f, r.shape[0]);
        r.shape[0] = ix_av(f, r.axis->rows);
    }
    for (int k = 0; k < r.n; k++)
        val_push(f, &v, ix_val(f, r.shape[k]));
    r.base =
        val_put(f, OP_NDNEW, v.v.at, (int)v.v.n, type_with(elem, TY_ARRAY), r.axis);
    nd_contiguous(f, &r);
    return r;
}

AVal *nd_reduced(Front *f, const Nd *d, int agg, uint32_t axes, bool keep, Type out)
{
    return nd_reduced_from(f, d, agg, axes, keep, out, false);
}

AVal *nd_reduced_from(Front *f, const Nd *d, int agg, uint32_t axes, bool keep,
                      Type out, bool open)
{
    ValVec v = {0};
    nd_push(f, &v, d);
    Node *n = node_put(f, f->at, OP_NDREDUCE, v.v.at, (int)v.v.n, 2);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "agg", agg);
    node_set_int(f->fn, n, "axes", axes);
    if (open) node_set_int(f->fn, n, "neutral", 1);
    node_set_ints(f->fn, n, "ax", (int64_t[]){d->axis != NULL}, 1);
    Nd r = {.base = &n->res[1]};
    for (int k = 0; k < d->n; k++) {
        if (axes >> k & 1) {
            if (keep) r.shape[r.n++] = av_int(f, 1);
            continue;
        }
        if (r.n == 0 && k == 0) r.axis = axis_get(d->axis);
        r.shape[r.n++] = d->shape[k];
    }
    n->res[0].type = type_scalar(DT_I64);
    n->res[1].type = type_with(out, TY_ARRAY);
    if (r.n == 1 && !r.axis) { /* its rows are the first result */
        r.axis = axis_new(f->fn);
        r.axis->rows = &n->res[0];
        n->res[0].axis = r.axis;
        node_set_int(f->fn, n, "rows", 1);
        r.shape[0] = ix_av(f, &n->res[0]);
    }
    n->res[1].axis = r.axis;
    nd_contiguous(f, &r);
    if (r.n == 0) {
        Nd one = r;
        one.n = 1;
        one.shape[0] = av_int(f, 1);
        one.stride[0] = av_int(f, 1);
        one.off = av_int(f, 0);
        Val *zero = ix_val(f, av_int(f, 0));
        return av_scalar(f, nd_get(f, &one, &zero, 1));
    }
    return nd_av(f, &r);
}

AVal *nd_scanned(Front *f, const Nd *d, int axis, char what, Type out)
{
    ValVec v = {0};
    Nd r = *d;
    if (r.n == 1 && !r.axis) {
        r.axis = nd_axis_rep(f, r.shape[0]);
        r.shape[0] = ix_av(f, r.axis->rows);
    }
    nd_push(f, &v, &r);
    Node *n = node_put(f, f->at, OP_NDSCAN, v.v.at, (int)v.v.n, 1);
    node_set_int(f->fn, n, "nd", d->n);
    node_set_int(f->fn, n, "axis", axis);
    node_set_text(f->fn, n, "what", &what, 1);
    node_set_ints(f->fn, n, "ax", (int64_t[]){d->axis != NULL}, 1);
    n->res[0].type = type_with(out, TY_ARRAY);
    n->res[0].axis = r.axis;
    r.base = &n->res[0];
    nd_contiguous(f, &r);
    return nd_av(f, &r);
}

void nd_check(Front *f, AVal *bad, ErrCode code, const char *text, int n,
              AVal *const *v)
{
    Val *in[8];
    if (bad->kind == A_CONST && !bad->i) return;
    in[0] = front_val(f, bad);
    for (int i = 0; i < n; i++)
        in[1 + i] = ix_val(f, v[i]);
    Node *c = node_put(f, f->at, OP_NDCHECK, in, 1 + n, 0);
    node_set_int(f->fn, c, "code", code);
    node_set_text(f->fn, c, "text", text, (idx)strlen(text));
}
