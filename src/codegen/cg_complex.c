/* SPDX-License-Identifier: Apache-2.0
 * One element of the element-wise ops on complex numbers: a CgVal of two parts, v and
 * im. The front has put CASTs: operands have the op's working type. Products are the
 * plain formula, as Python's and NumPy's are; quotients are Smith's, in the form of
 * either.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"

static LLVMValueRef fneg(Cg *cg, LLVMValueRef v)
{
    return LLVMBuildFNeg(cg->b, v, "");
}

static LLVMValueRef fabs_of(Cg *cg, LLVMValueRef v)
{
    return e_intrinsic(cg, "llvm.fabs", 1, &v);
}

static LLVMValueRef is_nan(Cg *cg, LLVMValueRef v)
{
    return e_fcmp(cg, LLVMRealUNO, v, v);
}

static CgVal pair(LLVMValueRef re, LLVMValueRef im)
{
    return (CgVal){.v = re, .im = im};
}

static CgVal choose(Cg *cg, LLVMValueRef c, CgVal a, CgVal b)
{
    return pair(e_select(cg, c, a.v, b.v), e_select(cg, c, a.im, b.im));
}

/* -- Functions by pointer ---------------------------------------------------------- */

/* fn(out, parts of the operands), in double precision. */
CgVal cg_complex_math(Cg *cg, int fn, int n, const CgVal *arg, LLVMTypeRef part)
{
    LLVMTypeRef d = cg->f64, p[5] = {cg->ptr, d, d, d, d};
    LLVMValueRef out = e_alloca(cg, d, 2, 16), a[5] = {out};
    for (int i = 0; i < n; i++) {
        a[1 + 2 * i] = LLVMBuildFPCast(cg->b, arg[i].v, d, "");
        a[2 + 2 * i] = LLVMBuildFPCast(cg->b, arg[i].im, d, "");
    }
    unsigned count = 1 + 2 * (unsigned)n;
    LLVMTypeRef ft = LLVMFunctionType(cg->none, p, count, false);
    LLVMBuildCall2(cg->b, ft, cg_math(cg, fn), a, count, "");
    return pair(LLVMBuildFPCast(cg->b, e_load(cg, d, out), part, ""),
                LLVMBuildFPCast(cg->b, e_load(cg, d, e_off(cg, out, 8)), part, ""));
}

static LLVMValueRef size_of(Cg *cg, CgVal a)
{
    LLVMTypeRef t = LLVMTypeOf(a.v), p[2] = {cg->f64, cg->f64};
    LLVMValueRef x[2] = {LLVMBuildFPCast(cg->b, a.v, cg->f64, ""),
                         LLVMBuildFPCast(cg->b, a.im, cg->f64, "")};
    LLVMTypeRef ft = LLVMFunctionType(cg->f64, p, 2, false);
    LLVMValueRef v = LLVMBuildCall2(cg->b, ft, cg_math(cg, MATH_hypot), x, 2, "");
    return LLVMBuildFPCast(cg->b, v, t, "");
}

/* -- Arithmetic -------------------------------------------------------------------- */

static CgVal product(Cg *cg, CgVal a, CgVal b)
{
    LLVMValueRef re = e_fsub(cg, e_fmul(cg, a.v, b.v), e_fmul(cg, a.im, b.im));
    LLVMValueRef im = e_fadd(cg, e_fmul(cg, a.v, b.im), e_fmul(cg, a.im, b.v));
    return pair(re, im);
}

/* a / b where b's part p is not smaller than its part q; turned: p is the imaginary
 * one. Python divides by the denominator, NumPy multiplies by its inverse. */
static CgVal quotient_by(Cg *cg, CgVal a, CgVal b, bool turned, bool python)
{
    LLVMValueRef p = turned ? b.im : b.v, q = turned ? b.v : b.im;
    LLVMValueRef ratio = e_fdiv(cg, q, p);
    LLVMValueRef by = turned ? e_fadd(cg, e_fmul(cg, q, ratio), p)
                             : e_fadd(cg, p, e_fmul(cg, q, ratio));
    CgVal n = turned ? pair(e_fadd(cg, e_fmul(cg, a.v, ratio), a.im),
                            e_fsub(cg, e_fmul(cg, a.im, ratio), a.v))
                     : pair(e_fadd(cg, a.v, e_fmul(cg, a.im, ratio)),
                            e_fsub(cg, a.im, e_fmul(cg, a.v, ratio)));
    if (python) return pair(e_fdiv(cg, n.v, by), e_fdiv(cg, n.im, by));
    LLVMValueRef inv = e_fdiv(cg, LLVMConstReal(LLVMTypeOf(by), 1.0), by);
    return pair(e_fmul(cg, n.v, inv), e_fmul(cg, n.im, inv));
}

static CgVal quotient(Cg *cg, CgVal a, CgVal b, bool python)
{
    LLVMValueRef re = fabs_of(cg, b.v), im = fabs_of(cg, b.im);
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(re));
    LLVMValueRef more = e_fcmp(cg, LLVMRealOGE, re, im);
    CgVal x = quotient_by(cg, a, b, false, python);
    CgVal y = quotient_by(cg, a, b, true, python);
    if (!python) { /* by zero: each part by it */
        LLVMValueRef none = e_and(cg, e_fcmp(cg, LLVMRealOEQ, re, zero),
                                  e_fcmp(cg, LLVMRealOEQ, im, zero));
        CgVal inf = pair(e_fdiv(cg, a.v, re), e_fdiv(cg, a.im, re));
        x = choose(cg, none, inf, x);
    }
    return choose(cg, more, x, y);
}

static CgVal arith(Cg *cg, const Node *n, const CgVal *arg)
{
    CgVal a = arg[0], b = arg[1];
    switch ((Op)n->op) {
    case OP_ADD: return pair(e_fadd(cg, a.v, b.v), e_fadd(cg, a.im, b.im));
    case OP_SUB: return pair(e_fsub(cg, a.v, b.v), e_fsub(cg, a.im, b.im));
    case OP_MUL: return product(cg, a, b);
    case OP_DIV: return quotient(cg, a, b, node_int(n, "py", 0) != 0);
    default: return cg_complex_math(cg, MATH_npcpow, 2, arg, LLVMTypeOf(a.v));
    }
}

/* -- Comparison: by the real parts, then by the imaginary ones, as NumPy ----------- */

static LLVMValueRef ordered(Cg *cg, Op op, CgVal a, CgVal b)
{
    bool less = op == OP_LT || op == OP_LE;
    LLVMRealPredicate out = less ? LLVMRealOLT : LLVMRealOGT,
                      in = op == OP_LT   ? LLVMRealOLT
                           : op == OP_LE ? LLVMRealOLE
                           : op == OP_GT ? LLVMRealOGT
                                         : LLVMRealOGE;
    LLVMValueRef clean = e_not(cg, e_or(cg, is_nan(cg, a.im), is_nan(cg, b.im)));
    LLVMValueRef first = e_and(cg, e_fcmp(cg, out, a.v, b.v), clean);
    LLVMValueRef second =
        e_and(cg, e_fcmp(cg, LLVMRealOEQ, a.v, b.v), e_fcmp(cg, in, a.im, b.im));
    return e_or(cg, first, second);
}

static CgVal compare(Cg *cg, Op op, CgVal a, CgVal b)
{
    if (op == OP_EQ)
        return (CgVal){.v = e_and(cg, e_fcmp(cg, LLVMRealOEQ, a.v, b.v),
                                  e_fcmp(cg, LLVMRealOEQ, a.im, b.im))};
    if (op == OP_NE)
        return (CgVal){.v = e_or(cg, e_fcmp(cg, LLVMRealUNE, a.v, b.v),
                                 e_fcmp(cg, LLVMRealUNE, a.im, b.im))};
    return (CgVal){.v = ordered(cg, op, a, b)};
}

static LLVMValueRef nan_in(Cg *cg, CgVal a)
{
    return e_or(cg, is_nan(cg, a.v), is_nan(cg, a.im));
}

static CgVal minmax(Cg *cg, Op op, CgVal a, CgVal b)
{
    LLVMValueRef wins = ordered(cg, op == OP_MIN2 ? OP_LE : OP_GE, a, b);
    return choose(cg, e_or(cg, nan_in(cg, a), wins), a, b);
}

/* -- Conversion -------------------------------------------------------------------- */

CgVal cg_complex_cast(Cg *cg, CgVal v, Type from, Type to)
{
    Type part = type_scalar(dt_real_of((DType)to.dt));
    if (dt_is_complex((DType)from.dt) && to.dt == DT_BOOL) {
        LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(v.v));
        return compare(cg, OP_NE, v, pair(zero, zero));
    }
    if (!dt_is_complex((DType)to.dt)) /* the imaginary part is lost */
        return cg_cast(cg, (CgVal){.v = v.v}, type_scalar(dt_real_of((DType)from.dt)),
                       to);
    if (!dt_is_complex((DType)from.dt)) {
        LLVMValueRef re = cg_cast(cg, v, from, part).v;
        return pair(re, LLVMConstNull(LLVMTypeOf(re)));
    }
    LLVMTypeRef t = cg_type(cg, (DType)to.dt);
    return pair(LLVMBuildFPCast(cg->b, v.v, t, ""),
                LLVMBuildFPCast(cg->b, v.im, t, ""));
}

/* -- abs(z) against a number ------------------------------------------------------- */

/* By the squares where they are far enough from each other that rounding can't matter,
 * else by the size itself, which is a call. */
CgVal cg_abs_compare(Cg *cg, Node *n, const CgVal *arg)
{
    char op = node_text(n, "op")[0];
    CgVal z = arg[0];
    LLVMValueRef x = arg[1].v;
    LLVMValueRef s = e_fadd(cg, e_fmul(cg, z.v, z.v), e_fmul(cg, z.im, z.im));
    LLVMValueRef t = e_fmul(cg, x, x);
    LLVMTypeRef d = cg->f64;
    LLVMValueRef low = e_fmul(cg, t, LLVMConstReal(d, 1 - 0x1p-40));
    LLVMValueRef high = e_fmul(cg, t, LLVMConstReal(d, 1 + 0x1p-40));
    LLVMValueRef more = e_fcmp(cg, LLVMRealOGT, s, high);
    LLVMValueRef less = e_fcmp(cg, LLVMRealOLT, s, low);
    LLVMValueRef usual =
        e_and(cg, e_fcmp(cg, LLVMRealOGT, x, LLVMConstReal(d, 0x1p-400)),
              e_fcmp(cg, LLVMRealOLT, x, LLVMConstReal(d, 0x1p400)));
    bool small = op == 'l' || op == 'L';
    /* One comparison on the way that loops take as long as they go on. */
    LLVMBasicBlockRef from = e_here(cg), far = e_block(cg, "far"),
                      close = e_block(cg, "close"), go = e_block(cg, "");
    e_if(cg, e_and(cg, usual, less), go, far);
    e_goto(cg, far);
    e_cold(cg, e_if(cg, e_not(cg, e_and(cg, usual, more)), close, go));
    e_goto(cg, close);
    LLVMRealPredicate p = op == 'l'   ? LLVMRealOLT
                          : op == 'L' ? LLVMRealOLE
                          : op == 'g' ? LLVMRealOGT
                                      : LLVMRealOGE;
    LLVMValueRef slow = e_fcmp(cg, p, size_of(cg, z), x);
    LLVMBasicBlockRef end = e_here(cg);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef v = e_phi(cg, cg->i1);
    e_from(v, e_i1(cg, small), from);
    e_from(v, e_i1(cg, !small), far);
    e_from(v, slow, end);
    return (CgVal){.v = v};
}

/* -- All of them ------------------------------------------------------------------- */

static int function_of(Op op)
{
    switch (op) {
    case OP_SQRT: return MATH_csqrt;
    case OP_EXP: return MATH_cexp;
    case OP_LOG: return MATH_clog;
    case OP_LOG10: return MATH_clog10;
    case OP_LOG2: return MATH_clog2;
    case OP_SIN: return MATH_csin;
    case OP_COS: return MATH_ccos;
    case OP_TAN: return MATH_ctan;
    default: return -1;
    }
}

bool cg_complex_calls(Op op)
{
    return function_of(op) >= 0 || op == OP_ABS || op == OP_POW;
}

CgVal cg_complex(Cg *cg, Node *n, const CgVal *arg)
{
    Op op = (Op)n->op;
    CgVal a = arg[0];
    int fn = function_of(op);
    if (fn >= 0) return cg_complex_math(cg, fn, 1, arg, LLVMTypeOf(a.v));
    switch (op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_POW: return arith(cg, n, arg);
    case OP_NEG: return pair(fneg(cg, a.v), fneg(cg, a.im));
    case OP_ABS: return (CgVal){.v = size_of(cg, a)};
    case OP_CREAL: return (CgVal){.v = a.v};
    case OP_CIMAG: return (CgVal){.v = a.im};
    case OP_CMAKE: return pair(a.v, arg[1].v);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return compare(cg, op, a, arg[1]);
    case OP_MIN2:
    case OP_MAX2: return minmax(cg, op, a, arg[1]);
    case OP_ISNULL: return (CgVal){.v = nan_in(cg, a)};
    case OP_NOTNULL: return (CgVal){.v = e_not(cg, nan_in(cg, a))};
    default: cg_bug(cg, "%s of complex numbers has no code", op_info[op].id);
    }
}
