/* SPDX-License-Identifier: Apache-2.0
 * Calls that codegen makes by itself: text of scalars, functions of numbers, what a
 * call owns.
 */
#include "comm/comm.h"
#include "rt/math_fn.h"
#include "rt/rt.h"
#include "unit.h"
#include <math.h>

static const Attrs *attrs_of(Arena *a, DType dt)
{
    AttrWriter w;
    int64_t type = 1 | dt << 8 | (dt == DT_F64 ? NULL_NAN : NULL_NONE) << 16;
    attr_begin(&w, a);
    attr_put_ints(&w, "atype", &type, 1);
    return attr_end(&w, NULL);
}

static void check_text(Cx *cx, DType dt, Slot in, const char *want)
{
    Slot out;
    assert_ok(rt_text_format(cx, attrs_of(cx->scratch, dt), 1, &in, 1, &out));
    assert_int_equal(out.n, strlen(want));
    assert_memory_equal(out.p, want, strlen(want));
}

/* The right sides are Python's str(). */
static void test_text_format(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    static const struct {
        double v;
        const char *text;
    } floats[] = {
        {0.0,           "0.0"                },
        {-0.0,          "-0.0"               },
        {1.0,           "1.0"                },
        {2.5,           "2.5"                },
        {1e16,          "1e+16"              },
        {1e15,          "1000000000000000.0" },
        {1e-4,          "0.0001"             },
        {1e-5,          "1e-05"              },
        {1e22,          "1e+22"              },
        {1.0 / 3,       "0.3333333333333333" },
        {123456789.125, "123456789.125"      },
        {0.1 + 0.2,     "0.30000000000000004"},
        {1.5e300,       "1.5e+300"           },
        {5e-324,        "5e-324"             },
        {100.0,         "100.0"              },
        {-HUGE_VAL,     "-inf"               },
        {(double)NAN,   "nan"                },
    };
    for (idx i = 0; i < COUNT_OF(floats); i++)
        check_text(cx, DT_F64, (Slot){.f = floats[i].v, .n = 1}, floats[i].text);
    check_text(cx, DT_I64, (Slot){.i = INT64_MIN, .n = 1}, "-9223372036854775808");
    check_text(cx, DT_U64, (Slot){.i = -1, .n = 1}, "18446744073709551615");
    check_text(cx, DT_BOOL, (Slot){.i = 1, .n = 1}, "True");
    unit_end(cx);
}

static Slot text(const char *s)
{
    return (Slot){.p = (const uint8_t *)s, .n = s ? (int64_t)strlen(s) : -1};
}

static void test_text(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    static const char *const word[] = {"", "a", "ab", "b", "\xc3\xa4", NULL};
    Slot out;
    for (idx i = 0; i < 5; i++)
        for (idx j = 0; j < 5; j++) {
            Slot in[2] = {text(word[i]), text(word[j])};
            int want = strcmp(word[i], word[j]);
            assert_ok(rt_text_cmp(cx, NULL, 2, in, 1, &out));
            assert_int_equal(out.i, (want > 0) - (want < 0));
        }
    Slot three[3] = {text("one "), text(""), text("two")};
    assert_ok(rt_text_concat(cx, NULL, 3, three, 1, &out));
    assert_int_equal(out.n, 7);
    assert_memory_equal(out.p, "one two", 7);
    three[1] = text(NULL);
    assert_ok(rt_text_concat(cx, NULL, 3, three, 1, &out));
    assert_int_equal(out.n, -1);
    unit_end(cx);
}

/* The right sides are NumPy's. */
static void test_numbers(void **state)
{
    (void)state;
    assert_true(math_mod(7.5, 2) == 1.5 && math_mod(-7.5, 2) == 0.5);
    assert_true(math_mod(7.5, -2) == -0.5 && math_mod(-7.5, -2) == -1.5);
    assert_true(signbit(math_mod(4, -2)) && !signbit(math_mod(-4, 2)));
    assert_true(isnan(math_mod(1, 0)));
    assert_true(math_floordiv(7.5, 2) == 3 && math_floordiv(-7.5, 2) == -4);
    assert_true(math_floordiv(1, 0) == HUGE_VAL && math_floordiv(-1, 0) == -HUGE_VAL);
    assert_true(isnan(math_floordiv(0, 0)));
    assert_true(math_floordiv(1, 0.1) == 9);
    assert_int_equal(math_ipow(3, 4), 81);
    assert_int_equal(math_ipow(-2, 63), INT64_MIN);
    assert_int_equal(math_ipow(2, 64), 0);
    assert_int_equal(math_ipow(5, 0), 1);
    assert_int_equal(math_ipow(-1, -3), -1);
}

/* Compiled code that makes three columns, drops one, returns one, and may fail. */
static int32_t make_three(Cx *cx, RtCall *const *calls, const Slot *in, Slot *out)
{
    Slot made[3];
    (void)calls;
    for (int k = 0; k < 3; k++) {
        Array *a;
        TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, 10, true, &a));
        TRY(rt_out(cx, &made[k], a));
    }
    TRY(rt_unref(cx, NULL, 1, &made[1], 0, NULL));
    Slot builder;
    TRY(rt_strbuild_new(cx, NULL, 0, NULL, 1, &builder));
    if (in[0].i) {
        Slot site[2] = {{.i = 5}, {.i = 1}};
        (void)cx_fail(cx, E_VALUE, "asked to fail");
        return rt_fail(cx, NULL, 2, site, 0, NULL);
    }
    out[0] = made[2];
    return OK;
}

static void test_ownership(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Slot in = {.i = 0}, out;
    uint8_t is_array = OUT_ARRAY;
    assert_ok(rt_run(cx, make_three, &in, &out, 1, &is_array));
    assert_int_equal(buf_live_count(), 1);
    array_unref(out.a);
    in.i = 1;
    assert_int_equal(rt_run(cx, make_three, &in, &out, 1, &is_array), E_VALUE);
    assert_int_equal(cx->err.site, 5);
    assert_int_equal(buf_live_count(), 0);
    unit_end(cx);
}

/* Iterations of a range are split without loss, in order. */
static void test_split(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Comm comm = *comm_self();
    static const int64_t range[][3] = {
        {0,  10, 1 },
        {0,  10, 3 },
        {10, 0,  -3},
        {5,  5,  1 },
        {0,  1,  7 },
        {-4, 9,  2 }
    };
    cx->comm = &comm;
    for (idx k = 0; k < COUNT_OF(range); k++)
        for (comm.size = 1; comm.size < 6; comm.size++) {
            int64_t step = range[k][2], next = range[k][0], stop = range[k][1];
            for (comm.rank = 0; comm.rank < comm.size; comm.rank++) {
                Slot in[3] = {{.i = range[k][0]}, {.i = stop}, {.i = step}}, out[2];
                assert_ok(rt_split(cx, NULL, 3, in, 2, out));
                for (int64_t i = out[0].i; step > 0 ? i < out[1].i : i > out[1].i;
                     i += step) {
                    assert_int_equal(i, next);
                    next += step;
                }
            }
            assert_true(step > 0 ? next >= stop : next <= stop);
        }
    cx->comm = NULL;
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_format), cmocka_unit_test(test_text),
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_ownership),
        cmocka_unit_test(test_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
