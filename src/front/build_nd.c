/* SPDX-License-Identifier: Apache-2.0
 * Shapes of arrays: attributes, reshaping, joining, splitting, repeating. What NumPy
 * gives as a view is one here too; a reshape of what may not be contiguous is a copy.
 */
#include "front/nd.h"
#include "front/np.h"

#include <string.h>

/* -- Arguments --------------------------------------------------------------------- */
static bool is_none(const AVal *v)
{
    return v->kind == A_NONE || (v->kind == A_CONST && v->ck == AC_NONE);
}

int nd_axis_arg(Front *f, AVal *v, int n)
{
    int64_t k = front_const_int(f, v, "axis");
    if (k < -n || k >= n)
        front_fail(f, E_AXIS, "axis %lld is out of bounds for array of dimension %d",
                   (long long)k, n);
    return (int)(k < 0 ? k + n : k);
}

/* self of a method, the first argument of a function. */
static AVal *subject(Front *f, Call *c, const char *name)
{
    AVal *v = c->self ? c->self : call_arg(f, c, name);
    if (v->kind == A_ARRAY) return v;
    Nd d = nd_arg(f, v, c->name);
    if (!d.base)
        front_unsup(f, UNSUP_API, "%s() of %s is not supported", c->name,
                    av_type_text(f, v));
    return nd_av(f, &d);
}

/* The same of what is repeated: a scalar is one element. */
static Nd subject_one(Front *f, Call *c, const char *name)
{
    AVal *v = c->self ? c->self : call_arg(f, c, name);
    if (v->kind == A_CONST || v->kind == A_SCALAR) v = av_list(f, &v, 1);
    if (v->kind == A_ARRAY) return nd_of(f, v);
    return nd_arg(f, v, c->name);
}

static Nd subject_nd(Front *f, Call *c, const char *name)
{
    return nd_of(f, subject(f, c, name));
}

/* An int, or a tuple or list of them. */
static int dims_of(Front *f, AVal *v, AVal **dim)
{
    AVal **item = &v;
    idx n = 1;
    if (v->kind == A_TUPLE || v->kind == A_LIST) lower_items(f, v, &item, &n);
    if (n > DIM_MAX)
        front_unsup(f, UNSUP_API, "arrays of more than %d dimensions", DIM_MAX);
    for (idx i = 0; i < n; i++) {
        Val *x = front_val(f, item[i]);
        if (x->type.kind != TY_SCALAR || !dt_is_int((DType)x->type.dt))
            front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                       av_type_text(f, item[i]));
        dim[i] = item[i];
    }
    return (int)n;
}

/* The same of *args: reshape(2, 3) and reshape((2, 3)). */
static int dims_extra(Front *f, Call *c, AVal **dim)
{
    if (c->nextra == 1) return dims_of(f, c->extra[0], dim);
    AVal *t = av_tuple(f, c->extra, c->nextra);
    return dims_of(f, t, dim);
}

/* -- Attributes -------------------------------------------------------------------- */
static AVal *transposed(Front *f, const Nd *d)
{
    int order[DIM_MAX];
    for (int k = 0; k < d->n; k++)
        order[k] = d->n - 1 - k;
    Nd r = nd_permute(d, order);
    return nd_av(f, &r);
}

static AVal *dtype_val(Front *f, Type t)
{
    AVal *r = av_new_kind(f, A_DTYPE);
    r->type = type_with(t, TY_SCALAR);
    return r;
}

/* The real or imaginary parts of complex numbers, where they are in memory. */
static AVal *complex_parts(Front *f, const Nd *d, bool imag)
{
    Nd r = *d;
    Type t = type_scalar(d->base->type.dt == DT_C64 ? DT_F32 : DT_F64);
    Val *whole = d->base;
    r.base = val_put(f, OP_NDFLOATS, &whole, 1, type_with(t, TY_ARRAY), d->base->axis);
    r.off = ix_add(f, ix_mul(f, d->off, av_int(f, 2)), av_int(f, imag));
    for (int k = 0; k < d->n; k++)
        r.stride[k] = ix_mul(f, d->stride[k], av_int(f, 2));
    r.contiguous = false;
    return nd_av(f, &r);
}

static AVal *floordiv(Front *f, AVal *a, AVal *b)
{
    int64_t x, y;
    if (ix_is(a, &x) && ix_is(b, &y)) return av_int(f, y ? x / y : 0);
    Val *in[2] = {ix_val(f, a), ix_val(f, b)};
    return ix_av(f, val_put(f, OP_FLOORDIV, in, 2, type_scalar(DT_I64), NULL));
}

/* The memory of d as elements of t, of which ratio make one of d. */
static Nd as_parts(Front *f, const Nd *d, Type t, int64_t ratio)
{
    Nd r = *d;
    Val *whole = d->base;
    r.base = val_put(f, OP_NDFLOATS, &whole, 1, type_with(t, TY_ARRAY), d->base->axis);
    r.off = ix_mul(f, d->off, av_int(f, ratio));
    for (int k = 0; k < d->n; k++)
        r.stride[k] = ix_mul(f, d->stride[k], av_int(f, ratio));
    return r;
}

/* Elements of which each is several: the last dimension grows. Vectors become rows
 * first, as rows stay on their ranks. */
static AVal *view_smaller(Front *f, const Nd *d, Type t, int64_t ratio)
{
    Nd r = as_parts(f, d, t, ratio);
    nd_insert(f, &r, r.n);
    r.shape[r.n - 1] = av_int(f, ratio);
    r.stride[r.n - 1] = av_int(f, 1);
    r.contiguous = d->contiguous;
    AVal *dim[DIM_MAX];
    for (int k = 0; k < d->n; k++)
        dim[k] = nd_len(f, d, k);
    dim[d->n - 1] = ix_mul(f, dim[d->n - 1], av_int(f, ratio));
    if (d->n == 1) return nd_reshape(f, &r, dim, 1);
    r.n--;
    r.shape[r.n - 1] = ix_mul(f, d->shape[d->n - 1], av_int(f, ratio));
    r.stride[r.n - 1] = av_int(f, 1);
    return nd_av(f, &r);
}

/* Several elements are one: the last dimension shrinks. */
static AVal *view_larger(Front *f, const Nd *d, Type t, int64_t ratio)
{
    AVal *n = nd_len(f, d, d->n - 1), *by = av_int(f, ratio);
    AVal *rest = lower_binop(f, AST_Mod, n, by);
    nd_check(f, lower_compare(f, AST_NotEq, rest, av_int(f, 0)), E_VALUE,
             "When changing to a larger dtype, its size must be a divisor of the total "
             "size in bytes of the last axis of the array.",
             0, NULL);
    AVal *dim[DIM_MAX];
    for (int k = 0; k < d->n; k++)
        dim[k] = nd_len(f, d, k);
    dim[d->n - 1] = floordiv(f, n, by);
    dim[d->n] = by;
    Nd parts = nd_of(f, nd_reshape(f, d, dim, d->n + 1)), r = parts;
    Val *whole = parts.base;
    r.n--;
    r.base =
        val_put(f, OP_NDFLOATS, &whole, 1, type_with(t, TY_ARRAY), parts.base->axis);
    r.off = floordiv(f, parts.off, by);
    for (int k = 0; k < r.n; k++)
        r.stride[k] = floordiv(f, parts.stride[k], by);
    r.contiguous = false;
    return nd_av(f, &r);
}

AVal *build_nd_view(Front *f, Call *c)
{
    AVal *dtype = call_arg(f, c, "dtype");
    Nd d = nd_of(f, c->self);
    Type t, own = nd_elem_type(&d);
    if (is_none(dtype)) return c->self;
    if (!dtype_of_array(f, dtype, &t))
        front_fail(f, E_TYPE, "data type %s not understood", const_text(f, dtype));
    t = type_with(t, TY_SCALAR);
    bool known = dt_is_number((DType)t.dt) || dt_is_time((DType)t.dt);
    bool bools = t.dt == DT_BOOL && own.dt != DT_BOOL;
    if (!known || bools || own.dt == DT_STR || own.dt == DT_CHAR)
        front_unsup(f, UNSUP_API, "view() of %s as %s", av_type_text(f, c->self),
                    dtype_text(f, t));
    int64_t had = dtype_info[own.dt].bytes, has = dtype_info[t.dt].bytes, stride, off;
    if (had == has) {
        Nd r = as_parts(f, &d, t, 1);
        return nd_av(f, &r);
    }
    bool last =
        d.n && (d.contiguous || (ix_is(d.stride[d.n - 1], &stride) && stride == 1));
    if (!last)
        front_fail(f, E_VALUE,
                   "To change to a dtype of a different size, the last axis must be "
                   "contiguous");
    if (had > has) return view_smaller(f, &d, t, had / has);
    bool begins = d.contiguous && ix_is(d.off, &off) && off % (has / had) == 0;
    if (!begins)
        front_unsup(f, UNSUP_API, "view() of a part of an array as a larger dtype");
    return view_larger(f, &d, t, has / had);
}

/* a.flat, to be read: all elements in order. A copy of what is not contiguous may not
 * be written. */
static AVal *flat_view(Front *f, AVal *a, const Nd *d)
{
    Nd r = nd_of(f, np_call(f, "ravel", &a, 1));
    r.readonly = r.readonly || r.base != d->base;
    return nd_av(f, &r);
}

AVal *nd_attr(Front *f, AVal *a, const char *name)
{
    Nd d = nd_of(f, a), all = d;
    bool text = chars_is(a);
    d.n -= text;
    AVal *each = av_int(f, dtype_info[a->val->type.dt].bytes), *width = each;
    if (text) width = ix_mul(f, width, d.shape[d.n]);
    if (text && !strcmp(name, "dtype"))
        front_unsup(f, UNSUP_API,
                    "the dtype of an array of text: it has the width of "
                    "the data; write dtype=\"U10\"");
    if (text && !strcmp(name, "T")) return chars_transposed(f, &all);
    if (!strcmp(name, "dtype")) return dtype_val(f, a->val->type);
    if (!strcmp(name, "ndim")) return av_int(f, d.n);
    if (!strcmp(name, "size")) return nd_size(f, &d);
    if (!strcmp(name, "itemsize")) return width;
    if (!strcmp(name, "nbytes")) return ix_mul(f, nd_size(f, &d), width);
    if (!strcmp(name, "T")) return transposed(f, &d);
    if (!strcmp(name, "flat") && !text) return flat_view(f, a, &d);
    if (!strcmp(name, "real") || !strcmp(name, "imag")) {
        if (dt_is_complex((DType)a->val->type.dt))
            return complex_parts(f, &d, *name == 'i');
        if (*name == 'r') return a;
        return front_call(f, av_api(f, "np.imag"), &a, 1, NULL, NULL, 0);
    }
    AVal *part[DIM_MAX];
    if (!strcmp(name, "shape")) {
        for (int k = 0; k < d.n; k++)
            part[k] = nd_len(f, &d, k);
        return av_tuple(f, part, d.n);
    }
    if (!strcmp(name, "strides")) {
        for (int k = 0; k < d.n; k++)
            part[k] = ix_mul(f, d.stride[k], each);
        return av_tuple(f, part, d.n);
    }
    return NULL;
}

/* -- Reshaping --------------------------------------------------------------------- */
/* Whether v is the number of rows of the axis. */
static bool is_rows(const Axis *axis, const AVal *v)
{
    if (!axis || !v || v->kind != A_SCALAR) return false;
    const Val *x = v->val;
    if (x == axis->rows) return true;
    return x->def && x->def->op == OP_LEN && x->def->arg[0] == axis->rows;
}

/* As NumPy writes it: lengths below 0 in front are left out. */
static const char *shape_text(Front *f, AVal *const *dim, int n)
{
    const char *s = "(";
    bool first = true;
    for (int k = 0; k < n; k++) {
        int64_t x;
        bool known = ix_is(dim[k], &x), open = known && x < 0;
        if (open && first) continue;
        const char *one = open    ? "newaxis"
                          : known ? arena_printf(f->arena, "%lld", (long long)x)
                                  : "%d";
        s = arena_printf(f->arena, "%s%s%s", s, first ? "" : ",", one);
        first = false;
    }
    return arena_printf(f->arena, "%s%s", s, n == 1 ? ",)" : ")");
}

/* The new lengths; -1 is what remains. Raises unless the sizes agree. */
static void solve(Front *f, AVal *size, AVal *const *dim, int n, AVal **out)
{
    int open = -1, nnum = 0;
    AVal *known = av_int(f, 1), *num[DIM_MAX + 1];
    int64_t x;
    num[nnum++] = size;
    for (int k = 0; k < n; k++) {
        out[k] = dim[k];
        if (!ix_is(dim[k], &x)) {
            num[nnum++] = dim[k];
        } else if (x < 0) {
            if (open >= 0)
                front_fail(f, E_VALUE, "can only specify one unknown dimension");
            open = k;
            continue;
        }
        known = ix_mul(f, known, dim[k]);
    }
    if (open >= 0) {
        out[open] = floordiv(f, size, known);
        known = ix_mul(f, known, out[open]);
    }
    if (ix_same(known, size)) return;
    AVal *bad = lower_compare(f, AST_NotEq, known, size);
    int64_t have;
    if (ix_is(known, &x) && ix_is(size, &have))
        front_fail(f, E_VALUE, "cannot reshape array of size %lld into shape %s",
                   (long long)have, shape_text(f, dim, n));
    const char *text =
        arena_printf(f->arena, "cannot reshape array of size %%d into shape %s",
                     shape_text(f, dim, n));
    if (nnum > 7) nnum = 7;
    nd_check(f, bad, E_VALUE, text, nnum, num);
}

/* Rows stay on their axis when the first length is not touched. */
static bool keeps_rows(Front *f, const Nd *d, AVal *const *dim, int n)
{
    int64_t a = 1, b = 1, x;
    if (!d->axis || n == 0) return false;
    if (is_rows(d->axis, dim[0])) return true;
    if (!ix_is(dim[0], &x) || x != -1) return false;
    for (int k = 1; k < d->n; k++) {
        if (!ix_is(d->shape[k], &x)) return false;
        a *= x;
    }
    for (int k = 1; k < n; k++) {
        if (!ix_is(dim[k], &x)) return false;
        b *= x;
    }
    (void)f;
    return a == b && a > 0;
}

/* So few rows that they are rather on every rank than split. */
enum { ROWS_FEW = 32 };

static bool are_few(const AVal *rows)
{
    int64_t n;
    return ix_is(rows, &n) && n < ROWS_FEW;
}

/* The elements of src, which is contiguous and on an axis, as rows of the shape in r
 * (over all ranks), on an axis of their own: see OP_NDREROW. */
static AVal *rows_anew(Front *f, const Nd *src, Nd *r)
{
    ValVec in = {0};
    nd_push(f, &in, src);
    nd_contiguous(f, r);
    val_push(f, &in, ix_val(f, src->off));
    for (int k = 0; k < r->n; k++)
        val_push(f, &in, ix_val(f, r->stride[k]));
    for (int k = 0; k < r->n; k++)
        val_push(f, &in, ix_val(f, r->shape[k]));
    Node *n = node_put(f, f->at, OP_NDREROW, in.v.at, (int)in.v.n, 3 + r->n);
    node_set_int(f->fn, n, "nd", src->n);
    node_set_int(f->fn, n, "to", r->n);
    node_set_ints(f->fn, n, "ax", (int64_t[]){1}, 1);
    for (int k = 1; k < n->nres; k++)
        n->res[k].type = type_scalar(DT_I64);
    Val *rows = &n->res[2 + r->n];
    r->axis = axis_new(f->fn);
    r->axis->rows = rows;
    rows->axis = r->axis;
    n->res[0].type = src->base->type;
    n->res[0].axis = r->axis;
    int64_t zero;
    r->base = &n->res[0];
    r->off = ix_is(src->off, &zero) ? src->off : ix_av(f, &n->res[1]);
    r->shape[0] = ix_av(f, rows);
    r->readonly = src->readonly;
    return nd_av(f, r);
}

AVal *nd_reshape(Front *f, const Nd *d, AVal *const *dim, int n)
{
    Nd src = *d, r = {.n = n};
    if (!src.contiguous) src = nd_copy(f, &src, nd_elem_type(&src));
    bool rows = keeps_rows(f, &src, dim, n);
    if (rows) {
        AVal *rest[DIM_MAX], *each = nd_dims(f, &src, 1, src.n);
        solve(f, each, dim + 1, n - 1, rest);
        r.axis = src.axis;
        r.shape[0] = src.shape[0];
        for (int k = 1; k < n; k++)
            r.shape[k] = rest[k - 1];
    } else {
        solve(f, nd_size(f, &src), dim, n, r.shape);
        if (src.axis && n && !are_few(r.shape[0])) return rows_anew(f, &src, &r);
    }
    r.base = src.base;
    nd_contiguous(f, &r);
    r.off = src.off;
    r.readonly = src.readonly;
    return nd_av(f, &r);
}

/* The first index changes fastest. */
static bool by_columns(Front *f, Call *c)
{
    return !strcmp(call_str(f, c, "order"), "F");
}

AVal *build_nd_reshape(Front *f, Call *c)
{
    AVal *dim[DIM_MAX], *back[DIM_MAX];
    Nd d = subject_nd(f, c, "a");
    int n = c->self ? dims_extra(f, c, dim) : dims_of(f, call_arg(f, c, "shape"), dim);
    if (!by_columns(f, c)) return nd_reshape(f, &d, dim, n);
    for (int k = 0; k < n; k++)
        back[k] = dim[n - 1 - k];
    Nd t = nd_of(f, transposed(f, &d)), r = nd_of(f, nd_reshape(f, &t, back, n));
    return transposed(f, &r);
}

AVal *build_nd_ravel(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    AVal *all = av_int(f, -1);
    if (by_columns(f, c)) d = nd_of(f, transposed(f, &d));
    if (!strcmp(call_short(c), "flatten") || (d.n == 1 && !d.contiguous))
        d = nd_copy(f, &d, nd_elem_type(&d));
    return d.n == 1 ? nd_av(f, &d) : nd_reshape(f, &d, &all, 1);
}

AVal *build_nd_transpose(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    AVal *dim[DIM_MAX], *axes = c->self ? NULL : call_arg(f, c, "axes");
    if (c->self && c->nextra == 1 && is_none(c->extra[0])) return transposed(f, &d);
    if (c->self ? c->nextra == 0 : is_none(axes)) return transposed(f, &d);
    int n = c->self ? dims_extra(f, c, dim) : dims_of(f, axes, dim), order[DIM_MAX];
    unsigned seen = 0;
    if (n != d.n) front_fail(f, E_VALUE, "axes don't match array");
    for (int k = 0; k < n; k++) {
        order[k] = nd_axis_arg(f, dim[k], n);
        if (seen >> order[k] & 1) front_fail(f, E_VALUE, "repeated axis in transpose");
        seen |= 1U << order[k];
    }
    Nd r = nd_permute(&d, order);
    return nd_av(f, &r);
}

AVal *build_nd_swapaxes(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    int order[DIM_MAX], i = nd_axis_arg(f, call_arg(f, c, "axis1"), d.n),
                        j = nd_axis_arg(f, call_arg(f, c, "axis2"), d.n);
    for (int k = 0; k < d.n; k++)
        order[k] = k == i ? j : k == j ? i : k;
    Nd r = nd_permute(&d, order);
    return nd_av(f, &r);
}

AVal *build_nd_moveaxis(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    AVal *a[DIM_MAX], *b[DIM_MAX];
    int n = dims_of(f, call_arg(f, c, "source"), a);
    int m = dims_of(f, call_arg(f, c, "destination"), b), order[DIM_MAX];
    if (n != m)
        front_fail(f, E_VALUE,
                   "`source` and `destination` arguments must have the same number of "
                   "elements");
    unsigned moved = 0;
    for (int k = 0; k < d.n; k++)
        order[k] = -1;
    for (int k = 0; k < n; k++) {
        int from = nd_axis_arg(f, a[k], d.n);
        order[nd_axis_arg(f, b[k], d.n)] = from;
        moved |= 1U << from;
    }
    for (int k = 0, next = 0; k < d.n; k++) {
        if (order[k] >= 0) continue;
        while (moved >> next & 1)
            next++;
        order[k] = next++;
    }
    Nd r = nd_permute(&d, order);
    return nd_av(f, &r);
}

AVal *build_nd_squeeze(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    AVal *axis = call_arg(f, c, "axis"), *dim[DIM_MAX];
    unsigned drop = 0;
    int64_t x;
    if (is_none(axis)) {
        for (int k = 0; k < d.n; k++) {
            if (!ix_is(d.shape[k], &x))
                front_unsup(f, UNSUP_API,
                            "%s() without axis: the number of dimensions of the result "
                            "depends on a length that is not known when compiling; "
                            "name the axis",
                            c->name);
            if (x == 1) drop |= 1U << k;
        }
    } else {
        int n = dims_of(f, axis, dim);
        for (int k = 0; k < n; k++) {
            int j = nd_axis_arg(f, dim[k], d.n);
            drop |= 1U << j;
            AVal *bad = lower_compare(f, AST_NotEq, d.shape[j], av_int(f, 1));
            if (bad->kind == A_CONST && bad->i)
                front_fail(f, E_VALUE,
                           "cannot select an axis to squeeze out which has "
                           "size not equal to one");
            nd_check(f, bad, E_VALUE,
                     "cannot select an axis to squeeze out which has size not equal to "
                     "one",
                     0, NULL);
        }
    }
    bool was = d.contiguous;
    for (int k = DIM_MAX - 1; k >= 0; k--)
        if (k < d.n && (drop >> k & 1)) nd_drop(&d, k);
    d.contiguous = was;
    return nd_av(f, &d);
}

AVal *build_nd_expand(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    AVal *dim[DIM_MAX];
    int n = dims_of(f, call_arg(f, c, "axis"), dim), total = d.n + n;
    unsigned at = 0;
    for (int k = 0; k < n; k++)
        at |= 1U << nd_axis_arg(f, dim[k], total);
    for (int k = 0; k < total; k++)
        if (at >> k & 1) nd_insert(f, &d, k);
    return nd_av(f, &d);
}

static void at_least(Front *f, Nd *d, int n)
{
    if (d->n == 1 && n == 3) {
        nd_insert(f, d, 0);
        nd_insert(f, d, 2);
    }
    while (d->n < n)
        nd_insert(f, d, n == 3 ? d->n : 0);
}

AVal *build_nd_atleast(Front *f, Call *c)
{
    int n = strstr(c->name, "1d") ? 1 : strstr(c->name, "2d") ? 2 : 3;
    AVal *r[DIM_MAX];
    if (c->nextra < 1 || c->nextra > DIM_MAX)
        front_fail(f, E_TYPE, "%s() needs an array", c->name);
    for (idx i = 0; i < c->nextra; i++) {
        AVal *v = c->extra[i];
        if (v->kind == A_CONST || v->kind == A_SCALAR) v = av_list(f, &v, 1);
        Nd d = nd_arg(f, v, c->name);
        at_least(f, &d, n);
        r[i] = nd_av(f, &d);
    }
    return c->nextra == 1 ? r[0] : av_tuple(f, r, c->nextra);
}

AVal *build_nd_broadcast_to(Front *f, Call *c)
{
    Nd d = subject_one(f, c, "array"), to = {0};
    AVal *dim[DIM_MAX];
    to.n = dims_of(f, call_arg(f, c, "shape"), dim);
    for (int k = 0; k < to.n; k++)
        to.shape[k] = dim[k];
    if (to.n < d.n)
        front_fail(
            f, E_VALUE,
            "input operand has more dimensions than allowed by the axis remapping");
    /* As many rows as another number says: which rank has which is not known. */
    if (to.n == d.n && !is_rows(d.axis, to.shape[0])) d.axis = NULL;
    for (int k = 0; k < d.n; k++) {
        AVal *x = d.shape[k], *y = to.shape[to.n - d.n + k];
        int64_t a, b;
        if (is_rows(d.axis, y) && k == 0 && to.n == d.n) {
            to.axis = d.axis;
            to.shape[0] = d.shape[0];
            continue;
        }
        if (ix_same(x, y) || (ix_is(x, &a) && a == 1)) continue;
        if (ix_is(x, &a) && ix_is(y, &b))
            front_fail(f, E_VALUE,
                       "operands could not be broadcast together with remapped shapes "
                       "[original->remapped]: %s  and requested shape %s",
                       shape_text(f, d.shape, d.n), shape_text(f, dim, to.n));
        AVal *ne = lower_compare(f, AST_NotEq, x, y);
        AVal *n1 = lower_compare(f, AST_NotEq, x, av_int(f, 1));
        nd_check(f, front_elem(f, OP_BITAND, (AVal *[]){ne, n1}, 2), E_VALUE,
                 "operands could not be broadcast together with remapped shapes "
                 "[original->remapped]: (%d,)  and requested shape (%d,)",
                 2, (AVal *[]){x, y});
    }
    Nd r = nd_stretch(f, &d, &to);
    r.readonly = true;
    return nd_av(f, &r);
}

/* -- Joining ----------------------------------------------------------------------- */
static void same_but(Front *f, const Nd *a, const Nd *b, int axis, idx i)
{
    for (int k = 0; k < a->n; k++) {
        AVal *have = nd_len(f, a, k), *len = nd_len(f, b, k);
        if (k == axis || ix_same(a->shape[k], b->shape[k]) || ix_same(have, len))
            continue;
        const char *text = arena_printf(f->arena,
                                        "all the input array dimensions except for the "
                                        "concatenation axis must match "
                                        "exactly, but along dimension %d, the array at "
                                        "index 0 has size %%d and the "
                                        "array at index %lld has size %%d",
                                        k, (long long)i);
        int64_t x, y;
        if (ix_is(have, &x) && ix_is(len, &y))
            front_fail(
                f, E_VALUE,
                "all the input array dimensions except for the concatenation axis "
                "must match exactly, but along dimension %d, the array at index "
                "0 has size %lld and the array at index %lld has size %lld",
                k, (long long)x, (long long)i, (long long)y);
        AVal *bad = lower_compare(f, AST_NotEq, have, len);
        nd_check(f, bad, E_VALUE, text, 2, (AVal *[]){have, len});
    }
}

static Nd part(Front *f, const Nd *d, int axis, AVal *from, AVal *len)
{
    Nd r = *d;
    r.off = ix_add(f, r.off, ix_mul(f, from, r.stride[axis]));
    r.shape[axis] = len;
    r.contiguous = false;
    if (axis == 0) r.axis = NULL;
    return r;
}

/* Vectors one behind the other, as columns are: their rows stay where they are, but for
 * what brings them in order. */
static AVal *concat_rows(Front *f, const Nd *d, idx n, Type t)
{
    AVal **part = ARENA_NEW_N(f->arena, n, AVal *), *yes = av_bool(f, true);
    for (idx i = 0; i < n; i++) {
        Val *col = front_cast(f, front_col(f, nd_av(f, &d[i])), t);
        part[i] = av_series(f, col, index_range(f, val_axis(col)->rows), av_none(f));
    }
    AVal *list = av_list(f, part, n);
    AVal *all = front_call_op(f, OP_F_CONCAT, "pd.concat", NULL, &list, 1,
                              (const char *[]){"ignore_index"}, &yes, 1, NULL);
    return np_array_of(f, all->val);
}

/* Of arrays beside each other, the rows of all on the axis of the first that has one:
 * as many, as is checked. */
static void one_axis(Front *f, Nd *d, idx n)
{
    const Nd *lead = NULL;
    for (idx i = 0; i < n && !lead; i++)
        if (d[i].axis) lead = &d[i];
    for (idx i = 0; lead && i < n; i++)
        if (!d[i].axis || axis_get(d[i].axis) != axis_get(lead->axis))
            d[i] = nd_aligned(f, axis_get(lead->axis), lead->shape[0], &d[i]);
}

static bool has_axis(const Nd *d, idx n)
{
    for (idx i = 0; i < n; i++)
        if (d[i].axis) return true;
    return false;
}

/* Arrays of more dimensions one below the other: their elements as vectors are, and
 * then as rows again. NULL: there are too few rows to split. */
static AVal *concat_below(Front *f, Nd *d, idx n, Type t)
{
    AVal *dim[DIM_MAX], *all = av_int(f, -1);
    dim[0] = av_int(f, 0);
    for (idx i = 0; i < n; i++)
        dim[0] = ix_add(f, dim[0], nd_len(f, &d[i], 0));
    if (are_few(dim[0])) return NULL;
    int nd = d[0].n;
    for (int k = 1; k < nd; k++)
        dim[k] = d[0].shape[k];
    for (idx i = 0; i < n; i++)
        d[i] = nd_of(f, nd_reshape(f, &d[i], &all, 1));
    Nd flat = nd_of(f, concat_rows(f, d, n, t));
    return nd_reshape(f, &flat, dim, nd);
}

AVal *nd_concat(Front *f, AVal *const *item, idx n, int axis)
{
    Nd *d = ARENA_NEW_N(f->arena, n, Nd);
    Type t = {0}, both;
    if (n == 0) front_fail(f, E_VALUE, "need at least one array to concatenate");
    for (idx i = 0; i < n; i++) {
        d[i] = nd_arg(f, item[i], "concatenate");
        if (!d[i].base)
            front_fail(f, E_VALUE, "zero-dimensional arrays cannot be concatenated");
        if (d[i].n != d[0].n)
            front_fail(f, E_VALUE,
                       "all the input arrays must have same number of dimensions, but "
                       "the array at index 0 has %d dimension(s) and the array at "
                       "index %lld has %d dimension(s)",
                       d[0].n, (long long)i, d[i].n);
        Type e = type_with(d[i].base->type, TY_COL);
        if (i && !type_promote(t, e, &both))
            front_fail(f, E_TYPE, "arrays of these types can't be concatenated");
        t = i ? both : e;
    }
    for (idx i = 1; i < n; i++)
        same_but(f, &d[0], &d[i], axis, i);
    bool rows = axis == 0 && !dt_is_complex((DType)t.dt) && has_axis(d, n);
    if (rows && d[0].n == 1) return concat_rows(f, d, n, t);
    AVal *below = rows && t.dt != DT_CHAR ? concat_below(f, d, n, t) : NULL;
    if (below) return below;
    if (axis > 0) one_axis(f, d, n);
    Nd to = d[0];
    to.shape[axis] = av_int(f, 0);
    for (idx i = 0; i < n; i++) {
        to.shape[axis] = ix_add(f, to.shape[axis], d[i].shape[axis]);
        bool one = axis > 0 && to.axis && d[i].axis &&
                   axis_get(d[i].axis) == axis_get(to.axis);
        if (!one) to.axis = NULL;
    }
    Nd r = nd_new(f, &to, t);
    AVal *from = av_int(f, 0);
    for (idx i = 0; i < n; i++) {
        Nd p = part(f, &r, axis, from, d[i].shape[axis]);
        for (int k = 0; k < p.n; k++) /* checked above */
            if (k != axis && !(k == 0 && p.axis)) p.shape[k] = d[i].shape[k];
        nd_store(f, &p, nd_av(f, &d[i]));
        from = ix_add(f, from, d[i].shape[axis]);
    }
    return nd_av(f, &r);
}

static idx sequence(Front *f, Call *c, AVal *v, AVal ***item)
{
    idx n;
    if (v->kind == A_ARRAY) {
        Nd d = nd_of(f, v);
        int64_t k;
        if (!ix_is(d.shape[0], &k))
            front_unsup(f, UNSUP_API,
                        "%s() of an array: give a tuple or list of arrays", c->name);
        *item = ARENA_NEW_N(f->arena, k + 1, AVal *);
        for (int64_t i = 0; i < k; i++)
            (*item)[i] = nd_getitem(f, v, av_int(f, i));
        return k;
    }
    if (!lower_items(f, v, item, &n))
        front_unsup(f, UNSUP_API, "%s() of %s; a tuple or list of arrays is supported",
                    c->name, av_type_text(f, v));
    return n;
}

/* The arrays joined, of another dtype where dtype= says so and casting= allows it. */
static AVal *of_dtype(Front *f, Call *c, AVal *v)
{
    Type t;
    AVal *dtype = call_arg(f, c, "dtype");
    AVal *how[3] = {v, dtype, call_arg(f, c, "casting")};
    if (is_none(dtype)) return v;
    if (!dtype_of(f, dtype, &t))
        front_fail(f, E_TYPE, "data type %s not understood", const_text(f, dtype));
    return library_call(f, "np._cast_as", how, 3);
}

/* What a prange concatenates has the dtype that comes of itself. */
static AVal *plainly_collected(Front *f, Call *c, AVal *const *item, idx n)
{
    if (!is_none(call_arg(f, c, "dtype")))
        front_unsup(f, UNSUP_PRANGE_CARRIED, "%s(dtype=) in a prange", c->name);
    return collect_vectors(f, item[0], item + 1, n - 1);
}

AVal *build_nd_concatenate(Front *f, Call *c)
{
    AVal **item, *axis = call_arg(f, c, "axis");
    Val *list = run_list(f, call_arg(f, c, "arrays"));
    if (list && !is_none(axis) && axis->i == 0)
        return of_dtype(f, c, form_concatenate(f, list));
    idx n = sequence(f, c, call_arg(f, c, "arrays"), &item);
    if (n == 0) front_fail(f, E_VALUE, "need at least one array to concatenate");
    if (item[0]->kind == A_COLLECT && (is_none(axis) || axis->i == 0))
        return plainly_collected(f, c, item, n);
    AVal **v = ARENA_NEW_N(f->arena, n, AVal *);
    for (idx i = 0; i < n; i++) {
        Nd d = nd_arg(f, item[i], c->name);
        if (!d.base)
            front_fail(f, E_VALUE, "zero-dimensional arrays cannot be concatenated");
        AVal *all = av_int(f, -1);
        v[i] = is_none(axis) && d.n > 1 ? nd_reshape(f, &d, &all, 1) : nd_av(f, &d);
    }
    Nd first = nd_of(f, v[0]);
    AVal *r = nd_concat(f, v, n, is_none(axis) ? 0 : nd_axis_arg(f, axis, first.n));
    return of_dtype(f, c, r);
}

static Nd stack_item(Front *f, Call *c, AVal *v)
{
    if (v->kind == A_CONST || v->kind == A_SCALAR) v = av_list(f, &v, 1);
    return nd_arg(f, v, c->name);
}

static void same_shape(Front *f, const Nd *a, const Nd *b)
{
    static const char text[] = "all input arrays must have the same shape";
    if (a->n != b->n) front_fail(f, E_VALUE, "%s", text);
    for (int k = 0; k < a->n; k++) {
        if (ix_same(a->shape[k], b->shape[k])) continue;
        AVal *bad = lower_compare(f, AST_NotEq, nd_len(f, a, k), nd_len(f, b, k));
        lower_raise_if(f, bad, E_VALUE, text);
    }
}

AVal *build_nd_stack(Front *f, Call *c)
{
    AVal **item;
    const char *name = call_short(c);
    idx n = sequence(f, c, call_arg(f, c, "arrays"), &item);
    if (n == 0) front_fail(f, E_VALUE, "need at least one array to stack");
    if (item[0]->kind == A_COLLECT && !strcmp(name, "hstack"))
        return plainly_collected(f, c, item, n);
    AVal **v = ARENA_NEW_N(f->arena, n, AVal *);
    int axis = 0;
    Nd first = {0};
    for (idx i = 0; i < n; i++) {
        Nd d = stack_item(f, c, item[i]);
        if (!strcmp(name, "stack")) {
            if (i == 0) first = d;
            same_shape(f, &first, &d);
            axis = nd_axis_arg(f, call_arg(f, c, "axis"), d.n + 1);
            nd_insert(f, &d, axis);
        } else if (!strcmp(name, "vstack")) {
            at_least(f, &d, 2);
        } else if (!strcmp(name, "dstack")) {
            at_least(f, &d, 3);
            axis = 2;
        } else if (!strcmp(name, "column_stack")) {
            if (d.n == 1) nd_insert(f, &d, 1);
            axis = 1;
        } else { /* hstack */
            axis = d.n == 1 ? 0 : 1;
        }
        v[i] = nd_av(f, &d);
    }
    AVal *r = nd_concat(f, v, n, axis);
    return !strcmp(name, "dstack") || !strcmp(name, "column_stack") ? r
                                                                    : of_dtype(f, c, r);
}

AVal *build_nd_append(Front *f, Call *c)
{
    AVal *axis = call_arg(f, c, "axis"), *all = av_int(f, -1);
    AVal *to = call_arg(f, c, "arr"), *values = call_arg(f, c, "values");
    if (to->kind == A_COLLECT && (is_none(axis) || axis->i == 0))
        return collect_vectors(f, to, &values, 1);
    Nd d = nd_arg(f, to, c->name);
    Nd e = stack_item(f, c, values);
    AVal *v[2] = {nd_av(f, &d), nd_av(f, &e)};
    if (!is_none(axis)) return nd_concat(f, v, 2, nd_axis_arg(f, axis, d.n));
    if (d.n > 1) v[0] = nd_reshape(f, &d, &all, 1);
    if (e.n > 1) v[1] = nd_reshape(f, &e, &all, 1);
    return nd_concat(f, v, 2, 0);
}

/* -- Splitting --------------------------------------------------------------------- */
static AVal *cut(Front *f, const Nd *d, int axis, AVal *start, AVal *stop)
{
    AVal *s = av_new_kind(f, A_SLICE);
    s->n = 3;
    s->item = ARENA_NEW_N(f->arena, 3, AVal *);
    s->item[0] = start;
    s->item[1] = stop;
    s->item[2] = av_none(f);
    Nd r = *d;
    nd_slice(f, &r, axis, s);
    return nd_av(f, &r);
}

AVal *build_nd_split(Front *f, Call *c)
{
    const char *name = call_short(c);
    Nd d = subject_nd(f, c, "ary");
    int axis = !strcmp(name, "hsplit")   ? d.n > 1
               : !strcmp(name, "vsplit") ? 0
                                         : nd_axis_arg(f, call_arg(f, c, "axis"), d.n);
    AVal *by = call_arg(f, c, "indices_or_sections"), **item, *n = nd_len(f, &d, axis);
    idx nitem;
    AVal *list = av_list(f, NULL, 0);
    Container *out = front_items(f, list);
    if (by->kind == A_LIST || by->kind == A_TUPLE) {
        lower_items(f, by, &item, &nitem);
        for (idx i = 0; i <= nitem; i++)
            vec_push(f->arena, &out->item,
                     cut(f, &d, axis, i ? item[i - 1] : av_int(f, 0),
                         i < nitem ? item[i] : av_none(f)));
        return list;
    }
    int64_t k = front_const_int(f, by, "the number of sections");
    if (k <= 0) front_fail(f, E_VALUE, "number sections must be larger than 0.");
    AVal *parts = av_int(f, k), *each = floordiv(f, n, parts);
    AVal *extra = ix_sub(f, n, ix_mul(f, each, parts));
    if (strcmp(name, "array_split") != 0) {
        AVal *bad = lower_compare(f, AST_NotEq, extra, av_int(f, 0));
        if (bad->kind == A_CONST && bad->i)
            front_fail(f, E_VALUE, "array split does not result in an equal division");
        nd_check(f, bad, E_VALUE, "array split does not result in an equal division", 0,
                 NULL);
    }
    AVal *at = av_int(f, 0);
    for (int64_t i = 0; i < k; i++) {
        AVal *more = lower_compare(f, AST_Lt, av_int(f, i), extra);
        AVal *one =
            more->kind == A_CONST
                ? av_int(f, more->i)
                : ix_av(f, front_cast(f, front_val(f, more), type_scalar(DT_I64)));
        AVal *to = ix_add(f, at, ix_add(f, each, one));
        vec_push(f->arena, &out->item, cut(f, &d, axis, at, to));
        at = to;
    }
    return list;
}

/* -- Repeating, turning ------------------------------------------------------------ */
typedef struct Gather {
    Nd src;
    int skip; /* leading dimensions of the result that the source has not */
    Val *mod[DIM_MAX], *div[DIM_MAX], *shift[DIM_MAX]; /* of a dimension; NULL: none */
} Gather;

static Val *gather_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Gather *g = (Gather *)data;
    Val *at[DIM_MAX];
    Type t = type_scalar(DT_I64);
    (void)elem;
    for (int k = 0; k < g->src.n; k++) {
        at[k] = index[g->skip + k];
        if (g->shift[k])
            at[k] = val_put(f, OP_SUB, (Val *[]){at[k], g->shift[k]}, 2, t, NULL);
        if (g->div[k])
            at[k] = val_put(f, OP_FLOORDIV, (Val *[]){at[k], g->div[k]}, 2, t, NULL);
        if (g->mod[k])
            at[k] = val_put(f, OP_MOD, (Val *[]){at[k], g->mod[k]}, 2, t, NULL);
    }
    return nd_get(f, &g->src, at, ~0U);
}

static AVal *gathered(Front *f, Nd *to, Gather *g)
{
    bool rows = !g->skip && !g->mod[0] && !g->div[0] && !g->shift[0]; /* as they are */
    to->axis = rows && ix_same(to->shape[0], g->src.shape[0]) ? g->src.axis : NULL;
    Nd r = nd_make(f, to, 0, NULL, gather_body, g);
    return nd_av(f, &r);
}

/* Row i of n is the row i op by of a vector: each row is asked of the rank that has it.
 */
static AVal *taken(Front *f, const Nd *d, AstKind op, AVal *n, AVal *by)
{
    AVal *at = np_call(f, "arange", &n, 1);
    return lower_subscript(f, nd_av(f, d), lower_binop(f, op, at, by));
}

static AVal *repeat_each(Front *f, const Call *c, const Nd *d, int axis, AVal *times);

/* Along another axis: that one is in front meanwhile. */
/* NOLINTNEXTLINE(misc-no-recursion): along the first axis then */
static AVal *repeat_turned(Front *f, const Call *c, const Nd *d, int axis, AVal *times)
{
    int order[DIM_MAX];
    for (int k = 0; k < d->n; k++)
        order[k] = k == 0 ? axis : k == axis ? 0 : k;
    Nd turned = nd_permute(d, order);
    Nd r = nd_of(f, repeat_each(f, c, &turned, 0, times));
    r = nd_permute(&r, order);
    return nd_av(f, &r);
}

/* Row i of the result is the row whose repeats end behind i. */
/* NOLINTNEXTLINE(misc-no-recursion): see repeat_turned */
static AVal *repeat_each(Front *f, const Call *c, const Nd *d, int axis, AVal *times)
{
    if (axis != 0) return repeat_turned(f, c, d, axis, times);
    Nd n = nd_arg(f, times, c->name);
    AVal *count = nd_av(f, &n), *rows = nd_len(f, d, 0), *have = nd_len(f, &n, 0);
    AVal *few = np_op2(f, OP_LT, count, av_int(f, 0));
    lower_raise_if(f, np_call(f, "any", &few, 1), E_VALUE,
                   "repeats may not contain negative values.");
    nd_check(f, lower_compare(f, AST_NotEq, rows, have), E_VALUE,
             "operands could not be broadcast together with shape (%d,) (%d,)", 2,
             (AVal *[]){rows, have});
    AVal *ends = np_call(f, "cumsum", &count, 1), *total = np_call(f, "sum", &count, 1);
    AVal *arg[3] = {ends, np_call(f, "arange", &total, 1), av_str(f, "right", 5)};
    return lower_subscript(f, nd_av(f, d), np_call(f, "searchsorted", arg, 3));
}

AVal *build_nd_repeat(Front *f, Call *c)
{
    Gather g = {.src = subject_one(f, c, "a")};
    AVal *axis = call_arg(f, c, "axis"), *times = call_arg(f, c, "repeats");
    AVal *all = av_int(f, -1);
    if (is_none(axis) && g.src.n > 1) {
        AVal *flat = nd_reshape(f, &g.src, &all, 1);
        g.src = nd_of(f, flat);
    }
    int k = is_none(axis) ? 0 : nd_axis_arg(f, axis, g.src.n);
    if (times->kind != A_CONST && times->kind != A_SCALAR) {
        AVal **it;
        idx nit;
        bool list = times->kind == A_LIST || times->kind == A_TUPLE;
        if (!list || !lower_items(f, times, &it, &nit) || nit != 1)
            return repeat_each(f, c, &g.src, k, times);
        times = it[0]; /* for all */
    }
    AVal *below = lower_compare(f, AST_Lt, times, av_int(f, 0));
    lower_raise_if(f, below, E_VALUE, "negative dimensions are not allowed");
    AVal *len = ix_mul(f, nd_len(f, &g.src, k), times);
    lower_raise_if(f, lower_compare(f, AST_Lt, len, av_int(f, 0)), E_VALUE,
                   "negative dimensions are not allowed");
    if (k == 0 && g.src.axis)
        return taken(f, &g.src, AST_FloorDiv, ix_max0(f, len), times);
    Nd to = g.src;
    g.div[k] = ix_val(f, times);
    to.shape[k] = len;
    return gathered(f, &to, &g);
}

/* Only the first dimension is repeated. */
static bool ones_behind(AVal *const *dim, int n)
{
    int64_t x;
    for (int k = 1; k < n; k++)
        if (!ix_is(dim[k], &x) || x != 1) return false;
    return true;
}

AVal *build_nd_tile(Front *f, Call *c)
{
    Gather g = {.src = subject_one(f, c, "A")};
    AVal *dim[DIM_MAX];
    int n = dims_of(f, call_arg(f, c, "reps"), dim);
    if (g.src.n == n && g.src.axis && ones_behind(dim, n)) {
        AVal *len = nd_len(f, &g.src, 0);
        return taken(f, &g.src, AST_Mod, ix_max0(f, ix_mul(f, len, dim[0])), len);
    }
    while (g.src.n < n)
        nd_insert(f, &g.src, 0);
    Nd to = g.src;
    for (int k = 0; k < to.n; k++) {
        int j = k - (to.n - n);
        if (j < 0) continue;
        g.mod[k] = ix_val(f, g.src.shape[k]);
        to.shape[k] = ix_mul(f, to.shape[k], dim[j]);
    }
    return gathered(f, &to, &g);
}

static Nd flipped(Front *f, Nd d, int k)
{
    AVal *s = av_new_kind(f, A_SLICE);
    s->n = 3;
    s->item = ARENA_NEW_N(f->arena, 3, AVal *);
    s->item[0] = s->item[1] = av_none(f);
    s->item[2] = av_int(f, -1);
    nd_slice(f, &d, k, s);
    return d;
}

AVal *build_nd_flip(Front *f, Call *c)
{
    const char *name = call_short(c);
    Nd d = subject_nd(f, c, "m");
    AVal *dim[DIM_MAX];
    if (!strcmp(name, "flipud") || !strcmp(name, "fliplr")) {
        int k = !strcmp(name, "fliplr");
        if (d.n <= k) front_fail(f, E_VALUE, "Input must be >= %d-d.", k + 1);
        d = flipped(f, d, k);
        return nd_av(f, &d);
    }
    AVal *axis = call_arg(f, c, "axis");
    if (is_none(axis)) {
        for (int k = 0; k < d.n; k++)
            d = flipped(f, d, k);
        return nd_av(f, &d);
    }
    int n = dims_of(f, axis, dim);
    for (int k = 0; k < n; k++)
        d = flipped(f, d, nd_axis_arg(f, dim[k], d.n));
    return nd_av(f, &d);
}

/* Rows moved along on their axis: as all elements, so many for a row. */
static AVal *rolled_rows(Front *f, const Call *c, const Nd *d, AVal *shift)
{
    AVal *v = nd_av(f, d), *flat = np_flat(f, c, v);
    if (d->n > 1) shift = ix_mul(f, shift, nd_dims(f, d, 1, d->n));
    Val *col = front_col(f, flat), *in[2] = {col, ix_val(f, shift)};
    col = val_put(f, OP_ROLL, in, 2, col->type, col->axis);
    Val *r = val_put(f, OP_TOARRAY, &col, 1, type_with(col->type, TY_ARRAY), col->axis);
    return np_unflat(f, av_array(f, r), v);
}

/* One shift of rows that stand on an axis. */
static bool rolls_rows(Front *f, const Nd *d, int n, AVal *axis)
{
    DType dt = (DType)nd_elem_type(d).dt;
    bool values = dt != DT_STR && dt != DT_CHAR && dt != DT_DATE;
    if (!d->axis || n != 1 || !values) return false;
    if (is_none(axis)) return d->n == 1;
    bool one = axis->kind == A_CONST && axis->ck == AC_INT;
    return one && nd_axis_arg(f, axis, d->n) == 0;
}

AVal *build_nd_roll(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    AVal *axis = call_arg(f, c, "axis"), *shift = call_arg(f, c, "shift");
    Gather g = {.src = d};
    AVal *all = av_int(f, -1), *by[DIM_MAX], *dim[DIM_MAX];
    int n = dims_of(f, shift, by), m = 1;
    if (rolls_rows(f, &d, n, axis)) return rolled_rows(f, c, &d, by[0]);
    if (is_none(axis)) {
        if (n != 1)
            front_unsup(f, UNSUP_API, "%s() by several shifts: name the axes", c->name);
        if (d.n > 1) {
            AVal *flat = nd_reshape(f, &d, &all, 1);
            g.src = nd_of(f, flat);
        }
        dim[0] = av_int(f, 0);
    } else {
        m = dims_of(f, axis, dim);
    }
    int most = n > m ? n : m;
    for (int k = 0; k < most; k++) {
        int j = nd_axis_arg(f, dim[m == 1 ? 0 : k], g.src.n);
        AVal *s = by[n == 1 ? 0 : k];
        Val *x = ix_val(f, s);
        if (g.shift[j])
            x = val_put(f, OP_ADD, (Val *[]){g.shift[j], x}, 2, type_scalar(DT_I64),
                        NULL);
        g.shift[j] = x;
        g.mod[j] = ix_val(f, g.src.shape[j]);
    }
    Nd to = g.src;
    AVal *r = gathered(f, &to, &g);
    if (!is_none(axis) || d.n == 1) return r;
    Nd flat = nd_of(f, r);
    return nd_reshape(f, &flat, d.shape, d.n);
}

AVal *build_nd_rot90(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "m");
    AVal *dim[DIM_MAX];
    int64_t k = front_const_int(f, call_arg(f, c, "k"), "k");
    AVal *axes = call_arg(f, c, "axes");
    if (is_none(axes)) axes = av_tuple(f, (AVal *[]){av_int(f, 0), av_int(f, 1)}, 2);
    int n = dims_of(f, axes, dim), order[DIM_MAX];
    if (n != 2) front_fail(f, E_VALUE, "len(axes) must be 2.");
    if (d.n < 2)
        front_fail(f, E_VALUE, "Axes=(0, 1) out of range for array of ndim=%d.", d.n);
    int a = nd_axis_arg(f, dim[0], d.n), b = nd_axis_arg(f, dim[1], d.n);
    if (a == b) front_fail(f, E_VALUE, "Axes must be different.");
    k = ((k % 4) + 4) % 4;
    for (int j = 0; j < d.n; j++)
        order[j] = j == a ? b : j == b ? a : j;
    if (k == 2) {
        d = flipped(f, d, a);
        d = flipped(f, d, b);
    } else if (k == 1) {
        d = flipped(f, d, b);
        d = nd_permute(&d, order);
    } else if (k == 3) {
        d = nd_permute(&d, order);
        d = flipped(f, d, b);
    }
    return nd_av(f, &d);
}

/* -- Copies ------------------------------------------------------------------------ */
static AVal *as_array(Front *f, Val *col)
{
    return av_array(
        f, val_put(f, OP_TOARRAY, &col, 1, type_with(col->type, TY_ARRAY), col->axis));
}

AVal *build_nd_copy(Front *f, Call *c)
{
    if (nd_is_plain(c->self)) return as_array(f, front_col(f, c->self));
    Nd d = nd_of(f, c->self), r = nd_copy(f, &d, nd_elem_type(&d));
    return nd_av(f, &r);
}

AVal *build_nd_astype(Front *f, Call *c)
{
    Type t;
    AVal *dtype = call_arg(f, c, "dtype");
    if (!dtype_of_array(f, dtype, &t))
        front_fail(f, E_TYPE, "data type %s not understood", const_text(f, dtype));
    DType from = (DType)c->self->val->type.dt, to = (DType)t.dt;
    if (to == DT_CHAR) return chars_made(f, c->self, t.of);
    if (dt_is_complex(from) && to == DT_BOOL)
        return front_elem(f, OP_NE, (AVal *[]){c->self, av_int(f, 0)}, 2);
    if (dt_is_complex(from) && !dt_is_complex(to)) {
        AVal *real = nd_attr(f, c->self, "real"); /* NumPy warns */
        Nd d = nd_of(f, real), r = nd_copy(f, &d, t);
        return nd_av(f, &r);
    }
    bool plain = dt_is_number(from) && dt_is_number(to);
    if (nd_is_plain(c->self) && !plain) {
        Val *col = front_col(f, c->self);
        return as_array(f, val_put(f, OP_CONVERT, &col, 1, t, col->axis));
    }
    Nd d = nd_of(f, c->self);
    bool same = from == to && t.unit == c->self->val->type.unit;
    if (same && !call_bool(f, c, "copy")) return c->self;
    Nd r = nd_copy(f, &d, t);
    return nd_av(f, &r);
}

AVal *build_nd_round(Front *f, Call *c)
{
    return front_elem(f, OP_ROUND, (AVal *[]){c->self, call_arg(f, c, "decimals")}, 2);
}

/* -- Elements ---------------------------------------------------------------------- */
/* a.item(i): a position in the order of the elements, whatever the dimensions. */
static AVal *item_flat(Front *f, const Nd *d, AVal *i)
{
    AVal *size = nd_size(f, d), *all = av_int(f, -1);
    AVal *low = lower_compare(f, AST_Lt, i, ix_sub(f, av_int(f, 0), size));
    AVal *high = lower_compare(f, AST_GtE, i, size);
    nd_check(f, front_elem(f, OP_BITOR, (AVal *[]){low, high}, 2), E_INDEX,
             "index %d is out of bounds for size %d", 2, (AVal *[]){i, size});
    return nd_getitem(f, nd_reshape(f, d, &all, 1), i);
}

AVal *build_nd_item(Front *f, Call *c)
{
    AVal *key[DIM_MAX];
    Nd d = subject_nd(f, c, "a");
    int n = c->nextra ? dims_extra(f, c, key) : d.n;
    if (c->nextra && n == 1 && d.n != 1) {
        AVal *r = item_flat(f, &d, key[0]);
        r->i = 1;
        return r;
    }
    if (n != d.n) front_fail(f, E_VALUE, "incorrect number of indices for array");
    if (!c->nextra) {
        const char *text = "can only convert an array of size 1 to a Python scalar";
        AVal *bad = lower_compare(f, AST_NotEq, nd_size(f, &d), av_int(f, 1));
        if (bad->kind == A_CONST && bad->i) front_fail(f, E_VALUE, "%s", text);
        nd_check(f, bad, E_VALUE, text, 0, NULL);
        for (int k = 0; k < n; k++)
            key[k] = av_int(f, 0);
    }
    AVal *r = nd_getitem(f, c->self, av_tuple(f, key, n));
    r->i = 1;
    return r;
}

AVal *build_nd_tolist(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    if (d.n != 1 && !chars_is(c->self))
        return library_call(f, "np._tolist", &c->self, 1);
    if (d.n != 1)
        front_unsup(
            f, UNSUP_VALUE,
            "tolist() of text of %d dimensions is not compiled: loop over its rows",
            d.n - 1);
    return box_iterated(f, nd_av(f, &d));
}

AVal *build_nd_fill(Front *f, Call *c)
{
    Nd d = subject_nd(f, c, "a");
    nd_store(f, &d, call_arg(f, c, "value"));
    return av_none(f);
}

AVal *build_nd_info(Front *f, Call *c)
{
    AVal *v = call_arg(f, c, "a");
    const char *name = call_short(c);
    if (v->kind == A_CONST || v->kind == A_SCALAR)
        return !strcmp(name, "shape") ? av_tuple(f, NULL, 0)
                                      : av_int(f, !strcmp(name, "size"));
    Nd d = nd_arg(f, v, c->name);
    return nd_attr(f, nd_av(f, &d), name);
}
