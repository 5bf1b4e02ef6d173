/* SPDX-License-Identifier: Apache-2.0
 * Counted values: REF and UNREF. Columns and arrays are counted by the runtime; text
 * and objects count in their first word, here. An owner that is NULL or OBJ_IMMORTAL is
 * none.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"
#include "object/object_layout.h"

CgVal cg_text_val(Cg *cg, LLVMValueRef p, LLVMValueRef n, LLVMValueRef own)
{
    return (CgVal){.v = p, .ok = n, .prom = e_i32(cg, -1), .own = own};
}

LLVMValueRef *cg_owner(CgVal *v, Type t)
{
    return t.kind == TY_SCALAR ? &v->own : &v->v;
}

static bool is_nobody(LLVMValueRef own)
{
    return LLVMIsConstant(own);
}

static LLVMValueRef is_counted(Cg *cg, LLVMValueRef own)
{
    LLVMValueRef word = LLVMBuildPtrToInt(cg->b, own, cg->i64, "");
    return e_icmp(cg, LLVMIntUGT, word, e_i64(cg, OBJ_IMMORTAL));
}

void cg_own_ref(Cg *cg, LLVMValueRef own)
{
    if (is_nobody(own)) return;
    LLVMBasicBlockRef yes = e_block(cg, "ref"), go = e_block(cg, "");
    e_if(cg, is_counted(cg, own), yes, go);
    e_goto(cg, yes);
    LLVMValueRef n = e_load(cg, cg->i64, own);
    e_store(cg, e_add(cg, n, e_i64(cg, 1)), own);
    e_br(cg, go);
    e_goto(cg, go);
}

/* type: of an object, TY_NONE: text or not known. */
static void unref(Cg *cg, LLVMValueRef own, Type type)
{
    if (is_nobody(own)) return;
    LLVMBasicBlockRef yes = e_block(cg, "unref"), last = e_block(cg, "drop"),
                      go = e_block(cg, "");
    e_if(cg, is_counted(cg, own), yes, go);
    e_goto(cg, yes);
    LLVMValueRef n = e_sub(cg, e_load(cg, cg->i64, own), e_i64(cg, 1));
    e_store(cg, n, own);
    e_if(cg, e_icmp(cg, LLVMIntEQ, n, e_i64(cg, 0)), last, go);
    e_goto(cg, last);
    if (type.kind == TY_OBJ) (void)cg_spare_put(cg, type, own, go);
    cg_arg_ptr(cg, 0, own);
    cg_call(cg, RTN_drop, NULL, 1, 0);
    e_br(cg, go);
    e_goto(cg, go);
}

void cg_own_unref(Cg *cg, LLVMValueRef own)
{
    unref(cg, own, (Type){.kind = TY_NONE});
}

/* Constants are in the object, arguments are the caller's; other text without an owner
 * is a column's, which ends with the call. */
static bool outlives(const Cg *cg, const Val *v)
{
    return v->def ? v->def->op == OP_CONST : v->region == cg->fn->body;
}

void cg_keep_text(Cg *cg, const Val *val, CgVal *v)
{
    Type t = val->type;
    if (t.kind != TY_SCALAR || t.dt != DT_STR) return;
    if (is_nobody(v->own) && outlives(cg, val)) return;
    cg_arg(cg, 0, t, *v);
    cg_call(cg, RTN_text_keep, NULL, 1, 1);
    CgVal kept = cg_result(cg, 0, t);
    v->v = kept.v;
    v->ok = kept.ok;
    cg_own_unref(cg, v->own);
}

static bool is_array(const Val *v)
{
    return v->type.kind == TY_COL || v->type.kind == TY_ARRAY;
}

/* The arguments that are arrays, or those that are not, in one call. */
static void together(Cg *cg, const Node *n, RtNumber id, bool arrays)
{
    int k = 0;
    for (int i = 0; i < n->narg; i++)
        if (is_array(n->arg[i]) == arrays)
            cg_arg_ptr(cg, k++, *cg_owner(cg_get(cg, n->arg[i]), n->arg[i]->type));
    if (k) cg_call(cg, id, NULL, k, 0);
}

/* The columns and arrays among the arguments in one call; the others one by one. */
static void each(Cg *cg, Node *n, RtNumber arrays,
                 void (*one)(Cg *, LLVMValueRef, Type))
{
    together(cg, n, arrays, true);
    for (int i = 0; i < n->narg; i++) {
        Type t = n->arg[i]->type;
        CgVal v = *cg_get(cg, n->arg[i]);
        if (t.kind == TY_OBJ) one(cg, v.v, t);
        if (t.kind == TY_SCALAR) one(cg, v.own, (Type){.kind = TY_NONE});
    }
}

static void ref(Cg *cg, LLVMValueRef own, Type type)
{
    (void)type;
    cg_own_ref(cg, own);
}

void cg_ref(Cg *cg, Node *n)
{
    each(cg, n, RTN_ref, ref);
}

/* Where a failure is handled: what the handled part held. */
static bool in_handler(const Cg *cg, const Region *r)
{
    const Node *owner = r->owner;
    return owner ? owner->op == OP_TRY && owner->region[1] == r : r == cg->fn->unwind;
}

void cg_unref(Cg *cg, Node *n)
{
    if (in_handler(cg, n->parent)) {
        together(cg, n, RTN_unref, true);
        together(cg, n, RTN_unhold, false);
        return;
    }
    each(cg, n, RTN_unref, unref);
}

void cg_lend(Cg *cg, Node *n)
{
    for (int i = 0; i < n->narg; i++)
        cg_arg_ptr(cg, i, cg_get(cg, n->arg[i])->v);
    cg_call(cg, RTN_lend, NULL, n->narg, 0);
}
