/* SPDX-License-Identifier: Apache-2.0
 * A growing set of distinct texts with their numbers in order of first appearance: how
 * dictionaries are made and merged.
 */
#pragma once
#include "array/array.h"

typedef struct DictSet DictSet;

/* expect: how many distinct texts may come (a hint). */
MUST_USE Status dictset_new(Cx *cx, idx expect, DictSet **out);
/* The number of a text, which is added when it is new. E_OVERFLOW beyond 2**31 - 1. */
MUST_USE Status dictset_add(Cx *cx, DictSet *d, const uint8_t *s, idx n, int32_t *code);
/* The number of a text, -1 when it is not there. */
int32_t dictset_find(const DictSet *d, const uint8_t *s, idx n);
idx dictset_count(const DictSet *d);
/* The texts as plain STR without nulls; frees the set, also on failure. */
MUST_USE Status dictset_finish(Cx *cx, DictSet *d, Array **out);
void dictset_free(DictSet *d); /* NULL is nothing */
