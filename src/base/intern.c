/* SPDX-License-Identifier: Apache-2.0
 * Interned names: an open-addressing table of pointers whose names and slots live in
 * one arena. It doubles at 3/4 full; old slots stay in the arena until it is freed.
 */
#include "base/intern.h"
#include "base/hash.h"
#include <string.h>

typedef struct Name {
    uint64_t hash; /* of the text */
    size_t len;    /* bytes, without the NUL */
    char text[];
} Name;

struct Intern {
    Arena *arena;
    Name **slot;   /* cap of them, NULL: free */
    size_t n, cap; /* cap is a power of two */
};

Intern *intern_new(Arena *a)
{
    Intern *t = ARENA_NEW(a, Intern);
    t->arena = a;
    t->cap = 64;
    t->slot = ARENA_NEW_N(a, t->cap, Name *);
    return t;
}

static void intern_grow(Intern *t)
{
    size_t cap = 2 * t->cap;
    Name **slot = ARENA_NEW_N(t->arena, cap, Name *);
    for (size_t i = 0; i < t->cap; i++) {
        if (!t->slot[i]) continue;
        size_t j = t->slot[i]->hash & (cap - 1);
        while (slot[j])
            j = (j + 1) & (cap - 1);
        slot[j] = t->slot[i];
    }
    t->slot = slot;
    t->cap = cap;
}

const char *intern_n(Intern *t, const char *s, size_t n)
{
    uint64_t h = hash_bytes(s, n, 0);
    size_t i = h & (t->cap - 1);
    for (; t->slot[i]; i = (i + 1) & (t->cap - 1)) {
        const Name *name = t->slot[i];
        if (name->hash == h && name->len == n && memcmp(name->text, s, n) == 0)
            return name->text;
    }
    if (n > SIZE_MAX / 2) BUG("a name of %zu bytes", n);
    Name *name = arena_alloc(t->arena, sizeof(Name) + n + 1);
    name->hash = h;
    name->len = n;
    if (n) memcpy(name->text, s, n);
    t->slot[i] = name;
    if (++t->n > t->cap / 4 * 3) intern_grow(t);
    return name->text;
}

const char *intern(Intern *t, const char *s)
{
    return intern_n(t, s, strlen(s));
}
