/* SPDX-License-Identifier: Apache-2.0
 * functools.reduce, itertools and operator.itemgetter. What itertools makes of items
 * that are known when compiling is a tuple of known length: loops over it unroll.
 * reduce and chain take what exists at run time too.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

enum { LIB_MAX = 20000 }; /* items of a result */

typedef struct Many {
    VEC(AVal *) at;
} Many;

static AVal *option(const CallArgs *c, const char *name)
{
    for (idx i = 0; i < c->nkw; i++)
        if (!strcmp(c->kw[i], name)) return c->kwval[i];
    return NULL;
}

static void known(Front *f, const CallArgs *c, AVal *v, AVal ***item, idx *n)
{
    v = opt_iterable(f, v);
    if (iter_is_run(f, v) || !lower_items(f, v, item, n))
        front_unsup(f, UNSUP_CONST_ONLY, "%s() of %s", c->name, av_type_text(f, v));
}

static void add(Front *f, Many *to, AVal *const *item, idx n)
{
    if (to->at.n == LIB_MAX) front_unsup(f, UNSUP_TOO_MANY, NULL);
    vec_push(f->arena, &to->at, av_tuple(f, item, n));
}

static AVal *done(Front *f, const Many *m)
{
    return av_tuple(f, m->at.at, m->at.n);
}

/* -- Functions --------------------------------------------------------------------- */
static AVal *do_reduce(Front *f, const CallArgs *c)
{
    AVal **item, *v = opt_iterable(f, c->arg[1]), *acc = c->narg > 2 ? c->arg[2] : NULL;
    idx n;
    if (iter_is_run(f, v) || v->kind == A_ARRAY || !lower_items(f, v, &item, &n))
        return iter_reduce(f, c->arg[0], box_iterated(f, v), acc);
    idx i = 0;
    if (!acc && n == 0)
        front_fail(f, E_TYPE, "reduce() of empty iterable with no initial value");
    if (!acc) acc = item[i++];
    for (; i < n; i++)
        acc = front_call(f, c->arg[0], (AVal *[]){acc, item[i]}, 2, NULL, NULL, 0);
    return acc;
}

static AVal *do_chain(Front *f, const CallArgs *c)
{
    Many all = {0};
    AVal **item, *list = NULL;
    idx n;
    bool run = false;
    for (idx i = 0; i < c->narg; i++)
        run |= iter_is_run(f, c->arg[i]) || !lower_items(f, c->arg[i], &item, &n);
    for (idx i = 0; run && i < c->narg; i++) {
        AVal *l = box_iterated(f, c->arg[i]);
        list = list ? lower_binop(f, AST_Add, list, l) : l;
    }
    if (run) return list;
    for (idx i = 0; i < c->narg; i++) {
        known(f, c, c->arg[i], &item, &n);
        for (idx k = 0; k < n; k++)
            vec_push(f->arena, &all.at, item[k]);
    }
    return done(f, &all);
}

/* An iterable whose items only the run time knows is among the first n arguments. */
static bool any_run(Front *f, const CallArgs *c, idx n)
{
    for (idx i = 0; i < n && i < c->narg; i++)
        if (iter_is_run(f, opt_iterable(f, c->arg[i]))) return true;
    return false;
}

static AVal *run_product(Front *f, const CallArgs *c, idx m)
{
    static const char *const name[] = {"itertools.product1", "itertools.product2",
                                       "itertools.product3"};
    AVal *arg[3];
    if (m < 1 || m > 3)
        front_unsup(f, UNSUP_CONST_ONLY, "%s() of more than three iterables", c->name);
    for (idx i = 0; i < m; i++)
        arg[i] = c->arg[i % c->narg];
    return library_call(f, name[m - 1], arg, m);
}

static AVal *do_groupby(Front *f, const CallArgs *c)
{
    AVal *arg[2] = {c->arg[0], c->narg > 1 ? c->arg[1] : av_none(f)};
    return library_call(f, c->name, arg, 2);
}

static AVal *do_product(Front *f, const CallArgs *c)
{
    AVal *times = option(c, "repeat");
    int64_t repeat = times ? front_const_int(f, times, "repeat") : 1;
    idx m = c->narg * (repeat < 0 ? 0 : repeat);
    if (any_run(f, c, c->narg)) return run_product(f, c, m);
    AVal ***item = ARENA_NEW_N(f->arena, m + 1, AVal **);
    AVal **row = ARENA_NEW_N(f->arena, m + 1, AVal *);
    idx *n = ARENA_NEW_N(f->arena, m + 1, idx), *at = ARENA_NEW_N(f->arena, m + 1, idx);
    Many all = {0};
    for (idx i = 0; i < m; i++) {
        known(f, c, c->arg[i % c->narg], &item[i], &n[i]);
        if (n[i] == 0) return done(f, &all);
    }
    for (idx k = 0; k >= 0;) {
        for (idx i = 0; i < m; i++)
            row[i] = item[i][at[i]];
        add(f, &all, row, m);
        for (k = m - 1; k >= 0 && ++at[k] == n[k]; k--)
            at[k] = 0;
    }
    return done(f, &all);
}

typedef struct Choose {
    AVal **item, **row;
    idx n, r;
    bool *used;
    bool ordered; /* permutations */
    bool again;   /* with replacement */
    Many all;
} Choose;

static void choose(Front *f, Choose *c, idx k, idx from)
{
    if (k == c->r) {
        add(f, &c->all, c->row, c->r);
        return;
    }
    for (idx i = c->ordered ? 0 : from; i < c->n; i++) {
        if (c->ordered && c->used[i]) continue;
        c->row[k] = c->item[i];
        c->used[i] = true;
        choose(f, c, k + 1, c->again ? i : i + 1);
        c->used[i] = false;
    }
}

static AVal *do_choose(Front *f, const CallArgs *c)
{
    Choose x = {.ordered = !strcmp(c->name, "itertools.permutations"),
                .again = !strcmp(c->name, "itertools.combinations_with_replacement")};
    known(f, c, c->arg[0], &x.item, &x.n);
    bool all = c->narg < 2 || c->arg[1]->kind == A_NONE;
    x.r = all ? x.n : front_const_int(f, c->arg[1], "r");
    if (x.r < 0) front_fail(f, E_VALUE, "r must be non-negative");
    x.row = ARENA_NEW_N(f->arena, x.r + 1, AVal *);
    x.used = ARENA_NEW_N(f->arena, x.n + 1, bool);
    if (x.r <= x.n || x.again) choose(f, &x, 0, 0);
    return done(f, &x.all);
}

static AVal *do_accumulate(Front *f, const CallArgs *c)
{
    AVal **item, *first = option(c, "initial");
    idx n;
    AVal *run[3] = {c->arg[0], c->narg > 1 ? c->arg[1] : av_none(f),
                    first ? first : av_none(f)};
    if (any_run(f, c, 1)) return library_call(f, c->name, run, 3);
    known(f, c, c->arg[0], &item, &n);
    AVal *fnv = c->narg > 1 ? c->arg[1] : NULL, *acc = NULL;
    if (fnv && fnv->kind == A_NONE) fnv = NULL;
    if (first && first->kind != A_NONE) acc = first;
    Many all = {0};
    if (acc) vec_push(f->arena, &all.at, acc);
    for (idx i = 0; i < n; i++) {
        AVal *both[2] = {acc, item[i]};
        acc = !acc  ? item[i]
              : fnv ? front_call(f, fnv, both, 2, NULL, NULL, 0)
                    : lower_binop(f, AST_Add, acc, item[i]);
        vec_push(f->arena, &all.at, acc);
    }
    return done(f, &all);
}

static AVal *do_pairwise(Front *f, const CallArgs *c)
{
    AVal **item;
    idx n;
    if (any_run(f, c, 1)) return library_call(f, c->name, c->arg, 1);
    known(f, c, c->arg[0], &item, &n);
    Many all = {0};
    for (idx i = 0; i + 1 < n; i++)
        add(f, &all, item + i, 2);
    return done(f, &all);
}

static AVal *do_repeat(Front *f, const CallArgs *c)
{
    Many all = {0};
    int64_t n = front_const_int(f, c->arg[1], "the number of times");
    for (int64_t i = 0; i < n; i++) {
        if (i == LIB_MAX) front_unsup(f, UNSUP_TOO_MANY, NULL);
        vec_push(f->arena, &all.at, c->arg[0]);
    }
    return done(f, &all);
}

static AVal *do_itemgetter(Front *f, const CallArgs *c)
{
    AVal *m = av_new_kind(f, A_METHOD);
    m->s = LIB_GETTER;
    m->n = 1;
    m->item = ARENA_NEW_N(f->arena, 1, AVal *);
    m->item[0] = av_tuple(f, c->arg, c->narg);
    return m;
}

AVal *lib_getter(Front *f, const AVal *m, AVal *v)
{
    const AVal *key = m->item[0];
    AVal **item = ARENA_NEW_N(f->arena, key->n + 1, AVal *);
    for (idx i = 0; i < key->n; i++)
        item[i] = lower_subscript(f, v, key->item[i]);
    return key->n == 1 ? item[0] : av_tuple(f, item, key->n);
}

static AVal *do_operator(Front *f, const CallArgs *c)
{
    const char *name = c->name + strlen("operator.");
    AVal *a = c->arg[0], *b = c->narg > 1 ? c->arg[1] : NULL;
    if (!strcmp(name, "getitem")) return lower_subscript(f, a, b);
    if (!strcmp(name, "contains")) return lower_compare(f, AST_In, b, a);
    if (!strcmp(name, "concat")) return lower_binop(f, AST_Add, a, b);
    if (!strcmp(name, "is_")) return lower_compare(f, AST_Is, a, b);
    if (!strcmp(name, "is_not")) return lower_compare(f, AST_IsNot, a, b);
    AVal *t = lower_truth(f, a);
    if (!strcmp(name, "truth")) return t;
    return t->kind == A_CONST ? av_bool(f, !t->i) : front_elem(f, OP_INVERT, &t, 1);
}

static const struct {
    const char *name;
    AVal *(*run)(Front *f, const CallArgs *c);
    int least, most;
    const char *words; /* what it takes by name: words.c */
} rows[] = {
    {"functools.reduce",                        do_reduce,     2, 3,  ""                      },
    {"itertools.chain",                         do_chain,      1, 64, ""                      },
    {"itertools.product",                       do_product,    1, 16, "*repeat"               },
    {"itertools.combinations",                  do_choose,     2, 2,  "iterable r"            },
    {"itertools.combinations_with_replacement", do_choose,     2, 2,  "iterable r"            },
    {"itertools.permutations",                  do_choose,     1, 2,  "iterable r"            },
    {"itertools.accumulate",                    do_accumulate, 1, 2,  "iterable func *initial"},
    {"itertools.groupby",                       do_groupby,    1, 2,  "iterable key"          },
    {"itertools.pairwise",                      do_pairwise,   1, 1,  ""                      },
    {"itertools.repeat",                        do_repeat,     2, 2,  "object times"          },
    {"operator.itemgetter",                     do_itemgetter, 1, 16, ""                      },
    {"operator.getitem",                        do_operator,   2, 2,  ""                      },
    {"operator.contains",                       do_operator,   2, 2,  ""                      },
    {"operator.concat",                         do_operator,   2, 2,  ""                      },
    {"operator.is_",                            do_operator,   2, 2,  ""                      },
    {"operator.is_not",                         do_operator,   2, 2,  ""                      },
    {"operator.truth",                          do_operator,   1, 1,  ""                      },
    {"operator.not_",                           do_operator,   1, 1,  ""                      },
};

static int row_of(const char *name)
{
    for (int i = 0; i < (int)COUNT_OF(rows); i++)
        if (!strcmp(rows[i].name, name)) return i;
    return -1;
}

bool lib_is(const char *name)
{
    return row_of(name) >= 0;
}

AVal *lib_call(Front *f, const char *name, AVal *const *arg, idx narg,
               const char *const *kw, AVal *const *kwval, idx nkw)
{
    int r = row_of(name);
    if (r < 0) return NULL;
    CallArgs all = {name, arg, narg, kw, kwval, nkw};
    CallArgs c = call_words(f, &all, rows[r].words);
    if (c.narg < rows[r].least || c.narg > rows[r].most)
        front_unsup(f, UNSUP_API, "%s() with %d arguments", name, (int)c.narg);
    return rows[r].run(f, &c);
}
