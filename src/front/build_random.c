/* SPDX-License-Identifier: Apache-2.0
 * np.random: distributions as formulas of uniform, normal and gamma draws, which hold
 * for one number and for a column alike. What is drawn from is in random.h.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "front/np.h"
#include "front/random.h"
#include "front/sig.h"

#include <string.h>

/* -- What is drawn ----------------------------------------------------------------- */
typedef struct Draw {
    Front *f;
    const Call *c;
    int32_t cell;
    bool one;   /* a single number */
    Axis *axis; /* else the rows of the result */
    Val *n;     /* their number over all ranks */
} Draw;

static int32_t cell_of(Front *f, const Call *c)
{
    return c->self ? c->self->obj : f->rng->legacy;
}

static AVal *param(const Draw *d, const char *name)
{
    return call_arg(d->f, d->c, name);
}

static bool is_column(const AVal *v)
{
    return v->kind == A_ARRAY || v->kind == A_SERIES;
}

static void take_axis(Draw *d, AVal *v)
{
    d->one = false;
    d->axis = val_axis(v->val);
    d->n = val_put(d->f, OP_LEN, &d->axis->rows, 1, type_scalar(DT_I64), NULL);
}

static void take_size(Draw *d, AVal *size)
{
    d->one = false;
    d->n = np_length(d->f, size, d->c->name);
    d->axis = np_axis(d->f, d->n);
}

/* The size is given, or that of a parameter which is an array. */
static Draw draw_of(Front *f, const Call *c)
{
    Draw d = {.f = f, .c = c, .cell = cell_of(f, c), .one = true};
    AVal *size = NULL;
    for (idx i = 0; i < c->sig->n; i++)
        if (!strcmp(c->sig->p[i].name, "size")) size = c->arg[i];
    if (size && size->kind != A_NONE) {
        bool empty = (size->kind == A_TUPLE && size->n == 0);
        if (!empty) take_size(&d, size);
        return d;
    }
    for (idx i = 0; i < c->sig->n; i++)
        if (d.one && c->arg[i] && is_column(c->arg[i])) take_axis(&d, c->arg[i]);
    return d;
}

/* -- Arithmetic on numbers and columns --------------------------------------------- */
static AVal *op1(const Draw *d, Op op, AVal *a)
{
    return front_elem(d->f, op, &a, 1);
}

static AVal *op2(const Draw *d, Op op, AVal *a, AVal *b)
{
    return front_elem(d->f, op, (AVal *[]){a, b}, 2);
}

static AVal *num(const Draw *d, double v)
{
    return av_float(d->f, v);
}

/* a as NumPy's number: it divides by zero without an error. */
static AVal *plain(const Draw *d, AVal *a)
{
    if (is_column(a)) return a;
    Val *v = front_val(d->f, a);
    if (v->type.kind != TY_SCALAR || !dt_is_num((DType)v->type.dt))
        front_fail(d->f, E_TYPE, "%s(): a number is needed, not %s", d->c->name,
                   av_type_text(d->f, a));
    return av_scalar(d->f, front_cast(d->f, v, type_scalar(DT_F64)));
}

static AVal *quotient(const Draw *d, AVal *a, AVal *b)
{
    return op2(d, OP_DIV, plain(d, a), plain(d, b));
}

static bool is_number(const AVal *v, double x)
{
    if (v->kind != A_CONST || (v->arg && !v->arg->demanded)) return false;
    double have = v->ck == AC_FLOAT ? v->f : (double)v->i;
    return (v->ck == AC_FLOAT || v->ck == AC_INT) && !(have < x) && !(have > x);
}

/* loc + scale * v */
static AVal *moved(const Draw *d, AVal *v, AVal *loc, AVal *scale)
{
    if (!is_number(scale, 1)) v = op2(d, OP_MUL, v, scale);
    return is_number(loc, 0) ? v : op2(d, OP_ADD, loc, v);
}

/* Raises ValueError when a op limit holds for a number; arrays are not looked at. */
static void refuse(const Draw *d, Op op, AVal *a, AVal *limit, const char *text)
{
    if (is_column(a) || is_column(limit)) return;
    lower_raise_if(d->f, op2(d, op, a, limit), E_VALUE, text);
}

static void refuse_negative(const Draw *d, const char *name)
{
    const char *text = arena_printf(d->f->arena, "%s < 0", name);
    refuse(d, OP_LT, param(d, name), av_int(d->f, 0), text);
}

static void refuse_unless_positive(const Draw *d, const char *name)
{
    const char *text = arena_printf(d->f->arena, "%s <= 0", name);
    refuse(d, OP_LE, param(d, name), av_int(d->f, 0), text);
}

/* -- Draws ------------------------------------------------------------------------- */
static Val *filled(const Draw *d, RandomKind kind, DType dt, AVal *a, AVal *lo, Val *n)
{
    Front *f = d->f;
    Type real = type_scalar(DT_F64), whole = type_scalar(DT_I64);
    Val *in[5] = {d->axis->rows, rng_key(f, d->cell),
                  front_cast(f, front_val(f, a), real),
                  front_cast(f, front_val(f, lo), whole), n ? n : int_val(f, 0)};
    Val *v = val_put(f, OP_RANDFILL, in, 5, type_col(dt), d->axis);
    node_set_int(f->fn, v->def, "kind", kind);
    return v;
}

static AVal *standard_column(const Draw *d, RandomKind kind)
{
    AVal *zero = av_int(d->f, 0);
    return np_array_of(d->f, filled(d, kind, DT_F64, zero, zero, NULL));
}

static AVal *python_float(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

/* In [0, 1): of default_rng NumPy's own numbers. */
static AVal *unit(const Draw *d)
{
    Front *f = d->f;
    if (d->one) return python_float(f, rng_unit(f, d->cell));
    Val *in[5];
    if (!rng_pcg(f, d->cell, d->n, in + 1)) return standard_column(d, RANDOM_UNIT);
    in[0] = d->axis->rows;
    Val *v = val_put(f, OP_RANDFILL, in, 5, type_col(DT_F64), d->axis);
    node_set_int(f->fn, v->def, "kind", RANDOM_PCG);
    return np_array_of(f, v);
}

/* In [0, 1), counter-based of all generators: for formulas. */
static AVal *own_unit(const Draw *d)
{
    Front *f = d->f;
    if (!d->one) return standard_column(d, RANDOM_UNIT);
    Val *w = rng_word(f, d->cell);
    return av_scalar(f, val_put(f, OP_RANDUNIT, &w, 1, type_scalar(DT_F64), NULL));
}

/* In (0, 1). */
static AVal *open_unit(const Draw *d)
{
    return op2(d, OP_ADD, own_unit(d), num(d, 0x1p-53));
}

static Val *math1(Front *f, const char *fn, Val *x)
{
    Val *v = val_put(f, OP_MATHF, &x, 1, x->type, NULL);
    node_set_text(f->fn, v->def, "fn", fn, (idx)strlen(fn));
    return v;
}

static AVal *standard_normal(const Draw *d)
{
    if (!d->one) return standard_column(d, RANDOM_NORMAL);
    return av_scalar(d->f,
                     math1(d->f, "normal_inverse", front_val(d->f, open_unit(d))));
}

/* -log(1 - u) */
static AVal *standard_exponential(const Draw *d)
{
    AVal *v = op2(d, OP_SUB, num(d, 1), own_unit(d));
    return op1(d, OP_NEG, op1(d, OP_LOG, v));
}

/* A draw of many words: kind GAMMA, POISSON or BINOMIAL. */
static AVal *many_words(const Draw *d, RandomKind kind, AVal *a, AVal *n)
{
    Front *f = d->f;
    DType dt = kind == RANDOM_GAMMA ? DT_F64 : DT_I64;
    if (is_column(a) || is_column(n))
        unsup(f, "%s() with an array as parameter", d->c->name);
    if (!d->one) return np_array_of(f, filled(d, kind, dt, a, n, NULL));
    Val *in[4] = {rng_key(f, d->cell), int_val(f, 0),
                  front_cast(f, front_val(f, a), type_scalar(DT_F64)),
                  front_cast(f, front_val(f, n), type_scalar(DT_I64))};
    Val *v = val_put(f, OP_RANDDRAW, in, 4, type_scalar(dt), NULL);
    node_set_int(f->fn, v->def, "kind", kind);
    return python_float(f, v);
}

static AVal *standard_gamma(const Draw *d, AVal *shape)
{
    return many_words(d, RANDOM_GAMMA, shape, av_int(d->f, 0));
}

/* -- Generators -------------------------------------------------------------------- */
static Val *seed_val(Front *f, AVal *seed)
{
    Val *v = front_val(f, seed);
    if (v->type.kind != TY_SCALAR || !dt_is_int((DType)v->type.dt))
        unsup(f, "a seed that is %s: an int is supported", av_type_text(f, seed));
    return front_cast(f, v, type_scalar(DT_I64));
}

AVal *build_rand_seed(Front *f, Call *c)
{
    AVal *seed = call_arg(f, c, "seed");
    if (seed->kind == A_NONE) {
        rng_reseed(f, f->rng->legacy, NULL);
        return seed;
    }
    Val *v = seed_val(f, seed);
    AVal *low = front_elem(f, OP_LT, (AVal *[]){seed, av_int(f, 0)}, 2);
    AVal *high = front_elem(f, OP_GT, (AVal *[]){seed, av_int(f, UINT32_MAX)}, 2);
    lower_raise_if(f, low, E_VALUE, "Seed must be between 0 and 2**32 - 1");
    lower_raise_if(f, high, E_VALUE, "Seed must be between 0 and 2**32 - 1");
    rng_reseed(f, f->rng->legacy, v);
    return av_none(f);
}

AVal *build_rand_new(Front *f, Call *c)
{
    AVal *seed = call_arg(f, c, "seed");
    if (seed->kind == A_RNG) return seed;
    if (seed->kind == A_NONE) return rng_new(f, NULL);
    Val *v = seed_val(f, seed);
    AVal *low = front_elem(f, OP_LT, (AVal *[]){seed, av_int(f, 0)}, 2);
    lower_raise_if(f, low, E_VALUE, "expected non-negative integer");
    return rng_new(f, v);
}

/* -- Uniform and normal ------------------------------------------------------------ */
static AVal *rand_unit(Front *f, Call *c)
{
    Type t;
    if (c->self && np_dtype(f, c, &t) && t.dt != DT_F64)
        front_unsup(f, UNSUP_API, "%s() of %s: write .astype(\"%s\")", c->name,
                    dtype_text(f, t), dtype_text(f, t));
    Draw d = draw_of(f, c);
    return unit(&d);
}

/* rand(d0, d1 ..), randn(d0, d1 ..) */
static AVal *rand_dims(Front *f, Call *c)
{
    Draw d = {.f = f, .c = c, .cell = cell_of(f, c), .one = c->nextra == 0};
    if (!d.one) take_size(&d, av_tuple(f, c->extra, c->nextra));
    return strcmp(call_short(c), "randn") != 0 ? unit(&d) : standard_normal(&d);
}

static AVal *rand_uniform(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *low = param(&d, "low"), *high = param(&d, "high");
    AVal *v = unit(&d);
    if (is_number(low, 0) && is_number(high, 1)) return v;
    return moved(&d, v, plain(&d, low),
                 op2(&d, OP_SUB, plain(&d, high), plain(&d, low)));
}

static AVal *rand_normal(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    if (!strcmp(call_short(c), "standard_normal")) return standard_normal(&d);
    bool logs = !strcmp(call_short(c), "lognormal");
    const char *loc = logs ? "mean" : "loc", *scale = logs ? "sigma" : "scale";
    refuse_negative(&d, scale);
    AVal *v = moved(&d, standard_normal(&d), param(&d, loc), param(&d, scale));
    return logs ? op1(&d, OP_EXP, v) : v;
}

/* -- By the inverse of the distribution function ----------------------------------- */
static AVal *rand_exponential(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *v = standard_exponential(&d), *zero = av_int(f, 0);
    if (!strcmp(call_short(c), "standard_exponential")) return v;
    refuse_negative(&d, "scale");
    return moved(&d, v, zero, param(&d, "scale"));
}

static AVal *laplace(const Draw *d)
{
    AVal *v = op2(d, OP_SUB, open_unit(d), num(d, 0.5));
    AVal *twice = op2(d, OP_MUL, op1(d, OP_ABS, v), num(d, 2));
    AVal *e = op1(d, OP_LOG, op2(d, OP_SUB, num(d, 1), twice));
    return op1(d, OP_NEG, op2(d, OP_MUL, op2(d, OP_COPYSIGN, num(d, 1), v), e));
}

static AVal *logistic(const Draw *d)
{
    AVal *u = open_unit(d);
    return op1(d, OP_LOG, quotient(d, u, op2(d, OP_SUB, num(d, 1), u)));
}

static AVal *gumbel(const Draw *d)
{
    AVal *e = op1(d, OP_NEG, op1(d, OP_LOG, open_unit(d)));
    return op1(d, OP_NEG, op1(d, OP_LOG, e));
}

/* Distributions with loc and scale. */
static AVal *rand_located(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    const char *name = call_short(c);
    refuse_negative(&d, "scale");
    AVal *v = !strcmp(name, "laplace")    ? laplace(&d)
              : !strcmp(name, "logistic") ? logistic(&d)
                                          : gumbel(&d);
    return moved(&d, v, param(&d, "loc"), param(&d, "scale"));
}

static AVal *rand_rayleigh(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    refuse_negative(&d, "scale");
    AVal *v = op2(&d, OP_MUL, standard_exponential(&d), num(&d, 2));
    return moved(&d, op1(&d, OP_SQRT, v), av_int(f, 0), param(&d, "scale"));
}

/* Distributions of one exponent a. */
static AVal *rand_power(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    const char *name = call_short(c);
    AVal *a = param(&d, "a");
    if (!strcmp(name, "weibull"))
        refuse_negative(&d, "a");
    else
        refuse_unless_positive(&d, "a");
    AVal *inv = quotient(&d, num(&d, 1), a);
    if (!strcmp(name, "power")) return op2(&d, OP_POW, own_unit(&d), inv);
    AVal *e = standard_exponential(&d);
    if (!strcmp(name, "weibull")) return op2(&d, OP_POW, e, inv);
    AVal *v = op1(&d, OP_EXP, op2(&d, OP_MUL, e, inv)); /* pareto */
    return op2(&d, OP_SUB, v, num(&d, 1));
}

static AVal *rand_triangular(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *left = param(&d, "left"), *mode = param(&d, "mode"),
         *right = param(&d, "right");
    refuse(&d, OP_GT, left, mode, "left > mode");
    refuse(&d, OP_GT, mode, right, "mode > right");
    refuse(&d, OP_EQ, left, right, "left == right");
    left = plain(&d, left), mode = plain(&d, mode), right = plain(&d, right);
    AVal *base = op2(&d, OP_SUB, right, left), *lo = op2(&d, OP_SUB, mode, left);
    AVal *hi = op2(&d, OP_SUB, right, mode), *u = own_unit(&d);
    AVal *a = op2(&d, OP_MUL, u, op2(&d, OP_MUL, lo, base));
    AVal *rest = op2(&d, OP_SUB, num(&d, 1), u);
    AVal *b = op2(&d, OP_MUL, rest, op2(&d, OP_MUL, hi, base));
    AVal *three[3] = {op2(&d, OP_LE, u, quotient(&d, lo, base)),
                      op2(&d, OP_ADD, left, op1(&d, OP_SQRT, a)),
                      op2(&d, OP_SUB, right, op1(&d, OP_SQRT, b))};
    return front_elem(f, OP_SELECT, three, 3);
}

static AVal *rand_cauchy(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *v = op2(&d, OP_SUB, open_unit(&d), num(&d, 0.5));
    return op1(&d, OP_TAN, op2(&d, OP_MUL, v, num(&d, 3.14159265358979323846)));
}

/* Whole numbers as int64: numbers and columns. */
static AVal *whole(const Draw *d, AVal *v)
{
    Front *f = d->f;
    if (is_column(v))
        return np_array_of(f, front_cast(f, front_col(f, v), type_scalar(DT_I64)));
    return python_float(f, front_cast(f, v->val, type_scalar(DT_I64)));
}

static AVal *rand_geometric(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *p = param(&d, "p");
    if (is_column(p)) unsup(f, "geometric() with an array as parameter");
    refuse(&d, OP_LE, p, av_int(f, 0), "p <= 0, p > 1 or p contains NaNs");
    refuse(&d, OP_GT, p, av_int(f, 1), "p <= 0, p > 1 or p contains NaNs");
    Val *neg = front_val(f, op1(&d, OP_NEG, plain(&d, p)));
    AVal *q = av_scalar(f, math1(f, "log1p", neg));
    AVal *e = op1(&d, OP_NEG, standard_exponential(&d));
    AVal *v = op1(&d, OP_CEIL, quotient(&d, e, q));
    return whole(&d, op2(&d, OP_MAX2, v, num(&d, 1)));
}

/* -- By rejection ------------------------------------------------------------------ */
static AVal *rand_gamma(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    refuse_negative(&d, "shape");
    if (!strcmp(call_short(c), "standard_gamma"))
        return standard_gamma(&d, param(&d, "shape"));
    refuse_negative(&d, "scale");
    AVal *v = standard_gamma(&d, param(&d, "shape"));
    return moved(&d, v, av_int(f, 0), param(&d, "scale"));
}

static AVal *rand_beta(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    refuse_unless_positive(&d, "a");
    refuse_unless_positive(&d, "b");
    AVal *x = standard_gamma(&d, param(&d, "a"));
    AVal *y = standard_gamma(&d, param(&d, "b"));
    return quotient(&d, x, op2(&d, OP_ADD, x, y));
}

/* A gamma draw of df / 2. */
static AVal *half_chi(const Draw *d, const char *df)
{
    refuse_unless_positive(d, df);
    return standard_gamma(d, op2(d, OP_MUL, plain(d, param(d, df)), num(d, 0.5)));
}

static AVal *rand_chi(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    const char *name = call_short(c);
    if (!strcmp(name, "chisquare"))
        return op2(&d, OP_MUL, half_chi(&d, "df"), num(&d, 2));
    if (!strcmp(name, "standard_t")) {
        AVal *z = standard_normal(&d), *g = half_chi(&d, "df");
        AVal *half = op2(&d, OP_MUL, plain(&d, param(&d, "df")), num(&d, 0.5));
        return op2(&d, OP_MUL, z, op1(&d, OP_SQRT, quotient(&d, half, g)));
    }
    AVal *x = half_chi(&d, "dfnum"), *y = half_chi(&d, "dfden");
    x = quotient(&d, x, param(&d, "dfnum"));
    return quotient(&d, x, quotient(&d, y, param(&d, "dfden")));
}

static AVal *rand_poisson(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *lam = param(&d, "lam");
    refuse(&d, OP_LT, lam, av_int(f, 0), "lam < 0 or lam is NaN");
    return many_words(&d, RANDOM_POISSON, lam, av_int(f, 0));
}

static AVal *rand_binomial(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *n = param(&d, "n"), *p = param(&d, "p");
    refuse(&d, OP_LT, n, av_int(f, 0), "n < 0");
    refuse(&d, OP_LT, p, av_int(f, 0), "p < 0, p > 1 or p is NaN");
    refuse(&d, OP_GT, p, av_int(f, 1), "p < 0, p > 1 or p is NaN");
    return many_words(&d, RANDOM_BINOMIAL, p, n);
}

/* -- Integers ---------------------------------------------------------------------- */
static AVal *integers(const Draw *d, AVal *lo, AVal *n)
{
    Front *f = d->f;
    Type t = type_scalar(DT_I64);
    Val *count = front_cast(f, front_val(f, n), t);
    if (!d->one)
        return np_array_of(f,
                           filled(d, RANDOM_INTEGER, DT_I64, av_int(f, 0), lo, count));
    Val *in[3] = {rng_word(f, d->cell), front_cast(f, front_val(f, lo), t), count};
    return python_float(f, val_put(f, OP_RANDINT, in, 3, t, NULL));
}

static AVal *rand_integers(Front *f, Call *c)
{
    Draw d = draw_of(f, c);
    AVal *low = param(&d, "low"), *high = param(&d, "high");
    bool none = high->kind == A_NONE;
    bool end = c->self && call_bool(f, c, "endpoint");
    if (none) {
        high = low;
        low = av_int(f, 0);
    }
    if (is_column(low) || is_column(high))
        unsup(f, "%s() with an array as parameter", c->name);
    const char *text =
        none ? (end ? "high < 0" : "high <= 0") : (end ? "low > high" : "low >= high");
    refuse(&d, end ? OP_GT : OP_GE, low, high, text);
    AVal *n = op2(&d, OP_SUB, high, low);
    if (end) n = op2(&d, OP_ADD, n, av_int(f, 1));
    AVal *v = integers(&d, low, n);
    Type t;
    if (!np_dtype(f, c, &t) || t.dt == DT_I64) return v;
    if (d.one) return av_scalar(f, front_cast(f, v->val, type_with(t, TY_SCALAR)));
    return np_array_of(f, front_cast(f, front_col(f, v), t));
}

/* -- Order ------------------------------------------------------------------------- */
/* The columns of t in the order of random keys. */
static Frame *shuffled(const Draw *d, const Frame *t)
{
    Front *f = d->f;
    Draw w = *d;
    w.axis = t->axis;
    ValVec lead = {0};
    AVal *zero = av_int(f, 0);
    val_push(f, &lead, t->rows);
    val_push(f, &lead, filled(&w, RANDOM_WORD, DT_I64, zero, zero, NULL));
    Node *n;
    Frame *r = table_rows(f, OP_SORT, &lead, t, true, &n);
    node_set_int(f->fn, n, "nkey", 1);
    node_set_ints(f->fn, n, "asc", (int64_t[]){1}, 1);
    node_set_int(f->fn, n, "nulls_first", 0);
    return r;
}

static AVal *numbers_below(Front *f, AVal *n)
{
    return front_call_op(f, OP_F_NP_ARANGE, "np.arange", NULL, &n, 1, NULL, NULL, 0,
                         NULL);
}

/* Elements of a (or numbers below it) at random places; p: their probabilities. */
static AVal *rand_choice(Front *f, Call *c)
{
    Draw d = {.f = f, .c = c, .cell = cell_of(f, c), .one = true};
    AVal *a = param(&d, "a"), *size = param(&d, "size"), *p = param(&d, "p"), *at;
    if (a->kind == A_LIST || a->kind == A_TUPLE) a = np_call(f, "array", &a, 1);
    bool array = is_column(a), replace = call_bool(f, c, "replace");
    if (size->kind != A_NONE) take_size(&d, size);
    AVal *n = array ? np_len(f, front_col(f, a)) : a;
    refuse(&d, OP_LE, n, av_int(f, 0),
           array ? "a cannot be empty unless no samples are taken"
                 : "a must be a positive integer unless no samples are taken");
    if (p->kind != A_NONE) {
        if (!replace) unsup(f, "choice() with p and replace=False");
        AVal *cdf = np_call(f, "cumsum", (AVal *[]){np_arg(f, c, p)}, 1);
        AVal *total = np_call(f, "sum", (AVal *[]){np_arg(f, c, p)}, 1);
        AVal *off = op1(&d, OP_ABS, op2(&d, OP_SUB, total, num(&d, 1)));
        refuse(&d, OP_GT, off, num(&d, 1.5e-8),
               c->self
                   ? "Probabilities do not sum to 1. See Notes section of docstring "
                     "for more information."
                   : "probabilities do not sum to 1");
        AVal *share = op2(&d, OP_DIV, cdf, total);
        AVal *u = own_unit(&d), *right = av_str(f, "right", 5);
        at = np_call(f, "searchsorted", (AVal *[]){share, u, right}, 3);
    } else if (!replace && !d.one) {
        refuse(
            &d, OP_GT, av_scalar(f, d.n), n,
            c->self
                ? "Cannot take a larger sample than population when replace is False"
                : "Cannot take a larger sample than population when 'replace=False'");
        Frame *t = shuffled(&d, table_of(f, numbers_below(f, n)));
        at = np_array_of(f, np_part(f, t->col.at[0], NULL, size));
    } else {
        at = integers(&d, av_int(f, 0), n);
    }
    return array ? lower_subscript(f, a, at) : at;
}

AVal *build_rand_permutation(Front *f, Call *c)
{
    Draw d = {.f = f, .c = c, .cell = cell_of(f, c)};
    AVal *x = param(&d, "x");
    if (!is_column(x)) x = numbers_below(f, x);
    return np_array_of(f, shuffled(&d, table_of(f, x))->col.at[0]);
}

AVal *build_rand_shuffle(Front *f, Call *c)
{
    Draw d = {.f = f, .c = c, .cell = cell_of(f, c)};
    AVal *x = param(&d, "x");
    if (x->kind != A_ARRAY)
        unsup(f, "%s() of %s; an array is supported", c->name, av_type_text(f, x));
    np_store(f, x, shuffled(&d, table_of(f, x))->col.at[0]);
    return av_none(f);
}

AVal *rows_shuffled(Front *f, AVal *v, AVal *seed, AVal *dests, AVal *n)
{
    AVal *rng = rng_new(f, seed->kind == A_NONE ? NULL : seed_val(f, seed));
    Draw d = {.f = f, .cell = rng->obj};
    Frame *t = shuffled(&d, table_of(f, numbers_of_rows(f, v)));
    AVal *number = np_array_of(f, t->col.at[0]);
    if (n->kind != A_NONE) {
        AVal *part[3] = {av_none(f), n, av_none(f)};
        AVal *s = av_tuple(f, part, 3);
        s->kind = A_SLICE;
        number = lower_subscript(f, number, s);
    }
    AVal *even = rows_rebalanced(f, nd_plain(f, number), dests, false);
    return rows_by_number(f, v, even);
}

/* -- Sizes of several dimensions --------------------------------------------------- */

/* Draws for a size of more than one dimension: as many in a row, then a view of that
 * shape. NumPy fills its arrays in the same order. */
static AVal *shaped(Front *f, Call *c, OpBuilder *run)
{
    AVal **size = NULL, **item, *dim[DIM_MAX];
    idx n = 0;
    for (idx i = 0; c->sig && i < c->sig->n; i++)
        if (!strcmp(c->sig->p[i].name, "size")) size = &c->arg[i];
    if (size && ((*size)->kind == A_TUPLE || (*size)->kind == A_LIST) &&
        !box_get(f, *size)) {
        lower_items(f, *size, &item, &n);
    } else if (!size && c->nextra > 1) { /* rand(a, b) */
        item = c->extra;
        n = c->nextra;
    }
    if (n < 2) return run(f, c);
    if (n > DIM_MAX) unsup(f, "%s() of %d dimensions", c->name, (int)n);
    Call flat = *c;
    AVal *all = item[0];
    for (idx i = 0; i < n; i++) {
        dim[i] = item[i];
        if (i) all = lower_binop(f, AST_Mult, all, item[i]);
    }
    if (size) {
        flat.arg = ARENA_NEW_N(f->arena, c->sig->n + 1, AVal *);
        memcpy(flat.arg, c->arg, (size_t)c->sig->n * sizeof(AVal *));
        flat.arg[size - c->arg] = all;
    } else {
        flat.extra = ARENA_NEW_N(f->arena, 1, AVal *);
        flat.extra[0] = all;
        flat.nextra = 1;
    }
    AVal *v = run(f, &flat);
    Nd d = nd_arg(f, v, c->name);
    return nd_reshape(f, &d, dim, (int)n);
}

#define SHAPED(name)                                                                   \
    AVal *build_##name(Front *f, Call *c)                                              \
    {                                                                                  \
        return shaped(f, c, name);                                                     \
    }
SHAPED(rand_unit)
SHAPED(rand_dims)
SHAPED(rand_uniform)
SHAPED(rand_normal)
SHAPED(rand_exponential)
SHAPED(rand_located)
SHAPED(rand_rayleigh)
SHAPED(rand_power)
SHAPED(rand_triangular)
SHAPED(rand_cauchy)
SHAPED(rand_geometric)
SHAPED(rand_gamma)
SHAPED(rand_beta)
SHAPED(rand_chi)
SHAPED(rand_poisson)
SHAPED(rand_binomial)
SHAPED(rand_integers)
SHAPED(rand_choice)
