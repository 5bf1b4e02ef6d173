/* SPDX-License-Identifier: Apache-2.0
 * The byte form of a table: what one rank sends to another. Private to comm/ (comm.h
 * has the whole-table functions).
 *
 *   WireHead                       32 bytes
 *   WireCol[ncol]                  24 bytes each
 *   then per column, each part padded to 8 bytes:
 *     validity words               flag WIRE_VALID: (n + 63) / 64 words
 *     WF_FIXED  n values           bytes of the dtype each (BOOL one byte, 0 or 1)
 *     WF_TEXT   n + 1 offsets      int64, from 0; then nbyte bytes of text
 *     WF_DICT   n codes            int32, < ndict (or 0); then ndict + 1 offsets, nbyte
 * bytes
 *
 * All numbers are in the machine's byte order: ranks of one job share it, and the magic
 * number does not match otherwise. A reader checks everything before it shows a column.
 */
#pragma once
#include "comm/comm.h"

enum { WIRE_MAGIC = 0x31574853 }; /* "SHW1" */
enum { WIRE_VALID = 1, WIRE_PROMOTED = 2, WIRE_DUPS = 4 };

typedef enum WireForm { WF_FIXED, WF_TEXT, WF_DICT } WireForm;

typedef struct WireHead {
    uint32_t magic, ncol;
    int64_t n;
    uint64_t size; /* of the whole message */
    uint64_t zero;
} WireHead;

typedef struct WireCol {
    uint8_t dt, unit, form, flags;
    uint8_t ordered, zero[3];
    int64_t nbyte, ndict; /* 0 where the form has none */
} WireCol;

/* Which rows: row i is pos[i], or start + i where pos is NULL. */
typedef struct WireRows {
    const idx *pos;
    idx start, n;
} WireRows;

/* A column to write: STR in dictionary layout may be written as WF_TEXT too. */
typedef struct WireSrc {
    const Array *a;
    WireForm form;
} WireSrc;

/* Bytes of text of these rows, whatever the layout. */
int64_t wire_text_bytes(const Array *a, WireRows rows);
/* Size of the message; 0 when it does not fit into 63 bits. */
size_t wire_rows_size(const WireSrc *src, idx ncol, WireRows rows);
/* Writes exactly that many bytes. */
void wire_rows_pack(const WireSrc *src, idx ncol, WireRows rows, uint8_t *out);

/* What a reader expects of a column. Whether it may have a bitmap follows from null. */
typedef struct WireType {
    uint8_t dt, null, unit;
} WireType;

/* A checked message: arrays that point into it (no buffers, not to be unreffed). */
typedef struct WireView {
    idx n;
    Array *col;  /* ncol, given by the caller */
    Array *dict; /* ncol, given by the caller; NULL: WF_DICT is refused */
} WireView;

/* p must be aligned to 8 bytes. E_INTERNAL says what is wrong with the message. */
MUST_USE Status wire_view(Cx *cx, const uint8_t *p, size_t size, const WireType *type,
                          idx ncol, WireView *v);

/* An owned copy of the plain text of a view. */
MUST_USE Status wire_text_copy(Cx *cx, const Array *v, Array **out);
