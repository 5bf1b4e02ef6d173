/* SPDX-License-Identifier: Apache-2.0
 * The module cmath on scalars. Functions whose result is complex are runtime calls with
 * Python's errors; the rest is made of the parts.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <math.h>
#include <string.h>

static AVal *weak(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

static AVal *op(Front *f, Op o, AVal *a, AVal *b)
{
    AVal *v = front_elem(f, o, (AVal *[]){a, b}, b ? 2 : 1);
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

static AVal *complex_of(Front *f, AVal *v)
{
    bool text = (v->kind == A_CONST && v->ck == AC_STR) ||
                (v->kind == A_SCALAR && v->val->type.dt == DT_STR);
    bool number = v->kind == A_CONST || v->kind == A_SCALAR;
    if (text || !number)
        front_fail(f, E_TYPE, "must be real number, not %s",
                   text ? "str" : av_type_text(f, v));
    return num_complex(f, v, NULL);
}

static AVal *real_of(Front *f, AVal *v)
{
    DType d = v->kind == A_CONST || v->kind == A_SCALAR
                  ? (DType)front_val(f, v)->type.dt
                  : DT_STR;
    if (!dt_is_num(d))
        front_fail(f, E_TYPE, "must be real number, not %s", av_type_text(f, v));
    return weak(f, front_cast(f, front_val(f, v), type_scalar(DT_F64)));
}

static AVal *call(Front *f, const char *fn, AVal *z)
{
    Val *x = front_val(f, z);
    Val *v = val_put(f, OP_CMATH, &x, 1, type_scalar(DT_C128), NULL);
    node_set_text(f->fn, v->def, "fn", fn, (idx)strlen(fn));
    return weak(f, v);
}

static AVal *phase(Front *f, AVal *z)
{
    return op(f, OP_ATAN2, num_imag(f, z), num_real(f, z));
}

static AVal *is_nan(Front *f, AVal *v)
{
    return op(f, OP_NE, v, v);
}

static AVal *is_inf(Front *f, AVal *v)
{
    return op(f, OP_EQ, op(f, OP_ABS, v, NULL), av_float(f, HUGE_VAL));
}

static AVal *is_finite(Front *f, AVal *v)
{
    return op(f, OP_LT, op(f, OP_ABS, v, NULL), av_float(f, HUGE_VAL));
}

static AVal *part_test(Front *f, const char *name, AVal *z)
{
    AVal *re = num_real(f, z), *im = num_imag(f, z);
    if (!strcmp(name, "isnan")) return op(f, OP_BITOR, is_nan(f, re), is_nan(f, im));
    if (!strcmp(name, "isinf")) return op(f, OP_BITOR, is_inf(f, re), is_inf(f, im));
    return op(f, OP_BITAND, is_finite(f, re), is_finite(f, im));
}

static AVal *choose(Front *f, AVal *cond, AVal *a, AVal *b)
{
    AVal *v = front_elem(f, OP_SELECT, (AVal *[]){cond, a, b}, 3);
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

/* r * (cos(phi) + sin(phi) j); nothing turned has no direction. */
static AVal *rect(Front *f, AVal *r, AVal *phi)
{
    AVal *zero = av_float(f, 0);
    AVal *some = op(f, OP_BITOR, op(f, OP_LT, r, zero), op(f, OP_GT, r, zero));
    lower_raise_if(f, op(f, OP_BITAND, is_inf(f, phi), some), E_VALUE,
                   "math domain error");
    AVal *flat = op(f, OP_EQ, phi, zero);
    AVal *re = op(f, OP_MUL, r, op(f, OP_COS, phi, NULL));
    AVal *im = op(f, OP_MUL, r, op(f, OP_SIN, phi, NULL));
    return op(f, OP_CMAKE, choose(f, flat, r, re),
              choose(f, flat, op(f, OP_MUL, r, phi), im));
}

static AVal *log_base(Front *f, AVal *z, AVal *base)
{
    AVal *a = call(f, "log", z), *b = call(f, "log", base);
    return op(f, OP_DIV, a, b);
}

static AVal *keyword(const char *name, AVal *dflt, const char *const *kw,
                     AVal *const *kwval, idx nkw)
{
    for (idx i = 0; i < nkw; i++)
        if (!strcmp(kw[i], name)) return kwval[i];
    return dflt;
}

static AVal *is_close(Front *f, AVal *a, AVal *b, AVal *rel, AVal *tol)
{
    AVal *zero = av_float(f, 0), *x = complex_of(f, a), *y = complex_of(f, b);
    AVal *neg = op(f, OP_BITOR, op(f, OP_LT, rel, zero), op(f, OP_LT, tol, zero));
    lower_raise_if(f, neg, E_VALUE, "tolerances must be non-negative");
    AVal *gap = op(f, OP_ABS, op(f, OP_SUB, x, y), NULL);
    AVal *p = op(f, OP_LE, gap, op(f, OP_MUL, rel, op(f, OP_ABS, x, NULL)));
    AVal *q = op(f, OP_LE, gap, op(f, OP_MUL, rel, op(f, OP_ABS, y, NULL)));
    AVal *near = op(f, OP_BITOR, op(f, OP_BITOR, p, q), op(f, OP_LE, gap, tol));
    AVal *inf = op(f, OP_BITOR, part_test(f, "isinf", x), part_test(f, "isinf", y));
    near = op(f, OP_BITAND, near, op(f, OP_INVERT, inf, NULL));
    return op(f, OP_BITOR, near, op(f, OP_EQ, x, y));
}

static const struct {
    const char *name;
    char what; /* c: a call, t: a test of the parts; else its own letter */
    int least, most;
} functions[] = {
    {"exp",      'c', 1, 1},
    {"log",      'l', 1, 2},
    {"log10",    'c', 1, 1},
    {"sqrt",     'c', 1, 1},
    {"sin",      'c', 1, 1},
    {"cos",      'c', 1, 1},
    {"tan",      'c', 1, 1},
    {"sinh",     'c', 1, 1},
    {"cosh",     'c', 1, 1},
    {"tanh",     'c', 1, 1},
    {"asin",     'c', 1, 1},
    {"acos",     'c', 1, 1},
    {"atan",     'c', 1, 1},
    {"asinh",    'c', 1, 1},
    {"acosh",    'c', 1, 1},
    {"atanh",    'c', 1, 1},
    {"phase",    'p', 1, 1},
    {"polar",    'o', 1, 1},
    {"rect",     'r', 2, 2},
    {"isnan",    't', 1, 1},
    {"isinf",    't', 1, 1},
    {"isfinite", 't', 1, 1},
    {"isclose",  'n', 2, 2},
};

static int function_row(const char *name)
{
    if (strncmp(name, "cmath.", 6) != 0) return -1;
    for (int i = 0; i < (int)COUNT_OF(functions); i++)
        if (!strcmp(functions[i].name, name + 6)) return i;
    return -1;
}

bool cmath_is(const char *name)
{
    return function_row(name) >= 0;
}

AVal *cmath_call(Front *f, const char *name, AVal *const *arg, idx narg,
                 const char *const *kw, AVal *const *kwval, idx nkw)
{
    int r = function_row(name);
    if (r < 0) return NULL;
    if (narg < functions[r].least || narg > functions[r].most)
        front_fail(f, E_TYPE, "%s() takes %s %d argument%s (%lld given)", name,
                   functions[r].least == functions[r].most ? "exactly"
                   : narg < functions[r].least             ? "at least"
                                                           : "at most",
                   narg < functions[r].least ? functions[r].least : functions[r].most,
                   functions[r].least == 1 ? "" : "s", (long long)narg);
    if (nkw && functions[r].what != 'n')
        front_fail(f, E_TYPE, "%s() takes no keyword arguments", name);
    switch (functions[r].what) {
    case 'c': return call(f, functions[r].name, complex_of(f, arg[0]));
    case 'l':
        if (narg == 1) return call(f, "log", complex_of(f, arg[0]));
        return log_base(f, complex_of(f, arg[0]), complex_of(f, arg[1]));
    case 't': return part_test(f, functions[r].name, complex_of(f, arg[0]));
    case 'p': return phase(f, complex_of(f, arg[0]));
    case 'r': return rect(f, real_of(f, arg[0]), real_of(f, arg[1]));
    case 'o': {
        AVal *z = complex_of(f, arg[0]);
        return av_tuple(f, (AVal *[]){num_size(f, z), phase(f, z)}, 2);
    }
    default:
        return is_close(
            f, arg[0], arg[1],
            real_of(f, keyword("rel_tol", av_float(f, 1e-9), kw, kwval, nkw)),
            real_of(f, keyword("abs_tol", av_float(f, 0), kw, kwval, nkw)));
    }
}
