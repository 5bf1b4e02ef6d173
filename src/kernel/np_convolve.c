/* SPDX-License-Identifier: Apache-2.0
 * Discrete convolution by its definition: for each element of the shorter array, the
 * longer one times it is added, which vectorises.
 */
#include "kernel/numpy.h"

#include "kernel/kernel.h"

static void full_f(const Array *a, const Array *v, double *to)
{
    const double *x = a->data, *y = v->data;
    for (idx k = 0; k < v->n; k++)
        for (idx i = 0; i < a->n; i++)
            to[i + k] += x[i] * y[k];
}

static void full_i(const Array *a, const Array *v, uint64_t *to)
{
    const uint64_t *x = a->data, *y = v->data;
    for (idx k = 0; k < v->n; k++)
        for (idx i = 0; i < a->n; i++)
            to[i + k] += x[i] * y[k];
}

Status np_convolve(Cx *cx, const Array *a, const Array *v, char mode, Array **out)
{
    if (a->n == 0) return fail(cx, E_VALUE, "a cannot be empty");
    if (v->n == 0) return fail(cx, E_VALUE, "v cannot be empty");
    if (v->n > a->n) {
        const Array *t = a;
        a = v;
        v = t;
    }
    Array *r;
    TRY(array_new(cx, (DType)a->dt, (NullForm)a->null, UNIT_NONE, a->n + v->n - 1, true,
                  &r));
    if (a->dt == DT_F64)
        full_f(a, v, r->data);
    else
        full_i(a, v, r->data);
    idx from = mode == 'f' ? 0 : mode == 's' ? (v->n - 1) / 2 : v->n - 1;
    idx n = mode == 'f' ? r->n : mode == 's' ? a->n : a->n - v->n + 1;
    Status st = array_slice(cx, r, from, n, out);
    array_unref(r);
    return st;
}
