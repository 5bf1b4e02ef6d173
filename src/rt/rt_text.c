/* SPDX-License-Identifier: Apache-2.0
 * Operations on text columns, conversions between column types.
 */
#include "base/base.h"

#include "array/dict.h"
#include "rt/rt_int.h"

static bool is_col(const Attrs *at, idx i)
{
    enum { COL = 2 }; /* TY_COL of ir/type.h, as codegen writes it */
    return rt_type(at, "atype", i).kind == COL;
}

/* An owned array as the result, in the result's type. */
static Status give(Cx *cx, const Attrs *at, Array *a, Slot *out)
{
    Array *fit;
    Status st = rt_adapt(cx, a, rt_type(at, "rtype", 0), &fit);
    array_unref(a);
    return st ? st : rt_out(cx, out, fit);
}

static char swap_compare(char op)
{
    static const char from[] = "<l>g=!", to[] = ">g<l=!";
    const char *p = strchr(from, op);
    return p ? to[p - from] : op;
}

Status rt_strcmp(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    const char *text = attr_text(at, "op");
    char op = text ? text[0] : '=';
    Array *a;
    if (is_col(at, 0) && is_col(at, 1))
        TRY(str_cmp(cx, in[0].a, op, in[1].a, &a));
    else if (is_col(at, 0))
        TRY(str_cmp_const(cx, in[0].a, op, in[1].p, in[1].n, &a));
    else
        TRY(str_cmp_const(cx, in[1].a, swap_compare(op), in[0].p, in[0].n, &a));
    return give(cx, at, a, out);
}

Status rt_strfind(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    const char *what = attr_text(at, "what"), *s = attr_text(at, "text");
    Array *a;
    TRY(str_find(cx, in[0].a, what[0], (const uint8_t *)s, attr_text_len(at, "text"),
                 attr_int(at, "na", 0) != 0, &a));
    return give(cx, at, a, out);
}

Status rt_strlen(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    TRY(str_len(cx, in[0].a, &a));
    int64_t any = array_null_count(a) > 0;
    bool prom = rt_type(at, "rtype", 0).null == NULL_PROM;
    if (prom && rt_par(cx, at)) {
        Status st = comm_max_i64(cx, &any, 1);
        if (st) {
            array_unref(a);
            return st;
        }
    }
    a->promoted = prom && any;
    return give(cx, at, a, out);
}

Status rt_strcase(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    TRY(str_case(cx, in[0].a, attr_text(at, "what")[0], &a));
    return give(cx, at, a, out);
}

Status rt_strstrip(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    const char *chars = attr_text(at, "chars");
    TRY(str_strip(cx, in[0].a, attr_text(at, "side")[0], (const uint8_t *)chars,
                  chars ? attr_text_len(at, "chars") : 0, &a));
    return give(cx, at, a, out);
}

Status rt_strslice(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    TRY(str_slice(cx, in[0].a, attr_int(at, "start", 0), attr_int(at, "stop", 0),
                  attr_has(at, "start"), attr_has(at, "stop"), &a));
    return give(cx, at, a, out);
}

Status rt_strnull(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    TRY(is_null(cx, in[0].a, attr_int(at, "negate", 0) != 0, &a));
    return give(cx, at, a, out);
}

Status rt_strfill(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    Array *a;
    TRY(fill_null_str(cx, in[0].a, in[1].p, in[1].n, &a));
    return give(cx, at, a, out);
}

/* One operand of a concatenation: a column's row or a fixed text; missing: n < 0. */
static Text operand(const Slot *s, bool col, idx i)
{
    if (!col) return (Text){s->p, s->n};
    if (!array_bit(s->a, i)) return (Text){NULL, -1};
    Text t;
    t.p = array_str(s->a, i, &t.n);
    return t;
}

Status rt_strconcat(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nin, (void)nout;
    bool ca = is_col(at, 0), cb = is_col(at, 1), missing = false;
    idx n = ca ? in[0].a->n : in[1].a->n, bytes = 0;
    for (idx i = 0; i < n; i++) {
        Text a = operand(&in[0], ca, i), b = operand(&in[1], cb, i);
        if (a.n < 0 || b.n < 0)
            missing = true;
        else if (__builtin_add_overflow(bytes, a.n + b.n, &bytes))
            return fail(cx, E_OVERFLOW, "the joined text is too large");
    }
    Array *res;
    TRY(array_new_str(cx, n, bytes, &res));
    Status st = missing ? array_add_valid(cx, res, true) : OK;
    if (st) {
        array_unref(res);
        return st;
    }
    idx at_byte = 0;
    for (idx i = 0; i < n; i++) {
        Text a = operand(&in[0], ca, i), b = operand(&in[1], cb, i);
        if (a.n < 0 || b.n < 0) {
            bit_clear(res->valid, i);
        } else {
            if (a.n) memcpy(res->bytes + at_byte, a.p, (size_t)a.n);
            if (b.n) memcpy(res->bytes + at_byte + a.n, b.p, (size_t)b.n);
            at_byte += a.n + b.n;
        }
        res->off[i + 1] = at_byte;
    }
    res->null_count = missing ? -1 : 0;
    return give(cx, at, res, out);
}

Status rt_mkdict(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    idx k = attr_count(at, "texts"), n = in[0].a->n;
    DictSet *set;
    Array *dict, *a;
    TRY(dictset_new(cx, k, &set));
    int32_t *code_of = arena_try(cx->scratch, (size_t)k + 1, sizeof *code_of);
    Status st =
        code_of ? OK : fail(cx, E_MEMORY, "no memory for %lld texts", (long long)k);
    for (idx i = 0; i < k && !st; i++) {
        const char *s = attr_text_at(at, "texts", i);
        st = dictset_add(cx, set, (const uint8_t *)s, (idx)strlen(s), &code_of[i]);
    }
    if (st) {
        dictset_free(set);
        return st;
    }
    TRY(dictset_finish(cx, set, &dict));
    st = array_new_dict(cx, n, dict, &a);
    array_unref(dict);
    TRY(st);
    const int32_t *from = in[0].a->data;
    int32_t *to = a->data;
    bool missing = false;
    for (idx i = 0; i < n; i++) {
        missing |= from[i] < 0;
        to[i] = from[i] < 0 ? 0 : code_of[from[i]];
    }
    if (missing) {
        st = array_add_valid(cx, a, true);
        for (idx i = 0; i < n && !st; i++)
            if (from[i] < 0) bit_clear(a->valid, i);
        a->null_count = -1;
    }
    return st ? st : rt_out(cx, &out[0], a);
}

Status rt_convert(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    RtType t = rt_type(at, "rtype", 0);
    Array *a;
    TRY(cast(cx, in[0].a, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, &a));
    return rt_out(cx, &out[0], a);
}

/* All ranks write times alike: as their rows together need it. */
Status rt_timetext(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    TimeForm form = time_form(in[0].a);
    if (rt_par(cx, at)) {
        int64_t needs[] = {!form.days, form.digits};
        TRY(comm_max_i64(cx, needs, 2));
        form = (TimeForm){.days = !needs[0], .digits = (int)needs[1]};
    }
    Array *a;
    TRY(cast_time(cx, in[0].a, form, (NullForm)rt_type(at, "rtype", 0).null, &a));
    return rt_out(cx, &out[0], a);
}

Status rt_todatetime(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                     Slot *out)
{
    return rt_convert(cx, at, nin, in, nout, out);
}
