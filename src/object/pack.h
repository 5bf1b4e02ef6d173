/* SPDX-License-Identifier: Apache-2.0
 * Objects as bytes; see pack.c for the format. py/py_pack.c writes and reads the same.
 */
#pragma once
#include "object/object.h"

typedef struct Unpack {
    const uint8_t *p, *end;
} Unpack;

MUST_USE Status pack_put(Cx *cx, Str *s, const ObjType *t, const void *p);
/* An element of type t, owned, to p. */
MUST_USE Status pack_take(Cx *cx, Unpack *u, const ObjType *t, void *p);
