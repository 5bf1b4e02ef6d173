/* SPDX-License-Identifier: Apache-2.0
 * Lists, dicts, sets and text. Elements of lists and entries of dicts are read and
 * written here, by the layout of object_layout.h; what needs more than a few
 * instructions is a runtime call that the node names (attr fn).
 *
 * An element is stored with references of its own, and read with a reference for the
 * reader (pass/own.c releases it).
 */
#include "codegen/cg.h"

#include "base/attr.h"
#include "codegen/cg_emit.h"
#include "object/object_layout.h"

#include <string.h>

/* -- Layout of an element ---------------------------------------------------------- */

typedef struct Lay {
    int64_t size, align;
} Lay;

static int64_t round_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static bool is_bundle(const Cg *cg, Type t)
{
    return comp_is(cg->fn, t, COMP_TUPLE) || comp_is(cg->fn, t, COMP_OPT);
}

static Lay lay_of(Cg *cg, Type t)
{
    if (t.kind == TY_NONE) return (Lay){0, 1};
    if (is_bundle(cg, t)) {
        const CompType *c = comp_of(cg->fn, t);
        Lay l = {c->kind == COMP_OPT, 1};
        for (int i = 0; i < c->n; i++) {
            Lay e = lay_of(cg, c->item[i]);
            l.size = round_up(l.size, e.align) + e.size;
            if (e.align > l.align) l.align = e.align;
        }
        return l;
    }
    if (t.kind != TY_SCALAR) return (Lay){8, 8};
    if (t.dt == DT_STR) return (Lay){24, 8};
    int64_t b = dtype_info[t.dt].bytes;
    return (Lay){b, b > 8 ? 8 : b};
}

static int64_t stride_of(Cg *cg, Type t)
{
    Lay l = lay_of(cg, t);
    return round_up(l.size, l.align);
}

/* Where the value stands in an entry, and the entry's size. */
static int64_t val_at(Cg *cg, const CompType *c, int64_t *stride)
{
    Lay k = lay_of(cg, c->item[0]);
    int64_t end = ENTRY_AT_KEY + k.size, at = end;
    if (c->kind == COMP_DICT) {
        Lay v = lay_of(cg, c->item[1]);
        at = round_up(end, v.align);
        end = at + v.size;
    }
    *stride = round_up(end, 8);
    return at;
}

/* Calls f for each leaf of t with its offset; k numbers the leaves. */
typedef void LeafFn(Cg *cg, Type leaf, LLVMValueRef at, CgVal *v);

static void each_leaf(Cg *cg, Type t, LLVMValueRef p, int64_t *off, CgVal *v, int *k,
                      LeafFn *f)
{
    if (t.kind == TY_NONE) return;
    if (is_bundle(cg, t)) {
        const CompType *c = comp_of(cg->fn, t);
        *off = round_up(*off, lay_of(cg, t).align);
        if (c->kind == COMP_OPT) {
            f(cg, type_scalar(DT_BOOL), e_off(cg, p, *off), &v[(*k)++]);
            ++*off;
        }
        for (int i = 0; i < c->n; i++)
            each_leaf(cg, c->item[i], p, off, v, k, f);
        return;
    }
    Lay l = lay_of(cg, t);
    *off = round_up(*off, l.align);
    f(cg, t, e_off(cg, p, *off), &v[(*k)++]);
    *off += l.size;
}

static int leaf_n(Cg *cg, Type t)
{
    Leaves l = {0};
    comp_leaves(cg->fn, t, &l);
    return (int)l.at.n;
}

/* -- Memory accesses of headers, of elements and of text do not meet ----------------
 */

static LLVMValueRef tagged(Cg *cg, LLVMValueRef access, const char *name)
{
    LLVMMetadataRef root = LLVMMDStringInContext2(cg->ctx, "shoal", 5);
    root = LLVMMDNodeInContext2(cg->ctx, &root, 1);
    LLVMMetadataRef zero = LLVMValueAsMetadata(e_i64(cg, 0));
    LLVMMetadataRef type[3] = {LLVMMDStringInContext2(cg->ctx, name, strlen(name)),
                               root, zero};
    LLVMMetadataRef t = LLVMMDNodeInContext2(cg->ctx, type, 3);
    LLVMMetadataRef tag[3] = {t, t, zero};
    LLVMMetadataRef node = LLVMMDNodeInContext2(cg->ctx, tag, 3);
    LLVMSetMetadata(access, LLVMGetMDKindIDInContext(cg->ctx, "tbaa", 4),
                    LLVMMetadataAsValue(cg->ctx, node));
    return access;
}

LLVMValueRef cg_obj_head(Cg *cg, LLVMTypeRef t, LLVMValueRef obj, int at)
{
    return tagged(cg, e_load(cg, t, e_off(cg, obj, at)), "head");
}

void cg_obj_set_head(Cg *cg, LLVMValueRef v, LLVMValueRef obj, int at)
{
    (void)tagged(cg, e_store(cg, v, e_off(cg, obj, at)), "head");
}

static LLVMValueRef load(Cg *cg, LLVMTypeRef t, LLVMValueRef p)
{
    return tagged(cg, e_load(cg, t, p), "element");
}

static void store(Cg *cg, LLVMValueRef v, LLVMValueRef p)
{
    (void)tagged(cg, e_store(cg, v, p), "element");
}

static void mark_element(Cg *cg, LLVMValueRef access, const void *data)
{
    (void)data;
    (void)tagged(cg, access, "element");
}

/* -- Leaves ------------------------------------------------------------------------ */

static bool is_text(Type t)
{
    return t.kind == TY_SCALAR && t.dt == DT_STR;
}

static void leaf_load(Cg *cg, Type t, LLVMValueRef p, CgVal *v)
{
    *v = (CgVal){0};
    if (is_text(t)) {
        *v = cg_text_val(cg, load(cg, cg->ptr, p), load(cg, cg->i64, e_off(cg, p, 8)),
                         load(cg, cg->ptr, e_off(cg, p, 16)));
        return;
    }
    if (t.kind != TY_SCALAR) {
        v->v = load(cg, cg->ptr, p);
        return;
    }
    *v = cg_elem_load(cg, (DType)t.dt, p, mark_element, NULL);
    if (cg_has_ok(t)) v->ok = e_i1(cg, true);
    if (t.null == NULL_PROM) v->prom = e_i1(cg, false);
}

static void leaf_store(Cg *cg, Type t, LLVMValueRef p, CgVal *v)
{
    if (is_text(t)) {
        store(cg, v->v, p);
        store(cg, v->ok, e_off(cg, p, 8));
        store(cg, v->own, e_off(cg, p, 16));
        return;
    }
    if (t.kind == TY_SCALAR)
        cg_elem_store(cg, (DType)t.dt, *v, p, mark_element, NULL);
    else
        store(cg, v->v, p);
}

static bool is_rows(Type t)
{
    return t.kind == TY_ARRAY || t.kind == TY_COL;
}

/* Arrays are counted by the runtime. */
static void count_rows(Cg *cg, CgVal *v, RtNumber call)
{
    cg_arg_ptr(cg, 0, v->v);
    cg_call(cg, call, NULL, 1, 0);
}

/* One more reference of what a leaf holds, for the reader. */
static void leaf_ref(Cg *cg, Type t, CgVal *v)
{
    if (t.kind == TY_OBJ) cg_own_ref(cg, v->v);
    if (is_text(t)) cg_own_ref(cg, v->own);
    if (is_rows(t)) count_rows(cg, v, RTN_ref);
}

/* The container lets go of it. */
static void leaf_unref(Cg *cg, Type t, CgVal *v)
{
    if (t.kind == TY_OBJ) cg_own_unref(cg, v->v);
    if (is_text(t)) cg_own_unref(cg, v->own);
    if (is_rows(t)) count_rows(cg, v, RTN_unkept);
}

/* The container's reference becomes the reader's. */
static void leaf_take(Cg *cg, Type t, CgVal *v)
{
    if (is_rows(t)) count_rows(cg, v, RTN_taken);
}

/* A reference for the container; borrowed text becomes a block. */
static void leaf_keep(Cg *cg, Type t, CgVal *v)
{
    if (is_rows(t)) {
        count_rows(cg, v, RTN_kept);
        return;
    }
    if (!is_text(t)) {
        leaf_ref(cg, t, v);
        return;
    }
    LLVMBasicBlockRef mine = e_block(cg, "owned"), copy = e_block(cg, "borrowed"),
                      go = e_block(cg, "");
    LLVMValueRef null = e_icmp(cg, LLVMIntEQ, v->own, LLVMConstNull(cg->ptr));
    e_if(cg, null, copy, mine);
    e_goto(cg, mine);
    cg_own_ref(cg, v->own);
    LLVMBasicBlockRef a = e_here(cg);
    e_br(cg, go);
    e_goto(cg, copy);
    cg_arg(cg, 0, t, *v);
    cg_call(cg, RTN_text_own, NULL, 1, 2);
    LLVMValueRef p = cg_result_raw(cg, 0, cg->ptr), o = cg_result_raw(cg, 1, cg->ptr);
    LLVMBasicBlockRef b = e_here(cg);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef pp = e_phi(cg, cg->ptr), oo = e_phi(cg, cg->ptr);
    e_from(pp, v->v, a);
    e_from(pp, p, b);
    e_from(oo, v->own, a);
    e_from(oo, o, b);
    v->v = pp;
    v->own = oo;
}

/* -- Elements ---------------------------------------------------------------------- */

static CgVal *args_from(Cg *cg, Node *n, int first, int count)
{
    CgVal *v = ARENA_NEW_N(cg->arena, count + 1, CgVal);
    for (int i = 0; i < count; i++)
        v[i] = *cg_get(cg, n->arg[first + i]);
    return v;
}

static void elem_store(Cg *cg, Type t, LLVMValueRef p, CgVal *v)
{
    int64_t off = 0;
    int k = 0;
    each_leaf(cg, t, p, &off, v, &k, leaf_store);
}

static CgVal *elem_load(Cg *cg, Type t, LLVMValueRef p)
{
    CgVal *v = ARENA_NEW_N(cg->arena, leaf_n(cg, t) + 1, CgVal);
    int64_t off = 0;
    int k = 0;
    each_leaf(cg, t, p, &off, v, &k, leaf_load);
    return v;
}

static void array_parts(Cg *cg, Type t, CgVal *v)
{
    if (t.kind != TY_ARRAY && t.kind != TY_COL) return;
    LLVMValueRef slot = e_alloca(cg, cg->slot, 1, 16);
    e_store(cg, v->v, slot);
    *v = cg_slot_load(cg, slot, 0, t);
}

typedef void EachLeaf(Cg *cg, Type t, CgVal *v);

static void each_val(Cg *cg, Type t, CgVal *v, EachLeaf *f)
{
    Leaves l = {0};
    comp_leaves(cg->fn, t, &l);
    vec_each (i, &l.at)
        f(cg, l.at.at[i], &v[i]);
}

static bool is_counted(Cg *cg, Type t)
{
    Leaves l = {0};
    comp_leaves(cg->fn, t, &l);
    vec_each (i, &l.at)
        if (l.at.at[i].kind != TY_SCALAR || is_text(l.at.at[i])) return true;
    return false;
}

/* An absent optional's references do not exist: its leaves are never counted. The
 * reader's copies of them are made nobody's. */
static void opt_mask(Cg *cg, Type t, CgVal *v, int *k, LLVMValueRef there)
{
    if (is_bundle(cg, t)) {
        const CompType *c = comp_of(cg->fn, t);
        if (c->kind == COMP_OPT) {
            LLVMValueRef p = v[(*k)++].v;
            there = there ? e_and(cg, there, p) : p;
        }
        for (int i = 0; i < c->n; i++)
            opt_mask(cg, c->item[i], v, k, there);
        return;
    }
    if (t.kind == TY_NONE) return;
    CgVal *x = &v[(*k)++];
    if (!there) return;
    LLVMValueRef null = LLVMConstNull(cg->ptr);
    if (is_text(t)) {
        LLVMValueRef nobody = LLVMConstIntToPtr(e_i64(cg, OBJ_IMMORTAL), cg->ptr);
        x->own = e_select(cg, there, x->own, nobody);
        x->ok = e_select(cg, there, x->ok, e_i64(cg, 0));
    } else if (t.kind == TY_OBJ || is_rows(t)) {
        x->v = e_select(cg, there, x->v, null);
    }
}

static void keep(Cg *cg, Type t, CgVal *v)
{
    int k = 0;
    opt_mask(cg, t, v, &k, NULL);
    each_val(cg, t, v, leaf_keep);
}

/* The results of n from result `first` on are the element at p, one reference each. */
static void give(Cg *cg, Node *n, int first, Type t, LLVMValueRef p, bool ref)
{
    CgVal *v = elem_load(cg, t, p);
    int count = leaf_n(cg, t), k = 0;
    opt_mask(cg, t, v, &k, NULL);
    each_val(cg, t, v, ref ? leaf_ref : leaf_take);
    each_val(cg, t, v, array_parts);
    for (int i = 0; i < count; i++)
        cg_set(cg, &n->res[first + i], v[i]);
}

static LLVMValueRef room_for(Cg *cg, Type t)
{
    int64_t size = stride_of(cg, t);
    return e_alloca(cg, cg->i64, (size + 7) / 8 + 1, 16);
}

/* -- Index checks ------------------------------------------------------------------ */

static LLVMValueRef index_value(Cg *cg, Node *node)
{
    Val *index = node->arg[node->op == OP_CHARAT ? 2 : 1];
    bool zero = dt_is_unsigned((DType)index->type.dt) || index->type.dt == DT_BOOL;
    LLVMValueRef i = cg_get(cg, index)->v;
    return zero ? e_zext(cg, i, cg->i64) : e_sext(cg, i, cg->i64);
}

LLVMValueRef cg_index(Cg *cg, Node *node, LLVMValueRef n, const char *text)
{
    LLVMValueRef i = index_value(cg, node);
    if (node_int(node, "nocheck", 0)) return i;
    LLVMValueRef neg = e_icmp(cg, LLVMIntSLT, i, e_i64(cg, 0));
    i = e_select(cg, neg, e_add(cg, i, n), i);
    LLVMBasicBlockRef out = e_block(cg, "outside"), in = e_block(cg, "");
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntUGE, i, n), out, in));
    e_goto(cg, out);
    int k = cg_text(cg, text, (idx)strlen(text));
    cg_arg_i64(cg, 0, e_i64(cg, E_INDEX));
    cg_arg(cg, 1, type_scalar(DT_STR),
           cg_text_val(cg, cg_text_data(cg, k), e_i64(cg, cg->texts.at[k].n), NULL));
    cg_call(cg, RTN_raise, NULL, 2, 0);
    e_br(cg, in);
    e_goto(cg, in);
    return i;
}

/* -- Lists ------------------------------------------------------------------------- */

static const CompType *comp_arg(Cg *cg, Node *n)
{
    const CompType *c = n->narg ? comp_of(cg->fn, n->arg[0]->type) : NULL;
    if (!c) cg_bug(cg, "%s needs an object", op_info[n->op].id);
    return c;
}

int64_t cg_list_stride(Cg *cg, Type list)
{
    return stride_of(cg, comp_of(cg->fn, list)->item[0]);
}

bool cg_list_is_plain(Cg *cg, Type t)
{
    return comp_is(cg->fn, t, COMP_LIST) &&
           !is_counted(cg, comp_of(cg->fn, t)->item[0]);
}

static LLVMValueRef list_elem(Cg *cg, Node *n, Type t, const char *what)
{
    LLVMValueRef l = cg_get(cg, n->arg[0])->v;
    const CgList *held = cg_list_held(cg, n->arg[0]);
    LLVMValueRef i;
    if (cg_is_proved(cg, n))
        i = index_value(cg, n);
    else
        i = cg_index(cg, n,
                     held && held->n ? held->n : cg_obj_head(cg, cg->i64, l, OBJ_AT_N),
                     what);
    LLVMValueRef data = held ? held->data : cg_obj_head(cg, cg->ptr, l, OBJ_AT_DATA);
    return e_at(cg, cg->i8, data, e_mul(cg, i, e_i64(cg, stride_of(cg, t))));
}

static void list_get(Cg *cg, Node *n)
{
    Type t = comp_arg(cg, n)->item[0];
    bool tuple = node_int(n, "tuple", 0) != 0;
    give(cg, n, 0, t,
         list_elem(cg, n, t,
                   tuple ? "tuple index out of range" : "list index out of range"),
         true);
}

/* The element at p becomes v. */
static void replace(Cg *cg, Type t, LLVMValueRef p, CgVal *v)
{
    if (!is_counted(cg, t)) {
        elem_store(cg, t, p, v);
        return;
    }
    keep(cg, t, v);
    CgVal *old = elem_load(cg, t, p);
    int k = 0;
    opt_mask(cg, t, old, &k, NULL);
    elem_store(cg, t, p, v);
    each_val(cg, t, old, leaf_unref);
}

static void list_set(Cg *cg, Node *n)
{
    Type t = comp_arg(cg, n)->item[0];
    LLVMValueRef p = list_elem(cg, n, t, "list assignment index out of range");
    replace(cg, t, p, args_from(cg, n, 2, n->narg - 2));
}

/* There is room behind the k elements; the new length. */
static LLVMValueRef push(Cg *cg, Type t, LLVMValueRef l, LLVMValueRef k,
                         LLVMValueRef data, CgVal *v)
{
    LLVMValueRef p = e_at(cg, cg->i8, data, e_mul(cg, k, e_i64(cg, stride_of(cg, t))));
    elem_store(cg, t, p, v);
    LLVMValueRef more = e_add(cg, k, e_i64(cg, 1));
    cg_obj_set_head(cg, more, l, OBJ_AT_N);
    return more;
}

static void list_push(Cg *cg, Node *n)
{
    Type t = comp_arg(cg, n)->item[0];
    LLVMValueRef l = cg_get(cg, n->arg[0])->v;
    CgVal *v = args_from(cg, n, 1, n->narg - 1);
    keep(cg, t, v);
    CgList *room = cg_list_held(cg, n->arg[0]);
    if (room) {
        LLVMValueRef at =
            room->each ? room->next : cg_obj_head(cg, cg->i64, l, OBJ_AT_N);
        room->next = push(cg, t, l, at, room->data, v);
        return;
    }
    int made = cg_list_made_with(n, n->arg[0]);
    LLVMValueRef k =
        made >= 0 ? e_i64(cg, made) : cg_obj_head(cg, cg->i64, l, OBJ_AT_N);
    LLVMValueRef full =
        e_icmp(cg, LLVMIntEQ, k, cg_obj_head(cg, cg->i64, l, LIST_AT_CAP));
    LLVMBasicBlockRef grow = e_block(cg, "grow"), go = e_block(cg, "push");
    e_cold(cg, e_if(cg, full, grow, go));
    e_goto(cg, grow);
    cg_arg_ptr(cg, 0, l);
    cg_call(cg, RTN_list_grow, NULL, 1, 0);
    e_br(cg, go);
    e_goto(cg, go);
    (void)push(cg, t, l, k, cg_obj_head(cg, cg->ptr, l, OBJ_AT_DATA), v);
}

/* -- Fields of nodes --------------------------------------------------------------- */

static LLVMValueRef field_at(Cg *cg, Node *n, Type *t)
{
    const CompType *body = comp_of(cg->fn, comp_arg(cg, n)->node->body);
    int64_t k = node_int(n, "k", 0), off = 0;
    for (int64_t i = 0; i <= k; i++) {
        *t = body->item[i];
        Lay l = lay_of(cg, *t);
        off = round_up(off, l.align) + (i < k ? l.size : 0);
    }
    return e_off(cg, cg_get(cg, n->arg[0])->v, NODE_AT_BODY + off);
}

static void field_get(Cg *cg, Node *n)
{
    Type t;
    LLVMValueRef p = field_at(cg, n, &t);
    give(cg, n, 0, t, p, true);
}

static void field_set(Cg *cg, Node *n)
{
    Type t;
    LLVMValueRef p = field_at(cg, n, &t);
    replace(cg, t, p, args_from(cg, n, 1, n->narg - 1));
}

/* -- Entries of dicts -------------------------------------------------------------- */

static LLVMValueRef entry(Cg *cg, Node *n, int64_t at, int64_t stride)
{
    LLVMValueRef d = cg_get(cg, n->arg[0])->v, i = cg_get(cg, n->arg[1])->v;
    LLVMValueRef data = cg_obj_head(cg, cg->ptr, d, OBJ_AT_DATA);
    LLVMValueRef p = e_at(cg, cg->i8, data, e_mul(cg, i, e_i64(cg, stride)));
    return e_off(cg, p, at);
}

static void entry_has(Cg *cg, Node *n)
{
    int64_t stride;
    (void)val_at(cg, comp_arg(cg, n), &stride);
    LLVMValueRef h = load(cg, cg->i64, entry(cg, n, 0, stride));
    cg_set(cg, &n->res[0], (CgVal){.v = e_icmp(cg, LLVMIntNE, h, e_i64(cg, 0))});
}

static void entry_get(Cg *cg, Node *n)
{
    const CompType *c = comp_arg(cg, n);
    int64_t stride, at = val_at(cg, c, &stride);
    bool val = node_int(n, "val", 0) != 0;
    give(cg, n, 0, c->item[val], entry(cg, n, val ? at : ENTRY_AT_KEY, stride), true);
}

static void entry_set(Cg *cg, Node *n)
{
    const CompType *c = comp_arg(cg, n);
    Type t = c->item[1];
    int64_t stride, at = val_at(cg, c, &stride);
    CgVal *v = args_from(cg, n, 2, n->narg - 2);
    keep(cg, t, v);
    LLVMValueRef p = entry(cg, n, at, stride);
    bool counted = is_counted(cg, t);
    CgVal *old = counted ? elem_load(cg, t, p) : NULL;
    int k = 0;
    if (counted) opt_mask(cg, t, old, &k, NULL);
    elem_store(cg, t, p, v);
    if (counted) each_val(cg, t, old, leaf_unref);
}

/* -- Characters -------------------------------------------------------------------- */

static LLVMValueRef byte_at(Cg *cg, LLVMValueRef text, LLVMValueRef i)
{
    return tagged(cg, e_load(cg, cg->i8, e_at(cg, cg->i8, text, i)), "text");
}

/* ASCII, where characters are bytes, or the runtime walks. */
static void char_at(Cg *cg, Node *n)
{
    CgVal t = *cg_get(cg, n->arg[0]);
    if (cg_is_proved(cg, n)) {
        LLVMValueRef b = byte_at(cg, t.v, index_value(cg, n));
        cg_set(cg, &n->res[0], (CgVal){.v = e_zext(cg, b, cg->i32)});
        return;
    }
    LLVMValueRef chars = cg_get(cg, n->arg[1])->v;
    bool raw = node_int(n, "raw", 0) != 0;
    LLVMValueRef i = cg_index(cg, n, chars,
                              raw ? "index out of range" : "string index out of range");
    if (raw) {
        LLVMValueRef b = byte_at(cg, t.v, i);
        cg_set(cg, &n->res[0], (CgVal){.v = e_zext(cg, b, cg->i32)});
        return;
    }
    LLVMBasicBlockRef ascii = e_block(cg, "ascii"), wide = e_block(cg, "wide"),
                      go = e_block(cg, "");
    e_if(cg, e_icmp(cg, LLVMIntEQ, chars, t.ok), ascii, wide);
    e_goto(cg, ascii);
    LLVMValueRef b = e_zext(cg, byte_at(cg, t.v, i), cg->i32);
    e_br(cg, go);
    e_goto(cg, wide);
    cg_arg(cg, 0, n->arg[0]->type, t);
    cg_arg_ptr(cg, 1, t.own);
    LLVMValueRef near = cg_get(cg, n->arg[1])->own;
    cg_arg_i64(cg, 2, chars);
    cg_arg_i64(cg, 3, i);
    cg_arg_ptr(cg, 4, near ? near : LLVMConstNull(cg->ptr));
    cg_call(cg, RTN_text_at, NULL, 5, 1);
    LLVMValueRef w = e_trunc(cg, cg_result_raw(cg, 0, cg->i64), cg->i32);
    LLVMBasicBlockRef from = e_here(cg);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef c = e_phi(cg, cg->i32);
    e_from(c, b, ascii);
    e_from(c, w, from);
    cg_set(cg, &n->res[0], (CgVal){.v = c});
}

static LLVMValueRef ascii_table(Cg *cg)
{
    char *b = arena_alloc(cg->arena, 128); /* lives as long as the list of texts */
    for (int i = 0; i < 128; i++)
        b[i] = (char)i;
    int k = cg_text(cg, b, 128);
    return cg_text_data(cg, k);
}

static void char_text(Cg *cg, Node *n)
{
    LLVMValueRef c = cg_get(cg, n->arg[0])->v;
    LLVMBasicBlockRef from = e_here(cg), wide = e_block(cg, "wide"),
                      go = e_block(cg, "");
    LLVMValueRef small = e_at(cg, cg->i8, ascii_table(cg), e_zext(cg, c, cg->i64));
    e_if(cg, e_icmp(cg, LLVMIntULT, c, e_i32(cg, 128)), go, wide);
    e_goto(cg, wide);
    cg_arg_i64(cg, 0, e_sext(cg, c, cg->i64));
    cg_call(cg, RTN_text_char, NULL, 1, 2);
    LLVMValueRef part[3] = {cg_result_raw(cg, 0, cg->ptr),
                            e_load(cg, cg->i64, e_off(cg, cg->slots_out, 8)),
                            cg_result_raw(cg, 1, cg->ptr)};
    LLVMBasicBlockRef end = e_here(cg);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef own = LLVMConstIntToPtr(e_i64(cg, OBJ_IMMORTAL), cg->ptr);
    LLVMValueRef flat[3] = {small, e_i64(cg, 1), own}, v[3];
    for (int k = 0; k < 3; k++) {
        v[k] = e_phi(cg, LLVMTypeOf(flat[k]));
        e_from(v[k], flat[k], from);
        e_from(v[k], part[k], end);
    }
    cg_set(cg, &n->res[0], cg_text_val(cg, v[0], v[1], v[2]));
}

/* -- Calls ------------------------------------------------------------------------- */

/* The type of the values of letter in args and res. */
static Type letter_type(Cg *cg, Node *n, char letter, int at)
{
    if (letter == 'e' || letter == 'k') return comp_arg(cg, n)->item[0];
    if (letter == 'w') return comp_arg(cg, n)->item[1];
    int64_t of = node_int(n, "xof", 0);
    if (of) return (Type){.kind = TY_OBJ, .of = (uint16_t)of};
    if (at >= n->narg) cg_bug(cg, "%s: a value is missing", op_info[n->op].id);
    return n->arg[at]->type;
}

static LLVMValueRef call_attrs(Cg *cg, Node *n, Type type)
{
    AttrWriter w;
    size_t size;
    attr_begin(&w, cg->arena);
    vec_each (i, &n->attr) {
        const Attr *a = &n->attr.at[i];
        bool ours = !strcmp(a->name, "fn") || !strcmp(a->name, "args") ||
                    !strcmp(a->name, "res") || !strcmp(a->name, "xof");
        if (ours) continue;
        if (a->kind == AT_INT) attr_put_int(&w, a->name, a->i);
        if (a->kind == AT_TEXT) attr_put_text_n(&w, a->name, a->s, (size_t)a->n);
    }
    if (type.kind != TY_NONE) {
        attr_put_text(&w, "type", comp_code(cg->fn, type, false));
    }
    const AttrBlob *blob = attr_end(&w, &size);
    return cg_bytes(cg, blob, size, 8, "attr");
}

/* Arguments into slots; returns the number of slots. xtype: of an 'x' among them. */
static int call_args(Cg *cg, Node *n, Type *xtype)
{
    const char *letters = node_text(n, "args");
    int slot = 0;
    for (int i = 0, k = 0; i < n->narg; k++) {
        char letter = letters && letters[k] ? letters[k] : '.';
        if (letter != '.') {
            Type t = letter_type(cg, n, letter, i);
            int count = leaf_n(cg, t);
            LLVMValueRef p = room_for(cg, t);
            elem_store(cg, t, p, args_from(cg, n, i, count));
            cg_arg_ptr(cg, slot++, p);
            if (letter == 'x') *xtype = t;
            i += count;
            continue;
        }
        CgVal v = *cg_get(cg, n->arg[i]);
        cg_arg(cg, slot++, n->arg[i]->type, v);
        if (is_text(n->arg[i]->type)) cg_arg_ptr(cg, slot++, v.own);
        i++;
    }
    return slot;
}

static void call_result(Cg *cg, Node *n, int i, int *slot)
{
    Type t = n->res[i].type;
    if (!is_text(t)) {
        cg_set(cg, &n->res[i], cg_result(cg, (*slot)++, t));
        return;
    }
    CgVal v = cg_result(cg, *slot, t);
    v.own = cg_result_raw(cg, *slot + 1, cg->ptr);
    *slot += 2;
    cg_set(cg, &n->res[i], v);
}

/* The new list, or the one that waited. */
static void join_spare(Cg *cg, Node *n, LLVMBasicBlockRef at, LLVMValueRef again,
                       LLVMBasicBlockRef from)
{
    LLVMBasicBlockRef here = e_here(cg);
    e_br(cg, at);
    e_goto(cg, at);
    LLVMValueRef l = e_phi(cg, cg->ptr);
    e_from(l, again, from);
    e_from(l, cg_get(cg, &n->res[0])->v, here);
    cg_set(cg, &n->res[0], (CgVal){.v = l});
}

static void call_named(Cg *cg, Node *n)
{
    const char *fn = node_text(n, "fn"), *res = node_text(n, "res");
    int id = fn ? cg_call_number(fn) : -1, nout = 0;
    if (id < 0) cg_bug(cg, "no runtime call %s", fn ? fn : "");
    Type type = {.kind = TY_NONE};
    LLVMValueRef again = NULL;
    LLVMBasicBlockRef from = NULL, join = NULL;
    if (id == RTN_list_new) join = cg_spare_take(cg, n->res[0].type, &again, &from);
    int nin = call_args(cg, n, &type);
    /* Places for elements that come back. */
    LLVMValueRef room[4] = {NULL};
    for (int i = 0, k = 0; i < n->nres; k++) {
        char letter = res && res[k] ? res[k] : '.';
        if (letter == '.') {
            if (n->res[i].type.kind == TY_OBJ) type = n->res[i].type;
            nout += is_text(n->res[i].type) ? 2 : 1;
            i++;
            continue;
        }
        Type t = letter_type(cg, n, letter, 0);
        room[k] = room_for(cg, t);
        cg_arg_ptr(cg, nin++, room[k]);
        i += leaf_n(cg, t);
    }
    if (n->res && n->nres == 0) nout = 0;
    cg_call(cg, (RtNumber)id, call_attrs(cg, n, type), nin, nout);
    int slot = 0;
    for (int i = 0, k = 0; i < n->nres; k++) {
        if (!room[k]) {
            call_result(cg, n, i++, &slot);
            continue;
        }
        Type t = letter_type(cg, n, res[k], 0);
        give(cg, n, i, t, room[k], false);
        i += leaf_n(cg, t);
    }
    if (join) join_spare(cg, n, join, again, from);
}

/* Where a character of the text was read last: index and byte (TextPlace). It begins
 * anew wherever the text does, since its characters are counted right behind it. So
 * loops over text that is not ASCII walk it once. */
static LLVMValueRef text_place(Cg *cg)
{
    LLVMValueRef p = e_alloca(cg, cg->i64, 2, 8);
    e_store(cg, e_i64(cg, 0), p);
    e_store(cg, e_i64(cg, 0), e_off(cg, p, 8));
    return p;
}

/* Four bytes of the text from byte `at` on. */
static LLVMValueRef four_at(Cg *cg, LLVMValueRef text, LLVMValueRef at)
{
    LLVMValueRef v =
        tagged(cg, e_load(cg, cg->i32, e_at(cg, cg->i8, text, at)), "text");
    LLVMSetAlignment(v, 1);
    return v;
}

/* Text of 4 to 16 bytes, as words are: whether all are ASCII, by four loads that may
 * overlap. Goes to `go` with a character a byte; behind it the builder stands where the
 * bytes have to be counted. */
static LLVMBasicBlockRef short_ascii(Cg *cg, CgVal t, LLVMBasicBlockRef go)
{
    LLVMBasicBlockRef some = e_block(cg, "short"), count = e_block(cg, "count");
    LLVMValueRef four = e_i64(cg, 4), zero = e_i64(cg, 0);
    LLVMValueRef last = e_sub(cg, t.ok, four), before = e_sub(cg, last, four);
    e_if(cg, e_icmp(cg, LLVMIntULE, last, e_i64(cg, 12)), some, count);
    e_goto(cg, some);
    LLVMValueRef second = e_intrinsic(cg, "llvm.smin", 2, (LLVMValueRef[]){last, four});
    LLVMValueRef third =
        e_intrinsic(cg, "llvm.smax", 2, (LLVMValueRef[]){before, zero});
    LLVMValueRef any =
        e_or(cg, e_or(cg, four_at(cg, t.v, zero), four_at(cg, t.v, second)),
             e_or(cg, four_at(cg, t.v, third), four_at(cg, t.v, last)));
    any = e_and(cg, any, LLVMConstInt(cg->i32, 0x80808080u, false));
    e_if(cg, e_icmp(cg, LLVMIntEQ, any, e_i32(cg, 0)), go, count);
    e_goto(cg, count);
    return some;
}

static void text_len(Cg *cg, Node *n)
{
    CgVal t = *cg_get(cg, n->arg[0]);
    if (node_int(n, "raw", 0)) { /* bytes */
        cg_set(cg, &n->res[0], (CgVal){.v = t.ok});
        return;
    }
    if (LLVMIsConstant(t.ok) && n->arg[0]->def && n->arg[0]->def->op == OP_CONST) {
        const Attr *a = node_attr(n->arg[0]->def, "v");
        int64_t k = 0;
        for (idx i = 0; a && i < a->n; i++)
            k += ((unsigned char)a->s[i] & 0xc0) != 0x80;
        cg_set(cg, &n->res[0], (CgVal){.v = e_i64(cg, k), .own = text_place(cg)});
        return;
    }
    LLVMBasicBlockRef go = e_block(cg, ""), from = short_ascii(cg, t, go);
    cg_arg(cg, 0, n->arg[0]->type, t);
    cg_arg_ptr(cg, 1, t.own);
    cg_call(cg, RTN_text_chars, NULL, 2, 1);
    LLVMValueRef counted = cg_result_raw(cg, 0, cg->i64);
    LLVMBasicBlockRef here = e_here(cg);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef chars = e_phi(cg, cg->i64);
    e_from(chars, t.ok, from);
    e_from(chars, counted, here);
    cg_set(cg, &n->res[0], (CgVal){.v = chars, .own = text_place(cg)});
}

void cg_obj(Cg *cg, Node *n)
{
    switch ((Op)n->op) {
    case OP_TEXT:
    case OP_OBJREAD:
    case OP_OBJWRITE: call_named(cg, n); break;
    case OP_OBJLEN: {
        int at = node_int(n, "used", 0) ? DICT_AT_USED : OBJ_AT_N;
        const CgList *held = cg_list_held(cg, n->arg[0]);
        CgVal v = {.v = held ? held->n : NULL};
        if (!v.v) v.v = cg_obj_head(cg, cg->i64, cg_get(cg, n->arg[0])->v, at);
        cg_set(cg, &n->res[0], v);
        break;
    }
    case OP_LISTGET: list_get(cg, n); break;
    case OP_LISTSET: list_set(cg, n); break;
    case OP_LISTPUSH: list_push(cg, n); break;
    case OP_FIELDGET: field_get(cg, n); break;
    case OP_FIELDSET: field_set(cg, n); break;
    case OP_ENTRYHAS: entry_has(cg, n); break;
    case OP_ENTRYGET: entry_get(cg, n); break;
    case OP_ENTRYSET: entry_set(cg, n); break;
    case OP_CHARAT: char_at(cg, n); break;
    case OP_CHARTEXT: char_text(cg, n); break;
    case OP_TEXTLEN: text_len(cg, n); break;
    default: cg_bug(cg, "%s has no code", op_info[n->op].id);
    }
}
