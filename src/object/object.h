/* SPDX-License-Identifier: Apache-2.0
 * What compiled code makes while it runs besides columns and arrays: text that is
 * owned, lists, dicts, sets. All of it lives in the heap of the call (heap.h), is
 * counted in its first word and is used by one thread only.
 *
 * Elements stand unboxed in their container, `stride` bytes each: an ObjType describes
 * one as a value in memory (object_layout.h). Functions borrow the elements they are
 * given and take references of what they keep; elements they give back are owned by the
 * caller.
 */
#pragma once
#include "base/dtype.h"
#include "object/heap.h"

typedef enum ObjKind {
    OK_NONE,   /* nothing: elements of a list that is always empty */
    OK_SCALAR, /* a number, bool or time */
    OK_TEXT,
    OK_LIST,
    OK_DICT,
    OK_SET,
    OK_TUPLE,
    OK_OPT,
    OK_ARRAY, /* struct Array, counted by array_ref */
    OK_NODE,  /* an instance of a class: item[0] is the tuple of its fields */
} ObjKind;

/* A type of elements. Of a list, dict or set as a whole too: then item[] is what it
 * holds and stride, key_at, val_at say how. */
typedef struct ObjType {
    uint8_t kind; /* ObjKind */
    uint8_t dt, null, unit;
    bool unset;   /* of an optional: a field that is there or not */
    bool counted; /* an element holds references, */
    bool arrays;  /* to arrays among them: itself, not what it refers to */
    int32_t n;
    struct ObjType **item;
    uint32_t *off;           /* tuple, optional: where items stand in the element */
    uint32_t size, align;    /* as an element */
    uint32_t stride;         /* list, dict, set: of the elements or entries */
    uint32_t key_at, val_at; /* dict, set: in an entry */
} ObjType;

/* The head of every block that is counted. */
typedef struct Obj {
    int64_t refs;
    const ObjType *type; /* NULL: text, whose bytes follow the head */
    size_t size;         /* of the block */
} Obj;

/* Text as a value: three words, also as an element of a container. */
typedef struct Text3 {
    const uint8_t *p;
    int64_t n;
    Obj *own; /* NULL: borrowed; OBJ_IMMORTAL: a constant */
} Text3;

typedef struct List {
    Obj obj;
    int64_t n;
    uint8_t *data;
    int64_t cap;
} List;

/* Insertion-ordered; a set is one without values. Entries: hash (0: deleted), key,
 * value. index: open addressing with linear probing; a slot has the upper half of the
 * hash, so that entries are looked at only where it is equal, and 1 + the entry's
 * number; 0 is free.
 */
typedef struct Dict {
    Obj obj;
    int64_t n;
    uint8_t *data;
    int64_t used; /* entries, deleted ones too */
    int64_t cap;
    uint64_t *index;
    int64_t mask; /* slots of index - 1; -1: no index yet */
    int64_t last; /* entry found last: `d[k] = d.get(k, 0) + 1` asks twice */
} Dict;

/* An instance of a class that may hold others of it. The fields follow, zero as long as
 * they are not set. */
typedef struct NodeObj {
    Obj obj;
    int64_t id; /* 1 + its number among the nodes that crossed to or from Python; 0 */
} NodeObj;
static inline void *node_body(NodeObj *o)
{
    return o + 1;
}

/* Stands behind a container whose elements hold arrays. All of a call are in a ring:
 * memory of objects ends with the heap, but arrays are not in it. */
typedef struct RowsLink {
    struct RowsLink *prev, *next;
    Obj *of;
} RowsLink;
void heap_link(Cx *cx, RowsLink *l, Obj *of); /* heap.c: into the ring */
/* heap.c: o, whose last reference went, waits to be freed. True: somebody frees what
 * waits already, up the stack; else the caller does, until there is none. */
bool heap_wait(Cx *cx, Obj *o);
Obj *heap_waiting(Cx *cx); /* NULL: none; then the next heap_wait says false again */

/* -- objtype.c --------------------------------------------------------------------- */
/* The type that a code in the object says (codegen/cg_obj.c writes it); kept by the
 * call under the code's address. */
MUST_USE Status objtype_get(Cx *cx, const char *code, size_t n, const ObjType **out);
void elem_ref(const ObjType *t, const void *p);
void elem_unref(Cx *cx, const ObjType *t, void *p);
void elem_drop_arrays(const ObjType *t, void *p); /* nothing else */
/* Copies an element and takes its references; borrowed text is copied to a block. */
MUST_USE Status elem_keep(Cx *cx, const ObjType *t, void *to, const void *from);
bool elem_eq(const ObjType *t, const void *p, const void *q);
int elem_cmp(const ObjType *t, const void *p, const void *q);
uint64_t elem_hash(const ObjType *t, const void *p);
/* t is dict, set: entry's parts. */
static inline uint8_t *entry_at(const Dict *d, int64_t i)
{
    return d->data + i * (int64_t)d->obj.type->stride;
}
static inline uint64_t entry_hash(const uint8_t *e)
{
    uint64_t h;
    __builtin_memcpy(&h, e, sizeof h);
    return h;
}

/* -- object.c ---------------------------------------------------------------------- */
/* A new block for n bytes of text, to be filled. */
MUST_USE Status text_new(Cx *cx, idx n, Text3 *out, uint8_t **bytes);
MUST_USE Status text_copy(Cx *cx, const void *p, idx n, Text3 *out);
void text_shrink(Text3 *t, idx n); /* a new one came out shorter */
/* t with a reference of its own: a copy when it is borrowed. */
MUST_USE Status text_keep(Cx *cx, Text3 *t);
/* A block of n bytes for a container of type t, and its link. */
MUST_USE Status obj_new(Cx *cx, const ObjType *t, size_t n, void *out);
void obj_drop_arrays(Obj *o);   /* of a container's elements */
void own_unref(Cx *cx, Obj *o); /* NULL and OBJ_IMMORTAL are nothing */
/* Whatever its count says. However deep what it holds is, the C stack is not used up.
 */
void obj_free(Cx *cx, Obj *o);
MUST_USE Status nodeobj_new(Cx *cx, const ObjType *t, NodeObj **out);
bool own_counts(const Obj *o);

/* -- list.c ------------------------------------------------------------------------ */
MUST_USE Status list_new(Cx *cx, const ObjType *t, int64_t cap, List **out);
MUST_USE Status list_reserve(Cx *cx, List *l, int64_t n);
MUST_USE Status list_push(Cx *cx, List *l, const void *e);
MUST_USE Status list_extend(Cx *cx, List *l, const List *from);
MUST_USE Status list_insert(Cx *cx, List *l, int64_t i, const void *e);
MUST_USE Status list_pop(Cx *cx, List *l, int64_t i, void *e);
void list_clear(Cx *cx, List *l);
int64_t list_find(const List *l, const void *e, int64_t from, int64_t to); /* -1 */
void list_cut(Cx *cx, List *l, int64_t i, int64_t n); /* removes n elements */
/* Elements start, start + step ... n of them, as a new list. */
MUST_USE Status list_take(Cx *cx, const List *l, int64_t start, int64_t step, int64_t n,
                          List **out);
/* Elements [i, i + n) become those of from. */
MUST_USE Status list_splice(Cx *cx, List *l, int64_t i, int64_t n, const List *from);
bool list_eq(const List *a, const List *b);
int list_cmp(const List *a, const List *b);
/* Stable; by the keys (a list of as many) when given. */
MUST_USE Status list_sort(Cx *cx, List *l, const List *keys, bool reverse);
static inline uint8_t *list_at(const List *l, int64_t i)
{
    return l->data + i * (int64_t)l->obj.type->stride;
}

/* -- dict.c ------------------------------------------------------------------------ */
MUST_USE Status dict_new(Cx *cx, const ObjType *t, int64_t cap, Dict **out);
int64_t dict_find(const Dict *d, const void *key); /* its entry, -1 */
int64_t dict_lookup(Dict *d, const void *key);     /* the same, and remembers it */
/* The key's entry, made when there is none: then its value is zero. */
MUST_USE Status dict_place(Cx *cx, Dict *d, const void *key, int64_t *entry,
                           bool *fresh);
MUST_USE Status dict_put(Cx *cx, Dict *d, const void *key, const void *val);
void dict_remove(Cx *cx, Dict *d, int64_t entry);
void dict_clear(Cx *cx, Dict *d);
MUST_USE Status dict_copy(Cx *cx, const Dict *d, Dict **out);
MUST_USE Status dict_update(Cx *cx, Dict *d, const Dict *from);
bool dict_eq(const Dict *a, const Dict *b);
int64_t dict_next(const Dict *d, int64_t i); /* first entry >= i that is there; used */
/* Keys, values or pairs as a list of type t. what: 'k', 'v', 'i'. */
MUST_USE Status dict_list(Cx *cx, const Dict *d, char what, const ObjType *t,
                          List **out);
/* a | b, a & b, a - b, a ^ b as a new set. */
MUST_USE Status set_op(Cx *cx, char op, const Dict *a, const Dict *b, Dict **out);
bool set_within(const Dict *a, const Dict *b); /* a <= b */

/* -- repr.c ------------------------------------------------------------------------ */
/* Text under construction, in the heap. */
typedef struct Str {
    uint8_t *at;
    idx n, cap;
} Str;
MUST_USE Status str_put(Cx *cx, Str *s, const void *p, idx n);
MUST_USE Status str_puts(Cx *cx, Str *s, const char *p);
MUST_USE Status str_end(Cx *cx, Str *s, Text3 *out); /* as owned text; frees s */
void str_drop(Cx *cx, Str *s);
MUST_USE Status repr_put(Cx *cx, Str *s, const ObjType *t, const void *p);
MUST_USE Status repr_text(Cx *cx, Str *s, const uint8_t *p, idx n);
MUST_USE Status repr_bytes(Cx *cx, Str *s, const uint8_t *p, idx n);     /* bytes.c */
MUST_USE Status repr_key_error(Cx *cx, const ObjType *t, const void *p); /* KeyError */
