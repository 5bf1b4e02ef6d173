/* SPDX-License-Identifier: Apache-2.0
 * NumPy's mathematical functions that are no operators of the op table: each is a few
 * operations on one element, applied with broadcasting to arrays of any number of
 * dimensions, to Series and to scalars.
 */
#include "front/infer.h"
#include "front/nd.h"

#include <math.h>
#include <string.h>

typedef Val *LaneFn(Front *f, Val *const *x, const char *fn);

static const bool strong[3] = {false, false, false};

static Val *op1(Front *f, Op op, Val *a)
{
    return infer_lane(f, op, &a, strong, 1);
}

static Val *op2(Front *f, Op op, Val *a, Val *b)
{
    return infer_lane(f, op, (Val *[]){a, b}, strong, 2);
}

static Val *op2c(Front *f, Op op, Val *a, double c)
{
    bool weak[2] = {false, true};
    Val *k = ir_const_float(f->fn, f->at, f->loc, type_scalar(DT_F64), c);
    return infer_lane(f, op, (Val *[]){a, k}, weak, 2);
}

static Val *choose(Front *f, Val *cond, Val *a, Val *b)
{
    return infer_lane(f, OP_SELECT, (Val *[]){cond, a, b}, strong, 3);
}

static Val *number(Front *f, double c, Type t)
{
    return front_cast(f, ir_const_float(f->fn, f->at, f->loc, type_scalar(DT_F64), c),
                      t);
}

static Val *zero_of(Front *f, Type t)
{
    return front_cast(f, int_val(f, 0), type_with(t, TY_SCALAR));
}

/* NumPy's float type for the operands of a function of floats. */
static Type float_type(Front *f, Val *const *x, int n)
{
    DType loop = DT_COUNT, small = DT_COUNT;
    for (int i = 0; i < n; i++) {
        DType dt = (DType)x[i]->type.dt;
        if (!dt_is_num(dt) || dt_is_complex(dt))
            front_fail(f, E_TYPE, "ufunc not supported for the input types: %s",
                       dtype_text(f, x[i]->type));
        DType own = infer_float_loop(dt);
        if (own == DT_COUNT) small = dt;
        if (loop == DT_COUNT || (own != DT_COUNT && own > loop)) loop = own;
    }
    if (loop == DT_COUNT)
        front_unsup(f, UNSUP_OPERATOR,
                    "a function of floats of %s is float16 in NumPy: convert with "
                    "astype(float)",
                    dtype_info[small].text);
    return type_scalar(loop);
}

static Val *call_math(Front *f, const char *fn, Val *const *x, int n)
{
    Type t = float_type(f, x, n), d = type_scalar(DT_F64);
    Val *in[2];
    for (int i = 0; i < n; i++)
        in[i] = front_cast(f, x[i], d);
    Val *v = val_put(f, OP_MATHF, in, n, d, NULL);
    node_set_text(f->fn, v->def, "fn", fn, (idx)strlen(fn));
    return front_cast(f, v, t);
}

static bool is_complex(const Val *v)
{
    return dt_is_complex((DType)v->type.dt);
}

/* Row "c" + fn of math_fn.def. */
static Val *complex_math(Front *f, const char *fn, Val *x)
{
    const char *name = arena_printf(f->arena, "c%s", fn);
    Val *v = val_put(f, OP_MATHF, &x, 1, x->type, NULL);
    node_set_text(f->fn, v->def, "fn", name, (idx)strlen(name));
    return v;
}

static Val *math1(Front *f, Val *const *x, const char *fn)
{
    if (!is_complex(x[0])) return call_math(f, fn, x, 1);
    if (!strcmp(fn, "cbrt"))
        front_fail(f, E_TYPE, "ufunc 'cbrt' not supported for the input types");
    return complex_math(f, fn, x[0]);
}

static Val *math2(Front *f, Val *const *x, const char *fn)
{
    return call_math(f, fn, x, 2);
}

/* -- Parts of complex numbers ------------------------------------------------------ */
static Val *real_part(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    return is_complex(x[0]) ? op1(f, OP_CREAL, x[0]) : x[0];
}

static Val *imag_part(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    return is_complex(x[0]) ? op1(f, OP_CIMAG, x[0]) : zero_of(f, x[0]->type);
}

static NORETURN void no_loop(Front *f, const char *fn)
{
    front_fail(f, E_TYPE,
               "ufunc '%s' not supported for the input types, and the inputs could not "
               "be safely coerced to any supported types according to the casting rule "
               "''safe''",
               fn);
}

static void only_numbers(Front *f, const char *fn, const Val *x)
{
    if (dt_is_time((DType)x->type.dt)) no_loop(f, fn);
}

/* NumPy has no loop of bools for it. */
static Val *no_bool(Front *f, Val *x)
{
    return x->type.dt == DT_BOOL ? front_cast(f, x, type_scalar(DT_I8)) : x;
}

static Val *conjugate(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    only_numbers(f, "conjugate", x[0]);
    if (!is_complex(x[0])) return no_bool(f, x[0]);
    Val *im = op1(f, OP_NEG, op1(f, OP_CIMAG, x[0]));
    return op2(f, OP_CMAKE, op1(f, OP_CREAL, x[0]), im);
}

/* Of a real number: 0 or pi. */
static Val *angle(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    if (is_complex(x[0]))
        return op2(f, OP_ATAN2, op1(f, OP_CIMAG, x[0]), op1(f, OP_CREAL, x[0]));
    Val *v = front_cast(f, x[0], float_type(f, x, 1));
    return op2(f, OP_ATAN2, number(f, 0, v->type), v);
}

/* Of both parts, one bool. */
static Val *of_parts(Front *f, LaneFn *test, Op join, Val *x, const char *fn)
{
    Val *re = op1(f, OP_CREAL, x), *im = op1(f, OP_CIMAG, x);
    return op2(f, join, test(f, &re, fn), test(f, &im, fn));
}

static Val *is_complex_part(Front *f, Val *const *x, const char *fn)
{
    Val *im = imag_part(f, x, fn);
    return op2(f, *fn == 'c' ? OP_NE : OP_EQ, im, zero_of(f, im->type));
}

static Val *square(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    Val *v = no_bool(f, x[0]);
    return op2(f, OP_MUL, v, v);
}

static Val *positive(Front *f, Val *const *x, const char *fn)
{
    DType dt = (DType)x[0]->type.dt;
    if (dt == DT_BOOL || dt == DT_TS) no_loop(f, fn);
    return x[0];
}

/* Loops of floats only: NumPy makes floats of whole numbers. */
static Val *of_floats(Front *f, Val *const *x, const char *fn)
{
    if (*fn == 'r' && is_complex(x[0])) return op2(f, OP_ROUND, x[0], int_val(f, 0));
    Val *v = front_cast(f, x[0], float_type(f, x, 1));
    return *fn == 'f' ? op1(f, OP_ABS, v) : op2(f, OP_ROUND, v, int_val(f, 0));
}

static Val *reciprocal(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    Val *v = no_bool(f, x[0]);
    Type t = v->type;
    if (dt_is_float((DType)t.dt) || is_complex(v))
        return op2(f, OP_DIV, number(f, 1, t), v);
    /* 1 and -1 are their own, the rest of the whole numbers have 0; of 0 is undefined.
     */
    Val *one = front_cast(f, int_val(f, 1), t), *zero = zero_of(f, t);
    int64_t inf = t.dt == DT_I64 ? INT64_MIN : t.dt == DT_I32 ? INT32_MIN : 0;
    Val *rest = front_cast(f, int_val(f, inf), type_with(t, TY_SCALAR));
    rest = choose(f, op2(f, OP_EQ, v, zero), rest, zero);
    return choose(f, op2(f, OP_EQ, op2(f, OP_MUL, v, v), one), v, rest);
}

/* z / |z| of complex numbers, 0 of 0. */
static Val *complex_sign(Front *f, Val *z)
{
    Val *size = op1(f, OP_ABS, z), *none = op2(f, OP_EQ, size, zero_of(f, size->type));
    return choose(f, none, z, op2(f, OP_DIV, z, front_cast(f, size, z->type)));
}

static Val *sign(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    if (is_complex(x[0])) return complex_sign(f, x[0]);
    Type t = type_with(x[0]->type, TY_SCALAR);
    Val *zero = zero_of(f, t), *one = front_cast(f, int_val(f, 1), t);
    Val *low = dt_is_unsigned((DType)t.dt) ? zero : op1(f, OP_NEG, one);
    Val *rest = choose(f, op2(f, OP_LT, x[0], zero), low, x[0]);
    if (t.dt == DT_TD) /* NumPy's of NaT, the lowest count */
        rest = choose(f, op1(f, OP_ISNULL, x[0]), low, rest);
    return choose(f, op2(f, OP_GT, x[0], zero), one, rest);
}

static Val *is_finite(Front *f, Val *const *x, const char *fn)
{
    DType dt = (DType)x[0]->type.dt;
    if (is_complex(x[0])) return of_parts(f, is_finite, OP_BITAND, x[0], fn);
    if (dt_is_time(dt)) return op1(f, OP_NOTNULL, x[0]);
    if (!dt_is_float(dt)) return op2(f, OP_EQ, x[0], x[0]);
    Val *d = op2(f, OP_SUB, x[0], x[0]);
    return op2(f, OP_EQ, d, d);
}

static Val *is_inf(Front *f, Val *const *x, const char *fn)
{
    if (is_complex(x[0])) return of_parts(f, is_inf, OP_BITOR, x[0], fn);
    Val *fin = is_finite(f, x, fn);
    return op2(f, OP_BITAND, op1(f, OP_INVERT, fin), op2(f, OP_EQ, x[0], x[0]));
}

static Val *sign_bit(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    Type t = x[0]->type;
    only_numbers(f, "signbit", x[0]);
    if (is_complex(x[0])) no_loop(f, "signbit");
    if (!dt_is_float((DType)t.dt)) return op2(f, OP_LT, x[0], zero_of(f, t));
    Val *one = op2(f, OP_COPYSIGN, number(f, 1, t), x[0]);
    return op2(f, OP_LT, one, number(f, 0, t));
}

static Val *heaviside(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    Type t = float_type(f, x, 2);
    Val *a = front_cast(f, x[0], t), *zero = number(f, 0, t);
    Val *v = choose(f, op2(f, OP_GT, a, zero), number(f, 1, t), a); /* NaN */
    v = choose(f, op2(f, OP_LT, a, zero), zero, v);
    return choose(f, op2(f, OP_EQ, a, zero), front_cast(f, x[1], t), v);
}

static Val *spacing(Front *f, Val *const *x, const char *fn)
{
    Type t = float_type(f, x, 1);
    if (t.dt == DT_F32)
        front_unsup(f, UNSUP_OPERATOR, "np.spacing of float32: write astype(float)");
    Val *v = front_cast(f, x[0], t), *u = call_math(f, fn, &v, 1);
    return choose(f, is_inf(f, &v, ""), number(f, (double)NAN, t),
                  op2(f, OP_COPYSIGN, u, v));
}

/* Greatest common divisor, least common multiple. */
static Val *divisor(Front *f, Val *const *x, const char *fn)
{
    Type t;
    bool ok = type_promote(x[0]->type, x[1]->type, &t) && dt_is_num((DType)t.dt) &&
              !dt_is_float((DType)t.dt) && t.dt != DT_BOOL;
    if (!ok) no_loop(f, fn);
    bool uns = t.dt == DT_U64;
    Type l = type_scalar(uns ? DT_U64 : DT_I64);
    Val *in[2] = {front_cast(f, x[0], l), front_cast(f, x[1], l)};
    Val *g = val_put(f, OP_MATHF, in, 2, l, NULL);
    node_set_text(f->fn, g->def, "fn", uns ? "ugcd" : "gcd", uns ? 4 : 3);
    if (*fn == 'l') {
        Val *zero = zero_of(f, l), *none = op2(f, OP_EQ, g, zero);
        Val *by = op2(f, OP_FLOORDIV, in[0],
                      choose(f, none, front_cast(f, int_val(f, 1), l), g));
        g = choose(f, none, zero, op1(f, OP_ABS, op2(f, OP_MUL, by, in[1])));
    }
    return front_cast(f, g, type_with(t, TY_SCALAR));
}

/* Ones of the binary digits of |x|: sums of neighbours, of pairs ... (Warren, Hacker's
 * Delight, 5-1), which LLVM knows to be one instruction. */
static Val *bitwise_count(Front *f, Val *const *x, const char *fn)
{
    static const uint64_t mask[3] = {0x5555555555555555, 0x3333333333333333,
                                     0x0f0f0f0f0f0f0f0f};
    DType dt = (DType)x[0]->type.dt;
    Type u = type_scalar(DT_U64);
    if (!dt_is_num(dt) || dt_is_float(dt)) no_loop(f, fn);
    Val *v = no_bool(f, x[0]), *k[3], *n[3];
    if (!dt_is_unsigned(dt)) v = op1(f, OP_ABS, v);
    v = front_cast(f, v, u);
    for (int i = 0; i < 3; i++) {
        k[i] = front_cast(f, int_val(f, (int64_t)mask[i]), u);
        n[i] = front_cast(f, int_val(f, 1 << i), u);
    }
    v = op2(f, OP_SUB, v, op2(f, OP_BITAND, op2(f, OP_SHR, v, n[0]), k[0]));
    v = op2(f, OP_ADD, op2(f, OP_BITAND, v, k[1]),
            op2(f, OP_BITAND, op2(f, OP_SHR, v, n[1]), k[1]));
    v = op2(f, OP_BITAND, op2(f, OP_ADD, v, op2(f, OP_SHR, v, n[2])), k[2]);
    v = op2(f, OP_MUL, v, front_cast(f, int_val(f, 0x0101010101010101), u));
    v = op2(f, OP_SHR, v, front_cast(f, int_val(f, 56), u));
    return front_cast(f, v, type_scalar(DT_U8));
}

static Val *is_nat(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    if (!dt_is_time((DType)x[0]->type.dt))
        front_fail(f, E_TYPE,
                   "ufunc 'isnat' is only defined for np.datetime64 and "
                   "np.timedelta64.");
    return op1(f, OP_ISNULL, x[0]);
}

static Val *scaled(Front *f, Val *const *x, const char *fn)
{
    Val *v = front_cast(f, x[0], float_type(f, x, 1));
    return op2c(f, OP_MUL, v, *fn == 'd' ? 180.0 / M_PI : M_PI / 180.0);
}

static Val *log_add_exp(Front *f, Val *const *x, const char *fn)
{
    Type t = float_type(f, x, 2);
    bool two = !strcmp(fn, "exp2");
    Val *a = front_cast(f, x[0], t), *b = front_cast(f, x[1], t);
    Val *far = op1(f, OP_NEG, op1(f, OP_ABS, op2(f, OP_SUB, a, b)));
    Val *e = two ? call_math(f, "exp2", &far, 1) : op1(f, OP_EXP, far);
    Val *l = call_math(f, "log1p", &e, 1);
    if (two) l = op2c(f, OP_MUL, l, 1 / M_LN2);
    Val *v = op2(f, OP_ADD, op2(f, OP_MAX2, a, b), l);
    return choose(f, op2(f, OP_EQ, a, b), op2c(f, OP_ADD, a, two ? 1.0 : M_LN2), v);
}

/* The larger or smaller, of a number and NaN the number. */
static Val *without_nan(Front *f, Val *const *x, const char *fn)
{
    Val *v = op2(f, *fn == 'x' ? OP_MAX2 : OP_MIN2, x[0], x[1]);
    Type t = v->type;
    DType dt = (DType)t.dt;
    if (!dt_is_float(dt) && !dt_is_complex(dt) && !dt_is_time(dt)) return v;
    Val *a = front_cast(f, x[0], t), *b = front_cast(f, x[1], t);
    v = choose(f, op1(f, OP_ISNULL, b), a, v);
    return choose(f, op1(f, OP_ISNULL, a), b, v);
}

static Val *fmod_of(Front *f, Val *const *x, const char *fn)
{
    only_numbers(f, fn, x[0]);
    only_numbers(f, fn, x[1]);
    Val *m = op2(f, OP_MOD, x[0], x[1]);
    Type t = m->type;
    if (dt_is_float((DType)t.dt)) return call_math(f, fn, x, 2);
    if (dt_is_unsigned((DType)t.dt)) return m;
    Val *zero = zero_of(f, t), *b = front_cast(f, x[1], t);
    Val *less = op2(f, OP_LT, x[0], zero), *neg = op2(f, OP_LT, b, zero);
    Val *odd = op2(f, OP_BITAND, op2(f, OP_BITXOR, less, neg), op2(f, OP_NE, m, zero));
    return choose(f, odd, op2(f, OP_SUB, m, b), m);
}

static Val *float_power(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    bool parts = is_complex(x[0]) || is_complex(x[1]);
    Type d = type_scalar(parts ? DT_C128 : DT_F64);
    only_numbers(f, "float_power", x[0]);
    only_numbers(f, "float_power", x[1]);
    return op2(f, OP_POW, front_cast(f, x[0], d), front_cast(f, x[1], d));
}

static Val *ldexp_of(Front *f, Val *const *x, const char *fn)
{
    Type t = float_type(f, x, 1);
    DType by_type = (DType)x[1]->type.dt;
    bool whole = dt_is_int(by_type) || by_type == DT_BOOL;
    if (!whole || by_type == DT_U64) no_loop(f, "ldexp");
    Val *n = front_cast(f, x[1], type_scalar(DT_F64));
    Val *by = call_math(f, fn, &n, 1);
    return op2(f, OP_MUL, front_cast(f, x[0], t), front_cast(f, by, t));
}

static Val *nan_to_num(Front *f, Val *const *x, const char *fn)
{
    Type t = x[0]->type;
    if (!dt_is_float((DType)t.dt)) return x[0];
    double big = t.dt == DT_F32 ? (double)3.40282346638528859812e+38F
                                : 1.79769313486231570815e+308;
    (void)fn;
    Val *v =
        choose(f, is_inf(f, x, fn), op2(f, OP_COPYSIGN, number(f, big, t), x[0]), x[0]);
    return choose(f, op2(f, OP_NE, x[0], x[0]), number(f, 0, t), v);
}

static Val *truth(Front *f, Val *v)
{
    return v->type.dt == DT_BOOL ? v : op2(f, OP_NE, v, zero_of(f, v->type));
}

static Val *logical(Front *f, Val *const *x, const char *fn)
{
    Op op = *fn == 'a' ? OP_BITAND : *fn == 'o' ? OP_BITOR : OP_BITXOR;
    return op2(f, op, truth(f, x[0]), truth(f, x[1]));
}

static Val *logical_not(Front *f, Val *const *x, const char *fn)
{
    (void)fn;
    only_numbers(f, "logical_not", x[0]);
    return op1(f, OP_INVERT, truth(f, x[0]));
}

static Val *modf_part(Front *f, Val *const *x, const char *fn)
{
    Val *v = front_cast(f, x[0], float_type(f, x, 1)), *whole = op1(f, OP_TRUNC, v);
    if (*fn == 'f') {
        Val *rest = op2(f, OP_SUB, v, whole);
        rest = choose(f, is_inf(f, &v, ""), number(f, 0, v->type), rest);
        whole = rest;
    }
    return op2(f, OP_COPYSIGN, whole, v);
}

static Val *frexp_part(Front *f, Val *const *x, const char *fn)
{
    Val *v = call_math(f, fn, x, 1);
    return fn[6] == 'e' ? front_cast(f, v, type_scalar(DT_I32)) : v;
}

static const struct LaneRow {
    const char *name;
    LaneFn *run;
    int n;
    const char *fn; /* of rt/math_fn.def, or what tells variants apart */
} rows[] = {
    {"arcsin",         math1,           1, "asin"         },
    {"arccos",         math1,           1, "acos"         },
    {"arctan",         math1,           1, "atan"         },
    {"sinh",           math1,           1, "sinh"         },
    {"cosh",           math1,           1, "cosh"         },
    {"tanh",           math1,           1, "tanh"         },
    {"arcsinh",        math1,           1, "asinh"        },
    {"arccosh",        math1,           1, "acosh"        },
    {"arctanh",        math1,           1, "atanh"        },
    {"exp2",           math1,           1, "exp2"         },
    {"expm1",          math1,           1, "expm1"        },
    {"log1p",          math1,           1, "log1p"        },
    {"cbrt",           math1,           1, "cbrt"         },
    {"hypot",          math2,           2, "hypot"        },
    {"nextafter",      math2,           2, "nextafter"    },
    {"fmod",           fmod_of,         2, "fmod"         },
    {"positive",       positive,        1, "positive"     },
    {"conj",           conjugate,       1, ""             },
    {"conjugate",      conjugate,       1, ""             },
    {"real",           real_part,       1, ""             },
    {"imag",           imag_part,       1, ""             },
    {"angle",          angle,           1, ""             },
    {"iscomplex",      is_complex_part, 1, "c"            },
    {"isreal",         is_complex_part, 1, "r"            },
    {"square",         square,          1, ""             },
    {"reciprocal",     reciprocal,      1, ""             },
    {"sign",           sign,            1, ""             },
    {"isfinite",       is_finite,       1, ""             },
    {"isinf",          is_inf,          1, ""             },
    {"signbit",        sign_bit,        1, ""             },
    {"degrees",        scaled,          1, "d"            },
    {"rad2deg",        scaled,          1, "d"            },
    {"radians",        scaled,          1, "r"            },
    {"deg2rad",        scaled,          1, "r"            },
    {"logaddexp",      log_add_exp,     2, "exp"          },
    {"logaddexp2",     log_add_exp,     2, "exp2"         },
    {"fmax",           without_nan,     2, "x"            },
    {"fmin",           without_nan,     2, "n"            },
    {"float_power",    float_power,     2, ""             },
    {"ldexp",          ldexp_of,        2, "exp2"         },
    {"nan_to_num",     nan_to_num,      1, ""             },
    {"logical_and",    logical,         2, "and"          },
    {"logical_or",     logical,         2, "or"           },
    {"logical_xor",    logical,         2, "xor"          },
    {"logical_not",    logical_not,     1, ""             },
    {"fabs",           of_floats,       1, "f"            },
    {"rint",           of_floats,       1, "r"            },
    {"heaviside",      heaviside,       2, ""             },
    {"gcd",            divisor,         2, "gcd"          },
    {"lcm",            divisor,         2, "lcm"          },
    {"bitwise_count",  bitwise_count,   1, "bitwise_count"},
    {"spacing",        spacing,         1, "ulp"          },
    {"isnat",          is_nat,          1, ""             },
    {"modf fraction",  modf_part,       1, "f"            },
    {"modf whole",     modf_part,       1, "w"            },
    {"frexp mantissa", frexp_part,      1, "frexp_m"      },
    {"frexp exponent", frexp_part,      1, "frexp_e"      },
};

typedef struct LaneCall {
    const struct LaneRow *row;
    Val *scalar[2]; /* NULL: the next element */
} LaneCall;

static Val *lane_call(Front *f, Val *const *elem, Val *const *index, void *data)
{
    LaneCall *c = (LaneCall *)data;
    Val *x[2];
    int k = 0;
    (void)index;
    for (int i = 0; i < c->row->n; i++)
        x[i] = c->scalar[i] ? c->scalar[i] : elem[k++];
    return c->row->run(f, x, c->row->fn);
}

static AVal *math_of(Front *f, Call *c, const char *name)
{
    LaneCall l = {0};
    for (idx i = 0; i < COUNT_OF(rows); i++)
        if (!strcmp(rows[i].name, name)) l.row = &rows[i];
    if (!l.row) BUG("no function %s", name);
    if (c->nextra != l.row->n)
        front_fail(f, E_TYPE, "%s() takes %d argument%s but %lld %s given", c->name,
                   l.row->n, l.row->n == 1 ? "" : "s", (long long)c->nextra,
                   c->nextra == 1 ? "was" : "were");
    Nd in[2];
    int n = 0;
    AVal *series = NULL;
    for (int i = 0; i < l.row->n; i++) {
        if (c->extra[i]->kind == A_SERIES) series = c->extra[i];
        Nd d = nd_arg(f, c->extra[i], c->name);
        if (d.base)
            in[n++] = d;
        else
            l.scalar[i] = front_val(f, d.off);
    }
    if (n == 0) return av_scalar(f, lane_call(f, NULL, NULL, &l));
    bool part = l.row->run == real_part || l.row->run == imag_part;
    if (part && !series && is_complex(in[0].base)) /* a view of the array's memory */
        return nd_attr(f, nd_av(f, &in[0]), name);
    /* A Python number takes the array's type, as NumPy 2 has it. */
    for (int i = 0; i < l.row->n; i++) {
        Type t = in[0].base->type;
        bool whole = i == 1 && l.row->run == ldexp_of; /* an exponent stays one */
        if (!l.scalar[i] || whole || !dt_is_float((DType)t.dt)) continue;
        l.scalar[i] = front_cast(f, l.scalar[i], type_with(t, TY_SCALAR));
    }
    Nd to = nd_join(f, n, in);
    for (int i = 0; i < n; i++)
        in[i] = nd_stretch(f, &in[i], &to);
    Nd r = nd_make(f, &to, n, in, lane_call, &l);
    AVal *v = nd_av(f, &r);
    return series ? av_series(f, front_col(f, v), series->index, series->name) : v;
}

AVal *build_nd_math(Front *f, Call *c)
{
    return math_of(f, c, call_short(c));
}

AVal *build_nd_two(Front *f, Call *c)
{
    bool modf = !strcmp(call_short(c), "modf");
    Call one = *c;
    one.extra = c->arg;
    one.nextra = 1;
    AVal *r[2] = {math_of(f, &one, modf ? "modf fraction" : "frexp mantissa"),
                  math_of(f, &one, modf ? "modf whole" : "frexp exponent")};
    return av_tuple(f, r, 2);
}

AVal *build_nd_divmod(Front *f, Call *c)
{
    if (c->nextra != 2)
        front_fail(f, E_TYPE, "%s() takes 2 arguments but %lld were given", c->name,
                   (long long)c->nextra);
    AVal *r[2] = {front_elem(f, OP_FLOORDIV, c->extra, 2),
                  front_elem(f, OP_MOD, c->extra, 2)};
    return av_tuple(f, r, 2);
}

AVal *build_nd_conj(Front *f, Call *c)
{
    return front_call(f, av_api(f, "np.conjugate"), &c->self, 1, NULL, NULL, 0);
}
