/* SPDX-License-Identifier: Apache-2.0
 * Functions written in Python, in the package's folder library/: made of operations
 * that there are, so they need no node, no kernel and no rule of their own. Rows of
 * ops.def give them names and signatures; a call is inlined as one of a user's function
 * is.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

static bool passed(const SigParam *p)
{
    return strncmp(p->kind, "only(", 5) != 0;
}

/* What the row's signature collects behind its own parameters stands behind them here
 * too; otherwise each parameter is passed by its name. */
AVal *build_library(Front *f, Call *c)
{
    AVal *name = av_str(f, c->opname, (idx)strlen(c->opname));
    AVal *fn = const_fold(f, "shoal.library", &name, 1);
    idx n = c->sig->n, npos = 0, nkw = 0;
    AVal **pos = ARENA_NEW_N(f->arena, n + c->nextra + 1, AVal *);
    AVal **kwval = ARENA_NEW_N(f->arena, n + 1, AVal *);
    const char **kw = ARENA_NEW_N(f->arena, n + 1, const char *);
    if (c->self) pos[npos++] = c->self;
    for (idx i = 0; i < n; i++) {
        const SigParam *p = &c->sig->p[i];
        if (!passed(p)) continue;
        if (c->sig->varargs && !p->kwonly) {
            pos[npos++] = c->arg[i];
            continue;
        }
        kw[nkw] = p->name;
        kwval[nkw++] = c->arg[i];
    }
    for (idx i = 0; i < c->nextra; i++)
        pos[npos++] = c->extra[i];
    return front_call(f, fn, pos, npos, kw, kwval, nkw);
}

AVal *library_call(Front *f, const char *name, AVal *const *arg, idx narg)
{
    AVal *text = av_str(f, name, (idx)strlen(name));
    return front_call(f, const_fold(f, "shoal.library", &text, 1), arg, narg, NULL,
                      NULL, 0);
}

AVal *build_np_errstate(Front *f, Call *c)
{
    for (idx i = 0; i < c->sig->n; i++) {
        const char *s =
            c->given[i] ? front_const_str(f, c->arg[i], c->sig->p[i].name) : "warn";
        if (strcmp(s, "ignore") != 0 && strcmp(s, "warn") != 0)
            front_unsup(f, UNSUP_API, "np.errstate() with '%s'", s);
    }
    return av_api(f, LIBRARY_QUIET);
}

AVal *library_subscript(Front *f, const AVal *v, AVal *key)
{
    static const char *const grids[] = {"np.c_", "np.r_", "np.mgrid", "np.ogrid"};
    for (idx i = 0; i < COUNT_OF(grids); i++)
        if (!strcmp(v->s, grids[i])) {
            bool many = key->kind == A_TUPLE;
            return library_call(f, v->s, many ? key->item : &key, many ? key->n : 1);
        }
    return NULL;
}

AVal *library_out(Front *f, AVal *r, const char *ufunc, const char *const *kw,
                  AVal *const *kwval, idx nkw)
{
    AVal *arg[4] = {r, NULL, av_bool(f, true), av_str(f, ufunc, (idx)strlen(ufunc))};
    for (idx i = 0; i < nkw; i++)
        arg[!strcmp(kw[i], "out") ? 1 : 2] = kwval[i];
    if (!arg[1] || arg[1]->kind == A_NONE)
        front_unsup(f, UNSUP_API, "np.%s() with where but without out", ufunc);
    return library_call(f, "np._stored", arg, 4);
}

/* np.finfo(dtype): an object whose attributes are asked of NumPy by the dtype's name.
 */
AVal *build_np_limits(Front *f, Call *c)
{
    Type t;
    AVal *v = c->arg[0];
    if (v->kind == A_ARRAY || v->kind == A_SCALAR) v = front_getattr(f, v, "dtype");
    if (!dtype_of(f, v, &t))
        front_fail(f, E_TYPE, "data type %s not understood", av_type_text(f, v));
    const char *s = arena_printf(f->arena, "%s:%s", c->opname, dtype_text(f, t));
    AVal *r = av_api(f, s);
    r->i = -1;
    return r;
}

AVal *library_limit(Front *f, const AVal *v, const char *name)
{
    if (strncmp(v->s, "np.finfo:", 9) != 0 && strncmp(v->s, "np.iinfo:", 9) != 0)
        return NULL;
    AVal *arg[2] = {av_str(f, v->s, (idx)strlen(v->s)),
                    av_str(f, name, (idx)strlen(name))};
    return const_fold(f, "shoal.limit", arg, 2);
}
