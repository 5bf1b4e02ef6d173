/* SPDX-License-Identifier: Apache-2.0
 * Blocks of text, and the end of any object.
 */
#include "object/object.h"

#include "object/object_layout.h"

#include <string.h>

_Static_assert(offsetof(Obj, refs) == OBJ_AT_REFS, "object_layout.h");
_Static_assert(offsetof(Obj, type) == OBJ_AT_TYPE, "object_layout.h");
_Static_assert(sizeof(Obj) == TEXT_AT_BYTES, "object_layout.h");
_Static_assert(offsetof(List, n) == OBJ_AT_N, "object_layout.h");
_Static_assert(offsetof(List, data) == OBJ_AT_DATA, "object_layout.h");
_Static_assert(offsetof(List, cap) == LIST_AT_CAP, "object_layout.h");
_Static_assert(offsetof(Dict, n) == OBJ_AT_N, "object_layout.h");
_Static_assert(offsetof(Dict, data) == OBJ_AT_DATA, "object_layout.h");
_Static_assert(sizeof(NodeObj) == NODE_AT_BODY, "object_layout.h");
_Static_assert(offsetof(Dict, used) == DICT_AT_USED, "object_layout.h");

bool own_counts(const Obj *o)
{
    return (uintptr_t)o > OBJ_IMMORTAL;
}

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

Status text_copy(Cx *cx, const void *p, idx n, Text3 *out)
{
    uint8_t *to;
    TRY(text_new(cx, n, out, &to));
    if (n) memcpy(to, p, (size_t)n);
    return OK;
}

void text_shrink(Text3 *t, idx n)
{
    t->n = n;
}

Status text_keep(Cx *cx, Text3 *t)
{
    if (own_counts(t->own)) t->own->refs++;
    if (t->own || t->n < 0) return OK;
    return text_copy(cx, t->p, t->n, t);
}

static bool holds_arrays(const ObjType *t)
{
    return t->item[0]->arrays || (t->kind == OK_DICT && t->item[1]->arrays);
}

static RowsLink *link_of(Obj *o)
{
    return (RowsLink *)(void *)((uint8_t *)o + o->size - sizeof(RowsLink));
}

Status obj_new(Cx *cx, const ObjType *t, size_t n, void *out)
{
    Obj *o;
    bool arrays = holds_arrays(t);
    size_t size = n + (arrays ? sizeof(RowsLink) : 0);
    TRY(heap_new(cx, size, &o));
    memset(o, 0, size);
    *o = (Obj){.refs = 1, .type = t, .size = size};
    if (arrays) heap_link(cx, link_of(o), o);
    memcpy(out, &o, sizeof o);
    return OK;
}

Status nodeobj_new(Cx *cx, const ObjType *t, NodeObj **out)
{
    TRY(obj_new(cx, t, sizeof **out + t->item[0]->size, out));
    heap_count_node(cx, 1);
    return OK;
}

void obj_drop_arrays(Obj *o)
{
    const ObjType *t = o->type;
    if (t->kind == OK_NODE) {
        elem_drop_arrays(t->item[0], node_body((NodeObj *)o));
        return;
    }
    if (t->kind == OK_LIST) {
        const List *l = (const List *)o;
        for (int64_t i = 0; i < l->n; i++)
            elem_drop_arrays(t->item[0], list_at(l, i));
        return;
    }
    const Dict *d = (const Dict *)o;
    for (int64_t i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1))
        if (t->kind == OK_DICT)
            elem_drop_arrays(t->item[1], entry_at(d, i) + t->val_at);
}

static void free_node(Cx *cx, NodeObj *o)
{
    elem_unref(cx, o->obj.type->item[0], node_body(o));
    heap_count_node(cx, -1);
}

/* What it holds is let go of: that may wait behind it. */
static void free_one(Cx *cx, Obj *o)
{
    const ObjType *t = o->type;
    if (t->kind == OK_LIST)
        list_clear(cx, (List *)o);
    else if (t->kind == OK_NODE)
        free_node(cx, (NodeObj *)o);
    else
        dict_clear(cx, (Dict *)o);
    if (holds_arrays(t)) {
        RowsLink *l = link_of(o);
        l->prev->next = l->next;
        l->next->prev = l->prev;
    }
    heap_free(cx, o, o->size);
}

void obj_free(Cx *cx, Obj *o)
{
    if (!o->type) {
        heap_free(cx, o, o->size);
        return;
    }
    if (heap_wait(cx, o)) return;
    while ((o = heap_waiting(cx)))
        free_one(cx, o);
}

void own_unref(Cx *cx, Obj *o)
{
    if (own_counts(o) && --o->refs == 0) obj_free(cx, o);
}
