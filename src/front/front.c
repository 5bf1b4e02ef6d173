/* SPDX-License-Identifier: Apache-2.0
 * Makers of abstract values, constants on demand, and the run over a whole function:
 * parameters in, body, RETURN out.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/random.h"
#include "front/try.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* -- Makers ------------------------------------------------------------------------ */
static AVal *av_new(Front *f, AKind kind)
{
    AVal *v = ARENA_NEW(f->arena, AVal);
    v->kind = (uint8_t)kind;
    v->obj = -1;
    v->loc = f->loc;
    return v;
}

AVal *av_none(Front *f)
{
    return av_new(f, A_NONE);
}

static AVal *av_const(Front *f, AstConst ck)
{
    AVal *v = av_new(f, A_CONST);
    v->ck = (uint8_t)ck;
    return v;
}

AVal *av_int(Front *f, int64_t i)
{
    AVal *v = av_const(f, AC_INT);
    v->i = i;
    return v;
}

AVal *av_bool(Front *f, bool b)
{
    AVal *v = av_const(f, AC_BOOL);
    v->i = b;
    return v;
}

AVal *av_float(Front *f, double d)
{
    AVal *v = av_const(f, AC_FLOAT);
    v->f = d;
    return v;
}

AVal *av_str(Front *f, const char *s, idx n)
{
    AVal *v = av_const(f, AC_STR);
    v->n = n < 0 ? (idx)strlen(s) : n;
    v->s = arena_strndup(f->arena, s ? s : "", (size_t)v->n);
    return v;
}

AVal *av_scalar(Front *f, Val *val)
{
    AVal *v = av_new(f, A_SCALAR);
    v->val = val;
    return v;
}

AVal *av_array(Front *f, Val *val)
{
    AVal *v = av_new(f, A_ARRAY);
    v->val = val;
    return v;
}

AVal *av_series(Front *f, Val *val, Index *index, AVal *name)
{
    AVal *v = av_new(f, A_SERIES);
    v->val = val;
    v->index = index;
    v->name = name ? name : av_none(f);
    return v;
}

AVal *av_tuple(Front *f, AVal *const *item, idx n)
{
    AVal *v = av_new(f, A_TUPLE);
    v->n = n;
    v->item = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++)
        v->item[i] = series_bind(f, item[i]);
    return v;
}

AVal *av_container(Front *f, AKind kind, AVal *const *key, AVal *const *item, idx n)
{
    Container *c = ARENA_NEW(f->arena, Container);
    for (idx i = 0; i < n; i++) {
        vec_push(f->arena, &c->item, series_bind(f, item[i]));
        if (key) vec_push(f->arena, &c->key, key[i]);
    }
    AVal *v = av_new(f, kind);
    v->obj = heap_cell(f, C_ITEMS, c);
    f->heap->cell.at[v->obj].akind = (uint8_t)kind;
    f->heap->cell.at[v->obj].made = v->loc;
    return v;
}

AVal *av_list(Front *f, AVal *const *item, idx n)
{
    return av_container(f, A_LIST, NULL, item, n);
}

AVal *av_frame(Front *f, Frame *init)
{
    AVal *v = av_new(f, A_FRAME);
    v->obj = heap_cell(f, C_FRAME, frame_copy(f, init));
    f->heap->cell.at[v->obj].frame->element = false;
    return v;
}

AVal *av_api(Front *f, const char *canonical)
{
    AVal *v = av_new(f, A_API);
    v->s = canonical;
    v->n = (idx)strlen(canonical);
    v->i = -1;
    return v;
}

AVal *av_new_kind(Front *f, AKind kind)
{
    return av_new(f, kind);
}

/* -- Questions --------------------------------------------------------------------- */
static const char *const_type_text(const AVal *v)
{
    static const char *const name[] = {
        [AC_NONE] = "None",         [AC_BOOL] = "bool",       [AC_INT] = "int",
        [AC_FLOAT] = "float",       [AC_STR] = "str",         [AC_BYTES] = "bytes",
        [AC_ELLIPSIS] = "ellipsis", [AC_COMPLEX] = "complex", [AC_BIGINT] = "int",
    };
    return name[v->ck];
}

static const char *tuple_type_text(Front *f, const AVal *v)
{
    const char *s = "tuple(";
    for (idx i = 0; i < v->n && i < 6; i++)
        s = arena_printf(f->arena, "%s%s%s", s, i ? ", " : "",
                         av_type_text(f, v->item[i]));
    return arena_printf(f->arena, "%s%s)", s, v->n > 6 ? ", ..." : "");
}

static const char *frame_type_text(Front *f, const AVal *v)
{
    const Frame *fr = front_frame(f, v);
    char t[48];
    const char *s = "DataFrame(";
    vec_each (i, &fr->col) {
        if (i == 8) {
            s = arena_printf(f->arena, "%s, ...", s);
            break;
        }
        s = arena_printf(f->arena, "%s%s%s: %s", s, i ? ", " : "",
                         const_text(f, fr->name.at[i]),
                         type_text(fr->col.at[i]->type, t));
    }
    return arena_printf(f->arena, "%s)", s);
}

const char *av_type_text(Front *f, const AVal *v)
{
    char t[48];
    switch ((AKind)v->kind) {
    case A_NONE: return "None";
    case A_CONST: return const_type_text(v);
    case A_SCALAR: return arena_strdup(f->arena, type_text(v->val->type, t));
    case A_ARRAY:
        return arena_printf(f->arena, "%d-d array of %s",
                            (v->item ? (int)(v->n / 2) : 1) -
                                (v->val->type.dt == DT_CHAR),
                            type_text(v->val->type, t));
    case A_SERIES:
        if (!v->val) return "Series";
        return arena_printf(f->arena, "Series of %s", type_text(v->val->type, t));
    case A_INDEX: return "Index";
    case A_FRAME: return frame_type_text(f, v);
    case A_RECORD: return "type";
    case A_TUPLE: return v->rec ? v->rec->name : tuple_type_text(f, v);
    case A_LIST:
    case A_DICT:
    case A_SET: {
        const Val *h = box_get(f, v);
        if (h) return comp_text(f->fn, h->type);
        return v->kind == A_LIST ? "list" : v->kind == A_DICT ? "dict" : "set";
    }
    case A_OPT:
        return arena_printf(f->arena, "%s or None", av_type_text(f, v->item[0]));
    case A_VIEW: return v->s;
    case A_OPEN: return "element of an empty container";
    case A_RANGE: return "range";
    case A_SLICE: return "slice";
    case A_PICK:
    case A_FUNC: return "function";
    case A_API:
    case A_METHOD: return arena_printf(f->arena, "function %s", v->s ? v->s : "");
    case A_ACCESSOR: return arena_printf(f->arena, "accessor .%s", v->s ? v->s : "");
    case A_GROUPBY: return "GroupBy";
    case A_DTYPE: return arena_printf(f->arena, "dtype %s", type_text(v->type, t));
    case A_HOSTOBJ: return v->s ? v->s : "object";
    case A_RNG: return "Generator";
    case A_EXC: return v->s ? v->s : "exception";
    case A_UNBOUND: return "unbound name";
    case A_MAYBE: return av_type_text(f, v->item[0]);
    case A_ERROR: return "erroneous value";
    case A_COLLECT: return "rows that a prange concatenates";
    case A_CONFLICT: return "conflicting types";
    }
    return "value";
}

static bool num_const(const AVal *v, double *d)
{
    if (v->ck == AC_INT || v->ck == AC_BOOL)
        *d = (double)v->i;
    else if (v->ck == AC_FLOAT)
        *d = v->f;
    else
        return false;
    return true;
}

bool av_equal(const AVal *a, const AVal *b)
{
    if (a == b) return true;
    if (a->kind != b->kind) return false;
    if (a->kind == A_NONE) return true;
    if (a->kind == A_API || a->kind == A_ACCESSOR) return !strcmp(a->s, b->s);
    if (a->kind == A_DTYPE) return type_eq(a->type, b->type);
    if (a->kind == A_RECORD) return a->rec == b->rec;
    if (a->kind == A_TUPLE) {
        bool opaque = record_is_opaque(a) || record_is_opaque(b);
        if (a->n != b->n || (opaque && a->rec != b->rec)) return false;
        for (idx i = 0; i < a->n; i++)
            if (!av_equal(a->item[i], b->item[i])) return false;
        return true;
    }
    if (a->kind != A_CONST) return false;
    if (a->ck == AC_STR || a->ck == AC_BYTES)
        return a->ck == b->ck && a->n == b->n && !memcmp(a->s, b->s, (size_t)a->n);
    double x, y;
    if ((a->ck == AC_INT || a->ck == AC_BOOL) && (b->ck == AC_INT || b->ck == AC_BOOL))
        return a->i == b->i;
    return num_const(a, &x) && num_const(b, &y) && !(x < y) && !(x > y) && x == x &&
           y == y;
}

bool front_is_const(const AVal *v)
{
    if (v->kind == A_CONST || v->kind == A_NONE) return true;
    if (v->kind != A_TUPLE) return false;
    for (idx i = 0; i < v->n; i++)
        if (!front_is_const(v->item[i])) return false;
    return true;
}

enum { SOURCES_MAX = 1000 }; /* nodes that are looked through */

/* Notes the arguments that v is computed from. */
static void note_sources(Front *f, const Val *v, int *left)
{
    if (--*left < 0) return;
    if (v->def) {
        for (int i = 0; i < v->def->narg; i++)
            note_sources(f, v->def->arg[i], left);
        return;
    }
    if (f->fn->sub || v->region != f->fn->body) return;
    vec_each (i, &f->hints->known)
        if (f->hints->known.at[i] == v->index) return;
    vec_push(f->arena, &f->hints->known, v->index);
}

void front_specialise(Front *f, const AVal *v)
{
    bool text = v->kind == A_SCALAR && v->val->type.dt == DT_STR;
    if (!text || f->hints->specialise) return;
    idx before = f->hints->known.n;
    int left = SOURCES_MAX;
    note_sources(f, v->val, &left);
    /* It came through a container, a loop or a call: only all texts can tell. */
    if (f->hints->known.n == before) f->hints->specialise = true;
    front_restart(f);
}

static AVal *demand(Front *f, AVal *v, const char *what, const char *wanted)
{
    if (v->kind != A_CONST) {
        front_specialise(f, v);
        if (v->kind == A_SCALAR)
            front_unsup(f, UNSUP_CONST_ONLY,
                        "%s must be known when compiling, but it "
                        "is computed at run time",
                        what);
        front_fail(f, E_TYPE, "%s must be %s, not %s", what, wanted,
                   av_type_text(f, v));
    }
    if (v->arg) v->arg->demanded = true;
    return v;
}

int64_t front_const_int(Front *f, AVal *v, const char *what)
{
    v = demand(f, v, what, "int");
    if (v->ck != AC_INT && v->ck != AC_BOOL)
        front_fail(f, E_TYPE, "%s must be int, not %s", what, av_type_text(f, v));
    return v->i;
}

bool front_const_bool(Front *f, AVal *v, const char *what)
{
    v = demand(f, v, what, "bool");
    if (v->ck != AC_INT && v->ck != AC_BOOL)
        front_fail(f, E_TYPE, "%s must be bool, not %s", what, av_type_text(f, v));
    return v->i != 0;
}

const char *front_const_str(Front *f, AVal *v, const char *what)
{
    v = demand(f, v, what, "str");
    if (v->ck != AC_STR)
        front_fail(f, E_TYPE, "%s must be str, not %s", what, av_type_text(f, v));
    return v->s;
}

/* -- Complex numbers -------------------------------------------------------------- */

/* Runtime calls that only move elements, whatever they are. Sums, orders and so on of
 * complex numbers are made of operations on their parts. */
static bool moves_only(Op op)
{
    static const Op known[] = {
        OP_LEN,       OP_ROWS,     OP_FILL,   OP_ALIGN,   OP_SLICE,  OP_GETROW,
        OP_PUTROW,    OP_HALO,     OP_NEEDED, OP_WHOLE,   OP_PIECE,  OP_TOARRAY,
        OP_TOCOL,     OP_NDNEW,    OP_NDMASK, OP_NDPLACE, OP_NDOUT,  OP_NDALIGN,
        OP_NDFLAT,    OP_NDREROW,  OP_NDFOLD, OP_CONCAT,  OP_GATHER, OP_SCATTER,
        OP_REBALANCE, OP_NDFLOATS, OP_TAKE,   OP_NDTAKE,  OP_NDPUT,  OP_FILTER,
        OP_HEAD,      OP_SHIFT,    OP_ROLL,   OP_PRINT,   OP_CMATH,  OP_ALLREDUCE,
        OP_SORT,      OP_COLCHARS};
    for (idx i = 0; i < COUNT_OF(known); i++)
        if (known[i] == op) return true;
    return false;
}

void front_check_complex(Front *f, Op op, Val *const *arg, int narg)
{
    if (op_info[op].lower != LW_CALL || op == OP_NDREDUCE) return; /* products */
    for (int i = 0; i < narg; i++) {
        Type t = arg[i]->type;
        if (t.kind == TY_OBJ || !dt_is_complex((DType)t.dt) || moves_only(op)) continue;
        front_unsup(f, UNSUP_COMPLEX, "this operation on %s is not compiled",
                    dtype_info[t.dt].text);
    }
}

/* -- Values as IR ------------------------------------------------------------------ */
Node *node_put(Front *f, Region *r, Op op, Val *const *arg, int narg, int nres)
{
    front_check_complex(f, op, arg, narg);
    front_check_category(f, op, arg, narg);
    front_check_deltas(f, op, arg, narg);
    front_check_zone(f, op, arg, narg);
    f->fn->at_inline = f->inlined_at + 1;
    Node *n = node_new(f->fn, op, f->loc, narg, arg, nres);
    node_append(r, n);
    return n;
}

Val *val_put(Front *f, Op op, Val *const *arg, int narg, Type t, Axis *axis)
{
    front_check_complex(f, op, arg, narg);
    front_check_category(f, op, arg, narg);
    front_check_deltas(f, op, arg, narg);
    front_check_zone(f, op, arg, narg);
    f->fn->at_inline = f->inlined_at + 1;
    return ir_emit1(f->fn, f->at, op, f->loc, narg, arg, t, axis);
}

Val *front_val(Front *f, AVal *v)
{
    f->fn->at_inline = f->inlined_at + 1;
    v = opt_unwrap(f, v);
    if (v->kind == A_OPEN)
        return val_put(f, OP_UNDEF, NULL, 0, type_scalar(DT_I64), NULL);
    if (v->kind == A_ARRAY) v = nd_plain(f, v);
    if (v->kind == A_SCALAR || v->kind == A_ARRAY || v->kind == A_SERIES) return v->val;
    if (v->kind != A_CONST)
        front_fail(f, E_TYPE, "a number, bool or str is needed here, not %s",
                   av_type_text(f, v));
    /* An argument whose value was only passed on stays a run-time value. */
    if (v->arg && v->arg->slot >= 0 && !v->arg->demanded)
        return &f->fn->body->param[v->arg->slot];
    switch ((AstConst)v->ck) {
    case AC_BOOL: return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), v->i);
    case AC_INT: return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), v->i);
    case AC_FLOAT:
        return ir_const_float(f->fn, f->at, f->loc, type_scalar(DT_F64), v->f);
    case AC_STR: {
        Val *t = ir_const_text(f->fn, f->at, f->loc, v->s, v->n);
        t->type.null = NULL_NONE;
        return t;
    }
    case AC_BYTES: {
        Val *t = ir_const_text(f->fn, f->at, f->loc, v->s, v->n);
        t->type = bytes_type();
        return t;
    }
    case AC_NONE:
    case AC_ELLIPSIS: break;
    case AC_COMPLEX: front_unsup(f, UNSUP_COMPLEX, NULL);
    case AC_BIGINT: front_unsup(f, UNSUP_NUMBER, NULL);
    }
    front_fail(f, E_TYPE, "%s can't be used here", av_type_text(f, v));
}

Val *front_col(Front *f, AVal *v)
{
    if (v->kind == A_SERIES) return v->val;
    if (v->kind == A_INDEX && v->val) return v->val;
    if (v->kind == A_INDEX) {
        Index *x = v->index;
        if (x && !x->range && x->nlevel == 1) return x->level[0];
        if (x && x->range) {
            Val *c =
                val_put(f, OP_ROWNUM, &x->rows, 1, type_col(DT_I64), x->rows->axis);
            node_set_int(f->fn, c->def, "start", x->start);
            node_set_int(f->fn, c->def, "step", x->step);
            return c;
        }
    }
    if (v->kind == A_ARRAY) v = nd_plain(f, v);
    if (v->kind == A_ARRAY)
        return val_put(f, OP_TOCOL, &v->val, 1, type_with(v->val->type, TY_COL),
                       v->val->axis);
    AVal *listed = values_listed(f, v);
    if (listed != v && listed->kind == A_ARRAY) return front_col(f, listed);
    front_fail(f, E_TYPE, "a Series or 1-d array is needed here, not %s",
               av_type_text(f, v));
}

/* -- The whole function ------------------------------------------------------------ */
static void init_params(Front *f, const Desc *d)
{
    if (d->slot >= 0 && d->slot < f->fn->body->nparam) {
        Val *p = &f->fn->body->param[d->slot];
        p->type = d->type;
        p->hint = d->name && d->name != DESC_INT_NAME ? d->name : NULL;
    }
    for (int32_t i = 0; i < d->nchild && d->kind != D_OBJ; i++)
        init_params(f, d->child[i]);
}

static int32_t count_slots(const Desc *d)
{
    int32_t n = d->slot >= 0 ? d->slot + 1 : 0;
    for (int32_t i = 0; i < d->nchild && d->kind != D_OBJ; i++) {
        int32_t m = count_slots(d->child[i]);
        if (m > n) n = m;
    }
    return n;
}

static void finish(Front *f, AVal *result)
{
    f->fn->at_inline = 0;
    if (f->fn->problems.n) return; /* of a check: there is nothing to run */
    exc_finish(f);
    sub_finish(f);
    form_check(f);
    ValVec out = {0};
    kin_leaves(f, result);
    Desc *d = front_result(f, result, &out);
    f->fn->out = pieces_update(f, d, &out);
    node_put(f, f->at, OP_RETURN, out.v.at, (int)out.v.n, 0);
}

static Front *front_new(Fn *fn, const FrontHost *host, void *host_data,
                        const struct DistFlags *flags)
{
    Front *f = ARENA_NEW(fn->arena, Front);
    f->fn = f->top = fn;
    f->arena = fn->arena;
    f->names = fn->names;
    f->host = host;
    f->host_data = host_data;
    f->flags = flags;
    f->inlined_at = -1;
    f->heap = ARENA_NEW(fn->arena, Heap);
    return f;
}

/* Types that the evaluation learnt become plain structures. */
static void settle_val(Fn *fn, Val *v)
{
    if (v->type.kind == TY_OBJ) v->type = comp_settle(fn, v->type);
}

static void settle_region(Fn *fn, Region *r)
{
    for (int i = 0; i < r->nparam; i++)
        settle_val(fn, &r->param[i]);
    node_each (n, r) {
        for (int i = 0; i < n->nres; i++)
            settle_val(fn, &n->res[i]);
        int64_t of = node_int(n, "xof", 0);
        if (of) {
            Type t = {.kind = TY_OBJ, .of = (uint16_t)of};
            node_set_int(fn, n, "xof", comp_settle(fn, t).of);
        }
        for (int i = 0; i < n->nregion; i++)
            settle_region(fn, n->region[i]);
    }
}

/* bytes are scalars and elements of lists, dicts and sets; no column holds them. */
static void check_bytes(Front *f, const Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nres; i++) {
            Type t = n->res[i].type;
            bool rows = t.kind == TY_COL || t.kind == TY_ARRAY;
            f->loc = n->loc;
            f->inlined_at = n->inlined_at;
            if (rows && type_is_bytes(type_with(t, TY_SCALAR)))
                front_unsup(f, UNSUP_BYTES, NULL);
        }
        for (int i = 0; i < n->nregion; i++)
            check_bytes(f, n->region[i]);
    }
}

static void run_once(Front *f, int root, Desc *const *arg, idx narg)
{
    Fn *fn = f->fn;
    int32_t nslot = 0;
    for (idx i = 0; i < narg; i++) {
        int32_t n = count_slots(arg[i]);
        if (n > nslot) nslot = n;
    }
    fn->in = arg;
    fn->nin = narg;
    fn->body = region_new(fn, NULL, nslot);
    f->at = fn->body;
    rng_init(f);
    kin_start(f);
    AVal **av = ARENA_NEW_N(f->arena, narg + 1, AVal *);
    for (idx i = 0; i < narg; i++)
        init_params(f, arg[i]);
    for (idx i = 0; i < narg; i++)
        av[i] = front_from_desc(f, arg[i]);
    pieces_start(f);
    finish(f, lower_root(f, root, av, narg));
    box_late(f);
    check_bytes(f, fn->body);
    kin_settle(f);
    settle_region(fn, fn->body);
    vec_each (i, &fn->subs)
        settle_region(fn, fn->subs.at[i]->body);
}

/* Before the evaluation starts over: nothing of the last one is left. */
static void fn_reset(Fn *fn)
{
    fn->axes.n = 0;
    fn->vars.n = 0;
    fn->files.n = 0;
    fn->inlines.n = 0;
    fn->subs.n = 0;
    fn->nval = 0;
}

/* Something that is seen, or another error, may come first. */
static bool acts(const Region *r)
{
    node_each (n, r) {
        Effect effect = (Effect)op_info[n->op].effect;
        bool scalar = n->nres == 0 || n->res[0].type.kind != TY_COL;
        if (n->op == OP_PRINT || effect == EF_WRITE) return true;
        if (scalar && (n->op == OP_RAISE || effect == EF_FAIL || effect == EF_READ))
            return true;
        for (int k = 0; k < n->nregion; k++)
            if (acts(n->region[k])) return true;
    }
    return false;
}

/* The error is one of the program's, found when compiling, and may not come at once:
 * control need not get there, or something is seen before. Then the statement is to
 * raise when it is run. */
static bool may_wait(const Front *f)
{
    ASSERT(f);
    switch (f->fn->err->code) {
    case E_VALUE:
    case E_KEY:
    case E_INDEX:
    case E_ZERO_DIV:
    case E_OVERFLOW:
    case E_UNBOUND: break;
    case E_TYPE:
        if (f->hints->own_type) break;
        return false;
    default: return false;
    }
    if (f->hints->careful || f->top->checking || f->thrown != THROW_ERROR) return false;
    return f->hints->nested || acts(f->fn->body);
}

void front_run(Fn *fn, const FrontHost *host, void *host_data, int root,
               Desc *const *arg, idx narg, const struct DistFlags *flags)
{
    struct Hints *hints = ARENA_NEW(fn->arena, struct Hints);
    jmp_buf again, failed;
    Front *volatile now = NULL;
    hints->outer = fn->catch_;
    if (setjmp(failed)) {
        fn->catch_ = hints->outer;
        if (!may_wait(now)) front_rethrow(now);
        hints->careful = true;
        err_clear(fn->err);
        fn_reset(fn);
    } else if (setjmp(again)) {
        fn_reset(fn);
    }
    fn->catch_ = &failed;
    Front *f = now = front_new(fn, host, host_data, flags);
    f->hints = hints;
    f->restart = &again;
    run_once(f, root, arg, narg);
    fn->catch_ = hints->outer;
}
