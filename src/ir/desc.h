/* SPDX-License-Identifier: Apache-2.0
 * Descriptors: the Python-level shape of an argument or a result whose data travels as
 * a flat list of slots. A frame is a Desc with one leaf per column and one per index
 * level; leaf numbers index the slots. Made by py/ for arguments, by front/ for
 * results.
 */
#pragma once
#include "ir/ir.h"

typedef enum DescKind {
    D_NONE,        /* None: no slot */
    D_CONST,       /* a compile-time constant: no slot; type.dt and i/f/s */
    D_SCALAR,      /* one slot */
    D_ARRAY,       /* ndarray: one slot */
    D_SERIES,      /* child[0] values (D_COL), child[1] index; name */
    D_FRAME,       /* child[0..n-2] columns (D_COL) with names, child[n-1] the index */
    D_COL,         /* one slot, a column */
    D_RANGE_INDEX, /* no slot: 0, 1, 2 ... over the axis; start and step constants in
                      ints */
    D_INDEX, /* child: one D_COL per level with names (one: Index, more: MultiIndex) */
    D_TUPLE,
    D_LIST,
    D_SET,
    D_DICT,   /* children: key, value, key, value ...; keys are constants */
    D_TABLE,  /* a packed frame, see docs/ir.md (later) */
    D_ALIAS,  /* an argument that is an earlier piece (start) once more: no slot */
    D_ARG,    /* in results: piece `start` of the arguments itself; as a column or index
               * of an updated frame: what it had before, column `start` of it. No slot */
    D_UPDATE, /* new contents (child[0]) of piece `start`: front/update.c */
    D_UPDATED, /* child[0] the result, then D_UPDATEs */
    D_OBJ, /* one slot: a list, dict or set packed into bytes (object/pack.c); extra:
            * code of its type; name "item": its only element is meant. Children: of
            * each element with rows in the code, in its order, what such an element is;
            * slots below them count its leaves (front/rowform.c) */
} DescKind;

typedef struct Desc {
    uint8_t kind;
    Type type;    /* leaves */
    uint8_t dist; /* Dist of the axis: D_SERIES, D_FRAME, D_ARRAY, D_INDEX leaves */
    int32_t slot; /* of a leaf, -1: none. Arguments: D_SERIES, D_FRAME and D_INDEX (not
                   * below one of them) have one too: the number of rows on this rank
                   * (type: scalar int64), the rows of their axis. Results may have it:
                   * a frame without columns needs it */
    int32_t nchild;
    struct Desc **child;
    const char *name;    /* name of a Series, column or level; NULL = None */
    int64_t name_int;    /* names that are ints: name == DESC_INT_NAME */
    int64_t i;           /* D_CONST ints, bools */
    double f;            /* D_CONST floats */
    int64_t start, step; /* D_RANGE_INDEX; start: D_ALIAS, D_ARG, D_UPDATE */
    const char *extra;   /* time zone of a TS column and the like; NULL */
    bool has_value; /* D_SCALAR argument whose value the compiler may look at (in i, f,
                       name) */
    bool demanded;  /* out: it did: the compiled code is for this value only */
    bool agreed;    /* out: it must be the same on all ranks (pass/uniform.c) */
    Axis *axis;     /* compile time only */
} Desc;
extern const char DESC_INT_NAME[];
