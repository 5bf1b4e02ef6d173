/* SPDX-License-Identifier: Apache-2.0
 * Types of elements: read from their code, laid out, and what can be done with any
 * element: references, equality, order, hash.
 *
 * Code: L item, D key value, S item, T items E, O item, s text, N none, A array, and
 * #dnu for a scalar: dtype, null form and unit as letters from 'a'. P number ; body: a
 * node, whose body is a tuple; R number ; the same one again.
 */
#include "array/array.h"
#include "array/buf.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "object/object.h"

#include <stdlib.h>
#include <string.h>

/* -- Reading ----------------------------------------------------------------------- */

/* A node that was read: what it holds may be it. */
typedef struct Seen {
    struct Seen *next;
    ObjType *type;
    long number;
} Seen;

typedef struct Code {
    const char *p, *end;
    Seen *seen;
} Code;

static uint32_t round_up(uint32_t n, uint32_t to)
{
    return (n + to - 1) / to * to;
}

static Status read_type(Cx *cx, Code *c, ObjType **out);

static void lay_scalar(ObjType *t)
{
    t->size = dtype_info[t->dt].bytes;
    t->align = t->size > 8 ? 8 : t->size;
}

static void lay_tuple(ObjType *t, uint32_t at)
{
    t->align = 1;
    for (int32_t i = 0; i < t->n; i++) {
        const ObjType *e = t->item[i];
        at = round_up(at, e->align);
        t->off[i] = at;
        at += e->size;
        if (e->align > t->align) t->align = e->align;
        t->counted |= e->counted;
        t->arrays |= e->arrays;
    }
    t->size = at;
}

static void lay_object(ObjType *t)
{
    t->size = t->align = 8;
    t->counted = true;
    if (t->kind == OK_NODE) return;
    const ObjType *k = t->item[0];
    if (t->kind == OK_LIST) {
        t->stride = round_up(k->size, k->align);
        return;
    }
    t->key_at = 8;
    uint32_t end = 8 + k->size;
    if (t->kind == OK_DICT) {
        t->val_at = round_up(end, t->item[1]->align);
        end = t->val_at + t->item[1]->size;
    }
    t->stride = round_up(end, 8);
}

static Status read_items(Cx *cx, Code *c, ObjType *t, int32_t most)
{
    ObjType *item[1024], *one;
    int32_t n = 0;
    while (n < most && !(most == 1024 && c->p < c->end && *c->p == 'E')) {
        TRY(read_type(cx, c, &one));
        item[n++] = one;
    }
    if (most == 1024) c->p++;
    TRY(heap_new(cx, (size_t)(n + 1) * sizeof *t->item, &t->item));
    TRY(heap_new(cx, (size_t)(n + 1) * sizeof *t->off, &t->off));
    for (int32_t i = 0; i < n; i++)
        t->item[i] = item[i];
    t->n = n;
    return OK;
}

static Status read_node(Cx *cx, Code *c, ObjType *t)
{
    char *end;
    long number = strtol(c->p, &end, 10);
    Seen *s;
    c->p = end + 1;
    t->kind = OK_NODE;
    lay_object(t);
    TRY(heap_new(cx, sizeof *s, &s));
    *s = (Seen){c->seen, t, number};
    c->seen = s;
    return read_items(cx, c, t, 1);
}

/* A node that is being read, or was: its type once more. */
static ObjType *seen_type(Code *c)
{
    char *end;
    long number = strtol(c->p, &end, 10);
    c->p = end + 1;
    for (const Seen *s = c->seen; s; s = s->next)
        if (s->number == number) return s->type;
    BUG("node %ld is not known", number);
}

static Status read_kind(Cx *cx, Code *c, ObjType *t)
{
    char k = c->p < c->end ? *c->p++ : 'N';
    switch (k) {
    case '#':
        *t = (ObjType){.kind = OK_SCALAR,
                       .dt = (uint8_t)(c->p[0] - 'a'),
                       .null = (uint8_t)(c->p[1] - 'a'),
                       .unit = (uint8_t)(c->p[2] - 'a')};
        c->p += 3;
        lay_scalar(t);
        return OK;
    case 's':
    case 'b': /* bytes */
        *t = (ObjType){.kind = OK_TEXT,
                       .size = 24,
                       .align = 8,
                       .counted = true,
                       .unit = k == 'b' ? UNIT_BYTES : UNIT_NONE};
        return OK;
    case 'A':
        *t = (ObjType){
            .kind = OK_ARRAY, .size = 8, .align = 8, .counted = true, .arrays = true};
        return OK;
    case 'L':
    case 'S':
    case 'D':
        t->kind = k == 'L' ? OK_LIST : k == 'S' ? OK_SET : OK_DICT;
        TRY(read_items(cx, c, t, k == 'D' ? 2 : 1));
        lay_object(t);
        return OK;
    case 'P': return read_node(cx, c, t);
    case 'T':
        t->kind = OK_TUPLE;
        TRY(read_items(cx, c, t, 1024));
        lay_tuple(t, 0);
        return OK;
    case 'U':
    case 'O':
        t->unset = k == 'U';
        t->kind = OK_OPT;
        TRY(read_items(cx, c, t, 1));
        lay_tuple(t, 1);
        return OK;
    default: *t = (ObjType){.kind = OK_NONE, .align = 1}; return OK;
    }
}

static Status read_type(Cx *cx, Code *c, ObjType **out)
{
    if (c->p < c->end && *c->p == 'R') {
        c->p++;
        *out = seen_type(c);
        return OK;
    }
    TRY(heap_new(cx, sizeof **out, out));
    **out = (ObjType){.kind = OK_NONE, .align = 1};
    return read_kind(cx, c, *out);
}

Status objtype_get(Cx *cx, const char *code, size_t n, const ObjType **out)
{
    const ObjType *hit = heap_note(cx, code);
    if (!hit) {
        ObjType *t;
        Code c = {code, code + n, NULL};
        int64_t live = heap_live(cx);
        TRY(read_type(cx, &c, &t));
        TRY(heap_set_note(cx, code, t));
        heap_forget(cx, heap_live(cx) - live); /* types are no leaks */
        hit = t;
    }
    *out = hit;
    return OK;
}

/* -- References -------------------------------------------------------------------- */

static bool opt_there(const void *p)
{
    return *(const uint8_t *)p != 0;
}

static const void *part(const ObjType *t, const void *p, int32_t i)
{
    return (const uint8_t *)p + t->off[i];
}

static Obj *owner_of(const ObjType *t, const void *p)
{
    Obj *o;
    const uint8_t *at = p;
    memcpy(&o, at + (t->kind == OK_TEXT ? 16 : 0), sizeof o);
    return o;
}

void elem_ref(const ObjType *t, const void *p)
{
    if (!t->counted || (t->kind == OK_OPT && !opt_there(p))) return;
    if (t->kind == OK_TUPLE || t->kind == OK_OPT) {
        for (int32_t i = 0; i < t->n; i++)
            elem_ref(t->item[i], part(t, p, i));
        return;
    }
    Obj *o = owner_of(t, p);
    if (t->kind == OK_ARRAY)
        array_ref((Array *)o);
    else if (own_counts(o))
        o->refs++;
}

void elem_unref(Cx *cx, const ObjType *t, void *p)
{
    if (!t->counted || (t->kind == OK_OPT && !opt_there(p))) return;
    if (t->kind == OK_TUPLE || t->kind == OK_OPT) {
        for (int32_t i = 0; i < t->n; i++)
            elem_unref(cx, t->item[i], (uint8_t *)p + t->off[i]);
        return;
    }
    Obj *o = owner_of(t, p);
    if (t->kind == OK_ARRAY)
        array_unref((Array *)o);
    else
        own_unref(cx, o);
}

void elem_drop_arrays(const ObjType *t, void *p)
{
    if (!t->arrays || (t->kind == OK_OPT && !opt_there(p))) return;
    if (t->kind == OK_ARRAY) array_unref((Array *)owner_of(t, p));
    for (int32_t i = 0; t->kind != OK_ARRAY && i < t->n; i++)
        elem_drop_arrays(t->item[i], (uint8_t *)p + t->off[i]);
}

/* Borrowed text among the leaves becomes a copy that it owns. */
static Status own_texts(Cx *cx, const ObjType *t, void *p)
{
    if (!t->counted || (t->kind == OK_OPT && !opt_there(p))) return OK;
    if (t->kind == OK_TEXT) {
        Text3 x;
        memcpy(&x, p, sizeof x);
        if (x.own || x.n < 0) return OK;
        TRY(text_copy(cx, x.p, x.n, &x));
        x.own->refs = 0; /* elem_ref counts it */
        memcpy(p, &x, sizeof x);
        return OK;
    }
    if (t->kind != OK_TUPLE && t->kind != OK_OPT) return OK;
    for (int32_t i = 0; i < t->n; i++)
        TRY(own_texts(cx, t->item[i], (uint8_t *)p + t->off[i]));
    return OK;
}

Status elem_keep(Cx *cx, const ObjType *t, void *to, const void *from)
{
    if (t->size) memcpy(to, from, t->size);
    if (!t->counted) return OK;
    TRY(own_texts(cx, t, to));
    elem_ref(t, to);
    return OK;
}

/* -- Comparing --------------------------------------------------------------------- */

static int sign(bool less, bool more)
{
    return more - less;
}

static double float_of(const ObjType *t, const void *p)
{
    if (t->dt == DT_F64) return *(const double *)p;
    return (double)*(const float *)p;
}

static int64_t int_of(const ObjType *t, const void *p)
{
    switch (t->dt) {
    case DT_BOOL:
    case DT_U8: return *(const uint8_t *)p;
    case DT_I8: return *(const int8_t *)p;
    case DT_I16: return *(const int16_t *)p;
    case DT_U16: return *(const uint16_t *)p;
    case DT_I32:
    case DT_DATE: return *(const int32_t *)p;
    case DT_U32: return *(const uint32_t *)p;
    default: return *(const int64_t *)p;
    }
}

static Complex128 complex_of(const ObjType *t, const void *p)
{
    if (t->dt == DT_C128) return *(const Complex128 *)p;
    Complex64 c = *(const Complex64 *)p;
    return (Complex128){(double)c.re, (double)c.im};
}

static int scalar_cmp(const ObjType *t, const void *p, const void *q)
{
    if (dt_is_complex((DType)t->dt)) {
        Complex128 a = complex_of(t, p), b = complex_of(t, q);
        int c = sign(a.re<b.re, a.re> b.re);
        return c ? c : sign(a.im<b.im, a.im> b.im);
    }
    if (dt_is_float((DType)t->dt)) {
        double a = float_of(t, p), b = float_of(t, q);
        return sign(a<b, a> b);
    }
    int64_t a = int_of(t, p), b = int_of(t, q);
    if (t->dt == DT_U64) return sign((uint64_t)a<(uint64_t)b, (uint64_t)a>(uint64_t) b);
    return sign(a<b, a> b);
}

static int text_cmp3(const Text3 *a, const Text3 *b)
{
    int64_t n = a->n < b->n ? a->n : b->n;
    int c = n > 0 ? memcmp(a->p, b->p, (size_t)n) : 0;
    return c ? c : sign(a->n<b->n, a->n> b->n);
}

static const Obj *object_at(const void *p)
{
    const Obj *o;
    memcpy(&o, p, sizeof o);
    return o;
}

int elem_cmp(const ObjType *t, const void *p, const void *q)
{
    switch ((ObjKind)t->kind) {
    case OK_SCALAR: return scalar_cmp(t, p, q);
    case OK_TEXT: return text_cmp3(p, q);
    case OK_LIST:
        return list_cmp((const List *)object_at(p), (const List *)object_at(q));
    case OK_OPT:
        if (!opt_there(p) || !opt_there(q))
            return sign(opt_there(q) && !opt_there(p), opt_there(p) && !opt_there(q));
        break;
    case OK_TUPLE: break;
    default: return 0;
    }
    for (int32_t i = 0; i < t->n; i++) {
        const void *a = part(t, p, i), *b = part(t, q, i);
        if (elem_eq(t->item[i], a, b)) continue;
        return elem_cmp(t->item[i], a, b);
    }
    return 0;
}

static bool array_same(const Array *a, const Array *b)
{
    return a == b;
}

bool elem_eq(const ObjType *t, const void *p, const void *q)
{
    switch ((ObjKind)t->kind) {
    case OK_SCALAR:
        if (dt_is_complex((DType)t->dt)) {
            Complex128 a = complex_of(t, p), b = complex_of(t, q);
            return a.re == b.re && a.im == b.im;
        }
        if (t->size == 8 && t->dt != DT_F64)
            return *(const int64_t *)p == *(const int64_t *)q;
        if (dt_is_float((DType)t->dt)) return float_of(t, p) == float_of(t, q);
        return int_of(t, p) == int_of(t, q);
    case OK_TEXT: {
        const Text3 *a = p, *b = q;
        return a->n == b->n && (a->n <= 0 || bytes_eq(a->p, b->p, (size_t)a->n));
    }
    case OK_LIST:
        return list_eq((const List *)object_at(p), (const List *)object_at(q));
    case OK_DICT:
    case OK_SET: return dict_eq((const Dict *)object_at(p), (const Dict *)object_at(q));
    case OK_NODE: return object_at(p) == object_at(q);
    case OK_ARRAY:
        return array_same((const Array *)object_at(p), (const Array *)object_at(q));
    case OK_OPT:
        if (opt_there(p) != opt_there(q)) return false;
        if (!opt_there(p)) return true;
        break;
    default: break;
    }
    for (int32_t i = 0; i < t->n; i++)
        if (!elem_eq(t->item[i], part(t, p, i), part(t, q, i))) return false;
    return true;
}

uint64_t elem_hash(const ObjType *t, const void *p)
{
    switch ((ObjKind)t->kind) {
    case OK_SCALAR: {
        if (dt_is_complex((DType)t->dt)) {
            Complex128 c = complex_of(t, p);
            uint64_t part[2];
            c.re += 0.0;
            c.im += 0.0;
            memcpy(part, &c, sizeof part);
            return hash_combine(hash_mix(part[0] + 1), part[1]);
        }
        if (!dt_is_float((DType)t->dt)) return hash_mix((uint64_t)int_of(t, p) + 1);
        double d = float_of(t, p) + 0.0; /* -0.0 is 0.0 */
        uint64_t bits;
        memcpy(&bits, &d, sizeof bits);
        return hash_mix(bits + 1);
    }
    case OK_TEXT: {
        const Text3 *x = p;
        return hash_bytes(x->p, x->n < 0 ? 0 : (size_t)x->n, 0);
    }
    case OK_NODE: return hash_mix((uint64_t)(uintptr_t)object_at(p));
    default: break;
    }
    uint64_t h = 7;
    if (t->kind == OK_OPT && !opt_there(p)) return h;
    for (int32_t i = 0; i < t->n; i++)
        h = hash_combine(h, elem_hash(t->item[i], part(t, p, i)));
    return h;
}
