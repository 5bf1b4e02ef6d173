/* SPDX-License-Identifier: Apache-2.0
 * Signatures of the op table: pandas' own parameter list with a kind for each
 * parameter.
 *
 *   (self, by: keys, axis: only(0) = 0, ascending: any = True, *, how: one_of('a','b')
 * = 'a')
 *
 * `self` first means a method. `/` and `*` are Python's. `*args` and `**kwargs`
 * collect. A parameter is `name: kind [= default]`; kinds may be joined by '|'. Kinds:
 *   any            whatever it is, as evaluated
 *   frame series index scalar   an abstract value of that kind
 *   bool int float str None     a compile-time constant of that type
 *   keys           a column label or a list/tuple of labels -> A_TUPLE of constants;
 * what is neither (a Series ...) is passed as it is if `any` is joined one_of(c,..) one
 * of the constants only(c,..)     one of these constants or "parameter only supports
 * default value" func           something callable Defaults are constants; a parameter
 * with a default that was not given has it as its value.
 */
#pragma once
#include "front/aval.h"

enum { SIG_MAX = 40 };

typedef struct SigParam {
    const char *name; /* interned */
    const char *kind; /* text of the kind, up to kind_end */
    const char *kind_end;
    const char *dflt; /* text of the default, up to dflt_end; NULL: required */
    const char *dflt_end;
    bool kwonly, posonly;
} SigParam;

typedef struct Sig {
    bool self;            /* a method */
    bool varargs, kwargs; /* collects positional, keyword arguments */
    bool generic;         /* "": any positional arguments, no keywords */
    idx n;
    SigParam p[SIG_MAX];
} Sig;

/* Parses text; BUG on a malformed row (tests parse all rows). */
const Sig *sig_parse(Front *f, const char *text);

/* Binds the arguments of a call to sig: c->name, c->self, c->sig must be set. Throws
 * TypeError as Python words it. */
void sig_bind(Front *f, Call *c, AVal *const *arg, idx narg, const char *const *kw,
              AVal *const *kwval, idx nkw);

/* Arguments of a bound call by name. */
AVal *call_arg(Front *f, const Call *c, const char *name);
bool call_given(Front *f, const Call *c, const char *name);
int64_t call_int(Front *f, const Call *c, const char *name);
bool call_bool(Front *f, const Call *c, const char *name);
const char *call_str(Front *f, const Call *c, const char *name); /* NULL for None */
bool call_none(Front *f, const Call *c, const char *name);
/* "merge" of "DataFrame.merge". */
const char *call_short(const Call *c);
