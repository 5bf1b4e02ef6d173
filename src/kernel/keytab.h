/* SPDX-License-Identifier: Apache-2.0
 * Key tables: rows of keys of any dtypes to numbers 0, 1, ... in order of first
 * appearance. Under group-by, join, duplicates and nunique lies this one table.
 *
 * Every key becomes a few 64-bit words (usually one): a column takes the bits that its
 * range of values needs (strings are numbered by a StrTab first), so that several
 * columns often fit in one word. A table whose words need few bits is a plain array
 * indexed by the word; else it is hashed. When later rows bring values outside the
 * ranges, the words of the keys so far are laid out anew. Folder-private.
 */
#pragma once
#include "kernel/kernel.h"

typedef struct KeyTab KeyTab;

#define KEY_NONE UINT32_MAX /* no number: not found */

/* A batch of encoded keys: the rows that take part and their words. */
typedef struct KeyBatch {
    idx n;               /* rows that take part */
    bool all;            /* row[i] == i */
    uint16_t row[BATCH]; /* which rows of the batch */
    uint64_t *word;      /* n * keytab_words words, owned by the table */
} KeyBatch;

/* proto: columns that fix the dtypes. drop: rows with a missing key take no part, else
 * missing is a key of its own. hint: how many different keys to expect, 0: unknown. */
MUST_USE Status keytab_new(Cx *cx, const Table *proto, bool drop, idx hint,
                           KeyTab **out);
void keytab_free(KeyTab *t); /* NULL is nothing */
idx keytab_count(const KeyTab *t);
idx keytab_words(const KeyTab *t);   /* words of a key; changes with the layout */
idx keytab_layouts(const KeyTab *t); /* how often the words were laid out */
/* How many different keys to expect, when that is known later than at keytab_new. */
void keytab_expect(KeyTab *t, idx hint);
size_t keytab_bytes(const KeyTab *t); /* of the index and the keys */

/* Widens the ranges to what keys hold. To be called before rows of keys are added. */
MUST_USE Status keytab_prepare(Cx *cx, KeyTab *t, const Table *keys);
/* Encodes rows start .. start + n, n <= BATCH, of prepared keys; sel: bytes of the rows
 * wanted, or NULL. May lay the table out anew when a key is text. */
MUST_USE Status keytab_encode(Cx *cx, KeyTab *t, const Table *keys, idx start, idx n,
                              const uint8_t *sel, KeyBatch *b);
/* Numbers of n <= BATCH encoded keys, adding those that are new. */
MUST_USE Status keytab_add(Cx *cx, KeyTab *t, const uint64_t *word, idx n,
                           uint32_t *id);
/* Numbers of rows start .. start + n; KEY_NONE where there is none. keys need not be
 * prepared, and may be wider or narrower integers than the table's. */
MUST_USE Status keytab_find(Cx *cx, KeyTab *t, const Table *keys, idx start, idx n,
                            uint32_t *id);
/* For partitioned adding: the high `bits` bits of the place where each key belongs (all
 * words of one table: 0 .. 2^bits - 1); how many keys are in each part so far; and room
 * for n keys in each part, which is to be seen to before keytab_add. */
void keytab_part(const KeyTab *t, const uint64_t *word, idx n, int bits,
                 uint32_t *part);
void keytab_part_counts(const KeyTab *t, int bits, idx *count);
MUST_USE Status keytab_part_room(Cx *cx, KeyTab *t, int bits, idx n);
/* The keys in order of their numbers: columns as in proto. */
MUST_USE Status keytab_decode(Cx *cx, const KeyTab *t, Table *out);
