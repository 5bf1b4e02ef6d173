/* Signatures of the op table: every row parses; arguments are bound as Python binds
 * them. */
#include "front/build.h"
#include "front/front_int.h"
#include "unit.h"

typedef struct Bound {
    Front f;
    Err err;
    jmp_buf catch_;
    Call c;
} Bound;

/* pandas' and NumPy's functions have no other parameters. */
static bool no_parameter(void *d, Arena *a, const char *what, const HostVal *args,
                         idx n, HostVal *out, Err *err)
{
    (void)d, (void)a, (void)what, (void)args, (void)n, (void)err;
    *out = (HostVal){.kind = H_CONST, .ck = AC_BOOL, .i = 0, .obj = -1};
    return true;
}

static const FrontHost host = {.fold = no_parameter};

static void start(Bound *b, const char *sig)
{
    *b = (Bound){.err = {0}};
    Arena *a = arena_new();
    Fn *fn = fn_new(a, "test", &b->err, &b->catch_);
    b->f = (Front){.fn = fn, .arena = a, .names = fn->names, .inlined_at = -1};
    b->f.host = &host;
    b->f.hints = ARENA_NEW(a, struct Hints);
    b->c = (Call){
        .op = OP_F_MERGE, .name = "DataFrame.merge", .sig = sig_parse(&b->f, sig)};
}

static AVal *text(Bound *b, const char *s)
{
    AVal *v = ARENA_NEW(b->f.arena, AVal);
    *v = (AVal){.kind = A_CONST, .ck = AC_STR, .s = s, .n = (idx)strlen(s), .obj = -1};
    return v;
}

static AVal *number(Bound *b, int64_t i)
{
    AVal *v = ARENA_NEW(b->f.arena, AVal);
    *v = (AVal){.kind = A_CONST, .ck = AC_INT, .i = i, .obj = -1};
    return v;
}

/* Binds; the message of the failure, NULL when there is none. */
static const char *bind(Bound *b, AVal *const *arg, idx narg, const char *const *kw,
                        AVal *const *kwval, idx nkw)
{
    if (setjmp(b->catch_)) return b->err.text;
    sig_bind(&b->f, &b->c, arg, narg, kw, kwval, nkw);
    return NULL;
}

static void test_every_row_parses(void **state)
{
    (void)state;
    Bound b;
    start(&b, "");
    for (int op = 0; op < OP_COUNT; op++) {
        const Sig *s = sig_parse(&b.f, op_info[op].sig);
        bool method = op_info[op].sig[0] && strstr(op_info[op].sig, "(self") != NULL;
        assert_int_equal(s->self, method);
        for (idx i = 0; i < s->n; i++) {
            assert_true(s->p[i].name[0] != 0);
            assert_true(s->p[i].kind_end > s->p[i].kind);
        }
    }
    arena_free(b.f.arena);
}

static void test_names_are_found(void **state)
{
    (void)state;
    const char *near = NULL;
    assert_int_equal(op_lookup("DataFrame.merge", NULL), OP_F_MERGE);
    assert_int_equal(op_lookup("DataFrame.marge", &near), -1);
    assert_string_equal(near, "DataFrame.merge");
    assert_int_equal(op_lookup("DataFrame", &near), -1);
    assert_int_equal(op_lookup("", NULL), -1);
}

static void test_binds(void **state)
{
    (void)state;
    Bound b;
    start(
        &b,
        "(self, how: one_of('left','right') = 'left', n: int = 5, *, x: bool = True)");
    AVal *arg[] = {text(&b, "right")};
    const char *kw[] = {"n"};
    AVal *val[] = {number(&b, 7)};
    assert_null(bind(&b, arg, 1, kw, val, 1));
    assert_string_equal(call_str(&b.f, &b.c, "how"), "right");
    assert_int_equal(call_int(&b.f, &b.c, "n"), 7);
    assert_true(call_bool(&b.f, &b.c, "x"));
    assert_false(call_given(&b.f, &b.c, "x"));
    arena_free(b.f.arena);
}

static void check_refused(const char *sig, bool positional, const char *kw,
                          const char *want)
{
    Bound b;
    start(&b, sig);
    AVal *v = text(&b, "up");
    const char *msg = positional ? bind(&b, (AVal *[]){v, v}, 2, NULL, NULL, 0)
                                 : bind(&b, NULL, 0, &kw, &v, 1);
    assert_non_null(msg);
    assert_non_null(strstr(msg, want));
    arena_free(b.f.arena);
}

static void test_refuses(void **state)
{
    (void)state;
    const char *sig =
        "(self, how: one_of('left') = 'left', *, copy: only(None) = None)";
    check_refused(sig, true, NULL, "takes 2 positional arguments but 3 were given");
    check_refused(sig, false, "hau", "got an unexpected keyword argument 'hau'");
    check_refused(sig, false, "copy",
                  "copy parameter only supports default value None");
    check_refused(sig, false, "how", "how must be");
    check_refused("(self, by: any, n: int)", false, "by",
                  "missing 1 required positional");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_parses),
        cmocka_unit_test(test_names_are_found),
        cmocka_unit_test(test_binds),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
