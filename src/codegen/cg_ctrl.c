/* SPDX-License-Identifier: Apache-2.0
 * Control: if, loop, for and what ends a region. Values that join become phis. The
 * edges into a join are collected while its regions are emitted and fed to the phis at
 * the end.
 *
 *   for    count = iterations; strips of CG_STRIP iterations with a test of the abort
 * word between, so that the inner loop is a plain counted one. A loop around loops is
 * plain and tests it in each iteration. A nest stands twice where cg_bounds.c can prove
 * its bounds before it runs.
 *   loop   tests it in each round, in one of ROUND_COPIES, or in one of CG_ROUNDS that
 * are counted down.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

/* Rounds between two tests of the abort word: of a counted loop, of another. */
enum { CG_STRIP = 4096, CG_ROUNDS = 1 << 16 };

/* -- Joins ------------------------------------------------------------------------- */

void cg_phis(Cg *cg, CgVal *out, const Type *t, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < cg_parts(t[i]); k++)
            *cg_part(&out[i], k) = e_phi(cg, cg_part_type(cg, t[i], k));
}

void cg_phis_feed(Cg *cg, CgVal *phi, const Type *t, int n, const CgEdge *edge,
                  idx nedge)
{
    (void)cg;
    for (idx e = 0; e < nedge; e++)
        for (int i = 0; i < n; i++)
            for (int k = 0; k < cg_parts(t[i]); k++)
                e_from(*cg_part(&phi[i], k), *cg_part(&edge[e].val[i], k),
                       edge[e].from);
}

static Type *types_of(Cg *cg, const Val *v, int n)
{
    Type *t = ARENA_NEW_N(cg->arena, n + 1, Type);
    for (int i = 0; i < n; i++)
        t[i] = v[i].type;
    return t;
}

/* Values of the operands of a terminator. */
static CgVal *operands(Cg *cg, Node *n)
{
    CgVal *v = ARENA_NEW_N(cg->arena, n->narg + 1, CgVal);
    for (int i = 0; i < n->narg; i++)
        v[i] = *cg_get(cg, n->arg[i]);
    return v;
}

/* A block that joins the edges: results are set to its phis. Without edges it is dead.
 */
static void join(Cg *cg, Node *n, LLVMBasicBlockRef at, const CgEdge *edge, idx nedge)
{
    e_goto(cg, at);
    CgVal *phi = ARENA_NEW_N(cg->arena, n->nres + 1, CgVal);
    Type *t = types_of(cg, n->res, n->nres);
    if (nedge) {
        cg_phis(cg, phi, t, n->nres);
        cg_phis_feed(cg, phi, t, n->nres, edge, nedge);
    }
    for (int i = 0; i < n->nres; i++)
        cg_set(cg, &n->res[i], nedge ? phi[i] : cg_undef(cg, t[i]));
}

/* -- If ---------------------------------------------------------------------------- */

/* True of a masked condition: present and true. */
static LLVMValueRef condition(Cg *cg, Val *v)
{
    CgVal c = *cg_get(cg, v);
    return c.ok ? e_and(cg, c.v, c.ok) : c.v;
}

enum { FLAT_MAX = 40 }; /* nodes of an if that is computed on both sides */

/* Computed in vain it does no harm: an element that is in bounds on either side of the
 * if may be read on both. */
static bool is_harmless(Cg *cg, const Node *n)
{
    if (n->op == OP_LISTGET)
        return cg_is_proved(cg, n) && cg_list_is_plain(cg, n->arg[0]->type);
    if (n->op == OP_CHARAT) return cg_is_proved(cg, n);
    if (n->op == OP_AGET)
        return cg_is_proved(cg, n) && n->res[0].type.dt != DT_STR &&
               !cg_has_ok(n->res[0].type);
    return op_info[n->op].lower == LW_LOOP && cg_elem_cheap(n);
}

/* Both arms are a few cheap pure nodes: -1 when not, else the number of nodes. */
static int flat_cost(Cg *cg, const Region *r)
{
    int cost = 0;
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_YIELD) return cost;
        if (n->op == OP_IF) {
            int a = flat_cost(cg, n->region[0]), b = flat_cost(cg, n->region[1]);
            if (a < 0 || b < 0) return -1;
            cost += a + b + 1;
        } else if (n->op != OP_CONST && n->op != OP_UNDEF) {
            if (!is_harmless(cg, n)) return -1;
            cost++;
        }
        if (cost > FLAT_MAX) return -1;
    }
    return -1;
}

static bool in_row_loop(const Cg *cg)
{
    if (!cg->loop) return false;
    uint16_t op = cg->loop->node->op;
    return op == OP_MAP || op == OP_FOR || op == OP_NDMAP || op == OP_NDSTORE;
}

static void flat_if(Cg *cg, Node *n)
{
    LLVMValueRef c = condition(cg, n->arg[0]);
    cg_region(cg, n->region[0]);
    CgVal *a = operands(cg, n->region[0]->last);
    cg_region(cg, n->region[1]);
    CgVal *b = operands(cg, n->region[1]->last);
    for (int i = 0; i < n->nres; i++)
        cg_set(cg, &n->res[i], cg_select(cg, c, n->res[i].type, a[i], b[i]));
}

void cg_if(Cg *cg, Node *n)
{
    if (n->nregion != 2) cg_bug(cg, "an if has two regions");
    if (in_row_loop(cg) && flat_cost(cg, n->region[0]) >= 0 &&
        flat_cost(cg, n->region[1]) >= 0) {
        flat_if(cg, n);
        return;
    }
    LLVMValueRef c = condition(cg, n->arg[0]);
    LLVMBasicBlockRef arm[2] = {e_block(cg, "then"), e_block(cg, "else")};
    LLVMBasicBlockRef after = e_block(cg, "endif");
    CgEdge edge[2];
    int nedge = 0;
    LLVMValueRef br = e_if(cg, c, arm[0], arm[1]);
    if (node_int(n, "cold", 0) || n->region[0]->last->op == OP_RAISE) e_cold(cg, br);
    for (int k = 0; k < 2; k++) {
        e_goto(cg, arm[k]);
        cg_region(cg, n->region[k]);
        Node *last = n->region[k]->last;
        if (last->op == OP_YIELD) {
            edge[nedge++] = (CgEdge){e_here(cg), operands(cg, last)};
            e_br(cg, after);
        } else {
            cg_terminator(cg, last);
        }
    }
    join(cg, n, after, edge, nedge);
}

/* -- Try ------------------------------------------------------------------------ */

enum { HELD_IN_REGISTERS = 32 };

/* What variable k holds is for a failure to release, and there is much of that. Each of
 * these in a register would be a choice wherever ways to a handler meet: twice the
 * variables and twice the ways are four times the code. */
static bool in_memory(const Cg *cg, int64_t k)
{
    const Fn *fn = cg->fn;
    return fn->nheld > HELD_IN_REGISTERS && k >= fn->nvar - fn->nheld;
}

/* A variable lives in the frame: LLVM makes registers of it where nothing fails. It
 * begins with nulls, because what it held is released when it is set. */
static LLVMValueRef var_part(Cg *cg, int64_t k, LLVMTypeRef type, int part)
{
    if (k < 0 || k >= cg->fn->nvar) cg_bug(cg, "no variable %d", (int)k);
    LLVMValueRef *p = &cg->var[k].part[part];
    if (*p) return *p;
    LLVMBasicBlockRef here = e_here(cg);
    *p = e_alloca(cg, type, 1, 8);
    e_goto(cg, cg->entry);
    e_store(cg, LLVMConstNull(type), *p);
    e_goto(cg, here);
    return *p;
}

static void var_store(Cg *cg, LLVMValueRef v, LLVMValueRef part, int64_t k)
{
    LLVMSetVolatile(e_store(cg, v, part), in_memory(cg, k));
}

/* The variable holds nothing. A part that has no place yet does so anyway. */
static void var_clear(Cg *cg, int64_t k)
{
    for (int i = 0; i < (int)COUNT_OF(cg->var[k].part); i++) {
        LLVMValueRef p = cg->var[k].part[i];
        if (p) var_store(cg, LLVMConstNull(LLVMGetAllocatedType(p)), p, k);
    }
}

void cg_varset(Cg *cg, Node *n)
{
    int64_t var = node_int(n, "var", 0);
    if (n->narg == 0) {
        var_clear(cg, var);
        return;
    }
    Type t = n->arg[0]->type;
    CgVal v = *cg_get(cg, n->arg[0]);
    if (in_memory(cg, var)) {
        var_store(cg, *cg_owner(&v, t), var_part(cg, var, cg->ptr, 0), var);
        return;
    }
    for (int k = 0; k < cg_parts(t); k++)
        e_store(cg, *cg_part(&v, k), var_part(cg, var, cg_part_type(cg, t, k), k));
}

static CgVal held(Cg *cg, int64_t var, Type t)
{
    CgVal v = cg_undef(cg, t);
    *cg_owner(&v, t) = e_load(cg, cg->ptr, var_part(cg, var, cg->ptr, 0));
    LLVMSetVolatile(*cg_owner(&v, t), true);
    return v;
}

void cg_varget(Cg *cg, Node *n)
{
    const Attr *vars = node_attr(n, "vars");
    for (int i = 0; i < n->nres; i++) {
        CgVal v = {0};
        Type t = n->res[i].type;
        int64_t var = vars->ints[i];
        for (int k = 0; k < cg_parts(t) && !in_memory(cg, var); k++) {
            LLVMTypeRef part = cg_part_type(cg, t, k);
            *cg_part(&v, k) = e_load(cg, part, var_part(cg, var, part, k));
        }
        cg_set(cg, &n->res[i], in_memory(cg, var) ? held(cg, var, t) : v);
    }
}

static CgCold cold_swap(Cg *cg, CgCold to)
{
    CgCold was = {cg->fail, cg->fail_site, cg->fail_status, cg->index, cg->stop};
    cg->index = to.index;
    cg->stop = to.stop;
    cg->fail = to.block;
    cg->fail_site = to.site;
    cg->fail_status = to.status;
    return was;
}

/* One region of a try; its edge into the join when it has one. */
static void try_region(Cg *cg, Region *r, LLVMBasicBlockRef after, CgEdge *edge,
                       int *nedge)
{
    cg_region(cg, r);
    if (r->last->op != OP_YIELD) {
        cg_terminator(cg, r->last);
        return;
    }
    edge[(*nedge)++] = (CgEdge){e_here(cg), operands(cg, r->last)};
    e_br(cg, after);
}

static CgCold cold_new(Cg *cg, const char *name)
{
    CgCold c = {.block = e_block(cg, name)};
    LLVMBasicBlockRef here = e_here(cg);
    e_goto(cg, c.block);
    c.site = e_phi(cg, cg->i64);
    c.status = e_phi(cg, cg->i32);
    e_goto(cg, here);
    return c;
}

CgCold cg_guard_begin(Cg *cg)
{
    return cg->caught ? cold_swap(cg, cold_new(cg, "undo")) : (CgCold){0};
}

void cg_guard_end(Cg *cg, CgCold outer, const LLVMValueRef *array, int n)
{
    if (!outer.block) return;
    LLVMBasicBlockRef here = e_here(cg);
    bool dead = cg_fail_is_dead(cg);
    CgCold undo = cold_swap(cg, outer);
    if (!dead) {
        e_goto(cg, undo.block);
        for (int k = 0; k < n; k++)
            cg_arg_ptr(cg, k, array[k]);
        (void)cg_call_status(cg, RTN_unref, NULL, n, 0);
        e_from(cg->fail_site, undo.site, undo.block);
        e_from(cg->fail_status, undo.status, undo.block);
        e_br(cg, cg->fail);
    }
    e_goto(cg, here);
}

/* The failure is over: its record is copied to the frame. Without a failure the block
 * is dead; its phis must have no place in it. */
static void catch_begin(Cg *cg, const CgCold *c, LLVMValueRef record, bool agree)
{
    if (LLVMCountIncoming(c->site) == 0) {
        LLVMReplaceAllUsesWith(c->site, LLVMGetUndef(cg->i64));
        LLVMInstructionEraseFromParent(c->site);
        LLVMInstructionEraseFromParent(c->status);
        cg_arg_i64(cg, 0, e_i64(cg, 0));
    } else {
        cg_arg_i64(cg, 0, c->site);
    }
    cg_arg_i64(cg, 1, e_i64(cg, agree));
    cg_arg_ptr(cg, 2, record);
    cg_call(cg, RTN_catch, NULL, 3, 0);
}

void cg_try(Cg *cg, Node *n)
{
    Region *handler = n->region[1];
    if (n->nregion != 2 || handler->nparam != 1)
        cg_bug(cg, "a try has a body and a handler");
    int32_t site = cg->site;
    Loc loc = cg->loc;
    LLVMValueRef record = e_alloca(cg, cg->i8, sizeof(Err), 16);
    LLVMBasicBlockRef after = e_block(cg, "endtry");
    CgCold c = cold_new(cg, "catch");
    CgEdge edge[2];
    int nedge = 0;
    CgCold outer = cold_swap(cg, c);
    cg->caught++;
    try_region(cg, n->region[0], after, edge, &nedge);
    cg->caught--;
    cold_swap(cg, outer);
    cg->site = site;
    cg->loc = loc;
    e_goto(cg, c.block);
    catch_begin(cg, &c, record, node_int(n, "agree", 0) != 0);
    CgVal h = {.v = LLVMBuildPtrToInt(cg->b, record, cg->i64, "")};
    cg_set(cg, &handler->param[0], h);
    try_region(cg, handler, after, edge, &nedge);
    join(cg, n, after, edge, nedge);
}

/* -- Loops ---------------------------------------------------------------------- */

enum { LOOP_ALIGN = 64 }; /* bytes that the processor fetches at once */

static LLVMMetadataRef loop_note(Cg *cg, const char *name, LLVMValueRef v)
{
    LLVMMetadataRef part[2] = {LLVMMDStringInContext2(cg->ctx, name, strlen(name)),
                               LLVMValueAsMetadata(v)};
    return LLVMMDNodeInContext2(cg->ctx, part, 2);
}

/* What LLVM is told of the innermost loop that br closes. A loop of a few instructions
 * that lies in two lines of code takes half as long again. */
void cg_mark_loop(Cg *cg, LLVMValueRef br, bool vectors)
{
    LLVMMetadataRef self = LLVMTemporaryMDNode(cg->ctx, NULL, 0);
    LLVMMetadataRef part[3] = {
        self, loop_note(cg, "llvm.loop.align", e_i32(cg, LOOP_ALIGN)),
        vectors ? NULL : loop_note(cg, "llvm.loop.vectorize.enable", e_i1(cg, false))};
    LLVMMetadataRef node = LLVMMDNodeInContext2(cg->ctx, part, vectors ? 2 : 3);
    LLVMMetadataReplaceAllUsesWith(self, node); /* a loop's node begins with itself */
    LLVMSetMetadata(br, LLVMGetMDKindIDInContext(cg->ctx, "llvm.loop", 9),
                    LLVMMetadataAsValue(cg->ctx, node));
}

/* How the abort word is tested in a loop that is not counted. */
typedef enum Rounds {
    ROUNDS_ALL,    /* in each round */
    ROUNDS_COPIES, /* the body stands several times in a round */
    ROUNDS_STRIPS, /* once in so many rounds, which are counted down */
} Rounds;

enum { ROUND_NODES = 24, ROUND_COPIES = 4 };

/* No calls and no loops: such rounds are over soon. */
static bool is_quick(const Region *r, int *nodes)
{
    for (const Node *n = r->first; n; n = n->next) {
        bool ctrl = n->op == OP_IF || n->op == OP_CONST || n->op == OP_UNDEF ||
                    n->op == OP_AGET || n->op == OP_ASET || n->op == OP_YIELD ||
                    n->op == OP_CONTINUE || n->op == OP_BREAK;
        if (!ctrl && op_info[n->op].lower != LW_LOOP) return false;
        if (n->op != OP_CONST && n->op != OP_YIELD) --*nodes;
        for (int i = 0; i < n->nregion; i++)
            if (!is_quick(n->region[i], nodes)) return false;
    }
    return true;
}

static bool has_access(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_AGET || n->op == OP_ASET) return true;
        for (int k = 0; k < n->nregion; k++)
            if (has_access(n->region[k])) return true;
    }
    return false;
}

/* A few sums leave no room for anything beside them, and copies of them are small; a
 * longer round (mandelbrot) is 4 % slower when each has a branch more to be foreseen.
 * What looks into arrays is longer, waits for memory anyway, and is slower in copies.
 */
static Rounds loop_rounds(const Cg *cg, const Region *body)
{
    int nodes = ROUND_NODES;
    if (cg->careful || !is_quick(body, &nodes)) return ROUNDS_ALL;
    if (has_access(body)) return ROUNDS_STRIPS;
    return nodes >= 0 ? ROUNDS_COPIES : ROUNDS_ALL;
}

/* The body from here on, with the values that it carries. Where it goes on the builder
 * stands; the values then, or NULL when it does not. */
static CgVal *loop_body(Cg *cg, CgLoop *l, const Type *t, const CgVal *in)
{
    Node *n = l->node;
    Region *body = n->region[0];
    for (int i = 0; i < n->narg; i++)
        cg_set(cg, &body->param[i], in[i]);
    l->next = e_block(cg, "again");
    l->to_next.n = 0;
    cg_region(cg, body);
    cg_terminator(cg, body->last);
    e_goto(cg, l->next);
    if (!l->to_next.n) return NULL;
    CgVal *back = ARENA_NEW_N(cg->arena, n->narg + 1, CgVal);
    cg_phis(cg, back, t, n->narg);
    cg_phis_feed(cg, back, t, n->narg, l->to_next.at, l->to_next.n);
    return back;
}

/* From the end of a round to head: left counts down the rounds until the next test.
 * The edges go to again. */
static void loop_strip(Cg *cg, LLVMBasicBlockRef head, LLVMValueRef left, CgEdge *again)
{
    LLVMValueRef less = e_sub(cg, left, e_i64(cg, 1));
    LLVMBasicBlockRef test = e_block(cg, "strip");
    LLVMValueRef br = e_if(cg, e_icmp(cg, LLVMIntEQ, less, e_i64(cg, 0)), test, head);
    e_cold(cg, br);
    cg_mark_loop(cg, br, true);
    e_from(left, less, again[0].from);
    e_goto(cg, test);
    cg_check_abort(cg);
    again[1] = (CgEdge){e_here(cg), again[0].val};
    e_br(cg, head);
    e_from(left, e_i64(cg, CG_ROUNDS), again[1].from);
}

void cg_loop(Cg *cg, Node *n)
{
    CgLoop l = {.outer = cg->loop, .node = n, .done = e_block(cg, "done")};
    Region *body = n->region[0];
    if (body->nparam != n->narg) cg_bug(cg, "a loop carries its arguments");
    cg->loop = &l;
    Rounds rounds = loop_rounds(cg, body);
    LLVMBasicBlockRef head = e_block(cg, "loop");
    CgEdge first = {e_here(cg), operands(cg, n)}, again[2];
    e_br(cg, head);
    e_goto(cg, head);
    Type *t = types_of(cg, body->param, body->nparam);
    CgVal *phi = ARENA_NEW_N(cg->arena, n->narg + 1, CgVal), *now = phi;
    LLVMValueRef left = rounds == ROUNDS_STRIPS ? e_phi(cg, cg->i64) : NULL;
    cg_phis(cg, phi, t, n->narg);
    cg_phis_feed(cg, phi, t, n->narg, &first, 1);
    if (left)
        e_from(left, e_i64(cg, CG_ROUNDS), first.from);
    else
        cg_check_abort(cg);
    int copies = rounds == ROUNDS_COPIES ? ROUND_COPIES : 1;
    for (int k = 0; k < copies && now; k++)
        now = loop_body(cg, &l, t, now);
    cg->loop = l.outer;
    again[0] = (CgEdge){e_here(cg), now};
    if (now && left) loop_strip(cg, head, left, again);
    if (now && !left) e_br(cg, head);
    if (now)
        cg_phis_feed(cg, phi, t, n->narg, again, left ? 2 : 1);
    else
        LLVMBuildUnreachable(cg->b);
    join(cg, n, l.done, l.to_done.at, l.to_done.n);
}

/* Iterations of start, stop, step: 0 when there are none. */
static LLVMValueRef for_count(Cg *cg, LLVMValueRef start, LLVMValueRef stop,
                              LLVMValueRef step)
{
    LLVMValueRef zero = e_i64(cg, 0), one = e_i64(cg, 1);
    LLVMValueRef up = e_icmp(cg, LLVMIntSGT, step, zero);
    LLVMValueRef down = e_icmp(cg, LLVMIntSLT, step, zero);
    LLVMValueRef some_up = e_and(cg, up, e_icmp(cg, LLVMIntSLT, start, stop));
    LLVMValueRef some_down = e_and(cg, down, e_icmp(cg, LLVMIntSGT, start, stop));
    LLVMValueRef far = e_select(cg, up, e_sub(cg, stop, start), e_sub(cg, start, stop));
    LLVMValueRef by = e_select(cg, up, step, LLVMBuildNeg(cg->b, step, ""));
    by = e_select(cg, e_icmp(cg, LLVMIntEQ, by, zero), one, by);
    LLVMValueRef n = e_add(cg, e_udiv(cg, e_sub(cg, far, one), by), one);
    return e_select(cg, e_or(cg, some_up, some_down), n, zero);
}

static LLVMValueRef scalar_i64(Cg *cg, Val *v)
{
    CgVal c = *cg_get(cg, v);
    bool zero = v->type.dt == DT_BOOL || dt_is_unsigned((DType)v->type.dt);
    return zero ? e_zext(cg, c.v, cg->i64) : e_sext(cg, c.v, cg->i64);
}

CgCount cg_count(Cg *cg, const Node *loop)
{
    CgCount c = {.start = scalar_i64(cg, loop->arg[0]),
                 .step = scalar_i64(cg, loop->arg[2])};
    c.n = for_count(cg, c.start, scalar_i64(cg, loop->arg[1]), c.step);
    return c;
}

/* A strip-mined loop. The inner loop may stand twice: with and without bounds checks.
 */
typedef struct For {
    Node *node;
    Region *body;
    int nc;     /* carried values */
    Type *type; /* theirs */
    CgCount by;
    LLVMValueRef k0, kend; /* iterations of the strip */
    CgVal *init, *outer;   /* carried values: first; at the strip's start */
    idx lists;             /* those of its rounds begin here in cg->lists */
    bool plain;            /* no strips: each iteration tests the abort word */
    bool brief;            /* or none does: it ends soon */
    /* Of each float sum of a prange: what rounding lost, at the strip's start and
     * behind it; else NULL. */
    LLVMValueRef *lost, *lost_next;
    LLVMBasicBlockRef more, done; /* after a strip; after the loop */
    VEC(CgEdge) to_more, to_done;
} For;

static LLVMValueRef for_index(Cg *cg, const For *f, LLVMValueRef k)
{
    LLVMValueRef first = f->by.start;
    bool up = LLVMIsAConstantInt(first) && LLVMConstIntGetSExtValue(first) >= 0;
    if (up && e_is(f->by.step, 1)) return e_add_within(cg, first, k);
    return e_add(cg, first, e_mul(cg, k, f->by.step));
}

/* The carried values of the next iteration, at the builder's place. */
static CgVal *for_next(Cg *cg, const For *f, const CgLoop *l)
{
    CgVal *next = ARENA_NEW_N(cg->arena, f->nc + 1, CgVal);
    if (l->to_next.n) {
        cg_phis(cg, next, f->type, f->nc);
        cg_phis_feed(cg, next, f->type, f->nc, l->to_next.at, l->to_next.n);
    } else { /* dead: the body never continues */
        for (int c = 0; c < f->nc; c++)
            next[c] = cg_undef(cg, f->type[c]);
    }
    return next;
}

/* Float sums of a prange: a strip adds up from zero, in any order, and strips are added
 * with Neumaier's compensation: 1e9 terms keep more than 12 digits. */
static CgVal *strip_start(Cg *cg, const For *f)
{
    CgVal *v = ARENA_NEW_N(cg->arena, f->nc + 1, CgVal);
    for (int c = 0; c < f->nc; c++) {
        v[c] = f->outer[c];
        if (f->lost[c]) v[c].v = LLVMConstReal(LLVMTypeOf(v[c].v), -0.0);
    }
    return v;
}

/* sum + x, and what is lost is added to *lost. */
static LLVMValueRef add_strip(Cg *cg, LLVMValueRef sum, LLVMValueRef x,
                              LLVMValueRef *lost)
{
    LLVMValueRef all = e_fadd(cg, sum, x);
    LLVMValueRef as = e_intrinsic(cg, "llvm.fabs", 1, &sum);
    LLVMValueRef ax = e_intrinsic(cg, "llvm.fabs", 1, &x);
    LLVMValueRef larger = e_fcmp(cg, LLVMRealOGE, as, ax);
    LLVMValueRef big = e_select(cg, larger, sum, x);
    LLVMValueRef small = e_select(cg, larger, x, sum);
    *lost = e_fadd(cg, *lost, e_fadd(cg, e_fsub(cg, big, all), small));
    return all;
}

/* sum + lost, or sum where it is infinite. */
static LLVMValueRef add_lost(Cg *cg, LLVMValueRef sum, LLVMValueRef lost)
{
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(lost));
    LLVMValueRef good = e_fcmp(cg, LLVMRealOEQ, e_fsub(cg, lost, lost), zero);
    return e_select(cg, good, e_fadd(cg, sum, lost), sum);
}

static bool is_float_sum(const For *f, int c)
{
    const char *reduce = node_text(f->node, "reduce");
    return reduce && reduce[c] == '+' && dt_is_float((DType)f->type[c].dt) &&
           f->type[c].kind == TY_SCALAR && !cg_has_ok(f->type[c]);
}

/* -- Additions to a sum ------------------------------------------------------------ */

typedef struct Vals {
    VEC(const Val *) v;
} Vals;

static bool vals_has(const Vals *s, const Val *v)
{
    vec_each (i, &s->v)
        if (s->v.at[i] == v) return true;
    return false;
}

static void loosen(Cg *cg, Vals *sum, const Region *r);

static void loosen_node(Cg *cg, Vals *sum, Node *n)
{
    int off = n->op == OP_FOR ? 3 : 0, first = n->op == OP_FOR ? 1 : 0;
    bool loop = n->op == OP_FOR || n->op == OP_LOOP;
    for (int i = 0; i < n->narg; i++) {
        if (!vals_has(sum, n->arg[i])) continue;
        if (loop && i >= off && first + i - off < n->region[0]->nparam)
            vec_push(cg->arena, &sum->v, &n->region[0]->param[first + i - off]);
        if (loop && i >= off && i - off < n->nres)
            vec_push(cg->arena, &sum->v, &n->res[i - off]);
        if (n->op != OP_ADD && n->op != OP_SUB && n->op != OP_SELECT) continue;
        vec_push(cg->arena, &sum->v, &n->res[0]);
        if (n->op != OP_SELECT) vec_push(cg->arena, &cg->loose, n);
    }
    for (int k = 0; k < n->nregion; k++)
        loosen(cg, sum, n->region[k]);
    for (int k = 0; n->op == OP_IF && k < n->nregion; k++) {
        const Node *last = n->region[k]->last;
        for (int i = 0; last->op == OP_YIELD && i < n->nres; i++)
            if (vals_has(sum, last->arg[i])) vec_push(cg->arena, &sum->v, &n->res[i]);
    }
}

/* The prange's rules let a sum only be added to: additions of which an operand is the
 * sum may be done in any order. */
static void loosen(Cg *cg, Vals *sum, const Region *r)
{
    for (Node *n = r->first; n; n = n->next)
        if (!op_is_terminator((Op)n->op)) loosen_node(cg, sum, n);
}

bool cg_is_loose(const Cg *cg, const Node *n)
{
    vec_each (i, &cg->loose)
        if (cg->loose.at[i] == n) return true;
    return false;
}

/* A call that works on a whole array or column may take as long as a strip of rounds
 * should. */
static bool has_kernel(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        for (int i = 0; op_info[n->op].lower == LW_CALL && i < n->narg; i++)
            if (n->arg[i]->type.kind == TY_ARRAY || n->arg[i]->type.kind == TY_COL)
                return true;
        for (int k = 0; k < n->nregion; k++)
            if (has_kernel(n->region[k])) return true;
    }
    return false;
}

/* The inner loop, from here on; it leaves to f->more or f->done. */
static void for_rows(Cg *cg, For *f)
{
    Region *body = f->body;
    LLVMBasicBlockRef head = e_block(cg, "for");
    CgEdge enter = {e_here(cg), strip_start(cg, f)};
    CgLoop l = {.outer = cg->loop, .node = f->node, .done = f->done};
    CgWalks walks = {.from = enter.from, .head = head, .step = f->by.step};
    walks.first = for_index(cg, f, f->k0);
    l.next = e_block(cg, "step");
    l.walks = &walks;
    cg->loop = &l;
    e_br(cg, head);

    e_goto(cg, head);
    CgVal *phi = ARENA_NEW_N(cg->arena, f->nc + 1, CgVal);
    LLVMValueRef k = e_phi(cg, cg->i64);
    cg_phis(cg, phi, f->type, f->nc);
    LLVMTypeRef it = cg_type(cg, (DType)body->param[0].type.dt);
    cg_set(cg, &body->param[0], (CgVal){.v = e_trunc(cg, for_index(cg, f, k), it)});
    for (int c = 0; c < f->nc; c++)
        cg_set(cg, &body->param[c + 1], phi[c]);
    if (!f->plain) cg_list_round(cg, f->lists, k);
    if (f->plain ? !f->brief : has_kernel(body)) cg_check_abort(cg);
    cg_region(cg, body);
    cg_terminator(cg, body->last);
    cg->loop = l.outer;

    e_goto(cg, l.next);
    CgEdge again = {l.next, for_next(cg, f, &l)};
    cg_walks_step(cg, &walks);
    LLVMValueRef k1 = e_add_within(cg, k, e_i64(cg, 1));
    LLVMValueRef br = e_if(cg, e_icmp(cg, LLVMIntNE, k1, f->kend), head, f->more);
    /* Elements that lie some unknown way apart are got one by one into a vector, and
     * out of it: slower than one by one, and 64 copies of the body for bytes. */
    bool vectors = LLVMIsConstant(f->by.step) || !has_access(body);
    if (!f->plain || !vectors) cg_mark_loop(cg, br, vectors);
    e_from(k, f->k0, enter.from);
    e_from(k, k1, l.next);
    cg_phis_feed(cg, phi, f->type, f->nc, &enter, 1);
    cg_phis_feed(cg, phi, f->type, f->nc, &again, 1);
    vec_push(cg->arena, &f->to_more, again);
    vec_each (i, &l.to_done)
        vec_push(cg->arena, &f->to_done, l.to_done.at[i]);
}

static bool has_loop(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_FOR || n->op == OP_LOOP || n->op == OP_MAP ||
            n->op == OP_NDMAP || n->op == OP_NDSTORE)
            return true;
        for (int k = 0; k < n->nregion; k++)
            if (has_loop(n->region[k])) return true;
    }
    return false;
}

static void for_begin(Cg *cg, For *f, Node *n)
{
    f->node = n;
    f->body = n->region[0];
    f->nc = n->narg - 3;
    if (f->nc < 0 || f->body->nparam != f->nc + 1)
        cg_bug(cg, "a for has an index and carried values");
    f->type = types_of(cg, f->body->param + 1, f->nc);
    f->by = cg_count(cg, n);
    f->lost = ARENA_NEW_N(cg->arena, f->nc + 1, LLVMValueRef);
    f->lost_next = ARENA_NEW_N(cg->arena, f->nc + 1, LLVMValueRef);
    f->init = ARENA_NEW_N(cg->arena, f->nc + 1, CgVal);
    for (int i = 0; i < f->nc; i++)
        f->init[i] = *cg_get(cg, n->arg[3 + i]);
    f->outer = f->init;
    f->done = e_block(cg, "done");
}

/* A loop around loops tests the abort word in each iteration, unless it has sums; so
 * does any in the copy that checks bounds, which is to be small. */
static void for_plain(Cg *cg, For *f)
{
    f->more = f->done;
    f->outer = f->init;
    f->k0 = e_i64(cg, 0);
    f->kend = f->by.n;
    f->to_more.n = 0;
    LLVMValueRef jammed = f->brief ? cg_jam(cg, f->node, &f->by) : NULL;
    if (jammed) { /* which carries nothing */
        f->k0 = jammed;
        CgEdge all = {e_here(cg), f->init};
        vec_push(cg->arena, &f->to_done, all);
        LLVMBasicBlockRef rest = e_block(cg, "for.rest");
        e_if(cg, e_icmp(cg, LLVMIntSLT, jammed, f->kend), rest, f->done);
        e_goto(cg, rest);
    }
    for_rows(cg, f);
    vec_each (i, &f->to_more)
        vec_push(cg->arena, &f->to_done, f->to_more.at[i]);
}

/* What one strip adds to the carried values: at the builder's place, behind the strip.
 * In *last the values if it was the last. */
static CgEdge for_add_strip(Cg *cg, For *f, LLVMBasicBlockRef from, CgEdge *last)
{
    CgEdge again = {f->more, ARENA_NEW_N(cg->arena, f->nc + 1, CgVal)};
    cg_phis(cg, again.val, f->type, f->nc);
    cg_phis_feed(cg, again.val, f->type, f->nc, f->to_more.at, f->to_more.n);
    *last = (CgEdge){f->more, ARENA_NEW_N(cg->arena, f->nc + 1, CgVal)};
    for (int c = 0; c < f->nc; c++) {
        LLVMValueRef lost = f->lost[c];
        if (lost) again.val[c].v = add_strip(cg, f->outer[c].v, again.val[c].v, &lost);
        last->val[c] = again.val[c];
        if (!lost) continue;
        last->val[c].v = add_lost(cg, again.val[c].v, lost);
        e_from(f->lost[c], LLVMConstNull(LLVMTypeOf(lost)), from);
        f->lost_next[c] = lost;
    }
    return again;
}

/* Where the strip that begins with round k ends. Computed behind the strip before it:
 * of the first one it does not change in the loops around, so that a short loop is
 * entered without it. */
static LLVMValueRef strip_end(Cg *cg, LLVMValueRef k, LLVMValueRef count)
{
    LLVMValueRef left = e_sub(cg, count, k), size = e_i64(cg, CG_STRIP);
    LLVMValueRef whole = e_icmp(cg, LLVMIntSGT, left, size);
    return e_add(cg, k, e_select(cg, whole, size, left));
}

/* The loop in strips, from here on. */
static void for_strips(Cg *cg, For *f)
{
    LLVMBasicBlockRef strip = e_block(cg, "strip"), from = e_here(cg);
    CgEdge first = {from, f->init}, last;
    LLVMValueRef end = strip_end(cg, e_i64(cg, 0), f->by.n);
    f->more = e_block(cg, "more");
    f->to_more.n = 0;
    f->lists = cg->lists.n;
    if (!has_loop(f->body)) cg_list_rounds(cg, f->node);
    e_br(cg, strip);

    e_goto(cg, strip);
    f->k0 = e_phi(cg, cg->i64);
    f->outer = ARENA_NEW_N(cg->arena, f->nc + 1, CgVal);
    cg_phis(cg, f->outer, f->type, f->nc);
    for (int c = 0; c < f->nc; c++)
        f->lost[c] = is_float_sum(f, c) ? e_phi(cg, LLVMTypeOf(f->outer[c].v)) : NULL;
    f->kend = e_phi(cg, cg->i64);
    cg_list_room(cg, f->lists, f->k0, f->kend);
    for_rows(cg, f);
    cg->lists.n = f->lists;

    e_goto(cg, f->more);
    CgEdge again = for_add_strip(cg, f, from, &last);
    LLVMBasicBlockRef test = e_block(cg, "next");
    e_if(cg, e_icmp(cg, LLVMIntSLT, f->kend, f->by.n), test, f->done);
    vec_push(cg->arena, &f->to_done, last);
    e_goto(cg, test);
    cg_check_abort(cg);
    LLVMValueRef more = strip_end(cg, f->kend, f->by.n);
    again.from = e_here(cg);
    for (int c = 0; c < f->nc; c++)
        if (f->lost[c]) e_from(f->lost[c], f->lost_next[c], again.from);
    e_br(cg, strip);
    e_from(f->k0, e_i64(cg, 0), from);
    e_from(f->k0, f->kend, again.from);
    e_from(f->kend, end, from);
    e_from(f->kend, more, again.from);
    cg_phis_feed(cg, f->outer, f->type, f->nc, &first, 1);
    cg_phis_feed(cg, f->outer, f->type, f->nc, &again, 1);
}

static void for_loop(Cg *cg, For *f)
{
    bool sums = false;
    for (int c = 0; c < f->nc; c++)
        sums |= is_float_sum(f, c);
    vec_each (i, &cg->brief)
        f->brief |= cg->brief.at[i] == f->node;
    f->plain = !sums && (cg->careful || f->brief || has_loop(f->body));
    if (f->plain)
        for_plain(cg, f);
    else
        for_strips(cg, f);
}

/* The copy that checks: compiled when it is needed, where it can stand alone. So is one
 * for bounds that are proved. */
static void for_checked(Cg *cg, For *f, LLVMValueRef proved)
{
    if (!cg_late_fits(cg, f->node)) {
        cg->careful = true;
        for_loop(cg, f);
        cg->careful = false;
        return;
    }
    CgVal *out = ARENA_NEW_N(cg->arena, f->nc + 1, CgVal);
    cg_late(cg, f->node, proved, out);
    CgEdge left = {e_here(cg), out};
    vec_push(cg->arena, &f->to_done, left);
    e_br(cg, f->done);
}

/* The nest in two copies where its bounds can be proved before it runs. If all inner
 * loops end soon too, they need not test the abort word, which takes strips; what takes
 * longer can afford to be compiled when it comes. */
static void for_copies(Cg *cg, For *f)
{
    idx sure = cg->sure.n, apart = cg->apart.n, lists = cg->lists.n;
    idx pending = cg->pending.n, soon = cg->brief.n;
    LLVMValueRef brief = NULL;
    LLVMValueRef ok =
        cg->careful || cg->late ? NULL : cg_prove_nest(cg, f->node, &brief);
    if (!ok) {
        for_loop(cg, f);
        cg->lists.n = lists;
        cg->pending.n = pending;
        return;
    }
    LLVMBasicBlockRef fast = e_block(cg, "inside"), slow = e_block(cg, "checked");
    e_if(cg, brief ? e_and(cg, ok, brief) : ok, fast, slow);
    e_goto(cg, fast);
    for_loop(cg, f);
    if (!brief) cg->sure.n = sure, cg->apart.n = apart;
    cg->lists.n = lists;
    cg->brief.n = soon;
    e_goto(cg, slow);
    for_checked(cg, f, brief ? ok : NULL);
    cg->sure.n = sure;
    cg->apart.n = apart;
}

void cg_for(Cg *cg, Node *n)
{
    For f = {0};
    for_begin(cg, &f, n);
    Vals sums = {0};
    for (int c = 0; c < f.nc; c++)
        if (is_float_sum(&f, c)) vec_push(cg->arena, &sums.v, &f.body->param[c + 1]);
    if (sums.v.n) loosen(cg, &sums, f.body);
    CgEdge none = {e_here(cg), f.init};
    LLVMBasicBlockRef some = e_block(cg, "some");
    e_if(cg, e_icmp(cg, LLVMIntSGT, f.by.n, e_i64(cg, 0)), some, f.done);
    vec_push(cg->arena, &f.to_done, none);
    e_goto(cg, some);
    for_copies(cg, &f);
    join(cg, n, f.done, f.to_done.at, f.to_done.n);
}

/* -- Terminators ---------------------------------------------------------------- */

static CgLoop *loop_at(Cg *cg, Node *n)
{
    int64_t depth = node_int(n, "depth", 0);
    CgLoop *l = cg->loop;
    while (l && depth-- > 0)
        l = l->outer;
    if (!l || l->node->op == OP_MAP) cg_bug(cg, "%s leaves no loop", op_info[n->op].id);
    return l;
}

static void emit_raise(Cg *cg, Node *n)
{
    const Attr *text = node_attr(n, "text");
    if (node_int(n, "again", 0) || node_int(n, "args", 0)) {
        for (int i = 0; i < n->narg; i++)
            cg_arg(cg, i, n->arg[i]->type, *cg_get(cg, n->arg[i]));
        bool again = node_int(n, "again", 0) != 0;
        cg_call(cg, again ? RTN_raise_again : RTN_raise_args,
                again ? NULL : cg_attrs(cg, n), n->narg, 0);
        LLVMBuildUnreachable(cg->b);
        return;
    }
    cg_arg_i64(cg, 0, e_i64(cg, node_int(n, "code", E_RUNTIME)));
    CgVal v = {0};
    if (n->narg) {
        v = *cg_get(cg, n->arg[0]);
    } else {
        int k = cg_text(cg, text ? text->s : "", text ? text->n : 0);
        v.v = cg_text_data(cg, k);
        v.ok = e_i64(cg, cg->texts.at[k].n);
    }
    cg_arg(cg, 1, type_scalar(DT_STR), v);
    cg_call(cg, RTN_raise, NULL, 2, 0);
    LLVMBuildUnreachable(cg->b);
}

void cg_terminator(Cg *cg, Node *n)
{
    cg->loc = n->loc;
    cg->site = n->mark;
    CgEdge edge = {e_here(cg), operands(cg, n)};
    switch ((Op)n->op) {
    case OP_CONTINUE: {
        CgLoop *l = loop_at(cg, n);
        vec_push(cg->arena, &l->to_next, edge);
        e_br(cg, l->next);
        break;
    }
    case OP_BREAK: {
        CgLoop *l = loop_at(cg, n);
        vec_push(cg->arena, &l->to_done, edge);
        e_br(cg, l->done);
        break;
    }
    case OP_RETURN:
        cg_spares_end(cg);
        if (cg->fn->sub) {
            cg_sub_return(cg, n);
            break;
        }
        for (int i = 0; i < n->narg; i++) {
            cg_keep_text(cg, n->arg[i], &edge.val[i]);
            cg_slot_store(cg, cg->out, i, n->arg[i]->type, edge.val[i]);
        }
        LLVMBuildRet(cg->b, e_i32(cg, 0));
        break;
    case OP_RAISE: emit_raise(cg, n); break;
    default: cg_bug(cg, "%s ends no region here", op_info[n->op].id);
    }
}
