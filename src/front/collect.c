/* SPDX-License-Identifier: Apache-2.0
 * Concatenation reductions: df = pd.concat([df, X]) in a prange, of frames and of
 * Series.
 *
 * While the loop's body is lowered, the name holds an A_COLLECT: the only thing that
 * can be done with it is to be the first object of pd.concat(), which keeps the rows of
 * the others (COLLECTADD) and gives the A_COLLECT back. So nothing is carried from one
 * iteration to the next, and ranks may run parts of the loop. Behind it COLLECTED makes
 * a table of all that was kept, in the order of the iterations.
 */
#include "front/build.h"
#include "front/front_int.h"

struct Collect {
    Val *handle;
    AVal *init;   /* what the name held before the loop */
    Frame *like;  /* names, types and index of what is kept; NULL: nothing yet */
    bool series;  /* all that is kept are Series */
    bool numbers; /* ignore_index=True */
    const char *name;
    Loc loc;
};

void collect_begin(Front *f, const char *name)
{
    AVal *init = scope_load(f, name);
    if (init->kind != A_FRAME && init->kind != A_SERIES)
        front_unsup(f, UNSUP_PRANGE_CARRIED,
                    "%s is %s: only DataFrames and Series are concatenated in a prange",
                    name, av_type_text(f, init));
    struct Collect *c = ARENA_NEW(f->arena, struct Collect);
    *c = (struct Collect){.init = init, .name = name, .loc = f->loc};
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
            front_unsup(f, UNSUP_FRAME_JOIN,
                        "column %s of %s is concatenated as %s and as %s",
                        label_text(f, c->like->name.at[i]), c->name,
                        type_text(c->like->col.at[i]->type, a), type_text(v->type, b));
        val_push(f, out, v);
    }
}

void collect_add(Front *f, AVal *v, AVal *obj, bool ignore_index)
{
    struct Collect *c = v->collect;
    if (obj->kind != A_FRAME && obj->kind != A_SERIES)
        front_fail(f, E_TYPE,
                   "cannot concatenate object of type '%s'; only Series and DataFrame "
                   "objs are valid",
                   av_type_text(f, obj));
    Frame *t = table_of(f, obj);
    if (!t->rows) return; /* pd.DataFrame() */
    bool first = !c->like;
    if (!first && (c->series != (obj->kind == A_SERIES) || c->numbers != ignore_index))
        front_unsup(f, UNSUP_PRANGE_CARRIED, "%s is concatenated in two ways", c->name);
    c->series = obj->kind == A_SERIES;
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
