/* SPDX-License-Identifier: Apache-2.0
 * Dead-value elimination. Because a frame is only a map from names to values, this is
 * also column pruning and projection push-down: a column of a read, join, sort, filter
 * or group-by that nobody uses is dropped from the operation, and with it what it
 * needed.
 */
#include "base/base.h"

#include "base/kinds.h"
#include "pass/pass_int.h"

typedef struct Dce {
    Fn *fn;
    bool changed;
} Dce;

static bool unused(const Node *n)
{
    for (int i = 0; i < n->nres; i++)
        if (n->res[i].nuse) return false;
    return true;
}

static void drop(Node *n)
{
    for (int i = 0; i < n->narg; i++)
        n->arg[i]->nuse--;
    node_remove(n);
}

static void remove_dead(Dce *d, Region *r)
{
    for (Node *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        if (n->nres && unused(n) && node_is_pure(n) && !op_is_terminator((Op)n->op)) {
            drop(n);
            d->changed = true;
            continue;
        }
        for (int i = 0; i < n->nregion; i++)
            remove_dead(d, n->region[i]);
    }
}

/* Moves result `from` of the old node to result `to` of the new one. */
static void move_res(Node *old, int from, Node *fresh, int to)
{
    Val *v = &fresh->res[to];
    v->type = old->res[from].type;
    v->axis = old->res[from].axis;
    v->hint = old->res[from].hint;
    old->res[from].tmp = v;
}

/* Column-wise ops: keep the pairs of argument and result whose result is used. */
static void prune_pairs(Dce *d, Node *n, ColLayout l)
{
    int keep = 0;
    for (int j = 0; j < l.n; j++)
        keep += n->res[l.nres0 + j].nuse > 0;
    if (keep == l.n) return;
    Val **arg = ARENA_NEW_N(d->fn->arena, l.narg0 + keep + 1, Val *);
    for (int i = 0; i < l.narg0; i++)
        arg[i] = n->arg[i];
    int k = 0;
    for (int j = 0; j < l.n; j++)
        if (n->res[l.nres0 + j].nuse) arg[l.narg0 + k++] = n->arg[l.narg0 + j];
    Node *c = pass_rebuild(d->fn, n, l.narg0 + keep, arg, l.nres0 + keep);
    for (int i = 0; i < l.nres0; i++)
        move_res(n, i, c, i);
    k = 0;
    for (int j = 0; j < l.n; j++)
        if (n->res[l.nres0 + j].nuse) move_res(n, l.nres0 + j, c, l.nres0 + k++);
    d->changed = true;
}

static void prune_read(Dce *d, Node *n)
{
    const Attr *cols = node_attr(n, "columns");
    int keep = 0;
    for (int j = 1; j < n->nres; j++)
        keep += n->res[j].nuse > 0;
    if (keep == n->nres - 1) return;
    const char **name = ARENA_NEW_N(d->fn->arena, keep + 1, const char *);
    Node *c = pass_rebuild(d->fn, n, n->narg, n->arg, 1 + keep);
    move_res(n, 0, c, 0);
    int k = 0;
    for (int j = 1; j < n->nres; j++) {
        if (!n->res[j].nuse) continue;
        name[k++] = cols->texts[j - 1];
        move_res(n, j, c, k);
    }
    node_set_texts(d->fn, c, "columns", name, keep);
    d->changed = true;
}

/* rows, key.., value.. (mask) -> rows, key.., agg..: unused aggregates go, then values
 * that no aggregate reads. */
static void prune_groupby(Dce *d, Node *n)
{
    Fn *fn = d->fn;
    int nkey = (int)node_int(n, "nkey", 0), nmask = (int)node_int(n, "mask", 0);
    int nval = n->narg - 1 - nkey - nmask, nagg = n->nres - 1 - nkey, keep = 0;
    const Attr *aggs = node_attr(n, "aggs"), *cols = node_attr(n, "cols"),
               *ddof = node_attr(n, "ddof");
    for (int j = 0; j < nagg; j++)
        keep += n->res[1 + nkey + j].nuse > 0;
    if (keep == nagg) return;
    int64_t *a = ARENA_NEW_N(fn->arena, 3 * keep + 1, int64_t), *c = a + keep,
            *dd = c + keep, *to = ARENA_NEW_N(fn->arena, nval + 1, int64_t);
    int k = 0;
    for (int j = 0; j < nagg; j++) {
        if (!n->res[1 + nkey + j].nuse) continue;
        a[k] = aggs->ints[j];
        c[k] = cols->ints[j];
        dd[k++] = ddof ? ddof->ints[j] : 1;
        if (cols->ints[j] >= 0) to[cols->ints[j]] = 1;
    }
    Val **arg = ARENA_NEW_N(fn->arena, n->narg, Val *);
    int narg = 0;
    for (int i = 0; i <= nkey; i++)
        arg[narg++] = n->arg[i];
    for (int i = 0; i < nval; i++) {
        if (!to[i]) continue;
        to[i] = narg - 1 - nkey;
        arg[narg++] = n->arg[1 + nkey + i];
    }
    if (nmask) arg[narg++] = n->arg[n->narg - 1];
    for (int j = 0; j < keep; j++)
        if (c[j] >= 0) c[j] = to[c[j]];
    Node *f = pass_rebuild(fn, n, narg, arg, 1 + nkey + keep);
    f->attr.at = NULL;
    f->attr.n = f->attr.cap = 0;
    vec_each (i, &n->attr)
        vec_push(fn->arena, &f->attr, n->attr.at[i]);
    node_set_ints(fn, f, "aggs", a, keep);
    node_set_ints(fn, f, "cols", c, keep);
    node_set_ints(fn, f, "ddof", dd, keep);
    for (int i = 0; i <= nkey; i++)
        move_res(n, i, f, i);
    k = 0;
    for (int j = 0; j < nagg; j++)
        if (n->res[1 + nkey + j].nuse) move_res(n, 1 + nkey + j, f, 1 + nkey + k++);
    d->changed = true;
}

/* lrows, rrows, lkey.., rkey.., lcol.., rcol.. -> rows, lcol.., rcol.., key.. */
static void prune_join(Dce *d, Node *n)
{
    int nkey = (int)node_int(n, "nkey", 0), nl = (int)node_int(n, "nl", 0),
        nr = (int)node_int(n, "nr", 0), kl = 0, kr = 0;
    int a0 = 2 + 2 * nkey, nout = n->nres - 1 - nl - nr;
    for (int j = 0; j < nl; j++)
        kl += n->res[1 + j].nuse > 0;
    for (int j = 0; j < nr; j++)
        kr += n->res[1 + nl + j].nuse > 0;
    bool keys = false;
    for (int j = 0; j < nout; j++)
        keys |= n->res[1 + nl + nr + j].nuse > 0;
    int kout = keys ? nout : 0; /* coalesced keys are all or nothing */
    if (kl == nl && kr == nr && kout == nout) return;
    Val **arg = ARENA_NEW_N(d->fn->arena, a0 + kl + kr + 1, Val *);
    for (int i = 0; i < a0; i++)
        arg[i] = n->arg[i];
    int narg = a0;
    for (int j = 0; j < nl + nr; j++)
        if (n->res[1 + j].nuse) arg[narg++] = n->arg[a0 + j];
    Node *c = pass_rebuild(d->fn, n, narg, arg, 1 + kl + kr + kout);
    move_res(n, 0, c, 0);
    int k = 1;
    for (int j = 0; j < nl + nr; j++)
        if (n->res[1 + j].nuse) move_res(n, 1 + j, c, k++);
    for (int j = 0; j < kout; j++)
        move_res(n, 1 + nl + nr + j, c, k++);
    node_set_int(d->fn, c, "nl", kl);
    node_set_int(d->fn, c, "nr", kr);
    node_set_int(d->fn, c, "nout", kout);
    d->changed = true;
}

/* rows1..k, then k inputs for each output column -> rows, col.. */
static void prune_concat(Dce *d, Node *n)
{
    int k = (int)node_int(n, "k", 1), ncol = n->nres - 1, keep = 0;
    for (int j = 0; j < ncol; j++)
        keep += n->res[1 + j].nuse > 0;
    if (keep == ncol) return;
    Val **arg = ARENA_NEW_N(d->fn->arena, k + k * keep + 1, Val *);
    int narg = 0;
    for (int i = 0; i < k; i++)
        arg[narg++] = n->arg[i];
    for (int j = 0; j < ncol; j++)
        if (n->res[1 + j].nuse)
            for (int i = 0; i < k; i++)
                arg[narg++] = n->arg[k + j * k + i];
    Node *c = pass_rebuild(d->fn, n, narg, arg, 1 + keep);
    move_res(n, 0, c, 0);
    int r = 1;
    for (int j = 0; j < ncol; j++)
        if (n->res[1 + j].nuse) move_res(n, 1 + j, c, r++);
    node_set_int(d->fn, c, "ncol", keep);
    d->changed = true;
}

/* A map keeps the inputs its body uses (at least one column: its axis) and the outputs
 * that are used. */
static void prune_map(Dce *d, Node *n)
{
    Fn *fn = d->fn;
    Region *body = n->region[0];
    Node *yield = body->last;
    const char *outs = node_text(n, "outs");
    int ncol = (int)node_int(n, "ncol", 0), narg = 0, nres = 0, kept_cols = 0;
    bool *in = ARENA_NEW_N(fn->arena, n->narg + 1, bool);
    for (int i = 0; i < n->narg; i++)
        in[i] = body->param[i].nuse > 0;
    for (int i = 0; i < ncol; i++)
        kept_cols += in[i];
    if (!kept_cols && ncol) in[0] = true, kept_cols = 1;
    for (int i = 0; i < n->narg; i++)
        narg += in[i];
    for (int i = 0; i < n->nres; i++)
        nres += n->res[i].nuse > 0;
    if (narg == n->narg && nres == n->nres) return;
    Val **arg = ARENA_NEW_N(fn->arena, narg + 1, Val *);
    Val **out = ARENA_NEW_N(fn->arena, nres + 1, Val *);
    char *letter = ARENA_NEW_N(fn->arena, nres + 1, char);
    Node *c = node_new(fn, OP_MAP, n->loc, 0, NULL, nres);
    Region *fresh = node_add_region(fn, c, narg);
    Val **from = ARENA_NEW_N(fn->arena, n->narg + 1, Val *);
    int k = 0;
    for (int i = 0; i < n->narg; i++) {
        if (!in[i]) continue;
        arg[k] = n->arg[i];
        fresh->param[k].type = body->param[i].type;
        fresh->param[k].hint = body->param[i].hint;
        from[i] = &fresh->param[k++];
    }
    Val **all = ARENA_NEW_N(fn->arena, n->nres + 1, Val *);
    region_inline(fn, body, fresh, from, all, n->nres);
    k = 0;
    for (int i = 0; i < n->nres; i++) {
        if (!n->res[i].nuse) continue;
        out[k] = all[i];
        letter[k] = outs[i];
        move_res(n, i, c, k++);
    }
    Node *end = node_new(fn, OP_YIELD, yield->loc, nres, out, 0);
    node_append(fresh, end);
    c->arg = arg;
    c->narg = narg;
    c->inlined_at = n->inlined_at;
    vec_each (i, &n->attr)
        vec_push(fn->arena, &c->attr, n->attr.at[i]);
    node_set_int(fn, c, "ncol", kept_cols);
    node_set_text(fn, c, "outs", letter, nres);
    node_insert_before(n, c);
    node_remove(n);
    d->changed = true;
}

/* -- Variables of try statements: what no handler reads need not be kept ------------
 */
static void prune_varget(Dce *d, Node *n)
{
    const Attr *vars = node_attr(n, "vars");
    int64_t *keep = ARENA_NEW_N(d->fn->arena, n->nres + 1, int64_t);
    int k = 0;
    for (int j = 0; j < n->nres; j++)
        if (n->res[j].nuse) keep[k++] = vars->ints[j];
    if (k == n->nres) return;
    Node *c = pass_rebuild(d->fn, n, 0, NULL, k);
    c->attr.at = NULL;
    c->attr.n = c->attr.cap = 0;
    node_set_ints(d->fn, c, "vars", keep, k);
    k = 0;
    for (int j = 0; j < n->nres; j++)
        if (n->res[j].nuse) move_res(n, j, c, k++);
    d->changed = true;
}

static void prune(void *data, Node *n)
{
    Dce *d = (Dce *)data;
    ColLayout l;
    if (pass_layout(n, &l))
        prune_pairs(d, n, l);
    else if (n->op == OP_READ)
        prune_read(d, n);
    else if (n->op == OP_GROUPBY)
        prune_groupby(d, n);
    else if (n->op == OP_JOIN)
        prune_join(d, n);
    else if (n->op == OP_CONCAT)
        prune_concat(d, n);
    else if (n->op == OP_MAP && !node_int(n, "mask", 0))
        prune_map(d, n);
    else if (n->op == OP_VARGET)
        prune_varget(d, n);
}

static void find_read(void *data, Node *n)
{
    bool *read = (bool *)data;
    const Attr *vars = n->op == OP_VARGET ? node_attr(n, "vars") : NULL;
    for (idx j = 0; vars && j < vars->n; j++)
        read[vars->ints[j]] = true;
}

static void drop_stores(Dce *d, Region *r, const bool *read)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            drop_stores(d, n->region[i], read);
        if (n->op != OP_VARSET || read[node_int(n, "var", 0)]) continue;
        drop(n);
        d->changed = true;
    }
}

static void remove_stores(Dce *d)
{
    if (!d->fn->nvar) return;
    bool *read = ARENA_NEW_N(d->fn->arena, d->fn->nvar, bool);
    pass_walk(d->fn->body, find_read, read);
    drop_stores(d, d->fn->body, read);
}

void dce_run(PassCx *cx)
{
    Dce d = {.fn = cx->fn};
    do {
        d.changed = false;
        ir_count_uses(cx->fn);
        remove_stores(&d);
        remove_dead(&d, cx->fn->body);
        pass_clear_tmp(cx->fn);
        pass_walk(cx->fn->body, prune, &d);
        pass_forward(cx->fn);
    } while (d.changed);
}
