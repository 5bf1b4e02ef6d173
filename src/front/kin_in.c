/* SPDX-License-Identifier: Apache-2.0
 * Arguments with instances of classes that hold their own kind (python/shoal/_kin.py).
 *
 * Such an argument comes packed, with a code that says what each class's attributes
 * hold in it. The class becomes one of kin.c by that, and learns from it as from an
 * assignment; what else the function assigns may make its attributes wider. So the
 * bytes are read by the types of the code, which the node has without the names
 * ("from"), and converted (object/pack.c): the attributes of the code are the first
 * ones of the class.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

typedef struct Code {
    Front *f;
    const char *p;
    char *from; /* the same without what is for the host */
    idx n;
} Code;

NORETURN static void broken(void)
{
    BUG("the code of an argument makes no sense");
}

static void copy(Code *c, const char *from)
{
    while (from < c->p)
        c->from[c->n++] = *from++;
}

static long number(Code *c, char end)
{
    char *to;
    long n = strtol(c->p, &to, 10);
    if (*to != end) broken();
    c->p = to + 1;
    return n;
}

static const char *tag(Code *c)
{
    c->p++;
    long n = number(c, ':');
    const char *s = intern_n(c->f->names, c->p, (size_t)n);
    c->p += n;
    return s;
}

static Type read_type(Code *c);

static Type read_atom(Code *c)
{
    const char *at = c->p;
    Type t = {.kind = TY_NONE};
    if (*at == 'N') {
        c->p++;
        copy(c, at);
        return comp_own(c->f->fn, COMP_OPEN, NULL, 0);
    }
    t = comp_decode(c->f->fn, &c->p, NULL, 0);
    copy(c, at);
    return t;
}

static Type read_items(Code *c, CompKind kind, int most)
{
    Type item[64] = {{0}};
    const char *at = c->p++;
    int n = 0;
    copy(c, at);
    while (n < most && n < 64 && *c->p && *c->p != 'E')
        item[n++] = read_type(c);
    at = c->p;
    if (kind == COMP_TUPLE && *c->p++ != 'E') broken();
    copy(c, at);
    if (kind == COMP_OPT) return box_or_none(c->f, item[0]);
    return kind == COMP_TUPLE ? comp_type(c->f->fn, kind, item, n)
                              : comp_own(c->f->fn, kind, item, n);
}

static void read_field(Code *c, const Record *cls, const Record *fields, idx k)
{
    const char *at = c->p;
    bool unset = *c->p == 'U', none;
    c->p += unset;
    copy(c, at);
    at = c->p;
    none = *c->p == 'O';
    c->p += none;
    copy(c, at);
    kin_learn_field(c->f, cls, k, fields->field[k], none, unset, read_type(c));
}

/* An instance: the tuple of its class with the node. */
static Type read_instance(Code *c, const char *text)
{
    Front *f = c->f;
    const Record *cls = record_of(f, text);
    const char *at = c->p++; /* T */
    bool first = *c->p++ == 'P';
    (void)number(c, ';');
    copy(c, at);
    kin_found(f, cls);
    if (first) {
        const Record *fields = record_of(f, tag(c));
        at = c->p++; /* T */
        copy(c, at);
        for (idx k = 0; k < fields->n; k++)
            read_field(c, cls, fields, k);
        at = c->p++; /* E */
        copy(c, at);
    }
    at = c->p++; /* E */
    copy(c, at);
    Type t = kin_type(f, cls);
    return comp_tagged(f->fn, &t, 1, text);
}

static Type read_type(Code *c)
{
    switch (*c->p) {
    case 'C': return read_instance(c, tag(c));
    case 'L': return read_items(c, COMP_LIST, 1);
    case 'S': return read_items(c, COMP_SET, 1);
    case 'D': return read_items(c, COMP_DICT, 2);
    case 'O': return read_items(c, COMP_OPT, 1);
    case 'T': return read_items(c, COMP_TUPLE, 64);
    case '\0': broken();
    default: return read_atom(c);
    }
}

AVal *kin_in(Front *f, const Desc *d, Val *packed)
{
    Code c = {f, d->extra, arena_alloc(f->arena, strlen(d->extra) + 1), 0};
    Type t = read_type(&c);
    Val *h = obj_call(f, OP_OBJREAD, "obj_in", NULL, &packed, 1, t);
    node_set_text(f->fn, h->def, "from", c.from, c.n);
    f->hints->kin_in = true;
    return lower_subscript(f, box_aval(f, h), av_int(f, 0));
}

/* -- The way back ------------------------------------------------------------------ */

/* An object that the function has made by itself, as one that is filled. */
static bool is_made(const Val *v)
{
    const char *fn =
        v->def && v->def->op == OP_OBJREAD ? node_text(v->def, "fn") : NULL;
    return fn && (!strcmp(fn, "node_new") || !strcmp(fn, "list_new") ||
                  !strcmp(fn, "dict_new"));
}

static bool writes(const Region *r)
{
    node_each (n, r) {
        bool object = n->narg && n->arg[0]->type.kind == TY_OBJ;
        if (op_info[n->op].effect == EF_WRITE && object && !is_made(n->arg[0]))
            return true;
        for (int i = 0; i < n->nregion; i++)
            if (writes(n->region[i])) return true;
    }
    return false;
}

bool kin_writes(Front *f)
{
    bool any = f->hints->kin_in && writes(f->top->body);
    for (idx i = 0; f->hints->kin_in && i < f->top->subs.n && !any; i++)
        any = f->top->subs.at[i] && writes(f->top->subs.at[i]->body);
    return any;
}

/* The result is packed first, and whole (front_result): what became of the arguments'
 * nodes comes with it, behind the value. "inputs": it does; "nodes": it is of nodes. */
Type kin_out(Front *f, const Val *h, const Val *packed, Desc *d)
{
    if (!f->hints->kin_in) return h->type;
    bool changes = !f->hints->kin_gone && kin_writes(f);
    if (!changes && !kin_has(f, h->type)) return h->type;
    f->hints->kin_gone = true;
    Type item[64] = {h->type};
    int n = 1;
    vec_each (i, &f->hints->nodes)
        if (n < 64) item[n++] = f->hints->nodes.at[i]->at;
    if (changes) node_set_int(f->fn, packed->def, "inputs", 1);
    d->name = changes ? "inputs" : "nodes";
    return comp_type(f->fn, COMP_TUPLE, item, n);
}
