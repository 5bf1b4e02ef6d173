/* SPDX-License-Identifier: Apache-2.0
 * The disk cache: what is put is got, by every process; damage counts as absence; the
 * size is limited; other people's folders are not used.
 */
#include "cg_unit.h"
#include "codegen/cache.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];

static int begin(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/shoal-cache-XXXXXX");
    if (!mkdtemp(dir)) return -1;
    setenv("SHOAL_CACHE_DIR", dir, 1);
    unsetenv("SHOAL_CACHE");
    unsetenv("SHOAL_CACHE_SIZE");
    return 0;
}

static int count_files(bool remove_them)
{
    char path[400];
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        n++;
        if (remove_them) unlink(path);
    }
    if (d) closedir(d);
    return n;
}

static int end(void **state)
{
    (void)state;
    count_files(true);
    return rmdir(dir);
}

static Object object_of(Arena *a, size_t n, uint8_t seed)
{
    Object o = {arena_alloc(a, n), n};
    for (size_t i = 0; i < n; i++)
        o.bytes[i] = (uint8_t)(seed + i * 7);
    return o;
}

static void test_put_get(void **state)
{
    (void)state;
    Arena *a = arena_new();
    CacheKey k =
                 {
                     {1, 2}
    },
             other = {{1, 3}};
    Object o = object_of(a, 5000, 1), got = {0};
    assert_false(cache_get(a, k, &got));
    cache_put(a, k, &o);
    assert_false(cache_get(a, other, &got));
    assert_true(cache_get(a, k, &got));
    assert_int_equal(got.size, o.size);
    assert_memory_equal(got.bytes, o.bytes, o.size);
    assert_int_equal(count_files(false), 1);
    setenv("SHOAL_CACHE", "0", 1);
    assert_false(cache_get(a, k, &got));
    unsetenv("SHOAL_CACHE");
    arena_free(a);
}

/* Every single byte of the file damaged, and every length cut: never a wrong object. */
static void test_damage(void **state)
{
    (void)state;
    Arena *a = arena_new();
    CacheKey k = {
        {5, 7}
    };
    Object o = object_of(a, 90, 3), got;
    char path[200];
    snprintf(path, sizeof path, "%s/%016llx%016llx.o", dir, 5ull, 7ull);
    cache_put(a, k, &o);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    uint8_t whole[400];
    FILE *f = fopen(path, "rb");
    assert_int_equal(fread(whole, 1, sizeof whole, f), st.st_size);
    fclose(f);
    for (off_t i = 0; i < 2 * st.st_size; i++) {
        uint8_t bad[400];
        size_t n = (size_t)(i < st.st_size ? st.st_size : i - st.st_size);
        memcpy(bad, whole, sizeof bad);
        if (i < st.st_size) bad[i] ^= 0x40;
        f = fopen(path, "wb");
        assert_int_equal(fwrite(bad, 1, n, f), n);
        fclose(f);
        assert_false(cache_get(a, k, &got));
    }
    cache_put(a, k, &o);
    assert_true(cache_get(a, k, &got));
    arena_free(a);
}

/* Several processes write and read the same few keys. */
static void worker(int seed)
{
    Rng rng = {(uint64_t)seed};
    Arena *a = arena_new();
    for (int i = 0; i < 400; i++) {
        uint64_t key = (uint64_t)rng_below(&rng, 8);
        Object o = object_of(a, 2000 + 100 * key, (uint8_t)key), got;
        if (rng_chance(&rng, 40))
            cache_put(a,
                      (CacheKey){
                          {key, 0}
            },
                      &o);
        if (rng_chance(&rng, 5)) cache_trim(dir, 6000);
        if (!cache_get(a,
                       (CacheKey){
                           {key, 0}
        },
                       &got))
            continue;
        if (got.size != o.size || memcmp(got.bytes, o.bytes, o.size) != 0) _exit(1);
    }
    arena_free(a);
    _exit(0);
}

static void test_processes(void **state)
{
    (void)state;
    pid_t pid[4];
    for (int k = 0; k < 4; k++)
        if ((pid[k] = fork()) == 0) worker(k + 1);
    for (int k = 0; k < 4; k++) {
        int status;
        assert_int_equal(waitpid(pid[k], &status, 0), pid[k]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void test_trim(void **state)
{
    (void)state;
    Arena *a = arena_new();
    Object o = object_of(a, 1000, 1), got;
    char path[200];
    for (uint64_t k = 0; k < 10; k++) {
        cache_put(a,
                  (CacheKey){
                      {k, 1}
        },
                  &o);
        snprintf(path, sizeof path, "%s/%016llx%016llx.o", dir, (unsigned long long)k,
                 1ull);
        struct timespec t[2] = {
            {1000 + (time_t)k, 0},
            {1000 + (time_t)k, 0}
        };
        assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
    }
    assert_true(cache_get(a,
                          (CacheKey){
                              {0, 1}
    },
                          &got)); /* used: now the newest */
    cache_trim(dir, 3 * 1100);
    assert_int_equal(count_files(false), 3);
    assert_true(cache_get(a,
                          (CacheKey){
                              {0, 1}
    },
                          &got));
    assert_true(cache_get(a,
                          (CacheKey){
                              {9, 1}
    },
                          &got));
    assert_false(cache_get(a,
                           (CacheKey){
                               {1, 1}
    },
                           &got));
    arena_free(a);
}

static void test_folder(void **state)
{
    (void)state;
    Arena *a = arena_new();
    assert_non_null(cache_dir(a));
    assert_int_equal(chmod(dir, 0777), 0);
    assert_null(cache_dir(a));
    assert_int_equal(chmod(dir, 0700), 0);
    setenv("SHOAL_CACHE_DIR", "/proc/nowhere/at/all", 1);
    Object o = object_of(a, 10, 1);
    cache_put(a,
              (CacheKey){
                  {1, 1}
    },
              &o); /* no failure */
    assert_null(cache_dir(a));
    setenv("SHOAL_CACHE_DIR", dir, 1);
    arena_free(a);
}

/* Equal functions have equal keys; a constant, a site or a level makes another one. */
static CacheKey key_of(double constant, int site, int opt)
{
    CgTest t;
    Type f = type_scalar(DT_F64);
    cgt_begin(&t, 1, &f);
    Region *r = t.fn->body;
    Val *c = ir_const_float(t.fn, r, (Loc){0}, f, constant);
    Val *v = cgt_op(&t, r, OP_ADD, f, 2, &r->param[0], c);
    v->def->mark = site;
    cgt_end(&t, r, OP_RETURN, 1, v);
    CacheKey k = cache_key(t.fn, opt);
    cgt_free(&t);
    return k;
}

static bool same(CacheKey a, CacheKey b)
{
    return a.h[0] == b.h[0] && a.h[1] == b.h[1];
}

static void test_key(void **state)
{
    (void)state;
    assert_true(same(key_of(1, 0, 1), key_of(1, 0, 1)));
    assert_false(same(key_of(1, 0, 1), key_of(2, 0, 1)));
    assert_false(same(key_of(1, 0, 1), key_of(1, 1, 1)));
    assert_false(same(key_of(1, 0, 1), key_of(1, 0, 0)));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(test_put_get), CASE(test_damage), CASE(test_processes),
        CASE(test_trim),    CASE(test_folder), CASE(test_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
