/* SPDX-License-Identifier: Apache-2.0
 * Elements of ndarrays: a[i] and a[i] = v, with a bounds check unless {nocheck}. A
 * negative index counts from the end.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"

/* The block that raises IndexError, as NumPy words it: one for all checks, so that a
 * check is small. */
static CgIndexFail *index_fail(Cg *cg)
{
    CgIndexFail *f = &cg->index;
    if (f->block) return f;
    LLVMBasicBlockRef here = e_here(cg);
    f->block = e_block(cg, "outside");
    e_goto(cg, f->block);
    f->site = e_phi(cg, cg->i64);
    f->i = e_phi(cg, cg->i64);
    f->n = e_phi(cg, cg->i64);
    cg_arg_i64(cg, 0, e_i64(cg, E_INDEX));
    cg_arg_i64(cg, 2, f->i);
    cg_arg_i64(cg, 3, f->n);
    LLVMValueRef st = cg_call_status(cg, RTN_raise, NULL, 4, 0);
    e_from(cg->fail_site, f->site, f->block);
    e_from(cg->fail_status, st, f->block);
    e_br(cg, cg->fail);
    e_goto(cg, here);
    return f;
}

/* The place of element i of n. What is usual, 0 <= i < n, costs one comparison; a
 * negative index and the failure are on a cold path. */
static LLVMValueRef check_bounds(Cg *cg, LLVMValueRef i, LLVMValueRef n)
{
    LLVMBasicBlockRef odd = e_block(cg, "odd"), in = e_block(cg, "");
    LLVMBasicBlockRef usual = e_here(cg);
    CgIndexFail *f = index_fail(cg);
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntUGE, i, n), odd, in));
    e_goto(cg, odd);
    LLVMValueRef back = e_add(cg, i, n);
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntUGE, back, n), f->block, in));
    e_from(f->site, e_i64(cg, cg->site), odd);
    e_from(f->i, i, odd);
    e_from(f->n, n, odd);
    e_goto(cg, in);
    LLVMValueRef at = e_phi(cg, cg->i64);
    e_from(at, i, usual);
    e_from(at, back, odd);
    return at;
}

/* The checked index, once for each array and index of a region. */
static LLVMValueRef checked(Cg *cg, const Val *array, const Val *index, LLVMValueRef i,
                            LLVMValueRef n)
{
    vec_each (k, &cg->seen)
        if (cg->seen.at[k].array == array && cg->seen.at[k].index == index)
            return cg->seen.at[k].at;
    CgSeen s = {array, index, check_bounds(cg, i, n)};
    vec_push(cg->arena, &cg->seen, s);
    return s.at;
}

/* Without a check a negative index still counts from the end. */
static LLVMValueRef from_end(Cg *cg, LLVMValueRef i, LLVMValueRef n)
{
    LLVMValueRef negative = e_icmp(cg, LLVMIntSLT, i, e_i64(cg, 0));
    return e_select(cg, negative, e_add(cg, i, n), i);
}

/* Address of the element that arg[0], arg[1] name. */
static LLVMValueRef element(Cg *cg, Node *n)
{
    Val *array = n->arg[0], *index = n->arg[1];
    if (node_attr(n, "nd")) return cg_nd_element(cg, n);
    CgVal a = *cg_get(cg, array);
    bool zero = dt_is_unsigned((DType)index->type.dt) || index->type.dt == DT_BOOL;
    LLVMValueRef i = cg_get(cg, index)->v;
    i = zero ? e_zext(cg, i, cg->i64) : e_sext(cg, i, cg->i64);
    if (!cg_is_sure(cg, n))
        i = cg->unchecked ? from_end(cg, i, a.prom)
                          : checked(cg, array, index, i, a.prom);
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
