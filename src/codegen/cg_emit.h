/* SPDX-License-Identifier: Apache-2.0
 * Short names for LLVM's builder, so that emitters read like the code they emit.
 */
#pragma once
#include "codegen/cg.h"

#define E_BIN(name, fn)                                                                \
    static inline LLVMValueRef name(Cg *cg, LLVMValueRef a, LLVMValueRef b)            \
    {                                                                                  \
        return LLVMBuild##fn(cg->b, a, b, "");                                         \
    }
E_BIN(e_sdiv, SDiv)
E_BIN(e_srem, SRem)
E_BIN(e_urem, URem)
E_BIN(e_xor, Xor)
E_BIN(e_shl, Shl)
E_BIN(e_ashr, AShr)
E_BIN(e_lshr, LShr)
E_BIN(e_fadd, FAdd)
E_BIN(e_fsub, FSub)
E_BIN(e_fmul, FMul)
E_BIN(e_fdiv, FDiv)
#undef E_BIN

/* What is left as it is by its operand is not emitted: LLVM would look at it in several
 * passes. */
static inline bool e_is(LLVMValueRef v, int64_t k)
{
    return LLVMIsAConstantInt(v) && LLVMConstIntGetSExtValue(v) == k;
}
static inline LLVMValueRef e_add(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    return e_is(b, 0) ? a : e_is(a, 0) ? b : LLVMBuildAdd(cg->b, a, b, "");
}
static inline LLVMValueRef e_sub(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    return e_is(b, 0) ? a : LLVMBuildSub(cg->b, a, b, "");
}
static inline LLVMValueRef e_mul(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    if (e_is(b, 1) || e_is(a, 0)) return a;
    return e_is(a, 1) || e_is(b, 0) ? b : LLVMBuildMul(cg->b, a, b, "");
}
static inline LLVMValueRef e_udiv(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    return e_is(b, 1) ? a : LLVMBuildUDiv(cg->b, a, b, "");
}
static inline LLVMValueRef e_and(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    if (e_is(b, -1) || e_is(a, 0)) return a;
    return e_is(a, -1) || e_is(b, 0) ? b : LLVMBuildAnd(cg->b, a, b, "");
}
static inline LLVMValueRef e_or(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    if (e_is(b, 0) || e_is(a, -1)) return a;
    return e_is(a, 0) || e_is(b, -1) ? b : LLVMBuildOr(cg->b, a, b, "");
}
/* A sum of numbers that are not negative, nor is it. */
static inline LLVMValueRef e_add_within(Cg *cg, LLVMValueRef a, LLVMValueRef b)
{
    if (e_is(a, 0) || e_is(b, 0)) return e_add(cg, a, b);
    LLVMValueRef v = LLVMBuildNSWAdd(cg->b, a, b, "");
    if (LLVMIsAInstruction(v)) LLVMSetNUW(v, true);
    return v;
}

static inline LLVMValueRef e_i1(Cg *cg, bool v)
{
    return LLVMConstInt(cg->i1, v, false);
}
static inline LLVMValueRef e_i32(Cg *cg, int64_t v)
{
    return LLVMConstInt(cg->i32, (uint64_t)v, true);
}
static inline LLVMValueRef e_i64(Cg *cg, int64_t v)
{
    return LLVMConstInt(cg->i64, (uint64_t)v, true);
}
static inline LLVMValueRef e_int(LLVMTypeRef t, int64_t v)
{
    return LLVMConstInt(t, (uint64_t)v, true);
}
static inline LLVMValueRef e_not(Cg *cg, LLVMValueRef a)
{
    return LLVMBuildNot(cg->b, a, "");
}
static inline LLVMValueRef e_icmp(Cg *cg, LLVMIntPredicate p, LLVMValueRef a,
                                  LLVMValueRef b)
{
    return LLVMBuildICmp(cg->b, p, a, b, "");
}
LLVMValueRef e_fcmp(Cg *cg, LLVMRealPredicate p, LLVMValueRef a, LLVMValueRef b);
static inline LLVMValueRef e_select(Cg *cg, LLVMValueRef c, LLVMValueRef a,
                                    LLVMValueRef b)
{
    return e_is(c, -1) ? a : e_is(c, 0) ? b : LLVMBuildSelect(cg->b, c, a, b, "");
}
static inline LLVMValueRef e_load(Cg *cg, LLVMTypeRef t, LLVMValueRef p)
{
    return LLVMBuildLoad2(cg->b, t, p, "");
}
static inline LLVMValueRef e_store(Cg *cg, LLVMValueRef v, LLVMValueRef p)
{
    return LLVMBuildStore(cg->b, v, p);
}
/* p + i items of type t */
static inline LLVMValueRef e_at(Cg *cg, LLVMTypeRef t, LLVMValueRef p, LLVMValueRef i)
{
    return e_is(i, 0) ? p : LLVMBuildInBoundsGEP2(cg->b, t, p, &i, 1, "");
}
/* p + k bytes */
static inline LLVMValueRef e_off(Cg *cg, LLVMValueRef p, int64_t k)
{
    LLVMValueRef i = e_i64(cg, k);
    return k ? LLVMBuildInBoundsGEP2(cg->b, cg->i8, p, &i, 1, "") : p;
}
static inline LLVMValueRef e_zext(Cg *cg, LLVMValueRef v, LLVMTypeRef t)
{
    return LLVMTypeOf(v) == t ? v : LLVMBuildZExt(cg->b, v, t, "");
}
static inline LLVMValueRef e_sext(Cg *cg, LLVMValueRef v, LLVMTypeRef t)
{
    return LLVMTypeOf(v) == t ? v : LLVMBuildSExt(cg->b, v, t, "");
}
static inline LLVMValueRef e_trunc(Cg *cg, LLVMValueRef v, LLVMTypeRef t)
{
    return LLVMTypeOf(v) == t ? v : LLVMBuildTrunc(cg->b, v, t, "");
}
static inline LLVMBasicBlockRef e_block(Cg *cg, const char *name)
{
    return LLVMAppendBasicBlockInContext(cg->ctx, cg->main, name);
}
static inline LLVMBasicBlockRef e_here(Cg *cg)
{
    return LLVMGetInsertBlock(cg->b);
}
static inline void e_goto(Cg *cg, LLVMBasicBlockRef to)
{
    LLVMPositionBuilderAtEnd(cg->b, to);
}
static inline void e_br(Cg *cg, LLVMBasicBlockRef to)
{
    LLVMBuildBr(cg->b, to);
}
static inline LLVMValueRef e_if(Cg *cg, LLVMValueRef c, LLVMBasicBlockRef yes,
                                LLVMBasicBlockRef no)
{
    return LLVMBuildCondBr(cg->b, c, yes, no);
}
static inline LLVMValueRef e_phi(Cg *cg, LLVMTypeRef t)
{
    return LLVMBuildPhi(cg->b, t, "");
}
static inline void e_from(LLVMValueRef phi, LLVMValueRef v, LLVMBasicBlockRef from)
{
    LLVMAddIncoming(phi, &v, &from, 1);
}
/* Memory in the frame, allocated once in the entry block. */
LLVMValueRef e_alloca(Cg *cg, LLVMTypeRef t, int64_t n, unsigned align);
/* Calls an intrinsic overloaded on the type of its first argument. */
LLVMValueRef e_intrinsic(Cg *cg, const char *name, int n, LLVMValueRef *arg);
void e_fn_attr(Cg *cg, LLVMValueRef function, const char *name);
/* The call computes from its arguments alone, so the same one is not made twice. */
void e_pure(Cg *cg, LLVMValueRef call);
/* Branch weights: the first target of br is hardly ever taken. */
void e_cold(Cg *cg, LLVMValueRef br);
