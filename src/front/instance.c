/* SPDX-License-Identifier: Apache-2.0
 * Instances of plain classes: objects whose attributes are assigned.
 *
 * An instance is a tuple of its class (REC_CLASS) with one item, a list; the list has
 * one element, the *state*: a tuple (REC_FIELDS) of the attributes' values, whose text
 * names them. So what lists have is what instances have: names that are one object,
 * joins of branches and loops, objects of the run time, elements of containers, and
 * changes that the caller sees. To assign an attribute is to store another state.
 *
 * Attributes are found by running __init__: a new one makes a longer state, of another
 * text. Methods, properties and operators are found as those of dataclasses (record.c).
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

bool instance_is(const AVal *v)
{
    return v->kind == A_TUPLE && v->rec && v->rec->kind == REC_CLASS;
}

static AVal *state_of(Front *f, const AVal *v)
{
    return lower_subscript(f, v->item[0], av_int(f, 0));
}

static idx field_find(const Record *r, const char *name)
{
    for (idx i = 0; i < r->n; i++)
        if (!strcmp(r->field[i], name)) return i;
    return -1;
}

/* The record of states with these attributes and one more, name NULL: none. */
static const Record *fields_with(Front *f, const Record *cls, const Record *r,
                                 const char *name)
{
    idx n = r ? r->n : 0;
    const char *s = arena_printf(f->arena, "fields|%d|%s||%d", cls->number, cls->name,
                                 (int)(n + (name != NULL)));
    for (idx i = 0; i < n; i++)
        s = arena_printf(f->arena, "%s|%s", s, r->field[i]);
    return record_of(f, name ? arena_printf(f->arena, "%s|%s", s, name) : s);
}

AVal *instance_attr(Front *f, AVal *v, const char *name)
{
    AVal *s = state_of(f, v);
    if (s->kind == A_OPEN) return s;
    idx i = field_find(s->rec, name);
    return i < 0 ? NULL : s->item[i];
}

static AVal *with_field(Front *f, const AVal *v, const AVal *s, const char *name,
                        AVal *value)
{
    if (box_get(f, v->item[0]))
        front_unsup(f, UNSUP_ATTRIBUTE, "%s of %s is assigned for the first time here",
                    name, v->rec->name);
    AVal **item = ARENA_NEW_N(f->arena, s->n + 1, AVal *);
    if (s->n) memcpy(item, s->item, (size_t)s->n * sizeof *item);
    item[s->n] = value;
    return record_new(f, fields_with(f, v->rec, s->rec, name), item, s->n + 1);
}

void instance_set(Front *f, AVal *v, const char *name, AVal *value)
{
    AVal *s = state_of(f, v), *to;
    if (s->kind == A_OPEN || value->kind == A_OPEN) return;
    idx i = field_find(s->rec, name);
    if (i < 0) {
        if (record_has_property(f, v, name))
            front_unsup(f, UNSUP_ATTRIBUTE, "%s.%s is a property", v->rec->name, name);
        to = with_field(f, v, s, name, value);
    } else {
        to = record_new(f, s->rec, s->item, s->n);
        to->item[i] = value;
    }
    lower_store(f, v->item[0], av_int(f, 0), to);
}

AVal *instance_new(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw)
{
    AVal *s = record_new(f, fields_with(f, cls->rec, NULL, NULL), NULL, 0);
    AVal *list = av_list(f, &s, 1), *v = record_new(f, cls->rec, &list, 1);
    AVal *init = record_method_of(f, v, "__init__");
    if (init) {
        AVal *r = front_call(f, init, arg, narg, kw, kwval, nkw);
        if (r->kind != A_NONE && r->kind != A_OPEN)
            front_fail(f, E_TYPE, "__init__() should return None, not '%s'",
                       av_type_text(f, r));
    } else if (narg || nkw) {
        front_fail(f, E_TYPE, "%s() takes no arguments", cls->rec->name);
    }
    return v;
}

AVal *instance_same(Front *f, AVal *a, AVal *b)
{
    if (!instance_is(a) || !instance_is(b) || a->rec != b->rec)
        return av_bool(f, false);
    return lower_compare(f, AST_Is, a->item[0], b->item[0]);
}

/* A class or one of its bases. */
bool instance_of(const AVal *v, const Record *cls)
{
    if (v->rec == cls) return true;
    for (idx i = 0; cls->kind == REC_CLASS && i < v->rec->n; i++)
        if (strtol(v->rec->field[i], NULL, 10) == cls->number) return true;
    return false;
}

/* super(): what the bases of the class have in which the function is defined. */
AVal *instance_super(Front *f)
{
    const Ast *def = f->scope->def;
    const AstList *pos = def && def->a ? &def->a->list : NULL;
    if (pos && !pos->n) pos = &def->a->list2;
    if (!pos || !pos->n) front_fail(f, E_RUNTIME, "super(): no arguments");
    AVal *cls = scope_load(f, intern(f->names, "__class__"));
    AVal *self = scope_load(f, pos->at[0]->id);
    if (cls->kind != A_RECORD || self->kind != A_TUPLE || !self->rec)
        front_unsup(f, UNSUP_VALUE, "super() is compiled in methods of plain classes");
    AVal *v = av_new_kind(f, A_ACCESSOR);
    v->s = "super";
    v->rec = cls->rec;
    v->n = 1;
    v->item = ARENA_NEW_N(f->arena, 1, AVal *);
    v->item[0] = self;
    return v;
}

void instance_check_equal(Front *f, Type t, bool order)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = c && c->tag ? record_of(f, c->tag) : NULL;
    if (r && (r->kind == REC_CLASS || record_defines(f, r, "__eq__") ||
              (order && record_defines(f, r, "__lt__"))))
        front_unsup(
            f, UNSUP_OPERATOR,
            order ? "ordering the instances of %s in a container is not compiled: "
                    "use a key"
                  : "comparing the instances of %s in a container is not "
                    "compiled: compare them in a loop",
            r->name);
    for (int i = 0; c && i < c->n; i++)
        instance_check_equal(f, c->item[i], order);
}

/* -- Why types don't meet ---------------------------------------------------------- */

static const Record *fields_of(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = c && c->tag ? record_of(f, c->tag) : NULL;
    return r && r->kind == REC_FIELDS ? r : NULL;
}

/* t holds attributes of the class. */
static bool holds_class(Front *f, Type t, int number)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = fields_of(f, t);
    if (r && r->number == number) return true;
    for (int i = 0; c && i < c->n; i++)
        if (holds_class(f, c->item[i], number)) return true;
    return false;
}

static void no_recursion(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = fields_of(f, t);
    for (int i = 0; c && i < c->n; i++) {
        if (r && holds_class(f, c->item[i], r->number))
            front_unsup(f, UNSUP_RECURSIVE,
                        "instances of %s that hold others of their class", r->name);
        no_recursion(f, c->item[i]);
    }
}

static const char *field_list(Front *f, const Record *r)
{
    const char *s = r->n ? r->field[0] : "none";
    for (idx i = 1; i < r->n; i++)
        s = arena_printf(f->arena, "%s, %s", s, r->field[i]);
    return s;
}

void instance_explain(Front *f, Type a, Type b)
{
    no_recursion(f, a);
    no_recursion(f, b);
    const CompType *x = comp_of(f->fn, comp_resolve(f->fn, a));
    const CompType *y = comp_of(f->fn, comp_resolve(f->fn, b));
    const Record *r = fields_of(f, a), *s = fields_of(f, b);
    if (r && s && r != s && r->number == s->number)
        front_unsup(
            f, UNSUP_ATTRIBUTE,
            "the attributes of %s differ on the paths that meet here: %s, and %s",
            r->name, field_list(f, r), field_list(f, s));
    for (int i = 0; x && y && i < x->n && i < y->n; i++)
        instance_explain(f, x->item[i], y->item[i]);
}
