/* SPDX-License-Identifier: Apache-2.0
 * Calls on lists, dicts and sets. An element is passed by its address; a place for an
 * element that is given back is the last argument.
 */
#include "array/array.h"
#include "object/object.h"
#include "object/pack.h"
#include "object/text.h"
#include "rt/rt_obj.h"

#include <string.h>

#define L(k) ((List *)in[k].ptr)
#define D(k) ((Dict *)in[k].ptr)

Status rt_objtype(Cx *cx, const Attrs *at, const ObjType **out)
{
    const char *code = attr_text(at, "type");
    if (!code) return fail(cx, E_INTERNAL, "an object has no type");
    return objtype_get(cx, code, strlen(code), out);
}

Span rt_span(const Attrs *at, const Slot *in, int k)
{
    Span s = {.has = (int)attr_int(at, "has", 0),
              .step = 1,
              .raw = attr_int(at, "raw", 0) != 0};
    s.start = in[k].i;
    s.stop = in[k + 1].i;
    return s;
}

/* -- Lists ------------------------------------------------------------------------- */

int32_t rt_node_new(OBJ_ARGS)
{
    const ObjType *t;
    NodeObj *o;
    TRY(rt_objtype(cx, at, &t));
    TRY(nodeobj_new(cx, t, &o));
    out[0].ptr = o;
    return OK;
}

int32_t rt_list_new(OBJ_ARGS)
{
    const ObjType *t;
    List *l;
    TRY(rt_objtype(cx, at, &t));
    TRY(list_new(cx, t, nin ? in[0].i : 0, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_list_grow(OBJ_ARGS)
{
    return list_reserve(cx, L(0), L(0)->n + 1);
}

int32_t rt_list_room(OBJ_ARGS)
{
    return list_reserve(cx, L(0), in[1].i);
}

int32_t rt_list_insert(OBJ_ARGS)
{
    return list_insert(cx, L(0), in[1].i, in[2].ptr);
}

int32_t rt_list_pop(OBJ_ARGS)
{
    return list_pop(cx, L(0), in[1].i, in[2].ptr);
}

int32_t rt_list_remove(OBJ_ARGS)
{
    int64_t i = list_find(L(0), in[1].ptr, 0, L(0)->n);
    if (i < 0) return fail(cx, E_VALUE, "list.remove(x): x not in list");
    list_cut(cx, L(0), i, 1);
    return OK;
}

int32_t rt_obj_clear(OBJ_ARGS)
{
    if (L(0)->obj.type->kind == OK_LIST)
        list_clear(cx, L(0));
    else
        dict_clear(cx, D(0));
    return OK;
}

static int64_t from_end(int64_t i, int64_t n)
{
    return i >= 0 ? i : i + n < 0 ? 0 : i + n;
}

int32_t rt_list_index(OBJ_ARGS)
{
    const List *l = L(0);
    int64_t from = from_end(in[2].i, l->n), to = from_end(in[3].i, l->n);
    int64_t i = list_find(l, in[1].ptr, from, to);
    out[0].i = i;
    if (i >= 0) return OK;
    Str s = {0};
    TRY(repr_put(cx, &s, l->obj.type->item[0], in[1].ptr));
    Status st = fail(cx, E_VALUE, "%.*s is not in list", (int)(s.n > 300 ? 300 : s.n),
                     (char *)s.at);
    str_drop(cx, &s);
    return st;
}

int32_t rt_list_count(OBJ_ARGS)
{
    const List *l = L(0);
    int64_t k = 0;
    for (int64_t i = 0; i < l->n; i++)
        k += elem_eq(l->obj.type->item[0], list_at(l, i), in[1].ptr);
    out[0].i = k;
    return OK;
}

int32_t rt_list_has(OBJ_ARGS)
{
    out[0].i = list_find(L(0), in[1].ptr, 0, L(0)->n) >= 0;
    return OK;
}

int32_t rt_list_reverse(OBJ_ARGS)
{
    List *l = L(0);
    size_t stride = l->obj.type->stride;
    for (int64_t i = 0, k = l->n - 1; i < k; i++, k--) {
        uint8_t *a = list_at(l, i), *b = list_at(l, k);
        for (size_t m = 0; m < stride; m++) {
            uint8_t x = a[m];
            a[m] = b[m];
            b[m] = x;
        }
    }
    return OK;
}

int32_t rt_list_extend(OBJ_ARGS)
{
    return list_extend(cx, L(0), L(1));
}

int32_t rt_list_slice(OBJ_ARGS)
{
    Span s = rt_span(at, in, 1);
    List *l;
    int64_t start, n;
    s.step = in[3].i;
    TRY(span_of(cx, s, L(0)->n, &start, &n));
    TRY(list_take(cx, L(0), start, s.step, n, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_list_setslice(OBJ_ARGS)
{
    int64_t start, n;
    TRY(span_of(cx, rt_span(at, in, 1), L(0)->n, &start, &n));
    return list_splice(cx, L(0), start, n, L(3));
}

int32_t rt_list_delslice(OBJ_ARGS)
{
    Span s = rt_span(at, in, 1);
    int64_t start, n;
    s.step = in[3].i;
    TRY(span_of(cx, s, L(0)->n, &start, &n));
    if (s.step < 0) {
        start += (n - 1) * s.step;
        s.step = -s.step;
    }
    if (s.step == 1) {
        list_cut(cx, L(0), start, n);
        return OK;
    }
    for (int64_t i = n - 1; i >= 0; i--)
        list_cut(cx, L(0), start + i * s.step, 1);
    return OK;
}

int32_t rt_list_del(OBJ_ARGS)
{
    int64_t i = in[1].i, n = L(0)->n;
    if (i < 0) i += n;
    if (i < 0 || i >= n) return fail(cx, E_INDEX, "list assignment index out of range");
    list_cut(cx, L(0), i, 1);
    return OK;
}

int32_t rt_list_concat(OBJ_ARGS)
{
    List *l;
    TRY(list_take(cx, L(0), 0, 1, L(0)->n, &l));
    TRY(list_extend(cx, l, L(1)));
    out[0].ptr = l;
    return OK;
}

int32_t rt_list_repeat(OBJ_ARGS)
{
    List *l;
    int64_t n = L(0)->n, times = in[1].i < 0 ? 0 : in[1].i;
    if (n && times > INT64_MAX / 64 / n)
        return fail(cx, E_MEMORY, "no memory for a list of so many elements");
    TRY(list_new(cx, L(0)->obj.type, n * times, &l));
    for (int64_t k = 0; k < times; k++)
        TRY(list_extend(cx, l, L(0)));
    out[0].ptr = l;
    return OK;
}

int32_t rt_obj_eq(OBJ_ARGS)
{
    bool list = L(0)->obj.type->kind == OK_LIST;
    out[0].i = list ? list_eq(L(0), L(1)) : dict_eq(D(0), D(1));
    return OK;
}

int32_t rt_obj_same(OBJ_ARGS)
{
    out[0].i = in[0].ptr == in[1].ptr;
    return OK;
}

int32_t rt_list_cmp(OBJ_ARGS)
{
    out[0].i = list_cmp(L(0), L(1));
    return OK;
}

int32_t rt_list_sort(OBJ_ARGS)
{
    return list_sort(cx, L(0), NULL, in[1].i != 0);
}

int32_t rt_list_sortby(OBJ_ARGS)
{
    return list_sort(cx, L(0), L(1), in[2].i != 0);
}

/* -- Dicts and sets ---------------------------------------------------------------- */

int32_t rt_dict_new(OBJ_ARGS)
{
    const ObjType *t;
    Dict *d;
    TRY(rt_objtype(cx, at, &t));
    TRY(dict_new(cx, t, 0, &d));
    out[0].ptr = d;
    return OK;
}

int32_t rt_dict_find(OBJ_ARGS)
{
    out[0].i = dict_lookup(D(0), in[1].ptr);
    return OK;
}

int32_t rt_dict_place(OBJ_ARGS)
{
    bool fresh;
    TRY(dict_place(cx, D(0), in[1].ptr, &out[0].i, &fresh));
    return OK;
}

int32_t rt_dict_put(OBJ_ARGS)
{
    return dict_put(cx, D(0), in[1].ptr, in[2].ptr);
}

int32_t rt_dict_missing(OBJ_ARGS)
{
    return repr_key_error(cx, D(0)->obj.type->item[0], in[1].ptr);
}

int32_t rt_dict_del(OBJ_ARGS)
{
    int64_t i = dict_find(D(0), in[1].ptr);
    out[0].i = i >= 0;
    if (i >= 0)
        dict_remove(cx, D(0), i);
    else if (attr_int(at, "strict", 0))
        return repr_key_error(cx, D(0)->obj.type->item[0], in[1].ptr);
    return OK;
}

/* A copy of entry's value with a reference, then the entry goes. */
int32_t rt_dict_pop(OBJ_ARGS)
{
    Dict *d = D(0);
    const ObjType *t = d->obj.type;
    int64_t i = dict_find(d, in[1].ptr);
    out[0].i = i >= 0;
    if (t->kind == OK_DICT) memset(in[2].ptr, 0, t->item[1]->size);
    if (i < 0) return OK;
    TRY(elem_keep(cx, t->item[1], in[2].ptr, entry_at(d, i) + t->val_at));
    dict_remove(cx, d, i);
    return OK;
}

int32_t rt_dict_copy(OBJ_ARGS)
{
    Dict *d;
    TRY(dict_copy(cx, D(0), &d));
    out[0].ptr = d;
    return OK;
}

int32_t rt_dict_update(OBJ_ARGS)
{
    return dict_update(cx, D(0), D(1));
}

int32_t rt_dict_last(OBJ_ARGS)
{
    Dict *d = D(0);
    bool set = d->obj.type->kind == OK_SET;
    if (d->n == 0)
        return fail(cx, E_KEY,
                    set ? "pop from an empty set" : "popitem(): dictionary is empty");
    int64_t i = d->used - 1;
    while (!entry_hash(entry_at(d, i)))
        i--;
    out[0].i = i;
    return OK;
}

int32_t rt_dict_listing(OBJ_ARGS)
{
    const ObjType *t;
    List *l;
    TRY(rt_objtype(cx, at, &t));
    TRY(dict_list(cx, D(0), (char)attr_int(at, "what", 'k'), t, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_dict_next(OBJ_ARGS)
{
    out[0].i = dict_next(D(0), in[1].i);
    return OK;
}

int32_t rt_set_op(OBJ_ARGS)
{
    Dict *d;
    TRY(set_op(cx, (char)attr_int(at, "op", '|'), D(0), D(1), &d));
    out[0].ptr = d;
    return OK;
}

/* op: l <=, g >=, d isdisjoint */
int32_t rt_set_cmp(OBJ_ARGS)
{
    int64_t op = attr_int(at, "op", 'l');
    if (op == 'l') {
        out[0].i = set_within(D(0), D(1));
    } else if (op == 'g') {
        out[0].i = set_within(D(1), D(0));
    } else {
        Dict *both;
        TRY(set_op(cx, '&', D(0), D(1), &both));
        out[0].i = both->n == 0;
        own_unref(cx, &both->obj);
    }
    return OK;
}

int32_t rt_set_from(OBJ_ARGS)
{
    const ObjType *t;
    Dict *d;
    int64_t e;
    bool fresh;
    TRY(rt_objtype(cx, at, &t));
    TRY(dict_new(cx, t, 0, &d));
    for (int64_t i = 0; i < L(0)->n; i++)
        TRY(dict_place(cx, d, list_at(L(0), i), &e, &fresh));
    out[0].ptr = d;
    return OK;
}

/* -- Between lists and arrays ------------------------------------------------------ */

int32_t rt_list_width(OBJ_ARGS) /* characters of the longest text, at least 1 */
{
    out[0].i = 1;
    for (int64_t i = 0; i < L(0)->n; i++) {
        Text3 t;
        memcpy(&t, list_at(L(0), i), sizeof t);
        int64_t n = t.n > out[0].i ? text_chars(t) : 0;
        if (n > out[0].i) out[0].i = n;
    }
    return OK;
}

int32_t rt_list_array(OBJ_ARGS)
{
    const ObjType *e = L(0)->obj.type->item[0];
    Array *a;
    if (e->kind != OK_SCALAR)
        return fail(cx, E_TYPE, "an array of such elements is not supported");
    TRY(array_new(cx, (DType)e->dt, (NullForm)e->null, (Unit)e->unit, L(0)->n, false,
                  &a));
    if (L(0)->n) memcpy(a->data, L(0)->data, (size_t)L(0)->n * e->size);
    return rt_out(cx, &out[0], a);
}

int32_t rt_array_list(OBJ_ARGS)
{
    const ObjType *t;
    List *l;
    const Array *a = in[0].a;
    TRY(rt_objtype(cx, at, &t));
    TRY(list_new(cx, t, a->n, &l));
    if (a->n) memcpy(l->data, a->data, (size_t)a->n * t->stride);
    l->n = a->n;
    out[0].ptr = l;
    return OK;
}

/* -- Arguments and results --------------------------------------------------------- */

/* What has rows comes with a table of its arrays in front: rt.h, OUT_ROWS. */
static Status rows_head(Cx *cx, Unpack *u)
{
    int64_t n = -1;
    if (u->end - u->p >= (int64_t)sizeof n) memcpy(&n, u->p, sizeof n);
    if (n < 0 || n > (u->end - u->p) / (int64_t)sizeof(void *) - 1)
        return fail(cx, E_INTERNAL, "a packed object is cut off");
    Array **a = arena_try(cx->scratch, (size_t)n + 1, sizeof *a);
    if (!a) return fail(cx, E_MEMORY, "no memory for the rows of a container");
    memcpy(a, u->p + sizeof n, (size_t)n * sizeof(void *));
    u->array = a;
    u->narray = n;
    u->p += sizeof n + (size_t)n * sizeof(void *);
    return OK;
}

int32_t rt_obj_in(OBJ_ARGS)
{
    const ObjType *t, *from;
    Unpack u = {.p = in[0].p, .end = in[0].p + in[0].n};
    TRY(rt_objtype(cx, at, &t));
    if (attr_int(at, "rows", 0)) TRY(rows_head(cx, &u));
    const char *code = attr_text(at, "from");
    if (!code) return pack_take(cx, &u, t, &out[0].ptr);
    TRY(objtype_get(cx, code, strlen(code), &from));
    TRY(pack_convert(cx, &u, from, t, &out[0].ptr));
    return pack_take_nodes(cx, &u);
}

/* The arrays live until the call has ended, whatever becomes of the container. */
static Status own_arrays(Cx *cx, const Str *arrays)
{
    for (idx i = 0; i < arrays->n; i += (idx)sizeof(void *)) {
        Array *a;
        memcpy(&a, arrays->at + i, sizeof(void *));
        TRY(rt_own(cx, array_ref(a)));
    }
    return OK;
}

int32_t rt_obj_out(OBJ_ARGS)
{
    Pack s = {0};
    Str all = {0};
    Text3 r;
    if (attr_int(at, "inputs", 0)) TRY(pack_inputs(cx, &s));
    TRY(pack_put(cx, &s, L(0)->obj.type, &in[0].ptr));
    TRY(pack_nodes(cx, &s));
    if (attr_int(at, "rows", 0)) {
        int64_t n = s.arrays.n / (idx)sizeof(void *);
        TRY(own_arrays(cx, &s.arrays));
        TRY(str_put(cx, &all, &n, sizeof n));
        TRY(str_put(cx, &all, s.arrays.at, s.arrays.n));
        TRY(str_put(cx, &all, s.bytes.at, s.bytes.n));
        str_drop(cx, &s.bytes);
        s.bytes = all;
    }
    str_drop(cx, &s.arrays);
    TRY(str_end(cx, &s.bytes, &r));
    rt_text_out(out, 0, r);
    return OK;
}
