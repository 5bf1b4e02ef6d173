/* SPDX-License-Identifier: Apache-2.0
 * Numbers as objects: attributes and methods of int, float, complex and NumPy scalars,
 * complex(), abs() of complex numbers.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <math.h>
#include <string.h>

/* -- Tools ------------------------------------------------------------------------- */
static AVal *like(Front *f, const AVal *self, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = self->kind == A_CONST || self->i == 1;
    return r;
}

static AVal *weak(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

static DType dtype_at(const AVal *v)
{
    if (v->kind == A_SCALAR && v->val->type.kind == TY_SCALAR &&
        (v->val->type.null == NULL_NONE || v->val->type.null == NULL_NAN))
        return (DType)v->val->type.dt;
    if (v->kind != A_CONST) return DT_COUNT;
    switch ((AstConst)v->ck) {
    case AC_BOOL: return DT_BOOL;
    case AC_INT: return DT_I64;
    case AC_FLOAT: return DT_F64;
    default: return DT_COUNT;
    }
}

static bool is_whole(DType d)
{
    return d == DT_BOOL || dt_is_int(d);
}

static bool is_numpy(const AVal *v)
{
    return v->kind == A_SCALAR && v->i != 1;
}

bool num_is_complex(const AVal *v)
{
    DType d = dtype_at(v);
    return d != DT_COUNT && dt_is_complex(d);
}

bool num_is_single(const AVal *v)
{
    DType d = dtype_at(v);
    return d == DT_F32 || d == DT_C64;
}

static Val *call(Front *f, const char *fn, Val *x)
{
    Val *v = val_put(f, OP_MATHF, &x, 1, x->type, NULL);
    node_set_text(f->fn, v->def, "fn", fn, (idx)strlen(fn));
    return v;
}

static AVal *elem1(Front *f, Op op, AVal *v)
{
    AVal *r = front_elem(f, op, &v, 1);
    if (r->kind == A_SCALAR) r->i = v->kind == A_CONST || v->i == 1;
    return r;
}

/* bool counts as int here, but NumPy's stays. */
AVal *num_plain(Front *f, AVal *v)
{
    if (is_numpy(v)) return v;
    if (v->kind == A_CONST && v->ck == AC_BOOL && !v->arg) return av_int(f, v->i);
    if (dtype_at(v) != DT_BOOL) return v;
    return weak(f, front_cast(f, front_val(f, v), type_scalar(DT_I64)));
}

/* -- Attributes -------------------------------------------------------------------- */
AVal *num_real(Front *f, AVal *v)
{
    return num_is_complex(v) ? elem1(f, OP_CREAL, v) : num_plain(f, v);
}

AVal *num_imag(Front *f, AVal *v)
{
    if (num_is_complex(v)) return elem1(f, OP_CIMAG, v);
    Val *x = front_val(f, num_plain(f, v));
    return like(f, v, front_cast(f, int_val(f, 0), x->type));
}

static AVal *numpy_attr(Front *f, const AVal *v, const char *name)
{
    Type t = v->val->type;
    if (!strcmp(name, "ndim")) return av_int(f, 0);
    if (!strcmp(name, "size")) return av_int(f, 1);
    if (!strcmp(name, "shape")) return av_tuple(f, NULL, 0);
    if (!strcmp(name, "itemsize") || !strcmp(name, "nbytes"))
        return av_int(f, dtype_info[t.dt].bytes);
    if (strcmp(name, "dtype") != 0) return NULL;
    AVal *r = av_new_kind(f, A_DTYPE);
    r->type = t;
    return r;
}

AVal *num_attr(Front *f, AVal *v, const char *name)
{
    DType d = dtype_at(v);
    if (d == DT_COUNT || !dt_is_number(d)) return NULL;
    if (!strcmp(name, "real")) return num_real(f, v);
    if (!strcmp(name, "imag")) return num_imag(f, v);
    if (!strcmp(name, "numerator") && is_whole(d)) return num_plain(f, v);
    if (!strcmp(name, "denominator") && is_whole(d)) return av_int(f, 1);
    return is_numpy(v) ? numpy_attr(f, v, name) : NULL;
}

/* -- Methods ----------------------------------------------------------------------- */
typedef AVal *NumMethod(Front *f, AVal *self, AVal *const *arg, idx narg);

static AVal *do_conjugate(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    if (!num_is_complex(v)) return num_plain(f, v);
    AVal *im = elem1(f, OP_CIMAG, v), *neg = elem1(f, OP_NEG, im);
    AVal *r = front_elem(f, OP_CMAKE, (AVal *[]){elem1(f, OP_CREAL, v), neg}, 2);
    r->i = v->kind == A_CONST || v->i == 1;
    return r;
}

static Val *as(Front *f, AVal *v, DType d)
{
    return front_cast(f, front_val(f, v), type_scalar(d));
}

static AVal *do_bit_length(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    return weak(f, call(f, "bit_length", as(f, v, DT_I64)));
}

static AVal *do_bit_count(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    Val *n = front_val(f, v);
    bool wide = n->type.dt == DT_U64;
    n = call(f, wide ? "bit_count_u" : "bit_count", as(f, v, DT_I64));
    return weak(f, n);
}

static AVal *do_is_integer(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    if (!dt_is_float(dtype_at(v))) return av_bool(f, true);
    AVal *x = weak(f, as(f, v, DT_F64)), *whole = elem1(f, OP_FLOOR, x);
    AVal *same = front_elem(f, OP_EQ, (AVal *[]){x, whole}, 2);
    AVal *size = elem1(f, OP_ABS, x), *inf = av_float(f, HUGE_VAL);
    AVal *finite = front_elem(f, OP_LT, (AVal *[]){size, inf}, 2);
    AVal *r = front_elem(f, OP_BITAND, (AVal *[]){same, finite}, 2);
    r->i = 1;
    return r;
}

static AVal *do_ratio(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    if (!dt_is_float(dtype_at(v)))
        return av_tuple(f, (AVal *[]){num_plain(f, v), av_int(f, 1)}, 2);
    AVal *x = weak(f, as(f, v, DT_F64)), *size = elem1(f, OP_ABS, x);
    lower_raise_if(f, front_elem(f, OP_NE, (AVal *[]){x, x}, 2), E_VALUE,
                   "cannot convert NaN to integer ratio");
    AVal *inf = av_float(f, HUGE_VAL);
    lower_raise_if(f, front_elem(f, OP_EQ, (AVal *[]){size, inf}, 2), E_OVERFLOW,
                   "cannot convert Infinity to integer ratio");
    AVal *part[2];
    static const char *const fn[] = {"ratio_n", "ratio_d"};
    for (int k = 0; k < 2; k++) {
        AVal *p = weak(f, call(f, fn[k], x->val));
        AVal *big = front_elem(f, OP_GE,
                               (AVal *[]){elem1(f, OP_ABS, p), av_float(f, 0x1p63)}, 2);
        lower_raise_if(f, big, E_OVERFLOW,
                       "as_integer_ratio(): the ratio does not fit int64");
        part[k] = weak(f, front_cast(f, p->val, type_scalar(DT_I64)));
    }
    return av_tuple(f, part, 2);
}

static AVal *do_hex(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    Val *x = as(f, v, DT_F64);
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    return av_scalar(f, obj_call(f, OP_TEXT, "float_hex", NULL, &x, 1, t));
}

/* The Python number of a NumPy scalar. */
static AVal *do_item(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    (void)arg, (void)narg;
    DType d = dtype_at(v);
    if (d == DT_BOOL || d == DT_U64) return weak(f, front_val(f, v));
    return weak(f, as(f, v, dt_is_int(d) ? DT_I64 : dt_is_float(d) ? DT_F64 : DT_C128));
}

static AVal *do_astype(Front *f, AVal *v, AVal *const *arg, idx narg)
{
    Type t;
    if (narg != 1 || !dtype_of(f, arg[0], &t) || !dt_is_number((DType)t.dt))
        front_unsup(f, UNSUP_VALUE, "astype() of a scalar needs a dtype of numbers");
    t.null = (uint8_t)null_default((DType)t.dt);
    return av_scalar(f, front_cast(f, front_val(f, v), type_with(t, TY_SCALAR)));
}

enum { WHOLE = 1, REAL = 2, COMPLEX = 4, PYTHON = 8, NUMPY = 16 };
static const struct {
    const char *name;
    NumMethod *run;
    int of, most;
} methods[] = {
    {"conjugate",        do_conjugate,  WHOLE | REAL | COMPLEX | PYTHON | NUMPY, 0},
    {"conj",             do_conjugate,  WHOLE | REAL | COMPLEX | NUMPY,          0},
    {"bit_length",       do_bit_length, WHOLE | PYTHON,                          0},
    {"bit_count",        do_bit_count,  WHOLE | PYTHON | NUMPY,                  0},
    {"is_integer",       do_is_integer, REAL | PYTHON | NUMPY,                   0},
    {"is_integer",       do_is_integer, WHOLE | NUMPY,                           0},
    {"as_integer_ratio", do_ratio,      WHOLE | REAL | PYTHON,                   0},
    {"as_integer_ratio", do_ratio,      REAL | NUMPY,                            0},
    {"hex",              do_hex,        REAL | PYTHON,                           0},
    {"item",             do_item,       WHOLE | REAL | COMPLEX | NUMPY,          0},
    {"tolist",           do_item,       WHOLE | REAL | COMPLEX | NUMPY,          0},
    {"astype",           do_astype,     WHOLE | REAL | COMPLEX | NUMPY,          1},
};

static int method_row(const AVal *v, const char *name)
{
    DType d = dtype_at(v);
    if (d == DT_COUNT || !dt_is_number(d)) return -1;
    int kind = is_whole(d) ? WHOLE : dt_is_float(d) ? REAL : COMPLEX;
    int origin = is_numpy(v) ? NUMPY : PYTHON;
    if (is_numpy(v) && d == DT_F64) origin |= PYTHON; /* np.float64 is a float */
    for (int i = 0; i < (int)COUNT_OF(methods); i++)
        if ((methods[i].of & kind) && (methods[i].of & origin) &&
            !strcmp(methods[i].name, name))
            return i;
    return -1;
}

bool num_has_method(const AVal *v, const char *name)
{
    return method_row(v, name) >= 0;
}

AVal *num_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                 idx nkw)
{
    int r = method_row(self, name);
    if (nkw || narg > methods[r].most)
        front_fail(f, E_TYPE, "%s() takes %s argument%s (%lld given)", name,
                   methods[r].most ? "1" : "no", methods[r].most ? "" : "s",
                   (long long)narg + (long long)nkw);
    return methods[r].run(f, self, arg, narg);
}

/* -- complex() --------------------------------------------------------------------- */
AVal *av_complex(Front *f, double re, double im)
{
    Val *c = ir_const_float(f->fn, f->at, f->loc, type_scalar(DT_C128), re);
    node_set_float(f->fn, c->def, "im", im);
    return weak(f, c);
}

static void need_number(Front *f, AVal *v, const char *what)
{
    DType d = dtype_at(v);
    if (d != DT_COUNT && dt_is_number(d)) return;
    f->hints->python = true;
    front_fail(f, E_TYPE, "complex() %s must be a %snumber, not '%s'", what,
               *what == 'f' ? "string or a " : "", front_class_text(f, v));
}

static bool is_text(const AVal *v)
{
    return (v->kind == A_CONST && v->ck == AC_STR) ||
           (v->kind == A_SCALAR && v->val->type.dt == DT_STR);
}

static AVal *of_text(Front *f, AVal *v)
{
    Val *t = front_val(f, v);
    return weak(
        f, obj_call(f, OP_OBJWRITE, "text_complex", NULL, &t, 1, type_scalar(DT_C128)));
}

AVal *num_complex(Front *f, AVal *re, AVal *im)
{
    if (re && is_text(re)) {
        if (im)
            front_fail(f, E_TYPE,
                       "complex() can't take second arg if first is a string");
        return of_text(f, re);
    }
    if (re)
        need_number(f, re,
                    im ? "first argument" : "first argument must be a string or");
    if (im) need_number(f, im, "second argument");
    Val *zero = ir_const_float(f->fn, f->at, f->loc, type_scalar(DT_F64), 0);
    AVal *a = re ? re : av_float(f, 0);
    if (!im && num_is_complex(a)) return weak(f, as(f, a, DT_C128));
    AVal *x =
        weak(f, num_is_complex(a) ? as(f, num_real(f, a), DT_F64) : as(f, a, DT_F64));
    AVal *y = weak(f, num_is_complex(a) ? as(f, num_imag(f, a), DT_F64) : zero);
    if (im && num_is_complex(im)) {
        AVal *minus = weak(f, as(f, num_imag(f, im), DT_F64));
        x = front_elem(f, OP_SUB, (AVal *[]){x, minus}, 2);
        im = num_real(f, im);
    }
    if (im) {
        AVal *more = weak(f, as(f, im, DT_F64));
        y = num_is_complex(a) ? front_elem(f, OP_ADD, (AVal *[]){y, more}, 2) : more;
    }
    AVal *r = front_elem(f, OP_CMAKE, (AVal *[]){x, y}, 2);
    r->i = 1;
    return r;
}

/* -- abs() ------------------------------------------------------------------------- */
/* Too large: looked at only when the square of the size is infinite, so that loops that
 * only compare sizes have no call. */
static void size_check(Front *f, AVal *v)
{
    AVal *re = elem1(f, OP_CREAL, v), *im = elem1(f, OP_CIMAG, v);
    AVal *inf = av_float(f, HUGE_VAL);
    AVal *square = front_elem(f, OP_ADD,
                              (AVal *[]){front_elem(f, OP_MUL, (AVal *[]){re, re}, 2),
                                         front_elem(f, OP_MUL, (AVal *[]){im, im}, 2)},
                              2);
    AVal *far = front_elem(f, OP_EQ, (AVal *[]){square, inf}, 2);
    Node *n = node_put(f, f->at, OP_IF, &far->val, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0),
           *back = f->at;
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    f->at = yes;
    AVal *size = elem1(f, OP_ABS, v);
    AVal *bad = front_elem(f, OP_EQ, (AVal *[]){size, inf}, 2);
    AVal *part[2] = {re, im};
    for (int k = 0; k < 2; k++) {
        AVal *fine =
            front_elem(f, OP_LT, (AVal *[]){elem1(f, OP_ABS, part[k]), inf}, 2);
        bad = front_elem(f, OP_BITAND, (AVal *[]){bad, fine}, 2);
    }
    lower_raise_if(f, bad, E_OVERFLOW, "absolute value too large");
    node_put(f, yes, OP_YIELD, NULL, 0, 0);
    f->at = back;
}

AVal *num_size(Front *f, AVal *v)
{
    if (!is_numpy(v)) size_check(f, v);
    return elem1(f, OP_ABS, v);
}

/* abs(z) op x without the root: z of abs(z); NULL. */
static Val *size_of_what(const AVal *v)
{
    if (v->kind != A_SCALAR || !v->val->def || v->val->def->op != OP_ABS) return NULL;
    Val *z = v->val->def->arg[0];
    return z->type.kind == TY_SCALAR && z->type.dt == DT_C128 ? z : NULL;
}

AVal *num_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    static const char *const turned[OP_COUNT] = {
        [OP_LT] = "g", [OP_LE] = "G", [OP_GT] = "l", [OP_GE] = "L"};
    static const char *const straight[OP_COUNT] = {
        [OP_LT] = "l", [OP_LE] = "L", [OP_GT] = "g", [OP_GE] = "G"};
    Op row = infer_op(op);
    if (row == OP_COUNT || !straight[row]) return NULL;
    Val *z = size_of_what(a);
    bool swap = !z;
    if (swap && !(z = size_of_what(b))) return NULL;
    AVal *other = swap ? a : b;
    DType d = dtype_at(other);
    if (d != DT_F64 && d != DT_I64) return NULL;
    Val *in[2] = {z, as(f, other, DT_F64)};
    Val *v = val_put(f, OP_ABSCMP, in, 2, type_scalar(DT_BOOL), NULL);
    node_set_text(f->fn, v->def, "op", swap ? turned[row] : straight[row], 1);
    return like(f, swap ? b : a, v);
}
