/* SPDX-License-Identifier: Apache-2.0
 * What is known of lists in a loop, so that their elements are read and pushed like an
 * array's.
 *
 * A loop is calm when all it does to lists that change their length is to push: then
 * lengths only grow, and what a list had when the loop began bounds what may be read. A
 * list that no push of a calm loop can mean keeps length and place: both are read once.
 * Two handles mean different lists when one is a list made after the other handle was
 * there.
 *
 * A counted loop that pushes in each round gets the room for a strip of rounds before
 * it, so that a push is a store; its place is read once a strip.
 *
 * A loop that makes lists of plain elements in each round and lets go of some takes the
 * blocks that were let go of before: up to SPARE_MAX of a type wait in the frame, each
 * with the next one in place of its count.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"
#include "object/object_layout.h"

#include <string.h>

enum {
    SPARE_BYTES = 16 << 10, /* a longer list does not wait */
    SPARE_MAX = 4,
    MADE_STEPS = 64, /* nodes that are looked at behind the making of a list */
};

static bool is_list_new(const Node *n)
{
    const char *fn = n->op == OP_OBJREAD ? node_text(n, "fn") : NULL;
    return fn && !strcmp(fn, "list_new");
}

/* -- What a loop does to lists ----------------------------------------------------- */

/* It may change a list's length by other means than a push. */
static bool is_wild(const Node *n)
{
    switch ((Op)n->op) {
    case OP_ENTRYSET:
    case OP_FIELDSET:
    case OP_LISTSET:
    case OP_LISTPUSH:
    case OP_ASET:
    case OP_VARSET: return false;
    case OP_CALLFN:
    case OP_PYCALL: return true;
    default: break;
    }
    uint8_t e = op_info[n->op].effect;
    return e != EF_PURE && e != EF_READ && e != EF_FAIL && e != EF_CTRL;
}

static bool calm_region(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (is_wild(n)) return false;
        for (int i = 0; i < n->nregion; i++)
            if (!calm_region(n->region[i])) return false;
    }
    return true;
}

bool cg_is_calm(const Node *loop)
{
    return calm_region(loop->region[0]);
}

/* v is there before node n begins, in every round that sees both. */
static bool is_before(const Val *v, const Node *n)
{
    const Region *r = v->def ? v->def->parent : v->region;
    while (n && n->parent != r)
        n = n->parent->owner;
    if (!n) return false;
    if (!v->def) return true;
    for (const Node *p = n->prev; p; p = p->prev)
        if (p == v->def) return true;
    return false;
}

/* Different lists, whatever happens. */
static bool are_apart(const Val *a, const Val *b)
{
    bool fresh_a = a->def && is_list_new(a->def),
         fresh_b = b->def && is_list_new(b->def);
    if (a == b) return false;
    if (fresh_a && fresh_b) return true;
    return (fresh_a && is_before(b, a->def)) || (fresh_b && is_before(a, b->def));
}

static bool pushes_apart(const Region *r, const Val *list)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n->op == OP_LISTPUSH && !are_apart(list, n->arg[0])) return false;
        for (int i = 0; i < n->nregion; i++)
            if (!pushes_apart(n->region[i], list)) return false;
    }
    return true;
}

CgList *cg_list_held(const Cg *cg, const Val *list)
{
    for (idx i = cg->lists.n; i-- > 0;)
        if (cg->lists.at[i].list == list && cg->lists.at[i].data)
            return &cg->lists.at[i];
    return NULL;
}

void cg_list_hold(Cg *cg, const Node *loop, Val *list)
{
    if (cg_list_held(cg, list) || !pushes_apart(loop->region[0], list)) return;
    LLVMValueRef l = cg_get(cg, list)->v;
    CgList h = {.list = list,
                .n = cg_obj_head(cg, cg->i64, l, OBJ_AT_N),
                .data = cg_obj_head(cg, cg->ptr, l, OBJ_AT_DATA)};
    vec_push(cg->arena, &cg->lists, h);
}

/* -- One push a round -------------------------------------------------------------- */

static bool leaves_early(const Region *r, const Node *last)
{
    for (const Node *n = r->first; n; n = n->next) {
        if (n != last && (n->op == OP_CONTINUE || n->op == OP_BREAK)) return true;
        for (int i = 0; i < n->nregion; i++)
            if (leaves_early(n->region[i], last)) return true;
    }
    return false;
}

/* Pushes to the list in each round, whatever happens; 0 when a round may end early. */
int cg_pushes_each_round(const Node *loop, const Val *list)
{
    const Region *body = loop->region[0];
    int k = 0;
    for (const Node *n = body->first; n; n = n->next)
        k += n->op == OP_LISTPUSH && n->arg[0] == list;
    return k && !leaves_early(body, body->last) ? k : 0;
}

static void all_pushes(Cg *cg, Region *r, VecNodes *out)
{
    for (Node *n = r->first; n; n = n->next) {
        if (n->op == OP_LISTPUSH) vec_push(cg->arena, out, n);
        for (int i = 0; i < n->nregion; i++)
            all_pushes(cg, n->region[i], out);
    }
}

static bool is_outside(const Val *v, const Region *r)
{
    const Region *at = v->def ? v->def->parent : v->region;
    while (at && at != r)
        at = at->owner ? at->owner->parent : NULL;
    return at != r;
}

/* The length at node `at` of a list that was made just before it; -1: not known. */
int cg_list_made_with(const Node *at, const Val *list)
{
    int n = 0, steps = MADE_STEPS;
    if (!list->def || !is_list_new(list->def) || list->def->parent != at->parent)
        return -1;
    for (const Node *p = list->def->next; p != at; p = p->next) {
        if (is_wild(p) || --steps == 0) return -1;
        for (int i = 0; i < p->nregion; i++)
            if (!calm_region(p->region[i]) || !pushes_apart(p->region[i], list))
                return -1;
        if (p->op != OP_LISTPUSH) continue;
        if (p->arg[0] == list)
            n++;
        else if (!are_apart(p->arg[0], list))
            return -1;
    }
    return n;
}

void cg_list_rounds(Cg *cg, Node *loop)
{
    Region *body = loop->region[0];
    VecNodes all = {0};
    all_pushes(cg, body, &all);
    if (!all.n || !calm_region(body)) return;
    vec_each (i, &all)
        for (idx k = 0; k < i; k++) {
            const Val *a = all.at[i]->arg[0], *b = all.at[k]->arg[0];
            if (a != b && !are_apart(a, b)) return;
        }
    idx from = cg->lists.n;
    vec_each (i, &all) {
        Val *list = all.at[i]->arg[0];
        CgList h = {.list = list};
        bool seen = false;
        for (idx k = from; k < cg->lists.n; k++)
            seen |= cg->lists.at[k].list == list;
        if (seen || !is_outside(list, body)) continue;
        vec_each (k, &all)
            h.count += all.at[k]->arg[0] == list;
        int each = cg_pushes_each_round(loop, list),
            made = cg_list_made_with(loop, list);
        if (!each) continue;
        if (each == h.count) h.each = each;
        h.first = made >= 0 ? e_i64(cg, made)
                            : cg_obj_head(cg, cg->i64, cg_get(cg, list)->v, OBJ_AT_N);
        vec_push(cg->arena, &cg->lists, h);
    }
}

void cg_list_room(Cg *cg, idx from, LLVMValueRef k0, LLVMValueRef kend)
{
    for (idx i = from; i < cg->lists.n; i++) {
        CgList *h = &cg->lists.at[i];
        LLVMValueRef l = cg_get(cg, h->list)->v, n = NULL, rounds = kend;
        if (h->each) {
            n = h->first;
        } else {
            n = cg_obj_head(cg, cg->i64, l, OBJ_AT_N);
            rounds = e_sub(cg, kend, k0);
        }
        LLVMValueRef want = e_add(cg, n, e_mul(cg, rounds, e_i64(cg, h->count)));
        LLVMValueRef has = cg_obj_head(cg, cg->i64, l, LIST_AT_CAP);
        LLVMBasicBlockRef more = e_block(cg, "room"), go = e_block(cg, "");
        e_if(cg, e_icmp(cg, LLVMIntSGT, want, has), more, go);
        e_goto(cg, more);
        cg_arg_ptr(cg, 0, l);
        cg_arg_i64(cg, 1, want);
        cg_call(cg, RTN_list_room, NULL, 2, 0);
        e_br(cg, go);
        e_goto(cg, go);
        h->data = cg_obj_head(cg, cg->ptr, l, OBJ_AT_DATA);
    }
}

void cg_list_round(Cg *cg, idx from, LLVMValueRef k)
{
    for (idx i = from; i < cg->lists.n; i++) {
        CgList *h = &cg->lists.at[i];
        if (h->each && h->data)
            h->next = e_add(cg, h->first, e_mul(cg, k, e_i64(cg, h->each)));
    }
}

/* -- Lists that are used again ----------------------------------------------------- */

static CgSpare *spare_of(Cg *cg, Type t)
{
    vec_each (i, &cg->spares)
        if (type_eq(cg->spares.at[i].type, t)) return &cg->spares.at[i];
    return NULL;
}

static void find_spares(Cg *cg, const Region *r, bool loop)
{
    for (const Node *n = r->first; n; n = n->next) {
        bool in = loop || n->op == OP_FOR || n->op == OP_LOOP;
        for (int i = 0; i < n->nregion; i++)
            find_spares(cg, n->region[i], in);
        if (!loop || !is_list_new(n)) continue;
        Type t = n->res[0].type;
        if (spare_of(cg, t) || !cg_list_is_plain(cg, t) || !cg_list_stride(cg, t))
            continue;
        CgSpare s = {t, e_alloca(cg, cg->ptr, 1, 8), e_alloca(cg, cg->i64, 1, 8)};
        LLVMBasicBlockRef here = e_here(cg);
        e_goto(cg, cg->entry);
        e_store(cg, LLVMConstNull(cg->ptr), s.first);
        e_store(cg, e_i64(cg, 0), s.count);
        e_goto(cg, here);
        vec_push(cg->arena, &cg->spares, s);
    }
}

void cg_spares_begin(Cg *cg)
{
    cg->spares.n = 0;
    find_spares(cg, cg->fn->body, false);
}

/* The first one that waits is l: it is taken out. */
static void spare_pop(Cg *cg, const CgSpare *s, LLVMValueRef l)
{
    LLVMValueRef n = e_load(cg, cg->i64, s->count);
    e_store(cg, e_load(cg, cg->ptr, l), s->first);
    e_store(cg, e_sub(cg, n, e_i64(cg, 1)), s->count);
}

void cg_spares_end(Cg *cg)
{
    vec_each (i, &cg->spares) {
        const CgSpare *s = &cg->spares.at[i];
        LLVMBasicBlockRef head = e_block(cg, "spares"), some = e_block(cg, "spare"),
                          go = e_block(cg, "");
        e_br(cg, head);
        e_goto(cg, head);
        LLVMValueRef l = e_load(cg, cg->ptr, s->first);
        e_if(cg, e_icmp(cg, LLVMIntNE, l, LLVMConstNull(cg->ptr)), some, go);
        e_goto(cg, some);
        spare_pop(cg, s, l);
        cg_arg_ptr(cg, 0, l);
        cg_call(cg, RTN_drop, NULL, 1, 0);
        e_br(cg, head);
        e_goto(cg, go);
    }
}

/* A list that is let go of waits, if there are few and it is not long. */
bool cg_spare_put(Cg *cg, Type t, LLVMValueRef l, LLVMBasicBlockRef go)
{
    CgSpare *s = spare_of(cg, t);
    if (!s) return false;
    LLVMBasicBlockRef keep = e_block(cg, "wait"), drop = e_block(cg, "");
    LLVMValueRef has = cg_obj_head(cg, cg->i64, l, LIST_AT_CAP);
    LLVMValueRef most = e_i64(cg, SPARE_BYTES / cg_list_stride(cg, t));
    LLVMValueRef n = e_load(cg, cg->i64, s->count);
    LLVMValueRef few = e_icmp(cg, LLVMIntULT, n, e_i64(cg, SPARE_MAX));
    e_if(cg, e_and(cg, few, e_icmp(cg, LLVMIntSLE, has, most)), keep, drop);
    e_goto(cg, keep);
    cg_obj_set_head(cg, e_i64(cg, 0), l, OBJ_AT_N);
    e_store(cg, e_load(cg, cg->ptr, s->first), l);
    e_store(cg, l, s->first);
    e_store(cg, e_add(cg, n, e_i64(cg, 1)), s->count);
    e_br(cg, go);
    e_goto(cg, drop);
    return true;
}

/* The list that waits; behind it the builder stands where there is none. *out joins. */
LLVMBasicBlockRef cg_spare_take(Cg *cg, Type t, LLVMValueRef *out,
                                LLVMBasicBlockRef *from)
{
    CgSpare *s = spare_of(cg, t);
    if (!s) return NULL;
    LLVMBasicBlockRef some = e_block(cg, "again"), none = e_block(cg, "new"),
                      go = e_block(cg, "");
    LLVMValueRef l = e_load(cg, cg->ptr, s->first);
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntEQ, l, LLVMConstNull(cg->ptr)), none, some));
    e_goto(cg, some);
    spare_pop(cg, s, l);
    e_store(cg, e_i64(cg, 1), l);
    e_br(cg, go);
    *out = l;
    *from = some;
    e_goto(cg, none);
    return go;
}
