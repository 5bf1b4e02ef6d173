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
 * A dataclass that is not frozen is such a class too; what its decorator made (the
 * __init__, __eq__, order and __repr__ of its fields) is made here.
 */
#include "base/base.h"

#include "front/try.h"

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
    if (kin_handle(f, v)) return kin_get(f, v, name);
    AVal *s = state_of(f, v);
    if (s->kind == A_OPEN) return s;
    idx i = field_find(s->rec, name);
    return i < 0 ? NULL : s->item[i];
}

static AVal *with_field(Front *f, const AVal *v, const AVal *s, const char *name,
                        AVal *value)
{
    if (box_get(f, v->item[0])) {
        kin_learn_class(f, v->rec);
        front_unsup(f, UNSUP_ATTRIBUTE, "%s of %s is assigned for the first time here",
                    name, v->rec->name);
    }
    AVal **item = ARENA_NEW_N(f->arena, s->n + 1, AVal *);
    if (s->n) memcpy(item, s->item, (size_t)s->n * sizeof *item);
    item[s->n] = value;
    return record_new(f, fields_with(f, v->rec, s->rec, name), item, s->n + 1);
}

void instance_set(Front *f, AVal *v, const char *name, AVal *value)
{
    if (kin_handle(f, v)) {
        kin_set(f, v, name, value);
        return;
    }
    kin_watch(f, v->rec, v, value);
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

/* -- Dataclasses ------------------------------------------------------------------- */

static const DataField *data_field(const Record *r, const char *name)
{
    for (idx i = 0; i < r->ndata; i++)
        if (!strcmp(r->data[i].name, name)) return &r->data[i];
    return NULL;
}

/* "'x'", "'x' and 'y'", "'x', 'y', and 'z'" */
static const char *name_list(Front *f, const char *const *name, idx n)
{
    const char *s = arena_printf(f->arena, "'%s'", name[0]);
    for (idx i = 1; i < n; i++)
        s = arena_printf(f->arena, "%s%s%s'%s'", s, n > 2 ? ", " : " ",
                         i < n - 1 ? "" : "and ", name[i]);
    return s;
}

static void check_missing(Front *f, const Record *r, AVal *const *item, bool by_keyword)
{
    const char **name = ARENA_NEW_N(f->arena, r->ndata + 1, const char *);
    idx n = 0;
    for (idx i = 0; i < r->ndata; i++) {
        const DataField *d = &r->data[i];
        if (!item[i] && d->init && !d->has_default && d->by_keyword == by_keyword)
            name[n++] = d->name;
    }
    if (n)
        front_fail(f, E_TYPE, "%s.__init__() missing %d required %s argument%s: %s",
                   r->full, (int)n, by_keyword ? "keyword-only" : "positional",
                   n == 1 ? "" : "s", name_list(f, name, n));
}

static void bind_positional(Front *f, const Record *r, AVal **item, AVal *const *arg,
                            idx narg)
{
    idx least = 1, most = 1, used = 0;
    for (idx i = 0; i < r->ndata; i++) {
        const DataField *d = &r->data[i];
        if (!d->init || d->by_keyword) continue;
        most++;
        least += !d->has_default;
        if (used < narg) item[i] = arg[used++];
    }
    if (used == narg) return;
    const char *range =
        least == most ? arena_printf(f->arena, "%d", (int)most)
                      : arena_printf(f->arena, "from %d to %d", (int)least, (int)most);
    front_fail(f, E_TYPE,
               "%s.__init__() takes %s positional argument%s but %d were given",
               r->full, range, most == 1 ? "" : "s", (int)narg + 1);
}

/* The values that the made __init__ gives the fields; NULL: none. */
static AVal **data_items(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                         const char *const *kw, AVal *const *kwval, idx nkw)
{
    const Record *r = cls->rec;
    AVal **item = ARENA_NEW_N(f->arena, r->ndata + 1, AVal *);
    idx dflt = 0;
    bind_positional(f, r, item, arg, narg);
    for (idx i = 0; i < nkw; i++) {
        const DataField *d = data_field(r, kw[i]);
        if (!d || !d->init || item[d - r->data])
            front_fail(f, E_TYPE,
                       !d || !d->init
                           ? "%s.__init__() got an unexpected keyword argument '%s'"
                           : "%s.__init__() got multiple values for argument '%s'",
                       r->full, kw[i]);
        item[d - r->data] = kwval[i];
    }
    check_missing(f, r, item, false);
    check_missing(f, r, item, true);
    for (idx i = 0; i < r->ndata; i++) {
        if (!r->data[i].has_default) continue;
        AVal *v = dflt < cls->n ? cls->item[dflt] : NULL;
        dflt++;
        if (!item[i] && v) item[i] = record_default(f, v);
    }
    return item;
}

/* As data_new() of a class that holds its own kind. */
static AVal *data_node(Front *f, const Record *r, AVal *const *item)
{
    Making *m = NULL;
    AVal *v = kin_new(f, r, &m);
    for (idx i = 0; i < r->ndata; i++)
        if (item[i]) kin_set(f, v, r->data[i].name, item[i]);
    AVal *post = record_method_of(f, v, "__post_init__");
    if (post) (void)front_call(f, post, NULL, 0, NULL, NULL, 0);
    kin_made(f, v, m);
    return v;
}

static AVal *data_new(Front *f, const AVal *cls, AVal *const *item)
{
    const Record *r = cls->rec, *names = fields_with(f, r, NULL, NULL);
    if (kin_is_class(f, r)) return data_node(f, r, item);
    AVal **value = ARENA_NEW_N(f->arena, r->ndata + 1, AVal *);
    idx n = 0;
    for (idx i = 0; i < r->ndata; i++) {
        if (!item[i]) continue;
        kin_watch(f, r, NULL, item[i]);
        names = fields_with(f, r, names, r->data[i].name);
        value[n++] = item[i];
    }
    AVal *s = record_new(f, names, value, n), *list = av_list(f, &s, 1);
    AVal *v = record_new(f, r, &list, 1);
    AVal *post = record_method_of(f, v, "__post_init__");
    if (post) (void)front_call(f, post, NULL, 0, NULL, NULL, 0);
    return v;
}

/* A field's value; what the class says where the instance has none. */
static AVal *data_value(Front *f, AVal *v, const char *name)
{
    return front_getattr(f, v, name);
}

/* What the decorator made would go through all that it holds. */
static void no_depth(Front *f, const AVal *v, const char *what)
{
    if (!kin_handle(f, v)) return;
    front_unsup(f, UNSUP_RECURSIVE, "%s of %s, a dataclass that holds its own kind: %s",
                what, v->rec->name, "write the method yourself");
}

AVal *instance_values(Front *f, AVal *v, bool compared)
{
    const Record *r = v->rec;
    AVal **item = ARENA_NEW_N(f->arena, r->ndata + 1, AVal *);
    idx n = 0;
    no_depth(f, v, compared ? "a comparison" : "asdict() or astuple()");
    for (idx i = 0; i < r->ndata; i++)
        if (!compared || r->data[i].compared)
            item[n++] = data_value(f, v, r->data[i].name);
    return av_tuple(f, item, n);
}

AVal *instance_text(Front *f, AVal *v)
{
    const Record *r = v->rec;
    no_depth(f, v, "the text");
    if (!r->data || !r->made_repr)
        front_unsup(f, UNSUP_VALUE,
                    "the text of %s would be its address: define __repr__", r->name);
    AVal *s = av_str(f, arena_printf(f->arena, "%s(", r->full), -1);
    const char *sep = "";
    for (idx i = 0; i < r->ndata; i++) {
        const DataField *d = &r->data[i];
        if (!d->in_text) continue;
        const char *head = arena_printf(f->arena, "%s%s=", sep, d->name);
        s = lower_binop(f, AST_Add, s, av_str(f, head, -1));
        s = lower_binop(f, AST_Add, s, text_str(f, data_value(f, v, d->name), true));
        sep = ", ";
    }
    return lower_binop(f, AST_Add, s, av_str(f, ")", 1));
}

static AVal *replaced(Front *f, AVal *v, const char *const *kw, AVal *const *kwval,
                      idx nkw)
{
    const Record *r = v->rec;
    AVal **item = ARENA_NEW_N(f->arena, r->ndata + 1, AVal *);
    for (idx i = 0; i < r->ndata; i++)
        if (r->data[i].init) item[i] = data_value(f, v, r->data[i].name);
    for (idx i = 0; i < nkw; i++) {
        const DataField *d = data_field(r, kw[i]);
        if (!d || !d->init || !r->made_init)
            front_unsup(f, UNSUP_API, "dataclasses.replace() with %s", kw[i]);
        item[d - r->data] = kwval[i];
    }
    return data_new(f, v, item);
}

AVal *instance_function(Front *f, const char *name, AVal *v, const char *const *kw,
                        AVal *const *kwval, idx nkw)
{
    const Record *r = v->rec;
    if (!strcmp(name, "dataclasses.replace")) return replaced(f, v, kw, kwval, nkw);
    AVal *values = instance_values(f, v, false);
    for (idx i = 0; i < values->n; i++)
        if (values->item[i]->kind == A_TUPLE && values->item[i]->rec)
            front_unsup(f, UNSUP_API, "%s() of instances in instances", name);
    if (!strcmp(name, "dataclasses.astuple") && !nkw) return values;
    if (strcmp(name, "dataclasses.asdict") != 0 || nkw)
        front_unsup(f, UNSUP_API, "%s() is not supported", name);
    AVal **key = ARENA_NEW_N(f->arena, r->ndata + 1, AVal *);
    for (idx i = 0; i < r->ndata; i++)
        key[i] = av_str(f, r->data[i].name, -1);
    return av_container(f, A_DICT, key, values->item, values->n);
}

static AVal *without_attributes(Front *f, const Record *cls)
{
    AVal *s = record_new(f, fields_with(f, cls, NULL, NULL), NULL, 0);
    AVal *list = av_list(f, &s, 1);
    return record_new(f, cls, &list, 1);
}

AVal *instance_new(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                   const char *const *kw, AVal *const *kwval, idx nkw)
{
    if (cls->rec->data && cls->rec->made_init)
        return data_new(f, cls, data_items(f, cls, arg, narg, kw, kwval, nkw));
    Making *m = NULL;
    bool node = kin_is_class(f, cls->rec);
    AVal *v = node ? kin_new(f, cls->rec, &m) : without_attributes(f, cls->rec);
    bool exc = cls->rec->is_exc;
    if (exc) (void)exc_base_method(f, v, "__init__", arg, narg);
    AVal *init = record_method_of(f, v, "__init__");
    if (init) {
        AVal *r = front_call(f, init, arg, narg, kw, kwval, nkw);
        if (r->kind != A_NONE && r->kind != A_OPEN)
            front_fail(f, E_TYPE, "__init__() should return None, not '%s'",
                       av_type_text(f, r));
    } else if (!exc && (narg || nkw)) {
        front_fail(f, E_TYPE, "%s() takes no arguments", cls->rec->name);
    }
    if (node) kin_made(f, v, m);
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
    bool plain = cls->kind == REC_CLASS && v->rec->kind == REC_CLASS;
    for (idx i = 0; plain && i < v->rec->n; i++)
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
    bool record = cls->kind == A_RECORD || (cls->kind == A_EXC && cls->rec);
    if (!record || self->kind != A_TUPLE || !self->rec)
        front_unsup(f, UNSUP_VALUE, "super() is compiled in methods of plain classes");
    AVal *v = av_new_kind(f, A_ACCESSOR);
    v->s = "super";
    v->rec = cls->rec;
    v->n = 1;
    v->item = ARENA_NEW_N(f->arena, 1, AVal *);
    v->item[0] = self;
    return v;
}

/* What the decorator made compares all fields. */
static bool plain_data(Front *f, const Record *r, bool order)
{
    if (!r->data || !(order ? r->order : r->eq)) return false;
    if (record_defines(f, r, "__eq__") || (order && record_defines(f, r, "__lt__")))
        return false;
    for (idx i = 0; i < r->ndata; i++)
        if (!r->data[i].compared) return false;
    return true;
}

/* Its instances are equal to nothing but themselves. */
static bool by_identity(Front *f, const Record *r)
{
    return r->kind == REC_CLASS && !r->stand_in && !(r->data && r->eq) &&
           !record_defines(f, r, "__eq__") && !record_defines(f, r, "__hash__");
}

void instance_check_equal(Front *f, Type t, bool order)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = c && c->tag ? record_of(f, c->tag) : NULL;
    bool cls = r && r->kind == REC_CLASS;
    if (cls && !order && by_identity(f, r)) {
        if (!comp_is(f->fn, c->item[0], COMP_NODE)) (void)kin_learn_types(f, t);
        return;
    }
    if (r && !(cls && plain_data(f, r, order)) &&
        (cls || record_defines(f, r, "__eq__") ||
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

void instance_check_key(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    const Record *r = c && c->tag ? record_of(f, c->tag) : NULL;
    if (r && r->data && r->eq) front_fail(f, E_TYPE, "unhashable type: '%s'", r->name);
    if (r && r->kind == REC_CLASS && !by_identity(f, r))
        front_unsup(f, UNSUP_VALUE, "%s as a key of a dict or set is not compiled",
                    r->name);
    instance_check_equal(f, t, false);
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
        if (r && holds_class(f, c->item[i], r->number)) (void)kin_learn_types(f, t);
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
    if (r && s && r != s && r->number == s->number) {
        kin_learn_class(f, r);
        front_unsup(
            f, UNSUP_ATTRIBUTE,
            "the attributes of %s differ on the paths that meet here: %s, and %s",
            r->name, field_list(f, r), field_list(f, s));
    }
    for (int i = 0; x && y && i < x->n && i < y->n; i++)
        instance_explain(f, x->item[i], y->item[i]);
}
