/* SPDX-License-Identifier: Apache-2.0
 * Work on a file's rows as they come. What is done to the rows of a Parquet file one by
 * one moves into a loop that reads batch by batch: there the rows are still in the
 * cache, and what they become takes room for a batch only. In the loop are element-wise
 * loops, text functions, numbers of the file's rows, filters, joins of the batch with
 * rows that are there already, and what ends the rows: group-bys and reductions. What
 * other nodes use is collected and has the old axis behind the loop:
 *
 *   r, x = READ path              p = READER path; c = COLLECT p; g = GROUPPLACE
 *   m = MAP x                     b = JOINBUILD p, t, u
 *   q, y = FILTER m, x      =>    LOOP { r', x' = READNEXT p; m' = MAP x'
 *   j, z = JOIN q, t, y, u               q', y' = FILTER m', x'
 *   k, v = GROUPBY j, z                  j', z' = JOINPROBE b, r', q', y'
 *   ... uses of y, v                     GROUPADD g, j', z'; COLLECTADD c, q', y'
 *                                        break if r' is 0 }
 *                                 q, y = COLLECTED c; k, v = GROUPED g
 *
 * The last batch has no rows: it gives every column its type, and lets a join that had
 * to keep its batches (rt/rt_joinbatch.c) end. A file is read so where something makes
 * its rows fewer: a filter, a group-by, a reduction, a join. Integers that become
 * floats when one of them is missing anywhere ("int64?") need all rows and stay
 * outside, so do files with such columns, or with categories, which are of all rows,
 * and aggregates that keep rows or texts.
 *
 * The loop stands behind the last node that it takes: what does not depend on the file
 * comes before it, so that a join finds its other side; what does depend comes behind
 * it. Nothing whose effect can be seen is passed on the way. Of two sides of a join
 * that are both files, the one that seems larger comes in batches.
 *
 * Runs after fuse, on MAPs, and before own. But for the end of a join that keeps its
 * batches, which every rank comes to once, the loop holds nothing collective: ranks go
 * through it as often as they have batches.
 */
#include "base/base.h"

#include "base/kinds.h"
#include "pass/pass_int.h"

#include <string.h>

enum {
    OUTSIDE,
    BEHIND,
    MEMBER,
    END
}; /* Node.mark: depends on the file unless OUTSIDE */

/* One axis of the members: the rows of the file, of a filter, of a join. */
typedef struct Rows {
    Axis *axis, *batch; /* of all rows; of those in a batch */
    Val *count;         /* of all rows, as a node's result */
    VEC(Val *) kept;    /* columns that are used behind the loop */
    Val *place;         /* where they are collected; NULL: nothing is used */
    bool joined;        /* may be more than the file's */
} Rows;

/* A sum that is carried from batch to batch: a reduction of a loop over columns, or the
 * number of the file's rows so far. */
typedef struct Carry {
    Val *of;     /* the result of the MAP; the read's number of rows */
    char letter; /* as in its outs */
    Val *next;   /* in the loop: with this batch */
} Carry;

typedef struct Batch {
    Fn *fn;
    const double *size; /* by axis: how large its rows may be, a guess */
    Node *read;
    VEC(Node *) member; /* in order, the read first, with the ends */
    VEC(Node *) behind; /* in order: nodes between them that move behind the loop */
    VEC(Rows *) rows;
    VEC(Carry) carry;
    int number;      /* row of carry: of the file's rows; -1: they have no numbers */
    bool worth;      /* something makes fewer rows of them */
    Node *at;        /* where the loop goes: in front of this */
    Val *reader;     /* the file */
    Val *batch_rows; /* in the loop: rows of the file's batch */
} Batch;

/* The nodes of earlier loops: their file is read, and that is no effect to be seen. */
typedef struct Made {
    Fn *fn;
    double *size;
    VEC(Node *) node;
} Made;

/* -- How large --------------------------------------------------------------------- */

static double size_at(const Batch *s, Val *v)
{
    const Axis *a = pass_axis(s->fn, v);
    return a ? s->size[a->id] : 0;
}

static bool is_compare(const Node *n)
{
    return n->op == OP_EQ || n->op == OP_NE || n->op == OP_LT || n->op == OP_LE ||
           n->op == OP_GT || n->op == OP_GE || n->op == OP_STRCMP || n->op == OP_ISIN ||
           n->op == OP_STRFIND;
}

static void count_compares(void *data, Node *n)
{
    *(int *)data += is_compare(n);
}

/* Every test of a filter is taken to halve the rows. */
static double filtered(const Node *n, double size)
{
    const Node *mask = n->arg[0]->def;
    int tests = mask ? is_compare(mask) : 0;
    for (int i = 0; mask && mask->op == OP_MAP && i < mask->narg; i++)
        if (mask->arg[i]->def) tests += is_compare(mask->arg[i]->def);
    if (mask && mask->op == OP_MAP) pass_walk(mask->region[0], count_compares, &tests);
    for (int i = 0; i < (tests ? tests : 1); i++)
        size /= 2;
    return size;
}

static void find_size(void *data, Node *n)
{
    Made *m = (Made *)data;
    double most = 0;
    for (int i = 0; i < n->narg; i++) {
        const Axis *a = pass_axis(m->fn, n->arg[i]);
        if (a && m->size[a->id] > most) most = m->size[a->id];
    }
    if (n->op == OP_READ) most = (double)node_int(n, "bytes", 0);
    if (n->op == OP_FILTER) most = filtered(n, most);
    if (n->op == OP_GROUPBY || n->op == OP_DEDUP) most /= 4;
    for (int i = 0; i < n->nres; i++) {
        const Axis *a = pass_axis(m->fn, &n->res[i]);
        if (a && m->size[a->id] < most) m->size[a->id] = most;
    }
}

/* -- What runs batch by batch ------------------------------------------------------ */

static bool is_batched(const Node *n)
{
    const char *format = node_text(n, "format");
    if (n->op != OP_READ || !format || strcmp(format, "parquet") || n->nres < 2)
        return false;
    for (int i = 1; i < n->nres; i++)
        if (n->res[i].type.null == NULL_PROM || n->res[i].type.dt == DT_CAT)
            return false;
    return node_int(n, "limit", -1) < 0;
}

static char out_letter(const Node *map, int i)
{
    const char *outs = node_text(map, "outs");
    return outs && (idx)strlen(outs) > i ? outs[i] : '\0';
}

/* Whether a row of the results depends on that row of the arguments alone; sums may be
 * made of all of them beside. */
static bool is_row_wise(const Node *n)
{
    if (n->op == OP_FILTER) return true;
    for (int i = 0; i < n->nres; i++) {
        const Val *v = &n->res[i];
        char letter = n->op == OP_MAP ? out_letter(n, i) : '\0';
        bool sum = !val_is_col(v) && letter && strchr("+|&", letter);
        if ((!val_is_col(v) && !sum) || v->type.null == NULL_PROM) return false;
    }
    if (n->op == OP_MAP) return node_is_pure(n) && !node_int(n, "mask", 0);
    /* The form of a column's text is found in its rows. */
    if (n->op == OP_CONVERT || n->op == OP_TODATETIME) return false;
    return op_info[n->op].dist == DR_MAP && op_info[n->op].lower == LW_CALL &&
           op_info[n->op].effect == EF_PURE;
}

static Rows *rows_of(const Batch *s, Axis *a)
{
    vec_each (i, &s->rows)
        if (s->rows.at[i]->axis == axis_get(a)) return s->rows.at[i];
    return NULL;
}

static bool is_outside(const Val *v)
{
    return !v->def || v->def->mark == OUTSIDE;
}

/* A column of a batch. */
static bool is_here(const Batch *s, const Val *v)
{
    return val_is_col(v) && v->def && v->def->mark == MEMBER && rows_of(s, v->axis);
}

static bool is_member(const Batch *s, const Node *n)
{
    bool rows = false;
    if (!is_row_wise(n)) return false;
    for (int i = 0; i < n->narg; i++) {
        bool here = is_here(s, n->arg[i]);
        if (!here && (val_is_col(n->arg[i]) || !is_outside(n->arg[i]))) return false;
        rows |= here;
    }
    return rows;
}

/* The number of a batch's rows. */
static bool counts(const Val *v)
{
    return v->def && v->def->mark == MEMBER && v->index == 0;
}

/* Numbers of the file's rows. */
static bool is_number(const Batch *s, const Node *n)
{
    return n->op == OP_ROWNUM && n->arg[0] == &s->read->res[0];
}

/* All of a node's arguments from a to b: in the batch, or outside. */
static bool all_here(const Batch *s, const Node *n, int a, int b)
{
    for (int i = a; i < b; i++)
        if (!is_here(s, n->arg[i])) return false;
    return true;
}

static bool all_outside(const Node *n, int a, int b)
{
    for (int i = a; i < b; i++)
        if (!is_outside(n->arg[i])) return false;
    return true;
}

/* Arguments of one side of a join. */
typedef struct JoinSide {
    int rows, key, col, ncol;
} JoinSide;

static JoinSide join_side(const Node *n, bool right)
{
    int nkey = (int)node_int(n, "nkey", 0), nl = (int)node_int(n, "nl", 0);
    if (!right) return (JoinSide){0, 2, 2 + 2 * nkey, nl};
    return (JoinSide){1, 2 + nkey, 2 + 2 * nkey + nl, (int)node_int(n, "nr", 0)};
}

/* Rows that come, of the wanted side, and rows that are there, of the other. */
static bool joins_with(const Batch *s, const Node *n, bool right)
{
    int nkey = (int)node_int(n, "nkey", 0);
    JoinSide come = join_side(n, right), there = join_side(n, !right);
    return counts(n->arg[come.rows]) && all_here(s, n, come.key, come.key + nkey) &&
           all_here(s, n, come.col, come.col + come.ncol) &&
           is_outside(n->arg[there.rows]) &&
           all_outside(n, there.key, there.key + nkey) &&
           all_outside(n, there.col, there.col + there.ncol);
}

/* Which rows a join keeps must not depend on more than the batch, and their order be
 * that of the rows that come, or not matter. */
static bool can_join(const Batch *s, const Node *n, bool right)
{
    const char *how = node_text(n, "how");
    bool inner = how && !strcmp(how, "inner");
    if (n->op != OP_JOIN || !how || !node_int(n, "nkey", 0)) return false;
    if (!inner && strcmp(how, right ? "right" : "left") != 0) return false;
    if (inner && right && node_int(n, "order", 0)) return false;
    for (int i = 0; i < n->nres; i++)
        if (n->res[i].type.null == NULL_PROM) return false;
    const char *mine = right ? "rpar" : "lpar", *other = right ? "lpar" : "rpar";
    if (node_int(n, other, 0) && !node_int(n, mine, 0)) return false;
    if (!joins_with(s, n, right)) return false;
    return size_at(s, n->arg[right ? 1 : 0]) >= size_at(s, n->arg[right ? 0 : 1]);
}

/* Aggregates whose states are numbers, and can be merged. */
static bool can_group(const Batch *s, const Node *n)
{
    const Attr *aggs = node_attr(n, "aggs"), *cols = node_attr(n, "cols");
    int nkey = (int)node_int(n, "nkey", 0);
    if (n->op != OP_GROUPBY || nkey == 0 || !counts(n->arg[0])) return false;
    if (!all_here(s, n, 1, n->narg)) return false;
    for (idx i = 0; aggs && cols && i < aggs->n; i++) {
        int64_t k = aggs->ints[i];
        if (k == AGG_FIRST || k == AGG_LAST || k == AGG_NUNIQUE || k == AGG_MEDIAN)
            return false;
        bool text =
            cols->ints[i] >= 0 && n->arg[1 + nkey + cols->ints[i]]->type.dt == DT_STR;
        if (text && k != AGG_COUNT && k != AGG_SIZE) return false;
    }
    return true;
}

static bool uses_file(const Node *n);

static bool region_uses_file(const Region *r)
{
    for (const Node *n = r->first; n; n = n->next)
        if (uses_file(n)) return true;
    return false;
}

static bool uses_file(const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (!is_outside(n->arg[i])) return true;
    for (int i = 0; i < n->nregion; i++)
        if (region_uses_file(n->region[i])) return true;
    return false;
}

static bool is_made(const Made *m, const Node *n)
{
    vec_each (i, &m->node)
        if (m->node.at[i] == n) return true;
    return false;
}

/* What happens there can be seen: no other effect moves past it. */
static bool is_seen(const Made *m, const Node *n)
{
    uint8_t e = op_info[n->op].effect;
    if (op_is_terminator((Op)n->op)) return true;
    if (n->op == OP_READ || is_made(m, n)) return false;
    return e == EF_IO || e == EF_WRITE || (e == EF_CTRL && !node_is_pure(n));
}

static bool may_raise(const Node *n)
{
    return op_info[n->op].effect == EF_FAIL || op_info[n->op].effect == EF_READ;
}

/* Behind the loop, past nodes that do not depend on the file. */
static bool may_move(const Node *n)
{
    uint8_t e = op_info[n->op].effect;
    return e == EF_PURE || e == EF_COLL || (n->op == OP_MAP && node_is_pure(n));
}

static void add_rows(Batch *s, Node *n)
{
    Axis *a = pass_axis(s->fn, &n->res[0]);
    if (!a && n->nres > 1) a = axis_get(n->res[1].axis);
    if (!a) return;
    Rows *r = ARENA_NEW(s->fn->arena, Rows);
    r->axis = a;
    r->count = &n->res[0]; /* the axis may name none: its rows are gathered */
    const Rows *of = n->op == OP_FILTER ? rows_of(s, n->arg[0]->axis) : NULL;
    r->joined = n->op == OP_JOIN || (of && of->joined);
    vec_push(s->fn->arena, &s->rows, r);
}

static void add_member(Batch *s, Node *n)
{
    Fn *fn = s->fn;
    n->mark = n->op == OP_GROUPBY ? END : MEMBER;
    vec_push(fn->arena, &s->member, n);
    if (n->op == OP_FILTER || n->op == OP_JOIN || n->op == OP_GROUPBY) s->worth = true;
    if (n->op == OP_FILTER || n->op == OP_JOIN || n->op == OP_READ) add_rows(s, n);
    if (n->op == OP_ROWNUM && s->number < 0) {
        s->number = (int)s->carry.n;
        Carry c = {.of = &s->read->res[0], .letter = '+'};
        vec_push(fn->arena, &s->carry, c);
    }
    for (int i = 0; i < n->nres && n->op == OP_MAP; i++) {
        if (val_is_col(&n->res[i])) continue;
        Carry c = {.of = &n->res[i], .letter = out_letter(n, i)};
        vec_push(fn->arena, &s->carry, c);
        s->worth = true;
    }
}

static void find_members(Batch *s, const Made *made)
{
    idx behind = 0; /* of s->behind: in front of the last member */
    bool talks = false;
    add_member(s, s->read);
    s->at = s->read->next;
    for (Node *n = s->read->next; n && !is_seen(made, n); n = n->next) {
        if (!uses_file(n)) {
            if (talks && may_raise(n)) break;
            continue;
        }
        if (is_member(s, n) || is_number(s, n) || can_join(s, n, false) ||
            can_join(s, n, true) || can_group(s, n)) {
            add_member(s, n);
            s->at = n->next;
            behind = s->behind.n;
        } else if (may_move(n)) {
            talks |= op_info[n->op].effect == EF_COLL;
            n->mark = BEHIND;
            vec_push(s->fn->arena, &s->behind, n);
        } else {
            break;
        }
    }
    s->behind.n = behind;
}

/* -- The loop ---------------------------------------------------------------------- */

static Val *in_loop(Val *v)
{
    return v->tmp ? (Val *)v->tmp : v;
}

/* A member in the loop: results on the batch's axes. */
static void into_loop(Batch *s, Region *body, Node *n, Node *copy)
{
    for (int i = 0; i < n->nres; i++) {
        Val *v = &copy->res[i];
        v->type = n->res[i].type;
        v->hint = n->res[i].hint;
        n->res[i].tmp = v;
        if (n->res[i].axis) v->axis = rows_of(s, n->res[i].axis)->batch;
        vec_each (k, &s->rows)
            if (s->rows.at[k]->count == &n->res[i]) s->rows.at[k]->batch->rows = v;
    }
    node_append(body, copy);
}

/* A node with the attributes and the place in the source of another. */
static Node *node_like(Batch *s, const Node *of, Op op, int narg, Val *const *arg,
                       int nres)
{
    Node *n = node_new(s->fn, op, of->loc, narg, arg, nres);
    n->inlined_at = of->inlined_at;
    vec_each (i, &of->attr)
        vec_push(s->fn->arena, &n->attr, of->attr.at[i]);
    return n;
}

static void put_before(Made *m, Node *at, Node *n)
{
    vec_push(m->fn->arena, &m->node, n);
    node_insert_before(at, n);
}

static Val *place(Batch *s, Made *m, Node *n)
{
    n->res[0].type = type_scalar(DT_I64);
    put_before(m, n->op == OP_READER ? s->read : s->at, n);
    return &n->res[0];
}

/* Whether the right side of a member comes in batches. */
static bool comes_right(const Node *join)
{
    return !counts(join->arg[0]);
}

static Val *join_place(Batch *s, Made *m, const Node *n)
{
    bool right = comes_right(n);
    JoinSide there = join_side(n, !right);
    int nkey = (int)node_int(n, "nkey", 0), k = 0;
    Val **arg = ARENA_NEW_N(s->fn->arena, 2 + nkey + there.ncol, Val *);
    arg[k++] = s->reader;
    arg[k++] = n->arg[there.rows];
    for (int i = 0; i < nkey; i++)
        arg[k++] = n->arg[there.key + i];
    for (int i = 0; i < there.ncol; i++)
        arg[k++] = n->arg[there.col + i];
    Node *b = node_like(s, n, OP_JOINBUILD, k, arg, 1);
    node_set_int(s->fn, b, "right", right);
    return place(s, m, b);
}

static void join_batch(Batch *s, Made *m, Region *body, Node *n)
{
    bool right = comes_right(n);
    JoinSide come = join_side(n, right);
    int nkey = (int)node_int(n, "nkey", 0), k = 0;
    Val **arg = ARENA_NEW_N(s->fn->arena, 3 + nkey + come.ncol, Val *);
    arg[k++] = join_place(s, m, n);
    arg[k++] = s->batch_rows;
    arg[k++] = in_loop(n->arg[come.rows]);
    for (int i = 0; i < nkey; i++)
        arg[k++] = in_loop(n->arg[come.key + i]);
    for (int i = 0; i < come.ncol; i++)
        arg[k++] = in_loop(n->arg[come.col + i]);
    Node *p = node_like(s, n, OP_JOINPROBE, k, arg, n->nres);
    node_set_int(s->fn, p, "right", right);
    into_loop(s, body, n, p);
}

static void group_batch(Batch *s, Made *m, Region *body, Node *n)
{
    Val **arg = ARENA_NEW_N(s->fn->arena, n->narg + 1, Val *);
    Node *g = node_new(s->fn, OP_GROUPPLACE, n->loc, 0, NULL, 1);
    arg[0] = place(s, m, g);
    for (int i = 0; i < n->narg; i++)
        arg[i + 1] = in_loop(n->arg[i]);
    node_append(body, node_like(s, n, OP_GROUPADD, n->narg + 1, arg, 0));
    n->res[0].tmp = arg[0]; /* for grouped() */
}

static void number_batch(Batch *s, Region *body, Node *n)
{
    Val *arg[2] = {s->batch_rows, &body->param[s->number]};
    Node *c = node_like(s, n, OP_ROWNUM, 2, arg, 1);
    node_set_int(s->fn, c, "par", 0);
    into_loop(s, body, n, c);
}

static void member_batch(Batch *s, Made *m, Region *body, Node *n)
{
    if (n->op == OP_ROWNUM) {
        number_batch(s, body, n);
    } else if (n->op == OP_JOIN) {
        join_batch(s, m, body, n);
    } else if (n->op == OP_GROUPBY) {
        group_batch(s, m, body, n);
    } else {
        Node *copy = node_copy(s->fn, n);
        node_set_int(s->fn, copy, "par", 0);
        into_loop(s, body, n, copy);
    }
}

static void read_next(Batch *s, Region *body)
{
    Node *n = node_like(s, s->read, OP_READNEXT, 1, &s->reader, s->read->nres);
    into_loop(s, body, s->read, n);
    s->batch_rows = &n->res[0];
}

/* -- Reductions -------------------------------------------------------------------- */

static Op merging(char letter)
{
    return letter == '+' ? OP_ADD : letter == '|' ? OP_BITOR : OP_BITAND;
}

/* The value of no rows, with which the loop begins. */
static Val *neutral(Batch *s, Made *m, const Carry *c)
{
    if (c->of == &s->read->res[0]) {
        Node *base = node_new(s->fn, OP_ROWBASE, s->read->loc, 1, &s->reader, 1);
        base->inlined_at = s->read->inlined_at;
        node_set_int(s->fn, base, "par", node_int(s->read, "par", 0));
        return place(s, m, base);
    }
    Type t = c->of->type;
    Node *n = node_new(s->fn, OP_CONST, c->of->def->loc, 0, NULL, 1);
    n->res[0].type = t;
    if (dt_is_float((DType)t.dt))
        node_set_float(s->fn, n, "v", 0);
    else
        node_set_int(s->fn, n, "v", c->letter == '&');
    node_insert_before(s->at, n);
    return &n->res[0];
}

static void carry_on(Batch *s, Region *body)
{
    vec_each (i, &s->carry) {
        Carry *c = &s->carry.at[i];
        Val *v[2] = {&body->param[i], in_loop(c->of)};
        c->next = ir_emit1(s->fn, body, merging(c->letter), c->of->def->loc, 2, v,
                           c->of->type, NULL);
    }
}

/* break or continue with what is carried. */
static void go_on(Batch *s, Region *r, Op op)
{
    Val **arg = ARENA_NEW_N(s->fn->arena, s->carry.n + 1, Val *);
    vec_each (i, &s->carry)
        arg[i] = s->carry.at[i].next;
    node_append(r, node_new(s->fn, op, (Loc){0}, (int)s->carry.n, arg, 0));
}

static void leave_when_empty(Batch *s, Region *body)
{
    Fn *fn = s->fn;
    Loc loc = {0}; /* not the user's, so explain() is silent about it */
    Val *zero = ir_const_int(fn, body, loc, type_scalar(DT_I64), 0);
    Val *end = ir_emit1(fn, body, OP_EQ, loc, 2, (Val *[]){s->batch_rows, zero},
                        type_scalar(DT_BOOL), NULL);
    Node *branch = node_new(fn, OP_IF, loc, 1, &end, 0);
    go_on(s, node_add_region(fn, branch, 0), OP_BREAK);
    node_append(node_add_region(fn, branch, 0),
                node_new(fn, OP_YIELD, loc, 0, NULL, 0));
    node_append(body, branch);
    go_on(s, body, OP_CONTINUE);
}

/* -- What is used behind it -------------------------------------------------------- */

static int inner_uses(const Batch *s, const Val *v)
{
    int k = 0;
    vec_each (m, &s->member)
        for (int i = 0; i < s->member.at[m]->narg; i++)
            k += s->member.at[m]->arg[i] == v;
    return k;
}

/* What of r is used behind the loop. */
static void find_kept(Batch *s, Made *made, Rows *r)
{
    Fn *fn = s->fn;
    r->batch = axis_new(fn);
    r->batch->dist = r->axis->dist;
    vec_each (m, &s->member) {
        Node *n = s->member.at[m];
        for (int i = 0; i < n->nres && n->mark == MEMBER; i++) {
            Val *v = &n->res[i];
            if (!val_is_col(v) || axis_get(v->axis) != r->axis) continue;
            if (v->nuse > inner_uses(s, v)) vec_push(fn->arena, &r->kept, v);
        }
    }
    if (!r->kept.n && r->count->nuse <= inner_uses(s, r->count)) return;
    Node *c = node_new(fn, OP_COLLECT, s->read->loc, !r->joined, &s->reader, 1);
    c->inlined_at = s->read->inlined_at;
    r->place = place(s, made, c);
}

static void collect(Batch *s, Region *body, const Rows *r)
{
    Val **arg = ARENA_NEW_N(s->fn->arena, 2 + r->kept.n, Val *);
    arg[0] = r->place;
    arg[1] = in_loop(r->count);
    vec_each (i, &r->kept)
        arg[2 + i] = in_loop(r->kept.at[i]);
    node_append(
        body, node_new(s->fn, OP_COLLECTADD, s->read->loc, (int)r->kept.n + 2, arg, 0));
}

static void move_uses(Fn *fn, Val *old, Val *v)
{
    v->type = old->type;
    v->axis = old->axis;
    v->hint = old->hint;
    ir_replace(fn, old, v);
}

static void collected(Batch *s, Made *m, Rows *r)
{
    Fn *fn = s->fn;
    Node *n =
        node_new(fn, OP_COLLECTED, s->read->loc, 1, &r->place, (int)r->kept.n + 1);
    n->inlined_at = s->read->inlined_at;
    put_before(m, s->at, n);
    node_set_int(fn, n, "batch", 1);
    move_uses(fn, r->count, &n->res[0]);
    vec_each (i, &r->kept) {
        move_uses(fn, r->kept.at[i], &n->res[1 + i]);
        n->res[1 + i].axis = r->axis;
    }
}

static void grouped(Batch *s, Made *m, Node *n, Val *groups)
{
    Node *g = node_like(s, n, OP_GROUPED, 1, &groups, n->nres);
    put_before(m, s->at, g);
    for (int i = 0; i < n->nres; i++)
        move_uses(s->fn, &n->res[i], &g->res[i]);
}

/* -- All of it --------------------------------------------------------------------- */

static Node *make_loop(Batch *s, Made *m)
{
    Fn *fn = s->fn;
    int n = (int)s->carry.n;
    Val **init = ARENA_NEW_N(fn->arena, n + 1, Val *);
    for (int i = 0; i < n; i++)
        init[i] = neutral(s, m, &s->carry.at[i]);
    Node *loop = node_new(fn, OP_LOOP, s->read->loc, n, init, n);
    Region *body = node_add_region(fn, loop, n);
    pass_clear_tmp(fn);
    for (int i = 0; i < n; i++) {
        val_init(fn, &body->param[i], s->carry.at[i].of->type, NULL);
        loop->res[i].type = s->carry.at[i].of->type;
    }
    read_next(s, body);
    for (idx k = 1; k < s->member.n; k++)
        member_batch(s, m, body, s->member.at[k]);
    vec_each (i, &s->rows)
        if (s->rows.at[i]->place) collect(s, body, s->rows.at[i]);
    carry_on(s, body);
    leave_when_empty(s, body);
    put_before(m, s->at, loop);
    return loop;
}

static void apply(Batch *s, Made *m)
{
    ir_count_uses(s->fn);
    Node *open = node_like(s, s->read, OP_READER, 1, s->read->arg, 1);
    s->reader = place(s, m, open);
    vec_each (i, &s->rows)
        find_kept(s, m, s->rows.at[i]);
    Node *loop = make_loop(s, m);
    Val **groups = ARENA_NEW_N(s->fn->arena, s->member.n, Val *);
    vec_each (k, &s->member)
        groups[k] = s->member.at[k]->res[0].tmp;
    pass_clear_tmp(s->fn);
    vec_each (k, &s->member)
        node_remove(s->member.at[k]);
    vec_each (i, &s->rows)
        if (s->rows.at[i]->place) collected(s, m, s->rows.at[i]);
    vec_each (i, &s->carry)
        if (i != s->number) ir_replace(s->fn, s->carry.at[i].of, &loop->res[i]);
    vec_each (k, &s->member)
        if (s->member.at[k]->op == OP_GROUPBY)
            grouped(s, m, s->member.at[k], groups[k]);
    vec_each (i, &s->behind) {
        node_remove(s->behind.at[i]);
        node_insert_before(s->at, s->behind.at[i]);
    }
}

static void unmark(void *data, Node *n)
{
    (void)data;
    n->mark = OUTSIDE;
}

static void batch_region(Made *m, Region *r)
{
    VEC(Node *) reads = {0};
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            if (n->op != OP_MAP) batch_region(m, n->region[i]);
        if (is_batched(n)) vec_push(m->fn->arena, &reads, n);
    }
    vec_each (i, &reads) {
        Batch s = {.fn = m->fn, .size = m->size, .read = reads.at[i], .number = -1};
        pass_walk(m->fn->body, unmark, NULL);
        find_members(&s, m);
        if (s.worth) apply(&s, m);
    }
}

static void forget_size(void *data, Node *n)
{
    (void)data;
    vec_each (i, &n->attr) {
        if (strcmp(n->attr.at[i].name, "bytes") || n->op != OP_READ) continue;
        n->attr.at[i] = n->attr.at[--n->attr.n];
        return;
    }
}

void batch_run(PassCx *cx)
{
    Fn *fn = cx->fn;
    Made m = {.fn = fn, .size = ARENA_NEW_N(fn->arena, fn->axes.n + 1, double)};
    pass_walk(fn->body, find_size, &m);
    pass_walk(fn->body, forget_size, NULL); /* objects do not depend on it */
    batch_region(&m, fn->body);
    pass_clear_tmp(fn);
}
