/* SPDX-License-Identifier: Apache-2.0
 * One file an object, named by its key: a head with key, size and checksum, then the
 * bytes. A file is written under a name of its own and renamed, so a reader sees all of
 * it or none; two writers of one key write the same. What a crash or a disk has damaged
 * fails the checksum and counts as absent. A hit sets the file's time, which is the
 * order in which files are removed when there are too many bytes.
 */
#include "base/base.h"

#include "codegen/cache.h"

#include "base/hash.h"
#include "codegen/cpu.h"
#include <shoal_abi.h>   /* made by the build */
#include <shoal_front.h> /* likewise */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Head {
    char magic[8];
    uint64_t key[2];
    uint64_t size;
    uint64_t check; /* hash of the bytes */
} Head;

static const char MAGIC[8] = "SHOALo1";

enum { TRIM_EVERY = 16, STALE_SECONDS = 3600 };
static const int64_t SIZE_LIMIT = (int64_t)256 << 20;

/* -- Key ------------------------------------------------------------------------ */

static void mix(CacheKey *k, const void *p, size_t n)
{
    k->h[0] = hash_bytes(p, n, k->h[0]);
    k->h[1] = hash_bytes(p, n, k->h[1] ^ 0x5bd1e9955bd1e995u);
}

static void mix_text(CacheKey *k, const char *s)
{
    mix(k, s, strlen(s) + 1);
}

static void mix_sites(CacheKey *k, const Region *r)
{
    for (const Node *n = r->first; n; n = n->next) {
        mix(k, &n->mark, sizeof n->mark);
        for (int i = 0; i < n->nregion; i++)
            mix_sites(k, n->region[i]);
    }
}

CacheKey cache_key(Fn *fn, int opt)
{
    CacheKey k = {
        {0x9ae16a3b2f90404fu, 0xc949d7c7509e6557u}
    };
    ArenaMark mark = arena_mark(fn->arena);
    mix_text(&k, ir_print(fn, fn->arena));
    vec_each (i, &fn->comps) /* the text of a node's type is but its name */
        if (fn->comps.at[i]->kind == COMP_NODE)
            mix_text(&k, comp_code(fn, (Type){.kind = TY_OBJ, .of = (uint16_t)(i + 1)},
                                   false));
    arena_release(fn->arena, mark);
    mix_sites(&k, fn->body);
    mix(&k, &opt, sizeof opt);
    mix_text(&k, shoal_cpu_key());
    mix_text(&k, SHOAL_VERSION " " SHOAL_LLVM_VERSION " " SHOAL_ABI_HASH);
    return k;
}

CacheKey cache_late_key(const LateCode *code)
{
    CacheKey k = {
        {code->key[0], code->key[1]}
    };
    mix(&k, &code->level, sizeof code->level);
    mix_text(&k, shoal_cpu_key());
    mix_text(&k, SHOAL_VERSION " " SHOAL_LLVM_VERSION " " SHOAL_ABI_HASH);
    return k;
}

CacheKey cache_plan_key(const char *text, size_t n)
{
    CacheKey k = {
        {0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u}
    };
    mix(&k, text, n);
    mix_text(&k, shoal_cpu_key());
    mix_text(&k, SHOAL_VERSION " " SHOAL_LLVM_VERSION " " SHOAL_ABI_HASH);
    mix_text(&k, SHOAL_FRONT_HASH);
    return k;
}

/* -- The folder ----------------------------------------------------------------- */

static bool make_dirs(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p != '/') continue;
        *p = 0;
        int bad = mkdir(path, 0777);
        *p = '/';
        if (bad && errno != EEXIST) return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* Code is run from here: nobody else may write. */
static bool is_safe(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           !(st.st_mode & (S_IWGRP | S_IWOTH));
}

const char *cache_dir(Arena *arena)
{
    const char *off = getenv("SHOAL_CACHE"), *dir = getenv("SHOAL_CACHE_DIR");
    const char *home = getenv("HOME");
    if (off && strcmp(off, "0") == 0) return NULL;
    char *path = NULL;
    if (dir && *dir)
        path = arena_strdup(arena, dir);
    else if (home && *home)
        path = arena_printf(arena, "%s/.cache/shoal", home);
    if (!path || !make_dirs(path) || !is_safe(path)) return NULL;
    return path;
}

static const char *file_of(Arena *arena, const char *dir, CacheKey key)
{
    return arena_printf(arena, "%s/%016llx%016llx.o", dir, (unsigned long long)key.h[0],
                        (unsigned long long)key.h[1]);
}

/* -- Reading -------------------------------------------------------------------- */

static bool read_all(int fd, void *to, size_t n)
{
    uint8_t *p = to;
    while (n) {
        ssize_t k = read(fd, p, n);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool read_object(Arena *arena, int fd, CacheKey key, Object *out)
{
    Head h;
    struct stat st;
    if (fstat(fd, &st) || !read_all(fd, &h, sizeof h)) return false;
    if (memcmp(h.magic, MAGIC, sizeof h.magic) != 0 || h.key[0] != key.h[0] ||
        h.key[1] != key.h[1])
        return false;
    if (h.size == 0 || h.size != (uint64_t)st.st_size - sizeof h) return false;
    uint8_t *bytes = arena_alloc(arena, h.size);
    if (!read_all(fd, bytes, h.size) || hash_bytes(bytes, h.size, 0) != h.check)
        return false;
    *out = (Object){bytes, h.size};
    return true;
}

bool cache_get(Arena *arena, CacheKey key, Object *out)
{
    const char *dir = cache_dir(arena);
    if (!dir) return false;
    int fd = open(file_of(arena, dir, key), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = read_object(arena, fd, key, out);
    if (ok) (void)futimens(fd, NULL); /* used now */
    close(fd);
    return ok;
}

/* -- Writing -------------------------------------------------------------------- */

static bool write_all(int fd, const void *from, size_t n)
{
    const uint8_t *p = from;
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static int64_t size_limit(void)
{
    const char *s = getenv("SHOAL_CACHE_SIZE");
    char *end = NULL;
    long long v = s ? strtoll(s, &end, 10) : 0;
    return s && end != s && v >= 0 ? (int64_t)v : SIZE_LIMIT;
}

void cache_put(Arena *arena, CacheKey key, const Object *object)
{
    static _Atomic int serial;
    const char *dir = cache_dir(arena);
    if (!dir) return;
    const char *tmp = arena_printf(arena, "%s/.new-%ld-%d-%016llx", dir, (long)getpid(),
                                   serial++, (unsigned long long)key.h[0]);
    Head h = {
        .key = {key.h[0], key.h[1]},
          .size = object->size
    };
    memcpy(h.magic, MAGIC, sizeof h.magic);
    h.check = hash_bytes(object->bytes, object->size, 0);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return;
    bool ok = write_all(fd, &h, sizeof h) && write_all(fd, object->bytes, object->size);
    ok = close(fd) == 0 && ok;
    if (!ok || rename(tmp, file_of(arena, dir, key))) (void)unlink(tmp);
    if (key.h[1] % TRIM_EVERY == 0) cache_trim(dir, size_limit());
}

/* -- Removing ------------------------------------------------------------------- */

typedef struct Kept {
    const char *name;
    struct timespec used;
    int64_t size;
} Kept;

static int older(const void *a, const void *b)
{
    const Kept *x = a, *y = b;
    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    return (x->used.tv_nsec > y->used.tv_nsec) - (x->used.tv_nsec < y->used.tv_nsec);
}

static bool is_ours(const char *name)
{
    size_t n = strlen(name);
    return n == 34 && strcmp(name + 32, ".o") == 0;
}

void cache_trim(const char *dir, int64_t limit)
{
    DIR *d = opendir(dir);
    Arena *a = d ? arena_new() : NULL;
    VEC(Kept) files = {0};
    int64_t total = 0;
    time_t now = time(NULL);
    for (struct dirent *e; a && (e = readdir(d));) {
        struct stat st;
        bool fresh = strncmp(e->d_name, ".new-", 5) == 0;
        if (!fresh && !is_ours(e->d_name)) continue;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW)) continue;
        if (fresh) { /* a writer that died left it */
            if (now - st.st_mtime > STALE_SECONDS)
                (void)unlinkat(dirfd(d), e->d_name, 0);
            continue;
        }
        Kept k = {arena_strdup(a, e->d_name), st.st_mtim, st.st_size};
        vec_push(a, &files, k);
        total += k.size;
    }
    if (files.n) qsort(files.at, (size_t)files.n, sizeof *files.at, older);
    for (idx i = 0; i < files.n && total > limit; i++) {
        (void)unlinkat(dirfd(d), files.at[i].name, 0);
        total -= files.at[i].size;
    }
    if (a) arena_free(a);
    if (d) closedir(d);
}
