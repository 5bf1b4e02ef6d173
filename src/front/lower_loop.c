/* SPDX-License-Identifier: Apache-2.0
 * Loops. Over what is known when compiling (tuples, lists, column names) they are
 * unrolled; others become LOOP and FOR nodes.
 *
 * A run-time loop is lowered in rounds. The joined state of its head starts from the
 * values at entry, with the numbers among the assigned variables widened to their type;
 * the body is run; what it changes is joined in; and again, until nothing gets wider.
 * Then the open ends of the body are closed by continue and break with the joined
 * variables.
 */
#include "base/base.h"

#include "front/join.h"
#include "front/random.h"
#include "front/try.h"

enum {
    ROUNDS_MAX = 16,
    ITEMS_MAX = 1000, /* rounds of a loop that is unrolled */
    KNOWN_MAX = 256   /* numbers of a range that become values of their own */
};

static void at_loc(Front *f, Loc loc)
{
    f->loc = loc;
    f->loc.file = f->scope->file;
}

/* -- Items known when compiling ---------------------------------------------------- */
/* How many numbers a range that is known when compiling has. */
static __int128 range_rounds(Front *f, const AVal *v)
{
    int64_t start = front_const_int(f, v->item[0], "range"),
            stop = front_const_int(f, v->item[1], "range"),
            step = front_const_int(f, v->item[2], "range");
    __int128 span = step > 0 ? (__int128)stop - start : (__int128)start - stop;
    return span <= 0 ? 0 : (span - 1) / (step > 0 ? step : -(__int128)step) + 1;
}

static bool range_is_const(const AVal *v)
{
    for (idx i = 0; i < 3; i++)
        if (v->item[i]->kind != A_CONST) return false;
    return true;
}

bool range_is_run(Front *f, const AVal *v)
{
    for (idx i = 0; i < 3; i++)
        if (v->item[i]->kind != A_CONST || arg_is_lazy(v->item[i])) return true;
    return range_rounds(f, v) > KNOWN_MAX;
}

static bool range_items(Front *f, const AVal *v, AVal ***item, idx *n)
{
    if (!range_is_const(v) || range_rounds(f, v) > ITEMS_MAX) return false;
    int64_t start = front_const_int(f, v->item[0], "range"),
            step = front_const_int(f, v->item[2], "range");
    *n = (idx)range_rounds(f, v);
    *item = ARENA_NEW_N(f->arena, *n + 1, AVal *);
    for (idx i = 0; i < *n; i++)
        (*item)[i] = av_int(f, start + i * step);
    return true;
}

static void text_items(Front *f, const AVal *v, AVal ***item, idx *n)
{
    *item = ARENA_NEW_N(f->arena, v->n + 1, AVal *);
    *n = 0;
    for (idx i = 0; i < v->n;) {
        idx k = i + 1;
        while (k < v->n && ((unsigned char)v->s[k] & 0xc0) == 0x80)
            k++;
        (*item)[(*n)++] = av_str(f, v->s + i, k - i);
        i = k;
    }
}

bool lower_items(Front *f, AVal *v, AVal ***item, idx *n)
{
    Container *c;
    switch ((AKind)v->kind) {
    case A_RECORD:
        v = record_members(f, v);
        if (!v) return false;
        *item = v->item;
        *n = v->n;
        return true;
    case A_TUPLE:
        if (record_is_opaque(v))
            front_fail(f, E_TYPE, "'%s' object is not iterable", av_type_text(f, v));
        *item = v->item;
        *n = v->n;
        return true;
    case A_LIST:
    case A_SET:
    case A_DICT:
        if (box_get(f, v)) return false;
        c = front_items(f, v);
        *n = c->item.n;
        /* A copy: the loop's body may change the list. */
        *item = av_tuple(f, v->kind == A_DICT ? c->key.at : c->item.at, *n)->item;
        return true;
    case A_RANGE: return range_items(f, v, item, n);
    case A_CONST:
        if (v->ck != AC_STR) return false;
        if (v->arg) v->arg->demanded = true;
        text_items(f, v, item, n);
        return true;
    case A_INDEX:
        if (v->n == 0 || !v->item) return false;
        *item = v->item;
        *n = v->n;
        return true;
    case A_FRAME: {
        Frame *fr = front_frame(f, v);
        *item = fr->name.at;
        *n = fr->name.n;
        return true;
    }
    default: return false;
    }
}

/* -- Unrolled ---------------------------------------------------------------------- */
typedef struct Unroll {
    const Ast *s;
    AVal **item;
    idx n;
    Follow *follow; /* NULL: the items can't change */
} Unroll;

static bool unroll_from(Front *f, const Unroll *u, idx i);

static AVal *done_value(Front *f)
{
    return heap_var(f, f->scope->done);
}

static AVal *done_is(Front *f, int64_t code)
{
    return front_elem(f, OP_EQ, (AVal *[]){done_value(f), av_int(f, code)}, 2);
}

static void done_set(Front *f, int64_t code)
{
    heap_set_var(f, f->scope->done, av_int(f, code));
}

/* IF go {done = NO; the iterations from i on} {}: true when control goes on. */
static bool unroll_guarded(Front *f, const Unroll *u, idx i)
{
    AVal *go = front_elem(
        f, OP_BITOR, (AVal *[]){done_is(f, DONE_NO), done_is(f, DONE_CONTINUE)}, 2);
    Region *outer = f->at;
    Heap *base = heap_save(f);
    Node *n = node_put(f, outer, OP_IF, &go->val, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    Path open[2];
    int nopen = 0;
    heap_load(f, base);
    f->at = yes;
    done_set(f, DONE_NO);
    if (unroll_from(f, u, i)) open[nopen++] = (Path){.region = f->at, .heap = f->heap};
    heap_load(f, base);
    open[nopen++] = (Path){.region = no, .heap = f->heap};
    f->at = outer;
    join_if(f, n, open, nopen, base);
    f->at = outer;
    return true;
}

static bool unroll_from(Front *f, const Unroll *u, idx i)
{
    for (;; i++) {
        AVal *item = i < u->n ? u->item[i] : NULL;
        bool over = false;
        bool open = !u->follow || !i || follow_turn(f, u->follow, i, &item, &over);
        if (over) return open;
        if (!item) break;
        Heap *before = f->trying ? heap_save(f) : NULL;
        lower_assign(f, u->s->a, item);
        if (before) try_commit(f, before);
        if (!lower_body(f, &u->s->list)) return false;
        AVal *d = done_value(f);
        if (d->kind != A_CONST) return unroll_guarded(f, u, i + 1);
        if (d->i == DONE_CONTINUE) done_set(f, DONE_NO);
        if (d->i == DONE_BREAK || d->i == DONE_RETURN) return true;
    }
    if (u->s->list2.n) {
        Loop *loop = f->scope->loop;
        f->scope->loop = loop->up;
        bool reached = lower_body(f, &u->s->list2);
        f->scope->loop = loop;
        return reached;
    }
    return true;
}

/* After a loop: break and continue are over, a return goes on. */
static void leave_loop(Front *f, const Ast *s)
{
    AVal *d = done_value(f);
    if (!live_returns(&s->list) && !live_returns(&s->list2)) {
        done_set(f, DONE_NO);
        return;
    }
    if (d->kind == A_CONST) {
        if (d->i != DONE_RETURN) done_set(f, DONE_NO);
        return;
    }
    AVal *ret = done_is(f, DONE_RETURN);
    AVal *v = front_elem(
        f, OP_SELECT, (AVal *[]){ret, av_int(f, DONE_RETURN), av_int(f, DONE_NO)}, 3);
    heap_set_var(f, f->scope->done, v);
}

/* of: what the items are of, where they can change; else NULL */
static bool lower_unrolled(Front *f, const Ast *s, AVal **item, idx n, AVal *of)
{
    Loop loop = {.up = f->scope->loop, .unrolled = true};
    f->scope->loop = &loop;
    Unroll u = {s, item, n, of ? follow_new(f, s, of, n) : NULL};
    bool reached = unroll_from(f, &u, 0);
    f->scope->loop = loop.up;
    if (reached) leave_loop(f, s);
    return reached;
}

/* -- Run-time loops ---------------------------------------------------------------- */
typedef struct Rt {
    Front *f;
    const Ast *s;
    const AstList *body;
    Op op;
    Val *range[3];
    Val *dict;  /* dict or set whose entries the target takes */
    AVal *size; /* its number of entries at the start */
    char what;  /* k keys, v values, i pairs */
    AVal *over; /* array whose elements the target takes; NULL: the number itself */
    bool weak;  /* the number is Python's own */
    bool parallel;
    Heap *base;
    Join *join;
    Region *outer;
    Node *node;
    Loop *loop;
    Cells private_;
    Reductions red;
    bool draws;    /* parallel, and its body draws random numbers */
    int32_t broke; /* as in Loop */
} Rt;

static bool is_number(const AVal *v)
{
    return v->kind == A_SCALAR || (v->kind == A_CONST && v->ck != AC_STR);
}

/* The name is read outside of the loop's body: by other statements of the function, by
 * the loop's else, or, where it is of a function around this one, by that one. */
static bool is_read_outside(const Rt *r, int32_t cell, const char *name)
{
    const Scope *s = r->f->scope;
    bool own = false;
    vec_each (i, &s->cell)
        own |= s->cell.at[i] == cell;
    if (!own || live_loads(s->def, r->s, name)) return true;
    for (idx i = 0; i < r->s->list2.n; i++)
        if (live_loads(r->s->list2.at[i], NULL, name)) return true;
    return false;
}

static void find_carried(Rt *r)
{
    Front *f = r->f;
    Cells all = {0};
    scope_assigned(f, r->body, &all);
    if (r->op == OP_FOR) scope_target_cells(f, r->s->a, &all);
    vec_each (i, &all.at) {
        int32_t cell = all.at.at[i];
        const char *name = scope_cell_name(f, cell);
        bool target =
            r->op == OP_FOR && name && r->s->a->kind == AST_Name && r->s->a->id == name;
        bool exposed = name && !target && live_exposed(r->body, name);
        if (!exposed && r->op == OP_LOOP) exposed = live_loads(r->s->a, NULL, name);
        bool reduced = r->parallel && name && reduction_has(&r->red, name);
        if (!exposed && !reduced && (r->parallel || !is_read_outside(r, cell, name))) {
            vec_push(f->arena, &r->private_.at, cell);
            vec_push(f->arena, &r->join->skip, cell);
            continue;
        }
        AVal *v = heap_var(f, cell);
        if (v && is_number(v)) join_put(r->join, cell, join_widen(r->join, v));
    }
}

/* The variables of an iteration have no value when it begins, and none behind a prange.
 */
static void clear_private(Rt *r)
{
    AVal *none = av_new_kind(r->f, A_UNBOUND);
    none->i = r->parallel;
    vec_each (i, &r->private_.at)
        heap_set_var(r->f, r->private_.at.at[i], none);
}

static void open_head(Rt *r)
{
    Front *f = r->f;
    idx n = join_holes(r->join);
    int off = r->op == OP_FOR;
    f->fn->at_inline = f->inlined_at + 1;
    r->node = node_new(f->fn, r->op, f->loc, 0, NULL, 0);
    r->node->parent = r->outer;
    Region *body = node_add_region(f->fn, r->node, (int)n + off);
    if (off) body->param[0].type = type_scalar(DT_I64);
    heap_load(f, r->base);
    clear_private(r);
    join_rebuild(r->join, body->param + off);
    done_set(f, DONE_NO); /* an iteration begins only when nobody has left */
    f->at = body;
    if (r->draws) rng_enter(f, &body->param[0]);
}

static void push_path(Front *f, Loop *loop, bool is_break)
{
    Path p = {f->at, f->heap, f->loc, is_break};
    vec_push(f->arena, &loop->path, p);
}

/* IF leave {break or continue} {}; the state goes on in the present region. */
static void leave_if(Rt *r, Val *leave, bool is_break)
{
    Front *f = r->f;
    Region *at = f->at;
    Heap *keep = heap_save(f);
    Node *n = node_put(f, at, OP_IF, &leave, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    f->at = yes;
    push_path(f, r->loop, is_break);
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    heap_load(f, keep);
    f->at = at;
}

static void break_if(Rt *r, Val *leave)
{
    leave_if(r, leave, true);
}

static AVal *dict_has_changed(Rt *r)
{
    Front *f = r->f;
    Val *n = obj_call(f, OP_OBJLEN, NULL, NULL, &r->dict, 1, type_scalar(DT_I64));
    return front_elem(f, OP_NE, (AVal *[]){av_scalar(f, n), r->size}, 2);
}

static void raise_changed(Rt *r, AVal *cond)
{
    lower_raise_if(r->f, cond, E_RUNTIME,
                   comp_is(r->f->fn, r->dict->type, COMP_DICT)
                       ? "dictionary changed size during iteration"
                       : "Set changed size during iteration");
}

/* The entry that the loop stands at; deleted ones are passed over. */
static AVal *dict_item(Rt *r, Val *i)
{
    Front *f = r->f;
    raise_changed(r, dict_has_changed(r));
    Val *a[2] = {r->dict, i};
    AVal *has =
        av_scalar(f, obj_call(f, OP_ENTRYHAS, NULL, NULL, a, 2, type_scalar(DT_BOOL)));
    leave_if(r, front_elem(f, OP_INVERT, &has, 1)->val, false);
    return box_entry(f, r->dict, i, r->what);
}

static AVal *negated(Front *f, AVal *v)
{
    return front_elem(f, OP_INVERT, &v, 1);
}

/* A loop's test. `a and b` leaves by a, then by b, so that what stands behind it knows
 * both. false: the loop ends here whatever the run time says. */
static bool run_test(Rt *r, const Ast *test)
{
    Front *f = r->f;
    if (test->kind == AST_BoolOp && test->op == AST_And) {
        for (idx i = 0; i < test->list.n; i++)
            if (!run_test(r, test->list.at[i])) return false;
        return true;
    }
    AVal *c = lower_cond(f, test);
    if (c->kind != A_CONST) break_if(r, negated(f, c)->val);
    if (c->kind != A_CONST || c->i) return true;
    push_path(f, r->loop, true);
    return false;
}

/* The loop's test or target; false: the loop ends here whatever the run time says. */
static bool run_head(Rt *r)
{
    Front *f = r->f;
    if (r->op == OP_LOOP) return run_test(r, r->s->a);
    AVal *i = av_scalar(f, &r->node->region[0]->param[0]);
    i->i = r->weak;
    if (r->dict)
        i = dict_item(r, i->val);
    else if (r->over)
        i = iter_item(f, r->over, i);
    Heap *before = f->trying ? heap_save(f) : NULL;
    lower_assign(f, r->s->a, i);
    if (before) try_commit(f, before);
    return true;
}

/* The variables that are concatenated. */
static void each_collected(Front *f, const Reductions *red,
                           void (*fn)(Front *f, const char *name))
{
    vec_each (i, &red->at)
        if (red->at.at[i].letter == 'c') fn(f, red->at.at[i].name);
}

/* A container became an object where the loop begins: what the body changes in it is
 * seen by a handler around the loop. */
static bool makes_objects(const Rt *r)
{
    vec_each (i, &r->join->cell) {
        const JoinCell *jc = &r->join->cell.at[i];
        if (jc->to.kind == C_BOX && jc->n < r->base->cell.n &&
            r->base->cell.at[jc->n].kind == C_ITEMS)
            return true;
    }
    return false;
}

static void run_round(Rt *r)
{
    Front *f = r->f;
    Loop loop = {.up = f->scope->loop, .parallel = r->parallel, .broke = r->broke};
    r->loop = ARENA_NEW(f->arena, Loop);
    *r->loop = loop;
    open_head(r);
    if (r->parallel) each_collected(f, &r->red, collect_again);
    f->scope->loop = r->loop;
    Trying *trying = f->trying;
    if (r->parallel) f->trying = NULL; /* iterations know nothing of each other */
    if (f->trying && makes_objects(r)) try_commit(f, r->base);
    if (run_head(r) && lower_body(f, r->body)) {
        AVal *d = done_value(f);
        if (d->kind == A_CONST && d->i == DONE_NO) {
            push_path(f, r->loop, false);
        } else if (d->kind == A_CONST) {
            push_path(f, r->loop, true);
        } else {
            break_if(r, negated(f, done_is(f, DONE_NO))->val);
            done_set(f, DONE_NO);
            push_path(f, r->loop, false);
        }
    }
    f->trying = trying;
    f->scope->loop = loop.up;
}

static void join_paths(Rt *r)
{
    r->join->changed = false;
    vec_each (i, &r->loop->path) {
        Path *p = &r->loop->path.at[i];
        join_state(r->join, p->heap, r->base->cell.n);
    }
}

typedef struct Letters {
    char *letter;
    int64_t
        *lead; /* of letters f and l: number of the carried value that is followed */
    idx n;
} Letters;

/* Marks the holes of a reduction's value. */
static void set_letter(Letters *l, const AVal *v, char letter, int64_t lead)
{
    if (v->kind == A_MAYBE) set_letter(l, v->item[0], letter, lead);
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        set_letter(l, v->item[i], letter, lead);
    if (!v->val || !val_is_hole(v->val) || v->val->index >= l->n) return;
    l->letter[v->val->index] = v->kind == A_MAYBE && lead < 0 ? '.' : letter;
    l->lead[v->val->index] = lead;
}

static const AVal *carried(const Rt *r, const char *name)
{
    vec_each (i, &r->join->cell) {
        const JoinCell *jc = &r->join->cell.at[i];
        const char *its = jc->to.kind == C_VAR ? scope_cell_name(r->f, jc->n) : NULL;
        if (its && its == name) return jc->to.var;
    }
    return NULL;
}

static void set_reduce(Rt *r)
{
    Front *f = r->f;
    if (!r->parallel) return;
    Letters l = {.n = r->join->hole.n};
    l.letter = arena_alloc(f->arena, (size_t)l.n + 1);
    l.lead = ARENA_NEW_N(f->arena, l.n + 1, int64_t);
    for (idx k = 0; k < l.n; k++) {
        l.letter[k] = '.';
        l.lead[k] = -1;
    }
    bool follows = false;
    vec_each (i, &r->red.at) {
        const Reduction *d = &r->red.at.at[i];
        const AVal *v = carried(r, d->name);
        const AVal *lead = d->lead ? carried(r, d->lead) : NULL;
        if (v && d->part >= 0)
            v = v->kind == A_TUPLE && d->part < v->n ? v->item[d->part] : NULL;
        if (!v || (d->lead && (!lead || lead->kind != A_SCALAR || !lead->val)))
            continue;
        set_letter(&l, v, d->letter, lead ? lead->val->index : -1);
        follows |= lead != NULL;
    }
    node_set_int(f->fn, r->node, "parallel", !f->serial);
    node_set_text(f->fn, r->node, "reduce", l.letter, l.n);
    if (follows) node_set_ints(f->fn, r->node, "lead", l.lead, l.n);
}

static void close_paths(Rt *r)
{
    Front *f = r->f;
    idx n = r->join->hole.n;
    vec_each (i, &r->loop->path) {
        Path *p = &r->loop->path.at[i];
        Val **out = join_flatten(r->join, p->heap, p->region);
        Node *t = node_put(f, p->region, p->is_break ? OP_BREAK : OP_CONTINUE, out,
                           (int)n, 0);
        node_set_int(f->fn, t, "depth", 0);
    }
    Val **init = join_flatten(r->join, r->base, r->outer);
    int off = r->op == OP_FOR ? 3 : 0;
    r->node->narg = off + (int32_t)n;
    r->node->arg = ARENA_NEW_N(f->arena, r->node->narg + 1, Val *);
    for (int k = 0; k < off; k++)
        r->node->arg[k] = r->range[k];
    for (idx k = 0; k < n; k++)
        r->node->arg[off + k] = init[k];
    node_append(r->outer, r->node);
}

static bool has_break(const Rt *r)
{
    vec_each (i, &r->loop->path)
        if (r->loop->path.at[i].is_break) return true;
    return false;
}

/* The states of generators are private to an iteration of a prange; when its body
 * turns out to draw, it is lowered again with such states. */
static bool starts_to_draw(Rt *r, int64_t before)
{
    if (!r->parallel || r->draws || r->f->rng->ndraw == before) return false;
    r->draws = true;
    return true;
}

static void skip_generators(Rt *r)
{
    Rngs *g = r->f->rng;
    for (idx i = 0; r->parallel && i < g->cell.n; i++)
        vec_push(r->f->arena, &r->join->skip, g->cell.at[i]);
}

/* An endless loop ends by break and return only: when all of them are returns, so has
 * the function. */
static void note_returns(Rt *r)
{
    Front *f = r->f;
    AVal *how = NULL;
    if (r->op != OP_LOOP) return;
    vec_each (i, &r->loop->path) {
        const Path *p = &r->loop->path.at[i];
        if (!p->is_break) continue;
        AVal *d = p->heap->cell.at[f->scope->done].var;
        if (d->kind != A_CONST || (how && how->i != d->i)) return;
        how = d;
    }
    if (!how || how->i != DONE_RETURN) return;
    done_set(f, DONE_RETURN);
    AVal *ret = heap_var(f, f->scope->ret);
    if (ret->kind == A_MAYBE) heap_set_var(f, f->scope->ret, ret->item[0]);
}

/* Whether the loop has come to its end by itself, if nobody has returned. */
static AVal *not_broken(Rt *r)
{
    Front *f = r->f;
    if (!r->broke) return av_bool(f, true);
    AVal *broke = heap_var(f, r->broke - 1);
    return broke->kind == A_CONST ? av_bool(f, !broke->i) : negated(f, broke);
}

/* The last iteration may have changed the dict or set too: the next item is asked for
 * once more than there are. */
static void check_at_end(Rt *r)
{
    Front *f = r->f;
    AVal *d = done_value(f), *end = not_broken(r);
    if (d->kind == A_CONST && d->i == DONE_RETURN) return;
    if (end->kind == A_CONST && !end->i) return;
    AVal *bad = dict_has_changed(r);
    if (end->kind != A_CONST) bad = front_elem(f, OP_BITAND, (AVal *[]){bad, end}, 2);
    if (d->kind != A_CONST) {
        AVal *here = negated(f, done_is(f, DONE_RETURN));
        bad = front_elem(f, OP_BITAND, (AVal *[]){bad, here}, 2);
    }
    raise_changed(r, bad);
}

static bool run_loop(Rt *r)
{
    Front *f = r->f;
    Loc loc = f->loc;
    r->outer = f->at;
    if ((r->s->list2.n || r->dict) && live_breaks(&r->s->list))
        r->broke = 1 + heap_cell(f, C_VAR, av_bool(f, false));
    r->base = heap_save(f);
    r->join = join_new(f, r->base);
    find_carried(r);
    skip_generators(r);
    for (int round = 0;; round++) {
        int64_t ndraw = f->rng->ndraw;
        if (round == ROUNDS_MAX)
            front_unsup(f, UNSUP_TYPES,
                        "the types of this loop's variables do not settle");
        run_round(r);
        f->loc = loc;
        join_paths(r);
        if (starts_to_draw(r, ndraw)) continue;
        if (!r->join->changed) break;
    }
    f->at = r->outer;
    close_paths(r);
    set_reduce(r);
    heap_load(f, r->base);
    join_results(f, r->node, r->join);
    clear_private(r);
    if (r->draws) rng_leave(f);
    note_returns(r);
    if (r->op == OP_LOOP && !has_break(r)) {
        lower_unreachable(f);
        return false;
    }
    if (f->trying && r->s->list2.n) try_commit(f, r->base); /* `else` may fail */
    if (r->dict) check_at_end(r);
    if (r->s->list2.n && !lower_when(f, not_broken(r), &r->s->list2)) return false;
    leave_loop(f, r->s);
    return true;
}

bool lower_while(Front *f, const Ast *s)
{
    Rt r = {.f = f, .s = s, .body = &s->list, .op = OP_LOOP};
    return run_loop(&r);
}

/* -- for --------------------------------------------------------------------------- */
static bool step_is_zero(const AVal *v)
{
    return v->kind == A_CONST && v->i == 0;
}

/* The loop's number decides columns or keys: run it when compiling. */
static bool wants_unroll(Front *f, const Ast *s, AVal *range)
{
    if (s->a->kind != AST_Name) return false;
    for (idx i = 0; i < 3; i++)
        if (range->item[i]->kind != A_CONST ||
            (range->item[i]->arg && !range->item[i]->arg->demanded))
            return false;
    AVal **item;
    idx n;
    return live_decides(f, &s->list, s->a->id) && range_items(f, range, &item, &n);
}

static bool lower_range(Front *f, const Ast *s, AVal *range, AVal *over, bool parallel)
{
    Rt r = {.f = f,
            .s = s,
            .body = &s->list,
            .op = OP_FOR,
            .over = over,
            .parallel = parallel};
    r.weak = true;
    for (int i = 0; i < 3; i++) {
        AVal *v = range->item[i];
        Val *x = front_val(f, v);
        if (x->type.kind != TY_SCALAR ||
            !(dt_is_int((DType)x->type.dt) || x->type.dt == DT_BOOL))
            front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                       av_type_text(f, v));
        r.range[i] = front_cast(f, x, type_scalar(DT_I64));
    }
    if (range->item[2]->kind != A_CONST) {
        AVal *zero = front_elem(f, OP_EQ, (AVal *[]){range->item[2], av_int(f, 0)}, 2);
        lower_raise_if(f, zero, E_VALUE, "range() arg 3 must not be zero");
    } else if (step_is_zero(range->item[2])) {
        front_fail(f, E_VALUE, "range() arg 3 must not be zero");
    }
    if (!parallel) return run_loop(&r);
    prange_analyse(f, s, &r.red);
    each_collected(f, &r.red, collect_begin);
    bool reached = run_loop(&r);
    each_collected(f, &r.red, collect_end);
    return reached;
}

static bool lower_entries(Front *f, const Ast *s, AVal *d, char what)
{
    Rt r = {.f = f, .s = s, .body = &s->list, .op = OP_FOR, .weak = true, .what = what};
    r.dict = box_get(f, d);
    r.size = box_len(f, d);
    Val *used = obj_call(f, OP_OBJLEN, NULL, NULL, &r.dict, 1, type_scalar(DT_I64));
    node_set_int(f->fn, used->def, "used", 1);
    r.range[0] = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), 0);
    r.range[1] = used;
    r.range[2] = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), 1);
    return run_loop(&r);
}

static bool has_list(const AVal *v)
{
    bool any = v->kind == A_LIST;
    for (idx i = 0; v->kind == A_VIEW && i < v->n; i++)
        any |= has_list(v->item[i]);
    return any && !v->rec;
}

/* Over what exists at run time. */
static bool lower_iter(Front *f, const Ast *s, AVal *it)
{
    if ((it->kind == A_DICT || it->kind == A_SET) && box_get(f, it))
        return lower_entries(f, s, it, 'k');
    if (it->kind == A_VIEW && (*it->s == 'k' || *it->s == 'v' || *it->s == 'i') &&
        box_get(f, it->item[0]))
        return lower_entries(f, s, it->item[0], *it->s);
    if (has_list(it) && iter_changes(&s->list)) return iter_live(f, s, it, 0);
    it = iter_open(f, it);
    AVal *part[3] = {av_int(f, 0), iter_count(f, it), av_int(f, 1)};
    return lower_range(f, s, av_tuple(f, part, 3), it, false);
}

typedef struct Attempt {
    const Ast *s;
    AVal *range;
    bool reached;
} Attempt;

static void attempt_range(Front *f, void *data)
{
    Attempt *a = data;
    a->reached = lower_range(f, a->s, a->range, NULL, false);
}

enum { TABLES_MAX = 200 }; /* rounds of a loop that is unrolled for its tables */

/* The rounds of a loop that names columns: what arguments say of them is then part of
 * what the code is made for. */
static bool rounds_known(Front *f, AVal *range, idx most)
{
    AVal **item;
    idx n;
    for (idx i = 0; i < 3; i++)
        if (range->item[i]->kind != A_CONST) return false;
    if (!range_items(f, range, &item, &n) || n > most) return false;
    for (idx i = 0; i < 3; i++)
        if (range->item[i]->arg) range->item[i]->arg->demanded = true;
    return true;
}

/* A loop of few known rounds that puts tables into a list or dict, or names columns, is
 * run when compiling: then it is known which these are. */
static bool range_or_unrolled(Front *f, const Ast *s, AVal *range)
{
    Attempt a = {s, range, false};
    AVal **item;
    idx n;
    bool was = f->hints->counted, known = true;
    for (idx i = 0; i < 3; i++)
        known &= range->item[i]->kind == A_CONST && !arg_is_lazy(range->item[i]);
    known = known && range_items(f, range, &item, &n) && n <= TABLES_MAX;
    f->hints->counted = known;
    bool done = front_attempt(f, attempt_range, &a);
    f->hints->counted = was;
    if (done) return a.reached;
    int unsup = f->thrown == THROW_ERROR ? f->fn->err->unsup : -1;
    bool tables = unsup == UNSUP_ELEMENT && known;
    if (!tables && !(unsup == UNSUP_COLNAME && rounds_known(f, range, TABLES_MAX))) {
        f->hints->nested = true; /* what the loop did before has left no trace */
        front_rethrow(f);
    }
    err_clear(f->fn->err);
    at_loc(f, s->loc);
    range_items(f, range, &item, &n);
    return lower_unrolled(f, s, item, n, NULL);
}

bool lower_for(Front *f, const Ast *s)
{
    AVal *it = opt_iterable(f, lower_expr(f, s->b));
    at_loc(f, s->loc);
    AVal **item;
    idx n;
    if (it->kind == A_RANGE) {
        bool parallel = it->ck == 1;
        if (!parallel && wants_unroll(f, s, it)) {
            range_items(f, it, &item, &n);
            return lower_unrolled(f, s, item, n, NULL);
        }
        return parallel ? lower_range(f, s, it, NULL, true)
                        : range_or_unrolled(f, s, it);
    }
    if (it->kind == A_OPEN) it = av_tuple(f, NULL, 0);
    if (iter_is_run(f, it)) return lower_iter(f, s, it);
    if (lower_items(f, it, &item, &n)) return lower_unrolled(f, s, item, n, it);
    if (it->kind == A_ARRAY) {
        AVal *part[3] = {av_int(f, 0), front_len(f, it), av_int(f, 1)};
        AVal *range = av_tuple(f, part, 3);
        return lower_range(f, s, range, it, false);
    }
    front_check_iterable(f, it, "'%s' object is not iterable");
    front_unsup(f, UNSUP_LOOP_OVER, "a loop over %s is not compiled",
                av_type_text(f, it));
}

/* -- Comprehensions ---------------------------------------------------------------- */
enum { COMP_MAX = 64 }; /* items of one that is unrolled */

typedef struct Comp {
    const Ast *e;
    AVal *first; /* the first iterable, evaluated */
    bool run;    /* only the run time can tell: given up */
    VEC(AVal *) item;
    VEC(AVal *) key;
} Comp;

static void comp_level(Front *f, Comp *c, idx level)
{
    const Ast *e = c->e;
    if (level == e->list.n) {
        if (e->kind == AST_DictComp) vec_push(f->arena, &c->key, lower_expr(f, e->a));
        vec_push(f->arena, &c->item,
                 lower_expr(f, e->kind == AST_DictComp ? e->b : e->a));
        return;
    }
    const Ast *g = e->list.at[level];
    if (g->i) front_unsup(f, UNSUP_ASYNC, NULL);
    AVal **item, *it = level ? opt_iterable(f, lower_expr(f, g->b)) : c->first;
    idx n;
    c->run |= iter_is_run(f, it) || !lower_items(f, it, &item, &n) || n > COMP_MAX;
    for (idx i = 0; !c->run && i < n; i++) {
        lower_assign(f, g->a, item[i]);
        bool keep = true;
        for (idx k = 0; k < g->list.n && keep; k++) {
            AVal *t = lower_cond(f, g->list.at[k]);
            c->run |= t->kind != A_CONST;
            keep = t->kind == A_CONST && t->i != 0;
        }
        if (keep && !c->run) comp_level(f, c, level + 1);
    }
}

static bool comp_run_keys(const Comp *c)
{
    const AVal *const *key =
        (const AVal *const *)(c->e->kind == AST_SetComp ? c->item.at : c->key.at);
    idx n = c->e->kind == AST_SetComp ? c->item.n : c->key.n;
    for (idx i = 0; i < n; i++)
        if (!front_is_const(key[i]) || arg_is_lazy(key[i])) return true;
    return false;
}

AVal *lower_comp(Front *f, const Ast *e)
{
    Scope *s = scope_new(f, f->scope, f->scope->fn, f->scope->file, f->scope->fname);
    s->caller = f->scope;
    s->def = e;
    s->comp = true;
    Scope *was = f->scope;
    Comp c = {.e = e, .first = opt_iterable(f, lower_expr(f, e->list.at[0]->b))};
    if (e->list.at[0]->i) front_unsup(f, UNSUP_ASYNC, NULL);
    Heap *before = heap_save(f);
    f->scope = s;
    comp_level(f, &c, 0);
    f->scope = was;
    if (c.run || comp_run_keys(&c)) {
        heap_load(f, before);
        return iter_comp(f, e, c.first);
    }
    if (e->kind == AST_SetComp) return set_new(f, c.item.at, c.item.n);
    if (e->kind == AST_GeneratorExp) return av_tuple(f, c.item.at, c.item.n);
    if (e->kind == AST_ListComp) return av_list(f, c.item.at, c.item.n);
    AVal *d = av_container(f, A_DICT, NULL, NULL, 0);
    for (idx i = 0; i < c.key.n; i++)
        dict_set(f, d, c.key.at[i], c.item.at[i]);
    return d;
}
