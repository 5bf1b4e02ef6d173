/* SPDX-License-Identifier: Apache-2.0
 * Elements of ndarrays: a[i] and a[i] = v, with a bounds check unless {nocheck}. A
 * negative index counts from the end.
 */
#include "codegen/cg.h"

#include "array/array_layout.h"
#include "codegen/cg_emit.h"
#include "object/object_layout.h"

/* The block that raises IndexError, as NumPy words it: one for all checks, so that a
 * check is small. */
static CgIndexFail *index_fail(Cg *cg)
{
    CgIndexFail *f = &cg->index;
    if (f->block) return f;
    LLVMBasicBlockRef here = e_here(cg);
    f->block = e_block(cg, "outside");
    e_goto(cg, f->block);
    f->site = e_phi(cg, cg->i64);
    f->i = e_phi(cg, cg->i64);
    f->n = e_phi(cg, cg->i64);
    f->axis = e_phi(cg, cg->i64);
    cg_arg_i64(cg, 0, e_i64(cg, E_INDEX));
    cg_arg_i64(cg, 2, f->i);
    cg_arg_i64(cg, 3, f->n);
    cg_arg_i64(cg, 4, f->axis);
    LLVMValueRef st = cg_call_status(cg, RTN_raise, NULL, 5, 0);
    e_from(cg->fail_site, f->site, f->block);
    e_from(cg->fail_status, st, f->block);
    e_br(cg, cg->fail);
    e_goto(cg, here);
    return f;
}

/* Without a check a negative index still counts from the end. */
static LLVMValueRef from_end(Cg *cg, LLVMValueRef i, LLVMValueRef n)
{
    LLVMValueRef negative = e_icmp(cg, LLVMIntSLT, i, e_i64(cg, 0));
    return e_select(cg, negative, e_add(cg, i, n), i);
}

static void to_index_fail(Cg *cg, LLVMBasicBlockRef from, const CgBounds *b)
{
    CgIndexFail *f = &cg->index;
    e_from(f->site, e_i64(cg, cg->site), from);
    e_from(f->i, b->shown, from);
    e_from(f->n, b->total ? b->total : b->n, from);
    e_from(f->axis, e_i64(cg, b->axis), from);
}

/* Without a block of its own for negative indices: the copy of a nest that checks is
 * there for what hardly happens, and is to be compiled fast. A part of the rows has no
 * end to count from. */
static LLVMValueRef check_small(Cg *cg, CgBounds *b)
{
    LLVMBasicBlockRef in = e_block(cg, ""), here = e_here(cg);
    LLVMBasicBlockRef out = index_fail(cg)->block;
    LLVMValueRef at = b->first ? b->i : from_end(cg, b->i, b->n);
    b->shown = b->first ? e_add(cg, b->i, b->first) : b->i;
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntUGE, at, b->n), out, in));
    to_index_fail(cg, here, b);
    e_goto(cg, in);
    return at;
}

/* The place of element i of n. What is usual, 0 <= i < n, costs one comparison; a
 * negative index and the failure are on a cold path. */
static LLVMValueRef check_bounds(Cg *cg, CgBounds *b)
{
    if (cg->careful || b->first) return check_small(cg, b);
    LLVMBasicBlockRef odd = e_block(cg, "odd"), in = e_block(cg, "");
    LLVMBasicBlockRef usual = e_here(cg);
    CgIndexFail *f = index_fail(cg);
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntUGE, b->i, b->n), odd, in));
    e_goto(cg, odd);
    LLVMValueRef back = e_add(cg, b->i, b->n);
    b->shown = b->i;
    e_cold(cg, e_if(cg, e_icmp(cg, LLVMIntUGE, back, b->n), f->block, in));
    to_index_fail(cg, odd, b);
    e_goto(cg, in);
    LLVMValueRef at = e_phi(cg, cg->i64);
    e_from(at, b->i, usual);
    e_from(at, back, odd);
    return at;
}

LLVMValueRef cg_checked(Cg *cg, const Val *array, const Val *index, CgBounds b)
{
    if (cg->unchecked) return b.first ? b.i : from_end(cg, b.i, b.n);
    vec_each (k, &cg->seen)
        if (cg->seen.at[k].array == array && cg->seen.at[k].index == index)
            return cg->seen.at[k].at;
    CgSeen s = {array, index, check_bounds(cg, &b)};
    vec_push(cg->arena, &cg->seen, s);
    return s.at;
}

void cg_bounds_part(Cg *cg, const Node *n, int at, CgBounds *b)
{
    if (!node_int(n, "part", 0)) return;
    b->first = cg_get(cg, n->arg[at])->v;
    b->total = cg_get(cg, n->arg[at + 1])->v;
}

/* The checked place in the array of arg[0] that arg[1] names. */
static LLVMValueRef element_index(Cg *cg, Node *n)
{
    Val *array = n->arg[0], *index = n->arg[1];
    CgVal a = *cg_get(cg, array);
    bool zero = dt_is_unsigned((DType)index->type.dt) || index->type.dt == DT_BOOL;
    LLVMValueRef i = cg_get(cg, index)->v;
    i = zero ? e_zext(cg, i, cg->i64) : e_sext(cg, i, cg->i64);
    if (cg_is_sure(cg, n)) return i;
    CgBounds b = {.i = i, .n = a.prom};
    cg_bounds_part(cg, n, 2, &b);
    return cg_checked(cg, array, index, b);
}

/* Address of the element that arg[0], arg[1] name. */
static LLVMValueRef element(Cg *cg, Node *n)
{
    const Val *array = n->arg[0];
    if (node_attr(n, "nd")) return cg_nd_element(cg, n);
    LLVMValueRef i = element_index(cg, n);
    return e_at(cg, cg_mem_type(cg, (DType)array->type.dt), cg_get(cg, n->arg[0])->ok,
                i);
}

/* -- Elements with a validity bit, and text ---------------------------------------- */

static LLVMValueRef field(Cg *cg, LLVMTypeRef t, LLVMValueRef array, int at)
{
    return e_load(cg, t, e_off(cg, array, at));
}

/* Bit i of the array's validity: no bitmap means that all rows are present. */
static LLVMValueRef present(Cg *cg, LLVMValueRef array, LLVMValueRef i)
{
    LLVMValueRef bits = field(cg, cg->ptr, array, ARRAY_AT_VALID);
    LLVMBasicBlockRef some = e_block(cg, "valid"), go = e_block(cg, ""),
                      from = e_here(cg);
    e_if(cg, e_icmp(cg, LLVMIntEQ, bits, LLVMConstNull(cg->ptr)), go, some);
    e_goto(cg, some);
    LLVMValueRef at = e_at(cg, cg->i8, bits, e_lshr(cg, i, e_i64(cg, 3)));
    LLVMValueRef byte = e_zext(cg, e_load(cg, cg->i8, at), cg->i64);
    byte = e_lshr(cg, byte, e_and(cg, i, e_i64(cg, 7)));
    LLVMValueRef bit = LLVMBuildTrunc(cg->b, byte, cg->i1, "");
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef ok = e_phi(cg, cg->i1);
    e_from(ok, e_i1(cg, true), from);
    e_from(ok, bit, some);
    return ok;
}

/* Text of row i, borrowed from the array: the run time keeps one of text for the whole
 * call (rt_toarray). */
static CgVal text_at(Cg *cg, LLVMValueRef array, LLVMValueRef i)
{
    LLVMValueRef dict = field(cg, cg->ptr, array, ARRAY_AT_DICT);
    LLVMBasicBlockRef coded = e_block(cg, "coded"), go = e_block(cg, ""),
                      from = e_here(cg);
    e_if(cg, e_icmp(cg, LLVMIntEQ, dict, LLVMConstNull(cg->ptr)), go, coded);
    e_goto(cg, coded);
    LLVMValueRef codes = field(cg, cg->ptr, array, ARRAY_AT_DATA);
    LLVMValueRef code =
        e_sext(cg, e_load(cg, cg->i32, e_at(cg, cg->i32, codes, i)), cg->i64);
    e_br(cg, go);
    e_goto(cg, go);
    LLVMValueRef of = e_phi(cg, cg->ptr), at = e_phi(cg, cg->i64);
    e_from(of, array, from);
    e_from(of, dict, coded);
    e_from(at, i, from);
    e_from(at, code, coded);
    LLVMValueRef off = field(cg, cg->ptr, of, ARRAY_AT_OFF);
    LLVMValueRef text = field(cg, cg->ptr, of, ARRAY_AT_BYTES);
    LLVMValueRef a = e_load(cg, cg->i64, e_at(cg, cg->i64, off, at));
    LLVMValueRef b =
        e_load(cg, cg->i64, e_at(cg, cg->i64, off, e_add(cg, at, e_i64(cg, 1))));
    LLVMValueRef n =
        e_select(cg, present(cg, array, i), e_sub(cg, b, a), e_i64(cg, TEXT_NAN));
    return cg_text_val(cg, e_at(cg, cg->i8, text, a), n, LLVMConstNull(cg->ptr));
}

static bool has_validity(Type t)
{
    return t.dt == DT_STR || cg_has_ok(t);
}

static void get_nullable(Cg *cg, Node *n, Type t)
{
    LLVMValueRef array = cg_get(cg, n->arg[0])->v, i = element_index(cg, n);
    CgVal c;
    if (t.dt == DT_STR) {
        c = text_at(cg, array, i);
    } else {
        LLVMTypeRef m = cg_mem_type(cg, (DType)t.dt);
        c = (CgVal){.v = e_load(cg, m, e_at(cg, m, cg_get(cg, n->arg[0])->ok, i))};
        if (t.dt == DT_BOOL) c.v = e_icmp(cg, LLVMIntNE, c.v, LLVMConstNull(cg->i8));
        c.ok = present(cg, array, i);
        if (t.null == NULL_PROM)
            c.prom = e_icmp(cg, LLVMIntNE, field(cg, cg->i32, array, ARRAY_AT_PROMOTED),
                            e_i32(cg, 0));
    }
    cg_set(cg, &n->res[0], cg_cast(cg, c, t, n->res[0].type));
}

static void mark(Cg *cg, LLVMValueRef access, const void *array)
{
    cg_mark_apart(cg, access, array);
}

/* -- Elements of arrays of text ---------------------------------------------------- */

/* Characters of an element: the length of the last dimension. */
static LLVMValueRef chars_width(Cg *cg, const Node *n)
{
    int nd = (int)node_int(n, "nd", 0);
    return cg_get(cg, n->arg[1 + 3 * nd])->v;
}

static void chars_get(Cg *cg, Node *n)
{
    LLVMValueRef p = element(cg, n);
    cg_arg_ptr(cg, 0, p);
    cg_arg_i64(cg, 1, chars_width(cg, n));
    cg_call(cg, RTN_chars_text, NULL, 2, 2);
    LLVMValueRef text = cg_result_raw(cg, 0, cg->ptr),
                 len = e_load(cg, cg->i64, e_off(cg, cg->slots_out, 8)),
                 own = cg_result_raw(cg, 1, cg->ptr);
    cg_set(cg, &n->res[0], cg_text_val(cg, text, len, own));
}

static void chars_set(Cg *cg, Node *n, Val *value)
{
    LLVMValueRef p = element(cg, n);
    cg_arg(cg, 0, value->type, *cg_get(cg, value));
    cg_arg_ptr(cg, 1, p);
    cg_arg_i64(cg, 2, chars_width(cg, n));
    cg_call(cg, RTN_chars_store, NULL, 3, 0);
}

void cg_aget(Cg *cg, Node *n)
{
    Type t = type_with(n->arg[0]->type, TY_SCALAR);
    if (has_validity(t)) {
        if (node_attr(n, "nd")) cg_bug(cg, "a view of such elements");
        get_nullable(cg, n, t);
        return;
    }
    if (t.dt == DT_CHAR && n->res[0].type.dt == DT_STR) {
        chars_get(cg, n);
        return;
    }
    CgVal c = cg_elem_load(cg, (DType)t.dt, element(cg, n), mark, n->arg[0]);
    cg_set(cg, &n->res[0], cg_cast(cg, c, t, n->res[0].type));
}

void cg_aset_value(Cg *cg, Node *n, CgVal v)
{
    LLVMValueRef p = element(cg, n);
    cg_elem_store(cg, (DType)n->arg[0]->type.dt, v, p, mark, n->arg[0]);
}

void cg_aset(Cg *cg, Node *n)
{
    Type t = type_with(n->arg[0]->type, TY_SCALAR);
    Val *value = n->arg[n->narg - 1];
    if (t.dt == DT_CHAR && value->type.dt == DT_STR) {
        chars_set(cg, n, value);
        return;
    }
    cg_aset_value(cg, n, cg_cast(cg, *cg_get(cg, value), value->type, t));
}
