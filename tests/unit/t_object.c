/* SPDX-License-Identifier: Apache-2.0
 * Lists, dicts and sets against dumb models on random operations, and with each
 * allocation failing; text and formats by example.
 */
#include "unit.h"

#include "base/arena.h"
#include "object/text.h"

enum { KEYS = 60, STEPS = 4000 };

static Cx cx;

static uint32_t rnd(uint32_t *s)
{
    *s = *s * 1664525u + 1013904223u;
    return *s >> 8;
}

static const ObjType *type_of(const char *code)
{
    const ObjType *t;
    assert_int_equal(objtype_get(&cx, code, strlen(code), &t), OK);
    return t;
}

static void dict_model(void **state)
{
    (void)state;
    int64_t model[KEYS], order[STEPS], n = 0, norder = 0;
    uint32_t seed = 7;
    Dict *d;
    for (int k = 0; k < KEYS; k++)
        model[k] = -1;
    assert_int_equal(dict_new(&cx, type_of("D#eaa#eaa"), 0, &d), OK);
    for (int step = 0; step < STEPS; step++) {
        int64_t k = rnd(&seed) % KEYS, v = step;
        if (rnd(&seed) % 3) {
            assert_int_equal(dict_put(&cx, d, &k, &v), OK);
            if (model[k] < 0) {
                n++;
                order[norder++] = k;
            }
            model[k] = v;
        } else if (model[k] >= 0) {
            dict_remove(&cx, d, dict_find(d, &k));
            for (int64_t i = 0, m = 0; i < norder; i++)
                if (order[i] != k) order[m++] = order[i];
            norder--;
            model[k] = -1;
            n--;
        }
        assert_int_equal(d->n, n);
        k = rnd(&seed) % KEYS;
        int64_t e = dict_lookup(d, &k);
        assert_int_equal(e >= 0, model[k] >= 0);
        if (e >= 0)
            assert_int_equal(*(int64_t *)(void *)(entry_at(d, e) + 16), model[k]);
    }
    int64_t at = 0;
    for (int64_t i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1))
        assert_int_equal(*(int64_t *)(void *)(entry_at(d, i) + 8), order[at++]);
    assert_int_equal(at, norder);
    own_unref(&cx, &d->obj);
    assert_int_equal(heap_live(&cx), 0);
    heap_clear(&cx);
}

static void list_model(void **state)
{
    (void)state;
    int64_t model[STEPS], n = 0;
    uint32_t seed = 3;
    List *l;
    assert_int_equal(list_new(&cx, type_of("L#eaa"), 0, &l), OK);
    for (int64_t step = 0; step < STEPS; step++) {
        int64_t x, i = n ? rnd(&seed) % n : 0;
        if (rnd(&seed) % 5 < 3 || n == 0) {
            assert_int_equal(list_insert(&cx, l, i, &step), OK);
            memmove(model + i + 1, model + i, (size_t)(n - i) * sizeof *model);
            model[i] = step;
            n++;
        } else {
            assert_int_equal(list_pop(&cx, l, i, &x), OK);
            assert_int_equal(x, model[i]);
            n--;
            memmove(model + i, model + i + 1, (size_t)(n - i) * sizeof *model);
        }
        assert_int_equal(l->n, n);
    }
    assert_memory_equal(l->data, model, (size_t)n * sizeof *model);
    assert_int_equal(list_sort(&cx, l, NULL, true), OK);
    for (int64_t i = 1; i < n; i++)
        assert_true(*(int64_t *)(void *)list_at(l, i) <
                    *(int64_t *)(void *)list_at(l, i - 1));
    own_unref(&cx, &l->obj);
    assert_int_equal(heap_live(&cx), 0);
    heap_clear(&cx);
}

/* A dict of lists of text: nested references go with the outermost. */
static Status nested(void)
{
    const ObjType *t, *lt;
    Dict *d;
    Text3 piece, text = {(const uint8_t *)"a bb ccc a bb", 13, NULL};
    Text3 none = {NULL, -1, NULL};
    TRY(objtype_get(&cx, "DsLs", 4, &t));
    TRY(objtype_get(&cx, "Ls", 2, &lt));
    TRY(dict_new(&cx, t, 0, &d));
    for (int i = 0; i < 40; i++) {
        List *l;
        uint8_t key[8];
        int n = snprintf((char *)key, sizeof key, "k%d", i);
        piece = (Text3){key, n, NULL};
        TRY(text_split(&cx, text, none, -1, false, lt, &l));
        TRY(dict_put(&cx, d, &piece, &l));
        own_unref(&cx, &l->obj);
    }
    own_unref(&cx, &d->obj);
    return OK;
}

static void references(void **state)
{
    (void)state;
    assert_int_equal(nested(), OK);
    assert_int_equal(heap_live(&cx), 0);
    heap_clear(&cx);
}

static void allocation_fails(void **state)
{
    (void)state;
    for (int n = 1; n < 40; n++) {
        alloc_fail_at(n);
        Status st = nested();
        alloc_fail_at(0);
        heap_clear(&cx);
        err_clear(&cx.err);
        if (st == OK) break;
        assert_int_equal(st, E_MEMORY);
    }
}

static void floats(void **state)
{
    (void)state;
    static const struct {
        double v;
        const char *text;
    } row[] = {
        {0.1,      "0.1"               },
        {1e16,     "1e+16"             },
        {5e-324,   "5e-324"            },
        {1.0 / 3,  "0.3333333333333333"},
        {-0.0,     "-0.0"              },
        {1e-5,     "1e-05"             },
        {123456.0, "123456.0"          },
    };
    char b[40];
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        (void)repr_float(row[i].v, b);
        assert_string_equal(b, row[i].text);
    }
}

/* Characters at any places in any order; one step on from the last is one walk of one
 * character: the place that is kept is the one that was read. */
static void places(void **state)
{
    (void)state;
    static const char *const piece[] = {"a", "\xc3\xb1", "\xe2\x82\xac",
                                        "\xf0\x9d\x84\x9e"};
    static const uint32_t code[] = {'a', 0xf1, 0x20ac, 0x1d11e};
    uint8_t text[400];
    uint32_t want[100], s = 5;
    int64_t at[100], n = 0;
    for (int i = 0; i < 100; i++) {
        uint32_t k = rnd(&s) % 4;
        at[i] = n;
        want[i] = code[k];
        memcpy(text + n, piece[k], strlen(piece[k]));
        n += (int64_t)strlen(piece[k]);
    }
    Text3 t = {text, n, NULL};
    TextPlace near = {0, 0};
    assert_int_equal(text_chars(t), 100);
    for (int step = 0; step < STEPS; step++) {
        int64_t i = step % 3 ? (near.index + 1) % 100 : rnd(&s) % 100;
        assert_int_equal(text_at(t, 100, i, &near), want[i]);
        assert_int_equal(near.index, i);
        assert_int_equal(near.byte, at[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dict_model), cmocka_unit_test(list_model),
        cmocka_unit_test(references), cmocka_unit_test(allocation_fails),
        cmocka_unit_test(floats),     cmocka_unit_test(places),
    };
    cx_init(&cx, NULL, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
