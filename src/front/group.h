/* SPDX-License-Identifier: Apache-2.0
 * What a groupby() call remembers until an aggregate is asked for: A_GROUPBY's own
 * part.
 */
#pragma once
#include "front/build.h"

typedef struct Group {
    Frame *table;       /* the grouped frame or Series as it was */
    bool series;        /* gives Series: a Series was grouped or one column selected */
    VEC(Val *) key;     /* key columns, on table's axis */
    VEC(AVal *) name;   /* of the keys */
    VEC(bool) in_table; /* the key is a column of table: not aggregated itself */
    bool as_index, sort, dropna, observed;
    bool selected; /* columns were chosen: pick */
    VEC(AVal *) pick;
} Group;
