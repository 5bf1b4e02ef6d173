/* SPDX-License-Identifier: Apache-2.0
 * Shared by lower_func.c, which inlines functions, and subfn.c, which compiles them on
 * their own.
 */
#pragma once
#include "front/front_int.h"

/* A function about to be called. */
typedef struct Callee {
    const Ast *def, *args;
    const char *name;
    const char *qualname;          /* as Python's errors name it */
    const struct DistFlags *flags; /* of a jit function, else NULL */
    Scope *up;
    int fn;
    int32_t file;
    AVal **dflt; /* of the last ndflt positional parameters */
    idx ndflt;
    AVal **kwdflt; /* one per keyword-only parameter, NULL: required */
} Callee;

/* Declares the parameters in the scope, in the order in which sub_call gets their
 * values. */
void func_bind(Front *f, const Callee *c, Scope *s);
/* The arguments of a call of method fn (behind self) with those by keyword in their
 * places, *n of them then; NULL: some have none. */
AVal **func_in_order(Front *f, const AVal *fn, AVal *const *arg, idx *n,
                     const char *const *kw, AVal *const *kwval, idx nkw);
/* Runs the body in its scope; *reached is false when it always raises. */
AVal *func_body(Front *f, const Callee *c, Scope *s, bool *reached);

/* -- subfn.c -------------------------------------------------------------------------
 */
/* A call of a function that is compiled on its own; arg: one value per parameter. */
AVal *sub_call(Front *f, const Callee *c, AVal *const *arg, idx narg);
