/* SPDX-License-Identifier: Apache-2.0
 * Columns whose elements a loop reads or writes are arrays there. The front knows
 * columns as values, so a write to one row in a loop makes a column that is carried to
 * the next iteration:
 *
 *   s = FOR .., s0 {(i, p) .. a = TOARRAY p; ASET a, i, x; q = TOCOL a .. continue q}
 *
 * When nothing can tell p, a and q from one piece of memory, they are one array that is
 * made before the loop and turned back behind it, and the loop carries nothing:
 *
 *   A = TOARRAY s0;  FOR .. {(i) .. ASET A, i, x .. continue};  s = TOCOL A
 *
 * which dist.c then divides like any loop over arrays. That holds when every use of one
 * of these values sees what was written last: a walk over the body, in order, keeps the
 * set of values that are what the memory has now. A write leaves only the array that it
 * went through; TOARRAY and TOCOL add their result; where two arms of an if meet, both
 * have to agree. What is used and not in the set is a copy to the program, and the loop
 * stays as it is. So it does where a parallel loop touches a written column at another
 * place than its own index: its iterations would depend on each other, and then they
 * run one after the other on every rank, which gives what Python gives.
 *
 * Rows that a parallel loop only reads (GETROW) become elements of an array that is
 * made before the loop and not written. Text, nullable and categorical columns, whose
 * elements are more than their bytes, are left alone.
 *
 * Runs behind carry, so that columns which nothing changes are outside of their loops.
 */
#include "base/base.h"

#include "pass/pass_int.h"

#include <string.h>

typedef struct Set {
    VEC(Val *) at;
} Set;

/* A loop that is being walked through. */
typedef struct Round {
    const Node *loop;
    Set back; /* what is the memory's wherever a next round begins */
    bool any; /* some path leads to a next round */
    struct Round *up;
} Round;

/* What breaks give for a result; of a FOR value k alone is the column. */
enum { OUT_OPEN, OUT_MEMORY, OUT_OTHER };

typedef struct Inplace {
    Fn *fn;
    Node *loop; /* that carries the column */
    int k;      /* as this value */
    char *out;  /* of each of its results: OUT_... */
    Set all;    /* values that stand for the memory */
    Round *round;
    const Val *index; /* of a parallel loop: the only place that may be touched */
} Inplace;

/* -- Sets -------------------------------------------------------------------------- */

static bool set_has(const Set *s, const Val *v)
{
    vec_each (i, &s->at)
        if (s->at.at[i] == v) return true;
    return false;
}

static void set_add(Fn *fn, Set *s, Val *v)
{
    if (!set_has(s, v)) vec_push(fn->arena, &s->at, v);
}

static Set set_copy(Fn *fn, const Set *s)
{
    Set r = {0};
    vec_each (i, &s->at)
        vec_push(fn->arena, &r.at, s->at.at[i]);
    return r;
}

/* Both; true: something of s went. */
static bool set_meet(Set *s, const Set *other)
{
    idx n = s->at.n, k = 0;
    for (idx i = 0; i < n; i++)
        if (set_has(other, s->at.at[i])) s->at.at[k++] = s->at.at[i];
    s->at.n = k;
    return k < n;
}

/* -- Which columns ----------------------------------------------------------------- */

/* An element is its bytes and no more. */
static bool is_plain(Type t)
{
    bool plain = t.null == null_default((DType)t.dt) || t.null == NULL_NAN;
    return plain && t.dt != DT_STR && t.dt != DT_CAT && !t.of;
}

/* -- The walk: false where the values are not one memory --------------------------- */

static bool walk(Inplace *s, const Region *r, Set *now, bool *ends);

/* At another place than the loop's own index. */
static bool is_elsewhere(const Inplace *s, const Val *at)
{
    while (at->def && at->def->op == OP_CAST && dt_is_int((DType)at->type.dt))
        at = at->def->arg[0];
    return s->index && at != s->index;
}

static bool uses_any(const Inplace *s, const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (set_has(&s->all, n->arg[i])) return true;
    for (int k = 0; k < n->nregion; k++)
        node_each (m, n->region[k])
            if (uses_any(s, m)) return true;
    return false;
}

static void meets(Inplace *s, Round *r, const Set *now)
{
    if (r->any)
        (void)set_meet(&r->back, now);
    else
        r->back = set_copy(s->fn, now);
    r->any = true;
}

/* Result i of the loop is what a break gives: the memory each time, or never. */
static bool gives(Inplace *s, int i, bool memory)
{
    char out = memory ? OUT_MEMORY : OUT_OTHER;
    if (s->out[i] == OUT_OPEN) s->out[i] = out;
    return s->out[i] == out;
}

/* A CONTINUE or BREAK: of this loop it hands the column on, of an inner one nothing. */
static bool walk_exit(Inplace *s, const Node *n, const Set *now)
{
    Round *r = s->round;
    for (int64_t depth = node_int(n, "depth", 0); depth > 0 && r; depth--)
        r = r->up;
    bool mine = r && r->loop == s->loop, leaves = mine && n->op == OP_BREAK;
    for (int i = 0; i < n->narg; i++) {
        bool memory = set_has(now, n->arg[i]);
        if (!memory && set_has(&s->all, n->arg[i])) return false;
        bool here = mine && !leaves && i == s->k;
        if (leaves ? !gives(s, i, memory) : memory != here) return false;
        if (leaves && memory && !same_place(n->arg[i], &s->loop->res[i])) return false;
    }
    if (r && n->op == OP_CONTINUE) meets(s, r, now);
    return r != NULL;
}

static bool walk_arms(Inplace *s, const Node *n, Set *now, bool *ends)
{
    if (n->nregion != 2) return false;
    Set arm[2];
    bool out[2] = {false, false};
    for (int k = 0; k < 2; k++) {
        arm[k] = set_copy(s->fn, now);
        if (!walk(s, n->region[k], &arm[k], &out[k])) return false;
    }
    *ends = out[0] && out[1];
    for (int i = 0; i < n->nres; i++) {
        bool in[2];
        for (int k = 0; k < 2; k++)
            in[k] = !out[k] && set_has(&s->all, n->region[k]->last->arg[i]);
        if (!in[0] && !in[1]) continue;
        for (int k = 0; k < 2; k++) {
            const Val *v = out[k] ? NULL : n->region[k]->last->arg[i];
            if (v && !(set_has(&arm[k], v) && same_place(v, &n->res[i]))) return false;
        }
        set_add(s->fn, &s->all, &n->res[i]);
        for (int k = 0; k < 2; k++)
            set_add(s->fn, &arm[k], &n->res[i]);
    }
    *now = arm[out[0]];
    if (!out[0] && !out[1]) (void)set_meet(now, &arm[1]);
    return true;
}

/* A loop in the body works on what is outside of it; what its rounds leave valid is
 * what they begin with. */
static bool walk_inner(Inplace *s, const Node *n, Set *now)
{
    for (int i = 0; i < n->narg; i++)
        if (set_has(&s->all, n->arg[i])) return false;
    for (;;) {
        Round r = {.loop = n, .up = s->round};
        Set begin = set_copy(s->fn, now);
        bool ends = false;
        s->round = &r;
        bool fine = walk(s, n->region[0], &begin, &ends);
        s->round = r.up;
        if (!fine) return false;
        /* An endless loop may end behind a write: by a break. */
        if (n->op == OP_LOOP && r.any) (void)set_meet(&r.back, &begin);
        if (!r.any || !set_meet(now, &r.back)) return true;
    }
}

/* Reads of the columns' elements: a row of several columns may have one twice. */
static bool walk_row(Inplace *s, const Node *n, const Set *now)
{
    for (int i = 2; i < n->narg; i++)
        if (set_has(&s->all, n->arg[i]) && !set_has(now, n->arg[i])) return false;
    return !set_has(&s->all, n->arg[0]) && !set_has(&s->all, n->arg[1]) &&
           !is_elsewhere(s, n->arg[1]);
}

static bool walk_use(Inplace *s, const Node *n, Set *now)
{
    if (!set_has(now, n->arg[0]) && n->op != OP_GETROW) return false;
    switch ((Op)n->op) {
    case OP_TOARRAY:
    case OP_TOCOL:
        set_add(s->fn, &s->all, &n->res[0]);
        set_add(s->fn, now, &n->res[0]);
        return axis_get(n->res[0].axis) == axis_get(s->all.at.at[0]->axis) &&
               type_eq(type_with(n->res[0].type, TY_COL), s->all.at.at[0]->type);
    case OP_GETROW: return walk_row(s, n, now);
    case OP_AGET: return n->narg == 2 && !is_elsewhere(s, n->arg[1]);
    case OP_ASET:
        if (n->narg != 3 || is_elsewhere(s, n->arg[1])) return false;
        now->at.n = 0;
        set_add(s->fn, now, n->arg[0]);
        return true;
    default: return false;
    }
}

static bool walk(Inplace *s, const Region *r, Set *now, bool *ends)
{
    node_each (n, r) {
        if (n->op == OP_YIELD) return true; /* walk_arms() looks at what it gives */
        if (n->op == OP_CONTINUE || n->op == OP_BREAK) {
            *ends = true;
            return walk_exit(s, n, now);
        }
        if (n->op == OP_IF && !set_has(&s->all, n->arg[0])) {
            if (!walk_arms(s, n, now, ends)) return false;
        } else if (is_loop(n)) {
            if (!walk_inner(s, n, now)) return false;
        } else if (uses_any(s, n)) {
            if (n->nregion || !walk_use(s, n, now)) return false;
        }
        *ends |= op_is_terminator((Op)n->op);
        if (*ends) return true;
    }
    return true;
}

/* -- Building ---------------------------------------------------------------------- */

static Val *put_at(Fn *fn, Node *before, const Node *like, Op op, int n,
                   Val *const *arg, Type t, Axis *axis)
{
    Node *x = node_new(fn, op, like->loc, n, arg, 1);
    x->inlined_at = like->inlined_at;
    val_init(fn, &x->res[0], t, axis);
    x->res[0].def = x;
    node_insert_before(before, x);
    return &x->res[0];
}

static Val *int_at(Fn *fn, Node *before, int64_t v)
{
    Val *c = put_at(fn, before, before, OP_CONST, 0, NULL, type_scalar(DT_I64), NULL);
    node_set_int(fn, c->def, "v", v);
    return c;
}

/* The position is the index of a loop over these rows. */
static bool always_in(const Val *at, const Val *rows)
{
    const Node *loop = at->region ? at->region->owner : NULL;
    if (!loop || loop->op != OP_FOR || at != &loop->region[0]->param[0]) return false;
    const Node *start = loop->arg[0]->def, *stop = loop->arg[1]->def,
               *step = loop->arg[2]->def;
    if (!start || !stop || !step) return false;
    return start->op == OP_CONST && node_int(start, "v", -1) >= 0 &&
           step->op == OP_CONST && node_int(step, "v", -1) > 0 && stop->op == OP_LEN &&
           stop->arg[0] == rows;
}

/* pandas' words for a position that is not there; an array's access has NumPy's. */
static void check_row(Fn *fn, Node *loop, Node *get)
{
    Val *at = get->arg[1], *rows = get->arg[0];
    if (node_int(get, "array", 0) || always_in(at, rows)) return;
    Type i64 = type_scalar(DT_I64), yes = type_scalar(DT_BOOL);
    if (pass_is_inside(rows, loop->region[0])) loop = get;
    Val *n = put_at(fn, loop, get, OP_LEN, 1, &rows, i64, NULL);
    Val *low =
        put_at(fn, loop, get, OP_SUB, 2, (Val *[]){int_at(fn, loop, 0), n}, i64, NULL);
    Val *under = put_at(fn, get, get, OP_LT, 2, (Val *[]){at, low}, yes, NULL);
    Val *over = put_at(fn, get, get, OP_GE, 2, (Val *[]){at, n}, yes, NULL);
    Val *bad = put_at(fn, get, get, OP_BITOR, 2, (Val *[]){under, over}, yes, NULL);
    static const char text[] = "single positional indexer is out-of-bounds";
    Node *check = node_new(fn, OP_NDCHECK, get->loc, 1, &bad, 0);
    check->inlined_at = get->inlined_at;
    node_set_int(fn, check, "code", E_INDEX);
    node_set_text(fn, check, "text", text, sizeof text - 1);
    node_insert_before(get, check);
}

/* The array that has the elements of this column; NULL: none. */
typedef Val *ArrayOf(void *data, Val *col);

/* The columns of a row that are arrays now are read from them; others stay. */
static void split_row(Fn *fn, Node *loop, Node *get, ArrayOf *array_of, void *data)
{
    Val **arg = ARENA_NEW_N(fn->arena, get->narg, Val *);
    Val **array = ARENA_NEW_N(fn->arena, get->nres + 1, Val *);
    int rest = 0;
    for (int j = 0; j < get->nres; j++) {
        array[j] = array_of(data, get->arg[2 + j]);
        if (!array[j]) arg[2 + rest++] = get->arg[2 + j];
    }
    if (rest == get->nres) return;
    if (get->arg[1]->type.dt != DT_I64)
        get->arg[1] =
            put_at(fn, get, get, OP_CAST, 1, &get->arg[1], type_scalar(DT_I64), NULL);
    if (!rest) check_row(fn, loop, get);
    Node *left = NULL;
    if (rest) {
        arg[0] = get->arg[0];
        arg[1] = get->arg[1];
        left = node_new(fn, OP_GETROW, get->loc, 2 + rest, arg, rest);
        left->inlined_at = get->inlined_at;
        if (node_int(get, "array", 0)) node_set_int(fn, left, "array", 1);
        node_insert_before(get, left);
    }
    for (int j = 0, i = 0; j < get->nres; j++) {
        if (array[j]) {
            Val *at[] = {array[j], get->arg[1]};
            get->res[j].tmp =
                put_at(fn, get, get, OP_AGET, 2, at, get->res[j].type, NULL);
        } else if (left) {
            val_init(fn, &left->res[i], get->res[j].type, NULL);
            left->res[i].def = left;
            left->res[i].index = i;
            get->res[j].tmp = &left->res[i++];
        }
    }
    node_remove(get);
}

/* -- Written columns --------------------------------------------------------------- */

typedef struct Written {
    Inplace *s;
    Val *array;
    const bool *next, *res; /* of what rounds and breaks hand on: what goes */
} Written;

static Val *array_of_written(void *data, Val *col)
{
    Written *w = data;
    return set_has(&w->s->all, col) ? w->array : NULL;
}

static void cut_arms(const Inplace *s, Node *n)
{
    bool *gone = ARENA_NEW_N(s->fn->arena, n->nres + 1, bool), any = false;
    for (int i = 0; i < n->nres; i++)
        any |= gone[i] = set_has(&s->all, &n->res[i]);
    if (!any) return;
    for (int k = 0; k < n->nregion; k++)
        if (n->region[k]->last->op == OP_YIELD)
            pass_cut_operands(n->region[k]->last, gone);
    pass_cut_results(s->fn, n, gone);
}

static void rewrite(Written *w, Region *r, int64_t depth)
{
    Inplace *s = w->s;
    node_each (n, r) {
        bool loop = is_loop(n) || n->op == OP_MAP;
        for (int k = 0; k < n->nregion; k++)
            rewrite(w, n->region[k], depth + loop);
        bool exits = n->op == OP_CONTINUE || n->op == OP_BREAK;
        if (exits && node_int(n, "depth", 0) == depth)
            pass_cut_operands(n, n->op == OP_BREAK ? w->res : w->next);
        if (n->op == OP_IF) cut_arms(s, n);
        if (n->op == OP_GETROW) split_row(s->fn, s->loop, n, array_of_written, w);
        bool turns = n->op == OP_TOARRAY || n->op == OP_TOCOL;
        if (!turns || !set_has(&s->all, &n->res[0])) continue;
        n->res[0].tmp = w->array;
        node_remove(n);
    }
}

/* What the loop says of its carried values, without one of them. */
static void cut_letters(Fn *fn, Node *loop, int k, int n)
{
    const Attr *reduce = node_attr(loop, "reduce"), *lead = node_attr(loop, "lead");
    if (reduce) {
        char *left = arena_alloc(fn->arena, (size_t)n);
        for (int i = 0, j = 0; i < n; i++)
            if (i != k) left[j++] = reduce->s[i];
        node_set_text(fn, loop, "reduce", left, n - 1);
    }
    if (!lead) return;
    int64_t *left = ARENA_NEW_N(fn->arena, n, int64_t);
    for (int i = 0, j = 0; i < n; i++)
        if (i != k) left[j++] = lead->ints[i] - (lead->ints[i] > k);
    node_set_ints(fn, loop, "lead", left, n - 1);
}

static void make_array(Inplace *s)
{
    Fn *fn = s->fn;
    Node *loop = s->loop;
    bool counted = loop->op == OP_FOR;
    int init = counted ? 3 : 0, nc = loop->narg - init;
    Val *from = loop->arg[init + s->k];
    Type t = type_with(from->type, TY_ARRAY);
    Val *array = put_at(fn, loop, loop, OP_TOARRAY, 1, &from, t, from->axis);
    Val *back =
        put_at(fn, loop->next, loop, OP_TOCOL, 1, &array, from->type, from->axis);
    bool *arg = ARENA_NEW_N(fn->arena, init + nc + 1, bool), *next = arg + init;
    bool *res = ARENA_NEW_N(fn->arena, loop->nres + 1, bool);
    next[s->k] = true;
    array->hint = from->hint;
    for (int i = 0; i < loop->nres; i++) {
        res[i] = s->out[i] == OUT_MEMORY;
        if (!res[i]) continue;
        if (loop->res[i].hint) array->hint = loop->res[i].hint;
        loop->res[i].tmp = back;
    }
    Written w = {s, array, next, res};
    rewrite(&w, loop->region[0], 0);
    if (counted) cut_letters(fn, loop, s->k, nc);
    pass_cut_params(fn, loop->region[0], counted, next);
    pass_cut_results(fn, loop, res);
    pass_cut_operands(loop, arg);
    pass_forward(fn);
}

static bool is_parallel(const Node *n)
{
    return n->op == OP_FOR && node_int(n, "parallel", 0);
}

/* Carried value k of the loop is a column that one array can stand for. */
static bool is_one_array(Inplace *s)
{
    Node *loop = s->loop;
    bool counted = loop->op == OP_FOR;
    Val *p = &loop->region[0]->param[counted + s->k];
    if (!val_is_col(p) || !is_plain(p->type) ||
        !same_place(p, loop->arg[(counted ? 3 : 0) + s->k]))
        return false;
    s->out = arena_alloc(s->fn->arena, (size_t)loop->nres + 1);
    if (counted) {
        memset(s->out, OUT_OTHER, (size_t)loop->nres);
        s->out[s->k] = OUT_MEMORY;
        if (!same_place(p, &loop->res[s->k])) return false;
    }
    Round r = {.loop = loop};
    Set now = {0};
    bool ends = false;
    set_add(s->fn, &s->all, p);
    set_add(s->fn, &now, p);
    s->round = &r;
    bool one = walk(s, loop->region[0], &now, &ends);
    s->round = NULL;
    return one;
}

static void visit_written(Fn *fn, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            visit_written(fn, n->region[i]);
        if (!is_loop(n)) continue;
        for (int k = n->narg - (n->op == OP_FOR ? 3 : 0); k-- > 0;) {
            Inplace s = {.fn = fn, .loop = n, .k = k};
            if (is_parallel(n)) s.index = &n->region[0]->param[0];
            if (is_one_array(&s)) make_array(&s);
        }
    }
}

/* -- Read columns ------------------------------------------------------------------ */

typedef struct Reads {
    Fn *fn;
    Node *loop; /* the outermost parallel one */
    Set col, array;
} Reads;

static Val *array_of_read(void *data, Val *col)
{
    Reads *c = data;
    if (!is_plain(col->type) || pass_is_inside(col, c->loop->region[0])) return NULL;
    vec_each (i, &c->col.at)
        if (c->col.at.at[i] == col) return c->array.at.at[i];
    Val *a = put_at(c->fn, c->loop, c->loop, OP_TOARRAY, 1, &col,
                    type_with(col->type, TY_ARRAY), col->axis);
    node_set_int(c->fn, a->def, "read", 1);
    a->hint = col->hint;
    vec_push(c->fn->arena, &c->col.at, col);
    vec_push(c->fn->arena, &c->array.at, a);
    return a;
}

static void read_rows(Reads *c, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            read_rows(c, n->region[i]);
        if (n->op == OP_GETROW && !pass_is_inside(n->arg[0], c->loop->region[0]))
            split_row(c->fn, c->loop, n, array_of_read, c);
    }
}

static void visit_read(Fn *fn, Region *r)
{
    node_each (n, r) {
        Reads c = {.fn = fn, .loop = n};
        for (int i = 0; i < n->nregion; i++)
            if (is_parallel(n))
                read_rows(&c, n->region[i]);
            else
                visit_read(fn, n->region[i]);
    }
}

void inplace_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    visit_written(cx->fn, cx->fn->body);
    visit_read(cx->fn, cx->fn->body);
    pass_forward(cx->fn);
}
