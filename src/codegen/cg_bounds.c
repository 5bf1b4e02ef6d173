/* SPDX-License-Identifier: Apache-2.0
 * Bounds of a loop nest, proved before it runs. The index of an access is followed back
 * to the indices of the loops around it and to values that the nest does not change:
 * sums, differences, products with such a value. So the loops' ranges give the smallest
 * and the largest index that the nest can ask for, at the price of a few instructions
 * before it. Where all of them are within bounds, and no array that is written shares
 * memory with another, the nest runs in a copy that checks nothing and in which arrays
 * are known apart, so that it vectorises; else in one that checks each access.
 *
 * Numbers are bounded before they are computed with (BOUND), so that nothing overflows:
 * an interval that would is no proof.
 */
#include "codegen/cg.h"

#include "base/kinds.h"
#include "codegen/cg_emit.h"
#include "object/object_layout.h"

#include <string.h>

enum { DEPTH_MAX = 12, PAIRS_MAX = 32, ND_BOUNDS = 16 };
static const int64_t BOUND = (int64_t)1 << 40;

/* Where a value lies; a value that does not change in the nest has lo == hi. */
typedef struct Range {
    const Val *v;
    LLVMValueRef lo, hi;
} Range;

typedef struct Used {
    Val *array;
    bool written;
} Used;

typedef struct Prove {
    Cg *cg;
    const Node *root;
    LLVMValueRef ok;    /* NULL: nothing to prove yet */
    bool calm;          /* cg_list.c */
    LLVMValueRef asked; /* the last condition of an outer nest */
    bool later; /* an inner loop can prove more, of what the nest itself makes */
    VEC(Range) known;
    VEC(Used) used;
} Prove;

static void need(Prove *p, LLVMValueRef cond)
{
    p->ok = p->ok ? e_and(p->cg, p->ok, cond) : cond;
}

static void need_small(Prove *p, LLVMValueRef v)
{
    Cg *cg = p->cg;
    if (LLVMIsConstant(v)) {
        int64_t c = LLVMConstIntGetSExtValue(v);
        if (c > -BOUND && c < BOUND) return;
    }
    LLVMValueRef up = e_add(cg, v, e_i64(cg, BOUND));
    need(p, e_icmp(cg, LLVMIntULT, up, e_i64(cg, 2 * BOUND)));
}

bool cg_is_inside(const Val *v, const Region *r)
{
    const Region *at = v->def ? v->def->parent : v->region;
    while (at && at != r)
        at = at->owner ? at->owner->parent : NULL;
    return at == r;
}

static bool is_int(const Val *v)
{
    return v->type.kind == TY_SCALAR && !cg_has_ok(v->type) &&
           (dt_is_int((DType)v->type.dt) || v->type.dt == DT_BOOL);
}

static LLVMValueRef wide(Cg *cg, const Val *v, LLVMValueRef x)
{
    bool zero = v->type.dt == DT_BOOL || dt_is_unsigned((DType)v->type.dt);
    return zero ? e_zext(cg, x, cg->i64) : e_sext(cg, x, cg->i64);
}

static LLVMValueRef pick(Prove *p, const char *name, LLVMValueRef a, LLVMValueRef b)
{
    return e_intrinsic(p->cg, name, 2, (LLVMValueRef[]){a, b});
}

static LLVMValueRef product(Prove *p, LLVMValueRef a, LLVMValueRef b)
{
    Cg *cg = p->cg;
    LLVMValueRef both = pick(p, "llvm.smul.with.overflow", a, b);
    LLVMValueRef v = LLVMBuildExtractValue(cg->b, both, 0, "");
    need(p, e_not(cg, LLVMBuildExtractValue(cg->b, both, 1, "")));
    need_small(p, v);
    return v;
}

static bool interval(Prove *p, Val *v, Range *out, int depth);

static bool interval_mul(Prove *p, Range a, Range b, Range *out)
{
    if (a.lo != a.hi) {
        Range t = a;
        a = b;
        b = t;
    }
    if (a.lo != a.hi) return false;
    LLVMValueRef x = product(p, a.lo, b.lo);
    LLVMValueRef y = b.lo == b.hi ? x : product(p, a.lo, b.hi);
    out->lo = x == y ? x : pick(p, "llvm.smin", x, y);
    out->hi = x == y ? x : pick(p, "llvm.smax", x, y);
    return true;
}

/* n % c and n & c of a positive constant c. */
static bool interval_mask(Prove *p, const Node *d, Range *out)
{
    const Node *k = d->arg[1]->def;
    if (!k || k->op != OP_CONST || !node_attr(k, "v")) return false;
    int64_t c = node_int(k, "v", 0);
    if (c <= 0 || c >= BOUND) return false;
    out->lo = e_i64(p->cg, 0);
    out->hi = e_i64(p->cg, d->op == OP_MOD ? c - 1 : c);
    return true;
}

/* The length of a list that keeps it. */
static bool interval_len(Prove *p, const Node *d, Range *out)
{
    Val *list = d->arg[0];
    if (!p->calm || cg_is_inside(list, p->root->region[0])) return false;
    if (!comp_is(p->cg->fn, list->type, COMP_LIST)) return false;
    cg_list_hold(p->cg, p->root, list);
    const CgList *held = cg_list_held(p->cg, list);
    if (!held || !held->n) return false;
    out->lo = out->hi = held->n;
    need_small(p, held->n);
    return true;
}

static bool interval_node(Prove *p, const Node *d, Range *out, int depth)
{
    Cg *cg = p->cg;
    Range a, b;
    switch ((Op)d->op) {
    case OP_OBJLEN: return interval_len(p, d, out);
    case OP_CAST: return is_int(d->arg[0]) && interval(p, d->arg[0], out, depth);
    case OP_NEG:
        if (!interval(p, d->arg[0], &a, depth)) return false;
        out->lo = LLVMBuildNeg(cg->b, a.hi, "");
        out->hi = a.lo == a.hi ? out->lo : LLVMBuildNeg(cg->b, a.lo, "");
        return true;
    case OP_MOD:
    case OP_BITAND: return interval_mask(p, d, out);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL: break;
    default: return false;
    }
    if (!interval(p, d->arg[0], &a, depth) || !interval(p, d->arg[1], &b, depth))
        return false;
    if (d->op == OP_MUL) return interval_mul(p, a, b, out);
    bool point = a.lo == a.hi && b.lo == b.hi;
    if (d->op == OP_ADD) {
        out->lo = e_add(cg, a.lo, b.lo);
        out->hi = point ? out->lo : e_add(cg, a.hi, b.hi);
    } else {
        out->lo = e_sub(cg, a.lo, b.hi);
        out->hi = point ? out->lo : e_sub(cg, a.hi, b.lo);
    }
    return true;
}

static void remember(Prove *p, Range r)
{
    vec_push(p->cg->arena, &p->known, r);
}

/* The interval of an integer of the nest; false when it can't be foretold. */
static bool interval(Prove *p, Val *v, Range *out, int depth)
{
    vec_each (i, &p->known)
        if (p->known.at[i].v == v) {
            *out = p->known.at[i];
            return out->lo != NULL;
        }
    if (depth == DEPTH_MAX || !is_int(v)) return false;
    *out = (Range){.v = v};
    if (!cg_is_inside(v, p->root->region[0])) {
        out->lo = out->hi = wide(p->cg, v, cg_get(p->cg, v)->v);
        need_small(p, out->lo);
    } else if (v->def && v->def->op == OP_CONST && node_attr(v->def, "v")) {
        int64_t c = node_int(v->def, "v", 0);
        if (c <= -BOUND || c >= BOUND) return false;
        out->lo = out->hi = e_i64(p->cg, c);
    } else if (!v->def ||
               (v->type.dt != DT_I64 && v->def->op != OP_CAST) || /* they wrap */
               !interval_node(p, v->def, out, depth + 1)) {
        return false;
    }
    out->v = v;
    remember(p, *out);
    return true;
}

/* The same, and nothing is left behind when it can't be. */
static bool foretell(Prove *p, Val *v, Range *out)
{
    LLVMValueRef ok = p->ok;
    idx known = p->known.n;
    if (interval(p, v, out, 0)) return true;
    p->ok = ok;
    p->known.n = known;
    return false;
}

/* The index of a loop: from start to one short of stop, in either direction. */
static void loop_range(Prove *p, const Node *loop)
{
    Cg *cg = p->cg;
    Range a, b, r = {.v = &loop->region[0]->param[0]};
    if (!foretell(p, loop->arg[0], &a) || !foretell(p, loop->arg[1], &b)) return;
    LLVMValueRef one = e_i64(cg, 1);
    const Node *step = loop->arg[2]->def;
    bool known = step && step->op == OP_CONST, up = known && node_int(step, "v", 0) > 0;
    LLVMValueRef last = e_sub(cg, b.hi, one), first = e_add(cg, b.lo, one);
    r.lo = up ? a.lo : known ? first : pick(p, "llvm.smin", a.lo, first);
    r.hi = up ? last : known ? a.hi : pick(p, "llvm.smax", a.hi, last);
    remember(p, r);
}

static void use_array(Prove *p, Val *array, bool written)
{
    vec_each (i, &p->used)
        if (p->used.at[i].array == array) {
            p->used.at[i].written |= written;
            return;
        }
    Used u = {array, written};
    vec_push(p->cg->arena, &p->used, u);
}

static void need_within(Prove *p, Range r, LLVMValueRef size)
{
    need(p, e_icmp(p->cg, LLVMIntSGE, r.lo, e_i64(p->cg, 0)));
    need(p, e_icmp(p->cg, LLVMIntSLT, r.hi, size));
}

/* An element of a view: each index within its length, unless it is known to be. */
static bool view_within(Prove *p, Node *n)
{
    int nd = (int)node_int(n, "nd", 0);
    int64_t sure = node_int(n, "sure", 0);
    Range r[ND_BOUNDS];
    Val **len = n->arg + 2 + 2 * (idx)nd;
    if (nd > ND_BOUNDS) return false;
    for (int k = 0; k < nd; k++) {
        if (sure >> k & 1) continue;
        if (cg_is_inside(len[k], p->root->region[0])) return false;
        if (!foretell(p, n->arg[1 + k], &r[k])) return false;
    }
    for (int k = 0; k < nd; k++)
        if (!(sure >> k & 1))
            need_within(p, r[k], wide(p->cg, len[k], cg_get(p->cg, len[k])->v));
    return true;
}

/* n stands in a loop of the nest, and what it looks into is made outside of that loop.
 */
static void note_later(Prove *p, const Node *n)
{
    for (const Node *l = n->parent->owner; l != p->root; l = l->parent->owner)
        if (l->op == OP_FOR && !cg_is_inside(n->arg[0], l->region[0])) p->later = true;
}

/* What a nest around this one has found out. */
static bool ask_pending(Prove *p, const Node *n)
{
    Cg *cg = p->cg;
    vec_each (i, &cg->pending) {
        if (cg->pending.at[i].node != n) continue;
        LLVMValueRef cond = cg->pending.at[i].cond;
        if (cond != p->asked) need(p, cond);
        p->asked = cond;
        return true;
    }
    return false;
}

/* Characters of ASCII text: bytes. */
static bool text_within(Prove *p, Node *n)
{
    Cg *cg = p->cg;
    Range r;
    if (cg_is_inside(n->arg[1], p->root->region[0]) || !foretell(p, n->arg[2], &r))
        return false;
    LLVMValueRef chars = cg_get(cg, n->arg[1])->v;
    need(p, e_icmp(cg, LLVMIntEQ, chars, cg_get(cg, n->arg[0])->ok));
    need_within(p, r, chars);
    return true;
}

/* v is the index of the loop, plus a constant. */
static bool is_index(const Val *v, const Node *loop, int64_t *plus)
{
    *plus = 0;
    for (int k = 0; k < DEPTH_MAX; k++) {
        if (v == &loop->region[0]->param[0]) return true;
        const Node *d = v->def, *c = d && d->narg == 2 ? d->arg[1]->def : NULL;
        bool known = c && c->op == OP_CONST && node_attr(c, "v") && is_int(d->arg[1]);
        if (!known || (d->op != OP_ADD && d->op != OP_SUB)) return false;
        int64_t by = node_int(c, "v", 0);
        if (by <= -BOUND || by >= BOUND) return false;
        *plus += d->op == OP_ADD ? by : -by;
        v = d->arg[0];
    }
    return false;
}

/* The list gets a new element in each round of a loop by ones, so the index of the loop
 * is within it in each round if it is in the first. */
static bool grows_along(Prove *p, Node *n, LLVMValueRef length)
{
    Node *loop = n->parent->owner;
    while (loop != p->root && loop->op != OP_FOR)
        loop = loop->parent->owner;
    const Node *step = loop->arg[2]->def;
    int64_t plus;
    Range r, start;
    if (!step || step->op != OP_CONST || node_int(step, "v", 0) != 1) return false;
    if (!cg_pushes_each_round(loop, n->arg[0])) return false;
    if (!is_index(n->arg[1], loop, &plus)) return false;
    if (!foretell(p, n->arg[1], &r) || !foretell(p, loop->arg[0], &start)) return false;
    need(p, e_icmp(p->cg, LLVMIntSGE, r.lo, e_i64(p->cg, 0)));
    need(p,
         e_icmp(p->cg, LLVMIntSLT, e_add(p->cg, start.hi, e_i64(p->cg, plus)), length));
    return true;
}

static bool list_within(Prove *p, Node *n)
{
    Cg *cg = p->cg;
    Range r;
    if (!p->calm) return false;
    cg_list_hold(cg, p->root, n->arg[0]);
    const CgList *held = cg_list_held(cg, n->arg[0]);
    LLVMValueRef length =
        held && held->n ? held->n
                        : cg_obj_head(cg, cg->i64, cg_get(cg, n->arg[0])->v, OBJ_AT_N);
    if (grows_along(p, n, length)) return true;
    if (!foretell(p, n->arg[1], &r)) return false;
    need_within(p, r, length);
    return true;
}

static bool array_within(Prove *p, Node *n)
{
    Range r;
    if (node_attr(n, "nd")) return view_within(p, n);
    if (!foretell(p, n->arg[1], &r)) return false;
    need_within(p, r, cg_get(p->cg, n->arg[0])->prom);
    return true;
}

static void access(Prove *p, Node *n)
{
    Cg *cg = p->cg;
    Val *array = n->arg[0];
    bool list = n->op == OP_LISTGET || n->op == OP_LISTSET, text = n->op == OP_CHARAT;
    if (cg_is_inside(array, p->root->region[0])) {
        note_later(p, n);
        return;
    }
    if (!list && !text && array->type.dt != DT_STR)
        use_array(p, array, n->op == OP_ASET);
    if (cg_is_sure(cg, n) && !list && !text) return;
    bool within = ask_pending(p, n) || (text   ? text_within(p, n)
                                        : list ? list_within(p, n)
                                               : array_within(p, n));
    if (!within) return;
    vec_push(cg->arena, &cg->sure, n);
}

static bool is_access(const Node *n)
{
    return n->op == OP_AGET || n->op == OP_ASET || n->op == OP_LISTGET ||
           n->op == OP_LISTSET || n->op == OP_CHARAT;
}

static void walk(Prove *p, Region *r)
{
    for (Node *n = r->first; n; n = n->next) {
        if (is_access(n)) access(p, n);
        if (n->op == OP_MAP || n->op == OP_NDMAP || n->op == OP_NDSTORE) continue;
        if (n->op == OP_FOR) loop_range(p, n);
        for (int k = 0; k < n->nregion; k++)
            walk(p, n->region[k]);
    }
}

/* -- Arrays apart ------------------------------------------------------------------ */

static LLVMValueRef array_end(Cg *cg, Val *array)
{
    CgVal *a = cg_get(cg, array);
    return e_at(cg, cg_mem_type(cg, (DType)array->type.dt), a->ok, a->prom);
}

static void need_apart(Prove *p, Val *a, Val *b)
{
    Cg *cg = p->cg;
    LLVMValueRef before = e_icmp(cg, LLVMIntULE, array_end(cg, a), cg_get(cg, b)->ok);
    LLVMValueRef after = e_icmp(cg, LLVMIntULE, array_end(cg, b), cg_get(cg, a)->ok);
    need(p, e_or(cg, before, after));
}

static bool none_shared(Prove *p)
{
    idx pairs = 0, n = p->used.n;
    for (idx i = 0; i < n; i++)
        for (idx k = 0; k < i; k++)
            pairs += p->used.at[i].written || p->used.at[k].written;
    if (!pairs || pairs > PAIRS_MAX) return false;
    for (idx i = 0; i < n; i++)
        for (idx k = 0; k < i; k++)
            if (p->used.at[i].written || p->used.at[k].written)
                need_apart(p, p->used.at[i].array, p->used.at[k].array);
    return true;
}

static LLVMMetadataRef node_md(Cg *cg, LLVMMetadataRef *part, size_t n)
{
    return LLVMMDNodeInContext2(cg->ctx, part, n);
}

static LLVMMetadataRef text_md(Cg *cg, int nest, idx k)
{
    const char *text = arena_printf(cg->arena, "nest.%d.%d", nest, (int)k);
    return LLVMMDStringInContext2(cg->ctx, text, strlen(text));
}

/* One scope an array, in a domain of this nest. */
static void add_scopes(Prove *p)
{
    Cg *cg = p->cg;
    int id = cg->nloop++;
    LLVMMetadataRef text = text_md(cg, id, -1), domain = node_md(cg, &text, 1);
    idx n = p->used.n;
    LLVMMetadataRef *scope = ARENA_NEW_N(cg->arena, n, LLVMMetadataRef);
    LLVMMetadataRef *other = ARENA_NEW_N(cg->arena, n, LLVMMetadataRef);
    for (idx i = 0; i < n; i++)
        scope[i] = node_md(cg, (LLVMMetadataRef[]){text_md(cg, id, i), domain}, 2);
    for (idx i = 0; i < n; i++) {
        size_t k = 0;
        for (idx j = 0; j < n; j++)
            if (j != i) other[k++] = scope[j];
        CgApart a = {p->used.at[i].array, node_md(cg, &scope[i], 1),
                     node_md(cg, other, k)};
        vec_push(cg->arena, &cg->apart, a);
    }
}

void cg_mark_apart(Cg *cg, LLVMValueRef access_, const Val *array)
{
    for (idx i = cg->apart.n; i-- > 0;) {
        const CgApart *a = &cg->apart.at[i];
        if (a->array != array) continue;
        LLVMSetMetadata(access_, LLVMGetMDKindIDInContext(cg->ctx, "alias.scope", 11),
                        LLVMMetadataAsValue(cg->ctx, a->scope));
        LLVMSetMetadata(access_, LLVMGetMDKindIDInContext(cg->ctx, "noalias", 7),
                        LLVMMetadataAsValue(cg->ctx, a->others));
        return;
    }
}

/* What was found is asked for where an inner loop runs: copies of the nest as a whole
 * would stand around those of the inner loop. */
static void leave_pending(Prove *p, idx before)
{
    Cg *cg = p->cg;
    for (idx i = before; i < cg->sure.n; i++) {
        CgPending w = {cg->sure.at[i], p->ok};
        vec_push(cg->arena, &cg->pending, w);
    }
    cg->sure.n = before;
}

/* -- Inner loops that end soon -------------------------------------------------------
 */

/* Of all loops below one that tests the abort word: some 0.1 s. */
enum { BRIEF_ROUNDS = 1 << 25 };

/* A counted loop of numbers, elements and other such loops alone, so that a round of
 * the innermost ones takes some nanoseconds. */
static bool region_is_brief(Prove *p, const Region *r);

static bool is_brief(Prove *p, const Node *loop)
{
    Range i;
    if (!foretell(p, &loop->region[0]->param[0], &i)) return false;
    return region_is_brief(p, loop->region[0]);
}

static bool region_is_brief(Prove *p, const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_FOR) {
            if (!is_brief(p, n)) return false;
            continue;
        }
        bool ctrl = n->op == OP_IF || n->op == OP_CONST || n->op == OP_UNDEF ||
                    n->op == OP_AGET || n->op == OP_ASET || op_is_terminator((Op)n->op);
        if (!ctrl && op_info[n->op].lower != LW_LOOP) return false;
        for (int k = 0; k < n->nregion; k++)
            if (!region_is_brief(p, n->region[k])) return false;
    }
    return true;
}

/* The loops of r. above: rounds of the brief loops around them, NULL: there are none.
 */
static void find_brief(Prove *p, const Region *r, LLVMValueRef above)
{
    Cg *cg = p->cg;
    LLVMValueRef most = e_i64(cg, BRIEF_ROUNDS);
    for (Node *n = r->first; n; n = n->next) {
        if (n->op == OP_MAP || n->op == OP_NDMAP || n->op == OP_NDSTORE) continue;
        LLVMValueRef all = above;
        Range i;
        if (n->op == OP_FOR && (above || is_brief(p, n)) &&
            foretell(p, &n->region[0]->param[0], &i)) {
            all = e_add(cg, e_sub(cg, i.hi, i.lo), e_i64(cg, 1));
            need(p, e_icmp(cg, LLVMIntSLT, all, most));
            if (above) { /* both are small, or the proof has failed */
                all = e_mul(cg, above, all);
                need(p, e_icmp(cg, LLVMIntSLT, all, most));
            }
            vec_push(cg->arena, &cg->brief, n);
        }
        for (int k = 0; k < n->nregion; k++)
            find_brief(p, n->region[k], all);
    }
}

/* Their ranges are known from the walk. */
static LLVMValueRef prove_brief(Prove *p)
{
    LLVMValueRef ok = p->ok;
    p->ok = NULL;
    find_brief(p, p->root->region[0], NULL);
    LLVMValueRef brief = p->ok;
    p->ok = ok;
    return brief;
}

LLVMValueRef cg_prove_nest(Cg *cg, Node *root, LLVMValueRef *brief)
{
    Prove p = {.cg = cg, .root = root, .calm = cg_is_calm(root)};
    idx before = cg->sure.n;
    loop_range(&p, root);
    walk(&p, root->region[0]);
    if (cg->sure.n == before || !p.ok) return NULL;
    if (p.later) {
        leave_pending(&p, before);
        return NULL;
    }
    if (none_shared(&p)) add_scopes(&p);
    bool lists = cg->lists.n > 0; /* what is known of them is not known elsewhere */
    *brief = !lists && cg_late_fits(cg, root) ? prove_brief(&p) : NULL;
    return p.ok;
}

bool cg_is_proved(const Cg *cg, const Node *n)
{
    vec_each (i, &cg->sure)
        if (cg->sure.at[i] == n) return true;
    return false;
}

bool cg_is_sure(const Cg *cg, const Node *n)
{
    return cg_is_proved(cg, n) || node_int(n, "nocheck", 0) != 0;
}
