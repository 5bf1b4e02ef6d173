/* SPDX-License-Identifier: Apache-2.0
 * The module math on scalars, with Python's errors: ValueError "math domain error"
 * where a function has no value, OverflowError "math range error" where its value is
 * beyond float64. Whole numbers are int64; what does not fit raises OverflowError.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <math.h>
#include <string.h>

typedef struct MathCall {
    const char *name; /* "gcd" */
    AVal *const *arg;
    idx narg;
    const char *const *kw;
    AVal *const *kwval;
    idx nkw;
} MathCall;
typedef AVal *MathRule(Front *f, const MathCall *c);

/* -- Numbers ----------------------------------------------------------------------- */
static AVal *weak(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

static bool is_const(const AVal *v)
{
    return v->kind == A_CONST && !(v->arg && !v->arg->demanded);
}

static AVal *real(Front *f, AVal *v)
{
    bool number = v->kind == A_CONST || v->kind == A_SCALAR;
    if (is_const(v) && v->ck == AC_FLOAT) return v;
    if (is_const(v) && (v->ck == AC_INT || v->ck == AC_BOOL))
        return av_float(f, (double)v->i);
    if (!number || !dt_is_num((DType)front_val(f, v)->type.dt))
        front_fail(f, E_TYPE, "must be real number, not %s", av_type_text(f, v));
    return weak(f, front_cast(f, front_val(f, v), type_scalar(DT_F64)));
}

static AVal *whole(Front *f, AVal *v)
{
    bool number = v->kind == A_CONST || v->kind == A_SCALAR;
    DType dt = number ? (DType)front_val(f, v)->type.dt : DT_STR;
    if (!dt_is_int(dt) && dt != DT_BOOL)
        front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                   av_type_text(f, v));
    if (is_const(v)) return av_int(f, v->i);
    return weak(f, front_cast(f, front_val(f, v), type_scalar(DT_I64)));
}

static AVal *op(Front *f, Op o, AVal *a, AVal *b)
{
    AVal *v = front_elem(f, o, (AVal *[]){a, b}, b ? 2 : 1);
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

/* Row `fn` of rt/math_fn.def. */
static AVal *pointer_call(Front *f, const char *fn, AVal *a, AVal *b)
{
    Val *in[2] = {front_val(f, a), b ? front_val(f, b) : NULL};
    Val *v = val_put(f, OP_MATHF, in, b ? 2 : 1, in[0]->type, NULL);
    node_set_text(f->fn, v->def, "fn", fn, (idx)strlen(fn));
    return weak(f, v);
}

static AVal *is_nan(Front *f, AVal *v)
{
    return op(f, OP_NE, v, v);
}

static AVal *is_inf(Front *f, AVal *v)
{
    return op(f, OP_EQ, op(f, OP_ABS, v, NULL), av_float(f, HUGE_VAL));
}

static AVal *both(Front *f, AVal *a, AVal *b)
{
    return op(f, OP_BITAND, a, b);
}

static AVal *inverse(Front *f, AVal *a)
{
    return op(f, OP_INVERT, a, NULL);
}

static void domain(Front *f, AVal *bad)
{
    lower_raise_if(f, bad, E_VALUE, "math domain error");
}

static AVal *is_finite(Front *f, AVal *v)
{
    return op(f, OP_LT, op(f, OP_ABS, v, NULL), av_float(f, HUGE_VAL));
}

/* What can go wrong in a function of one float. */
enum {
    GAP = 1,  /* no value for some numbers: NaN */
    POLE = 2, /* an infinite value: there is none */
    OVER = 4  /* an infinite value: it is too large */
};

static void check_value(Front *f, AVal *r, AVal *x, int wrong)
{
    if (wrong & GAP) domain(f, both(f, is_nan(f, r), inverse(f, is_nan(f, x))));
    if (!(wrong & (POLE | OVER))) return;
    AVal *bad = both(f, is_inf(f, r), is_finite(f, x));
    if (wrong & OVER)
        lower_raise_if(f, bad, E_OVERFLOW, "math range error");
    else
        domain(f, bad);
}

/* r = fn(x): NaN of a number, and infinity of a finite one, are errors. A usual value
 * is told by one comparison. */
static AVal *checked(Front *f, AVal *r, AVal *x, int wrong)
{
    AVal *odd = inverse(f, is_finite(f, r));
    if (odd->kind == A_CONST) {
        check_value(f, r, x, wrong);
        return r;
    }
    Region *outer = f->at;
    Node *n = node_put(f, outer, OP_IF, &odd->val, 1, 0);
    node_set_int(f->fn, n, "cold", 1);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    f->at = yes;
    check_value(f, r, x, wrong);
    node_put(f, yes, OP_YIELD, NULL, 0, 0);
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    f->at = outer;
    return r;
}

/* -- Functions of one float -------------------------------------------------------- */
typedef struct Real1 {
    const char *name;
    Op op;     /* OP_MATHF: the row of math_fn.def of that name */
    int wrong; /* GAP .. */
} Real1;

static const Real1 real1[] = {
    {"acos",   OP_MATHF, GAP       },
    {"asin",   OP_MATHF, GAP       },
    {"atan",   OP_MATHF, 0         },
    {"cos",    OP_COS,   GAP       },
    {"sin",    OP_SIN,   GAP       },
    {"tan",    OP_TAN,   GAP       },
    {"cosh",   OP_MATHF, OVER      },
    {"sinh",   OP_MATHF, OVER      },
    {"tanh",   OP_MATHF, 0         },
    {"acosh",  OP_MATHF, GAP       },
    {"asinh",  OP_MATHF, 0         },
    {"atanh",  OP_MATHF, GAP | POLE},
    {"exp",    OP_EXP,   OVER      },
    {"exp2",   OP_MATHF, OVER      },
    {"expm1",  OP_MATHF, OVER      },
    {"log1p",  OP_MATHF, GAP | POLE},
    {"cbrt",   OP_MATHF, 0         },
    {"erf",    OP_MATHF, 0         },
    {"erfc",   OP_MATHF, 0         },
    {"lgamma", OP_MATHF, GAP | POLE},
    {"ulp",    OP_MATHF, 0         },
    {"fabs",   OP_ABS,   0         },
};

static AVal *do_real1(Front *f, const MathCall *c)
{
    for (idx i = 0; i < COUNT_OF(real1); i++) {
        const Real1 *r = &real1[i];
        if (strcmp(r->name, c->name) != 0) continue;
        AVal *x = real(f, c->arg[0]);
        AVal *v = r->op == OP_MATHF ? pointer_call(f, r->name, x, NULL)
                                    : op(f, r->op, x, NULL);
        return r->wrong ? checked(f, v, x, r->wrong) : v;
    }
    BUG("math.%s", c->name);
}

/* Poles at 0 and the negative whole numbers; too large beyond 171. */
static AVal *do_gamma(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]);
    AVal *at_floor = op(f, OP_EQ, x, op(f, OP_FLOOR, x, NULL));
    AVal *low = op(f, OP_LE, x, av_float(f, 0));
    domain(f, both(f, at_floor, low));
    return checked(f, pointer_call(f, "gamma", x, NULL), x, GAP | OVER);
}

static AVal *do_sqrt(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]);
    domain(f, op(f, OP_LT, x, av_float(f, 0)));
    return op(f, OP_SQRT, x, NULL);
}

static AVal *log_of(Front *f, Op o, AVal *v)
{
    AVal *x = real(f, v);
    domain(f, op(f, OP_LE, x, av_float(f, 0)));
    return op(f, o, x, NULL);
}

static AVal *do_log(Front *f, const MathCall *c)
{
    Op o = !strcmp(c->name, "log2")    ? OP_LOG2
           : !strcmp(c->name, "log10") ? OP_LOG10
                                       : OP_LOG;
    AVal *v = log_of(f, o, c->arg[0]);
    if (c->narg == 1) return v;
    AVal *base = log_of(f, OP_LOG, c->arg[1]);
    AVal *zero = op(f, OP_EQ, base, av_float(f, 0));
    lower_raise_if(f, zero, E_ZERO_DIV, "float division by zero");
    return lower_binop(f, AST_Div, v, base);
}

static AVal *do_angle(Front *f, const MathCall *c)
{
    const double pi = 3.14159265358979323846;
    double by = !strcmp(c->name, "degrees") ? 180 / pi : pi / 180;
    return op(f, OP_MUL, real(f, c->arg[0]), av_float(f, by));
}

static AVal *do_is(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]);
    if (!strcmp(c->name, "isnan")) return is_nan(f, x);
    if (!strcmp(c->name, "isinf")) return is_inf(f, x);
    return op(f, OP_LT, op(f, OP_ABS, x, NULL), av_float(f, HUGE_VAL));
}

/* The fraction has the sign of x, also of infinity, whose fraction is 0. */
static AVal *do_modf(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]), *t = op(f, OP_TRUNC, x, NULL);
    AVal *rest = op(f, OP_SUB, x, t), *inf = is_inf(f, x);
    rest = op(f, OP_COPYSIGN, rest, x);
    AVal *zero = op(f, OP_COPYSIGN, av_float(f, 0), x);
    rest = front_elem(f, OP_SELECT, (AVal *[]){inf, zero, rest}, 3);
    if (rest->kind == A_SCALAR) rest->i = 1;
    return av_tuple(f, (AVal *[]){rest, t}, 2);
}

static AVal *do_frexp(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]);
    Val *e = front_val(f, pointer_call(f, "frexp_e", x, NULL));
    AVal *n = weak(f, front_cast(f, e, type_scalar(DT_I64)));
    return av_tuple(f, (AVal *[]){pointer_call(f, "frexp_m", x, NULL), n}, 2);
}

/* -- Functions of two floats ------------------------------------------------------- */
static AVal *do_real2(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]), *y = real(f, c->arg[1]);
    if (!strcmp(c->name, "atan2")) return op(f, OP_ATAN2, x, y);
    if (!strcmp(c->name, "copysign")) return op(f, OP_COPYSIGN, x, y);
    if (!strcmp(c->name, "nextafter")) return pointer_call(f, "nextafter", x, y);
    AVal *v = pointer_call(f, c->name, x, y); /* fmod, remainder */
    AVal *fine = inverse(f, op(f, OP_BITOR, is_nan(f, x), is_nan(f, y)));
    domain(f, both(f, is_nan(f, v), fine));
    return v;
}

static AVal *do_pow(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]), *y = real(f, c->arg[1]);
    AVal *v = pointer_call(f, "pow", x, y);
    AVal *fine = inverse(f, op(f, OP_BITOR, is_nan(f, x), is_nan(f, y)));
    domain(f, both(f, is_nan(f, v), fine));
    AVal *finite = both(f, is_finite(f, x), is_finite(f, y));
    AVal *bad = both(f, is_inf(f, v), finite), *zero = op(f, OP_EQ, x, av_float(f, 0));
    domain(f, both(f, bad, zero));
    lower_raise_if(f, bad, E_OVERFLOW, "math range error");
    return v;
}

static AVal *do_ldexp(Front *f, const MathCall *c)
{
    AVal *x = real(f, c->arg[0]), *e = real(f, whole(f, c->arg[1]));
    AVal *v = pointer_call(f, "ldexp", x, e);
    return checked(f, v, x, OVER);
}

static AVal *hypot_of(Front *f, AVal *const *v, idx n)
{
    if (n == 0) return av_float(f, 0);
    AVal *r = op(f, OP_ABS, real(f, v[0]), NULL);
    for (idx i = 1; i < n; i++)
        r = pointer_call(f, "hypot", r, real(f, v[i]));
    return r;
}

static AVal *do_hypot(Front *f, const MathCall *c)
{
    return hypot_of(f, c->arg, c->narg);
}

static void items(Front *f, const MathCall *c, AVal *v, AVal ***item, idx *n)
{
    if (!lower_items(f, v, item, n))
        front_unsup(f, UNSUP_LOOP_OVER, "math.%s() of %s is not compiled", c->name,
                    av_type_text(f, v));
}

static AVal *do_dist(Front *f, const MathCall *c)
{
    AVal **p, **q;
    idx n, m;
    items(f, c, c->arg[0], &p, &n);
    items(f, c, c->arg[1], &q, &m);
    if (n != m)
        front_fail(f, E_VALUE, "both points must have the same number of dimensions");
    AVal **d = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++)
        d[i] = op(f, OP_SUB, real(f, p[i]), real(f, q[i]));
    return hypot_of(f, d, n);
}

static AVal *keyword(Front *f, const MathCall *c, const char *name, AVal *dflt)
{
    (void)f;
    for (idx i = 0; i < c->nkw; i++)
        if (!strcmp(c->kw[i], name)) return c->kwval[i];
    return dflt;
}

static AVal *do_isclose(Front *f, const MathCall *c)
{
    AVal *a = real(f, c->arg[0]), *b = real(f, c->arg[1]), *zero = av_float(f, 0);
    AVal *rel = real(f, keyword(f, c, "rel_tol", av_float(f, 1e-9)));
    AVal *tol = real(f, keyword(f, c, "abs_tol", zero));
    AVal *neg = op(f, OP_BITOR, op(f, OP_LT, rel, zero), op(f, OP_LT, tol, zero));
    lower_raise_if(f, neg, E_VALUE, "tolerances must be non-negative");
    AVal *gap = op(f, OP_ABS, op(f, OP_SUB, a, b), NULL);
    AVal *x = op(f, OP_LE, gap, op(f, OP_ABS, op(f, OP_MUL, rel, a), NULL));
    AVal *y = op(f, OP_LE, gap, op(f, OP_ABS, op(f, OP_MUL, rel, b), NULL));
    AVal *near = op(f, OP_BITOR, op(f, OP_BITOR, x, y), op(f, OP_LE, gap, tol));
    AVal *inf = op(f, OP_BITOR, is_inf(f, a), is_inf(f, b));
    near = both(f, near, inverse(f, inf));
    return op(f, OP_BITOR, near, op(f, OP_EQ, a, b));
}

/* -- Whole numbers ----------------------------------------------------------------- */
static void too_large(Front *f, const MathCall *c, AVal *bad)
{
    lower_raise_if(
        f, bad, E_OVERFLOW,
        arena_printf(f->arena, "math.%s(): the result does not fit int64", c->name));
}

static AVal *do_gcd(Front *f, const MathCall *c)
{
    bool lcm = !strcmp(c->name, "lcm");
    AVal *v = c->narg ? op(f, OP_ABS, whole(f, c->arg[0]), NULL) : av_int(f, lcm);
    for (idx i = 1; i < c->narg; i++) {
        v = pointer_call(f, c->name, v, whole(f, c->arg[i]));
        if (lcm) too_large(f, c, op(f, OP_LT, v, av_int(f, 0)));
    }
    return v;
}

static AVal *do_factorial(Front *f, const MathCall *c)
{
    AVal *n = whole(f, c->arg[0]);
    lower_raise_if(f, op(f, OP_LT, n, av_int(f, 0)), E_VALUE,
                   "factorial() not defined for negative values");
    too_large(f, c, op(f, OP_GT, n, av_int(f, 20)));
    return pointer_call(f, "factorial", n, NULL);
}

static AVal *do_isqrt(Front *f, const MathCall *c)
{
    AVal *n = whole(f, c->arg[0]);
    lower_raise_if(f, op(f, OP_LT, n, av_int(f, 0)), E_VALUE,
                   "isqrt() argument must be nonnegative");
    return pointer_call(f, "isqrt", n, NULL);
}

static AVal *do_choices(Front *f, const MathCall *c)
{
    bool all = c->narg < 2 || c->arg[1]->kind == A_NONE;
    if (all && !strcmp(c->name, "comb"))
        front_fail(f, E_TYPE, "comb expected 2 arguments, got %d", (int)c->narg);
    AVal *n = whole(f, c->arg[0]), *k = all ? n : whole(f, c->arg[1]);
    lower_raise_if(f, op(f, OP_LT, n, av_int(f, 0)), E_VALUE,
                   "n must be a non-negative integer");
    lower_raise_if(f, op(f, OP_LT, k, av_int(f, 0)), E_VALUE,
                   "k must be a non-negative integer");
    AVal *v = pointer_call(f, c->name, n, k);
    too_large(f, c, op(f, OP_LT, v, av_int(f, 0)));
    return v;
}

/* -- Of many ----------------------------------------------------------------------- */
static AVal *do_prod(Front *f, const MathCall *c)
{
    AVal *v = c->arg[0], **item, *r = keyword(f, c, "start", av_int(f, 1));
    idx n;
    if (v->kind == A_ARRAY || v->kind == A_SERIES) {
        AVal *p = front_call(f, front_getattr(f, v, intern(f->names, "prod")), NULL, 0,
                             NULL, NULL, 0);
        return lower_binop(f, AST_Mult, r, p);
    }
    if (iter_is_run(f, v)) return library_call(f, "math.prod", (AVal *[]){v, r}, 2);
    items(f, c, v, &item, &n);
    for (idx i = 0; i < n; i++)
        r = lower_binop(f, AST_Mult, r, item[i]);
    return r;
}

static const struct {
    const char *name;
    MathRule *run;
    int least, most;
} rules[] = {
    {"gamma",     do_gamma,     1, 1  },
    {"sqrt",      do_sqrt,      1, 1  },
    {"log",       do_log,       1, 2  },
    {"log2",      do_log,       1, 1  },
    {"log10",     do_log,       1, 1  },
    {"degrees",   do_angle,     1, 1  },
    {"radians",   do_angle,     1, 1  },
    {"isnan",     do_is,        1, 1  },
    {"isinf",     do_is,        1, 1  },
    {"isfinite",  do_is,        1, 1  },
    {"modf",      do_modf,      1, 1  },
    {"frexp",     do_frexp,     1, 1  },
    {"atan2",     do_real2,     2, 2  },
    {"copysign",  do_real2,     2, 2  },
    {"nextafter", do_real2,     2, 2  },
    {"fmod",      do_real2,     2, 2  },
    {"remainder", do_real2,     2, 2  },
    {"pow",       do_pow,       2, 2  },
    {"ldexp",     do_ldexp,     2, 2  },
    {"hypot",     do_hypot,     0, 100},
    {"dist",      do_dist,      2, 2  },
    {"isclose",   do_isclose,   2, 2  },
    {"gcd",       do_gcd,       0, 100},
    {"lcm",       do_gcd,       0, 100},
    {"factorial", do_factorial, 1, 1  },
    {"isqrt",     do_isqrt,     1, 1  },
    {"comb",      do_choices,   1, 2  },
    {"perm",      do_choices,   1, 2  },
    {"prod",      do_prod,      1, 1  },
};

static const char *short_name(const char *name)
{
    return strncmp(name, "math.", 5) ? NULL : name + 5;
}

static MathRule *rule_of(const char *s, int *least, int *most)
{
    *least = *most = 1;
    for (idx i = 0; i < COUNT_OF(real1); i++)
        if (!strcmp(real1[i].name, s)) return do_real1;
    for (idx i = 0; i < COUNT_OF(rules); i++) {
        if (strcmp(rules[i].name, s) != 0) continue;
        *least = rules[i].least;
        *most = rules[i].most;
        return rules[i].run;
    }
    return NULL;
}

bool math_is(const char *name)
{
    int least, most;
    const char *s = short_name(name);
    return s && rule_of(s, &least, &most);
}

AVal *math_call(Front *f, const char *name, AVal *const *arg, idx narg,
                const char *const *kw, AVal *const *kwval, idx nkw)
{
    int least, most;
    const char *s = short_name(name);
    MathRule *run = s ? rule_of(s, &least, &most) : NULL;
    if (!run) return NULL;
    CallArgs all = {arena_printf(f->arena, "math.%s", s), arg, narg, kw, kwval, nkw};
    const char *words = run == do_isclose ? "a b *rel_tol *abs_tol"
                        : run == do_prod  ? "_ *start"
                                          : "";
    CallArgs a = call_words(f, &all, words);
    narg = a.narg;
    if (narg < least || narg > most)
        front_fail(f, E_TYPE, "math.%s() takes %s %d argument%s (%lld given)", s,
                   least == most  ? "exactly"
                   : narg < least ? "at least"
                                  : "at most",
                   narg < least ? least : most, least == 1 ? "" : "s", (long long)narg);
    MathCall c = {s, a.arg, a.narg, a.kw, a.kwval, a.nkw};
    return run(f, &c);
}
