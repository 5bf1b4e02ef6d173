/* SPDX-License-Identifier: Apache-2.0
 * One lowered Fn becomes one LLVM module with one function, shoal_main, and that
 * becomes object bytes. This file: the frame of that function, types, values and
 * constants; the nodes are in cg_*.c.
 *
 * A node that fails branches to the one cold block of the function, which reports its
 * site and returns; nothing is freed there, because the runtime owns what was made.
 */
#include "codegen/cg.h"

#include "base/cx.h"
#include "codegen/cg_emit.h"
#include "object/object_layout.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cg_bug(Cg *cg, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ir_throw(cg->fn, E_INTERNAL, cg->loc, "%s", text);
}

/* -- Types ---------------------------------------------------------------------- */

LLVMTypeRef cg_type(Cg *cg, DType dt)
{
    switch (dt) {
    case DT_BOOL: return cg->i1;
    case DT_I8:
    case DT_U8: return cg->i8;
    case DT_I16:
    case DT_U16: return cg->i16;
    case DT_I32:
    case DT_U32:
    case DT_CAT:
    case DT_CHAR:
    case DT_DATE: return cg->i32;
    case DT_F32:
    case DT_C64: return cg->f32;
    case DT_F64:
    case DT_C128: return cg->f64;
    case DT_STR: return cg->ptr;
    default: return cg->i64;
    }
}

LLVMTypeRef cg_mem_type(Cg *cg, DType dt)
{
    if (dt_is_complex(dt)) return LLVMArrayType2(cg_type(cg, dt), 2);
    return dt == DT_BOOL ? cg->i8 : cg_type(cg, dt);
}

CgVal cg_elem_load(Cg *cg, DType dt, LLVMValueRef p, CgAccess *mark, const void *data)
{
    LLVMTypeRef t = dt == DT_BOOL ? cg->i8 : cg_type(cg, dt);
    CgVal c = {.v = e_load(cg, t, p)};
    if (mark) mark(cg, c.v, data);
    if (dt == DT_BOOL) c.v = e_icmp(cg, LLVMIntNE, c.v, LLVMConstNull(cg->i8));
    if (!dt_is_complex(dt)) return c;
    c.im = e_load(cg, t, e_at(cg, t, p, e_i64(cg, 1)));
    if (mark) mark(cg, c.im, data);
    return c;
}

void cg_elem_store(Cg *cg, DType dt, CgVal v, LLVMValueRef p, CgAccess *mark,
                   const void *data)
{
    LLVMValueRef x = dt == DT_BOOL ? e_zext(cg, v.v, cg->i8) : v.v;
    LLVMValueRef st = e_store(cg, x, p);
    if (mark) mark(cg, st, data);
    if (!dt_is_complex(dt)) return;
    st = e_store(cg, v.im, e_at(cg, LLVMTypeOf(x), p, e_i64(cg, 1)));
    if (mark) mark(cg, st, data);
}

bool cg_has_ok(Type t)
{
    return t.kind == TY_SCALAR && t.dt != DT_STR &&
           (t.null == NULL_MASK || t.null == NULL_PROM);
}

int cg_parts(Type t)
{
    if (t.kind == TY_ARRAY) return 2 + t.ndim * (t.lay ? 2 : 1);
    if (t.kind != TY_SCALAR) return t.kind == TY_NONE ? 0 : 1;
    if (t.dt == DT_STR) return 4;
    if (dt_is_complex((DType)t.dt)) return 2;
    return t.null == NULL_PROM ? 3 : t.null == NULL_MASK ? 2 : 1;
}

LLVMValueRef *cg_part(CgVal *v, int k)
{
    return &v->part[k];
}

LLVMTypeRef cg_part_type(Cg *cg, Type t, int k)
{
    if (t.kind != TY_SCALAR) return k >= 2 ? cg->i64 : cg->ptr;
    if (k == 0) return cg_type(cg, (DType)t.dt);
    if (t.dt == DT_STR) return k == 1 ? cg->i64 : k == 2 ? cg->i32 : cg->ptr;
    if (dt_is_complex((DType)t.dt)) return cg_type(cg, (DType)t.dt);
    return cg->i1;
}

/* -- Values --------------------------------------------------------------------- */

CgVal *cg_get(Cg *cg, Val *v)
{
    if (!v->tmp) cg_bug(cg, "value %%%d is used before it is made", v->id);
    return v->tmp;
}

void cg_set(Cg *cg, Val *v, CgVal c)
{
    CgVal *at = ARENA_NEW(cg->arena, CgVal);
    *at = c;
    v->tmp = at;
}

CgVal cg_undef(Cg *cg, Type t)
{
    CgVal c = {0};
    for (int k = 0; k < cg_parts(t); k++)
        *cg_part(&c, k) = LLVMConstNull(cg_part_type(cg, t, k));
    return c;
}

LLVMValueRef cg_bytes(Cg *cg, const void *p, size_t n, unsigned align, const char *name)
{
    LLVMValueRef text = LLVMConstStringInContext2(cg->ctx, p, n, true);
    LLVMValueRef g = LLVMAddGlobal(cg->mod, LLVMTypeOf(text), name);
    LLVMSetInitializer(g, text);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(g, true);
    LLVMSetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(g, align);
    return g;
}

int cg_text(Cg *cg, const char *s, idx n)
{
    vec_each (i, &cg->texts) {
        const CgText *t = &cg->texts.at[i];
        if (t->n == n && memcmp(t->s, s, (size_t)n) == 0) return (int)i;
    }
    CgText t = {.s = s, .n = n};
    vec_push(cg->arena, &cg->texts, t);
    return (int)cg->texts.n - 1;
}

LLVMValueRef cg_text_data(Cg *cg, int k)
{
    CgText *t = &cg->texts.at[k];
    LLVMValueRef *g = &t->global[cg->late];
    if (!*g) *g = cg_bytes(cg, t->n ? t->s : "\0", t->n ? (size_t)t->n : 1, 1, "text");
    return *g;
}

static CgVal const_text(Cg *cg, const Attr *a)
{
    int k = cg_text(cg, a->s, a->n);
    LLVMValueRef own = LLVMConstIntToPtr(e_i64(cg, OBJ_IMMORTAL), cg->ptr);
    CgVal c = cg_text_val(cg, cg_text_data(cg, k), e_i64(cg, a->n), own);
    c.prom = e_i32(cg, k);
    return c;
}

static CgVal const_missing(Cg *cg, Type t)
{
    CgVal c = cg_undef(cg, t);
    if (t.dt == DT_STR) {
        c.v = cg_text_data(cg, cg_text(cg, "", 0)); /* readable, of no length */
        c.ok = e_i64(cg, -1);
        c.prom = e_i32(cg, -1);
        return c;
    }
    c.v = cg_missing_value(cg, t);
    if (t.null == NULL_PROM) c.prom = e_i1(cg, true);
    return c;
}

CgVal cg_const(Cg *cg, Node *n)
{
    Type t = n->res[0].type;
    const Attr *a = node_attr(n, "v");
    if (node_int(n, "na", 0)) return const_missing(cg, t);
    if (!a || t.kind != TY_SCALAR) cg_bug(cg, "a constant has a value");
    if (t.dt == DT_STR) {
        if (a->kind != AT_TEXT) cg_bug(cg, "a text constant has text");
        return const_text(cg, a);
    }
    LLVMTypeRef lt = cg_type(cg, (DType)t.dt);
    CgVal c = {0};
    if (dt_is_complex((DType)t.dt)) {
        const Attr *im = node_attr(n, "im");
        c.v = LLVMConstReal(lt, a->f);
        c.im = LLVMConstReal(lt, im ? im->f : 0);
    } else if (dt_is_float((DType)t.dt))
        c.v = LLVMConstReal(lt, a->kind == AT_FLOAT ? a->f : (double)a->i);
    else
        c.v = LLVMConstInt(
            lt, a->kind == AT_FLOAT ? (uint64_t)(int64_t)a->f : (uint64_t)a->i, true);
    if (cg_has_ok(t)) c.ok = e_i1(cg, true);
    if (t.null == NULL_PROM) c.prom = e_i1(cg, false);
    return c;
}

/* -- Helpers of cg_emit.h ---------------------------------------------------------- */

LLVMValueRef e_alloca(Cg *cg, LLVMTypeRef t, int64_t n, unsigned align)
{
    LLVMBasicBlockRef here = e_here(cg);
    e_goto(cg, cg->entry);
    LLVMValueRef p = LLVMBuildArrayAlloca(cg->b, t, e_i64(cg, n), "");
    LLVMSetAlignment(p, align);
    if (here) e_goto(cg, here);
    return p;
}

/* The operand of v where v is its magnitude, else NULL. */
static LLVMValueRef magnitude_of(LLVMValueRef v)
{
    static const char fabs_name[] = "llvm.fabs";
    if (!LLVMIsACallInst(v)) return NULL;
    unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(v));
    unsigned fabs_id = LLVMLookupIntrinsicID(fabs_name, sizeof fabs_name - 1);
    return id && id == fabs_id ? LLVMGetOperand(v, 0) : NULL;
}

static bool is_zero(LLVMValueRef v)
{
    LLVMBool lossy;
    return LLVMIsAConstantFP(v) && LLVMConstRealGetDouble(v, &lossy) == 0.0;
}

/* |x| p 0 is written as a comparison of x itself: LLVM 19 takes x for positive in an
 * arm of a select that |x| > 0 or |x| >= 0 chooses, and drops abs(x) and signs there
 * (fcmpImpliesClass looks through the magnitude). A predicate is the set of answers for
 * which it holds, as bits: equal, greater, less, unordered. */
LLVMValueRef e_fcmp(Cg *cg, LLVMRealPredicate p, LLVMValueRef a, LLVMValueRef b)
{
    enum { E = LLVMRealOEQ, G = LLVMRealOGT, L = LLVMRealOLT, U = LLVMRealUNO };
    unsigned holds = p;
    if (is_zero(a)) {
        LLVMValueRef zero = a;
        a = b;
        b = zero;
        holds = (holds & (E | U)) | (holds & G ? L : 0) | (holds & L ? G : 0);
    }
    LLVMValueRef x = is_zero(b) ? magnitude_of(a) : NULL;
    if (x) { /* never less; greater where x is not 0 */
        a = x;
        holds = (holds & (E | U)) | (holds & G ? G | L : 0);
    }
    return LLVMBuildFCmp(cg->b, (LLVMRealPredicate)holds, a, b, "");
}

LLVMValueRef e_intrinsic(Cg *cg, const char *name, int n, LLVMValueRef *arg)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (!id) cg_bug(cg, "no intrinsic %s", name);
    LLVMTypeRef t = LLVMTypeOf(arg[0]);
    LLVMValueRef f = LLVMGetIntrinsicDeclaration(cg->mod, id, &t, 1);
    LLVMTypeRef ft = LLVMIntrinsicGetType(cg->ctx, id, &t, 1);
    return LLVMBuildCall2(cg->b, ft, f, arg, (unsigned)n, "");
}

void e_pure(Cg *cg, LLVMValueRef call)
{
    static const char *const name[] = {"memory", "nounwind", "willreturn"};
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        unsigned id = LLVMGetEnumAttributeKindForName(name[k], strlen(name[k]));
        LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                 LLVMCreateEnumAttribute(cg->ctx, id, 0));
    }
}

void e_cold(Cg *cg, LLVMValueRef br)
{
    LLVMMetadataRef w[3] = {LLVMMDStringInContext2(cg->ctx, "branch_weights", 14),
                            LLVMValueAsMetadata(e_i32(cg, 1)),
                            LLVMValueAsMetadata(e_i32(cg, 1 << 20))};
    LLVMMetadataRef node = LLVMMDNodeInContext2(cg->ctx, w, 3);
    LLVMSetMetadata(br, LLVMGetMDKindIDInContext(cg->ctx, "prof", 4),
                    LLVMMetadataAsValue(cg->ctx, node));
}

/* -- Nodes ---------------------------------------------------------------------- */

static void loop_op(Cg *cg, Node *n)
{
    CgVal arg[4];
    if (n->narg > 4 || n->nres != 1)
        cg_bug(cg, "%s has an odd shape", op_info[n->op].id);
    for (int i = 0; i < n->narg; i++) {
        if (n->arg[i]->type.kind != TY_SCALAR)
            cg_bug(cg, "%s on columns is not lowered", op_info[n->op].id);
        arg[i] = *cg_get(cg, n->arg[i]);
    }
    cg_set(cg, &n->res[0], cg_elem(cg, n, arg));
}

static void ctrl_op(Cg *cg, Node *n)
{
    switch ((Op)n->op) {
    case OP_CONST: cg_set(cg, &n->res[0], cg_const(cg, n)); break;
    case OP_UNDEF: cg_set(cg, &n->res[0], cg_undef(cg, n->res[0].type)); break;
    case OP_IF: cg_if(cg, n); break;
    case OP_CALLFN: cg_callfn(cg, n); break;
    case OP_TRY: cg_try(cg, n); break;
    case OP_VARSET: cg_varset(cg, n); break;
    case OP_VARGET: cg_varget(cg, n); break;
    case OP_LOOP: cg_loop(cg, n); break;
    case OP_FOR: cg_for(cg, n); break;
    case OP_MAP: cg_map(cg, n); break;
    case OP_REF: cg_ref(cg, n); break;
    case OP_UNREF: cg_unref(cg, n); break;
    case OP_LEND: cg_lend(cg, n); break;
    case OP_AGET: cg_aget(cg, n); break;
    case OP_ASET: cg_aset(cg, n); break;
    case OP_NDMAP:
    case OP_NDSTORE: cg_ndmap(cg, n); break;
    case OP_NDAXIS: cg_ndaxis(cg, n); break;
    case OP_NDINDEX: cg_ndindex(cg, n); break;
    case OP_NDRANGE: cg_ndrange(cg, n); break;
    case OP_NDBCAST:
    case OP_NDFIT: cg_ndbcast(cg, n); break;
    case OP_NDCHECK: cg_ndcheck(cg, n); break;
    default: cg_obj(cg, n);
    }
}

void cg_nodes(Cg *cg, Node *from, const Node *to)
{
    idx seen = cg->seen.n;
    for (Node *n = from; n != to; n = n->next) {
        cg->loc = n->loc;
        cg->site = n->mark;
        switch (op_info[n->op].lower) {
        case LW_LOOP: loop_op(cg, n); break;
        case LW_CALL: cg_node_call(cg, n); break;
        case LW_CTRL: ctrl_op(cg, n); break;
        default: cg_bug(cg, "%s has no code", op_info[n->op].id);
        }
    }
    cg->seen.n = seen;
}

void cg_region(Cg *cg, Region *r)
{
    bool ends = r->last && op_is_terminator((Op)r->last->op);
    cg_nodes(cg, r->first, ends ? r->last : NULL);
    if (r->last) {
        cg->loc = r->last->loc;
        cg->site = r->last->mark;
    }
}

/* -- The frame of shoal_main ------------------------------------------------------- */

static void init_types(Cg *cg)
{
    LLVMContextRef c = cg->ctx;
    cg->i1 = LLVMInt1TypeInContext(c);
    cg->i8 = LLVMInt8TypeInContext(c);
    cg->i16 = LLVMInt16TypeInContext(c);
    cg->i32 = LLVMInt32TypeInContext(c);
    cg->i64 = LLVMInt64TypeInContext(c);
    cg->f32 = LLVMFloatTypeInContext(c);
    cg->f64 = LLVMDoubleTypeInContext(c);
    cg->ptr = LLVMPointerTypeInContext(c, 0);
    cg->none = LLVMVoidTypeInContext(c);
    LLVMTypeRef words[2] = {cg->i64, cg->i64};
    cg->slot = LLVMStructTypeInContext(c, words, 2, false);
}

static void add_attr(Cg *cg, LLVMValueRef f, LLVMAttributeIndex at, const char *name)
{
    unsigned k = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(f, at, LLVMCreateEnumAttribute(cg->ctx, k, 0));
}

void e_fn_attr(Cg *cg, LLVMValueRef function, const char *name)
{
    add_attr(cg, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, name);
}

static bool has_agree(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_AGREE) return true;
        for (int i = 0; i < n->nregion; i++)
            if (has_agree(n->region[i])) return true;
    }
    return false;
}

/* The word that compiled loops test: the context's, or a zero of our own. */
static void load_abort_word(Cg *cg)
{
    LLVMValueRef p = e_load(cg, cg->ptr, e_off(cg, cg->cx, offsetof(Cx, abort_word)));
    LLVMValueRef zero = cg_bytes(cg, "\0\0\0", 4, 4, "never");
    LLVMValueRef null = e_icmp(cg, LLVMIntEQ, p, LLVMConstNull(cg->ptr));
    cg->abort_word = e_select(cg, null, zero, p);
}

/* The blocks of the function cg->main. Phis of the cold block; the block itself is
 * filled when all edges are known. */
void cg_body_begin(Cg *cg)
{
    e_fn_attr(cg, cg->main, "nounwind");
    LLVMAttributeRef nb = LLVMCreateStringAttribute(cg->ctx, "no-builtins", 11, "", 0);
    LLVMAddAttributeAtIndex(cg->main, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            nb);
    cg->entry = e_block(cg, "entry");
    cg->body = e_block(cg, "body");
    cg->fail = e_block(cg, "fail");
    e_goto(cg, cg->fail);
    cg->fail_site = e_phi(cg, cg->i64);
    cg->fail_status = e_phi(cg, cg->i32);
    e_goto(cg, cg->body);
    cg->max_in = cg->max_out = 0;
    cg->slots_in = e_alloca(cg, cg->slot, 1, 16);
    cg->slots_out = e_alloca(cg, cg->slot, 1, 16);
}

static void begin_main(Cg *cg)
{
    LLVMTypeRef p[4] = {cg->ptr, cg->ptr, cg->ptr, cg->ptr};
    LLVMTypeRef ft = LLVMFunctionType(cg->i32, p, 4, false);
    cg->main = LLVMAddFunction(cg->mod, "shoal_main", ft);
    cg->cx = LLVMGetParam(cg->main, 0);
    cg->calls = LLVMGetParam(cg->main, 1);
    cg->in = LLVMGetParam(cg->main, 2);
    cg->out = LLVMGetParam(cg->main, 3);
    add_attr(cg, cg->main, 4, "noalias");
    cg_body_begin(cg);
    cg_spares_begin(cg);
    load_abort_word(cg);
}

bool cg_fail_is_dead(Cg *cg)
{
    if (LLVMCountIncoming(cg->fail_site)) return false;
    e_goto(cg, cg->fail);
    LLVMReplaceAllUsesWith(cg->fail_site, LLVMGetUndef(cg->i64));
    LLVMInstructionEraseFromParent(cg->fail_site);
    LLVMInstructionEraseFromParent(cg->fail_status);
    LLVMBuildUnreachable(cg->b);
    return true;
}

/* rt_fail(site, whether to agree) and return what it says. */
static void fill_fail(Cg *cg)
{
    if (cg_fail_is_dead(cg)) return;
    e_goto(cg, cg->fail);
    if (cg->fn->unwind) {
        cg_region(cg, cg->fn->unwind);
        cg_spares_end(cg);
    }
    e_store(cg, cg->fail_site, cg->slots_in);
    e_store(cg, e_i64(cg, cg->collective), e_off(cg, cg->slots_in, 16));
    LLVMValueRef f = e_load(cg, cg->ptr, e_off(cg, cg->calls, 8 * (int64_t)RTN_fail));
    LLVMTypeRef p[6] = {cg->ptr, cg->ptr, cg->i64, cg->ptr, cg->i64, cg->ptr};
    LLVMValueRef arg[6] = {cg->cx,       LLVMConstNull(cg->ptr), e_i64(cg, 2),
                           cg->slots_in, e_i64(cg, 0),           cg->slots_out};
    LLVMValueRef st =
        LLVMBuildCall2(cg->b, LLVMFunctionType(cg->i32, p, 6, false), f, arg, 6, "");
    LLVMValueRef none = e_icmp(cg, LLVMIntEQ, st, e_i32(cg, 0));
    cg_return_status(cg, e_select(cg, none, cg->fail_status, st));
    if (cg->max_in < 2) cg->max_in = 2;
}

void cg_body_end(Cg *cg)
{
    LLVMSetOperand(cg->slots_in, 0, e_i64(cg, cg->max_in ? cg->max_in : 1));
    LLVMSetOperand(cg->slots_out, 0, e_i64(cg, cg->max_out ? cg->max_out : 1));
    e_goto(cg, cg->entry);
    e_br(cg, cg->body);
}

static void end_main(Cg *cg)
{
    fill_fail(cg);
    cg_body_end(cg);
}

static void clear_tmp(Region *r)
{
    for (int i = 0; i < r->nparam; i++)
        r->param[i].tmp = NULL;
    node_each (n, r) {
        for (int i = 0; i < n->nres; i++)
            n->res[i].tmp = NULL;
        for (int i = 0; i < n->nregion; i++)
            clear_tmp(n->region[i]);
    }
}

static void begin_fn(Cg *cg, Fn *fn)
{
    cg->fn = fn;
    cg->loop = NULL;
    clear_tmp(fn->body);
    cg->var = ARENA_NEW_N(cg->arena, fn->nvar + 1, CgVar);
    memset(cg->math, 0, sizeof cg->math);
    cg->caught = fn->unwind != NULL;
    cg->index = (CgIndexFail){0};
    cg->stop = (CgStop){0};
    cg->sure.n = cg->loose.n = cg->apart.n = cg->seen.n = 0;
    cg->lists.n = cg->pending.n = 0;
}

static void emit_sub(Cg *cg, Fn *fn, LLVMValueRef f)
{
    begin_fn(cg, fn);
    cg->main = f;
    cg->cx = LLVMGetParam(f, 0);
    cg->calls = LLVMGetParam(f, 1);
    cg->abort_word = LLVMGetParam(f, 2);
    cg->in = cg->out = NULL;
    cg_body_begin(cg);
    cg_spares_begin(cg);
    cg_sub_enter(cg);
    cg_sub_params(cg);
    cg_region(cg, fn->body);
    cg_terminator(cg, fn->body->last);
    end_main(cg);
}

/* All subs are declared before one is emitted: they call each other. */
static void emit_subs(Cg *cg)
{
    Fn *top = cg->fn;
    bool collective = cg->collective;
    cg->collective = false;
    cg->sub = ARENA_NEW_N(cg->arena, top->subs.n + 1, LLVMValueRef);
    vec_each (i, &top->subs) {
        Fn *s = top->subs.at[i];
        s->catch_ = top->catch_;
        cg->sub[i] = LLVMAddFunction(cg->mod, s->name, cg_sub_type(cg, s));
        LLVMSetLinkage(cg->sub[i], LLVMInternalLinkage);
        LLVMSetFunctionCallConv(cg->sub[i], LLVMFastCallConv);
    }
    vec_each (i, &top->subs)
        emit_sub(cg, top->subs.at[i], cg->sub[i]);
    cg->collective = collective;
    cg->fn = top;
}

static void emit_main(Cg *cg)
{
    emit_subs(cg);
    begin_fn(cg, cg->fn);
    begin_main(cg);
    for (int i = 0; i < cg->fn->body->nparam; i++) {
        Val *v = &cg->fn->body->param[i];
        CgVal c = cg_slot_load(cg, cg->in, i, v->type);
        /* The caller's text stays while the call runs: what holds it copies nothing. */
        if (c.own) c.own = LLVMConstIntToPtr(e_i64(cg, OBJ_IMMORTAL), cg->ptr);
        cg_set(cg, v, c);
    }
    cg_region(cg, cg->fn->body);
    cg_terminator(cg, cg->fn->body->last);
    end_main(cg);
}

/* -- From the module to bytes --------------------------------------------------- */

/* Addresses are emitted as the machine has them (cg_nd_element, cg_walk), so neither
 * indvars nor the reduction of strength behind these passes (see init_llvm) has to find
 * them; and a second instcombine turns comparisons back that the loop's end shares. */
static const char SLIM[] =
    "function(sroa,early-cse,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-simplify,lcssa,loop-mssa(loop-rotate,licm),"
    "loop-vectorize<interleave-forced-only>,loop-load-elim,early-cse,simplifycfg)";

static const char *optimize(Arena *arena, LLVMModuleRef mod, LLVMTargetMachineRef tm,
                            int level)
{
    if (level == 0) return NULL;
    LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
    LLVMErrorRef e = LLVMRunPasses(mod, level == 1 ? SLIM : "default<O2>", tm, o);
    LLVMDisposePassBuilderOptions(o);
    if (!e) return NULL;
    char *m = LLVMGetErrorMessage(e);
    char *copy = arena_strdup(arena, m);
    LLVMDisposeErrorMessage(m);
    return copy;
}

static const char *to_bytes(Arena *arena, LLVMModuleRef mod, LLVMTargetMachineRef tm,
                            Object *out)
{
    char *m = NULL;
    LLVMMemoryBufferRef buf = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(tm, mod, LLVMObjectFile, &m, &buf)) {
        char *copy = arena_strdup(arena, m);
        LLVMDisposeMessage(m);
        return copy;
    }
    out->size = LLVMGetBufferSize(buf);
    out->bytes = arena_alloc(arena, out->size);
    memcpy(out->bytes, LLVMGetBufferStart(buf), out->size);
    LLVMDisposeMemoryBuffer(buf);
    return NULL;
}

const char *cg_module_finish(Arena *arena, LLVMModuleRef mod, LLVMTargetMachineRef tm,
                             int level, Object *out)
{
    const char *bad = optimize(arena, mod, tm, level);
    return bad ? bad : to_bytes(arena, mod, tm, out);
}

const char *cg_module_check(Cg *cg, LLVMModuleRef mod)
{
#ifndef NDEBUG
    char *m = NULL;
    if (LLVMVerifyModule(mod, LLVMReturnStatusAction, &m)) {
        char *ir = LLVMPrintModuleToString(mod);
        fprintf(stderr, "%s\n", ir);
        LLVMDisposeMessage(ir);
        char *copy = arena_strdup(cg->arena, m);
        LLVMDisposeMessage(m);
        return copy;
    }
    LLVMDisposeMessage(m);
#endif
    (void)cg, (void)mod;
    return NULL;
}

static void dump_module(Cg *cg)
{
    char *text = LLVMPrintModuleToString(cg->mod);
    fprintf(stderr, "%s\n", text);
    LLVMDisposeMessage(text);
}

static void dispose(Cg *cg)
{
    if (cg->b) LLVMDisposeBuilder(cg->b);
    if (cg->mod) LLVMDisposeModule(cg->mod);
    if (cg->tm) cg_machine_put(cg->level, cg->tm);
    if (cg->ctx) LLVMContextDispose(cg->ctx);
    cg->b = NULL;
    cg->mod = NULL;
    cg->tm = NULL;
    cg->ctx = NULL;
}

static const char *finish(Cg *cg, const CodegenOptions *opt, Object *out)
{
    const char *bad = cg_module_check(cg, cg->mod);
    if (!bad) bad = optimize(cg->arena, cg->mod, cg->tm, cg->level);
    if (opt->dump) dump_module(cg);
    return bad ? bad : to_bytes(cg->arena, cg->mod, cg->tm, out);
}

LLVMModuleRef cg_module_new(Cg *cg, const char *name)
{
    LLVMModuleRef mod = LLVMModuleCreateWithNameInContext(name, cg->ctx);
    char *triple = LLVMGetTargetMachineTriple(cg->tm);
    LLVMSetTarget(mod, triple);
    LLVMDisposeMessage(triple);
    LLVMTargetDataRef td = LLVMCreateTargetDataLayout(cg->tm);
    LLVMSetModuleDataLayout(mod, td);
    LLVMDisposeTargetData(td);
    return mod;
}

static void begin_module(Cg *cg)
{
    cg->ctx = LLVMContextCreate();
    cg->mod = cg_module_new(cg, cg->fn->name);
    cg->b = LLVMCreateBuilderInContext(cg->ctx);
    init_types(cg);
}

/* Emission may throw; LLVM's objects are not in the arena, so they are disposed of here
 * before the error goes on to compile.c. */
static bool emit_caught(Cg *cg)
{
    Fn *top = cg->fn;
    void *outer = top->catch_;
    jmp_buf here;
    if (setjmp(here)) {
        cg->fn = top;
        top->catch_ = outer;
        return false;
    }
    top->catch_ = &here;
    emit_main(cg);
    top->catch_ = outer;
    return true;
}

Object cg_emit(Fn *fn, const CodegenOptions *opt)
{
    Cg *cg = ARENA_NEW(fn->arena, Cg);
    Object out = {0};
    cg->fn = fn;
    cg->arena = fn->arena;
    cg->unchecked = (opt->opt & CG_UNCHECKED) != 0;
    cg->level = opt->opt & CG_LEVEL;
    cg->collective = has_agree(fn->body);
    cg->tm = cg_machine_take(cg->level, fn->err);
    if (!cg->tm) ir_throw(fn, E_INTERNAL, (Loc){0}, "%s", fn->err->text);
    begin_module(cg);
    if (!emit_caught(cg)) {
        dispose(cg);
        if (!fn->catch_) BUG("uncaught compile error: %s", fn->err->text);
        longjmp(*(jmp_buf *)fn->catch_, 1);
    }
    const char *bad = finish(cg, opt, &out);
    dispose(cg);
    if (bad) ir_throw(fn, E_INTERNAL, (Loc){0}, "LLVM: %s", bad);
    return out;
}
