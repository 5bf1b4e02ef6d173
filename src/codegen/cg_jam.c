/* SPDX-License-Identifier: Apache-2.0
 * Several rounds of a loop around a loop at once. Where the inner loop writes the same
 * elements in every round of the loop around it (a row of a product of matrices), JAM
 * rounds are done in one walk along them:
 *
 *   for k: x = a[k]                        for k, k + 1: x = a[k], y = a[k + 1]
 *     for j: c[j] += x * b[k, j]   ->        for j: t = c[j] + x * b[k, j]
 *                                                   c[j] = t + y * b[k + 1, j]
 *
 * so that an element of c is loaded and stored once for JAM rounds. Each element gets
 * the same values in the same order as before. This asks for
 *
 *  - a nest whose bounds are proved, whose arrays are apart, and whose rounds end soon
 *    (cg_bounds.c), so that nothing in it can fail or stop;
 *  - one inner loop, the same for each round, behind it nothing;
 *  - no values that a loop carries, and one store, whose index is the inner loop's plus
 *    what does not change: so no element is met twice in a walk;
 *  - reads of the array that is written at that index alone.
 */
#include "codegen/cg.h"

#include "codegen/cg_emit.h"

enum { JAM = 2, JAM_DEPTH = 12 };

typedef struct Jam {
    Cg *cg;
    Node *outer, *inner, *store;
} Jam;

/* -- Which loops ------------------------------------------------------------------- */

static const Val *index_of(const Node *loop)
{
    return &loop->region[0]->param[0];
}

/* v may have another value in other rounds of the loop, if `fixed` has the same. */
static bool varies(const Val *v, const Node *loop, const Val *fixed, int depth)
{
    if (v == fixed || !cg_is_inside(v, loop->region[0])) return false;
    const Node *d = v->def;
    if (d && d->op == OP_CONST) return false;
    if (!d || depth == JAM_DEPTH || d->nregion || op_info[d->op].lower != LW_LOOP)
        return true;
    for (int i = 0; i < d->narg; i++)
        if (varies(d->arg[i], loop, fixed, depth + 1)) return true;
    return false;
}

/* The inner loop's index plus or minus what does not change in it. */
static bool walks(const Val *v, const Node *inner, int depth)
{
    const Node *d = v->def;
    if (v == index_of(inner)) return true;
    if (!d || depth == JAM_DEPTH || (d->op != OP_ADD && d->op != OP_SUB)) return false;
    if (!varies(d->arg[1], inner, NULL, 0)) return walks(d->arg[0], inner, depth + 1);
    return d->op == OP_ADD && !varies(d->arg[0], inner, NULL, 0) &&
           walks(d->arg[1], inner, depth + 1);
}

static int indices(const Node *n)
{
    return node_attr(n, "nd") ? (int)node_int(n, "nd", 0) : 1;
}

/* Operands that say which element it is: indices; of a view offset, strides, lengths.
 */
static int place_args(const Node *n)
{
    return node_attr(n, "nd") ? 1 + 3 * indices(n) : 1;
}

static bool store_walks(const Jam *j)
{
    int walking = 0;
    for (int k = 1; k <= place_args(j->store); k++) {
        const Val *v = j->store->arg[k];
        if (varies(v, j->outer, index_of(j->inner), 0)) return false;
        if (!varies(v, j->inner, NULL, 0)) continue;
        if (k > indices(j->store) || v->type.dt != DT_I64 || !walks(v, j->inner, 0))
            return false;
        walking++;
    }
    return walking == 1;
}

static bool same_element(const Node *a, const Node *b)
{
    if (a->arg[0] != b->arg[0] || place_args(a) != place_args(b)) return false;
    for (int k = 1; k <= place_args(a); k++)
        if (a->arg[k] != b->arg[k]) return false;
    return true;
}

static bool is_apart(const Cg *cg, const Val *array)
{
    vec_each (i, &cg->apart)
        if (cg->apart.at[i].array == array) return true;
    return false;
}

static bool plain_array(const Val *array, const Node *outer)
{
    DType dt = (DType)array->type.dt;
    return !cg_is_inside(array, outer->region[0]) && (dt_is_int(dt) || dt_is_float(dt));
}

/* Numbers, and reads of arrays other than the one that is written, but for its element
 * that is about to be written. */
static bool node_fits(const Jam *j, const Node *n)
{
    if (n->op == OP_CONST) return true;
    if (n->op == OP_AGET) {
        const Val *array = n->arg[0];
        if (!plain_array(array, j->outer) || !is_apart(j->cg, array)) return false;
        return cg_is_sure(j->cg, n) &&
               (array != j->store->arg[0] ||
                (n->parent == j->store->parent && same_element(n, j->store)));
    }
    return op_info[n->op].lower == LW_LOOP && op_info[n->op].effect == EF_PURE &&
           n->nregion == 0;
}

static bool is_last(const Node *n)
{
    return n && n->op == OP_CONTINUE && node_int(n, "depth", 0) == 0 && n->narg == 0;
}

static bool inner_fits(Jam *j)
{
    Node *n = j->inner;
    if (n->narg != 3 || n->nres) return false;
    for (int i = 0; i < 3; i++)
        if (cg_is_inside(n->arg[i], j->outer->region[0]) &&
            !(n->arg[i]->def && n->arg[i]->def->op == OP_CONST))
            return false;
    for (n = j->inner->region[0]->first; n && n->op != OP_ASET; n = n->next)
        continue;
    j->store = n;
    if (!n || !is_last(n->next) || !cg_is_sure(j->cg, n)) return false;
    const Val *array = n->arg[0], *value = n->arg[n->narg - 1];
    return plain_array(array, j->outer) && is_apart(j->cg, array) &&
           value->type.dt == array->type.dt && !cg_has_ok(value->type) &&
           store_walks(j);
}

static bool jam_find(Cg *cg, Node *outer, Jam *j)
{
    *j = (Jam){.cg = cg, .outer = outer};
    if (outer->narg != 3 || outer->nres) return false;
    Node *n = outer->region[0]->first;
    while (n && n->op != OP_FOR && n->op != OP_ASET)
        n = n->next;
    if (!n || n->op != OP_FOR || !is_last(n->next)) return false;
    j->inner = n;
    if (!inner_fits(j)) return false;
    for (n = outer->region[0]->first; n != j->inner; n = n->next)
        if (!node_fits(j, n)) return false;
    for (n = j->inner->region[0]->first; n != j->store; n = n->next)
        if (!node_fits(j, n)) return false;
    return true;
}

/* -- Their code -------------------------------------------------------------------- */

/* What round i of the outer loop does to the element. sum: what the rounds before have
 * made of it, NULL: it is as it lies there. What stands before the inner loop stands in
 * it now: LLVM moves it out again. */
static CgVal round_emit(const Jam *j, LLVMValueRef i, const CgVal *sum)
{
    Cg *cg = j->cg;
    Val *index = &j->outer->region[0]->param[0], *array = j->store->arg[0];
    Type t = type_with(array->type, TY_SCALAR);
    cg_set(cg, index, (CgVal){.v = e_trunc(cg, i, cg_type(cg, (DType)index->type.dt))});
    cg_nodes(cg, j->outer->region[0]->first, j->inner);
    for (Node *n = j->inner->region[0]->first; n != j->store; n = n->next) {
        if (sum && n->op == OP_AGET && n->arg[0] == array)
            cg_set(cg, &n->res[0], cg_cast(cg, *sum, t, n->res[0].type));
        else
            cg_nodes(cg, n, n->next);
    }
    Val *value = j->store->arg[j->store->narg - 1];
    return cg_cast(cg, *cg_get(cg, value), value->type, t);
}

/* A walk along the elements for the rounds k to k + JAM of the outer loop; the builder
 * ends at after. */
static void walk_emit(const Jam *j, const CgCount *outer, LLVMValueRef k,
                      LLVMBasicBlockRef after)
{
    Cg *cg = j->cg;
    CgCount c = cg_count(cg, j->inner);
    LLVMBasicBlockRef head = e_block(cg, "walk"), from;
    Val *index = &j->inner->region[0]->param[0];
    CgLoop l = {.outer = cg->loop, .node = j->inner, .done = after};
    LLVMBasicBlockRef here = e_here(cg);
    e_if(cg, e_icmp(cg, LLVMIntSGT, c.n, e_i64(cg, 0)), head, after);
    e_goto(cg, head);
    cg->loop = &l;
    LLVMValueRef i = e_phi(cg, cg->i64);
    LLVMValueRef at = e_add(cg, c.start, e_mul(cg, i, c.step));
    cg_set(cg, index,
           (CgVal){.v = e_trunc(cg, at, cg_type(cg, (DType)index->type.dt))});
    CgVal sum;
    for (int r = 0; r < JAM; r++) {
        LLVMValueRef round = e_add(cg, k, e_i64(cg, r));
        round = e_add(cg, outer->start, e_mul(cg, round, outer->step));
        sum = round_emit(j, round, r ? &sum : NULL);
    }
    cg_aset_value(cg, j->store, sum);
    cg->loop = l.outer;
    LLVMValueRef next = e_add(cg, i, e_i64(cg, 1));
    LLVMValueRef br = e_if(cg, e_icmp(cg, LLVMIntNE, next, c.n), head, after);
    cg_mark_loop(cg, br, LLVMIsConstant(c.step));
    from = e_here(cg);
    e_from(i, e_i64(cg, 0), here);
    e_from(i, next, from);
    e_goto(cg, after);
}

LLVMValueRef cg_jam(Cg *cg, Node *loop, const CgCount *count)
{
    Jam j;
    if (!jam_find(cg, loop, &j)) return NULL;
    LLVMValueRef zero = e_i64(cg, 0), all = e_and(cg, count->n, e_i64(cg, -JAM));
    LLVMBasicBlockRef head = e_block(cg, "jam"), after = e_block(cg, "jammed"),
                      done = e_block(cg, "rest"), from = e_here(cg);
    e_if(cg, e_icmp(cg, LLVMIntSGT, all, zero), head, done);
    e_goto(cg, head);
    LLVMValueRef k = e_phi(cg, cg->i64);
    walk_emit(&j, count, k, after);
    LLVMValueRef next = e_add(cg, k, e_i64(cg, JAM));
    e_if(cg, e_icmp(cg, LLVMIntNE, next, all), head, done);
    e_from(k, zero, from);
    e_from(k, next, after);
    e_goto(cg, done);
    return all;
}
