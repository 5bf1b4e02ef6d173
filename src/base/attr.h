/* SPDX-License-Identifier: Apache-2.0
 * The attribute blob: what an operation knows at compile time (how="left", nkeys=2
 * ...), written by codegen, read by the runtime. Layout, little-endian, unaligned: u32
 * bytes of the whole; then per attribute u8 kind ('i' int64, 'f' float64, 's' text, 'I'
 * ints, 'S' texts), u8 name length, name, i: 8 bytes; f: 8 bytes; s: u32 length, bytes,
 * NUL; I: u32 count, 8 bytes each; S: u32 count, then each as s. Readers look names up
 * linearly: blobs are small.
 */
#pragma once
#include "base/base.h"

typedef uint8_t AttrBlob;

int64_t attr_int(const AttrBlob *b, const char *name, int64_t missing);
double attr_float(const AttrBlob *b, const char *name, double missing);
const char *attr_text(const AttrBlob *b, const char *name); /* NULL when not there */
idx attr_text_len(const AttrBlob *b, const char *name);     /* -1 when not there */
bool attr_has(const AttrBlob *b, const char *name);
idx attr_count(const AttrBlob *b, const char *name); /* of 'I' or 'S'; 0 */
int64_t attr_int_at(const AttrBlob *b, const char *name, idx i);
const char *attr_text_at(const AttrBlob *b, const char *name, idx i);

/* Writer: appends to a growing arena buffer. */
#include "base/vec.h"
typedef struct AttrWriter {
    Arena *arena;
    VEC(uint8_t) out;
} AttrWriter;
void attr_begin(AttrWriter *w, Arena *arena);
void attr_put_int(AttrWriter *w, const char *name, int64_t v);
void attr_put_float(AttrWriter *w, const char *name, double v);
void attr_put_text(AttrWriter *w, const char *name, const char *s);
void attr_put_text_n(AttrWriter *w, const char *name, const char *s, size_t n);
void attr_put_ints(AttrWriter *w, const char *name, const int64_t *v, idx n);
void attr_put_texts(AttrWriter *w, const char *name, const char *const *s, idx n);
const AttrBlob *attr_end(AttrWriter *w, size_t *size);
