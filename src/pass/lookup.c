/* SPDX-License-Identifier: Apache-2.0
 * Looking a key up in a dict once. `if w in d: d[w] += 1` looks the same key up for the
 * test, for reading and for writing; as long as nothing has been added to a dict or
 * taken out of one in between, the entry is where it was:
 *
 *   a second dict_find of the dict and key    is the first one's result
 *   dict_put of a key that is known to be     ENTRYSET of the entry, which moves
 * nothing there
 *
 * Known to be there is what stands in an arm where the entry's number is not negative,
 * or behind a branch that raises KeyError where it is. Runs after cse, so that equal
 * keys are one value; before own, which counts what the nodes take.
 */
#include "base/base.h"

#include "pass/pass_int.h"

typedef struct Lookup {
    Fn *fn;
    VEC(Node *) found; /* lookups that still hold */
} Lookup;

static Val *now(Val *v)
{
    while (v->tmp)
        v = (Val *)v->tmp;
    return v;
}

static bool is_call(const Node *n, Op op, const char *fn)
{
    const char *name = n->op == op ? node_text(n, "fn") : NULL;
    return name && strcmp(name, fn) == 0;
}

static bool is_find(const Node *n)
{
    return is_call(n, OP_OBJREAD, "dict_find");
}

/* May change a dict. Values stored in place do not move entries. */
static bool kills(const Node *n)
{
    if (n->op == OP_CALLFN || n->op == OP_PYCALL) return true;
    switch (op_info[n->op].effect) {
    case EF_PURE:
    case EF_READ:
    case EF_FAIL: return false;
    default: break;
    }
    bool in_place = n->op == OP_ENTRYSET || n->op == OP_FIELDSET ||
                    n->op == OP_LISTSET || n->op == OP_LISTPUSH || n->op == OP_ASET;
    return !in_place && !op_is_terminator((Op)n->op) && !n->nregion &&
           !is_call(n, OP_OBJWRITE, "dict_missing");
}

static void find_kill(void *data, Node *n)
{
    *(bool *)data |= kills(n);
}

static bool any_kills(const Node *n)
{
    bool any = false;
    for (int i = 0; i < n->nregion; i++)
        pass_walk(n->region[i], find_kill, &any);
    return any;
}

/* n's first arguments are those of the lookup: dict and key. */
static bool same_key(const Node *find, const Node *n)
{
    if (n->narg < find->narg) return false;
    for (int i = 0; i < find->narg; i++)
        if (now(find->arg[i]) != now(n->arg[i])) return false;
    return true;
}

static Node *held(const Lookup *c, const Node *n)
{
    for (idx i = c->found.n; i-- > 0;)
        if (same_key(c->found.at[i], n)) return c->found.at[i];
    return NULL;
}

/* v is `entry op 0`. */
static bool compares(const Val *v, Op op, const Val *entry)
{
    const Node *d = v->def;
    if (!d || d->op != op || now(d->arg[0]) != entry) return false;
    const Node *zero = now(d->arg[1])->def;
    return zero && zero->op == OP_CONST && node_attr(zero, "v") &&
           node_int(zero, "v", 1) == 0;
}

/* n is an if that raises where the entry is missing. */
static bool raises_without(const Node *n, const Val *entry)
{
    if (n->op != OP_IF || !compares(now(n->arg[0]), OP_LT, entry)) return false;
    const Node *first = n->region[0]->first;
    return first->op == OP_RAISE || is_call(first, OP_OBJWRITE, "dict_missing");
}

/* Whether the lookup has found an entry wherever n is reached. */
static bool is_there(const Node *find, const Node *n)
{
    const Val *entry = &find->res[0];
    for (;;) {
        for (const Node *p = n->prev; p && p != find; p = p->prev)
            if (raises_without(p, entry)) return true;
        const Region *r = n->parent;
        if (r == find->parent || !r->owner) return false;
        n = r->owner;
        if (n->op != OP_IF) continue;
        const Val *cond = now(n->arg[0]);
        if (r == n->region[0] && compares(cond, OP_GE, entry)) return true;
        if (r == n->region[1] && compares(cond, OP_LT, entry)) return true;
    }
}

/* dict_put of an entry that is known: true when it has become ENTRYSET. */
static bool put_in_place(Lookup *c, Node *n)
{
    if (!is_call(n, OP_OBJWRITE, "dict_put")) return false;
    const Node *find = held(c, n);
    if (!find || !is_there(find, n)) return false;
    int nkey = find->narg, nval = n->narg - nkey;
    Val **arg = ARENA_NEW_N(c->fn->arena, nval + 2, Val *);
    arg[0] = n->arg[0];
    arg[1] = (Val *)&find->res[0];
    for (int i = 0; i < nval; i++)
        arg[2 + i] = n->arg[nkey + i];
    Node *set = node_new(c->fn, OP_ENTRYSET, n->loc, nval + 2, arg, 0);
    set->inlined_at = n->inlined_at;
    node_insert_before(n, set);
    node_remove(n);
    return true;
}

static void visit(Lookup *c, Region *r);

/* What is held before an if is held in both arms, and behind it unless one of them
 * kills it; a loop's next round sees what its body did. */
static void visit_inside(Lookup *c, Node *n)
{
    bool killed = any_kills(n);
    if (killed && n->op != OP_IF) c->found.n = 0;
    idx count = c->found.n;
    Node **before = ARENA_NEW_N(c->fn->arena, count + 1, Node *);
    for (idx i = 0; i < count; i++)
        before[i] = c->found.at[i];
    for (int k = 0; k < n->nregion; k++) {
        c->found.n = 0;
        for (idx i = 0; i < count; i++)
            vec_push(c->fn->arena, &c->found, before[i]);
        visit(c, n->region[k]);
    }
    c->found.n = 0;
    for (idx i = 0; i < count && !killed; i++)
        vec_push(c->fn->arena, &c->found, before[i]);
}

static void visit(Lookup *c, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->narg; i++)
            n->arg[i] = now(n->arg[i]);
        if (n->nregion) {
            visit_inside(c, n);
        } else if (is_find(n)) {
            Node *first = held(c, n);
            if (!first || first->narg != n->narg) {
                vec_push(c->fn->arena, &c->found, n);
                continue;
            }
            n->res[0].tmp = &first->res[0];
            node_remove(n);
        } else if (!put_in_place(c, n) && kills(n)) {
            c->found.n = 0;
        }
    }
}

void lookup_run(PassCx *cx)
{
    Lookup c = {.fn = cx->fn};
    pass_clear_tmp(cx->fn);
    visit(&c, cx->fn->body);
    pass_forward(cx->fn);
}
