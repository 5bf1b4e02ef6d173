/* SPDX-License-Identifier: Apache-2.0
 * Elements of ndarrays: a[i] and a[i] = v, with a bounds check unless {nocheck}. A
 * negative index counts from the end.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"

/* Cold: raises IndexError as NumPy words it. */
static void check_bounds(Cg *cg, LLVMValueRef bad, LLVMValueRef i, LLVMValueRef n)
{
    LLVMBasicBlockRef out = e_block(cg, "outside"), in = e_block(cg, "");
    e_cold(cg, e_if(cg, bad, out, in));
    e_goto(cg, out);
    cg_arg_i64(cg, 0, e_i64(cg, E_INDEX));
    cg_arg_i64(cg, 2, i);
    cg_arg_i64(cg, 3, n);
    cg_call(cg, RTN_raise, NULL, 4, 0);
    e_br(cg, in);
    e_goto(cg, in);
}

/* Address of the element that arg[0], arg[1] name. */
static LLVMValueRef element(Cg *cg, Node *n)
{
    Val *array = n->arg[0], *index = n->arg[1];
    if (array->type.ndim > 1)
        cg_bug(cg, "elements of arrays of %d dimensions are not compiled",
               array->type.ndim);
    CgVal a = *cg_get(cg, array);
    bool zero = dt_is_unsigned((DType)index->type.dt) || index->type.dt == DT_BOOL;
    LLVMValueRef i = cg_get(cg, index)->v;
    i = zero ? e_zext(cg, i, cg->i64) : e_sext(cg, i, cg->i64);
    if (!cg_is_sure(cg, n)) {
        LLVMValueRef neg = e_icmp(cg, LLVMIntSLT, i, e_i64(cg, 0));
        LLVMValueRef at = e_select(cg, neg, e_add(cg, i, a.prom), i);
        check_bounds(cg, e_icmp(cg, LLVMIntUGE, at, a.prom), i, a.prom);
        i = at;
    }
    return e_at(cg, cg_mem_type(cg, (DType)array->type.dt), a.ok, i);
}

void cg_aget(Cg *cg, Node *n)
{
    Type t = type_with(n->arg[0]->type, TY_SCALAR);
    LLVMValueRef v = e_load(cg, cg_mem_type(cg, (DType)t.dt), element(cg, n));
    cg_mark_apart(cg, v, n->arg[0]);
    CgVal c = {.v = v};
    if (t.dt == DT_BOOL) c.v = e_icmp(cg, LLVMIntNE, v, LLVMConstNull(cg->i8));
    if (t.dt == DT_STR || cg_has_ok(t)) cg_bug(cg, "an ndarray of such elements");
    cg_set(cg, &n->res[0], cg_cast(cg, c, t, n->res[0].type));
}

void cg_aset(Cg *cg, Node *n)
{
    Type t = type_with(n->arg[0]->type, TY_SCALAR);
    Val *value = n->arg[n->narg - 1];
    CgVal v = cg_cast(cg, *cg_get(cg, value), value->type, t);
    LLVMValueRef p = element(cg, n);
    LLVMValueRef x = t.dt == DT_BOOL ? e_zext(cg, v.v, cg->i8) : v.v;
    cg_mark_apart(cg, e_store(cg, x, p), n->arg[0]);
}
