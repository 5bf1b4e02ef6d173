/* SPDX-License-Identifier: Apache-2.0
 * Objects as bytes: how arguments and results cross between Python and compiled code,
 * in the same process or another. A scalar is its bytes; text and containers begin with
 * an int64 count (-1: missing text); an optional begins with a byte; a list of scalars
 * is one run of bytes. An array is an int64: its number in a table beside the bytes. A
 * node is an int64, its number: nodes are numbered as they are met, and the fields of
 * each follow behind all that, in the order of the numbers. So what is shared stays
 * shared, and depth costs no stack.
 */
#include "object/pack.h"

#include "array/array.h"

#include <string.h>

static Status put_count(Cx *cx, Pack *s, int64_t n)
{
    return str_put(cx, &s->bytes, &n, sizeof n);
}

static const void *object_of(const void *p)
{
    const void *o;
    memcpy(&o, p, sizeof o);
    return o;
}

static Status pack_object(Cx *cx, Pack *s, const ObjType *t, const void *o)
{
    if (t->kind == OK_LIST) {
        const List *l = o;
        TRY(put_count(cx, s, l->n));
        if (t->item[0]->kind == OK_SCALAR)
            return str_put(cx, &s->bytes, l->data, l->n * (idx)t->stride);
        for (int64_t i = 0; t->stride && i < l->n; i++)
            TRY(pack_put(cx, s, t->item[0], list_at(l, i)));
        return OK;
    }
    const Dict *d = o;
    TRY(put_count(cx, s, d->n));
    for (int64_t i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
        TRY(pack_put(cx, s, t->item[0], entry_at(d, i) + t->key_at));
        if (t->kind == OK_DICT)
            TRY(pack_put(cx, s, t->item[1], entry_at(d, i) + t->val_at));
    }
    return OK;
}

/* p: where the pointer to it stands. */
static Status put_node(Cx *cx, Pack *s, const void *p)
{
    NodeObj *o;
    memcpy(&o, p, sizeof(void *));
    if (!o->id) {
        o->id = heap_number(cx);
        TRY(str_put(cx, &s->nodes, p, sizeof(void *)));
    }
    return put_count(cx, s, o->id - 1);
}

Status pack_put(Cx *cx, Pack *s, const ObjType *t, const void *p)
{
    switch ((ObjKind)t->kind) {
    case OK_NONE: return OK;
    case OK_SCALAR: return str_put(cx, &s->bytes, p, (idx)t->size);
    case OK_TEXT: {
        const Text3 *x = p;
        TRY(put_count(cx, s, x->n));
        return x->n > 0 ? str_put(cx, &s->bytes, x->p, x->n) : OK;
    }
    case OK_LIST:
    case OK_DICT:
    case OK_SET: return pack_object(cx, s, t, object_of(p));
    case OK_ARRAY:
        TRY(put_count(cx, s, s->arrays.n / (idx)sizeof(void *)));
        return str_put(cx, &s->arrays, p, sizeof(void *));
    case OK_OPT:
        TRY(str_put(cx, &s->bytes, p, 1));
        if (!*(const uint8_t *)p) return OK;
        break;
    case OK_NODE: return put_node(cx, s, p);
    case OK_TUPLE: break;
    }
    for (int32_t i = 0; i < t->n; i++)
        TRY(pack_put(cx, s, t->item[i], (const uint8_t *)p + t->off[i]));
    return OK;
}

Status pack_nodes(Cx *cx, Pack *s)
{
    for (idx i = 0; i < s->nodes.n; i += (idx)sizeof(void *)) {
        NodeObj *o;
        memcpy(&o, s->nodes.at + i, sizeof(void *));
        TRY(pack_put(cx, s, o->obj.type->item[0], node_body(o)));
    }
    str_drop(cx, &s->nodes);
    return OK;
}

/* -- Reading ----------------------------------------------------------------------- */

static Status take(Cx *cx, Unpack *u, void *to, int64_t n)
{
    if (n < 0 || n > u->end - u->p)
        return fail(cx, E_INTERNAL, "a packed object is cut off");
    if (n) memcpy(to, u->p, (size_t)n);
    u->p += n;
    return OK;
}

/* The fewest bytes that an element takes. */
static int64_t least(const ObjType *t)
{
    int64_t n = 0;
    switch ((ObjKind)t->kind) {
    case OK_NONE: return 0;
    case OK_SCALAR: return t->size;
    case OK_OPT: return 1;
    case OK_TUPLE:
        for (int32_t i = 0; i < t->n; i++)
            n += least(t->item[i]);
        return n;
    default: return sizeof(int64_t);
    }
}

/* The count of a container, which its elements must have the bytes for: nothing is
 * allocated or gone through on the word of a count alone. Elements of no bytes are all
 * the same: a list may have any number of them, a dict or set one. */
static Status take_count(Cx *cx, Unpack *u, const ObjType *t, int64_t *n)
{
    TRY(take(cx, u, n, sizeof *n));
    int64_t each = least(t->item[0]), most = t->kind == OK_LIST ? INT64_MAX : 1;
    if (t->kind == OK_DICT) each += least(t->item[1]);
    if (each > 0) most = (u->end - u->p) / each;
    if (*n < 0 || *n > most) return fail(cx, E_INTERNAL, "a packed object is cut off");
    return OK;
}

static Status take_list(Cx *cx, Unpack *u, const ObjType *t, int64_t n, List **out)
{
    TRY(list_new(cx, t, t->stride ? n : 0, out));
    if (t->stride == 0 || t->item[0]->kind == OK_SCALAR) {
        TRY(take(cx, u, (*out)->data, n * (int64_t)t->stride));
        (*out)->n = n;
        return OK;
    }
    for (int64_t i = 0; i < n; i++) {
        TRY(pack_take(cx, u, t->item[0], list_at(*out, i)));
        (*out)->n++;
    }
    return OK;
}

static Status take_dict(Cx *cx, Unpack *u, const ObjType *t, int64_t n, Dict **out)
{
    uint8_t *e;
    TRY(dict_new(cx, t, n, out));
    TRY(heap_new(cx, t->stride, &e));
    for (int64_t i = 0; i < n; i++) {
        TRY(pack_take(cx, u, t->item[0], e + t->key_at));
        if (t->kind == OK_DICT) TRY(pack_take(cx, u, t->item[1], e + t->val_at));
        TRY(dict_put(cx, *out, e + t->key_at, e + t->val_at));
        elem_unref(cx, t->item[0], e + t->key_at);
        if (t->kind == OK_DICT) elem_unref(cx, t->item[1], e + t->val_at);
    }
    heap_free(cx, e, t->stride);
    return OK;
}

static Status take_array(Cx *cx, Unpack *u, void *p)
{
    int64_t k = -1;
    TRY(take(cx, u, &k, sizeof k));
    if (k < 0 || k >= u->narray)
        return fail(cx, E_INTERNAL, "a packed object is cut off");
    const Array *a = array_ref(u->array[k]);
    memcpy(p, &a, sizeof(void *));
    return OK;
}

Status pack_take(Cx *cx, Unpack *u, const ObjType *t, void *p)
{
    int64_t n = 0;
    switch ((ObjKind)t->kind) {
    case OK_NONE: return OK;
    case OK_SCALAR: return take(cx, u, p, (int64_t)t->size);
    case OK_TEXT: {
        Text3 x = {(const uint8_t *)"", -1, NULL};
        TRY(take(cx, u, &n, sizeof n));
        if (n > u->end - u->p)
            return fail(cx, E_INTERNAL, "a packed object is cut off");
        if (n >= 0) TRY(text_copy(cx, u->p, n, &x));
        if (n > 0) u->p += n;
        memcpy(p, &x, sizeof x);
        return OK;
    }
    case OK_LIST:
    case OK_DICT:
    case OK_SET: {
        List *l = NULL;
        Dict *d = NULL;
        TRY(take_count(cx, u, t, &n));
        if (t->kind == OK_LIST)
            TRY(take_list(cx, u, t, n, &l));
        else
            TRY(take_dict(cx, u, t, n, &d));
        const void *o = l ? (const void *)l : (const void *)d;
        memcpy(p, &o, sizeof o);
        return OK;
    }
    case OK_ARRAY: return take_array(cx, u, p);
    case OK_OPT:
        TRY(take(cx, u, p, 1));
        if (!*(const uint8_t *)p) return OK;
        break;
    case OK_NODE: return fail(cx, E_INTERNAL, "a node is not packed");
    case OK_TUPLE: break;
    }
    for (int32_t i = 0; i < t->n; i++)
        TRY(pack_take(cx, u, t->item[i], (uint8_t *)p + t->off[i]));
    return OK;
}

/* -- Nodes of the arguments -------------------------------------------------------- */

Status pack_inputs(Cx *cx, Pack *s)
{
    for (int64_t i = 0; i < heap_nkept(cx); i++) {
        const void *node = heap_kept(cx, i);
        TRY(str_put(cx, &s->nodes, &node, sizeof node));
    }
    return OK;
}

static Status convert_scalar(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t,
                             void *p)
{
    int64_t i = 0;
    double d;
    if (from->dt == t->dt) return take(cx, u, p, (int64_t)t->size);
    if (from->dt == DT_F64) {
        TRY(take(cx, u, &d, sizeof d));
    } else {
        TRY(take(cx, u, &i, (int64_t)from->size));
        d = (double)i;
    }
    if (t->dt == DT_C128) {
        Complex128 z = {d, 0};
        memcpy(p, &z, sizeof z);
    } else if (t->dt == DT_F64) {
        memcpy(p, &d, sizeof d);
    } else {
        memcpy(p, &i, t->size);
    }
    return OK;
}

static Status convert_node(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t,
                           void *p)
{
    int64_t k = 0;
    TRY(take(cx, u, &k, sizeof k));
    NodeObj *o = heap_kept(cx, k);
    if (!o) {
        if (k != heap_nkept(cx))
            return fail(cx, E_INTERNAL, "a packed object is cut off");
        TRY(nodeobj_new(cx, t, &o));
        TRY(heap_keep_node(cx, o, &o->id));
        UnpackNode n = {o, from};
        TRY(str_put(cx, &u->nodes, &n, sizeof n));
    }
    o->obj.refs++;
    memcpy(p, &o, sizeof(void *));
    return OK;
}

static Status convert_list(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t,
                           List **out)
{
    int64_t n = 0;
    TRY(take_count(cx, u, from, &n));
    TRY(list_new(cx, t, t->stride ? n : 0, out));
    for (int64_t i = 0; i < n; i++) {
        if (t->stride) memset(list_at(*out, i), 0, t->stride);
        TRY(pack_convert(cx, u, from->item[0], t->item[0], list_at(*out, i)));
        (*out)->n++;
    }
    return OK;
}

static Status convert_dict(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t,
                           Dict **out)
{
    uint8_t *e;
    int64_t n = 0;
    bool dict = t->kind == OK_DICT;
    TRY(take_count(cx, u, from, &n));
    TRY(dict_new(cx, t, n, out));
    TRY(heap_new(cx, t->stride, &e));
    for (int64_t i = 0; i < n; i++) {
        memset(e, 0, t->stride);
        TRY(pack_convert(cx, u, from->item[0], t->item[0], e + t->key_at));
        if (dict) TRY(pack_convert(cx, u, from->item[1], t->item[1], e + t->val_at));
        TRY(dict_put(cx, *out, e + t->key_at, e + t->val_at));
        elem_unref(cx, t->item[0], e + t->key_at);
        if (dict) elem_unref(cx, t->item[1], e + t->val_at);
    }
    heap_free(cx, e, t->stride);
    return OK;
}

/* Into a place that may be empty: *there is whether it is not. */
static Status convert_opt(Cx *cx, Unpack *u, const ObjType **from, bool unset,
                          bool *there)
{
    uint8_t is = 1;
    *there = (*from)->kind != OK_NONE;
    if ((*from)->kind != OK_OPT || (*from)->unset != unset) return OK;
    TRY(take(cx, u, &is, 1));
    *there = is != 0;
    *from = (*from)->item[0];
    return OK;
}

static Status convert_text(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t,
                           void *p)
{
    Text3 none = {(const uint8_t *)"", -1, NULL};
    bool there;
    TRY(convert_opt(cx, u, &from, false, &there));
    if (there) return pack_take(cx, u, t, p);
    memcpy(p, &none, sizeof none);
    return OK;
}

Status pack_convert(Cx *cx, Unpack *u, const ObjType *from, const ObjType *t, void *p)
{
    bool there;
    switch ((ObjKind)t->kind) {
    case OK_NONE: return convert_opt(cx, u, &from, false, &there);
    case OK_OPT:
        TRY(convert_opt(cx, u, &from, t->unset, &there));
        *(uint8_t *)p = there;
        if (!there || t->item[0]->kind == OK_NONE) return OK;
        return pack_convert(cx, u, from, t->item[0], (uint8_t *)p + t->off[0]);
    case OK_SCALAR: return convert_scalar(cx, u, from, t, p);
    case OK_TEXT: return convert_text(cx, u, from, t, p);
    case OK_LIST: {
        List *l = NULL;
        TRY(convert_list(cx, u, from, t, &l));
        memcpy(p, &l, sizeof(void *));
        return OK;
    }
    case OK_DICT:
    case OK_SET: {
        Dict *d = NULL;
        TRY(convert_dict(cx, u, from, t, &d));
        memcpy(p, &d, sizeof(void *));
        return OK;
    }
    case OK_NODE: return convert_node(cx, u, from, t, p);
    case OK_TUPLE: break;
    default: return fail(cx, E_INTERNAL, "an array in a packed node");
    }
    for (int32_t i = 0; i < from->n; i++)
        TRY(pack_convert(cx, u, from->item[i], t->item[i], (uint8_t *)p + t->off[i]));
    return OK;
}

Status pack_take_nodes(Cx *cx, Unpack *u)
{
    for (idx i = 0; i < u->nodes.n; i += (idx)sizeof(UnpackNode)) {
        UnpackNode n;
        memcpy(&n, u->nodes.at + i, sizeof n);
        TRY(pack_convert(cx, u, n.from->item[0], n.node->obj.type->item[0],
                         node_body(n.node)));
    }
    str_drop(cx, &u->nodes);
    return OK;
}
