/* SPDX-License-Identifier: Apache-2.0
 * Normalised sort keys: a list of segments, each compared after the one before it ties.
 * A word segment packs neighbouring fixed-width columns (and dictionary strings as
 * ranks) into at most 64 bits a row, so that unsigned comparison gives the wanted
 * order: values relative to the column's smallest, inverted when descending, below a
 * null flag. A text segment is a string column compared as bytes. Folder-private.
 */
#pragma once
#include "kernel/kernel.h"
#include "kernel/scratch.h"

typedef struct SortSeg {
    uint64_t *word;    /* word segment: one word a row; NULL: text segment */
    int bits;          /* of each word */
    const Array *text; /* text segment: the strings */
    uint64_t *first;   /* text segment: sort_text_word of each row at depth 0 */
    bool asc;          /* text segment: direction */
} SortSeg;

typedef struct SortKey {
    idx n;            /* rows */
    SortSeg *seg;     /* nseg segments, most significant first */
    int nseg;         /* 0: all rows are equal */
    bool nulls_first; /* place of missing values */
    Scratch mem;      /* what owns the words */
} SortKey;

/* The words of keys; sort_key_clear frees them, also after a failure. */
MUST_USE Status sort_key_init(Cx *cx, SortKey *k, const Table *keys, const bool *asc,
                              bool nulls_first);
void sort_key_clear(SortKey *k);

/* Bytes depth .. depth + 7 of row i's text as a word that orders as the text does:
 * seven bytes, then how many are left (1: none .. 8: seven, 9: more). Missing: 0 or all
 * ones. */
uint64_t sort_text_word(const SortKey *k, const SortSeg *s, idx i, idx depth);
/* The same, from what is stored where it is. */
static inline uint64_t sort_word(const SortKey *k, const SortSeg *s, idx i, idx depth)
{
    if (s->word) return s->word[i];
    return depth == 0 ? s->first[i] : sort_text_word(k, s, i, depth);
}
/* Whether a word of sort_text_word is the last of its text. */
static inline bool sort_text_ends(const SortSeg *s, uint64_t w)
{
    return w == 0 || w == UINT64_MAX || ((s->asc ? w : ~w) & 0xff) < 9;
}
/* Three-way comparison of rows i and j from segment seg on; texts of that segment are
 * known to be equal before byte depth. */
int sort_key_cmp(const SortKey *k, int seg, idx depth, idx i, idx j);
