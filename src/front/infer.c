/* SPDX-License-Identifier: Apache-2.0
 * Typing of element-wise operations: NumPy 2's promotion (Python's own numbers are
 * weak), pandas' missing values, and the result's kind: scalar, Series, array, frame.
 *
 * A rule gets IR values of one axis and scalars, casts them to the type in which the
 * operation is done, and writes one node. Rules are found by the row's build name in
 * ops.def.
 *
 * Missing values: arithmetic on "int64?" (NULL_PROM) stays so for integer results and
 * is float64 with NaN for others; a nullable operand makes a nullable result;
 * comparisons with a missing value are False (!=: True) but for nullable dtypes, where
 * they are missing. Python scalars divide by zero with ZeroDivisionError, columns and
 * arrays never.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/infer.h"
#include "front/nd.h"

#include <math.h>
#include <string.h>

typedef Val *Rule(Front *f, Elem *e);

/* -- Tools ------------------------------------------------------------------------- */
static DType dt_of(const Val *v)
{
    return (DType)v->type.dt;
}

Type elem_type(const Elem *e, DType dt, NullForm null, Unit unit)
{
    Type t = e->col ? type_col(dt) : type_scalar(dt);
    t.null = (uint8_t)null;
    t.unit = dt_is_time(dt) ? (uint8_t)unit : (uint8_t)UNIT_NONE;
    return t;
}

Val *elem_node(Front *f, const Elem *e, Op op, Type t)
{
    return val_put(f, op, e->arg, e->n, t, e->col ? e->axis : NULL);
}

static const char *val_text(Front *f, const Val *v)
{
    char t[48];
    return arena_printf(f->arena, v->type.kind == TY_COL ? "Series of %s" : "%s",
                        type_text(v->type, t));
}

const char *op_sign(Op op)
{
    static const char *const sign[OP_COUNT] = {
        [OP_ADD] = "+",       [OP_SUB] = "-",       [OP_MUL] = "*",
        [OP_DIV] = "/",       [OP_FLOORDIV] = "//", [OP_MOD] = "%",
        [OP_POW] = "**",      [OP_BITAND] = "&",    [OP_BITOR] = "|",
        [OP_BITXOR] = "^",    [OP_SHL] = "<<",      [OP_SHR] = ">>",
        [OP_EQ] = "==",       [OP_NE] = "!=",       [OP_LT] = "<",
        [OP_LE] = "<=",       [OP_GT] = ">",        [OP_GE] = ">=",
        [OP_NEG] = "unary -", [OP_INVERT] = "~",
    };
    return sign[op] ? sign[op] : op_info[op].doc;
}

Op infer_op(AstKind op)
{
    switch (op) {
    case AST_Add: return OP_ADD;
    case AST_Sub: return OP_SUB;
    case AST_Mult: return OP_MUL;
    case AST_Div: return OP_DIV;
    case AST_FloorDiv: return OP_FLOORDIV;
    case AST_Mod: return OP_MOD;
    case AST_Pow: return OP_POW;
    case AST_BitAnd: return OP_BITAND;
    case AST_BitOr: return OP_BITOR;
    case AST_BitXor: return OP_BITXOR;
    case AST_LShift: return OP_SHL;
    case AST_RShift: return OP_SHR;
    case AST_Eq: return OP_EQ;
    case AST_NotEq: return OP_NE;
    case AST_Lt: return OP_LT;
    case AST_LtE: return OP_LE;
    case AST_Gt: return OP_GT;
    case AST_GtE: return OP_GE;
    default: return OP_COUNT;
    }
}

void elem_bad_types(Front *f, const Elem *e)
{
    if (e->n == 1) {
        AVal *v = av_scalar(f, e->arg[0]);
        v->i = e->python;
        bool one = v->val->type.kind == TY_SCALAR;
        front_fail(f, E_TYPE, "bad operand type for %s%s: '%s'",
                   e->op == OP_INVERT ? "unary " : "", op_sign(e->op),
                   one ? front_class_text(f, v) : val_text(f, e->arg[0]));
    }
    front_fail(f, E_TYPE, "unsupported operand types for %s: %s and %s", op_sign(e->op),
               val_text(f, e->arg[0]), val_text(f, e->arg[1]));
}

/* -- Casts ------------------------------------------------------------------------- */
static void check_range(Front *f, int64_t v, DType dt)
{
    if (!dt_holds(dt, v))
        front_fail(f, E_OVERFLOW, "Python integer %lld out of bounds for %s",
                   (long long)v, dtype_info[dt].text);
}

/* A float constant as its dtype holds it. */
static double held(DType dt, double v)
{
    return dt == DT_F32 || dt == DT_C64 ? (double)(float)v : v;
}

/* A constant in another numeric type; NULL when v is no such constant. */
static Val *cast_const(Front *f, Val *v, Type to)
{
    if (!v->def || v->def->op != OP_CONST || node_attr(v->def, "na")) return NULL;
    DType from = dt_of(v), dt = (DType)to.dt;
    to.kind = TY_SCALAR;
    if (dt_is_float(dt) && dt_is_float(from))
        return ir_const_float(f->fn, f->at, f->loc, to,
                              held(dt, node_attr(v->def, "v")->f));
    if (dt_is_float(dt) && dt_is_num(from))
        return ir_const_float(f->fn, f->at, f->loc, to,
                              held(dt, (double)node_int(v->def, "v", 0)));
    if (dt_is_complex(dt) && dt_is_num(from)) {
        const Attr *a = node_attr(v->def, "v");
        return ir_const_float(f->fn, f->at, f->loc, to,
                              held(dt, a->kind == AT_FLOAT ? a->f : (double)a->i));
    }
    if (dt_is_int(dt) && (dt_is_int(from) || from == DT_BOOL)) {
        int64_t k = node_int(v->def, "v", 0);
        check_range(f, k, dt);
        return ir_const_int(f->fn, f->at, f->loc, to, k);
    }
    if (dt_is_time(dt) && from == dt) {
        int64_t k = node_int(v->def, "v", 0);
        int64_t a = unit_per_second((Unit)v->type.unit),
                b = unit_per_second((Unit)to.unit);
        if (k == NAT || b < a)
            return k == NAT ? ir_const_int(f->fn, f->at, f->loc, to, k) : NULL;
        int64_t r;
        if (__builtin_mul_overflow(k, b / a, &r))
            front_fail(f, E_OVERFLOW, "a time is out of bounds for datetime64[%s]",
                       unit_text((Unit)to.unit));
        return ir_const_int(f->fn, f->at, f->loc, to, r);
    }
    return NULL;
}

Val *front_cast(Front *f, Val *v, Type elem)
{
    Type to = elem;
    to.kind = v->type.kind;
    to.ndim = v->type.ndim;
    if (type_eq(to, v->type)) return v;
    if (type_is_cat(v->type))
        return to.dt == DT_CAT ? cat_as_type(f, v, to)
                               : front_cast(f, cat_values(f, v), elem);
    Val *c = cast_const(f, v, to);
    if (c) return c;
    if (v->type.kind == TY_ARRAY) {
        Val *col = val_put(f, OP_TOCOL, &v, 1, type_with(v->type, TY_COL), v->axis);
        col = front_cast(f, col, elem);
        return val_put(f, OP_TOARRAY, &col, 1, to, v->axis);
    }
    return val_put(f, OP_CAST, &v, 1, to, v->type.kind == TY_COL ? v->axis : NULL);
}

/* Python's own integer beside NumPy's: it must fit. Constants are looked at by
 * cast_const; what loop nests do with elements goes unchecked. */
static void check_fits(Front *f, const Elem *e, int i, DType dt)
{
    static const int64_t lo[DT_COUNT] = {
        [DT_I8] = INT8_MIN, [DT_I16] = INT16_MIN, [DT_I32] = INT32_MIN};
    static const int64_t hi[DT_COUNT] = {
        [DT_I8] = INT8_MAX,  [DT_I16] = INT16_MAX,  [DT_I32] = INT32_MAX,
        [DT_U8] = UINT8_MAX, [DT_U16] = UINT16_MAX, [DT_U32] = UINT32_MAX,
        [DT_U64] = INT64_MAX};
    Val *v = e->arg[i];
    bool run = v->type.kind == TY_SCALAR && !(v->def && v->def->op == OP_CONST);
    if (!e->weak[i] || e->lane || !run || dt_of(v) != DT_I64 || !dt_is_int(dt) ||
        dt == DT_I64)
        return;
    AVal *x = av_scalar(f, v);
    x->i = 1;
    AVal *low = infer_elem(f, OP_LT, (AVal *[]){x, av_int(f, lo[dt])}, 2);
    AVal *high = infer_elem(f, OP_GT, (AVal *[]){x, av_int(f, hi[dt])}, 2);
    const char *text = arena_printf(f->arena, "Python integer %%d out of bounds for %s",
                                    dtype_info[dt].text);
    nd_check(f, infer_elem(f, OP_BITOR, (AVal *[]){low, high}, 2), E_OVERFLOW, text, 1,
             &x);
}

void elem_cast(Front *f, Elem *e, int from, DType dt, Unit unit)
{
    bool mask = false;
    for (int i = from; i < e->n; i++)
        mask |= e->arg[i]->type.null == NULL_MASK;
    for (int i = from; i < e->n; i++) {
        Type t = e->arg[i]->type;
        NullForm null = (NullForm)t.null;
        /* Beside a nullable column a NaN of a float column is a missing value. */
        bool nan = mask && null == NULL_NAN && t.kind == TY_COL;
        if (dt_is_float(dt) && null != NULL_MASK) null = nan ? NULL_MASK : NULL_NAN;
        if (dt_is_time(dt) && null != NULL_MASK && !dt_is_time((DType)t.dt))
            null = NULL_NAT;
        if (!dt_is_float(dt) && !dt_is_time(dt) && null == NULL_NAN) null = NULL_NONE;
        check_fits(f, e, i, dt);
        t.dt = (uint8_t)dt;
        t.null = (uint8_t)null;
        t.unit = dt_is_time(dt) ? (uint8_t)unit : (uint8_t)UNIT_NONE;
        e->arg[i] = front_cast(f, e->arg[i], t);
    }
}

/* -- Promotion --------------------------------------------------------------------- */
static bool all_num(const Elem *e, int from)
{
    for (int i = from; i < e->n; i++)
        if (!dt_is_num(dt_of(e->arg[i]))) return false;
    return true;
}

static int kind_rank(DType d)
{
    return d == DT_BOOL ? 0 : dt_is_complex(d) ? 3 : dt_is_float(d) ? 2 : 1;
}

/* NEP 50: a weak operand only counts by its kind (bool < int < float < complex). */
DType elem_promote(const Elem *e, int from)
{
    bool strong = false;
    Type t = {0}, u;
    int weakest = -1;
    for (int i = from; i < e->n; i++) {
        if (e->weak[i]) {
            int k = kind_rank(dt_of(e->arg[i]));
            if (k > weakest) weakest = k;
            continue;
        }
        if (!strong)
            t = e->arg[i]->type;
        else if (type_promote(t, e->arg[i]->type, &u))
            t = u;
        strong = true;
    }
    static const DType python[] = {DT_BOOL, DT_I64, DT_F64, DT_C128};
    ASSERT(strong || (weakest >= 0 && weakest <= 3));
    if (!strong) return python[weakest];
    if (weakest == 3 && t.dt == DT_F32) return DT_C64;
    if (weakest > kind_rank((DType)t.dt)) return python[weakest];
    return (DType)t.dt;
}

/* Whose time the result is: a column's or pandas' own, else NumPy's, else Python's. */
static NullForm time_null(const Elem *e, int from)
{
    bool numpy = false;
    for (int i = from; i < e->n; i++) {
        Type t = e->arg[i]->type;
        if (!dt_is_time((DType)t.dt)) continue;
        if (t.null == NULL_NAT) return NULL_NAT;
        numpy |= t.null == NULL_NAN;
    }
    return e->col ? NULL_NAT : numpy ? NULL_NAN : NULL_NONE;
}

static NullForm null_of(const Elem *e, int from, DType dt)
{
    bool mask = false, prom = false;
    for (int i = from; i < e->n; i++) {
        mask |= e->arg[i]->type.null == NULL_MASK && dt_of(e->arg[i]) != DT_STR;
        prom |= e->arg[i]->type.null == NULL_PROM;
    }
    if (mask) return NULL_MASK;
    if (dt_is_float(dt)) return NULL_NAN;
    if (dt_is_time(dt)) return time_null(e, from);
    return prom ? NULL_PROM : NULL_NONE;
}

static Unit finer(const Elem *e, int from)
{
    Unit u = UNIT_S;
    for (int i = from; i < e->n; i++)
        if (dt_is_time(dt_of(e->arg[i])) && e->arg[i]->type.unit > u)
            u = (Unit)e->arg[i]->type.unit;
    return u;
}

/* -- Arithmetic -------------------------------------------------------------------- */
/* The operation in dt. Nullable floats: in pandas a NaN that arises is missing too, so
 * it is done on plain floats, where missing is NaN, and the result made nullable again.
 */
static Val *num_node(Front *f, Elem *e, int from, DType dt)
{
    NullForm null = null_of(e, from, dt);
    Type to = elem_type(e, dt, null, UNIT_NONE), plain = to;
    if (null != NULL_MASK || !dt_is_float(dt)) {
        elem_cast(f, e, from, dt, UNIT_NONE);
        return elem_node(f, e, e->op, to);
    }
    plain.null = NULL_NAN;
    for (int i = from; i < e->n; i++)
        e->arg[i] = front_cast(f, e->arg[i], plain);
    return front_cast(f, elem_node(f, e, e->op, plain), to);
}

static Val *concat_text(Front *f, Elem *e)
{
    if (e->op != OP_ADD) elem_bad_types(f, e);
    if (!e->col)
        front_unsup(f, UNSUP_FSTRING,
                    "joining run-time text of scalars is not compiled yet");
    return val_put(f, OP_STRCONCAT, e->arg, 2, type_col(DT_STR), e->axis);
}

/* NumPy's arrays: whole numbers beside a timedelta (also what is added to a time) are
 * counts of its unit. */
static void counts_as_deltas(Front *f, Elem *e, int from)
{
    Unit u = finer(e, from);
    bool times = false;
    for (int i = from; i < e->n; i++)
        times |= dt_is_time(dt_of(e->arg[i]));
    for (int i = from; e->array && times && i < e->n; i++) {
        DType dt = dt_of(e->arg[i]);
        Type t = elem_type(e, DT_TD, NULL_NAT, u);
        if (dt_is_int(dt) || dt == DT_BOOL) e->arg[i] = front_cast(f, e->arg[i], t);
    }
}

static bool is_quotient(const Elem *e)
{
    return e->op == OP_DIV || e->op == OP_FLOORDIV;
}

/* The dtype of a timedelta by a number, DT_COUNT: there is none. */
static DType scaled_result(const Elem *e, DType a, DType b)
{
    DType by = a == DT_TD ? b : b == DT_TD ? a : DT_COUNT;
    bool number = by != DT_COUNT && dt_is_num(by) && !dt_is_complex(by);
    if (!number || (by == DT_BOOL && !(e->array && e->op == OP_MUL))) return DT_COUNT;
    return e->op == OP_MUL || (is_quotient(e) && a == DT_TD) ? DT_TD : DT_COUNT;
}

/* The dtype of an operation with times, DT_COUNT: there is none. */
static DType time_result(const Elem *e)
{
    DType a = dt_of(e->arg[0]), b = dt_of(e->arg[1]);
    bool add = e->op == OP_ADD, sub = e->op == OP_SUB;
    if (a == DT_TS && b == DT_TS) return sub ? DT_TD : DT_COUNT;
    if (a == DT_TS && b == DT_TD) return add || sub ? DT_TS : DT_COUNT;
    if (a == DT_TD && b == DT_TS) return add ? DT_TS : DT_COUNT;
    if (a == DT_TD && b == DT_TD) {
        if (add || sub || e->op == OP_MOD) return DT_TD;
        if (!is_quotient(e)) return DT_COUNT;
        return e->op == OP_DIV ? DT_F64 : DT_I64;
    }
    return scaled_result(e, a, b);
}

static Val *arith_time(Front *f, Elem *e)
{
    if (e->op == OP_ADD || e->op == OP_SUB) counts_as_deltas(f, e, 0);
    DType a = dt_of(e->arg[0]), b = dt_of(e->arg[1]), to = time_result(e);
    Unit u = finer(e, 0);
    bool both = dt_is_time(a) && dt_is_time(b);
    if (to == DT_COUNT) elem_bad_types(f, e);
    NullForm null = null_of(e, 0, to);
    if (to == DT_I64 && time_null(e, 0) != NULL_NONE && !e->array)
        null = NULL_PROM; /* by NaT; NumPy's is 0 */
    for (int i = 0; i < 2; i++) {
        Type t = e->arg[i]->type;
        if (both) {
            t.unit = (uint8_t)u;
        } else if (!dt_is_time((DType)t.dt)) {
            bool real = dt_is_float((DType)t.dt);
            t.dt = real ? DT_F64 : DT_I64;
            if (real && t.null == NULL_NONE) t.null = NULL_NAN;
        }
        e->arg[i] = front_cast(f, e->arg[i], t);
    }
    Val *v = elem_node(f, e, e->op, elem_type(e, to, null, u));
    if (e->op == OP_MOD && e->col && !e->array && v->def->op == OP_MOD)
        node_set_int(f->fn, v->def, "zero", 1); /* by 0 is 0 in pandas, NaT in NumPy */
    return v;
}

/* NumPy gives 0 or something infinite, Python raises. */
static bool zero_raises(const Front *f, const Elem *e, DType dt)
{
    const Node *d = e->arg[1]->def;
    if (flags_numpy_errors(f) || e->lane || (!e->python && (!e->col || e->array)))
        return false;
    if (d && d->op == OP_CONST) {
        const Attr *v = node_attr(d, "v");
        bool zero = v && (v->kind == AT_FLOAT ? v->f == 0 : v->i == 0);
        if (!zero) return false;
    }
    if (e->col && dt_is_float(dt)) return false;
    return e->python || (!dt_is_float(dt) && e->op != OP_DIV);
}

static const char *zero_text(const Elem *e, DType dt)
{
    if (e->op == OP_MOD && !dt_is_float(dt)) return "integer modulo by zero";
    if (e->op == OP_MOD) return "float modulo";
    if (e->op == OP_DIV) return e->ints ? "division by zero" : "float division by zero";
    return dt_is_float(dt) ? "float floor division by zero"
                           : "integer division or modulo by zero";
}

static void zero_check(Front *f, Elem *e, DType dt)
{
    Val *d = e->arg[1];
    if (!zero_raises(f, e, dt)) return;
    if (d->type.kind == TY_COL) {
        if (e->array) return;
        front_unsup(
            f, UNSUP_INTEGER_DIV,
            "%s of an integer Series by an integer Series has a dtype that depends "
            "on zeros in the data",
            op_sign(e->op));
    }
    AVal *zero = av_int(f, 0), *v = av_scalar(f, d);
    v->i = 1;
    AVal *is_zero = infer_elem(f, OP_EQ, (AVal *[]){v, zero}, 2);
    lower_raise_if(f, is_zero, E_ZERO_DIV, zero_text(e, dt));
}

/* Python's floats: 0.0 has no negative power, and fractional powers of negative numbers
 * are complex, which the type of the result can't depend on. */
static void power_check(Front *f, const Elem *e)
{
    const Node *c = e->arg[1]->def;
    const Attr *a = c && c->op == OP_CONST ? node_attr(c, "v") : NULL;
    double k = !a ? 0 : a->kind == AT_FLOAT ? a->f : (double)a->i;
    AVal *x = av_scalar(f, e->arg[0]), *y = av_scalar(f, e->arg[1]);
    AVal *zero = av_int(f, 0);
    x->i = y->i = 1;
    if (!a || k < 0) {
        AVal *neg = infer_elem(f, OP_LT, (AVal *[]){y, zero}, 2);
        AVal *none = infer_elem(f, OP_EQ, (AVal *[]){x, zero}, 2);
        lower_raise_if(f, infer_elem(f, OP_BITAND, (AVal *[]){neg, none}, 2),
                       E_ZERO_DIV, "0.0 cannot be raised to a negative power");
    }
    if ((a && floor(k) == k) || dt_is_int(dt_of(e->arg[1]))) return;
    AVal *whole = infer_elem(f, OP_FLOOR, &y, 1);
    AVal *part = infer_elem(f, OP_LT, (AVal *[]){whole, y}, 2);
    AVal *low = infer_elem(f, OP_LT, (AVal *[]){x, zero}, 2);
    AVal *finite = infer_elem(f, OP_GT, (AVal *[]){x, av_float(f, -HUGE_VAL)}, 2);
    AVal *bad = infer_elem(f, OP_BITAND, (AVal *[]){part, low}, 2);
    lower_raise_if(f, infer_elem(f, OP_BITAND, (AVal *[]){bad, finite}, 2), E_VALUE,
                   "a fractional power of a negative number is a complex number: write "
                   "complex(x) ** y");
}

static Val *power(Front *f, Elem *e, DType dt)
{
    Val *p = e->arg[1];
    if (e->python && dt_is_float(dt)) power_check(f, e);
    if (dt_is_float(dt)) return NULL;
    if (dt_is_unsigned(dt) && !e->col) return NULL; /* the exponent must fit */
    if (p->def && p->def->op == OP_CONST) {
        if (node_int(p->def, "v", 0) >= 0) return NULL;
        if (!e->python)
            front_fail(f, E_VALUE,
                       "Integers to negative integer powers are not allowed.");
        power_check(f, e);
        elem_cast(f, e, 0, DT_F64, UNIT_NONE);
        return elem_node(f, e, OP_POW, elem_type(e, DT_F64, NULL_NAN, UNIT_NONE));
    }
    AVal *v = p->type.kind == TY_COL ? np_array_of(f, p) : av_scalar(f, p);
    v->i = 1;
    AVal *neg = infer_elem(f, OP_LT, (AVal *[]){v, av_int(f, 0)}, 2);
    if (p->type.kind == TY_COL)
        neg = reduce_col(f, front_col(f, neg), AGG_ANY, 0, true, 0);
    lower_raise_if(f, neg, E_VALUE,
                   "Integers to negative integer powers are not allowed.");
    return NULL;
}

/* Of two bools: or, and, what is refused; NULL: they are numbers. */
static Val *arith_bools(Front *f, Elem *e)
{
    bool weak = e->weak[0] && e->weak[1];
    if (!weak && e->op == OP_SUB)
        front_fail(f, E_TYPE,
                   "numpy boolean subtract, the `-` operator, is not supported, use "
                   "the bitwise_xor, the `^` operator, or the logical_xor function "
                   "instead.");
    bool either = e->op == OP_ADD || e->op == OP_MUL; /* or, and */
    if (!weak && either && null_of(e, 0, DT_BOOL) == NULL_MASK) {
        /* But missing where one is, which | and & of nullable bools are not. */
        Val *v = num_node(f, e, 0, DT_I8);
        Type t = v->type;
        t.dt = DT_BOOL;
        return front_cast(f, v, t);
    }
    if (!weak && either) {
        Op op = e->op == OP_ADD ? OP_BITOR : OP_BITAND;
        return elem_node(f, e, op,
                         elem_type(e, DT_BOOL, null_of(e, 0, DT_BOOL), UNIT_NONE));
    }
    bool refused = e->op == OP_DIV || e->op == OP_FLOORDIV || e->op == OP_POW;
    if (refused && e->col && !e->array)
        front_fail(f, E_NOT_IMPL, "operator '%s' not implemented for bool dtypes",
                   e->op == OP_DIV        ? "truediv"
                   : e->op == OP_FLOORDIV ? "floordiv"
                                          : "pow");
    return NULL;
}

/* What pandas computes row by row in Python. */
static void no_objects(Front *f, const Elem *e, DType a, DType b)
{
    bool repeats = (a == DT_STR && dt_is_int(b)) || (b == DT_STR && dt_is_int(a));
    if (repeats && e->op == OP_MUL)
        front_unsup(f, UNSUP_OPERATOR, "the texts of a column times a number");
}

static Val *arith(Front *f, Elem *e)
{
    DType a = dt_of(e->arg[0]), b = dt_of(e->arg[1]);
    if (a == DT_STR && b == DT_STR) return concat_text(f, e);
    if (e->col) no_objects(f, e, a, b);
    Val *days = infer_days(f, e);
    if (days) return days;
    if (dt_is_time(a) || dt_is_time(b)) return arith_time(f, e);
    if (!all_num(e, 0)) elem_bad_types(f, e);
    DType dt = elem_promote(e, 0);
    if (dt == DT_BOOL) {
        Val *v = arith_bools(f, e);
        if (v) return v;
        dt = e->weak[0] && e->weak[1] ? DT_I64 : DT_I8;
    }
    if (e->op == OP_DIV && !dt_is_float(dt)) dt = DT_F64;
    if (e->op == OP_DIV || e->op == OP_FLOORDIV || e->op == OP_MOD)
        zero_check(f, e, dt);
    if (e->op == OP_POW) {
        Val *v = power(f, e, dt);
        if (v) return v;
    }
    return num_node(f, e, 0, dt);
}

static Val *arith1(Front *f, Elem *e)
{
    DType dt = dt_of(e->arg[0]);
    if (e->op == OP_ABS && dt == DT_STR && e->col)
        front_fail(f, E_NOT_IMPL,
                   "Function 'abs_checked' has no kernel matching input types "
                   "(large_string)");
    if (e->n != 1 || !(dt_is_num(dt) || dt == DT_TD)) elem_bad_types(f, e);
    if (dt == DT_BOOL && e->weak[0]) {
        dt = DT_I64;
        elem_cast(f, e, 0, dt, UNIT_NONE);
    } else if (dt == DT_BOOL && e->op == OP_NEG && e->col && !e->array) {
        return elem_node(f, e, OP_INVERT, e->arg[0]->type);
    } else if (dt == DT_BOOL && e->op == OP_NEG) {
        front_fail(
            f, E_TYPE,
            "The numpy boolean negative, the `-` operator, is not "
            "supported, use the `~` operator or the logical_not function instead.");
    } else if (dt == DT_BOOL) {
        return e->arg[0];
    }
    return elem_node(f, e, e->op, e->arg[0]->type);
}

static Val *bits(Front *f, Elem *e)
{
    if (!all_num(e, 0)) elem_bad_types(f, e);
    DType dt = elem_promote(e, 0);
    if (dt_is_float(dt)) elem_bad_types(f, e);
    bool shift = e->op == OP_SHL || e->op == OP_SHR;
    if (shift && dt == DT_BOOL) dt = e->python ? DT_I64 : DT_I8;
    if (shift && e->python && !e->col) {
        AVal *by = av_scalar(f, e->arg[1]);
        by->i = 1;
        lower_raise_if(f, infer_elem(f, OP_LT, (AVal *[]){by, av_int(f, 0)}, 2),
                       E_VALUE, "negative shift count");
    }
    NullForm null = null_of(e, 0, dt);
    /* pandas: a bool and an integer give bools. */
    bool flag = dt_of(e->arg[0]) == DT_BOOL || dt_of(e->arg[1]) == DT_BOOL;
    bool as_bool = flag && dt != DT_BOOL && !shift && e->col && !e->array;
    elem_cast(f, e, 0, dt, UNIT_NONE);
    Val *v = elem_node(f, e, e->op, elem_type(e, dt, null, UNIT_NONE));
    if (!as_bool) return v;
    Type zero = type_scalar(dt);
    Elem ne = {.op = OP_NE, .n = 2, .col = true, .axis = e->axis};
    ne.arg[0] = v;
    ne.arg[1] = ir_const_int(f->fn, f->at, f->loc, zero, 0);
    return elem_node(f, &ne, OP_NE, elem_type(e, DT_BOOL, null, UNIT_NONE));
}

static Val *bits1(Front *f, Elem *e)
{
    DType dt = dt_of(e->arg[0]);
    if (e->n != 1 || !(dt_is_int(dt) || dt == DT_BOOL)) elem_bad_types(f, e);
    return elem_node(f, e, e->op, e->arg[0]->type);
}

/* -- Comparison -------------------------------------------------------------------- */
static Val *compare_text(Front *f, Elem *e)
{
    static const char *const letter[OP_COUNT] = {
        [OP_EQ] = "=", [OP_NE] = "!", [OP_LT] = "<",
        [OP_LE] = "l", [OP_GT] = ">", [OP_GE] = "g"};
    if (!e->col)
        return elem_node(f, e, e->op, elem_type(e, DT_BOOL, NULL_NONE, UNIT_NONE));
    Val *v = elem_node(f, e, OP_STRCMP, elem_type(e, DT_BOOL, NULL_NONE, UNIT_NONE));
    node_set_text(f->fn, v->def, "op", letter[e->op], 1);
    return v;
}

/* A text constant beside a time: the time it spells. */
static void time_const(Front *f, Elem *e)
{
    for (int i = 0; i < e->n; i++) {
        Val *v = e->arg[i];
        if (dt_of(v) != DT_STR || !v->def || v->def->op != OP_CONST) continue;
        const Attr *a = node_attr(v->def, "v");
        int64_t t;
        Unit u;
        if (!const_time(a->s, a->n, &t, &u))
            front_fail(f, E_VALUE,
                       "'%s' is not a date or time that is understood: write it as "
                       "\"2020-01-31\" or \"2020-01-31 10:00:00\"",
                       a->s);
        Type to = type_scalar(DT_TS);
        to.unit = (uint8_t)u;
        e->arg[i] = ir_const_int(f->fn, f->at, f->loc, to, t);
    }
}

/* == and != of types that are never equal: False or True in every row, also missing
 * ones. */
static Val *never_equal(Front *f, const Elem *e)
{
    Val *all = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), e->op == OP_NE);
    Val *col = e->arg[0]->type.kind == TY_SCALAR ? e->arg[1] : e->arg[0];
    if (col->type.kind == TY_SCALAR) return all;
    Val *arg[] = {front_elem_val(f, OP_ISNULL, &col, 1), all};
    return front_elem_val(f, e->op == OP_NE ? OP_BITOR : OP_BITAND, arg, 2);
}

/* One of pandas' nullable columns is compared, whose result may be missing. */
static bool nullable(const Elem *e)
{
    for (int i = 0; i < e->n; i++)
        if (e->arg[i]->type.null == NULL_MASK && dt_is_num(dt_of(e->arg[i])))
            return true;
    return false;
}

static Val *compare(Front *f, Elem *e)
{
    DType a = dt_of(e->arg[0]), b = dt_of(e->arg[1]);
    if (a == DT_STR && b == DT_STR) return compare_text(f, e);
    if (a == DT_TS || b == DT_TS) time_const(f, e);
    if ((a == DT_TD && b != DT_U64) || (b == DT_TD && a != DT_U64))
        counts_as_deltas(f, e, 0);
    a = dt_of(e->arg[0]);
    b = dt_of(e->arg[1]);
    DType dt;
    if (dt_is_num(a) && dt_is_num(b))
        dt = elem_promote(e, 0);
    else if (a == b)
        dt = a;
    else if ((e->op == OP_EQ || e->op == OP_NE) && !nullable(e))
        return never_equal(f, e);
    else {
        front_fail(f, E_TYPE, "'%s' not supported between %s and %s", op_sign(e->op),
                   val_text(f, e->arg[0]), val_text(f, e->arg[1]));
    }
    NullForm null = null_of(e, 0, DT_BOOL);
    if (dt == DT_DATE || null == NULL_PROM || (null == NULL_MASK && dt == DT_TD))
        null = NULL_NONE;
    /* A weak integer outside the column's range: compare in int64. */
    for (int i = 0; i < 2; i++)
        if (dt_is_int(dt) && e->weak[i] && !e->weak[1 - i] && dt != DT_U64) dt = DT_I64;
    elem_cast(f, e, 0, dt, finer(e, 0));
    return elem_node(f, e, e->op, elem_type(e, DT_BOOL, null, UNIT_NONE));
}

/* -- Choice, missing values -------------------------------------------------------- */
static Val *common(Front *f, Elem *e, int from)
{
    DType a = dt_of(e->arg[from]), b = dt_of(e->arg[from + 1]);
    if (a == DT_TS || b == DT_TS) time_const(f, e);
    if ((a == DT_TD && b != DT_U64) || (b == DT_TD && a != DT_U64))
        counts_as_deltas(f, e, from);
    a = dt_of(e->arg[from]);
    b = dt_of(e->arg[from + 1]);
    DType dt = a;
    if (dt_is_num(a) && dt_is_num(b))
        dt = elem_promote(e, from);
    else if (a != b)
        elem_bad_types(f, e);
    NullForm null = null_of(e, from, dt);
    if (dt == DT_STR || dt == DT_DATE) {
        null = NULL_NONE;
        for (int i = from; i < e->n; i++)
            if (e->arg[i]->type.null == NULL_MASK) null = NULL_MASK;
        if (e->col) null = NULL_MASK;
    }
    Unit u = finer(e, from);
    for (int i = from; null == NULL_MASK && dt == DT_TD && i < e->n; i++)
        if (type_has_nat(e->arg[i]->type))
            front_unsup(f, UNSUP_DELTAS, "a choice between them and timedelta64");
    if (dt_is_num(dt) || dt_is_time(dt)) elem_cast(f, e, from, dt, u);
    return elem_node(f, e, e->op, elem_type(e, dt, null, u));
}

static Val *select_rule(Front *f, Elem *e)
{
    if (e->n != 3) front_fail(f, E_TYPE, "np.where needs a condition and two values");
    if (dt_of(e->arg[0]) != DT_BOOL) elem_bad_types(f, e);
    return common(f, e, 1);
}

static Val *minmax(Front *f, Elem *e)
{
    if (e->n != 2) elem_bad_types(f, e);
    return common(f, e, 0);
}

static Val *isnull(Front *f, Elem *e)
{
    if (e->n != 1) elem_bad_types(f, e);
    bool text = dt_of(e->arg[0]) == DT_STR && e->col;
    Val *v = elem_node(f, e, text ? OP_STRNULL : e->op,
                       elem_type(e, DT_BOOL, NULL_NONE, UNIT_NONE));
    if (text) node_set_int(f->fn, v->def, "negate", e->op == OP_NOTNULL);
    return v;
}

static Val *fillnull(Front *f, Elem *e)
{
    Val *a = e->arg[0], *b = e->arg[1];
    if (dt_of(a) == DT_STR) {
        if (dt_of(b) != DT_STR) elem_bad_types(f, e);
        return e->col && b->type.kind == TY_SCALAR
                   ? elem_node(f, e, OP_STRFILL, a->type)
                   : elem_node(f, e, e->op, a->type);
    }
    if (dt_is_time(dt_of(a))) time_const(f, e);
    b = e->arg[1];
    bool fits = dt_of(a) == dt_of(b) ||
                (dt_is_float(dt_of(a)) && dt_is_num(dt_of(b))) ||
                (dt_is_int(dt_of(a)) && (dt_is_int(dt_of(b)) || dt_of(b) == DT_BOOL));
    if (!fits)
        front_fail(
            f, E_TYPE,
            "Invalid value for dtype: %s can't fill %s: convert with astype first",
            val_text(f, b), val_text(f, a));
    Type t = a->type;
    if (b->type.null != NULL_MASK) t.null = (uint8_t)null_default((DType)t.dt);
    e->arg[1] = front_cast(f, b, t);
    return elem_node(f, e, e->op, a->type);
}

/* Parts of complex numbers: infer_complex.c. */
static Val *parts(Front *f, Elem *e)
{
    return infer_complex(f, e);
}

static Val *cast_rule(Front *f, Elem *e)
{
    elem_bad_types(f, e);
}

/* -- Functions of floats and times ------------------------------------------------- */
DType infer_float_loop(DType dt)
{
    if (dt_is_float(dt) || dt_is_complex(dt)) return dt;
    if (dt == DT_I16 || dt == DT_U16) return DT_F32;
    return dtype_info[dt].bytes == 1 ? DT_COUNT : DT_F64;
}

/* NumPy takes the first loop that all operands fit in, each for itself: int16 and
 * uint16 are float32. Python's own numbers follow the others. */
static DType float_loop(const Elem *e)
{
    DType all = elem_promote(e, 0), loop = DT_COUNT;
    bool strong = false;
    for (int i = 0; i < e->n; i++) {
        if (e->weak[i]) continue;
        DType dt = infer_float_loop(dt_of(e->arg[i]));
        if (loop == DT_COUNT || (dt != DT_COUNT && dt > loop)) loop = dt;
        strong = true;
    }
    bool whole = !dt_is_float(all); /* else a Python float may have widened them */
    if (!strong) return infer_float_loop(all);
    return whole || dt_is_float(loop) ? loop : all;
}

static Val *floats(Front *f, Elem *e)
{
    if (!all_num(e, 0)) elem_bad_types(f, e);
    DType dt = float_loop(e);
    if (dt == DT_COUNT && (e->col || e->lane))
        front_unsup(f, UNSUP_OPERATOR,
                    "%s of %s is float16 in NumPy: convert with astype(float)",
                    op_sign(e->op), dtype_info[dt_of(e->arg[0])].text);
    if (dt == DT_COUNT) dt = DT_F64;
    return num_node(f, e, 0, dt);
}

static Val *float1(Front *f, Elem *e)
{
    if (e->n != 1) elem_bad_types(f, e);
    DType dt = dt_of(e->arg[0]);
    bool whole = e->op == OP_FLOOR || e->op == OP_CEIL || e->op == OP_TRUNC;
    bool flag = dt == DT_BOOL && !e->python;
    if (whole && (dt_is_int(dt) || flag)) return e->arg[0];
    return floats(f, e);
}

static Val *float2(Front *f, Elem *e)
{
    if (e->n != 2) elem_bad_types(f, e);
    return floats(f, e);
}

static Val *round_rule(Front *f, Elem *e)
{
    if (e->n > 2 || !dt_is_num(dt_of(e->arg[0]))) elem_bad_types(f, e);
    if (e->n == 1)
        e->arg[e->n++] = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), 0);
    if (!dt_is_int(dt_of(e->arg[1]))) elem_bad_types(f, e);
    if (!e->arg[1]->def || e->arg[1]->def->op != OP_CONST)
        front_unsup(f, UNSUP_CONST_ONLY,
                    "the digits of round() must be known when compiling");
    if (!dt_is_float(dt_of(e->arg[0]))) {
        Val *d = e->arg[1];
        if (!d->def || d->def->op != OP_CONST || node_int(d->def, "v", 0) < 0)
            front_unsup(f, UNSUP_OPERATOR,
                        "rounding integers to negative digits is not compiled");
        return e->arg[0];
    }
    return elem_node(f, e, e->op, e->arg[0]->type);
}

static Val *dtpart(Front *f, Elem *e)
{
    Val *v = e->arg[0];
    if (dt_of(v) != DT_TS) elem_bad_types(f, e);
    if (e->op == OP_DTNORMALIZE) return elem_node(f, e, e->op, v->type);
    if (e->op == OP_DTDATE)
        return elem_node(f, e, e->op, elem_type(e, DT_DATE, NULL_MASK, UNIT_NONE));
    return elem_node(f, e, e->op, elem_type(e, DT_I32, NULL_PROM, UNIT_NONE));
}

static const struct {
    const char *name;
    Rule *run;
    int least, most; /* operands */
} rules[] = {
    {"arith",    arith,       2, 2},
    {"arith1",   arith1,      1, 1},
    {"bits",     bits,        2, 2},
    {"bits1",    bits1,       1, 1},
    {"compare",  compare,     2, 2},
    {"select",   select_rule, 3, 3},
    {"minmax",   minmax,      2, 2},
    {"isnull",   isnull,      1, 1},
    {"fillnull", fillnull,    2, 2},
    {"cast",     cast_rule,   1, 1},
    {"parts",    parts,       1, 2},
    {"float1",   float1,      1, 1},
    {"float2",   float2,      2, 2},
    {"round",    round_rule,  1, 2},
    {"dtpart",   dtpart,      1, 1},
};

static int rule_of(Op op)
{
    if (op_info[op].lower != LW_LOOP) return -1;
    for (int i = 0; i < (int)COUNT_OF(rules); i++)
        if (!strcmp(rules[i].name, op_info[op].build)) return i;
    return -1;
}

bool infer_has_rule(Op op)
{
    return rule_of(op) >= 0;
}

static Val *run_rule(Front *f, Elem *e)
{
    if (e->op == OP_COUNT) /* a tree that Python can't produce */
        front_fail(f, E_SYNTAX, "this is no operator between values");
    int r = rule_of(e->op);
    if (r < 0) BUG("%s is not element-wise", op_info[e->op].id);
    if (e->n < rules[r].least || e->n > rules[r].most)
        front_fail(f, E_TYPE, "%s takes %d argument%s, not %d", op_sign(e->op),
                   rules[r].most, rules[r].most == 1 ? "" : "s", e->n);
    e->python = e->ints = true;
    for (int i = 0; i < e->n; i++) {
        Val *v = e->arg[i];
        e->ints &= !dt_is_float((DType)v->type.dt);
        e->python &= e->weak[i];
        if (v->type.kind != TY_COL) continue;
        if (e->col && axis_get(v->axis) != axis_get(e->axis)) {
            Val *in[3] = {axis_get(e->axis)->rows, axis_get(v->axis)->rows, v};
            if (!in[0] || !in[1])
                front_fail(f, E_VALUE,
                           "operands could not be broadcast together: they have "
                           "different rows");
            e->arg[i] = val_put(f, OP_ALIGN, in, 3, v->type, e->axis);
            node_set_int(f->fn, e->arg[i]->def, "operand", e->array ? 2 : 1);
            continue;
        }
        e->col = true;
        e->axis = v->axis;
    }
    Val *category = cat_elem(f, e->op, e->arg, e->n);
    if (category) return category;
    if (infer_is_complex(e)) return infer_complex(f, e);
    uint16_t zone = zone_operands(f, e->op, e->arg, e->n);
    Val *v = rules[r].run(f, e);
    if (zone && v->type.dt == DT_TS) v->type.of = zone;
    return v;
}

Val *front_elem_val(Front *f, Op op, Val *const *arg, int narg)
{
    Elem e = {.op = op, .n = narg};
    if (narg > ARG_MAX_ELEM) BUG("too many operands");
    for (int i = 0; i < narg; i++) {
        e.arg[i] = arg[i];
        e.weak[i] = arg[i]->def && arg[i]->def->op == OP_CONST;
    }
    return run_rule(f, &e);
}

Val *infer_lane(Front *f, Op op, Val *const *arg, const bool *weak, int narg)
{
    Elem e = {.op = op, .n = narg, .array = true, .lane = true};
    if (narg > ARG_MAX_ELEM) BUG("too many operands");
    for (int i = 0; i < narg; i++) {
        e.arg[i] = arg[i];
        e.weak[i] = weak[i];
    }
    return run_rule(f, &e);
}

/* -- Operands that pandas aligns --------------------------------------------------- */
static bool compares(Op op)
{
    return op == OP_EQ || op == OP_NE || op == OP_LT || op == OP_LE || op == OP_GT ||
           op == OP_GE;
}

static bool is_logical(Op op)
{
    return op == OP_BITAND || op == OP_BITOR || op == OP_BITXOR;
}

static bool is_aligned(const AVal *a, const AVal *b)
{
    return axis_get(a->val->axis) == axis_get(b->val->axis) &&
           index_same(a->index, b->index);
}

/* As pandas has it: what is missing on the right is False, and where the left is
 * missing so is the result. */
static AVal *elem_logical(Front *f, Op op, AVal *const *arg, Type a, Type b)
{
    if (a.dt != DT_BOOL || b.dt != DT_BOOL)
        front_unsup(f, UNSUP_OPERATOR,
                    "%s of %s and %s with different indexes is not compiled",
                    op_sign(op), dtype_text(f, a), dtype_text(f, b));
    Val *x[2], *no = front_val(f, av_bool(f, false));
    for (int i = 0; i < 2; i++) {
        x[i] = front_elem_val(f, OP_FILLNULL, (Val *[]){arg[i]->val, no}, 2);
        x[i] = front_cast(f, x[i], type_col(DT_BOOL));
    }
    Val *there = front_elem_val(f, OP_ISNULL, &arg[0]->val, 1);
    there = front_elem_val(f, OP_INVERT, &there, 1);
    Val *r = front_elem_val(f, op, x, 2);
    r = front_elem_val(f, OP_BITAND, (Val *[]){r, there}, 2);
    return av_series(f, r, arg[0]->index, NULL);
}

/* The columns of a frame that label_aligned() has made, as Series. */
static AVal *aligned_part(Front *f, AVal *both, idx i)
{
    const Frame *t = front_frame(f, both);
    return av_series(f, t->col.at[i], t->index, av_none(f));
}

AVal *infer_aligned(Front *f, Op op, AVal *a, AVal *b)
{
    if (is_aligned(a, b)) return front_elem(f, op, (AVal *[]){a, b}, 2);
    if (a->val->type.dt == DT_BOOL && b->val->type.dt == DT_BOOL && !compares(op) &&
        !is_logical(op))
        front_unsup(f, UNSUP_OPERATOR,
                    "%s of bools with different indexes is not compiled", op_sign(op));
    AVal *both = label_aligned(f, table_of(f, a), table_of(f, b));
    AVal *arg[] = {aligned_part(f, both, 0), aligned_part(f, both, 1)};
    AVal *r = is_logical(op) ? elem_logical(f, op, arg, a->val->type, b->val->type)
                             : front_elem(f, op, arg, 2);
    AVal *name = av_equal(a->name, b->name) ? a->name : av_none(f);
    return av_series(f, r->val, r->index, name);
}

/* Series with different indexes; NULL: they have the same. */
static AVal *elem_apart(Front *f, Op op, AVal *a, AVal *b)
{
    if (a->kind != A_SERIES || b->kind != A_SERIES || is_aligned(a, b)) return NULL;
    if (!compares(op)) return infer_aligned(f, op, a, b);
    const Frame *beside =
        label_identical(f, table_of(f, a), table_of(f, b),
                        "Can only compare identically-labeled Series objects");
    AVal *x = av_series(f, beside->col.at[0], a->index, b->name);
    return front_elem(f, op, (AVal *[]){a, x}, 2);
}

static bool same_columns(const Frame *a, const Frame *b)
{
    if (a->col.n != b->col.n) return false;
    vec_each (i, &a->name)
        if (!av_equal(a->name.at[i], b->name.at[i])) return false;
    return true;
}

/* Columns of both, in order unless both have the same: as text. */
static AVal **union_of(Front *f, Op op, const Frame *a, const Frame *b, idx *n)
{
    AVal **r = ARENA_NEW_N(f->arena, a->col.n + b->col.n + 1, AVal *);
    *n = 0;
    for (int side = 0; side < 2; side++) {
        const Frame *t = side ? b : a;
        vec_each (i, &t->name) {
            AVal *label = t->name.at[i];
            if (label->kind != A_CONST || label->ck != AC_STR ||
                frame_find(t, label) != i)
                front_unsup(f, UNSUP_OPERATOR,
                            "%s of DataFrames with different columns, whose names are "
                            "no texts or not unique, is not compiled",
                            op_sign(op));
            if (side && frame_find(a, label) >= 0) continue;
            idx k = (*n)++;
            for (; k > 0 && strcmp(r[k - 1]->s, label->s) > 0; k--)
                r[k] = r[k - 1];
            r[k] = label;
        }
    }
    return r;
}

/* Frames with different rows or columns: a column that one of them does not have is
 * missing, as float64. */
static AVal *frames_apart(Front *f, Op op, const Frame *a, const Frame *b)
{
    bool columns = same_columns(a, b);
    if (compares(op)) {
        static const char text[] = "Can only compare identically-labeled (both index "
                                   "and columns) DataFrame objects";
        if (!columns) front_fail(f, E_VALUE, text);
        Frame *beside = label_identical(f, a, b, text);
        beside->index = a->index;
        return front_elem(
            f, op, (AVal *[]){av_frame(f, frame_copy(f, a)), av_frame(f, beside)}, 2);
    }
    if (is_logical(op))
        front_unsup(f, UNSUP_OPERATOR,
                    "%s of DataFrames with different columns or rows is not compiled",
                    op_sign(op));
    idx n = a->col.n;
    AVal **name = columns ? a->name.at : union_of(f, op, a, b, &n);
    AVal *both = label_aligned(f, a, b);
    const Frame *t = front_frame(f, both);
    Frame *out = table_new(f, t->axis, t->rows, t->index);
    for (idx i = 0; i < n; i++) {
        idx l = columns ? i : frame_find(a, name[i]),
            r = columns ? i : frame_find(b, name[i]);
        AVal *part[2];
        if (l >= 0 && r >= 0) {
            part[0] = aligned_part(f, both, l);
            part[1] = aligned_part(f, both, a->col.n + r);
            table_add(f, out, name[i], front_elem(f, op, part, 2)->val);
            continue;
        }
        Val *none[] = {t->rows, missing_scalar(f, type_scalar(DT_F64))};
        table_add(f, out, name[i],
                  put_val(f, OP_FILL, none, 2, type_col(DT_F64), t->axis));
    }
    return av_frame(f, out);
}

/* -- Operands and results as the user sees them ------------------------------------ */
static bool frames_aligned(const Frame *a, const Frame *b)
{
    return same_columns(a, b) && index_same(a->index, b->index) &&
           axis_get(a->axis) == axis_get(b->axis);
}

static AVal *elem_frame(Front *f, Op op, AVal *const *arg, int narg)
{
    const Frame *first = NULL;
    for (int i = 0; i < narg; i++) {
        if (arg[i]->kind == A_SERIES)
            front_unsup(f, UNSUP_OPERATOR,
                        "%s of a DataFrame and a Series is not compiled", op_sign(op));
        if (arg[i]->kind != A_FRAME) continue;
        const Frame *fr = front_frame(f, arg[i]);
        if (!first) first = fr;
        if (frames_aligned(first, fr)) continue;
        if (narg == 2) return frames_apart(f, op, first, fr);
        front_unsup(f, UNSUP_OPERATOR,
                    "%s of DataFrames with different columns or rows is not compiled",
                    op_sign(op));
    }
    Frame *out = frame_copy(f, first);
    vec_each (c, &out->col) {
        AVal *part[ARG_MAX_ELEM];
        for (int i = 0; i < narg; i++) {
            part[i] = arg[i];
            if (arg[i]->kind != A_FRAME) continue;
            const Frame *fr = front_frame(f, arg[i]);
            part[i] = av_series(f, fr->col.at[c], fr->index, NULL);
        }
        out->col.at[c] = front_elem(f, op, part, narg)->val;
    }
    return av_frame(f, out);
}

typedef struct Shape {
    AVal *series, *array, *index;
    AVal *name;
    const char *label; /* of the Index */
    bool weak;
} Shape;

static void check_series(Front *f, Op op, Shape *s, AVal *v)
{
    if (!s->series) {
        s->series = v;
        s->name = v->name;
        return;
    }
    if (axis_get(s->series->val->axis) != axis_get(v->val->axis) ||
        !index_same(s->series->index, v->index))
        front_unsup(
            f, UNSUP_OPERATOR,
            "%s of Series of different frames would be aligned by index, which is not "
            "compiled; merge them, or filter both by the same mask",
            op_sign(op));
    if (!av_equal(s->name, v->name)) s->name = av_none(f);
}

static void check_index(Front *f, Op op, Shape *s, AVal *v)
{
    if (!v->index->range && v->index->nlevel > 1)
        unsup(f, "%s of a MultiIndex", op_sign(op));
    if (!s->index) s->label = v->index->name[0];
    if (s->label != v->index->name[0]) s->label = NULL;
    s->index = v;
}

/* What is made of pandas' and Python's times are Python's own numbers and bools. */
static bool python_time(Type t)
{
    if (t.kind != TY_SCALAR) return false;
    return t.dt == DT_DATE || (dt_is_time((DType)t.dt) && t.null != NULL_NAN);
}

static Val *operand(Front *f, Op op, Shape *s, AVal *v, bool *weak)
{
    *weak = false;
    switch ((AKind)v->kind) {
    case A_SERIES: check_series(f, op, s, v); return v->val;
    case A_ARRAY:
        if (!s->array) s->array = v;
        return front_col(f, v);
    case A_INDEX: check_index(f, op, s, v); return front_col(f, v);
    case A_CONST: *weak = true; return front_val(f, v);
    case A_SCALAR: /* text is Python's own always */
        *weak = v->i == 1 || v->val->type.dt == DT_STR || python_time(v->val->type);
        return v->val;
    case A_MAYBE:
    case A_CONFLICT:
    case A_UNBOUND: return front_val(f, scope_check(f, "operand", v));
    case A_HOSTOBJ: front_host_unsup(f, v, "an operator on a");
    default:
        front_fail(f, E_TYPE, "unsupported operand for %s: %s", op_sign(op),
                   av_type_text(f, v));
    }
}

/* Whether loop nests do it: an operand is a view. */
static bool many_dimensions(AVal *const *arg, int narg)
{
    bool view = false;
    for (int i = 0; i < narg; i++) {
        if (arg[i]->kind == A_SERIES) return false;
        view |= arg[i]->kind == A_ARRAY && !nd_is_plain(arg[i]);
    }
    return view;
}

AVal *infer_elem(Front *f, Op op, AVal *const *arg, int narg)
{
    return front_elem(f, op, arg, narg);
}

/* An array of floats ** 0.5 is np.sqrt() of it, as in NumPy, also by
 * np.power(): of -inf it is NaN. */
static bool is_root(const AVal *a, const AVal *b)
{
    bool half = b->kind == A_CONST && b->ck == AC_FLOAT && b->f == 0.5 && !b->arg;
    return half && a->kind == A_ARRAY && dt_is_float((DType)a->val->type.dt);
}

AVal *front_elem(Front *f, Op op, AVal *const *arg, int narg)
{
    if (op == OP_POW && narg == 2 && is_root(arg[0], arg[1])) {
        op = OP_SQRT;
        narg = 1;
    }
    if (narg < 1 || narg > ARG_MAX_ELEM)
        front_fail(f, E_TYPE, "%s: wrong number of arguments (%d)", op_sign(op), narg);
    for (int i = 0; i < narg; i++)
        opt_refuse(f, arg[i]);
    for (int i = 0; i < narg; i++)
        if (arg[i]->kind == A_FRAME) return elem_frame(f, op, arg, narg);
    AVal *apart = narg == 2 ? elem_apart(f, op, arg[0], arg[1]) : NULL;
    if (apart) return apart;
    if (chars_among(arg, narg)) return chars_elem(f, op, arg, narg);
    if (many_dimensions(arg, narg)) return nd_elem(f, op, arg, narg);
    Elem e = {.op = op, .n = narg};
    Shape s = {.weak = true};
    for (int i = 0; i < narg; i++) {
        e.arg[i] = operand(f, op, &s, arg[i], &e.weak[i]);
        s.weak &= e.weak[i];
    }
    /* Python's complex takes np.float64 for a float, which it is. */
    bool calculates = op == OP_ADD || op == OP_SUB || op == OP_MUL || op == OP_DIV ||
                      op == OP_POW || op == OP_EQ || op == OP_NE;
    if (narg == 2 && calculates && e.weak[0] && num_is_complex(arg[0]) &&
        e.arg[1]->type.kind == TY_SCALAR && e.arg[1]->type.dt == DT_F64)
        s.weak = e.weak[1] = true;
    e.array = s.array && !s.series;
    if (s.series && infer_is_complex(&e))
        front_unsup(f, UNSUP_COMPLEX, "a Series of complex numbers is not compiled");
    Val *v = run_rule(f, &e);
    if (v->type.kind != TY_COL) {
        AVal *r = av_scalar(f, v);
        r->i = s.weak && v->type.dt != DT_STR;
        return r;
    }
    if (s.series) return av_series(f, v, s.series->index, s.name);
    if (s.index && v->type.dt != DT_BOOL)
        return av_index(f, index_levels(f, &v, &s.label, 1));
    if (s.array || s.index)
        return av_array(
            f, val_put(f, OP_TOARRAY, &v, 1, type_with(v->type, TY_ARRAY), v->axis));
    BUG("a column from scalars");
}
