/* SPDX-License-Identifier: Apache-2.0
 * Joins of abstract states, for lower_loop.c and join_if. See join.c.
 */
#pragma once
#include "front/front_int.h"

typedef struct JoinCell {
    int32_t n; /* the cell */
    bool made; /* by the join: no path has it under this number */
    Cell to;   /* contents with holes */
} JoinCell;

typedef struct AxisPair {
    Axis *a, *b, *to;
    int32_t round;
} AxisPair;

typedef struct ObjPair {
    int32_t a, b;
    AVal *to;
    bool many; /* a or b has other names */
} ObjPair;

typedef struct RunCell {
    int32_t n;
    Type type;
} RunCell;

struct Join {
    Front *f;
    const Heap *base; /* contents of cells that are not joined (yet) */
    VEC(JoinCell) cell;
    VEC(AxisPair) axis;
    VEC(ObjPair) obj;
    VEC(RunCell) run;  /* containers that must exist at run time: join_obj.c */
    idx ncell;         /* cells that were there before the paths parted */
    VEC(int32_t) skip; /* cells private to a loop's body */
    VEC(Val *) hole;   /* numbered by join_holes */
    int32_t round;
    bool changed; /* a cell was added or got wider: reset by the user */
};

Join *join_new(Front *f, const Heap *base);
/* A value that stands for a and b alike; a itself when b needs nothing new. */
AVal *join_vals(Join *j, AVal *a, AVal *b, const Heap *hb);
AVal *join_widen(Join *j, AVal *a);         /* numbers become holes of their type */
void join_put(Join *j, int32_t n, AVal *v); /* the joined value of a variable */
void join_state(Join *j, const Heap *hb,
                idx ncell); /* joins the first ncell cells of hb in */
bool join_owns(const Join *j, int32_t n);
idx join_holes(Join *j); /* numbers the holes */
/* The operands for the holes in state h, casts and constants emitted at the end of
 * `at`. */
Val **join_flatten(Join *j, const Heap *h, Region *at);
/* The same for the cells only that differ between the states; NULL for other holes.
 * before NULL: all cells. */
Val **join_flatten_changed(Join *j, const Heap *before, const Heap *h, Region *at);
/* Cell n is the same in both states, and so are the containers that it leads to. */
bool join_same_state(const Heap *a, const Heap *b, int32_t n);
/* Writes the joined cells to the present state, val[k] in place of hole k; types val.
 */
void join_rebuild(Join *j, Val *val);
void join_results(Front *f, Node *n, Join *j); /* the same with new results of n */

/* -- Between join.c and join_obj.c ------------------------------------------------- */
Val *join_hole(Join *j, Type t, Axis *axis);
Axis *join_open_axis(Join *j); /* of a number of rows that only the run time knows */
AVal *join_conflict(Join *j, AVal *a, AVal *b);
bool cell_clash(Cell *to, const char *why);
const Cell *join_side_a(const Join *j, int32_t n); /* contents joined so far; NULL */
idx join_own_cell(Join *j, int32_t n);             /* its place in j->cell */
idx aval_items(const AVal *v);                     /* values that v is made of */
/* Joins b into *to; true when that changed it. */
bool join_cell(Join *j, Cell *to, const Cell *b, const Heap *hb);
bool join_box(Join *j, Cell *to, const Cell *b, const Heap *hb);
bool join_container(Join *j, Cell *to, Container *a, Container *b, const Heap *hb);
AVal *join_object(Join *j, AVal *a, AVal *b, const Heap *hb);
/* v is there on one path only, of state hb (NULL: what is joined so far), None on the
 * others: its containers become objects that the joined state has. */
AVal *join_adopt(Join *j, AVal *v, const Heap *hb);
void join_settle(Join *j, const Heap *hb);
bool func_same(const AVal *a, const AVal *b);
/* pick.c: one of the functions of both; the number of v's among those of `to`. */
AVal *pick_join(Join *j, AVal *a, AVal *b);
Val *pick_number(Front *f, const AVal *to, AVal *v);
