/* SPDX-License-Identifier: Apache-2.0
 * MAP: one loop over the rows of an axis, in strips of CG_BLOCK rows:
 *
 *   map_begin                       fresh columns for the results
 *   for each strip
 *     test the abort word
 *     validity bits of the arguments -> bytes
 *     for each row of the strip     the region, on registers; this loop vectorises
 *     validity bytes of the results -> bits
 *     close the strip's float sums
 *   map_end                         null counts
 *
 * Reductions stay in registers. A float sum adds up a strip with reassociation allowed
 * and the strips with Neumaier's compensation. Missing values take part in no
 * reduction.
 *
 * Text: an argument's element is a pointer and a length. A text result is built row by
 * row, unless each of its values is one of the text constants of the function: then the
 * loop writes int32 codes and MKDICT makes a dictionary column of them.
 */
#include "codegen/cg.h"

#include "array/array_layout.h"
#include "base/attr.h"
#include "codegen/cg_emit.h"
#include "object/object_layout.h"

#include <math.h>
#include <string.h>

typedef struct MapIn {
    Type type;
    LLVMValueRef array, data, valid, bytes; /* bytes: of the strip's validity */
    LLVMValueRef off, text;                 /* STR: offsets and text */
    LLVMValueRef is_dict, prom;
} MapIn;

typedef struct MapOut {
    Type type, yield; /* of the result; of what the region yields */
    char letter;      /* as in attr outs */
    bool codes;       /* text result written as codes of a dictionary */
    VEC(int) text;    /* codes: the entries, by their numbers in cg->texts */
    bool fresh_prom;  /* nulls may arise in the loop itself */
    int begin;        /* number among map_begin's columns, -1 */
    LLVMValueRef array, data, valid, bytes;
    LLVMValueRef prom0;      /* promoted by the arguments */
    LLVMValueRef strip, row; /* phis of the accumulator: outer, inner loop */
    LLVMValueRef next;       /* its value after the row */
    LLVMValueRef comp;       /* float sum: phi of the compensation */
    LLVMValueRef seen_strip, seen_row, seen_next; /* i1: some value was present */
    LLVMValueRef prom_strip, prom_row, prom_next; /* i1, when fresh_prom */
} MapOut;

typedef struct Map {
    Node *node;
    int ncol, nin, nout, nbegin;
    MapIn *in;
    MapOut *out;
    bool masked;
    LLVMValueRef rows, base, len, i,
        j;                          /* all; first of strip; of strip; row; in strip */
    LLVMMetadataRef domain, *scope; /* one per result column, the last: arguments */
    int nscope;
} Map;

/* -- What is asked for ---------------------------------------------------------- */

static Val *yielded(const Map *m, int k)
{
    return m->node->region[0]->last->arg[k + m->masked];
}

static bool has_column(const MapOut *o)
{
    return o->letter == 'c' && (o->type.dt != DT_STR || o->codes);
}

static bool is_float_sum(const MapOut *o)
{
    return o->letter == '+' && dt_is_float((DType)o->type.dt);
}

static bool wants_seen(const MapOut *o)
{
    return (o->letter == '<' || o->letter == '>') && o->type.null != NULL_NONE;
}

static Type column_type(const MapOut *o)
{
    if (o->codes) return type_with(type_scalar(DT_I32), TY_SCALAR);
    return type_with(o->type, TY_SCALAR);
}

/* Whether every value of v is a text constant or missing. */
static bool is_text_choice(const Val *v)
{
    const Node *d = v->def;
    if (!d) return false;
    if (d->op == OP_CONST) return true;
    if (d->op == OP_SELECT)
        return is_text_choice(d->arg[1]) && is_text_choice(d->arg[2]);
    if (d->op != OP_IF) return false;
    for (int k = 0; k < 2; k++) {
        const Node *last = d->region[k]->last;
        if (last->op == OP_YIELD && !is_text_choice(last->arg[v->index])) return false;
    }
    return true;
}

/* The text constants among the values of v: entries of its dictionary. */
static void collect_texts(Cg *cg, MapOut *o, const Val *v)
{
    const Node *d = v->def;
    if (d->op == OP_CONST) {
        const Attr *a = node_attr(d, "v");
        if (node_int(d, "na", 0)) return;
        int k = cg_text(cg, a->s, a->n);
        vec_each (i, &o->text)
            if (o->text.at[i] == k) return;
        vec_push(cg->arena, &o->text, k);
    } else if (d->op == OP_SELECT) {
        collect_texts(cg, o, d->arg[1]);
        collect_texts(cg, o, d->arg[2]);
    } else {
        for (int k = 0; k < d->nregion; k++) {
            const Node *last = d->region[k]->last;
            if (last->op == OP_YIELD) collect_texts(cg, o, last->arg[v->index]);
        }
    }
}

/* Whether a masked value of "taken from data" form gets nulls that no argument had. */
static bool makes_nulls(const Val *v)
{
    const Node *d = v->def;
    if (v->type.null != NULL_PROM || v->type.dt == DT_STR || !d) return false;
    if (d->op == OP_CONST) return node_int(d, "na", 0) != 0;
    for (int i = 0; i < d->narg; i++) {
        Type t = d->arg[i]->type;
        if (t.null == NULL_NAT || t.null == NULL_MASK || t.null == NULL_NAN)
            return true;
        if (makes_nulls(d->arg[i])) return true;
    }
    for (int k = 0; k < d->nregion; k++) {
        const Node *last = d->region[k]->last;
        if (last->op == OP_YIELD && makes_nulls(last->arg[v->index])) return true;
    }
    return false;
}

/* Promotion that v takes from the map's arguments. */
static LLVMValueRef prom_of(Cg *cg, const Map *m, const Val *v)
{
    LLVMValueRef p = e_i1(cg, false);
    if (v->type.null != NULL_PROM || v->type.dt == DT_STR) return p;
    if (v->region == m->node->region[0])
        return v->index < m->ncol ? m->in[v->index].prom
                                  : cg_get(cg, m->node->arg[v->index])->prom;
    const Node *d = v->def;
    if (!d) return p;
    for (int i = 0; i < d->narg; i++)
        p = e_or(cg, p, prom_of(cg, m, d->arg[i]));
    for (int k = 0; k < d->nregion; k++) {
        const Node *last = d->region[k]->last;
        if (last->op == OP_YIELD) p = e_or(cg, p, prom_of(cg, m, last->arg[v->index]));
    }
    return p;
}

static void plan_outs(Cg *cg, Map *m)
{
    const Attr *a = node_attr(m->node, "outs");
    const Node *last = m->node->region[0]->last;
    const char *letters = a ? a->s : "";
    idx n = a ? a->n : 0;
    if (last->op != OP_YIELD || last->narg != m->nout + m->masked)
        cg_bug(cg, "a map yields each of its results");
    if (m->masked && n == m->nout + 1) {
        letters++;
        n--;
    }
    if (n != m->nout) cg_bug(cg, "a map has a letter for each result");
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        o->letter = letters[k];
        o->type = m->node->res[k].type;
        o->yield = yielded(m, k)->type;
        o->codes =
            o->letter == 'c' && o->type.dt == DT_STR && is_text_choice(yielded(m, k));
        if (o->codes) collect_texts(cg, o, yielded(m, k));
        o->fresh_prom = o->type.null == NULL_PROM && o->type.dt != DT_STR &&
                        makes_nulls(yielded(m, k));
        o->begin = has_column(o) ? m->nbegin++ : -1;
        if (o->letter != 'c' && o->letter != 'n' && o->type.dt == DT_STR)
            cg_bug(cg, "no reduction of text in a loop");
    }
}

/* -- Alias scopes: the loop's memory accesses do not meet ----------------------- */

static LLVMMetadataRef md_text(Cg *cg, const char *s)
{
    return LLVMMDStringInContext2(cg->ctx, s, strlen(s));
}

static void make_scopes(Cg *cg, Map *m)
{
    int id = cg->nloop++;
    LLVMMetadataRef name = md_text(cg, arena_printf(cg->arena, "loop %d", id));
    m->domain = LLVMMDNodeInContext2(cg->ctx, &name, 1);
    m->nscope = m->nout + 1;
    m->scope = ARENA_NEW_N(cg->arena, m->nscope, LLVMMetadataRef);
    for (int k = 0; k < m->nscope; k++) {
        LLVMMetadataRef op[2] = {
            md_text(cg, arena_printf(cg->arena, "loop %d column %d", id, k)),
            m->domain};
        m->scope[k] = LLVMMDNodeInContext2(cg->ctx, op, 2);
    }
}

/* The access belongs to result column k, or to the arguments (nout). */
static void set_scope(Cg *cg, const Map *m, LLVMValueRef access, int k)
{
    LLVMMetadataRef *other = ARENA_NEW_N(cg->arena, m->nscope, LLVMMetadataRef);
    size_t n = 0;
    for (int i = 0; i < m->nscope; i++)
        if (i != k) other[n++] = m->scope[i];
    LLVMMetadataRef mine = LLVMMDNodeInContext2(cg->ctx, &m->scope[k], 1);
    LLVMMetadataRef rest = LLVMMDNodeInContext2(cg->ctx, other, n);
    LLVMSetMetadata(access, LLVMGetMDKindIDInContext(cg->ctx, "alias.scope", 11),
                    LLVMMetadataAsValue(cg->ctx, mine));
    if (n)
        LLVMSetMetadata(access, LLVMGetMDKindIDInContext(cg->ctx, "noalias", 7),
                        LLVMMetadataAsValue(cg->ctx, rest));
}

static LLVMValueRef load_arg(Cg *cg, const Map *m, LLVMTypeRef t, LLVMValueRef p,
                             LLVMValueRef at)
{
    LLVMValueRef v = e_load(cg, t, e_at(cg, t, p, at));
    set_scope(cg, m, v, m->nout);
    return v;
}

/* -- Before the loop ------------------------------------------------------------ */

static LLVMValueRef field(Cg *cg, LLVMTypeRef t, LLVMValueRef array, int at)
{
    return e_load(cg, t, e_off(cg, array, at));
}

static bool has_bitmap(Type t)
{
    return t.null == NULL_MASK || t.null == NULL_PROM;
}

static void open_text(Cg *cg, MapIn *in)
{
    LLVMValueRef dict = field(cg, cg->ptr, in->array, ARRAY_AT_DICT);
    in->is_dict = e_icmp(cg, LLVMIntNE, dict, LLVMConstNull(cg->ptr));
    LLVMValueRef from = e_select(cg, in->is_dict, dict, in->array);
    in->off = field(cg, cg->ptr, from, ARRAY_AT_OFF);
    in->text = field(cg, cg->ptr, from, ARRAY_AT_BYTES);
    /* A plain column has no codes: offsets are read in their place, and not used. */
    in->data = e_select(cg, in->is_dict, in->data, in->off);
}

static void fill_bytes(Cg *cg, LLVMValueRef p)
{
    LLVMTypeRef vec = LLVMVectorType(cg->i8, 64);
    LLVMValueRef one[64];
    for (int k = 0; k < 64; k++)
        one[k] = LLVMConstInt(cg->i8, 1, false);
    LLVMValueRef ones = LLVMConstVector(one, 64);
    (void)vec;
    for (int k = 0; k < CG_BLOCK / 64; k++)
        LLVMSetAlignment(e_store(cg, ones, e_off(cg, p, 64 * (int64_t)k)), 64);
}

static void open_in(Cg *cg, MapIn *in, Val *v)
{
    in->type = type_with(v->type, TY_SCALAR);
    in->array = cg_get(cg, v)->v;
    in->data = field(cg, cg->ptr, in->array, ARRAY_AT_DATA);
    in->prom = e_i1(cg, false);
    if (has_bitmap(in->type)) {
        in->valid = field(cg, cg->ptr, in->array, ARRAY_AT_VALID);
        in->bytes = e_alloca(cg, cg->i8, CG_BLOCK, 64);
        fill_bytes(cg, in->bytes);
    }
    if (in->type.null == NULL_PROM && in->type.dt != DT_STR) {
        LLVMValueRef p = field(cg, cg->i32, in->array, ARRAY_AT_PROMOTED);
        in->prom = e_icmp(cg, LLVMIntNE, p, e_i32(cg, 0));
    }
    if (in->type.dt == DT_STR) open_text(cg, in);
}

static LLVMValueRef map_rows(Cg *cg, const Map *m)
{
    const Node *n = m->node;
    if (m->ncol) return field(cg, cg->i64, m->in[0].array, ARRAY_AT_N);
    Axis *a = n->nres ? axis_get(n->res[0].axis) : NULL;
    if (a && a->rows && a->rows->tmp) return cg_get(cg, a->rows)->v;
    cg_bug(cg, "a map over no column has no length");
}

static void begin_call(Cg *cg, Map *m)
{
    AttrWriter w;
    size_t size;
    int64_t *t = ARENA_NEW_N(cg->arena, 3 * (idx)m->nbegin, int64_t);
    for (int k = 0; k < m->nout; k++) {
        Type c = column_type(&m->out[k]);
        int b = m->out[k].begin;
        if (b < 0) continue;
        t[b] = c.dt;
        t[(idx)m->nbegin + b] = c.null;
        t[2 * (idx)m->nbegin + b] = c.unit;
    }
    attr_begin(&w, cg->arena);
    attr_put_ints(&w, "dt", t, m->nbegin);
    attr_put_ints(&w, "null", t + m->nbegin, m->nbegin);
    attr_put_ints(&w, "unit", t + 2 * (idx)m->nbegin, m->nbegin);
    const AttrBlob *blob = attr_end(&w, &size);
    cg_arg_i64(cg, 0, m->rows);
    cg_call(cg, RTN_map_begin, cg_bytes(cg, blob, size, 4, "attr"), 1, m->nbegin);
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (o->begin >= 0) o->array = cg_result_raw(cg, o->begin, cg->ptr);
    }
}

static void open_outs(Cg *cg, Map *m)
{
    if (m->nbegin) begin_call(cg, m);
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        o->prom0 = prom_of(cg, m, yielded(m, k));
        if (o->letter != 'c') continue;
        if (o->begin < 0) {
            cg_call(cg, RTN_strbuild_new, NULL, 0, 1);
            o->data = cg_result_raw(cg, 0, cg->ptr);
            continue;
        }
        o->data = field(cg, cg->ptr, o->array, ARRAY_AT_DATA);
        if (!has_bitmap(column_type(o))) continue;
        o->valid = field(cg, cg->ptr, o->array, ARRAY_AT_VALID);
        o->bytes = e_alloca(cg, cg->i8, CG_BLOCK, 64);
    }
}

/* -- Reductions ----------------------------------------------------------------- */

/* What a missing value counts as; the start of the accumulator. */
static LLVMValueRef identity(Cg *cg, const MapOut *o)
{
    DType dt = (DType)o->type.dt;
    LLVMTypeRef t = cg_type(cg, dt);
    bool fl = dt_is_float(dt), uns = dt_is_unsigned(dt);
    unsigned bits = fl ? 0 : LLVMGetIntTypeWidth(t);
    switch (o->letter) {
    case '*': return fl ? LLVMConstReal(t, 1.0) : e_int(t, 1);
    case '&': return LLVMConstAllOnes(t);
    case '<':
        if (fl) return LLVMConstReal(t, HUGE_VAL);
        if (uns || dt == DT_BOOL) return LLVMConstAllOnes(t);
        return LLVMConstInt(t, (UINT64_C(1) << (bits - 1)) - 1, false);
    case '>':
        if (fl) return LLVMConstReal(t, -HUGE_VAL);
        if (uns || dt == DT_BOOL) return LLVMConstNull(t);
        return LLVMConstInt(t, UINT64_C(1) << (bits - 1), false);
    default: return LLVMConstNull(t);
    }
}

static LLVMValueRef fast(LLVMValueRef v, LLVMFastMathFlags flags)
{
    if (LLVMIsAInstruction(v) && LLVMCanValueUseFastMathFlags(v))
        LLVMSetFastMathFlags(v, flags);
    return v;
}

static LLVMValueRef less_more(Cg *cg, const MapOut *o, LLVMValueRef acc, LLVMValueRef v)
{
    bool less = o->letter == '<',
         uns = dt_is_unsigned((DType)o->type.dt) || o->type.dt == DT_BOOL;
    LLVMFastMathFlags flags = LLVMFastMathNoNaNs | LLVMFastMathNoSignedZeros;
    if (dt_is_float((DType)o->type.dt)) {
        LLVMValueRef c = e_fcmp(cg, less ? LLVMRealOLT : LLVMRealOGT, v, acc);
        return fast(e_select(cg, fast(c, flags), v, acc), flags);
    }
    LLVMIntPredicate p =
        less ? (uns ? LLVMIntULT : LLVMIntSLT) : (uns ? LLVMIntUGT : LLVMIntSGT);
    return e_select(cg, e_icmp(cg, p, v, acc), v, acc);
}

static LLVMValueRef combine(Cg *cg, const MapOut *o, LLVMValueRef acc, LLVMValueRef v)
{
    bool fl = dt_is_float((DType)o->type.dt);
    switch (o->letter) {
    case '+':
        return fl ? fast(e_fadd(cg, acc, v), LLVMFastMathAllowReassoc)
                  : e_add(cg, acc, v);
    case 'n': return e_add(cg, acc, v);
    case '*':
        return fl ? fast(e_fmul(cg, acc, v), LLVMFastMathAllowReassoc)
                  : e_mul(cg, acc, v);
    case '&': return e_and(cg, acc, v);
    case '|': return e_or(cg, acc, v);
    case '<':
    case '>': return less_more(cg, o, acc, v);
    default: cg_bug(cg, "no reduction '%c'", o->letter);
    }
}

/* The row's value into the accumulator; take: NULL or whether the row takes part. */
static void reduce_row(Cg *cg, MapOut *o, CgVal v, LLVMValueRef take)
{
    LLVMValueRef here = e_not(cg, cg_is_missing(cg, o->yield, v));
    if (take) here = e_and(cg, here, take);
    if (o->letter == 'n') {
        o->next = e_add(cg, o->row, e_zext(cg, here, LLVMTypeOf(o->row)));
        return;
    }
    Type elem = o->yield;
    elem.dt = o->type.dt;
    elem.unit = o->type.unit;
    LLVMValueRef x = cg_cast(cg, v, o->yield, elem).v;
    o->next = combine(cg, o, o->row, e_select(cg, here, x, identity(cg, o)));
    if (o->seen_row) o->seen_next = e_or(cg, o->seen_row, here);
    if (o->prom_row) o->prom_next = e_or(cg, o->prom_row, v.prom);
}

/* s + v and what was lost, added to the compensation. */
static void neumaier(Cg *cg, LLVMValueRef *s, LLVMValueRef *comp, LLVMValueRef v)
{
    LLVMValueRef t = e_fadd(cg, *s, v), a = *s, b = v;
    LLVMValueRef aa = e_intrinsic(cg, "llvm.fabs", 1, &a);
    LLVMValueRef ab = e_intrinsic(cg, "llvm.fabs", 1, &b);
    LLVMValueRef big = e_fcmp(cg, LLVMRealOGE, aa, ab);
    LLVMValueRef hi = e_select(cg, big, a, b), lo = e_select(cg, big, b, a);
    *comp = e_fadd(cg, *comp, e_fadd(cg, e_fsub(cg, hi, t), lo));
    *s = t;
}

/* -- A strip -------------------------------------------------------------------- */

/* A loop over the 64-row words of the strip: w is the word's number. */
typedef struct Words {
    LLVMBasicBlockRef head, done;
    LLVMValueRef w, at, count;
} Words;

static void words_open(Cg *cg, const Map *m, Words *l)
{
    LLVMBasicBlockRef from = e_here(cg);
    l->head = e_block(cg, "word");
    l->done = e_block(cg, "");
    LLVMValueRef up = e_add(cg, m->len, e_i64(cg, 63));
    l->count = e_lshr(cg, up, e_i64(cg, 6));
    e_br(cg, l->head);
    e_goto(cg, l->head);
    l->w = e_phi(cg, cg->i64);
    e_from(l->w, e_i64(cg, 0), from);
    l->at = e_add(cg, e_lshr(cg, m->base, e_i64(cg, 6)), l->w);
}

static void words_close(Cg *cg, Words *l)
{
    LLVMValueRef next = e_add(cg, l->w, e_i64(cg, 1));
    e_from(l->w, next, e_here(cg));
    e_if(cg, e_icmp(cg, LLVMIntULT, next, l->count), l->head, l->done);
    e_goto(cg, l->done);
}

static LLVMValueRef byte_word(Cg *cg, LLVMValueRef bytes, LLVMValueRef w)
{
    return e_at(cg, cg->i8, bytes, e_shl(cg, w, e_i64(cg, 6)));
}

static void unpack_in(Cg *cg, const Map *m, const MapIn *in)
{
    LLVMBasicBlockRef some = e_block(cg, "unpack"), after = e_block(cg, "");
    LLVMValueRef none = e_icmp(cg, LLVMIntEQ, in->valid, LLVMConstNull(cg->ptr));
    e_if(cg, none, after, some);
    e_goto(cg, some);
    Words l;
    words_open(cg, m, &l);
    LLVMValueRef word = e_load(cg, cg->i64, e_at(cg, cg->i64, in->valid, l.at));
    LLVMTypeRef bits = LLVMVectorType(cg->i1, 64), bytes = LLVMVectorType(cg->i8, 64);
    LLVMValueRef v = LLVMBuildBitCast(cg->b, word, bits, "");
    LLVMValueRef st =
        e_store(cg, LLVMBuildZExt(cg->b, v, bytes, ""), byte_word(cg, in->bytes, l.w));
    LLVMSetAlignment(st, 64);
    words_close(cg, &l);
    e_br(cg, after);
    e_goto(cg, after);
}

/* Bytes beyond the strip's last row are stale: the last word is masked. */
static void pack_out(Cg *cg, const Map *m, const MapOut *o)
{
    Words l;
    words_open(cg, m, &l);
    LLVMTypeRef bytes = LLVMVectorType(cg->i8, 64);
    LLVMValueRef b = e_load(cg, bytes, byte_word(cg, o->bytes, l.w));
    LLVMSetAlignment(b, 64);
    LLVMValueRef ne = e_icmp(cg, LLVMIntNE, b, LLVMConstNull(bytes));
    LLVMValueRef word = LLVMBuildBitCast(cg->b, ne, cg->i64, "");
    LLVMValueRef left = e_sub(cg, m->len, e_shl(cg, l.w, e_i64(cg, 6)));
    LLVMValueRef whole = e_icmp(cg, LLVMIntUGE, left, e_i64(cg, 64));
    LLVMValueRef by = e_and(cg, left, e_i64(cg, 63));
    LLVMValueRef low = e_sub(cg, e_shl(cg, e_i64(cg, 1), by), e_i64(cg, 1));
    LLVMValueRef mask = e_select(cg, whole, e_i64(cg, -1), low);
    e_store(cg, e_and(cg, word, mask), e_at(cg, cg->i64, o->valid, l.at));
    words_close(cg, &l);
}

/* -- A row ---------------------------------------------------------------------- */

static LLVMValueRef row_ok(Cg *cg, const Map *m, const MapIn *in)
{
    LLVMValueRef b = load_arg(cg, m, cg->i8, in->bytes, m->j);
    return e_icmp(cg, LLVMIntNE, b, LLVMConstNull(cg->i8));
}

static CgVal row_text(Cg *cg, const Map *m, const MapIn *in)
{
    LLVMValueRef code = e_sext(cg, load_arg(cg, m, cg->i32, in->data, m->i), cg->i64);
    LLVMValueRef at = e_select(cg, in->is_dict, code, m->i);
    LLVMValueRef a = load_arg(cg, m, cg->i64, in->off, at);
    LLVMValueRef b = load_arg(cg, m, cg->i64, in->off, e_add(cg, at, e_i64(cg, 1)));
    LLVMValueRef n =
        e_select(cg, row_ok(cg, m, in), e_sub(cg, b, a), e_i64(cg, TEXT_NAN));
    return cg_text_val(cg, e_at(cg, cg->i8, in->text, a), n, LLVMConstNull(cg->ptr));
}

static void mark_arg(Cg *cg, LLVMValueRef access, const void *data)
{
    const Map *m = data;
    set_scope(cg, m, access, m->nout);
}

typedef struct OutScope {
    const Map *m;
    int k;
} OutScope;

static void mark_out(Cg *cg, LLVMValueRef access, const void *data)
{
    const OutScope *s = data;
    set_scope(cg, s->m, access, s->k);
}

static CgVal row_in(Cg *cg, const Map *m, const MapIn *in)
{
    DType dt = (DType)in->type.dt;
    if (dt == DT_STR) return row_text(cg, m, in);
    LLVMValueRef p = e_at(cg, cg_mem_type(cg, dt), in->data, m->i);
    CgVal c = cg_elem_load(cg, dt, p, mark_arg, m);
    if (in->bytes) c.ok = row_ok(cg, m, in);
    if (in->type.null == NULL_PROM) c.prom = in->prom;
    return c;
}

/* Entry of the result's dictionary for a number in cg->texts; -1 when missing. */
static LLVMValueRef code_of(Cg *cg, const MapOut *o, CgVal v)
{
    LLVMValueRef none = e_icmp(cg, LLVMIntSLT, v.ok, e_i64(cg, 0)), code;
    int first = o->text.n ? o->text.at[0] : 0;
    bool run = true;
    vec_each (i, &o->text)
        run = run && o->text.at[i] == first + (int)i;
    if (run) {
        code = e_sub(cg, v.prom, e_i32(cg, first));
    } else { /* a table from number to entry */
        int32_t *entry = ARENA_NEW_N(cg->arena, cg->texts.n, int32_t);
        vec_each (i, &o->text)
            entry[o->text.at[i]] = (int32_t)i;
        size_t size = (size_t)cg->texts.n * sizeof *entry;
        LLVMValueRef table = cg_bytes(cg, entry, size, 4, "codes");
        LLVMValueRef at = e_select(cg, none, e_i32(cg, first), v.prom);
        code = e_load(cg, cg->i32, e_at(cg, cg->i32, table, e_sext(cg, at, cg->i64)));
    }
    return e_select(cg, none, e_i32(cg, -1), code);
}

static void store_row(Cg *cg, const Map *m, int k, CgVal v)
{
    MapOut *o = &m->out[k];
    if (o->begin < 0) {
        cg_arg_ptr(cg, 0, o->data);
        cg_arg(cg, 1, type_scalar(DT_STR), v);
        cg_call(cg, RTN_strbuild_add, NULL, 2, 0);
        cg_own_unref(cg, v.own); /* a yield takes it over */
        return;
    }
    DType dt = (DType)column_type(o).dt;
    LLVMTypeRef t = cg_mem_type(cg, dt);
    OutScope scope = {m, k};
    CgVal x;
    if (o->codes) {
        x = (CgVal){.v = code_of(cg, o, v)};
    } else {
        v = x = cg_cast(cg, v, o->yield, type_with(o->type, TY_SCALAR));
    }
    if (o->bytes) {
        x.v = e_select(cg, v.ok, x.v, LLVMConstNull(LLVMTypeOf(x.v)));
        LLVMValueRef st =
            e_store(cg, e_zext(cg, v.ok, cg->i8), e_at(cg, cg->i8, o->bytes, m->j));
        set_scope(cg, m, st, k);
    }
    if (o->prom_row) o->prom_next = e_or(cg, o->prom_row, v.prom);
    cg_elem_store(cg, dt, x, e_at(cg, t, o->data, m->i), mark_out, &scope);
}

static void do_row(Cg *cg, Map *m)
{
    Region *r = m->node->region[0];
    for (int k = 0; k < m->ncol; k++)
        cg_set(cg, &r->param[k], row_in(cg, m, &m->in[k]));
    for (int k = m->ncol; k < m->nin; k++)
        cg_set(cg, &r->param[k], *cg_get(cg, m->node->arg[k]));
    cg_region(cg, r);
    LLVMValueRef take = NULL;
    if (m->masked) {
        Val *p = r->last->arg[0];
        CgVal c = *cg_get(cg, p);
        take = cg_has_ok(p->type) ? e_and(cg, c.v, c.ok) : c.v;
    }
    for (int k = 0; k < m->nout; k++) {
        CgVal v = *cg_get(cg, yielded(m, k));
        if (m->out[k].letter == 'c')
            store_row(cg, m, k, v);
        else
            reduce_row(cg, &m->out[k], v, take);
    }
}

/* -- Loops ---------------------------------------------------------------------- */

/* Accumulators enter the strip loop; the phis are made at the builder's place. */
static void strip_phis(Cg *cg, Map *m, LLVMBasicBlockRef from)
{
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (o->letter != 'c') {
            LLVMValueRef zero = identity(cg, o);
            o->strip = e_phi(cg, LLVMTypeOf(zero));
            e_from(o->strip, zero, from);
            if (is_float_sum(o)) {
                o->comp = e_phi(cg, LLVMTypeOf(zero));
                e_from(o->comp, zero, from);
            }
        }
        if (wants_seen(o)) {
            o->seen_strip = e_phi(cg, cg->i1);
            e_from(o->seen_strip, e_i1(cg, false), from);
        }
        if (o->fresh_prom) {
            o->prom_strip = e_phi(cg, cg->i1);
            e_from(o->prom_strip, o->prom0, from);
        }
    }
}

static void row_phis(Cg *cg, Map *m, LLVMBasicBlockRef from)
{
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (o->strip) {
            o->row = e_phi(cg, LLVMTypeOf(o->strip));
            e_from(o->row, is_float_sum(o) ? identity(cg, o) : o->strip, from);
        }
        if (o->seen_strip) {
            o->seen_row = e_phi(cg, cg->i1);
            e_from(o->seen_row, o->seen_strip, from);
        }
        if (o->prom_strip) {
            o->prom_row = e_phi(cg, cg->i1);
            e_from(o->prom_row, o->prom_strip, from);
        }
    }
}

static void row_phis_close(Cg *cg, Map *m)
{
    LLVMBasicBlockRef here = e_here(cg);
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (o->row) e_from(o->row, o->next, here);
        if (o->seen_row) e_from(o->seen_row, o->seen_next, here);
        if (o->prom_row) e_from(o->prom_row, o->prom_next, here);
    }
}

/* After the last row of a strip: what goes on to the next one, in o->next and o->comp.
 */
static void strip_phis_close(Cg *cg, Map *m, LLVMValueRef *comp)
{
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        comp[k] = o->comp;
        if (!is_float_sum(o)) continue;
        LLVMValueRef s = o->strip;
        neumaier(cg, &s, &comp[k], o->next);
        o->next = s;
    }
    LLVMBasicBlockRef here = e_here(cg);
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (o->strip) e_from(o->strip, o->next, here);
        if (o->comp) e_from(o->comp, comp[k], here);
        if (o->seen_strip) e_from(o->seen_strip, o->seen_next, here);
        if (o->prom_strip) e_from(o->prom_strip, o->prom_next, here);
    }
}

static void row_loop(Cg *cg, Map *m)
{
    CgLoop l = {.outer = cg->loop, .node = m->node};
    LLVMBasicBlockRef from = e_here(cg), head = e_block(cg, "row"),
                      done = e_block(cg, "");
    e_br(cg, head);
    e_goto(cg, head);
    m->j = e_phi(cg, cg->i64);
    e_from(m->j, e_i64(cg, 0), from);
    row_phis(cg, m, from);
    m->i = e_add(cg, m->base, m->j);
    cg->loop = &l;
    do_row(cg, m);
    cg->loop = l.outer;
    LLVMValueRef next = e_add(cg, m->j, e_i64(cg, 1));
    e_from(m->j, next, e_here(cg));
    row_phis_close(cg, m);
    e_if(cg, e_icmp(cg, LLVMIntSLT, next, m->len), head, done);
    e_goto(cg, done);
}

/* The strip loop. On leaving it the accumulators' phis of `done` are in o->next. */
static void strip_loop(Cg *cg, Map *m)
{
    LLVMBasicBlockRef head = e_block(cg, "strip"), from = e_here(cg);
    LLVMBasicBlockRef body = e_block(cg, "rows"), done = e_block(cg, "mapped");
    LLVMValueRef *comp = ARENA_NEW_N(cg->arena, m->nout + 1, LLVMValueRef);
    e_br(cg, head);
    e_goto(cg, head);
    m->base = e_phi(cg, cg->i64);
    e_from(m->base, e_i64(cg, 0), from);
    strip_phis(cg, m, from);
    e_if(cg, e_icmp(cg, LLVMIntSLT, m->base, m->rows), body, done);
    e_goto(cg, body);
    cg_check_abort(cg);
    LLVMValueRef left = e_sub(cg, m->rows, m->base), size = e_i64(cg, CG_BLOCK);
    m->len = e_select(cg, e_icmp(cg, LLVMIntSLT, left, size), left, size);
    for (int k = 0; k < m->ncol; k++)
        if (m->in[k].bytes) unpack_in(cg, m, &m->in[k]);
    row_loop(cg, m);
    for (int k = 0; k < m->nout; k++)
        if (m->out[k].bytes) pack_out(cg, m, &m->out[k]);
    strip_phis_close(cg, m, comp);
    e_from(m->base, e_add(cg, m->base, size), e_here(cg));
    e_br(cg, head);
    e_goto(cg, done);
}

/* -- After the loop ------------------------------------------------------------- */

/* Whether the loop's rows are split over ranks that all come here. A map below a branch
 * may run on some ranks only, so there nothing is exchanged. */
static bool is_split(const Cg *cg, const Map *m)
{
    const Node *n = m->node;
    Axis *a = m->ncol ? axis_get(n->arg[0]->axis) : NULL;
    return cg->collective && n->parent == cg->fn->body && a &&
           (a->dist == DIST_VAR || a->dist == DIST_BLOCK);
}

/* A dtype is the same on all ranks: where nulls have arisen in the loop itself,
 * "promoted" is true when it is true on some rank. */
static void agree_on_promotion(Cg *cg, Map *m)
{
    AttrWriter w;
    size_t size;
    Type flag = type_scalar(DT_BOOL);
    int64_t *type = ARENA_NEW_N(cg->arena, m->nout + 1, int64_t);
    char *ops = arena_alloc(cg->arena, (size_t)m->nout + 1);
    int n = 0;
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (!o->fresh_prom) continue;
        cg_arg(cg, n, flag, (CgVal){.v = o->prom_strip});
        type[n] = cg_pack_type(flag);
        ops[n++] = '|';
    }
    if (!n) return;
    attr_begin(&w, cg->arena);
    attr_put_text(&w, "ops", ops);
    attr_put_ints(&w, "atype", type, n);
    attr_put_ints(&w, "rtype", type, n);
    const AttrBlob *blob = attr_end(&w, &size);
    cg_call(cg, RTN_allreduce, cg_bytes(cg, blob, size, 4, "attr"), n, n);
    n = 0;
    for (int k = 0; k < m->nout; k++)
        if (m->out[k].fresh_prom) m->out[k].prom_strip = cg_result(cg, n++, flag).v;
}

static LLVMValueRef final_prom(const MapOut *o)
{
    return o->prom_strip ? o->prom_strip : o->prom0;
}

static void reduction_result(Cg *cg, const MapOut *o, Val *res)
{
    CgVal c = {.v = o->strip};
    if (o->comp) {
        LLVMValueRef sum = e_fadd(cg, o->strip, o->comp);
        LLVMValueRef lost = e_fcmp(cg, LLVMRealUNO, o->comp, o->comp); /* infinities */
        c.v = e_select(cg, lost, o->strip, sum);
    }
    if (o->seen_strip)
        c.v = e_select(cg, o->seen_strip, c.v, cg_missing_value(cg, o->type));
    if (cg_has_ok(o->type)) c.ok = o->seen_strip ? o->seen_strip : e_i1(cg, true);
    if (o->type.null == NULL_PROM) c.prom = final_prom(o);
    cg_set(cg, res, c);
}

static void end_call(Cg *cg, Map *m)
{
    int n = 0;
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        if (o->begin < 0) continue;
        if (o->type.null == NULL_PROM && !o->codes)
            e_store(cg, e_zext(cg, final_prom(o), cg->i32),
                    e_off(cg, o->array, ARRAY_AT_PROMOTED));
        cg_arg_ptr(cg, n++, o->array);
    }
    if (n) cg_call(cg, RTN_map_end, NULL, n, 0);
}

static LLVMValueRef make_dict(Cg *cg, const MapOut *o)
{
    AttrWriter w;
    size_t size;
    const char **text = ARENA_NEW_N(cg->arena, o->text.n + 1, const char *);
    vec_each (i, &o->text)
        text[i] = cg->texts.at[o->text.at[i]].s;
    attr_begin(&w, cg->arena);
    attr_put_texts(&w, "texts", text, o->text.n);
    const AttrBlob *blob = attr_end(&w, &size);
    cg_arg_ptr(cg, 0, o->array);
    cg_call(cg, RTN_mkdict, cg_bytes(cg, blob, size, 4, "attr"), 1, 1);
    LLVMValueRef a = cg_result_raw(cg, 0, cg->ptr);
    cg_arg_ptr(cg, 0, o->array);
    cg_call(cg, RTN_unref, NULL, 1, 0);
    return a;
}

static void set_results(Cg *cg, Map *m)
{
    for (int k = 0; k < m->nout; k++) {
        MapOut *o = &m->out[k];
        Val *res = &m->node->res[k];
        if (o->letter != 'c') {
            reduction_result(cg, o, res);
        } else if (o->codes) {
            cg_set(cg, res, (CgVal){.v = make_dict(cg, o)});
        } else if (o->begin >= 0) {
            cg_set(cg, res, (CgVal){.v = o->array});
        } else {
            cg_arg_ptr(cg, 0, o->data);
            cg_call(cg, RTN_strbuild_end, NULL, 1, 1);
            cg_set(cg, res, (CgVal){.v = cg_result_raw(cg, 0, cg->ptr)});
        }
    }
}

static void drop_outs_on_failure(Cg *cg, const Map *m, CgCold outer)
{
    LLVMValueRef *array = ARENA_NEW_N(cg->arena, m->nout + 1, LLVMValueRef);
    int n = 0;
    for (int k = 0; k < m->nout; k++)
        if (m->out[k].begin >= 0) array[n++] = m->out[k].array;
    cg_guard_end(cg, outer, array, n);
}

void cg_map(Cg *cg, Node *n)
{
    Map m = {.node = n, .nin = n->narg, .nout = n->nres};
    if (n->nregion != 1) cg_bug(cg, "a map has one region");
    m.ncol = (int)node_int(n, "ncol", n->narg);
    m.masked = node_int(n, "mask", 0) != 0;
    if (n->region[0]->nparam != n->narg) cg_bug(cg, "a map passes its arguments");
    m.in = ARENA_NEW_N(cg->arena, m.ncol + 1, MapIn);
    m.out = ARENA_NEW_N(cg->arena, m.nout + 1, MapOut);
    plan_outs(cg, &m);
    make_scopes(cg, &m);
    for (int k = 0; k < m.ncol; k++)
        open_in(cg, &m.in[k], n->arg[k]);
    m.rows = map_rows(cg, &m);
    open_outs(cg, &m);
    CgCold outer = m.nbegin ? cg_guard_begin(cg) : (CgCold){0};
    strip_loop(cg, &m);
    drop_outs_on_failure(cg, &m, outer);
    if (is_split(cg, &m)) agree_on_promotion(cg, &m);
    end_call(cg, &m);
    set_results(cg, &m);
}
