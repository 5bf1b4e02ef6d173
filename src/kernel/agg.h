/* SPDX-License-Identifier: Apache-2.0
 * States of aggregates. Each group has one row of bytes that holds the states of all
 * its accumulators, so that a group costs one cache miss however much is computed. An
 * aggregate needs one or two accumulators, which aggregates share: mean is sum and
 * count, and counts are the group's rows less the column's missing ones.
 *
 * Accumulators read values as int64 or as double, in batches without missing rows: the
 * loader has taken those out, and counted them. Folder-private.
 */
#pragma once
#include "kernel/kernel.h"

typedef enum AccKind {
    ACC_ROWS,   /* i64: rows of the group */
    ACC_MISS,   /* i64: rows where the column is missing */
    ACC_SUM_I,  /* i64, wrapping */
    ACC_SUM_F,  /* f64 sum, f64 sum of what rounding lost */
    ACC_PROD_I, /* i64, wrapping */
    ACC_PROD_F, /* f64 */
    ACC_MIN_I,  /* i64, of nothing: the largest */
    ACC_MAX_I,
    ACC_MIN_U, /* u64 */
    ACC_MAX_U,
    ACC_MIN_F, /* f64 */
    ACC_MAX_F,
    ACC_MIN_S, /* text reference, 0: none */
    ACC_MAX_S,
    ACC_FIRST_I, /* i64 value, i64 row number (INT64_MAX: none) */
    ACC_FIRST_F, /* f64 value, i64 row number */
    ACC_FIRST_S, /* text reference, i64 row number */
    ACC_LAST_I,  /* the same, row number -1: none */
    ACC_LAST_F,
    ACC_LAST_S,
    ACC_VAR,   /* f64 count, mean, sum of squared differences */
    ACC_ANY_I, /* i64: 1 when some value is true */
    ACC_ANY_F,
    ACC_ANY_S,
    ACC_ALL_I, /* i64: 0 when some value is false */
    ACC_ALL_F,
    ACC_ALL_S,
    ACC_NUNIQUE, /* i64: different values; filled by its own key table */
    ACC_ROW0,    /* i64: smallest row number */
    ACC_KINDS
} AccKind;

typedef struct Acc {
    AccKind kind;
    int32_t col;  /* value column, -1: none */
    uint32_t off; /* place in the group's row */
} Acc;

/* What accumulators read a column as. */
typedef enum View { VIEW_NONE, VIEW_INT, VIEW_FLOAT, VIEW_TEXT } View;

typedef struct AccInfo {
    uint8_t words;     /* of 8 bytes in the state */
    View view;         /* what it reads */
    const char *parts; /* types of the state's columns in a partial table: i u f s */
    uint64_t init[3];  /* state of nothing */
} AccInfo;
extern const AccInfo acc_info[ACC_KINDS];

/* The texts that states refer to: arrays that were consumed. A reference is the array's
 * number + 1 above 40 bits of row. */
typedef struct TextRefs {
    Array **array;
    idx n, cap;
    const Array *last; /* array[n - 1] was made from this one, for finding it again */
} TextRefs;

enum { TEXT_ROW_BITS = 40 };
MUST_USE Status text_refs_add(Cx *cx, TextRefs *t, Array *a, uint64_t *base);
void text_refs_clear(TextRefs *t);
static inline const Array *text_ref_at(const TextRefs *t, uint64_t ref, idx *row)
{
    *row = (idx)(ref & (((uint64_t)1 << TEXT_ROW_BITS) - 1));
    return t->array[(ref >> TEXT_ROW_BITS) - 1];
}

/* A batch of present values, in the form accumulators read. */
typedef struct ValBatch {
    idx n;
    const uint32_t *gid;  /* group of each */
    const int64_t *i;     /* VIEW_INT */
    const double *f;      /* VIEW_FLOAT */
    const idx *row;       /* row of each in its array; NULL: first + i */
    idx first;            /* see row */
    idx row0;             /* added to rows gives their global number */
    const Array *text;    /* VIEW_TEXT: the array */
    uint64_t text_base;   /* VIEW_TEXT: reference of its row 0 */
    const TextRefs *refs; /* VIEW_TEXT */
    uint8_t *state;       /* states of group 0 */
    size_t stride;        /* bytes from one group to the next */
    idx ngroup;           /* groups there are */
    bool one;             /* all rows are of group 0 */
} ValBatch;

static inline idx val_row(const ValBatch *b, idx i)
{
    return b->row ? b->row[i] : b->first + i;
}

/* Adds the batch to the accumulator at byte off of each group's row. */
void acc_update(AccKind kind, const ValBatch *b, uint32_t off);
/* Adds state columns of a partial table, the rows of b, to groups gid.
 * part: the accumulator's columns; text_base: reference of row 0 of part[0] if it is
 * text. */
void acc_merge(AccKind kind, Array *const *part, const ValBatch *b, uint32_t off);
/* Column number `part` of the accumulator's state in a partial table. */
MUST_USE Status acc_partial(Cx *cx, const Acc *a, int part, const uint8_t *state,
                            size_t stride, idx n, const TextRefs *refs, Array **out);

/* -- agg_load.c */
/* Rows of a batch of one column, without missing ones. */
typedef struct Loader {
    int64_t i[BATCH];
    double f[BATCH];
    uint32_t gid[BATCH]; /* of present rows, when some are missing */
    idx row[BATCH];      /* the same */
    uint8_t miss[BATCH];
    uint32_t gone[BATCH]; /* groups of missing rows */
    idx ngone;
} Loader;
/* Values of n rows of a in the given view: row[i], or first + i when row is NULL; group
 * gid[i]. Fills n, gid, i, f, row, first of b; missing rows go to l->gone. */
void agg_load(Loader *l, const Array *a, View view, const idx *row, idx first, idx n,
              const uint32_t *gid, ValBatch *b);
