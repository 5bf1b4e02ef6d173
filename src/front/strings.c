/* SPDX-License-Identifier: Apache-2.0
 * Text at run time: operators, subscripts, methods of str, conversions. Each is a TEXT
 * node that names a runtime call. A character s[i] is known by its number, so comparing
 * and ord() of it make no text.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/try.h"

#include <string.h>

static bool is_text_val(const AVal *v)
{
    return v->kind == A_SCALAR && v->val->type.kind == TY_SCALAR &&
           v->val->type.dt == DT_STR && !type_is_bytes(v->val->type);
}

static bool is_text(const AVal *v)
{
    return is_text_val(v) || (v->kind == A_CONST && v->ck == AC_STR);
}

bool text_is_run(Front *f, const AVal *v)
{
    if (is_text_val(v)) return true;
    return v->kind == A_CONST && v->ck == AC_STR && arg_is_run(f, v);
}

static Type text_type(void)
{
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    return t;
}

static AVal *weak(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = v->type.dt != DT_STR;
    return r;
}

static Val *text_val(Front *f, AVal *v, const char *what)
{
    if (!is_text(v))
        front_fail(f, E_TYPE, "%s must be str, not %s", what, av_type_text(f, v));
    return front_val(f, v);
}

bool text_int_is(const AVal *v)
{
    if (v->kind == A_CONST) return v->ck == AC_INT || v->ck == AC_BOOL;
    return v->kind == A_SCALAR &&
           (dt_is_int((DType)v->val->type.dt) || v->val->type.dt == DT_BOOL);
}

Val *text_int_arg(Front *f, AVal *v)
{
    if (!text_int_is(v))
        front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                   v->kind == A_NONE ? "NoneType" : av_type_text(f, v));
    return front_cast(f, front_val(f, v), type_scalar(DT_I64));
}

static Node *text_node(Front *f, Op op, const char *fn, const ValVec *a, Type t)
{
    Node *n = obj_node(f, op, fn, NULL, a, 1);
    n->res[0].type = t;
    return n;
}

/* -- Characters -------------------------------------------------------------------- */

Val *text_char_code(const Val *v)
{
    return v->def && v->def->op == OP_CHARTEXT ? v->def->arg[0] : NULL;
}

/* The number of the only character of a constant; -1. */
static int64_t const_code(const AVal *v)
{
    if (v->kind != A_CONST || v->ck != AC_STR || v->arg) return -1;
    return v->n == 1 && (unsigned char)v->s[0] < 0x80 ? v->s[0] : -1;
}

static Val *code_of(Front *f, const AVal *v)
{
    if (is_text_val(v)) return text_char_code(v->val);
    int64_t c = const_code(v);
    if (c < 0) return NULL;
    return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I32), c);
}

static AVal *char_text(Front *f, Val *code)
{
    return weak(f, val_put(f, OP_CHARTEXT, &code, 1, text_type(), NULL));
}

/* Right behind the definition of the text, so that it is counted once. */
static Val *chars_of(Front *f, Val *t)
{
    Region *home = t->def ? t->def->parent : t->region;
    f->fn->at_inline = f->inlined_at + 1;
    for (Node *n = t->def ? t->def->next : home->first; n; n = n->next) {
        if (n->op == OP_TEXTLEN && n->arg[0] == t) return &n->res[0];
        if (n->op != OP_TEXTLEN) break;
    }
    Node *n = node_new(f->fn, OP_TEXTLEN, f->loc, 1, &t, 1);
    n->res[0].type = type_scalar(DT_I64);
    Node *at = t->def ? t->def->next : home->first;
    if (at)
        node_insert_before(at, n);
    else
        node_append(home, n);
    return &n->res[0];
}

AVal *text_len(Front *f, AVal *v)
{
    return weak(f, chars_of(f, front_val(f, v)));
}

AVal *text_part(Front *f, AVal *v, AVal *s)
{
    ValVec a = {0};
    int has = 0;
    val_push(f, &a, front_val(f, v));
    for (int i = 0; i < 3; i++) {
        bool none = s->item[i]->kind == A_NONE;
        if (!none && i < 2) has |= 1 << i;
        val_push(f, &a, none ? int_val(f, i == 2) : text_int_arg(f, s->item[i]));
    }
    bool bytes = bytes_is(v);
    Node *n =
        text_node(f, OP_TEXT, "text_slice", &a, bytes ? bytes_type() : text_type());
    node_set_int(f->fn, n, "has", has);
    if (bytes) node_set_int(f->fn, n, "raw", 1);
    return weak(f, &n->res[0]);
}

AVal *text_subscript(Front *f, AVal *v, AVal *key)
{
    if (key->kind == A_SLICE) return text_part(f, v, key);
    if (!text_int_is(key)) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "string indices must be integers, not '%s'",
                   front_class_text(f, key));
    }
    Val *t = front_val(f, v);
    Val *a[3] = {t, chars_of(f, t), text_int_arg(f, key)};
    return char_text(f, val_put(f, OP_CHARAT, a, 3, type_scalar(DT_I32), NULL));
}

AVal *text_ord_of(Front *f, AVal *v)
{
    if (bytes_is(v)) {
        AVal *n = bytes_len(f, v);
        lower_raise_if(
            f, lower_compare(f, AST_NotEq, n, av_int(f, 1)), E_TYPE,
            "ord() expected a character, but string of another length found");
        return bytes_subscript(f, v, av_int(f, 0));
    }
    Val *code = code_of(f, v);
    if (code) return weak(f, front_cast(f, code, type_scalar(DT_I64)));
    ValVec a = {0};
    val_push(f, &a, text_val(f, v, "ord() argument"));
    return weak(
        f, &text_node(f, OP_OBJWRITE, "text_ord", &a, type_scalar(DT_I64))->res[0]);
}

AVal *text_chr(Front *f, AVal *v)
{
    AVal *n = av_scalar(f, text_int_arg(f, v));
    AVal *low = front_elem(f, OP_LT, (AVal *[]){n, av_int(f, 0)}, 2);
    AVal *high = front_elem(f, OP_GT, (AVal *[]){n, av_int(f, 0x10ffff)}, 2);
    AVal *bad = front_elem(f, OP_BITOR, (AVal *[]){low, high}, 2);
    lower_raise_if(f, bad, E_VALUE, "chr() arg not in range(0x110000)");
    return char_text(f, front_cast(f, n->val, type_scalar(DT_I32)));
}

/* -- Operators --------------------------------------------------------------------- */

AVal *text_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool run = text_is_run(f, a) || text_is_run(f, b);
    ValVec arg = {0};
    if (op == AST_Add && run && is_text(a) && is_text(b)) {
        val_push(f, &arg, front_val(f, a));
        val_push(f, &arg, front_val(f, b));
        return weak(f, &text_node(f, OP_TEXT, "text_cat", &arg, text_type())->res[0]);
    }
    if (op == AST_Add && run && (a->kind == A_CONST || a->kind == A_SCALAR) &&
        (b->kind == A_CONST || b->kind == A_SCALAR)) {
        if (is_text(a))
            front_fail(f, E_TYPE, "can only concatenate str (not \"%s\") to str",
                       front_class_text(f, b));
        front_fail(f, E_TYPE, "unsupported operand type(s) for +: '%s' and '%s'",
                   front_class_text(f, a), front_class_text(f, b));
    }
    if (op != AST_Mult) return NULL;
    AVal *t = is_text(a) ? a : is_text(b) ? b : NULL, *n = t == a ? b : a;
    bool count = t && text_int_is(n);
    if (!count || !(run || n->kind == A_SCALAR || arg_is_lazy(n))) return NULL;
    val_push(f, &arg, front_val(f, t));
    val_push(f, &arg, text_int_arg(f, n));
    return weak(f, &text_node(f, OP_TEXT, "text_repeat", &arg, text_type())->res[0]);
}

static AVal *text_in(Front *f, AVal *x, AVal *s)
{
    Val *code = is_text_val(x) ? code_of(f, x) : NULL;
    if (code && s->kind == A_CONST && !arg_is_lazy(s) && s->n <= 16) {
        bool ascii = true;
        for (idx i = 0; i < s->n; i++)
            ascii &= (unsigned char)s->s[i] < 0x80;
        AVal *any = av_bool(f, false);
        for (idx i = 0; ascii && i < s->n; i++) {
            Val *c = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I32), s->s[i]);
            AVal *eq = front_elem(f, OP_EQ,
                                  (AVal *[]){av_scalar(f, code), av_scalar(f, c)}, 2);
            any = i ? front_elem(f, OP_BITOR, (AVal *[]){any, eq}, 2) : eq;
        }
        if (ascii) return any;
    }
    ValVec a = {0};
    val_push(f, &a, front_val(f, s));
    val_push(f, &a, text_val(f, x, "the left operand of in <string>"));
    val_push(f, &a, int_val(f, 0));
    val_push(f, &a, int_val(f, 0));
    Node *n = text_node(f, OP_TEXT, "text_find", &a, type_scalar(DT_I64));
    node_set_int(f->fn, n, "in", 1);
    Val *at = &n->res[0];
    return weak(
        f, front_elem(f, OP_GE, (AVal *[]){av_scalar(f, at), av_int(f, 0)}, 2)->val);
}

/* Texts of a column may be missing, which have no order. */
static void ordered(Front *f, AstKind op, AVal *a, AVal *b)
{
    AVal *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        AVal *v = both[i];
        if (v->kind != A_SCALAR || v->val->type.null != NULL_MASK) continue;
        bool first = i == 0;
        lower_raise_if(
            f, front_elem(f, OP_ISNULL, &v, 1), E_TYPE,
            arena_printf(f->arena,
                         "'%s' not supported between instances of '%s' and '%s'",
                         op_sign(infer_op(op)), first ? "float" : "str",
                         first ? "str" : "float"));
    }
}

AVal *text_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool run = text_is_run(f, a) || text_is_run(f, b);
    if (!run || !is_text(a) || !is_text(b)) return NULL;
    if (op == AST_In || op == AST_NotIn) {
        AVal *v = text_in(f, a, b);
        return op == AST_In ? v : front_elem(f, OP_INVERT, &v, 1);
    }
    Op row = infer_op(op);
    Val *x = code_of(f, a), *y = code_of(f, b);
    if (row == OP_COUNT) return NULL;
    if (row != OP_EQ && row != OP_NE) ordered(f, op, a, b);
    if (x && y)
        return front_elem(f, row, (AVal *[]){av_scalar(f, x), av_scalar(f, y)}, 2);
    return NULL;
}

/* -- Methods ----------------------------------------------------------------------- */

typedef struct Tm {
    AVal *self;
    Val *t;
    AVal *arg[4]; /* NULL: not given */
    int letter;
    const char *name;
} Tm;
typedef AVal *TextMethod(Front *f, const Tm *m);

static AVal *simple(Front *f, const Tm *m, const char *fn, const char *attr, Type t)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    Node *n = text_node(f, OP_TEXT, fn, &a, t);
    if (attr) node_set_int(f->fn, n, attr, m->letter);
    return weak(f, &n->res[0]);
}

static AVal *t_case(Front *f, const Tm *m)
{
    return simple(f, m, "text_case", "what", text_type());
}

static AVal *t_is(Front *f, const Tm *m)
{
    return simple(f, m, "text_is", "what", type_scalar(DT_BOOL));
}

static AVal *t_strip(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    if (m->arg[0] && m->arg[0]->kind != A_NONE)
        val_push(f, &a, text_val(f, m->arg[0], "strip arg"));
    Node *n = text_node(f, OP_TEXT, "text_strip", &a, text_type());
    node_set_int(f->fn, n, "side", m->letter);
    return weak(f, &n->res[0]);
}

static AVal *t_replace(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    val_push(f, &a, text_val(f, m->arg[0], "replace() argument 1"));
    val_push(f, &a, text_val(f, m->arg[1], "replace() argument 2"));
    val_push(f, &a, m->arg[2] ? text_int_arg(f, m->arg[2]) : int_val(f, -1));
    return weak(f, &text_node(f, OP_TEXT, "text_replace", &a, text_type())->res[0]);
}

static Type text_list_type(Front *f)
{
    Type t = text_type();
    return comp_own(f->fn, COMP_LIST, &t, 1);
}

static AVal *t_split(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    val_push(f, &a, m->arg[1] ? text_int_arg(f, m->arg[1]) : int_val(f, -1));
    if (m->arg[0] && m->arg[0]->kind != A_NONE)
        val_push(f, &a, text_val(f, m->arg[0], "sep"));
    Node *n = text_node(f, OP_OBJWRITE, "text_split", &a, text_list_type(f));
    node_set_int(f->fn, n, "right", m->letter == 'r');
    return box_aval(f, &n->res[0]);
}

static AVal *t_lines(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    AVal *keep = m->arg[0] ? lower_truth(f, m->arg[0]) : av_bool(f, false);
    val_push(f, &a, front_val(f, keep));
    return box_aval(
        f, &text_node(f, OP_OBJREAD, "text_lines", &a, text_list_type(f))->res[0]);
}

static void span_args(Front *f, const Tm *m, int from, ValVec *a, int *has)
{
    *has = 0;
    for (int i = 0; i < 2; i++) {
        AVal *v = m->arg[from + i];
        bool given = v && v->kind != A_NONE;
        if (given) *has |= 1 << i;
        val_push(f, a, given ? text_int_arg(f, v) : int_val(f, 0));
    }
}

static AVal *t_find(Front *f, const Tm *m)
{
    ValVec a = {0};
    int has;
    val_push(f, &a, m->t);
    val_push(f, &a, text_val(f, m->arg[0], "find() argument 1"));
    span_args(f, m, 1, &a, &has);
    bool count = m->letter == 'c', strict = m->letter == 'i' || m->letter == 'I';
    Node *n = text_node(f, strict ? OP_OBJWRITE : OP_TEXT,
                        count ? "text_count" : "text_find", &a, type_scalar(DT_I64));
    node_set_int(f->fn, n, "has", has);
    node_set_int(f->fn, n, "right", m->letter == 'r' || m->letter == 'I');
    node_set_int(f->fn, n, "strict", strict);
    return weak(f, &n->res[0]);
}

static AVal *affix_one(Front *f, const Tm *m, AVal *part)
{
    ValVec a = {0};
    int has;
    val_push(f, &a, m->t);
    val_push(f, &a, text_val(f, part, "startswith first arg"));
    span_args(f, m, 1, &a, &has);
    Node *n = text_node(f, OP_TEXT, "text_affix", &a, type_scalar(DT_BOOL));
    node_set_int(f->fn, n, "has", has);
    node_set_int(f->fn, n, "end", m->letter == 'e');
    return weak(f, &n->res[0]);
}

static AVal *t_affix(Front *f, const Tm *m)
{
    if (m->arg[0]->kind != A_TUPLE) return affix_one(f, m, m->arg[0]);
    AVal *any = av_bool(f, false);
    for (idx i = 0; i < m->arg[0]->n; i++) {
        AVal *v = affix_one(f, m, m->arg[0]->item[i]);
        any = i ? front_elem(f, OP_BITOR, (AVal *[]){any, v}, 2) : v;
    }
    return any;
}

static AVal *t_partition(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    val_push(f, &a, text_val(f, m->arg[0], "separator"));
    Node *n = obj_node(f, OP_OBJWRITE, "text_partition", NULL, &a, 3);
    node_set_int(f->fn, n, "right", m->letter == 'r');
    AVal *part[3];
    for (int i = 0; i < 3; i++) {
        n->res[i].type = text_type();
        part[i] = weak(f, &n->res[i]);
    }
    return av_tuple(f, part, 3);
}

static AVal *t_pad(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    val_push(f, &a, text_int_arg(f, m->arg[0]));
    AVal *fill = m->arg[1] ? m->arg[1] : av_str(f, " ", 1);
    val_push(f, &a, text_val(f, fill, "the fill character"));
    Node *n = text_node(f, OP_TEXT, "text_pad", &a, text_type());
    node_set_int(f->fn, n, "what", m->letter);
    return weak(f, &n->res[0]);
}

static AVal *t_cut(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    val_push(f, &a, text_val(f, m->arg[0], "argument"));
    Node *n = text_node(f, OP_TEXT, "text_cut", &a, text_type());
    node_set_int(f->fn, n, "end", m->letter == 'e');
    return weak(f, &n->res[0]);
}

static AVal *t_join(Front *f, const Tm *m)
{
    ValVec a = {0};
    AVal *l = box_iterated(f, m->arg[0]);
    Val *h = box_of(f, l);
    Type e = comp_resolve(f->fn, comp_of(f->fn, h->type)->item[0]);
    if (e.kind == TY_SCALAR && e.dt != DT_STR)
        front_fail(f, E_TYPE, "sequence item 0: expected str instance, %s found",
                   element_text(f, e));
    val_push(f, &a, m->t);
    val_push(f, &a, h);
    return weak(f, &text_node(f, OP_OBJREAD, "text_join", &a, text_type())->res[0]);
}

static AVal *t_tabs(Front *f, const Tm *m)
{
    ValVec a = {0};
    val_push(f, &a, m->t);
    val_push(f, &a, m->arg[0] ? text_int_arg(f, m->arg[0]) : int_val(f, 8));
    return weak(f, &text_node(f, OP_TEXT, "text_tabs", &a, text_type())->res[0]);
}

static const struct {
    const char *name;
    TextMethod *run;
    int letter, least, most;
    const char *param[3]; /* names that may be given by keyword */
} methods[] = {
    {"upper",        t_case,      'u', 0, 0, {0}                  },
    {"lower",        t_case,      'l', 0, 0, {0}                  },
    {"title",        t_case,      't', 0, 0, {0}                  },
    {"capitalize",   t_case,      'c', 0, 0, {0}                  },
    {"swapcase",     t_case,      's', 0, 0, {0}                  },
    {"casefold",     t_case,      'f', 0, 0, {0}                  },
    {"isalpha",      t_is,        'a', 0, 0, {0}                  },
    {"isalnum",      t_is,        'n', 0, 0, {0}                  },
    {"isdecimal",    t_is,        'd', 0, 0, {0}                  },
    {"isdigit",      t_is,        'D', 0, 0, {0}                  },
    {"isnumeric",    t_is,        'N', 0, 0, {0}                  },
    {"isspace",      t_is,        's', 0, 0, {0}                  },
    {"islower",      t_is,        'l', 0, 0, {0}                  },
    {"isupper",      t_is,        'u', 0, 0, {0}                  },
    {"istitle",      t_is,        't', 0, 0, {0}                  },
    {"isprintable",  t_is,        'p', 0, 0, {0}                  },
    {"isidentifier", t_is,        'i', 0, 0, {0}                  },
    {"isascii",      t_is,        'A', 0, 0, {0}                  },
    {"strip",        t_strip,     'b', 0, 1, {0}                  },
    {"lstrip",       t_strip,     'l', 0, 1, {0}                  },
    {"rstrip",       t_strip,     'r', 0, 1, {0}                  },
    {"replace",      t_replace,   0,   2, 3, {NULL, NULL, "count"}},
    {"split",        t_split,     'l', 0, 2, {"sep", "maxsplit"}  },
    {"rsplit",       t_split,     'r', 0, 2, {"sep", "maxsplit"}  },
    {"splitlines",   t_lines,     0,   0, 1, {"keepends"}         },
    {"find",         t_find,      'f', 1, 3, {0}                  },
    {"rfind",        t_find,      'r', 1, 3, {0}                  },
    {"index",        t_find,      'i', 1, 3, {0}                  },
    {"rindex",       t_find,      'I', 1, 3, {0}                  },
    {"count",        t_find,      'c', 1, 3, {0}                  },
    {"startswith",   t_affix,     's', 1, 3, {0}                  },
    {"endswith",     t_affix,     'e', 1, 3, {0}                  },
    {"partition",    t_partition, 'l', 1, 1, {0}                  },
    {"rpartition",   t_partition, 'r', 1, 1, {0}                  },
    {"ljust",        t_pad,       'l', 1, 2, {0}                  },
    {"rjust",        t_pad,       'r', 1, 2, {0}                  },
    {"center",       t_pad,       'c', 1, 2, {0}                  },
    {"zfill",        t_pad,       'z', 1, 1, {0}                  },
    {"removeprefix", t_cut,       's', 1, 1, {0}                  },
    {"removesuffix", t_cut,       'e', 1, 1, {0}                  },
    {"join",         t_join,      0,   1, 1, {0}                  },
    {"expandtabs",   t_tabs,      0,   0, 1, {"tabsize"}          },
};

static int method_row(const char *name)
{
    for (int i = 0; i < (int)COUNT_OF(methods); i++)
        if (!strcmp(methods[i].name, name)) return i;
    return -1;
}

bool text_has_method(const char *name)
{
    static const char *const more[] = {"encode", "format", "translate", "format_map"};
    for (idx i = 0; i < COUNT_OF(more); i++)
        if (!strcmp(name, more[i])) return true;
    return method_row(name) >= 0;
}

AVal *text_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                  const char *const *kw, AVal *const *kwval, idx nkw)
{
    if (!strcmp(name, "encode"))
        return bytes_method(f, self, name, arg, narg, kw, kwval, nkw);
    int r = method_row(name);
    if (r < 0) front_fail(f, E_ATTR, "'str' object has no attribute '%s'", name);
    if (narg < methods[r].least - nkw || narg > methods[r].most)
        front_fail(f, E_TYPE, "%s() takes %s %d argument%s (%lld given)", name,
                   narg < methods[r].least ? "at least" : "at most",
                   narg < methods[r].least ? methods[r].least : methods[r].most,
                   methods[r].most == 1 ? "" : "s", (long long)narg);
    Tm m = {.self = self, .letter = methods[r].letter, .name = name};
    for (idx i = 0; i < narg; i++)
        m.arg[i] = arg[i];
    for (idx i = 0; i < nkw; i++) {
        bool hit = false;
        for (int k = 0; k < 3 && !hit; k++) {
            hit = methods[r].param[k] && !strcmp(methods[r].param[k], kw[i]);
            if (hit) m.arg[k] = kwval[i];
        }
        if (!hit)
            front_fail(f, E_TYPE, "%s() got an unexpected keyword argument '%s'", name,
                       kw[i]);
    }
    m.t = front_val(f, self);
    return methods[r].run(f, &m);
}

/* -- Any value as text ------------------------------------------------------------- */

/* v as one value of a type that a node can name: its leaves, appended. */
static Type as_value(Front *f, AVal *v, ValVec *a)
{
    Type t;
    bool rows = v->kind == A_FRAME || v->kind == A_SERIES ||
                (v->kind == A_ARRAY && !nd_is_plain(v) && v->n > 3);
    if (v->kind == A_NONE || rows || !item_type_of(f, v, &t))
        front_unsup(f, UNSUP_FSTRING, "text of %s is not compiled yet",
                    av_type_text(f, v));
    if (t.kind == TY_OBJ && comp_is_object(f->fn, t)) t = box_of(f, v)->type;
    if (comp_has_tag(f->fn, t))
        front_unsup(f, UNSUP_FSTRING,
                    "text of a container of named tuples, dataclasses or enums is not "
                    "compiled");
    elem_flatten(f, v, t, a);
    return t;
}

static Node *value_node(Front *f, const char *fn, AVal *v, AVal *spec)
{
    ValVec a = {0};
    Type t = as_value(f, v, &a);
    if (spec) val_push(f, &a, text_val(f, spec, "the format"));
    bool read = t.kind == TY_OBJ;
    Node *n = obj_node(f,
                       spec   ? OP_OBJWRITE
                       : read ? OP_OBJREAD
                              : OP_TEXT,
                       fn, spec ? "x." : "x", &a, 1);
    n->res[0].type = text_type();
    if (t.kind == TY_OBJ) node_set_int(f->fn, n, "xof", t.of);
    return n;
}

/* A container whose contents are known: the texts of its items. */
static AVal *known_text(Front *f, AVal *v)
{
    AVal **item = v->item;
    idx n = v->n;
    const Container *c = v->kind == A_TUPLE ? NULL : front_items(f, v);
    if (c) {
        item = c->item.at;
        n = c->item.n;
    }
    if (v->kind == A_SET && n == 0) return av_str(f, "set()", -1);
    AVal *s = av_str(f, v->kind == A_TUPLE ? "(" : v->kind == A_LIST ? "[" : "{", -1);
    for (idx i = 0; i < n; i++) {
        if (i) s = lower_binop(f, AST_Add, s, av_str(f, ", ", -1));
        if (v->kind == A_DICT && c) {
            s = lower_binop(f, AST_Add, s, text_str(f, c->key.at[i], true));
            s = lower_binop(f, AST_Add, s, av_str(f, ": ", -1));
        }
        s = lower_binop(f, AST_Add, s, text_str(f, item[i], true));
    }
    const char *end = v->kind == A_TUPLE  ? (n == 1 ? ",)" : ")")
                      : v->kind == A_LIST ? "]"
                                          : "}";
    return lower_binop(f, AST_Add, s, av_str(f, end, -1));
}

/* What NumPy writes before a scalar in its repr(): "np.int8(", "np." of bools. */
static const char *numpy_prefix(Front *f, const AVal *v)
{
    if (v->kind != A_SCALAR || v->i == 1 || !dt_is_number((DType)v->val->type.dt) ||
        v->val->type.null == NULL_MASK || v->val->type.null == NULL_PROM)
        return NULL;
    DType d = (DType)v->val->type.dt;
    return d == DT_BOOL ? "np." : arena_printf(f->arena, "np.%s(", dtype_info[d].text);
}

/* "range(0, 3)", "slice(1, None, 2)" */
static AVal *parts_text(Front *f, const AVal *v)
{
    bool range = v->kind == A_RANGE;
    bool plain = range && v->item[2]->kind == A_CONST && v->item[2]->i == 1;
    AVal *s = av_str(f, range ? "range(" : "slice(", -1);
    for (int i = 0; i < (plain ? 2 : 3); i++) {
        if (i) s = lower_binop(f, AST_Add, s, av_str(f, ", ", -1));
        s = lower_binop(f, AST_Add, s, text_str(f, v->item[i], true));
    }
    return lower_binop(f, AST_Add, s, av_str(f, ")", -1));
}

/* A dtype that NumPy has under its name. */
static bool plain_dtype(const AVal *v)
{
    DType d = (DType)v->type.dt;
    return (dt_is_number(d) || d == DT_BOOL) && v->type.null != NULL_MASK &&
           v->type.null != NULL_PROM;
}

AVal *text_str(Front *f, AVal *v, bool repr)
{
    AVal *rec = record_text(f, v, repr);
    if (rec) return rec;
    if (range_is(v)) return parts_text(f, v);
    if (v->kind == A_DTYPE && plain_dtype(v)) {
        const char *name = dtype_text(f, v->type);
        return av_str(f, repr ? arena_printf(f->arena, "dtype('%s')", name) : name, -1);
    }
    if (v->kind == A_EXC) return exc_text(f, v, repr);
    if (v->kind == A_OPEN) return av_str(f, "", 0);
    if (v->kind == A_NONE) return av_str(f, "None", 4);
    opt_refuse(f, v);
    repr |= bytes_is(v);
    bool items = v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
    if (v->kind == A_TUPLE || (items && !box_get(f, v))) return known_text(f, v);
    if (v->kind == A_CONST && !arg_is_lazy(v)) {
        AVal *s = const_fold(f, repr ? "builtins.repr" : "builtins.str", &v, 1);
        if (s) return s;
    }
    if (!repr && is_text_val(v) && v->val->type.null == NULL_NONE) return v;
    if (!repr && text_is_run(f, v)) return weak(f, front_val(f, v));
    Node *n = value_node(f, repr ? "text_repr" : "text_str", v, NULL);
    const char *numpy = repr ? numpy_prefix(f, v) : NULL;
    if (numpy) node_set_text(f->fn, n, "np", numpy, (idx)strlen(numpy));
    return weak(f, &n->res[0]);
}

AVal *text_format(Front *f, AVal *v, AVal *spec)
{
    v = record_plain(v);
    if (bytes_is(v) && !(spec->kind == A_CONST && spec->n == 0))
        front_fail(f, E_TYPE, "unsupported format string passed to bytes.__format__");
    if (num_is_single(v)) /* NumPy formats Python's own number */
        v = num_method(f, v, "item", NULL, 0, 0);
    if (spec->kind == A_CONST && spec->n == 0) return text_str(f, v, false);
    return weak(f, &value_node(f, "text_fmt", v, spec)->res[0]);
}

AVal *text_number(Front *f, AVal *v, AVal *base)
{
    ValVec a = {0};
    val_push(f, &a, text_val(f, v, "the argument"));
    if (base) val_push(f, &a, text_int_arg(f, base));
    Type t = type_scalar(base ? DT_I64 : DT_F64);
    return weak(
        f, &text_node(f, OP_OBJWRITE, base ? "text_int" : "text_float", &a, t)->res[0]);
}
