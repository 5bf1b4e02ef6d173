/* SPDX-License-Identifier: Apache-2.0
 * The state of one exchange of rows, shared by the files exchange*.c: the plan and the
 * sending side (exchange.c), dictionaries (exchange_dict.c), the receiving side
 * (exchange_place.c).
 */
#pragma once
#include "comm/comm_int.h"
#include "comm/wire.h"

/* One column. */
typedef struct XCol {
    const Array *in; /* the caller's column */
    int text;        /* number among the columns that travel as text, -1: none */
    bool direct;     /* plain values without bitmaps, on all ranks in runs */
    bool by_code;    /* STR that travels as codes; its dictionaries go ahead */
    /* -- sending codes -- */
    Array view;    /* the codes as a column of I32 values */
    int32_t *code; /* new codes per row of in, NULL: the column's own */
    idx *entry;    /* the entries that are used, NULL: the whole dictionary goes */
    idx *first;    /* to rank r go first[r] .. first[r+1] of them; NULL: all to all */
    idx nentry;
    /* -- receiving codes -- */
    int32_t **map; /* per source: its codes to ours, NULL: unchanged */
    idx *ndict;    /* per source: entries of its dictionary */
    Array *dict;   /* the merged dictionary */
    uint8_t ordered, dups;
} XCol;

/* What is under way with one rank. */
typedef struct XPeer {
    idx sent;          /* rows packed for it */
    uint8_t *out_long; /* message longer than a piece that is being sent */
    size_t out_size, out_at;
    uint8_t *in_long; /* the same, being received */
    size_t in_size, in_at;
    idx row, row_end;          /* where its rows go in the result */
    uint8_t *blob;             /* dictionaries that go to it only */
    size_t blob_size, blob_at; /* blob_at counts from the beginning of blob_all */
    uint8_t *blob_in;          /* dictionaries from it */
    size_t blob_in_size, blob_in_at;
} XPeer;

/* Numbers that each pair of ranks exchanges: these, bitmap words, then bytes per text
 * column. REC_SIZE: bytes of the one piece, where all ranks get the same. */
enum { REC_ROWS, REC_PIECES, REC_BLOB, REC_SIZE, REC_FIXED };

/* The columns of the messages between two ranks. */
typedef struct XSet {
    idx ncol;
    idx *col;       /* their numbers */
    WireSrc *src;   /* what is packed */
    WireType *type; /* what arrives */
} XSet;

typedef struct Xchg {
    const Exchange *x;
    Comm *comm;
    int size;
    idx ncol;
    int ntext, ncode, nword; /* text columns, columns by code, words of flags */
    XCol *col;
    XSet full, rest;      /* all columns; those that do not go directly */
    idx direct_bytes;     /* of a row, in the columns that can go directly */
    Array *view;          /* storage for the reader, ncol */
    XPeer *peer;          /* size */
    int nrec;             /* numbers in a record */
    int64_t *srec, *rrec; /* size records each */
    int64_t *left;        /* 2 * size: counts of a stream */
    int64_t *text_at;     /* size * ntext: where a rank's next text goes */
    uint8_t *blob_all;    /* dictionaries that go to everybody */
    size_t blob_all_size;
    Table *out;
} Xchg;

static inline WireRows x_rows(const Exchange *x, int r, idx at, idx n)
{
    idx from = x->first[r] + at;
    return x->pos ? (WireRows){x->pos + from, 0, n} : (WireRows){NULL, from, n};
}

/* Whether every rank gives the same rows to all. Then its records are the same too, and
 * all ranks hold the same ones. */
static inline bool x_to_all(const Xchg *e)
{
    return e->x->overlap && e->comm->ops;
}

/* The record sent to, or got from, rank r. */
static inline int64_t *x_sent(const Xchg *e, int r)
{
    return e->srec + (idx)r * e->nrec;
}
static inline int64_t *x_got(const Xchg *e, int r)
{
    return e->rrec + (idx)r * e->nrec;
}

/* Whether rows go from one rank to another directly: both know their number. */
static inline bool x_direct(const Xchg *e, idx rows)
{
    return e->direct_bytes > 0 && rows > 0 &&
           rows >= e->comm->own->direct_min / e->direct_bytes;
}
/* The columns of the messages that go with them. */
static inline const XSet *x_set(const Xchg *e, idx rows)
{
    return x_direct(e, rows) ? &e->rest : &e->full;
}

/* -- exchange_direct.c */
/* Moves the columns that are in e->full only, after place_init, to and from the ranks
 * where x_direct. Collective; also runs to its end when cx->err is set. */
MUST_USE Status direct_run(Cx *cx, Xchg *e);

/* -- exchange_dict.c: columns by code. First choose (local), then send and merge. */
/* Fills code, entry, first of the columns by code, and the blobs. */
MUST_USE Status xdict_plan(Cx *cx, Xchg *e);
/* Moves the blobs, merges the dictionaries. Collective, also after a failure. */
MUST_USE Status xdict_run(Cx *cx, Xchg *e);
void xdict_clear(Xchg *e);

/* -- exchange_place.c */
/* Makes the result's columns, by the sizes received (codes: after xdict_run). */
MUST_USE Status place_init(Cx *cx, Xchg *e);
/* Puts the rows of a message into place. */
MUST_USE Status place_message(Cx *cx, Xchg *e, int from, const uint8_t *p, size_t n);
