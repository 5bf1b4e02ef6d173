/* SPDX-License-Identifier: Apache-2.0
 * Named tuples, dataclasses and members of enums: tuples that know their class. The
 * host describes a class by a text (python/shoal/_records.py), '|' between its words:
 * kind, number, name, flags, number of words that follow, fields; of enums name and
 * value of each member. Instances never change: a dataclass whose fields may be
 * assigned is a plain class (instance.c).
 */
#include "base/base.h"

#include "front/build.h"
#include "front/try.h"

#include <string.h>

/* -- Reading a class --------------------------------------------------------------- */

/* The next word at *p, its %25 and %7C taken back. */
static const char *word(Front *f, const char **p)
{
    const char *end = strchr(*p, '|');
    size_t n = end ? (size_t)(end - *p) : strlen(*p);
    char *to = arena_alloc(f->arena, n + 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        bool code = (*p)[i] == '%' && i + 2 < n;
        to[k++] = code ? ((*p)[i + 1] == '2' ? '%' : '|') : (*p)[i];
        if (code) i += 2;
    }
    to[k] = 0;
    *p = end ? end + 1 : *p + n;
    return intern(f->names, to);
}

static AVal *member_value(Front *f, const char *s)
{
    switch (*s) {
    case 'i': return av_int(f, strtoll(s + 1, NULL, 10));
    case 'b': return av_bool(f, s[1] == '1');
    case 'f': return av_float(f, strtod(s + 1, NULL));
    case 's': return av_str(f, s + 1, -1);
    default: return av_new_kind(f, A_OPEN);
    }
}

/* What stands behind the bases of a dataclass whose fields may be assigned. */
static void read_data(Front *f, Record *r, const char **p)
{
    r->full = word(f, p);
    r->ndata = strtoll(word(f, p), NULL, 10);
    DataField *to = ARENA_NEW_N(f->arena, r->ndata + 1, DataField);
    for (idx i = 0; i < r->ndata; i++) {
        const char *s = word(f, p), *name = strchr(s, ':');
        size_t n = name ? (size_t)(name - s) : 0;
        to[i] = (DataField){.name = intern(f->names, name ? name + 1 : s),
                            .init = memchr(s, 'i', n) != NULL,
                            .by_keyword = memchr(s, 'k', n) != NULL,
                            .has_default = memchr(s, 'd', n) != NULL,
                            .in_text = memchr(s, 'r', n) != NULL,
                            .compared = memchr(s, 'c', n) != NULL};
    }
    r->data = to;
}

static Record *read_class(Front *f, const char *text)
{
    const char *p = text;
    Record *r = ARENA_NEW(f->arena, Record);
    const char *kind = word(f, &p);
    int number = (int)strtol(word(f, &p), NULL, 10);
    *r = (Record){.text = text, .name = word(f, &p), .number = number};
    r->kind = *kind == 'n'   ? REC_NAMEDTUPLE
              : *kind == 'd' ? REC_DATACLASS
              : *kind == 'c' ? REC_CLASS
              : *kind == 'f' ? REC_FIELDS
                             : REC_ENUM;
    const char *flags = word(f, &p);
    r->by_value = strchr(flags, 'v') != NULL;
    r->is_int = strchr(flags, 'i') != NULL;
    r->is_flag = strchr(flags, 'f') != NULL;
    r->eq = strchr(flags, 'e') != NULL;
    r->order = strchr(flags, 'o') != NULL;
    idx n = strtoll(word(f, &p), NULL, 10), each = r->kind == REC_ENUM ? 2 : 1;
    r->n = n / each;
    r->field = ARENA_NEW_N(f->arena, r->n + 1, const char *);
    r->value = ARENA_NEW_N(f->arena, r->n + 1, AVal *);
    for (idx i = 0; i < r->n; i++) {
        r->field[i] = word(f, &p);
        if (each == 2) r->value[i] = member_value(f, word(f, &p));
    }
    r->stand_in = strchr(flags, 's') != NULL;
    r->is_exc = r->kind == REC_CLASS && strchr(flags, 'x');
    r->made_init = strchr(flags, 'g') != NULL;
    r->made_repr = strchr(flags, 'r') != NULL;
    if (r->kind == REC_CLASS && strchr(flags, 'd')) read_data(f, r, &p);
    return r;
}

const Record *record_of(Front *f, const char *text)
{
    text = intern(f->names, text);
    vec_each (i, &f->records)
        if (f->records.at[i]->text == text) return f->records.at[i];
    const Record *r = read_class(f, text);
    vec_push(f->arena, &f->records, r);
    return r;
}

AVal *record_new(Front *f, const Record *r, AVal *const *item, idx n)
{
    AVal *v = av_tuple(f, item, n);
    v->rec = r;
    return v;
}

AVal *record_class(Front *f, const char *text, AVal *const *dflt, idx n)
{
    AVal *v = av_tuple(f, dflt, n);
    v->kind = A_RECORD;
    v->rec = record_of(f, text);
    return v;
}

/* -- Enums ------------------------------------------------------------------------- */

static bool is_member(const AVal *v)
{
    return v->kind == A_TUPLE && v->rec && v->rec->kind == REC_ENUM;
}

static AVal *member(Front *f, const Record *r, idx i)
{
    AVal *n = r->by_value ? r->value[i] : av_int(f, i);
    return record_new(f, r, &n, 1);
}

static idx member_find(const Record *r, const char *name)
{
    for (idx i = 0; i < r->n; i++)
        if (!strcmp(r->field[i], name)) return i;
    return -1;
}

/* What is known of member number i: its value, its name, a text. */
typedef AVal *OfMember(Front *f, const Record *r, idx i);

static AVal *its_name(Front *f, const Record *r, idx i)
{
    return av_str(f, r->field[i], -1);
}

static AVal *its_value(Front *f, const Record *r, idx i)
{
    if (r->value[i]->kind == A_OPEN)
        front_unsup(f, UNSUP_VALUE, "the value of %s.%s, which is no number or text",
                    r->name, r->field[i]);
    return r->value[i];
}

static AVal *its_text(Front *f, const Record *r, idx i)
{
    return av_str(f, arena_printf(f->arena, "%s.%s", r->name, r->field[i]), -1);
}

static AVal *its_repr(Front *f, const Record *r, idx i)
{
    const char *value = const_text(f, its_value(f, r, i));
    return av_str(f, arena_printf(f->arena, "<%s.%s: %s>", r->name, r->field[i], value),
                  -1);
}

typedef struct Choice {
    const AVal *v;
    idx i;
    OfMember *of;
} Choice;

static AVal *choose(Front *f, const Choice *c);

static AVal *chosen(Front *f, void *data)
{
    const Choice *c = data;
    return c->of(f, c->v->rec, c->i);
}

static AVal *choose_next(Front *f, void *data)
{
    Choice next = *(const Choice *)data;
    next.i++;
    return choose(f, &next);
}

static AVal *choose(Front *f, const Choice *c)
{
    const Record *r = c->v->rec;
    Choice now = *c;
    if (now.i == r->n) {
        lower_raise_if(f, av_bool(f, true), E_VALUE,
                       "a combination of flags has no name in compiled code");
        now.i = 0;
        return chosen(f, &now);
    }
    if (now.i == r->n - 1 && !r->is_flag) return chosen(f, &now);
    AVal *n = r->by_value ? r->value[now.i] : av_int(f, now.i);
    AVal *is = lower_compare(f, AST_Eq, c->v->item[0], n);
    return lower_choice(f, is, chosen, choose_next, &now);
}

static AVal *of_member(Front *f, const AVal *v, OfMember *of)
{
    Choice c = {v, 0, of};
    if (v->rec->n == 0) front_unsup(f, UNSUP_VALUE, "an enum without members");
    return choose(f, &c);
}

static AVal *enum_value(Front *f, const AVal *v)
{
    bool text = false, number = false;
    for (idx i = 0; i < v->rec->n; i++) {
        bool is = v->rec->value[i]->kind == A_CONST && v->rec->value[i]->ck == AC_STR;
        text |= is;
        number |= !is;
    }
    AVal *n = v->item[0];
    if (text && number && n->kind == A_CONST && n->arg) n->arg->demanded = true;
    if (text && number && n->kind != A_CONST)
        front_unsup(f, UNSUP_TYPES, "the values of %s are of several types",
                    v->rec->name);
    return v->rec->by_value ? v->item[0] : of_member(f, v, its_value);
}

/* Color(2): the member of that value. */
static AVal *enum_call(Front *f, const AVal *cls, AVal *v)
{
    const Record *r = cls->rec;
    if (is_member(v) && v->rec == r) return v;
    if (r->is_flag) return record_new(f, r, &v, 1);
    AVal *n = av_int(f, 0), *found = av_bool(f, false);
    for (idx i = r->n; i-- > 0;) {
        if (r->value[i]->kind == A_OPEN) continue;
        AVal *is = lower_compare(f, AST_Eq, v, r->value[i]);
        if (is->kind == A_CONST) {
            if (is->i) n = av_int(f, i);
            if (is->i) found = av_bool(f, true);
            continue;
        }
        n = front_elem(f, OP_SELECT, (AVal *[]){is, av_int(f, i), n}, 3);
        found = found->kind == A_CONST && !found->i
                    ? is
                    : front_elem(f, OP_BITOR,
                                 (AVal *[]){av_scalar(f, front_val(f, found)),
                                            av_scalar(f, front_val(f, is))},
                                 2);
    }
    AVal *none = found->kind == A_CONST ? av_bool(f, !found->i)
                                        : front_elem(f, OP_INVERT, &found, 1);
    const char *text = arena_printf(f->arena, " is not a valid %s", r->name);
    if (front_is_const(v) && !arg_is_lazy(v))
        lower_raise_if(f, none, E_VALUE,
                       arena_printf(f->arena, "%s%s", const_text(f, v), text));
    else
        lower_raise_shown(f, none, v, text);
    if (r->by_value) n = v;
    return record_new(f, r, &n, 1);
}

/* -- Classes ----------------------------------------------------------------------- */

static idx field_find(const Record *r, const char *name)
{
    return r->kind == REC_ENUM ? -1 : member_find(r, name);
}

AVal *record_default(Front *f, AVal *v)
{
    static const char factory[] = "dataclasses.field(default_factory)";
    bool made = v->kind == A_TUPLE && v->n == 2 && av_is_str(v->item[0], factory);
    return made ? front_call(f, v->item[1], NULL, 0, NULL, NULL, 0) : v;
}

/* Those of the first fields that have no value. */
NORETURN static void missing_fields(Front *f, const char *made, const Record *r,
                                    AVal *const *item, idx ndflt)
{
    idx n = 0, k = 0;
    const char *list = "";
    for (idx i = 0; i < r->n - ndflt; i++)
        n += !item[i];
    for (idx i = 0; i < r->n - ndflt; i++) {
        if (item[i]) continue;
        const char *join = !k ? "" : k + 1 < n ? ", " : n == 2 ? " and " : ", and ";
        list = arena_printf(f->arena, "%s%s'%s'", list, join, r->field[i]);
        k++;
    }
    front_fail(f, E_TYPE, "%s() missing %d required positional argument%s: %s", made,
               (int)n, n == 1 ? "" : "s", list);
}

static AVal *construct(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                       const char *const *kw, AVal *const *kwval, idx nkw)
{
    const Record *r = cls->rec;
    AVal **item = ARENA_NEW_N(f->arena, r->n + 1, AVal *);
    const char *made = arena_printf(f->arena, "%s.%s", r->name,
                                    r->kind == REC_NAMEDTUPLE ? "__new__" : "__init__");
    const char *least =
        cls->n ? arena_printf(f->arena, "from %d to ", (int)(r->n - cls->n) + 1) : "";
    if (narg > r->n)
        front_fail(f, E_TYPE, "%s() takes %s%d positional arguments but %d were given",
                   made, least, (int)r->n + 1, (int)narg + 1);
    for (idx i = 0; i < narg; i++)
        item[i] = arg[i];
    for (idx i = 0; i < nkw; i++) {
        idx k = field_find(r, kw[i]);
        if (k < 0 || item[k])
            front_fail(f, E_TYPE,
                       k < 0 ? "%s() got an unexpected keyword argument '%s'"
                             : "%s() got multiple values for argument '%s'",
                       made, kw[i]);
        item[k] = kwval[i];
    }
    for (idx i = 0; i < r->n; i++) {
        if (!item[i] && i >= r->n - cls->n)
            item[i] = record_default(f, cls->item[i - (r->n - cls->n)]);
        if (!item[i]) missing_fields(f, made, r, item, cls->n);
    }
    return record_new(f, r, item, r->n);
}

AVal *record_call(Front *f, const AVal *cls, AVal *const *arg, idx narg,
                  const char *const *kw, AVal *const *kwval, idx nkw)
{
    if (cls->rec->kind == REC_CLASS)
        return instance_new(f, cls, arg, narg, kw, kwval, nkw);
    if (cls->rec->kind != REC_ENUM) return construct(f, cls, arg, narg, kw, kwval, nkw);
    if (narg != 1 || nkw)
        front_unsup(f, UNSUP_VALUE, "%s() with these arguments", cls->rec->name);
    return enum_call(f, cls, arg[0]);
}

/* defaultdict(fnv, ...): the class that the host makes for what fnv is. */
AVal *record_default_dict(Front *f, AVal *const *arg, idx narg)
{
    AVal *fnv = narg ? arg[0] : NULL, *ask[2] = {NULL, NULL};
    if (fnv && fnv->kind == A_API && !strncmp(fnv->s, "builtins.", 9)) {
        ask[0] = av_str(f, "builtin", -1);
        ask[1] = av_str(f, fnv->s + 9, -1);
    } else if (fnv && fnv->kind == A_FUNC && fnv->i >= 0) {
        ask[0] = av_str(f, "function", -1);
        ask[1] = av_int(f, fnv->i);
    } else if (fnv && fnv->kind == A_RECORD) {
        ask[0] = av_str(f, "class", -1);
        ask[1] = av_int(f, fnv->rec->number);
    } else {
        front_unsup(
            f, UNSUP_API,
            "defaultdict() of anything but a builtin type, a class or a function "
            "that stands outside");
    }
    AVal *cls = const_fold(f, "shoal.default_dict", ask, 2);
    return front_call(f, cls, arg + 1, narg - 1, NULL, NULL, 0);
}

/* The members of an enum in order; NULL: cls is none. */
AVal *record_members(Front *f, const AVal *cls)
{
    const Record *r = cls->rec;
    if (cls->kind != A_RECORD || r->kind != REC_ENUM) return NULL;
    AVal **item = ARENA_NEW_N(f->arena, r->n + 1, AVal *);
    for (idx i = 0; i < r->n; i++)
        item[i] = member(f, r, i);
    return av_tuple(f, item, r->n);
}

static AVal *field_names(Front *f, const Record *r)
{
    AVal **item = ARENA_NEW_N(f->arena, r->n + 1, AVal *);
    for (idx i = 0; i < r->n; i++)
        item[i] = av_str(f, r->field[i], -1);
    return av_tuple(f, item, r->n);
}

AVal *record_attr(Front *f, AVal *v, const char *name)
{
    const Record *r = v->rec;
    if (r->kind == REC_CLASS)
        return v->kind == A_RECORD ? NULL : instance_attr(f, v, name);
    idx i = member_find(r, name);
    if (v->kind == A_RECORD && r->kind == REC_ENUM)
        return i < 0 ? NULL : member(f, r, i);
    if (r->kind == REC_NAMEDTUPLE && !strcmp(name, "_fields")) return field_names(f, r);
    if (v->kind == A_RECORD) return NULL;
    if (r->kind != REC_ENUM) return i < 0 ? NULL : v->item[i];
    if (!strcmp(name, "value") || !strcmp(name, "_value_")) return enum_value(f, v);
    if (!strcmp(name, "name") || !strcmp(name, "_name_"))
        return of_member(f, v, its_name);
    return NULL;
}

AVal *record_subscript(Front *f, AVal *v, AVal *key)
{
    if (record_is_opaque(v))
        front_fail(f, E_TYPE, "'%s' object is not subscriptable", v->rec->name);
    if (v->kind != A_RECORD || v->rec->kind != REC_ENUM) return NULL;
    const char *name = front_const_str(f, key, "the name of a member");
    idx i = member_find(v->rec, name);
    if (i < 0) front_fail(f, E_KEY, "'%s'", name);
    return member(f, v->rec, i);
}

/* -- What the class defines itself ------------------------------------------------- */

/* NULL: nothing that can be compiled. *how: method, static, class, property. */
static AVal *class_member(Front *f, const Record *r, const char *name, const char **how)
{
    HostVal h = {.kind = H_MISSING, .obj = -1};
    Err err = {0};
    if (!r->text) return NULL;
    if (!f->host->attr(f->host_data, f->arena, -2 - r->number, name, &h, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    static const HostKind values[] = {H_CONST, H_ROWS, H_NUMBER,   H_TUPLE, H_LIST,
                                      H_SET,   H_DICT, H_INSTANCE, H_TIME};
    bool value = false;
    for (idx i = 0; i < COUNT_OF(values); i++)
        value |= h.kind == values[i];
    if (!value && h.kind != H_FUNC && h.kind != H_JIT) return NULL;
    *how = value ? "static" : h.s;
    h.s = value ? h.s : NULL;
    return av_from_host(f, &h);
}

/* fn with its first argument given. */
static AVal *bound(Front *f, AVal *fn, AVal *self, const char *name)
{
    AVal *m = av_new_kind(f, A_METHOD);
    m->op = OP_COUNT;
    m->s = name;
    m->n = 2;
    m->item = ARENA_NEW_N(f->arena, 2, AVal *);
    m->item[0] = self;
    m->item[1] = fn;
    return m;
}

AVal *record_member(Front *f, AVal *v, const char *name)
{
    const char *how = "";
    bool cls = v->kind == A_RECORD;
    AVal *fn = class_member(f, v->rec, name, &how);
    if (!fn || (cls && !strcmp(how, "property"))) return NULL;
    if (!strcmp(how, "property")) return front_call(f, fn, &v, 1, NULL, NULL, 0);
    if (!strcmp(how, "class"))
        return bound(f, fn, cls ? v : record_class(f, v->rec->text, NULL, 0), name);
    return cls || !strcmp(how, "static") ? fn : bound(f, fn, v, name);
}

AVal *record_method_of(Front *f, AVal *v, const char *name)
{
    const char *how = "";
    AVal *fn = class_member(f, v->rec, name, &how);
    return fn && !strcmp(how, "method") ? bound(f, fn, v, name) : NULL;
}

bool record_defines(Front *f, const Record *r, const char *name)
{
    const char *how = "";
    return class_member(f, r, name, &how) != NULL;
}

bool record_has_property(Front *f, const AVal *v, const char *name)
{
    const char *how = "";
    return class_member(f, v->rec, name, &how) && !strcmp(how, "property");
}

/* Of super(): "number:name" is what the classes behind that one have. */
AVal *record_super_attr(Front *f, const AVal *v, const char *name)
{
    AVal *self = v->item[0];
    const char *at = arena_printf(f->arena, "%d:%s", v->rec->number, name);
    AVal *m = record_member(f, self, intern(f->names, at));
    if (!m && self->rec->is_exc && exc_base_has(name))
        return av_method(f, self, OP_COUNT, name);
    if (!m) front_fail(f, E_ATTR, "'super' object has no attribute '%s'", name);
    return m;
}

AVal *record_special(Front *f, const char *name, AVal *self, AVal *const *arg, idx narg)
{
    const char *how = "";
    AVal *all[4] = {self};
    if (self->kind != A_TUPLE || !self->rec || narg > 3) return NULL;
    AVal *fn = class_member(f, self->rec, name, &how);
    if (!fn || strcmp(how, "method") != 0) return NULL;
    for (idx i = 0; i < narg; i++)
        all[1 + i] = arg[i];
    return front_call(f, fn, all, 1 + narg, NULL, NULL, 0);
}

static AVal *negated(Front *f, AVal *v)
{
    if (v->kind == A_CONST) return av_bool(f, !v->i);
    AVal *r = front_elem(f, OP_INVERT, &v, 1);
    r->i = 1;
    return r;
}

/* a in b by b's __contains__; NULL: it has none. */
static AVal *contains(Front *f, AstKind op, AVal *a, AVal *b)
{
    AVal *v = record_special(f, "__contains__", b, &a, 1);
    if (!v) return NULL;
    v = lower_truth(f, v);
    return op == AST_NotIn ? negated(f, v) : v;
}

AVal *record_iterated(Front *f, AVal *v)
{
    AVal *r = v->rec ? record_special(f, "__iter__", v, NULL, 0) : NULL;
    return r ? r : v;
}

/* The names of an operator's method, and of the one of the right operand. */
static bool operator_names(AstKind op, const char **left, const char **right)
{
    static const struct {
        AstKind op;
        const char *left, *right;
    } known[] = {
        {AST_Add,      "__add__",      "__radd__"     },
        {AST_Sub,      "__sub__",      "__rsub__"     },
        {AST_Mult,     "__mul__",      "__rmul__"     },
        {AST_Div,      "__truediv__",  "__rtruediv__" },
        {AST_FloorDiv, "__floordiv__", "__rfloordiv__"},
        {AST_Mod,      "__mod__",      "__rmod__"     },
        {AST_Pow,      "__pow__",      "__rpow__"     },
        {AST_MatMult,  "__matmul__",   "__rmatmul__"  },
        {AST_Eq,       "__eq__",       "__eq__"       },
        {AST_NotEq,    "__ne__",       "__ne__"       },
        {AST_Lt,       "__lt__",       "__gt__"       },
        {AST_LtE,      "__le__",       "__ge__"       },
        {AST_Gt,       "__gt__",       "__lt__"       },
        {AST_GtE,      "__ge__",       "__le__"       },
    };
    for (idx i = 0; i < COUNT_OF(known); i++) {
        if (known[i].op != op) continue;
        *left = known[i].left;
        *right = known[i].right;
        return true;
    }
    return false;
}

/* NULL: it has no such method, or it returned NotImplemented. */
static AVal *tried(Front *f, const char *name, AVal *self, AVal *arg)
{
    AVal *v = record_special(f, name, self, &arg, 1);
    bool none = v && v->kind == A_HOSTOBJ && v->s && !strcmp(v->s, NOT_IMPLEMENTED);
    return none ? NULL : v;
}

/* By __iadd__ and the like; NULL: it has none. */
AVal *record_augment(Front *f, AstKind op, AVal *a, AVal *b)
{
    const char *left, *right;
    if (!operator_names(op, &left, &right)) return NULL;
    return tried(f, arena_printf(f->arena, "__i%s", left + 2), a, b);
}

AVal *record_operator(Front *f, AstKind op, AVal *a, AVal *b)
{
    const char *left, *right;
    if ((op == AST_In || op == AST_NotIn) && b->rec) return contains(f, op, a, b);
    if ((!a->rec && !b->rec) || !operator_names(op, &left, &right)) return NULL;
    AVal *v = tried(f, left, a, b);
    if (!v) v = tried(f, right, b, a);
    if (v || op != AST_NotEq) return v;
    v = record_operator(f, AST_Eq, a, b); /* != is not == */
    return v ? negated(f, lower_truth(f, v)) : NULL;
}

/* -- Methods ----------------------------------------------------------------------- */

bool record_has_method(const AVal *v, const char *name)
{
    if (!v->rec || v->rec->kind != REC_NAMEDTUPLE) return false;
    if (!strcmp(name, "_make")) return true;
    return v->kind == A_TUPLE &&
           (!strcmp(name, "_replace") || !strcmp(name, "_asdict"));
}

static AVal *record_replace(Front *f, const AVal *v, const char *const *kw,
                            AVal *const *kwval, idx nkw)
{
    AVal *r = record_new(f, v->rec, v->item, v->n);
    for (idx i = 0; i < nkw; i++) {
        idx k = field_find(v->rec, kw[i]);
        if (k < 0)
            front_fail(f, v->rec->kind == REC_NAMEDTUPLE ? E_VALUE : E_TYPE,
                       v->rec->kind == REC_NAMEDTUPLE
                           ? "Got unexpected field names: ['%s']"
                           : "got an unexpected keyword argument '%s'",
                       kw[i]);
        r->item[k] = kwval[i];
    }
    return r;
}

static AVal *record_asdict(Front *f, const AVal *v)
{
    return av_container(f, A_DICT, field_names(f, v->rec)->item, v->item, v->n);
}

AVal *record_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw)
{
    AVal **item;
    idx n;
    if (!strcmp(name, "_replace") && !narg)
        return record_replace(f, self, kw, kwval, nkw);
    if (!strcmp(name, "_asdict") && !narg && !nkw) return record_asdict(f, self);
    if (!strcmp(name, "_make") && narg == 1 && !nkw &&
        lower_items(f, arg[0], &item, &n)) {
        if (n != self->rec->n)
            front_fail(f, E_TYPE, "Expected %d arguments, got %d", (int)self->rec->n,
                       (int)n);
        return record_new(f, self->rec, item, n);
    }
    front_unsup(f, UNSUP_METHOD, "%s() with these arguments", name);
}

/* dataclasses.replace, asdict, astuple; NULL: name is none of them. */
AVal *record_function(Front *f, const char *name, AVal *const *arg, idx narg,
                      const char *const *kw, AVal *const *kwval, idx nkw)
{
    if (strncmp(name, "dataclasses.", 12) != 0) return NULL;
    const AVal *v = narg == 1 && arg[0]->kind == A_TUPLE ? arg[0] : NULL;
    bool data = v && v->rec && v->rec->kind == REC_DATACLASS;
    if (v && v->rec && v->rec->data)
        return instance_function(f, name, arg[0], kw, kwval, nkw);
    if (!data) front_unsup(f, UNSUP_API, "%s() of this is not supported", name);
    if (!strcmp(name, "dataclasses.replace"))
        return record_replace(f, v, kw, kwval, nkw);
    if (!strcmp(name, "dataclasses.asdict") && !nkw) return record_asdict(f, v);
    if (!strcmp(name, "dataclasses.astuple") && !nkw) return av_tuple(f, v->item, v->n);
    front_unsup(f, UNSUP_API, "%s() is not supported", name);
}

/* -- Operators --------------------------------------------------------------------- */

/* Members of IntEnum and IntFlag beside other values are their ints. */
AVal *record_plain(AVal *v)
{
    return is_member(v) && v->rec->is_int ? v->item[0] : v;
}

static bool is_data(const AVal *v)
{
    return v->kind == A_TUPLE && v->rec && v->rec->kind == REC_DATACLASS;
}

static AVal *compare_data(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool same = a->kind == A_TUPLE && b->kind == A_TUPLE && a->rec == b->rec;
    bool equality = op == AST_Eq || op == AST_NotEq;
    if (equality && !same) return av_bool(f, op == AST_NotEq);
    if (!same || (equality ? !a->rec->eq : !a->rec->order))
        front_unsup(f, UNSUP_OPERATOR, "%s of %s and %s is not compiled",
                    op_sign(infer_op(op)), av_type_text(f, a), av_type_text(f, b));
    return lower_compare(f, op, av_tuple(f, a->item, a->n), av_tuple(f, b->item, b->n));
}

static AVal *compare_members(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool same = is_member(a) && is_member(b) && a->rec == b->rec;
    bool no = op == AST_NotEq || op == AST_IsNot;
    bool equality = op == AST_Eq || op == AST_Is || no;
    if (same && equality) {
        AVal *is = lower_compare(f, AST_Eq, a->item[0], b->item[0]);
        return no ? negated(f, is) : is;
    }
    if (op == AST_Is || op == AST_IsNot) return av_bool(f, no);
    AVal *x = record_plain(a), *y = record_plain(b);
    if (x != a || y != b) return lower_compare(f, op, x, y);
    if (equality) return av_bool(f, no);
    front_fail(f, E_TYPE, "'%s' not supported between instances of '%s' and '%s'",
               op_sign(infer_op(op)), av_type_text(f, a), av_type_text(f, b));
}

/* By what they are, where the class says nothing else. */
static AVal *compare_instances(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (a->kind == A_NONE || b->kind == A_NONE)
        return av_bool(f, op == AST_IsNot || op == AST_NotEq);
    if (op == AST_Is || op == AST_Eq) return instance_same(f, a, b);
    if (op == AST_IsNot || op == AST_NotEq) return negated(f, instance_same(f, a, b));
    front_fail(f, E_TYPE, "'%s' not supported between instances of '%s' and '%s'",
               op_sign(infer_op(op)), av_type_text(f, a), av_type_text(f, b));
}

/* Dataclasses whose fields may be assigned: by their fields, where the decorator made
 * __eq__ or the order; NULL: by what they are. */
static AVal *compare_mutable(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool equality = op == AST_Eq || op == AST_NotEq;
    if (op == AST_Is || op == AST_IsNot || !instance_is(a) || a->rec != b->rec ||
        b->kind != A_TUPLE || !a->rec->data)
        return NULL;
    if (equality ? !a->rec->eq : !a->rec->order) return NULL;
    return lower_compare(f, op, instance_values(f, a, true),
                         instance_values(f, b, true));
}

AVal *record_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (op == AST_In || op == AST_NotIn) return NULL;
    AVal *data = compare_mutable(f, op, a, b);
    if (data) return data;
    if (instance_is(a) || instance_is(b)) return compare_instances(f, op, a, b);
    if (is_member(a) || is_member(b)) return compare_members(f, op, a, b);
    if (op == AST_Is || op == AST_IsNot) return NULL;
    return is_data(a) || is_data(b) ? compare_data(f, op, a, b) : NULL;
}

/* Flags stay flags under | & ^. */
AVal *record_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool x = is_member(a), y = is_member(b);
    if (is_data(a) || is_data(b) || instance_is(a) || instance_is(b))
        front_fail(f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'",
                   op_sign(infer_op(op)), av_type_text(f, a), av_type_text(f, b));
    if (!x && !y) return NULL;
    bool bits = op == AST_BitOr || op == AST_BitAnd || op == AST_BitXor;
    const Record *r = x ? a->rec : b->rec;
    bool flags =
        r->is_flag && bits && ((x && y && a->rec == b->rec) || (r->is_int && x != y));
    if (flags) {
        AVal *n = lower_binop(f, op, x ? a->item[0] : a, y ? b->item[0] : b);
        if (n->kind == A_SCALAR) n->i = 1;
        return record_new(f, r, &n, 1);
    }
    AVal *p = record_plain(a), *q = record_plain(b);
    if ((x && p == a) || (y && q == b))
        front_fail(f, E_TYPE, "unsupported operand type(s) for %s: '%s' and '%s'",
                   op_sign(infer_op(op)), av_type_text(f, a), av_type_text(f, b));
    return lower_binop(f, op, p, q);
}

/* NULL: as any tuple's. */
AVal *record_truth(Front *f, AVal *v)
{
    if (is_data(v) || instance_is(v)) return av_bool(f, true);
    if (!is_member(v)) return NULL;
    if (!v->rec->is_int && !v->rec->is_flag) return av_bool(f, true);
    return lower_compare(f, AST_NotEq, v->item[0], av_int(f, 0));
}

/* str() or repr(); NULL: as any tuple's. */
AVal *record_text(Front *f, AVal *v, bool repr)
{
    AVal *own = repr ? NULL : record_special(f, "__str__", v, NULL, 0);
    if (!own) own = record_special(f, "__repr__", v, NULL, 0);
    if (own) return own;
    if (v->kind != A_TUPLE || !v->rec) return NULL;
    const Record *r = v->rec;
    if (instance_is(v)) return instance_text(f, v);
    if (r->kind == REC_ENUM) {
        if (!repr && r->is_int) return text_str(f, v->item[0], false);
        return of_member(f, v, repr ? its_repr : its_text);
    }
    AVal *s = av_str(f, arena_printf(f->arena, "%s(", r->name), -1);
    for (idx i = 0; i < v->n; i++) {
        const char *head = arena_printf(f->arena, "%s%s=", i ? ", " : "", r->field[i]);
        s = lower_binop(f, AST_Add, s, av_str(f, head, -1));
        s = lower_binop(f, AST_Add, s, text_str(f, v->item[i], true));
    }
    return lower_binop(f, AST_Add, s, av_str(f, ")", 1));
}

/* Tuples that are no sequences: members of enums and dataclasses. */
bool record_is_opaque(const AVal *v)
{
    return v->kind == A_TUPLE && v->rec && v->rec->kind != REC_NAMEDTUPLE;
}
