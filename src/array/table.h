/* SPDX-License-Identifier: Apache-2.0
 * Columns of one length. No names: the compiler knows them. Used between kernels, comm
 * and io. A Table on the stack borrows its columns unless its maker says otherwise.
 */
#pragma once
#include "array/array.h"

typedef struct Table {
    idx n; /* rows; also right for a table without columns */
    idx ncol;
    Array **col; /* ncol arrays of n rows */
} Table;

/* Owned columns in a fresh col[] of ncol NULLs (from mem_new: table_clear frees it). */
MUST_USE Status table_init(Cx *cx, Table *t, idx ncol, idx n);
void table_clear(Table *t); /* unrefs the columns, frees col; zeroes t */
