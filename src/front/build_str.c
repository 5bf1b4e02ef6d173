/* SPDX-License-Identifier: Apache-2.0
 * Series.str: one column op per method.
 */
#include "front/build.h"
#include "front/front_int.h"

static AVal *self_of(const Call *c)
{
    return c->self->item[0];
}

static AVal *result(Front *f, const AVal *s, Val *r)
{
    if (s->i == SERIES_OF_CATEGORIES && r->type.dt == DT_STR)
        front_unsup(f, UNSUP_CATEGORY,
                    "a .str method that gives texts, which pandas makes a column of "
                    "objects, of a category column");
    return av_series(f, r, s->index, s->name);
}

/* na=: what missing text gives; pandas 3's str gives False. */
static bool na_flag(Front *f, Call *c)
{
    AVal *na = call_arg(f, c, "na");
    return !av_is_none(na) && front_const_bool(f, na, "na");
}

static Val *find(Front *f, Val *v, const char *what, const char *text, idx n, bool na)
{
    Node *node = put_node(f, OP_STRFIND, &v, 1, 1);
    node_set_text(f->fn, node, "what", what, 1);
    node_set_text(f->fn, node, "text", text, n);
    node_set_int(f->fn, node, "na", na);
    val_init(f->fn, &node->res[0], type_col(DT_BOOL), v->axis);
    return &node->res[0];
}

AVal *build_str_find(Front *f, Call *c)
{
    AVal *s = self_of(c), *pat = call_arg(f, c, "pat");
    const char *what = !strcmp(call_short(c), "startswith") ? "s" : "e";
    bool na = na_flag(f, c);
    AVal *labels = pat->kind == A_TUPLE ? pat : av_tuple(f, &pat, 1);
    Val *r = NULL;
    for (idx i = 0; i < labels->n; i++) {
        AVal *p = labels->item[i];
        if (p->kind != A_CONST || p->ck != AC_STR)
            front_fail(f, E_TYPE, "expected a string or tuple, not %s",
                       av_type_text(f, p));
        Val *one = find(f, s->val, what, p->s, p->n, na);
        Val *both[] = {r, one};
        r = r ? front_elem_val(f, OP_BITOR, both, 2) : one;
    }
    if (!r) unsup(f, "%s(): an empty tuple", call_short(c));
    return result(f, s, r);
}

AVal *build_str_contains(Front *f, Call *c)
{
    AVal *pat = call_arg(f, c, "pat"), *s = self_of(c);
    if (call_bool(f, c, "regex") && strcspn(pat->s, "\\^$.|?*+()[]{}") < (size_t)pat->n)
        unsup(f, "contains(): a regular expression; a literal text needs regex=False");
    return result(f, s, find(f, s->val, "c", pat->s, pat->n, na_flag(f, c)));
}

AVal *build_str_len(Front *f, Call *c)
{
    AVal *s = self_of(c);
    Type t = type_col(DT_I64);
    t.null = NULL_PROM;
    return result(f, s, put_val(f, OP_STRLEN, &s->val, 1, t, s->val->axis));
}

static Val *text_node(Front *f, Op op, Val *v, Node **n)
{
    *n = put_node(f, op, &v, 1, 1);
    val_init(f->fn, &(*n)->res[0], v->type, v->axis);
    return &(*n)->res[0];
}

AVal *build_str_case(Front *f, Call *c)
{
    Node *n;
    AVal *s = self_of(c);
    Val *r = text_node(f, OP_STRCASE, s->val, &n);
    node_set_text(f->fn, n, "what", call_short(c), 1); /* l u t c */
    return result(f, s, r);
}

AVal *build_str_strip(Front *f, Call *c)
{
    Node *n;
    AVal *s = self_of(c);
    const char *m = call_short(c), *chars = call_str(f, c, "to_strip");
    Val *r = text_node(f, OP_STRSTRIP, s->val, &n);
    node_set_text(f->fn, n, "side", !strcmp(m, "strip") ? "b" : m, 1);
    node_set_text(f->fn, n, "chars", chars ? chars : "",
                  chars ? (idx)strlen(chars) : 0);
    return result(f, s, r);
}

/* start, stop: A_NONE or constants. */
static AVal *slice(Front *f, AVal *s, AVal *start, AVal *stop)
{
    Node *n;
    Val *r = text_node(f, OP_STRSLICE, s->val, &n);
    if (!av_is_none(start))
        node_set_int(f->fn, n, "start", front_const_int(f, start, "start"));
    if (!av_is_none(stop))
        node_set_int(f->fn, n, "stop", front_const_int(f, stop, "stop"));
    return result(f, s, r);
}

AVal *build_str_slice(Front *f, Call *c)
{
    return slice(f, self_of(c), call_arg(f, c, "start"), call_arg(f, c, "stop"));
}

AVal *str_getitem(Front *f, AVal *acc, AVal *key)
{
    if (key->kind != A_SLICE)
        unsup(f,
              ".str[i]: one character; use .str[i:i+1], which gives '' beyond the end");
    if (key->item[2]->kind != A_NONE && front_const_int(f, key->item[2], "step") != 1)
        unsup(f, ".str[a:b:c]: a step");
    return slice(f, acc->item[0], key->item[0], key->item[1]);
}
