/* SPDX-License-Identifier: Apache-2.0
 * Reductions and running sums of arrays along axes. One-dimensional contiguous arrays
 * reduced as a whole are columns, whose loops fuse; everything else is a kernel. Means
 * and variances are made of sums.
 */
#include "base/kinds.h"
#include "front/nd.h"
#include "front/np.h"

#include <math.h>
#include <string.h>

static bool is_none(const AVal *v)
{
    return v->kind == A_NONE || (v->kind == A_CONST && v->ck == AC_NONE);
}

static AVal *optional(Front *f, const Call *c, const char *name)
{
    for (idx i = 0; i < c->sig->n; i++)
        if (!strcmp(c->sig->p[i].name, name)) return call_arg(f, c, name);
    return av_none(f);
}

typedef struct Red {
    Nd d;
    uint32_t axes;
    bool keep, typed; /* typed: dtype was given, and the elements are of it */
    int64_t ddof;
    AVal *held; /* bools in the shape of d: what takes part; NULL: all */
} Red;

static uint32_t axes_of(Front *f, AVal *axis, int n)
{
    AVal **item = &axis;
    idx count = 1;
    uint32_t bits = 0;
    if (is_none(axis)) return (1U << n) - 1;
    if (axis->kind == A_TUPLE) lower_items(f, axis, &item, &count);
    for (idx i = 0; i < count; i++) {
        uint32_t bit = 1U << nd_axis_arg(f, item[i], n);
        if (bits & bit) front_fail(f, E_VALUE, "duplicate value in 'axis'");
        bits |= bit;
    }
    return bits;
}

static AVal *nd_of_any(Front *f, Call *c)
{
    AVal *v = c->self ? c->self : call_arg(f, c, "a");
    if (v->kind == A_ARRAY) return v;
    if (v->kind == A_CONST || v->kind == A_SCALAR) v = av_list(f, &v, 1);
    Nd d = nd_arg(f, v, c->name);
    return nd_av(f, &d);
}

static Type num_type(DType dt)
{
    return type_scalar(dt);
}

/* NumPy's type of a sum or product. */
static Type sum_type(const Nd *d)
{
    Type t = nd_elem_type(d);
    DType dt = (DType)t.dt;
    if (dt == DT_BOOL || (dt_is_int(dt) && !dt_is_unsigned(dt)))
        return num_type(DT_I64);
    if (dt_is_unsigned(dt)) return num_type(DT_U64);
    return t;
}

static AVal *reduce_as(Front *f, const Red *r, int agg, Type out)
{
    return nd_reduced(f, &r->d, agg, r->axes, r->keep, out);
}

/* Number of the elements that are reduced to one. */
static AVal *count_of(Front *f, const Red *r)
{
    AVal *n = av_int(f, 1);
    if (r->held) {
        Nd held = nd_of(f, r->held);
        return nd_reduced(f, &held, ND_COUNT, r->axes, r->keep, num_type(DT_I64));
    }
    for (int k = 0; k < r->d.n; k++)
        if (r->axes >> k & 1) n = ix_mul(f, n, nd_len(f, &r->d, k));
    return n;
}

static Type mean_type(const Nd *d)
{
    DType dt = (DType)d->base->type.dt;
    return num_type(dt == DT_F32 ? DT_F32 : DT_F64);
}

static AVal *as_float(Front *f, AVal *v)
{
    return v->kind == A_CONST
               ? av_float(f, (double)v->i)
               : av_scalar(f, front_cast(f, front_val(f, v), type_scalar(DT_F64)));
}

static AVal *weakly(AVal *v)
{
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

static AVal *div_by(Front *f, AVal *sum, AVal *n)
{
    return front_elem(f, OP_DIV, (AVal *[]){sum, n}, 2);
}

/* Only sums and means of timedeltas are defined, in their own unit. */
static void only_numbers(Front *f, const Nd *d, const char *ufunc)
{
    Type t = d->base->type;
    if (dt_is_number((DType)t.dt)) return;
    const char *of = dtype_text(f, t);
    front_fail(f, E_TYPE,
               "ufunc '%s' cannot use operands with types dtype('%s') and dtype('%s')",
               ufunc, of, of);
}

static void no_times(Front *f, const Nd *d, const char *ufunc)
{
    if (d->base->type.dt != DT_TD) only_numbers(f, d, ufunc);
}

/* The count of elements as the type that divides a sum of t. */
static AVal *divisor_of(Front *f, AVal *n, Type t)
{
    if (n->kind == A_ARRAY) {
        Nd d = nd_of(f, n), e = nd_copy(f, &d, t);
        return nd_av(f, &e);
    }
    return n->kind == A_SCALAR ? av_scalar(f, front_cast(f, n->val, t))
                               : weakly(as_float(f, n));
}

static AVal *mean(Front *f, Red *r, bool nan)
{
    no_times(f, &r->d, "add");
    if (r->d.base->type.dt == DT_TD) {
        AVal *sum = reduce_as(f, r, ND_SUM, nd_elem_type(&r->d));
        return div_by(f, sum, count_of(f, r));
    }
    Type t = mean_type(&r->d);
    AVal *sum = reduce_as(f, r, nan ? ND_NANSUM : ND_SUM, t);
    if (nan) {
        AVal *n = reduce_as(f, r, ND_NANCOUNT, num_type(DT_I64));
        return div_by(f, sum, divisor_of(f, n, t));
    }
    AVal *n = count_of(f, r);
    return div_by(f, sum, r->held ? divisor_of(f, n, t) : weakly(as_float(f, n)));
}

static AVal *where_holds(Front *f, AVal *v, AVal *where, AVal *fill)
{
    return np_call(f, "where", (AVal *[]){where, v, fill}, 3);
}

static AVal *var(Front *f, Red *r, bool nan, bool std)
{
    Red keep = *r;
    keep.keep = true;
    only_numbers(f, &r->d, "square");
    AVal *m = mean(f, &keep, nan), *a = nd_av(f, &r->d);
    AVal *x = front_elem(f, OP_SUB, (AVal *[]){a, m}, 2);
    x = front_elem(f, OP_MUL, (AVal *[]){x, x}, 2);
    if (r->held) x = where_holds(f, x, r->held, av_int(f, 0));
    Red s = *r;
    s.d = nd_of(f, x);
    AVal *sum = reduce_as(f, &s, nan ? ND_NANSUM : ND_SUM, mean_type(&s.d));
    AVal *n = nan ? reduce_as(f, &s, ND_NANCOUNT, num_type(DT_I64)) : count_of(f, r);
    if (n->kind == A_SCALAR) n = weakly(n);
    n = front_elem(f, OP_SUB, (AVal *[]){n, av_int(f, r->ddof)}, 2);
    n = front_elem(f, OP_MAX2, (AVal *[]){n, av_int(f, 0)}, 2);
    if (n->kind == A_ARRAY && mean_type(&s.d).dt == DT_F32) {
        Nd d = nd_of(f, n), e = nd_copy(f, &d, type_scalar(DT_F32));
        n = nd_av(f, &e);
    } else if (n->kind != A_ARRAY) {
        n = weakly(as_float(f, n));
    }
    AVal *v = div_by(f, sum, n);
    return std ? front_elem(f, OP_SQRT, &v, 1) : v;
}

/* -- Complex numbers --------------------------------------------------------------- */
static AVal *of_real(Front *f, const char *m, const Red *r, AVal *v);

/* Sums and means are those of the parts, variances their sum; whether some are not zero
 * is a question to an array of bools. NULL: another reduction. */
static AVal *of_complex(Front *f, Call *c, const char *m, const Red *r, AVal *v)
{
    bool sum = !strcmp(m, "sum") || !strcmp(m, "mean");
    bool var = !strcmp(m, "var") || !strcmp(m, "std");
    bool any = !strcmp(m, "any") || !strcmp(m, "all") || !strcmp(m, "count_nonzero");
    if (any)
        return of_real(f, m, r, front_elem(f, OP_NE, (AVal *[]){v, av_int(f, 0)}, 2));
    if (!sum && !var && strcmp(m, "prod") != 0)
        front_unsup(f, UNSUP_COMPLEX, "%s of complex numbers is not compiled", c->name);
    if (!sum && !var) return NULL;
    AVal *p[2] = {front_elem(f, OP_CREAL, &v, 1), front_elem(f, OP_CIMAG, &v, 1)};
    for (int k = 0; k < 2; k++)
        p[k] = of_real(f, var ? "var" : m, r, p[k]);
    if (sum) return front_elem(f, OP_CMAKE, p, 2);
    AVal *s = front_elem(f, OP_ADD, p, 2);
    return m[0] == 's' ? front_elem(f, OP_SQRT, &s, 1) : s;
}

/* -- One of all -------------------------------------------------------------------- */
static AVal *reduced(Front *f, const char *m, Red *r)
{
    static const struct {
        const char *name;
        int agg;
    } simple[] = {
        {"sum",           ND_SUM      },
        {"prod",          ND_PROD     },
        {"min",           ND_MIN      },
        {"max",           ND_MAX      },
        {"amin",          ND_MIN      },
        {"amax",          ND_MAX      },
        {"any",           ND_ANY      },
        {"all",           ND_ALL      },
        {"count_nonzero", ND_COUNT    },
        {"argmin",        ND_ARGMIN   },
        {"argmax",        ND_ARGMAX   },
        {"nansum",        ND_NANSUM   },
        {"nanprod",       ND_NANPROD  },
        {"nanmin",        ND_NANMIN   },
        {"nanmax",        ND_NANMAX   },
        {"nanargmin",     ND_NANARGMIN},
        {"nanargmax",     ND_NANARGMAX},
    };
    bool nan = !strncmp(m, "nan", 3);
    const char *plain = nan ? m + 3 : m;
    if (!strcmp(plain, "mean") || !strcmp(plain, "var") || !strcmp(plain, "std")) {
        if (!strcmp(plain, "mean")) return mean(f, r, nan);
        return var(f, r, nan, !strcmp(plain, "std"));
    }
    if (!strcmp(m, "ptp")) {
        AVal *hi = reduce_as(f, r, ND_MAX, nd_elem_type(&r->d));
        AVal *lo = reduce_as(f, r, ND_MIN, nd_elem_type(&r->d));
        return front_elem(f, OP_SUB, (AVal *[]){hi, lo}, 2);
    }
    int agg = -1;
    for (idx i = 0; i < COUNT_OF(simple); i++)
        if (!strcmp(simple[i].name, m)) agg = simple[i].agg;
    if (agg < 0) BUG("no reduction %s", m);
    Type t = nd_elem_type(&r->d);
    if (agg == ND_SUM || agg == ND_NANSUM) no_times(f, &r->d, "add");
    if (agg == ND_PROD || agg == ND_NANPROD) only_numbers(f, &r->d, "multiply");
    if (agg == ND_NANMIN || agg == ND_NANMAX) /* of NaN alone it is NaN */
        nd_check(f, lower_compare(f, AST_Eq, count_of(f, r), av_int(f, 0)), E_VALUE,
                 agg == ND_NANMIN ? "zero-size array to reduction operation fmin which "
                                    "has no identity"
                                  : "zero-size array to reduction operation fmax which "
                                    "has no identity",
                 0, NULL);
    if (agg == ND_SUM || agg == ND_PROD || agg == ND_NANSUM || agg == ND_NANPROD)
        t = r->typed ? t : sum_type(&r->d);
    if (agg == ND_ANY || agg == ND_ALL) t = num_type(DT_BOOL);
    if (agg == ND_COUNT || agg == ND_ARGMIN || agg == ND_ARGMAX ||
        agg == ND_NANARGMIN || agg == ND_NANARGMAX)
        t = num_type(DT_I64);
    return reduce_as(f, r, agg, t);
}

/* Whole, of a plain array: a column, whose loop fuses with others. pandas' variance of
 * as many values as ddof is NaN, and NumPy's only where the squares are 0, as they are
 * of one value. */
static bool as_column(const AVal *v, const Red *r, const char *m)
{
    return nd_is_plain(v) && r->axes == 1 && !r->keep && !r->held && r->ddof < 2 &&
           agg_kind(m) >= 0;
}

/* The reduction of a part of the elements. */
static AVal *of_real(Front *f, const char *m, const Red *r, AVal *v)
{
    Red part = *r;
    part.d = nd_of(f, v);
    if (as_column(v, &part, m))
        return reduce_col(f, front_col(f, v), agg_kind(m), r->ddof, false, 0);
    return reduced(f, m, &part);
}

/* A whole column to one value: NumPy has none for no elements at all. */
static AVal *column_reduced(Front *f, const char *m, const Red *r, AVal *v)
{
    int agg = agg_kind(m);
    bool best = (agg == AGG_MIN || agg == AGG_MAX);
    if (!best) return reduce_col(f, front_col(f, v), agg, r->ddof, false, 0);
    lower_raise_if(
        f, lower_compare(f, AST_Eq, nd_len(f, &r->d, 0), av_int(f, 0)), E_VALUE,
        agg == AGG_MIN ? "zero-size array to reduction operation minimum which has no "
                         "identity"
                       : "zero-size array to reduction operation maximum which has no "
                         "identity");
    AVal *x = reduce_col(f, front_col(f, v), agg, r->ddof, false, 0);
    return av_scalar(f, front_cast(f, front_val(f, x), nd_elem_type(&r->d)));
}

/* How a reduction takes its initial value in. */
static Op initial_op(Front *f, const Call *c)
{
    static const struct {
        const char *name;
        Op op;
    } known[] = {
        {"sum",     OP_ADD },
        {"prod",    OP_MUL },
        {"min",     OP_MIN2},
        {"amin",    OP_MIN2},
        {"max",     OP_MAX2},
        {"amax",    OP_MAX2},
        {"nanmin",  OP_MIN2},
        {"nanmax",  OP_MAX2},
        {"nansum",  OP_ADD },
        {"nanprod", OP_MUL },
    };
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(known[i].name, call_short(c))) return known[i].op;
    front_unsup(f, UNSUP_API, "%s() with an initial value", c->name);
}

/* What the reduction starts from, in the elements' type. */
static AVal *start_value(Front *f, AVal *start, Type t)
{
    if (is_none(start)) return NULL;
    return av_scalar(f, front_cast(f, front_val(f, start), t));
}

static bool is_best(const char *m)
{
    const char *plain = !strncmp(m, "nan", 3) ? m + 3 : m;
    return strstr(plain, "min") || strstr(plain, "max");
}

/* where= of a reduction: what takes no part becomes what changes nothing. */
static AVal *taking_part(Front *f, const char *m, AVal *v, AVal *where, AVal *start,
                         Red *r)
{
    Type t = v->val->type;
    Nd mask = nd_arg(f, where, "where");
    Type given = mask.base ? mask.base->type : front_val(f, where)->type;
    if (given.dt != DT_BOOL)
        front_fail(f, E_TYPE,
                   "Cannot cast array data from dtype('%s') to dtype('bool') according "
                   "to the rule 'safe'",
                   dtype_text(f, given));
    if (mask.base && mask.n > nd_of(f, v).n)
        front_fail(f, E_VALUE,
                   "input operand has more dimensions than allowed by the axis "
                   "remapping");
    if (is_best(m) && !start)
        front_fail(f, E_VALUE,
                   "reduction operation '%s' does not have an identity, so to use a "
                   "where mask one has to specify 'initial'",
                   strstr(m, "min") ? "minimum" : "maximum");
    if (is_best(m)) return where_holds(f, v, where, start);
    bool nan = !strncmp(m, "nan", 3), ones = strstr(m, "prod") || !strcmp(m, "all");
    if (nan && dt_is_float((DType)t.dt))
        return where_holds(f, v, where, av_float(f, (double)NAN));
    if (strstr(m, "mean") || strstr(m, "var") || strstr(m, "std")) {
        AVal *all = front_elem(f, OP_EQ, (AVal *[]){v, v}, 2);
        all = front_elem(f, OP_BITOR, (AVal *[]){all, av_bool(f, true)}, 2);
        r->held = where_holds(f, all, where, av_bool(f, false));
    }
    return where_holds(f, v, where, av_int(f, ones));
}

static int64_t correction(Front *f, const Call *c, int64_t ddof)
{
    if (ddof)
        front_fail(f, E_VALUE, "ddof and correction can't be provided simultaneously.");
    return call_int(f, c, "correction");
}

/* min or max of the elements and of what it starts from; np.nanmin's passes over NaN.
 */
static AVal *best_from(Front *f, const char *m, const Red *r, AVal *start)
{
    bool nan = !strncmp(m, "nan", 3), low = strstr(m, "min") != NULL;
    int agg = nan ? (low ? ND_NANMIN : ND_NANMAX) : low ? ND_MIN : ND_MAX;
    AVal *all =
        nd_reduced_from(f, &r->d, agg, r->axes, r->keep, nd_elem_type(&r->d), true);
    AVal *both[2] = {all, start};
    if (nan) return np_call(f, low ? "fmin" : "fmax", both, 2);
    return front_elem(f, low ? OP_MIN2 : OP_MAX2, both, 2);
}

AVal *build_nd_reduce(Front *f, Call *c)
{
    const char *m = call_short(c);
    AVal *v = nd_of_any(f, c), *axis = optional(f, c, "axis");
    AVal *dtype = optional(f, c, "dtype"), *given = optional(f, c, "initial");
    AVal *where = optional(f, c, "where"), *ddof = optional(f, c, "ddof");
    Red r = {.d = nd_of(f, v)};
    r.axes = axes_of(f, axis, r.d.n);
    r.keep = !is_none(optional(f, c, "keepdims")) && call_bool(f, c, "keepdims");
    r.ddof = is_none(ddof) ? 0 : call_int(f, c, "ddof");
    if (!is_none(optional(f, c, "correction"))) r.ddof = correction(f, c, r.ddof);
    if (!is_none(dtype)) {
        Type t;
        if (!dtype_of(f, dtype, &t))
            front_fail(f, E_TYPE, "data type %s not understood", const_text(f, dtype));
        r.d = nd_copy(f, &r.d, t);
        r.typed = true;
        v = nd_av(f, &r.d);
    }
    Op joins = is_none(given) ? OP_COUNT : initial_op(f, c);
    bool sums = joins == OP_ADD || joins == OP_MUL;
    Type to = sums && !r.typed ? sum_type(&r.d) : nd_elem_type(&r.d);
    AVal *start = start_value(f, given, to);
    if (!is_none(where) && !(where->kind == A_CONST && where->i)) {
        v = taking_part(f, m, v, where, start, &r);
        r.d = nd_of(f, v);
    }
    if (as_column(v, &r, m) && !start && dt_is_num((DType)v->val->type.dt))
        return column_reduced(f, m, &r, v);
    if (start && is_best(m)) return best_from(f, m, &r, start);
    AVal *res = NULL;
    if (dt_is_complex((DType)v->val->type.dt)) res = of_complex(f, c, m, &r, v);
    if (!res) res = reduced(f, m, &r);
    if (!start) return res;
    return front_elem(f, joins, (AVal *[]){res, start}, 2);
}

/* np.sum(s) of a Series is the Series' own. */
AVal *build_np_reduce(Front *f, Call *c)
{
    AVal *a = call_arg(f, c, "a");
    const char *m = call_short(c);
    if (a->kind == A_SERIES && agg_kind(m) >= 0)
        return reduce_col(f, front_col(f, a), agg_kind(m), 0, strcmp(m, "median") != 0,
                          0);
    if (a->kind == A_FRAME)
        front_unsup(f, UNSUP_API, "%s() of a DataFrame; use its own method", c->name);
    return build_nd_reduce(f, c);
}

/* Of a vector as of a column, each rank its rows; NaN counts as a value. */
static AVal *running(Front *f, const Nd *d, char what, Type t)
{
    Val *v = front_col(f, nd_av(f, d));
    Node *n = put_node(f, OP_CUMULATE, &v, 1, 1);
    node_set_text(f->fn, n, "what", what == 's' ? "S" : "P", 1);
    Type to = v->type;
    to.dt = t.dt;
    val_init(f->fn, &n->res[0], to, v->axis);
    return np_array_of(f, &n->res[0]);
}

/* Whole numbers run in 64 bits; a narrower dtype wraps at the end as it would on the
 * way.
 */
static AVal *scanned_ints(Front *f, const Nd *d, int k, char what, Type t)
{
    if (t.dt == DT_BOOL)
        front_unsup(f, UNSUP_API, "running sums and products of dtype bool");
    bool wide = t.dt == DT_I64 || t.dt == DT_U64;
    AVal *r =
        nd_scanned(f, d, k, what, wide ? type_with(t, TY_SCALAR) : type_scalar(DT_I64));
    if (wide) return r;
    Nd all = nd_of(f, r), cut = nd_copy(f, &all, t);
    return nd_av(f, &cut);
}

AVal *build_nd_cumulate(Front *f, Call *c)
{
    AVal *v = nd_of_any(f, c), *axis = optional(f, c, "axis");
    AVal *dtype = optional(f, c, "dtype");
    Nd d = nd_of(f, v);
    AVal *all = av_int(f, -1);
    if (is_none(axis) && d.n > 1) {
        v = nd_reshape(f, &d, &all, 1);
        d = nd_of(f, v);
    }
    int k = is_none(axis) ? 0 : nd_axis_arg(f, axis, d.n);
    Type t = sum_type(&d);
    if (!is_none(dtype)) {
        if (!dtype_of(f, dtype, &t))
            front_fail(f, E_TYPE, "data type %s not understood", const_text(f, dtype));
        d = nd_copy(f, &d, t);
    }
    char what = strstr(call_short(c), "prod") ? 'p' : 's';
    if (d.n == 1 && d.axis && is_none(dtype) && !dt_is_complex((DType)t.dt))
        return running(f, &d, what, t);
    if (dt_is_int((DType)t.dt) || t.dt == DT_BOOL)
        return scanned_ints(f, &d, k, what, t);
    if (!dt_is_complex((DType)t.dt) || what == 'p')
        return nd_scanned(f, &d, k, what, type_with(t, TY_SCALAR));
    v = nd_av(f, &d);
    AVal *p[2] = {front_elem(f, OP_CREAL, &v, 1), front_elem(f, OP_CIMAG, &v, 1)};
    for (int i = 0; i < 2; i++) {
        Nd part = nd_of(f, p[i]);
        p[i] = nd_scanned(f, &part, k, what, type_scalar(dt_real_of((DType)t.dt)));
    }
    return front_elem(f, OP_CMAKE, p, 2);
}
