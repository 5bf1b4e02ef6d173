/* SPDX-License-Identifier: Apache-2.0
 * Tables: an array of owned columns.
 */
#include "array/table.h"
#include <stdlib.h>

Status table_init(Cx *cx, Table *t, idx ncol, idx n)
{
    *t = (Table){0};
    if (ncol > 0) TRY(mem_new(cx, ncol, sizeof(Array *), true, &t->col));
    t->ncol = ncol;
    t->n = n;
    return OK;
}

void table_clear(Table *t)
{
    if (t->col)
        for (idx i = 0; i < t->ncol; i++)
            array_unref(t->col[i]);
    mem_free(t->col);
    *t = (Table){0};
}
