/* SPDX-License-Identifier: Apache-2.0
 * "...{}...{0:>8}...{name!r}".format(...): the template is known, so the call is the
 * f-string that it stands for.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

#include <stdlib.h>
#include <string.h>

typedef struct Template {
    Front *f;
    const char *p, *end;
    AVal *const *arg, *const *kwval;
    const char *const *kw;
    idx narg, nkw, next; /* the number that the next {} has */
    bool automatic, manual;
    AVal *text;
} Template;

AVal *text_formatted(Front *f, AVal *v, char how, AVal *spec)
{
    bool run = !front_is_const(v) || !front_is_const(spec) || text_is_run(f, v) ||
               arg_is_run(f, v) || v->rec;
    if (run) {
        if (how == 'r' || how == 'a') v = text_str(f, v, true);
        if (how == 'a') v = bytes_ascii(f, v);
        if (how == 's') v = text_str(f, v, false);
        return text_format(f, v, spec);
    }
    if (how == 'r') v = const_fold(f, "builtins.repr", &v, 1);
    if (how == 'a') v = const_fold(f, "builtins.ascii", &v, 1);
    if (how == 's') v = const_fold(f, "builtins.str", &v, 1);
    return const_fold(f, "builtins.format", (AVal *[]){v, spec}, 2);
}

static void put(Template *t, AVal *v)
{
    t->text = lower_binop(t->f, AST_Add, t->text, v);
}

static AVal *numbered(Template *t, idx i, bool automatic)
{
    *(automatic ? &t->automatic : &t->manual) = true;
    if (t->automatic && t->manual)
        front_fail(t->f, E_VALUE, "cannot switch from %s",
                   automatic
                       ? "manual field specification to automatic field numbering"
                       : "automatic field numbering to manual field specification");
    if (i >= t->narg)
        front_fail(t->f, E_INDEX,
                   "Replacement index %lld out of range for positional args tuple",
                   (long long)i);
    return t->arg[i];
}

/* The argument that name[0..n) says. */
static AVal *field_argument(Template *t, const char *name, idx n)
{
    bool digits = n > 0;
    idx number = 0;
    for (idx i = 0; i < n && digits; i++) {
        digits = name[i] >= '0' && name[i] <= '9' && number < INT32_MAX;
        if (digits) number = 10 * number + (name[i] - '0');
    }
    if (n == 0) return numbered(t, t->next++, true);
    if (digits) return numbered(t, number, false);
    for (idx i = 0; i < t->nkw; i++)
        if (strlen(t->kw[i]) == (size_t)n && !strncmp(t->kw[i], name, (size_t)n))
            return t->kwval[i];
    front_fail(t->f, E_KEY, "'%.*s'", (int)n, name);
}

/* A part behind the argument, from its '.' or '[' on; moves *s behind it. */
static AVal *field_part(Template *t, AVal *v, const char **s, const char *end)
{
    Front *f = t->f;
    bool item = **s == '[';
    const char *name = ++*s;
    while (*s < end && (item ? **s != ']' : **s != '.' && **s != '['))
        ++*s;
    idx n = *s - name;
    if (item && *s == end) front_fail(f, E_VALUE, "Missing ']' in format string");
    if (n == 0) front_fail(f, E_VALUE, "Empty attribute in format string");
    if (item) ++*s;
    const char *text = intern_n(f->names, name, (size_t)n);
    if (!item) return front_getattr(f, v, text);
    char *stop;
    int64_t number = strtoll(text, &stop, 10);
    bool digits = *stop == 0 && *text >= '0' && *text <= '9';
    return lower_subscript(f, v, digits ? av_int(f, number) : av_str(f, text, n));
}

/* "0", "name", "0.real", "row[3].x" */
static AVal *field_value(Template *t, const char *name, idx n)
{
    const char *s = name, *end = name + n;
    while (s < end && *s != '.' && *s != '[')
        s++;
    AVal *v = field_argument(t, name, s - name);
    while (s < end) {
        if (*s != '.' && *s != '[')
            front_fail(t->f, E_VALUE,
                       "Only '.' or '[' may follow ']' in format field "
                       "specifier");
        v = field_part(t, v, &s, end);
    }
    return v;
}

static void fill(Template *t);

/* The format that stands behind the colon; it may hold fields of its own. */
static AVal *field_spec(Template *t, const char *s, const char *end)
{
    if (!memchr(s, '{', (size_t)(end - s))) return av_str(t->f, s, end - s);
    Template inner = *t;
    inner.p = s;
    inner.end = end;
    inner.text = av_str(t->f, "", 0);
    fill(&inner);
    t->next = inner.next;
    t->automatic = inner.automatic;
    t->manual = inner.manual;
    return inner.text;
}

/* The '}' that ends the field which s stands in. */
static const char *field_end(Template *t, const char *s)
{
    int depth = 1;
    for (; s < t->end; s++) {
        if (*s == '{') depth++;
        if (*s == '}' && --depth == 0) return s;
    }
    front_fail(t->f, E_VALUE, "expected '}' before end of string");
}

/* Behind a '{': what stands up to its '}'. */
static void field(Template *t)
{
    const char *name = t->p, *close = field_end(t, t->p);
    const char *colon = memchr(name, ':', (size_t)(close - name));
    const char *stop = colon ? colon : close;
    const char *bang = memchr(name, '!', (size_t)(stop - name));
    char how = bang && bang + 2 == stop ? bang[1] : 0;
    if (bang && (!how || !strchr("rsa", how)))
        front_fail(t->f, E_VALUE, "Unknown conversion specifier in a format string");
    AVal *v = field_value(t, name, (bang ? bang : stop) - name);
    AVal *spec = colon ? field_spec(t, colon + 1, close) : av_str(t->f, "", 0);
    put(t, text_formatted(t->f, v, how, spec));
    t->p = close + 1;
}

/* The text up to t->end, with what its fields stand for. */
static void fill(Template *t)
{
    while (t->p < t->end) {
        const char *from = t->p;
        while (t->p < t->end && *t->p != '{' && *t->p != '}')
            t->p++;
        bool twice = t->p + 1 < t->end && t->p[1] == *t->p;
        if (t->p > from || twice) put(t, av_str(t->f, from, t->p - from + twice));
        if (t->p == t->end) break;
        if (!twice && *t->p == '}')
            front_fail(t->f, E_VALUE, "Single '}' encountered in format string");
        if (!twice && t->p + 1 == t->end)
            front_fail(t->f, E_VALUE, "Single '{' encountered in format string");
        t->p += twice ? 2 : 1;
        if (!twice) field(t);
    }
}

AVal *text_template(Front *f, AVal *self, AVal *const *arg, idx narg,
                    const char *const *kw, AVal *const *kwval, idx nkw)
{
    const char *s = front_const_str(f, self, "the template of format()");
    Template t = {.f = f,
                  .p = s,
                  .end = s + self->n,
                  .arg = arg,
                  .kwval = kwval,
                  .kw = kw,
                  .narg = narg,
                  .nkw = nkw,
                  .text = av_str(f, "", 0)};
    fill(&t);
    return t.text;
}
