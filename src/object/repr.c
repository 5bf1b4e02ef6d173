/* SPDX-License-Identifier: Apache-2.0
 * repr() of any element, as Python writes it.
 */
#include "object/text.h"

#include "base/civil.h"
#include "kernel/utf8.h"
#include "object/object_layout.h"
#include "object/timetext.h"

#include <stdio.h>
#include <string.h>

/* -- Building ---------------------------------------------------------------------- */

Status str_put(Cx *cx, Str *s, const void *p, idx n)
{
    if (s->n + n > s->cap) {
        idx cap = 2 * s->cap + n + 32;
        TRY(heap_grow(cx, s->at, (size_t)s->cap, (size_t)s->n, (size_t)cap, &s->at));
        s->cap = cap;
    }
    if (n && s->at) memcpy(s->at + s->n, p, (size_t)n);
    s->n += n;
    return OK;
}

Status str_puts(Cx *cx, Str *s, const char *p)
{
    return str_put(cx, s, p, (idx)strlen(p));
}

void str_drop(Cx *cx, Str *s)
{
    heap_free(cx, s->at, (size_t)s->cap);
    *s = (Str){0};
}

Status str_end(Cx *cx, Str *s, Text3 *out)
{
    TRY(text_copy(cx, s->at, s->n, out));
    str_drop(cx, s);
    return OK;
}

/* -- Text -------------------------------------------------------------------------- */

static Status put_escape(Cx *cx, Str *s, uint32_t c)
{
    char b[16];
    const char *fmt = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(b, sizeof b, fmt, (unsigned)c);
#pragma GCC diagnostic pop
    return str_puts(cx, s, b);
}

Status repr_text(Cx *cx, Str *s, const uint8_t *p, idx n)
{
    bool single = memchr(p, '\'', (size_t)n) != NULL,
         dbl = memchr(p, '"', (size_t)n) != NULL;
    char quote = single && !dbl ? '"' : '\'';
    idx len;
    TRY(str_put(cx, s, &quote, 1));
    for (idx i = 0; i < n; i += len) {
        uint32_t c = utf8_decode(p + i, n - i, &len);
        if (c == (uint32_t)quote || c == '\\') {
            char b[2] = {'\\', (char)c};
            TRY(str_put(cx, s, b, 2));
        } else if (c == '\n' || c == '\r' || c == '\t') {
            TRY(str_puts(cx, s, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t"));
        } else if (c < 0x20 || c == 0x7f || (c > 0x7f && !(char_flags(c) & 256))) {
            TRY(put_escape(cx, s, c));
        } else {
            TRY(str_put(cx, s, p + i, len));
        }
    }
    return str_put(cx, s, &quote, 1);
}

/* -- Scalars ----------------------------------------------------------------------- */

static TimeType time_type(const ObjType *t)
{
    return (TimeType){(DType)t->dt, (NullForm)t->null, (Unit)t->unit};
}

static Status put_scalar(Cx *cx, Str *s, const ObjType *t, const void *p, char what)
{
    char b[100];
    switch (t->dt) {
    case DT_BOOL: return str_puts(cx, s, *(const uint8_t *)p ? "True" : "False");
    case DT_F64: (void)repr_float(*(const double *)p, b); break;
    case DT_F32: (void)repr_single(*(const float *)p, b); break;
    case DT_C128: (void)repr_complex(*(const Complex128 *)p, false, b); break;
    case DT_C64: {
        Complex64 c = *(const Complex64 *)p;
        (void)repr_complex((Complex128){(double)c.re, (double)c.im}, true, b);
        break;
    }
    case DT_U64:
        snprintf(b, sizeof b, "%llu", (unsigned long long)*(const uint64_t *)p);
        break;
    case DT_I8: snprintf(b, sizeof b, "%d", *(const int8_t *)p); break;
    case DT_U8: snprintf(b, sizeof b, "%d", *(const uint8_t *)p); break;
    case DT_I16: snprintf(b, sizeof b, "%d", *(const int16_t *)p); break;
    case DT_U16: snprintf(b, sizeof b, "%d", *(const uint16_t *)p); break;
    case DT_I32: snprintf(b, sizeof b, "%d", *(const int32_t *)p); break;
    case DT_U32: snprintf(b, sizeof b, "%u", *(const uint32_t *)p); break;
    case DT_I64: snprintf(b, sizeof b, "%lld", (long long)*(const int64_t *)p); break;
    case DT_DATE: return time_put(cx, s, time_type(t), *(const int32_t *)p, what);
    case DT_TS:
    case DT_TD: return time_put(cx, s, time_type(t), *(const int64_t *)p, what);
    default: return fail(cx, E_TYPE, "no text of a %s here", dtype_info[t->dt].text);
    }
    return str_puts(cx, s, b);
}

/* -- Containers -------------------------------------------------------------------- */

static const void *object_of(const void *p)
{
    const void *o;
    memcpy(&o, p, sizeof o);
    return o;
}

static Status put_list(Cx *cx, Str *s, const List *l)
{
    TRY(str_puts(cx, s, "["));
    for (int64_t i = 0; i < l->n; i++) {
        if (i) TRY(str_puts(cx, s, ", "));
        TRY(repr_put(cx, s, l->obj.type->item[0], list_at(l, i)));
    }
    return str_puts(cx, s, "]");
}

static Status put_dict(Cx *cx, Str *s, const Dict *d)
{
    const ObjType *t = d->obj.type;
    bool set = t->kind == OK_SET;
    if (set && d->n == 0) return str_puts(cx, s, "set()");
    TRY(str_puts(cx, s, "{"));
    bool more = false;
    for (int64_t i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
        if (more) TRY(str_puts(cx, s, ", "));
        more = true;
        TRY(repr_put(cx, s, t->item[0], entry_at(d, i) + t->key_at));
        if (set) continue;
        TRY(str_puts(cx, s, ": "));
        TRY(repr_put(cx, s, t->item[1], entry_at(d, i) + t->val_at));
    }
    return str_puts(cx, s, "}");
}

static Status put_tuple(Cx *cx, Str *s, const ObjType *t, const void *p)
{
    TRY(str_puts(cx, s, "("));
    for (int32_t i = 0; i < t->n; i++) {
        if (i) TRY(str_puts(cx, s, ", "));
        TRY(repr_put(cx, s, t->item[i], (const uint8_t *)p + t->off[i]));
    }
    return str_puts(cx, s, t->n == 1 ? ",)" : ")");
}

Status repr_put(Cx *cx, Str *s, const ObjType *t, const void *p)
{
    switch ((ObjKind)t->kind) {
    case OK_SCALAR: return put_scalar(cx, s, t, p, 'r');
    case OK_TEXT:
        return (t->unit == UNIT_BYTES ? repr_bytes : repr_text)(
            cx, s, ((const Text3 *)p)->p, ((const Text3 *)p)->n);
    case OK_LIST: return put_list(cx, s, object_of(p));
    case OK_DICT:
    case OK_SET: return put_dict(cx, s, object_of(p));
    case OK_TUPLE: return put_tuple(cx, s, t, p);
    case OK_OPT:
        if (!*(const uint8_t *)p) return str_puts(cx, s, "None");
        return repr_put(cx, s, t->item[0], (const uint8_t *)p + t->off[0]);
    default: return fail(cx, E_TYPE, "no text of an array here");
    }
}

/* The key itself, so that the exception's argument is no text of it. */
static void key_arg(Err *e, const ObjType *t, const void *p)
{
    ErrArg a = {.kind = 'i'};
    size_t at = 0;
    if (t->kind == OK_TEXT && t->unit == UNIT_BYTES) return;
    if (t->kind == OK_TEXT) {
        a.kind = 's';
        a.s = (const char *)((const Text3 *)p)->p;
        a.n = ((const Text3 *)p)->n;
    } else if (t->kind == OK_SCALAR && t->dt == DT_I64) {
        memcpy(&a.i, p, sizeof a.i);
    } else if (t->kind == OK_SCALAR && t->dt == DT_F64) {
        a.kind = 'f';
        memcpy(&a.f, p, sizeof a.f);
    } else if (t->kind == OK_SCALAR && t->dt == DT_BOOL) {
        a.kind = 'b';
        a.i = *(const uint8_t *)p;
    } else {
        return;
    }
    if (err_arg_put(e, &at, &a)) e->narg = 1;
}

Status repr_key_error(Cx *cx, const ObjType *t, const void *p)
{
    Str s = {0};
    if (t->kind == OK_TEXT && t->unit != UNIT_BYTES)
        TRY(str_put(cx, &s, ((const Text3 *)p)->p, ((const Text3 *)p)->n));
    else
        TRY(repr_put(cx, &s, t, p));
    Status st = fail(cx, E_KEY, "%.*s", (int)(s.n > 1000 ? 1000 : s.n), (char *)s.at);
    if (cx->err.code == E_KEY && cx->err.narg < 0) key_arg(&cx->err, t, p);
    str_drop(cx, &s);
    return st;
}
