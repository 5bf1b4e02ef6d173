/* SPDX-License-Identifier: Apache-2.0
 * Arrays of n dimensions: loop nests, elements, slices, broadcasting of lengths.
 *
 *   nest     for each position of the outer dimensions
 *              for each strip of the last one     test the abort word
 *                for each position                the region, on registers
 *
 * When every operand of a nest is laid out so that its dimensions can be walked as one,
 * the lengths are changed at run time to 1, .., 1, product, and the same code is one
 * flat loop. Where a stride of the last dimension is not known, the inner loop stands
 * twice: for strides of one element, which vectorises, and for any.
 */
#include "codegen/cg.h"

#include "base/attr.h"
#include "codegen/cg_emit.h"

enum { STRIP = 8192, BULK_STRIP = 1 << 20, MAX_OP = 64, MAX_DIM = 16 };

/* -- Raising with numbers ---------------------------------------------------------- */

/* Cold: rt_ndraise(what, numbers..) where `bad` holds. */
static void raise_if(Cg *cg, LLVMValueRef bad, const AttrBlob *blob, size_t size, int n,
                     const LLVMValueRef *v)
{
    LLVMBasicBlockRef out = e_block(cg, "bad"), in = e_block(cg, "");
    e_cold(cg, e_if(cg, bad, out, in));
    e_goto(cg, out);
    for (int i = 0; i < n; i++)
        cg_arg_i64(cg, i, v[i]);
    cg_call(cg, RTN_ndraise, cg_bytes(cg, blob, size, 4, "attr"), n, 0);
    e_br(cg, in);
    e_goto(cg, in);
}

static LLVMValueRef number(Cg *cg, Val *v)
{
    CgVal c = *cg_get(cg, v);
    bool zero = v->type.dt == DT_BOOL || dt_is_unsigned((DType)v->type.dt);
    return zero ? e_zext(cg, c.v, cg->i64) : e_sext(cg, c.v, cg->i64);
}

void cg_ndindex(Cg *cg, Node *n)
{
    CgBounds b = {.i = number(cg, n->arg[0]),
                  .n = number(cg, n->arg[1]),
                  .axis = (int)node_int(n, "axis", 0)};
    cg_bounds_part(cg, n, 2, &b);
    LLVMValueRef at = cg_checked(cg, n->arg[1], n->arg[0], b);
    cg_set(cg, &n->res[0], (CgVal){.v = at});
}

/* -- Elements of views ------------------------------------------------------------- */

static LLVMTypeRef mem_type(Cg *cg, Type t)
{
    return cg_mem_type(cg, (DType)t.dt);
}

static Val *stride_of(const Node *n, int k)
{
    return n->arg[2 + node_int(n, "nd", 0) + k];
}

/* Behind dimension k. */
static LLVMValueRef next_part(Cg *cg, const Node *n, int k, LLVMValueRef at,
                              LLVMValueRef i)
{
    LLVMValueRef by = e_mul(cg, i, number(cg, stride_of(n, k)));
    return e_at(cg, mem_type(cg, n->arg[0]->type), at, by);
}

/* The innermost open loop around another one whose index is that of dimension k, if all
 * else that leads to the row stays as it is in the loop. */
static CgLoop *walker(const Cg *cg, const Node *n, int k)
{
    int64_t nd = node_int(n, "nd", 0);
    CgLoop *l = cg->loop ? cg->loop->outer : NULL;
    while (l && !(l->walks && &l->node->region[0]->param[0] == n->arg[1 + k]))
        l = l->outer;
    if (!l || n->arg[1 + k]->type.dt != DT_I64) return NULL;
    const Region *body = l->node->region[0];
    for (int i = 0; i <= k; i++)
        if (cg_is_inside(i ? n->arg[i] : n->arg[0], body)) return NULL;
    bool moves = cg_is_inside(n->arg[1 + nd], body);
    for (int i = 0; i <= k; i++)
        moves |= cg_is_inside(stride_of(n, i), body);
    return moves ? NULL : l;
}

static bool same_row(const CgWalk *w, const Node *n, int k)
{
    if (w->dim != k || stride_of(w->access, k) != stride_of(n, k)) return false;
    for (int i = 0; i <= k + 1; i++)
        if (w->access->arg[i] != n->arg[i]) return false;
    return true;
}

static LLVMValueRef row(Cg *cg, const Node *n, int k);

static LLVMValueRef walk_new(Cg *cg, CgLoop *l, const Node *n, int k)
{
    LLVMBasicBlockRef here = e_here(cg);
    CgLoop *inner = cg->loop;
    CgWalk w = {.access = n, .dim = k};
    LLVMPositionBuilderBefore(cg->b, LLVMGetFirstInstruction(l->walks->head));
    w.at = e_phi(cg, cg->ptr);
    LLVMPositionBuilderBefore(cg->b, LLVMGetBasicBlockTerminator(l->walks->from));
    cg->loop = l; /* the loops around it are those around the place */
    LLVMValueRef first = next_part(cg, n, k, row(cg, n, k), l->walks->first);
    e_from(w.at, first, l->walks->from);
    w.by = e_mul(cg, l->walks->step, number(cg, stride_of(n, k)));
    cg->loop = inner;
    e_goto(cg, here);
    vec_push(cg->arena, &l->walks->walk, w);
    return w.at;
}

/* arg[0] at arg[1..k], of which all are known to be in bounds. A row is a pointer that
 * goes along with its loop: a loop of a few rounds in that one would pay for the
 * multiplication each time it is entered. */
static LLVMValueRef row(Cg *cg, const Node *n, int k)
{
    int64_t nd = node_int(n, "nd", 0);
    LLVMTypeRef t = mem_type(cg, n->arg[0]->type);
    if (k-- == 0)
        return e_at(cg, t, cg_get(cg, n->arg[0])->ok, number(cg, n->arg[1 + nd]));
    CgLoop *l = k + 1 < nd ? walker(cg, n, k) : NULL;
    if (!l) return next_part(cg, n, k, row(cg, n, k), number(cg, n->arg[1 + k]));
    vec_each (i, &l->walks->walk)
        if (same_row(&l->walks->walk.at[i], n, k)) return l->walks->walk.at[i].at;
    return walk_new(cg, l, n, k);
}

void cg_walks_step(Cg *cg, const CgWalks *w)
{
    vec_each (i, &w->walk) {
        CgWalk k = w->walk.at[i];
        LLVMTypeRef t = mem_type(cg, k.access->arg[0]->type);
        e_from(k.at, LLVMBuildGEP2(cg->b, t, k.at, &k.by, 1, ""), e_here(cg));
    }
}

/* Address of arg[0] at arg[1..nd]. It is taken dimension by dimension, so that what an
 * inner loop does not change is one address in front of it, which what is next to each
 * other in a row has in common. */
LLVMValueRef cg_nd_element(Cg *cg, Node *n)
{
    int nd = (int)node_int(n, "nd", 0), k = 0;
    int64_t sure = cg_is_sure(cg, n) ? -1 : node_int(n, "sure", 0);
    Val **len = n->arg + 2 + nd + nd;
    while (k < nd && (sure >> k & 1))
        k++;
    LLVMValueRef at = row(cg, n, k);
    for (; k < nd; k++) {
        LLVMValueRef i = number(cg, n->arg[1 + k]);
        CgBounds b = {.i = i, .n = number(cg, len[k]), .axis = k};
        if (k == 0) cg_bounds_part(cg, n, 2 + 3 * nd, &b);
        if (!(sure >> k & 1)) i = cg_checked(cg, len[k], n->arg[1 + k], b);
        at = next_part(cg, n, k, at, i);
    }
    return at;
}

/* -- Lengths ----------------------------------------------------------------------- */

/* Which of the lengths are this rank's rows of all. */
static void put_rows(Cg *cg, const Node *n, AttrWriter *w)
{
    int64_t *at = ARENA_NEW_N(cg->arena, n->narg + 1, int64_t);
    idx k = 0;
    for (int i = 0; i < n->narg; i++) {
        bool part = false;
        vec_each (j, &cg->fn->axes) {
            const Axis *a = axis_get(cg->fn->axes.at[j]);
            part |= cg->fn->axes.at[j]->rows == n->arg[i] && a->dist > DIST_REP;
        }
        if (part) at[k++] = i;
    }
    if (k) attr_put_ints(w, "rows", at, k);
}

/* Lengths of the operands, aligned at the end; each pair equal or one of them 1. into:
 * the first operand is not stretched. */
void cg_ndbcast(Cg *cg, Node *n)
{
    const Attr *nds = node_attr(n, "nds");
    bool into = n->op == OP_NDFIT;
    int nd = into ? (int)nds->ints[0] : n->nres;
    LLVMValueRef all[MAX_OP * MAX_DIM] = {NULL}, one = e_i64(cg, 1),
                              bad = e_i1(cg, false);
    if (n->narg > MAX_OP * MAX_DIM) cg_bug(cg, "too many lengths");
    for (int i = 0; i < n->narg; i++)
        all[i] = number(cg, n->arg[i]);
    for (int k = 0; k < nd; k++) {
        LLVMValueRef len = NULL;
        for (idx i = 0, first = 0; i < nds->n; first += nds->ints[i++]) {
            int64_t d = k - (nd - nds->ints[i]);
            if (d < 0) continue;
            LLVMValueRef x = all[first + d];
            if (!len) {
                len = x;
                continue;
            }
            LLVMValueRef same = e_icmp(cg, LLVMIntEQ, x, len);
            LLVMValueRef x1 = e_icmp(cg, LLVMIntEQ, x, one);
            LLVMValueRef ok = e_or(cg, same, x1);
            if (node_int(n, "mask", 0)) {
                ok = same;
            } else if (!into) {
                LLVMValueRef l1 = e_icmp(cg, LLVMIntEQ, len, one);
                ok = e_or(cg, ok, l1);
                len = e_select(cg, l1, x, len);
            }
            bad = e_or(cg, bad, e_not(cg, ok));
        }
        if (!into) cg_set(cg, &n->res[k], (CgVal){.v = len});
    }
    for (idx i = 0, first = 0; into && i < nds->n; first += nds->ints[i++])
        for (int64_t d = 0; i && d < nds->ints[i] - nd; d++) /* extra ones */
            bad = e_or(cg, bad, e_icmp(cg, LLVMIntNE, all[first + d], one));
    AttrWriter w;
    size_t size;
    attr_begin(&w, cg->arena);
    attr_put_int(&w, "code", E_VALUE);
    attr_put_ints(&w, "nds", nds->ints, nds->n);
    attr_put_int(&w, "into", node_int(n, "into", 0));
    attr_put_int(&w, "mask", node_int(n, "mask", 0));
    attr_put_int(&w, "aug", node_int(n, "aug", 0));
    attr_put_int(&w, "index", node_int(n, "index", 0));
    put_rows(cg, n, &w);
    const AttrBlob *blob = attr_end(&w, &size);
    raise_if(cg, bad, blob, size, n->narg, all);
}

static LLVMValueRef clamp(Cg *cg, LLVMValueRef v, LLVMValueRef lo, LLVMValueRef hi)
{
    v = e_select(cg, e_icmp(cg, LLVMIntSLT, v, lo), lo, v);
    return e_select(cg, e_icmp(cg, LLVMIntSGT, v, hi), hi, v);
}

/* Python's slice.indices. */
static void slice_here(Cg *cg, Node *n)
{
    LLVMValueRef len = number(cg, n->arg[0]), step = number(cg, n->arg[3]);
    LLVMValueRef zero = e_i64(cg, 0), one = e_i64(cg, 1), minus = e_i64(cg, -1);
    AttrWriter w;
    size_t size;
    attr_begin(&w, cg->arena);
    attr_put_int(&w, "code", E_VALUE);
    attr_put_text(&w, "text", "slice step cannot be zero");
    const AttrBlob *blob = attr_end(&w, &size);
    if (!LLVMIsConstant(step))
        raise_if(cg, e_icmp(cg, LLVMIntEQ, step, zero), blob, size, 0, NULL);
    LLVMValueRef up = e_icmp(cg, LLVMIntSGT, step, zero);
    LLVMValueRef lo = e_select(cg, up, zero, minus);
    LLVMValueRef hi = e_select(cg, up, len, e_sub(cg, len, one));
    LLVMValueRef bound[2] = {e_select(cg, up, lo, hi), e_select(cg, up, hi, lo)};
    const char *const given[2] = {"start", "stop"};
    for (int k = 0; k < 2; k++) {
        if (!node_int(n, given[k], 0)) continue;
        LLVMValueRef v = number(cg, n->arg[1 + k]);
        LLVMValueRef neg = e_icmp(cg, LLVMIntSLT, v, zero);
        bound[k] = clamp(cg, e_select(cg, neg, e_add(cg, v, len), v), lo, hi);
    }
    LLVMValueRef far =
        e_select(cg, up, e_sub(cg, bound[1], bound[0]), e_sub(cg, bound[0], bound[1]));
    LLVMValueRef by = e_select(cg, up, step, LLVMBuildNeg(cg->b, step, ""));
    LLVMValueRef some = e_icmp(cg, LLVMIntSGT, far, zero);
    by = e_select(cg, e_icmp(cg, LLVMIntEQ, by, zero), one, by);
    LLVMValueRef count = e_add(cg, e_udiv(cg, e_sub(cg, far, one), by), one);
    cg_set(cg, &n->res[0], (CgVal){.v = e_select(cg, some, count, zero)});
    cg_set(cg, &n->res[1], (CgVal){.v = e_select(cg, some, bound[0], zero)});
}

void cg_ndrange(Cg *cg, Node *n)
{
    if (!node_int(n, "par", 0)) {
        slice_here(cg, n);
        return;
    }
    for (int i = 0; i < 4; i++)
        cg_arg_i64(cg, i, number(cg, n->arg[i]));
    cg_call(cg, RTN_ndrange, cg_attrs(cg, n), 4, 2);
    for (int i = 0; i < 2; i++)
        cg_set(cg, &n->res[i], (CgVal){.v = cg_result_raw(cg, i, cg->i64)});
}

void cg_ndaxis(Cg *cg, Node *n)
{
    cg_set(cg, &n->res[0], (CgVal){.v = number(cg, n->arg[0])});
}

void cg_ndcheck(Cg *cg, Node *n)
{
    AttrWriter w;
    size_t size;
    LLVMValueRef v[8] = {NULL};
    if (n->narg > 8) cg_bug(cg, "too many numbers");
    attr_begin(&w, cg->arena);
    attr_put_int(&w, "code", node_int(n, "code", E_VALUE));
    attr_put_text(&w, "text", node_text(n, "text"));
    const AttrBlob *blob = attr_end(&w, &size);
    for (int i = 1; i < n->narg; i++)
        v[i - 1] = number(cg, n->arg[i]);
    raise_if(cg, cg_get(cg, n->arg[0])->v, blob, size, n->narg - 1, v);
}

/* -- Nests ------------------------------------------------------------------------- */

typedef struct View {
    Type type;
    LLVMTypeRef mem;
    LLVMValueRef at; /* the first element */
    LLVMValueRef stride[MAX_DIM];
    int scope; /* of the alias scopes: its own for what is fresh, else the last */
} View;

typedef struct Nest {
    Node *node;
    Region *body;
    int nd, nin, nout; /* nin: views whose elements are parameters */
    bool into;
    View in[MAX_OP], out[MAX_OP];
    LLVMValueRef len[MAX_DIM], pos[MAX_DIM];
    bool unit; /* the inner loop being emitted is that of strides 1 */
    LLVMMetadataRef *scope;
} Nest;

static void open_view(Cg *cg, const Nest *m, View *v, Val **arg)
{
    v->type = type_with(arg[0]->type, TY_SCALAR);
    v->mem = mem_type(cg, v->type);
    v->at = e_at(cg, v->mem, cg_get(cg, arg[0])->ok, number(cg, arg[1]));
    for (int k = 0; k < m->nd; k++)
        v->stride[k] = number(cg, arg[2 + k]);
}

static void alloc_outs(Cg *cg, Nest *m)
{
    AttrWriter w;
    size_t size;
    int64_t t[3][MAX_OP];
    Node *n = m->node;
    if (!m->nout) return;
    for (int k = 0; k < m->nout; k++) {
        t[0][k] = n->res[k].type.dt;
        t[1][k] = n->res[k].type.null;
        t[2][k] = n->res[k].type.unit;
    }
    attr_begin(&w, cg->arena);
    attr_put_ints(&w, "dt", t[0], m->nout);
    attr_put_ints(&w, "null", t[1], m->nout);
    attr_put_ints(&w, "unit", t[2], m->nout);
    const AttrBlob *blob = attr_end(&w, &size);
    for (int k = 0; k < m->nd; k++)
        cg_arg_i64(cg, k, m->len[k]);
    cg_call(cg, RTN_ndalloc, cg_bytes(cg, blob, size, 4, "attr"), m->nd, m->nout);
    for (int k = 0; k < m->nout; k++) {
        CgVal c = cg_result(cg, k, n->res[k].type);
        cg_set(cg, &n->res[k], c);
        View *v = &m->out[k];
        v->type = type_with(n->res[k].type, TY_SCALAR);
        v->mem = mem_type(cg, v->type);
        v->at = c.ok;
        LLVMValueRef s = e_i64(cg, 1);
        for (int d = m->nd - 1; d >= 0; d--) {
            v->stride[d] = s;
            s = e_mul(cg, s, m->len[d]);
        }
    }
}

/* -- Alias scopes: what is fresh meets nothing else -------------------------------- */

static LLVMMetadataRef md_text(Cg *cg, const char *s)
{
    return LLVMMDStringInContext2(cg->ctx, s, strlen(s));
}

static void make_scopes(Cg *cg, Nest *m)
{
    int id = cg->nloop++;
    if (!m->nout) return;
    LLVMMetadataRef name = md_text(cg, arena_printf(cg->arena, "nest %d", id));
    LLVMMetadataRef domain = LLVMMDNodeInContext2(cg->ctx, &name, 1);
    m->scope = ARENA_NEW_N(cg->arena, m->nout + 1, LLVMMetadataRef);
    for (int k = 0; k <= m->nout; k++) {
        LLVMMetadataRef op[2] = {
            md_text(cg, arena_printf(cg->arena, "nest %d array %d", id, k)), domain};
        m->scope[k] = LLVMMDNodeInContext2(cg->ctx, op, 2);
    }
}

static void set_scope(Cg *cg, const Nest *m, LLVMValueRef access, int k)
{
    if (!m->scope) return;
    LLVMMetadataRef *other = ARENA_NEW_N(cg->arena, m->nout + 1, LLVMMetadataRef);
    size_t n = 0;
    for (int i = 0; i <= m->nout; i++)
        if (i != k) other[n++] = m->scope[i];
    LLVMMetadataRef mine = LLVMMDNodeInContext2(cg->ctx, &m->scope[k], 1);
    LLVMMetadataRef rest = LLVMMDNodeInContext2(cg->ctx, other, n);
    LLVMSetMetadata(access, LLVMGetMDKindIDInContext(cg->ctx, "alias.scope", 11),
                    LLVMMetadataAsValue(cg->ctx, mine));
    LLVMSetMetadata(access, LLVMGetMDKindIDInContext(cg->ctx, "noalias", 7),
                    LLVMMetadataAsValue(cg->ctx, rest));
}

/* -- The loops --------------------------------------------------------------------- */

static bool is_const(LLVMValueRef v, int64_t k)
{
    return LLVMIsAConstantInt(v) && LLVMConstIntGetSExtValue(v) == k;
}

/* Views of a nest: those read, then those written. */
static View *view_at(Nest *m, int k)
{
    return k < m->nin ? &m->in[k] : &m->out[k - m->nin];
}

static int view_count(const Nest *m)
{
    return m->nin + (m->into ? 1 : m->nout);
}

static bool uses_positions(const Region *r, const Region *body, int first)
{
    for (const Node *n = r->first; n; n = n->next) {
        for (int i = 0; i < n->narg; i++)
            if (n->arg[i]->region == body && n->arg[i]->index >= first) return true;
        for (int i = 0; i < n->nregion; i++)
            if (uses_positions(n->region[i], body, first)) return true;
    }
    return false;
}

/* Lengths 1, .., 1, product where all views can be walked as one row. */
static void collapse(Cg *cg, Nest *m)
{
    if (m->nd < 2 || uses_positions(m->body, m->body, m->nin)) return;
    LLVMValueRef flat = NULL, total = m->len[0];
    for (int k = 1; k < m->nd; k++)
        total = e_mul(cg, total, m->len[k]);
    for (int j = 0; j < view_count(m); j++) {
        const View *v = view_at(m, j);
        if (!m->into && j >= m->nin) continue; /* fresh: contiguous */
        for (int k = 0; k + 1 < m->nd; k++) {
            LLVMValueRef want = e_mul(cg, v->stride[k + 1], m->len[k + 1]);
            LLVMValueRef ok = e_icmp(cg, LLVMIntEQ, v->stride[k], want);
            flat = flat ? e_and(cg, flat, ok) : ok;
        }
    }
    if (!flat) flat = e_i1(cg, true);
    for (int k = 0; k < m->nd; k++)
        m->len[k] =
            e_select(cg, flat, k + 1 == m->nd ? total : e_i64(cg, 1), m->len[k]);
}

/* Elements along the last dimension lie side by side, in the loop that is emitted. */
static bool is_dense(const Nest *m, const View *v)
{
    LLVMValueRef s = v->stride[m->nd - 1];
    return is_const(s, 1) || (m->unit && !LLVMIsConstant(s));
}

static LLVMValueRef inner_address(Cg *cg, const Nest *m, const View *v,
                                  LLVMValueRef base, LLVMValueRef i)
{
    LLVMValueRef s = v->stride[m->nd - 1];
    return e_at(cg, v->mem, base, is_dense(m, v) ? i : e_mul(cg, i, s));
}

typedef struct NestScope {
    const Nest *m;
    int k;
} NestScope;

static void mark_nest(Cg *cg, LLVMValueRef access, const void *data)
{
    const NestScope *s = data;
    set_scope(cg, s->m, access, s->k);
}

/* The region at position i of the last dimension. */
static void one_element(Cg *cg, Nest *m, const LLVMValueRef *base, LLVMValueRef i)
{
    for (int k = 0; k < m->nin; k++) {
        const View *v = &m->in[k];
        if (v->type.dt == DT_STR || cg_has_ok(v->type))
            cg_bug(cg, "an ndarray of such elements");
        NestScope scope = {m, m->nout};
        LLVMValueRef from = inner_address(cg, m, v, base[k], i);
        cg_set(cg, &m->body->param[k],
               cg_elem_load(cg, (DType)v->type.dt, from, mark_nest, &scope));
    }
    m->pos[m->nd - 1] = i;
    for (int k = 0; k < m->nd; k++)
        cg_set(cg, &m->body->param[m->nin + k], (CgVal){.v = m->pos[k]});
    cg_region(cg, m->body);
    const Node *last = m->body->last;
    for (int k = 0; k < last->narg; k++) {
        const View *v = &m->out[k];
        CgVal c = cg_cast(cg, *cg_get(cg, last->arg[k]), last->arg[k]->type, v->type);
        LLVMValueRef to = inner_address(cg, m, v, base[m->nin + k], i);
        NestScope scope = {m, k};
        cg_elem_store(cg, (DType)v->type.dt, c, to, mark_nest, &scope);
    }
}

/* What a row of elements is that need no loop of their own. */
typedef enum Bulk { BULK_NOT, BULK_COPY, BULK_ZEROS } Bulk;

/* A copy of elements of one type into fresh memory, zeros into any: side by side. Not
 * in a loop: few elements are done sooner without a call, and what other loops have in
 * registers would be lost (17 % of a k-means). */
static Bulk bulk_of(Cg *cg, Nest *m)
{
    const Node *first = m->body->first, *last = m->body->last;
    if (cg->loop || last->narg != 1 || !is_dense(m, &m->out[0])) return BULK_NOT;
    const Val *v = last->arg[0];
    Type t = m->out[0].type;
    if (first == last && m->nin == 1 && !m->into && v == &m->body->param[0] &&
        t.dt == m->in[0].type.dt && is_dense(m, &m->in[0]))
        return BULK_COPY;
    for (; first != last; first = first->next)
        if (first->op != OP_CONST) return BULK_NOT;
    if (m->nin || !v->def || v->def->op != OP_CONST) return BULK_NOT;
    cg_region(cg, m->body);
    CgVal c = cg_cast(cg, *cg_get(cg, last->arg[0]), v->type, t);
    bool zero = c.v && LLVMIsConstant(c.v) && LLVMIsNull(c.v) &&
                (!c.im || (LLVMIsConstant(c.im) && LLVMIsNull(c.im)));
    return zero ? BULK_ZEROS : BULK_NOT;
}

/* Elements i0 to end: one call, where LLVM would make two loops of a copy. */
static void bulk_emit(Cg *cg, const Nest *m, Bulk how, const LLVMValueRef *base,
                      LLVMValueRef i0, LLVMValueRef end)
{
    unsigned size = dtype_info[m->out[0].type.dt].bytes;
    LLVMValueRef to = e_at(cg, m->out[0].mem, base[m->nin], i0);
    LLVMValueRef n = e_mul(cg, e_sub(cg, end, i0), e_i64(cg, size));
    if (how == BULK_ZEROS)
        LLVMBuildMemSet(cg->b, to, LLVMConstNull(cg->i8), n, 1);
    else
        LLVMBuildMemCpy(cg->b, to, 1, e_at(cg, m->in[0].mem, base[0], i0), 1, n);
}

/* The last dimension, in strips. */
static void inner_loop(Cg *cg, Nest *m, const LLVMValueRef *base)
{
    LLVMValueRef n = m->len[m->nd - 1], zero = e_i64(cg, 0);
    LLVMBasicBlockRef from = e_here(cg), strip = e_block(cg, "strip"),
                      body = e_block(cg, "row"), more = e_block(cg, "more"),
                      done = e_block(cg, "");
    CgLoop l = {.outer = cg->loop, .node = m->node};
    Bulk bulk = bulk_of(cg, m);
    e_if(cg, e_icmp(cg, LLVMIntSGT, n, zero), strip, done);

    e_goto(cg, strip);
    LLVMValueRef i0 = e_phi(cg, cg->i64);
    e_from(i0, zero, from);
    cg_check_abort(cg);
    LLVMValueRef end = e_add(cg, i0, e_i64(cg, bulk ? BULK_STRIP : STRIP));
    end = e_select(cg, e_icmp(cg, LLVMIntSLT, end, n), end, n);
    LLVMBasicBlockRef enter = e_here(cg);
    e_br(cg, body);

    e_goto(cg, body);
    if (bulk) {
        bulk_emit(cg, m, bulk, base, i0, end);
        e_br(cg, more);
    } else {
        LLVMValueRef i = e_phi(cg, cg->i64);
        e_from(i, i0, enter);
        cg->loop = &l;
        one_element(cg, m, base, i);
        cg->loop = l.outer;
        LLVMValueRef next = e_add(cg, i, e_i64(cg, 1));
        e_from(i, next, e_here(cg));
        e_if(cg, e_icmp(cg, LLVMIntSLT, next, end), body, more);
    }

    e_goto(cg, more);
    e_from(i0, end, more);
    e_if(cg, e_icmp(cg, LLVMIntSLT, end, n), strip, done);
    e_goto(cg, done);
}

/* Whether all strides of the last dimension that are not known are 1; NULL: all are. */
static LLVMValueRef unit_strides(Cg *cg, Nest *m)
{
    LLVMValueRef unit = NULL;
    for (int j = 0; j < view_count(m); j++) {
        LLVMValueRef s = view_at(m, j)->stride[m->nd - 1];
        if (LLVMIsConstant(s)) continue;
        LLVMValueRef one = e_icmp(cg, LLVMIntEQ, s, e_i64(cg, 1));
        unit = unit ? e_and(cg, unit, one) : one;
    }
    return unit;
}

static void dimension(Cg *cg, Nest *m, int k, const LLVMValueRef *base)
{
    if (k + 1 == m->nd) {
        LLVMValueRef unit = unit_strides(cg, m);
        if (!unit) {
            m->unit = true;
            inner_loop(cg, m, base);
            return;
        }
        LLVMBasicBlockRef fast = e_block(cg, "unit"), slow = e_block(cg, "strided"),
                          done = e_block(cg, "");
        e_if(cg, unit, fast, slow);
        e_goto(cg, fast);
        m->unit = true;
        inner_loop(cg, m, base);
        e_br(cg, done);
        e_goto(cg, slow);
        m->unit = false;
        inner_loop(cg, m, base);
        e_br(cg, done);
        e_goto(cg, done);
        return;
    }
    LLVMBasicBlockRef from = e_here(cg), head = e_block(cg, "dim"),
                      body = e_block(cg, "plane"), done = e_block(cg, "");
    e_br(cg, head);
    e_goto(cg, head);
    LLVMValueRef i = e_phi(cg, cg->i64);
    e_from(i, e_i64(cg, 0), from);
    e_if(cg, e_icmp(cg, LLVMIntSLT, i, m->len[k]), body, done);
    e_goto(cg, body);
    LLVMValueRef here[2 * MAX_OP];
    for (int j = 0; j < view_count(m); j++) {
        const View *v = view_at(m, j);
        here[j] = e_at(cg, v->mem, base[j], e_mul(cg, i, v->stride[k]));
    }
    m->pos[k] = i;
    dimension(cg, m, k + 1, here);
    e_from(i, e_add(cg, i, e_i64(cg, 1)), e_here(cg));
    e_br(cg, head);
    e_goto(cg, done);
}

void cg_ndmap(Cg *cg, Node *n)
{
    Nest *m = ARENA_NEW(cg->arena, Nest);
    m->node = n;
    m->body = n->region[0];
    m->nd = (int)node_int(n, "nd", 0);
    m->into = n->op == OP_NDSTORE;
    m->nout = n->nres;
    int nop = (int)node_int(n, "nop", 0), group = 2 + m->nd;
    m->nin = nop - m->into;
    bool fits = m->nd >= 1 && m->nd <= MAX_DIM && nop <= MAX_OP && m->nout <= MAX_OP;
    if (!fits || n->narg != nop * group + m->nd)
        cg_bug(cg, "a nest has views and lengths");
    for (int k = 0; k < m->nd; k++)
        m->len[k] = number(cg, n->arg[nop * group + k]);
    for (int k = 0; k < nop; k++) {
        View *v = m->into && k == 0 ? &m->out[0] : &m->in[k - m->into];
        open_view(cg, m, v, n->arg + (idx)k * group);
    }
    make_scopes(cg, m);
    alloc_outs(cg, m);
    collapse(cg, m);
    LLVMValueRef base[2 * MAX_OP] = {NULL};
    for (int j = 0; j < view_count(m); j++)
        base[j] = view_at(m, j)->at;
    CgCold outer = m->nout ? cg_guard_begin(cg) : (CgCold){0};
    dimension(cg, m, 0, base);
    LLVMValueRef array[MAX_OP];
    for (int k = 0; k < m->nout; k++)
        array[k] = cg_get(cg, &n->res[k])->v;
    cg_guard_end(cg, outer, array, m->nout);
}
