/* SPDX-License-Identifier: Apache-2.0
 * front/: the text of the syntax tree, folding of constants, times, errors and their
 * places. What source becomes in IR is tested by tests/test_front.py.
 */
#include "front/front_int.h"
#include "front_host.h"
#include "unit.h"

typedef struct Run {
    Arena *arena;
    Err err;
    char *ir;
} Run;

/* Evaluates the last function of a dumped module. */
static void run(Run *r, const char *dump)
{
    jmp_buf env;
    r->arena = arena_new();
    memset(&r->err, 0, sizeof r->err);
    r->ir = NULL;
    Fn *fn = fn_new(r->arena, "main", &r->err, &env);
    FakeHost h = {.arena = r->arena, .names = fn->names};
    h.module = ast_read(r->arena, fn->names, dump);
    assert_non_null(h.module);
    Desc **arg;
    idx narg;
    int root = fake_root(&h, &arg, &narg);
    assert_true(root >= 0);
    if (setjmp(env)) return;
    front_run(fn, &fake_host, &h, root, arg, narg, NULL);
    ir_verify(fn);
    r->ir = ir_print(fn, r->arena);
}

#define ARGS                                                                           \
    "arguments(posonlyargs=[], args=[arg(arg='a')], kwonlyargs=[], kw_defaults=[], "   \
    "defaults=[])"
#define MODULE(body)                                                                   \
    "Module(body=[FunctionDef(name='f', args=" ARGS ", body=[" body                    \
    "], decorator_list=[])], type_ignores=[])"

static void test_text(void **state)
{
    (void)state;
    Arena *a = arena_new();
    Intern *names = intern_new(a);
    static const char *const good[] = {
        "Return(value=Constant(value='it\\'s \\\\ \\x07'))",
        "Return(value=Constant(value=-1.5))",
        "Return(value=Constant(value=123456789012345678901234567890))",
        "Global(names=['x', 'y'])",
        ("Return(value=Compare(left=Name(id='a'), ops=[Lt(), GtE()], "
         "comparators=[Name(id='b'), Name(id='c')]))"),
    };
    for (idx i = 0; i < COUNT_OF(good); i++) {
        Ast *e = ast_read(a, names, good[i]);
        assert_non_null(e);
        assert_string_equal(ast_print(a, e), good[i]);
    }
    static const char *const bad[] = {"",
                                      "Return(",
                                      "Return(value=)",
                                      "Return(value=Constant(value='x)",
                                      "Pass() Pass()",
                                      "Pass(lineno=-3)",
                                      "1"};
    for (idx i = 0; i < COUNT_OF(bad); i++)
        assert_null(ast_read(a, names, bad[i]));
    arena_free(a);
}

static void test_fold(void **state)
{
    (void)state;
    Run r;
    run(&r, MODULE("Return(value=BinOp(left=Constant(value=-7), op=FloorDiv(), "
                   "right=Constant(value=2)))"));
    assert_int_equal(r.err.code, OK);
    assert_non_null(strstr(r.ir, "RETURN"));
    arena_free(r.arena);
    run(&r, MODULE("Return(value=BinOp(left=Constant(value=1), op=Mod(), "
                   "right=Constant(value=0)))"));
    assert_int_equal(r.err.code, OK); /* raised when control gets there */
    assert_non_null(strstr(r.ir, "RAISE"));
    arena_free(r.arena);
    run(&r, MODULE("Return(value=BinOp(left=Constant(value=2), op=Pow(), "
                   "right=Constant(value=64)))"));
    assert_int_equal(r.err.code, E_UNSUP);
    assert_int_equal(r.err.unsup, UNSUP_NUMBER);
    arena_free(r.arena);
}

static void test_places(void **state)
{
    (void)state;
    Run r;
    run(&r, MODULE("Return(value=Name(id='b', lineno=3, col_offset=7, end_lineno=3, "
                   "end_col_offset=8))"));
    assert_int_equal(r.err.code, E_NAME);
    assert_int_equal(r.err.loc.line, 3);
    assert_int_equal(r.err.loc.col, 7);
    assert_string_equal(r.err.text, "name 'b' is not defined. Did you mean: 'a'?");
    arena_free(r.arena);
}

static void test_time(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t v;
        Unit unit;
    } row[] = {
        {"1970-01-02",                    true,  86400000000,     UNIT_US},
        {"2000-02-29 12:00",              true,  951825600000000, UNIT_US},
        {"1969-12-31T23:59:59.5",         true,  -500000,         UNIT_US},
        {"1970-01-01 00:00:00.000000001", true,  1,               UNIT_NS},
        {"2001-02-29",                    false, 0,               0      },
        {"2001-13-01",                    false, 0,               0      },
        {"yesterday",                     false, 0,               0      },
        {"",                              false, 0,               0      },
    };
    for (idx i = 0; i < COUNT_OF(row); i++) {
        int64_t v = 0;
        Unit u = UNIT_NONE;
        bool ok = const_time(row[i].text, (idx)strlen(row[i].text), &v, &u);
        assert_int_equal(ok, row[i].ok);
        if (!ok) continue;
        assert_int_equal(v, row[i].v);
        assert_int_equal(u, row[i].unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
