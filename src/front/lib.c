/* SPDX-License-Identifier: Apache-2.0
 * functools, itertools, and the functions that operator makes. What itertools makes of
 * items that are known when compiling is a tuple of known length: loops over it unroll.
 * Of what only the run time knows it makes lists: python/shoal/library/loops.py.
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
    AVal **arg = ARENA_NEW_N(f->arena, c->narg + 1, AVal *);
    for (idx i = 0; i < c->narg; i++) {
        arg[i] = opt_iterable(f, c->arg[i]);
        run |= iter_is_run(f, arg[i]) || !lower_items(f, arg[i], &item, &n);
    }
    for (idx i = 0; run && i < c->narg; i++) {
        AVal *l = box_iterated(f, arg[i]);
        list = list ? lower_binop(f, AST_Add, list, l) : l;
    }
    if (run) return list;
    for (idx i = 0; i < c->narg; i++) {
        known(f, c, arg[i], &item, &n);
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
    if (any_run(f, c, 1)) {
        AVal *r = c->narg > 1 ? c->arg[1] : av_none(f);
        (void)front_const_int(f, r, "the number of items in a choice");
        return library_call(f, c->name, (AVal *[]){c->arg[0], r}, 2);
    }
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

/* -- Functions that are made ------------------------------------------------------- */
#define MADE_ITEMS   ".itemgetter"   /* of keys */
#define MADE_ATTRS   ".attrgetter"   /* of names */
#define MADE_METHOD  ".methodcaller" /* of a name, arguments, keywords, their values */
#define MADE_PARTIAL ".partial" /* of a function, arguments, keywords, their values */
#define MADE_STARRED ".starred" /* of a function */

static AVal *made(Front *f, const char *name, AVal *const *part, idx n)
{
    AVal *m = av_new_kind(f, A_METHOD);
    m->s = name;
    m->n = 1;
    m->item = ARENA_NEW_N(f->arena, 1, AVal *);
    m->item[0] = av_tuple(f, part, n);
    return m;
}

bool lib_made(const AVal *v)
{
    return v->kind == A_METHOD && v->s && *v->s == '.';
}

static AVal *do_itemgetter(Front *f, const CallArgs *c)
{
    return made(f, MADE_ITEMS, c->arg, c->narg);
}

static AVal *do_attrgetter(Front *f, const CallArgs *c)
{
    for (idx i = 0; i < c->narg; i++)
        (void)front_const_str(f, c->arg[i], "an attribute's name");
    return made(f, MADE_ATTRS, c->arg, c->narg);
}

AVal *lib_starred(Front *f, AVal *fnv)
{
    return made(f, MADE_STARRED, &fnv, 1);
}

/* partial() and methodcaller(): what is called, and with what. */
static AVal *do_partial(Front *f, const CallArgs *c)
{
    bool partial = !strcmp(c->name, "functools.partial");
    if (partial && !front_callable(c->arg[0]))
        front_fail(f, E_TYPE, "the first argument must be callable");
    AVal **word = ARENA_NEW_N(f->arena, c->nkw + 1, AVal *);
    for (idx i = 0; i < c->nkw; i++)
        word[i] = av_str(f, c->kw[i], -1);
    AVal *part[] = {c->arg[0], av_tuple(f, c->arg + 1, c->narg - 1),
                    av_tuple(f, word, c->nkw), av_tuple(f, c->kwval, c->nkw)};
    return made(f, partial ? MADE_PARTIAL : MADE_METHOD, part, 4);
}

/* "a.b": one after the other. */
static AVal *attr_path(Front *f, AVal *v, const char *path)
{
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1)
        v = front_getattr(f, v, intern_n(f->names, path, (size_t)(dot - path)));
    return front_getattr(f, v, intern(f->names, path));
}

static AVal *call_getter(Front *f, const AVal *m, AVal *v)
{
    const AVal *key = m->item[0];
    bool items = !strcmp(m->s, MADE_ITEMS);
    AVal **item = ARENA_NEW_N(f->arena, key->n + 1, AVal *);
    for (idx i = 0; i < key->n; i++)
        item[i] = items ? lower_subscript(f, v, key->item[i])
                        : attr_path(f, v, key->item[i]->s);
    return key->n == 1 ? item[0] : av_tuple(f, item, key->n);
}

/* Of partial: the arguments it has, then those of the call; a keyword of the call
 * stands for one that it has. */
static AVal *call_partial(Front *f, AVal *fnv, AVal *const *part, const CallArgs *c)
{
    const AVal *pos = part[1], *word = part[2], *val = part[3];
    idx n = pos->n + c->narg, m = 0;
    AVal **arg = ARENA_NEW_N(f->arena, n + 1, AVal *);
    const char **kw = ARENA_NEW_N(f->arena, word->n + c->nkw + 1, const char *);
    AVal **kwval = ARENA_NEW_N(f->arena, word->n + c->nkw + 1, AVal *);
    for (idx i = 0; i < n; i++)
        arg[i] = i < pos->n ? pos->item[i] : c->arg[i - pos->n];
    for (idx i = 0; i < word->n; i++) {
        const char *name = intern(f->names, word->item[i]->s);
        if (option(c, name)) continue;
        kw[m] = name;
        kwval[m++] = val->item[i];
    }
    for (idx i = 0; i < c->nkw; i++) {
        kw[m] = c->kw[i];
        kwval[m++] = c->kwval[i];
    }
    return front_call(f, fnv, arg, n, kw, kwval, m);
}

AVal *lib_call_made(Front *f, const AVal *m, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw)
{
    AVal **part = m->item[0]->item;
    CallArgs c = {m->s, arg, narg, kw, kwval, nkw};
    if (!strcmp(m->s, MADE_PARTIAL)) return call_partial(f, part[0], part, &c);
    if (narg != 1 || nkw)
        front_fail(f, E_TYPE, "%s expected 1 argument, got %d", m->s + 1,
                   (int)(narg + nkw));
    if (!strcmp(m->s, MADE_METHOD)) {
        const char *name = front_const_str(f, part[0], "a method's name");
        c.narg = 0;
        AVal *bound = front_getattr(f, arg[0], intern(f->names, name));
        return call_partial(f, bound, part, &c);
    }
    if (strcmp(m->s, MADE_STARRED) != 0) return call_getter(f, m, arg[0]);
    AVal **item;
    idx n;
    if (!lower_items(f, arg[0], &item, &n))
        front_unsup(f, UNSUP_STAR, "*%s can't be passed as arguments",
                    av_type_text(f, arg[0]));
    return front_call(f, part[0], item, n, NULL, NULL, 0);
}

static AVal *do_starmap(Front *f, const CallArgs *c)
{
    return lower_keys(f, c->arg[1], lib_starred(f, c->arg[0]));
}

/* A range without an end: what stops is the loop or the other iterable. */
static AVal *do_count(Front *f, const CallArgs *c)
{
    AVal *start = c->narg > 0 ? c->arg[0] : av_int(f, 0);
    AVal *step = c->narg > 1 ? c->arg[1] : av_int(f, 1);
    int64_t by = front_const_int(f, step, "the step of count()");
    bool whole = front_val(f, start)->type.dt == DT_I64;
    if (!whole || by == 0)
        front_unsup(f, UNSUP_API, "itertools.count() of anything but ints");
    AVal *end = av_int(f, by > 0 ? INT64_MAX : -INT64_MAX);
    AVal *r = av_tuple(f, (AVal *[]){start, end, step}, 3);
    r->kind = A_RANGE;
    return r;
}

static AVal *do_islice(Front *f, const CallArgs *c)
{
    AVal *none = av_none(f), *first = c->narg > 2 ? c->arg[1] : none,
         *step = c->narg > 3 ? c->arg[3] : none;
    AVal *arg[4] = {c->arg[0], first->kind == A_NONE ? av_int(f, 0) : first,
                    c->arg[c->narg > 2 ? 2 : 1],
                    step->kind == A_NONE ? av_int(f, 1) : step};
    return library_call(f, c->name, arg, 4);
}

static AVal *do_longest(Front *f, const CallArgs *c)
{
    AVal *fill = option(c, "fillvalue");
    if (c->narg != 2)
        front_unsup(f, UNSUP_API,
                    "itertools.zip_longest() of other than two iterables");
    AVal *arg[3] = {c->arg[0], c->arg[1], fill ? fill : av_none(f)};
    return library_call(f, c->name, arg, 3);
}

static AVal *do_library(Front *f, const CallArgs *c)
{
    return library_call(f, c->name, c->arg, c->narg);
}

/* chain.from_iterable(x): all items of all items. */
static AVal *do_from_iterable(Front *f, const CallArgs *c)
{
    AVal **item;
    idx n;
    AVal *all = opt_iterable(f, c->arg[0]);
    if (iter_is_run(f, all) || !lower_items(f, all, &item, &n))
        return library_call(f, c->name, &all, 1);
    CallArgs each = {"itertools.chain", item, n, NULL, NULL, 0};
    return n ? do_chain(f, &each) : av_tuple(f, NULL, 0);
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
    {"functools.reduce",                        do_reduce,        2, 3,  ""                      },
    {"itertools.chain",                         do_chain,         1, 64, ""                      },
    {"itertools.product",                       do_product,       1, 16, "*repeat"               },
    {"itertools.combinations",                  do_choose,        2, 2,  "iterable r"            },
    {"itertools.combinations_with_replacement", do_choose,        2, 2,  "iterable r"            },
    {"itertools.permutations",                  do_choose,        1, 2,  "iterable r"            },
    {"itertools.accumulate",                    do_accumulate,    1, 2,  "iterable func *initial"},
    {"itertools.groupby",                       do_groupby,       1, 2,  "iterable key"          },
    {"itertools.pairwise",                      do_pairwise,      1, 1,  ""                      },
    {"itertools.repeat",                        do_repeat,        2, 2,  "object times"          },
    {"itertools.chain.from_iterable",           do_from_iterable, 1, 1,  ""                      },
    {"itertools.islice",                        do_islice,        2, 4,  ""                      },
    {"itertools.takewhile",                     do_library,       2, 2,  ""                      },
    {"itertools.dropwhile",                     do_library,       2, 2,  ""                      },
    {"itertools.filterfalse",                   do_library,       2, 2,  ""                      },
    {"itertools.compress",                      do_library,       2, 2,  "data selectors"        },
    {"itertools.starmap",                       do_starmap,       2, 2,  ""                      },
    {"itertools.count",                         do_count,         0, 2,  "start step"            },
    {"itertools.zip_longest",                   do_longest,       1, 16, "*fillvalue"            },
    {"functools.partial",                       do_partial,       1, 64, "**"                    },
    {"operator.methodcaller",                   do_partial,       1, 64, "**"                    },
    {"operator.attrgetter",                     do_attrgetter,    1, 16, ""                      },
    {"operator.itemgetter",                     do_itemgetter,    1, 16, ""                      },
    {"operator.getitem",                        do_operator,      2, 2,  ""                      },
    {"operator.contains",                       do_operator,      2, 2,  ""                      },
    {"operator.concat",                         do_operator,      2, 2,  ""                      },
    {"operator.is_",                            do_operator,      2, 2,  ""                      },
    {"operator.is_not",                         do_operator,      2, 2,  ""                      },
    {"operator.truth",                          do_operator,      1, 1,  ""                      },
    {"operator.not_",                           do_operator,      1, 1,  ""                      },
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
