/* SPDX-License-Identifier: Apache-2.0
 * Functions compiled on their own: one internal LLVM function each, beside shoal_main.
 * Parameters and results travel in registers as the parts of their values; a status
 * comes first in what is returned. At its entry a function asks whether the stack has
 * room for it and whether somebody wants the call to end.
 */
#include "codegen/cg.h"

#include "base/cx.h"
#include "codegen/cg_emit.h"

enum { SUB_ARGS = 3 }; /* cx, calls, abort word */

static int count_parts(const Val *v, int n)
{
    int k = 0;
    for (int i = 0; i < n; i++)
        k += cg_parts(v[i].type);
    return k;
}

/* The results are what RETURN gives; a body that always raises has none. */
static LLVMTypeRef result_type(Cg *cg, const Fn *fn)
{
    const Node *ret = fn->body->last;
    int n = ret->op == OP_RETURN ? ret->narg : 0, k = 1;
    LLVMTypeRef *t = ARENA_NEW_N(cg->arena, 1 + (size_t)n * CG_PARTS, LLVMTypeRef);
    t[0] = cg->i32;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < cg_parts(ret->arg[i]->type); j++)
            t[k++] = cg_part_type(cg, ret->arg[i]->type, j);
    return LLVMStructTypeInContext(cg->ctx, t, (unsigned)k, false);
}

LLVMTypeRef cg_sub_type(Cg *cg, const Fn *fn)
{
    const Region *r = fn->body;
    int n = SUB_ARGS, all = n + count_parts(r->param, r->nparam);
    LLVMTypeRef *t = ARENA_NEW_N(cg->arena, all, LLVMTypeRef);
    t[0] = t[1] = t[2] = cg->ptr;
    for (int i = 0; i < r->nparam; i++)
        for (int j = 0; j < cg_parts(r->param[i].type); j++)
            t[n++] = cg_part_type(cg, r->param[i].type, j);
    return LLVMFunctionType(result_type(cg, fn), t, (unsigned)all, false);
}

void cg_sub_params(Cg *cg)
{
    const Region *r = cg->fn->body;
    unsigned k = SUB_ARGS;
    for (int i = 0; i < r->nparam; i++) {
        CgVal v = {0};
        for (int j = 0; j < cg_parts(r->param[i].type); j++)
            *cg_part(&v, j) = LLVMGetParam(cg->main, k++);
        cg_set(cg, &cg->fn->body->param[i], v);
    }
}

/* Below the context's limit of the stack the next call could run into its guard page.
 */
void cg_sub_enter(Cg *cg)
{
    LLVMValueRef here = LLVMBuildPtrToInt(cg->b, cg->slots_in, cg->i64, "");
    LLVMValueRef limit =
        e_load(cg, cg->i64, e_off(cg, cg->cx, offsetof(Cx, stack_limit)));
    LLVMBasicBlockRef deep = e_block(cg, "deep"), go = e_block(cg, "");
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntULT, here, limit), deep, go));
    e_goto(cg, deep);
    cg_call(cg, RTN_too_deep, NULL, 0, 0);
    LLVMBuildUnreachable(cg->b);
    e_goto(cg, go);
    cg_check_abort(cg);
}

void cg_return_status(Cg *cg, LLVMValueRef status)
{
    if (!cg->fn->sub) {
        LLVMBuildRet(cg->b, status);
        return;
    }
    LLVMValueRef all = LLVMGetUndef(result_type(cg, cg->fn));
    LLVMBuildRet(cg->b, LLVMBuildInsertValue(cg->b, all, status, 0, ""));
}

void cg_sub_return(Cg *cg, Node *n)
{
    LLVMValueRef all = LLVMGetUndef(result_type(cg, cg->fn));
    all = LLVMBuildInsertValue(cg->b, all, e_i32(cg, 0), 0, "");
    unsigned k = 1;
    for (int i = 0; i < n->narg; i++) {
        CgVal v = *cg_get(cg, n->arg[i]);
        for (int j = 0; j < cg_parts(n->arg[i]->type); j++)
            all = LLVMBuildInsertValue(cg->b, all, *cg_part(&v, j), k++, "");
    }
    LLVMBuildRet(cg->b, all);
}

/* The failure of a callee: the record remembers that it left this call. */
static void left_if_failed(Cg *cg, LLVMValueRef status)
{
    LLVMBasicBlockRef left = e_block(cg, "left"), go = e_block(cg, "");
    LLVMValueRef bad = e_icmp(cg, LLVMIntNE, status, e_i32(cg, 0));
    e_cold(cg, e_if(cg, bad, left, go));
    e_goto(cg, left);
    cg_arg_i64(cg, 0, e_i64(cg, cg->site));
    cg_call(cg, RTN_left, NULL, 1, 0);
    LLVMBuildUnreachable(cg->b);
    e_goto(cg, go);
}

void cg_callfn(Cg *cg, Node *n)
{
    const Fn *top = cg->fn->up ? cg->fn->up : cg->fn;
    int64_t number = node_int(n, "fn", -1);
    if (number < 0 || number >= top->subs.n) cg_bug(cg, "no function %d", (int)number);
    const Fn *fn = top->subs.at[number];
    int k = SUB_ARGS;
    LLVMValueRef *arg =
        ARENA_NEW_N(cg->arena, SUB_ARGS + (size_t)n->narg * CG_PARTS, LLVMValueRef);
    arg[0] = cg->cx;
    arg[1] = cg->calls;
    arg[2] = cg->abort_word;
    for (int i = 0; i < n->narg; i++) {
        CgVal v = *cg_get(cg, n->arg[i]);
        for (int j = 0; j < cg_parts(n->arg[i]->type); j++)
            arg[k++] = *cg_part(&v, j);
    }
    LLVMTypeRef ft = cg_sub_type(cg, fn);
    if (fn->body->nparam != n->narg || LLVMCountParamTypes(ft) != (unsigned)k)
        cg_bug(cg, "%s() is called with other arguments", fn->name);
    LLVMValueRef all = LLVMBuildCall2(cg->b, ft, cg->sub[number], arg, (unsigned)k, "");
    LLVMSetInstructionCallConv(all, LLVMFastCallConv);
    left_if_failed(cg, LLVMBuildExtractValue(cg->b, all, 0, ""));
    unsigned at = 1;
    bool none = fn->body->last->op != OP_RETURN;
    for (int i = 0; i < n->nres; i++) {
        CgVal v = cg_undef(cg, n->res[i].type);
        for (int j = 0; !none && j < cg_parts(n->res[i].type); j++)
            *cg_part(&v, j) = LLVMBuildExtractValue(cg->b, all, at++, "");
        cg_set(cg, &n->res[i], v);
    }
}
