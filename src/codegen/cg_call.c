/* SPDX-License-Identifier: Apache-2.0
 * Runtime calls. Arguments go into one block of slots in the frame, results come back
 * in another; both are shared by all calls, so results are read at once. The callee is
 * row id of the table that shoal_main was given.
 *
 * Attributes of a node travel as a blob in the object (base/attr.h). Two lists are
 * added, "atype" and "rtype": of each argument and result kind | dt << 8 | null << 16 |
 * unit << 24.
 */
#include "codegen/cg.h"

#include "array/array_layout.h"
#include "base/attr.h"
#include "codegen/cg_emit.h"

#include <string.h>

/* -- Slots ---------------------------------------------------------------------- */

static LLVMValueRef slot_at(Cg *cg, LLVMValueRef base, int k, int part)
{
    return e_off(cg, base, 16 * (int64_t)k + 8 * (int64_t)part);
}

static LLVMValueRef widen(Cg *cg, LLVMValueRef v, DType dt)
{
    if (dt == DT_F32) return LLVMBuildFPExt(cg->b, v, cg->f64, "");
    if (dt == DT_F64 || dt == DT_STR) return v;
    bool zero = dt == DT_BOOL || dt_is_unsigned(dt);
    return zero ? e_zext(cg, v, cg->i64) : e_sext(cg, v, cg->i64);
}

void cg_slot_store(Cg *cg, LLVMValueRef base, int k, Type t, CgVal v)
{
    LLVMValueRef at = slot_at(cg, base, k, 0);
    if (t.kind != TY_SCALAR) {
        e_store(cg, v.v, at);
        return;
    }
    LLVMValueRef n = slot_at(cg, base, k, 1);
    if (dt_is_complex((DType)t.dt)) {
        DType part = dt_real_of((DType)t.dt);
        e_store(cg, widen(cg, v.v, part), at);
        e_store(cg, widen(cg, v.im, part), n);
        return;
    }
    e_store(cg, widen(cg, v.v, (DType)t.dt), at);
    if (t.dt == DT_STR) {
        e_store(cg, v.ok, n);
    } else if (cg_has_ok(t)) {
        LLVMValueRef f = e_zext(cg, v.ok, cg->i64);
        if (t.null == NULL_PROM) {
            LLVMValueRef p = e_shl(cg, e_zext(cg, v.prom, cg->i64), e_i64(cg, 1));
            f = e_or(cg, f, p);
        }
        e_store(cg, f, n);
    } else {
        e_store(cg, e_i64(cg, 1), n);
    }
}

static LLVMValueRef load_scalar(Cg *cg, LLVMValueRef at, DType dt)
{
    if (dt == DT_STR) return e_load(cg, cg->ptr, at);
    if (dt == DT_F64) return e_load(cg, cg->f64, at);
    if (dt == DT_F32)
        return LLVMBuildFPTrunc(cg->b, e_load(cg, cg->f64, at), cg->f32, "");
    LLVMValueRef v = e_load(cg, cg->i64, at);
    if (dt == DT_BOOL) return e_icmp(cg, LLVMIntNE, v, e_i64(cg, 0));
    return e_trunc(cg, v, cg_type(cg, dt));
}

CgVal cg_slot_load(Cg *cg, LLVMValueRef base, int k, Type t)
{
    CgVal c = {0};
    if (t.kind == TY_NONE) return c;
    LLVMValueRef at = slot_at(cg, base, k, 0);
    if (t.kind != TY_SCALAR) {
        c.v = e_load(cg, cg->ptr, at);
        if (t.kind == TY_ARRAY) {
            c.ok = e_load(cg, cg->ptr, e_off(cg, c.v, ARRAY_AT_DATA));
            c.prom = e_load(cg, cg->i64, e_off(cg, c.v, ARRAY_AT_N));
        }
        return c;
    }
    if (dt_is_complex((DType)t.dt)) {
        DType part = dt_real_of((DType)t.dt);
        return (CgVal){.v = load_scalar(cg, at, part),
                       .im = load_scalar(cg, slot_at(cg, base, k, 1), part)};
    }
    c.v = load_scalar(cg, at, (DType)t.dt);
    if (t.dt == DT_STR) {
        c.ok = e_load(cg, cg->i64, slot_at(cg, base, k, 1));
        c.prom = e_i32(cg, -1);
        c.own = LLVMConstNull(cg->ptr);
    } else if (cg_has_ok(t)) {
        LLVMValueRef f = e_load(cg, cg->i64, slot_at(cg, base, k, 1));
        c.ok = e_trunc(cg, f, cg->i1);
        if (t.null == NULL_PROM) c.prom = e_icmp(cg, LLVMIntUGT, f, e_i64(cg, 1));
    }
    return c;
}

/* -- Calls ------------------------------------------------------------------------- */

void cg_arg(Cg *cg, int k, Type t, CgVal v)
{
    cg_slot_store(cg, cg->slots_in, k, t, v);
}

void cg_arg_i64(Cg *cg, int k, LLVMValueRef v)
{
    e_store(cg, v, slot_at(cg, cg->slots_in, k, 0));
}

void cg_arg_ptr(Cg *cg, int k, LLVMValueRef v)
{
    e_store(cg, v, slot_at(cg, cg->slots_in, k, 0));
}

CgVal cg_result(Cg *cg, int k, Type t)
{
    return cg_slot_load(cg, cg->slots_out, k, t);
}

LLVMValueRef cg_result_raw(Cg *cg, int k, LLVMTypeRef t)
{
    return e_load(cg, t, slot_at(cg, cg->slots_out, k, 0));
}

void cg_fail_if(Cg *cg, LLVMValueRef bad, LLVMValueRef status)
{
    LLVMBasicBlockRef good = e_block(cg, "");
    e_from(cg->fail_site, e_i64(cg, cg->site), e_here(cg));
    e_from(cg->fail_status, status, e_here(cg));
    e_cold(cg, e_if(cg, bad, cg->fail, good));
    e_goto(cg, good);
}

/* The status of a call, which the caller looks at. */
LLVMValueRef cg_call_status(Cg *cg, RtNumber id, LLVMValueRef attrs, int nin, int nout)
{
    if (nin > cg->max_in) cg->max_in = nin;
    if (nout > cg->max_out) cg->max_out = nout;
    LLVMValueRef f = e_load(cg, cg->ptr, e_off(cg, cg->calls, 8 * (int64_t)id));
    LLVMTypeRef p[6] = {cg->ptr, cg->ptr, cg->i64, cg->ptr, cg->i64, cg->ptr};
    LLVMValueRef arg[6] = {cg->cx,          attrs ? attrs : LLVMConstNull(cg->ptr),
                           e_i64(cg, nin),  cg->slots_in,
                           e_i64(cg, nout), cg->slots_out};
    LLVMTypeRef ft = LLVMFunctionType(cg->i32, p, 6, false);
    return LLVMBuildCall2(cg->b, ft, f, arg, 6, "");
}

void cg_call(Cg *cg, RtNumber id, LLVMValueRef attrs, int nin, int nout)
{
    LLVMValueRef st = cg_call_status(cg, id, attrs, nin, nout);
    cg_fail_if(cg, e_icmp(cg, LLVMIntNE, st, e_i32(cg, 0)), st);
}

/* The block that all tests of the abort word go to: the loop that is left there does
 * not go on, so it keeps no register for its sake and has no call in it. */
static CgStop *stop_block(Cg *cg)
{
    CgStop *s = &cg->stop;
    if (s->block) return s;
    LLVMBasicBlockRef here = e_here(cg);
    s->block = e_block(cg, "stop");
    e_goto(cg, s->block);
    s->site = e_phi(cg, cg->i64);
    LLVMValueRef st = cg_call_status(cg, RTN_stop, NULL, 0, 0);
    e_from(cg->fail_site, s->site, s->block);
    e_from(cg->fail_status, st, s->block);
    e_br(cg, cg->fail);
    e_goto(cg, here);
    return s;
}

void cg_check_abort(Cg *cg)
{
    CgStop *stop = stop_block(cg);
    LLVMValueRef w = e_load(cg, cg->i32, cg->abort_word);
    LLVMSetVolatile(w, true);
    LLVMBasicBlockRef go = e_block(cg, "");
    e_from(stop->site, e_i64(cg, cg->site), e_here(cg));
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntNE, w, e_i32(cg, 0)), stop->block, go));
    e_goto(cg, go);
}

/* The pointer is fetched once, at the function's entry. */
LLVMValueRef cg_math(Cg *cg, int fn)
{
    if (cg->math[fn]) return cg->math[fn];
    AttrWriter w;
    attr_begin(&w, cg->arena);
    attr_put_int(&w, "fn", fn);
    size_t size;
    const AttrBlob *blob = attr_end(&w, &size);
    LLVMBasicBlockRef here = e_here(cg);
    LLVMValueRef slot = e_alloca(cg, cg->slot, 1, 16);
    e_goto(cg, cg->entry);
    LLVMValueRef f = e_load(cg, cg->ptr, e_off(cg, cg->calls, 8 * (int64_t)RTN_math));
    LLVMTypeRef p[6] = {cg->ptr, cg->ptr, cg->i64, cg->ptr, cg->i64, cg->ptr};
    LLVMValueRef arg[6] = {cg->cx,       cg_bytes(cg, blob, size, 4, "attr"),
                           e_i64(cg, 0), LLVMConstNull(cg->ptr),
                           e_i64(cg, 1), slot};
    LLVMBuildCall2(cg->b, LLVMFunctionType(cg->i32, p, 6, false), f, arg, 6, "");
    cg->math[fn] = e_load(cg, cg->ptr, slot);
    e_goto(cg, here);
    return cg->math[fn];
}

/* -- Attributes -------------------------------------------------------------------- */

int64_t cg_pack_type(Type t)
{
    return t.kind | t.dt << 8 | t.null << 16 | (int64_t)t.unit << 24;
}

static void put_types(Cg *cg, AttrWriter *w, Node *n)
{
    int most = n->narg > n->nres ? n->narg : n->nres;
    int64_t *t = ARENA_NEW_N(cg->arena, most + 1, int64_t);
    for (int i = 0; i < n->narg; i++)
        t[i] = cg_pack_type(n->arg[i]->type);
    attr_put_ints(w, "atype", t, n->narg);
    for (int i = 0; i < n->nres; i++)
        t[i] = cg_pack_type(n->res[i].type);
    attr_put_ints(w, "rtype", t, n->nres);
}

/* Whether a call may send something to other ranks: its site is told with what. */
static bool may_send(const Node *n)
{
    static const char *const marks[] = {"par",    "lpar",  "pars",
                                        "argpar", "topar", "vpar"};
    if (op_info[n->op].effect == EF_COLL || n->op == OP_BARRIER) return true;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (node_attr(n, marks[i])) return true;
    return false;
}

LLVMValueRef cg_attrs(Cg *cg, Node *n)
{
    AttrWriter w;
    size_t size;
    attr_begin(&w, cg->arena);
    vec_each (i, &n->attr) {
        const Attr *a = &n->attr.at[i];
        switch ((AttrKind)a->kind) {
        case AT_INT: attr_put_int(&w, a->name, a->i); break;
        case AT_FLOAT: attr_put_float(&w, a->name, a->f); break;
        case AT_TEXT: attr_put_text_n(&w, a->name, a->s, (size_t)a->n); break;
        case AT_INTS: attr_put_ints(&w, a->name, a->ints, a->n); break;
        case AT_TEXTS: attr_put_texts(&w, a->name, a->texts, a->n); break;
        }
    }
    put_types(cg, &w, n);
    if (cg->site >= 0 && may_send(n)) attr_put_int(&w, "site", cg->site);
    const AttrBlob *blob = attr_end(&w, &size);
    return cg_bytes(cg, blob, size, 4, "attr");
}

/* -- Ops that are calls --------------------------------------------------------- */

/* Row of calls.def for an op: the op's name in lower case. */
int cg_call_number(const char *id)
{
    static const char *const name[] = {
#define CALL(x) #x,
#include "rt/calls.def"
#undef CALL
    };
    for (int i = 0; i < RTN_COUNT; i++)
        if (strcasecmp(name[i], id) == 0) return i;
    return -1;
}

void cg_node_call(Cg *cg, Node *n)
{
    int id = cg_call_number(op_info[n->op].id);
    if (id < 0) cg_bug(cg, "%s has no runtime call", op_info[n->op].id);
    for (int i = 0; i < n->narg; i++)
        cg_arg(cg, i, n->arg[i]->type, *cg_get(cg, n->arg[i]));
    cg_call(cg, (RtNumber)id, cg_attrs(cg, n), n->narg, n->nres);
    for (int i = 0; i < n->nres; i++)
        cg_set(cg, &n->res[i], cg_result(cg, i, n->res[i].type));
}
