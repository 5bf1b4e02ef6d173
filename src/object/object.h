/* SPDX-License-Identifier: Apache-2.0
 * What compiled code makes while it runs besides columns and arrays: text that is owned,
 * lists, dicts, sets. All of it lives in the heap of the call (heap.h), is counted in its
 * first word and is used by one thread only.
 */
#pragma once
#include "object/heap.h"

typedef struct ObjType ObjType;

/* The head of every block that is counted. */
typedef struct Obj {
    int64_t refs;
    const ObjType *type; /* NULL: text, whose bytes follow the head */
    size_t size;         /* text: bytes of the block */
} Obj;

/* Text as a value: three words, also as an element of a container. */
typedef struct Text3 {
    const uint8_t *p;
    int64_t n;
    Obj *own; /* NULL: borrowed; OBJ_IMMORTAL: a constant */
} Text3;

/* A new block for n bytes, to be filled: out->p is writable. */
MUST_USE Status text_new(Cx *cx, idx n, Text3 *out, uint8_t **bytes);
void obj_free(Cx *cx, Obj *o); /* whatever its count says */
