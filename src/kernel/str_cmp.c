/* SPDX-License-Identifier: Apache-2.0
 * Comparing texts with one text and with one another. Missing rows compare false, but
 * are unequal to everything, themselves too (pandas.Series.eq and ne of str).
 */
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"

typedef struct CmpArg {
    char op;
    const uint8_t *s;
    idx n;
} CmpArg;

static bool cmp_holds(char op, int c)
{
    switch (op) {
    case '<': return c < 0;
    case 'l': return c <= 0;
    case '>': return c > 0;
    case 'g': return c >= 0;
    case '=': return c == 0;
    case '!': return c != 0;
    default: BUG("comparison '%c'", op);
    }
}

/* -- With one text --------------------------------------------------------------- */

/* Equal or not: most rows are decided by their length. */
static void test_equal(const Array *a, const CmpArg *c, uint8_t *out)
{
    const uint8_t flip = c->op == '!';
    for (idx i = 0; i < a->n; i++) {
        bool same = a->off[i + 1] - a->off[i] == c->n;
        if (same && c->n) same = memcmp(a->bytes + a->off[i], c->s, (size_t)c->n) == 0;
        out[i] = (uint8_t)(same ^ flip);
    }
}

static void test_cmp(const Array *a, const void *arg, uint8_t *out)
{
    const CmpArg *c = arg;
    if (c->op == '=' || c->op == '!') {
        test_equal(a, c, out);
        return;
    }
    /* holds[1 + sign of the comparison] */
    bool holds[3] = {cmp_holds(c->op, -1), cmp_holds(c->op, 0), cmp_holds(c->op, 1)};
    for (idx i = 0; i < a->n; i++) {
        int r = text_cmp(a->bytes + a->off[i], a->off[i + 1] - a->off[i], c->s, c->n);
        out[i] = holds[1 + (r > 0) - (r < 0)];
    }
}

Status str_cmp_const(Cx *cx, const Array *a, char op, const uint8_t *s, idx n,
                     Array **out)
{
    CmpArg arg = {op, s, n};
    if (n >= 0) return str_test(cx, a, test_cmp, &arg, op == '!', out);
    TRY(bool_new(cx, a->n, out)); /* the text itself is missing */
    memset((*out)->data, op == '!', (size_t)a->n);
    return OK;
}

/* -- With one another ------------------------------------------------------------ */

static bool same_codes(const Array *a, const Array *b)
{
    return a->dict && a->dict == b->dict && !a->dict_dups && !b->dict_dups;
}

Status str_cmp(Cx *cx, const Array *a, char op, const Array *b, Array **out)
{
    if (a->n != b->n)
        BUG("%lld texts compared with %lld", (long long)a->n, (long long)b->n);
    TRY(bool_new(cx, a->n, out));
    uint8_t *to = (*out)->data;
    bool holds[3] = {cmp_holds(op, -1), cmp_holds(op, 0), cmp_holds(op, 1)};
    if ((op == '=' || op == '!') && same_codes(a, b)) {
        const int32_t *x = a->data, *y = b->data;
        for (idx i = 0; i < a->n; i++)
            to[i] = (uint8_t)((x[i] == y[i]) ^ (op == '!'));
    } else {
        for (idx i = 0; i < a->n; i++) {
            idx n, m;
            const uint8_t *s = array_str(a, i, &n), *t = array_str(b, i, &m);
            int r = text_cmp(s, n, t, m);
            to[i] = holds[1 + (r > 0) - (r < 0)];
        }
    }
    fill_missing_bytes(a, op == '!', to);
    fill_missing_bytes(b, op == '!', to);
    return OK;
}
