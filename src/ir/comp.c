/* SPDX-License-Identifier: Apache-2.0
 * What types only have a number of: names of time zones, rows of Fn.zones, and
 * composite types: rows of Fn.comps. A type that comes from the text of a program has
 * one row per structure. The front end makes rows of their own (comp_own) for
 * containers whose elements it learns while it reads the function; comp_settle replaces
 * them by structure at the end.
 */
#include "base/base.h"

#include "ir/ir.h"

#include <string.h>

enum { COMPS_MAX = 60000 };

/* Functions that are compiled on their own share the rows of the main one. */
static const Fn *home(const Fn *fn)
{
    while (fn->up)
        fn = fn->up;
    return fn;
}

static Fn *home_mut(Fn *fn)
{
    while (fn->up)
        fn = fn->up;
    return fn;
}

uint16_t zone_add(Fn *fn, const char *name)
{
    fn = home_mut(fn);
    for (idx i = 0; i < fn->zones.n; i++)
        if (!strcmp(fn->zones.at[i], name)) return (uint16_t)(i + 1);
    if (fn->zones.n >= COMPS_MAX)
        ir_throw(fn, E_UNSUP, (Loc){0}, "the function has too many time zones");
    vec_push(fn->arena, &fn->zones, arena_strdup(fn->arena, name));
    return (uint16_t)fn->zones.n;
}

const char *zone_name(const Fn *fn, Type t)
{
    uint16_t zone = type_zone(t);
    fn = home(fn);
    return zone && zone <= fn->zones.n ? fn->zones.at[zone - 1] : NULL;
}

static Type comp_new(Fn *fn, CompKind kind, const Type *item, int n)
{
    fn = home_mut(fn);
    if (fn->comps.n >= COMPS_MAX)
        ir_throw(fn, E_UNSUP, (Loc){0}, "the function has too many types");
    CompType *c = ARENA_NEW(fn->arena, CompType);
    c->kind = (uint8_t)kind;
    c->n = n;
    c->item = ARENA_NEW_N(fn->arena, n + 1, Type);
    for (int i = 0; i < n; i++)
        c->item[i] = item[i];
    vec_push(fn->arena, &fn->comps, c);
    return (Type){.kind = TY_OBJ, .of = (uint16_t)fn->comps.n};
}

static bool comp_equal(const CompType *c, CompKind kind, const Type *item, int n,
                       const char *tag, const void *form)
{
    if (c->tag != tag) return false;
    if (c->same || c->own || c->kind != (uint8_t)kind || c->n != n) return false;
    if (c->form != form) return false;
    for (int i = 0; i < n; i++)
        if (!type_eq(c->item[i], item[i])) return false;
    return kind != COMP_OPEN;
}

Type comp_own(Fn *fn, CompKind kind, const Type *item, int n)
{
    Type t = comp_new(fn, kind, item, n);
    home_mut(fn)->comps.at[t.of - 1]->own = true;
    return t;
}

Type comp_node(Fn *fn, NodeType *node)
{
    Type t = comp_own(fn, COMP_NODE, NULL, 0);
    home_mut(fn)->comps.at[t.of - 1]->node = node;
    return t;
}

static Type comp_find(Fn *fn, CompKind kind, const Type *item, int n, const char *tag,
                      const void *form)
{
    fn = home_mut(fn);
    vec_each (i, &fn->comps)
        if (comp_equal(fn->comps.at[i], kind, item, n, tag, form))
            return (Type){.kind = TY_OBJ, .of = (uint16_t)(i + 1)};
    Type t = comp_new(fn, kind, item, n);
    fn->comps.at[t.of - 1]->tag = tag;
    fn->comps.at[t.of - 1]->form = form;
    return t;
}

Type comp_type(Fn *fn, CompKind kind, const Type *item, int n)
{
    return comp_find(fn, kind, item, n, NULL, NULL);
}

Type comp_tagged(Fn *fn, const Type *item, int n, const char *tag)
{
    return comp_find(fn, COMP_TUPLE, item, n, tag, NULL);
}

bool comp_has_tag(const Fn *fn, Type t)
{
    const CompType *c = comp_of(fn, comp_resolve(fn, t));
    if (!c) return false;
    bool has = c->tag != NULL;
    for (int i = 0; i < c->n && !has; i++)
        has = comp_has_tag(fn, c->item[i]);
    return has;
}

Type comp_form(Fn *fn, const Type *item, int n, const void *form)
{
    return comp_find(fn, COMP_TUPLE, item, n, NULL, form);
}

CompType *comp_of(const Fn *fn, Type t)
{
    fn = home(fn);
    if (t.kind != TY_OBJ || t.of == 0 || t.of > fn->comps.n) return NULL;
    CompType *c = fn->comps.at[t.of - 1];
    while (c->same)
        c = fn->comps.at[c->same - 1];
    return c;
}

Type comp_resolve(const Fn *fn, Type t)
{
    const CompType *c = comp_of(fn, t);
    while (c && c->kind == COMP_OPEN && c->n) {
        t = c->item[0];
        c = comp_of(fn, t);
    }
    return t;
}

bool comp_is(const Fn *fn, Type t, CompKind kind)
{
    const CompType *c = comp_of(fn, t);
    return c && c->kind == (uint8_t)kind;
}

bool comp_is_object(const Fn *fn, Type t)
{
    const CompType *c = comp_of(fn, t);
    return c && (c->kind <= COMP_SET || c->kind == COMP_NODE);
}

Type comp_settle(Fn *fn, Type t)
{
    t = comp_resolve(fn, t);
    const CompType *c = comp_of(fn, t);
    if (!c) return t;
    if (c->kind == COMP_OPEN) return (Type){.kind = TY_NONE};
    if (c->kind == COMP_NODE) return t;
    Type *item = ARENA_NEW_N(fn->arena, c->n + 1, Type);
    for (int i = 0; i < c->n; i++)
        item[i] = comp_settle(fn, c->item[i]);
    return comp_find(fn, (CompKind)c->kind, item, c->n, c->tag, c->form);
}

void comp_leaves(Fn *fn, Type t, Leaves *out)
{
    t = comp_resolve(fn, t);
    const CompType *c = comp_of(fn, t);
    if (t.kind == TY_NONE || (c && c->kind == COMP_OPEN)) return;
    if (!c || comp_is_object(fn, t)) {
        vec_push(fn->arena, &out->at, t);
        return;
    }
    if (c->kind == COMP_OPT) vec_push(fn->arena, &out->at, type_scalar(DT_BOOL));
    for (int i = 0; i < c->n; i++)
        comp_leaves(fn, c->item[i], out);
}

bool comp_has_rows(const Fn *fn, Type t)
{
    t = comp_resolve(fn, t);
    const CompType *c = comp_of(fn, t);
    bool rows = t.kind == TY_ARRAY || t.kind == TY_COL;
    for (int i = 0; c && i < c->n && !rows; i++)
        rows = comp_has_rows(fn, c->item[i]);
    return rows;
}

const char *comp_item_text(Fn *fn, Type t)
{
    char b[48];
    t = comp_resolve(fn, t);
    if (t.kind == TY_OBJ) return comp_text(fn, t);
    const char *s = arena_strdup(fn->arena, type_text(t, b));
    return t.kind == TY_ARRAY ? arena_printf(fn->arena, "%d-d array of %s", t.ndim, s)
                              : s;
}

/* The name of a class: the third word of its text (front/record.c). */
static const char *tag_name(Fn *fn, const char *tag)
{
    for (int i = 0; i < 2 && tag; i++)
        tag = strchr(tag, '|') ? strchr(tag, '|') + 1 : NULL;
    return tag ? arena_strndup(fn->arena, tag, strcspn(tag, "|")) : "tuple";
}

const char *comp_text(Fn *fn, Type t)
{
    static const char *const name[] = {"list", "dict", "set", "tuple"};
    const CompType *c = comp_of(fn, t);
    if (!c || c->kind == COMP_OPEN) return "?";
    if (c->kind == COMP_NODE) return c->node->name;
    if (c->kind == COMP_OPT)
        return arena_printf(fn->arena, "%s or None", comp_item_text(fn, c->item[0]));
    if (c->text) return c->text;
    if (c->tag) return tag_name(fn, c->tag);
    const char *s = arena_printf(fn->arena, "%s[", name[c->kind]);
    for (int i = 0; i < c->n; i++)
        s = arena_printf(fn->arena, "%s%s%s", s, i ? ", " : "",
                         comp_item_text(fn, c->item[i]));
    return arena_printf(fn->arena, "%s]", s);
}

/* Where the text of a type is for the host: classes of tuples are named, and elements
 * that have rows are numbered. */
typedef struct Coder {
    Fn *fn;
    bool host;
    int rows; /* elements with rows so far */
    VEC(const NodeType *) seen;
} Coder;

static const char *code_of(Coder *w, Type t);

/* Only the first time a node is written does its body follow. */
static const char *node_code(Coder *w, const NodeType *node)
{
    Fn *fn = w->fn;
    vec_each (i, &w->seen)
        if (w->seen.at[i] == node) return arena_printf(fn->arena, "R%d;", node->number);
    vec_push(fn->arena, &w->seen, node);
    const char *s = arena_printf(fn->arena, "P%d;", node->number);
    const CompType *body = comp_of(fn, node->body);
    if (w->host)
        s = arena_printf(fn->arena, "%sC%d:%s", s, (int)strlen(node->fields),
                         node->fields);
    s = arena_printf(fn->arena, "%sT", s);
    for (int i = 0; body && i < body->n; i++) {
        const char *item = code_of(w, body->item[i]);
        bool unset = node->field.at[i].unset;
        s = arena_printf(fn->arena, "%s%s%s", s, unset ? "U" : "",
                         item + unset); /* U instead of the optional's O */
    }
    return arena_printf(fn->arena, "%sE", s);
}

static const char *code_of(Coder *w, Type t)
{
    static const char kind[] = "LDSTO";
    Fn *fn = w->fn;
    t = comp_resolve(fn, t);
    const CompType *c = comp_of(fn, t);
    bool plain = !c && (t.kind == TY_ARRAY || t.kind == TY_COL);
    const char *s = "";
    if (w->host && (plain || (c && c->form)))
        s = arena_printf(fn->arena, "F%d:", w->rows++);
    Coder in = {.fn = fn, .seen = w->seen}; /* not numbered again inside of it */
    if (*s) w = &in;
    if (c && c->kind == COMP_NODE) return node_code(w, c->node);
    if (c && c->kind != COMP_OPEN) {
        if (w->host && c->tag)
            s = arena_printf(fn->arena, "C%d:%s", (int)strlen(c->tag), c->tag);
        s = arena_printf(fn->arena, "%s%c", s, kind[c->kind]);
        for (int i = 0; i < c->n; i++)
            s = arena_printf(fn->arena, "%s%s", s, code_of(w, c->item[i]));
        return c->kind == COMP_TUPLE ? arena_printf(fn->arena, "%sE", s) : s;
    }
    if (c || t.kind == TY_NONE) return "N";
    if (plain) return arena_printf(fn->arena, "%sA", s);
    if (t.kind == TY_SCALAR && t.dt == DT_STR) return t.unit == UNIT_BYTES ? "b" : "s";
    return arena_printf(fn->arena, "#%c%c%c", 'a' + t.dt, 'a' + t.null, 'a' + t.unit);
}

const char *comp_code(Fn *fn, Type t, bool host)
{
    Coder w = {.fn = fn, .host = host};
    return code_of(&w, t);
}

void comp_rows(Fn *fn, Type t, Leaves *out)
{
    t = comp_resolve(fn, t);
    const CompType *c = comp_of(fn, t);
    if (t.kind == TY_ARRAY || t.kind == TY_COL || (c && c->form)) {
        vec_push(fn->arena, &out->at, t);
        return;
    }
    for (int i = 0; c && i < c->n; i++)
        comp_rows(fn, c->item[i], out);
}

/* Behind the type that starts at p. */
static const char *code_skip(const char *p)
{
    switch (*p) {
    case '\0': return p;
    case '#': return p + (strlen(p) < 4 ? strlen(p) : 4);
    case 'D': return code_skip(code_skip(p + 1));
    case 'L':
    case 'S':
    case 'O': return code_skip(p + 1);
    case 'T':
        for (p++; *p && *p != 'E';)
            p = code_skip(p);
        return *p ? p + 1 : p;
    default: return p + 1;
    }
}

/* An element that has rows: its number, and the layout, which the type has too. */
static Type decode_rows(const char **p, const Type *rows, int n)
{
    char *end;
    long k = strtol(*p, &end, 10);
    if (k < 0 || k >= n || *end != ':') return (Type){.kind = TY_NONE};
    *p = code_skip(end + 1);
    return rows[k];
}

static Type decode_tagged(Fn *fn, const char **p)
{
    char *tag;
    long n = strtol(*p, &tag, 10);
    if (n < 1 || *tag != ':' || strlen(tag + 1) < (size_t)n)
        return (Type){.kind = TY_NONE};
    *p = tag + 1 + n;
    Type t = comp_decode(fn, p, NULL, 0);
    const CompType *c = comp_of(fn, t);
    if (!c || c->kind != COMP_TUPLE) return (Type){.kind = TY_NONE};
    return comp_tagged(fn, c->item, c->n, intern_n(fn->names, tag + 1, (size_t)n));
}

Type comp_decode(Fn *fn, const char **p, const Type *rows, int nrows)
{
    static const char kind[] = "LDSTO";
    char c = **p ? *(*p)++ : 'N';
    if (c == 'C') return decode_tagged(fn, p);
    if (c == 'F') return decode_rows(p, rows, nrows);
    const char *at = strchr(kind, c);
    if (at) {
        Type item[64];
        CompKind k = (CompKind)(at - kind);
        int n = 0, most = k == COMP_DICT ? 2 : k == COMP_TUPLE ? 64 : 1;
        while (n < most && **p && **p != 'E')
            item[n++] = comp_decode(fn, p, rows, nrows);
        if (k == COMP_TUPLE && **p == 'E') ++*p;
        return comp_type(fn, k, item, n);
    }
    if (c == 's' || c == 'b') {
        Type t = type_scalar(DT_STR);
        t.null = NULL_NONE;
        t.unit = c == 'b' ? UNIT_BYTES : UNIT_NONE;
        return t;
    }
    if (c != '#' || !(*p)[0] || !(*p)[1] || !(*p)[2]) return (Type){.kind = TY_NONE};
    Type t = {.kind = TY_SCALAR,
              .dt = (uint8_t)((*p)[0] - 'a'),
              .null = (uint8_t)((*p)[1] - 'a'),
              .unit = (uint8_t)((*p)[2] - 'a')};
    *p += 3;
    return t;
}
