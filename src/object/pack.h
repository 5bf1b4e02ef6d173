/* SPDX-License-Identifier: Apache-2.0
 * Objects as bytes; see pack.c for the format. py/py_pack.c writes and reads the same.
 */
#pragma once
#include "object/object.h"

struct Array;
typedef struct Unpack {
    const uint8_t *p, *end;
    struct Array *const *array; /* those that the bytes name by number, borrowed */
    int64_t narray;
    Str nodes; /* UnpackNode: those whose fields are still to be read */
} Unpack;
typedef struct UnpackNode {
    NodeObj *node;
    const ObjType *from;
} UnpackNode;
/* Bytes under construction, and the arrays in them, in the order of their numbers. */
typedef struct Pack {
    Str bytes, arrays; /* arrays: pointers, borrowed from the object */
    Str nodes;         /* pointers: those whose fields are still to be written */
} Pack;

MUST_USE Status pack_put(Cx *cx, Pack *s, const ObjType *t, const void *p);
/* Behind the last pack_put: the fields of the nodes that were met, and of those that
 * they hold. */
MUST_USE Status pack_nodes(Cx *cx, Pack *s);
/* Before the first pack_put: all nodes that came with the arguments. */
MUST_USE Status pack_inputs(Cx *cx, Pack *s);
/* What was packed as an element of type `from`, to p as one of type t, owned: numbers
 * get wider, what is there becomes an optional. A node of t has the fields of `from`
 * and maybe more. Behind the last one pack_take_nodes reads the fields of the nodes. */
MUST_USE Status pack_convert(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t,
                             void *p);
MUST_USE Status pack_take_nodes(Cx *cx, Unpack *u);
/* An element of type t, owned, to p. */
MUST_USE Status pack_take(Cx *cx, Unpack *u, const ObjType *t, void *p);
