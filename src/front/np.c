/* SPDX-License-Identifier: Apache-2.0
 * The tools of np.h.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

#include <string.h>

bool np_is_column(const AVal *v)
{
    return v->kind == A_ARRAY || v->kind == A_SERIES;
}

AVal *np_arg(Front *f, const Call *c, AVal *v)
{
    if (np_is_column(v)) return v;
    if (v->kind == A_LIST || v->kind == A_TUPLE || v->kind == A_RANGE)
        return np_call(f, "array", &v, 1);
    front_fail(f, E_TYPE, "%s(): an array is needed, not %s", c->name,
               av_type_text(f, v));
}

Val *np_any_col(Front *f, const Call *c, AVal *v)
{
    return front_col(f, np_arg(f, c, v));
}

Val *np_order_col(Front *f, const Call *c, AVal *v)
{
    Val *col = np_any_col(f, c, v);
    if (col->type.dt != DT_STR) return np_col(f, c, v);
    AVal *gone = np_reduced(f, front_elem_val(f, OP_ISNULL, &col, 1), AGG_ANY);
    lower_raise_if(f, gone, E_TYPE,
                   "'<' not supported between instances of 'float' and 'str'");
    return col;
}

Val *np_col(Front *f, const Call *c, AVal *v)
{
    v = np_arg(f, c, v);
    if (np_is_nd(f, v))
        front_unsup(f, UNSUP_API, "%s() of an array of %d dimensions", c->name,
                    nd_of(f, v).n);
    Val *col = front_col(f, v);
    if (col->type.dt == DT_STR || col->type.dt == DT_DATE)
        front_unsup(f, UNSUP_API, "%s() of text or dates is not supported", c->name);
    return col;
}

Val *np_cast(Front *f, Val *v, DType dt)
{
    Type t = type_with(type_scalar(dt), (TypeKind)v->type.kind);
    return front_cast(f, v, t);
}

AVal *np_of(Front *f, Val *col)
{
    return col->type.kind == TY_SCALAR ? av_scalar(f, col) : np_array_of(f, col);
}

Val *np_part(Front *f, Val *col, AVal *start, AVal *stop)
{
    AVal *zero = av_int(f, 0);
    ValVec arg = {0}, like = {0};
    val_push(f, &arg, val_axis(col)->rows);
    val_push(f, &arg, np_cast(f, front_val(f, start ? start : zero), DT_I64));
    val_push(f, &arg, np_cast(f, front_val(f, stop ? stop : zero), DT_I64));
    val_push(f, &arg, col);
    val_push(f, &like, col);
    Node *n = put_rows(f, OP_SLICE, &arg, &like);
    node_set_int(f->fn, n, "step", 1);
    node_set_int(f->fn, n, "has_start", start != NULL);
    node_set_int(f->fn, n, "has_stop", stop != NULL);
    return &n->res[1];
}

/* Complex numbers: those without NaN, with NaN in the imaginary part, in the real one,
 * in both; of each by the real part, then by the imaginary one. */
static void complex_keys(Front *f, Val *key, ValVec *arg)
{
    Val *re = front_elem_val(f, OP_CREAL, &key, 1);
    Val *im = front_elem_val(f, OP_CIMAG, &key, 1);
    Val *a = np_cast(f, front_elem_val(f, OP_ISNULL, &re, 1), DT_I64);
    Val *b = np_cast(f, front_elem_val(f, OP_ISNULL, &im, 1), DT_I64);
    Val *twice = front_elem_val(f, OP_ADD, (Val *[]){a, a}, 2);
    val_push(f, arg, front_elem_val(f, OP_ADD, (Val *[]){twice, b}, 2));
    val_push(f, arg, re);
    val_push(f, arg, im);
}

Val *np_sorted(Front *f, Val *key, Val *carried)
{
    ValVec arg = {0}, like = {0};
    bool parts = dt_is_complex((DType)key->type.dt);
    val_push(f, &arg, val_axis(key)->rows);
    if (parts)
        complex_keys(f, key, &arg);
    else
        val_push(f, &arg, key);
    val_push(f, &arg, carried);
    val_push(f, &like, carried);
    Node *n = put_rows(f, OP_SORT, &arg, &like);
    node_set_int(f->fn, n, "nkey", parts ? 3 : 1);
    node_set_ints(f->fn, n, "asc", (int64_t[]){1, 1, 1}, parts ? 3 : 1);
    node_set_int(f->fn, n, "nulls_first", 0);
    return &n->res[1];
}

Val *np_rownum(Front *f, Axis *axis)
{
    Val *c = put_val(f, OP_ROWNUM, &axis->rows, 1, type_col(DT_I64), axis);
    node_set_int(f->fn, c->def, "start", 0);
    node_set_int(f->fn, c->def, "step", 1);
    return c;
}

Val *np_filter(Front *f, Val *col, Val *mask)
{
    ValVec arg = {0}, like = {0};
    val_push(f, &arg, mask);
    val_push(f, &arg, col);
    val_push(f, &like, col);
    return &put_rows(f, OP_FILTER, &arg, &like)->res[1];
}

Val *np_join(Front *f, Val *const *col, idx n)
{
    ValVec arg = {0}, like = {0};
    for (idx i = 0; i < n; i++)
        val_push(f, &arg, val_axis(col[i])->rows);
    for (idx i = 0; i < n; i++)
        val_push(f, &arg, col[i]);
    val_push(f, &like, col[0]);
    Node *j = put_rows(f, OP_CONCAT, &arg, &like);
    node_set_int(f->fn, j, "k", n);
    node_set_int(f->fn, j, "ncol", 1);
    return &j->res[1];
}

AVal *np_len(Front *f, const Val *col)
{
    Val *rows = val_axis(col)->rows;
    AVal *v = av_scalar(f, put_val(f, OP_LEN, &rows, 1, type_scalar(DT_I64), NULL));
    v->i = 1;
    return v;
}

AVal *np_call(Front *f, const char *name, AVal *const *arg, idx narg)
{
    const char *full = arena_printf(f->arena, "np.%s", name);
    return front_call(f, av_api(f, full), arg, narg, NULL, NULL, 0);
}

AVal *np_op1(Front *f, Op op, AVal *a)
{
    return front_elem(f, op, &a, 1);
}

AVal *np_op2(Front *f, Op op, AVal *a, AVal *b)
{
    return front_elem(f, op, (AVal *[]){a, b}, 2);
}

AVal *np_choose(Front *f, AVal *cond, AVal *yes, AVal *no)
{
    if (cond->kind == A_CONST) return cond->i ? yes : no;
    return front_elem(f, OP_SELECT, (AVal *[]){cond, yes, no}, 3);
}

AVal *np_reduced(Front *f, Val *col, int agg)
{
    return reduce_col(f, col, agg, 0, false, 0);
}

Val *np_distinct(Front *f, Val *col, Val **count, Val **first)
{
    Axis *from = val_axis(col), *axis = axis_new(f->fn);
    Val *arg[3] = {from->rows, col, first ? np_rownum(f, from) : NULL};
    Node *n = put_node(f, OP_GROUPBY, arg, first ? 3 : 2, first ? 4 : 3);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    val_init(f->fn, &n->res[1], col->type, axis);
    val_init(f->fn, &n->res[2], type_col(DT_I64), axis);
    if (first) val_init(f->fn, &n->res[3], type_col(DT_I64), axis);
    int64_t aggs[2] = {AGG_SIZE, AGG_MIN}, cols[2] = {-1, 0}, zero[2] = {0, 0};
    idx k = first ? 2 : 1;
    node_set_int(f->fn, n, "nkey", 1);
    node_set_ints(f->fn, n, "aggs", aggs, k);
    node_set_ints(f->fn, n, "cols", cols, k);
    node_set_ints(f->fn, n, "ddof", zero, k);
    node_set_ints(f->fn, n, "min_count", zero, k);
    node_set_int(f->fn, n, "sort", 1);
    node_set_int(f->fn, n, "dropna", 0);
    if (count) *count = &n->res[2];
    if (first) *first = &n->res[3];
    return &n->res[1];
}

void np_store(Front *f, AVal *a, Val *col)
{
    Axis *to = a->item ? NULL : val_axis(a->val);
    if (to && !same_axis(to, col->axis)) {
        Val *in[3] = {to->rows, val_axis(col)->rows, col};
        col = put_val(f, OP_ALIGN, in, 3, col->type, to);
    }
    AVal *part[3] = {av_none(f), av_none(f), av_none(f)};
    AVal *all = av_tuple(f, part, 3);
    all->kind = A_SLICE;
    lower_store(f, a, all, np_array_of(f, col));
}
