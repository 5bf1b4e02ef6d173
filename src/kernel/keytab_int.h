/* SPDX-License-Identifier: Apache-2.0
 * Inside of key tables: keytab.c has the index, keytab_col.c the words of columns.
 */
#pragma once
#include "kernel/keytab.h"
#include "kernel/strtab.h"
#include "kernel/words.h"

/* One key column: where its bits lie in a key's words. A value is stored relative to
 * lo; a missing one as 0 with the flag bit set. */
typedef struct KeyCol {
    uint8_t dt, null, unit;        /* of proto */
    uint8_t bits, word, shift;     /* place of the value */
    uint8_t flag_word, flag_shift; /* place of the missing flag */
    bool flag;                     /* there is a missing flag */
    bool seen;                     /* integers: lo and hi are set */
    int32_t promoted;              /* of proto */
    const char *tz;                /* of proto */
    Array *cats;                   /* of proto; a reference */
    int8_t ordered;                /* of proto */
    uint64_t lo, hi;               /* integers: range so far, as sign-extended words */
    StrTab *str;                   /* texts: their numbers */
    Array *dict;                   /* dictionary that map translates; a reference */
    Buf *map_buf;                  /* memory of map */
    uint32_t *map; /* code -> number + 2, 1: absent, 0: not looked up yet */
    idx map_count; /* texts known when map was begun */
} KeyCol;

typedef enum KeyMode {
    KEY_DENSE, /* dense[word] = number + 1 */
    KEY_EXACT, /* hashed; the word has at most 32 bits and is the tag */
    KEY_HASH,  /* hashed; the tag is of the hash, words are compared */
} KeyMode;

struct KeyTab {
    KeyCol *col;
    idx ncol;
    bool drop;      /* rows with a missing key take no part */
    idx hint;       /* different keys expected */
    idx rows;       /* rows of the last keytab_prepare */
    idx layouts;    /* times that keycol_layout was called */
    idx nword;      /* words of a key */
    int bits;       /* used bits, all words */
    Buf *key_buf;   /* keys by number */
    uint64_t *key;  /* count * nword words */
    idx count, cap; /* keys, and how many there is room for */
    KeyMode mode;
    Buf *index_buf;
    uint64_t *slot;  /* hashed: number + 1 (32) | tag (32); 0: empty */
    uint32_t *dense; /* KEY_DENSE */
    int log;         /* log2 of the number of slots or of dense */
    Buf *word_buf;   /* the words of a batch */
    uint64_t *word;
};

/* keytab_col.c */
/* E_TYPE unless column a holds keys of c's kind. */
MUST_USE Status keycol_check(Cx *cx, const KeyCol *c, const Array *a);
/* A batch of rows being encoded. */
typedef struct KeySpan {
    idx start, n;  /* rows of the keys */
    bool add;      /* texts may be added; else values not in the table are dropped */
    uint8_t *keep; /* row i takes part: set by the caller, cleared where it can't */
    bool dropped;  /* some are clear */
} KeySpan;
/* Words of the batch in t->word. Adding: texts may turn out to need more bits than they
 * have. */
MUST_USE Status keycol_encode(Cx *cx, KeyTab *t, const Table *keys, KeySpan *s);
/* Places for the columns' bits; old: the layout of the keys so far. */
MUST_USE Status keycol_layout(Cx *cx, KeyTab *t, const KeyCol *old);

/* keytab.c: the index over t->key anew. */
MUST_USE Status keytab_index(Cx *cx, KeyTab *t);
