/* SPDX-License-Identifier: Apache-2.0
 * Packed objects: a type out of the first bytes, an object of it out of the others.
 * What is taken can be packed again, and what was packed is taken to the same bytes.
 */
#include "array/buf.h"
#include "fuzz.h"
#include "object/pack.h"

#include <stdlib.h>
#include <string.h>

enum { CODE = 64, DEPTH = 4, MAX_ITEMS = 3 };

typedef struct Input {
    const uint8_t *p, *end;
} Input;

static uint8_t next(Input *in)
{
    return in->p < in->end ? *in->p++ : 0;
}

/* A code as codegen writes them: objtype.c has the grammar. Keys have no containers. */
static void code_of(Input *in, Str *s, Cx *cx, int depth, bool key)
{
    static const char *const scalar[] = {"#aaa", "#eaa", "#daa",
                                         "#jba", "#iaa", "#baa"};
    char kind = "#sNLDSTO"[next(in) % (depth <= 0 ? 2 : 8)];
    if (key && kind != '#' && kind != 'T') kind = 's';
    if (s->n > CODE) kind = 's';
    if (kind == '#') {
        const char *c = scalar[next(in) % 6];
        if (str_put(cx, s, c, 4)) abort();
        return;
    }
    if (str_put(cx, s, &kind, 1)) abort();
    if (kind == 's' || kind == 'N') return;
    int n = kind == 'D' ? 2 : kind == 'T' ? next(in) % MAX_ITEMS : 1;
    for (int i = 0; i < n; i++)
        code_of(in, s, cx, depth - 1, key || kind == 'S' || (kind == 'D' && i == 0));
    if (kind == 'T' && str_put(cx, s, "E", 1)) abort();
}

static void pack(Cx *cx, const ObjType *t, const void *p, Str *s)
{
    Pack all = {.bytes = *s};
    if (pack_put(cx, &all, t, p) || all.arrays.n) abort();
    *s = all.bytes;
}

/* p: what was taken from any bytes. */
static void round_trip(Cx *cx, const ObjType *t, const void *p)
{
    Str once = {0}, twice = {0};
    uint8_t *again = calloc(1, t->size + 1);
    if (!again) abort();
    pack(cx, t, p, &once);
    Unpack u = {.p = once.at, .end = once.n ? once.at + once.n : once.at};
    if (pack_take(cx, &u, t, again) || u.p != u.end) abort();
    pack(cx, t, again, &twice);
    if (once.n != twice.n || (once.n && memcmp(once.at, twice.at, (size_t)once.n) != 0))
        abort();
    elem_unref(cx, t, again);
    free(again);
    heap_free(cx, once.at, (size_t)once.cap);
    heap_free(cx, twice.at, (size_t)twice.cap);
}

static void take(Cx *cx, const ObjType *t, Input in)
{
    size_t n = (size_t)(in.end - in.p);
    uint8_t *copy = malloc(n + !n),
            *p = calloc(1, t->size + 1); /* ends where it ends */
    if (!copy || !p) abort();
    if (n) memcpy(copy, in.p, n);
    Unpack u = {.p = copy, .end = copy + n};
    int64_t live = heap_live(cx);
    if (pack_take(cx, &u, t, p) == OK) {
        round_trip(cx, t, p);
        elem_unref(cx, t, p);
        if (heap_live(cx) != live) abort();
    }
    free(copy);
    free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cx cx;
    Input in = {data, data + size};
    Str code = {0};
    const ObjType *t;
    cx_init(&cx, NULL, NULL, NULL);
    code_of(&in, &code, &cx, DEPTH, false);
    if (objtype_get(&cx, (const char *)code.at, (size_t)code.n, &t)) abort();
    take(&cx, t, in);
    heap_clear(&cx);
    cx_clear(&cx);
    if (buf_live_count() != 0) abort();
    return 0;
}
