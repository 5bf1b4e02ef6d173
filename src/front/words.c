/* SPDX-License-Identifier: Apache-2.0
 * Keyword arguments of Python's own functions. A row of their tables names what a
 * function can be given by name, in the order of its parameters:
 *
 *   "iterable start"   positional ones that have names: they go to their places
 *   "_ base"           the first has no name
 *   "_ *key *reverse"  keyword arguments that the function asks for itself
 *   "**"               whatever there is
 *   ""                 none
 *
 * So none that a function does not know gets lost.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

/* The place of a keyword among the words; -1: it has none, -2: it stays a keyword. */
static idx place_of(const char *words, const char *name)
{
    size_t len = strlen(name);
    idx at = 0;
    for (const char *w = words; *w;) {
        size_t n = strcspn(w, " ");
        if (*w == '*' && n == len + 1 && !strncmp(w + 1, name, len)) return -2;
        if (n == len && !strncmp(w, name, len)) return at;
        at++;
        w += n + (w[n] == ' ');
    }
    return strstr(words, "**") ? -2 : -1;
}

NORETURN static void unknown(Front *f, const CallArgs *c, const char *words, idx i)
{
    if (!*words) front_fail(f, E_TYPE, "%s() takes no keyword arguments", c->name);
    front_fail(f, E_TYPE, "%s() got an unexpected keyword argument '%s'", c->name,
               c->kw[i]);
}

CallArgs call_words(Front *f, const CallArgs *c, const char *words)
{
    CallArgs r = *c;
    if (!c->nkw) return r;
    idx most = c->narg + c->nkw;
    AVal **arg = ARENA_NEW_N(f->arena, most + 1, AVal *);
    AVal **kwval = ARENA_NEW_N(f->arena, most + 1, AVal *);
    const char **kw = ARENA_NEW_N(f->arena, most + 1, const char *);
    for (idx i = 0; i < c->narg; i++)
        arg[i] = c->arg[i];
    r.nkw = 0;
    for (idx i = 0; i < c->nkw; i++) {
        idx at = place_of(words, c->kw[i]);
        if (at == -1) unknown(f, c, words, i);
        if (at == -2) {
            kw[r.nkw] = c->kw[i];
            kwval[r.nkw++] = c->kwval[i];
            continue;
        }
        if (at < most && arg[at])
            front_fail(f, E_TYPE,
                       "argument for %s() given by name ('%s') and position (%d)",
                       c->name, c->kw[i], (int)at + 1);
        if (at >= most)
            front_fail(f, E_TYPE, "%s() misses an argument before '%s'", c->name,
                       c->kw[i]);
        arg[at] = c->kwval[i];
    }
    while (r.narg < most && arg[r.narg])
        r.narg++;
    for (idx i = r.narg; i < most; i++)
        if (arg[i])
            front_fail(f, E_TYPE, "%s() missing required argument (pos %d)", c->name,
                       (int)r.narg + 1);
    r.arg = arg;
    r.kw = kw;
    r.kwval = kwval;
    return r;
}
