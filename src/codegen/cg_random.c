/* SPDX-License-Identifier: Apache-2.0
 * Single random words in line: Philox and PCG64 (kernel/random.h) as a few dozen
 * instructions, so that a loop that draws calls nothing. Draws that share a block are
 * merged by LLVM, since they are the same arithmetic.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"

enum { ROUNDS = 10 };

static LLVMValueRef low(Cg *cg, LLVMValueRef v)
{
    return e_trunc(cg, v, cg->i32);
}

static LLVMValueRef high(Cg *cg, LLVMValueRef v)
{
    return e_trunc(cg, e_lshr(cg, v, e_i64(cg, 32)), cg->i32);
}

static LLVMValueRef join(Cg *cg, LLVMValueRef lo, LLVMValueRef hi)
{
    LLVMValueRef up = e_shl(cg, e_zext(cg, hi, cg->i64), e_i64(cg, 32));
    return e_or(cg, e_zext(cg, lo, cg->i64), up);
}

static LLVMValueRef times(Cg *cg, LLVMValueRef v, uint32_t by)
{
    return e_mul(cg, e_zext(cg, v, cg->i64), e_i64(cg, by));
}

LLVMValueRef cg_rand_word(Cg *cg, Node *n, const CgVal *arg)
{
    LLVMValueRef k0 = low(cg, arg[0].v), k1 = high(cg, arg[0].v);
    LLVMValueRef a = low(cg, arg[1].v), b = high(cg, arg[1].v);
    LLVMValueRef c = low(cg, arg[2].v), d = high(cg, arg[2].v);
    for (int i = 0; i < ROUNDS; i++) {
        LLVMValueRef p = times(cg, a, 0xD2511F53u), q = times(cg, c, 0xCD9E8D57u);
        a = e_xor(cg, e_xor(cg, high(cg, q), b), k0);
        c = e_xor(cg, e_xor(cg, high(cg, p), d), k1);
        b = low(cg, q);
        d = low(cg, p);
        k0 = e_add(cg, k0, LLVMConstInt(cg->i32, 0x9E3779B9u, false));
        k1 = e_add(cg, k1, LLVMConstInt(cg->i32, 0xBB67AE85u, false));
    }
    return node_int(n, "half", 0) ? join(cg, c, d) : join(cg, a, b);
}

LLVMValueRef cg_rand_unit(Cg *cg, LLVMValueRef word)
{
    LLVMValueRef bits = e_lshr(cg, word, e_i64(cg, 12));
    bits = e_or(cg, bits, e_i64(cg, INT64_C(0x3FF0000000000000)));
    LLVMValueRef v = LLVMBuildBitCast(cg->b, bits, cg->f64, "");
    return e_fsub(cg, v, LLVMConstReal(cg->f64, 1.0));
}

LLVMValueRef cg_rand_int(Cg *cg, LLVMValueRef word, LLVMValueRef lo, LLVMValueRef n)
{
    LLVMTypeRef wide = LLVMIntTypeInContext(cg->ctx, 128);
    LLVMValueRef p = e_mul(cg, e_zext(cg, word, wide), e_zext(cg, n, wide));
    LLVMValueRef up = e_trunc(cg, e_lshr(cg, p, e_int(wide, 64)), cg->i64);
    LLVMValueRef all = e_icmp(cg, LLVMIntEQ, n, e_i64(cg, 0));
    return e_add(cg, lo, e_select(cg, all, word, up));
}

static LLVMValueRef wide_of(Cg *cg, LLVMTypeRef t, LLVMValueRef hi, LLVMValueRef lo)
{
    LLVMValueRef up = e_shl(cg, e_zext(cg, hi, t), e_int(t, 64));
    return e_or(cg, up, e_zext(cg, lo, t));
}

LLVMValueRef cg_pcg_step(Cg *cg, Node *n, const CgVal *arg)
{
    LLVMTypeRef t = LLVMIntTypeInContext(cg->ctx, 128);
    uint64_t mul[2] = {UINT64_C(4865540595714422341), UINT64_C(2549297995355413924)};
    LLVMValueRef by = LLVMConstIntOfArbitraryPrecision(t, 2, mul);
    LLVMValueRef s = e_mul(cg, wide_of(cg, t, arg[0].v, arg[1].v), by);
    s = e_add(cg, s, wide_of(cg, t, arg[2].v, arg[3].v));
    LLVMValueRef lo = e_trunc(cg, s, cg->i64);
    LLVMValueRef hi = e_trunc(cg, e_lshr(cg, s, e_int(t, 64)), cg->i64);
    int64_t part = node_int(n, "part", 0);
    if (part < 2) return part ? lo : hi;
    LLVMValueRef x = e_xor(cg, hi, lo), r = e_lshr(cg, hi, e_i64(cg, 58));
    LLVMValueRef f[3] = {x, x, r};
    return e_intrinsic(cg, "llvm.fshr", 3, f);
}

LLVMValueRef cg_pcg_unit(Cg *cg, LLVMValueRef word)
{
    LLVMValueRef v = e_lshr(cg, word, e_i64(cg, 11));
    v = LLVMBuildSIToFP(cg->b, v, cg->f64, "");
    return e_fmul(cg, v, LLVMConstReal(cg->f64, 0x1p-53));
}
