/* SPDX-License-Identifier: Apache-2.0
 * One element of every element-wise op, on registers. Operands are of the op's working
 * type already: the front has put CASTs.
 *
 * Missing values: NaN takes care of itself; NaT is tested in time arithmetic; masked
 * forms carry .ok. The result's type says what becomes of it: a masked result is
 * present where all operands are; a comparison whose result is not masked is false (NE:
 * true) where an operand is missing.
 *
 * Everything here is free of branches and may be computed in vain, but for the calls
 * that cg_elem_cheap excludes.
 */
#include "codegen/cg.h"

#include "base/kinds.h"
#include "codegen/cg_emit.h"
#include "object/object_layout.h"

#include <math.h>

/* -- Missing ----------------------------------------------------------------------- */

LLVMValueRef cg_missing_value(Cg *cg, Type t)
{
    LLVMTypeRef lt = cg_type(cg, (DType)t.dt);
    if (dt_is_float((DType)t.dt)) return LLVMConstReal(lt, (double)NAN);
    if (type_has_nat(t)) return e_int(lt, NAT);
    return LLVMConstNull(lt);
}

LLVMValueRef cg_is_missing(Cg *cg, Type t, CgVal v)
{
    if (t.dt == DT_STR) return e_icmp(cg, LLVMIntSLT, v.ok, e_i64(cg, 0));
    LLVMValueRef gone = e_i1(cg, false);
    if (cg_has_ok(t)) gone = e_not(cg, v.ok);
    if (dt_is_float((DType)t.dt) && t.null == NULL_NAN)
        gone = e_fcmp(cg, LLVMRealUNO, v.v, v.v);
    if (type_has_nat(t)) gone = e_icmp(cg, LLVMIntEQ, v.v, e_i64(cg, NAT));
    return gone;
}

CgVal cg_select(Cg *cg, LLVMValueRef cond, Type t, CgVal a, CgVal b)
{
    CgVal c = {0};
    for (int k = 0; k < cg_parts(t); k++)
        *cg_part(&c, k) = e_select(cg, cond, *cg_part(&a, k), *cg_part(&b, k));
    return c;
}

static LLVMValueRef and_ok(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    return !a ? b : !b ? a : e_and(cg, a, b);
}

/* Fills in ok and prom of a result from its operands. */
static CgVal with_ok(Cg *cg, Node *n, const CgVal *arg, LLVMValueRef v)
{
    Type t = n->res[0].type;
    CgVal c = {.v = v};
    if (!cg_has_ok(t)) return c;
    for (int i = 0; i < n->narg; i++) {
        Type at = n->arg[i]->type;
        LLVMValueRef ok = NULL;
        if (cg_has_ok(at))
            ok = arg[i].ok;
        else if (at.dt == DT_STR || type_has_nat(at))
            ok = e_not(cg, cg_is_missing(cg, at, arg[i]));
        c.ok = and_ok(cg, c.ok, ok);
    }
    if (!c.ok) c.ok = e_i1(cg, true);
    if (t.null != NULL_PROM) return c;
    c.prom = e_i1(cg, false);
    for (int i = 0; i < n->narg; i++) {
        Type at = n->arg[i]->type;
        if (at.kind == TY_SCALAR && at.null == NULL_PROM && at.dt != DT_STR)
            c.prom = e_or(cg, c.prom, arg[i].prom);
        else if (type_has_nat(at))
            c.prom = e_or(cg, c.prom, cg_is_missing(cg, at, arg[i]));
    }
    return c;
}

/* -- Cast ----------------------------------------------------------------------- */

static LLVMValueRef int_to_int(Cg *cg, LLVMValueRef v, DType from, DType to)
{
    LLVMTypeRef t = cg_type(cg, to);
    if (to == DT_BOOL)
        return from == DT_BOOL ? v
                               : e_icmp(cg, LLVMIntNE, v, LLVMConstNull(LLVMTypeOf(v)));
    if (from == DT_BOOL || dt_is_unsigned(from))
        return LLVMBuildIntCast2(cg->b, v, t, false, "");
    return LLVMBuildIntCast2(cg->b, v, t, true, "");
}

static LLVMValueRef cast_value(Cg *cg, LLVMValueRef v, DType from, DType to)
{
    LLVMTypeRef t = cg_type(cg, to);
    bool ff = dt_is_float(from), tf = dt_is_float(to);
    if (from == to || to == DT_STR) return v;
    if (ff && tf) return LLVMBuildFPCast(cg->b, v, t, "");
    if (!ff && !tf) return int_to_int(cg, v, from, to);
    bool uns = from == DT_BOOL || dt_is_unsigned(from);
    if (tf)
        return uns ? LLVMBuildUIToFP(cg->b, v, t, "")
                   : LLVMBuildSIToFP(cg->b, v, t, "");
    if (to == DT_BOOL) return e_fcmp(cg, LLVMRealUNE, v, LLVMConstNull(LLVMTypeOf(v)));
    if (dt_is_unsigned(to) && dtype_info[to].bytes == 8)
        return LLVMBuildFreeze(cg->b, LLVMBuildFPToUI(cg->b, v, t, ""), "");
    LLVMValueRef wide = LLVMBuildFPToSI(cg->b, v, cg->i64, "");
    return e_trunc(cg, LLVMBuildFreeze(cg->b, wide, ""), t);
}

/* Counts of one unit in another; DATE counts days. */
static LLVMValueRef cast_unit(Cg *cg, LLVMValueRef v, Type from, Type to)
{
    int64_t day = 86400;
    if (from.dt == DT_DATE && dt_is_time((DType)to.dt))
        return e_mul(cg, e_sext(cg, v, cg->i64),
                     e_i64(cg, day * unit_per_second((Unit)to.unit)));
    if (to.dt == DT_DATE && from.dt == DT_TS)
        return e_trunc(cg, cg_dt_days(cg, v, from), cg->i32);
    if (!dt_is_time((DType)from.dt) || !dt_is_time((DType)to.dt) ||
        from.unit == to.unit)
        return cast_value(cg, v, (DType)from.dt, (DType)to.dt);
    int64_t a = unit_per_second((Unit)from.unit), b = unit_per_second((Unit)to.unit);
    return b > a ? e_mul(cg, v, e_i64(cg, b / a)) : cg_div_floor(cg, v, a / b);
}

static CgVal cast_text(Cg *cg, CgVal v, Type from, Type to)
{
    if (from.dt != to.dt)
        cg_bug(cg, "no conversion between text and %s in a loop",
               dtype_info[from.dt == DT_STR ? to.dt : from.dt].text);
    return v;
}

CgVal cg_cast(Cg *cg, CgVal v, Type from, Type to)
{
    if (from.dt == DT_STR || to.dt == DT_STR) return cast_text(cg, v, from, to);
    if (dt_is_complex((DType)from.dt) || dt_is_complex((DType)to.dt))
        return cg_complex_cast(cg, v, from, to);
    CgVal c = {.v = cast_unit(cg, v.v, from, to)};
    LLVMValueRef gone = cg_is_missing(cg, from, v);
    bool may = from.null != NULL_NONE &&
               (cg_has_ok(from) || type_has_nat(from) || dt_is_float((DType)from.dt));
    bool same_form = from.null == to.null && !dt_is_time((DType)from.dt);
    if (may && !(same_form && !cg_has_ok(to)))
        c.v = e_select(cg, gone, cg_missing_value(cg, to), c.v);
    if (cg_has_ok(to)) c.ok = e_not(cg, gone);
    if (to.null == NULL_PROM) c.prom = from.null == NULL_PROM ? v.prom : gone;
    return c;
}

/* -- Arithmetic ----------------------------------------------------------------- */

static bool is_uns(Type t)
{
    return t.dt == DT_BOOL || dt_is_unsigned((DType)t.dt);
}

static LLVMValueRef call_math(Cg *cg, MathFn fn, int n, LLVMValueRef *a, LLVMTypeRef t)
{
    LLVMTypeRef p[2] = {t, t};
    LLVMTypeRef ft = LLVMFunctionType(t, p, (unsigned)n, false);
    LLVMValueRef call =
        LLVMBuildCall2(cg->b, ft, cg_math(cg, (int)fn), a, (unsigned)n, "");
    e_pure(cg, call);
    return call;
}

/* A function of doubles on a value of any float type. */
static LLVMValueRef float_math(Cg *cg, MathFn fn, int n, const LLVMValueRef *a,
                               LLVMTypeRef t)
{
    LLVMValueRef x[2] = {NULL, NULL};
    for (int i = 0; i < n; i++)
        x[i] = LLVMBuildFPCast(cg->b, a[i], cg->f64, "");
    return LLVMBuildFPCast(cg->b, call_math(cg, fn, n, x, cg->f64), t, "");
}

/* k of a constant 2^k; -1: another divisor. */
static int power_of_two(LLVMValueRef b)
{
    if (!LLVMIsAConstantInt(b)) return -1;
    int64_t c = LLVMConstIntGetSExtValue(b);
    return c > 0 && (c & (c - 1)) == 0 ? __builtin_ctzll((uint64_t)c) : -1;
}

/* Quotient rounded down and remainder with the divisor's sign; both 0 for divisor 0,
 * and without a trap for the smallest number by -1. */
static LLVMValueRef int_divmod(Cg *cg, bool want_mod, bool uns, LLVMValueRef a,
                               LLVMValueRef b)
{
    LLVMTypeRef t = LLVMTypeOf(a);
    LLVMValueRef zero = LLVMConstNull(t), one = e_int(t, 1), minus = e_int(t, -1);
    LLVMValueRef bad = e_icmp(cg, LLVMIntEQ, b, zero);
    int k = uns ? -1 : power_of_two(b);
    if (k >= 0)
        return want_mod ? e_and(cg, a, e_sub(cg, b, one)) : e_ashr(cg, a, e_int(t, k));
    if (uns) {
        LLVMValueRef by = e_select(cg, bad, one, b);
        LLVMValueRef r = want_mod ? e_urem(cg, a, by) : e_udiv(cg, a, by);
        return e_select(cg, bad, zero, r);
    }
    LLVMValueRef neg1 = e_icmp(cg, LLVMIntEQ, b, minus);
    LLVMValueRef by = e_select(cg, e_or(cg, bad, neg1), one, b);
    LLVMValueRef q = e_sdiv(cg, a, by), r = e_sub(cg, a, e_mul(cg, q, by));
    LLVMValueRef some = e_icmp(cg, LLVMIntNE, r, zero);
    LLVMValueRef differ = e_icmp(cg, LLVMIntSLT, e_xor(cg, r, by), zero);
    LLVMValueRef fix = e_and(cg, some, differ);
    if (want_mod) {
        r = e_select(cg, fix, e_add(cg, r, by), r);
        return e_select(cg, bad, zero, r);
    }
    q = e_select(cg, fix, e_sub(cg, q, one), q);
    q = e_select(cg, neg1, e_sub(cg, zero, a), q);
    return e_select(cg, bad, zero, q);
}

/* The value of which v is the negation, or v. */
static LLVMValueRef without_sign(LLVMValueRef v, bool *negated)
{
    LLVMValueRef at = LLVMIsAInstruction(v);
    if (!at || LLVMGetInstructionOpcode(at) != LLVMFNeg) return v;
    *negated = !*negated;
    return LLVMGetOperand(at, 0);
}

/* -a * b is -(a * b) and -a * -b is a * b to the last bit: products that differ in
 * signs alone become one, and what is computed from them. */
static LLVMValueRef product(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    bool negated = false;
    a = without_sign(a, &negated);
    b = without_sign(b, &negated);
    LLVMValueRef v = e_fmul(cg, a, b);
    return negated ? LLVMBuildFNeg(cg->b, v, "") : v;
}

static LLVMValueRef float_arith(Cg *cg, Op op, LLVMValueRef a, LLVMValueRef b)
{
    LLVMValueRef x[2] = {a, b};
    LLVMTypeRef t = LLVMTypeOf(a);
    switch (op) {
    case OP_ADD: return e_fadd(cg, a, b);
    case OP_SUB: return e_fsub(cg, a, b);
    case OP_MUL: return product(cg, a, b);
    case OP_DIV: return e_fdiv(cg, a, b);
    case OP_FLOORDIV: return float_math(cg, MATH_floordiv, 2, x, t);
    case OP_MOD: return float_math(cg, MATH_mod, 2, x, t);
    case OP_POW:
        if (LLVMIsConstant(b)) {
            LLVMBool lossy;
            double e = LLVMConstRealGetDouble(b, &lossy);
            if (e == 2.0) return e_fmul(cg, a, a);
            if (e == 1.0) return a;
        }
        return float_math(cg, MATH_pow, 2, x, t);
    default: cg_bug(cg, "%s on floats", op_info[op].id);
    }
}

static LLVMValueRef int_arith(Cg *cg, Op op, Type t, LLVMValueRef a, LLVMValueRef b)
{
    switch (op) {
    case OP_ADD: return t.dt == DT_BOOL ? e_or(cg, a, b) : e_add(cg, a, b);
    case OP_SUB: return e_sub(cg, a, b);
    case OP_MUL: return t.dt == DT_BOOL ? e_and(cg, a, b) : e_mul(cg, a, b);
    case OP_FLOORDIV: return int_divmod(cg, false, is_uns(t), a, b);
    case OP_MOD: return int_divmod(cg, true, is_uns(t), a, b);
    case OP_POW: {
        LLVMValueRef x[2] = {cast_value(cg, a, (DType)t.dt, DT_I64),
                             cast_value(cg, b, (DType)t.dt, DT_I64)};
        return e_trunc(cg,
                       call_math(cg, is_uns(t) ? MATH_upow : MATH_ipow, 2, x, cg->i64),
                       LLVMTypeOf(a));
    }
    default: cg_bug(cg, "%s on integers", op_info[op].id);
    }
}

/* A timedelta by a whole number, rounded to zero as NumPy does; *gone: by 0. */
static LLVMValueRef delta_quotient(Cg *cg, LLVMValueRef a, LLVMValueRef b,
                                   LLVMValueRef *gone)
{
    LLVMTypeRef t = LLVMTypeOf(a);
    LLVMValueRef zero = LLVMConstNull(t), one = e_int(t, 1);
    LLVMValueRef none = e_icmp(cg, LLVMIntEQ, b, zero);
    LLVMValueRef minus = e_icmp(cg, LLVMIntEQ, b, e_int(t, -1));
    LLVMValueRef by = e_select(cg, e_or(cg, none, minus), one, b);
    *gone = e_or(cg, *gone, none);
    return e_select(cg, minus, e_sub(cg, zero, a), e_sdiv(cg, a, by));
}

/* Whether the count of a time does not hold a float: NaN, infinite, too large. */
static LLVMValueRef beyond_counts(Cg *cg, LLVMValueRef v)
{
    LLVMValueRef size = e_intrinsic(cg, "llvm.fabs", 1, &v);
    return e_fcmp(cg, LLVMRealUGE, size, LLVMConstReal(cg->f64, 0x1p63));
}

/* Times: NaT where an operand is missing. */
static CgVal time_arith(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->res[0].type, ta = n->arg[0]->type, tb = n->arg[1]->type;
    LLVMValueRef a = arg[0].v, b = arg[1].v, v;
    LLVMValueRef gone =
        e_or(cg, cg_is_missing(cg, ta, arg[0]), cg_is_missing(cg, tb, arg[1]));
    bool fl = dt_is_float((DType)t.dt) || dt_is_float((DType)ta.dt) ||
              dt_is_float((DType)tb.dt);
    bool parts = t.dt == DT_TD && (n->op == OP_DIV || n->op == OP_FLOORDIV);
    if (fl) {
        a = cast_value(cg, a, (DType)ta.dt, DT_F64);
        b = cast_value(cg, b, (DType)tb.dt, DT_F64);
        v = float_arith(cg, parts ? OP_DIV : (Op)n->op, a, b);
        if (!dt_is_float((DType)t.dt)) {
            gone = e_or(cg, gone, beyond_counts(cg, v));
            v = cast_value(cg, v, DT_F64, DT_I64);
        } else {
            v = LLVMBuildFPCast(cg->b, v, cg_type(cg, (DType)t.dt), "");
        }
    } else {
        a = e_sext(cg, a, cg->i64);
        b = e_sext(cg, b, cg->i64);
        v = parts ? delta_quotient(cg, a, b, &gone) : int_arith(cg, (Op)n->op, t, a, b);
        if (n->op == OP_MOD && !node_int(n, "zero", 0))
            gone = e_or(cg, gone, e_icmp(cg, LLVMIntEQ, b, e_i64(cg, 0)));
    }
    CgVal c = {.v = e_select(cg, gone, cg_missing_value(cg, t), v)};
    if (cg_has_ok(t)) c.ok = e_not(cg, gone);
    if (t.null == NULL_PROM) c.prom = gone;
    return c;
}

static CgVal arith(Cg *cg, Node *n, const CgVal *arg)
{
    Type ta = n->arg[0]->type, tb = n->arg[1]->type;
    if (dt_is_time((DType)ta.dt) || dt_is_time((DType)tb.dt))
        return time_arith(cg, n, arg);
    if (LLVMTypeOf(arg[0].v) != LLVMTypeOf(arg[1].v))
        cg_bug(cg, "operands of %s differ in type", op_info[n->op].id);
    LLVMValueRef v = dt_is_float((DType)ta.dt)
                         ? float_arith(cg, (Op)n->op, arg[0].v, arg[1].v)
                         : int_arith(cg, (Op)n->op, ta, arg[0].v, arg[1].v);
    if (cg->loose.n && cg_is_loose(cg, n) && LLVMCanValueUseFastMathFlags(v))
        LLVMSetFastMathFlags(v, LLVMFastMathAllowReassoc);
    v = cast_value(cg, v, (DType)ta.dt, (DType)n->res[0].type.dt);
    return with_ok(cg, n, arg, v);
}

static CgVal neg_abs(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->arg[0]->type;
    LLVMValueRef v = arg[0].v, r;
    if (dt_is_float((DType)t.dt)) {
        bool any = false;
        if (n->op == OP_ABS) v = without_sign(v, &any);
        r = n->op == OP_NEG ? LLVMBuildFNeg(cg->b, v, "")
                            : e_intrinsic(cg, "llvm.fabs", 1, &v);
    } else {
        /* The negation of NaT is NaT: it wraps. */
        LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(v));
        r = e_sub(cg, zero, v);
        if (n->op == OP_ABS)
            r = is_uns(t) ? v : e_select(cg, e_icmp(cg, LLVMIntSLT, v, zero), r, v);
    }
    return with_ok(cg, n, arg, r);
}

/* -- Bits ----------------------------------------------------------------------- */

static LLVMValueRef bit_value(Cg *cg, Node *n, LLVMValueRef a, LLVMValueRef b)
{
    Type t = n->arg[0]->type;
    LLVMTypeRef lt = LLVMTypeOf(a);
    switch ((Op)n->op) {
    case OP_BITAND: return e_and(cg, a, b);
    case OP_BITOR: return e_or(cg, a, b);
    case OP_BITXOR: return e_xor(cg, a, b);
    default: break;
    }
    /* NumPy: shifting by the width or more gives 0, or the sign. */
    unsigned width = LLVMGetIntTypeWidth(lt);
    LLVMValueRef far = e_icmp(cg, LLVMIntUGE, b, e_int(lt, width));
    LLVMValueRef by = e_select(cg, far, e_int(lt, width - 1), b);
    if (n->op == OP_SHL) return e_select(cg, far, LLVMConstNull(lt), e_shl(cg, a, by));
    if (!is_uns(t)) return e_ashr(cg, a, by);
    return e_select(cg, far, LLVMConstNull(lt), e_lshr(cg, a, by));
}

/* Three-valued and, or of nullable booleans: a known operand may decide. */
static CgVal kleene(Cg *cg, Node *n, const CgVal *arg)
{
    CgVal c = with_ok(cg, n, arg, bit_value(cg, n, arg[0].v, arg[1].v));
    bool and = n->op == OP_BITAND;
    for (int i = 0; i < 2; i++) {
        LLVMValueRef decides = and? e_not(cg, arg[i].v) : arg[i].v;
        if (arg[i].ok) decides = e_and(cg, arg[i].ok, decides);
        c.v = and? e_and(cg, c.v, e_not(cg, decides)) : e_or(cg, c.v, decides);
        c.ok = e_or(cg, c.ok, decides);
    }
    return c;
}

static CgVal bits(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->res[0].type;
    if (n->op == OP_INVERT) return with_ok(cg, n, arg, e_not(cg, arg[0].v));
    if (t.dt == DT_BOOL && t.null == NULL_MASK &&
        (n->op == OP_BITAND || n->op == OP_BITOR))
        return kleene(cg, n, arg);
    LLVMValueRef a = arg[0].v, b = arg[1].v;
    if (t.dt == DT_BOOL &&
        t.null == NULL_NONE) { /* a missing operand counts as false */
        if (arg[0].ok && cg_has_ok(n->arg[0]->type)) a = e_and(cg, a, arg[0].ok);
        if (arg[1].ok && cg_has_ok(n->arg[1]->type)) b = e_and(cg, b, arg[1].ok);
    }
    return with_ok(cg, n, arg, bit_value(cg, n, a, b));
}

/* -- Comparison ----------------------------------------------------------------- */

static LLVMValueRef compare_floats(Cg *cg, Op op, LLVMValueRef a, LLVMValueRef b)
{
    static const LLVMRealPredicate p[] = {LLVMRealOEQ, LLVMRealUNE, LLVMRealOLT,
                                          LLVMRealOLE, LLVMRealOGT, LLVMRealOGE};
    return e_fcmp(cg, p[op - OP_EQ], a, b);
}

static LLVMValueRef compare_ints(Cg *cg, Op op, bool uns, LLVMValueRef a,
                                 LLVMValueRef b)
{
    static const LLVMIntPredicate s[] = {LLVMIntEQ,  LLVMIntNE,  LLVMIntSLT,
                                         LLVMIntSLE, LLVMIntSGT, LLVMIntSGE};
    static const LLVMIntPredicate u[] = {LLVMIntEQ,  LLVMIntNE,  LLVMIntULT,
                                         LLVMIntULE, LLVMIntUGT, LLVMIntUGE};
    return e_icmp(cg, uns ? u[op - OP_EQ] : s[op - OP_EQ], a, b);
}

static LLVMValueRef compare_texts(Cg *cg, Op op, const CgVal *arg)
{
    Type text = type_scalar(DT_STR);
    cg_arg(cg, 0, text, arg[0]);
    cg_arg(cg, 1, text, arg[1]);
    cg_call(cg, RTN_text_cmp, NULL, 2, 1);
    LLVMValueRef r = cg_result_raw(cg, 0, cg->i64);
    return compare_ints(cg, op, false, r, e_i64(cg, 0));
}

static CgVal compare(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->arg[0]->type, u = n->arg[1]->type, rt = n->res[0].type;
    Op op = (Op)n->op;
    LLVMValueRef v;
    if (t.dt == DT_STR) {
        v = compare_texts(cg, op, arg);
    } else {
        if (LLVMTypeOf(arg[0].v) != LLVMTypeOf(arg[1].v))
            cg_bug(cg, "operands of %s differ in type", op_info[op].id);
        v = dt_is_float((DType)t.dt)
                ? compare_floats(cg, op, arg[0].v, arg[1].v)
                : compare_ints(cg, op, is_uns(t), arg[0].v, arg[1].v);
    }
    if (cg_has_ok(rt)) return with_ok(cg, n, arg, v);
    if (dt_is_float((DType)t.dt) && t.null == NULL_NAN && u.null == NULL_NAN)
        return (CgVal){.v = v};
    LLVMValueRef gone =
        e_or(cg, cg_is_missing(cg, t, arg[0]), cg_is_missing(cg, u, arg[1]));
    return (CgVal){.v =
                       op == OP_NE ? e_or(cg, v, gone) : e_and(cg, v, e_not(cg, gone))};
}

/* -- Choice --------------------------------------------------------------------- */

static CgVal minmax(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->arg[0]->type;
    Op op = n->op == OP_MIN2 ? OP_LT : OP_GT;
    LLVMValueRef a = arg[0].v, b = arg[1].v, first;
    if (t.dt == DT_STR) {
        first = e_or(cg, compare_texts(cg, op, arg), cg_is_missing(cg, t, arg[0]));
        return cg_select(cg, first, t, arg[0], arg[1]);
    }
    if (dt_is_float((DType)t.dt)) /* NaN wins */
        first = e_or(cg, compare_floats(cg, op, a, b), e_fcmp(cg, LLVMRealUNO, a, a));
    else
        first = compare_ints(cg, op, is_uns(t), a, b);
    LLVMValueRef v = e_select(cg, first, a, b);
    if (type_has_nat(t)) {
        LLVMValueRef gone = e_or(cg, cg_is_missing(cg, t, arg[0]),
                                 cg_is_missing(cg, n->arg[1]->type, arg[1]));
        v = e_select(cg, gone, cg_missing_value(cg, t), v);
    }
    return with_ok(cg, n, arg, v);
}

/* What the columns that v may be taken from say of its dtype, whichever is taken; a
 * missing value that stands for itself has a say only where it is taken. NULL: none. */
static LLVMValueRef columns_promoted(Cg *cg, Val *v)
{
    const Node *n = v->def;
    if (v->type.null != NULL_PROM || (n && n->op == OP_CONST)) return NULL;
    if (n && n->op == OP_CAST) return columns_promoted(cg, n->arg[0]);
    if (!n || n->op != OP_SELECT) return cg_get(cg, v)->prom;
    LLVMValueRef a = columns_promoted(cg, n->arg[1]);
    LLVMValueRef b = columns_promoted(cg, n->arg[2]);
    return a && b ? e_or(cg, a, b) : a ? a : b;
}

static CgVal select_op(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->res[0].type;
    LLVMValueRef c = arg[0].v;
    if (cg_has_ok(n->arg[0]->type)) c = e_and(cg, c, arg[0].ok);
    CgVal a = cg_cast(cg, arg[1], n->arg[1]->type, t);
    CgVal b = cg_cast(cg, arg[2], n->arg[2]->type, t);
    CgVal r = cg_select(cg, c, t, a, b);
    if (t.null != NULL_PROM) return r;
    for (int k = 1; k <= 2; k++) {
        LLVMValueRef all = columns_promoted(cg, n->arg[k]);
        if (all) r.prom = e_or(cg, r.prom, all);
    }
    return r;
}

static CgVal fill_null(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->res[0].type;
    LLVMValueRef gone = cg_is_missing(cg, n->arg[0]->type, arg[0]);
    CgVal a = cg_cast(cg, arg[0], n->arg[0]->type, t);
    CgVal b = cg_cast(cg, arg[1], n->arg[1]->type, t);
    CgVal c = cg_select(cg, gone, t, b, a);
    if (t.null == NULL_PROM) c.prom = a.prom; /* pandas has seen the missing ones */
    return c;
}

static CgVal is_null(Cg *cg, Node *n, const CgVal *arg)
{
    LLVMValueRef gone = cg_is_missing(cg, n->arg[0]->type, arg[0]);
    if (node_int(n, "none", 0))
        gone = e_and(cg, gone, e_icmp(cg, LLVMIntNE, arg[0].ok, e_i64(cg, TEXT_NAN)));
    CgVal c = {.v = n->op == OP_ISNULL ? gone : e_not(cg, gone)};
    if (cg_has_ok(n->res[0].type)) c.ok = e_i1(cg, true);
    if (n->res[0].type.null == NULL_PROM) c.prom = e_i1(cg, false);
    return c;
}

/* -- Functions of floats -------------------------------------------------------- */

static LLVMValueRef round_value(Cg *cg, Node *n, const CgVal *arg)
{
    LLVMValueRef v = arg[0].v;
    LLVMTypeRef t = LLVMTypeOf(v);
    if (!dt_is_float((DType)n->arg[0]->type.dt)) {
        if (n->narg > 1 &&
            !(LLVMIsConstant(arg[1].v) && LLVMConstIntGetSExtValue(arg[1].v) >= 0))
            cg_bug(cg, "rounding integers to tens is not lowered");
        return v;
    }
    if (n->narg < 2) return e_intrinsic(cg, "llvm.rint", 1, &v);
    if (!LLVMIsConstant(arg[1].v)) cg_bug(cg, "digits of round are a constant");
    int64_t d = LLVMConstIntGetSExtValue(arg[1].v);
    if (d == 0) return e_intrinsic(cg, "llvm.rint", 1, &v);
    LLVMValueRef by = LLVMConstReal(t, pow(10.0, (double)(d < 0 ? -d : d)));
    LLVMValueRef x = d > 0 ? e_fmul(cg, v, by) : e_fdiv(cg, v, by);
    x = e_intrinsic(cg, "llvm.rint", 1, &x);
    return d > 0 ? e_fdiv(cg, x, by) : e_fmul(cg, x, by);
}

static const char *intrinsic_of(Op op)
{
    switch (op) {
    case OP_SQRT: return "llvm.sqrt";
    case OP_FLOOR: return "llvm.floor";
    case OP_CEIL: return "llvm.ceil";
    case OP_TRUNC: return "llvm.trunc";
    case OP_COPYSIGN: return "llvm.copysign";
    default: return NULL;
    }
}

static int math_of(Op op)
{
    switch (op) {
    case OP_EXP: return MATH_exp;
    case OP_LOG: return MATH_log;
    case OP_LOG10: return MATH_log10;
    case OP_LOG2: return MATH_log2;
    case OP_SIN: return MATH_sin;
    case OP_COS: return MATH_cos;
    case OP_TAN: return MATH_tan;
    case OP_ATAN2: return MATH_atan2;
    default: return -1;
    }
}

static CgVal float_fn(Cg *cg, Node *n, const CgVal *arg)
{
    LLVMValueRef x[2] = {arg[0].v, n->narg > 1 ? arg[1].v : NULL};
    const char *name = intrinsic_of((Op)n->op);
    LLVMTypeRef t = LLVMTypeOf(x[0]);
    bool ints = !dt_is_float((DType)n->arg[0]->type.dt);
    if (ints && n->op != OP_FLOOR && n->op != OP_CEIL && n->op != OP_TRUNC)
        cg_bug(cg, "%s of integers is not lowered", op_info[n->op].id);
    LLVMValueRef v =
        ints   ? x[0]
        : name ? e_intrinsic(cg, name, n->narg, x)
               : float_math(cg, (MathFn)math_of((Op)n->op), n->narg > 1 ? 2 : 1, x, t);
    v = cast_value(cg, v, (DType)n->arg[0]->type.dt, (DType)n->res[0].type.dt);
    return with_ok(cg, n, arg, v);
}

/* -- Times ---------------------------------------------------------------------- */

static CgVal time_fn(Cg *cg, Node *n, const CgVal *arg)
{
    Type t = n->arg[0]->type, rt = n->res[0].type;
    LLVMValueRef gone = cg_is_missing(cg, t, arg[0]);
    LLVMValueRef x = e_select(cg, gone, LLVMConstNull(LLVMTypeOf(arg[0].v)), arg[0].v),
                 v;
    if (n->op == OP_DTPART) {
        v = cg_dt_part(cg, x, t, (int)node_int(n, "part", 0));
        DType from = LLVMTypeOf(v) == cg->i1 ? DT_BOOL : DT_I32;
        v = cast_value(cg, v, from, (DType)rt.dt);
    } else if (n->op == OP_TDPART) {
        v = cg_td_part(cg, x, t, (int)node_int(n, "part", 0));
    } else if (n->op == OP_DTDATE) {
        v = e_trunc(cg, cg_dt_days(cg, x, t), cg->i32);
    } else {
        v = cg_dt_floor_day(cg, x, t);
    }
    CgVal c = {.v = e_select(cg, gone, cg_missing_value(cg, rt), v)};
    if (cg_has_ok(rt)) c.ok = e_not(cg, gone);
    if (rt.null == NULL_PROM) c.prom = gone;
    return c;
}

/* -- Table ---------------------------------------------------------------------- */

static CgVal cast_op(Cg *cg, Node *n, const CgVal *arg)
{
    return cg_cast(cg, arg[0], n->arg[0]->type, n->res[0].type);
}

static CgVal random_op(Cg *cg, Node *n, const CgVal *arg)
{
    switch ((Op)n->op) {
    case OP_RANDWORD: return (CgVal){.v = cg_rand_word(cg, n, arg)};
    case OP_RANDUNIT: return (CgVal){.v = cg_rand_unit(cg, arg[0].v)};
    case OP_RANDINT: return (CgVal){.v = cg_rand_int(cg, arg[0].v, arg[1].v, arg[2].v)};
    case OP_PCGSTEP: return (CgVal){.v = cg_pcg_step(cg, n, arg)};
    default: return (CgVal){.v = cg_pcg_unit(cg, arg[0].v)};
    }
}

static MathFn math_named(Cg *cg, const char *name)
{
    static const char *const names[] = {
#define MATH(id, args) #id,
#include "rt/math_fn.def"
#undef MATH
    };
    for (int i = 0; i < MATH_COUNT; i++)
        if (name && !strcmp(names[i], name)) return (MathFn)i;
    cg_bug(cg, "no function %s", name ? name : "");
}

/* A function of numbers by pointer; arguments and result are of one type. */
static CgVal math_op(Cg *cg, Node *n, const CgVal *arg)
{
    LLVMValueRef x[2] = {arg[0].v, n->narg > 1 ? arg[1].v : NULL};
    LLVMTypeRef t = LLVMTypeOf(x[0]);
    MathFn fn = math_named(cg, node_text(n, "fn"));
    if (dt_is_complex((DType)n->arg[0]->type.dt))
        return cg_complex_math(cg, (int)fn, n->narg, arg, t);
    return (CgVal){.v = call_math(cg, fn, n->narg, x, t)};
}

typedef CgVal ElemFn(Cg *cg, Node *n, const CgVal *arg);
static ElemFn *const elem_fn[OP_COUNT] = {
    [OP_ADD] = arith,          [OP_SUB] = arith,         [OP_MUL] = arith,
    [OP_DIV] = arith,          [OP_FLOORDIV] = arith,    [OP_MOD] = arith,
    [OP_POW] = arith,          [OP_NEG] = neg_abs,       [OP_ABS] = neg_abs,
    [OP_BITAND] = bits,        [OP_BITOR] = bits,        [OP_BITXOR] = bits,
    [OP_INVERT] = bits,        [OP_SHL] = bits,          [OP_SHR] = bits,
    [OP_EQ] = compare,         [OP_NE] = compare,        [OP_LT] = compare,
    [OP_LE] = compare,         [OP_GT] = compare,        [OP_GE] = compare,
    [OP_SELECT] = select_op,   [OP_MIN2] = minmax,       [OP_MAX2] = minmax,
    [OP_ISNULL] = is_null,     [OP_NOTNULL] = is_null,   [OP_FILLNULL] = fill_null,
    [OP_CAST] = cast_op,       [OP_SQRT] = float_fn,     [OP_EXP] = float_fn,
    [OP_LOG] = float_fn,       [OP_LOG10] = float_fn,    [OP_LOG2] = float_fn,
    [OP_SIN] = float_fn,       [OP_COS] = float_fn,      [OP_TAN] = float_fn,
    [OP_ATAN2] = float_fn,     [OP_FLOOR] = float_fn,    [OP_CEIL] = float_fn,
    [OP_TRUNC] = float_fn,     [OP_DTPART] = time_fn,    [OP_DTNORMALIZE] = time_fn,
    [OP_DTDATE] = time_fn,     [OP_COPYSIGN] = float_fn, [OP_RANDWORD] = random_op,
    [OP_RANDUNIT] = random_op, [OP_RANDINT] = random_op, [OP_PCGSTEP] = random_op,
    [OP_PCGUNIT] = random_op,  [OP_MATHF] = math_op,     [OP_ABSCMP] = cg_abs_compare,
    [OP_TDPART] = time_fn,
};

static CgVal round_op(Cg *cg, Node *n, const CgVal *arg)
{
    CgVal c = with_ok(cg, n, arg, round_value(cg, n, arg));
    c.v = cast_value(cg, c.v, (DType)n->arg[0]->type.dt, (DType)n->res[0].type.dt);
    return c;
}

/* Whether cg_complex.c does it: all that is not the same for any parts. */
static bool is_complex(const Node *n)
{
    if (n->op == OP_SELECT || n->op == OP_CAST || n->op == OP_MATHF ||
        n->op == OP_ABSCMP)
        return false;
    return dt_is_complex((DType)n->res[0].type.dt) ||
           (n->narg && dt_is_complex((DType)n->arg[0]->type.dt));
}

CgVal cg_elem(Cg *cg, Node *n, const CgVal *arg)
{
    if (is_complex(n)) return cg_complex(cg, n, arg);
    ElemFn *f = n->op == OP_ROUND ? round_op : elem_fn[n->op];
    if (!f) cg_bug(cg, "%s has no code", op_info[n->op].id);
    return f(cg, n, arg);
}

bool cg_elem_cheap(const Node *n)
{
    bool text = n->narg && n->arg[0]->type.dt == DT_STR;
    bool floats = n->narg && dt_is_float((DType)n->arg[0]->type.dt);
    if (is_complex(n) && cg_complex_calls((Op)n->op)) return false;
    switch ((Op)n->op) {
    case OP_POW:
    case OP_RANDWORD:
    case OP_ABSCMP:
    case OP_MATHF: return false;
    case OP_FLOORDIV:
    case OP_MOD: return !floats;
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_MIN2:
    case OP_MAX2: return !text;
    default: return math_of((Op)n->op) < 0;
    }
}
