/* SPDX-License-Identifier: Apache-2.0
 * The pipeline: one visible list. Order matters where the comments say so.
 */
#include "base/base.h"

#include "pass/pass_int.h"

#include <stdio.h>

const Pass pass_list[] = {
    {"carry",    carry_run,    "loops carry what changes and is needed, nothing else"        },
    {"inplace",  inplace_run,
     "columns that loops read and write by element are arrays there"                         },
    {"cse",      cse_run,      "equal pure operations become one; filters of one mask merge" },
    {"lookup",   lookup_run,   "a key of a dict is looked up once"                           },
    {"dce",      dce_run,      "dead values go; unused columns of column-wise ops are pruned"},
    {"topn",     topn_run,     "head of a sort becomes a top-n"                              },
    {"pushdown", pushdown_run, "conditions on a read go to its row groups"                   },
    {"sink",     sink_run,     "filters that only feed reductions become masks"              },
    {"order",    order_run,    "marks where the row order can be seen"                       },
    {"dist",     dist_run,     "distribution of axes; conversions between them"              },
    {"reduce",   reduce_run,   "reductions become loops and all-reductions"                  },
    {"cse2",     cse_run,      "after reduce: equal loops' parts become one"                 },
    {"dce2",     dce_run,      "what sink and reduce left over"                              },
    {"ndfuse",   ndfuse_run,   "chains of loop nests become one nest"                        },
    {"fuse",     fuse_run,     "element-wise chains become one loop"                         },
    {"dce3",     dce_run,      "constants that moved into the loops"                         },
    {"batch",    batch_run,    "files are filtered as they are read, batch by batch"         },
    {"uniform",  uniform_run,  "no collective where ranks can take different paths"          },
    {"agree",    agree_run,    "ranks agree on failure before the function returns"          },
    {"range",    range_run,    "accesses of while loops that are in bounds are not checked"  },
    {"own",      own_run,      "columns are released after their last use"                   },
    {NULL,       NULL,         NULL                                                          },
};

static bool wants_dump(const char *list, const char *name)
{
    if (!list) return false;
    size_t n = strlen(name);
    for (const char *p = list; (p = strstr(p, name)); p += n) {
        bool starts = p == list || p[-1] == ',';
        if (starts && (p[n] == ',' || p[n] == '\0')) return true;
    }
    return !strcmp(list, "all");
}

static void run(PassCx *cx, const Pass *p)
{
    p->run(cx);
#ifndef NDEBUG
    ir_verify(cx->fn);
#endif
    if (wants_dump(cx->dump, p->name)) {
        ArenaMark mark = arena_mark(cx->fn->arena);
        fprintf(stderr, "; after %s\n%s", p->name, ir_print(cx->fn, cx->fn->arena));
        arena_release(cx->fn->arena, mark);
    }
}

void pass_run_all(PassCx *cx)
{
    if (wants_dump(cx->dump, "front"))
        fprintf(stderr, "; after front\n%s", ir_print(cx->fn, cx->fn->arena));
    for (const Pass *p = pass_list; p->name; p++)
        run(cx, p);
    if (cx->fn->sub) return;
    explain_run(cx);
    diagnose_run(cx);
}

bool pass_run_one(PassCx *cx, const char *name)
{
    for (const Pass *p = pass_list; p->name; p++) {
        if (strcmp(p->name, name)) continue;
        run(cx, p);
        return true;
    }
    return false;
}

/* -- Shared ------------------------------------------------------------------------ */
void pass_clear_tmp(Fn *fn)
{
    region_clear_tmp(fn->body);
}

static Val *follow(Val *v)
{
    while (v && v->tmp)
        v = (Val *)v->tmp;
    return v;
}

static void forward_region(Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->narg; i++)
            n->arg[i] = follow(n->arg[i]);
        for (int i = 0; i < n->nregion; i++)
            forward_region(n->region[i]);
    }
}

void pass_forward(Fn *fn)
{
    forward_region(fn->body);
    vec_each (i, &fn->axes)
        fn->axes.at[i]->rows = follow(fn->axes.at[i]->rows);
    pass_clear_tmp(fn);
}

void pass_walk(Region *r, void (*visit)(void *data, Node *n), void *data)
{
    node_each (n, r) {
        visit(data, n);
        for (int i = 0; i < n->nregion; i++)
            pass_walk(n->region[i], visit, data);
    }
}

bool pass_layout(const Node *n, ColLayout *out)
{
    int nkey = (int)node_int(n, "nkey", 0);
    switch ((Op)n->op) {
    case OP_FILTER: *out = (ColLayout){1, 1, n->nres - 1}; return true;
    case OP_SLICE: *out = (ColLayout){3, 1, n->nres - 1}; return true;
    case OP_HEAD: *out = (ColLayout){2, 1, n->nres - 1}; return true;
    case OP_SORT:
    case OP_TOPN:
    case OP_DEDUP: *out = (ColLayout){1 + nkey, 1, n->nres - 1}; return true;
    case OP_REBALANCE:
    case OP_GATHER:
    case OP_SCATTER: *out = (ColLayout){1, 1, n->nres - 1}; return true;
    case OP_ALIGN:
    case OP_GETROW: *out = (ColLayout){2, 0, n->nres}; return true;
    default: return false;
    }
}

Axis *pass_axis(Fn *fn, Val *v)
{
    if (v->axis) return axis_get(v->axis);
    vec_each (i, &fn->axes) {
        if (fn->axes.at[i]->rows == v) return axis_get(fn->axes.at[i]);
    }
    return NULL;
}

Node *pass_rebuild(Fn *fn, Node *n, int narg, Val *const *arg, int nres)
{
    Node *c = node_new(fn, (Op)n->op, n->loc, narg, arg, nres);
    c->inlined_at = n->inlined_at;
    c->attr = n->attr;
    c->nregion = n->nregion;
    c->region = n->region;
    for (int i = 0; i < c->nregion; i++)
        c->region[i]->owner = c;
    node_insert_before(n, c);
    node_remove(n);
    return c;
}

/* -- Cutting --------------------------------------------------------------------- */
static void move(Val *from, Val *to)
{
    to->type = from->type;
    to->axis = from->axis;
    to->hint = from->hint;
    from->tmp = to;
}

void pass_cut_operands(Node *n, const bool *drop)
{
    int k = 0;
    for (int i = 0; i < n->narg; i++)
        if (!drop[i]) n->arg[k++] = n->arg[i];
    n->narg = k;
}

void pass_cut_params(Fn *fn, Region *r, int first, const bool *drop)
{
    Val *old = r->param;
    int n = r->nparam, k = 0;
    r->param = ARENA_NEW_N(fn->arena, n, Val);
    for (int i = 0; i < n; i++) {
        if (i >= first && drop[i - first]) continue;
        val_init(fn, &r->param[k], old[i].type, old[i].axis);
        r->param[k].region = r;
        r->param[k].index = k;
        move(&old[i], &r->param[k++]);
    }
    r->nparam = k;
}

void pass_cut_results(Fn *fn, Node *n, const bool *drop)
{
    Val *old = n->res;
    int count = n->nres, k = 0;
    n->res = ARENA_NEW_N(fn->arena, count, Val);
    for (int i = 0; i < count; i++) {
        if (drop[i]) continue;
        val_init(fn, &n->res[k], old[i].type, old[i].axis);
        n->res[k].def = n;
        n->res[k].index = k;
        move(&old[i], &n->res[k++]);
    }
    n->nres = k;
}

bool pass_is_inside(const Val *v, const Region *r)
{
    const Region *at = v->def ? v->def->parent : v->region;
    while (at && at != r)
        at = at->owner ? at->owner->parent : NULL;
    return at == r;
}
