/* SPDX-License-Identifier: Apache-2.0
 * Folding of constants as Python computes them: operators, comparison, truth, text.
 *
 * Integers are Python's: a result beyond 64 bits is refused, not wrapped. What is not
 * folded here (methods of str, format) is asked of the host.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_int(const AVal *v)
{
    return v->kind == A_CONST && (v->ck == AC_INT || v->ck == AC_BOOL);
}

static bool is_num(const AVal *v)
{
    return is_int(v) || (v->kind == A_CONST && v->ck == AC_FLOAT);
}

static bool is_str(const AVal *v)
{
    return v->kind == A_CONST && v->ck == AC_STR;
}

static double num(const AVal *v)
{
    return v->ck == AC_FLOAT ? v->f : (double)v->i;
}

/* A constant made from an argument's value: using it as a constant fixes the value.
 * Numbers stay run-time values instead. */
static bool lazy(const AVal *v)
{
    return v->kind == A_CONST && v->arg && !v->arg->demanded;
}

static void used(const AVal *v)
{
    if (v->arg) v->arg->demanded = true;
}

NORETURN static void too_big(Front *f)
{
    front_unsup(f, UNSUP_NUMBER,
                "the result of constants is an integer beyond 64 bits");
}

/* Raises when control gets here, which may be never: returns what stands for the
 * result. */
static AVal *raises(Front *f, const char *text, AVal *result)
{
    Val *yes = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), 1);
    AVal *always = av_scalar(f, yes);
    lower_raise_if(f, always, E_ZERO_DIV, text);
    return result;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

static AVal *int_pow(Front *f, int64_t a, int64_t b)
{
    int64_t r = 1;
    if (b < 0) {
        if (a == 0)
            front_fail(f, E_ZERO_DIV, "0.0 cannot be raised to a negative power");
        return av_float(f, pow((double)a, (double)b));
    }
    if (a == 0 || a == 1) return av_int(f, b == 0 ? 1 : a);
    if (a == -1) return av_int(f, b % 2 ? -1 : 1);
    for (int64_t i = 0; i < b; i++)
        if (__builtin_mul_overflow(r, a, &r)) too_big(f);
    return av_int(f, r);
}

static AVal *int_by_zero(Front *f, AstKind op)
{
    if (flags_numpy_errors(f)) return av_int(f, 0);
    return raises(f,
                  op == AST_Mod ? "integer modulo by zero"
                                : "integer division or modulo by zero",
                  av_int(f, 0));
}

static AVal *int_op(Front *f, AstKind op, const AVal *x, const AVal *y)
{
    int64_t a = x->i, b = y->i, r = 0;
    bool over = false, both = x->ck == AC_BOOL && y->ck == AC_BOOL;
    switch (op) {
    case AST_Add: over = __builtin_add_overflow(a, b, &r); break;
    case AST_Sub: over = __builtin_sub_overflow(a, b, &r); break;
    case AST_Mult: over = __builtin_mul_overflow(a, b, &r); break;
    case AST_Pow: return int_pow(f, a, b);
    case AST_FloorDiv:
    case AST_Mod:
        if (b == 0) return int_by_zero(f, op);
        if (a == INT64_MIN && b == -1) too_big(f);
        r = op == AST_FloorDiv ? floor_div(a, b) : a - floor_div(a, b) * b;
        break;
    case AST_BitAnd: r = a & b; break;
    case AST_BitOr: r = a | b; break;
    case AST_BitXor: r = a ^ b; break;
    case AST_LShift:
        if (b < 0) front_fail(f, E_VALUE, "negative shift count");
        if (b == 63 && a == -1) return av_int(f, INT64_MIN);
        over = b > 62 ? a != 0 : __builtin_mul_overflow(a, (int64_t)1 << b, &r);
        break;
    case AST_RShift:
        if (b < 0) front_fail(f, E_VALUE, "negative shift count");
        r = b > 63 ? (a < 0 ? -1 : 0) : a >> b;
        break;
    default: return NULL;
    }
    if (over) too_big(f);
    if (both && (op == AST_BitAnd || op == AST_BitOr || op == AST_BitXor))
        return av_bool(f, r != 0);
    return av_int(f, r);
}

static AVal *float_op(Front *f, AstKind op, double a, double b, bool ints)
{
    if ((op == AST_Div || op == AST_FloorDiv || op == AST_Mod) &&
        !(b < 0 || b > 0 || b != b)) {
        if (flags_numpy_errors(f))
            return av_float(f, op == AST_Mod ? (double)NAN : a / b);
        return raises(f,
                      op == AST_Div
                          ? (ints ? "division by zero" : "float division by zero")
                      : op == AST_Mod ? "float modulo"
                                      : "float floor division by zero",
                      av_float(f, 0));
    }
    switch (op) {
    case AST_Add: return av_float(f, a + b);
    case AST_Sub: return av_float(f, a - b);
    case AST_Mult: return av_float(f, a * b);
    case AST_Div: return av_float(f, a / b);
    case AST_FloorDiv: return av_float(f, floor(a / b));
    case AST_Mod: {
        double r = fmod(a, b);
        if (!(r < 0 || r > 0)) return av_float(f, copysign(0.0, b));
        return av_float(f, (r < 0) == (b < 0) ? r : r + b);
    }
    case AST_Pow:
        if (a < 0 && b == b && floor(b) < b)
            front_unsup(f, UNSUP_COMPLEX, "the power is a complex number");
        return av_float(f, pow(a, b));
    default: return NULL;
    }
}

static AVal *str_op(Front *f, AstKind op, const AVal *a, const AVal *b)
{
    if (op == AST_Add && is_str(a) && is_str(b)) {
        char *s = arena_alloc(f->arena, (size_t)(a->n + b->n) + 1);
        memcpy(s, a->s, (size_t)a->n);
        memcpy(s + a->n, b->s, (size_t)b->n);
        return av_str(f, s, a->n + b->n);
    }
    const AVal *s = is_str(a) ? a : b, *k = s == a ? b : a;
    if (op == AST_Mult && is_int(k)) {
        int64_t n = k->i < 0 ? 0 : k->i;
        if (s->n && n > 1000000 / s->n)
            front_unsup(f, UNSUP_TOO_MANY, "a constant text grows too long");
        char *t = arena_alloc(f->arena, (size_t)(n * s->n) + 1);
        for (int64_t i = 0; i < n; i++)
            memcpy(t + i * s->n, s->s, (size_t)s->n);
        return av_str(f, t, n * s->n);
    }
    if (op == AST_Mod && is_str(a) && (b->kind == A_CONST || b->kind == A_TUPLE)) {
        AVal *arg[2] = {NULL, NULL};
        union {
            const AVal *c;
            AVal *p;
        } x = {.c = a}, y = {.c = b};
        arg[0] = x.p;
        arg[1] = y.p;
        return const_fold(f, "operator.mod", arg, 2);
    }
    return NULL;
}

AVal *const_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (is_num(a) && is_num(b)) {
        if (lazy(a) || lazy(b)) return NULL;
        if (is_int(a) && is_int(b) && op != AST_Div) return int_op(f, op, a, b);
        return float_op(f, op, num(a), num(b), is_int(a) && is_int(b));
    }
    if (text_is_run(f, a) || text_is_run(f, b)) return NULL;
    if ((is_str(a) && (b->kind == A_CONST || b->kind == A_TUPLE)) ||
        (is_str(b) && is_int(a))) {
        AVal *v = str_op(f, op, a, b);
        if (v) {
            used(a);
            used(b);
        }
        return v;
    }
    return NULL;
}

AVal *const_unary(Front *f, AstKind op, AVal *a)
{
    if (!is_num(a) || lazy(a)) return NULL;
    if (op == AST_USub && a->ck == AC_FLOAT) return av_float(f, -a->f);
    if (op == AST_USub) {
        if (a->i == INT64_MIN) too_big(f);
        return av_int(f, -a->i);
    }
    if (op == AST_UAdd) return a->ck == AC_FLOAT ? a : av_int(f, a->i);
    if (op == AST_Invert && is_int(a)) return av_int(f, ~a->i);
    return NULL;
}

static AVal *ordered(Front *f, AstKind op, int c, bool unordered)
{
    switch (op) {
    case AST_Eq: return av_bool(f, !unordered && c == 0);
    case AST_NotEq: return av_bool(f, unordered || c != 0);
    case AST_Lt: return av_bool(f, !unordered && c < 0);
    case AST_LtE: return av_bool(f, !unordered && c <= 0);
    case AST_Gt: return av_bool(f, !unordered && c > 0);
    case AST_GtE: return av_bool(f, !unordered && c >= 0);
    default: return NULL;
    }
}

static int text_order(const AVal *a, const AVal *b)
{
    idx n = idx_min(a->n, b->n);
    int c = n ? memcmp(a->s, b->s, (size_t)n) : 0;
    return c ? c : (a->n > b->n) - (a->n < b->n);
}

AVal *const_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (is_str(a) && is_str(b)) {
        used(a);
        used(b);
        if (op == AST_In || op == AST_NotIn) {
            bool in = memmem(b->s, (size_t)b->n, a->s, (size_t)a->n) != NULL;
            return av_bool(f, in == (op == AST_In));
        }
        return ordered(f, op, text_order(a, b), false);
    }
    if (op == AST_In || op == AST_NotIn || !is_num(a) || !is_num(b)) return NULL;
    if (lazy(a) || lazy(b)) return NULL;
    if (is_int(a) && is_int(b))
        return ordered(f, op, (a->i > b->i) - (a->i < b->i), false);
    double x = num(a), y = num(b);
    return ordered(f, op, (x > y) - (x < y), x != x || y != y);
}

int const_truth(Front *f, AVal *v)
{
    switch ((AKind)v->kind) {
    case A_NONE: return 0;
    case A_CONST:
        used(v);
        if (v->ck == AC_FLOAT) return v->f < 0 || v->f > 0 || v->f != v->f;
        if (v->ck == AC_STR || v->ck == AC_BYTES) return v->n > 0;
        if (v->ck == AC_BOOL || v->ck == AC_INT) return v->i != 0;
        return v->ck == AC_COMPLEX ? -1 : 1;
    case A_TUPLE: return v->n > 0;
    case A_LIST:
    case A_SET:
    case A_DICT: return front_items(f, v)->item.n > 0;
    case A_FUNC:
    case A_API:
    case A_METHOD:
    case A_DTYPE: return 1;
    default: return -1;
    }
}

/* -- Text -------------------------------------------------------------------------- */
/* As repr() has it; what is beyond ASCII stands for itself. */
static const char *quoted(Front *f, const AVal *v)
{
    char q = memchr(v->s, '\'', (size_t)v->n) && !memchr(v->s, '"', (size_t)v->n)
                 ? '"'
                 : '\'';
    char *s = arena_alloc(f->arena, 4 * (size_t)v->n + 3), *p = s;
    *p++ = q;
    for (idx i = 0; i < v->n; i++) {
        unsigned char c = (unsigned char)v->s[i];
        const char *at = c ? strchr("\n\r\t", c) : NULL;
        if (at) {
            *p++ = '\\';
            *p++ = "nrt"[*at == '\n' ? 0 : *at == '\r' ? 1 : 2];
        } else if (c < 0x20 || c == 0x7f) {
            *p++ = '\\';
            *p++ = 'x';
            *p++ = "0123456789abcdef"[c >> 4];
            *p++ = "0123456789abcdef"[c & 15];
        } else {
            if (c == '\\' || c == (unsigned char)q) *p++ = '\\';
            *p++ = (char)c;
        }
    }
    *p++ = q;
    *p = '\0';
    return s;
}

const char *const_text(Front *f, const AVal *v)
{
    if (v->kind == A_NONE) return "None";
    if (v->kind == A_CONST) {
        if (v->ck == AC_STR) return quoted(f, v);
        if (v->ck == AC_BOOL) return v->i ? "True" : "False";
        if (v->ck == AC_INT) return arena_printf(f->arena, "%lld", (long long)v->i);
        if (v->ck == AC_FLOAT) return arena_printf(f->arena, "%.17g", v->f);
        return "...";
    }
    if (v->kind != A_TUPLE) return av_type_text(f, v);
    const char *s = "(";
    for (idx i = 0; i < v->n; i++)
        s = arena_printf(f->arena, "%s%s%s", s, i ? ", " : "",
                         const_text(f, v->item[i]));
    return arena_printf(f->arena, v->n == 1 ? "%s,)" : "%s)", s);
}

/* Containers that the host has made for this call are nobody else's. */
static AVal *made_here(Front *f, AVal *v)
{
    bool box = v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
    if (box) front_items(f, v)->captured = false;
    idx n = box ? front_items(f, v)->item.n : v->kind == A_TUPLE ? v->n : 0;
    for (idx i = 0; i < n; i++)
        made_here(f, box ? front_items(f, v)->item.at[i] : v->item[i]);
    return v;
}

/* The host evaluates what on constants; NULL when an argument is no constant. */
AVal *const_fold(Front *f, const char *what, AVal *const *arg, idx narg)
{
    HostVal *h = ARENA_NEW_N(f->arena, narg + 1, HostVal), out = {.obj = -1};
    for (idx i = 0; i < narg; i++)
        if (!av_to_host(f, arg[i], &h[i])) return NULL;
    Err err = {0};
    if (!f->host->fold(f->host_data, f->arena, what, h, narg, &out, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    return made_here(f, av_from_host(f, &out));
}

/* -- Times ------------------------------------------------------------------------- */
static bool digits(const char **p, const char *end, int least, int most, int64_t *v)
{
    int n = 0;
    *v = 0;
    while (*p < end && n < most && **p >= '0' && **p <= '9') {
        *v = *v * 10 + (*(*p)++ - '0');
        n++;
    }
    return n >= least;
}

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = floor_div(y, 400), yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool date_valid(int64_t y, int64_t m, int64_t d)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (m < 1 || m > 12 || d < 1) return false;
    bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return d <= days[m - 1] + (m == 2 && leap);
}

/* One format after another. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity) */
bool const_time(const char *s, idx n, int64_t *v, Unit *unit)
{
    const char *p = s, *end = s + n;
    int64_t y, mo = 1, d = 1, h = 0, mi = 0, sec = 0, frac = 0;
    int nfrac = 0;
    if (!digits(&p, end, 4, 4, &y)) return false;
    bool dash = p < end && (*p == '-' || *p == '/');
    char sep = dash ? *p : 0;
    if (dash) p++;
    if (p < end && !digits(&p, end, dash ? 1 : 2, 2, &mo)) return false;
    if (p < end && dash && *p == sep) p++;
    if (p < end && *p >= '0' && *p <= '9' && !digits(&p, end, dash ? 1 : 2, 2, &d))
        return false;
    if (p < end && (*p == ' ' || *p == 'T')) {
        p++;
        if (!digits(&p, end, 1, 2, &h) || p == end || *p++ != ':') return false;
        if (!digits(&p, end, 2, 2, &mi)) return false;
        if (p < end && *p == ':') {
            p++;
            if (!digits(&p, end, 2, 2, &sec)) return false;
        }
        if (p < end && *p == '.') {
            p++;
            const char *q = p;
            if (!digits(&p, end, 1, 9, &frac)) return false;
            nfrac = (int)(p - q);
        }
    }
    if (p != end || !date_valid(y, mo, d) || h > 23 || mi > 59 || sec > 59)
        return false;
    int64_t t = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
    /* pandas 3 gives microseconds, and nanoseconds only to more digits than six. */
    int want = nfrac > 6 ? 9 : 6;
    *unit = want == 6 ? UNIT_US : UNIT_NS;
    for (int i = nfrac; i < want; i++)
        frac *= 10;
    return !__builtin_mul_overflow(t, unit_per_second(*unit), v) &&
           !__builtin_add_overflow(*v, frac, v);
}
