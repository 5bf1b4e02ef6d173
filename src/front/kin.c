/* SPDX-License-Identifier: Apache-2.0
 * Instances as objects of a name: classes that hold their own kind.
 *
 * Linked lists, trees, tries, graphs. An instance of a plain class is a structure at
 * first (instance.c), and a structure can't be part of itself. Where the evaluation
 * finds a class that would be, directly or through None, lists, dicts, tuples or
 * another class, it notes the class and starts over; from then on an instance of it is
 * an object at run time of the type COMP_NODE: its identity is the class, what it holds
 * is no part of the type. So is every class whose instances such a one holds, so that
 * what is one object stays one. Classes of the library's own (deque ...) stay
 * structures.
 *
 * To the front end an instance is what instances are, a tuple of its class with one
 * item (REC_CLASS); the item is a list in name only, whose cell has the handle. So
 * names that are one object, joins, None or an instance, and elements of containers
 * work as for lists.
 *
 * The fields of a class are learnt from all assignments, in the constructor, in methods
 * or outside, as elements of a list are learnt: an open type at first, which the first
 * value settles; None beside a value, a wider number, or a field that some instance
 * does not have, is noted and the evaluation starts over if the field was used before
 * (NodeField). What is noted only grows, so that ends. A field that the constructor
 * does not set on all paths has a byte that says if it is there: AttributeError, or
 * what the class says.
 *
 * At run time (object/object.h) an instance is one block: head, fields by their types,
 * counted. What is let go of waits in a queue: the end of a long chain or a deep tree
 * uses no stack. Instances that hold each other in a ring are freed when the call ends.
 */
#include "base/base.h"

#include "base/hash.h"
#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

enum { LOOK_MAX = 64, DEEP_MAX = 40 }; /* items of a container, and depth, looked at */

/* -- Which classes ----------------------------------------------------------------- */

static NodeClass *class_find(const Front *f, const Record *r)
{
    vec_each (i, &f->hints->nodes)
        if (f->hints->nodes.at[i]->type.number == r->number)
            return f->hints->nodes.at[i];
    return NULL;
}

bool kin_is_class(const Front *f, const Record *r)
{
    return class_find(f, r) != NULL;
}

Val *kin_handle(Front *f, const AVal *v)
{
    if (!instance_is(v)) return NULL;
    Val *h = box_get(f, v->item[0]);
    return h && comp_is(f->fn, h->type, COMP_NODE) ? h : NULL;
}

static NodeClass *class_of(Front *f, const Val *handle)
{
    const NodeType *t = comp_of(f->fn, handle->type)->node;
    vec_each (i, &f->hints->nodes)
        if (&f->hints->nodes.at[i]->type == t) return f->hints->nodes.at[i];
    BUG("the class %s is not known", t->name);
}

/* True: it is new. r: the class, or the attributes of its instances. */
static bool mark(Front *f, const Record *r)
{
    for (idx i = 0; r->kind == REC_FIELDS && i < f->records.n; i++) {
        const Record *cls = f->records.at[i];
        if (cls->kind == REC_CLASS && cls->number == r->number) r = cls;
    }
    if (r->stand_in || class_find(f, r)) return false;
    NodeClass *c = ARENA_NEW(f->arena, NodeClass);
    c->type.number = r->number;
    c->type.name = r->name;
    c->text = c->type.tag = r->text;
    c->at = comp_node(f->fn, &c->type);
    c->site = hash_combine(0x6e6f6465u, (uint64_t)r->number) | 1;
    vec_push(f->arena, &f->hints->nodes, c);
    f->hints->at.n = 0; /* types of its structure may be in them */
    return true;
}

NORETURN static void again(Front *f)
{
    f->hints->restarts--; /* it is known what ends these */
    front_restart(f);
}

void kin_refuse(Front *f, const Record *r)
{
    if (!class_find(f, r)) return;
    front_unsup(f, UNSUP_NODE, "an argument with instances of %s in it", r->name);
}

void kin_learn_class(Front *f, const Record *r)
{
    if (mark(f, r)) again(f);
}

bool kin_has(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    bool has = c && c->kind == COMP_NODE;
    for (int i = 0; c && i < c->n && !has; i++)
        has = kin_has(f, c->item[i]);
    return has;
}

static bool inside(Front *f, AVal *v, int depth)
{
    const Val *h = box_get(f, v);
    if (h) return kin_has(f, h->type);
    bool has = false, tuple = v->kind == A_TUPLE || v->kind == A_OPT;
    for (idx i = 0; tuple && i < v->n && depth < DEEP_MAX && !has; i++)
        has = inside(f, v->item[i], depth + 1);
    bool box = v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
    if (!box || v->obj < 0 || v->obj >= f->heap->cell.n) return has;
    const Cell *cell = &f->heap->cell.at[v->obj];
    const Container *c = cell->kind == C_ITEMS ? cell->items : NULL;
    for (idx i = 0; c && i < c->item.n && depth < DEEP_MAX && !has; i++)
        has = inside(f, c->item.at[i], depth + 1);
    for (idx i = 0; c && i < c->key.n && depth < DEEP_MAX && !has; i++)
        has = inside(f, c->key.at[i], depth + 1);
    return has;
}

bool kin_inside(Front *f, AVal *v)
{
    return f->hints->nodes.n && inside(f, v, 0);
}

/* The class whose attributes a tuple of type t is; NULL. */
static const Record *class_in(Front *f, const CompType *c)
{
    const Record *r = c && c->tag ? record_of(f, c->tag) : NULL;
    return r && r->kind == REC_CLASS ? r : NULL;
}

static bool mark_type(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = class_in(f, c);
    bool any = r && mark(f, r);
    for (int i = 0; c && i < c->n; i++)
        any |= mark_type(f, c->item[i]);
    return any;
}

bool kin_learn_types(Front *f, Type t)
{
    if (!mark_type(f, t)) return false;
    again(f);
}

typedef void SeeClass(Front *f, const AVal *v, void *data);

/* Calls see for each instance in v, as far as that is known. */
static void each_instance(Front *f, AVal *v, int depth, SeeClass *see, void *data)
{
    if (instance_is(v) && !kin_handle(f, v)) see(f, v, data);
    if (depth > DEEP_MAX || kin_handle(f, v)) return;
    for (idx i = 0; (v->kind == A_TUPLE || v->kind == A_OPT) && i < v->n; i++)
        each_instance(f, v->item[i], depth + 1, see, data);
    bool box = v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
    if (!box || v->obj < 0 || v->obj >= f->heap->cell.n) return;
    const Cell *cell = &f->heap->cell.at[v->obj];
    Container *c = cell->kind == C_ITEMS ? cell->items : NULL;
    if (!c || c->typing) return;
    c->typing = true;
    for (idx i = 0; i < c->item.n && i < LOOK_MAX; i++)
        each_instance(f, c->item.at[i], depth + 1, see, data);
    c->typing = false;
}

static void mark_seen(Front *f, const AVal *v, void *data)
{
    *(bool *)data |= mark(f, v->rec);
}

void kin_learn_values(Front *f, AVal *v)
{
    bool any = false;
    each_instance(f, v, 0, mark_seen, &any);
    if (any) again(f);
}

static bool type_holds(Front *f, Type t, int number)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = class_in(f, c);
    if (r && r->number == number) return true;
    for (int i = 0; c && i < c->n; i++)
        if (type_holds(f, c->item[i], number)) return true;
    return false;
}

enum { NEST_MAX = 3 }; /* of instances in each other that stay structures */

typedef struct Search {
    int number, found;
    bool run; /* one of them exists at run time only */
} Search;

static void see_number(Front *f, const AVal *v, void *data)
{
    Search *s = data;
    const Val *h = box_get(f, v->item[0]);
    s->run |= h && (v->rec->number == s->number || type_holds(f, h->type, s->number));
    s->found += v->rec->number == s->number;
}

/* A container at run time that holds instances of the class. */
static bool boxes_hold(Front *f, const AVal *v, int number)
{
    const Val *h = box_get(f, v);
    if (h) return type_holds(f, h->type, number);
    bool any = false;
    for (idx i = 0; (v->kind == A_TUPLE || v->kind == A_OPT) && i < v->n; i++)
        any |= boxes_hold(f, v->item[i], number);
    return any;
}

void kin_watch(Front *f, const Record *cls, const AVal *of, AVal *value)
{
    Search s = {.number = cls->number};
    if (value->kind == A_CONST || value->kind == A_SCALAR) return;
    each_instance(f, value, 0, see_number, &s);
    bool run = of && box_get(f, of->item[0]), boxes = boxes_hold(f, value, cls->number);
    bool itself = boxes || s.run || (s.found && (run || value->kind == A_OPT)) ||
                  s.found > NEST_MAX;
    if (!itself) return;
    bool any = mark(f, cls);
    if (cls->stand_in) each_instance(f, value, 0, mark_seen, &any);
    if (any) again(f);
}

/* The instance holds another of its class. */
static void see_own(Front *f, const AVal *v, void *data)
{
    Search s = {.number = v->rec->number};
    each_instance(f, v->item[0], 0, see_number, &s);
    if (s.found && !v->rec->stand_in) *(bool *)data |= mark(f, v->rec);
}

void kin_leaves(Front *f, AVal *v)
{
    bool any = false;
    each_instance(f, v, 0, see_own, &any);
    if (any) again(f);
}

/* -- Fields ------------------------------------------------------------------------ */

void kin_start(Front *f)
{
    f->hints->kin_in = f->hints->kin_gone = false;
    vec_each (i, &f->hints->nodes) {
        NodeClass *c = f->hints->nodes.at[i];
        vec_each (k, &c->type.field) {
            c->type.field.at[k].t = box_open(f, c->site, (int)k);
            c->used.at[k] = false;
        }
    }
}

/* Of the values as elements, None among them. */
static Type value_type(Front *f, const NodeField *d)
{
    Type t = comp_resolve(f->fn, d->t);
    return d->none ? box_or_none(f, t) : t;
}

static Type elem_type(Front *f, const NodeField *d)
{
    Type t = value_type(f, d);
    return d->unset ? comp_type(f->fn, COMP_OPT, &t, 1) : t;
}

static idx field_find(const NodeClass *c, const char *name)
{
    vec_each (k, &c->type.field)
        if (!strcmp(c->type.field.at[k].name, name)) return k;
    return -1;
}

static idx field_add(Front *f, NodeClass *c, const char *name)
{
    idx k = c->type.field.n;
    NodeField d = {.name = intern(f->names, name), .t = box_open(f, c->site, (int)k)};
    vec_push(f->arena, &c->type.field, d);
    vec_push(f->arena, &c->used, false);
    return k;
}

NORETURN static void no_field(Front *f, const NodeClass *c, const NodeField *d,
                              const AVal *v)
{
    Type t = comp_resolve(f->fn, d->t);
    bool open = comp_is(f->fn, t, COMP_OPEN);
    front_unsup(f, UNSUP_NODE_FIELD, "%s.%s can't hold %s%s%s", c->type.name, d->name,
                av_type_text(f, v), open ? "" : ": elsewhere it is ",
                open ? "" : comp_item_text(f->fn, t));
}

/* The field holds values of type t, too. */
static void learn(Front *f, NodeClass *c, idx k, AVal *v, Type t)
{
    NodeField *d = &c->type.field.at[k];
    Type j, was = comp_resolve(f->fn, d->t);
    if (!box_join(f, was, t, &j)) no_field(f, c, d, v);
    if (box_same(f, j, comp_resolve(f->fn, d->t))) return;
    box_hint(f, c->site, (int)k, j);
    if (c->used.at[k]) again(f);
    d->t = j;
}

static void learn_none(Front *f, NodeClass *c, idx k)
{
    bool was = c->type.field.at[k].none;
    c->type.field.at[k].none = true;
    if (!was && c->used.at[k]) again(f);
}

static void learn_unset(Front *f, NodeClass *c, idx k)
{
    bool was = c->type.field.at[k].unset;
    c->type.field.at[k].unset = true;
    if (!was && c->used.at[k]) again(f);
}

static bool is_missing_text(Type t)
{
    return t.kind == TY_SCALAR && t.dt == DT_STR && t.null == NULL_MASK;
}

static void learn_value(Front *f, NodeClass *c, idx k, AVal *v)
{
    Type t;
    if (v->kind == A_NONE || v->kind == A_OPT) learn_none(f, c, k);
    AVal *there = v->kind == A_OPT ? v->item[0] : v;
    if (v->kind == A_NONE || there->kind == A_OPEN) return;
    if (!item_type_of(f, there, &t)) no_field(f, c, &c->type.field.at[k], v);
    (void)kin_learn_types(f, t);
    if (is_missing_text(t)) learn_none(f, c, k);
    if (is_missing_text(t)) t.null = NULL_NONE;
    learn(f, c, k, there, t);
}

Type kin_type(Front *f, const Record *r)
{
    return class_find(f, r)->at;
}

void kin_found(Front *f, const Record *r)
{
    (void)mark(f, r);
}

void kin_learn_field(Front *f, const Record *r, idx k, const char *name, bool none,
                     bool unset, Type t)
{
    NodeClass *c = class_find(f, r);
    if (k == c->type.field.n) (void)field_add(f, c, name);
    if (strcmp(c->type.field.at[k].name, name) != 0)
        front_unsup(f, UNSUP_NODE, "instances of %s with several sets of attributes",
                    r->name);
    c->type.field.at[k].none |= none;
    c->type.field.at[k].unset |= unset;
    Type j, was = comp_resolve(f->fn, c->type.field.at[k].t);
    if (comp_is(f->fn, comp_resolve(f->fn, t), COMP_OPEN)) return;
    if (!box_join(f, was, t, &j))
        front_unsup(f, UNSUP_NODE_FIELD,
                    "%s.%s of the arguments can't hold %s: elsewhere it is %s", r->name,
                    name, comp_item_text(f->fn, t), comp_item_text(f->fn, was));
    c->type.field.at[k].t = j;
}

/* -- Making ------------------------------------------------------------------------ */

AVal *kin_new(Front *f, const Record *r, Making **making)
{
    Making *m = *making = ARENA_NEW(f->arena, Making);
    NodeClass *c = class_find(f, r);
    ValVec none = {0};
    Node *n = obj_node(f, OP_OBJREAD, "node_new", NULL, &none, 1);
    n->res[0].type = c->at;
    AVal *list = box_aval(f, &n->res[0]), *v = record_new(f, r, &list, 1);
    *m = (Making){.up = f->making, .obj = list->obj};
    vec_each (k, &c->type.field)
        vec_push(f->arena, &m->cell, heap_cell(f, C_VAR, av_bool(f, false)));
    f->making = m;
    return v;
}

static bool is_set(Front *f, const Making *m, idx k)
{
    AVal *v = k < m->cell.n ? heap_var(f, m->cell.at[k]) : NULL;
    return v && v->kind == A_CONST && v->i;
}

void kin_made(Front *f, const AVal *v, const Making *m)
{
    NodeClass *c = class_find(f, v->rec);
    f->making = m->up;
    if (m->cell.n < c->type.field.n) again(f); /* new ones were found on the way */
    vec_each (k, &c->type.field)
        if (!is_set(f, m, k)) learn_unset(f, c, k);
}

/* -- Access ------------------------------------------------------------------------ */

/* v may be an instance that is being made: its field is there from here on. */
static bool note_set(Front *f, const AVal *v, idx k)
{
    for (Making *m = f->making; m; m = m->up) {
        if (m->obj != v->item[0]->obj) continue;
        if (k < m->cell.n) heap_set_var(f, m->cell.at[k], av_bool(f, true));
        return true;
    }
    return false;
}

void kin_set(Front *f, AVal *v, const char *name, AVal *value)
{
    Val *h = kin_handle(f, v);
    NodeClass *c = class_of(f, h);
    idx k = field_find(c, name);
    if (value->kind == A_OPEN) return;
    if (k < 0 && record_has_property(f, v, name))
        front_unsup(f, UNSUP_ATTRIBUTE, "%s.%s is a property", v->rec->name, name);
    bool fresh = k < 0;
    if (fresh) k = field_add(f, c, name);
    if (!note_set(f, v, k) && fresh) learn_unset(f, c, k); /* others don't have it */
    learn_value(f, c, k, value);
    c->used.at[k] = true;
    ValVec a = {0};
    val_push(f, &a, h);
    const NodeField *d = &c->type.field.at[k];
    if (d->unset) val_push(f, &a, front_val(f, av_bool(f, true)));
    elem_flatten(f, value, value_type(f, d), &a);
    Node *n = obj_node(f, OP_FIELDSET, NULL, NULL, &a, 0);
    node_set_int(f->fn, n, "k", k);
    box_note_open(f, n, value_type(f, d)); /* only None was seen so far */
}

typedef struct Unset {
    AVal *v, *there;
    const char *name;
} Unset;

static AVal *its_own(Front *f, void *data)
{
    (void)f;
    return ((Unset *)data)->there;
}

static AVal *of_class(Front *f, void *data)
{
    const Unset *u = data;
    return record_member(f, u->v, u->name);
}

/* What is read where the field may not be there. */
static AVal *read_unset(Front *f, AVal *v, const char *name, AVal *r)
{
    Unset u = {v, r->item[0], name};
    AVal *there = av_scalar(f, r->val);
    if (record_defines(f, v->rec, name))
        return lower_choice(f, there, its_own, of_class, &u);
    AVal *gone = front_elem(f, OP_INVERT, &there, 1);
    lower_raise_if(f, gone, E_ATTR,
                   arena_printf(f->arena, "'%s' object has no attribute '%s'",
                                v->rec->name, name));
    return r->item[0];
}

AVal *kin_get(Front *f, AVal *v, const char *name)
{
    Val *h = kin_handle(f, v);
    NodeClass *c = class_of(f, h);
    idx k = field_find(c, name);
    if (k < 0) return NULL;
    c->used.at[k] = true;
    ValVec a = {0};
    val_push(f, &a, h);
    Node *n;
    AVal *r = box_elem(f, OP_FIELDGET, &a, elem_type(f, &c->type.field.at[k]), &n);
    node_set_int(f->fn, n, "k", k);
    return c->type.field.at[k].unset ? read_unset(f, v, name, r) : r;
}

/* -- The end ----------------------------------------------------------------------- */

void kin_settle(Front *f)
{
    Fn *fn = f->fn;
    vec_each (i, &f->hints->nodes) {
        NodeType *t = &f->hints->nodes.at[i]->type;
        Type *item = ARENA_NEW_N(fn->arena, t->field.n + 1, Type);
        const char *s = arena_printf(fn->arena, "fields|%d|%s||%d", t->number, t->name,
                                     (int)t->field.n);
        vec_each (k, &t->field) {
            item[k] = comp_settle(fn, elem_type(f, &t->field.at[k]));
            s = arena_printf(fn->arena, "%s|%s", s, t->field.at[k].name);
        }
        t->fields = intern(fn->names, s);
        t->body = comp_type(fn, COMP_TUPLE, item, (int)t->field.n);
    }
}
