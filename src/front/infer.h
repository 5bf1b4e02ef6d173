/* SPDX-License-Identifier: Apache-2.0
 * Inside of the typing of element-wise operations: what infer.c offers the files that
 * have rules of their own.
 */
#pragma once
#include "front/front_int.h"

enum { ARG_MAX_ELEM = 4 };

typedef struct Elem {
    Op op;
    int n;
    Val *arg[ARG_MAX_ELEM];
    bool weak[ARG_MAX_ELEM]; /* Python's own number */
    bool col;                /* a column is among them */
    bool python;             /* all are Python's own scalars */
    bool ints;               /* none of them is a float */
    bool array;              /* NumPy's rules for arrays, not pandas' */
    bool lane;               /* scalars that are elements of arrays */
    Axis *axis;
} Elem;

Type elem_type(const Elem *e, DType dt, NullForm null, Unit unit);
Val *elem_node(Front *f, const Elem *e, Op op, Type t);
/* Operands from..n in dt. */
void elem_cast(Front *f, Elem *e, int from, DType dt, Unit unit);
/* NEP 50: the dtype of operands from..n. */
DType elem_promote(const Elem *e, int from);
/* NumPy's loop of floats for such operands; DT_COUNT: that of float16. */
DType infer_float_loop(DType dt);
NORETURN void elem_bad_types(Front *f, const Elem *e);

/* days.c: arithmetic of columns of Python's dates and timedeltas; NULL: there is none
 * among the operands. */
Val *infer_days(Front *f, Elem *e);
/* infer_complex.c: a complex number is among the operands, or the parts of one are. */
bool infer_is_complex(const Elem *e);
Val *infer_complex(Front *f, Elem *e);
