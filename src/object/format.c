/* SPDX-License-Identifier: Apache-2.0
 * format(value, spec) for bool, int, float and str with Python's mini-language, and the
 * shortest text of a float.
 */
#include "object/text.h"

#include "kernel/utf8.h"
#include "object/object_layout.h"
#include "object/timetext.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- Shortest text of a float ------------------------------------------------------ */

static bool reads_as(const char *s, double v, bool single)
{
    return single ? (double)strtof(s, NULL) == v : strtod(s, NULL) == v;
}

/* d digits as "1.234e-05" that read back as v; false when these don't. single: as
 * float32. */
static bool reads_back(double v, int digits, bool single, char out[40])
{
    snprintf(out, 40, "%.*e", digits - 1, v);
    if (reads_as(out, v, single)) return true;
    int e;
    if (fabs(frexp(v, &e)) != 0.5) return false;
    /* Below a power of two the neighbours are closer: the next digit up may do. */
    char *last = strchr(out, 'e') - 1;
    if (*last == '9') return false;
    ++*last;
    return reads_as(out, v, single);
}

/* Digits without trailing zeros, the decimal exponent; returns how many digits. */
static int shortest(double v, bool single, char digit[20], int *power)
{
    char e[40];
    int most = single ? 9 : 17;
    int n = single || v < DBL_MIN ? 1 : 15; /* subnormal numbers have fewer digits */
    while (n < most && !reads_back(v, n, single, e))
        n++;
    if (n == most) snprintf(e, sizeof e, "%.*e", most - 1, v);
    int k = 0;
    const char *p = e;
    for (; *p != 'e'; p++)
        if (isdigit((unsigned char)*p)) digit[k++] = *p;
    *power = (int)strtol(p + 1, NULL, 10);
    while (k > 1 && digit[k - 1] == '0')
        k--;
    digit[k] = '\0';
    return k;
}

static idx repr_number(double v, bool single, char out[40])
{
    char d[20];
    int power;
    if (isnan(v)) return snprintf(out, 40, "nan");
    if (isinf(v)) return snprintf(out, 40, v < 0 ? "-inf" : "inf");
    int n = shortest(fabs(v), single, d, &power);
    const char *sign = signbit(v) ? "-" : "";
    /* NumPy's float32 has an exponent from 1e6 on; its 1e-4 is a bit less than that. */
    bool tiny = single && v != 0 && fabs(v) < 1e-4;
    if (power < -4 || power >= (single ? 6 : 16) || tiny)
        return snprintf(out, 40, "%s%c%s%se%c%02d", sign, d[0], n > 1 ? "." : "", d + 1,
                        power < 0 ? '-' : '+', abs(power));
    if (power < 0) return snprintf(out, 40, "%s0.%.*s%s", sign, -power - 1, "000", d);
    if (n <= power + 1)
        return snprintf(out, 40, "%s%s%.*s.0", sign, d, power + 1 - n,
                        "0000000000000000");
    return snprintf(out, 40, "%s%.*s.%s", sign, power + 1, d, d + power + 1);
}

idx repr_float(double v, char out[40])
{
    return repr_number(v, false, out);
}

idx repr_single(float v, char out[40])
{
    return repr_number((double)v, true, out);
}

static idx without_point(char *s, idx n)
{
    if (n > 2 && !memcmp(s + n - 2, ".0", 3)) s[n -= 2] = '\0';
    return n;
}

idx repr_complex(Complex128 z, bool single, char out[100])
{
    char re[40], im[40];
    (void)without_point(re, repr_number(z.re, single, re));
    (void)without_point(im, repr_number(z.im, single, im));
    if (fpclassify(z.re) == FP_ZERO && !signbit(z.re))
        return snprintf(out, 100, "%sj", im);
    return snprintf(out, 100, "(%s%s%sj)", re, *im == '-' ? "" : "+", im);
}

/* -- The mini-language ------------------------------------------------------------- */

typedef struct Spec {
    char fill[5];
    char align, sign, group, type;
    bool alt, zero, no_negative_zero;
    int64_t width, prec;
} Spec;

static const char *type_name(const ObjType *t)
{
    if (t->kind == OK_TEXT) return "str";
    if (dt_is_complex((DType)t->dt)) return "complex";
    return dt_is_float((DType)t->dt) ? "float" : t->dt == DT_BOOL ? "bool" : "int";
}

static bool is_align(char c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

static bool number(const char **p, const char *end, int64_t *out)
{
    const char *from = *p;
    *out = 0;
    while (*p < end && isdigit((unsigned char)**p)) {
        if (*out > 100000000) return false;
        *out = *out * 10 + (*(*p)++ - '0');
    }
    return *p > from;
}

static Status spec_read(Cx *cx, const ObjType *t, const char *p, idx n, Spec *s)
{
    const char *end = p + n, *start = p;
    idx len = 1;
    *s = (Spec){.fill = " ", .prec = -1, .width = -1};
    if (n) (void)utf8_decode((const uint8_t *)p, n, &len);
    if (n > len && is_align(p[len])) {
        memset(s->fill, 0, sizeof s->fill);
        memcpy(s->fill, p, (size_t)len);
        s->align = p[len];
        p += len + 1;
    } else if (n && is_align(*p)) {
        s->align = *p++;
    }
    bool filled = p - start > 1;
    if (p < end && strchr("+- ", *p)) s->sign = *p++;
    if (p < end && *p == 'z') s->no_negative_zero = *p++ != 0;
    if (p < end && *p == '#') s->alt = *p++ != 0;
    if (p < end && *p == '0' && !filled) {
        s->zero = *p++ != 0;
        memcpy(s->fill, "0", 2);
        if (!s->align && t->kind != OK_TEXT) s->align = '=';
    } else if (p < end && *p == '0') {
        p++;
    }
    if (!number(&p, end, &s->width)) s->width = -1;
    if (p < end && (*p == ',' || *p == '_')) s->group = *p++;
    if (p < end && *p == '.') {
        p++;
        if (!number(&p, end, &s->prec))
            return fail(cx, E_VALUE, "Format specifier missing precision");
    }
    if (p + 1 < end) return fail(cx, E_VALUE, "Invalid format specifier");
    if (p < end) s->type = *p;
    return OK;
}

static Status unknown(Cx *cx, const Spec *s, const ObjType *t)
{
    return fail(cx, E_VALUE, "Unknown format code '%c' for object of type '%s'",
                s->type, type_name(t));
}

/* -- Padding ----------------------------------------------------------------------- */

static Status put_fill(Cx *cx, Str *o, const Spec *s, int64_t n)
{
    while (n-- > 0)
        TRY(str_puts(cx, o, s->fill));
    return OK;
}

static Status put_padded(Cx *cx, Str *o, const Spec *s, char align, const char *head,
                         const uint8_t *body, idx n)
{
    int64_t chars = utf8_count(body, n) + (int64_t)strlen(head), gap = s->width - chars;
    int64_t left = align == '>' ? gap : align == '^' ? gap / 2 : 0;
    if (gap < 0) gap = left = 0;
    if (align == '=') {
        TRY(str_puts(cx, o, head));
        TRY(put_fill(cx, o, s, gap));
        return str_put(cx, o, body, n);
    }
    TRY(put_fill(cx, o, s, left));
    TRY(str_puts(cx, o, head));
    TRY(str_put(cx, o, body, n));
    return put_fill(cx, o, s, gap - left);
}

/* -- Text -------------------------------------------------------------------------- */

static Status format_text(Cx *cx, Str *o, const Spec *s, const ObjType *t, Text3 x)
{
    if (s->type && s->type != 's') return unknown(cx, s, t);
    if (s->sign)
        return fail(cx, E_VALUE, "Sign not allowed in string format specifier");
    if (s->alt)
        return fail(cx, E_VALUE,
                    "Alternate form (#) not allowed in string format specifier");
    if (s->group) return fail(cx, E_VALUE, "Cannot specify '%c' with 's'.", s->group);
    if (s->align == '=')
        return fail(cx, E_VALUE,
                    "'=' alignment not allowed in string format specifier");
    idx n = s->prec >= 0 ? utf8_skip(x.p, x.n, 0, s->prec) : x.n;
    return put_padded(cx, o, s, s->align ? s->align : '<', "", x.p, n);
}

/* -- Numbers ----------------------------------------------------------------------- */

/* Digits with separators, zeros in front up to `least` characters. */
static Status group_digits(Cx *cx, Str *o, const char *digit, idx n, char sep, int by,
                           int64_t least)
{
    int64_t all = n;
    if (sep) { /* smallest number of digits whose grouped text is long enough */
        while (all + (all - 1) / by < least)
            all++;
    } else if (all < least) {
        all = least;
    }
    for (int64_t i = 0; i < all; i++) {
        int64_t k = i - (all - n);
        TRY(str_put(cx, o, k < 0 ? "0" : digit + k, 1));
        int64_t left = all - 1 - i;
        if (sep && left && left % by == 0) TRY(str_put(cx, o, &sep, 1));
    }
    return OK;
}

static void sign_head(char head[4], const Spec *s, bool negative, const char *prefix)
{
    const char *g = negative ? "-" : s->sign == '+' ? "+" : s->sign == ' ' ? " " : "";
    snprintf(head, 4, "%s%s", g, prefix);
}

/* head (sign, prefix), digits before the point, the rest. */
static Status put_number(Cx *cx, Str *o, const Spec *s, const char *head,
                         const char *digit, idx n, int by, const char *rest)
{
    bool zeros = s->align == '=' && s->fill[0] == '0' && !s->fill[1];
    int64_t others = (int64_t)(strlen(head) + strlen(rest));
    Str body = {0};
    TRY(group_digits(cx, &body, digit, n, s->group, by, zeros ? s->width - others : 0));
    TRY(str_puts(cx, &body, rest));
    TRY(put_padded(cx, o, s, s->align ? s->align : '>', head, body.at, body.n));
    str_drop(cx, &body);
    return OK;
}

static idx digits_of(uint64_t v, unsigned base, bool upper, char out[72])
{
    char back[72];
    idx n = 0;
    do {
        back[n++] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[v % base];
        v /= base;
    } while (v);
    for (idx i = 0; i < n; i++)
        out[i] = back[n - 1 - i];
    out[n] = '\0';
    return n;
}

static Status format_char(Cx *cx, Str *o, const Spec *s, int64_t v)
{
    uint8_t b[4];
    if (v < 0 || v > 0x10ffff)
        return fail(cx, E_OVERFLOW, "%%c arg not in range(0x110000)");
    idx n = utf8_encode((uint32_t)v, b);
    return put_padded(cx, o, s, s->align ? s->align : '<', "", b, n);
}

static Status format_float(Cx *cx, Str *o, const Spec *s, const ObjType *t, double v);

static Status format_int(Cx *cx, Str *o, const Spec *s, const ObjType *t, int64_t v)
{
    char head[4], digit[72];
    if (s->type && strchr("eEfFgG%", s->type))
        return format_float(cx, o, s, t, (double)v);
    if (s->type && !strchr("bcdoxXn", s->type)) return unknown(cx, s, t);
    if (s->prec >= 0)
        return fail(cx, E_VALUE, "Precision not allowed in integer format specifier");
    if (s->type == 'c') return format_char(cx, o, s, v);
    unsigned base = s->type == 'b'                     ? 2
                    : s->type == 'o'                   ? 8
                    : s->type == 'x' || s->type == 'X' ? 16
                                                       : 10;
    if (s->group == ',' && base != 10)
        return fail(cx, E_VALUE, "Cannot specify ',' with '%c'.", s->type);
    bool uns = t->dt == DT_U64, negative = !uns && v < 0;
    uint64_t size = negative ? 0 - (uint64_t)v : (uint64_t)v;
    char prefix[3] = {'0', s->type, '\0'};
    sign_head(head, s, negative, s->alt && base != 10 ? prefix : "");
    idx n = digits_of(size, base, s->type == 'X', digit);
    return put_number(cx, o, s, head, digit, n, base == 10 ? 3 : 4, "");
}

/* What snprintf gives for v >= 0, in the heap when it is long. */
static Status float_text(Cx *cx, const Spec *s, char type, int prec, double v, Str *out)
{
    char fmt[8], small[64];
    snprintf(fmt, sizeof fmt, "%%%s.*%c", s->alt ? "#" : "", type);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(small, sizeof small, fmt, prec, v);
    if (n < (int)sizeof small) {
        TRY(str_puts(cx, out, small));
    } else {
        char *big;
        TRY(heap_new(cx, (size_t)n + 1, &big));
        snprintf(big, (size_t)n + 1, fmt, prec, v);
        TRY(str_puts(cx, out, big));
        heap_free(cx, big, (size_t)n + 1);
    }
#pragma GCC diagnostic pop
    return str_put(cx, out, "", 1);
}

/* Without a type: as repr, or %g with a point when a precision is given. */
static Status plain_text(Cx *cx, const Spec *s, double v, Str *out)
{
    char b[40];
    if (s->prec < 0) {
        idx n = repr_float(v, b);
        TRY(str_put(cx, out, b, n));
        return str_put(cx, out, "", 1);
    }
    int prec = s->prec == 0 ? 1 : (int)s->prec;
    int power = 0;
    if (v > 0) {
        snprintf(b, sizeof b, "%.*e", prec > 30 ? 29 : prec - 1, v);
        power = (int)strtol(strchr(b, 'e') + 1, NULL, 10);
    }
    /* The exponent form begins one digit earlier than %g's, so that ".0" fits. */
    TRY(float_text(cx, s, 'g', prec, v, out));
    bool whole =
        !memchr(out->at, '.', (size_t)out->n) && !memchr(out->at, 'e', (size_t)out->n);
    if (whole && power < prec - 1) {
        out->n--;
        TRY(str_put(cx, out, ".0", 3));
    } else if (whole) {
        out->n = 0;
        Spec e = *s;
        TRY(float_text(cx, &e, 'e', prec - 1, v, out));
        char *at = memchr(out->at, 'e', (size_t)out->n), *z = at;
        bool point = memchr(out->at, '.', (size_t)out->n) != NULL;
        while (point && z[-1] == '0')
            z--;
        if (point && z[-1] == '.') z--;
        memmove(z, at, strlen(at) + 1);
    }
    return OK;
}

static Status format_float(Cx *cx, Str *o, const Spec *s, const ObjType *t, double v)
{
    char head[4], type = s->type;
    Str text = {0};
    if (type && !strchr("eEfFgGn%", type)) return unknown(cx, s, t);
    bool negative = signbit(v) && !isnan(v),
         upper = type == 'E' || type == 'F' || type == 'G';
    double size = fabs(v);
    if (isnan(v) || isinf(v)) {
        const char *word = isnan(v) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
        sign_head(head, s, negative, "");
        Spec plain = *s;
        if (s->zero) memcpy(plain.fill, "0", 2);
        char rest[8];
        snprintf(rest, sizeof rest, "%s%s", word, type == '%' ? "%" : "");
        return put_padded(cx, o, &plain, s->align ? s->align : '>', head,
                          (const uint8_t *)rest, (idx)strlen(rest));
    }
    int prec = s->prec < 0 ? 6 : (int)s->prec;
    if (!type)
        TRY(plain_text(cx, s, size, &text));
    else if (type == '%')
        TRY(float_text(cx, s, 'f', prec, size * 100, &text));
    else
        TRY(float_text(cx, s, type == 'n' ? 'g' : type, prec, size, &text));
    const char *p = (const char *)text.at;
    if (s->no_negative_zero && strtod(p, NULL) == 0) negative = false;
    sign_head(head, s, negative, "");
    idx n = (idx)strspn(p, "0123456789");
    if (type == '%') {
        text.n--;
        TRY(str_put(cx, &text, "%", 2));
        p = (const char *)text.at;
    }
    TRY(put_number(cx, o, s, head, p, n, 3, p + n));
    str_drop(cx, &text);
    return OK;
}

static Status format_time(Cx *cx, Str *o, const ObjType *t, const void *p,
                          const char *spec, idx nspec)
{
    TimeType tt = {(DType)t->dt, (NullForm)t->null, (Unit)t->unit};
    int64_t v = t->dt == DT_DATE ? *(const int32_t *)p : *(const int64_t *)p;
    if (nspec == 0) return time_put(cx, o, tt, v, 's');
    if (t->dt != DT_TD && t->null != NULL_NAN)
        return time_format(cx, o, tt, v, spec, nspec);
    return fail(cx, E_TYPE, "unsupported format string passed to %s.__format__",
                t->null == NULL_NONE  ? "datetime.timedelta"
                : t->null == NULL_NAT ? "Timedelta"
                : t->dt == DT_TD      ? "numpy.timedelta64"
                                      : "numpy.datetime64");
}

/* One part of a complex number, without padding. */
static Status complex_part(Cx *cx, Str *o, const Spec *s, double v, bool imag)
{
    Spec part = *s;
    ObjType t = {.kind = OK_SCALAR, .dt = DT_F64};
    part.width = -1;
    part.align = 0;
    if (imag) part.sign = '+';
    if (!s->type && s->prec >= 0) part.type = 'g';
    idx before = o->n;
    TRY(format_float(cx, o, &part, &t, v));
    if (part.type || o->n - before < 3) return OK;
    if (!memcmp(o->at + o->n - 2, ".0", 2)) o->n -= 2;
    return OK;
}

/* Without a type: in parentheses, and without a real part that is 0. */
static Status format_complex(Cx *cx, Str *o, const Spec *s, const ObjType *t,
                             Complex128 z)
{
    Str body = {0};
    if (s->type && !strchr("eEfFgGn", s->type)) return unknown(cx, s, t);
    if (!strcmp(s->fill, "0"))
        return fail(cx, E_VALUE,
                    "Zero padding is not allowed in complex format specifier");
    if (s->align == '=')
        return fail(cx, E_VALUE,
                    "'=' alignment flag is not allowed in complex format specifier");
    bool only = !s->type && fpclassify(z.re) == FP_ZERO && !signbit(z.re);
    bool around = !s->type && !only;
    if (around) TRY(str_puts(cx, &body, "("));
    if (!only) TRY(complex_part(cx, &body, s, z.re, false));
    TRY(complex_part(cx, &body, s, z.im, !only));
    TRY(str_puts(cx, &body, around ? "j)" : "j"));
    TRY(put_padded(cx, o, s, s->align ? s->align : '>', "", body.at, body.n));
    str_drop(cx, &body);
    return OK;
}

Status format_put(Cx *cx, Str *o, const ObjType *t, const void *p, const char *spec,
                  idx nspec)
{
    Spec s;
    if (nspec == 0 && t->kind == OK_TEXT) {
        const Text3 *x = p;
        if (x->n < 0) return str_puts(cx, o, x->n == TEXT_NAN ? "nan" : "None");
        return str_put(cx, o, x->p, x->n);
    }
    if (t->kind == OK_SCALAR && (dt_is_time((DType)t->dt) || t->dt == DT_DATE))
        return format_time(cx, o, t, p, spec, nspec);
    if (nspec == 0) return repr_put(cx, o, t, p);
    if (t->kind != OK_TEXT && t->kind != OK_SCALAR)
        return fail(cx, E_TYPE,
                    "unsupported format string passed to object.__format__");
    TRY(spec_read(cx, t, spec, nspec, &s));
    if (t->kind == OK_TEXT) return format_text(cx, o, &s, t, *(const Text3 *)p);
    if (t->dt == DT_C128) return format_complex(cx, o, &s, t, *(const Complex128 *)p);
    if (t->dt == DT_C64) {
        Complex64 c = *(const Complex64 *)p;
        return format_complex(cx, o, &s, t, (Complex128){(double)c.re, (double)c.im});
    }
    if (t->dt == DT_F64) return format_float(cx, o, &s, t, *(const double *)p);
    if (t->dt == DT_F32) return format_float(cx, o, &s, t, (double)*(const float *)p);
    int64_t v = 0;
    switch (t->dt) {
    case DT_BOOL:
    case DT_U8: v = *(const uint8_t *)p; break;
    case DT_I8: v = *(const int8_t *)p; break;
    case DT_I16: v = *(const int16_t *)p; break;
    case DT_U16: v = *(const uint16_t *)p; break;
    case DT_I32: v = *(const int32_t *)p; break;
    case DT_U32: v = *(const uint32_t *)p; break;
    default: v = *(const int64_t *)p; break;
    }
    return format_int(cx, o, &s, t, v);
}
