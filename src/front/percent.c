/* SPDX-License-Identifier: Apache-2.0
 * "...%d...%-8s...%(name).2f" % values: the template is known, so each conversion is
 * the format() that it stands for. What is known altogether is folded elsewhere.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

typedef struct Percent {
    Front *f;
    const char *start, *p, *end;
    AVal *values;      /* the right operand */
    AVal *const *item; /* what conversions without a key take, one after the other */
    idx n, next;
    AVal *text;
} Percent;

/* A conversion as it is written: flags, width, precision, letter. */
typedef struct Conversion {
    bool left, zero, plus, space, alternate;
    AVal *width, *precision; /* NULL: not given */
    char letter;
} Conversion;

static AVal *next_value(Percent *t)
{
    if (t->next >= t->n)
        front_fail(t->f, E_TYPE, "not enough arguments for format string");
    return t->item[t->next++];
}

/* Behind '%(': the value that the key names. */
static AVal *named_value(Percent *t)
{
    const char *close = memchr(t->p, ')', (size_t)(t->end - t->p));
    if (!close) front_fail(t->f, E_VALUE, "incomplete format key");
    if (t->values->kind != A_DICT)
        front_fail(t->f, E_TYPE, "format requires a mapping");
    AVal *key = av_str(t->f, t->p, close - t->p);
    t->p = close + 1;
    return lower_subscript(t->f, t->values, key);
}

/* A number, or '*' for the next value; NULL: neither. */
static AVal *number(Percent *t)
{
    int64_t n = 0;
    const char *from = t->p;
    if (t->p < t->end && *t->p == '*') {
        t->p++;
        return next_value(t);
    }
    for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++)
        n = n < INT32_MAX ? 10 * n + (*t->p - '0') : n;
    return t->p > from ? av_int(t->f, n) : NULL;
}

static Conversion conversion(Percent *t)
{
    Conversion c = {0};
    for (; t->p < t->end; t->p++) {
        if (*t->p == '-')
            c.left = true;
        else if (*t->p == '0')
            c.zero = true;
        else if (*t->p == '+')
            c.plus = true;
        else if (*t->p == ' ')
            c.space = true;
        else if (*t->p == '#')
            c.alternate = true;
        else
            break;
    }
    c.width = number(t);
    if (t->p < t->end && *t->p == '.') {
        t->p++;
        c.precision = number(t);
        if (!c.precision) c.precision = av_int(t->f, 0);
    }
    while (t->p < t->end && strchr("hlL", *t->p))
        t->p++;
    if (t->p >= t->end) front_fail(t->f, E_VALUE, "incomplete format");
    c.letter = *t->p++;
    return c;
}

static bool is_text(const AVal *v)
{
    if (bytes_is(v)) return false;
    return v->kind == A_CONST ? v->ck == AC_STR
                              : v->kind == A_SCALAR && v->val->type.dt == DT_STR;
}

static bool is_real(const AVal *v)
{
    if (v->kind == A_CONST)
        return v->ck == AC_INT || v->ck == AC_BOOL || v->ck == AC_FLOAT;
    return v->kind == A_SCALAR && dt_is_num((DType)v->val->type.dt) &&
           !dt_is_complex((DType)v->val->type.dt);
}

static bool is_float(const AVal *v)
{
    return v->kind == A_CONST ? v->ck == AC_FLOAT : dt_is_float((DType)v->val->type.dt);
}

/* The value as the letter wants it: text for s, r, a and c, else a number. */
static AVal *converted(Percent *t, char letter, AVal *v)
{
    Front *f = t->f;
    v = opt_need(f, v, E_TYPE,
                 arena_printf(f->arena,
                              "%%%c format: a real number is required, not "
                              "NoneType",
                              letter));
    if (letter == 'c' && is_text(v)) return v;
    v = record_plain(v);
    if (!is_real(v) && strchr("eEfFgG", letter))
        front_fail(f, E_TYPE, "must be real number, not %s", front_class_text(f, v));
    bool whole = strchr("xXoc", letter) != NULL;
    if (!is_real(v) || (whole && is_float(v)))
        front_fail(f, E_TYPE,
                   letter == 'c' ? "%%c requires int or char"
                   : whole       ? "%%%c format: an integer is required, not %s"
                                 : "%%%c format: a real number is required, not %s",
                   letter, front_class_text(f, v));
    if (letter == 'c') return builtin_call(f, "builtins.chr", &v, 1, NULL, NULL, 0);
    bool decimal = strchr("diu", letter) != NULL;
    bool to_int = decimal && (is_float(v) || v->ck == AC_BOOL);
    return to_int ? builtin_call(f, "builtins.int", &v, 1, NULL, NULL, 0) : v;
}

static void spec_add(Front *f, AVal **spec, const char *s)
{
    *spec = lower_binop(f, AST_Add, *spec, av_str(f, s, (idx)strlen(s)));
}

static void spec_number(Front *f, AVal **spec, AVal *n)
{
    *spec = lower_binop(f, AST_Add, *spec, text_str(f, n, false));
}

static AVal *spec_of(Front *f, const Conversion *c, bool text)
{
    AVal *spec = av_str(f, "", 0);
    bool zero = c->zero && !c->left && !text;
    spec_add(f, &spec, c->left ? "<" : zero ? "" : ">");
    if (!text) spec_add(f, &spec, c->plus ? "+" : c->space ? " " : "");
    if (!text && c->alternate) spec_add(f, &spec, "#");
    if (zero) spec_add(f, &spec, "0");
    if (c->width) spec_number(f, &spec, c->width);
    if (c->precision && c->letter != 'c') {
        spec_add(f, &spec, ".");
        spec_number(f, &spec, c->precision);
    }
    const char letter[2] = {c->letter};
    bool decimal = strchr("iu", c->letter) != NULL;
    if (!text) spec_add(f, &spec, decimal ? "d" : letter);
    return spec;
}

static void convert(Percent *t)
{
    Front *f = t->f;
    bool named = t->p < t->end && *t->p == '(';
    if (named) t->p++;
    AVal *v = named ? named_value(t) : NULL;
    Conversion c = conversion(t);
    if (c.letter == '%') {
        t->text = lower_binop(f, AST_Add, t->text, av_str(f, "%", 1));
        return;
    }
    if (!strchr("diuoxXeEfFgGcrsa", c.letter))
        front_fail(f, E_VALUE, "unsupported format character '%c' (0x%x) at index %lld",
                   c.letter, (unsigned)c.letter, (long long)(t->p - 1 - t->start));
    if (!v) v = next_value(t);
    bool any = strchr("rsa", c.letter) != NULL, text = any || c.letter == 'c';
    if (!text && c.precision && strchr("diuoxX", c.letter))
        front_unsup(f, UNSUP_FSTRING, "%% with a precision of an integer");
    if (!any) v = converted(t, c.letter, v);
    char how = any ? c.letter : 0;
    v = text_formatted(f, v, how, spec_of(f, &c, text));
    t->text = lower_binop(f, AST_Add, t->text, v);
}

/* Everything is known, and was not an argument that nobody has looked at. */
static bool is_known(Front *f, AVal *v)
{
    for (idx i = 0; v->kind == A_TUPLE && i < v->n; i++)
        if (!is_known(f, v->item[i])) return false;
    return (v->kind == A_CONST || v->kind == A_TUPLE) && front_is_const(v) &&
           !arg_is_lazy(v) && !v->rec;
}

AVal *text_percent(Front *f, AVal *template, AVal *values)
{
    if (!is_text(template)) return NULL;
    bool fixed = template->kind == A_CONST && !arg_is_lazy(template);
    if (fixed && is_known(f, values)) return NULL;
    const char *s = front_const_str(f, template, "the template on the left of %");
    bool many = values->kind == A_TUPLE &&
                (!values->rec || values->rec->kind == REC_NAMEDTUPLE);
    Percent t = {.f = f,
                 .start = s,
                 .p = s,
                 .end = s + template->n,
                 .values = values,
                 .item = many ? values->item : &values,
                 .n = many ? values->n : 1,
                 .text = av_str(f, "", 0)};
    while (t.p < t.end) {
        const char *from = t.p;
        while (t.p < t.end && *t.p != '%')
            t.p++;
        if (t.p > from)
            t.text = lower_binop(f, AST_Add, t.text, av_str(f, from, t.p - from));
        if (t.p == t.end) break;
        t.p++;
        if (t.p == t.end) front_fail(f, E_VALUE, "incomplete format");
        convert(&t);
    }
    if (t.next < t.n && values->kind != A_DICT)
        front_fail(f, E_TYPE, "not all arguments converted during string formatting");
    return t.text;
}
