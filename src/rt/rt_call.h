/* SPDX-License-Identifier: Apache-2.0
 * Shared by rt.c and rt_core.c only: what a running call owns.
 */
#pragma once
#include "rt/rt.h"

/* Takes an array of the call out of its list and drops the call's reference. */
void rt_disown(Cx *cx, Array *a);
/* The same with all but the first n of the list. */
void rt_disown_from(Cx *cx, idx n);
/* Something that the call holds beside its columns: close(p) is called when the call
 * ends, however it ends, unless p was set to NULL before. */
typedef struct Closing {
    void *p;
    void (*close)(void *p);
    struct Closing *next;
} Closing;
/* On failure p is closed at once. */
MUST_USE Status rt_closing(Cx *cx, void *p, void (*close)(void *p), Closing **out);
void closing_run(Cx *cx);
