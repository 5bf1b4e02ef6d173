/* SPDX-License-Identifier: Apache-2.0
 * Products of vectors and matrices, and np.linalg. A product whose left rows are split
 * over the ranks stays so; `X.T @ y` with rows of X and y on one axis is made of each
 * rank's rows and added up; everything else needs its matrices whole.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

#include <math.h>
#include <string.h>

/* -- Operands ---------------------------------------------------------------------- */
static Nd operand_many(Front *f, AVal *v, const char *what)
{
    if (v->kind == A_SERIES) v = np_array_of(f, v->val);
    Nd d = nd_arg(f, v, what);
    if (d.n && !dt_is_number((DType)nd_elem_type(&d).dt))
        front_unsup(f, UNSUP_API, "%s of such values is not supported", what);
    return d;
}

static Nd operand(Front *f, AVal *v, const char *what)
{
    Nd d = operand_many(f, v, what);
    if (d.n < 1 || d.n > 2)
        front_unsup(f, UNSUP_API, "%s of arrays of %d dimensions is not supported",
                    what, d.n);
    return d;
}

static Nd in_type(Front *f, const Nd *d, DType dt)
{
    Type t = type_scalar(dt);
    return type_eq(nd_elem_type(d), t) ? *d : nd_copy(f, d, t);
}

/* A vector as a matrix of one row or column. */
static Nd as_matrix(Front *f, const Nd *d, bool row)
{
    Nd m = *d;
    if (m.n == 1) nd_insert(f, &m, row ? 0 : 1);
    return m;
}

/* X.T with X's rows on the axis of y's. */
static bool sums_over_axis(const Nd *a, const Nd *b)
{
    Axis *rows = axis_get(a->base->axis), *own = axis_get(b->axis);
    return a->n == 2 && !a->axis && rows && rows == own &&
           a->shape[1]->kind == A_SCALAR && b->shape[0]->kind == A_SCALAR &&
           a->shape[1]->val == b->shape[0]->val;
}

/* The array that a node makes: its only result, or the second after its rows. */
static AVal *made(Front *f, Node *n, Nd *r, Type elem)
{
    Val *out = &n->res[n->nres - 1];
    out->type = type_with(elem, TY_ARRAY);
    out->type.ndim = 1;
    if (n->nres == 2) {
        n->res[0].type = type_scalar(DT_I64);
        r->axis = axis_new(f->fn);
        r->axis->rows = &n->res[0];
        n->res[0].axis = r->axis;
        node_set_int(f->fn, n, "rows", 1);
        r->shape[0] = ix_av(f, &n->res[0]);
    }
    out->axis = r->axis;
    r->base = out;
    nd_contiguous(f, r);
    return nd_av(f, r);
}

/* -- Products ---------------------------------------------------------------------- */
/* A sum in the type of the elements of v, as products of vectors have it. */
static AVal *as_elements(Front *f, AVal *sum, AVal *v)
{
    Type t = type_with(v->val->type, TY_SCALAR);
    if (sum->kind == A_SCALAR) return av_scalar(f, front_cast(f, sum->val, t));
    Nd d = nd_of(f, sum);
    if (nd_elem_type(&d).dt == t.dt) return sum;
    d = nd_copy(f, &d, t);
    return nd_av(f, &d);
}

static AVal *inner(Front *f, const Nd *a, const Nd *b)
{
    AVal *x = nd_av(f, a), *y = nd_av(f, b);
    AVal *v = front_elem(f, OP_MUL, (AVal *[]){x, y}, 2);
    return as_elements(f, np_call(f, "sum", &v, 1), v);
}

static void check_lengths(Front *f, const Nd *a, const Nd *b, const char *what)
{
    AVal *n = nd_len(f, a, a->n - 1), *m = nd_len(f, b, 0);
    AVal *bad = lower_compare(f, AST_NotEq, n, m);
    if (!strcmp(what, "matmul")) {
        const char *text =
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with "
            "gufunc "
            "signature (n?,k),(k,m?)->(n?,m?) (size %d is different from %d)";
        nd_check(f, bad, E_VALUE, text, 2, (AVal *[]){m, n});
        return;
    }
    AVal *num[6];
    int k = 0;
    for (int i = 0; i < a->n; i++)
        num[k++] = nd_len(f, a, i);
    for (int i = 0; i < b->n; i++)
        num[k++] = nd_len(f, b, i);
    num[k++] = n;
    num[k++] = m;
    const char *text = arena_printf(
        f->arena, "shapes (%s) and (%s) not aligned: %%d (dim %d) != %%d (dim 0)",
        a->n == 1 ? "%d," : "%d,%d", b->n == 1 ? "%d," : "%d,%d", a->n - 1);
    nd_check(f, bad, E_VALUE, text, k, num);
}

static AVal *product(Front *f, const Nd *a, const Nd *b, DType dt)
{
    bool reduce = sums_over_axis(a, b);
    Nd x = in_type(f, a, dt), y = in_type(f, b, dt);
    reduce = reduce && sums_over_axis(&x, &y);
    Nd p = as_matrix(f, &x, true), q = as_matrix(f, &y, false);
    if (a->n == 1) p.axis = NULL;
    Nd r = {0};
    if (a->n == 2) r.shape[r.n++] = p.shape[0];
    if (b->n == 2) r.shape[r.n++] = q.shape[1];
    r.axis = a->n == 2 ? p.axis : NULL;
    ValVec v = {0};
    nd_push(f, &v, &p);
    nd_push(f, &v, &q);
    bool rows = r.n == 1 && !r.axis;
    Node *n = node_put(f, f->at, OP_MATMUL, v.v.at, (int)v.v.n, rows ? 2 : 1);
    node_set_ints(f->fn, n, "ax", (int64_t[]){reduce || p.axis, reduce}, 2);
    node_set_int(f->fn, n, "reduce", reduce);
    return made(f, n, &r, type_scalar(dt));
}

/* -- Complex numbers: products and equations of the parts -------------------------- */
static bool is_complex(const Nd *d)
{
    return dt_is_complex((DType)nd_elem_type(d).dt);
}

/* The imaginary part of real numbers is NULL. */
static void parts_of(Front *f, const Nd *d, AVal *part[2])
{
    AVal *v = nd_av(f, d);
    part[0] = is_complex(d) ? front_elem(f, OP_CREAL, &v, 1) : v;
    part[1] = is_complex(d) ? front_elem(f, OP_CIMAG, &v, 1) : NULL;
}

static AVal *part_product(Front *f, AVal *a, AVal *b, const char *what)
{
    return a && b ? np_product(f, a, b, what) : NULL;
}

static AVal *complex_product(Front *f, const Nd *x, const Nd *y, const char *what)
{
    AVal *a[2], *b[2];
    parts_of(f, x, a);
    parts_of(f, y, b);
    AVal *re = part_product(f, a[0], b[0], what), *im = NULL;
    AVal *minus = part_product(f, a[1], b[1], what);
    if (minus) re = front_elem(f, OP_SUB, (AVal *[]){re, minus}, 2);
    for (int k = 0; k < 2; k++) {
        AVal *p = part_product(f, a[k], b[1 - k], what);
        if (p) im = im ? front_elem(f, OP_ADD, (AVal *[]){im, p}, 2) : p;
    }
    return front_elem(f, OP_CMAKE, (AVal *[]){re, im}, 2);
}

static AVal *joined(Front *f, AVal *a, AVal *b, int64_t axis)
{
    AVal *both = av_tuple(f, (AVal *[]){a, b}, 2), *k = av_int(f, axis);
    static const char *const kw[] = {"axis"};
    return front_call(f, av_api(f, "np.concatenate"), &both, 1, kw, &k, 1);
}

static AVal *span(Front *f, AVal *from, AVal *to)
{
    AVal *s = av_tuple(f, (AVal *[]){from, to, av_none(f)}, 3);
    s->kind = A_SLICE;
    return s;
}

/* [[re, -im], [im, re]] does to [re, im] what the matrix does to complex numbers. */
static AVal *real_form(Front *f, const Nd *d)
{
    AVal *p[2];
    parts_of(f, d, p);
    if (!p[1]) p[1] = np_call(f, "zeros_like", p, 1);
    AVal *neg = front_elem(f, OP_NEG, &p[1], 1);
    return joined(f, joined(f, p[0], neg, 1), joined(f, p[1], p[0], 1), 0);
}

static AVal *complex_equations(Front *f, const Nd *a, const Nd *b, const char *name)
{
    bool solve = !strcmp(name, "solve");
    if (!solve && strcmp(name, "inv") != 0)
        front_unsup(f, UNSUP_COMPLEX, "np.linalg.%s of complex numbers is not compiled",
                    name);
    AVal *n = nd_len(f, a, 0), *none = av_none(f), *arg[2] = {real_form(f, a), NULL};
    AVal *key[2] = {span(f, none, n), span(f, n, none)}, *part[2];
    if (solve) {
        parts_of(f, b, part);
        if (!part[1]) part[1] = np_call(f, "zeros_like", part, 1);
        arg[1] = joined(f, part[0], part[1], 0);
    }
    AVal *x = np_call(f, arena_printf(f->arena, "linalg.%s", name), arg, solve ? 2 : 1);
    for (int k = 0; k < 2; k++) {
        AVal *both[2] = {key[k], key[0]};
        part[k] = lower_subscript(f, x, solve ? key[k] : av_tuple(f, both, 2));
    }
    return front_elem(f, OP_CMAKE, part, 2);
}

/* One of more than two dimensions, or matrices of bools; NULL: no such ones. */
static AVal *product_many(Front *f, AVal *a, AVal *b, const char *what)
{
    Nd x = operand_many(f, a, what), y = operand_many(f, b, what);
    AVal *in[2] = {nd_av(f, &x), nd_av(f, &y)};
    if (x.n > 2 || y.n > 2) {
        bool dot = strcmp(what, "matmul") != 0 && x.n && y.n;
        if (x.n && y.n)
            return library_call(f, dot ? "np._dot_many" : "np._stacked", in, 2);
    }
    bool bools = x.n && y.n && x.n + y.n > 2 && nd_elem_type(&x).dt == DT_BOOL &&
                 nd_elem_type(&y).dt == DT_BOOL;
    return bools ? library_call(f, "np._bool_product", in, 2) : NULL;
}

AVal *np_product(Front *f, AVal *a, AVal *b, const char *what)
{
    AVal *many = product_many(f, a, b, what);
    if (many) return many;
    Nd x = operand(f, a, what), y = operand(f, b, what);
    check_lengths(f, &x, &y, what);
    if (is_complex(&x) || is_complex(&y)) {
        if (x.n == 1 && y.n == 1) return inner(f, &x, &y);
        return complex_product(f, &x, &y, what);
    }
    bool bools = nd_elem_type(&x).dt == DT_BOOL && nd_elem_type(&y).dt == DT_BOOL;
    if (x.n == 1 && y.n == 1 && bools) {
        AVal *both = front_elem(f, OP_BITAND, (AVal *[]){a, b}, 2);
        return np_call(f, "any", &both, 1);
    }
    if (x.n == 1 && y.n == 1) return inner(f, &x, &y);
    Type t;
    if (!type_promote(nd_elem_type(&x), nd_elem_type(&y), &t) || t.dt == DT_BOOL)
        front_unsup(f, UNSUP_API, "%s of such values is not supported", what);
    DType dt = dt_is_float((DType)t.dt) ? DT_F64 : DT_I64;
    AVal *r = product(f, &x, &y, dt);
    if (t.dt == dt) return r;
    Nd d = nd_of(f, r);
    d = nd_copy(f, &d, type_with(t, TY_SCALAR));
    return nd_av(f, &d);
}

static bool is_number(const AVal *v)
{
    return v->kind == A_CONST || v->kind == A_SCALAR;
}

/* The functions that broadcast over all but their last dimensions: how many they need.
 */
static void core_dims(Front *f, const char *name, AVal *const *arg)
{
    static const struct {
        const char *name;
        int need[2];
        bool many; /* more dimensions are compiled */
    } core[] = {
        {"matmul", {1, 1}, true },
        {"vecdot", {1, 1}, true },
        {"matvec", {2, 1}, false},
        {"vecmat", {1, 2}, false},
    };
    for (idx i = 0; i < COUNT_OF(core); i++) {
        if (strcmp(core[i].name, name) != 0) continue;
        for (int k = 0; k < 2; k++) {
            int n = is_number(arg[k]) ? 0 : operand_many(f, arg[k], name).n;
            if (n < core[i].need[k])
                front_fail(f, E_VALUE,
                           "%s: Input operand %d does not have enough dimensions (has "
                           "%d, gufunc core requires %d)",
                           name, k, n, core[i].need[k]);
            if (n > core[i].need[k] && !core[i].many)
                front_unsup(f, UNSUP_API, "np.%s() of many at once", name);
        }
    }
}

AVal *build_np_dot(Front *f, Call *c)
{
    AVal *a = c->self ? c->self : c->arg[0], *b = c->arg[c->self ? 0 : 1];
    const char *name = call_short(c);
    core_dims(f, name, (AVal *[]){a, b});
    /* Unlike the operator's, dot's numbers are as strong as arrays. */
    if (is_number(a)) a = av_scalar(f, front_val(f, a));
    if (is_number(b)) b = av_scalar(f, front_val(f, b));
    if (is_number(a) || is_number(b)) return front_elem(f, OP_MUL, (AVal *[]){a, b}, 2);
    if (!strcmp(name, "vdot")) {
        Nd x = operand_many(f, a, name), y = operand_many(f, b, name);
        if (x.n > 1) a = np_call(f, "ravel", &a, 1);
        if (y.n > 1) b = np_call(f, "ravel", &b, 1);
        if (is_complex(&x)) a = np_call(f, "conjugate", &a, 1);
    }
    if (!strcmp(name, "inner")) {
        Nd x = operand_many(f, a, name), y = operand_many(f, b, name);
        if (x.n > 2 || y.n > 2)
            return library_call(f, "np._inner_many", (AVal *[]){a, b}, 2);
        if (y.n == 2) {
            y = nd_permute(&y, (int[]){1, 0});
            b = nd_av(f, &y);
        }
    }
    if (!strcmp(name, "vecmat")) a = np_call(f, "conjugate", &a, 1);
    bool dot = !strcmp(name, "dot") || !strcmp(name, "inner") || !strcmp(name, "vdot");
    return np_product(f, a, b, dot ? "dot" : "matmul");
}

AVal *build_nd_vecdot(Front *f, Call *c)
{
    AVal *x = c->arg[0], *y = c->arg[1], *axis = call_arg(f, c, "axis");
    core_dims(f, "vecdot", c->arg);
    Nd a = operand(f, x, "vecdot"), b = operand(f, y, "vecdot");
    if (is_complex(&a)) x = np_call(f, "conjugate", &x, 1);
    if (nd_elem_type(&a).dt == DT_BOOL && nd_elem_type(&b).dt == DT_BOOL)
        front_unsup(f, UNSUP_API, "np.vecdot() of bools: write (a & b).any(axis=-1)");
    AVal *v = front_elem(f, OP_MUL, (AVal *[]){x, y}, 2);
    AVal *sum =
        front_call(f, av_api(f, "np.sum"), &v, 1, (const char *[]){"axis"}, &axis, 1);
    return as_elements(f, sum, v);
}

/* All elements in one dimension; a number is one. */
static Nd flat(Front *f, AVal *v)
{
    if (is_number(v)) v = av_list(f, &v, 1);
    return nd_of(f, np_call(f, "ravel", &v, 1));
}

AVal *build_np_outer(Front *f, Call *c)
{
    Nd a = operand_many(f, c->arg[0], "outer"), b = operand_many(f, c->arg[1], "outer");
    if (a.n != 1) a = flat(f, c->arg[0]);
    if (b.n != 1) b = flat(f, c->arg[1]);
    nd_insert(f, &a, 1);
    nd_insert(f, &b, 0);
    return front_elem(f, OP_MUL, (AVal *[]){nd_av(f, &a), nd_av(f, &b)}, 2);
}

/* What was made in float64 of operands of float32 only. */
static AVal *narrowed(Front *f, AVal *v, const Nd *a, const Nd *b)
{
    bool single =
        nd_elem_type(a).dt == DT_F32 && (!b->n || nd_elem_type(b).dt == DT_F32);
    Type t = type_scalar(DT_F32);
    if (!single) return v;
    if (v->kind != A_ARRAY) return av_scalar(f, front_cast(f, front_val(f, v), t));
    Nd d = nd_of(f, v);
    d = nd_copy(f, &d, t);
    return nd_av(f, &d);
}

/* -- Factors ----------------------------------------------------------------------- */
static Nd square(Front *f, const Nd *v)
{
    Nd a = *v;
    if (a.n != 2)
        front_fail(f, E_LINALG,
                   "%d-dimensional array given. Array must be at least two-dimensional",
                   a.n);
    AVal *bad = lower_compare(f, AST_NotEq, nd_len(f, &a, 0), nd_len(f, &a, 1));
    nd_check(f, bad, E_LINALG, "Last 2 dimensions of the array must be square", 0,
             NULL);
    a = in_type(f, &a, DT_F64);
    a.axis = NULL;
    return a;
}

AVal *build_np_linalg(Front *f, Call *c)
{
    const char *name = call_short(c);
    Nd many = operand_many(f, c->arg[0], name), whole, right = {0};
    bool stacks = many.n > 2;
    if (c->sig->n > 1 && !stacks) {
        right = operand_many(f, c->arg[1], name);
        stacks = right.n > 2 && many.n > 1;
    }
    if (stacks) {
        const char *of_many = arena_printf(f->arena, "np._many_%s", name);
        return library_call(f, of_many, c->arg, c->sig->n);
    }
    whole = operand(f, c->arg[0], name);
    if (c->sig->n > 1) right = operand(f, c->arg[1], name);
    if (is_complex(&whole) || (right.n && is_complex(&right)))
        return complex_equations(f, &whole, &right, name);
    Nd a = square(f, &whole), b = {0}, r = {.n = 2};
    ValVec v = {0};
    nd_push(f, &v, &a);
    bool solve = !strcmp(name, "solve"), det = !strcmp(name, "det"), one = false;
    r.shape[0] = a.shape[0];
    r.shape[1] = a.shape[1];
    if (solve) {
        b = right;
        one = b.n == 1;
        AVal *n = nd_len(f, &a, 0), *m = nd_len(f, &b, 0);
        const char *text =
            "solve: Input operand 1 has a mismatch in its core dimension 0, "
            "with gufunc signature (m,m),(m,n)->(m,n) (size %d is different "
            "from %d)";
        const char *text1 =
            "solve1: Input operand 1 has a mismatch in its core dimension 0, "
            "with gufunc signature (m,m),(m)->(m) (size %d is different from "
            "%d)";
        nd_check(f, lower_compare(f, AST_NotEq, n, m), E_VALUE, one ? text1 : text, 2,
                 (AVal *[]){m, n});
        b = in_type(f, &b, DT_F64);
        b = as_matrix(f, &b, false);
        b.axis = NULL;
        nd_push(f, &v, &b);
        r.shape[1] = b.shape[1];
    }
    if (one) r.n = 1;
    Node *n = node_put(f, f->at, OP_LINALG, v.v.at, (int)v.v.n, one ? 2 : 1);
    node_set_ints(f->fn, n, "ax", (int64_t[]){0, 0}, solve ? 2 : 1);
    node_set_text(f->fn, n, "what", name, (idx)strlen(name));
    if (!det) return narrowed(f, made(f, n, &r, type_scalar(DT_F64)), &whole, &right);
    n->res[0].type = type_scalar(DT_F64);
    return narrowed(f, av_scalar(f, &n->res[0]), &whole, &right);
}

AVal *np_factor(Front *f, const char *what, AVal *const *arg, idx narg)
{
    ValVec v = {0};
    Nd r = {.n = 1}, given[2] = {0};
    for (idx i = 0; i < 2 && i < narg; i++) {
        Nd a = operand(f, arg[i], what);
        given[i] = a;
        a = in_type(f, &a, DT_F64);
        a.axis = NULL;
        nd_push(f, &v, &a);
    }
    if (narg > 2) val_push(f, &v, np_cast(f, front_val(f, arg[2]), DT_F64));
    Node *n = node_put(f, f->at, OP_LINALG, v.v.at, (int)v.v.n, 2);
    node_set_ints(f->fn, n, "ax", (int64_t[]){0, 0}, narg > 1 ? 2 : 1);
    node_set_text(f->fn, n, "what", what, (idx)strlen(what));
    node_set_int(f->fn, n, "factor", 1);
    AVal *flat = made(f, n, &r, type_scalar(DT_F64));
    return narrowed(f, flat, &given[0], &given[1]);
}

/* -- Norms, traces ----------------------------------------------------------------- */
/* np.name(x, axis=, keepdims=) as the call has them. */
static AVal *reduced(Front *f, Call *c, const char *name, AVal *x)
{
    const char *kw[2] = {"axis", "keepdims"};
    AVal *val[2] = {call_arg(f, c, kw[0]), call_arg(f, c, kw[1])};
    const char *full = arena_printf(f->arena, "np.%s", name);
    return front_call(f, av_api(f, full), &x, 1, kw, val, 2);
}

static AVal *root_of_squares(Front *f, Call *c, AVal *x)
{
    AVal *v = front_elem(f, OP_MUL, (AVal *[]){x, x}, 2);
    return np_op1(f, OP_SQRT, reduced(f, c, "sum", v));
}

AVal *build_np_norm(Front *f, Call *c)
{
    AVal *x = call_arg(f, c, "x"), *ord = call_arg(f, c, "ord");
    Nd d = operand_many(f, x, "norm");
    if (is_complex(&d)) {
        x = np_op1(f, OP_ABS, nd_av(f, &d));
        d = nd_of(f, x);
    }
    d = in_type(f, &d, nd_elem_type(&d).dt == DT_F32 ? DT_F32 : DT_F64);
    x = nd_av(f, &d);
    AVal *axis = call_arg(f, c, "axis");
    bool two = axis->kind == A_TUPLE && axis->n == 2, all = av_is_none(axis);
    bool vectors = all ? d.n == 1 : !(axis->kind == A_TUPLE && axis->n > 1);
    bool fro = ord->kind == A_CONST && ord->ck == AC_STR && !strcmp(ord->s, "fro");
    bool second = ord->kind == A_CONST && (ord->ck == AC_INT     ? ord->i == 2
                                           : ord->ck == AC_FLOAT ? ord->f == 2
                                                                 : false);
    if (ord->arg) ord->arg->demanded = true;
    bool squares = ord->kind == A_NONE ? all || vectors || two
                   : fro               ? (all ? d.n == 2 : two)
                                       : second && vectors;
    if (squares) return root_of_squares(f, c, x);
    AVal *in[4] = {x, ord, axis, call_arg(f, c, "keepdims")};
    return library_call(f, "np.linalg.norm", in, 4);
}

AVal *build_np_trace(Front *f, Call *c)
{
    AVal *part[4] = {c->self ? c->self : c->arg[0], call_arg(f, c, "offset"),
                     call_arg(f, c, "axis1"), call_arg(f, c, "axis2")};
    Nd d = operand_many(f, part[0], "trace");
    bool plain =
        part[1]->kind == A_CONST && !part[1]->i && !part[2]->i && part[3]->i == 1;
    if (d.n > 2 || !plain) return library_call(f, "np._trace", part, 4);
    if (d.n != 2)
        front_fail(f, E_VALUE, "diag requires an array of at least two dimensions");
    Nd r = {.n = 1, .base = d.base, .off = d.off};
    AVal *two[2] = {d.axis ? nd_len(f, &d, 0) : d.shape[0], d.shape[1]};
    r.shape[0] = builtin_call(f, "builtins.min", two, 2, NULL, NULL, 0);
    r.stride[0] = ix_add(f, d.stride[0], d.stride[1]);
    AVal *v = nd_av(f, &r);
    return np_call(f, "sum", &v, 1);
}
