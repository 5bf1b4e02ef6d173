/* SPDX-License-Identifier: Apache-2.0
 * The byte form of tables: random tables of every kind come back as they were; damaged
 * and cut messages are refused or hold all invariants; saved inputs of the fuzzer are
 * replayed.
 */
#include "../fuzz/wire_fuzz.h"
#include "columns.h"
#include "comm/wire.h"
#include <dirent.h>

static uint8_t *pack(Cx *cx, const Table *t, const idx *pos, idx n, size_t *size)
{
    assert_ok(wire_size(cx, t, pos, n, size));
    assert_int_equal(*size % 8, 0);
    uint8_t *p = malloc(*size);
    memset(p, 0xee, *size);
    assert_ok(wire_pack(cx, t, pos, n, p));
    return p;
}

static void round_trip(Cx *cx, Rng *r, const Table *t, const idx *pos, idx n)
{
    size_t size;
    Table out;
    uint8_t *p = pack(cx, t, pos, n, &size);
    assert_ok(wire_unpack(cx, p, size, t, &out));
    assert_int_equal(out.n, n);
    for (idx k = 0; k < t->ncol; k++) {
        assert_ok(array_check(cx, out.col[k]));
        assert_int_equal(array_is_dict(out.col[k]), array_is_dict(t->col[k]));
        assert_int_equal(out.col[k]->promoted, t->col[k]->promoted);
    }
    for (idx i = 0; i < n; i++)
        assert_true(same_row(&out, i, t, pos ? pos[i] : i));
    table_clear(&out);
    /* any cut, and one more byte, is refused */
    size_t cut = (size_t)rng_below(r, (idx)size);
    assert_int_equal(wire_unpack(cx, p, cut, t, &out), E_INTERNAL);
    err_clear(&cx->err);
    free(p);
}

static void test_round_trip(void **state)
{
    Cx *cx = unit_begin();
    Rng r = {11};
    (void)state;
    for (int round = 0; round < 300; round++) {
        Table t;
        idx n = rng_below(&r, 3) == 0 ? rng_below(&r, 3) : rng_below(&r, 300);
        random_table(cx, &r, rng_below(&r, 7), n, 30, &t);
        if (t.ncol == 0) t.n = n;
        round_trip(cx, &r, &t, NULL, n);
        idx m = n ? rng_below(&r, 200) : 0, *pos = calloc((size_t)m + 1, sizeof *pos);
        for (idx i = 0; i < m; i++)
            pos[i] = rng_below(&r, n);
        round_trip(cx, &r, &t, pos, m);
        free(pos);
        table_clear(&t);
    }
    unit_end(cx);
}

/* A slice has offsets that do not begin at 0 and bits that do not begin at a word. */
static void test_slices(void **state)
{
    Cx *cx = unit_begin();
    Rng r = {12};
    (void)state;
    for (int round = 0; round < 50; round++) {
        Table t, part;
        random_table(cx, &r, 6, 200, 20, &t);
        idx start = rng_below(&r, 200), n = rng_below(&r, 200 - start);
        assert_ok(table_init(cx, &part, t.ncol, n));
        for (idx k = 0; k < t.ncol; k++)
            assert_ok(array_slice(cx, t.col[k], start, n, &part.col[k]));
        round_trip(cx, &r, &part, NULL, n);
        table_clear(&part);
        table_clear(&t);
    }
    unit_end(cx);
}

/* Messages as the fuzzer sees them: some bytes changed. */
static void test_damage(void **state)
{
    Cx *cx = unit_begin();
    Rng r = {13};
    (void)state;
    for (int which = 0; which < WIRE_PROTOS; which++) {
        Table t;
        size_t size;
        assert_ok(wire_proto(cx, which, &t));
        t.n = 70;
        for (idx k = 0; k < t.ncol; k++) {
            Array *a = t.col[k];
            ColumnKind kind = {a->dt, a->null, a->unit, k % 2 == 0};
            t.col[k] = random_column(cx, &r, kind, t.n, 10, 20);
            array_unref(a);
        }
        uint8_t *p = pack(cx, &t, NULL, t.n, &size), *bad = malloc(size + 1);
        table_clear(&t);
        for (int round = 0; round < 20000; round++) {
            bad[0] = (uint8_t)which;
            memcpy(bad + 1, p, size);
            for (idx k = 1 + rng_below(&r, 3); k > 0; k--) {
                idx at =
                    rng_chance(&r, 50) ? rng_below(&r, 160) : rng_below(&r, (idx)size);
                if (at < (idx)size) bad[1 + at] = (uint8_t)rng_u64(&r);
            }
            wire_fuzz_one(bad, size + 1);
        }
        free(p);
        free(bad);
    }
    unit_end(cx);
}

static void replay_folder(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *e;
    while (dir && (e = readdir(dir))) {
        char name[1024];
        static uint8_t data[1 << 20];
        if (e->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        FILE *f = fopen(name, "rb");
        assert_non_null(f);
        size_t n = fread(data, 1, sizeof data, f);
        fclose(f);
        wire_fuzz_one(data, n);
    }
    if (dir) closedir(dir);
}

/* The folders of tools/fuzz.sh, from the source tree where the tests are started. */
static void test_replay(void **state)
{
    (void)state;
    replay_folder("tests/fuzz/crash/wire");
    replay_folder("tests/fuzz/seed/wire");
}

/* No two parts of the head may be trusted together: sizes that overflow. */
static void test_sizes(void **state)
{
    Cx *cx = unit_begin();
    Table t, out;
    size_t size;
    (void)state;
    assert_ok(wire_proto(cx, 1, &t));
    uint8_t *p = pack(cx, &t, NULL, 0, &size);
    WireHead *head = (WireHead *)(void *)p;
    static const int64_t rows[] = {1,
                                   -1,
                                   INT64_MAX,
                                   INT64_MAX / 8,
                                   INT64_MIN,
                                   (int64_t)1 << 61,
                                   (1LL << 61) - 1,
                                   (int64_t)1 << 60};
    for (idx i = 0; i < COUNT_OF(rows); i++) {
        head->n = rows[i];
        assert_int_equal(wire_unpack(cx, p, size, &t, &out), E_INTERNAL);
        err_clear(&cx->err);
    }
    free(p);
    table_clear(&t);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_slices),
        cmocka_unit_test(test_damage),     cmocka_unit_test(test_replay),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
