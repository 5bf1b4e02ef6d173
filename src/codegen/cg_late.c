/* SPDX-License-Identifier: Apache-2.0
 * A nest that is compiled when it is needed. Where the bounds of a nest are proved
 * before it runs (cg_bounds.c), its other copy, which checks each access, hardly ever
 * runs: an index is negative, or two arrays share memory. Half of LLVM's work would be
 * for it. So it becomes a function in a module of its own, which the object carries as
 * bitcode; the first time that the proof fails, the run time has it compiled (rt_late,
 * Host.late), as it would have been: it runs as fast.
 *
 *   {status, site, parts of the results} nest(cx, calls, abort word, parts of what the
 *                                             nest takes from around it)
 *
 * A failure goes on where the nest is called, at the site that it gives. What leaves
 * the nest for a place around it, or shares variables with it, stays where it is.
 */
#include "codegen/cg.h"

#include "base/attr.h"
#include "base/hash.h"
#include "codegen/cg_emit.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <string.h>

enum { LATE_ARGS = 3 }; /* cx, calls, abort word */
enum { LATE_STATUS, LATE_SITE, LATE_PARTS };

/* -- What can stand alone ---------------------------------------------------------- */

/* depth: open loops of the nest. */
static bool stays_within(const Region *r, int64_t depth)
{
    for (const Node *n = r->first; n; n = n->next) {
        switch ((Op)n->op) {
        case OP_RETURN:
        case OP_CALLFN:
        case OP_TRY:
        case OP_VARSET:
        case OP_VARGET: return false;
        case OP_BREAK:
        case OP_CONTINUE:
            if (node_int(n, "depth", 0) >= depth) return false;
            break;
        default: break;
        }
        bool loop = n->op == OP_FOR || n->op == OP_LOOP;
        for (int k = 0; k < n->nregion; k++)
            if (!stays_within(n->region[k], depth + loop)) return false;
    }
    return true;
}

/* -- What it takes from around it -------------------------------------------------- */

typedef struct Late {
    const Node *nest;
    VEC(Val *) in; /* values of the function around */
    VEC(LLVMValueRef) arg;
    VEC(LLVMTypeRef) type;
} Late;

static void take(Cg *cg, Late *l, Val *v)
{
    if (!v->tmp || cg_is_inside(v, l->nest->region[0])) return;
    vec_each (i, &l->in)
        if (l->in.at[i] == v) return;
    vec_push(cg->arena, &l->in, v);
}

static void take_all(Cg *cg, Late *l, const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        for (int i = 0; i < n->narg; i++)
            take(cg, l, n->arg[i]);
        if (n->op == OP_MAP && n->nres && !node_int(n, "ncol", 0)) { /* its length */
            const Axis *a = axis_get(n->res[0].axis);
            if (a && a->rows) take(cg, l, a->rows);
        }
        for (int k = 0; k < n->nregion; k++)
            take_all(cg, l, n->region[k]);
    }
}

/* Numbers are the same in every module; what names a place in one is not. */
static bool is_number(LLVMValueRef v)
{
    if (LLVMIsAConstantExpr(v)) return LLVMGetConstOpcode(v) == LLVMIntToPtr;
    return LLVMIsAConstantInt(v) || LLVMIsAConstantFP(v) ||
           LLVMIsAConstantPointerNull(v) || LLVMIsAUndefValue(v);
}

static void add_arg(Cg *cg, Late *l, LLVMValueRef v)
{
    vec_push(cg->arena, &l->arg, v);
    vec_push(cg->arena, &l->type, LLVMTypeOf(v));
}

static void collect(Cg *cg, Late *l, Node *n)
{
    for (int i = 0; i < n->narg; i++)
        take(cg, l, n->arg[i]);
    take_all(cg, l, n->region[0]);
    add_arg(cg, l, cg->cx);
    add_arg(cg, l, cg->calls);
    add_arg(cg, l, cg->abort_word);
    vec_each (i, &l->in) {
        CgVal *v = cg_get(cg, l->in.at[i]);
        for (int k = 0; k < CG_PARTS; k++)
            if (v->part[k] && !is_number(v->part[k])) add_arg(cg, l, v->part[k]);
    }
}

static LLVMTypeRef late_type(Cg *cg, const Late *l)
{
    const Node *n = l->nest;
    LLVMTypeRef *t =
        ARENA_NEW_N(cg->arena, LATE_PARTS + (size_t)n->nres * CG_PARTS, LLVMTypeRef);
    unsigned k = LATE_PARTS;
    t[LATE_STATUS] = cg->i32;
    t[LATE_SITE] = cg->i64;
    for (int i = 0; i < n->nres; i++)
        for (int j = 0; j < cg_parts(n->res[i].type); j++)
            t[k++] = cg_part_type(cg, n->res[i].type, j);
    return LLVMFunctionType(LLVMStructTypeInContext(cg->ctx, t, k, false), l->type.at,
                            (unsigned)l->type.n, false);
}

/* -- The function ------------------------------------------------------------------ */

/* The emitter as at the start of a function. What is proved of the nest stays so. */
static void begin(Cg *cg, LLVMTypeRef ft)
{
    cg->mod = cg_module_new(cg, "late");
    cg->main = LLVMAddFunction(cg->mod, "shoal_main", ft);
    cg->cx = LLVMGetParam(cg->main, 0);
    cg->calls = LLVMGetParam(cg->main, 1);
    cg->abort_word = LLVMGetParam(cg->main, 2);
    cg->in = cg->out = NULL;
    cg->loop = NULL;
    cg->index = (CgIndexFail){0};
    cg->stop = (CgStop){0};
    memset(cg->math, 0, sizeof cg->math);
    /* new ones: those of the function around are gone on with */
    memset(&cg->brief, 0, sizeof cg->brief);
    memset(&cg->pending, 0, sizeof cg->pending);
    memset(&cg->lists, 0, sizeof cg->lists);
    memset(&cg->spares, 0, sizeof cg->spares);
    memset(&cg->seen, 0, sizeof cg->seen);
    cg->late = true;
    vec_each (i, &cg->texts)
        cg->texts.at[i].global[1] = NULL;
    cg_body_begin(cg);
}

/* The values from around are the function's parameters. */
static void enter(Cg *cg, const Late *l)
{
    unsigned at = LATE_ARGS;
    vec_each (i, &l->in) {
        CgVal v = *cg_get(cg, l->in.at[i]);
        for (int k = 0; k < CG_PARTS; k++)
            if (v.part[k] && !is_number(v.part[k]))
                v.part[k] = LLVMGetParam(cg->main, at++);
        cg_set(cg, l->in.at[i], v);
    }
}

static LLVMValueRef put(Cg *cg, LLVMValueRef all, LLVMValueRef v, unsigned k)
{
    return LLVMBuildInsertValue(cg->b, all, v, k, "");
}

static void run(Cg *cg, Node *n, LLVMTypeRef result)
{
    cg->seen.n = 0;
    cg_for(cg, n);
    LLVMValueRef all = put(cg, LLVMGetUndef(result), e_i32(cg, 0), LATE_STATUS);
    unsigned k = LATE_PARTS;
    for (int i = 0; i < n->nres; i++)
        for (int j = 0; j < cg_parts(n->res[i].type); j++)
            all = put(cg, all, *cg_part(cg_get(cg, &n->res[i]), j), k++);
    LLVMBuildRet(cg->b, all);
}

static void run_careful(Cg *cg, Node *n, LLVMTypeRef result)
{
    cg->sure.n = cg->apart.n = 0;
    cg->careful = true;
    run(cg, n, result);
}

/* proved: the last parameter says whether the nest's bounds are. */
static void run_either(Cg *cg, Node *n, LLVMTypeRef result, bool proved)
{
    if (proved) {
        LLVMBasicBlockRef sure = e_block(cg, "long"), slow = e_block(cg, "checked");
        e_if(cg, LLVMGetLastParam(cg->main), sure, slow);
        e_goto(cg, sure);
        run(cg, n, result);
        e_goto(cg, slow);
    }
    run_careful(cg, n, result);
}

static void leave_failed(Cg *cg, LLVMTypeRef result)
{
    if (cg_fail_is_dead(cg)) return;
    e_goto(cg, cg->fail);
    LLVMValueRef all = put(cg, LLVMGetUndef(result), cg->fail_status, LATE_STATUS);
    LLVMBuildRet(cg->b, put(cg, all, cg->fail_site, LATE_SITE));
}

static const AttrBlob *blob(Cg *cg, size_t *size)
{
    AttrWriter w;
    LLVMMemoryBufferRef code = LLVMWriteBitcodeToMemoryBuffer(cg->mod);
    const char *bytes = LLVMGetBufferStart(code);
    size_t n = LLVMGetBufferSize(code);
    int64_t key[2];
    key[0] = (int64_t)hash_bytes(bytes, n, 0x9e3779b97f4a7c15u);
    key[1] = (int64_t)hash_bytes(bytes, n, 0xc2b2ae3d27d4eb4fu);
    attr_begin(&w, cg->arena);
    attr_put_text_n(&w, "code", bytes, n);
    attr_put_ints(&w, "key", key, 2);
    attr_put_int(&w, "level", cg->level);
    LLVMDisposeMemoryBuffer(code);
    return attr_end(&w, size);
}

/* The nest as a function; its bitcode with what names it. */
static const AttrBlob *emit(Cg *cg, Late *l, Node *n, LLVMTypeRef ft, bool proved,
                            size_t *size)
{
    Cg around = *cg;
    LLVMBasicBlockRef here = e_here(cg);
    CgVal **value = ARENA_NEW_N(cg->arena, l->in.n + 1, CgVal *);
    vec_each (i, &l->in)
        value[i] = l->in.at[i]->tmp;
    begin(cg, ft);
    enter(cg, l);
    run_either(cg, n, LLVMGetReturnType(ft), proved);
    leave_failed(cg, LLVMGetReturnType(ft));
    cg_body_end(cg);
    const char *bad = cg_module_check(cg, cg->mod);
    if (bad) cg_bug(cg, "LLVM: %s", bad);
    const AttrBlob *code = blob(cg, size);
    for (unsigned i = LATE_ARGS; i < (unsigned)l->arg.n; i++)
        if (!LLVMGetFirstUse(LLVMGetParam(cg->main, i)))
            l->arg.at[i] = LLVMGetUndef(l->type.at[i]);
    LLVMDisposeModule(cg->mod);
    around.texts = cg->texts;
    around.nloop = cg->nloop;
    *cg = around;
    vec_each (i, &l->in)
        l->in.at[i]->tmp = value[i];
    e_goto(cg, here);
    return code;
}

/* -- Its call ---------------------------------------------------------------------- */

/* The function's address, asked for once in a call of the function around. The place of
 * it is volatile: kept in a register it would cost the copy that runs. */
static LLVMValueRef address(Cg *cg, LLVMValueRef code)
{
    LLVMValueRef at = e_alloca(cg, cg->ptr, 1, 8), null = LLVMConstNull(cg->ptr);
    LLVMBasicBlockRef here = e_here(cg), ask = e_block(cg, "ask"), go = e_block(cg, "");
    e_goto(cg, cg->entry);
    LLVMSetVolatile(e_store(cg, null, at), true);
    e_goto(cg, here);
    LLVMValueRef known = e_load(cg, cg->ptr, at);
    LLVMSetVolatile(known, true);
    e_if(cg, e_icmp(cg, LLVMIntEQ, known, null), ask, go);
    e_goto(cg, ask);
    cg_call(cg, RTN_late, code, 0, 1);
    LLVMValueRef found = cg_result_raw(cg, 0, cg->ptr);
    LLVMSetVolatile(e_store(cg, found, at), true);
    LLVMBasicBlockRef asked = e_here(cg);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef f = e_phi(cg, cg->ptr);
    e_from(f, known, here);
    e_from(f, found, asked);
    return f;
}

static void fail_if(Cg *cg, LLVMValueRef status, LLVMValueRef site)
{
    LLVMBasicBlockRef good = e_block(cg, "");
    LLVMValueRef bad = e_icmp(cg, LLVMIntNE, status, e_i32(cg, 0));
    e_from(cg->fail_site, site, e_here(cg));
    e_from(cg->fail_status, status, e_here(cg));
    e_cold(cg, e_if(cg, bad, cg->fail, good));
    e_goto(cg, good);
}

bool cg_late_fits(const Cg *cg, const Node *n)
{
    return !cg->late && stays_within(n->region[0], 1);
}

void cg_late(Cg *cg, Node *n, LLVMValueRef proved, CgVal *out)
{
    Late l = {.nest = n};
    size_t size;
    collect(cg, &l, n);
    if (proved) add_arg(cg, &l, proved);
    LLVMTypeRef ft = late_type(cg, &l);
    const AttrBlob *code = emit(cg, &l, n, ft, proved != NULL, &size);
    LLVMValueRef f = address(cg, cg_bytes(cg, code, size, 4, "late"));
    LLVMValueRef all = LLVMBuildCall2(cg->b, ft, f, l.arg.at, (unsigned)l.arg.n, "");
    fail_if(cg, LLVMBuildExtractValue(cg->b, all, LATE_STATUS, ""),
            LLVMBuildExtractValue(cg->b, all, LATE_SITE, ""));
    unsigned k = LATE_PARTS;
    for (int i = 0; i < n->nres; i++)
        for (int j = 0; j < cg_parts(n->res[i].type); j++)
            *cg_part(&out[i], j) = LLVMBuildExtractValue(cg->b, all, k++, "");
}

/* -- Compiled ---------------------------------------------------------------------- */

static LLVMModuleRef read_module(LLVMContextRef ctx, const LateCode *code)
{
    LLVMModuleRef mod = NULL;
    LLVMMemoryBufferRef buf = LLVMCreateMemoryBufferWithMemoryRangeCopy(
        (const char *)code->bytes, code->size, "late");
    if (LLVMParseBitcodeInContext2(ctx, buf, &mod)) mod = NULL;
    LLVMDisposeMemoryBuffer(buf);
    return mod;
}

bool cg_late_emit(Arena *arena, const LateCode *code, Object *out, Err *err)
{
    LLVMTargetMachineRef tm = cg_machine_take(code->level, err);
    if (!tm) return false;
    LLVMContextRef ctx = LLVMContextCreate();
    LLVMModuleRef mod = read_module(ctx, code);
    const char *bad =
        mod ? cg_module_finish(arena, mod, tm, code->level, out) : "no bitcode";
    if (mod) LLVMDisposeModule(mod);
    LLVMContextDispose(ctx);
    cg_machine_put(code->level, tm);
    if (bad) (void)err_set(err, E_INTERNAL, "LLVM: %s", bad);
    return !bad;
}
