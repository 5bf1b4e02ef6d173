/* SPDX-License-Identifier: Apache-2.0
 * Blocks of text, and the end of any object.
 */
#include "object/object.h"

#include "object/object_layout.h"

_Static_assert(offsetof(Obj, refs) == OBJ_AT_REFS, "object_layout.h");
_Static_assert(offsetof(Obj, type) == OBJ_AT_TYPE, "object_layout.h");
_Static_assert(sizeof(Obj) == TEXT_AT_BYTES, "object_layout.h");

Status text_new(Cx *cx, idx n, Text3 *out, uint8_t **bytes)
{
    Obj *o;
    size_t size = sizeof *o + (size_t)n;
    TRY(heap_new(cx, size, &o));
    *o = (Obj){.refs = 1, .size = size};
    *bytes = (uint8_t *)(o + 1);
    *out = (Text3){*bytes, n, o};
    return OK;
}

void obj_free(Cx *cx, Obj *o)
{
    heap_free(cx, o, o->size);
}
