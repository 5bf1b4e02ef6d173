/* SPDX-License-Identifier: Apache-2.0
 * The passes, one file each, in one visible list (pass.c). All rewrite the Fn in place
 * and throw on errors that are the user's. After the last one the function is lowered:
 * columns are made by MAP loops and runtime calls only, every collective stands at an
 * agreement point, and every column that dies is released.
 */
#pragma once
#include "ir/ir.h"

struct DistFlags;
typedef struct PassCx {
    Fn *fn;
    int size;                      /* ranks; 1: no communication */
    const struct DistFlags *flags; /* NULL: none */
    const char *dump;              /* names of passes after which to print the IR */
    bool needs_ranks;              /* out */
    const char *explain;           /* out */
    const char *diagnostics;       /* out */
} PassCx;

typedef struct Pass {
    const char *name;
    void (*run)(PassCx *cx);
    const char *what; /* one line */
} Pass;
extern const Pass pass_list[]; /* ends with a NULL name */

void pass_run_all(PassCx *cx);
/* One pass by name; false when there is none. For tests on IR text. */
bool pass_run_one(PassCx *cx, const char *name);

/* Which of the function's subs, whose own passes have set asks_ranks of those that ask
 * for the rank by themselves, have results that can differ between ranks. */
void uniform_subs(Fn *fn);
