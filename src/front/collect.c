/* SPDX-License-Identifier: Apache-2.0
 * Concatenation reductions: df = pd.concat([df, X]) in a prange, of frames and of
 * Series, and a = np.concatenate((a, x)), np.append(a, x) of vectors.
 *
 * While the loop's body is lowered, the name holds an A_COLLECT: the only thing that
 * can be done with it is to be the first object of these calls, which keep the rows of
 * the others (COLLECTADD) and give the A_COLLECT back. So nothing is carried from one
 * iteration to the next, and ranks may run parts of the loop. Behind it COLLECTED makes
 * a table of all that was kept, in the order of the iterations.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"

struct Collect {
    Val *handle;
    AVal *init;   /* what the name held before the loop */
    Frame *like;  /* names, types and index of what is kept; NULL: nothing yet */
    bool series;  /* all that is kept are Series, or vectors */
    bool vectors; /* the name held one */
    bool numbers; /* ignore_index=True */
    const char *name;
    Loc loc;
};

void collect_begin(Front *f, const char *name)
{
    AVal *init = scope_load(f, name);
    bool vector = init->kind == A_ARRAY && nd_of(f, init).n == 1 && !chars_is(init);
    if (init->kind != A_FRAME && init->kind != A_SERIES && !vector)
        front_unsup(f, UNSUP_PRANGE_CARRIED,
                    "%s is %s: only DataFrames, Series and vectors are concatenated in "
                    "a prange",
                    name, av_type_text(f, init));
    struct Collect *c = ARENA_NEW(f->arena, struct Collect);
    *c = (struct Collect){.init = init, .name = name, .loc = f->loc, .vectors = vector};
    c->handle = put_val(f, OP_COLLECT, NULL, 0, type_scalar(DT_I64), NULL);
    AVal *v = av_new_kind(f, A_COLLECT);
    v->collect = c;
    v->loc = f->loc;
    scope_store(f, name, v);
}

/* A round of the loop's lowering begins: what an earlier one saw is forgotten. */
void collect_again(Front *f, const char *name)
{
    AVal *v = scope_peek(f, name);
    if (v && v->kind == A_COLLECT) v->collect->like = NULL;
}

static void keep_names(Front *f, struct Collect *c, const Frame *t, const ValVec *col)
{
    c->like = frame_copy(f, t);
    vec_each (i, &t->col)
        c->like->col.at[i] = col->v.at[i];
}

/* The columns of t in the order of what is kept already. */
static void columns(Front *f, struct Collect *c, const Frame *t, ValVec *out)
{
    if (!c->like) {
        vec_each (i, &t->col)
            val_push(f, out, t->col.at[i]);
        return;
    }
    if (t->col.n != c->like->col.n)
        front_unsup(f, UNSUP_FRAME_JOIN,
                    "%s is concatenated with %d columns and with %d", c->name,
                    (int)c->like->col.n, (int)t->col.n);
    vec_each (i, &c->like->name) {
        idx k = c->series ? 0 : frame_find(t, c->like->name.at[i]);
        if (k < 0)
            front_unsup(f, UNSUP_FRAME_JOIN,
                        "%s is concatenated with and without a "
                        "column %s",
                        c->name, label_text(f, c->like->name.at[i]));
        Val *v = t->col.at[k];
        char a[48], b[48];
        if (!type_eq(v->type, c->like->col.at[i]->type))
            front_unsup(f, UNSUP_FRAME_JOIN, "%s%s%s is concatenated as %s and as %s",
                        c->vectors ? "" : "column ",
                        c->vectors ? "" : label_text(f, c->like->name.at[i]),
                        c->vectors ? c->name
                                   : arena_printf(f->arena, " of %s", c->name),
                        type_text(c->like->col.at[i]->type, a), type_text(v->type, b));
        val_push(f, out, v);
    }
}

static void add(Front *f, struct Collect *c, Frame *t, bool series, bool ignore_index)
{
    bool first = !c->like;
    if (!first && (c->series != series || c->numbers != ignore_index))
        front_unsup(f, UNSUP_PRANGE_CARRIED, "%s is concatenated in two ways", c->name);
    c->series = series;
    c->numbers = ignore_index;
    ValVec arg = {0}, level = {0};
    val_push(f, &arg, c->handle);
    val_push(f, &arg, t->rows);
    ValVec col = {0};
    columns(f, c, t, &col);
    vec_each (i, &col.v)
        val_push(f, &arg, col.v.at[i]);
    if (!ignore_index) index_vals(f, t->index, &level);
    vec_each (i, &level.v)
        val_push(f, &arg, level.v.at[i]);
    if (first) keep_names(f, c, t, &col);
    (void)put_node(f, OP_COLLECTADD, arg.v.at, arg.v.n, 0);
}

void collect_add(Front *f, AVal *v, AVal *obj, bool ignore_index)
{
    struct Collect *c = v->collect;
    if (c->vectors)
        front_unsup(f, UNSUP_PRANGE_CARRIED,
                    "%s is a vector: it is concatenated by np.concatenate()", c->name);
    if (obj->kind != A_FRAME && obj->kind != A_SERIES)
        front_fail(f, E_TYPE,
                   "cannot concatenate object of type '%s'; only Series and DataFrame "
                   "objs are valid",
                   av_type_text(f, obj));
    Frame *t = table_of(f, obj);
    if (t->rows) /* not pd.DataFrame() */
        add(f, c, t, obj->kind == A_SERIES, ignore_index);
}

AVal *collect_vectors(Front *f, AVal *v, AVal *const *item, idx n)
{
    struct Collect *c = v->collect;
    AVal **x = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++) {
        bool scalar = item[i]->kind == A_CONST || item[i]->kind == A_SCALAR;
        Nd d = nd_arg(f, scalar ? av_list(f, &item[i], 1) : item[i], "concatenate");
        if (!c->vectors || d.n != 1)
            front_unsup(f, UNSUP_PRANGE_CARRIED,
                        "%s is concatenated with an array of %d dimensions: only "
                        "vectors with vectors are, in a prange",
                        c->name, d.n);
        x[i] = nd_av(f, &d);
    }
    if (n == 0) return v;
    AVal *all = n > 1 ? nd_concat(f, x, n, 0) : x[0];
    add(f, c, table_of(f, nd_plain(f, all)), true, true);
    return v;
}

/* What was kept, as a table. */
static Frame *collected(Front *f, struct Collect *c)
{
    idx nlevel = c->numbers ? 0 : index_depth(c->like->index), n = c->like->col.n;
    Node *node = put_node(f, OP_COLLECTED, &c->handle, 1, 1 + n + nlevel);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &node->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &node->res[0];
    for (idx i = 0; i < n; i++)
        val_init(f->fn, &node->res[1 + i], c->like->col.at[i]->type, axis);
    Frame *t = table_new(f, axis, &node->res[0], NULL);
    vec_each (i, &c->like->name)
        table_add(f, t, c->like->name.at[i], &node->res[1 + i]);
    t->columns_name = c->like->columns_name;
    if (c->numbers) return t;
    const Index *ix = c->like->index;
    Val **level = ARENA_NEW_N(f->arena, nlevel + 1, Val *);
    for (idx i = 0; i < nlevel; i++) {
        Type type = ix->range ? type_col(DT_I64) : ix->level[i]->type;
        level[i] = &node->res[1 + n + i];
        val_init(f->fn, level[i], type, axis);
    }
    t->index = index_levels(f, level, ix->name, nlevel);
    return t;
}

void collect_end(Front *f, const char *name)
{
    AVal *v = scope_peek(f, name);
    if (!v || v->kind != A_COLLECT) return;
    struct Collect *c = v->collect;
    if (!c->like) {
        scope_store(f, name, c->init);
        return;
    }
    Frame *t = collected(f, c);
    if (c->vectors) {
        AVal *part[2] = {c->init, np_array_of(f, t->col.at[0])};
        scope_store(f, name, nd_concat(f, part, 2, 0));
        return;
    }
    AVal *made = c->series ? av_series(f, t->col.at[0],
                                       t->index ? t->index : index_range(f, t->rows),
                                       c->like->name.at[0])
                           : av_frame(f, t);
    if (!t->index && !c->series)
        front_frame_mut(f, made)->index = index_range(f, t->rows);
    bool empty = c->init->kind == A_FRAME && !front_frame(f, c->init)->rows;
    if (!empty) {
        AVal *both[2] = {c->init, made}, *objs = av_list(f, both, 2);
        AVal *ignore = av_bool(f, c->numbers);
        const char *kw[1] = {"ignore_index"};
        made = front_call_op(f, OP_F_CONCAT, "pd.concat", NULL, &objs, 1, kw, &ignore,
                             1, NULL);
    }
    scope_store(f, name, made);
}
