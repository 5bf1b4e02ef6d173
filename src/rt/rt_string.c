/* SPDX-License-Identifier: Apache-2.0
 * Calls on text that compiled code owns. A text takes two slots: pointer and length,
 * then its owner. None where a text is needed (length < 0) is Python's TypeError or
 * AttributeError.
 */
#include "kernel/kernel.h"
#include "object/object_layout.h"
#include "rt/rt_obj.h"

#include <string.h>

#define T(k) rt_text3(in, k)

static const char *missing_type(int64_t n)
{
    return n == TEXT_NAN ? "float" : "NoneType";
}

static Status need(Cx *cx, Text3 t)
{
    if (t.n >= 0) return OK;
    return fail(cx, E_ATTR, "'%s' object has no attribute of str", missing_type(t.n));
}

/* The same of text[i] and text[a:b]. */
static Status need_items(Cx *cx, Text3 t)
{
    if (t.n >= 0) return OK;
    return fail(cx, E_TYPE, "'%s' object is not subscriptable", missing_type(t.n));
}

#define SELF                                                                           \
    Text3 t = T(0), r = {0};                                                           \
    TRY(need(cx, t))
#define GIVE(call)                                                                     \
    TRY(call);                                                                         \
    rt_text_out(out, 0, r);                                                            \
    return OK

int32_t rt_text_own(OBJ_ARGS) /* borrowed text as a block */
{
    Text3 r = {(const uint8_t *)"", in[0].n, (Obj *)(intptr_t)OBJ_IMMORTAL};
    GIVE(in[0].n < 0 ? OK : text_copy(cx, in[0].p, in[0].n, &r));
}

int32_t rt_chars_text(OBJ_ARGS) /* address of characters, how many at most */
{
    Text3 r;
    uint8_t *to;
    const uint32_t *c = in[0].ptr;
    idx n = chars_len(c, in[1].i);
    TRY(text_new(cx, chars_bytes(c, n), &r, &to));
    chars_write(c, n, to);
    rt_text_out(out, 0, r);
    return OK;
}

int32_t rt_chars_store(OBJ_ARGS) /* text, address of characters, how many of them */
{
    if (in[0].n < 0)
        return fail(cx, E_TYPE, "%s can't be stored in an array of text",
                    missing_type(in[0].n));
    chars_read(in[0].p, in[0].n, in[1].ptr, in[2].i);
    return OK;
}

/* Results of the function outlive its heap: they are copied to the call's scratch. */
int32_t rt_text_keep(OBJ_ARGS)
{
    out[0] = in[0];
    return rt_text_scratch(cx, &out[0]);
}

int32_t
rt_text_at(OBJ_ARGS) /* text, its characters, index (checked), TextPlace or NULL */
{
    TextPlace start = {0, 0}, *near = in[4].ptr;
    Text3 t = T(0);
    TRY(need_items(cx, t));
    out[0].i = (int64_t)text_at(t, in[2].i, in[3].i, near ? near : &start);
    return OK;
}

int32_t rt_text_char(OBJ_ARGS)
{
    Text3 r;
    if (in[0].i < 0 || in[0].i > 0x10ffff)
        return fail(cx, E_VALUE, "chr() arg not in range(0x110000)");
    GIVE(text_char(cx, (uint32_t)in[0].i, &r));
}

int32_t rt_text_slice(OBJ_ARGS)
{
    Text3 t = T(0), r = {0};
    TRY(need_items(cx, t));
    Span s = rt_span(at, in, 2);
    s.step = in[4].i;
    GIVE(text_slice(cx, t, s, &r));
}

int32_t rt_text_cat(OBJ_ARGS)
{
    Text3 part[64], r;
    int64_t n = nin / 2;
    if (n > 64) return fail(cx, E_INTERNAL, "too many texts to join");
    for (int64_t i = 0; i < n; i++) {
        part[i] = T((int)(2 * i));
        if (part[i].n < 0)
            return fail(cx, E_TYPE, "can only concatenate str (not \"%s\") to str",
                        missing_type(part[i].n));
    }
    GIVE(text_cat(cx, part, n, &r));
}

int32_t rt_text_repeat(OBJ_ARGS)
{
    if (in[0].n == TEXT_NAN) { /* NaN times a number */
        rt_text_out(out, 0,
                    (Text3){.n = TEXT_NAN, .own = (Obj *)(intptr_t)OBJ_IMMORTAL});
        return OK;
    }
    SELF;
    GIVE(text_repeat(cx, t, in[2].i, &r));
}

int32_t rt_text_chars(OBJ_ARGS)
{
    if (in[0].n < 0)
        return fail(cx, E_TYPE, "object of type '%s' has no len()",
                    missing_type(in[0].n));
    out[0].i = text_chars(T(0));
    return OK;
}

/* {right, bytes, strict: 1 ValueError when it is not there; in: the operator asks} */
int32_t rt_text_find(OBJ_ARGS)
{
    if (in[0].n < 0 && attr_int(at, "in", 0))
        return fail(cx, E_TYPE, "argument of type '%s' is not iterable",
                    missing_type(in[0].n));
    SELF;
    (void)r;
    out[0].i = text_find(t, T(2), rt_span(at, in, 4), attr_int(at, "right", 0) != 0);
    if (out[0].i < 0 && attr_int(at, "strict", 0))
        return fail(cx, E_VALUE, "%s not found",
                    attr_int(at, "bytes", 0) ? "subsection" : "substring");
    return OK;
}

int32_t rt_text_count(OBJ_ARGS)
{
    SELF;
    (void)r;
    out[0].i = text_count(t, T(2), rt_span(at, in, 4));
    return OK;
}

int32_t rt_text_affix(OBJ_ARGS)
{
    SELF;
    (void)r;
    out[0].i = text_affix(t, T(2), rt_span(at, in, 4), attr_int(at, "end", 0) != 0);
    return OK;
}

int32_t rt_text_case(OBJ_ARGS)
{
    SELF;
    GIVE(text_case(cx, t, (char)attr_int(at, "what", 'u'), &r));
}

int32_t rt_text_is(OBJ_ARGS)
{
    SELF;
    (void)r;
    out[0].i = text_is(t, (char)attr_int(at, "what", 'a'));
    return OK;
}

static Text3 optional(const Slot *in, int64_t nin, int k)
{
    return nin > k ? rt_text3(in, k) : (Text3){NULL, -1, NULL};
}

int32_t rt_text_strip(OBJ_ARGS)
{
    SELF;
    GIVE(text_strip(cx, t, (char)attr_int(at, "side", 'b'), optional(in, nin, 2), &r));
}

int32_t rt_text_replace(OBJ_ARGS)
{
    SELF;
    GIVE(text_replace(cx, t, T(2), T(4), in[6].i, &r));
}

int32_t rt_text_split(OBJ_ARGS)
{
    const ObjType *lt;
    List *l;
    SELF;
    (void)r;
    TRY(rt_objtype(cx, at, &lt));
    TRY(text_split(cx, t, optional(in, nin, 3), in[2].i, attr_int(at, "right", 0) != 0,
                   lt, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_text_lines(OBJ_ARGS)
{
    const ObjType *lt;
    List *l;
    SELF;
    (void)r;
    TRY(rt_objtype(cx, at, &lt));
    TRY(text_lines(cx, t, in[2].i != 0, lt, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_text_list(OBJ_ARGS)
{
    const ObjType *lt;
    List *l;
    SELF;
    (void)r;
    TRY(rt_objtype(cx, at, &lt));
    TRY(text_list(cx, t, lt, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_text_partition(OBJ_ARGS)
{
    Text3 part[3];
    SELF;
    (void)r;
    TRY(text_partition(cx, t, T(2), attr_int(at, "right", 0) != 0, part));
    for (int k = 0; k < 3; k++)
        rt_text_out(out, 2 * k, part[k]);
    return OK;
}

int32_t rt_text_pad(OBJ_ARGS)
{
    SELF;
    GIVE(text_pad(cx, t, (char)attr_int(at, "what", 'l'), in[2].i, T(3), &r));
}

int32_t rt_text_cut(OBJ_ARGS)
{
    SELF;
    GIVE(text_cut(cx, t, T(2), attr_int(at, "end", 0) != 0, &r));
}

int32_t rt_text_join(OBJ_ARGS)
{
    SELF;
    GIVE(text_join(cx, t, in[2].ptr, &r));
}

int32_t rt_text_tabs(OBJ_ARGS)
{
    SELF;
    GIVE(text_tabs(cx, t, in[2].i, &r));
}

int32_t rt_text_int(OBJ_ARGS)
{
    SELF;
    (void)r;
    return text_int(cx, t, in[2].i, &out[0].i);
}

int32_t rt_text_float(OBJ_ARGS)
{
    SELF;
    (void)r;
    return text_float(cx, t, &out[0].f);
}

int32_t rt_text_complex(OBJ_ARGS)
{
    SELF;
    (void)r;
    Complex128 z;
    TRY(text_complex(cx, t, &z));
    out[0].f = z.re;
    out[0].im = z.im;
    return OK;
}

int32_t rt_float_hex(OBJ_ARGS)
{
    Text3 r;
    (void)at, (void)nin, (void)nout;
    GIVE(float_hex(cx, in[0].f, &r));
}

/* The inverse of a modulo m > 0; 0 when there is none. */
static uint64_t inverse_of(uint64_t a, uint64_t m)
{
    __int128 r0 = (__int128)m, r1 = (__int128)(a % m), t0 = 0, t1 = 1;
    while (r1) {
        __int128 q = r0 / r1, r = r0 - q * r1, t = t0 - q * t1;
        r0 = r1;
        r1 = r;
        t0 = t1;
        t1 = t;
    }
    if (r0 != 1) return 0;
    return (uint64_t)(t0 < 0 ? t0 + (__int128)m : t0);
}

int32_t rt_pow_mod(OBJ_ARGS)
{
    int64_t a = in[0].i, n = in[1].i, m = in[2].i;
    if (m == 0) return fail(cx, E_VALUE, "pow() 3rd argument cannot be 0");
    uint64_t by = m < 0 ? 0 - (uint64_t)m : (uint64_t)m;
    __int128 rest = (__int128)a % (__int128)by;
    uint64_t x = (uint64_t)(rest < 0 ? rest + (__int128)by : rest), r = 1 % by;
    uint64_t times = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (n < 0 && by != 1) {
        x = inverse_of(x, by);
        if (!x)
            return fail(cx, E_VALUE, "base is not invertible for the given modulus");
    }
    for (; times; times >>= 1) {
        if (times & 1) r = (uint64_t)((unsigned __int128)r * x % by);
        x = (uint64_t)((unsigned __int128)x * x % by);
    }
    out[0].i = m < 0 && r ? (int64_t)(r - by) : (int64_t)r; /* the sign of m */
    return OK;
}

int32_t rt_text_ord(OBJ_ARGS)
{
    SELF;
    (void)r;
    return text_ord(cx, t, &out[0].i);
}

/* -- Any value as text ------------------------------------------------------------- */

int32_t rt_text_repr(OBJ_ARGS)
{
    const ObjType *t;
    Str s = {0};
    Text3 r;
    TRY(rt_objtype(cx, at, &t));
    const char *numpy = attr_text(at, "np"); /* name of a NumPy scalar's type */
    if (numpy) TRY(str_puts(cx, &s, numpy));
    TRY(repr_put(cx, &s, t, in[0].ptr));
    if (numpy) TRY(str_puts(cx, &s, strchr(numpy, '(') ? ")" : "_"));
    GIVE(str_end(cx, &s, &r));
}

int32_t rt_text_str(OBJ_ARGS)
{
    const ObjType *t;
    Str s = {0};
    Text3 r;
    TRY(rt_objtype(cx, at, &t));
    TRY(format_put(cx, &s, t, in[0].ptr, "", 0));
    GIVE(str_end(cx, &s, &r));
}

int32_t rt_text_fmt(OBJ_ARGS)
{
    const ObjType *t;
    Str s = {0};
    Text3 r, spec = T(1);
    TRY(rt_objtype(cx, at, &t));
    TRY(format_put(cx, &s, t, in[0].ptr, (const char *)spec.p, spec.n));
    GIVE(str_end(cx, &s, &r));
}
