/* SPDX-License-Identifier: Apache-2.0
 * Literal search. Containment searches the whole column's bytes at once and maps each
 * hit to its row, so that rows without one cost nothing of their own; a hit that
 * crosses rows does not count.
 */
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"

typedef struct FindArg {
    char what;
    const uint8_t *s;
    idx n;
} FindArg;

static void find_contains(const Array *a, const FindArg *f, uint8_t *out)
{
    memset(out, 0, (size_t)a->n);
    if (a->n == 0) return;
    int64_t at = a->off[0], end = a->off[a->n];
    for (idx row = 0; end - at >= f->n;) {
        const uint8_t *hit =
            memmem(a->bytes + at, (size_t)(end - at), f->s, (size_t)f->n);
        if (!hit) return;
        at = hit - a->bytes;
        while (a->off[row + 1] <= at)
            row++;
        if (at + f->n <= a->off[row + 1]) {
            out[row] = 1;
            at = a->off[row + 1];
        } else {
            at++;
        }
    }
}

static void find_end(const Array *a, const FindArg *f, uint8_t *out)
{
    bool tail = f->what == 'e';
    for (idx i = 0; i < a->n; i++) {
        int64_t len = a->off[i + 1] - a->off[i];
        const uint8_t *p = a->bytes + (tail ? a->off[i + 1] - f->n : a->off[i]);
        out[i] = len >= f->n && memcmp(p, f->s, (size_t)f->n) == 0;
    }
}

static void test_find(const Array *a, const void *arg, uint8_t *out)
{
    const FindArg *f = arg;
    if (f->n == 0)
        memset(out, 1, (size_t)a->n);
    else if (f->what == 'c')
        find_contains(a, f, out);
    else
        find_end(a, f, out);
}

Status str_find(Cx *cx, const Array *a, char what, const uint8_t *s, idx n, bool na,
                Array **out)
{
    FindArg arg = {what, s, n};
    if (what != 'c' && what != 's' && what != 'e') BUG("search '%c'", what);
    return str_test(cx, a, test_find, &arg, na, out);
}
