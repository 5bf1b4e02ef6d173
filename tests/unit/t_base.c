/* SPDX-License-Identifier: Apache-2.0
 * base/: arenas, errors, names, hashes, attributes, element types.
 */
#include "base/arena.h"
#include "base/attr.h"
#include "base/dtype.h"
#include "base/hash.h"
#include "base/intern.h"
#include "unit.h"

static void test_arena(void **state)
{
    (void)state;
    Arena *a = arena_new();
    Rng r = {1};
    for (int round = 0; round < 20; round++) {
        ArenaMark m = arena_mark(a);
        uint8_t *p[300];
        size_t n[300];
        for (int i = 0; i < 300; i++) {
            n[i] = (size_t)rng_below(&r, i % 50 == 0 ? 100000 : 200);
            p[i] = arena_alloc(a, n[i]);
            assert_int_equal((uintptr_t)p[i] % 16, 0);
            for (size_t j = 0; j < n[i]; j++)
                assert_int_equal(p[i][j], 0);
            memset(p[i], i & 255, n[i]);
        }
        for (int i = 0; i < 300; i++)
            for (size_t j = 0; j < n[i]; j++)
                assert_int_equal(p[i][j], i & 255);
        arena_release(a, m);
    }
    assert_null(arena_try(a, SIZE_MAX / 2, 4));
    assert_null(arena_try(a, 1, (size_t)PTRDIFF_MAX));
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_strdup(a, "abc"), "abc");
    assert_string_equal(arena_strndup(a, "abc", 2), "ab");
    assert_string_equal(arena_strndup(a, NULL, 0), "");
    arena_free(a);
}

static jmp_buf oom;
static void on_oom(void *data)
{
    *(int *)data += 1;
    longjmp(oom, 1);
}

static void test_arena_oom(void **state)
{
    (void)state;
    Arena *a = arena_new();
    int calls = 0;
    arena_set_oom(a, on_oom, &calls);
    if (setjmp(oom) == 0) {
        arena_alloc_n(a, SIZE_MAX, 16);
        fail_msg("came back");
    }
    alloc_fail_at(1);
    assert_null(arena_try(a, 1, 1 << 20));
    assert_non_null(arena_try(a, 1, 1 << 20));
    assert_int_equal(calls, 1);
    arena_free(a);
}

static void test_err(void **state)
{
    (void)state;
    Err e;
    err_clear(&e);
    assert_int_equal(e.code, OK);
    assert_int_equal(err_set(&e, E_VALUE, "bad %d", 5), E_VALUE);
    assert_int_equal(err_set(&e, E_TYPE, "later"), E_VALUE);
    assert_string_equal(e.text, "bad 5");
    assert_string_equal(err_exception(E_VALUE), "ValueError");
    assert_string_equal(err_exception(E_OVERFLOW), "OverflowError");
    assert_string_equal(err_exception(9999), "InternalError");
    /* A text cut at its end keeps whole characters only. */
    char text[ERR_TEXT + 40];
    for (int lead = 0; lead < 3; lead++) {
        memset(text, 'a', (size_t)lead);
        size_t n = (size_t)lead;
        while (n + 3 < sizeof text) {
            memcpy(text + n, "\xe2\x82\xac", 3);
            n += 3;
        }
        text[n] = 0;
        err_clear(&e);
        err_set(&e, E_KEY, "%s", text);
        size_t len = strlen(e.text);
        assert_true(len < ERR_TEXT && len >= ERR_TEXT - 4);
        assert_int_equal((len - (size_t)lead) % 3, 0);
    }
}

static void test_cx(void **state)
{
    (void)state;
    Cx cx;
    int32_t stop = 0;
    cx_init(&cx, NULL, NULL, NULL);
    cx.site = 12;
    cx.abort_word = &stop;
    assert_int_equal(cx_check(&cx), OK);
    stop = 1;
    assert_int_equal(cx_check(&cx), E_INTERRUPT);
    assert_int_equal(cx.err.site, 12);
    cx_clear(&cx);
}

static void test_intern(void **state)
{
    (void)state;
    Arena *a = arena_new();
    Intern *t = intern_new(a);
    const char *seen[2000];
    char name[32];
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "name%d", i);
        seen[i] = intern(t, name);
        assert_string_equal(seen[i], name);
    }
    for (int i = 0; i < 2000; i++) {
        int n = snprintf(name, sizeof name, "name%d-and-more", i);
        assert_ptr_equal(intern_n(t, name, (size_t)n - 9), seen[i]);
    }
    assert_ptr_not_equal(intern_n(t, "a\0b", 3), intern(t, "a"));
    assert_string_equal(intern(t, ""), "");
    arena_free(a);
}

static void test_hash(void **state)
{
    (void)state;
    uint8_t zero[64] = {0};
    uint64_t h[65];
    for (size_t n = 0; n <= 64; n++) {
        h[n] = hash_bytes(zero, n, 3);
        for (size_t m = 0; m < n; m++)
            assert_true(h[n] != h[m]);
    }
    Rng r = {5};
    int buckets[16] = {0};
    for (int i = 0; i < 16000; i++) {
        uint64_t v = (uint64_t)i;
        buckets[hash_rank(hash_bytes(&v, 8, 0), 16)]++;
        uint8_t b[40], c[41];
        size_t n = (size_t)rng_below(&r, 40) + 1;
        for (size_t k = 0; k < n; k++)
            b[k] = (uint8_t)rng_u64(&r);
        memcpy(c + 1, b, n);
        assert_true(hash_bytes(b, n, 9) == hash_bytes(c + 1, n, 9));
        b[rng_below(&r, (idx)n)] ^= (uint8_t)(1 << rng_below(&r, 8));
        assert_true(hash_bytes(b, n, 9) != hash_bytes(c + 1, n, 9));
    }
    for (int i = 0; i < 16; i++)
        assert_in_range(buckets[i], 850, 1150);
}

static void test_attr(void **state)
{
    (void)state;
    Arena *a = arena_new();
    AttrWriter w;
    const int64_t ints[] = {1, -2, INT64_MIN};
    const char *const texts[] = {"x", "", "longer"};
    attr_begin(&w, a);
    attr_put_int(&w, "nkeys", -7);
    attr_put_text(&w, "how", "left");
    attr_put_float(&w, "q", 0.25);
    attr_put_ints(&w, "v", ints, 3);
    attr_put_texts(&w, "names", texts, 3);
    attr_put_texts(&w, "none", texts, 0);
    attr_put_text_n(&w, "nul", "a\0b", 3);
    attr_put_int(&w, "last", 9);
    size_t size;
    const AttrBlob *b = attr_end(&w, &size);
    /* Unaligned on purpose: the object's constants are. */
    uint8_t *copy = malloc(size + 1);
    memcpy(copy + 1, b, size);
    b = copy + 1;
    assert_int_equal(attr_int(b, "nkeys", 0), -7);
    assert_int_equal(attr_int(b, "last", 0), 9);
    assert_int_equal(attr_int(b, "nothing", 4), 4);
    assert_string_equal(attr_text(b, "how"), "left");
    assert_null(attr_text(b, "ho"));
    assert_int_equal(attr_text_len(b, "nul"), 3);
    assert_memory_equal(attr_text(b, "nul"), "a\0b", 4);
    assert_true(attr_float(b, "q", 0) == 0.25);
    assert_int_equal(attr_count(b, "v"), 3);
    assert_int_equal(attr_int_at(b, "v", 2), INT64_MIN);
    assert_int_equal(attr_count(b, "names"), 3);
    assert_string_equal(attr_text_at(b, "names", 1), "");
    assert_string_equal(attr_text_at(b, "names", 2), "longer");
    assert_int_equal(attr_count(b, "none"), 0);
    assert_true(attr_has(b, "none") && !attr_has(b, "nix"));
    assert_int_equal(attr_int(NULL, "x", 3), 3);
    free(copy);
    arena_free(a);
}

static void test_dtype(void **state)
{
    (void)state;
    assert_string_equal(dtype_info[DT_F64].text, "float64");
    assert_int_equal(dtype_info[DT_DATE].bytes, 4);
    assert_true(dt_is_int(DT_I8) && dt_is_int(DT_U64) && !dt_is_int(DT_F32));
    assert_int_equal(unit_per_second(UNIT_US), 1000000);
    assert_string_equal(unit_text(UNIT_NS), "ns");
}

static void test_err_rows(void **state)
{
    (void)state;
    Err e = {0};
    (void)err_set(&e, E_VALUE, "shapes (%c0,4) (%c1,) %c9", ERR_ROW_MARK, ERR_ROW_MARK,
                  ERR_ROW_MARK);
    e.nrow = 2;
    err_rows(&e, (int64_t[]){5, 120});
    assert_memory_equal(e.text, "shapes (5,4) (120,) ", 20);
    assert_int_equal(e.nrow, 0);
    err_rows(&e, (int64_t[]){1, 1}); /* once */
    assert_memory_equal(e.text, "shapes (5,4) (120,) ", 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_rows),  cmocka_unit_test(test_arena),
        cmocka_unit_test(test_arena_oom), cmocka_unit_test(test_err),
        cmocka_unit_test(test_cx),        cmocka_unit_test(test_intern),
        cmocka_unit_test(test_hash),      cmocka_unit_test(test_attr),
        cmocka_unit_test(test_dtype),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
