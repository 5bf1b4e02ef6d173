/* SPDX-License-Identifier: Apache-2.0
 * Texts to numbers 0, 1, ... in order of first appearance: how string keys become
 * integers in key tables. Folder-private.
 */
#pragma once
#include "array/array.h"

typedef struct StrTab StrTab;

enum { STR_ABSENT = UINT32_MAX };

MUST_USE Status strtab_new(Cx *cx, StrTab **out);
void strtab_free(StrTab *t); /* NULL is nothing */
idx strtab_count(const StrTab *t);

/* Number of one text; add: give it one if it has none. *id may be STR_ABSENT if not. */
MUST_USE Status strtab_one(Cx *cx, StrTab *t, const uint8_t *s, idx n, bool add,
                           uint32_t *id);
/* Numbers of rows start .. start + n (n <= BATCH) of a plain column; rows with miss set
 * get 0 and are not added (miss NULL: none). */
MUST_USE Status strtab_rows(Cx *cx, StrTab *t, const Array *a, idx start, idx n,
                            const uint8_t *miss, bool add, uint32_t *id);
/* Text of number i; valid until the next one is added. */
const uint8_t *strtab_text(const StrTab *t, idx i, idx *n);
/* All texts in order as a plain column without nulls. */
MUST_USE Status strtab_array(Cx *cx, const StrTab *t, Array **out);
