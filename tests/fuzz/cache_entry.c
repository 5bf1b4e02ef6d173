/* SPDX-License-Identifier: Apache-2.0
 * Files of the cache of compiled code: whatever stands in one, the reader says that
 * there is no object, or gives the bytes behind the head whole. The first byte says how
 * much of the head is put right, so that the checks behind the first one are reached.
 */
#include "fuzz.h"

#include "base/base.h"

#include "base/hash.h"
#include "codegen/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 40, PATH = 200 }; /* magic, key, size, check: 8, 16, 8, 8 bytes */

static char folder[PATH], file[PATH + 40];
static const CacheKey key = {
    {5, 7}
};

static void put_word(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}

static void leave_nothing(void)
{
    (void)rmdir(folder);
}

/* Folder and file of the one key, once a process. */
static void prepare(void)
{
    if (*folder) return;
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/shoal-fuzz-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder) || atexit(leave_nothing)) abort();
    (void)setenv("SHOAL_CACHE_DIR", folder, 1);
    (void)snprintf(file, sizeof file, "%s/%016llx%016llx.o", folder,
                   (unsigned long long)key.h[0], (unsigned long long)key.h[1]);
}

static void mend(uint8_t *p, size_t n, uint8_t how)
{
    if (n < HEAD) return;
    if (how & 1) memcpy(p, "SHOALo1", 8);
    if (how & 2) put_word(p + 8, key.h[0]), put_word(p + 16, key.h[1]);
    if (how & 4) put_word(p + 24, n - HEAD);
    if (how & 8) put_word(p + 32, hash_bytes(p + HEAD, n - HEAD, 0));
}

static void write_file(const uint8_t *p, size_t n)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    prepare();
    size_t n = size - 1;
    uint8_t *p = malloc(n + !n);
    Arena *a = arena_new();
    Object got = {0};
    if (!p || !a) abort();
    memcpy(p, data + 1, n);
    mend(p, n, data[0]);
    write_file(p, n);
    bool hit = cache_get(a, key, &got);
    if (hit && (n <= HEAD || got.size != n - HEAD ||
                memcmp(got.bytes, p + HEAD, got.size) != 0))
        abort();
    if (!hit && n > HEAD && (data[0] & 15) == 15) abort();
    arena_free(a);
    free(p);
    (void)unlink(file);
    return 0;
}
