/* SPDX-License-Identifier: Apache-2.0
 * A loop divided by rows: each rank runs the iterations of its rows, and finds what it
 * reads of its neighbours in windows.
 *
 * - EXTENT: where this rank's rows begin, how many there are. Asked once, as far out of
 *   the loops around as the rows are known.
 * - CHUNK: which iterations are this rank's. WRAP: the same of a range that may begin
 *   below 0; such a loop has no halos, and runs in two pieces.
 * - HALO: per array that is read at A[i + c] a window on each edge of the rank's own
 *   rows, with the neighbours' rows around it (rt_loop.c).
 * - NEEDED, per array and array of indices x that it is read at, A[x[i]]: the rows with
 *   these numbers, row i for the i-th; or all of an array that is small.
 *
 * The body stands once. With windows it runs in three pieces, and PIECE says for each
 * of them which iterations it has and whether an array is read itself or its window:
 *
 *   loop (k = 0, carried..) {
 *     from, to, array', shift, .. = PIECE k, ..
 *     for i = from .. to {.. array'[i + shift + c] ..}
 *   } until k == 2
 *
 * The loop's variable counts the rows of this rank from 0; what else reads the index
 * gets it with the first row added. A check that fails names the row and the number of
 * rows over all ranks (first, total).
 */
#include "base/base.h"

#include "pass/dist_int.h"

enum { PIECES = 3, HALO_OUT = 3 };

/* Where rows of an array are read in the loop. */
typedef struct Place {
    Val *array;        /* of the program */
    int64_t lo, hi;    /* rows read before and behind an iteration's own */
    Val *halo;         /* its first of three results of HALO; NULL: lo and hi are 0 */
    Val *at;           /* what is read */
    Val *shift;        /* of a row of this rank in it; NULL: 0 */
    Val *rows, *first; /* how many rows it has; the number of its first one */
} Place;

typedef struct Places {
    DistCx *d;
    ParLoop *l;
    Val *rows;        /* of this rank */
    Val *row, *total; /* the number of its first one; rows of all ranks */
    VEC(Place) at;
    int64_t lo, hi; /* the most of all */
} Places;

/* -- Nodes ------------------------------------------------------------------------- */

static Node *int_node(Fn *fn, const Node *like, Op op, int narg, Val *const *arg,
                      int nres)
{
    Node *n = node_new(fn, op, like->loc, narg, arg, nres);
    n->inlined_at = like->inlined_at;
    for (int i = 0; i < nres; i++)
        n->res[i].type = type_scalar(DT_I64);
    return n;
}

static Val *put_int(Fn *fn, Node *before, int64_t v)
{
    Node *n = int_node(fn, before, OP_CONST, 0, NULL, 1);
    node_set_int(fn, n, "v", v);
    node_insert_before(before, n);
    return &n->res[0];
}

static Val *put_sum(Fn *fn, Node *before, Val *a, Val *b)
{
    Node *n = int_node(fn, before, OP_ADD, 2, (Val *[]){a, b}, 1);
    node_insert_before(before, n);
    return &n->res[0];
}

/* -- Which iterations -------------------------------------------------------------- */

Node *loop_level_of(Node *n, const Val *v)
{
    const Region *r = v->def ? v->def->parent : v->region;
    while (n->parent != r && n->parent->owner)
        n = n->parent->owner;
    return n;
}

Val *loop_axis_rows(Axis *a)
{
    Node *def = a->rows->def;
    if (!def || def->parent) return a->rows;
    const Val *array = def->arg[0];
    const Region *r = array->def ? array->def->parent : array->region;
    node_insert_before(array->def ? array->def->next : r->first, def);
    return a->rows;
}

Node *loop_extent(DistCx *d, Node *loop, Val *rows)
{
    Node *at = loop_level_of(loop, rows);
    for (Node *n = at->prev; n; n = n->prev)
        if (n->op == OP_EXTENT && n->arg[0] == rows) return n;
    Node *e = int_node(d->fn, loop, OP_EXTENT, 1, &rows, 2);
    node_set_int(d->fn, e, "par", 1);
    node_insert_before(at, e);
    return e;
}

/* All uses of the index become index + first row. */
static void number_rows(DistCx *d, Node *loop, Val *first)
{
    Region *body = loop->region[0];
    Val *index = &body->param[0], *pair[] = {first, first};
    Node *global = int_node(d->fn, loop, OP_ADD, 2, pair, 1);
    global->res[0].hint = index->hint;
    ir_replace(d->fn, index, &global->res[0]);
    global->arg[0] = index;
    global->arg[1] = first;
    node_insert_before(body->first, global);
}

static void chunk(Places *p)
{
    DistCx *d = p->d;
    Node *n = p->l->node;
    Val *rows = p->rows;
    Val *in[] = {rows, p->row, n->arg[0], n->arg[1]};
    Node *c = int_node(d->fn, n, OP_CHUNK, 4, in, 2);
    node_set_int(d->fn, c, "par", 1);
    node_insert_before(n, c);
    number_rows(d, n, p->row);
    n->arg[0] = &c->res[0];
    n->arg[1] = &c->res[1];
}

/* -- Where they read --------------------------------------------------------------- */

static Place *place_of(Places *p, Val *array)
{
    vec_each (i, &p->at)
        if (p->at.at[i].array == array) return &p->at.at[i];
    Place new = {.array = array, .at = array, .rows = p->rows, .first = p->row};
    vec_push(p->d->fn->arena, &p->at, new);
    return &p->at.at[p->at.n - 1];
}

static void find_places(Places *p)
{
    ParLoop *l = p->l;
    vec_each (i, &l->access) {
        const Access *a = &l->access.at[i];
        if (!loop_is_local(l, a)) continue;
        Place *x = place_of(p, a->node->arg[a->at]);
        if (-a->off > x->lo) x->lo = -a->off;
        if (a->off > x->hi) x->hi = a->off;
        if (x->lo > p->lo) p->lo = x->lo;
        if (x->hi > p->hi) p->hi = x->hi;
    }
}

static bool has_dims(const Places *p, const Val *array)
{
    vec_each (i, &p->l->access) {
        const Access *a = &p->l->access.at[i];
        if (a->node->arg[a->at] == array && node_attr(a->node, "nd")) return true;
    }
    return false;
}

/* One node for all arrays: what goes to a neighbour is one message. */
static void put_halos(Places *p)
{
    Fn *fn = p->d->fn;
    int n = 0, k = 0, count = (int)p->at.n;
    int64_t *of = ARENA_NEW_N(fn->arena, 3 * count, int64_t);
    int64_t *before = of, *behind = of + count, *dims = behind + count;
    Val **in = ARENA_NEW_N(fn->arena, 1 + count, Val *);
    in[0] = p->rows;
    vec_each (i, &p->at) {
        const Place *x = &p->at.at[i];
        if (!x->lo && !x->hi) continue;
        before[n] = x->lo;
        behind[n] = x->hi;
        dims[n] = has_dims(p, x->array);
        in[1 + n++] = x->array;
    }
    Node *h = int_node(fn, p->l->node, OP_HALO, 1 + n, in, HALO_OUT * n);
    vec_each (i, &p->at) {
        Place *x = &p->at.at[i];
        if (!x->lo && !x->hi) continue;
        x->halo = &h->res[(idx)HALO_OUT * k++];
        x->halo->type = x->array->type;
    }
    node_set_ints(fn, h, "before", before, n);
    node_set_ints(fn, h, "behind", behind, n);
    node_set_ints(fn, h, "dims", dims, n);
    node_set_int(fn, h, "lo", p->lo);
    node_set_int(fn, h, "hi", p->hi);
    node_set_int(fn, h, "par", 1);
    node_insert_before(loop_place_for(p->l->node, in, 1 + n), h);
}

/* A copy of the sum of products v, with `with` for the position `of`; NULL: it is not
 * in it. */
static Val *with_position(Fn *fn, Val *v, const Node *of, Val *with)
{
    Node *n = v->def;
    if (!n) return NULL;
    if (n == of) return with;
    if (n->op != OP_MUL && n->op != OP_ADD) return NULL;
    Val *arg[] = {n->arg[0], n->arg[1]};
    for (int i = 0; i < 2; i++) {
        Val *x = with_position(fn, arg[i], of, with);
        if (!x) continue;
        arg[i] = x;
        Node *c = int_node(fn, n, (Op)n->op, 2, arg, 1);
        node_insert_before(n, c);
        return &c->res[0];
    }
    return NULL;
}

/* -- Rows by their numbers --------------------------------------------------------- */

static Val *put_needed(Places *p, Access *a)
{
    DistCx *d = p->d;
    Fn *fn = d->fn;
    Val *array = a->node->arg[a->at], *number = a->by->arg[0];
    Val *in[] = {loop_axis_rows(axis_get(array->axis)), array, number};
    Node *place = loop_place_for(p->l->node, in, 3);
    for (Node *n = place->prev; n && n->op == OP_NEEDED; n = n->prev)
        if (n->arg[1] == array && n->arg[2] == number) return &n->res[0];
    Node *n = int_node(fn, p->l->node, OP_NEEDED, 3, in, 3);
    n->res[0].type = array->type;
    node_set_int(fn, n, "nd", has_dims(p, array));
    node_set_int(fn, n, "par", 1);
    node_insert_before(place, n);
    return &n->res[0];
}

/* Reads the rows that were asked for: row i, or, where all are there, that of the
 * index, which is checked as one of all rows. */
static void place_needed(Places *p, Access *a)
{
    Fn *fn = p->d->fn;
    Node *n = a->node, *before = a->view ? a->position : n;
    const Node *got = a->needed->def;
    Val *index = a->view ? before->arg[0] : n->arg[1];
    Val *in[] = {index, &got->res[2]};
    Node *at = int_node(fn, n, OP_NDINDEX, 2, in, 1);
    node_set_int(fn, at, "axis", 0);
    node_insert_before(before, at);
    Val *whole[] = {&got->res[1], put_int(fn, before, 0)};
    Node *is_whole = int_node(fn, n, OP_NE, 2, whole, 1);
    is_whole->res[0].type = type_scalar(DT_BOOL);
    node_insert_before(before, is_whole);
    Val *pick[] = {&is_whole->res[0], &at->res[0], &p->l->node->region[0]->param[0]};
    Node *row = int_node(fn, n, OP_SELECT, 3, pick, 1);
    node_insert_before(before, row);
    n->arg[a->at] = a->needed;
    if (a->view) {
        n->arg[a->at + 1] = with_position(fn, n->arg[a->at + 1], before, &row->res[0]);
        node_set_int(fn, n, "local", 1);
        a->placed = &row->res[0];
        return;
    }
    n->arg[1] = &row->res[0];
    if (node_attr(n, "nd"))
        node_set_int(fn, n, "sure", node_int(n, "sure", 0) | 1);
    else
        node_set_int(fn, n, "nocheck", 1);
}

/* -- Pieces ------------------------------------------------------------------------ */

static Node *piece(Places *p, Node *loop, Val *k)
{
    Fn *fn = p->d->fn;
    Node *n = p->l->node;
    int narg = 5, nres = 2, count = (int)p->at.n;
    Val **in = ARENA_NEW_N(fn->arena, 5 + 4 * count, Val *);
    int64_t *behind = ARENA_NEW_N(fn->arena, count + 1, int64_t);
    in[0] = k;
    in[1] = p->rows;
    in[2] = p->row;
    in[3] = n->arg[0];
    in[4] = n->arg[1];
    int halos = 0;
    vec_each (i, &p->at) {
        const Place *x = &p->at.at[i];
        if (!x->halo) continue;
        behind[halos++] = x->hi;
        in[narg++] = x->array;
        for (int r = 0; r < HALO_OUT; r++)
            in[narg++] = x->halo + r;
        nres += 4;
    }
    Node *c = int_node(fn, n, OP_PIECE, narg, in, nres);
    node_set_int(fn, c, "lo", p->lo);
    node_set_int(fn, c, "hi", p->hi);
    node_set_ints(fn, c, "behind", behind, halos);
    node_append(loop->region[0], c);
    nres = 2;
    vec_each (i, &p->at) {
        Place *x = &p->at.at[i];
        if (!x->halo) continue;
        x->at = &c->res[nres];
        x->at->type = x->array->type;
        x->shift = &c->res[nres + 1];
        x->rows = &c->res[nres + 2];
        x->first = &c->res[nres + 3];
        nres += 4;
    }
    return c;
}

/* Goes on with the next piece, or leaves the loop with what is carried behind the last.
 */
static void next_piece(Places *p, Node *loop, int64_t last)
{
    Fn *fn = p->d->fn;
    Node *n = p->l->node;
    Region *r = loop->region[0];
    Val *k = &r->param[0], **out = ARENA_NEW_N(fn->arena, n->nres + 1, Val *);
    for (int i = 0; i < n->nres; i++)
        out[1 + i] = &n->res[i];
    Val *pair[] = {k, ir_const_int(fn, r, n->loc, type_scalar(DT_I64), last)};
    Val *step[] = {k, ir_const_int(fn, r, n->loc, type_scalar(DT_I64), 1)};
    Val *end = ir_emit1(fn, r, OP_EQ, n->loc, 2, pair, type_scalar(DT_BOOL), NULL);
    Node *if_ = node_new(fn, OP_IF, n->loc, 1, &end, 0);
    node_append(r, if_);
    Region *leave = node_add_region(fn, if_, 0), *stay = node_add_region(fn, if_, 0);
    out[0] = k;
    Node *break_ = node_new(fn, OP_BREAK, n->loc, n->nres + 1, out, 0);
    node_set_int(fn, break_, "depth", 0);
    node_append(leave, break_);
    node_append(stay, node_new(fn, OP_YIELD, n->loc, 0, NULL, 0));
    out[0] = ir_emit1(fn, r, OP_ADD, n->loc, 2, step, type_scalar(DT_I64), NULL);
    Node *again = node_new(fn, OP_CONTINUE, n->loc, n->nres + 1, out, 0);
    node_set_int(fn, again, "depth", 0);
    node_append(r, again);
}

/* The loop over pieces that carries what loop does, without a body yet. */
static Node *piece_loop(Places *p)
{
    Fn *fn = p->d->fn;
    Node *n = p->l->node;
    int nc = n->nres;
    Val **init = ARENA_NEW_N(fn->arena, nc + 1, Val *);
    init[0] = put_int(fn, n, 0);
    for (int i = 0; i < nc; i++)
        init[1 + i] = n->arg[3 + i];
    Node *loop = node_new(fn, OP_LOOP, n->loc, nc + 1, init, nc + 1);
    loop->inlined_at = n->inlined_at;
    Region *r = node_add_region(fn, loop, nc + 1);
    for (int i = 0; i <= nc; i++) {
        Type t = i ? n->res[i - 1].type : type_scalar(DT_I64);
        val_init(fn, &r->param[i], t, NULL);
        r->param[i].region = r;
        r->param[i].index = i;
        loop->res[i].type = t;
    }
    node_insert_before(n, loop);
    return loop;
}

/* The loop becomes the inner one of a loop over pieces, behind the node that says which
 * iterations a piece has. */
static void in_pieces(Places *p, Node *loop, Node *range, int64_t last)
{
    Fn *fn = p->d->fn;
    Node *n = p->l->node;
    Region *r = loop->region[0];
    for (int i = 0; i < n->nres; i++)
        ir_replace(fn, &n->res[i], &loop->res[1 + i]);
    node_remove(n);
    node_append(r, n);
    n->arg[0] = &range->res[0];
    n->arg[1] = &range->res[1];
    for (int i = 0; i < n->nres; i++)
        n->arg[3 + i] = &r->param[1 + i];
    if (p->l->from == FROM_END) { /* what fails there comes first */
        Node *agree = node_new(fn, OP_AGREE, n->loc, 0, NULL, 0);
        agree->inlined_at = n->inlined_at;
        node_append(r, agree);
    }
    next_piece(p, loop, last);
}

/* A range that may begin below 0: the rows from the end, then the others. */
static void wrap(Places *p)
{
    Fn *fn = p->d->fn;
    Node *n = p->l->node, *loop = piece_loop(p);
    Val *in[] = {
        &loop->region[0]->param[0], p->rows, p->row, p->total, n->arg[0], n->arg[1]};
    Node *w = int_node(fn, n, OP_WRAP, 6, in, 3);
    node_append(loop->region[0], w);
    p->row = &w->res[2];
    in_pieces(p, loop, w, 1);
    number_rows(p->d, n, p->row);
}

/* -- Accesses ---------------------------------------------------------------------- */

/* The row of this iteration, c added, in what is read; before: where it is computed. */
static Val *row_at(Places *p, const Place *x, int64_t c, Node *before)
{
    Fn *fn = p->d->fn;
    Node *loop = p->l->node;
    Val *index = &loop->region[0]->param[0], *shift = x->shift;
    if (c) {
        Val *k = put_int(fn, loop, c);
        shift = shift ? put_sum(fn, loop, shift, k) : k;
    }
    return shift ? put_sum(fn, before, index, shift) : index;
}

/* The node checks an index of a part of the rows: it is to name the row and the number
 * of rows over all ranks. They stand before a value that is written. */
static void name_rows(Places *p, Node *n, const Place *x)
{
    Fn *fn = p->d->fn;
    int k = n->narg, value = n->op == OP_ASET;
    Val **arg = ARENA_NEW_N(fn->arena, k + 2, Val *);
    for (int i = 0; i < k - value; i++)
        arg[i] = n->arg[i];
    arg[k - value] = x->first;
    arg[k - value + 1] = p->total;
    if (value) arg[k + 1] = n->arg[k - 1];
    n->arg = arg;
    n->narg = k + 2;
    node_set_int(fn, n, "part", 1);
}

static void place_element(Places *p, const Access *a, const Place *x)
{
    Node *n = a->node;
    int nd = (int)node_int(n, "nd", 0);
    n->arg[0] = x->at;
    n->arg[1] = row_at(p, x, a->off, n);
    if (nd) n->arg[2 + 2 * nd] = x->rows;
    name_rows(p, n, x);
}

static void place_view(Places *p, Access *a, const Place *x)
{
    Fn *fn = p->d->fn;
    Node *n = a->node, *of = a->position;
    Val *in[] = {row_at(p, x, a->off, of), x->rows};
    Node *at = int_node(fn, of, OP_NDINDEX, 2, in, 1);
    node_set_int(fn, at, "axis", 0);
    name_rows(p, at, x);
    node_insert_before(of, at);
    n->arg[a->at] = x->at;
    n->arg[a->at + 1] = with_position(fn, n->arg[a->at + 1], of, &at->res[0]);
    node_set_int(fn, n, "local", 1);
    a->placed = &at->res[0];
}

/* Positions in all rows of this rank are checked no more, once no view uses them. */
static void drop_position(Places *p, const Access *a)
{
    if (!a->placed || !a->position->parent) return;
    ir_replace(p->d->fn, &a->position->res[0], a->placed);
    node_remove(a->position);
}

void halo_apply(DistCx *d, ParLoop *l)
{
    Places p = {.d = d, .l = l};
    p.rows = loop_axis_rows(l->axis);
    Node *e = loop_extent(d, l->node, p.rows);
    p.row = &e->res[0];
    p.total = &e->res[1];
    if (l->wraps)
        wrap(&p);
    else
        chunk(&p);
    find_places(&p);
    vec_each (i, &l->access)
        if (loop_is_foretold(l, &l->access.at[i]))
            l->access.at[i].needed = put_needed(&p, &l->access.at[i]);
    if (p.lo || p.hi) {
        put_halos(&p);
        Node *loop = piece_loop(&p);
        in_pieces(&p, loop, piece(&p, loop, &loop->region[0]->param[0]), PIECES - 1);
    }
    vec_each (i, &l->access) {
        Access *a = &l->access.at[i];
        if (a->needed) place_needed(&p, a);
        if (!loop_is_local(l, a)) continue;
        const Place *x = place_of(&p, a->node->arg[a->at]);
        if (a->view)
            place_view(&p, a, x);
        else
            place_element(&p, a, x);
    }
    vec_each (i, &l->access)
        drop_position(&p, &l->access.at[i]);
}
