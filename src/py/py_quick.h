/* SPDX-License-Identifier: Apache-2.0
 * Values of a quick call (py_quick.c): which arguments a compiled form takes, how they
 * become slots, and how slots become its answer. All with the GIL held; what returns an
 * int < 0 has set a Python exception.
 */
#pragma once
#include "py/py.h"

enum { QUICK_ARGS = 8, QUICK_SLOTS = 64, QUICK_GUARDS = 32 };

/* An argument of a form. */
typedef struct Param {
    char letter; /* of its first slot, as rt/slot.h has them; b: bool; -: None, no slot
                  */
    PyTypeObject *type; /* the exact class */
    PyObject *wanted;   /* value specialised on; NULL: any */
    Type dt;            /* of an array's elements */
    int ndim;
    bool strided; /* an array that is not contiguous: offset and strides are slots */
    bool written; /* the call changes it */
} Param;

/* An argument of a call. */
typedef struct Given {
    PyObject *value; /* borrowed; NULL: not looked at yet */
    int known;       /* np holds value's: 1, it can't be told: -1 */
    NpArray np;
    Slot number;  /* of a number or text */
    Array *array; /* what is lent of np, the call's own */
} Given;

void given_init(Given *given);
/* (letter, class, (wanted,) or (), type or None, ndim, is strided, is written) */
int param_read(PyObject *t, Param *out);
void param_clear(Param *p);
int param_slots(const Param *p);
/* Whether the form takes the value; looks at it, keeps nothing alive. */
bool param_fits(const Param *p, PyObject *v, Given *g);
/* False when an array is passed twice: it is one object, which the long way knows. */
bool given_differ(const Param *p, const Given *g, int n);
/* The slots of all arguments. given_drop ends it, also when it fails. */
MUST_USE Status given_lend(Cx *cx, const Param *p, Given *g, int n, Slot *in);
void given_write_back(const Param *p, const Given *g, int n);
void given_drop(Given *g, int n);

/* How an answer is made of slots. spec is a tuple that begins with a letter:
 *   n                                   None
 *   s, slot                             the slot's number or text
 *   k, slot, class                      class(the slot's number)
 *   a, slot, ndim, (sizes)              an array: none of one dimension that is its
 *                                       memory, else lengths, first element, strides,
 *                                       each a slot's number or, as (value,), known
 *   t, (specs)                          a tuple
 *   p, function                         function(list of all slots, the arguments)
 * strided(memory, ndim, sizes) makes a view that is not contiguous. */
typedef struct Answer {
    PyObject *spec, *strided, *memory;
    char letters[QUICK_SLOTS + 1]; /* of the slots */
} Answer;
/* (spec, strided, memory of an array that is not contiguous) */
int answer_read(PyObject *t, const char *letters, Answer *out);
void answer_clear(Answer *a);
/* Takes the references of all slots in any case. */
PyObject *answer_new(const Answer *a, Slot *out, int nout, const Param *p,
                     const Given *g, int narg, PyObject *args);
